"""Two evaluations of the same tasks, side by side: is one better, or was it luck?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidRequest
from codegym_mcp.statistics import difference
from eval.records import Record
from eval.report import percent, read_run, table
from eval.scores import outcomes_of

SAME = ("benchmark", "protocol", "settings", "versions")
"""What should be equal for a difference to say something of the models alone."""
ENOUGH = 6
"""Tasks that must go differently before anything is said: if all of fewer go one way, that is chance (sign test, 5 %)."""


def compare(one: Path, other: Path) -> str:
    """The second run minus the first, paired by task, as Markdown.

    Raises:
        InvalidRequest: one is no run, or they have no task in common.
    """
    runs = [read_run(folder) for folder in (one, other)]
    before, after = (outcomes_of(_own(given, records)) for given, records, _ in runs)
    common = sorted(set(before) & set(after))
    if not common:
        raise InvalidRequest("runs", f"{one} and {other} have no task in common")
    mean, low, high = difference(before, after)
    changed = sum(_rate(before[task]) != _rate(after[task]) for task in common)
    if changed < ENOUGH:
        verdict = f"cannot be told from the first: only {changed} tasks went differently"
    else:
        verdict = "solves more" if low > 0 else "solves less" if high < 0 else "cannot be told from the first by these tasks"
    rows = [
        [str(given["model"]), percent(sum(map(_rate, (outcomes[task] for task in common))) / len(common))]
        for (given, _, _), outcomes in zip(runs, (before, after), strict=True)
    ]
    lines = [
        table(["", f"pass@1 on {len(common)} common tasks"], rows),
        f"Difference {100 * mean:+.1f} points, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}: the second {verdict}.",
        *_differing(runs[0][0], runs[1][0]),
    ]
    return "\n\n".join(lines) + "\n"


def _own(given: Mapping[str, Any], records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.subject == given["model"]]


def _rate(outcomes: Sequence[int]) -> float:
    return sum(outcomes) / len(outcomes)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    fields = [field for field in SAME if one.get(field) != other.get(field)]
    return [f"**Not the same conditions**: they differ in {', '.join(fields)}."] if fields else []
