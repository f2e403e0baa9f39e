"""A currency desk carries out orders."""

import copy

from codegym_mcp import Environment, tool


class ExchangeDesk:
    """Rates that move with every exchange."""

    def __init__(self, orders: list[list], worth: dict[str, int]) -> None:
        self._orders, self._worth = orders, worth
        self._stock = dict.fromkeys(worth, 0)

    def read_order(self, index: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            index: number of the order, from 0.

        Returns:
            the currency to "sell", the currency "wanted", the number of "lots" and the "floor" for a lot.

        Example:
            read_order(index=0) -> {"sell": "KRO", "wanted": "LUM", "lots": 3, "floor": 140}
        """
        if not 0 <= index < len(self._orders):
            raise ValueError(f"index must be from 0 to {len(self._orders) - 1}, got {index}")
        return dict(zip(("sell", "wanted", "lots", "floor"), self._orders[index], strict=True))

    def name_hubs(self, sell: str, wanted: str) -> list[str]:
        """Name the hubs for a pair of currencies.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.

        Returns:
            the currencies over which a route leads.

        Example:
            name_hubs(sell="KRO", wanted="LUM") -> ["TAL"]
        """
        if sell == wanted or sell not in self._worth or wanted not in self._worth:
            raise ValueError(f"expected two of {sorted(self._worth)}, got {sell!r} and {wanted!r}")
        start = (ord(sell[0]) + ord(wanted[1])) % 2
        return [name for name in sorted(self._worth) if name not in (sell, wanted)][start : start + 2]

    def quote_rate(self, sell: str, wanted: str, units: int) -> int:
        """Quote what an exchange would bring in now. This changes nothing.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.
            units: how many units of the sold currency, at least 1.

        Returns:
            the units of the wanted currency.

        Example:
            quote_rate(sell="KRO", wanted="LUM", units=100) -> 147
        """
        self.name_hubs(sell, wanted)
        if units < 1:
            raise ValueError(f"units must be at least 1, got {units}")
        strain = self._stock[sell] - self._stock[wanted] + (ord(sell[1]) * 7 + ord(wanted[2]) * 3) % 40
        return units * self._worth[sell] * (1000 - max(2, min(400, strain))) // (self._worth[wanted] * 1000)

    def exchange(self, sell: str, wanted: str, units: int) -> int:
        """Carry out an exchange at the present rate.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.
            units: how many units of the sold currency, at least 1.

        Returns:
            the units of the wanted currency that this brings in.

        Example:
            exchange(sell="KRO", wanted="LUM", units=100) -> 147
        """
        result = self.quote_rate(sell, wanted, units)
        self._stock[sell] += units * self._worth[sell] // 1000
        self._stock[wanted] -= units * self._worth[sell] // 1000
        return result


class CurrencyDesk(Environment):
    """A currency desk carries out orders. They are numbered from 0 and handled in ascending order. An order sells some
    lots of a currency (each lot is 100 units of it) for another currency, and has a floor: the least that has to come
    in for one lot.

    The lots of an order are exchanged one after the other. For each lot there are several routes: the direct one, and
    one over each of the hubs that the desk names for the pair. Over a hub, the 100 units are quoted into the hub's
    currency, and the units which that gives are then quoted into the wanted currency. The route with the highest final
    quote is taken; of equal ones the direct one before the hubs, and an earlier named hub before a later one. If even
    the highest quote is less than the floor, the order ends here. Otherwise the lot is exchanged: over a hub this takes
    two exchanges, the second one with what the first one brought in. Every exchange moves the rates.

    Find for each order what it brought in for all its lots together, in units of the wanted currency.

    The input is hidden (orders, worth); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, orders: list[list[int | str]], worth: dict[str, int]) -> None:
        self.orders = orders
        self.worth = worth
        self.desk = ExchangeDesk(copy.deepcopy(self.orders), copy.deepcopy(self.worth))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "orders": number of items of orders.
            "worth": number of keys of worth.

        Example:
            Observe() -> {"orders": 2, "worth": 3}
        """
        return {"orders": len(self.orders), "worth": len(self.worth)}

    @tool
    def ReadOrder(self, index: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            index: number of the order, from 0.

        Returns:
            the currency to "sell", the currency "wanted", the number of "lots" and the "floor" for a lot.

        Example:
            ReadOrder(index=0) -> {"sell": "KRO", "wanted": "LUM", "lots": 3, "floor": 140}
        """
        return self.desk.read_order(index)

    @tool
    def NameHubs(self, sell: str, wanted: str) -> list[str]:
        """Name the hubs for a pair of currencies.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.

        Returns:
            the currencies over which a route leads.

        Example:
            NameHubs(sell="KRO", wanted="LUM") -> ["TAL"]
        """
        return self.desk.name_hubs(sell, wanted)

    @tool
    def QuoteRate(self, sell: str, wanted: str, units: int) -> int:
        """Quote what an exchange would bring in now. This changes nothing.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.
            units: how many units of the sold currency, at least 1.

        Returns:
            the units of the wanted currency.

        Example:
            QuoteRate(sell="KRO", wanted="LUM", units=100) -> 147
        """
        return self.desk.quote_rate(sell, wanted, units)

    @tool
    def Exchange(self, sell: str, wanted: str, units: int) -> int:
        """Carry out an exchange at the present rate.

        Args:
            sell: currency that is sold.
            wanted: currency that is wanted.
            units: how many units of the sold currency, at least 1.

        Returns:
            the units of the wanted currency that this brings in.

        Example:
            Exchange(sell="KRO", wanted="LUM", units=100) -> 147
        """
        return self.desk.exchange(sell, wanted, units)

    def answer(self) -> list[int]:
        """Carry out currency orders.

        Returns:
            what each order brought in, such as [441, 0, 260].
        """
        orders = copy.deepcopy(self.orders)
        worth = copy.deepcopy(self.worth)
        desk = ExchangeDesk(orders, worth)
        results = []
        for index in range(len(orders)):
            order = desk.read_order(index)
            sell, wanted = (order["sell"], order["wanted"])
            hubs, got = (desk.name_hubs(sell, wanted), 0)
            for _ in range(order["lots"]):
                best, route = (desk.quote_rate(sell, wanted, 100), "direct")
                for hub in hubs:
                    half = desk.quote_rate(sell, hub, 100)
                    whole = desk.quote_rate(hub, wanted, half)
                    if whole > best:
                        best, route = (whole, hub)
                if best < order["floor"]:
                    break
                if route == "direct":
                    got += desk.exchange(sell, wanted, 100)
                else:
                    got += desk.exchange(route, wanted, desk.exchange(sell, route, 100))
            results.append(got)
        return results

    def solve(self, call):
        seen = call("Observe")
        results = []
        for index in range(seen["orders"]):
            order = call("ReadOrder", index=index)
            sell, wanted = (order["sell"], order["wanted"])
            hubs, got = (call("NameHubs", sell=sell, wanted=wanted), 0)
            for _ in range(order["lots"]):
                best, route = (call("QuoteRate", sell=sell, wanted=wanted, units=100), "direct")
                for hub in hubs:
                    half = call("QuoteRate", sell=sell, wanted=hub, units=100)
                    whole = call("QuoteRate", sell=hub, wanted=wanted, units=half)
                    if whole > best:
                        best, route = (whole, hub)
                if best < order["floor"]:
                    break
                if route == "direct":
                    got += call("Exchange", sell=sell, wanted=wanted, units=100)
                else:
                    got += call(
                        "Exchange",
                        sell=route,
                        wanted=wanted,
                        units=call("Exchange", sell=sell, wanted=route, units=100),
                    )
            results.append(got)
        return call("Done", answer=results)

    @staticmethod
    def generate(rng, level):
        count, lots, size = {"easy": (2, 2, 3), "medium": (3, 2, 4), "hard": (rng.randint(6, 8), 3, 5)}[level]
        names = rng.sample(["KRO", "LUM", "TAL", "DRA", "FIN", "SOL"], size)
        worth = {name: rng.randint(300, 1500) for name in names}
        orders = []
        for _ in range(count):
            sell, wanted = rng.sample(names, 2)
            fair = 100 * worth[sell] // worth[wanted]
            orders.append([sell, wanted, rng.randint(2, lots + 1), fair * rng.randint(70, 98) // 100])
        return {"orders": orders, "worth": worth}
