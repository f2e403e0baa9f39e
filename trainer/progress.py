"""What a person sees while a run goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from codegym_mcp.progress import bars

SHOWN = {"solved": "solved {:.2f}", "calls": "{:.1f} calls", "speed/step_s": "{:.1f} s a step", "loss": "loss {:.3f}"}
"""Figures in the bar, and how they are written."""


class Display:
    """A line for what happens, a bar for what takes long."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    def tell(self, text: str) -> None:
        """One line."""
        self.console.print(text, highlight=False)

    @contextmanager
    def stage(self, name: str, steps: int) -> Iterator[Callable[[int, dict[str, float]], None]]:
        """A bar; what is yielded is told the step that is over and its figures."""
        with bars(self.console) as progress:
            bar = progress.add_task(name, total=steps, note="")

            def show(step: int, figures: dict[str, float]) -> None:
                text = ", ".join(form.format(figures[key]) for key, form in SHOWN.items() if key in figures)
                progress.update(bar, completed=step, note=text)

            yield show
