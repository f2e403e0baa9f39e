"""What verification gives: a proven environment as plain data, for the journal, the card and the data set."""

from collections import Counter
from math import comb
from typing import Any

from codegym_mcp.card import card_of
from codegym_mcp.report import Report
from codegym_mcp.types import Data, Task
from synth.problem import Candidate


class Attempt(Data):
    """How one sampled solver fared."""

    passed: int = 0
    """Inputs it was right on before its first failure."""
    calls: int = 0
    """Tool calls it made, counted here."""
    failure: str = ""
    """Empty: it solved everything, with calls that all succeeded."""


class PassAtK(Data):
    """What K sampled solvers show. `sampled` and what stands in `attempts` differ where some were equal or no solvers."""

    sampled: int
    distinct: int
    """That differ in more than names and comments."""
    passed: int
    """Distinct ones that solve every input."""
    chosen: int | None
    """Place of the one that becomes the oracle."""
    attempts: tuple[Attempt, ...]

    def at(self, k: int) -> float:
        """The chance that one of k of the distinct solvers solves it: 1 - C(n - c, k) / C(n, k)."""
        n, c = self.distinct, self.passed
        return 1.0 - comb(n - c, k) / comb(n, k) if 0 < k <= n else float(c > 0)


class Mutants(Data):
    """How many changes of the rules the verdicts noticed."""

    made: int
    killed: int
    survivors: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share that was noticed."""
        return self.killed / self.made if self.made else 1.0


class Verified(Data):
    """An environment with its proof."""

    candidate: Candidate
    """Its `env` holds the oracle that was proven."""
    tasks: tuple[Task, ...]
    """The inputs that are worth playing, in the order of their levels."""
    report: Report
    """What codegym check found, and left out."""
    needed: tuple[str, ...]
    """Domain tools without which the oracle does not get there, each form once."""
    idle: dict[str, str]
    """The other domain tools: why they do not count."""
    mutants: Mutants
    solvers: PassAtK | None = None
    """Where solvers were sampled."""
    unseen: int = 0
    """Inputs drawn for this purpose alone that the oracle was right on."""
    seconds: float = 0.0
    """Wall time it took."""

    def card(self) -> dict[str, Any]:
        """The content of card.json: facts alone, the same for the same candidate on any machine."""
        problem = self.candidate.problem
        known: dict[str, Any] = {
            "topic": problem.topic,
            "source": problem.source,
            "licence": problem.licence,
            "problem": problem.id,
            "benchmark": problem.benchmark,
            "route": self.candidate.route,
            "needed_tools": list(self.needed),
            "idle_tools": self.idle,
            "unseen_inputs": self.unseen,
            "mutants": self.mutants.model_dump(mode="json"),
            "dropped_tasks": dict(sorted(Counter(self.report.dropped.values()).items())),
        }
        if self.solvers is not None:
            numbers = self.solvers.model_dump(include={"sampled", "distinct", "passed", "chosen"})
            known["pass_at_k"] = {**numbers, "at_1": round(self.solvers.at(1), 4)}
        return card_of(self.report, known)
