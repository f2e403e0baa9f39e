"""A sledge on a hidden rink of ice follows a program, a list of directions (north, east, south, west) numbered from 0, and
begins with number 0.
"""

import copy

from codegym_mcp import Environment, tool


class Rink:
    """The rink with its rocks and coins, and the sledge."""

    def __init__(self, rows: list[str], start: list[int], program: list[str], turns: int) -> None:
        self.rows = [list(row) for row in rows]  # "#" rock, a digit: coins
        self.place, self.program, self.turns = list(start), program, turns

    def _ahead(self, direction: str) -> list[int]:
        steps = {"north": [-1, 0], "east": [0, 1], "south": [1, 0], "west": [0, -1]}
        if direction not in steps:
            raise ValueError(f"direction must be north, east, south or west, got {direction!r}")
        return [self.place[0] + steps[direction][0], self.place[1] + steps[direction][1]]

    def _kind(self, row: int, column: int) -> str:
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[0])
        return "edge" if not inside else "rock" if self.rows[row][column] == "#" else "ice"

    def read_direction(self, number: int) -> str:
        """Read a direction of the program.

        Args:
            number: its number, from 0.

        Returns:
            the direction.

        Example:
            read_direction(number=0) -> "east"
        """
        if not 0 <= number < len(self.program):
            raise ValueError(f"number must be from 0 to {len(self.program) - 1}, got {number}")
        return self.program[number]

    def slide(self, direction: str) -> int:
        """Slide until something is in the way; a rock grows in the cell that was left, if any was left.

        Args:
            direction: north, east, south or west.

        Returns:
            how many cells the sledge has slid.

        Example:
            slide(direction="east") -> 3
        """
        row, column = self.place
        cells = 0
        while self._kind(*self._ahead(direction)) == "ice":
            self.place = self._ahead(direction)
            cells += 1
        if cells:
            self.rows[row][column] = "#"
        return cells

    def pick_up(self) -> int:
        """Pick up the coins in the cell of the sledge.

        Returns:
            how many there were.

        Example:
            pick_up() -> 4
        """
        row, column = self.place
        coins = int(self.rows[row][column])
        self.rows[row][column] = "0"
        return coins

    def ahead(self, direction: str) -> str:
        """Look what is right in front of the sledge.

        Args:
            direction: north, east, south or west.

        Returns:
            "ice", "rock" or "edge".

        Example:
            ahead(direction="east") -> "rock"
        """
        return self._kind(*self._ahead(direction))

    def bore(self, direction: str) -> int:
        """Break the rock right in front of the sledge.

        Args:
            direction: north, east, south or west; a rock must be there.

        Returns:
            how many coins are in the cell now.

        Example:
            bore(direction="east") -> 0
        """
        row, column = self._ahead(direction)
        if self._kind(row, column) != "rock":
            raise ValueError(f"there is no rock in direction {direction}")
        self.rows[row][column] = str((row * 3 + column * 5) % 8)
        return int(self.rows[row][column])


class IceProgram(Environment):
    """A sledge on a hidden rink of ice follows a program, a list of directions (north, east, south, west) numbered from 0,
    and begins with number 0.

    It slides in the direction until the next cell is a rock or the edge of the rink. Whenever it has slid at least one
    cell, a rock grows in the cell from which it started. Then it picks up the coins in the cell where it has stopped;
    coins in cells it only slides over stay there. If it picked up 5 or more coins, the next direction is left out.
    After the last direction of the program the sledge goes on with the first one, also where a direction is left out.

    If it cannot slide a single cell, it bores instead: it breaks the rock right in front of it, which costs 3 coins,
    stays where it is and goes on with the next direction. At the edge it cannot bore, and nothing at all happens.

    The ride is over after `turns` directions, without those left out.

    The answer is the number of coins at the end (it may be negative) and the number of cells slid in all.

    The input is hidden (rows, start, program); the tools give access to it. Observe shows what is known from the start:
    sizes, and turns.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rows: list[str], start: list[int], program: list[str], turns: int) -> None:
        self.rows = rows
        self.start = start
        self.program = program
        self.turns = turns
        self.rink = Rink(copy.deepcopy(self.rows), copy.deepcopy(self.start), copy.deepcopy(self.program), self.turns)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "turns": a whole number, given as it is.
            "rows": number of items of rows.
            "start": number of items of start.
            "program": number of items of program.

        Example:
            Observe() -> {"turns": 5, "rows": 5, "start": 2, "program": 4}
        """
        return {"turns": self.turns, "rows": len(self.rows), "start": len(self.start), "program": len(self.program)}

    @tool
    def ReadDirection(self, number: int) -> str:
        """Read a direction of the program.

        Args:
            number: its number, from 0.

        Returns:
            the direction.

        Example:
            ReadDirection(number=0) -> "east"
        """
        return self.rink.read_direction(number)

    @tool
    def Slide(self, direction: str) -> int:
        """Slide until something is in the way; a rock grows in the cell that was left, if any was left.

        Args:
            direction: north, east, south or west.

        Returns:
            how many cells the sledge has slid.

        Example:
            Slide(direction="east") -> 3
        """
        return self.rink.slide(direction)

    @tool
    def PickUp(self) -> int:
        """Pick up the coins in the cell of the sledge.

        Returns:
            how many there were.

        Example:
            PickUp() -> 4
        """
        return self.rink.pick_up()

    @tool
    def Ahead(self, direction: str) -> str:
        """Look what is right in front of the sledge.

        Args:
            direction: north, east, south or west.

        Returns:
            "ice", "rock" or "edge".

        Example:
            Ahead(direction="east") -> "rock"
        """
        return self.rink.ahead(direction)

    @tool
    def Bore(self, direction: str) -> int:
        """Break the rock right in front of the sledge.

        Args:
            direction: north, east, south or west; a rock must be there.

        Returns:
            how many coins are in the cell now.

        Example:
            Bore(direction="east") -> 0
        """
        return self.rink.bore(direction)

    def answer(self) -> dict[str, int]:
        """Follow the program.

        Returns:
            the number of "coins" and of "cells". Example: {"coins": 17, "cells": 22}.
        """
        rows = copy.deepcopy(self.rows)
        start = copy.deepcopy(self.start)
        program = copy.deepcopy(self.program)
        turns = self.turns
        rink = Rink(rows, start, program, turns)
        coins = cells = number = 0
        for _ in range(turns):
            direction = rink.read_direction(number)
            number = (number + 1) % len(program)
            slid = rink.slide(direction)
            if slid > 0:
                cells += slid
                found = rink.pick_up()
                coins += found
                if found >= 5:
                    number = (number + 1) % len(program)
            elif rink.ahead(direction) == "rock":
                rink.bore(direction)
                coins -= 3
        return {"coins": coins, "cells": cells}

    def solve(self, call):
        seen = call("Observe")
        turns = seen["turns"]
        coins = cells = number = 0
        for _ in range(turns):
            direction = call("ReadDirection", number=number)
            number = (number + 1) % seen["program"]
            slid = call("Slide", direction=direction)
            if slid > 0:
                cells += slid
                found = call("PickUp")
                coins += found
                if found >= 5:
                    number = (number + 1) % seen["program"]
            elif call("Ahead", direction=direction) == "rock":
                call("Bore", direction=direction)
                coins -= 3
        return call("Done", answer={"coins": coins, "cells": cells})

    @staticmethod
    def generate(rng, level):
        size, length, turns = {"easy": (5, 4, 5), "medium": (6, 5, 12), "hard": (8, 7, rng.randint(28, 38))}[level]
        rows = [[rng.choice("00123456789#") for _ in range(size)] for _ in range(size)]
        start = [rng.randrange(size), rng.randrange(size)]
        rows[start[0]][start[1]] = "0"
        compass = ["north", "east", "south", "west"]
        program = [compass[(n + rng.choice([0, 0, 1])) % 4] for n in range(length)]
        return {"rows": ["".join(row) for row in rows], "start": start, "program": program, "turns": turns}
