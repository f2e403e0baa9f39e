"""From a benchmark and a model to a report: the subject, then the baselines beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.progress import Progress

from codegym_mcp.definition import content_hash
from codegym_mcp.progress import bars
from eval.benchmark import Benchmark, draw
from eval.records import Record, Records
from eval.report import write_report
from eval.schedule import Schedule
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
) -> str:
    """Play whatever has not been played yet, and write the report.

    Args:
        given: what was asked for; a folder belongs to one such.

    Returns:
        the report as Markdown.

    Raises:
        Absent: the benchmark lacks data or a package.
        InvalidRequest: the folder holds another run, or there is no such subject.
        PolicyError, SandboxError: no episode has a verdict any more, or none at all of somebody who played has one.
    """
    async with benchmark:
        tasks = draw(benchmark.tasks(), settings)
        ids = [[task.environment, task.id] for task in tasks]
        played, calls = {(task.environment, task.id) for task in tasks}, benchmark.oracle_calls()
        if not benchmark.official:
            given = {**given, "settings": {**given["settings"], "notes": [NOT_ITS_OWN]}}
        about = {
            "split": benchmark.split,
            "official": benchmark.official,
            "versions": benchmark.versions(),
            "tasks": ids,
            "max_steps": sorted({task.max_steps for task in tasks}),
            "tasks_hash": content_hash(*map("/".join, ids))[:12],
            "oracle_calls": [[*key, count] for key, count in sorted(calls.items()) if key in played],
        }
        with Records(folder) as records, bars() as progress:
            records.begin({**given, **about})
            for name in dict.fromkeys([given["model"], *BASELINES]):
                runs = settings.runs if name == given["model"] else 1
                if name != given["model"] and benchmark.baseline(name) is None:
                    continue
                known = sum(records.known(name, task, run) for task in tasks for run in range(runs))
                async with subject(name, benchmark, settings, base_url) as play:
                    show = _shown(progress, name, len(tasks) * runs, known)
                    schedule = Schedule(records, play, name, at_once=at_once, seed=settings.seed, on_record=show)
                    await schedule.play(tasks, runs)
    return write_report(folder, prices)


def _shown(progress: Progress, name: str, total: int, known: int) -> Callable[[Record], None]:
    """A bar of its own for whoever plays; what is returned is told each episode."""
    bar, solved = progress.add_task(name, total=total, completed=known, note=""), 0

    def show(record: Record) -> None:
        nonlocal solved
        solved += record.trajectory.reward == 1.0
        progress.update(bar, advance=1, note=f"{solved} solved")

    return show
