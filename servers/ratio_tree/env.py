"""`targets` lists ratios as [numerator, denominator]."""

import copy

from codegym_mcp import Environment, tool


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


class RatioTree(Environment):
    """`targets` lists ratios as [numerator, denominator]. For each target, in order, a gear is found by a descent between
    two
    bounds, which are [0, 1] on the left and [1, 0] on the right at first.

    In each step the mean of both bounds is worked out and compared with the target. If its error is at most
    `tolerance`, or it is the step number `depth` of this descent, counting from 1, the mean is the gear of the target.
    Otherwise, if the mean is smaller than the target, it becomes the left bound; if it is greater, the right bound. (A
    mean that equals the target has the error 0.)

    A turn is a step after which the other bound is replaced than after the step before; the last step, after which none
    is replaced, and the first step are no turns. The wear of a gear depends on its mean and on the number of turns of
    its descent.

    The answer is the sum of all wears, the number of steps of all descents, and the last gear as [numerator,
    denominator].

    The input is hidden (targets); the tools give access to it. Observe shows what is known from the start: sizes, and
    tolerance, depth.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, targets: list[list[int]], tolerance: int, depth: int) -> None:
        self.targets = targets
        self.tolerance = tolerance
        self.depth = depth

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "tolerance": a whole number, given as it is.
            "depth": a whole number, given as it is.
            "targets": number of items of targets.

        Example:
            Observe() -> {"tolerance": 40, "depth": 4, "targets": 2}
        """
        return {"tolerance": self.tolerance, "depth": self.depth, "targets": len(self.targets)}

    @tool
    def ReadTarget(self, index: int) -> list[int]:
        """Read one item of targets.

        Args:
            index: position in targets, counted from 0.

        Returns:
            the item.

        Example:
            ReadTarget(index=0) -> [32, 29]
        """
        if not 0 <= index < len(self.targets):
            raise ValueError(f"index must be from 0 to {len(self.targets) - 1}, got {index}")
        return self.targets[index]

    @tool
    def Mean(self, left: list[int], right: list[int]) -> list[int]:
        """Work out the mean of two bounds.

        Args:
            left: the left bound as [numerator, denominator].
            right: the right bound.

        Returns:
            the mean as [numerator, denominator].

        Example:
            Mean(left=[0, 1], right=[1, 0]) -> [1, 1]
        """
        return mean(left, right)

    @tool
    def Error(self, ratio: list[int], target: list[int]) -> int:
        """Work out the error of a ratio.

        Args:
            ratio: the ratio as [numerator, denominator].
            target: the target.

        Returns:
            the error in thousandths of the target, rounded up.

        Example:
            Error(ratio=[1, 1], target=[5, 7]) -> 400
        """
        return error(ratio, target)

    @tool
    def IsSmaller(self, ratio: list[int], target: list[int]) -> bool:
        """Tell whether a ratio is smaller than a target.

        Args:
            ratio: the ratio as [numerator, denominator].
            target: the target.

        Returns:
            whether it is smaller.

        Example:
            IsSmaller(ratio=[1, 1], target=[5, 7]) -> false
        """
        return is_smaller(ratio, target)

    @tool
    def Wear(self, ratio: list[int], turns: int) -> int:
        """Work out the wear of a gear.

        Args:
            ratio: its ratio as [numerator, denominator].
            turns: the number of turns of its descent.

        Returns:
            the wear.

        Example:
            Wear(ratio=[2, 3], turns=1) -> 16
        """
        return wear(ratio, turns)

    def answer(self) -> dict[str, int | list[int]]:
        """Find all gears.

        Returns:
            the sum of the "wears", the number of "steps" and the "last" gear. Example: {"wears": 71, "steps": 9,
                "last": [3, 4]}.
        """
        targets = copy.deepcopy(self.targets)
        tolerance = self.tolerance
        depth = self.depth
        wears = steps = 0
        gear = [1, 1]
        for target in targets:
            goal = [target[0], target[1]]
            left, right, turns, step, side = ([0, 1], [1, 0], 0, 1, "")
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

    def solve(self, call):
        seen = call("Observe")
        tolerance = seen["tolerance"]
        depth = seen["depth"]
        wears = steps = 0
        gear = [1, 1]
        for target in (call("ReadTarget", index=index) for index in range(seen["targets"])):
            goal = [target[0], target[1]]
            left, right, turns, step, side = ([0, 1], [1, 0], 0, 1, "")
            gear = call("Mean", left=left, right=right)
            while step < depth and call("Error", ratio=gear, target=goal) > tolerance:
                if call("IsSmaller", ratio=gear, target=goal):
                    left = gear
                    turns += side == "right"
                    side = "left"
                else:
                    right = gear
                    turns += side == "left"
                    side = "right"
                gear = call("Mean", left=left, right=right)
                step += 1
            wears += call("Wear", ratio=gear, turns=turns)
            steps += step
        return call("Done", answer={"wears": wears, "steps": steps, "last": gear})

    @staticmethod
    def generate(rng, level):
        count, depth, tolerance = {"easy": (2, 4, 40), "medium": (3, 6, 25), "hard": (rng.randint(5, 6), 9, 5)}[level]
        targets = []
        while len(targets) < count:
            target = [rng.randint(5, 60), rng.randint(5, 60)]
            if 1 / 3 < target[0] / target[1] < 3 and target[0] != target[1]:
                targets.append(target)
        return {"targets": targets, "tolerance": tolerance, "depth": depth}
