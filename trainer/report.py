"""A run's page: curves as one picture, figures as a table. Nothing is loaded from anywhere; it can be sent by mail."""

import base64
import json
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from codegym_mcp.statistics import difference
from trainer.metrics import Journal

SMOOTH = 5
"""Steps of the running mean."""
PANELS: Sequence[tuple[str, Sequence[str]]] = (
    ("solved, training tasks", ("solved",)),
    ("tool calls per episode", ("calls", "calls/of_oracle")),
    ("failed and repeated calls, truncations", ("calls/failed", "calls/repeated_failure", "truncated")),
    ("entropy, KL to the sampler", ("entropy", "kl")),
    ("staleness, uniform groups", ("sample/staleness_mean", "groups/uniform")),
    ("seconds a step", ("speed/step_s",)),
    ("time split of a step", ("share/generate", "share/environments", "share/train")),
    ("tokens sampled a second", ("speed/tokens_per_s",)),
)
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left}img{max-width:100%}pre{background:#f6f6f6;padding:1rem;overflow:auto}"
)


def write_report(folder: Path) -> Path:
    """Write report.html and curves.png into a run's folder.

    Returns:
        the page.
    """
    journal = Journal(folder / "run.jsonl")
    steps, evaluations = journal.read("train"), journal.read("evaluation")
    picture = folder / "curves.png"
    draw(steps, evaluations, picture)
    page = folder / "report.html"
    page.write_text(_page(folder, evaluations, steps, picture), encoding="utf-8")
    return page


def draw(steps: Sequence[dict[str, Any]], evaluations: Sequence[dict[str, Any]], path: Path) -> None:
    """The curves, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 4, figsize=(17, 7), constrained_layout=True)
    for axis, (title, keys) in zip(axes.flat, PANELS, strict=True):
        for key in keys:
            points = [(row["step"], row[key]) for row in steps if key in row]
            if points:
                numbers, values = zip(*points, strict=True)
                (line,) = axis.plot(numbers, values, alpha=0.25)
                axis.plot(numbers, smooth(values), color=line.get_color(), label=key)
        if keys == ("solved",):
            held = sorted((row["at_step"], row["solved"]) for row in evaluations)
            if held:
                axis.plot(*zip(*held, strict=True), "o--", color="black", label="held-out tasks")
            axis.set_ylim(0, 1)
        axis.set_title(title)
        axis.set_xlabel("optimiser step")
        if axis.lines:
            axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def smooth(values: Sequence[float]) -> list[float]:
    """A running mean over the last few."""
    return [
        sum(values[max(0, n - SMOOTH + 1) : n + 1]) / len(values[max(0, n - SMOOTH + 1) : n + 1]) for n in range(len(values))
    ]


def _page(folder: Path, evaluations: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]], picture: Path) -> str:
    whole = {row["name"]: row for row in evaluations if row["name"] != "during"}
    name = escape(folder.name)
    parts = [f"<h1>{name}</h1>"]
    if "before" in whole and "after" in whole:
        gain, low, high = difference(whole["before"]["tasks"], whole["after"]["tasks"])
        parts.append(
            f"<p>Held-out tasks solved: <b>{whole['before']['solved']:.3f}</b> before, "
            f"<b>{whole['after']['solved']:.3f}</b> after training; difference {gain:+.3f}, 95 % interval {low:+.3f} to "
            f"{high:+.3f} (bootstrap over tasks and episodes).</p>"
        )
        parts.append(_environments(whole["before"], whole["after"]))
    parts.append(f'<img alt="curves" src="data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}">')
    if steps:
        rows = "".join(f"<tr><td>{escape(key)}</td><td>{value:.4g}</td></tr>" for key, value in sorted(_mean(steps).items()))
        parts.append(f"<h2>Means over the last {SMOOTH} steps</h2><table>{rows}</table>")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    parts.append(f"<h2>Configuration</h2><pre>{escape(json.dumps(config, indent=2))}</pre>")
    head = f'<meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en">{head}{"".join(parts)}</html>'


def _environments(before: dict[str, Any], after: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{_shown(before['environments'].get(name))}</td><td>{share:.3f}</td></tr>"
        for name, share in after["environments"].items()
    )
    head = f"<tr><th>environment</th><th>before</th><th>after</th></tr>{rows}"
    episodes = f"<tr><td>episodes (machine faults)</td><td>{before['episodes']} ({before['faults']})</td>"
    return f"<table>{head}{episodes}<td>{after['episodes']} ({after['faults']})</td></tr></table>"


def _shown(share: float | None) -> str:
    """None: no episode of it has a reward."""
    return "" if share is None else f"{share:.3f}"


def _mean(steps: Sequence[dict[str, Any]]) -> dict[str, float]:
    last = steps[-SMOOTH:]
    found: dict[str, list[float]] = defaultdict(list)
    for row in last:
        for key, value in row.items():
            if isinstance(value, (int, float)) and key not in ("at", "step", "epoch"):
                found[key].append(value)
    return {key: sum(values) / len(values) for key, values in found.items()}
