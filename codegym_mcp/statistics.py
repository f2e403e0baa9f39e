"""How sure a difference between two evaluations is. No rollouts here."""

import random
from collections.abc import Mapping, Sequence

DRAWS = 10_000
LEVEL = 0.95

Outcomes = Mapping[str, Sequence[int]]
"""Task -> 1 for each episode that solved it, else 0."""


def difference(before: Outcomes, after: Outcomes, seed: int = 0) -> tuple[float, float, float]:
    """Pass rate after minus before, with its 95 % interval: mean, low, high.

    A bootstrap in two levels: tasks are drawn (the same ones for both sides: the comparison is paired), then episodes
    within each. Episodes of one task are alike, so drawing episodes alone would give too narrow an interval.

    Args:
        before, after: a task that one of them lacks (machines failed in all of its episodes) is left out.

    Raises:
        ValueError: no task is in both.
    """
    tasks = sorted(set(before) & set(after))
    if not tasks:
        raise ValueError("the evaluations have no task in common")
    rng = random.Random(seed)
    pairs = [(before[task], after[task]) for task in tasks]
    drawn = sorted(
        sum(_redrawn(two, rng) - _redrawn(one, rng) for one, two in rng.choices(pairs, k=len(pairs))) / len(pairs)
        for _ in range(DRAWS)
    )
    tail = (1 - LEVEL) / 2
    low, high = drawn[int(tail * DRAWS)], drawn[int((1 - tail) * DRAWS) - 1]
    return sum(rate(two) - rate(one) for one, two in pairs) / len(pairs), low, high


def rate(outcomes: Sequence[int]) -> float:
    """Share of ones."""
    return sum(outcomes) / len(outcomes)


def _redrawn(outcomes: Sequence[int], rng: random.Random) -> float:
    """Pass rate of as many episodes drawn from these: the count of ones is binomial."""
    size, share = len(outcomes), rate(outcomes)
    return sum(rng.random() < share for _ in range(size)) / size
