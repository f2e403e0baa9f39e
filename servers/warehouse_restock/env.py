"""Restocking a warehouse day by day: reorder points, packs, bulk prices and lead times."""

from codegym_mcp import Environment, tool


class WarehouseRestock(Environment):
    """A warehouse is restocked over several days. Demand, prices and pack sizes are hidden.

    Items are numbered from 0, suppliers likewise, and days from 0 to days - 1. Every day goes like this:

    1. Review: take the items in ascending order. The position of an item is its stock plus its incoming units. If the
       position is at most the item's reorder point, order from one supplier just enough packs to bring the position to
       at least the item's target. Take the supplier with the lowest cost for that; at equal cost the one with the
       shorter lead time; then the one with the lower number. A supplier takes at most one order a day: one that
       already took an order today is out for the items that follow. If no supplier is left, the item is not ordered
       that day.
    2. End the day: the day's demand leaves the stock, and demand beyond the stock is lost. Then the next day begins,
       and the orders that are due arrive: an order of day d with lead time L arrives at the beginning of day d + L.

    Every day, the last one included, is reviewed and ended. The answer gives for each supplier the sum of the costs of
    all orders placed with it (whether they arrived or not), and the total of lost demand.
    """

    def reset(
        self, *, items: list[dict], demand: list[list[int]], offers: list[list[list[int]]], suppliers: int, days: int
    ) -> None:
        self.items, self.demand, self.offers, self.suppliers, self.days = items, demand, offers, suppliers, days
        self.stock = [item["stock"] for item in items]
        self.orders: list[list[int]] = []  # [item, units, day of arrival]
        self.day, self.used = 0, []

    def observe(self) -> dict[str, int]:
        """Show the size of the job and the present day.

        Returns:
            the number of "items", "suppliers" and "days", and today's "day".

        Example:
            Observe() -> {"items": 2, "suppliers": 2, "days": 3, "day": 0}
        """
        return {"items": len(self.items), "suppliers": self.suppliers, "days": self.days, "day": self.day}

    def _check(self, item: int, supplier: int = 0) -> None:
        if not 0 <= item < len(self.items):
            raise ValueError(f"item must be from 0 to {len(self.items) - 1}, got {item}")
        if not 0 <= supplier < self.suppliers:
            raise ValueError(f"supplier must be from 0 to {self.suppliers - 1}, got {supplier}")

    @tool
    def Position(self, item: int) -> dict[str, int]:
        """Read what is known of one item now.

        Args:
            item: number of the item, from 0 to items - 1.

        Returns:
            its "stock", the "incoming" units (ordered, not arrived yet), its "reorder_point" and "target".

        Example:
            Position(item=0) -> {"stock": 7, "incoming": 0, "reorder_point": 8, "target": 30}
        """
        self._check(item)
        incoming = sum(units for number, units, _ in self.orders if number == item)
        return {**self.items[item], "stock": self.stock[item], "incoming": incoming}

    @tool
    def Quote(self, item: int, supplier: int, units: int) -> dict[str, int]:
        """Ask what it costs to get at least some number of units of an item from a supplier, bulk prices included.

        Args:
            item: number of the item, from 0 to items - 1.
            supplier: number of the supplier, from 0 to suppliers - 1.
            units: units wanted, from 1 to 1000.

        Returns:
            the number of "packs" needed (packs cannot be split), their "cost" and the "lead" time in days.

        Example:
            Quote(item=0, supplier=1, units=23) -> {"packs": 4, "cost": 84, "lead": 2}
        """
        self._check(item, supplier)
        if not 1 <= units <= 1000:
            raise ValueError(f"units must be from 1 to 1000, got {units}")
        size, price, bulk_from, bulk_price, lead = self.offers[item][supplier]
        packs = -(-units // size)
        cost = min(packs, bulk_from) * price + max(0, packs - bulk_from) * bulk_price
        return {"packs": packs, "cost": cost, "lead": lead}

    @tool
    def PlaceOrder(self, item: int, supplier: int, packs: int) -> dict[str, int]:
        """Place today's order with a supplier. It cannot be taken back.

        Args:
            item: number of the item, from 0 to items - 1.
            supplier: number of a supplier that took no order today.
            packs: number of packs, from 1 to 1000.

        Returns:
            the "units" ordered and the day on which they "arrive".

        Example:
            PlaceOrder(item=0, supplier=1, packs=4) -> {"units": 24, "arrive": 2}
        """
        self._check(item, supplier)
        if self.day >= self.days:
            raise ValueError("the last day has ended")
        if supplier in self.used:
            raise ValueError(f"supplier {supplier} took an order today already")
        if not 1 <= packs <= 1000:
            raise ValueError(f"packs must be from 1 to 1000, got {packs}")
        size, _, _, _, lead = self.offers[item][supplier]
        self.orders.append([item, packs * size, self.day + lead])
        self.used.append(supplier)
        return {"units": packs * size, "arrive": self.day + lead}

    @tool
    def EndDay(self) -> dict[str, int]:
        """End the day: demand leaves the stock, the next day begins and the orders due on it arrive.

        Returns:
            the new "day", and the "lost" demand of the day that ended, over all items.

        Example:
            EndDay() -> {"day": 1, "lost": 3}
        """
        if self.day >= self.days:
            raise ValueError("the last day has ended")
        lost = 0
        for item, wanted in enumerate(self.demand[self.day]):
            lost += max(0, wanted - self.stock[item])
            self.stock[item] = max(0, self.stock[item] - wanted)
        self.day, self.used = self.day + 1, []
        for item, units, due in self.orders:
            self.stock[item] += units if due == self.day else 0
        self.orders = [order for order in self.orders if order[2] > self.day]
        return {"day": self.day, "lost": lost}

    def answer(self) -> dict[str, int]:
        """Cost by supplier and lost demand.

        Returns:
            a map with a key for each supplier, "S0", "S1" and so on, giving the cost of its orders (0 if it got none),
            and the key "lost" giving the total lost demand. Example: {"S0": 84, "S1": 0, "lost": 3}.
        """
        spent, lost = [0] * self.suppliers, 0
        stock, position = list(self.stock), list(self.stock)
        arrivals = [[0] * len(self.items) for _ in range(2 * self.days + 9)]
        for day, wanted in enumerate(self.demand):
            free = list(range(self.suppliers))
            for n, item in enumerate(self.items):
                stock[n] += arrivals[day][n]
                if position[n] <= item["reorder_point"] and free:
                    choices = []
                    for s in free:
                        size, price, bulk_from, bulk_price, lead = self.offers[n][s]
                        packs = (item["target"] - position[n] + size - 1) // size
                        cost = sum(price if pack < bulk_from else bulk_price for pack in range(packs))
                        choices.append((cost, lead, s, packs * size))
                    cost, lead, s, units = min(choices)
                    free.remove(s)
                    spent[s] += cost
                    position[n] += units
                    arrivals[day + lead][n] += units
                sold = min(stock[n], wanted[n])
                stock[n], position[n], lost = stock[n] - sold, position[n] - sold, lost + wanted[n] - sold
        return {**{f"S{s}": cost for s, cost in enumerate(spent)}, "lost": lost}

    def solve(self, call):
        seen = call("Observe")
        result = {f"S{s}": 0 for s in range(seen["suppliers"])} | {"lost": 0}
        for _ in range(seen["days"]):
            free = list(range(seen["suppliers"]))
            for item in range(seen["items"]):
                if not free:
                    break
                now = call("Position", item=item)
                position = now["stock"] + now["incoming"]
                if position > now["reorder_point"]:
                    continue
                quotes = {s: call("Quote", item=item, supplier=s, units=now["target"] - position) for s in free}
                best = min(free, key=lambda s: (quotes[s]["cost"], quotes[s]["lead"], s))
                call("PlaceOrder", item=item, supplier=best, packs=quotes[best]["packs"])
                result[f"S{best}"] += quotes[best]["cost"]
                free.remove(best)
            result["lost"] += call("EndDay")["lost"]
        return call("Done", answer=result)

    @staticmethod
    def generate(rng, level):
        count, suppliers, days = {"easy": (2, 2, 3), "medium": (3, 2, 5), "hard": (5, 3, 9)}[level]
        items, offers = [], []
        for _ in range(count):
            point = rng.randint(6, 18)
            target = point + rng.randint(6, 20)
            items.append({"stock": rng.randint(point // 2, target), "reorder_point": point, "target": target})
            unit, row = rng.randint(3, 12), []
            for _ in range(suppliers):
                pack = rng.randint(2, 9)
                price = pack * unit + rng.randint(-pack, pack)
                row.append([pack, price, rng.randint(1, 4), price - rng.randint(0, pack), rng.randint(1, 3)])
            offers.append(row)
        demand = [[rng.randint(0, 12) for _ in range(count)] for _ in range(days)]
        return {"items": items, "demand": demand, "offers": offers, "suppliers": suppliers, "days": days}
