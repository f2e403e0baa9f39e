"""Options that several verbs share, and what they ask for together."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from synth.pipeline.request import NAMED, Request

if TYPE_CHECKING:
    from synth.generate.recorded import RecordedModel
    from synth.pipeline.work import Watcher

F = TypeVar("F", bound=Callable[..., Any])
NOT_VERIFIED = "{out}/candidates; verify them: python -m synth verify {out}"
FOLDER = click.Path(file_okay=False, path_type=Path)


def of_effort(function: F) -> F:
    """Options that change how fast, but not what."""
    return added(
        function,
        click.option("--workers", type=click.IntRange(min=1), default=4, show_default=True, help="Problems at a time."),
        click.option("--seconds", default=600.0, show_default=True, help="Wall time of one stage of one problem."),
    )


def of_a_run(function: F) -> F:
    """Options of verbs that bring problems through stages."""
    return added(
        of_effort(function),
        click.argument("problems"),
        click.option("-o", "--out", type=FOLDER, required=True, help="Folder for all that is made; give it again to go on."),
        click.option("--seed", default=0, show_default=True, help="Of the inputs that are drawn."),
        click.option("--tasks", type=click.IntRange(min=1), default=24, show_default=True, help="Wanted per environment."),
        click.option("--limit", type=click.IntRange(min=1), help="Only the first so many problems."),
    )


def of_a_model(function: F) -> F:
    """Options of verbs that may ask a model."""
    many = click.IntRange(min=1)
    return added(
        function,
        click.option("--model", help="Its name at the endpoint."),
        click.option("--base-url", help="OpenAI-compatible endpoint; default: OPENAI_BASE_URL."),
        click.option("--completions", type=FOLDER, help="Keeps every reply; default: OUT/completions."),
        click.option("--offline", is_flag=True, help="Use only replies that were kept before."),
        click.option("--harder", is_flag=True, help="Ask it for harder inputs too, of the level hard (T_max 512)."),
        click.option("--at-once", type=many, default=8, show_default=True, help="Requests under way at a time."),
        click.option("--prices", type=(float, float), metavar="P C", help="Of a million prompt and completion tokens."),
    )


@dataclass(frozen=True)
class Asking:
    """How a model is asked. What it replies does not depend on it."""

    offline: bool = True
    """Whether only what is recorded may be used."""
    at_once: int = 8
    """Requests under way at a time."""
    prices: tuple[float, float] | None = None
    """Per million tokens of prompts and of completions."""


def added(function: F, *options: Callable[[F], F]) -> F:
    """A verb with further options, shown in this order."""
    for option in reversed(options):
        function = option(function)
    return function


def execute(options: dict[str, Any], routes: tuple[str, ...], *, verified: bool = True) -> None:
    """Do what the options of a verb ask for."""
    if options.get("harder") and not options["model"]:
        raise click.UsageError("--harder needs --model")
    problems, folder = options["problems"], options.get("completions")
    request = Request(
        problems=problems if problems in NAMED else str(Path(problems).resolve()),
        limit=options["limit"],
        seed=options["seed"],
        tasks=options["tasks"],
        routes=routes,
        harder=options.get("harder", False),
        model=options.get("model"),
        base_url=options.get("base_url"),
        completions=str(folder.resolve()) if folder else None,
        changes=options.get("changes", ()),
    )
    effort = {key: options[key] for key in ("workers", "seconds")}
    asking = Asking(**{one.name: options[one.name] for one in fields(Asking) if one.name in options})
    work(request, options["out"], asking, verified=verified, **effort)


def work(request: Request, out: Path, asking: Asking, *, verified: bool, workers: int, seconds: float) -> None:
    """Carry out a request, and print what came of it."""
    from synth.cli.main import run
    from synth.pipeline.progress import Progress
    from synth.pipeline.run import run as run_request
    from synth.pipeline.work import Effort, read_problems
    from synth.report.report import gather, print_report

    model = request.open_model(out, offline=asking.offline, at_once=asking.at_once)
    items = read_problems(request)
    effort = Effort(workers=workers, limit_s=seconds, verified=verified)

    async def to_the_end(watcher: "Watcher") -> None:
        async with AsyncExitStack() as stack:
            if model is not None:
                stack.push_async_callback(model.recorded.close)
            await run_request(request, items, out, effort=effort, watcher=watcher, model=model)

    with Progress() as progress:
        run(to_the_end(progress))
    print_report(gather(out))
    if model is not None:
        tell_spending(model.recorded, asking)
    click.echo(f"{out}/: environments, rejected.jsonl, report.html" if verified else NOT_VERIFIED.format(out=out))


def tell_spending(model: "RecordedModel", asking: Asking) -> None:
    """Print what was asked of a model, what that cost, and which of its replies were found damaged."""
    from synth.generate.recorded import Prices

    prices = Prices(*asking.prices) if asking.prices else None
    click.echo(f"{model.name}: {model.spending.report(prices)}")
    for line in model.completions.damaged:
        click.echo(line)
