"""What a run gave, as text for a terminal and as one page that needs nothing but itself.

It reads what a run leaves in its folder: funnel.json, the cards of the environments, and the seconds in the journal.
A folder of environments without a run behind it, such as servers/, is shown as far as its cards go.
"""

import json
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from codegym_mcp.catalog import read_text
from codegym_mcp.errors import CodegymError
from codegym_mcp.journal import read_journal
from synth.report import plot
from synth.report.funnel import STEPS, Funnel, yield_of

FUNNEL, JOURNAL = "funnel.json", "journal.jsonl"
MAX_REASONS = 40
"""Reasons shown, the commonest of each stage first; funnel.json has all."""
STYLE = """
:root { color-scheme: light dark; --bar: #3b6ea8; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; }
svg rect { fill: var(--bar); } svg text { fill: currentColor; font: 13px system-ui, sans-serif; } svg .n { opacity: .75; }
@media (prefers-color-scheme: dark) { :root { --bar: #7db0e8; } }
"""


class NothingToReport(CodegymError):
    """The folder holds neither a run nor environments."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no run and no card.json; make one with `python -m synth run PROBLEMS -o {folder}`")


@dataclass
class Facts:
    """The numbers a report is made of."""

    title: str
    funnel: Funnel | None = None
    tools: list[int] = field(default_factory=list)
    """Declared tools of each environment."""
    calls: list[int] = field(default_factory=list)
    """Oracle calls of each task."""
    levels: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    """Problem -> seconds spent on it, all stages together."""
    stages: dict[str, float] = field(default_factory=dict)
    """Stage -> seconds spent in it."""


def gather(folder: Path) -> Facts:
    """Read what a run left.

    Raises:
        NothingToReport: it left nothing.
    """
    facts = Facts(folder.resolve().name)
    if (path := folder / FUNNEL).exists():
        facts.funnel = Funnel.load(path)
    for card in cards(folder):
        facts.tools.append(int(card.get("tools", 0)))
        facts.topics[str(card.get("topic") or "none")] += 1
        for task in card.get("tasks", {}).values():
            facts.calls.append(int(task.get("oracle_calls", 0)))
            facts.levels[str(task.get("level"))] += 1
    if (path := folder / JOURNAL).exists():
        _add_seconds(facts, path)
    if facts.funnel is None and not facts.tools:
        raise NothingToReport(folder)
    return facts


def cards(folder: Path) -> Iterator[dict[str, Any]]:
    """The cards of the environments in a folder, one or two levels down, by name."""
    for pattern in ("*/card.json", "*/*/card.json"):
        for path in sorted(folder.glob(pattern)):
            card = json.loads(read_text(path))
            if isinstance(card, dict):
                yield card


def _add_seconds(facts: Facts, journal: Path) -> None:
    """Seconds by problem and by stage; of what was done more than once, the last."""
    last: dict[tuple[str, str], float] = {}
    for line in read_journal(journal):
        if "key" in line:
            last[line["problem"], line["stage"]] = float(line["seconds"])
    for (problem, stage), seconds in last.items():
        facts.seconds[problem] = facts.seconds.get(problem, 0.0) + seconds
        facts.stages[stage] = facts.stages.get(stage, 0.0) + seconds


def charts(facts: Facts) -> Iterator[tuple[str, plot.Bars]]:
    """Every chart of the report with its title."""
    if facts.funnel:
        yield "From problem to environment", list(zip(facts.funnel.headings(), facts.funnel.total, strict=True))
    if facts.calls:
        middle = f"median {statistics.median(facts.calls):g}"
        yield f"Calls of the oracle, by task ({middle})", plot.histogram(facts.calls, plot.CALLS)
        mean = f"mean {statistics.fmean(facts.tools):.1f}"
        yield f"Tools, by environment ({mean}, Observe and Done counted)", plot.whole_numbers(facts.tools)
        yield "Tasks by level", list(facts.levels.items())
    if len(facts.topics) > 1:
        yield "Environments by topic", sorted(facts.topics.items())
    if facts.seconds:
        middle = f"median {statistics.median(facts.seconds.values()):.1f}"
        yield f"Seconds per problem ({middle})", plot.histogram(facts.seconds.values(), plot.SECONDS)
        yield "Seconds by stage, all problems together", [(stage, round(n)) for stage, n in facts.stages.items()]


def source_rows(funnel: Funnel) -> list[list[str]]:
    """The table of yields: a row per source and, if there are several, one for all."""
    rows = [(name, funnel.sources[name]) for name in sorted(funnel.sources)]
    if len(rows) > 1:
        rows.append(("all", funnel.total))
    return [[name, *map(str, counts), yield_of(counts)] for name, counts in rows]


def reason_rows(funnel: Funnel) -> list[list[str]]:
    """The table of reasons."""
    return [[stage, reason, str(n)] for (stage, reason), n in funnel.common_reasons()[:MAX_REASONS]]


SOURCE_HEAD = "source"
YIELD_HEAD = "yield"
REASON_HEADS = ["stage", "reason", "problems"]


def print_report(facts: Facts) -> None:
    """Print tables and bars."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True, highlight=False)
    if facts.funnel:
        table = Table(SOURCE_HEAD, *facts.funnel.headings(), YIELD_HEAD)
        for row in source_rows(facts.funnel):
            table.add_row(*row)
        console.print(table)
        if facts.funnel.reasons:
            table = Table(*REASON_HEADS, title="Why the others did not", title_justify="left")
            for row in reason_rows(facts.funnel):
                table.add_row(*row)
            console.print(table)
    for title, bars in list(charts(facts))[1 if facts.funnel else 0 :]:
        console.print(f"{title}\n{plot.text(bars)}\n", markup=False)


def page(facts: Facts) -> str:
    """The report as one HTML page, without scripts and without anything loaded."""
    parts = [f"<h1>Environments from problems: {escape(facts.title)}</h1>", f"<p>{escape(summary(facts))}</p>"]
    for title, bars in charts(facts):
        parts += [f"<h2>{escape(title)}</h2>", plot.svg(bars, title)]
        if facts.funnel and title == "From problem to environment":
            parts.append(_table([SOURCE_HEAD, *facts.funnel.headings(), YIELD_HEAD], source_rows(facts.funnel)))
            parts.append("<h2>Why the others did not</h2>")
            parts.append(_table(REASON_HEADS, reason_rows(facts.funnel)))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(facts.title)}: report</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def summary(facts: Facts) -> str:
    """One sentence."""
    made = f"{len(facts.tools)} environments with {len(facts.calls)} tasks"
    if facts.funnel is None:
        return f"{made}."
    return f"{made}, from {facts.funnel.total[STEPS.index('original')]} problems whose original solution was verified."


def _table(heads: list[str], rows: list[list[str]]) -> str:
    def cells(tag: str, texts: list[str]) -> str:
        return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells("th", heads)}</tr></thead><tbody>{body}</tbody></table></div>'
