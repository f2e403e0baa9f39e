"""`codegym`: the verbs, and how an error of ours is shown.

A verb that takes more than a screenful lives in its own module.
"""

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import codegym_mcp
from codegym_mcp.errors import CodegymError

if TYPE_CHECKING:
    from codegym_mcp.catalog import Catalog

SEED = click.IntRange(min=0)


class Command(click.Command):
    """Shows our errors in one line, with what to do next; Ctrl-C ends with the usual status and no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except CodegymError as exc:
            click.echo(f"Error: {exc}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            sys.exit(0)
        except OSError as exc:
            if exc.filename is None:
                raise
            click.echo(f"Error: {exc.filename}: {exc.strerror}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            sys.exit(130)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a verb's coroutine on the fastest loop there is."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(main)
    return uvloop.run(main)


def open_catalog(target: str | None) -> "tuple[Catalog, str | None]":
    """What TARGET names: a bundled environment, or a path to environments of any form; None is all bundled ones.

    Returns:
        the catalog, and the one environment that is meant, if it is one.
    """
    from codegym_mcp.catalog import Catalog

    bundled = Catalog.bundled()
    if target is None:
        return bundled, None
    if target in bundled and not Path(target).exists():
        return bundled, target
    if not Path(target).exists():
        if "/" not in target:
            bundled.definition(target)  # raises, naming the nearest
        raise click.BadParameter(f"there is no environment and no path '{target}'; `codegym list` shows environments")
    catalog = Catalog.of(target)
    names = catalog.names()
    return catalog, names[0] if len(names) == 1 else None


def one_environment(target: str) -> "tuple[Catalog, str]":
    """TARGET as one environment; a path to several takes `PATH:NAME`."""
    path, colon, name = target.rpartition(":")
    if colon and Path(path).exists():
        catalog, _ = open_catalog(path)
        catalog.definition(name)
        return catalog, name
    catalog, only = open_catalog(target)
    if only is None:
        raise click.BadParameter(f"'{target}' holds {len(catalog)} environments; name one as {target}:NAME")
    return catalog, only


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples:
  codegym list                                   environments that come with codegym
  codegym play coin_change --policy oracle       watch one being solved
  codegym call coin_change Observe               one tool call
  codegym serve coin_change                      an MCP server on stdio, for your MCP client
  codegym serve --transport http --port 8000     all environments over HTTP
  codegym check my_environment/                  is it what it claims to be?
""",
)
@click.version_option(codegym_mcp.__version__, prog_name="codegym")
def main() -> None:
    """Verified multi-turn tool-use environments, served over MCP."""


@main.command("list")
@click.argument("target", required=False, metavar="[PATH]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_environments(target: str | None, as_json: bool) -> None:
    """List environments: the bundled ones, or those of PATH (a folder, .jsonl or .parquet)."""
    catalog, _ = open_catalog(target)
    names = catalog.names()
    if as_json or len(names) > 500 or (not sys.stdout.isatty() and target is not None):
        for name in names:
            click.echo(json.dumps({"name": name}) if as_json else name)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("environment", "tools", "tasks", "levels", "the task")
    for name in names:
        definition, tasks = catalog.definition(name), catalog.tasks(name)
        levels = ", ".join(dict.fromkeys(task.level for task in tasks))
        table.add_row(name, str(len(definition.tools)), str(len(tasks)), levels, first_sentence(definition.prompt))
    Console().print(table)


def first_sentence(text: str) -> str:
    """The beginning of a task's text, in one line."""
    line = " ".join(text.split())
    return line.split(". ")[0][:100]


@main.command()
@click.argument("target", metavar="ENV")
@click.option("--examples", is_flag=True, help="Show the tools' examples too (agents see them only if asked for).")
def show(target: str, examples: bool) -> None:
    """Show an environment: its task, its tools as an agent reads them, and its tasks by level.

    \b
    codegym show coin_change
    codegym show ./my_envs:my_env --examples
    """
    catalog, name = one_environment(target)
    definition, tasks = catalog.definition(name), catalog.tasks(name)
    click.secho(name, bold=True)
    click.echo(f"{definition.prompt}\n")
    for spec in definition.tools:
        signature = ", ".join(
            key if key in spec.input_schema["required"] else f"[{key}]" for key in spec.input_schema["properties"]
        )
        click.secho(f"{spec.name}({signature})", bold=True)
        text = spec.description("examples" if examples else "plain")
        click.echo("    " + text.replace("\n", "\n    ") + "\n")
    counts: dict[str, list[str]] = {}
    for task in tasks:
        counts.setdefault(task.level, []).append(task.id)
    for level, ids in counts.items():
        click.echo(f"{len(ids):4d} tasks, level {level}: {', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''}")
    click.echo(f"{definition.where}  (content hash {definition.hash[:12]})")


@main.command()
@click.argument("target", metavar="ENV")
@click.argument("tool")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--task", help="Id of a task; default: drawn by the seed.")
@click.option("--seed", type=SEED, default=0, show_default=True)
def call(target: str, tool: str, arguments: tuple[str, ...], task: str | None, seed: int) -> None:
    """Open an episode, play one tool call and print its observation. Values are JSON, or text where they are not.

    \b
    codegym call coin_change Observe
    codegym call coin_change CoinValue kind=0
    codegym call coin_change Done 'answer=[3, 7]'
    """
    from codegym_mcp.gym import Gym

    catalog, name = one_environment(target)

    async def play() -> None:
        async with Gym(catalog, pool=default_pool(catalog)) as gym:
            episode = await gym.open(name, task, seed=seed, reveal=True)
            observation = await gym.call(episode.id, tool, parse_arguments(arguments))
            click.echo(observation.text)
            fate = "rolled back" if observation.is_error else "committed"
            click.secho(f"[{episode.task}, step {observation.step}: {fate}]", err=True, dim=True)
            sys.exit(1 if observation.is_error else 0)

    run(play())


def parse_arguments(pairs: tuple[str, ...]) -> dict[str, Any]:
    """NAME=VALUE pairs as tool arguments."""
    parsed: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"arguments are NAME=VALUE, got '{pair}'")
        try:
            parsed[name] = json.loads(value)
        except ValueError:
            parsed[name] = value
    return parsed


def default_pool(catalog: "Catalog", **options: Any) -> Any:
    """The sandbox that this machine and these environments allow; see sandbox/capabilities.py."""
    from codegym_mcp.sandbox.choose import choose_pool

    return choose_pool(trusted=catalog.trusted, **options)


@main.command()
def doctor() -> None:
    """Tell what protections this machine has, and what is missing for untrusted environments."""
    from codegym_mcp.cli.doctor import report

    sys.exit(0 if report() else 1)


def add_verbs() -> None:
    """Verbs with modules of their own; these import nothing heavy."""
    from codegym_mcp.cli.bench import bench
    from codegym_mcp.cli.check import check
    from codegym_mcp.cli.play import play, replay
    from codegym_mcp.cli.serve import serve

    for verb in (serve, play, check, replay, bench):
        main.add_command(verb)


add_verbs()
