"""Towers of blocks stand in a row, numbered from 0 from left to right."""

import copy

from codegym_mcp import Environment, tool


class TowerRow:
    """The towers and the crane."""

    def __init__(self, heights: list[int], crane: int, allowance: int, rounds: int) -> None:
        self._heights, self._crane, self._limits = list(heights), crane, [allowance, rounds]

    def _check(self, tower: int) -> None:
        if not 0 <= tower < len(self._heights):
            raise ValueError(f"tower must be from 0 to {len(self._heights) - 1}, got {tower}")

    def highest_tower(self) -> int:
        """Find the highest tower.

        Returns:
            its number; of equally high ones the lowest number.

        Example:
            highest_tower() -> 4
        """
        return self._heights.index(max(self._heights))

    def lowest_tower(self) -> int:
        """Find the lowest tower.

        Returns:
            its number; of equally high ones the lowest number.

        Example:
            lowest_tower() -> 1
        """
        return self._heights.index(min(self._heights))

    def measure_tower(self, tower: int) -> int:
        """Measure a tower.

        Args:
            tower: number of the tower, from 0.

        Returns:
            how many blocks high it is.

        Example:
            measure_tower(tower=2) -> 9
        """
        self._check(tower)
        return self._heights[tower]

    def carry_blocks(self, giver: int, taker: int, blocks: int) -> dict[str, int]:
        """Carry blocks from one tower to another in one load. If it is heavy, one block falls off onto another tower.

        Args:
            giver: number of the tower that gives.
            taker: number of the tower that takes.
            blocks: how many, from 1 to what the crane carries.

        Returns:
            the "cost" and the tower a block fell onto ("fell_on"), which is the taker itself if none fell off.

        Example:
            carry_blocks(giver=4, taker=1, blocks=3) -> {"cost": 14, "fell_on": 2}
        """
        self._check(giver)
        self._check(taker)
        if giver == taker or not 1 <= blocks <= min(self._crane, self._heights[giver]):
            raise ValueError(f"the crane cannot carry {blocks} blocks from tower {giver} to tower {taker}")
        fell_on = (taker + 1) % len(self._heights) if blocks >= 4 else taker
        self._heights[giver] -= blocks
        self._heights[taker] += blocks - 1
        self._heights[fell_on] += 1
        return {"cost": blocks * 2 + abs(giver - taker) * 3 + self._heights[giver] % 4, "fell_on": fell_on}

    def trim_tower(self, tower: int) -> int:
        """Trim a tower by one block.

        Args:
            tower: number of the tower, which must not be empty.

        Returns:
            its height now.

        Example:
            trim_tower(tower=3) -> 11
        """
        if self.measure_tower(tower) < 1:
            raise ValueError(f"tower {tower} is empty")
        self._heights[tower] -= 1
        return self._heights[tower]


class TowerLevelling(Environment):
    """Towers of blocks stand in a row, numbered from 0 from left to right. They are to be levelled in rounds.

    At the beginning of a round look at the highest tower and the lowest tower; of equally high ones the one with the
    lowest
    number counts, for both. If their heights differ by at most the allowance, the work is over. Otherwise the crane
    carries
    blocks from the highest to the lowest tower in one load: half of the difference of the heights, rounded down, but at
    most
    `crane` blocks. The load costs something, and on the way something may happen to other towers, which the crane
    reports.

    After each load look at the tower halfway between the two (the sum of their numbers, halved and rounded down). If it
    is neither of them and higher than the tower that gave the blocks is now, it is trimmed by one block, which is
    thrown away.

    The work also ends after `rounds` loads (with the look and the trimming that may follow the last one).

    Find the sum of the costs, how many blocks were thrown away, and the number of the tower that is the highest at the
    end.

    The input is hidden (heights); the tools give access to it. Observe shows what is known from the start: sizes, and
    crane, allowance, rounds.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, heights: list[int], crane: int, allowance: int, rounds: int) -> None:
        self.heights = heights
        self.crane = crane
        self.allowance = allowance
        self.rounds = rounds
        self.row = TowerRow(copy.deepcopy(self.heights), self.crane, self.allowance, self.rounds)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "crane": a whole number, given as it is.
            "allowance": a whole number, given as it is.
            "rounds": a whole number, given as it is.
            "heights": number of items of heights.

        Example:
            Observe() -> {"crane": 7, "allowance": 3, "rounds": 3, "heights": 5}
        """
        return {"crane": self.crane, "allowance": self.allowance, "rounds": self.rounds, "heights": len(self.heights)}

    @tool
    def HighestTower(self) -> int:
        """Find the highest tower.

        Returns:
            its number; of equally high ones the lowest number.

        Example:
            HighestTower() -> 4
        """
        return self.row.highest_tower()

    @tool
    def LowestTower(self) -> int:
        """Find the lowest tower.

        Returns:
            its number; of equally high ones the lowest number.

        Example:
            LowestTower() -> 1
        """
        return self.row.lowest_tower()

    @tool
    def MeasureTower(self, tower: int) -> int:
        """Measure a tower.

        Args:
            tower: number of the tower, from 0.

        Returns:
            how many blocks high it is.

        Example:
            MeasureTower(tower=2) -> 9
        """
        return self.row.measure_tower(tower)

    @tool
    def CarryBlocks(self, giver: int, taker: int, blocks: int) -> dict[str, int]:
        """Carry blocks from one tower to another in one load. If it is heavy, one block falls off onto another tower.

        Args:
            giver: number of the tower that gives.
            taker: number of the tower that takes.
            blocks: how many, from 1 to what the crane carries.

        Returns:
            the "cost" and the tower a block fell onto ("fell_on"), which is the taker itself if none fell off.

        Example:
            CarryBlocks(giver=4, taker=1, blocks=3) -> {"cost": 14, "fell_on": 2}
        """
        return self.row.carry_blocks(giver, taker, blocks)

    @tool
    def TrimTower(self, tower: int) -> int:
        """Trim a tower by one block.

        Args:
            tower: number of the tower, which must not be empty.

        Returns:
            its height now.

        Example:
            TrimTower(tower=3) -> 11
        """
        return self.row.trim_tower(tower)

    def answer(self) -> dict[str, int]:
        """Level the towers.

        Returns:
            the sum of the costs ("cost"), the blocks "thrown" away and the number of the "highest" tower at the end.
            Example: {"cost": 74, "thrown": 2, "highest": 3}.
        """
        heights = copy.deepcopy(self.heights)
        crane = self.crane
        allowance = self.allowance
        rounds = self.rounds
        row = TowerRow(heights, crane, allowance, rounds)
        cost = thrown = 0
        high = row.highest_tower()
        new_rounds = rounds
        while new_rounds > 0:
            new_rounds -= 1
            low = row.lowest_tower()
            top = row.measure_tower(high)
            gap = top - row.measure_tower(low)
            if gap <= allowance:
                break
            cost += row.carry_blocks(high, low, min(gap // 2, crane))["cost"]
            middle = (high + low) // 2
            if middle not in (high, low) and row.measure_tower(middle) > row.measure_tower(high):
                row.trim_tower(middle)
                thrown += 1
            high = row.highest_tower()
        return {"cost": cost, "thrown": thrown, "highest": high}

    def solve(self, call):
        seen = call("Observe")
        crane = seen["crane"]
        allowance = seen["allowance"]
        rounds = seen["rounds"]
        cost = thrown = 0
        high = call("HighestTower")
        new_rounds = rounds
        while new_rounds > 0:
            new_rounds -= 1
            low = call("LowestTower")
            top = call("MeasureTower", tower=high)
            gap = top - call("MeasureTower", tower=low)
            if gap <= allowance:
                break
            cost += call("CarryBlocks", giver=high, taker=low, blocks=min(gap // 2, crane))["cost"]
            middle = (high + low) // 2
            if middle not in (high, low) and call("MeasureTower", tower=middle) > call("MeasureTower", tower=high):
                call("TrimTower", tower=middle)
                thrown += 1
            high = call("HighestTower")
        return call("Done", answer={"cost": cost, "thrown": thrown, "highest": high})

    @staticmethod
    def generate(rng, level):
        size, rounds = {"easy": (5, 3), "medium": (8, 6), "hard": (rng.randint(13, 16), rng.randint(14, 18))}[level]
        heights = [rng.randint(3, 26) for _ in range(size)]
        heights[rng.randrange(size)], heights[rng.randrange(size)] = (30, 1)
        return {"heights": heights, "crane": rng.randint(4, 7), "allowance": rng.randint(2, 4), "rounds": rounds}
