"""`targets` lists ratios as [numerator, denominator]. For each target, in order, a gear is found by a descent between two
bounds, which are [0, 1] on the left and [1, 0] on the right at first.

In each step the mean of both bounds is worked out and compared with the target. If its error is at most `tolerance`, or it
is the step number `depth` of this descent, counting from 1, the mean is the gear of the target. Otherwise, if the mean is
smaller than the target, it becomes the left bound; if it is greater, the right bound. (A mean that equals the target has
the error 0.)

A turn is a step after which the other bound is replaced than after the step before; the last step, after which none is
replaced, and the first step are no turns. The wear of a gear depends on its mean and on the number of turns of its descent.

The answer is the sum of all wears, the number of steps of all descents, and the last gear as [numerator, denominator]."""


def mean(left: list[int], right: list[int]) -> list[int]:
    """Work out the mean of two bounds.

    Args:
        left: the left bound as [numerator, denominator].
        right: the right bound.

    Returns:
        the mean as [numerator, denominator].

    Example:
        mean(left=[0, 1], right=[1, 0]) -> [1, 1]
    """
    return [left[0] + right[0], left[1] + right[1]]


def error(ratio: list[int], target: list[int]) -> int:
    """Work out the error of a ratio.

    Args:
        ratio: the ratio as [numerator, denominator].
        target: the target.

    Returns:
        the error in thousandths of the target, rounded up.

    Example:
        error(ratio=[1, 1], target=[5, 7]) -> 400
    """
    if min(*ratio, *target) < 1:
        raise ValueError("numerators and denominators must be at least 1")
    apart = abs(ratio[0] * target[1] - target[0] * ratio[1])
    return -(-1000 * apart // (ratio[1] * target[0]))


def is_smaller(ratio: list[int], target: list[int]) -> bool:
    """Tell whether a ratio is smaller than a target.

    Args:
        ratio: the ratio as [numerator, denominator].
        target: the target.

    Returns:
        whether it is smaller.

    Example:
        is_smaller(ratio=[1, 1], target=[5, 7]) -> false
    """
    return ratio[0] * target[1] < target[0] * ratio[1]


def wear(ratio: list[int], turns: int) -> int:
    """Work out the wear of a gear.

    Args:
        ratio: its ratio as [numerator, denominator].
        turns: the number of turns of its descent.

    Returns:
        the wear.

    Example:
        wear(ratio=[2, 3], turns=1) -> 16
    """
    return 3 * (ratio[0] + ratio[1]) + 2 * turns + (ratio[0] * ratio[1] + turns) % 6 - 2


def solution(targets: list[list[int]], tolerance: int, depth: int) -> dict[str, int | list[int]]:
    """Find all gears.

    Returns:
        the sum of the "wears", the number of "steps" and the "last" gear. Example: {"wears": 71, "steps": 9, "last": [3, 4]}.
    """
    wears = steps = 0
    gear = [1, 1]
    for target in targets:
        goal = [target[0], target[1]]
        left, right, turns, step, side = [0, 1], [1, 0], 0, 1, ""
        gear = mean(left, right)
        while step < depth and error(gear, goal) > tolerance:
            if is_smaller(gear, goal):
                left = gear
                turns += side == "right"
                side = "left"
            else:
                right = gear
                turns += side == "left"
                side = "right"
            gear = mean(left, right)
            step += 1
        wears += wear(gear, turns)
        steps += step
    return {"wears": wears, "steps": steps, "last": gear}


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, depth, tolerance = {"easy": (2, 4, 40), "medium": (3, 6, 25), "hard": (rng.randint(5, 6), 9, 5)}[level]
    targets = []
    while len(targets) < count:
        target = [rng.randint(5, 60), rng.randint(5, 60)]
        if 1 / 3 < target[0] / target[1] < 3 and target[0] != target[1]:
            targets.append(target)
    return {"targets": targets, "tolerance": tolerance, "depth": depth}
