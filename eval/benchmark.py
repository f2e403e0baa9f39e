"""What every benchmark offers: tasks, baselines, and a way to play one task with a policy."""

import random
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from codegym_mcp.rollout import Policy
from codegym_mcp.types import Task, Trajectory
from eval.settings import Settings

Key = tuple[str, str]
"""Environment and id of a task."""
RIGHT_CELLS, CELLS = "right cells", "cells"
"""Figures of a trajectory whose answer is a table: how many of its cells are right, and of how many."""


class Benchmark(Protocol):
    """One benchmark, ready to be played. Use as `async with`: it may hold processes, files and connections."""

    name: str
    split: str
    """Which of its tasks these are, in words, for the report."""
    official: bool
    """Whether they are the benchmark's own: what a protocol says of its tasks is said of those alone."""

    async def __aenter__(self) -> Self:
        """Make it ready.

        Raises:
            Absent: data or a package is missing; says which, and how to get it.
        """

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of everything."""

    def versions(self) -> dict[str, str]:
        """What a result depends on besides the settings: packages, data sets."""

    def tasks(self) -> Sequence[Task]:
        """All of its tasks, in an order that never changes."""

    def oracle_calls(self) -> Mapping[Key, int]:
        """Calls that the reference needs, where known."""

    def baseline(self, name: str) -> Policy | None:
        """The policy `oracle`, `random` or `nothing`; None: it has no such one."""

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode. Never raises for a failed machine or policy: see Trajectory.error."""


def draw(tasks: Sequence[Task], settings: Settings) -> list[Task]:
    """The tasks that are played: all, or as many as the settings say, drawn by their seed and kept in order."""
    if not 0 < settings.tasks < len(tasks):
        return list(tasks)
    chosen = random.Random(settings.seed).sample(range(len(tasks)), settings.tasks)
    return [tasks[number] for number in sorted(chosen)]
