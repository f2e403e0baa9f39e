"""`codegym bench`: a minute's measurement of this machine, as ratios against a baseline in the same run."""

import click

from codegym_mcp.cli.main import Command, run


@click.command(cls=Command)
@click.option("--rounds", type=click.IntRange(min=2), default=5, show_default=True, help="Of every measurement, alternating.")
@click.option("--calls", type=click.IntRange(min=1), default=2000, show_default=True, help="Tool calls a round.")
def bench(rounds: int, calls: int) -> None:
    """Measure tool calls per second: in process, in the sandbox, and over MCP; tests/bench/ has the full set."""
    from codegym_mcp.bench import measure

    run(measure(rounds, calls))
