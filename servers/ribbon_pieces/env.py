"""A ribbon with a pattern is `length` spans long; places on it are numbered from 0, its beginning, to `length`, its end."""

import copy

from codegym_mcp import Environment, tool


class Ribbon:
    """What pieces bring, the fees, and what has been noted."""

    def __init__(self, spans: list[int], fees: list[int], length: int, longest: int) -> None:
        self.spans, self.fees, self.length, self.longest = spans, fees, length, longest
        self.starts: dict[str, int] = {}
        self.totals: dict[str, int] = {"0": 0}

    def price(self, start: int, end: int) -> int:
        """Tell what a piece brings.

        Args:
            start: the place where it begins.
            end: the place where it ends, 1 to `longest` spans later.

        Returns:
            the price.

        Example:
            price(start=2, end=4) -> 19
        """
        if not 0 <= start < end <= self.length or end - start > self.longest:
            raise ValueError(f"no piece goes from {start} to {end}")
        part = self.spans[start:end]
        return sum(part) + 3 * len(set(part)) - (max(part) - min(part)) - 2 * (len(part) - 2) ** 2

    def cut_fee(self, place: int) -> int:
        """Tell the fee of a cut.

        Args:
            place: where to cut, from 1 to `length` - 1.

        Returns:
            the fee.

        Example:
            cut_fee(place=2) -> 5
        """
        if not 0 < place < self.length:
            raise ValueError(f"nothing is cut at {place}")
        return self.fees[place]

    def note(self, place: int, total: int, start: int) -> int:
        """Note what the ribbon up to a place brings at most.

        Args:
            place: the place, from 1 to `length`.
            total: what it brings.
            start: where its last piece begins.

        Returns:
            how many places have been noted.

        Example:
            note(place=4, total=35, start=2) -> 4
        """
        if not 0 <= start < place <= self.length:
            raise ValueError(f"no last piece goes from {start} to {place}")
        self.totals[str(place)], self.starts[str(place)] = total, start
        return len(self.starts)

    def noted_total(self, place: int) -> int:
        """Look up what was noted for a place.

        Args:
            place: a noted place; place 0 counts as noted with 0.

        Returns:
            what the ribbon up to there brings.

        Example:
            noted_total(place=4) -> 35
        """
        if str(place) not in self.totals:
            raise ValueError(f"nothing has been noted for place {place}")
        return self.totals[str(place)]

    def noted_start(self, place: int) -> int:
        """Look up where the last piece of the ribbon up to a place begins.

        Args:
            place: a noted place.

        Returns:
            the place where the piece begins.

        Example:
            noted_start(place=4) -> 2
        """
        if str(place) not in self.starts:
            raise ValueError(f"nothing has been noted for place {place}")
        return self.starts[str(place)]


class RibbonPieces(Environment):
    """A ribbon with a pattern is `length` spans long; places on it are numbered from 0, its beginning, to `length`, its
    end. It
    is cut into pieces, each of them from 1 to `longest` spans long, and all pieces are sold. What a piece brings
    depends on
    where it begins and where it ends. Each cut costs a fee, which depends on its place; nothing is cut at places 0 and
    `length`.

    Wanted is the way of cutting that brings most in all: the sum of what the pieces bring minus the fees. If several
    ways bring the same, look at their last cuts: the one whose last piece is shortest is taken; among those with the
    same last piece, the one whose last piece but one is shortest, and so on.

    For each place from 1 to `length` one can note what the ribbon up to there brings at most and where its last piece
    begins.

    The answer is what that way brings in all, and the places of its cuts in ascending order.

    The input is hidden (spans, fees); the tools give access to it. Observe shows what is known from the start: sizes,
    and length, longest.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, spans: list[int], fees: list[int], length: int, longest: int) -> None:
        self.spans = spans
        self.fees = fees
        self.length = length
        self.longest = longest
        self.ribbon = Ribbon(copy.deepcopy(self.spans), copy.deepcopy(self.fees), self.length, self.longest)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "length": a whole number, given as it is.
            "longest": a whole number, given as it is.
            "spans": number of items of spans.
            "fees": number of items of fees.

        Example:
            Observe() -> {"length": 4, "longest": 3, "spans": 4, "fees": 4}
        """
        return {"length": self.length, "longest": self.longest, "spans": len(self.spans), "fees": len(self.fees)}

    @tool
    def Price(self, start: int, end: int) -> int:
        """Tell what a piece brings.

        Args:
            start: the place where it begins.
            end: the place where it ends, 1 to `longest` spans later.

        Returns:
            the price.

        Example:
            Price(start=2, end=4) -> 19
        """
        return self.ribbon.price(start, end)

    @tool
    def CutFee(self, place: int) -> int:
        """Tell the fee of a cut.

        Args:
            place: where to cut, from 1 to `length` - 1.

        Returns:
            the fee.

        Example:
            CutFee(place=2) -> 5
        """
        return self.ribbon.cut_fee(place)

    @tool
    def Note(self, place: int, total: int, start: int) -> int:
        """Note what the ribbon up to a place brings at most.

        Args:
            place: the place, from 1 to `length`.
            total: what it brings.
            start: where its last piece begins.

        Returns:
            how many places have been noted.

        Example:
            Note(place=4, total=35, start=2) -> 4
        """
        return self.ribbon.note(place, total, start)

    @tool
    def NotedTotal(self, place: int) -> int:
        """Look up what was noted for a place.

        Args:
            place: a noted place; place 0 counts as noted with 0.

        Returns:
            what the ribbon up to there brings.

        Example:
            NotedTotal(place=4) -> 35
        """
        return self.ribbon.noted_total(place)

    @tool
    def NotedStart(self, place: int) -> int:
        """Look up where the last piece of the ribbon up to a place begins.

        Args:
            place: a noted place.

        Returns:
            the place where the piece begins.

        Example:
            NotedStart(place=4) -> 2
        """
        return self.ribbon.noted_start(place)

    def answer(self) -> dict[str, int | list[int]]:
        """Cut the ribbon.

        Returns:
            the "total" and the places of the "cuts". Example: {"total": 52, "cuts": [2, 5]}.
        """
        spans = copy.deepcopy(self.spans)
        fees = copy.deepcopy(self.fees)
        length = self.length
        longest = self.longest
        ribbon = Ribbon(spans, fees, length, longest)
        totals = [0]
        for end in range(1, length + 1):
            best, chosen = (-(10**6), 0)
            for start in range(end - 1, max(-1, end - longest - 1), -1):
                value = totals[start] + ribbon.price(start, end)
                if value > best:
                    best, chosen = (value, start)
            ribbon.note(end, best, chosen)
            totals.append(best - ribbon.cut_fee(end) if end < length else best)
        cuts: list[int] = []
        place = ribbon.noted_start(length)
        while place > 0:
            cuts.insert(0, place)
            place = ribbon.noted_start(place)
        return {"total": ribbon.noted_total(length), "cuts": cuts}

    def solve(self, call):
        seen = call("Observe")
        length = seen["length"]
        longest = seen["longest"]
        totals = [0]
        for end in range(1, length + 1):
            best, chosen = (-(10**6), 0)
            for start in range(end - 1, max(-1, end - longest - 1), -1):
                value = totals[start] + call("Price", start=start, end=end)
                if value > best:
                    best, chosen = (value, start)
            call("Note", place=end, total=best, start=chosen)
            totals.append(best - call("CutFee", place=end) if end < length else best)
        cuts = []
        place = call("NotedStart", place=length)
        while place > 0:
            cuts.insert(0, place)
            place = call("NotedStart", place=place)
        return call("Done", answer={"total": call("NotedTotal", place=length), "cuts": cuts})

    @staticmethod
    def generate(rng, level):
        length, longest = {"easy": (4, 3), "medium": (rng.randint(6, 7), 3), "hard": (rng.randint(12, 16), 5)}[level]
        spans = [rng.randint(2, 12) for _ in range(length)]
        return {
            "spans": spans,
            "fees": [rng.randint(1, 9) for _ in range(length)],
            "length": length,
            "longest": longest,
        }
