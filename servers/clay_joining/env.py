"""Lumps of clay lie in a row; lumps are numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class Bench:
    """The weights, the stiffness of the clay, and the ranges noted so far."""

    def __init__(self, weights: list[int], stiffness: list[int]) -> None:
        self.weights, self.stiffness = weights, stiffness
        self.costs: dict[str, int] = {}
        self.splits: dict[str, int] = {}

    def _cost(self, first: int, last: int) -> int:
        if not 0 <= first <= last < len(self.weights):
            raise ValueError(f"there is no range from {first} to {last}")
        if first < last and f"{first}-{last}" not in self.costs:
            raise ValueError(f"the range from {first} to {last} has not been noted")
        return self.costs.get(f"{first}-{last}", 0)

    def weigh(self, lump: int) -> int:
        """Weigh a lump of the row.

        Args:
            lump: its number, from 0.

        Returns:
            the weight.

        Example:
            weigh(lump=1) -> 7
        """
        if not 0 <= lump < len(self.weights):
            raise ValueError(f"lump must be from 0 to {len(self.weights) - 1}, got {lump}")
        return self.weights[lump]

    def split_cost(self, first: int, middle: int, last: int) -> int:
        """Work out the cost of a range that is joined of two noted ranges (single lumps need no note).

        Args:
            first: its first lump.
            middle: last lump of the left one of the two ranges.
            last: its last lump.

        Returns:
            the cost of the range in this case.

        Example:
            split_cost(first=0, middle=0, last=1) -> 23
        """
        below = self._cost(first, middle) + self._cost(middle + 1, last)
        left, right = sum(self.weights[first : middle + 1]), sum(self.weights[middle + 1 : last + 1])
        return below + max(left, right) + self.stiffness[middle] * min(left, right)

    def note_range(self, first: int, last: int, cost: int, middle: int) -> int:
        """Note the cost and the split of a range.

        Args:
            first: its first lump.
            last: its last lump, greater than first.
            cost: the smallest cost.
            middle: the lump after which it is split.

        Returns:
            how many ranges have been noted.

        Example:
            note_range(first=0, last=1, cost=23, middle=0) -> 1
        """
        if not 0 <= first <= middle < last < len(self.weights):
            raise ValueError(f"there is no range from {first} to {last} with a split after {middle}")
        self.costs[f"{first}-{last}"], self.splits[f"{first}-{last}"] = cost, middle
        return len(self.costs)

    def noted_split(self, first: int, last: int) -> int:
        """Look up the split of a noted range.

        Args:
            first: its first lump.
            last: its last lump, greater than first.

        Returns:
            the lump after which it is split.

        Example:
            noted_split(first=0, last=1) -> 0
        """
        if first == last:
            raise ValueError("a single lump is not split")
        self._cost(first, last)
        return self.splits[f"{first}-{last}"]


class ClayJoining(Environment):
    """Lumps of clay lie in a row; lumps are numbered from 0. Two neighbours can be joined to one lump, again and again,
    until the whole row is one lump. A lump that was joined from the lumps `first` to `last` of the row is called a
    range; a single lump is a range too and costs nothing. What it takes to join two neighbouring ranges depends on
    both.

    A plan says for each range of at least two lumps after which lump it is split into the two ranges of which it is
    joined. The cost of a range is the cost of both of these ranges and of joining them. The plan must make the cost as
    small as possible for every range; between splits with the same cost it takes the one after the smallest lump. The
    costs of shorter ranges have to be noted before those of longer ones can be worked out.

    In the plan for the whole row, the depth of a lump is the number of joins it goes through.

    The answer is the cost of the whole row, and the sum of weight times depth over all lumps.

    The input is hidden (weights, stiffness); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, weights: list[int], stiffness: list[int]) -> None:
        self.weights = weights
        self.stiffness = stiffness
        self.bench = Bench(copy.deepcopy(self.weights), copy.deepcopy(self.stiffness))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "weights": number of items of weights.
            "stiffness": number of items of stiffness.

        Example:
            Observe() -> {"weights": 4, "stiffness": 4}
        """
        return {"weights": len(self.weights), "stiffness": len(self.stiffness)}

    @tool
    def Weigh(self, lump: int) -> int:
        """Weigh a lump of the row.

        Args:
            lump: its number, from 0.

        Returns:
            the weight.

        Example:
            Weigh(lump=1) -> 7
        """
        return self.bench.weigh(lump)

    @tool
    def SplitCost(self, first: int, middle: int, last: int) -> int:
        """Work out the cost of a range that is joined of two noted ranges (single lumps need no note).

        Args:
            first: its first lump.
            middle: last lump of the left one of the two ranges.
            last: its last lump.

        Returns:
            the cost of the range in this case.

        Example:
            SplitCost(first=0, middle=0, last=1) -> 23
        """
        return self.bench.split_cost(first, middle, last)

    @tool
    def NoteRange(self, first: int, last: int, cost: int, middle: int) -> int:
        """Note the cost and the split of a range.

        Args:
            first: its first lump.
            last: its last lump, greater than first.
            cost: the smallest cost.
            middle: the lump after which it is split.

        Returns:
            how many ranges have been noted.

        Example:
            NoteRange(first=0, last=1, cost=23, middle=0) -> 1
        """
        return self.bench.note_range(first, last, cost, middle)

    @tool
    def NotedSplit(self, first: int, last: int) -> int:
        """Look up the split of a noted range.

        Args:
            first: its first lump.
            last: its last lump, greater than first.

        Returns:
            the lump after which it is split.

        Example:
            NotedSplit(first=0, last=1) -> 0
        """
        return self.bench.noted_split(first, last)

    def answer(self) -> dict[str, int]:
        """Plan the joining.

        Returns:
            the "cost" of the whole row and the sum of weight times depth, "moved". Example: {"cost": 118, "moved": 75}.
        """
        weights = copy.deepcopy(self.weights)
        stiffness = copy.deepcopy(self.stiffness)
        bench = Bench(weights, stiffness)
        count = len(weights)
        cost = 0
        for width in range(1, count):
            for first in range(count - width):
                options = []
                for middle in range(first, first + width):
                    options.append([bench.split_cost(first, middle, first + width), middle])
                cost, chosen = min(options)
                bench.note_range(first, first + width, cost, chosen)
        moved = 0
        ranges = [[0, count - 1, 0]]
        while ranges:
            first, last, depth = ranges.pop()
            if first == last:
                moved += depth * bench.weigh(first)
                continue
            middle = bench.noted_split(first, last)
            ranges.append([first, middle, depth + 1])
            ranges.append([middle + 1, last, depth + 1])
        return {"cost": cost, "moved": moved}

    def solve(self, call):
        seen = call("Observe")
        count = seen["weights"]
        cost = 0
        for width in range(1, count):
            for first in range(count - width):
                options = []
                for middle in range(first, first + width):
                    options.append([call("SplitCost", first=first, middle=middle, last=first + width), middle])
                cost, chosen = min(options)
                call("NoteRange", first=first, last=first + width, cost=cost, middle=chosen)
        moved = 0
        ranges = [[0, count - 1, 0]]
        while ranges:
            first, last, depth = ranges.pop()
            if first == last:
                moved += depth * call("Weigh", lump=first)
                continue
            middle = call("NotedSplit", first=first, last=last)
            ranges.append([first, middle, depth + 1])
            ranges.append([middle + 1, last, depth + 1])
        return call("Done", answer={"cost": cost, "moved": moved})

    @staticmethod
    def generate(rng, level):
        count = {"easy": rng.choice([3, 4]), "medium": 5, "hard": rng.choice([7, 7, 8])}[level]
        return {
            "weights": [rng.randint(2, 20) for _ in range(count)],
            "stiffness": [rng.randint(1, 4) for _ in range(count)],
        }
