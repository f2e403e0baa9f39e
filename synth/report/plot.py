"""Bars as inline SVG and as text. Nothing is loaded from anywhere, so a page made of these can be sent by mail."""

from collections.abc import Iterable, Sequence
from html import escape

ROW, LABEL, VALUE, WIDTH = 22, 210, 60, 720
"""Pixels: height of a bar's row, width of its label, of its number, of the whole picture."""
CALLS = (0, 10, 20, 30, 40, 60, 90, 130, 180, 257, 513)
SECONDS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Lower edges of the classes of a histogram; the last class has no upper edge."""
TEXT_WIDTH = 40
"""Characters of the longest bar in a terminal."""

Bars = Sequence[tuple[str, int]]


def histogram(values: Iterable[float], edges: Sequence[int]) -> Bars:
    """How many values lie in each class, empty classes at both ends left out."""
    counts = [0] * len(edges)
    for value in values:
        counts[max(0, sum(edge <= value for edge in edges) - 1)] += 1
    labels = [_class(low, high) for low, high in zip(edges, [*edges[1:], None], strict=True)]
    filled = [index for index, count in enumerate(counts) if count]
    return list(zip(labels, counts, strict=True))[filled[0] : filled[-1] + 1] if filled else []


def whole_numbers(values: Iterable[int]) -> Bars:
    """How often each whole number occurs."""
    found = list(values)
    return [(str(n), found.count(n)) for n in range(min(found), max(found) + 1)] if found else []


def _class(low: int, high: int | None) -> str:
    if high is None:
        return f"{low} and more"
    return str(low) if high == low + 1 else f"{low} to {high - 1}" if low else f"below {high}"


def svg(bars: Bars, title: str) -> str:
    """Horizontal bars, each with its label and its number."""
    most = max((value for _, value in bars), default=0) or 1
    room = WIDTH - LABEL - VALUE
    rows = []
    for number, (label, value) in enumerate(bars):
        top, length = number * ROW, round(room * value / most, 1)
        rows.append(
            f'<text x="{LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{LABEL}" y="{top + 3}" width="{length}" height="{ROW - 6}" rx="2"/>'
            f'<text x="{LABEL + length + 6}" y="{top + 15}" class="n">{value:,}</text>'
        )
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {max(1, len(bars)) * ROW}" '
        f'width="{WIDTH}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(rows)}</svg>'
    )


def text(bars: Bars) -> str:
    """The same for a terminal."""
    most = max((value for _, value in bars), default=0) or 1
    wide = max((len(label) for label, _ in bars), default=0)
    lines = (f"  {label:>{wide}} {'█' * max(round(TEXT_WIDTH * value / most), value > 0)} {value}" for label, value in bars)
    return "\n".join(lines)
