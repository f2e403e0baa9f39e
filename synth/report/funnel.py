"""How many problems reach which stage, by source, and why the others did not: the numbers every run ends with."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth.problem import Problem, Rejection

STEPS = ("in", "read", "original", "made", "verified", "kept")
"""What a problem has behind it: seen; read; its original solution answers; an environment was made; proven; chosen."""
STEP_TEXTS = {
    "in": "in",
    "read": "read",
    "original": "original runs",
    "made": "extracted",
    "verified": "verified",
    "kept": "kept",
}
REFUSED_AT = {"read": 0, "original": 1, "extract": 2, "generate": 2, "verify": 3, "filter": 4}
"""Stage of a rejection -> index of the last step reached."""


@dataclass
class Way:
    """How far one problem came."""

    id: str
    source: str
    rejections: list[Rejection] = field(default_factory=list)
    """One per route tried; empty: an environment came of it."""
    last: str = STEPS[-1]
    """The step after which the run stops."""

    @property
    def reached(self) -> int:
        """Index of the last step it reached."""
        stages = {one.stage for one in self.rejections}
        if "original" in stages:
            stages -= {"generate"}  # tried in vain, without an original that runs
        return max((REFUSED_AT[stage] for stage in stages), default=STEPS.index(self.last))


class Funnel:
    """Counts of steps by source, and of reasons by stage."""

    def __init__(self, ways: Iterable[Way] = (), *, route: str = "extract") -> None:
        self.route = route
        self.sources: dict[str, list[int]] = {}
        """Source -> how many reached each step."""
        self.reasons: Counter[tuple[str, str]] = Counter()
        """Stage and reason -> how many were refused."""
        for way in ways:
            counts = self.sources.setdefault(way.source, [0] * len(STEPS))
            for step in range(way.reached + 1):
                counts[step] += 1
            self.reasons.update((one.stage, one.reason) for one in way.rejections)

    @property
    def total(self) -> list[int]:
        """How many of all sources reached each step."""
        return [sum(counts) for counts in zip(*self.sources.values(), strict=True)] or [0] * len(STEPS)

    def to_json(self) -> dict[str, Any]:
        """As plain data, in a fixed order."""
        return {
            "route": self.route,
            "sources": {name: dict(zip(STEPS, self.sources[name], strict=True)) for name in sorted(self.sources)},
            "reasons": [{"stage": stage, "reason": reason, "count": n} for (stage, reason), n in self.common_reasons()],
        }

    @classmethod
    def load(cls, path: Path) -> "Funnel":
        """A funnel that was written."""
        data = json.loads(path.read_text(encoding="utf-8"))
        funnel = cls(route=data["route"])
        funnel.sources = {name: [counts[step] for step in STEPS] for name, counts in data["sources"].items()}
        funnel.reasons = Counter({(one["stage"], one["reason"]): one["count"] for one in data["reasons"]})
        return funnel

    def common_reasons(self) -> list[tuple[tuple[str, str], int]]:
        """Reasons by stage, the commonest of each first."""
        return sorted(self.reasons.items(), key=lambda one: (REFUSED_AT[one[0][0]], one[0][0], -one[1], one[0][1]))

    def headings(self) -> list[str]:
        """What the steps are called in a table."""
        made = {"extract": "extracted", "generate": "generated"}.get(self.route, "extracted or generated")
        return [{**STEP_TEXTS, "made": made}[step] for step in STEPS]


def yield_of(counts: Sequence[int]) -> str:
    """Share of the verified problems that became environments."""
    verified = counts[STEPS.index("original")]
    return f"{counts[-1] / verified:.0%}" if verified else "-"


def way_of(item: Problem | Rejection, last: str = STEPS[-1]) -> Way:
    """The beginning of a way; what could not be read ends there."""
    if isinstance(item, Problem):
        return Way(item.id, item.source or "unnamed", last=last)
    return Way(item.id, "unread", [item])
