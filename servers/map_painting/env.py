"""The regions of a hidden map are numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class PaintMap:
    """The map with what has been painted so far."""

    def __init__(self, borders: list[list[int]], pot: int) -> None:
        self.borders, self.pot = borders, pot  # neighbours of each region
        self.colours = [-1] * len(borders)

    def _around(self, region: int) -> list[int]:
        if not 0 <= region < len(self.borders):
            raise ValueError(f"region must be from 0 to {len(self.borders) - 1}, got {region}")
        return sorted({self.colours[other] for other in self.borders[region]} - {-1})

    def count_neighbours(self, region: int) -> int:
        """Count the neighbours of a region.

        Args:
            region: number of the region, from 0.

        Returns:
            how many neighbours it has, painted or not.

        Example:
            count_neighbours(region=0) -> 3
        """
        self._around(region)
        return len(self.borders[region])

    def pressure(self, region: int) -> int:
        """Count the different colours around a region.

        Args:
            region: number of the region, from 0.

        Returns:
            how many colours its painted neighbours have.

        Example:
            pressure(region=0) -> 2
        """
        return len(self._around(region))

    def lowest_colour(self, region: int) -> int:
        """Look which colour a region would get now.

        Args:
            region: number of the region, from 0.

        Returns:
            the lowest colour that no painted neighbour has and of which paint is left.

        Example:
            lowest_colour(region=0) -> 1
        """
        colour, around = 0, self._around(region)
        while colour in around or self.colours.count(colour) >= self.pot:
            colour += 1
        return colour

    def paint(self, region: int, colour: int) -> list[int]:
        """Paint a region.

        Args:
            region: number of the region; it must be unpainted.
            colour: number of the colour.

        Returns:
            the neighbours that are still unpainted, in ascending order.

        Example:
            paint(region=0, colour=1) -> [2, 5]
        """
        if colour in self._around(region) or self.colours[region] >= 0 or self.colours.count(colour) >= self.pot:
            raise ValueError(f"region {region} is painted, or colour {colour} is next to it or used up")
        self.colours[region] = colour
        return [other for other in sorted(self.borders[region]) if self.colours[other] < 0]


class MapPainting(Environment):
    """The regions of a hidden map are numbered from 0. Each is painted with one colour; colours are numbered from 0, and
    neighbours must not have the same one. Of each colour there is paint for `pot` regions only; there are enough
    colours.

    Always paint next the unpainted region under the greatest pressure, that is with the greatest number of different
    colours among its painted neighbours. Between several such regions, take the one with most neighbours, painted or
    not; between several of these, the one with the smallest number. It gets the lowest colour of which paint is left
    and which no painted neighbour has.

    Painting is more work with each turn: the region painted in turn t (1, 2, ...) takes t times its colour number plus
    1 hours, so colour 2 in turn 4 takes 9 hours.

    The answer is a text with one digit for each region, in the order of their numbers, its colour; and behind a blank
    the sum of the hours.

    The input is hidden (borders); the tools give access to it. Observe shows what is known from the start: sizes, and
    pot.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, borders: list[list[int]], pot: int) -> None:
        self.borders = borders
        self.pot = pot
        self.board = PaintMap(copy.deepcopy(self.borders), self.pot)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "pot": a whole number, given as it is.
            "borders": number of items of borders.

        Example:
            Observe() -> {"pot": 3, "borders": 5}
        """
        return {"pot": self.pot, "borders": len(self.borders)}

    @tool
    def CountNeighbours(self, region: int) -> int:
        """Count the neighbours of a region.

        Args:
            region: number of the region, from 0.

        Returns:
            how many neighbours it has, painted or not.

        Example:
            CountNeighbours(region=0) -> 3
        """
        return self.board.count_neighbours(region)

    @tool
    def Pressure(self, region: int) -> int:
        """Count the different colours around a region.

        Args:
            region: number of the region, from 0.

        Returns:
            how many colours its painted neighbours have.

        Example:
            Pressure(region=0) -> 2
        """
        return self.board.pressure(region)

    @tool
    def LowestColour(self, region: int) -> int:
        """Look which colour a region would get now.

        Args:
            region: number of the region, from 0.

        Returns:
            the lowest colour that no painted neighbour has and of which paint is left.

        Example:
            LowestColour(region=0) -> 1
        """
        return self.board.lowest_colour(region)

    @tool
    def Paint(self, region: int, colour: int) -> list[int]:
        """Paint a region.

        Args:
            region: number of the region; it must be unpainted.
            colour: number of the colour.

        Returns:
            the neighbours that are still unpainted, in ascending order.

        Example:
            Paint(region=0, colour=1) -> [2, 5]
        """
        return self.board.paint(region, colour)

    def answer(self) -> str:
        """Paint the map.

        Returns:
            the colours of the regions, a blank and the hours. Example: "01201 19".
        """
        borders = copy.deepcopy(self.borders)
        pot = self.pot
        board = PaintMap(borders, pot)
        degrees = {}
        for region in range(len(borders)):
            degrees[region] = board.count_neighbours(region)
        pressures = dict.fromkeys(degrees, 0)
        colours = dict.fromkeys(degrees, "")
        turn = hours = 0
        while pressures:
            chosen = min([(-pressures[region], -degrees[region], region) for region in pressures])[2]
            del pressures[chosen]
            colour = board.lowest_colour(chosen)
            for other in board.paint(chosen, colour):
                pressures[other] = board.pressure(other)
            colours[chosen] = str(colour)
            turn += 1
            hours += turn * colour + 1
        return f"{''.join(colours.values())} {hours}"

    def solve(self, call):
        seen = call("Observe")
        degrees = {}
        for region in range(seen["borders"]):
            degrees[region] = call("CountNeighbours", region=region)
        pressures = dict.fromkeys(degrees, 0)
        colours = dict.fromkeys(degrees, "")
        turn = hours = 0
        while pressures:
            chosen = min([(-pressures[region], -degrees[region], region) for region in pressures])[2]
            del pressures[chosen]
            colour = call("LowestColour", region=chosen)
            for other in call("Paint", region=chosen, colour=colour):
                pressures[other] = call("Pressure", region=other)
            colours[chosen] = str(colour)
            turn += 1
            hours += turn * colour + 1
        return call("Done", answer=f"{''.join(colours.values())} {hours}")

    @staticmethod
    def generate(rng, level):
        count, extra = {"easy": (5, 2), "medium": (8, 5), "hard": (rng.randint(15, 19), 16)}[level]
        borders: list[list[int]] = [[] for _ in range(count)]
        pairs = [(rng.randrange(region), region) for region in range(1, count)]
        pairs += [tuple(rng.sample(range(count), 2)) for _ in range(extra)]
        for one, two in pairs:
            if two not in borders[one] and len(borders[one]) < 7 and (len(borders[two]) < 7):
                borders[one].append(two)
                borders[two].append(one)
        return {"borders": borders, "pot": rng.randint(2, 3) if level != "hard" else rng.randint(4, 6)}
