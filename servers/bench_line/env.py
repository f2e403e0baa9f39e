"""An assembly line has benches, numbered from 0 in the order in which each piece passes them."""

import copy

from codegym_mcp import Environment, tool


class Line:
    """The benches with their pieces, and the pile."""

    def __init__(self, pieces: list[int], speeds: list[int]) -> None:
        self.pile, self.speeds = list(pieces), speeds
        self.held = [-1] * len(speeds)
        self.needs = [0] * len(speeds)

    def _put(self, bench: int, piece: int) -> int:
        self.held[bench], self.needs[bench] = piece, 1 + (piece * (bench + 2) + self.speeds[bench]) % 4
        return self.needs[bench]

    def bench_state(self, bench: int) -> str:
        """Look at a bench.

        Args:
            bench: its number, from 0.

        Returns:
            "empty", "busy" (its piece still needs work) or "ready" (its piece needs no more work there).

        Example:
            bench_state(bench=0) -> "busy"
        """
        if not 0 <= bench < len(self.speeds):
            raise ValueError(f"bench must be from 0 to {len(self.speeds) - 1}, got {bench}")
        return "empty" if self.held[bench] < 0 else "busy" if self.needs[bench] else "ready"

    def work(self, bench: int) -> int:
        """Let a busy bench work for one minute.

        Args:
            bench: its number, from 0.

        Returns:
            how many minutes its piece still needs there.

        Example:
            work(bench=0) -> 2
        """
        if self.bench_state(bench) != "busy":
            raise ValueError(f"bench {bench} is not busy")
        self.needs[bench] -= 1
        return self.needs[bench]

    def take_piece(self) -> int:
        """Take the next piece of the pile and put it on bench 0, which must be empty.

        Returns:
            how many pieces are left on the pile.

        Example:
            take_piece() -> 3
        """
        if not self.pile or self.held[0] >= 0:
            raise ValueError("the pile is used up, or bench 0 is not empty")
        self._put(0, self.pile.pop(0))
        return len(self.pile)

    def pass_on(self, bench: int) -> int:
        """Pass a ready piece on to the next bench, which must be empty, or off the line.

        Args:
            bench: number of the bench that holds it.

        Returns:
            the minutes it needs at the next bench; for the last bench the value of the piece.

        Example:
            pass_on(bench=0) -> 2
        """
        if self.bench_state(bench) != "ready":
            raise ValueError(f"bench {bench} has no piece that is ready")
        if bench + 1 < len(self.speeds) and self.held[bench + 1] >= 0:
            raise ValueError(f"bench {bench + 1} is not empty")
        piece, self.held[bench] = self.held[bench], -1
        return self._put(bench + 1, piece) if bench + 1 < len(self.speeds) else 3 + piece % 11


class BenchLine(Environment):
    """An assembly line has benches, numbered from 0 in the order in which each piece passes them. Pieces wait on a pile. A
    bench holds one piece at most and is empty at first; how long a piece needs at a bench depends on both.

    In each minute, numbered from 1, the benches are handled from the last one down to bench 0:

    - If the bench holds a piece that still needs work, it works on it for this minute.
    - If its piece then needs no more work there, the piece is passed on to the next bench, or off the line from the
    last bench.
      But if the next bench holds a piece at this moment, the piece stays and the bench counts as blocked in this
      minute.
    - If bench 0 is empty then, the next piece of the pile, if there is one, is put on it.

    A piece that was put on a bench in this minute is not worked on before the next one. The line stops when all pieces
    have gone off it.

    The answer is the number of minutes, the number of times a bench was blocked, and the sum, over all pieces, of the
    minute in which they go off the line times their value.

    The input is hidden (pieces, speeds); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, pieces: list[int], speeds: list[int]) -> None:
        self.pieces = pieces
        self.speeds = speeds
        self.line = Line(copy.deepcopy(self.pieces), copy.deepcopy(self.speeds))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "pieces": number of items of pieces.
            "speeds": number of items of speeds.

        Example:
            Observe() -> {"pieces": 1, "speeds": 2}
        """
        return {"pieces": len(self.pieces), "speeds": len(self.speeds)}

    @tool
    def BenchState(self, bench: int) -> str:
        """Look at a bench.

        Args:
            bench: its number, from 0.

        Returns:
            "empty", "busy" (its piece still needs work) or "ready" (its piece needs no more work there).

        Example:
            BenchState(bench=0) -> "busy"
        """
        return self.line.bench_state(bench)

    @tool
    def Work(self, bench: int) -> int:
        """Let a busy bench work for one minute.

        Args:
            bench: its number, from 0.

        Returns:
            how many minutes its piece still needs there.

        Example:
            Work(bench=0) -> 2
        """
        return self.line.work(bench)

    @tool
    def TakePiece(self) -> int:
        """Take the next piece of the pile and put it on bench 0, which must be empty.

        Returns:
            how many pieces are left on the pile.

        Example:
            TakePiece() -> 3
        """
        return self.line.take_piece()

    @tool
    def PassOn(self, bench: int) -> int:
        """Pass a ready piece on to the next bench, which must be empty, or off the line.

        Args:
            bench: number of the bench that holds it.

        Returns:
            the minutes it needs at the next bench; for the last bench the value of the piece.

        Example:
            PassOn(bench=0) -> 2
        """
        return self.line.pass_on(bench)

    def answer(self) -> dict[str, int]:
        """Run the line.

        Returns:
            the number of "minutes", how often a bench was "blocked", and the "sum". Example:
            {"minutes": 11, "blocked": 2, "sum": 184}.
        """
        pieces = copy.deepcopy(self.pieces)
        speeds = copy.deepcopy(self.speeds)
        line = Line(pieces, speeds)
        minutes = blocked = total = gone = 0
        taken = 0
        while gone < len(pieces):
            minutes += 1
            free = True
            for bench in range(len(speeds) - 1, -1, -1):
                state = line.bench_state(bench)
                if state == "busy" and line.work(bench) == 0:
                    state = "ready"
                if state == "ready" and (not free):
                    blocked += 1
                elif state == "ready":
                    told = line.pass_on(bench)
                    if bench == len(speeds) - 1:
                        gone += 1
                        total += minutes * told
                    state = "empty"
                free = state == "empty"
            if free and taken < len(pieces):
                line.take_piece()
                taken += 1
        return {"minutes": minutes, "blocked": blocked, "sum": total}

    def solve(self, call):
        seen = call("Observe")
        minutes = blocked = total = gone = 0
        taken = 0
        while gone < seen["pieces"]:
            minutes += 1
            free = True
            for bench in range(seen["speeds"] - 1, -1, -1):
                state = call("BenchState", bench=bench)
                if state == "busy" and call("Work", bench=bench) == 0:
                    state = "ready"
                if state == "ready" and (not free):
                    blocked += 1
                elif state == "ready":
                    told = call("PassOn", bench=bench)
                    if bench == seen["speeds"] - 1:
                        gone += 1
                        total += minutes * told
                    state = "empty"
                free = state == "empty"
            if free and taken < seen["pieces"]:
                call("TakePiece")
                taken += 1
        return call("Done", answer={"minutes": minutes, "blocked": blocked, "sum": total})

    @staticmethod
    def generate(rng, level):
        count, benches = {"easy": (1, 2), "medium": (3, 2), "hard": (rng.randint(5, 7), 3)}[level]
        return {
            "pieces": [rng.randint(0, 99) for _ in range(count)],
            "speeds": [rng.randint(0, 9) for _ in range(benches)],
        }
