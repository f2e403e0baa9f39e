"""A hiker walks over a square map in a spiral."""

import copy

from codegym_mcp import Environment, tool


def turn_right(heading: str) -> str:
    """Turn a heading to the right.

    Args:
        heading: north, east, south or west.

    Returns:
        the heading after a quarter turn.

    Example:
        turn_right(heading="east") -> "south"
    """
    headings = ["north", "east", "south", "west"]
    if heading not in headings:
        raise ValueError(f"heading must be one of {', '.join(headings)}, got {heading!r}")
    return headings[(headings.index(heading) + 1) % 4]


def cell_ahead(row: int, column: int, heading: str) -> list[int]:
    """Work out which cell is ahead.

    Args:
        row: row of the cell where the hiker is.
        column: column of that cell.
        heading: north (towards smaller rows), east, south or west.

    Returns:
        row and column of the cell ahead; they may be outside the map.

    Example:
        cell_ahead(row=0, column=0, heading="east") -> [0, 1]
    """
    steps = {"north": [-1, 0], "east": [0, 1], "south": [1, 0], "west": [0, -1]}
    if heading not in steps:
        raise ValueError(f"heading must be one of {', '.join(steps)}, got {heading!r}")
    return [row + steps[heading][0], column + steps[heading][1]]


def effort(here: int, ahead: int) -> int:
    """Work out the effort of a step.

    Args:
        here: height of the cell where the step begins.
        ahead: height of the cell where it ends.

    Returns:
        the effort.

    Example:
        effort(here=3, ahead=6) -> 9
    """
    climb = ahead - here
    return 2 + 2 * climb + climb // 3 if climb > 0 else 1 + -climb // 4


def rest(energy: int, height: int, rests: int) -> int:
    """Work out the energy after a rest.

    Args:
        energy: the energy before it.
        height: height of the cell where the hiker rests.
        rests: how often he has rested before on this hike.

    Returns:
        the energy after it.

    Example:
        rest(energy=2, height=3, rests=1) -> 12
    """
    if rests < 0:
        raise ValueError(f"rests must be at least 0, got {rests}")
    return energy + max(4, 14 - height) - min(3, rests)


class SpiralHike(Environment):
    """A hiker walks over a square map in a spiral. `heights` gives the height of each cell by row and column, both
    numbered
    from 0. He starts in row 0 and column 0, heads east and has `energy`. At each moment he looks at the cell ahead: if
    it is
    outside the map or he has been there, he turns to the right once and looks again. The hike is over when the cell
    ahead is
    not free after this turn either.

    Before each step work out its effort, from the height of the cell where he is and that of the cell ahead. If it is
    greater than his energy, he first rests where he is until it is sufficient. Each rest raises his energy, the less so
    the more he has rested on this hike. Then he takes the step and has the energy left over.

    When he has taken a step after which his energy is below 5, he drinks from his bottle at once, if it is not empty:
    energy rises by 6. The bottle holds 3 drinks.

    The answer is the number of rests, the energy at the end, and the sum of the efforts of all steps uphill, that is
    those that lead to a higher cell.

    The input is hidden (heights); the tools give access to it. Observe shows what is known from the start: sizes, and
    energy.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, heights: list[list[int]], energy: int) -> None:
        self.heights = heights
        self.energy = energy

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "energy": a whole number, given as it is.
            "heights": number of items of heights.

        Example:
            Observe() -> {"energy": 10, "heights": 2}
        """
        return {"energy": self.energy, "heights": len(self.heights)}

    @tool
    def ReadHeightsCell(self, row: int, column: int) -> int:
        """Read one place of heights.

        Args:
            row: position of the row, counted from 0.
            column: position within the row, counted from 0.

        Returns:
            what is there.

        Example:
            ReadHeightsCell(row=0, column=0) -> 11
        """
        if not 0 <= row < len(self.heights) or not 0 <= column < len(self.heights[row]):
            raise ValueError(f"there is no place in row {row}, column {column}")
        return self.heights[row][column]

    @tool
    def TurnRight(self, heading: str) -> str:
        """Turn a heading to the right.

        Args:
            heading: north, east, south or west.

        Returns:
            the heading after a quarter turn.

        Example:
            TurnRight(heading="east") -> "south"
        """
        return turn_right(heading)

    @tool
    def CellAhead(self, row: int, column: int, heading: str) -> list[int]:
        """Work out which cell is ahead.

        Args:
            row: row of the cell where the hiker is.
            column: column of that cell.
            heading: north (towards smaller rows), east, south or west.

        Returns:
            row and column of the cell ahead; they may be outside the map.

        Example:
            CellAhead(row=0, column=0, heading="east") -> [0, 1]
        """
        return cell_ahead(row, column, heading)

    @tool
    def Effort(self, here: int, ahead: int) -> int:
        """Work out the effort of a step.

        Args:
            here: height of the cell where the step begins.
            ahead: height of the cell where it ends.

        Returns:
            the effort.

        Example:
            Effort(here=3, ahead=6) -> 9
        """
        return effort(here, ahead)

    @tool
    def Rest(self, energy: int, height: int, rests: int) -> int:
        """Work out the energy after a rest.

        Args:
            energy: the energy before it.
            height: height of the cell where the hiker rests.
            rests: how often he has rested before on this hike.

        Returns:
            the energy after it.

        Example:
            Rest(energy=2, height=3, rests=1) -> 12
        """
        return rest(energy, height, rests)

    def answer(self) -> dict[str, int]:
        """Walk the spiral.

        Returns:
            the number of "rests", the last "energy" and the effort "uphill". Example: {"rests": 3, "energy": 7,
                "uphill": 61}.
        """
        heights = copy.deepcopy(self.heights)
        energy = self.energy
        size = len(heights)
        row = column = rests = uphill = 0
        drinks, left = (3, energy)
        heading = "east"
        seen = [[0, 0]]
        height = heights[0][0]
        while True:
            ahead = cell_ahead(row, column, heading)
            if ahead in seen or not (0 <= ahead[0] < size and 0 <= ahead[1] < size):
                heading = turn_right(heading)
                ahead = cell_ahead(row, column, heading)
                if ahead in seen or not (0 <= ahead[0] < size and 0 <= ahead[1] < size):
                    return {"rests": rests, "energy": left, "uphill": uphill}
            goal = heights[ahead[0]][ahead[1]]
            needed = effort(height, goal)
            while needed > left:
                left = rest(left, height, rests)
                rests += 1
            left -= needed
            if goal > height:
                uphill += needed
            row, column = ahead
            height = goal
            seen.append(ahead)
            if left < 5 and drinks > 0:
                left, drinks = (left + 6, drinks - 1)

    def solve(self, call):
        the_seen = call("Observe")
        energy = the_seen["energy"]
        size = the_seen["heights"]
        row = column = rests = uphill = 0
        drinks, left = (3, energy)
        heading = "east"
        seen = [[0, 0]]
        height = call("ReadHeightsCell", row=0, column=0)
        while True:
            ahead = call("CellAhead", row=row, column=column, heading=heading)
            if ahead in seen or not (0 <= ahead[0] < size and 0 <= ahead[1] < size):
                heading = call("TurnRight", heading=heading)
                ahead = call("CellAhead", row=row, column=column, heading=heading)
                if ahead in seen or not (0 <= ahead[0] < size and 0 <= ahead[1] < size):
                    return call("Done", answer={"rests": rests, "energy": left, "uphill": uphill})
            goal = call("ReadHeightsCell", row=ahead[0], column=ahead[1])
            needed = call("Effort", here=height, ahead=goal)
            while needed > left:
                left = call("Rest", energy=left, height=height, rests=rests)
                rests += 1
            left -= needed
            if goal > height:
                uphill += needed
            row, column = ahead
            height = goal
            seen.append(ahead)
            if left < 5 and drinks > 0:
                left, drinks = (left + 6, drinks - 1)

    @staticmethod
    def generate(rng, level):
        size = {"easy": 2, "medium": 3, "hard": rng.randint(5, 6)}[level]
        heights = [[rng.randint(1, 12) for _ in range(size)] for _ in range(size)]
        return {"heights": heights, "energy": rng.randint(0, 12)}
