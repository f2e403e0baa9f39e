"""A square field hides mines, at most one in a cell; rows and columns are numbered from 0 to `size` - 1."""

import copy

from codegym_mcp import Environment, tool


class Field:
    """The mines, what is open and what is flagged."""

    def __init__(self, mines: list[list[int]], size: int, row: int, column: int) -> None:
        self.mines, self.size = mines, size
        self.opened: list[list[int]] = []
        self.flags: list[list[int]] = []

    def _around(self, row: int, column: int) -> list[list[int]]:
        if not (0 <= row < self.size and 0 <= column < self.size):
            raise ValueError(f"row and column must be from 0 to {self.size - 1}, got {row} and {column}")
        rows, columns = (
            range(max(0, row - 1), min(self.size, row + 2)),
            range(max(0, column - 1), min(self.size, column + 2)),
        )
        return [[r, c] for r in rows for c in columns if [r, c] != [row, column]]

    def open_cell(self, row: int, column: int) -> int:
        """Open a closed cell that is safe.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its number: how many mines are around it.

        Example:
            open_cell(row=0, column=2) -> 1
        """
        around = self._around(row, column)
        if [row, column] in self.mines:
            raise ValueError("this cell is not safe: had it been opened, it would have blown up")
        if [row, column] in self.opened + self.flags:
            raise ValueError("this cell is not closed")
        self.opened.append([row, column])
        return sum(cell in self.mines for cell in around)

    def flag_cell(self, row: int, column: int) -> int:
        """Flag a closed cell as a mine.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            how many flags there are now.

        Example:
            flag_cell(row=1, column=1) -> 1
        """
        self._around(row, column)
        if [row, column] in self.opened + self.flags:
            raise ValueError("this cell is not closed")
        self.flags.append([row, column])
        return len(self.flags)

    def closed_around(self, row: int, column: int) -> list[list[int]]:
        """List the closed cells around a cell that have no flag.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            row and column of each, row by row; maybe none.

        Example:
            closed_around(row=0, column=2) -> [[0, 1], [1, 3]]
        """
        return [cell for cell in self._around(row, column) if cell not in self.opened + self.flags]

    def flags_around(self, row: int, column: int) -> int:
        """Count the flags around a cell.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            the number of flags.

        Example:
            flags_around(row=0, column=2) -> 1
        """
        return sum(cell in self.flags for cell in self._around(row, column))


class MineSurvey(Environment):
    """A square field hides mines, at most one in a cell; rows and columns are numbered from 0 to `size` - 1. All cells are
    closed at first. A closed cell can be opened, which tells how many mines are in the cells around it (up to eight,
    also diagonally), or flagged as a mine. The cell in row `row` and column `column` is safe and is opened first.

    From then on one number at a time is compared with what lies around its cell:

    - If a cell's number equals the flags around it, all closed cells around it are safe and are opened.
    - If a cell's number equals the flags and the closed cells around it together, all closed cells around it are mines
    and are
      flagged.

    No other reasoning is used, and nothing is guessed. It is over when no opened cell allows any of this any more. The
    outcome does not depend on the order. A cell that is opened without being safe blows up.

    The answer is the sum of the numbers of all opened cells, how many cells have been opened, and the sum of 100 times
    the row plus the column over all flags.

    The input is hidden (mines); the tools give access to it. Observe shows what is known from the start: sizes, and
    size, row, column.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, mines: list[list[int]], size: int, row: int, column: int) -> None:
        self.mines = mines
        self.size = size
        self.row = row
        self.column = column
        self.field = Field(copy.deepcopy(self.mines), self.size, self.row, self.column)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "size": a whole number, given as it is.
            "row": a whole number, given as it is.
            "column": a whole number, given as it is.
            "mines": number of items of mines.

        Example:
            Observe() -> {"size": 4, "row": 0, "column": 3, "mines": 3}
        """
        return {"size": self.size, "row": self.row, "column": self.column, "mines": len(self.mines)}

    @tool
    def OpenCell(self, row: int, column: int) -> int:
        """Open a closed cell that is safe.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            its number: how many mines are around it.

        Example:
            OpenCell(row=0, column=2) -> 1
        """
        return self.field.open_cell(row, column)

    @tool
    def FlagCell(self, row: int, column: int) -> int:
        """Flag a closed cell as a mine.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            how many flags there are now.

        Example:
            FlagCell(row=1, column=1) -> 1
        """
        return self.field.flag_cell(row, column)

    @tool
    def ClosedAround(self, row: int, column: int) -> list[list[int]]:
        """List the closed cells around a cell that have no flag.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            row and column of each, row by row; maybe none.

        Example:
            ClosedAround(row=0, column=2) -> [[0, 1], [1, 3]]
        """
        return self.field.closed_around(row, column)

    @tool
    def FlagsAround(self, row: int, column: int) -> int:
        """Count the flags around a cell.

        Args:
            row: row of the cell.
            column: column of the cell.

        Returns:
            the number of flags.

        Example:
            FlagsAround(row=0, column=2) -> 1
        """
        return self.field.flags_around(row, column)

    def answer(self) -> dict[str, int]:
        """Survey the field.

        Returns:
            the sum of the "numbers", the cells "opened" and the sum over the "flags". Example:
            {"numbers": 14, "opened": 17, "flags": 306}.
        """
        mines = copy.deepcopy(self.mines)
        size = self.size
        row = self.row
        column = self.column
        field = Field(mines, size, row, column)
        frontier = [[row, column, field.open_cell(row, column)]]
        total, opened, flags = (frontier[0][2], 1, 0)
        changed = True
        while changed:
            changed = False
            rest = []
            for cell in frontier:
                closed = field.closed_around(cell[0], cell[1])
                if not closed:
                    continue
                wanted = cell[2] - field.flags_around(cell[0], cell[1])
                if wanted == len(closed):
                    for place in closed:
                        field.flag_cell(place[0], place[1])
                        flags += 100 * place[0] + place[1]
                    changed = True
                elif wanted == 0:
                    for place in closed:
                        number = field.open_cell(place[0], place[1])
                        total, opened = (total + number, opened + 1)
                        rest.append([place[0], place[1], number])
                    changed = True
                else:
                    rest.append(cell)
            frontier = rest
        return {"numbers": total, "opened": opened, "flags": flags}

    def solve(self, call):
        seen = call("Observe")
        row = seen["row"]
        column = seen["column"]
        frontier = [[row, column, call("OpenCell", row=row, column=column)]]
        total, opened, flags = (frontier[0][2], 1, 0)
        changed = True
        while changed:
            changed = False
            rest = []
            for cell in frontier:
                closed = call("ClosedAround", row=cell[0], column=cell[1])
                if not closed:
                    continue
                wanted = cell[2] - call("FlagsAround", row=cell[0], column=cell[1])
                if wanted == len(closed):
                    for place in closed:
                        call("FlagCell", row=place[0], column=place[1])
                        flags += 100 * place[0] + place[1]
                    changed = True
                elif wanted == 0:
                    for place in closed:
                        number = call("OpenCell", row=place[0], column=place[1])
                        total, opened = (total + number, opened + 1)
                        rest.append([place[0], place[1], number])
                    changed = True
                else:
                    rest.append(cell)
            frontier = rest
        return call("Done", answer={"numbers": total, "opened": opened, "flags": flags})

    @staticmethod
    def generate(rng, level):
        size, low, high = {"easy": (4, 4, 8), "medium": (4, 9, 12), "hard": (6, 20, 32)}[level]
        cells = [[r, c] for r in range(size) for c in range(size)]
        while True:
            mines = rng.sample(cells, rng.randint(size - 1, size + (level != "medium")))
            row, column = rng.choice([cell for cell in cells if cell not in mines])
            opened, flags, before = ([[row, column]], [], 0)
            while len(opened) + len(flags) > before:
                before = len(opened) + len(flags)
                for r, c in opened[:]:
                    around = [cell for cell in cells if max(abs(cell[0] - r), abs(cell[1] - c)) == 1]
                    closed = [cell for cell in around if cell not in opened + flags]
                    wanted = sum((cell in mines for cell in around)) - sum((cell in flags for cell in around))
                    flags += closed if wanted == len(closed) else []
                    opened += closed if wanted == 0 else []
            if low <= len(opened) <= high and flags:
                return {"mines": mines, "size": size, "row": row, "column": column}
