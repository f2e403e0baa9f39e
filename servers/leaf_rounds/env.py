"""Ponds, numbered from 0, are connected by ditches such that between any two ponds there is exactly one way."""

import copy

from codegym_mcp import Environment, tool


class Ponds:
    """The ponds that are open, with their water and ditches."""

    def __init__(self, ditches: list[list[int]], water: list[int]) -> None:
        self.ditches = [list(ditch) for ditch in ditches]  # [pond, pond, seepage]
        self.water = list(water)
        self.closed: list[int] = []

    def _check(self, pond: int) -> None:
        if not 0 <= pond < len(self.water) or pond in self.closed:
            raise ValueError(f"{pond} is not the number of an open pond")

    def dead_ends(self) -> list[int]:
        """List the ponds that have exactly one ditch at this moment.

        Returns:
            their numbers in ascending order.

        Example:
            dead_ends() -> [0, 3, 4]
        """
        ends = [pond for ditch in self.ditches for pond in ditch[:2]]
        return sorted(pond for pond in set(ends) if ends.count(pond) == 1)

    def open_ponds(self) -> list[int]:
        """List the ponds that are not closed.

        Returns:
            their numbers in ascending order.

        Example:
            open_ponds() -> [1, 2, 5]
        """
        return [pond for pond in range(len(self.water)) if pond not in self.closed]

    def water_in(self, pond: int) -> int:
        """Measure the water of a pond.

        Args:
            pond: number of an open pond.

        Returns:
            its water.

        Example:
            water_in(pond=1) -> 14
        """
        self._check(pond)
        return self.water[pond]

    def drain(self, pond: int) -> int:
        """Pass the water of a pond on over its only ditch and close both.

        Args:
            pond: number of a pond that is a dead end.

        Returns:
            how much has seeped away.

        Example:
            drain(pond=3) -> 2
        """
        self._check(pond)
        if pond not in self.dead_ends():
            raise ValueError(f"pond {pond} is no dead end")
        ditch = next(ditch for ditch in self.ditches if pond in ditch[:2])
        lost = min(self.water[pond], ditch[2] + self.water[pond] // 10)
        self.water[ditch[0] + ditch[1] - pond] += self.water[pond] - lost
        self.ditches.remove(ditch)
        self.closed.append(pond)
        return lost

    def add_rain(self, pond: int, amount: int) -> int:
        """Let rain fall into a pond.

        Args:
            pond: number of an open pond.
            amount: how much, at least 1.

        Returns:
            its water afterwards.

        Example:
            add_rain(pond=1, amount=2) -> 16
        """
        self._check(pond)
        if amount < 1:
            raise ValueError(f"amount must be at least 1, got {amount}")
        self.water[pond] += amount
        return self.water[pond]


class LeafRounds(Environment):
    """Ponds, numbered from 0, are connected by ditches such that between any two ponds there is exactly one way. They are
    drained in rounds until one pond is left.

    At the beginning of a round look which ponds are dead ends: those with exactly one ditch. Handle these ponds in
    ascending order of their numbers. Each passes on its whole water over its only ditch, of which some seeps away, and
    is then closed for good with its ditch. What gets to the other pond is there when that pond is handled, even in the
    same round. If the ditch of a pond on the list has gone in the meantime, which can only be the case with the last
    pond of all, it is not handled.

    After each round, if more than one pond is left, each of them gets as much rain as the number of the round (1, 2,
    ...).

    The answer is the last pond, its water, and the water that has seeped away in all.

    The input is hidden (ditches, water); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, ditches: list[list[int]], water: list[int]) -> None:
        self.ditches = ditches
        self.water = water
        self.ponds = Ponds(copy.deepcopy(self.ditches), copy.deepcopy(self.water))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "ditches": number of items of ditches.
            "water": number of items of water.

        Example:
            Observe() -> {"ditches": 5, "water": 6}
        """
        return {"ditches": len(self.ditches), "water": len(self.water)}

    @tool
    def DeadEnds(self) -> list[int]:
        """List the ponds that have exactly one ditch at this moment.

        Returns:
            their numbers in ascending order.

        Example:
            DeadEnds() -> [0, 3, 4]
        """
        return self.ponds.dead_ends()

    @tool
    def OpenPonds(self) -> list[int]:
        """List the ponds that are not closed.

        Returns:
            their numbers in ascending order.

        Example:
            OpenPonds() -> [1, 2, 5]
        """
        return self.ponds.open_ponds()

    @tool
    def WaterIn(self, pond: int) -> int:
        """Measure the water of a pond.

        Args:
            pond: number of an open pond.

        Returns:
            its water.

        Example:
            WaterIn(pond=1) -> 14
        """
        return self.ponds.water_in(pond)

    @tool
    def Drain(self, pond: int) -> int:
        """Pass the water of a pond on over its only ditch and close both.

        Args:
            pond: number of a pond that is a dead end.

        Returns:
            how much has seeped away.

        Example:
            Drain(pond=3) -> 2
        """
        return self.ponds.drain(pond)

    @tool
    def AddRain(self, pond: int, amount: int) -> int:
        """Let rain fall into a pond.

        Args:
            pond: number of an open pond.
            amount: how much, at least 1.

        Returns:
            its water afterwards.

        Example:
            AddRain(pond=1, amount=2) -> 16
        """
        return self.ponds.add_rain(pond, amount)

    def answer(self) -> dict[str, int]:
        """Drain the ponds.

        Returns:
            the last "pond", its "water" and what has been "lost". Example: {"pond": 2, "water": 51, "lost": 17}.
        """
        ditches = copy.deepcopy(self.ditches)
        water = copy.deepcopy(self.water)
        ponds = Ponds(ditches, water)
        lost = number = 0
        left = ponds.open_ponds()
        while len(left) > 1:
            number += 1
            ends = ponds.dead_ends()
            for pond in ends:
                if len(left) > 1:
                    lost += ponds.drain(pond)
                    left.remove(pond)
            left = ponds.open_ponds()
            if len(left) > 1:
                for pond in left:
                    ponds.add_rain(pond, number)
        return {"pond": left[0], "water": ponds.water_in(left[0]), "lost": lost}

    def solve(self, call):
        lost = number = 0
        left = call("OpenPonds")
        while len(left) > 1:
            number += 1
            ends = call("DeadEnds")
            for pond in ends:
                if len(left) > 1:
                    lost += call("Drain", pond=pond)
                    left.remove(pond)
            left = call("OpenPonds")
            if len(left) > 1:
                for pond in left:
                    call("AddRain", pond=pond, amount=number)
        return call("Done", answer={"pond": left[0], "water": call("WaterIn", pond=left[0]), "lost": lost})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 6, "medium": 14, "hard": rng.randint(26, 34)}[level]
        reach = {"easy": 2, "medium": 3, "hard": 4}[level]
        names = rng.sample(range(count), count)
        ditches = [[names[n], names[rng.randrange(max(0, n - reach), n)], rng.randint(0, 4)] for n in range(1, count)]
        return {"ditches": ditches, "water": [rng.randint(3, 40) for _ in range(count)]}
