"""Villages are connected by roads."""

import copy

from codegym_mcp import Environment, tool


class RoadOffice:
    """The offers and the roads that stand."""

    def __init__(self, offers: list[list]) -> None:
        self.offers = offers
        self.roads: list[int] = []
        self.declined: list[int] = []

    def _offer(self, number: int) -> list:
        if not 0 <= number < len(self.offers):
            raise ValueError(f"offers are numbered from 0 to {len(self.offers) - 1}, got {number}")
        return self.offers[number]

    def read_offer(self, number: int) -> list[str]:
        """Read which villages an offer would connect.

        Args:
            number: number of the offer, from 0.

        Returns:
            the two villages.

        Example:
            read_offer(number=0) -> ["Ulm", "Ems"]
        """
        return list(self._offer(number)[:2])

    def price(self, number: int) -> int:
        """Look up the price of an offered or built road.

        Args:
            number: its number, from 0.

        Returns:
            the price.

        Example:
            price(number=0) -> 40
        """
        return self._offer(number)[2]

    def route(self, start: str, end: str) -> list[int]:
        """Find the route between two villages over the roads that stand.

        Args:
            start: a village.
            end: another village.

        Returns:
            the numbers of its roads from start to end; none if there is no route.

        Example:
            route(start="Ulm", end="Ems") -> [2, 0]
        """
        routes, waiting = {start: []}, [start]
        for place in waiting:
            for road in self.roads:
                ends = self.offers[road][:2]
                other = ends[1 - ends.index(place)] if place in ends else place
                if other not in routes:
                    routes[other] = [*routes[place], road]
                    waiting.append(other)
        return routes.get(end, [])

    def build(self, number: int) -> int:
        """Build the road of an offer.

        Args:
            number: number of the offer; no route may lead between its villages.

        Returns:
            how many roads stand now.

        Example:
            build(number=0) -> 1
        """
        if self.route(*self._offer(number)[:2]):
            raise ValueError("a route leads between the villages already")
        self.roads.append(number)
        return len(self.roads)

    def tear_down(self, number: int) -> int:
        """Tear a road down.

        Args:
            number: number of the road.

        Returns:
            the money that comes back.

        Example:
            tear_down(number=0) -> 12
        """
        if number not in self.roads:
            raise ValueError(f"there is no road {number}")
        self.roads.remove(number)
        return self.offers[number][2] // (2 + len(self.declined) % 3)

    def decline(self, number: int) -> int:
        """Sign an offer off as declined.

        Args:
            number: number of the offer.

        Returns:
            how many offers have been declined so far.

        Example:
            decline(number=3) -> 1
        """
        self._offer(number)
        if number not in self.declined:
            self.declined.append(number)
        return len(self.declined)


class RoadOffers(Environment):
    """Villages are connected by roads. Offers to build a road arrive one after the other, numbered from 0; each names two
    villages and a price. A road keeps the number of its offer.

    For each offer, look for the route between its two villages over the roads that stand at that moment; the roads
    never form a circle, so there is at most one route. If there is none, build the road. If there is one, find its
    dearest road, the one with the smallest number if several cost the same. If the offered road is cheaper than that
    road, tear the dearest one down, which gives some money back, and build the offered road. Otherwise decline.

    The price is paid when a road is built. What comes back when a road is torn down depends also on how many offers
    were declined before, so each declined offer has to be signed off as declined at once.

    The answer is the money spent in all (prices paid minus money that came back), and the list of the numbers of the
    roads that stand at the end, in ascending order.

    The input is hidden (offers); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, offers: list[list[int | str]]) -> None:
        self.offers = offers
        self.office = RoadOffice(copy.deepcopy(self.offers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "offers": number of items of offers.

        Example:
            Observe() -> {"offers": 5}
        """
        return {"offers": len(self.offers)}

    @tool
    def ReadOffer(self, number: int) -> list[str]:
        """Read which villages an offer would connect.

        Args:
            number: number of the offer, from 0.

        Returns:
            the two villages.

        Example:
            ReadOffer(number=0) -> ["Ulm", "Ems"]
        """
        return self.office.read_offer(number)

    @tool
    def Price(self, number: int) -> int:
        """Look up the price of an offered or built road.

        Args:
            number: its number, from 0.

        Returns:
            the price.

        Example:
            Price(number=0) -> 40
        """
        return self.office.price(number)

    @tool
    def Route(self, start: str, end: str) -> list[int]:
        """Find the route between two villages over the roads that stand.

        Args:
            start: a village.
            end: another village.

        Returns:
            the numbers of its roads from start to end; none if there is no route.

        Example:
            Route(start="Ulm", end="Ems") -> [2, 0]
        """
        return self.office.route(start, end)

    @tool
    def Build(self, number: int) -> int:
        """Build the road of an offer.

        Args:
            number: number of the offer; no route may lead between its villages.

        Returns:
            how many roads stand now.

        Example:
            Build(number=0) -> 1
        """
        return self.office.build(number)

    @tool
    def TearDown(self, number: int) -> int:
        """Tear a road down.

        Args:
            number: number of the road.

        Returns:
            the money that comes back.

        Example:
            TearDown(number=0) -> 12
        """
        return self.office.tear_down(number)

    @tool
    def Decline(self, number: int) -> int:
        """Sign an offer off as declined.

        Args:
            number: number of the offer.

        Returns:
            how many offers have been declined so far.

        Example:
            Decline(number=3) -> 1
        """
        return self.office.decline(number)

    def answer(self) -> dict[str, int | list[int]]:
        """Handle all offers.

        Returns:
            the money "spent" and the "roads" at the end. Example: {"spent": 180, "roads": [0, 3, 4]}.
        """
        offers = copy.deepcopy(self.offers)
        office = RoadOffice(offers)
        spent = 0
        standing: list[int] = []
        prices: dict[int, int] = {}
        for number in range(len(offers)):
            start, end = office.read_offer(number)
            prices[number] = office.price(number)
            between = office.route(start, end)
            if between:
                dearest = min([(-prices[road], road) for road in between])[1]
                if prices[dearest] <= prices[number]:
                    office.decline(number)
                    continue
                spent -= office.tear_down(dearest)
                standing.remove(dearest)
            office.build(number)
            spent += prices[number]
            standing.append(number)
        return {"spent": spent, "roads": sorted(standing)}

    def solve(self, call):
        seen = call("Observe")
        spent = 0
        standing = []
        prices = {}
        for number in range(seen["offers"]):
            start, end = call("ReadOffer", number=number)
            prices[number] = call("Price", number=number)
            between = call("Route", start=start, end=end)
            if between:
                dearest = min([(-prices[road], road) for road in between])[1]
                if prices[dearest] <= prices[number]:
                    call("Decline", number=number)
                    continue
                spent -= call("TearDown", number=dearest)
                standing.remove(dearest)
            call("Build", number=number)
            spent += prices[number]
            standing.append(number)
        return call("Done", answer={"spent": spent, "roads": sorted(standing)})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (5, 3), "medium": (10, 5), "hard": (rng.randint(20, 30), 9)}[level]
        villages = rng.sample(["Ulm", "Ems", "Aue", "Hof", "Zug", "Rye", "Ely", "Wem", "Diss", "Bude", "Looe"], size)
        return {"offers": [[*rng.sample(villages, 2), rng.randint(10, 99)] for _ in range(count)]}
