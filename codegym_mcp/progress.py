"""The progress bars of long work, alike in every command."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


def bars(console: Console | None = None, *, disable: bool = False, transient: bool = False) -> Progress:
    """Bars with what is done, how much of it, the time, and a note: the field `note` of each task, "" at first.

    Args:
        console: default: standard error.
        disable: show nothing.
        transient: leave nothing behind.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns, console=console or Console(stderr=True), disable=disable, transient=transient)
