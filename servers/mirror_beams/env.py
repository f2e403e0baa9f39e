"""Beams of light are sent into a hidden board of rows and columns, numbered from 0, one beam after the other."""

import copy

from codegym_mcp import Environment, tool


class Board:
    """The board with its mirrors and crystals, and the beams."""

    def __init__(self, rows: list[str], beams: list[list], reach: int) -> None:
        self.rows = [list(row) for row in rows]  # "." "/" "\\" or a digit: what a crystal can still absorb
        self.beams, self.reach = beams, reach

    def _cell(self, row: int, column: int, kinds: str) -> str:
        if not (0 <= row < len(self.rows) and 0 <= column < len(self.rows[0])) or self.rows[row][column] not in kinds:
            raise ValueError(f"row {row}, column {column} is outside, or nothing of that kind is there")
        return self.rows[row][column]

    def read_beam(self, beam: int) -> dict[str, int | str]:
        """Read where a beam begins.

        Args:
            beam: number of the beam, from 0.

        Returns:
            its "row", "column" and "heading".

        Example:
            read_beam(beam=0) -> {"row": 2, "column": 0, "heading": "E"}
        """
        if not 0 <= beam < len(self.beams):
            raise ValueError(f"beam must be from 0 to {len(self.beams) - 1}, got {beam}")
        return dict(zip(("row", "column", "heading"), self.beams[beam], strict=True))

    def look_at(self, row: int, column: int) -> str:
        """Look what is in a cell.

        Args:
            row: number of the row; it may be outside the board.
            column: number of the column; it may be outside the board.

        Returns:
            "empty", "mirror", "crystal" or "outside".

        Example:
            look_at(row=2, column=1) -> "mirror"
        """
        if not (0 <= row < len(self.rows) and 0 <= column < len(self.rows[0])):
            return "outside"
        return {".": "empty", "/": "mirror", "\\": "mirror"}.get(self.rows[row][column], "crystal")

    def strike_mirror(self, row: int, column: int, heading: str) -> str:
        """Let a beam strike a mirror, which turns the beam and then stands the other way round.

        Args:
            row: row of the mirror.
            column: column of the mirror.
            heading: heading of the beam: N, E, S or W.

        Returns:
            the new heading of the beam.

        Example:
            strike_mirror(row=2, column=1, heading="E") -> "N"
        """
        kind = self._cell(row, column, "/\\")
        turned = dict(zip("NESW", "ENWS" if kind == "/" else "WSEN", strict=True))
        if heading not in turned:
            raise ValueError(f"heading must be N, E, S or W, got {heading!r}")
        self.rows[row][column] = "\\" if kind == "/" else "/"
        return turned[heading]

    def absorb(self, row: int, column: int) -> int:
        """Let a crystal absorb a beam.

        Args:
            row: row of the crystal.
            column: column of the crystal.

        Returns:
            how many beams it can still absorb; at 0 it is gone.

        Example:
            absorb(row=0, column=1) -> 2
        """
        left = int(self._cell(row, column, "123456789")) - 1
        self.rows[row][column] = str(left) if left else "."
        return left


class MirrorBeams(Environment):
    """Beams of light are sent into a hidden board of rows and columns, numbered from 0, one beam after the other. Each
    beam begins in a given cell with a heading: N (towards row 0), E (towards higher columns), S or W. It acts on the
    cell where it begins as on any other cell.

    - In an empty cell it goes on.
    - A mirror turns it and afterwards stands the other way round: a slash becomes a backslash, and the other way about.
    - A crystal absorbs it, which ends the beam; a crystal that has absorbed as much as it can breaks, and its cell is
    empty.

    After each cell the beam goes to the next one in its heading. It ends also when it leaves the board, or in the cell
    that is the `reach`-th one on its way, after it has acted there; the cell where it begins is the first one, and
    cells count each time.

    Each beam scores: 1 for each mirror that turned it, times the number of cells on its way; and 100 if a crystal
    absorbed it.

    The answer is the list of the scores of all beams.

    The input is hidden (rows, beams); the tools give access to it. Observe shows what is known from the start: sizes,
    and reach.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rows: list[str], beams: list[list[int | str]], reach: int) -> None:
        self.rows = rows
        self.beams = beams
        self.reach = reach
        self.board = Board(copy.deepcopy(self.rows), copy.deepcopy(self.beams), self.reach)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "reach": a whole number, given as it is.
            "rows": number of items of rows.
            "beams": number of items of beams.

        Example:
            Observe() -> {"reach": 6, "rows": 4, "beams": 3}
        """
        return {"reach": self.reach, "rows": len(self.rows), "beams": len(self.beams)}

    @tool
    def ReadBeam(self, beam: int) -> dict[str, int | str]:
        """Read where a beam begins.

        Args:
            beam: number of the beam, from 0.

        Returns:
            its "row", "column" and "heading".

        Example:
            ReadBeam(beam=0) -> {"row": 2, "column": 0, "heading": "E"}
        """
        return self.board.read_beam(beam)

    @tool
    def LookAt(self, row: int, column: int) -> str:
        """Look what is in a cell.

        Args:
            row: number of the row; it may be outside the board.
            column: number of the column; it may be outside the board.

        Returns:
            "empty", "mirror", "crystal" or "outside".

        Example:
            LookAt(row=2, column=1) -> "mirror"
        """
        return self.board.look_at(row, column)

    @tool
    def StrikeMirror(self, row: int, column: int, heading: str) -> str:
        """Let a beam strike a mirror, which turns the beam and then stands the other way round.

        Args:
            row: row of the mirror.
            column: column of the mirror.
            heading: heading of the beam: N, E, S or W.

        Returns:
            the new heading of the beam.

        Example:
            StrikeMirror(row=2, column=1, heading="E") -> "N"
        """
        return self.board.strike_mirror(row, column, heading)

    @tool
    def Absorb(self, row: int, column: int) -> int:
        """Let a crystal absorb a beam.

        Args:
            row: row of the crystal.
            column: column of the crystal.

        Returns:
            how many beams it can still absorb; at 0 it is gone.

        Example:
            Absorb(row=0, column=1) -> 2
        """
        return self.board.absorb(row, column)

    def answer(self) -> list[int]:
        """Send the beams.

        Returns:
            the scores of the beams, in order. Example: [12, 100, 105].
        """
        rows = copy.deepcopy(self.rows)
        beams = copy.deepcopy(self.beams)
        reach = self.reach
        board = Board(rows, beams, reach)
        down, right = ({"N": -1, "S": 1, "E": 0, "W": 0}, {"N": 0, "S": 0, "E": 1, "W": -1})
        scores = []
        for number in range(len(beams)):
            beam = board.read_beam(number)
            row, column, heading = (beam["row"], beam["column"], beam["heading"])
            cells = turns = bonus = 0
            while cells < reach and bonus == 0:
                kind = board.look_at(row, column)
                if kind == "outside":
                    break
                cells += 1
                if kind == "crystal":
                    board.absorb(row, column)
                    bonus = 100
                elif kind == "mirror":
                    heading = board.strike_mirror(row, column, heading)
                    turns += 1
                row, column = (row + down[heading], column + right[heading])
            scores.append(turns * cells + bonus)
        return scores

    def solve(self, call):
        seen = call("Observe")
        reach = seen["reach"]
        down, right = ({"N": -1, "S": 1, "E": 0, "W": 0}, {"N": 0, "S": 0, "E": 1, "W": -1})
        scores = []
        for number in range(seen["beams"]):
            beam = call("ReadBeam", beam=number)
            row, column, heading = (beam["row"], beam["column"], beam["heading"])
            cells = turns = bonus = 0
            while cells < reach and bonus == 0:
                kind = call("LookAt", row=row, column=column)
                if kind == "outside":
                    break
                cells += 1
                if kind == "crystal":
                    call("Absorb", row=row, column=column)
                    bonus = 100
                elif kind == "mirror":
                    heading = call("StrikeMirror", row=row, column=column, heading=heading)
                    turns += 1
                row, column = (row + down[heading], column + right[heading])
            scores.append(turns * cells + bonus)
        return call("Done", answer=scores)

    @staticmethod
    def generate(rng, level):
        size, count, reach = {"easy": (4, 3, 6), "medium": (5, 5, 9), "hard": (7, rng.randint(8, 10), 13)}[level]
        rows = [
            "".join((rng.choice("...///\\\\\\" + "123"[rng.randrange(3)]) for _ in range(size))) for _ in range(size)
        ]
        beams = []
        for _ in range(count):
            place = rng.randrange(size)
            beams.append(rng.choice([[0, place, "S"], [size - 1, place, "N"], [place, 0, "E"], [place, size - 1, "W"]]))
        return {"rows": rows, "beams": beams, "reach": reach}
