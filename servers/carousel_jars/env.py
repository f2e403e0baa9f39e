"""Jars of grain stand on a round table, and only the jar at the hatch can be seen."""

import copy

from codegym_mcp import Environment, tool


class GrainTable:
    """The jars, the hatch and the orders."""

    def __init__(self, jars: list[int], orders: list[int]) -> None:
        self._jars, self._orders, self._at, self._turns = list(jars), orders, 0, 0

    def scoops_wanted(self, order: int) -> int:
        """Read how many scoops an order wants.

        Args:
            order: number of the order, from 0.

        Returns:
            the number of scoops.

        Example:
            scoops_wanted(order=0) -> 7
        """
        if not 0 <= order < len(self._orders):
            raise ValueError(f"order must be from 0 to {len(self._orders) - 1}, got {order}")
        return self._orders[order]

    def scoops_at_hatch(self) -> int:
        """Look into the jar at the hatch.

        Returns:
            how many scoops it holds.

        Example:
            scoops_at_hatch() -> 4
        """
        return self._jars[self._at]

    def turn_table(self) -> int:
        """Turn the table by one jar.

        Returns:
            how often the table has been turned so far, for all orders together.

        Example:
            turn_table() -> 3
        """
        self._at = (self._at + 1) % len(self._jars)
        self._turns += 1
        return self._turns

    def draw_scoops(self, scoops: int) -> int:
        """Draw scoops from the jar at the hatch.

        Args:
            scoops: how many, at least 1 and at most what the jar holds.

        Returns:
            the dust this makes.

        Example:
            draw_scoops(scoops=3) -> 8
        """
        if not 1 <= scoops <= self._jars[self._at]:
            raise ValueError(f"the jar holds {self._jars[self._at]} scoops, got {scoops}")
        self._jars[self._at] -= scoops
        return scoops * (1 + self._at % 4) + self._jars[self._at] % 3

    def pour_scoops(self, scoops: int) -> int:
        """Pour scoops into the jar at the hatch.

        Args:
            scoops: how many, at least 0.

        Returns:
            how many the jar holds now.

        Example:
            pour_scoops(scoops=2) -> 6
        """
        if scoops < 0:
            raise ValueError(f"scoops must be at least 0, got {scoops}")
        self._jars[self._at] += scoops
        return self._jars[self._at]

    def payment_for(self, order: int) -> int:
        """Work out the payment for an order that has just been filled; it depends on the turns of the table up to now.

        Args:
            order: number of the order.

        Returns:
            the payment.

        Example:
            payment_for(order=0) -> 31
        """
        return 5 * self.scoops_wanted(order) - self._turns % 7


class CarouselJars(Environment):
    """Jars of grain stand on a round table, and only the jar at the hatch can be seen. The table turns one way, one jar at
    a time.

    Orders are numbered from 0 and are filled one after the other in ascending order; each wants a number of scoops. The
    table stays as the last order left it. To fill an order, do this until it is filled or given up:

    - If the jar at the hatch is not empty, draw from it as many scoops as the order still lacks, or all it holds if
    that is
      fewer.
    - If the order still lacks scoops, turn the table by one jar. If it has by then been turned a whole round (as often
    as
      there are jars) for this order, the order is given up: what was drawn for it is poured into the jar now at the
      hatch.
      Otherwise look at the jar now at the hatch.

    Drawing scoops makes dust, which may differ from jar to jar, and each order that was filled is paid for at the end
    of its filling.

    Find the sum of the dust, the sum of the payments and the number of scoops in the jar at the hatch at the end.

    The input is hidden (jars, orders); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, jars: list[int], orders: list[int]) -> None:
        self.jars = jars
        self.orders = orders
        self.table = GrainTable(copy.deepcopy(self.jars), copy.deepcopy(self.orders))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "jars": number of items of jars.
            "orders": number of items of orders.

        Example:
            Observe() -> {"jars": 4, "orders": 2}
        """
        return {"jars": len(self.jars), "orders": len(self.orders)}

    @tool
    def ScoopsWanted(self, order: int) -> int:
        """Read how many scoops an order wants.

        Args:
            order: number of the order, from 0.

        Returns:
            the number of scoops.

        Example:
            ScoopsWanted(order=0) -> 7
        """
        return self.table.scoops_wanted(order)

    @tool
    def ScoopsAtHatch(self) -> int:
        """Look into the jar at the hatch.

        Returns:
            how many scoops it holds.

        Example:
            ScoopsAtHatch() -> 4
        """
        return self.table.scoops_at_hatch()

    @tool
    def TurnTable(self) -> int:
        """Turn the table by one jar.

        Returns:
            how often the table has been turned so far, for all orders together.

        Example:
            TurnTable() -> 3
        """
        return self.table.turn_table()

    @tool
    def DrawScoops(self, scoops: int) -> int:
        """Draw scoops from the jar at the hatch.

        Args:
            scoops: how many, at least 1 and at most what the jar holds.

        Returns:
            the dust this makes.

        Example:
            DrawScoops(scoops=3) -> 8
        """
        return self.table.draw_scoops(scoops)

    @tool
    def PourScoops(self, scoops: int) -> int:
        """Pour scoops into the jar at the hatch.

        Args:
            scoops: how many, at least 0.

        Returns:
            how many the jar holds now.

        Example:
            PourScoops(scoops=2) -> 6
        """
        return self.table.pour_scoops(scoops)

    @tool
    def PaymentFor(self, order: int) -> int:
        """Work out the payment for an order that has just been filled; it depends on the turns of the table up to now.

        Args:
            order: number of the order.

        Returns:
            the payment.

        Example:
            PaymentFor(order=0) -> 31
        """
        return self.table.payment_for(order)

    def answer(self) -> dict[str, int]:
        """Fill the orders.

        Returns:
            the sums of the "dust" and of the "payments", and the scoops "left" in the jar at the hatch.
            Example: {"dust": 52, "payments": 96, "left": 3}.
        """
        jars = copy.deepcopy(self.jars)
        orders = copy.deepcopy(self.orders)
        table = GrainTable(jars, orders)
        dust = payments = 0
        for order in range(len(orders)):
            wanted = table.scoops_wanted(order)
            lacking, turned = (wanted, 0)
            while lacking > 0 and turned < len(jars):
                held = table.scoops_at_hatch()
                if held > 0:
                    drawn = min(held, lacking)
                    dust += table.draw_scoops(drawn)
                    lacking -= drawn
                if lacking > 0:
                    table.turn_table()
                    turned += 1
            if lacking > 0:
                table.pour_scoops(wanted - lacking)
            else:
                payments += table.payment_for(order)
        return {"dust": dust, "payments": payments, "left": table.scoops_at_hatch()}

    def solve(self, call):
        seen = call("Observe")
        dust = payments = 0
        for order in range(seen["orders"]):
            wanted = call("ScoopsWanted", order=order)
            lacking, turned = (wanted, 0)
            while lacking > 0 and turned < seen["jars"]:
                held = call("ScoopsAtHatch")
                if held > 0:
                    drawn = min(held, lacking)
                    dust += call("DrawScoops", scoops=drawn)
                    lacking -= drawn
                if lacking > 0:
                    call("TurnTable")
                    turned += 1
            if lacking > 0:
                call("PourScoops", scoops=wanted - lacking)
            else:
                payments += call("PaymentFor", order=order)
        return call("Done", answer={"dust": dust, "payments": payments, "left": call("ScoopsAtHatch")})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (2, 4), "medium": (4, 5), "hard": (rng.randint(8, 10), 7)}[level]
        jars = [rng.randint(2, 12) for _ in range(size)]
        orders = [rng.randint(4, 14) for _ in range(count)]
        if level != "easy":
            orders[rng.randrange(1, count - 1)] = sum(jars) + 3
        return {"jars": jars, "orders": orders}
