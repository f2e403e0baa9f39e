"""Drops of rain fall one after the other on a hidden terrain of cells with heights, in rows and columns numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class Terrain:
    """The heights, what has been raised, and the drops."""

    def __init__(self, heights: list[list[int]], drops: list[list[int]]) -> None:
        self.heights, self.drops = [list(row) for row in heights], drops
        self.raised: dict[str, int] = {}

    def _check(self, row: int, column: int) -> None:
        if not (0 <= row < len(self.heights) and 0 <= column < len(self.heights[0])):
            raise ValueError(f"row {row}, column {column} is outside the terrain")

    def drop_place(self, drop: int) -> list[int]:
        """Tell where a drop falls.

        Args:
            drop: number of the drop, from 0.

        Returns:
            row and column.

        Example:
            drop_place(drop=0) -> [1, 3]
        """
        if not 0 <= drop < len(self.drops):
            raise ValueError(f"drop must be from 0 to {len(self.drops) - 1}, got {drop}")
        return list(self.drops[drop])

    def height(self, row: int, column: int) -> int:
        """Measure the present height of a cell.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            the height.

        Example:
            height(row=1, column=3) -> 12
        """
        self._check(row, column)
        return self.heights[row][column]

    def lowest_neighbour(self, row: int, column: int) -> list[int]:
        """Find the lowest neighbour of a cell, the preferred one if there are several.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its row, its column and its height, which may be greater than that of the cell.

        Example:
            lowest_neighbour(row=1, column=3) -> [0, 3, 9]
        """
        self._check(row, column)
        around = [[row - 1, column], [row, column + 1], [row + 1, column], [row, column - 1]]
        inside = [
            place for place in around if 0 <= place[0] < len(self.heights) and 0 <= place[1] < len(self.heights[0])
        ]
        found = min(inside, key=lambda place: self.heights[place[0]][place[1]])
        return [*found, self.heights[found[0]][found[1]]]

    def wear_down(self, row: int, column: int) -> int:
        """Wear a cell down by 1.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its height afterwards.

        Example:
            wear_down(row=1, column=3) -> 11
        """
        self._check(row, column)
        self.heights[row][column] -= 1
        return self.heights[row][column]

    def leave_silt(self, row: int, column: int) -> bool:
        """Raise a cell by 1, unless it is a marsh.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            whether it was raised; false if it is a marsh.

        Example:
            leave_silt(row=0, column=3) -> true
        """
        self._check(row, column)
        cell = f"{row},{column}"
        if self.raised.get(cell, 0) == 2:
            return False
        self.raised[cell] = self.raised.get(cell, 0) + 1
        self.heights[row][column] += 1
        return True


class SiltDrops(Environment):
    """Drops of rain fall one after the other on a hidden terrain of cells with heights, in rows and columns numbered from
    0.

    A drop that is in a cell looks for the lowest of its neighbours in the four directions. If that one is lower than
    the cell itself, the drop flows there; between several lowest ones it prefers north (smaller row), then east, then
    south, then west. When it has left a cell that was at least 3 higher than the one where it is now, the cell it left
    wears down by 1.

    A drop that cannot flow any further leaves its silt, which raises the cell where it is by 1; but if that cell has
    been raised by 2 already, it is a marsh: it is not raised, the drop trickles away, and it scores as many points as
    the marsh is high.

    Every other drop scores 10 points for each step it has flowed.

    The answer is the sum of all points, and the row and column where the last drop came to rest.

    The input is hidden (heights, drops); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, heights: list[list[int]], drops: list[list[int]]) -> None:
        self.heights = heights
        self.drops = drops
        self.terrain = Terrain(copy.deepcopy(self.heights), copy.deepcopy(self.drops))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "heights": number of items of heights.
            "drops": number of items of drops.

        Example:
            Observe() -> {"heights": 4, "drops": 3}
        """
        return {"heights": len(self.heights), "drops": len(self.drops)}

    @tool
    def DropPlace(self, drop: int) -> list[int]:
        """Tell where a drop falls.

        Args:
            drop: number of the drop, from 0.

        Returns:
            row and column.

        Example:
            DropPlace(drop=0) -> [1, 3]
        """
        return self.terrain.drop_place(drop)

    @tool
    def Height(self, row: int, column: int) -> int:
        """Measure the present height of a cell.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            the height.

        Example:
            Height(row=1, column=3) -> 12
        """
        return self.terrain.height(row, column)

    @tool
    def LowestNeighbour(self, row: int, column: int) -> list[int]:
        """Find the lowest neighbour of a cell, the preferred one if there are several.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its row, its column and its height, which may be greater than that of the cell.

        Example:
            LowestNeighbour(row=1, column=3) -> [0, 3, 9]
        """
        return self.terrain.lowest_neighbour(row, column)

    @tool
    def WearDown(self, row: int, column: int) -> int:
        """Wear a cell down by 1.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its height afterwards.

        Example:
            WearDown(row=1, column=3) -> 11
        """
        return self.terrain.wear_down(row, column)

    @tool
    def LeaveSilt(self, row: int, column: int) -> bool:
        """Raise a cell by 1, unless it is a marsh.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            whether it was raised; false if it is a marsh.

        Example:
            LeaveSilt(row=0, column=3) -> true
        """
        return self.terrain.leave_silt(row, column)

    def answer(self) -> dict[str, int]:
        """Let all drops fall.

        Returns:
            the "points", and "row" and "column" of the last drop. Example: {"points": 74, "row": 2, "column": 0}.
        """
        heights = copy.deepcopy(self.heights)
        drops = copy.deepcopy(self.drops)
        terrain = Terrain(heights, drops)
        points = row = column = 0
        for drop in range(len(drops)):
            row, column = terrain.drop_place(drop)
            here, steps = (terrain.height(row, column), 0)
            low_row, low_column, low = terrain.lowest_neighbour(row, column)
            while low < here:
                if here - low >= 3:
                    terrain.wear_down(row, column)
                row, column, here = (low_row, low_column, low)
                steps += 1
                low_row, low_column, low = terrain.lowest_neighbour(row, column)
            points += 10 * steps if terrain.leave_silt(row, column) else here
        return {"points": points, "row": row, "column": column}

    def solve(self, call):
        seen = call("Observe")
        points = row = column = 0
        for drop in range(seen["drops"]):
            row, column = call("DropPlace", drop=drop)
            here, steps = (call("Height", row=row, column=column), 0)
            low_row, low_column, low = call("LowestNeighbour", row=row, column=column)
            while low < here:
                if here - low >= 3:
                    call("WearDown", row=row, column=column)
                row, column, here = (low_row, low_column, low)
                steps += 1
                low_row, low_column, low = call("LowestNeighbour", row=row, column=column)
            points += 10 * steps if call("LeaveSilt", row=row, column=column) else here
        return call("Done", answer={"points": points, "row": row, "column": column})

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (4, 3), "medium": (5, 5), "hard": (7, rng.randint(12, 16))}[level]
        slope = [rng.randint(0, 2), rng.randint(0, 2)]
        heights = [
            [slope[0] * row + slope[1] * column + rng.randint(10, 16) for column in range(size)] for row in range(size)
        ]
        spots = [[rng.randrange(size), rng.randrange(size)] for _ in range(max(2, count // 2))]
        return {"heights": heights, "drops": [rng.choice(spots) for _ in range(count)]}
