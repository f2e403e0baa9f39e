"""How a run goes, for whoever waits: a bar with the running counts, or a line now and then where there is no terminal."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import click

from codegym_mcp.progress import bars
from synth.report.funnel import STEPS, Way

LINES = 10
"""Lines that a run prints where there is no terminal."""
SHOWN = {"original": "verified originals", "made": "made", "verified": "proven"}
"""Steps that are counted while it runs."""


class Progress(AbstractContextManager["Progress"]):
    """Watches a run and shows it on standard error."""

    def __init__(self) -> None:
        self._bar = bars(disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("", total=None, note="")
        self._counts = dict.fromkeys(SHOWN, 0)
        self._total = self._ended = 0

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        """Leave it as it stands."""
        self._bar.stop()

    def tell(self, text: str) -> None:
        """Something to know, in one line."""
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def begin(self, ways: Sequence[Way]) -> None:
        """All that is to be worked on."""
        self._total = len(ways)
        self._bar.update(self._task, total=self._total, note=self._text())

    def end(self, way: Way) -> None:
        """One of them has come as far as it goes."""
        for step in self._counts:
            self._counts[step] += way.reached >= STEPS.index(step)
        self._ended += 1
        self._bar.update(self._task, advance=1, note=self._text())
        if self._bar.disable and self._ended * LINES // self._total > (self._ended - 1) * LINES // self._total:
            click.echo(f"{self._ended} of {self._total}: {self._text()}", err=True)

    def _text(self) -> str:
        return ", ".join(f"{self._counts[step]} {text}" for step, text in SHOWN.items())
