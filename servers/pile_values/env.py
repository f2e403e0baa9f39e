"""In a game with piles of stones, a move replaces one pile by no, one or two smaller piles; hidden rules say which moves a
pile of n stones allows.
"""

import copy

from codegym_mcp import Environment, tool


class Game:
    """The rules, the opening position and the values noted so far."""

    def __init__(self, takes: list[int], splits: list[int], opening: list[int], largest: int) -> None:
        self.takes, self.splits, self.opening, self.largest = takes, splits, opening, largest
        self.values: dict[int, int] = {}

    def moves(self, size: int) -> list[list[int]]:
        """List what the moves make of a pile.

        Args:
            size: its number of stones, from 1 to `largest`.

        Returns:
            the sizes of the piles after each move; maybe no move at all.

        Example:
            moves(size=3) -> [[], [2], [1, 1]]
        """
        if not 1 <= size <= self.largest:
            raise ValueError(f"size must be from 1 to {self.largest}, got {size}")
        found = [[size - take] if size > take else [] for take in self.takes if take <= size]
        for take in self.splits:
            rest = size - take
            found += [[part, rest - part] for part in range(1, rest // 2 + 1) if (part + take) % 2 == 1]
        return found

    def value_together(self, piles: list[int]) -> int:
        """Work out the value of some piles together from the noted values.

        Args:
            piles: their sizes, at least one; the value of each size must have been noted.

        Returns:
            the value.

        Example:
            value_together(piles=[1, 2]) -> 3
        """
        missing = [size for size in piles if size not in self.values]
        if missing or not piles:
            raise ValueError(f"no piles, or no values noted for the sizes {missing}")
        value = 0
        for size in piles:
            value ^= self.values[size]
        return value

    def smallest_missing(self, values: list[int]) -> int:
        """Find the smallest whole number from 0 on that is not in a list.

        Args:
            values: the list; it may be empty.

        Returns:
            the number.

        Example:
            smallest_missing(values=[0, 1, 3]) -> 2
        """
        return next(number for number in range(len(values) + 1) if number not in values)

    def note_value(self, size: int, value: int) -> int:
        """Note the value of a pile size; sizes are noted in ascending order.

        Args:
            size: number of stones.
            value: the value, at least 0.

        Returns:
            how many values have been noted.

        Example:
            note_value(size=3, value=2) -> 3
        """
        if size != len(self.values) + 1 or value < 0:
            raise ValueError(f"expected a value from 0 on for the size {len(self.values) + 1}")
        self.values[size] = value
        return len(self.values)

    def opening_pile(self, index: int) -> int:
        """Look at a pile of the opening position.

        Args:
            index: number of the pile, from 0.

        Returns:
            its number of stones.

        Example:
            opening_pile(index=0) -> 4
        """
        if not 0 <= index < len(self.opening):
            raise ValueError(f"index must be from 0 to {len(self.opening) - 1}, got {index}")
        return self.opening[index]


class PileValues(Environment):
    """In a game with piles of stones, a move replaces one pile by no, one or two smaller piles; hidden rules say which
    moves a pile of n stones allows. Every pile size has a value, which is a whole number from 0 on.

    The value of several piles together is worked out from their single values; the value of no pile at all is 0. The
    value of a pile is the smallest whole number from 0 on that is not the value of what a move can make of the pile. So
    a pile that allows no move has the value 0.

    Work out the values of all sizes from 1 to `largest`. A value has to be noted before piles of that size can be
    valued together with others or within a move.

    Then look at the opening position, which has several piles. The answer is the value of the whole opening position,
    and the sum of size times value over all sizes from 1 to `largest`.

    The input is hidden (takes, splits, opening); the tools give access to it. Observe shows what is known from the
    start: sizes, and largest.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, takes: list[int], splits: list[int], opening: list[int], largest: int) -> None:
        self.takes = takes
        self.splits = splits
        self.opening = opening
        self.largest = largest
        self.game = Game(
            copy.deepcopy(self.takes), copy.deepcopy(self.splits), copy.deepcopy(self.opening), self.largest
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "largest": a whole number, given as it is.
            "takes": number of items of takes.
            "splits": number of items of splits.
            "opening": number of items of opening.

        Example:
            Observe() -> {"largest": 5, "takes": 2, "splits": 1, "opening": 3}
        """
        return {
            "largest": self.largest,
            "takes": len(self.takes),
            "splits": len(self.splits),
            "opening": len(self.opening),
        }

    @tool
    def Moves(self, size: int) -> list[list[int]]:
        """List what the moves make of a pile.

        Args:
            size: its number of stones, from 1 to `largest`.

        Returns:
            the sizes of the piles after each move; maybe no move at all.

        Example:
            Moves(size=3) -> [[], [2], [1, 1]]
        """
        return self.game.moves(size)

    @tool
    def ValueTogether(self, piles: list[int]) -> int:
        """Work out the value of some piles together from the noted values.

        Args:
            piles: their sizes, at least one; the value of each size must have been noted.

        Returns:
            the value.

        Example:
            ValueTogether(piles=[1, 2]) -> 3
        """
        return self.game.value_together(piles)

    @tool
    def SmallestMissing(self, values: list[int]) -> int:
        """Find the smallest whole number from 0 on that is not in a list.

        Args:
            values: the list; it may be empty.

        Returns:
            the number.

        Example:
            SmallestMissing(values=[0, 1, 3]) -> 2
        """
        return self.game.smallest_missing(values)

    @tool
    def NoteValue(self, size: int, value: int) -> int:
        """Note the value of a pile size; sizes are noted in ascending order.

        Args:
            size: number of stones.
            value: the value, at least 0.

        Returns:
            how many values have been noted.

        Example:
            NoteValue(size=3, value=2) -> 3
        """
        return self.game.note_value(size, value)

    @tool
    def OpeningPile(self, index: int) -> int:
        """Look at a pile of the opening position.

        Args:
            index: number of the pile, from 0.

        Returns:
            its number of stones.

        Example:
            OpeningPile(index=0) -> 4
        """
        return self.game.opening_pile(index)

    def answer(self) -> dict[str, int]:
        """Value the opening position.

        Returns:
            the value of the "opening" and the "sum" over the sizes. Example: {"opening": 5, "sum": 61}.
        """
        takes = copy.deepcopy(self.takes)
        splits = copy.deepcopy(self.splits)
        opening = copy.deepcopy(self.opening)
        largest = self.largest
        game = Game(takes, splits, opening, largest)
        total = 0
        for size in range(1, largest + 1):
            reached = []
            for piles in game.moves(size):
                reached.append(game.value_together(piles) if piles else 0)
            value = game.smallest_missing(reached)
            game.note_value(size, value)
            total += size * value
        piles = []
        for index in range(len(opening)):
            piles.append(game.opening_pile(index))
        return {"opening": game.value_together(piles), "sum": total}

    def solve(self, call):
        seen = call("Observe")
        largest = seen["largest"]
        total = 0
        for size in range(1, largest + 1):
            reached = []
            for piles in call("Moves", size=size):
                reached.append(call("ValueTogether", piles=piles) if piles else 0)
            value = call("SmallestMissing", values=reached)
            call("NoteValue", size=size, value=value)
            total += size * value
        piles = []
        for index in range(seen["opening"]):
            piles.append(call("OpeningPile", index=index))
        return call("Done", answer={"opening": call("ValueTogether", piles=piles), "sum": total})

    @staticmethod
    def generate(rng, level):
        largest, count = {"easy": (rng.choice([4, 5]), 3), "medium": (6, 4), "hard": (rng.randint(9, 12), 6)}[level]
        takes = sorted(rng.sample(range(1, 5), 2))
        splits = sorted(rng.sample(range(4), 1 if level == "easy" else 2))
        opening = [rng.randint(2, largest) for _ in range(count)]
        return {"takes": takes, "splits": splits, "opening": opening, "largest": largest}
