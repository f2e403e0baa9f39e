"""A hedge is to be watered along its whole length, from metre 0 to metre `length`."""

import copy

from codegym_mcp import Environment, tool


class HedgeGarden:
    """The sprinklers and the hoses."""

    def __init__(self, sprinklers: list[list[int]], length: int) -> None:
        self._stretches, self._length, self._opened, self._hoses = sprinklers, length, [], 0

    def sprinklers_at(self, metre: int) -> list[int]:
        """List the sprinklers not yet opened which, by their plans, water a metre.

        Args:
            metre: the metre; the stretch begins at it or before it and ends beyond it.

        Returns:
            their numbers in ascending order; there may be none.

        Example:
            sprinklers_at(metre=4) -> [1, 5]
        """
        if not 0 <= metre < self._length:
            raise ValueError(f"metre must be from 0 to {self._length - 1}, got {metre}")
        return [n for n, (a, b, _, _) in enumerate(self._stretches) if a <= metre < b and n not in self._opened]

    def planned_reach(self, sprinkler: int) -> int:
        """Read in the plan how far a sprinkler reaches.

        Args:
            sprinkler: number of the sprinkler, from 0.

        Returns:
            the metre at which its stretch ends.

        Example:
            planned_reach(sprinkler=5) -> 11
        """
        if not 0 <= sprinkler < len(self._stretches):
            raise ValueError(f"sprinkler must be from 0 to {len(self._stretches) - 1}, got {sprinkler}")
        return self._stretches[sprinkler][1]

    def open_sprinkler(self, sprinkler: int) -> dict[str, int]:
        """Open a sprinkler, once.

        Args:
            sprinkler: number of the sprinkler.

        Returns:
            the metre it really "reaches" and the "water" it uses.

        Example:
            open_sprinkler(sprinkler=5) -> {"reaches": 9, "water": 33}
        """
        end = self.planned_reach(sprinkler)
        if sprinkler in self._opened:
            raise ValueError(f"sprinkler {sprinkler} has been opened before")
        start, _, wear, flow = self._stretches[sprinkler]
        self._opened.append(sprinkler)
        return {"reaches": max(start, end - wear), "water": flow * (end - wear - start) + len(self._opened)}

    def lay_hose(self, metre: int) -> dict[str, int]:
        """Lay a hose at a metre where no sprinkler is left.

        Args:
            metre: the metre at which it begins.

        Returns:
            the metre it "reaches" and its "cost".

        Example:
            lay_hose(metre=9) -> {"reaches": 12, "cost": 17}
        """
        if self.sprinklers_at(metre):
            raise ValueError(f"there are sprinklers at metre {metre}")
        self._hoses += 1
        return {"reaches": metre + 2 + metre % 2, "cost": 9 + 4 * self._hoses + metre % 5}


class HedgeSprinklers(Environment):
    """A hedge is to be watered along its whole length, from metre 0 to metre `length`. Along it stand sprinklers, numbered
    from
    0; each waters one stretch when it works. The frontier is the metre up to which the hedge is watered, 0 at first.

    Until the frontier has reached the end of the hedge, look at the sprinklers that water the metre at the frontier:
    their stretch begins at it or before it and ends beyond it. Of these, open the one that reaches farthest; of equal
    ones the one with the lowest number. It may turn out that it is worn and throws less far than its plan says: the
    frontier moves to where it really reaches, and a worn sprinkler cannot be opened again. If it does not reach beyond
    the frontier, the frontier stays where it is and the next best one is looked for.

    If no sprinkler is left that waters the metre at the frontier, lay a hose there, which moves the frontier by some
    metres.

    Find the water used by the opened sprinklers in all (worn ones count), the sum of the costs of the hoses, and the
    number of sprinklers that were opened.

    The input is hidden (sprinklers); the tools give access to it. Observe shows what is known from the start: sizes,
    and length.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, sprinklers: list[list[int]], length: int) -> None:
        self.sprinklers = sprinklers
        self.length = length
        self.garden = HedgeGarden(copy.deepcopy(self.sprinklers), self.length)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "length": a whole number, given as it is.
            "sprinklers": number of items of sprinklers.

        Example:
            Observe() -> {"length": 16, "sprinklers": 6}
        """
        return {"length": self.length, "sprinklers": len(self.sprinklers)}

    @tool
    def SprinklersAt(self, metre: int) -> list[int]:
        """List the sprinklers not yet opened which, by their plans, water a metre.

        Args:
            metre: the metre; the stretch begins at it or before it and ends beyond it.

        Returns:
            their numbers in ascending order; there may be none.

        Example:
            SprinklersAt(metre=4) -> [1, 5]
        """
        return self.garden.sprinklers_at(metre)

    @tool
    def PlannedReach(self, sprinkler: int) -> int:
        """Read in the plan how far a sprinkler reaches.

        Args:
            sprinkler: number of the sprinkler, from 0.

        Returns:
            the metre at which its stretch ends.

        Example:
            PlannedReach(sprinkler=5) -> 11
        """
        return self.garden.planned_reach(sprinkler)

    @tool
    def OpenSprinkler(self, sprinkler: int) -> dict[str, int]:
        """Open a sprinkler, once.

        Args:
            sprinkler: number of the sprinkler.

        Returns:
            the metre it really "reaches" and the "water" it uses.

        Example:
            OpenSprinkler(sprinkler=5) -> {"reaches": 9, "water": 33}
        """
        return self.garden.open_sprinkler(sprinkler)

    @tool
    def LayHose(self, metre: int) -> dict[str, int]:
        """Lay a hose at a metre where no sprinkler is left.

        Args:
            metre: the metre at which it begins.

        Returns:
            the metre it "reaches" and its "cost".

        Example:
            LayHose(metre=9) -> {"reaches": 12, "cost": 17}
        """
        return self.garden.lay_hose(metre)

    def answer(self) -> dict[str, int]:
        """Water the hedge.

        Returns:
            the "water" used, the sum of the costs of the "hoses" and the number of "opened" sprinklers.
            Example: {"water": 88, "hoses": 30, "opened": 4}.
        """
        sprinklers = copy.deepcopy(self.sprinklers)
        length = self.length
        garden = HedgeGarden(sprinklers, length)
        water = hoses = opened = frontier = 0
        while frontier < length:
            best, far = (-1, frontier)
            for sprinkler in garden.sprinklers_at(frontier):
                reach = garden.planned_reach(sprinkler)
                if reach > far:
                    best, far = (sprinkler, reach)
            if best < 0:
                hose = garden.lay_hose(frontier)
                frontier = hose["reaches"]
                hoses += hose["cost"]
            else:
                jet = garden.open_sprinkler(best)
                frontier = max(frontier, jet["reaches"])
                water += jet["water"]
                opened += 1
        return {"water": water, "hoses": hoses, "opened": opened}

    def solve(self, call):
        seen = call("Observe")
        length = seen["length"]
        water = hoses = opened = frontier = 0
        while frontier < length:
            best, far = (-1, frontier)
            for sprinkler in call("SprinklersAt", metre=frontier):
                reach = call("PlannedReach", sprinkler=sprinkler)
                if reach > far:
                    best, far = (sprinkler, reach)
            if best < 0:
                hose = call("LayHose", metre=frontier)
                frontier = hose["reaches"]
                hoses += hose["cost"]
            else:
                jet = call("OpenSprinkler", sprinkler=best)
                frontier = max(frontier, jet["reaches"])
                water += jet["water"]
                opened += 1
        return call("Done", answer={"water": water, "hoses": hoses, "opened": opened})

    @staticmethod
    def generate(rng, level):
        length, count = {"easy": (16, 6), "medium": (36, 13), "hard": (rng.randint(90, 110), rng.randint(38, 44))}[
            level
        ]
        sprinklers = []
        for _ in range(count):
            start = rng.randint(0, length - 4)
            wide = rng.randint(4, 11)
            sprinklers.append([start, start + wide, rng.choice([0, 0, 1, 2, 4]) if wide > 4 else 0, rng.randint(2, 5)])
        return {"sprinklers": sprinklers, "length": length}
