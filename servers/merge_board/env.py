"""A square board holds numbers; 0 is an empty cell."""

import copy

from codegym_mcp import Environment, tool


def pack(line: list[int]) -> list[int]:
    """Pack the numbers of a line towards its beginning; equal neighbours merge.

    Args:
        line: the numbers, 0 for empty cells.

    Returns:
        the packed line, as long as before.

    Example:
        pack(line=[2, 0, 2, 4]) -> [4, 4, 0, 0]
    """
    packed, fresh = [], False
    for number in [number for number in line if number]:
        if packed and packed[-1] == number and not fresh:
            packed[-1], fresh = 2 * number, True
        else:
            packed, fresh = [*packed, number], False
    return packed + [0] * (len(line) - len(packed))


def gain(line: list[int]) -> int:
    """Work out what a line scores when it is packed.

    Args:
        line: the numbers before packing.

    Returns:
        the gain.

    Example:
        gain(line=[2, 0, 2, 4]) -> 4
    """
    score, last = 0, 0
    for number in [number for number in line if number]:
        score, last = (score + 2 * number, 0) if number == last else (score, number)
    return score


def new_number(move: int, empty: int) -> list[int]:
    """Work out where a new number comes and what it is.

    Args:
        move: the place of the move in the list, from 0.
        empty: how many cells are empty, at least 1.

    Returns:
        which empty cell it is, from 0, and the number.

    Example:
        new_number(move=3, empty=5) -> [1, 2]
    """
    if empty < 1:
        raise ValueError("no cell is empty")
    return [(7 * move + 3 * empty) % empty, 4 if (move + empty) % 3 == 0 else 2]


def worth(row: list[int]) -> int:
    """Work out what a row is worth at the end.

    Args:
        row: its numbers from column 0 on.

    Returns:
        the worth.

    Example:
        worth(row=[4, 4, 0, 2]) -> 11
    """
    return sum(row) + row.count(0) + max(row) * (row == sorted(row))


class MergeBoard(Environment):
    """A square board holds numbers; 0 is an empty cell. `rows` is the board at the beginning; rows and columns count from
    0.

    Handle the moves in the order of the list `moves`: "left", "right", "up" or "down". In a move the numbers of each
    line are packed towards that side: for "left" the lines are the rows, read from column 0 on; for "right" the rows,
    read from the last column on; for "up" and "down" likewise the columns, read from row 0 or from the last row on.
    Each packed line replaces the line it comes from, in the same direction of reading. Before it is packed, each line
    scores its gain.

    If a move has changed the board, a new number is put into one of the empty cells, if there is any: they are counted
    row by row,
    from the left, from 0 on. Which of them it is and which number follows from the place of the move in the list, from
    0, and
    from how many cells are empty.

    At the end each row, read from column 0 on, is worth something.

    The answer is the sum of all gains, the sum of the worths of the rows, and how many moves changed nothing.

    The input is hidden (rows, moves); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rows: list[list[int]], moves: list[str]) -> None:
        self.rows = rows
        self.moves = moves

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "rows": number of items of rows.
            "moves": number of items of moves.

        Example:
            Observe() -> {"rows": 3, "moves": 2}
        """
        return {"rows": len(self.rows), "moves": len(self.moves)}

    @tool
    def ReadRow(self, index: int) -> list[int]:
        """Read one item of rows.

        Args:
            index: position in rows, counted from 0.

        Returns:
            the item.

        Example:
            ReadRow(index=0) -> [8, 0, 4]
        """
        if not 0 <= index < len(self.rows):
            raise ValueError(f"index must be from 0 to {len(self.rows) - 1}, got {index}")
        return self.rows[index]

    @tool
    def ReadMove(self, index: int) -> str:
        """Read one item of moves.

        Args:
            index: position in moves, counted from 0.

        Returns:
            the item.

        Example:
            ReadMove(index=0) -> "down"
        """
        if not 0 <= index < len(self.moves):
            raise ValueError(f"index must be from 0 to {len(self.moves) - 1}, got {index}")
        return self.moves[index]

    @tool
    def Pack(self, line: list[int]) -> list[int]:
        """Pack the numbers of a line towards its beginning; equal neighbours merge.

        Args:
            line: the numbers, 0 for empty cells.

        Returns:
            the packed line, as long as before.

        Example:
            Pack(line=[2, 0, 2, 4]) -> [4, 4, 0, 0]
        """
        return pack(line)

    @tool
    def Gain(self, line: list[int]) -> int:
        """Work out what a line scores when it is packed.

        Args:
            line: the numbers before packing.

        Returns:
            the gain.

        Example:
            Gain(line=[2, 0, 2, 4]) -> 4
        """
        return gain(line)

    @tool
    def NewNumber(self, move: int, empty: int) -> list[int]:
        """Work out where a new number comes and what it is.

        Args:
            move: the place of the move in the list, from 0.
            empty: how many cells are empty, at least 1.

        Returns:
            which empty cell it is, from 0, and the number.

        Example:
            NewNumber(move=3, empty=5) -> [1, 2]
        """
        return new_number(move, empty)

    @tool
    def Worth(self, row: list[int]) -> int:
        """Work out what a row is worth at the end.

        Args:
            row: its numbers from column 0 on.

        Returns:
            the worth.

        Example:
            Worth(row=[4, 4, 0, 2]) -> 11
        """
        return worth(row)

    def answer(self) -> dict[str, int]:
        """Handle the moves.

        Returns:
            the sum of the "gains", the "worth" and the "idle" moves. Example: {"gains": 28, "worth": 41, "idle": 1}.
        """
        rows = copy.deepcopy(self.rows)
        moves = copy.deepcopy(self.moves)
        board = [list(row) for row in rows]
        gains = idle = 0
        for number, move in enumerate(moves):
            before = [list(row) for row in board]
            for place in range(len(board)):
                line = list(board[place]) if move in ("left", "right") else [row[place] for row in board]
                if move in ("right", "down"):
                    line.reverse()
                gains += gain(line)
                line = pack(line)
                if move in ("right", "down"):
                    line.reverse()
                for other in range(len(line)):
                    if move in ("left", "right"):
                        board[place][other] = line[other]
                    else:
                        board[other][place] = line[other]
            if board == before:
                idle += 1
                continue
            empty = [[r, c] for r in range(len(board)) for c in range(len(board)) if board[r][c] == 0]
            if empty:
                which, fresh = new_number(number, len(empty))
                board[empty[which][0]][empty[which][1]] = fresh
        value = 0
        for row in board:
            value += worth(row)
        return {"gains": gains, "worth": value, "idle": idle}

    def solve(self, call):
        seen = call("Observe")
        board = [list(row) for row in (call("ReadRow", index=index) for index in range(seen["rows"]))]
        gains = idle = 0
        for number, move in enumerate((call("ReadMove", index=index) for index in range(seen["moves"]))):
            before = [list(row) for row in board]
            for place in range(len(board)):
                line = list(board[place]) if move in ("left", "right") else [row[place] for row in board]
                if move in ("right", "down"):
                    line.reverse()
                gains += call("Gain", line=line)
                line = call("Pack", line=line)
                if move in ("right", "down"):
                    line.reverse()
                for other in range(len(line)):
                    if move in ("left", "right"):
                        board[place][other] = line[other]
                    else:
                        board[other][place] = line[other]
            if board == before:
                idle += 1
                continue
            empty = [[r, c] for r in range(len(board)) for c in range(len(board)) if board[r][c] == 0]
            if empty:
                which, fresh = call("NewNumber", move=number, empty=len(empty))
                board[empty[which][0]][empty[which][1]] = fresh
        value = 0
        for row in board:
            value += call("Worth", row=row)
        return call("Done", answer={"gains": gains, "worth": value, "idle": idle})

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (3, 2), "medium": (3, 5), "hard": (4, rng.randint(9, 12))}[level]
        rows = [[rng.choice([0, 2, 2, 4, 4, 8]) for _ in range(size)] for _ in range(size)]
        return {"rows": rows, "moves": [rng.choice(["left", "right", "up", "down"]) for _ in range(count)]}
