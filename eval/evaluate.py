"""From a benchmark and a model to a report: the subject, then the baselines beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codegym_mcp.definition import content_hash
from eval.benchmark import Benchmark, draw
from eval.records import Record, Records
from eval.report import write_report
from eval.run import Evaluation
from eval.settings import Settings
from eval.subjects import BASELINES, subject

NOT_ITS_OWN = "these are not the benchmark's own tasks: its scores, and the paper's, are of others"


async def evaluate(
    folder: Path,
    benchmark: Benchmark,
    given: dict[str, Any],
    settings: Settings,
    *,
    base_url: str | None = None,
    at_once: int = 8,
    prices: tuple[float, float] | None = None,
    console: Console | None = None,
) -> str:
    """Play whatever has not been played yet, and write the report.

    Args:
        given: what was asked for; a folder belongs to one such.

    Returns:
        the report as Markdown.

    Raises:
        Absent: the benchmark lacks data or a package.
        InvalidRequest: the folder holds another run, or there is no such subject.
        PolicyError, SandboxError: no episode has a verdict any more.
    """
    console = console or Console(stderr=True)
    async with benchmark:
        tasks = draw(benchmark.tasks(), settings)
        ids = [[task.environment, task.id] for task in tasks]
        calls = benchmark.oracle_calls()
        if not benchmark.official:
            given = {**given, "settings": {**given["settings"], "notes": [NOT_ITS_OWN]}}
        about = {
            "split": benchmark.split,
            "versions": benchmark.versions(),
            "tasks": ids,
            "tasks_hash": content_hash(*map("/".join, ids))[:12],
            "oracle_calls": [[*key, count] for key, count in sorted(calls.items()) if list(key) in ids],
        }
        with Records(folder) as records, Bars(console) as begin:
            records.begin({**given, **about})
            for name in dict.fromkeys([given["model"], *BASELINES]):
                runs = settings.runs if name == given["model"] else 1
                if name != given["model"] and benchmark.baseline(name) is None:
                    continue
                known = sum(records.known(name, task, run) for task in tasks for run in range(runs))
                async with subject(name, benchmark, settings, base_url) as policy:
                    show = begin(name, len(tasks) * runs, known)
                    evaluation = Evaluation(
                        records, benchmark, policy, name, at_once=at_once, seed=settings.seed, on_record=show
                    )
                    await evaluation.play(tasks, runs)
    return write_report(folder, prices)


class Bars:
    """Progress bars, one for each who plays. Use as `with`."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[solved]} solved"),
        )
        self._progress = Progress(*columns, console=console)

    def __enter__(self) -> Callable[[str, int, int], Callable[[Record], None]]:
        self._progress.start()
        return self._begin

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()

    def _begin(self, name: str, total: int, known: int) -> Callable[[Record], None]:
        bar, solved = self._progress.add_task(name, total=total, completed=known, solved=0), 0

        def show(record: Record) -> None:
            nonlocal solved
            solved += record.trajectory.reward == 1.0
            self._progress.update(bar, advance=1, solved=solved)

        return show
