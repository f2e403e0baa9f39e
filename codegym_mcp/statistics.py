"""How well something does, and how sure that is: pass@k, pass^k, intervals, paired differences. No rollouts here."""

import random
from collections.abc import Callable, Mapping, Sequence
from math import comb, sqrt
from statistics import NormalDist
from typing import TypeVar

DRAWS, MIN_DRAWS, MOST_ROWS = 10_000, 1_000, 1_000_000
"""How often a bootstrap draws: less often where there are very many tasks, for seconds' sake."""
LEVEL = 0.95
T = TypeVar("T")

Outcomes = Mapping[str, Sequence[int]]
"""Task -> 1 for each episode that solved it, else 0."""
Interval = tuple[float, float, float]
"""A figure, and the ends of its 95 % interval: mean, low, high."""


def difference(before: Outcomes, after: Outcomes, seed: int = 0) -> Interval:
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
    pairs = [(before[task], after[task]) for task in tasks]
    low, high = _interval(pairs, lambda pair, rng: _redrawn(pair[1], rng) - _redrawn(pair[0], rng), seed)
    return sum(rate(two) - rate(one) for one, two in pairs) / len(pairs), low, high


def pass_rate(outcomes: Outcomes, seed: int = 0) -> Interval:
    """Mean over tasks of the share of episodes that solve it (pass@1), with its 95 % interval: mean, low, high.

    Drawn as in `difference`: tasks, then episodes within each. With one episode of each task it is Wilson's interval; where
    all episodes ended alike there is nothing to draw from, and it is the exact one for as many tasks (Clopper and Pearson).

    Raises:
        ValueError: there is no task.
    """
    rows = [outcomes[task] for task in sorted(outcomes)]
    if not rows:
        raise ValueError("an evaluation needs at least one task")
    mean = sum(map(rate, rows)) / len(rows)
    if mean in (0.0, 1.0):
        edge = ((1 - LEVEL) / 2) ** (1 / len(rows))
        return (mean, 0.0, 1 - edge) if mean == 0.0 else (mean, edge, 1.0)
    if max(map(len, rows)) == 1:
        return mean, *_wilson(mean, len(rows))
    return mean, *_interval(rows, _redrawn, seed)


def mean_interval(values: Mapping[str, Sequence[float]], seed: int = 0) -> Interval:
    """Mean over tasks of the mean of each one's values, with its 95 % interval.

    Ones and zeros have the interval of `pass_rate`. Other values are drawn as there: tasks, then values within each.

    Args:
        values: task -> a value for each of its episodes, or one for all of them.

    Raises:
        ValueError: there is no task.
    """
    if all(value in (0, 1) for row in values.values() for value in row):
        return pass_rate({task: [int(value) for value in row] for task, row in values.items()}, seed)
    rows = [values[task] for task in sorted(values)]
    low, high = _interval(rows, lambda row, rng: rate(rng.choices(row, k=len(row))), seed)
    return sum(map(rate, rows)) / len(rows), low, high


def hat_interval(outcomes: Outcomes, k: int) -> Interval:
    """pass^k with its 95 % interval, drawn over tasks alone.

    Episodes are not drawn again within a task: one that is drawn twice agrees with itself, which would make it likelier
    that all of k solve the task.

    Raises:
        ValueError: a task has fewer than k episodes.
    """
    return mean_interval({task: [pass_hat_k({task: row}, k)] for task, row in outcomes.items()})


def pass_at_k(outcomes: Outcomes, k: int) -> float:
    """How likely at least one of k episodes of a task solves it, on average over tasks. Source: arXiv 2107.03374.

    Raises:
        ValueError: a task has fewer than k episodes.
    """
    return _over_tasks(outcomes, k, lambda n, c: 1 - comb(n - c, k) / comb(n, k))


def pass_hat_k(outcomes: Outcomes, k: int) -> float:
    """How likely all of k episodes of a task solve it (pass^k), on average over tasks. Source: arXiv 2406.12045.

    Raises:
        ValueError: a task has fewer than k episodes.
    """
    return _over_tasks(outcomes, k, lambda n, c: comb(c, k) / comb(n, k))


def _over_tasks(outcomes: Outcomes, k: int, estimate: Callable[[int, int], float]) -> float:
    if not outcomes or not 1 <= k <= min(map(len, outcomes.values())):
        raise ValueError(f"k = {k} needs at least so many episodes of every task")
    return sum(estimate(len(row), sum(row)) for row in outcomes.values()) / len(outcomes)


def _interval(rows: Sequence[T], value: Callable[[T, random.Random], float], seed: int) -> tuple[float, float]:
    """The middle 95 % of the mean of `value` over rows that are drawn with replacement."""
    rng = random.Random(seed)
    draws = max(MIN_DRAWS, min(DRAWS, MOST_ROWS // len(rows)))
    drawn = sorted(sum(value(row, rng) for row in rng.choices(rows, k=len(rows))) / len(rows) for _ in range(draws))
    tail = (1 - LEVEL) / 2
    return drawn[int(tail * draws)], drawn[int((1 - tail) * draws) - 1]


def _wilson(share: float, size: int) -> tuple[float, float]:
    """The score interval of a binomial share. Source: Wilson 1927."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    centre, half = share + z * z / (2 * size), z * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return (centre - half) / (1 + z * z / size), (centre + half) / (1 + z * z / size)


def rate(values: Sequence[float]) -> float:
    """Mean of values: the share of ones, where they are ones and zeros."""
    return sum(values) / len(values)


def _redrawn(outcomes: Sequence[int], rng: random.Random) -> float:
    """Pass rate of as many episodes drawn from these: the count of ones is binomial."""
    size, share = len(outcomes), rate(outcomes)
    return sum(rng.random() < share for _ in range(size)) / size
