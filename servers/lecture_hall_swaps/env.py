"""A hall has one stage, and lectures are offered for it."""

import copy

from codegym_mcp import Environment, tool


class LectureHall:
    """The offers and the programme."""

    def __init__(self, offers: list[list[int]]) -> None:
        self._offers, self._programme, self._cancelled = offers, [], []

    def offered_hours(self, lecture: int) -> list[int]:
        """Read the hours of an offer.

        Args:
            lecture: number of the offer, from 0.

        Returns:
            [first hour, last hour]; the last one is not taken any more.

        Example:
            offered_hours(lecture=3) -> [9, 12]
        """
        if not 0 <= lecture < len(self._offers):
            raise ValueError(f"lecture must be from 0 to {len(self._offers) - 1}, got {lecture}")
        return self._offers[lecture][:2]

    def lecture_fee(self, lecture: int) -> int:
        """Read the fee of a lecture.

        Args:
            lecture: number of the lecture.

        Returns:
            the fee.

        Example:
            lecture_fee(lecture=3) -> 45
        """
        self.offered_hours(lecture)
        return self._offers[lecture][2]

    def clashing_lectures(self, first: int, last: int) -> list[int]:
        """List the lectures on the programme that take an hour of a span.

        Args:
            first: first hour of the span.
            last: the hour after the span.

        Returns:
            their numbers in ascending order; there may be none.

        Example:
            clashing_lectures(first=9, last=12) -> [0, 2]
        """
        if last <= first:
            raise ValueError(f"a span must end after it begins, got {first} to {last}")
        return sorted(n for n in self._programme if self._offers[n][0] < last and first < self._offers[n][1])

    def add_lecture(self, lecture: int) -> int:
        """Put an offer on the programme; it must not clash.

        Args:
            lecture: number of the offer.

        Returns:
            how many lectures the programme has.

        Example:
            add_lecture(lecture=3) -> 2
        """
        first, last = self.offered_hours(lecture)
        if self.clashing_lectures(first, last) or lecture in self._cancelled:
            raise ValueError(f"lecture {lecture} clashes, or was cancelled")
        self._programme.append(lecture)
        return len(self._programme)

    def cancel_lecture(self, lecture: int) -> int:
        """Cancel a lecture on the programme.

        Args:
            lecture: number of the lecture.

        Returns:
            the compensation.

        Example:
            cancel_lecture(lecture=0) -> 8
        """
        if lecture not in self._programme:
            raise ValueError(f"lecture {lecture} is not on the programme")
        self._programme.remove(lecture)
        self._cancelled.append(lecture)
        return self._offers[lecture][2] // 5 + 2 * len(self._cancelled)


class LectureHallSwaps(Environment):
    """A hall has one stage, and lectures are offered for it. Each takes the hours from its first hour up to, but not
    including, its last one; the secretary hands the offers out in the order of their numbers, from 0.

    An offer clashes with a lecture on the programme if they share an hour. For each offer:

    - If it clashes with nothing, put it on the programme.
    - Otherwise add up the fees of all lectures it clashes with. If the fee of the offer is greater than this sum by at
    least
      `margin`, cancel all of these, in ascending order of their numbers, and put the offer on the programme. If not,
      the
      offer goes to the waiting file. Each cancelling costs compensation.

    A cancelled lecture never comes back. After the last offer, go once through the waiting file, from the one that was
    put into it last to the first: each that clashes with nothing at that time is put on the programme.

    Find the sum of the fees of the lectures on the programme at the end, the sum of the compensations, and the sum of
    the numbers of the offers that have come onto the programme from the waiting file.

    The input is hidden (offers); the tools give access to it. Observe shows what is known from the start: sizes, and
    margin.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, offers: list[list[int]], margin: int) -> None:
        self.offers = offers
        self.margin = margin
        self.hall = LectureHall(copy.deepcopy(self.offers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "margin": a whole number, given as it is.
            "offers": number of items of offers.

        Example:
            Observe() -> {"margin": 3, "offers": 4}
        """
        return {"margin": self.margin, "offers": len(self.offers)}

    @tool
    def OfferedHours(self, lecture: int) -> list[int]:
        """Read the hours of an offer.

        Args:
            lecture: number of the offer, from 0.

        Returns:
            [first hour, last hour]; the last one is not taken any more.

        Example:
            OfferedHours(lecture=3) -> [9, 12]
        """
        return self.hall.offered_hours(lecture)

    @tool
    def LectureFee(self, lecture: int) -> int:
        """Read the fee of a lecture.

        Args:
            lecture: number of the lecture.

        Returns:
            the fee.

        Example:
            LectureFee(lecture=3) -> 45
        """
        return self.hall.lecture_fee(lecture)

    @tool
    def ClashingLectures(self, first: int, last: int) -> list[int]:
        """List the lectures on the programme that take an hour of a span.

        Args:
            first: first hour of the span.
            last: the hour after the span.

        Returns:
            their numbers in ascending order; there may be none.

        Example:
            ClashingLectures(first=9, last=12) -> [0, 2]
        """
        return self.hall.clashing_lectures(first, last)

    @tool
    def AddLecture(self, lecture: int) -> int:
        """Put an offer on the programme; it must not clash.

        Args:
            lecture: number of the offer.

        Returns:
            how many lectures the programme has.

        Example:
            AddLecture(lecture=3) -> 2
        """
        return self.hall.add_lecture(lecture)

    @tool
    def CancelLecture(self, lecture: int) -> int:
        """Cancel a lecture on the programme.

        Args:
            lecture: number of the lecture.

        Returns:
            the compensation.

        Example:
            CancelLecture(lecture=0) -> 8
        """
        return self.hall.cancel_lecture(lecture)

    def answer(self) -> dict[str, int]:
        """Make the programme.

        Returns:
            the sums of the "fees" and of the "compensations", and the sum of the numbers of the "late" ones.
            Example: {"fees": 210, "compensations": 26, "late": 11}.
        """
        offers = copy.deepcopy(self.offers)
        margin = self.margin
        hall = LectureHall(offers)
        waiting = []
        fees = compensations = late = 0
        for lecture in range(len(offers)):
            first, last = hall.offered_hours(lecture)
            clashes = hall.clashing_lectures(first, last)
            price = hall.lecture_fee(lecture)
            against = 0
            for other in clashes:
                against += hall.lecture_fee(other)
            if clashes and price - against < margin:
                waiting.append([lecture, first, last, price])
                continue
            for other in clashes:
                compensations += hall.cancel_lecture(other)
            hall.add_lecture(lecture)
            fees += price - against
        for lecture, first, last, price in reversed(waiting):
            if not hall.clashing_lectures(first, last):
                hall.add_lecture(lecture)
                fees += price
                late += lecture
        return {"fees": fees, "compensations": compensations, "late": late}

    def solve(self, call):
        seen = call("Observe")
        margin = seen["margin"]
        waiting = []
        fees = compensations = late = 0
        for lecture in range(seen["offers"]):
            first, last = call("OfferedHours", lecture=lecture)
            clashes = call("ClashingLectures", first=first, last=last)
            price = call("LectureFee", lecture=lecture)
            against = 0
            for other in clashes:
                against += call("LectureFee", lecture=other)
            if clashes and price - against < margin:
                waiting.append([lecture, first, last, price])
                continue
            for other in clashes:
                compensations += call("CancelLecture", lecture=other)
            call("AddLecture", lecture=lecture)
            fees += price - against
        for lecture, first, last, price in reversed(waiting):
            if not call("ClashingLectures", first=first, last=last):
                call("AddLecture", lecture=lecture)
                fees += price
                late += lecture
        return call("Done", answer={"fees": fees, "compensations": compensations, "late": late})

    @staticmethod
    def generate(rng, level):
        count, hours = {"easy": (4, 12), "medium": (8, 20), "hard": (rng.randint(17, 22), 40)}[level]
        offers = []
        for number in range(count):
            first = rng.randint(0, hours - 4)
            last = first + rng.randint(1, 6)
            offers.append([first, last, (last - first) * rng.randint(4, 9) + rng.randint(0, 9) + number * 3 // 2])
        return {"offers": offers, "margin": rng.randint(1, 5)}
