"""A weather post reads the wind again and again; the readings lie on a tape and come one by one. The post keeps a stretch of
readings, empty at first: a run of readings without a gap, of which the last is the newest.

Until the tape is at its end, take up the next reading at the newer end of the stretch. Then, while the spread of the
stretch (its highest reading less its lowest) is above the tolerance, drop the oldest reading. Each dropped reading is a
surprise: how strong it was is told when it is dropped, and if the strength is more than `alarm`, the tolerance becomes 1
greater from then on. The tolerance begins at `tolerance`.

When nothing more has to be dropped, compare the length of the stretch with the greatest length that was logged so far (0
at first). If it is longer, log the stretch, which gives a mark.

At the end find the sum of the marks, the sum of the strengths of all surprises, and the tolerance."""


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


def solution(tape: list[int], tolerance: int, alarm: int) -> dict[str, int]:
    """Follow the wind.

    Returns:
        the sums of the "marks" and of the "strengths", and the "tolerance" at the end.
        Example: {"marks": 88, "strengths": 41, "tolerance": 7}.
    """
    post = WindPost(tape, tolerance, alarm)
    marks = strengths = length = longest = 0
    while post.take_reading() >= 0:
        length += 1
        while post.stretch_spread() > tolerance:
            surprise = post.drop_oldest()
            strengths += surprise
            length -= 1
            if surprise > alarm:
                tolerance += 1
        if length > longest:
            longest = length
            marks += post.log_stretch(length)
    return {"marks": marks, "strengths": strengths, "tolerance": tolerance}


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    size = {"easy": 6, "medium": 11, "hard": rng.randint(24, 32)}[level]
    tape, wind = [], rng.randint(15, 30)
    for _ in range(size):
        wind = max(1, wind + rng.randint(-6, 6))
        tape.append(wind)
    return {"tape": tape, "tolerance": rng.randint(4, 7), "alarm": rng.randint(6, 9)}
