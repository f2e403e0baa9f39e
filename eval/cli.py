"""The command line: `python -m eval`. Verbs import what they need when they run."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegym_mcp.cli.main import Group
from eval.settings import AUTHORS, PAPER, PROTOCOLS, Settings, settings_of

if TYPE_CHECKING:
    from eval.benchmark import Benchmark

EXAMPLES = """\b
Examples:
  python -m eval run codegym --model random                    held-out environments; no model, no key
  python -m eval run codegym --model gpt-4.1-mini              any OpenAI-compatible endpoint: OPENAI_BASE_URL, OPENAI_API_KEY
  python -m eval run codegym --model runs/cpu-tiny/last        a checkpoint of the trainer
  python -m eval compare runs/eval/codegym-a runs/eval/codegym-b
  python -m eval run tau2 --domain airline --model MODEL --user-model gpt-4.1
"""
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}, epilog=EXAMPLES)
def main() -> None:
    """How well does a model or an agent do? On held-out environments, and on the paper's benchmarks."""


@main.command()
@click.argument("benchmark", metavar="BENCH", type=click.Choice(list(PROTOCOLS)))
@click.option("--model", required=True, help="oracle, random or nothing; a checkpoint's folder; or a model's name.")
@click.option("--base-url", help="OpenAI-compatible endpoint of the model; default: OPENAI_BASE_URL, or OpenAI's own.")
@click.option("--user-model", help="Who plays the user (tau, tau2); at --base-url, unless --user-url is given.")
@click.option("--user-url", help="Endpoint of the user's model, where it is another one.")
@click.option("--protocol", type=click.Choice([PAPER, AUTHORS]), default=PAPER, show_default=True)
@click.option("--data", help="codegym: environments of your own; tau, alfworld, zebralogic, mmlu-pro: where the data are.")
@click.option("--domain", "domains", multiple=True, help="tau, tau2: airline, retail, telecom; may be repeated.")
@click.option("--names", help="codegym: environments, with commas between them.")
@click.option("--level", "levels", multiple=True, help="codegym: tiny, easy, medium, hard; may be repeated.")
@click.option("--split", help="codegym: test (default), validation, train or all; alfworld: seen or unseen (default).")
@click.option("--per-environment", type=click.IntRange(min=0), help="codegym: tasks of one at most; 0: all.  [default: 2]")
@click.option("-n", "--tasks", type=click.IntRange(min=0), help="Tasks drawn by the seed; 0: all.")
@click.option("--runs", type=click.IntRange(min=1), help="Episodes of each task.")
@click.option("--temperature", type=click.FloatRange(min=0))
@click.option("--top-p", type=click.FloatRange(min=0, max=1, min_open=True))
@click.option("--max-tokens", type=click.IntRange(min=1), help="Of one turn.")
@click.option("--seed", type=int, help="Draws the tasks; the first run of each episode has it.  [default: 0]")
@click.option("--at-once", type=click.IntRange(min=1), default=8, show_default=True, help="Episodes side by side.")
@click.option("--prices", type=(float, float), help="Per million tokens of prompts and of completions.")
@click.option("-o", "--out", type=FOLDER, help="Folder of the run.  [default: runs/eval/BENCH-MODEL]")
def run(benchmark: str, model: str, protocol: str, out: Path | None, **options: Any) -> None:
    """Evaluate a model on a benchmark, beside the baselines. Stopped, the same command goes on where it was.

    \b
    python -m eval run codegym --model random
    python -m eval run codegym --model oracle --data out/environments --split all
    python -m eval run mmlu-pro --model MODEL --data mmlu_pro_test.parquet -n 100 --runs 1
    """
    from codegym_mcp.cli.main import run as run_coroutine
    from eval.evaluate import evaluate

    fields = ("temperature", "top_p", "max_tokens", "runs", "tasks", "seed", "user_model")
    settings, deviations = settings_of(benchmark, protocol, {field: options.pop(field) for field in fields})
    folder = out or Path("runs/eval") / f"{benchmark}-{slug(model)}"
    given = {"benchmark": benchmark, "model": model, "protocol": protocol, "settings": asdict(settings)}
    given |= {"settings": asdict(settings) | {"notes": list(settings.notes)}, "deviations": deviations}
    prices, at_once, base_url = (options.pop(name) for name in ("prices", "at_once", "base_url"))
    chosen = open_benchmark(benchmark, settings, base_url=base_url, **options)
    text = run_coroutine(evaluate(folder, chosen, given, settings, base_url=base_url, at_once=at_once, prices=prices))
    show(text)
    click.echo(f"{folder}/: report.md, report.html, scores.json, episodes.jsonl", err=True)


@main.command()
@click.argument("folders", nargs=2, type=FOLDER, metavar="RUN RUN")
def compare(folders: tuple[Path, Path]) -> None:
    """Is the second run better than the first? Paired by task, with an interval.

    \b
    python -m eval compare runs/eval/codegym-warm runs/eval/codegym-trained
    """
    from eval.compare import compare as compared

    show(compared(*folders))


@main.command()
@click.argument("folder", type=FOLDER)
@click.option("--prices", type=(float, float), help="Per million tokens of prompts and of completions.")
def report(folder: Path, prices: tuple[float, float] | None) -> None:
    """Print a run's report again, and write its files anew; also while it is still going on.

    \b
    python -m eval report runs/eval/codegym-random
    """
    from eval.report import write_report

    show(write_report(folder, prices))


def open_benchmark(name: str, settings: Settings, **options: Any) -> "Benchmark":
    """A benchmark by its name. Options that it has no use for are refused.

    Raises:
        click.UsageError: an option does not belong to it.
    """
    names = tuple(name for name in (options.pop("names") or "").split(",") if name)
    given = {key: value for key, value in {**options, "names": names}.items() if value not in (None, (), "")}
    match name:
        case "codegym":
            from eval.benchmarks.codegym import CodeGym

            return CodeGym(settings, **_only(given, "data names levels split per_environment"))
    raise click.UsageError(f"{name} is not built yet")


def _only(given: dict[str, Any], allowed: str) -> dict[str, Any]:
    unused = [key for key in given if key not in allowed.split()]
    if unused:
        raise click.UsageError(f"--{unused[0].replace('_', '-')} does not belong to this benchmark")
    return given


def slug(model: str) -> str:
    """A model's name as part of a file's."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", model).strip("-.") or "model"


def show(text: str) -> None:
    """Markdown on the screen; as it is where there is none."""
    import sys

    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
