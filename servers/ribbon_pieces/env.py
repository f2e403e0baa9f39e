"""A ribbon with a pattern is `length` spans long; places on it are numbered from 0, its beginning, to `length`, its end."""

import copy

from codegym_mcp import Environment, tool


def as_json(value, levels: int = 64):
    """A copy of the value in plain JSON: tuples as lists, sets as sorted lists, integer keys as text.

    Args:
        levels: lists and maps that may lie within each other.

    Raises:
        ValueError: JSON cannot carry it, or readers of JSON would disagree about it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        str.encode(value, "utf-8")  # raises a ValueError on half a character
        return str(value)
    if isinstance(value, int):
        if int.bit_length(value) > 1023:  # beyond what a reader that knows only floats can take
            raise ValueError("an integer of more than 1023 bits")
        return int(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"the number {value}")
        return float(value)
    if levels == 0:
        raise ValueError("lists or maps nested too deeply")
    if isinstance(value, dict):
        if any(isinstance(key, bool) or not isinstance(key, (str, int)) for key in value):
            raise ValueError("a map whose keys are neither texts nor integers")
        result = {as_json(str(key)): as_json(item, levels - 1) for key, item in value.items()}
        if len(result) < len(value):
            raise ValueError("a map with a text and an integer as the same key")
        return result
    if isinstance(value, (list, tuple, range)):
        return [as_json(item, levels - 1) for item in value]
    if isinstance(value, (set, frozenset)):
        items = [as_json(item, levels - 1) for item in value]
        try:
            return sorted(items)
        except TypeError:  # of several kinds
            return sorted(items, key=lambda item: (type(item).__name__, repr(item)))
    raise ValueError(f"an object of type {type(value).__name__}")


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

    The input is hidden (spans, fees): Observe shows sizes, and the other tools give access to it.
    Observe shows length, longest.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, spans: list[int], fees: list[int], length: int, longest: int) -> None:
        self.spans = spans
        self.fees = fees
        self.length = length
        self.longest = longest
        self.ribbon = Ribbon(
            copy.deepcopy(self.spans), copy.deepcopy(self.fees), copy.deepcopy(self.length), copy.deepcopy(self.longest)
        )

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

        def solution(spans: list[int], fees: list[int], length: int, longest: int) -> dict[str, int | list[int]]:
            """Cut the ribbon.

            Returns:
                the "total" and the places of the "cuts". Example: {"total": 52, "cuts": [2, 5]}.
            """
            ribbon = Ribbon(spans, fees, length, longest)
            totals = [0]
            for end in range(1, length + 1):
                best, chosen = -(10**6), 0
                for start in range(end - 1, max(-1, end - longest - 1), -1):
                    value = totals[start] + ribbon.price(start, end)
                    if value > best:
                        best, chosen = value, start
                ribbon.note(end, best, chosen)
                totals.append(best - ribbon.cut_fee(end) if end < length else best)
            cuts: list[int] = []
            place = ribbon.noted_start(length)
            while place > 0:
                cuts.insert(0, place)
                place = ribbon.noted_start(place)
            return {"total": ribbon.noted_total(length), "cuts": cuts}

        return as_json(
            solution(
                spans=copy.deepcopy(self.spans), fees=copy.deepcopy(self.fees), length=self.length, longest=self.longest
            )
        )

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
        return call("Done", answer=as_json({"total": call("NotedTotal", place=length), "cuts": cuts}))

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
