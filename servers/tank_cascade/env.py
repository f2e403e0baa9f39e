"""Tanks stand one below the other, numbered from 0 at the top, and are empty at first."""

import copy

from codegym_mcp import Environment, tool


class Cascade:
    """The tanks with what is in them, and the orders."""

    def __init__(self, sizes: list[int], orders: list[list[int]], limit: int) -> None:
        self.sizes, self.orders, self.limit = list(sizes), orders, limit
        self.litres = [0] * len(sizes)

    def _check(self, tank: int) -> None:
        if not 0 <= tank < len(self.sizes):
            raise ValueError(f"tank must be from 0 to {len(self.sizes) - 1}, got {tank}")

    def read_order(self, order: int) -> list[int]:
        """Read an order.

        Args:
            order: its number, from 0.

        Returns:
            the tank and the litres.

        Example:
            read_order(order=0) -> [1, 25]
        """
        if not 0 <= order < len(self.orders):
            raise ValueError(f"order must be from 0 to {len(self.orders) - 1}, got {order}")
        return list(self.orders[order])

    def pour(self, tank: int, litres: int) -> int:
        """Pour litres into a tank.

        Args:
            tank: its number, from 0.
            litres: how many, at least 1.

        Returns:
            the litres that run over; they are in no tank yet.

        Example:
            pour(tank=1, litres=25) -> 4
        """
        self._check(tank)
        if litres < 1:
            raise ValueError(f"litres must be at least 1, got {litres}")
        over = max(0, self.litres[tank] + litres - self.sizes[tank])
        self.litres[tank] += litres - over
        return over

    def pressure(self, tank: int) -> int:
        """Measure the pressure in a tank.

        Args:
            tank: its number, from 0.

        Returns:
            the pressure.

        Example:
            pressure(tank=1) -> 88
        """
        self._check(tank)
        return 100 * self.litres[tank] // self.sizes[tank] + 2 * tank

    def vent(self, tank: int) -> int:
        """Vent a tank.

        Args:
            tank: its number, from 0.

        Returns:
            the litres it lets out.

        Example:
            vent(tank=1) -> 9
        """
        self._check(tank)
        out = self.litres[tank] // 3 + min(1, self.litres[tank] % 3)
        self.litres[tank] -= out
        return out

    def scrape(self, tank: int) -> int:
        """Scrape a tank out, so that it can hold more.

        Args:
            tank: its number, from 0.

        Returns:
            how many litres it can hold now.

        Example:
            scrape(tank=3) -> 33
        """
        self._check(tank)
        self.sizes[tank] += 2 + self.sizes[tank] % 3
        return self.sizes[tank]


class TankCascade(Environment):
    """Tanks stand one below the other, numbered from 0 at the top, and are empty at first. Orders, numbered from 0, are
    handled in order. Each names a tank and some litres, which are poured into that tank. What a tank cannot hold runs
    over and is poured into the tank right below it, where it may run over again; what runs over at the lowest tank is
    lost.

    After the pouring of each order the tanks are looked at once, in ascending order. A tank whose pressure is `limit`
    or more at that moment is vented. What the vent lets out is not poured into the tank below, but delivered.

    If an order has led to a loss, the last tank is scraped out at the end of the order, after the venting, and can hold
    more
    from then on.

    The answer is the litres lost, the litres delivered, and the sum of the pressures of all tanks after the last order.

    The input is hidden (sizes, orders); the tools give access to it. Observe shows what is known from the start: sizes,
    and limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, sizes: list[int], orders: list[list[int]], limit: int) -> None:
        self.sizes = sizes
        self.orders = orders
        self.limit = limit
        self.cascade = Cascade(copy.deepcopy(self.sizes), copy.deepcopy(self.orders), self.limit)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "sizes": number of items of sizes.
            "orders": number of items of orders.

        Example:
            Observe() -> {"limit": 93, "sizes": 2, "orders": 3}
        """
        return {"limit": self.limit, "sizes": len(self.sizes), "orders": len(self.orders)}

    @tool
    def ReadOrder(self, order: int) -> list[int]:
        """Read an order.

        Args:
            order: its number, from 0.

        Returns:
            the tank and the litres.

        Example:
            ReadOrder(order=0) -> [1, 25]
        """
        return self.cascade.read_order(order)

    @tool
    def Pour(self, tank: int, litres: int) -> int:
        """Pour litres into a tank.

        Args:
            tank: its number, from 0.
            litres: how many, at least 1.

        Returns:
            the litres that run over; they are in no tank yet.

        Example:
            Pour(tank=1, litres=25) -> 4
        """
        return self.cascade.pour(tank, litres)

    @tool
    def Pressure(self, tank: int) -> int:
        """Measure the pressure in a tank.

        Args:
            tank: its number, from 0.

        Returns:
            the pressure.

        Example:
            Pressure(tank=1) -> 88
        """
        return self.cascade.pressure(tank)

    @tool
    def Vent(self, tank: int) -> int:
        """Vent a tank.

        Args:
            tank: its number, from 0.

        Returns:
            the litres it lets out.

        Example:
            Vent(tank=1) -> 9
        """
        return self.cascade.vent(tank)

    @tool
    def Scrape(self, tank: int) -> int:
        """Scrape a tank out, so that it can hold more.

        Args:
            tank: its number, from 0.

        Returns:
            how many litres it can hold now.

        Example:
            Scrape(tank=3) -> 33
        """
        return self.cascade.scrape(tank)

    def answer(self) -> dict[str, int]:
        """Handle the orders.

        Returns:
            the litres "lost" and "delivered", and the "pressures". Example: {"lost": 12, "delivered": 40, "pressures":
                171}.
        """
        sizes = copy.deepcopy(self.sizes)
        orders = copy.deepcopy(self.orders)
        limit = self.limit
        cascade = Cascade(sizes, orders, limit)
        lost = delivered = 0
        count = len(sizes)
        for order in range(len(orders)):
            tank, litres = cascade.read_order(order)
            while litres > 0 and tank < count:
                litres = cascade.pour(tank, litres)
                tank += 1
            lost += litres
            for tank in range(count):
                if cascade.pressure(tank) >= limit:
                    delivered += cascade.vent(tank)
            if litres > 0:
                cascade.scrape(count - 1)
        pressures = 0
        for tank in range(count):
            pressures += cascade.pressure(tank)
        return {"lost": lost, "delivered": delivered, "pressures": pressures}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        lost = delivered = 0
        count = seen["sizes"]
        for order in range(seen["orders"]):
            tank, litres = call("ReadOrder", order=order)
            while litres > 0 and tank < count:
                litres = call("Pour", tank=tank, litres=litres)
                tank += 1
            lost += litres
            for tank in range(count):
                if call("Pressure", tank=tank) >= limit:
                    delivered += call("Vent", tank=tank)
            if litres > 0:
                call("Scrape", tank=count - 1)
        pressures = 0
        for tank in range(count):
            pressures += call("Pressure", tank=tank)
        return call("Done", answer={"lost": lost, "delivered": delivered, "pressures": pressures})

    @staticmethod
    def generate(rng, level):
        count, orders = {"easy": (2, 3), "medium": (3, 5), "hard": (4, rng.randint(9, 14))}[level]
        sizes = [rng.randint(12, 40) for _ in range(count)]
        work = [[rng.randrange(count), rng.randint(10, 60)] for _ in range(orders)]
        return {"sizes": sizes, "orders": work, "limit": rng.randint(70, 100)}
