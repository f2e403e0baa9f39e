"""Orders, numbered from 0, are picked in waves of consecutive orders: a wave begins with the first order that is in no
wave yet, and takes in the next orders as long as the wave has at most "most_lines" lines.
"""

import copy

from codegym_mcp import Environment, tool


class PickingHall:
    """Order lines, and a picker with a cart."""

    def __init__(self, orders: list[list[list[int]]], width: int) -> None:
        self._orders, self._width = orders, width
        self._at, self._metres = [0, 0], 0

    def count_lines(self, order: int) -> int:
        """Count the lines of an order.

        Args:
            order: number of the order, from 0.

        Returns:
            how many lines it has.

        Example:
            count_lines(order=0) -> 3
        """
        if not 0 <= order < len(self._orders):
            raise ValueError(f"order must be from 0 to {len(self._orders) - 1}, got {order}")
        return len(self._orders[order])

    def read_line(self, order: int, line: int) -> dict[str, int]:
        """Read a line of an order.

        Args:
            order: number of the order.
            line: number of the line within the order, from 0.

        Returns:
            its "aisle", its "place" and its "volume".

        Example:
            read_line(order=0, line=1) -> {"aisle": 2, "place": 7, "volume": 5}
        """
        if not 0 <= line < self.count_lines(order):
            raise ValueError(f"line must be from 0 to {self.count_lines(order) - 1}, got {line}")
        return dict(zip(("aisle", "place", "volume"), self._orders[order][line], strict=True))

    def _walk(self, aisle: int, place: int) -> int:
        here, there = self._at[1], place
        metres = abs(aisle - self._at[0]) * self._width
        metres += abs(here - there) if aisle == self._at[0] else min(here + there, 24 - here - there)
        self._at = [aisle, place]
        self._metres += metres
        return metres

    def walk_and_pick(self, order: int, line: int) -> dict[str, int | bool]:
        """Walk to the place of a line and pick it.

        Args:
            order: number of the order.
            line: number of the line within the order.

        Returns:
            the "metres" walked and whether the "bell" rang.

        Example:
            walk_and_pick(order=0, line=1) -> {"metres": 15, "bell": false}
        """
        target = self.read_line(order, line)
        metres = self._walk(target["aisle"], target["place"])
        return {"metres": metres, "bell": (self._metres + target["place"]) % 5 == 0}

    def bring_to_gate(self) -> int:
        """Bring the cart to the gate and empty it.

        Returns:
            the metres walked.

        Example:
            bring_to_gate() -> 12
        """
        return self._walk(0, 0)


class WavePicking(Environment):
    """Orders, numbered from 0, are picked in waves of consecutive orders: a wave begins with the first order that is in no
    wave yet, and takes in the next orders as long as the wave has at most "most_lines" lines. An order with more lines
    than that makes a wave of its own.

    The lines of a wave are put into one row: by ascending aisle, within an even aisle by ascending place, within an odd
    aisle by descending place, in the same place by ascending order number, then line number.

    Each wave begins with an empty cart at the gate. Line after line of that row: if the line's volume does not fit on
    the cart
    (which holds the volume "cart") with what is on it, the cart is first brought to the gate and emptied. Then the
    picker walks
    to the place of the line and picks it. At the end of the wave the cart is brought to the gate. Sometimes a bell
    rings at a
    pick.

    Find the metres walked in all, how often the cart was brought to the gate, and how often the bell rang.

    The input is hidden (orders); the tools give access to it. Observe shows what is known from the start: sizes, and
    width, most_lines, cart.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, orders: list[list[list[int]]], width: int, most_lines: int, cart: int) -> None:
        self.orders = orders
        self.width = width
        self.most_lines = most_lines
        self.cart = cart
        self.hall = PickingHall(copy.deepcopy(self.orders), self.width)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "width": a whole number, given as it is.
            "most_lines": a whole number, given as it is.
            "cart": a whole number, given as it is.
            "orders": number of items of orders.

        Example:
            Observe() -> {"width": 4, "most_lines": 5, "cart": 15, "orders": 3}
        """
        return {"width": self.width, "most_lines": self.most_lines, "cart": self.cart, "orders": len(self.orders)}

    @tool
    def CountLines(self, order: int) -> int:
        """Count the lines of an order.

        Args:
            order: number of the order, from 0.

        Returns:
            how many lines it has.

        Example:
            CountLines(order=0) -> 3
        """
        return self.hall.count_lines(order)

    @tool
    def ReadLine(self, order: int, line: int) -> dict[str, int]:
        """Read a line of an order.

        Args:
            order: number of the order.
            line: number of the line within the order, from 0.

        Returns:
            its "aisle", its "place" and its "volume".

        Example:
            ReadLine(order=0, line=1) -> {"aisle": 2, "place": 7, "volume": 5}
        """
        return self.hall.read_line(order, line)

    @tool
    def WalkAndPick(self, order: int, line: int) -> dict[str, bool | int]:
        """Walk to the place of a line and pick it.

        Args:
            order: number of the order.
            line: number of the line within the order.

        Returns:
            the "metres" walked and whether the "bell" rang.

        Example:
            WalkAndPick(order=0, line=1) -> {"metres": 15, "bell": false}
        """
        return self.hall.walk_and_pick(order, line)

    @tool
    def BringToGate(self) -> int:
        """Bring the cart to the gate and empty it.

        Returns:
            the metres walked.

        Example:
            BringToGate() -> 12
        """
        return self.hall.bring_to_gate()

    def answer(self) -> list[int]:
        """Pick orders in waves.

        Returns:
            [metres, times the cart was brought to the gate, times the bell rang], such as [310, 5, 2].
        """
        orders = copy.deepcopy(self.orders)
        width = self.width
        most_lines = self.most_lines
        cart = self.cart
        hall = PickingHall(orders, width)
        metres = gates = bells = 0
        wave, order = ([], 0)
        while order < len(orders) or wave:
            size = hall.count_lines(order) if order < len(orders) else most_lines + 1
            if not wave or len(wave) + size <= most_lines:
                for line in range(size):
                    spot = hall.read_line(order, line)
                    place = spot["place"] if spot["aisle"] % 2 == 0 else -spot["place"]
                    wave.append([spot["aisle"], place, order, line, spot["volume"]])
                order += 1
                continue
            room = cart
            for _, _, number, line, volume in sorted(wave):
                if volume > room:
                    metres += hall.bring_to_gate()
                    gates, room = (gates + 1, cart)
                step = hall.walk_and_pick(number, line)
                metres, room = (metres + step["metres"], room - volume)
                bells += 1 if step["bell"] else 0
            metres += hall.bring_to_gate()
            gates, wave = (gates + 1, [])
        return [metres, gates, bells]

    def solve(self, call):
        seen = call("Observe")
        most_lines = seen["most_lines"]
        cart = seen["cart"]
        metres = gates = bells = 0
        wave, order = ([], 0)
        while order < seen["orders"] or wave:
            size = call("CountLines", order=order) if order < seen["orders"] else most_lines + 1
            if not wave or len(wave) + size <= most_lines:
                for line in range(size):
                    spot = call("ReadLine", order=order, line=line)
                    place = spot["place"] if spot["aisle"] % 2 == 0 else -spot["place"]
                    wave.append([spot["aisle"], place, order, line, spot["volume"]])
                order += 1
                continue
            room = cart
            for _, _, number, line, volume in sorted(wave):
                if volume > room:
                    metres += call("BringToGate")
                    gates, room = (gates + 1, cart)
                step = call("WalkAndPick", order=number, line=line)
                metres, room = (metres + step["metres"], room - volume)
                bells += 1 if step["bell"] else 0
            metres += call("BringToGate")
            gates, wave = (gates + 1, [])
        return call("Done", answer=[metres, gates, bells])

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (3, 3), "medium": (5, 4), "hard": (rng.randint(10, 14), 5)}[level]
        orders = []
        for _ in range(count):
            lines = rng.randint(1, size)
            orders.append([[rng.randint(0, 5), rng.randint(1, 11), rng.randint(2, 9)] for _ in range(lines)])
        return {
            "orders": orders,
            "width": rng.randint(2, 4),
            "most_lines": rng.randint(4, 8),
            "cart": rng.randint(14, 22),
        }
