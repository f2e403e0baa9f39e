"""An evaluation as people read it: Markdown for the screen and for files, the same as a page."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from codegym_mcp.statistics import Interval
from eval.records import Record, read_records
from eval.scores import Scores, cost_of, scores_of

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.25rem .8rem;border-bottom:1px solid #ddd;"
    "text-align:right;white-space:nowrap}td:first-child,th:first-child{text-align:left}img{max-width:100%}"
    "code{background:#f6f6f6}@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}td,th{border-color:#444}"
    "code{background:#222}}"
)
HARD_TO_TELL = 0.05
"""Width of an interval's half, above which the report says how few episodes it stands on."""
Form = Callable[[float], str]
"""How a figure is written."""


def read_run(folder: Path) -> tuple[dict[str, Any], list[Record], list[Scores]]:
    """What a run was asked to do, its episodes, and the figures of everybody who played: the subject first.

    Raises:
        InvalidRequest: the folder holds no run.
    """
    given, records = read_records(folder)
    calls = {tuple(key): count for *key, count in given.get("oracle_calls", [])}
    subjects = dict.fromkeys([given.get("model", ""), *(record.subject for record in records)])
    found = [scores_of(name, records, calls) for name in subjects]
    return given, records, [one for one in found if one is not None]


def write_report(folder: Path, prices: tuple[float, float] | None = None) -> str:
    """Write report.md, report.html and scores.json into a run's folder.

    Args:
        prices: per million tokens of prompts and of completions.

    Returns:
        the Markdown.
    """
    given, _, scores = read_run(folder)
    text = markdown(given, scores, prices)
    (folder / "report.md").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(page(text, f"{given['benchmark']}: {given['model']}"), encoding="utf-8")
    figures = {one.subject: asdict(one) for one in scores}
    (folder / "scores.json").write_text(json.dumps({"run": given, "scores": figures}, indent=1) + "\n", encoding="utf-8")
    return text


def markdown(given: Mapping[str, Any], scores: Sequence[Scores], prices: tuple[float, float] | None = None) -> str:
    """The whole report."""
    parts = [f"# {given['benchmark']}: {given['model']}", _about(given), _summary(scores, prices), _endings(scores)]
    if scores and len(scores[0].environments) > 1:
        parts.append(_environments(scores))
    return "\n\n".join(part for part in parts if part) + "\n"


def page(text: str, title: str) -> str:
    """Markdown as a page; nothing is loaded from anywhere."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>{body}</body></html>'
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


def percent(value: float) -> str:
    """A share."""
    return f"{100 * value:.1f} %"


def _about(given: Mapping[str, Any]) -> str:
    settings = given["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in given["versions"].items())
    sampled = f"temperature {settings['temperature']:g}, top-p {settings['top_p']:g}"
    sampled += f", at most {settings['max_tokens']} tokens a turn"
    if "agent" in given:
        sampled = f"played by `{given['agent']}`, {settings['deadline_s']:g} s an episode, its sampling is its own"
    bounds = f"at most {' or '.join(map(str, given['max_steps']))} steps an episode"
    lines = [
        f"- tasks: {len(given['tasks'])}, {given['split']} (hash of their ids: {given['tasks_hash']})",
        f"- protocol: {given['protocol']}; {settings['runs']} runs a task, {sampled}, {bounds}",
        *([f"- user simulator: {settings['user_model']}"] if settings["user_model"] else []),
        *([f"- versions: {versions}"] if versions else []),
        *(f"- **differs from the protocol**: {line}" for line in given["deviations"]),
        *(f"- note: {note}" for note in settings["notes"]),
    ]
    return "\n".join(lines)


def _summary(scores: Sequence[Scores], prices: tuple[float, float] | None) -> str:
    if not scores:
        return "No episode has been played."
    ks = list(scores[0].hat_k)
    oracle = any(one.of_oracle is not None for one in scores)
    counted = any(one.usage is not None for one in scores)
    head = ["", "pass@1", "95 % interval", *(f"pass@{k}" for k in ks), *(f"pass^{k}" for k in ks), "mean reward", "calls"]
    figures = list(dict.fromkeys(name for one in scores for name in one.figures))
    head += [*(["of the oracle's"] if oracle else []), "failed calls", "episodes", "no verdict"]
    head += [*(["tokens an episode"] if counted else []), *(["cost"] if counted and prices else []), *figures]
    rows = []
    for one in scores:
        row = [one.subject, *([percent(one.solved[0]), _range(one.solved, percent)] if one.solved else ["", ""])]
        row += [_told(one.at_k.get(k), percent) for k in ks]
        row += [_measured(one.hat_k.get(k), percent) for k in ks]
        row += [_measured(one.reward, "{:.3f}".format), _told(one.calls, "{:.1f}".format)]
        row += [_told(one.of_oracle, "{:.2f}".format)] if oracle else []
        row += [_told(one.failed_calls, percent), str(one.episodes), str(one.no_verdict)]
        row += [_told(one.tokens, "{:,.0f}".format)] if counted else []
        row += [f"{cost_of(one.usage, prices):.2f}" if one.usage else ""] if counted and prices else []
        row += [_told(one.figures.get(name), "{:,.3g}".format) for name in figures]
        rows.append(row)
    return "\n\n".join([table(head, rows), *_notes(scores)])


def _notes(scores: Sequence[Scores]) -> list[str]:
    """What a reader of the summary should know."""
    lost = [one for one in scores if not one.episodes]
    failed = [f"No episode of {one.subject} has a verdict; the last error: {one.error or 'none was told'}" for one in lost]
    if scores[0].solved is None:
        return failed
    _, low, high = scores[0].solved
    few = f"The interval is {percent(high - low)} wide: {scores[0].tasks} tasks tell no more than that."
    return [*failed, *([few] if high - low > 2 * HARD_TO_TELL else [])]


def _told(value: float | None, form: Form) -> str:
    return "" if value is None else form(value)


def _measured(interval: Interval | None, form: Form) -> str:
    """A figure and its interval. Equal values leave a bootstrap nothing to draw from: then the figure alone."""
    if interval is None:
        return ""
    mean, low, high = interval
    return f"{form(mean)} ({_range(interval, form)})" if low < high else form(mean)


def _range(interval: Interval, form: Form) -> str:
    return f"{form(interval[1])} to {form(interval[2])}"


def _endings(scores: Sequence[Scores]) -> str:
    kinds = list(dict.fromkeys(kind for one in scores for kind in one.endings))
    rows = [[kind, *(str(one.endings.get(kind, 0)) for one in scores)] for kind in kinds]
    return "## How episodes ended\n\n" + table(["", *(one.subject for one in scores)], rows) if kinds else ""


def _environments(scores: Sequence[Scores]) -> str:
    head = ["environment", "episodes", *(f"pass@1, {one.subject}" for one in scores), f"calls, {scores[0].subject}"]
    rows = []
    for name, (count, _, calls) in scores[0].environments.items():
        rates = [percent(one.environments[name][1]) if name in one.environments else "" for one in scores]
        rows.append([name, str(count), *rates, f"{calls:.1f}"])
    return "## By environment\n\n" + table(head, rows)
