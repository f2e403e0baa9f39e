"""A parts dealer serves a stream of events in ascending order of their numbers."""

import copy

from codegym_mcp import Environment, tool


class PartsDealer:
    """Free stock, substitutes and events."""

    def __init__(self, stock: dict[str, int], substitutes: dict[str, str], events: list[list]) -> None:
        self._stock, self._substitutes, self._events = dict(stock), substitutes, events
        self._delivered = [False] * len(events)

    def read_event(self, number: int) -> dict[str, str | list]:
        """Read an event.

        Args:
            number: number of the event, from 0.

        Returns:
            its "kind" ("order" or "delivery") and its "lines", each [article, units].

        Example:
            read_event(number=0) -> {"kind": "order", "lines": [["nut", 4], ["pin", 2]]}
        """
        if not 0 <= number < len(self._events):
            raise ValueError(f"number must be from 0 to {len(self._events) - 1}, got {number}")
        return {"kind": self._events[number][0], "lines": [list(line) for line in self._events[number][1]]}

    def take_delivery(self, number: int) -> int:
        """Take the goods of a delivery into free stock.

        Args:
            number: number of the event, a delivery that was not taken yet.

        Returns:
            how many units came in.

        Example:
            take_delivery(number=3) -> 12
        """
        if self.read_event(number)["kind"] != "delivery" or self._delivered[number]:
            raise ValueError(f"event {number} is no delivery or was taken already")
        self._delivered[number] = True
        for article, units in self._events[number][1]:
            self._stock[article] += units
        return sum(units for _, units in self._events[number][1])

    def _units(self, article: str) -> int:
        if article not in self._stock:
            raise ValueError(f"article must be one of {sorted(self._stock)}, got {article!r}")
        return self._stock[article]

    def has_units(self, article: str, units: int) -> bool:
        """Tell whether an article has so many units in free stock.

        Args:
            article: name of the article.
            units: how many units.

        Returns:
            whether they are there.

        Example:
            has_units(article="nut", units=4) -> false
        """
        return self._units(article) >= units

    def find_substitute(self, article: str) -> str:
        """Find the substitute of an article.

        Args:
            article: name of the article.

        Returns:
            the name of its substitute, or "none".

        Example:
            find_substitute(article="nut") -> "hexnut"
        """
        self._units(article)
        return self._substitutes.get(article, "none")

    def reserve_units(self, article: str, units: int) -> int:
        """Reserve units of an article, or give back reserved ones.

        Args:
            article: name of the article.
            units: how many to take out of free stock; below 0 to give so many back.

        Returns:
            the units in free stock afterwards.

        Example:
            reserve_units(article="hexnut", units=4) -> 1
        """
        if units > self._units(article):
            raise ValueError(f"{article} has {self._stock[article]} units in free stock, got {units}")
        self._stock[article] -= units
        return self._stock[article]


class SubstituteOrders(Environment):
    """A parts dealer serves a stream of events in ascending order of their numbers. An event is an order or a delivery. An
    order has lines, each an article and some units, and is served either as a whole or not at all.

    Attempt for an order: go through its lines in order. For each, reserve the units of the first article that has them
    in free stock: the article of the line, its substitute, the substitute of that, and so on. If this chain ends
    without one, the attempt has failed at once, and all that was reserved for it is given back. If all lines are
    reserved, the order ships.

    - Event "order": one attempt is made. If it fails, the order goes to the end of the backlog.
    - Event "delivery": the goods go into free stock. Then one attempt is made for each order of the backlog, in backlog
    order;
      those that ship leave it.

    Find the sum over the shipped orders of the number of the event at which they shipped, how many lines were shipped
    with a substitute, and how many orders are left in the backlog.

    The input is hidden (stock, substitutes, events); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, stock: dict[str, int], substitutes: dict[str, str], events: list[list[list[list[int | str]] | str]]
    ) -> None:
        self.stock = stock
        self.substitutes = substitutes
        self.events = events
        self.dealer = PartsDealer(
            copy.deepcopy(self.stock), copy.deepcopy(self.substitutes), copy.deepcopy(self.events)
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "stock": number of keys of stock.
            "substitutes": number of keys of substitutes.
            "events": number of items of events.

        Example:
            Observe() -> {"stock": 4, "substitutes": 2, "events": 5}
        """
        return {"stock": len(self.stock), "substitutes": len(self.substitutes), "events": len(self.events)}

    @tool
    def ReadEvent(self, number: int) -> dict[str, list[list[int | str]] | str]:
        """Read an event.

        Args:
            number: number of the event, from 0.

        Returns:
            its "kind" ("order" or "delivery") and its "lines", each [article, units].

        Example:
            ReadEvent(number=0) -> {"kind": "order", "lines": [["nut", 4], ["pin", 2]]}
        """
        return self.dealer.read_event(number)

    @tool
    def TakeDelivery(self, number: int) -> int:
        """Take the goods of a delivery into free stock.

        Args:
            number: number of the event, a delivery that was not taken yet.

        Returns:
            how many units came in.

        Example:
            TakeDelivery(number=3) -> 12
        """
        return self.dealer.take_delivery(number)

    @tool
    def HasUnits(self, article: str, units: int) -> bool:
        """Tell whether an article has so many units in free stock.

        Args:
            article: name of the article.
            units: how many units.

        Returns:
            whether they are there.

        Example:
            HasUnits(article="nut", units=4) -> false
        """
        return self.dealer.has_units(article, units)

    @tool
    def FindSubstitute(self, article: str) -> str:
        """Find the substitute of an article.

        Args:
            article: name of the article.

        Returns:
            the name of its substitute, or "none".

        Example:
            FindSubstitute(article="nut") -> "hexnut"
        """
        return self.dealer.find_substitute(article)

    @tool
    def ReserveUnits(self, article: str, units: int) -> int:
        """Reserve units of an article, or give back reserved ones.

        Args:
            article: name of the article.
            units: how many to take out of free stock; below 0 to give so many back.

        Returns:
            the units in free stock afterwards.

        Example:
            ReserveUnits(article="hexnut", units=4) -> 1
        """
        return self.dealer.reserve_units(article, units)

    def answer(self) -> dict[str, int]:
        """Serve orders as a whole.

        Returns:
            the sum of the event numbers ("shipped"), the lines shipped with a "substitute" and the orders left in the
                "backlog".
            Example: {"shipped": 21, "substitute": 3, "backlog": 1}.
        """
        stock = copy.deepcopy(self.stock)
        substitutes = copy.deepcopy(self.substitutes)
        events = copy.deepcopy(self.events)
        dealer = PartsDealer(stock, substitutes, events)
        shipped = replaced = 0
        backlog = []
        for number in range(len(events)):
            event = dealer.read_event(number)
            attempts = [event["lines"]]
            if event["kind"] == "delivery":
                dealer.take_delivery(number)
                attempts, backlog = (backlog, [])
            for lines in attempts:
                reserved = []
                for article, units in lines:
                    choice = article
                    while choice != "none" and (not dealer.has_units(choice, units)):
                        choice = dealer.find_substitute(choice)
                    if choice == "none":
                        break
                    dealer.reserve_units(choice, units)
                    reserved.append([choice, units, 0 if choice == article else 1])
                if len(reserved) == len(lines):
                    shipped += number
                    replaced += sum([other for _, _, other in reserved])
                    continue
                backlog.append(lines)
                for choice, units, _ in reserved:
                    dealer.reserve_units(choice, -units)
        return {"shipped": shipped, "substitute": replaced, "backlog": len(backlog)}

    def solve(self, call):
        seen = call("Observe")
        shipped = replaced = 0
        backlog = []
        for number in range(seen["events"]):
            event = call("ReadEvent", number=number)
            attempts = [event["lines"]]
            if event["kind"] == "delivery":
                call("TakeDelivery", number=number)
                attempts, backlog = (backlog, [])
            for lines in attempts:
                reserved = []
                for article, units in lines:
                    choice = article
                    while choice != "none" and (not call("HasUnits", article=choice, units=units)):
                        choice = call("FindSubstitute", article=choice)
                    if choice == "none":
                        break
                    call("ReserveUnits", article=choice, units=units)
                    reserved.append([choice, units, 0 if choice == article else 1])
                if len(reserved) == len(lines):
                    shipped += number
                    replaced += sum([other for _, _, other in reserved])
                    continue
                backlog.append(lines)
                for choice, units, _ in reserved:
                    call("ReserveUnits", article=choice, units=-units)
        return call("Done", answer={"shipped": shipped, "substitute": replaced, "backlog": len(backlog)})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (5, 4), "medium": (7, 5), "hard": (rng.randint(12, 15), 7)}[level]
        names = rng.sample(["nut", "bolt", "pin", "clip", "ring", "hook", "stud", "gear"], size)
        substitutes = {name: names[place + 1] for place, name in enumerate(names[:-1]) if rng.random() < 0.6}
        events = []
        for number in range(count):
            lines = [
                [name, rng.randint(2, 9)] for name in rng.sample(names, rng.randint(1, 2 if level == "easy" else 3))
            ]
            events.append(["delivery" if number and rng.random() < 0.3 else "order", lines])
        return {"stock": {name: rng.randint(3, 11) for name in names}, "substitutes": substitutes, "events": events}
