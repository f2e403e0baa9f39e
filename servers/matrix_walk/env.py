"""A walker on a hidden matrix, driven by sums of rectangles."""

from codegym_mcp import Environment, tool


class MatrixWalk(Environment):
    """A walker moves over a matrix of whole numbers that you cannot see. Follow it to the end of its cards.

    Rows and columns are numbered from 0. There is one card per step, taken in ascending order from card 0. A card
    names a height and a width: they are the size of the rectangle whose top left cell is the walker's cell. A
    rectangle that reaches over the lower or the right edge of the matrix is cut off there. With the sum s of the
    cells in the rectangle, the walker moves from row r and column c to row (r + s) mod `rows` and
    column (c + s div `rows`) mod `columns`, where div is the division rounded down.

    No tool reads a single cell or rectangle. A table keeps sums of the rows that were folded into it, none at first.
    Answer with the walker's row and column after the last card, and the total of all the rectangle sums.
    """

    def reset(self, *, matrix: list[list[int]], cards: list[list[int]], start: list[int]) -> None:
        self.matrix, self.cards = matrix, cards
        self.row, self.column = start
        self.used = 0
        self.table = [[0] * (len(matrix[0]) + 1)]

    def observe(self) -> dict[str, int]:
        """Show the sizes and the place of the walker.

        Returns:
            "rows" and "columns" of the matrix, the number of "cards", the walker's "row" and "column", and the
            number of rows folded into the table ("folded").

        Example:
            Observe() -> {"rows": 5, "columns": 7, "cards": 4, "row": 2, "column": 0, "folded": 0}
        """
        sizes = {"rows": len(self.matrix), "columns": len(self.matrix[0]), "cards": len(self.cards)}
        return {**sizes, "row": self.row, "column": self.column, "folded": len(self.table) - 1}

    @tool
    def FoldRow(self) -> int:
        """Fold the next row of the matrix into the table, beginning with row 0.

        Returns:
            the number of rows folded so far.

        Example:
            FoldRow() -> 3
        """
        done = len(self.table) - 1
        if done == len(self.matrix):
            raise ValueError(f"all {done} rows are folded already")
        above, total, entry = self.table[-1], 0, [0]
        for column, value in enumerate(self.matrix[done]):
            total += value
            entry.append(above[column + 1] + total)
        self.table.append(entry)
        return done + 1

    @tool
    def CornerSum(self, rows: int, columns: int) -> int:
        """Sum up the top left corner of the matrix.

        Args:
            rows: how many rows from the top, from 0 to the number of rows folded.
            columns: how many columns from the left, from 0 to the number of columns.

        Returns:
            the sum of the cells that lie in the first `rows` rows and the first `columns` columns; 0 if one is 0.

        Example:
            CornerSum(rows=2, columns=4) -> 71
        """
        if not 0 <= rows < len(self.table):
            raise ValueError(f"rows must be from 0 to the number of rows folded, {len(self.table) - 1}, got {rows}")
        if not 0 <= columns < len(self.table[0]):
            raise ValueError(f"columns must be from 0 to {len(self.table[0]) - 1}, got {columns}")
        return self.table[rows][columns]

    @tool
    def ReadCard(self, card: int) -> dict[str, int]:
        """Read one card.

        Args:
            card: number of the card, from 0 to cards - 1.

        Returns:
            the "height" (rows) and the "width" (columns) of the rectangle, before it is cut off at an edge.

        Example:
            ReadCard(card=0) -> {"height": 2, "width": 3}
        """
        if not 0 <= card < len(self.cards):
            raise ValueError(f"card must be from 0 to {len(self.cards) - 1}, got {card}")
        height, width = self.cards[card]
        return {"height": height, "width": width}

    @tool
    def Step(self, amount: int) -> dict[str, int]:
        """Move the walker as the sum of a rectangle demands. Steps cannot be undone, and there is one per card.

        Args:
            amount: the sum of the rectangle, at least 0. It is taken as given, not verified.

        Returns:
            the "row" and "column" where the walker stands now.

        Example:
            Step(amount=38) -> {"row": 0, "column": 4}
        """
        if amount < 0:
            raise ValueError(f"amount must be at least 0, got {amount}")
        if self.used == len(self.cards):
            raise ValueError(f"all {self.used} steps have been made")
        self.used += 1
        rows, columns = len(self.matrix), len(self.matrix[0])
        self.row, self.column = (self.row + amount) % rows, (self.column + amount // rows) % columns
        return {"row": self.row, "column": self.column}

    def answer(self) -> list[int]:
        """The end of the walk.

        Returns:
            [row, column, total]: the walker's last row and column, and the total of the rectangle sums of all cards.
        """
        row, column, total = self.row, self.column, 0
        for height, width in self.cards:
            found = sum(sum(line[column : column + width]) for line in self.matrix[row : row + height])
            total += found
            moved = column + found // len(self.matrix)
            row, column = (row + found) % len(self.matrix), moved % len(self.matrix[0])
        return [row, column, total]

    def solve(self, call):
        seen = call("Observe")
        rows, columns, place, folded, total = seen["rows"], seen["columns"], seen, 0, 0
        for number in range(seen["cards"]):
            card = call("ReadCard", card=number)
            top, left = place["row"], place["column"]
            bottom, right = min(rows, top + card["height"]), min(columns, left + card["width"])
            while folded < bottom:
                folded = call("FoldRow")
            found = call("CornerSum", rows=bottom, columns=right)
            if top:
                found -= call("CornerSum", rows=top, columns=right)
            if left:
                found -= call("CornerSum", rows=bottom, columns=left)
            if top and left:
                found += call("CornerSum", rows=top, columns=left)
            total += found
            place = call("Step", amount=found)
        return call("Done", answer=[place["row"], place["column"], total])

    @staticmethod
    def generate(rng, level):
        low, high = {"easy": (3, 4), "medium": (5, 7), "hard": (9, 13)}[level]
        rows, columns = rng.randint(low, high), rng.randint(low, high)
        count = rng.randint(*{"easy": (2, 3), "medium": (5, 8), "hard": (12, 26)}[level])
        return {
            "matrix": [[rng.randint(0, 30) for _ in range(columns)] for _ in range(rows)],
            "cards": [[rng.randint(1, rows - 1), rng.randint(1, columns - 1)] for _ in range(count)],
            "start": [rng.randrange(rows), rng.randrange(columns)],
        }
