"""A scrambler has cells in a row, numbered from 0, each with a bit."""

import copy

from codegym_mcp import Environment, tool


class ScramblerCells:
    """The cells, the taps and the frames."""

    def __init__(self, cells: list[int], taps: list[int], frames: list[list[str]]) -> None:
        self._cells, self._taps, self._frames = list(cells), list(taps), frames

    def read_frame(self, frame: int) -> str:
        """Read the bits of a frame.

        Args:
            frame: number of the frame, from 0.

        Returns:
            the bits, first bit first.

        Example:
            read_frame(frame=0) -> "01101"
        """
        if not 0 <= frame < len(self._frames):
            raise ValueError(f"frame must be from 0 to {len(self._frames) - 1}, got {frame}")
        return self._frames[frame][0]

    def read_taps(self) -> list[int]:
        """Read which cells are taps.

        Returns:
            the numbers of the tap cells.

        Example:
            read_taps() -> [1, 4]
        """
        return list(self._taps)

    def read_cells(self) -> list[int]:
        """Read all cells.

        Returns:
            the bits from cell 0 on.

        Example:
            read_cells() -> [0, 1, 1, 0, 1]
        """
        return list(self._cells)

    def load_seed(self, frame: int) -> int:
        """Set the cells anew from the seed of a frame.

        Args:
            frame: number of the frame.

        Returns:
            how many cells are set now.

        Example:
            load_seed(frame=1) -> 3
        """
        self.read_frame(frame)
        self._cells = [int(bit) for bit in self._frames[frame][1]]
        return sum(self._cells)

    def step_cells(self, bit: int) -> int:
        """Step the scrambler.

        Args:
            bit: the new bit of cell 0.

        Returns:
            the bit that falls out of the last cell.

        Example:
            step_cells(bit=1) -> 0
        """
        if bit not in (0, 1):
            raise ValueError(f"bit must be 0 or 1, got {bit}")
        self._cells.insert(0, bit)
        return self._cells.pop()

    def close_frame(self, number: int) -> int:
        """Close a frame.

        Args:
            number: the number its plain bits make.

        Returns:
            the check code.

        Example:
            close_frame(number=19) -> 40
        """
        if number < 0:
            raise ValueError(f"number must be at least 0, got {number}")
        moved = (self._taps[0] + number) % len(self._cells)
        if moved not in self._taps:
            self._taps[0] = moved
        return number % 37 + 5 * sum(self._cells)


class ScramblerCellsTask(Environment):
    """A scrambler has cells in a row, numbered from 0, each with a bit. Frames are numbered from 0 and unscrambled one
    after the other, in ascending order; the cells stay as the last frame left them.

    For each frame, look at how many cells are set. If fewer than `least` are, the scrambler is starved: load the
    frame's seed, which sets the cells anew. Then unscramble the bits of the frame, from the first to the last one. For
    each bit:

    - The scrambler's bit is 1 if an odd number of the tap cells are set, otherwise 0. The taps are given in the list of
    tap
      cells, which the frame before may have changed, so they must be read anew for each frame.
    - The plain bit is 1 if the frame's bit and the scrambler's bit differ, otherwise 0.
    - Step the scrambler: each cell takes the bit of the cell before it, and cell 0 takes a new bit, which you give: the
      frame's bit (not the plain one).

    The plain bits are read as a number, the first bit the highest. Close the frame with this number, which gives a
    check
    code; the scrambler may then move one of its taps. The answer's digest is (digest x 31 + number) mod 9973, frame by
    frame,
    0 at first.

    Find the digest, the sum of the check codes and how many seeds were loaded.

    The input is hidden (cells, taps, frames); the tools give access to it. Observe shows what is known from the start:
    sizes, and least.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, cells: list[int], taps: list[int], frames: list[list[str]], least: int) -> None:
        self.cells = cells
        self.taps = taps
        self.frames = frames
        self.least = least
        self.scrambler = ScramblerCells(copy.deepcopy(self.cells), copy.deepcopy(self.taps), copy.deepcopy(self.frames))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "least": a whole number, given as it is.
            "cells": number of items of cells.
            "taps": number of items of taps.
            "frames": number of items of frames.

        Example:
            Observe() -> {"least": 2, "cells": 5, "taps": 2, "frames": 2}
        """
        return {"least": self.least, "cells": len(self.cells), "taps": len(self.taps), "frames": len(self.frames)}

    @tool
    def ReadFrame(self, frame: int) -> str:
        """Read the bits of a frame.

        Args:
            frame: number of the frame, from 0.

        Returns:
            the bits, first bit first.

        Example:
            ReadFrame(frame=0) -> "01101"
        """
        return self.scrambler.read_frame(frame)

    @tool
    def ReadTaps(self) -> list[int]:
        """Read which cells are taps.

        Returns:
            the numbers of the tap cells.

        Example:
            ReadTaps() -> [1, 4]
        """
        return self.scrambler.read_taps()

    @tool
    def ReadCells(self) -> list[int]:
        """Read all cells.

        Returns:
            the bits from cell 0 on.

        Example:
            ReadCells() -> [0, 1, 1, 0, 1]
        """
        return self.scrambler.read_cells()

    @tool
    def LoadSeed(self, frame: int) -> int:
        """Set the cells anew from the seed of a frame.

        Args:
            frame: number of the frame.

        Returns:
            how many cells are set now.

        Example:
            LoadSeed(frame=1) -> 3
        """
        return self.scrambler.load_seed(frame)

    @tool
    def StepCells(self, bit: int) -> int:
        """Step the scrambler.

        Args:
            bit: the new bit of cell 0.

        Returns:
            the bit that falls out of the last cell.

        Example:
            StepCells(bit=1) -> 0
        """
        return self.scrambler.step_cells(bit)

    @tool
    def CloseFrame(self, number: int) -> int:
        """Close a frame.

        Args:
            number: the number its plain bits make.

        Returns:
            the check code.

        Example:
            CloseFrame(number=19) -> 40
        """
        return self.scrambler.close_frame(number)

    def answer(self) -> dict[str, int]:
        """Unscramble the frames.

        Returns:
            the "digest", the sum of the check "codes" and the number of "seeds".
            Example: {"digest": 4711, "codes": 88, "seeds": 1}.
        """
        cells = copy.deepcopy(self.cells)
        taps = copy.deepcopy(self.taps)
        frames = copy.deepcopy(self.frames)
        least = self.least
        scrambler = ScramblerCells(cells, taps, frames)
        digest = codes = seeds = 0
        for frame in range(len(frames)):
            row = scrambler.read_cells()
            if sum(row) < least:
                scrambler.load_seed(frame)
                seeds += 1
                row = scrambler.read_cells()
            tapped = scrambler.read_taps()
            number = 0
            for letter in scrambler.read_frame(frame):
                bit = 1 if letter == "1" else 0
                number = 2 * number + (sum((row[tap] for tap in tapped)) + bit) % 2
                row = [bit, *row[:-1]]
                scrambler.step_cells(bit)
            codes += scrambler.close_frame(number)
            digest = (digest * 31 + number) % 9973
        return {"digest": digest, "codes": codes, "seeds": seeds}

    def solve(self, call):
        seen = call("Observe")
        least = seen["least"]
        digest = codes = seeds = 0
        for frame in range(seen["frames"]):
            row = call("ReadCells")
            if sum(row) < least:
                call("LoadSeed", frame=frame)
                seeds += 1
                row = call("ReadCells")
            tapped = call("ReadTaps")
            number = 0
            for letter in call("ReadFrame", frame=frame):
                bit = 1 if letter == "1" else 0
                number = 2 * number + (sum((row[tap] for tap in tapped)) + bit) % 2
                row = [bit, *row[:-1]]
                call("StepCells", bit=bit)
            codes += call("CloseFrame", number=number)
            digest = (digest * 31 + number) % 9973
        return call("Done", answer={"digest": digest, "codes": codes, "seeds": seeds})

    @staticmethod
    def generate(rng, level):
        count, size, wide = {"easy": (2, 5, 5), "medium": (4, 6, 5), "hard": (rng.randint(8, 10), 8, 7)}[level]
        frames = []
        for number in range(count):
            chance = 0.2 if number == count // 2 - 1 else 0.55
            bits = "".join(("1" if rng.random() < chance else "0" for _ in range(wide)))
            frames.append([bits, "".join((rng.choice("011") for _ in range(size)))])
        cells = [rng.randint(0, 1) for _ in range(size)]
        taps = sorted(rng.sample(range(size), 2 if size < 8 else 3))
        return {"cells": cells, "taps": taps, "frames": frames, "least": size // 2}
