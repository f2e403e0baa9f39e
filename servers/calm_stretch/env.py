"""A weather post reads the wind again and again; the readings lie on a tape and come one by one."""

import copy

from codegym_mcp import Environment, tool


class WindPost:
    """The tape and the stretch."""

    def __init__(self, tape: list[int], tolerance: int, alarm: int) -> None:
        self._tape, self._start, self._end, self._rules = tape, 0, 0, [tolerance, alarm]

    def take_reading(self) -> int:
        """Take up the next reading at the newer end of the stretch.

        Returns:
            how many readings are left on the tape after that, or -1 if there was none to take up.

        Example:
            take_reading() -> 7
        """
        if self._end == len(self._tape):
            return -1
        self._end += 1
        return len(self._tape) - self._end

    def stretch_spread(self) -> int:
        """Work out the spread of the stretch.

        Returns:
            its highest less its lowest reading.

        Example:
            stretch_spread() -> 5
        """
        stretch = self._tape[self._start : self._end]
        if not stretch:
            raise ValueError("the stretch is empty")
        return max(stretch) - min(stretch)

    def drop_oldest(self) -> int:
        """Drop the oldest reading of the stretch.

        Returns:
            the strength of this surprise.

        Example:
            drop_oldest() -> 4
        """
        if self._end - self._start < 2:
            raise ValueError("the stretch has fewer than two readings")
        self._start += 1
        return abs(self._tape[self._start - 1] - self._tape[self._end - 1]) + self._start % 2

    def log_stretch(self, length: int) -> int:
        """Log the present stretch.

        Args:
            length: how many readings it has.

        Returns:
            the mark.

        Example:
            log_stretch(length=3) -> 29
        """
        if length != self._end - self._start:
            raise ValueError(f"the stretch does not have {length} readings")
        return sum(self._tape[self._start : self._end]) % 40 + length


class CalmStretch(Environment):
    """A weather post reads the wind again and again; the readings lie on a tape and come one by one. The post keeps a
    stretch of readings, empty at first: a run of readings without a gap, of which the last is the newest.

    Until the tape is at its end, take up the next reading at the newer end of the stretch. Then, while the spread of
    the stretch (its highest reading less its lowest) is above the tolerance, drop the oldest reading. Each dropped
    reading is a surprise: how strong it was is told when it is dropped, and if the strength is more than `alarm`, the
    tolerance becomes 1 greater from then on. The tolerance begins at `tolerance`.

    When nothing more has to be dropped, compare the length of the stretch with the greatest length that was logged so
    far (0 at first). If it is longer, log the stretch, which gives a mark.

    At the end find the sum of the marks, the sum of the strengths of all surprises, and the tolerance.

    The input is hidden (tape); the tools give access to it. Observe shows what is known from the start: sizes, and
    tolerance, alarm.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tape: list[int], tolerance: int, alarm: int) -> None:
        self.tape = tape
        self.tolerance = tolerance
        self.alarm = alarm
        self.post = WindPost(copy.deepcopy(self.tape), self.tolerance, self.alarm)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "tolerance": a whole number, given as it is.
            "alarm": a whole number, given as it is.
            "tape": number of items of tape.

        Example:
            Observe() -> {"tolerance": 4, "alarm": 9, "tape": 6}
        """
        return {"tolerance": self.tolerance, "alarm": self.alarm, "tape": len(self.tape)}

    @tool
    def TakeReading(self) -> int:
        """Take up the next reading at the newer end of the stretch.

        Returns:
            how many readings are left on the tape after that, or -1 if there was none to take up.

        Example:
            TakeReading() -> 7
        """
        return self.post.take_reading()

    @tool
    def StretchSpread(self) -> int:
        """Work out the spread of the stretch.

        Returns:
            its highest less its lowest reading.

        Example:
            StretchSpread() -> 5
        """
        return self.post.stretch_spread()

    @tool
    def DropOldest(self) -> int:
        """Drop the oldest reading of the stretch.

        Returns:
            the strength of this surprise.

        Example:
            DropOldest() -> 4
        """
        return self.post.drop_oldest()

    @tool
    def LogStretch(self, length: int) -> int:
        """Log the present stretch.

        Args:
            length: how many readings it has.

        Returns:
            the mark.

        Example:
            LogStretch(length=3) -> 29
        """
        return self.post.log_stretch(length)

    def answer(self) -> dict[str, int]:
        """Follow the wind.

        Returns:
            the sums of the "marks" and of the "strengths", and the "tolerance" at the end.
            Example: {"marks": 88, "strengths": 41, "tolerance": 7}.
        """
        tape = copy.deepcopy(self.tape)
        tolerance = self.tolerance
        alarm = self.alarm
        post = WindPost(tape, tolerance, alarm)
        marks = strengths = length = longest = 0
        new_tolerance = tolerance
        while post.take_reading() >= 0:
            length += 1
            while post.stretch_spread() > new_tolerance:
                surprise = post.drop_oldest()
                strengths += surprise
                length -= 1
                if surprise > alarm:
                    new_tolerance += 1
            if length > longest:
                longest = length
                marks += post.log_stretch(length)
        return {"marks": marks, "strengths": strengths, "tolerance": new_tolerance}

    def solve(self, call):
        seen = call("Observe")
        tolerance = seen["tolerance"]
        alarm = seen["alarm"]
        marks = strengths = length = longest = 0
        new_tolerance = tolerance
        while call("TakeReading") >= 0:
            length += 1
            while call("StretchSpread") > new_tolerance:
                surprise = call("DropOldest")
                strengths += surprise
                length -= 1
                if surprise > alarm:
                    new_tolerance += 1
            if length > longest:
                longest = length
                marks += call("LogStretch", length=length)
        return call("Done", answer={"marks": marks, "strengths": strengths, "tolerance": new_tolerance})

    @staticmethod
    def generate(rng, level):
        size = {"easy": 6, "medium": 11, "hard": rng.randint(24, 32)}[level]
        tape, wind = ([], rng.randint(15, 30))
        for _ in range(size):
            wind = max(1, wind + rng.randint(-6, 6))
            tape.append(wind)
        return {"tape": tape, "tolerance": rng.randint(4, 7), "alarm": rng.randint(6, 9)}
