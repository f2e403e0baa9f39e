"""Wrecks lie at unknown places of a sea that is divided into squares, in rows and columns numbered from 0 to `size` - 1."""

import copy

from codegym_mcp import Environment, tool


class Sea:
    """The wrecks that have not been raised, and the depths of the sea."""

    def __init__(self, wrecks: dict[str, list[int]], size: int, slope: list[int]) -> None:
        self.wrecks, self.size, self.slope = dict(wrecks), size, slope
        self.names = list(wrecks)

    def _check(self, row: int, column: int) -> None:
        if not (0 <= row < self.size and 0 <= column < self.size):
            raise ValueError(f"row and column must be from 0 to {self.size - 1}, got {row} and {column}")

    def wrecks_left(self) -> int:
        """Count the wrecks that have not been raised.

        Returns:
            the number.

        Example:
            wrecks_left() -> 4
        """
        return len(self.wrecks)

    def ping(self, row: int, column: int) -> int:
        """Measure the distance to the nearest wreck that has not been raised.

        Args:
            row: row of the square from which to measure.
            column: its column.

        Returns:
            the distance; 0 if a wreck is in the square itself.

        Example:
            ping(row=0, column=0) -> 7
        """
        self._check(row, column)
        if not self.wrecks:
            raise ValueError("all wrecks have been raised")
        return min(abs(row - r) + abs(column - c) for r, c in self.wrecks.values())

    def raise_wreck(self, row: int, column: int) -> str:
        """Send the crane to a square.

        Args:
            row: row of the square.
            column: its column.

        Returns:
            the name of the wreck that was raised, or "nothing".

        Example:
            raise_wreck(row=4, column=3) -> "Otter"
        """
        self._check(row, column)
        name = next((name for name, place in self.wrecks.items() if place == [row, column]), "nothing")
        self.wrecks.pop(name, None)
        return name

    def depth(self, row: int, column: int) -> int:
        """Measure the depth of the water in a square.

        Args:
            row: row of the square.
            column: its column.

        Returns:
            the depth in metres.

        Example:
            depth(row=4, column=3) -> 41
        """
        self._check(row, column)
        return 5 + row * self.slope[0] + column * self.slope[1] + row * column % 7

    def appraise(self, name: str, depth: int) -> int:
        """Tell what a raised wreck is worth.

        Args:
            name: its name.
            depth: the depth where it lay.

        Returns:
            the coins.

        Example:
            appraise(name="Otter", depth=41) -> 164
        """
        if name not in self.names or name in self.wrecks:
            raise ValueError(f"{name!r} has not been raised")
        return depth * (1 + self.names.index(name) % 5) + sum(ord(letter) for letter in name) % 50


class SonarWrecks(Environment):
    """Wrecks lie at unknown places of a sea that is divided into squares, in rows and columns numbered from 0 to `size` -
    1. No two wrecks lie in the same square. A sonar measures from any square of the sea the distance to the nearest
    wreck that has not been raised: the difference of the rows plus the difference of the columns.

    All wrecks are to be raised, in any order. A wreck is raised by sending a crane to exactly its square.

    A raised wreck has a name; its worth in coins depends on the name and on the depth of the water where it lay. In
    addition, each wreck brings as many coins as its row number times its column number.

    The answer is the number of coins that all wrecks bring together.

    The input is hidden (wrecks, slope); the tools give access to it. Observe shows what is known from the start: sizes,
    and size.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, wrecks: dict[str, list[int]], size: int, slope: list[int]) -> None:
        self.wrecks = wrecks
        self.size = size
        self.slope = slope
        self.sea = Sea(copy.deepcopy(self.wrecks), self.size, copy.deepcopy(self.slope))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "size": a whole number, given as it is.
            "wrecks": number of keys of wrecks.
            "slope": number of items of slope.

        Example:
            Observe() -> {"size": 5, "wrecks": 2, "slope": 2}
        """
        return {"size": self.size, "wrecks": len(self.wrecks), "slope": len(self.slope)}

    @tool
    def WrecksLeft(self) -> int:
        """Count the wrecks that have not been raised.

        Returns:
            the number.

        Example:
            WrecksLeft() -> 4
        """
        return self.sea.wrecks_left()

    @tool
    def Ping(self, row: int, column: int) -> int:
        """Measure the distance to the nearest wreck that has not been raised.

        Args:
            row: row of the square from which to measure.
            column: its column.

        Returns:
            the distance; 0 if a wreck is in the square itself.

        Example:
            Ping(row=0, column=0) -> 7
        """
        return self.sea.ping(row, column)

    @tool
    def RaiseWreck(self, row: int, column: int) -> str:
        """Send the crane to a square.

        Args:
            row: row of the square.
            column: its column.

        Returns:
            the name of the wreck that was raised, or "nothing".

        Example:
            RaiseWreck(row=4, column=3) -> "Otter"
        """
        return self.sea.raise_wreck(row, column)

    @tool
    def Depth(self, row: int, column: int) -> int:
        """Measure the depth of the water in a square.

        Args:
            row: row of the square.
            column: its column.

        Returns:
            the depth in metres.

        Example:
            Depth(row=4, column=3) -> 41
        """
        return self.sea.depth(row, column)

    @tool
    def Appraise(self, name: str, depth: int) -> int:
        """Tell what a raised wreck is worth.

        Args:
            name: its name.
            depth: the depth where it lay.

        Returns:
            the coins.

        Example:
            Appraise(name="Otter", depth=41) -> 164
        """
        return self.sea.appraise(name, depth)

    def answer(self) -> int:
        """Raise all wrecks.

        Returns:
            the number of coins. Example: 1203.
        """
        wrecks = copy.deepcopy(self.wrecks)
        size = self.size
        slope = copy.deepcopy(self.slope)
        sea = Sea(wrecks, size, slope)
        coins = 0
        while sea.wrecks_left() > 0:
            row = column = 0
            distance = sea.ping(0, 0)
            while distance > 0:
                if row + 1 < size and sea.ping(row + 1, column) < distance:
                    row += 1
                else:
                    column += 1
                distance -= 1
            name = sea.raise_wreck(row, column)
            coins += sea.appraise(name, sea.depth(row, column)) + row * column
        return coins

    def solve(self, call):
        seen = call("Observe")
        size = seen["size"]
        coins = 0
        while call("WrecksLeft") > 0:
            row = column = 0
            distance = call("Ping", row=0, column=0)
            while distance > 0:
                if row + 1 < size and call("Ping", row=row + 1, column=column) < distance:
                    row += 1
                else:
                    column += 1
                distance -= 1
            name = call("RaiseWreck", row=row, column=column)
            coins += call("Appraise", name=name, depth=call("Depth", row=row, column=column)) + row * column
        return call("Done", answer=coins)

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (5, 2), "medium": (6, 4), "hard": (9, rng.randint(6, 9))}[level]
        names = rng.sample("Otter Heron Pike Gull Seal Tern Coot Eider Bream Smelt".split(), count)
        cells = [[row, column] for row in range(size) for column in range(size)]
        return {
            "wrecks": dict(zip(names, rng.sample(cells, count), strict=True)),
            "size": size,
            "slope": [rng.randint(1, 6), rng.randint(1, 6)],
        }
