"""A plan that works, with what makes one better than another: tools that count, calls that fit."""

from dataclasses import dataclass

from synth.extract.drafts import Draft, Plan
from synth.extract.trials import Played

MIN_TOOLS = 4
"""Tools that count, Observe and Done among them (paper, section on filters)."""
MAX_TOOLS = 10
"""Tools of an environment, Observe and Done apart."""
WANTED_TOOLS = 7
"""With so many, no further fragments are looked for."""
MIN_CALLS, MAX_CALLS = 10, 256
MIN_FITTING = 4
"""Inputs that should have a fit number of calls."""


@dataclass
class State:
    """A plan that works, and what is known of it."""

    plan: Plan
    drafts: dict[str, Draft]
    played: Played

    def counted(self) -> list[Draft]:
        """Tools that differ and are used; Observe and Done apart."""
        found: dict[str, Draft] = {}
        for name, draft in self.drafts.items():
            if name in self.played.used:
                found.setdefault(draft.normal, draft)
        return list(found.values())

    @property
    def tools(self) -> int:
        """How many tools count, Observe and Done among them."""
        return len(self.counted()) + 2

    @property
    def logic(self) -> int:
        """How many of them carry logic."""
        return sum(draft.role == "logic" for draft in self.counted())

    @property
    def fitting(self) -> int:
        """Inputs with a fit number of calls."""
        return sum(MIN_CALLS <= calls <= MAX_CALLS for calls in self.played.calls)

    @property
    def enough(self) -> bool:
        """Whether it counts as an environment."""
        return self.tools >= MIN_TOOLS and self.logic >= 1 and self.fitting >= 1

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """What makes one better than another."""
        return self.enough, min(self.fitting, MIN_FITTING), min(self.logic, 2), min(self.tools, WANTED_TOOLS)

    @property
    def good(self) -> bool:
        """Whether there is no need to look for a better one."""
        return self.enough and self.fitting >= min(MIN_FITTING, len(self.played.calls)) and self.tools > MIN_TOOLS
