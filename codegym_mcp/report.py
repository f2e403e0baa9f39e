"""What was found about an environment, and the bounds it was held against. Data for check.py and for cards; no checks here."""

from collections import Counter
from dataclasses import dataclass, field

from codegym_mcp.types import Step

CHECKS = (
    *("load", "schema", "tools", "calls", "gold", "no-op", "wrong answer", "determinism", "rollback"),
    *("yes/no", "guessable", "shortcut", "hidden", "random"),
)
"""Names of all checks, in the order they are printed."""
FLAGS = ("tools", "calls", "determinism", "random", "guessable", "yes/no", "shortcut", "hidden")
"""Checks that a published environment may fail: noted on its card."""


@dataclass(frozen=True)
class Thresholds:
    """Bounds that environments keep; the paper's values, where it has them."""

    min_tools: int = 4
    """Declared tools, Observe and Done among them (paper, section on filters)."""
    calls: tuple[int, int] = (10, 256)
    """Fewest and most oracle calls of a task (paper: T_min and T_max)."""
    hard_calls: tuple[int, int] = (10, 512)
    """The same for tasks of the level hard (paper: the variant for long chains of thought)."""
    tiny_calls: tuple[int, int] = (3, 8)
    """The same for tasks of the level tiny, which are there to try things out."""
    min_tasks: int = 4
    """Tasks that must be left; with fewer, one constant answer solves too many."""
    answer_chars: int = 256
    """Longest answer as JSON. The reference pipeline has 100, which cuts off maps with a key for each item."""
    max_guess: float = 0.25
    """Share of the tasks that the best constant answer may solve."""
    max_shortcut: float = 0.25
    """Share of the tasks that a plan may solve without the work: see leaks.py."""
    max_revealed: float = 0.25
    """Share of the tasks whose whole configuration Observe may show."""
    max_random: float = 0.05
    """Share of the episodes that random calls may solve, per environment."""
    max_mean_random: float = 0.02
    """The same on average over a data set."""
    random_episodes: int = 60
    """Random episodes per environment: not one lucky in 60, and with 95 % certainty fewer than 1 in 20 are."""
    more_random_episodes: int = 200
    """The same once one of them was lucky."""
    replayed: int = 2
    """Tasks of each level that are played again, the first of them with a restore before every call; see `Checker.check`."""
    rollout_s: float = 600.0
    """Seconds one rollout of an oracle may take on a busy machine: each call in time is no promise that they ever end."""

    def calls_at(self, level: str) -> tuple[int, int]:
        """Fewest and most oracle calls of a task."""
        return {"tiny": self.tiny_calls, "hard": self.hard_calls}.get(level, self.calls)


PAPER = Thresholds()


@dataclass
class TaskFacts:
    """What was measured on one task. Rewards are 0.0 or 1.0; None where it did not come to that."""

    level: str
    split: str
    oracle_calls: int = 0
    distinct_tools: int = 0
    trace: str = ""
    """Short hash of the oracle's calls, its answer included: tasks with an equal one ask for the same work."""
    oracle: float | None = None
    """Reward of the oracle."""
    gold: float | None = None
    """Reward for submitting the reference."""
    no_op: float | None = None
    """Best reward for submitting null or something empty."""
    wrong: float | None = None
    """Best reward of several answers near the reference."""
    random: float | None = None
    """Reward of a policy that makes random calls and submits a guess."""
    replayed: bool = False
    """Whether it was replayed call by call under another hash seed."""


@dataclass
class Report:
    """What was found about one environment."""

    environment: str
    tools: int = 0
    tasks: dict[str, TaskFacts] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    """Check -> what is wrong."""
    flags: dict[str, list[str]] = field(default_factory=dict)
    """Check -> what lessens the worth of a published environment."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Task id -> why it was left out."""
    references: dict[str, str] = field(default_factory=dict)
    """Task id -> reference answer as JSON. For no agent's eyes."""
    plans: dict[str, int] = field(default_factory=dict)
    """Plan without work -> tasks it solves."""
    observed: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Task id -> what Observe shows at first, and whether that is the whole configuration."""
    random_episodes: int = 0
    random_solved: int = 0
    steps: dict[str, list[Step]] = field(default_factory=dict)
    """Task id -> the oracle's calls."""
    hash: str = ""
    published: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, check: str, what: str) -> None:
        """Note a finding."""
        notes = self.flags if self.published and check in FLAGS else self.findings
        notes.setdefault(check, []).append(what)

    def drop(self, task: str, why: str) -> None:
        """Leave a task out."""
        self.dropped[task] = why
        for facts in (self.tasks, self.references, self.observed, self.steps):
            facts.pop(task, None)

    @property
    def guess(self) -> float:
        """Share of the tasks that the best constant answer solves."""
        return max(Counter(self.references.values()).values(), default=0) / max(1, len(self.references))

    @property
    def shortcut(self) -> float:
        """Share of the tasks that the best plan without work solves."""
        return max(self.plans.values(), default=0) / max(1, len(self.references))

    @property
    def revealed(self) -> float:
        """Share of the tasks whose whole configuration Observe shows."""
        return sum(whole for _, whole in self.observed.values()) / max(1, len(self.observed))

    @property
    def random_reward(self) -> float:
        """Mean reward of random episodes."""
        return self.random_solved / max(1, self.random_episodes)
