"""The command line: `python -m eval`. Verbs import what they need when they run."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegym_mcp.cli.main import Group
from eval.settings import AUTHORS, DEADLINE_S, PAPER, PROTOCOLS, settings_of

if TYPE_CHECKING:
    from eval.agents import AgentProgram

EXAMPLES = """\b
Examples:
  python -m eval run codegym --model random                    held-out environments; no model, no key
  python -m eval run codegym --model gpt-4.1-mini              any OpenAI-compatible endpoint: OPENAI_BASE_URL, OPENAI_API_KEY
  python -m eval run codegym --model litellm/anthropic/claude-sonnet-4-5       whatever litellm knows (pip install litellm)
  python -m eval run codegym --model runs/cpu-tiny-0/last      a checkpoint of the trainer
  python -m eval run codegym --model NAME --agent 'python my_agent.py'    any agent that speaks MCP: it finds CODEGYM_URL
  python -m eval compare runs/eval/codegym-a runs/eval/codegym-b
  python -m eval run tau2 --domain airline --model MODEL --user-model gpt-4.1
"""
FOLDER = click.Path(file_okay=False, path_type=Path)
SECONDS = click.FloatRange(min=0, min_open=True)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}, epilog=EXAMPLES)
def main() -> None:
    """How well does a model or an agent do? On held-out environments, and on the paper's benchmarks."""


@main.command()
@click.argument("benchmark", metavar="BENCH", type=click.Choice(list(PROTOCOLS)))
@click.option("--model", required=True, help="oracle, random, nothing; a checkpoint's folder; a name; litellm/PROVIDER/NAME.")
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
@click.option("--agent", metavar="COMMAND", help="codegym: who plays, one process an episode; --model is what to call it.")
@click.option("--deadline", "deadline_s", type=SECONDS, help="Of an episode (codegym: of an agent's).  [default: 1800]")
@click.option("-n", "--tasks", type=click.IntRange(min=0), help="Tasks drawn by the seed; 0: all.")
@click.option("--runs", type=click.IntRange(min=1), help="Episodes of each task.")
@click.option("--temperature", type=click.FloatRange(min=0))
@click.option("--top-p", type=click.FloatRange(min=0, max=1, min_open=True))
@click.option("--max-tokens", type=click.IntRange(min=1), help="Of one turn.")
@click.option("--seed", type=click.IntRange(min=0), help="Draws the tasks; the first run of each episode has it.  [default: 0]")
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
    from eval.benchmarks.choose import CHOICES, flag_of, open_benchmark
    from eval.evaluate import evaluate
    from eval.records import slug
    from eval.subjects import checkpoint_of

    if options["deadline_s"] and benchmark == "codegym" and not options["agent"]:
        raise click.UsageError("--deadline: episodes of codegym have one with --agent alone")
    fields = ("temperature", "top_p", "max_tokens", "runs", "tasks", "seed", "user_model", "deadline_s")
    settings, deviations = settings_of(benchmark, protocol, {field: options.pop(field) for field in fields})
    folder = out or Path("runs/eval") / f"{benchmark}-{slug(model)}"
    asked = asdict(settings) | {"notes": list(settings.notes)}  # a list, as it is read again from a file
    given = {"benchmark": benchmark, "model": model, "protocol": protocol, "settings": asked}
    given["deviations"] = deviations + [f"{flag_of(name)}: {shown(options[name])}" for name in CHOICES if options[name]]
    prices, at_once, base_url = (options.pop(name) for name in ("prices", "at_once", "base_url"))
    if options["agent"]:
        given["agent"] = options["agent"]
        options["agent"] = agent_program(options["agent"], model, settings.deadline_s)
    else:
        given |= checkpoint_of(model)
    chosen = open_benchmark(benchmark, settings, base_url=base_url, **options)
    text = run_coroutine(evaluate(folder, chosen, given, settings, base_url=base_url, at_once=at_once, prices=prices))
    show(text)
    click.echo(f"{folder}/: report.md, report.html, scores.json, episodes.jsonl", err=True)


def agent_program(command: str, model: str, deadline_s: float) -> "AgentProgram":
    """The program that plays under a model's name.

    Raises:
        click.UsageError: the name is a baseline's.
        InvalidRequest: there is no such program.
    """
    from eval.agents import AgentProgram
    from eval.subjects import BUILT_IN

    if model in BUILT_IN:
        raise click.UsageError(f"--model {model} is a baseline; with --agent, --model is a name for the agent")
    return AgentProgram(command, name=model, deadline_s=deadline_s)


@main.command()
@click.argument("target", metavar="ENV")
@click.option("--task", help="Id of a task; default: drawn by the seed.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--level", help="Draw from the tasks of this level.")
@click.option("--max-steps", type=click.IntRange(min=1), help="Calls at most.  [default: the task's]")
@click.option("--agent", metavar="COMMAND", help="Run this agent; it finds CODEGYM_URL and CODEGYM_TASK.")
@click.option("--deadline", type=SECONDS, default=DEADLINE_S, show_default=True, help="Seconds that the agent has.")
@click.option("--ttl", type=SECONDS, default=3600.0, show_default=True, help="Seconds the episode may be left alone.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON at the beginning, another at the end.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Append the trajectory to this file.")
def serve_task(target: str, agent: str | None, deadline: float, ttl: float, **options: Any) -> None:
    """Serve one episode to any agent that speaks MCP, wait for its end, and tell its reward.

    \b
    python -m eval serve-task coin_change --level easy
    python -m eval serve-task coin_change --agent 'python my_agent.py' --deadline 300
    """
    from codegym_mcp.cli.main import one_environment
    from codegym_mcp.cli.main import run as run_coroutine
    from eval.agents import AgentProgram
    from eval.serve_task import Wanted
    from eval.serve_task import serve_task as served

    catalog, name = one_environment(target)
    program = AgentProgram(agent, deadline_s=deadline, shown=True) if agent else None
    sys.exit(run_coroutine(served(catalog, Wanted(name, ttl_s=ttl, **options), program)))


@main.command("inspect")
@click.argument("folder", type=FOLDER, metavar="RUN")
@click.option("-o", "--out", type=FOLDER, help="Folder of the logs.  [default: RUN/inspect]")
def export_to_inspect(folder: Path, out: Path | None) -> None:
    """Export a run as Inspect's logs, one for each who played, to read every message in its viewer.

    \b
    python -m eval inspect runs/eval/codegym-random
    inspect view start --log-dir runs/eval/codegym-random/inspect
    """
    from eval.inspect_log import export

    logs = export(folder, out or folder / "inspect")
    for path in logs:
        click.echo(path)
    click.echo(f"To read them: inspect view start --log-dir {out or folder / 'inspect'}", err=True)


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


@main.command("table")
@click.argument("folders", nargs=-1, type=FOLDER, metavar="[RUN]...")
@click.option("-o", "--out", type=FOLDER, default=Path("runs/table"), show_default=True)
def show_table(folders: tuple[Path, ...], out: Path) -> None:
    """The paper's table with what was measured beside it: Markdown, a page and a picture. Training runs give curves.

    \b
    python -m eval table runs/eval/* runs/cpu-tiny-0
    """
    from eval.table import write_table

    show(write_table(folders, out))
    click.echo(f"{out}/: table.md, table.html, table.png", err=True)


def shown(value: Any) -> str:
    """An option's value in words."""
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def show(text: str) -> None:
    """Markdown on the screen; as it is where there is none."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
