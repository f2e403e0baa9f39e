"""A chain of shops evens out its stock of one article."""

import copy

from codegym_mcp import Environment, tool


class ShopChain:
    """Stocks of shops and the worth of further units."""

    def __init__(self, shops: list[list[int]], drives: list[list[int]], load: int) -> None:
        self._stock = [stock for stock, _, _ in shops]
        self._shops, self._drives, self._load = shops, drives, load

    def read_excess(self, shop: int) -> int:
        """Read the present excess of a shop.

        Args:
            shop: number of the shop, from 0.

        Returns:
            its stock minus its wish.

        Example:
            read_excess(shop=1) -> -7
        """
        if not 0 <= shop < len(self._stock):
            raise ValueError(f"shop must be from 0 to {len(self._stock) - 1}, got {shop}")
        return self._stock[shop] - self._shops[shop][1]

    def units_of_trip(self, start: int, goal: int) -> int:
        """Work out how many units a trip would carry now.

        Args:
            start: number of a shop with an excess above 0.
            goal: number of a shop with an excess below 0.

        Returns:
            the units.

        Example:
            units_of_trip(start=0, goal=1) -> 5
        """
        if self.read_excess(start) <= 0 or self.read_excess(goal) >= 0:
            raise ValueError(f"a trip from {start} to {goal} is not possible")
        return min(self.read_excess(start), -self.read_excess(goal), self._load)

    def worth_of_units(self, shop: int, units: int) -> int:
        """Work out what further units are worth to a shop now.

        Args:
            shop: number of the shop.
            units: how many units it would get.

        Returns:
            their worth.

        Example:
            worth_of_units(shop=1, units=5) -> 62
        """
        lack = -self.read_excess(shop)
        if not 1 <= units <= lack:
            raise ValueError(f"shop {shop} lacks {lack} units, got {units}")
        return self._shops[shop][2] * units + (lack * (lack + 1) - (lack - units) * (lack - units + 1)) // 4

    def cost_of_drive(self, start: int, goal: int) -> int:
        """Tell the cost of the drive from one shop to another.

        Args:
            start: number of the shop where it begins.
            goal: number of the shop where it ends.

        Returns:
            the cost.

        Example:
            cost_of_drive(start=0, goal=1) -> 21
        """
        self.read_excess(start)
        self.read_excess(goal)
        return self._drives[start][goal]

    def make_trip(self, start: int, goal: int) -> list[int]:
        """Make a trip.

        Args:
            start: number of a shop with an excess above 0.
            goal: number of a shop with an excess below 0.

        Returns:
            the excesses of the two shops afterwards.

        Example:
            make_trip(start=0, goal=1) -> [3, -2]
        """
        units = self.units_of_trip(start, goal)
        self._stock[start] -= units
        self._stock[goal] += units
        return [self.read_excess(start), self.read_excess(goal)]


class StoreBalancing(Environment):
    """A chain of shops evens out its stock of one article. Shops are numbered from 0. Each has a stock and a wish; its
    excess is its stock minus its wish.

    A trip goes from a shop with an excess above 0 to a shop with an excess below 0 and carries as much as it can: the
    smallest of what the first has too much, what the second has too little, and the load of the van. The gain of a trip
    is what the carried units are worth to the receiving shop, less the cost of the drive.

    Of all possible trips, the one with the greatest gain is made; of equal ones the one from the lowest shop, then the
    one to the lowest shop. Then the gains are looked at anew. Trips are made until no possible trip has a gain above 0,
    or the limit of trips is reached. The worth of a unit to a shop falls as it gets more of them.

    Find the sum of the gains of all trips, the number of units carried, and the number of the last receiving shop (-1
    if there was no trip).

    The input is hidden (shops, drives); the tools give access to it. Observe shows what is known from the start: sizes,
    and load, limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, shops: list[list[int]], drives: list[list[int]], load: int, limit: int) -> None:
        self.shops = shops
        self.drives = drives
        self.load = load
        self.limit = limit
        self.chain = ShopChain(copy.deepcopy(self.shops), copy.deepcopy(self.drives), self.load)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "load": a whole number, given as it is.
            "limit": a whole number, given as it is.
            "shops": number of items of shops.
            "drives": number of items of drives.

        Example:
            Observe() -> {"load": 6, "limit": 5, "shops": 3, "drives": 3}
        """
        return {"load": self.load, "limit": self.limit, "shops": len(self.shops), "drives": len(self.drives)}

    @tool
    def ReadExcess(self, shop: int) -> int:
        """Read the present excess of a shop.

        Args:
            shop: number of the shop, from 0.

        Returns:
            its stock minus its wish.

        Example:
            ReadExcess(shop=1) -> -7
        """
        return self.chain.read_excess(shop)

    @tool
    def UnitsOfTrip(self, start: int, goal: int) -> int:
        """Work out how many units a trip would carry now.

        Args:
            start: number of a shop with an excess above 0.
            goal: number of a shop with an excess below 0.

        Returns:
            the units.

        Example:
            UnitsOfTrip(start=0, goal=1) -> 5
        """
        return self.chain.units_of_trip(start, goal)

    @tool
    def WorthOfUnits(self, shop: int, units: int) -> int:
        """Work out what further units are worth to a shop now.

        Args:
            shop: number of the shop.
            units: how many units it would get.

        Returns:
            their worth.

        Example:
            WorthOfUnits(shop=1, units=5) -> 62
        """
        return self.chain.worth_of_units(shop, units)

    @tool
    def CostOfDrive(self, start: int, goal: int) -> int:
        """Tell the cost of the drive from one shop to another.

        Args:
            start: number of the shop where it begins.
            goal: number of the shop where it ends.

        Returns:
            the cost.

        Example:
            CostOfDrive(start=0, goal=1) -> 21
        """
        return self.chain.cost_of_drive(start, goal)

    @tool
    def MakeTrip(self, start: int, goal: int) -> list[int]:
        """Make a trip.

        Args:
            start: number of a shop with an excess above 0.
            goal: number of a shop with an excess below 0.

        Returns:
            the excesses of the two shops afterwards.

        Example:
            MakeTrip(start=0, goal=1) -> [3, -2]
        """
        return self.chain.make_trip(start, goal)

    def answer(self) -> list[int]:
        """Even out the stock of shops.

        Returns:
            [sum of the gains, units carried, last receiving shop], such as [214, 19, 3].
        """
        shops = copy.deepcopy(self.shops)
        drives = copy.deepcopy(self.drives)
        load = self.load
        limit = self.limit
        chain = ShopChain(shops, drives, load)
        excess = []
        for shop in range(len(shops)):
            excess.append(chain.read_excess(shop))
        gains = carried = trips = 0
        last = -1
        while trips < limit:
            best = [0, 0, 0]
            for start in range(len(shops)):
                for goal in range(len(shops)):
                    if excess[start] > 0 > excess[goal]:
                        worth = chain.worth_of_units(goal, chain.units_of_trip(start, goal))
                        gain = worth - chain.cost_of_drive(start, goal)
                        best = [gain, start, goal] if gain > best[0] else best
            if best[0] <= 0:
                break
            gain, start, goal = best
            before = excess[start]
            excess[start], excess[goal] = chain.make_trip(start, goal)
            gains, carried, trips, last = (gains + gain, carried + before - excess[start], trips + 1, goal)
        return [gains, carried, last]

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        excess = []
        for shop in range(seen["shops"]):
            excess.append(call("ReadExcess", shop=shop))
        gains = carried = trips = 0
        last = -1
        while trips < limit:
            best = [0, 0, 0]
            for start in range(seen["shops"]):
                for goal in range(seen["shops"]):
                    if excess[start] > 0 > excess[goal]:
                        worth = call("WorthOfUnits", shop=goal, units=call("UnitsOfTrip", start=start, goal=goal))
                        gain = worth - call("CostOfDrive", start=start, goal=goal)
                        best = [gain, start, goal] if gain > best[0] else best
            if best[0] <= 0:
                break
            gain, start, goal = best
            before = excess[start]
            excess[start], excess[goal] = call("MakeTrip", start=start, goal=goal)
            gains, carried, trips, last = (gains + gain, carried + before - excess[start], trips + 1, goal)
        return call("Done", answer=[gains, carried, last])

    @staticmethod
    def generate(rng, level):
        count = {"easy": 3, "medium": 4, "hard": rng.randint(6, 7)}[level]
        shops = []
        for number in range(count):
            wish = rng.randint(8, 20)
            sign = 1 if number % 2 == 0 else -1
            shops.append([max(0, wish + sign * rng.randint(4, 14)), wish, rng.randint(3, 9)])
        rng.shuffle(shops)
        drives = [[rng.randint(8, 45) for _ in range(count)] for _ in range(count)]
        return {"shops": shops, "drives": drives, "load": rng.randint(4, 7), "limit": rng.randint(4, 7)}
