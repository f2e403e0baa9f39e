"""A dairy depot picks orders from lots."""

import copy

from codegym_mcp import Environment, tool


class DairyDepot:
    """Lots with a last day of sale."""

    def __init__(self, lots: list[list], orders: list[list]) -> None:
        self._lots, self._orders = [list(lot) for lot in lots], orders

    def read_order(self, index: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            index: number of the order, from 0.

        Returns:
            the "day", the "product", the "units" wanted and the least number of days that must "remain".

        Example:
            read_order(index=0) -> {"day": 4, "product": "milk", "units": 12, "remain": 5}
        """
        if not 0 <= index < len(self._orders):
            raise ValueError(f"index must be from 0 to {len(self._orders) - 1}, got {index}")
        return dict(zip(("day", "product", "units", "remain"), self._orders[index], strict=True))

    def throw_away(self, day: int) -> int:
        """Throw away the lots whose last day of sale lies before a day.

        Args:
            day: the day.

        Returns:
            how many units were thrown away by this.

        Example:
            throw_away(day=4) -> 7
        """
        units = 0
        for lot in self._lots:
            if lot[2] < day:
                units += lot[1]
                lot[1] = 0
        return units

    def find_lots(self, product: str, last_day: int) -> list[int]:
        """Find the lots of a product that are not empty and may be sold up to a day at least.

        Args:
            product: name of the product.
            last_day: the earliest last day of sale that will do.

        Returns:
            numbers of lots in ascending order.

        Example:
            find_lots(product="milk", last_day=9) -> [0, 3]
        """
        return [
            number for number, lot in enumerate(self._lots) if lot[0] == product and lot[1] > 0 and lot[2] >= last_day
        ]

    def read_lot(self, lot: int) -> dict[str, int]:
        """Read the label of a lot.

        Args:
            lot: number of the lot, from 0.

        Returns:
            its "units" now and its "last" day of sale.

        Example:
            read_lot(lot=3) -> {"units": 8, "last": 11}
        """
        if not 0 <= lot < len(self._lots):
            raise ValueError(f"lot must be from 0 to {len(self._lots) - 1}, got {lot}")
        return {"units": self._lots[lot][1], "last": self._lots[lot][2]}

    def pick_units(self, lot: int, units: int) -> int:
        """Pick units from a lot.

        Args:
            lot: number of the lot.
            units: how many, at least 1 and at most what the lot has.

        Returns:
            the units that are left in the lot.

        Example:
            pick_units(lot=3, units=5) -> 3
        """
        left = self.read_lot(lot)["units"]
        if not 1 <= units <= left:
            raise ValueError(f"lot {lot} has {left} units, got {units}")
        self._lots[lot][1] -= units
        return self._lots[lot][1]


class ExpiryPicking(Environment):
    """A dairy depot picks orders from lots. Lots are numbered from 0; each has a product, units and a last day of sale.
    Orders are numbered from 0 and picked in ascending order; each has a day, a product, the units wanted, and the least
    number of days that must remain from the order's day to the lot's last day of sale.

    Before an order is picked, the lots whose last day of sale lies before the order's day are thrown away. Then, of the
    lots that suit the order:

    1. If a single lot has at least the units wanted, all are picked from one such lot: the one whose last day of sale
    is the
       earliest; of equal ones the one with the fewest units; then the lowest number.
    2. Otherwise pick from several lots, the one with the latest last day of sale first (of equal ones the lowest number
    first),
       from each as much as is still wanted, from at most three lots. What is still wanted after that is short.

    Find the units thrown away, the units short, and the number of picks (a pick takes units of one lot for one order).

    The input is hidden (lots, orders); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, lots: list[list[int | str]], orders: list[list[int | str]]) -> None:
        self.lots = lots
        self.orders = orders
        self.depot = DairyDepot(copy.deepcopy(self.lots), copy.deepcopy(self.orders))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "lots": number of items of lots.
            "orders": number of items of orders.

        Example:
            Observe() -> {"lots": 5, "orders": 3}
        """
        return {"lots": len(self.lots), "orders": len(self.orders)}

    @tool
    def ReadOrder(self, index: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            index: number of the order, from 0.

        Returns:
            the "day", the "product", the "units" wanted and the least number of days that must "remain".

        Example:
            ReadOrder(index=0) -> {"day": 4, "product": "milk", "units": 12, "remain": 5}
        """
        return self.depot.read_order(index)

    @tool
    def ThrowAway(self, day: int) -> int:
        """Throw away the lots whose last day of sale lies before a day.

        Args:
            day: the day.

        Returns:
            how many units were thrown away by this.

        Example:
            ThrowAway(day=4) -> 7
        """
        return self.depot.throw_away(day)

    @tool
    def FindLots(self, product: str, last_day: int) -> list[int]:
        """Find the lots of a product that are not empty and may be sold up to a day at least.

        Args:
            product: name of the product.
            last_day: the earliest last day of sale that will do.

        Returns:
            numbers of lots in ascending order.

        Example:
            FindLots(product="milk", last_day=9) -> [0, 3]
        """
        return self.depot.find_lots(product, last_day)

    @tool
    def ReadLot(self, lot: int) -> dict[str, int]:
        """Read the label of a lot.

        Args:
            lot: number of the lot, from 0.

        Returns:
            its "units" now and its "last" day of sale.

        Example:
            ReadLot(lot=3) -> {"units": 8, "last": 11}
        """
        return self.depot.read_lot(lot)

    @tool
    def PickUnits(self, lot: int, units: int) -> int:
        """Pick units from a lot.

        Args:
            lot: number of the lot.
            units: how many, at least 1 and at most what the lot has.

        Returns:
            the units that are left in the lot.

        Example:
            PickUnits(lot=3, units=5) -> 3
        """
        return self.depot.pick_units(lot, units)

    def answer(self) -> dict[str, int]:
        """Pick orders from lots.

        Returns:
            the units "thrown" away, the units "short" and the number of "picks". Example: {"thrown": 7, "short": 4,
                "picks": 9}.
        """
        lots = copy.deepcopy(self.lots)
        orders = copy.deepcopy(self.orders)
        depot = DairyDepot(lots, orders)
        thrown = short = picks = 0
        for index in range(len(orders)):
            order = depot.read_order(index)
            wanted = order["units"]
            thrown += depot.throw_away(order["day"])
            single, several = ([], [])
            for lot in depot.find_lots(order["product"], order["day"] + order["remain"]):
                label = depot.read_lot(lot)
                if label["units"] >= wanted:
                    single.append([label["last"], label["units"], lot])
                several.append([-label["last"], lot, label["units"]])
            if single:
                depot.pick_units(min(single)[2], wanted)
                picks, wanted = (picks + 1, 0)
            for _, lot, units in sorted(several)[:3]:
                part = min(wanted, units)
                if part > 0:
                    depot.pick_units(lot, part)
                    picks, wanted = (picks + 1, wanted - part)
            short += wanted
        return {"thrown": thrown, "short": short, "picks": picks}

    def solve(self, call):
        seen = call("Observe")
        thrown = short = picks = 0
        for index in range(seen["orders"]):
            order = call("ReadOrder", index=index)
            wanted = order["units"]
            thrown += call("ThrowAway", day=order["day"])
            single, several = ([], [])
            for lot in call("FindLots", product=order["product"], last_day=order["day"] + order["remain"]):
                label = call("ReadLot", lot=lot)
                if label["units"] >= wanted:
                    single.append([label["last"], label["units"], lot])
                several.append([-label["last"], lot, label["units"]])
            if single:
                call("PickUnits", lot=min(single)[2], units=wanted)
                picks, wanted = (picks + 1, 0)
            for _, lot, units in sorted(several)[:3]:
                part = min(wanted, units)
                if part > 0:
                    call("PickUnits", lot=lot, units=part)
                    picks, wanted = (picks + 1, wanted - part)
            short += wanted
        return call("Done", answer={"thrown": thrown, "short": short, "picks": picks})

    @staticmethod
    def generate(rng, level):
        kinds, count, size = {"easy": (1, 3, 5), "medium": (2, 5, 8), "hard": (3, rng.randint(10, 13), 21)}[level]
        products = rng.sample(["milk", "curd", "kefir", "cream"], kinds)
        lots = [[rng.choice(products), rng.randint(4, 21), rng.randint(2, 15)] for _ in range(size)]
        orders, day = ([], rng.randint(1, 3))
        for _ in range(count):
            orders.append([day, rng.choice(products), rng.randint(5, 30), rng.randint(1, 5)])
            day += rng.randint(0, 2)
        return {"lots": lots, "orders": orders}
