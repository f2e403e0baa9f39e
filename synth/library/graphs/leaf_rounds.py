"""Ponds, numbered from 0, are connected by ditches such that between any two ponds there is exactly one way. They are
drained in rounds until one pond is left.

At the beginning of a round look which ponds are dead ends: those with exactly one ditch. Handle these ponds in ascending
order of their numbers. Each passes on its whole water over its only ditch, of which some seeps away, and is then closed for
good with its ditch. What gets to the other pond is there when that pond is handled, even in the same round. If the ditch of
a pond on the list has gone in the meantime, which can only be the case with the last pond of all, it is not handled.

After each round, if more than one pond is left, each of them gets as much rain as the number of the round (1, 2, ...).

The answer is the last pond, its water, and the water that has seeped away in all."""


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


def solution(ditches: list[list[int]], water: list[int]) -> dict[str, int]:
    """Drain the ponds.

    Returns:
        the last "pond", its "water" and what has been "lost". Example: {"pond": 2, "water": 51, "lost": 17}.
    """
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count = {"easy": 6, "medium": 14, "hard": rng.randint(26, 34)}[level]
    reach = {"easy": 2, "medium": 3, "hard": 4}[level]
    names = rng.sample(range(count), count)
    ditches = [[names[n], names[rng.randrange(max(0, n - reach), n)], rng.randint(0, 4)] for n in range(1, count)]
    return {"ditches": ditches, "water": [rng.randint(3, 40) for _ in range(count)]}
