"""Verbs that do something with what was made: filter, draw, export, import, report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegym_mcp.cli.main import Command, one_environment, open_catalog
from synth.cli.options import FOLDER, Asking, of_effort, work
from synth.pipeline.request import changed, thresholds

if TYPE_CHECKING:
    from codegym_mcp.catalog import Catalog
    from synth.filter.difficulty import PassCount


def threshold_help() -> str:
    """All thresholds with their defaults."""
    shown = {name: str(default).strip("()").replace(" ", "") for name, (_, default) in thresholds().items()}
    return "\b\nThresholds and their defaults:\n" + "\n".join(f"  {name}={text}" for name, text in shown.items())


@click.command("filter", cls=Command, epilog=threshold_help())
@click.argument("out", type=FOLDER)
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Another threshold; see below.")
@click.option("--model", help="A name at the endpoint, or a folder. It plays every task; how often it solves them is noted.")
@click.option("--base-url", help="OpenAI-compatible endpoint; default: OPENAI_BASE_URL.")
@click.option("--to", "target", type=FOLDER, help="With --model: folder for those it solves seldom enough.")
@of_effort
def filter_tasks(out: Path, changes: tuple[str, ...], model: str | None, target: Path | None, **options: Any) -> None:
    """Choose anew among what was verified in OUT, with other thresholds; or by how hard the tasks are for a model.

    \b
    python -m synth filter out --set min_tools=6 --set calls=20,200
    python -m synth filter out --model qwen --base-url http://localhost:8000/v1 --to hard
    python -m synth filter out --model ./checkpoint --set most=0.5 --to hard
    """
    from synth.cli.main import run
    from synth.pipeline.run import last_request

    if model is None:
        effort = {key: options[key] for key in ("workers", "seconds")}
        work(replace(last_request(out), narrowed=changes), out, Asking(), verified=True, **effort)
        return
    from codegym_mcp.policies.named import open_model
    from synth.filter.rating import rate, write_hard

    difficulty = changed(changes).difficulty

    def show(count: "PassCount") -> None:
        click.echo(f"{count.environment} {count.task}: {count.passes} of {count.tries}", err=True)

    async def played() -> tuple[str, int]:
        async with open_model(model, base_url=options["base_url"]) as policy:
            return policy.name, await rate(out, policy, difficulty, show)

    name, total = run(played())
    click.echo(f"{total} tasks were played by {name}; their cards tell how often it solved them")
    if target is not None:
        click.echo(f"{target}/: {write_hard(out, target, name, difficulty)} tasks that it solves seldom enough")


@click.command(cls=Command)
@click.argument("target", metavar="ENV")
@click.option("--level", default="hard", show_default=True, help="easy, medium or hard (T_max 512).")
@click.option("-n", "--count", type=click.IntRange(min=1), default=8, show_default=True, help="New tasks wanted.")
@click.option("--seed", default=0, show_default=True)
def draw(target: str, level: str, count: int, seed: int) -> None:
    """Draw new tasks of an environment, prove them beside the old ones, and append them to its files.

    \b
    python -m synth draw out/environments/NAME --level hard -n 10
    """
    from synth.cli.main import run
    from synth.dataset.draw import draw as draw_tasks

    catalog, name = one_environment(target)
    tasks = run(draw_tasks(catalog, name, level, count, seed))
    for task in tasks:
        click.echo(f"{name} {task.id}")


@click.command(cls=Command)
@click.argument("target", metavar="PATH")
@click.option("-o", "--out", type=FOLDER, required=True, help="Folder to write to.")
@click.option("--form", type=click.Choice(["published", "hub", "harbor"]), default="published", show_default=True)
def export(target: str, out: Path, form: str) -> None:
    """Write environments in another layout: the published CodeGym one, Hugging Face datasets, or Harbor tasks.

    \b
    python -m synth export out/environments -o published
    python -m synth export out/environments -o for_the_hub --form hub
    """
    catalog, _ = open_catalog(target)
    exporter(form)(catalog, out)
    click.echo(f"{out}/: {len(catalog)} environments")


@click.command("import", cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=FOLDER, required=True, help="Folder to write to.")
def import_(folder: Path, out: Path) -> None:
    """Make environments again of a data set that `export --form hub` wrote, downloaded into FOLDER.

    \b
    python -m synth import for_the_hub -o again
    codegym play again/environments/NAME
    """
    from synth.export.hub import import_hub

    click.echo(f"{out}/environments/: {len(import_hub(folder, out))} environments")


def exporter(form: str) -> "Callable[[Catalog, Path], Any]":
    """What writes a layout."""
    match form:
        case "hub":
            from synth.export.hub import export_hub

            return export_hub
        case "harbor":
            from synth.export.harbor import export_harbor

            return export_harbor
        case _:
            from synth.export.published import export_published

            return export_published


@click.command(cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def report(folder: Path) -> None:
    """Print what a run gave, and write FOLDER/report.html; or show the numbers of any folder of environments.

    \b
    python -m synth report out
    python -m synth report servers
    """
    from synth.pipeline.run import write_page
    from synth.report.report import gather, print_report

    facts = gather(folder)
    print_report(facts)
    if facts.funnel:
        click.echo(f"{write_page(folder, facts)}")
