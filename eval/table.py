"""The paper's table, with what was measured here beside it; as Markdown, as a page and as a picture."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidRequest
from codegym_mcp.statistics import Interval, pass_rate
from eval.paper import ABLATIONS, COLUMNS, HELD_IN, RESULTS, Published
from eval.records import FILE, Record, read_records
from eval.report import page, table
from eval.scores import outcomes_of

CURVES = "run.jsonl"
"""What a training run keeps its figures in."""
BY_DOMAIN = "tau"
"""The one benchmark whose domains have columns of their own."""
LEGEND = (
    "Pass rates in percent. Rows marked *published* are the paper's own numbers (arXiv 2509.17325); all others were "
    "measured here, with 95 % intervals and the number of tasks."
)
NOTES = (
    "tau and tau2 have other tasks: a score of one says nothing about the other.",
    "held-in: the paper's 500 validation environments are not published, so what was measured is on other ones.",
)


@dataclass(frozen=True)
class Cell:
    """What was measured for one model on one benchmark."""

    interval: Interval
    tasks: int
    deviations: int
    """In how much it differs from the paper's protocol."""


Measured = Mapping[str, Mapping[str, Cell]]
"""Model, or baseline -> column -> what was measured."""


def write_table(folders: Sequence[Path], out: Path) -> str:
    """Write table.md, table.html and table.png.

    Args:
        folders: evaluations, and training runs for their curves; none gives the published numbers alone.

    Returns:
        the Markdown.

    Raises:
        InvalidRequest: a folder is neither.
    """
    strange = next((one for one in folders if not (one / FILE).exists() and not (one / CURVES).exists()), None)
    if strange is not None:
        raise InvalidRequest("runs", f"{strange} holds neither an evaluation ({FILE}) nor a training run ({CURVES})")
    measured, left_out = read_measured([one for one in folders if (one / FILE).exists()])
    curves = {one.name: curve for one in folders if (curve := list(read_curve(one / CURVES)))}
    out.mkdir(parents=True, exist_ok=True)
    text = markdown(measured, left_out)
    (out / "table.md").write_text(text, encoding="utf-8")
    draw(measured, curves, out / "table.png")
    picture = base64.b64encode((out / "table.png").read_bytes()).decode()
    html = page(text, "CodeGym: published and measured")
    image = f'<img alt="the same as bars, and training curves" src="data:image/png;base64,{picture}">'
    (out / "table.html").write_text(html.replace("</body>", f"{image}</body>"), encoding="utf-8")
    return text


def read_measured(folders: Sequence[Path]) -> tuple[Measured, list[Path]]:
    """Pass rates of all who played in these runs, and the runs on other tasks than the benchmark's own, which are left out.

    Of two runs on one cell, the one named last counts.
    """
    found: dict[str, dict[str, Cell]] = defaultdict(dict)
    left_out: list[Path] = []
    for folder in folders:
        given, records = read_records(folder)
        if not given["official"]:
            left_out.append(folder)
            continue
        for (subject, column), mine in _columns(str(given["benchmark"]), records).items():
            if outcomes := outcomes_of(mine):
                deviations = len(given["deviations"]) + (given["protocol"] != "paper")
                found[subject][column] = Cell(pass_rate(outcomes), len(outcomes), deviations)
    return found, left_out


def markdown(measured: Measured, left_out: Sequence[Path] = ()) -> str:
    """Both tables and their notes.

    Args:
        left_out: runs that have no place in it.
    """
    head = ["", "", *COLUMNS, "mean", HELD_IN]
    rows = [_published(row) for row in RESULTS] + [_measured(name, cells) for name, cells in measured.items()]
    notes = [f"{row.model}, {row.kind}: {row.note}" for row in (*RESULTS, *ABLATIONS) if row.note]
    changed = any(cell.deviations for cells in measured.values() for cell in cells.values())
    return (
        "\n\n".join(
            [
                "# CodeGym: published and measured",
                LEGEND,
                table(head, rows),
                "## Ablations of the paper",
                table(head, [_published(row) for row in ABLATIONS]),
                "\n".join(
                    [
                        *(f"- {note}" for note in notes),
                        *(f"- {note}" for note in NOTES),
                        *(
                            ["- \\* measured with settings or tasks that differ from the paper's: see the run's report."]
                            if changed
                            else []
                        ),
                        *(f"- {folder} is left out: its tasks are not the benchmark's own." for folder in left_out),
                    ]
                ),
            ]
        )
        + "\n"
    )


def draw(measured: Measured, curves: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Bars of what was measured over the published range, and training curves."""
    try:
        import matplotlib
    except ImportError as exc:
        raise InvalidRequest("png", "pictures need matplotlib: pip install -e '.[eval]' in a clone") from exc
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, 2 if curves else 1, figsize=(15 if curves else 10, 5), constrained_layout=True, squeeze=False
    )
    _bars(axes[0][0], measured)
    if curves:
        for name, curve in curves.items():
            axes[0][1].plot(*zip(*curve, strict=True), label=name)
        axes[0][1].set(title="training tasks solved", xlabel="optimiser step", ylim=(0, 1))
        axes[0][1].legend()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def read_curve(path: Path) -> Iterator[tuple[int, float]]:
    """Optimiser step and share of training tasks solved, of a training run; nothing where there is none."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row: dict[str, Any] = json.loads(line)
        except ValueError:
            continue  # cut short by a kill
        if row.get("kind") == "train" and "solved" in row:
            yield row["step"], row["solved"]


def _columns(benchmark: str, records: Sequence[Record]) -> Mapping[tuple[str, str], list[Record]]:
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        column = HELD_IN if benchmark == "codegym" else benchmark
        if benchmark == BY_DOMAIN:
            column = record.trajectory.environment.replace("/", "-")
        found[record.subject, column].append(record)
    return found


def _published(row: Published) -> list[str]:
    scores = [f"{score:.1f}" for score in row.scores]
    return [row.model, f"{row.kind}, *published*", *scores, f"{row.mean:.1f}", f"{row.held_in:.1f}" if row.held_in else ""]


def _measured(name: str, cells: Mapping[str, Cell]) -> list[str]:
    found = [cells[column].interval[0] for column in COLUMNS if column in cells]
    mean = f"{100 * sum(found) / len(found):.1f}" if len(found) == len(COLUMNS) else ""
    return [name, "measured", *(_cell(cells.get(column)) for column in COLUMNS), mean, _cell(cells.get(HELD_IN))]


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    mean, low, high = (100 * value for value in cell.interval)
    return f"{mean:.1f} ({low:.1f} to {high:.1f}; {cell.tasks}){'*' if cell.deviations else ''}"


def _bars(axis: Any, measured: Measured) -> None:
    columns = [*COLUMNS, HELD_IN]
    for number, column in enumerate(columns):
        published = [row.held_in for row in RESULTS] if column == HELD_IN else [row.scores[number] for row in RESULTS]
        known = [value for value in published if value is not None]
        axis.plot([number, number], [min(known), max(known)], color="#bbb", linewidth=12, solid_capstyle="butt")
        axis.scatter([number] * len(known), known, color="#777", s=12, zorder=2)
    for place, (name, cells) in enumerate(measured.items()):
        shift = (place - (len(measured) - 1) / 2) * 0.12
        points = [(columns.index(column), cell.interval) for column, cell in cells.items() if column in columns]
        at = [number + shift for number, _ in points]
        means = [100 * mean for _, (mean, _, _) in points]
        bars = [[100 * (mean - low) for _, (mean, low, _) in points], [100 * (high - mean) for _, (mean, _, high) in points]]
        axis.errorbar(at, means, yerr=bars, fmt="o", capsize=3, label=name, zorder=3)
    axis.set(title="measured, over the range of the published numbers (grey)", ylabel="pass rate in percent", ylim=(0, 100))
    axis.set_xticks(range(len(columns)), columns, rotation=20)
    if measured:
        axis.legend()
