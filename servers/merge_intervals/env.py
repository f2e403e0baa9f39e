"""Overlapping bookings on a timeline: blocks of busy time, grown and fused one booking at a time."""

from codegym_mcp import Environment, tool


class MergeIntervals(Environment):
    """A hall has bookings, numbered from 0, whose times you cannot see.

    Each booking keeps the hall busy from its start up to, and not including, its end. Two bookings meet if they share
    some time or one ends exactly where the other starts. Busy time falls into blocks: bookings that meet, directly or
    through a chain of other bookings, form one block, which lasts from their earliest start to their latest end.

    Find the number of blocks of all bookings together, the total time the hall is busy (time covered by several
    bookings counts once), and the length (end minus start) of the longest block.

    You have a board on which you build blocks out of bookings; it is empty at first. A booking goes on the board once.
    Blocks on the board are numbered from 0 in the order they were opened, and keep their numbers.
    """

    def reset(self, *, bookings: list[list[int]]) -> None:
        self.bookings = bookings
        self.placed = [False] * len(bookings)
        self.blocks = []

    def observe(self) -> dict[str, int]:
        """Show how many bookings there are and how many of them are on the board.

        Returns:
            the number of bookings ("bookings") and the number of those already on the board ("placed").

        Example:
            Observe() -> {"bookings": 5, "placed": 0}
        """
        return {"bookings": len(self.bookings), "placed": sum(self.placed)}

    @tool
    def BlocksMeeting(self, booking: int) -> list[int]:
        """List the blocks on the board that meet a booking (share time with it, or touch it end to start).

        Args:
            booking: number of the booking, from 0 to bookings - 1.

        Returns:
            the numbers of these blocks in ascending order; an empty list if there is none.

        Example:
            BlocksMeeting(booking=3) -> [0, 2]
        """
        start, end = self.times(booking)
        return [i for i, block in enumerate(self.blocks) if block and block[0] <= end and start <= block[1]]

    @tool
    def OpenBlock(self, booking: int) -> int:
        """Put a booking on the board as a new block. It is an error if it meets a block that is there.

        Args:
            booking: number of a booking that is not yet on the board, from 0 to bookings - 1.

        Returns:
            the number of the new block.

        Example:
            OpenBlock(booking=0) -> 0
        """
        times = self.unplaced(booking)
        if meeting := self.BlocksMeeting(booking):
            raise ValueError(f"booking {booking} meets blocks that are on the board: {meeting}")
        self.placed[booking] = True
        self.blocks.append(list(times))
        return len(self.blocks) - 1

    @tool
    def ExtendBlock(self, block: int, booking: int) -> int:
        """Put a booking on the board as a part of a block it meets; the block grows to cover it.

        Args:
            block: number of a block on the board that meets the booking.
            booking: number of a booking that is not yet on the board, from 0 to bookings - 1.

        Returns:
            by how much the block became longer, 0 if it covered the booking already.

        Example:
            ExtendBlock(block=0, booking=3) -> 4
        """
        start, end = self.unplaced(booking)
        low, high = self.BlockSpan(block)
        if start > high or end < low:
            raise ValueError(f"booking {booking} does not meet block {block}")
        self.placed[booking] = True
        self.blocks[block] = [min(start, low), max(end, high)]
        return self.blocks[block][1] - self.blocks[block][0] - (high - low)

    @tool
    def FuseBlocks(self, kept: int, other: int) -> int:
        """Fuse two blocks that meet into one. The second one disappears from the board.

        Args:
            kept: number of the block that remains and grows to cover both.
            other: number of the block that disappears.

        Returns:
            the length of the block that remains.

        Example:
            FuseBlocks(kept=0, other=2) -> 19
        """
        (low, high), (start, end) = self.BlockSpan(kept), self.BlockSpan(other)
        if kept == other or start > high or end < low:
            raise ValueError(f"expected two different blocks that meet, got {kept} and {other}")
        self.blocks[kept] = [min(start, low), max(end, high)]
        self.blocks[other] = None
        return max(end, high) - min(start, low)

    @tool
    def BlockSpan(self, block: int) -> list[int]:
        """Read the times of a block.

        Args:
            block: number of a block on the board.

        Returns:
            its start and its end.

        Example:
            BlockSpan(block=0) -> [12, 31]
        """
        if not 0 <= block < len(self.blocks) or not self.blocks[block]:
            raise ValueError(f"no block {block} on the board: never opened, or fused into another")
        return list(self.blocks[block])

    def times(self, booking: int) -> list[int]:
        if not 0 <= booking < len(self.bookings):
            raise ValueError(f"booking must be from 0 to {len(self.bookings) - 1}, got {booking}")
        return self.bookings[booking]

    def unplaced(self, booking: int) -> list[int]:
        times = self.times(booking)
        if self.placed[booking]:
            raise ValueError(f"booking {booking} is already on the board")
        return times

    def answer(self) -> list[int]:
        """Number of blocks, busy time, longest block.

        Returns:
            a list of three integers: the number of blocks, the total busy time, the length of the longest block.
        """
        lengths, reached = [], -1
        for start, end in sorted(self.bookings):
            if start > reached:
                lengths.append(0)
                reached = start
            lengths[-1] += max(0, end - reached)
            reached = max(reached, end)
        return [len(lengths), sum(lengths), max(lengths)]

    def solve(self, call):
        blocks = []
        for booking in range(call("Observe")["bookings"]):
            meeting = call("BlocksMeeting", booking=booking) if blocks else []
            if not meeting:
                blocks.append(call("OpenBlock", booking=booking))
                continue
            call("ExtendBlock", block=meeting[0], booking=booking)
            for other in meeting[1:]:
                call("FuseBlocks", kept=meeting[0], other=other)
                blocks.remove(other)
        spans = [call("BlockSpan", block=block) for block in blocks]
        lengths = [end - start for start, end in spans]
        return call("Done", answer=[len(lengths), sum(lengths), max(lengths)])

    @staticmethod
    def generate(rng, level):
        low, high = {"tiny": (2, 2), "easy": (4, 7), "medium": (10, 19), "hard": (28, 55)}[level]
        count = rng.randint(low, high)
        longest, horizon = (6, 9) if level == "tiny" else (20, 9 * count)
        starts = [rng.randint(0, horizon) for _ in range(count)]
        return {"bookings": [[start, start + rng.randint(1, longest)] for start in starts]}
