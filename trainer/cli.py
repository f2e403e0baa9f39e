"""The command line: `python -m trainer`. Verbs import what they need when they run."""

import importlib.util
import signal
import sys
from pathlib import Path
from typing import Any

import click

from codegym_mcp.cli.main import Command
from codegym_mcp.errors import PolicyError
from trainer.config_file import read_config, shipped

NEEDED = ("torch", "trl", "peft", "matplotlib")
INSTALL = "training needs torch first, then its extra: pip install torch==2.13.0; pip install -e '.[train]'"
EXAMPLES = """\b
Examples:
  python -m trainer cpu-tiny                              minutes on two cores, no GPU
  python -m trainer cpu-tiny --set optimiser.trainer=async --seed 1
  python -m trainer gpu-1x --dry-run                      everything up to the hardware
  python -m trainer my.toml -o runs/mine                  interrupted? the same command goes on
  python -m trainer export runs/mine/trajectories.jsonl -o chat.jsonl
  python -m trainer report runs/mine
"""


class Runs(click.Group):
    """A word that is no verb is a configuration: `python -m trainer cpu-tiny`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The verb, or `run`."""
        if args and args[0] not in self.commands:
            args = ["run", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Runs, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Train agents on environments: warm start, GRPO and SFT baselines by TRL, rollouts over MCP."""


@main.command(cls=Command, epilog=EXAMPLES)
@click.argument("config", metavar="CONFIG")
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the run; default: runs/NAME-SEED."
)
@click.option("--seed", type=int, help="Default: the configuration's.")
@click.option(
    "--eval-every", type=int, metavar="STEPS", help="Between two evaluations: short for --set evaluation.every=STEPS."
)
@click.option("--set", "changes", multiple=True, metavar="TABLE.KEY=VALUE", help="Change a value of the configuration.")
@click.option("--dry-run", is_flag=True, help="Build everything up to the hardware, train nothing, tell what would happen.")
def run(
    config: str, out: Path | None, seed: int | None, eval_every: int | None, changes: tuple[str, ...], dry_run: bool
) -> None:
    """Train as CONFIG says: a name (`python -m trainer configs`) or a TOML file. The same command resumes."""
    short = {"seed": seed, "evaluation.every": eval_every}
    chosen = read_config(config, [*changes, *(f"{key}={value}" for key, value in short.items() if value is not None)])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers of ours are ended, as on Ctrl-C
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise PolicyError(INSTALL)
    if dry_run:
        from trainer.dry_run import rehearse

        click.echo(rehearse(chosen))
        return
    folder = out or Path("runs") / f"{chosen.name}-{chosen.seed}"
    from trainer.progress import Display
    from trainer.report import write_report
    from trainer.run import Run

    display = Display()
    outcome = Run(chosen, folder, display).go()
    if not outcome:
        return  # one of several processes; the first one tells
    display.tell(outcome_text(outcome))
    display.tell(f"report: {write_report(folder)}")


@main.command(cls=Command)
def configs() -> None:
    """List the configurations that come with the project."""
    for name in shipped():
        click.echo(f"{name:16} {read_config(name).summary}")


@main.command(cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def report(folder: Path) -> None:
    """Draw a run's curves again: report.html and curves.png in its folder."""
    from trainer.report import write_report

    click.echo(write_report(folder))


@main.command(cls=Command)
@click.argument("trajectories", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="JSONL to write.")
@click.option("--all", "everything", is_flag=True, help="Those that failed, too; default: correct ones alone.")
@click.option("--data", multiple=True, help="Where the environments are; may be repeated.  [default: the bundled ones]")
def export(trajectories: Path, out: Path, everything: bool, data: tuple[str, ...]) -> None:
    """Trajectories as a chat-format data set: one {"messages": [...], "tools": [...]} a line, as TRL's SFT takes them."""
    from codegym_mcp.catalog import Catalog
    from trainer.export import export_chat

    catalog = Catalog.of(*data) if data else None
    click.echo(f"{export_chat(trajectories, out, everything, catalog)} conversations in {out}")


def outcome_text(outcome: dict[str, Any]) -> str:
    """The run's result in one line."""
    from codegym_mcp.statistics import difference

    before, after = outcome["before"], outcome["after"]
    gain, low, high = difference(before["tasks"], after["tasks"])
    return (
        f"held-out tasks solved: {before['solved']:.3f} before, {after['solved']:.3f} after training "
        f"({after['episodes']} episodes); difference {gain:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}"
    )
