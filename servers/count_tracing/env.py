"""A warehouse compares what lies in its locations with its books."""

import copy

from codegym_mcp import Environment, tool


class CountRoom:
    """Gaps between counts and books, and the moves of goods."""

    def __init__(self, gaps: list[int], moves: list[list[int]]) -> None:
        self._gaps, self._moves = list(gaps), moves

    def read_gap(self, location: int) -> int:
        """Read the present gap of a location.

        Args:
            location: number of the location, from 0.

        Returns:
            units counted minus units in the books.

        Example:
            read_gap(location=2) -> -6
        """
        if not 0 <= location < len(self._gaps):
            raise ValueError(f"location must be from 0 to {len(self._gaps) - 1}, got {location}")
        return self._gaps[location]

    def find_move(self, location: int, back: int) -> int:
        """Find a move of a location by how far back it is among the location's moves.

        Args:
            location: number of the location.
            back: 0 for its latest move, 1 for the one before that, and so on.

        Returns:
            the number of the move, or -1 if the location has no move that far back.

        Example:
            find_move(location=2, back=0) -> 11
        """
        self.read_gap(location)
        own = [number for number, move in enumerate(self._moves) if location in move]
        return own[-1 - back] if 0 <= back < len(own) else -1

    def other_location(self, move: int, location: int) -> int:
        """Tell the other location of a move.

        Args:
            move: number of the move.
            location: one of its two locations.

        Returns:
            the number of the other one.

        Example:
            other_location(move=11, location=2) -> 4
        """
        if not 0 <= move < len(self._moves) or location not in self._moves[move]:
            raise ValueError(f"move {move} does not touch location {location}")
        return sum(self._moves[move]) - location

    def correct_move(self, move: int) -> int:
        """Correct a suspect move in the books, as far as it brings a gap to 0.

        Args:
            move: number of the move.

        Returns:
            the units by which the books were changed for it.

        Example:
            correct_move(move=11) -> 4
        """
        if not 0 <= move < len(self._moves):
            raise ValueError(f"move must be from 0 to {len(self._moves) - 1}, got {move}")
        low, high = sorted(self._moves[move], key=self._gaps.__getitem__)
        if not self._gaps[low] < 0 < self._gaps[high]:
            raise ValueError(f"move {move} is not suspect")
        units = min(-self._gaps[low], self._gaps[high])
        self._gaps[low] += units
        self._gaps[high] -= units
        return units

    def write_off_gap(self, location: int) -> int:
        """Set the books of a location to what was counted.

        Args:
            location: number of the location.

        Returns:
            the gap that was written off.

        Example:
            write_off_gap(location=2) -> -2
        """
        gap = self.read_gap(location)
        self._gaps[location] = 0
        return gap


class CountTracing(Environment):
    """A warehouse compares what lies in its locations with its books. Locations are numbered from 0. The gap of a location
    is what was counted there minus what the books say; it may be below 0.

    Go through the locations in ascending order, once. If the gap is 0 at that moment, go on. Otherwise look at the
    location's moves of goods one at a time, from its latest back to older ones, until its gap is 0, its moves are at
    their end, or as many were looked at as the depth allows.

    A move joins two locations. It is suspect if one of them has a gap above 0 and the other one a gap below 0. A
    suspect move is corrected: both gaps come nearer to 0 by the same number of units, the greatest that turns neither
    sign. Other moves are left alone.

    A gap that is left at the location then is written off.

    Find the number of corrected moves, the total of units written off as surplus (gaps above 0), and the total written
    off as loss (gaps below 0, counted as positive).

    The input is hidden (gaps, moves); the tools give access to it. Observe shows what is known from the start: sizes,
    and depth.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, gaps: list[int], moves: list[list[int]], depth: int) -> None:
        self.gaps = gaps
        self.moves = moves
        self.depth = depth
        self.room = CountRoom(copy.deepcopy(self.gaps), copy.deepcopy(self.moves))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "depth": a whole number, given as it is.
            "gaps": number of items of gaps.
            "moves": number of items of moves.

        Example:
            Observe() -> {"depth": 2, "gaps": 4, "moves": 4}
        """
        return {"depth": self.depth, "gaps": len(self.gaps), "moves": len(self.moves)}

    @tool
    def ReadGap(self, location: int) -> int:
        """Read the present gap of a location.

        Args:
            location: number of the location, from 0.

        Returns:
            units counted minus units in the books.

        Example:
            ReadGap(location=2) -> -6
        """
        return self.room.read_gap(location)

    @tool
    def FindMove(self, location: int, back: int) -> int:
        """Find a move of a location by how far back it is among the location's moves.

        Args:
            location: number of the location.
            back: 0 for its latest move, 1 for the one before that, and so on.

        Returns:
            the number of the move, or -1 if the location has no move that far back.

        Example:
            FindMove(location=2, back=0) -> 11
        """
        return self.room.find_move(location, back)

    @tool
    def OtherLocation(self, move: int, location: int) -> int:
        """Tell the other location of a move.

        Args:
            move: number of the move.
            location: one of its two locations.

        Returns:
            the number of the other one.

        Example:
            OtherLocation(move=11, location=2) -> 4
        """
        return self.room.other_location(move, location)

    @tool
    def CorrectMove(self, move: int) -> int:
        """Correct a suspect move in the books, as far as it brings a gap to 0.

        Args:
            move: number of the move.

        Returns:
            the units by which the books were changed for it.

        Example:
            CorrectMove(move=11) -> 4
        """
        return self.room.correct_move(move)

    @tool
    def WriteOffGap(self, location: int) -> int:
        """Set the books of a location to what was counted.

        Args:
            location: number of the location.

        Returns:
            the gap that was written off.

        Example:
            WriteOffGap(location=2) -> -2
        """
        return self.room.write_off_gap(location)

    def answer(self) -> list[int]:
        """Trace gaps back through moves.

        Returns:
            [number of corrected moves, units of surplus, units of loss], such as [5, 3, 8].
        """
        gaps = copy.deepcopy(self.gaps)
        moves = copy.deepcopy(self.moves)
        depth = self.depth
        room = CountRoom(gaps, moves)
        corrected = surplus = loss = 0
        for location in range(len(gaps)):
            gap, back = (room.read_gap(location), 0)
            while gap != 0 and back < depth:
                move = room.find_move(location, back)
                if move < 0:
                    break
                other_gap = room.read_gap(room.other_location(move, location))
                if gap * other_gap < 0:
                    units = room.correct_move(move)
                    gap += units if gap < 0 else -units
                    corrected += 1
                back += 1
            if gap != 0:
                rest = room.write_off_gap(location)
                surplus += max(0, rest)
                loss += max(0, -rest)
        return [corrected, surplus, loss]

    def solve(self, call):
        seen = call("Observe")
        depth = seen["depth"]
        corrected = surplus = loss = 0
        for location in range(seen["gaps"]):
            gap, back = (call("ReadGap", location=location), 0)
            while gap != 0 and back < depth:
                move = call("FindMove", location=location, back=back)
                if move < 0:
                    break
                other_gap = call("ReadGap", location=call("OtherLocation", move=move, location=location))
                if gap * other_gap < 0:
                    units = call("CorrectMove", move=move)
                    gap += units if gap < 0 else -units
                    corrected += 1
                back += 1
            if gap != 0:
                rest = call("WriteOffGap", location=location)
                surplus += max(0, rest)
                loss += max(0, -rest)
        return call("Done", answer=[corrected, surplus, loss])

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (4, 4), "medium": (6, 9), "hard": (rng.randint(12, 14), rng.randint(24, 30))}[level]
        gaps = [rng.choice([-1, 1]) * rng.randint(2, 19) if rng.random() < 0.85 else 0 for _ in range(count)]
        return {
            "gaps": gaps,
            "moves": [rng.sample(range(count), 2) for _ in range(size)],
            "depth": rng.randint(2, 3) if level == "easy" else rng.randint(3, 4),
        }
