"""`codegym check`: is an environment what it claims to be?"""

import contextlib
import sys
from typing import Any

import click

from codegym_mcp.cli.main import Command, open_catalog, run
from codegym_mcp.errors import CodegymError


@click.command(cls=Command)
@click.argument("target", required=False, metavar="[ENV|PATH]")
@click.option("--all", "everything", is_flag=True, help="All bundled environments.")
@click.option(
    "--full",
    is_flag=True,
    help="Replay every task, not two of each level, and restore before every call.",
)
@click.option("--write", is_flag=True, help="Write card.json beside each environment that passes.")
def check(target: str | None, everything: bool, full: bool, write: bool) -> None:
    """Check environments: load, schema, tool and call counts, gold, no-op and wrong answers, determinism, rollback.

    \b
    codegym check ./my_env              one of your own
    codegym check --all                 the bundled ones
    """
    if target is None and not everything:
        raise click.UsageError("name an environment or a path, or use --all")
    catalog, only = open_catalog(target)
    sys.exit(run(check_environments(catalog, [only] if only else catalog.names(), full, write)))


async def check_environments(catalog: Any, names: list[str], full: bool, write: bool) -> int:
    """Print a table, then what was found; 0 if nothing was."""
    from rich.console import Console
    from rich.table import Table

    from codegym_mcp.card import read_card, write_card
    from codegym_mcp.check import check_all
    from codegym_mcp.progress import bars

    total = 0
    for name in names if write else ():
        read_card(catalog, name)  # raises, before any work is done
    for name in names:
        with contextlib.suppress(CodegymError):  # found again, and told, by the check itself
            total += len(catalog.tasks(name))
    with bars(transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("tasks", total=total, note="")
        reports = await check_all(catalog, names, full=full, on_task=lambda: progress.advance(bar))
    table = Table("environment", "tools", "tasks", "oracle calls", "best guess", "result")
    for report in reports:
        calls = sorted(facts.oracle_calls for facts in report.tasks.values())
        spread = f"{calls[0]} to {calls[-1]}, median {calls[len(calls) // 2]}" if calls else "-"
        result = "pass" if report.ok else ", ".join(report.findings)
        table.add_row(report.environment, str(report.tools), str(len(report.tasks)), spread, f"{report.guess:.0%}", result)
        if write and report.ok:
            write_card(catalog, report)
    Console().print(table)
    for report in reports:
        for name, findings in report.findings.items():
            for finding in findings[:5]:
                click.echo(f"{report.environment}: {name}: {finding}")
            if len(findings) > 5:
                click.echo(f"{report.environment}: {name}: and {len(findings) - 5} more")
    failed = sum(not report.ok for report in reports)
    click.echo(
        f"{len(reports) - failed} of {len(reports)} environments pass, {sum(len(r.tasks) for r in reports)} tasks played."
    )
    return 1 if failed else 0
