"""The shortest stretch of a hidden sequence that reaches a target sum: a window with two moving edges."""

from codegym_mcp import Environment, tool


class WindowSum(Environment):
    """A row of cells, numbered from 0, holds positive integers that you cannot see.

    Find the shortest window (stretch of neighbouring cells) whose sum is at least the target. Among several windows of
    that length, take the one with the smallest start. Such a window always exists.

    You work with one window whose edges move to the right only. It is empty at first, and lies before cell 0. The
    machine keeps one record window; there is none at first.
    """

    def reset(self, *, values: list[int], target: int) -> None:
        self.values, self.target = values, target
        self.left = self.right = 0
        self.record = []

    def observe(self) -> dict[str, int]:
        """Show the size of the row, the target and where the window is.

        Returns:
            the number of cells ("cells"), the target sum ("target"), the first cell of the window ("start") and the
            number of cells in it ("length").

        Example:
            Observe() -> {"cells": 8, "target": 21, "start": 0, "length": 0}
        """
        size = self.right - self.left
        return {"cells": len(self.values), "target": self.target, "start": self.left, "length": size}

    @tool
    def TakeRight(self) -> int:
        """Move the right edge: the window takes in the next cell to its right.

        Returns:
            the number in the cell that came in.

        Example:
            TakeRight() -> 7
        """
        if self.right == len(self.values):
            raise ValueError("the window already ends at the last cell")
        self.right += 1
        return self.values[self.right - 1]

    @tool
    def DropLeft(self) -> int:
        """Move the left edge: the window loses its first cell.

        Returns:
            the number in the cell that was lost.

        Example:
            DropLeft() -> 4
        """
        if self.left == self.right:
            raise ValueError("the window is empty")
        self.left += 1
        return self.values[self.left - 1]

    @tool
    def Slide(self) -> int:
        """Move both edges: the window takes in the next cell to its right and loses its first cell.

        Returns:
            by how much the sum of the window changed (negative if it became smaller).

        Example:
            Slide() -> -3
        """
        if self.left == self.right:
            raise ValueError("the window is empty")
        return self.TakeRight() - self.DropLeft()

    @tool
    def SaveWindow(self) -> int:
        """Offer the window as the record. It becomes the record if its sum is at least the target and it is shorter
        than the record so far (or there is none); otherwise nothing changes.

        Returns:
            the length of the record after this, or -1 if there is none.

        Example:
            SaveWindow() -> 3
        """
        total = sum(self.values[self.left : self.right])
        size = self.right - self.left
        if total >= self.target and (not self.record or size < self.record[1]):
            self.record = [self.left, size, total]
        return self.record[1] if self.record else -1

    @tool
    def ReadRecord(self) -> list[int]:
        """Read the record window. It is an error if there is none.

        Returns:
            its first cell, its length and its sum.

        Example:
            ReadRecord() -> [2, 3, 22]
        """
        if not self.record:
            raise ValueError("no window has been saved as the record yet")
        return list(self.record)

    def answer(self) -> list[int]:
        """The shortest window.

        Returns:
            a list of three integers: the first cell of the window, its length, its sum.
        """
        prefix = [0]
        for value in self.values:
            prefix.append(prefix[-1] + value)
        for length in range(1, len(prefix)):
            for start in range(len(prefix) - length):
                if prefix[start + length] - prefix[start] >= self.target:
                    return [start, length, prefix[start + length] - prefix[start]]
        return []

    def solve(self, call):
        seen = call("Observe")
        window: list[int] = []
        while sum(window) < seen["target"]:
            window.append(call("TakeRight"))
        taken = len(window)
        while True:
            if sum(window) >= seen["target"]:
                while sum(window[1:]) >= seen["target"]:
                    window.pop(0)
                    call("DropLeft")
                call("SaveWindow")
            if taken == seen["cells"] or window[-1] >= seen["target"]:  # nothing left, or one cell is enough
                return call("Done", answer=call("ReadRecord"))
            if sum(window) >= seen["target"]:  # from here on only shorter windows matter
                window.pop(0)
                call("DropLeft")
            window.append(window[0] + call("Slide"))
            window.pop(0)
            taken += 1

    @staticmethod
    def generate(rng, level):
        low, high = {"tiny": (2, 3), "easy": (6, 12), "medium": (24, 40), "hard": (70, 140)}[level]
        least, most = {"tiny": (2, 2), "easy": (2, 4), "medium": (4, 8), "hard": (6, 12)}[level]
        largest = {"tiny": 9, "easy": 12, "medium": 20, "hard": 40}[level]
        values = [rng.randint(1, largest) for _ in range(rng.randint(low, high))]
        width = rng.randint(least, most)
        start = rng.randint(0, len(values) - width)
        target = sum(values[start : start + width]) - rng.randint(0, 1)
        return {"values": values, "target": max(target, max(values) + 1)}
