"""A bank carries out standing orders between accounts, from day 0 up to and including the last day."""

import copy
import heapq

from codegym_mcp import Environment, tool


class OrderBank:
    """Accounts and the standing orders between them."""

    def __init__(self, balances: list[int], orders: list[list[int]]) -> None:
        self._balances, self._orders = list(balances), orders
        self._row = [0] * len(orders)

    def _order(self, order: int) -> list[int]:
        if not 0 <= order < len(self._orders):
            raise ValueError(f"order must be from 0 to {len(self._orders) - 1}, got {order}")
        return self._orders[order]

    def first_turn(self, order: int) -> int:
        """Tell the first day of a standing order.

        Args:
            order: number of the order, from 0.

        Returns:
            the day of its first turn.

        Example:
            first_turn(order=0) -> 3
        """
        return self._order(order)[3]

    def is_covered(self, order: int) -> bool:
        """Tell whether the account that an order draws on covers it now.

        Args:
            order: number of the order.

        Returns:
            whether it can be carried out.

        Example:
            is_covered(order=0) -> true
        """
        source, _, amount, _, _ = self._order(order)
        return source < 0 or self._balances[source] >= amount

    def carry_out(self, order: int) -> int:
        """Carry out an order that is covered.

        Args:
            order: number of the order.

        Returns:
            the amount moved.

        Example:
            carry_out(order=0) -> 120
        """
        source, target, amount, _, _ = self._order(order)
        if not self.is_covered(order):
            raise ValueError(f"order {order} is not covered")
        if source >= 0:
            self._balances[source] -= amount
        self._balances[target] += amount
        self._row[order] = 0
        return amount

    def note_failure(self, order: int) -> dict[str, int]:
        """Note a failure of an order that is not covered.

        Args:
            order: number of the order.

        Returns:
            the "failures" in a row that it has now and the "charge" taken from the account.

        Example:
            note_failure(order=1) -> {"failures": 2, "charge": 5}
        """
        source = self._order(order)[0]
        if self.is_covered(order):
            raise ValueError(f"order {order} is covered")
        self._row[order] += 1
        charge = min(self._balances[source], 1 + 2 * self._row[order])
        self._balances[source] -= charge
        return {"failures": self._row[order], "charge": charge}

    def calendar_turn(self, order: int, day: int) -> int:
        """Tell the turn that the calendar gives to an order after a day on which it was carried out.

        Args:
            order: number of the order.
            day: the day on which it was carried out.

        Returns:
            the day of its next turn.

        Example:
            calendar_turn(order=0, day=3) -> 10
        """
        later = day + self._order(order)[4]
        return later + (2 if later % 7 == 5 else 1 if later % 7 == 6 else 0)


class StandingOrders(Environment):
    """A bank carries out standing orders between accounts, from day 0 up to and including the last day. Orders are
    numbered from
    0. Each has a first day.

    Always take the order whose turn comes earliest; of several on the same day, the one with the lowest number. An
    order whose turn comes after the last day is over. At its turn:

    - If the account it draws on covers it, carry it out. Its next turn is the one that the calendar gives after that
    day.
    - Otherwise it fails, and a failure is noted against it, for which the bank may take a charge from the account it
    draws on.
      If it is its third failure in a row, the order is cancelled for good. If not, it has its next turn the retry days
      after
      the failed one, instead of what the calendar gives. A success in between begins the counting of failures anew.

    Find the total amount carried out, the total of the charges, and how many orders were cancelled.

    The input is hidden (balances, orders); the tools give access to it. Observe shows what is known from the start:
    sizes, and last_day, retry_days.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, balances: list[int], orders: list[list[int]], last_day: int, retry_days: int) -> None:
        self.balances = balances
        self.orders = orders
        self.last_day = last_day
        self.retry_days = retry_days
        self.bank = OrderBank(copy.deepcopy(self.balances), copy.deepcopy(self.orders))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "last_day": a whole number, given as it is.
            "retry_days": a whole number, given as it is.
            "balances": number of items of balances.
            "orders": number of items of orders.

        Example:
            Observe() -> {"last_day": 13, "retry_days": 2, "balances": 2, "orders": 3}
        """
        return {
            "last_day": self.last_day,
            "retry_days": self.retry_days,
            "balances": len(self.balances),
            "orders": len(self.orders),
        }

    @tool
    def FirstTurn(self, order: int) -> int:
        """Tell the first day of a standing order.

        Args:
            order: number of the order, from 0.

        Returns:
            the day of its first turn.

        Example:
            FirstTurn(order=0) -> 3
        """
        return self.bank.first_turn(order)

    @tool
    def IsCovered(self, order: int) -> bool:
        """Tell whether the account that an order draws on covers it now.

        Args:
            order: number of the order.

        Returns:
            whether it can be carried out.

        Example:
            IsCovered(order=0) -> true
        """
        return self.bank.is_covered(order)

    @tool
    def CarryOut(self, order: int) -> int:
        """Carry out an order that is covered.

        Args:
            order: number of the order.

        Returns:
            the amount moved.

        Example:
            CarryOut(order=0) -> 120
        """
        return self.bank.carry_out(order)

    @tool
    def NoteFailure(self, order: int) -> dict[str, int]:
        """Note a failure of an order that is not covered.

        Args:
            order: number of the order.

        Returns:
            the "failures" in a row that it has now and the "charge" taken from the account.

        Example:
            NoteFailure(order=1) -> {"failures": 2, "charge": 5}
        """
        return self.bank.note_failure(order)

    @tool
    def CalendarTurn(self, order: int, day: int) -> int:
        """Tell the turn that the calendar gives to an order after a day on which it was carried out.

        Args:
            order: number of the order.
            day: the day on which it was carried out.

        Returns:
            the day of its next turn.

        Example:
            CalendarTurn(order=0, day=3) -> 10
        """
        return self.bank.calendar_turn(order, day)

    def answer(self) -> dict[str, int]:
        """Carry out standing orders.

        Returns:
            the total amount "moved", the total of "charges" and the number of "cancelled" orders.
            Example: {"moved": 1490, "charges": 17, "cancelled": 1}.
        """
        balances = copy.deepcopy(self.balances)
        orders = copy.deepcopy(self.orders)
        last_day = self.last_day
        retry_days = self.retry_days
        bank = OrderBank(balances, orders)
        moved = charges = cancelled = 0
        turns = []
        for order in range(len(orders)):
            heapq.heappush(turns, [bank.first_turn(order), order])
        while turns:
            day, order = heapq.heappop(turns)
            if day > last_day:
                break
            if bank.is_covered(order):
                moved += bank.carry_out(order)
                heapq.heappush(turns, [bank.calendar_turn(order, day), order])
                continue
            failure = bank.note_failure(order)
            charges += failure["charge"]
            if failure["failures"] == 3:
                cancelled += 1
            else:
                heapq.heappush(turns, [day + retry_days, order])
        return {"moved": moved, "charges": charges, "cancelled": cancelled}

    def solve(self, call):
        seen = call("Observe")
        last_day = seen["last_day"]
        retry_days = seen["retry_days"]
        moved = charges = cancelled = 0
        turns = []
        for order in range(seen["orders"]):
            heapq.heappush(turns, [call("FirstTurn", order=order), order])
        while turns:
            day, order = heapq.heappop(turns)
            if day > last_day:
                break
            if call("IsCovered", order=order):
                moved += call("CarryOut", order=order)
                heapq.heappush(turns, [call("CalendarTurn", order=order, day=day), order])
                continue
            failure = call("NoteFailure", order=order)
            charges += failure["charge"]
            if failure["failures"] == 3:
                cancelled += 1
            else:
                heapq.heappush(turns, [day + retry_days, order])
        return call("Done", answer={"moved": moved, "charges": charges, "cancelled": cancelled})

    @staticmethod
    def generate(rng, level):
        count, owners, last = {
            "easy": (3, 2, 13),
            "medium": (4, 3, 22),
            "hard": (rng.randint(7, 9), 4, rng.randint(30, 36)),
        }[level]
        orders = []
        for number in range(count):
            source, target = rng.sample(range(owners), 2)
            outside = number == 0 or rng.random() < 0.15
            orders.append(
                [-1 if outside else source, target, rng.randint(30, 140), rng.randint(0, 6), rng.choice([4, 5, 7, 9])]
            )
        return {
            "balances": [rng.randint(40, 190) for _ in range(owners)],
            "orders": orders,
            "last_day": last,
            "retry_days": rng.randint(1, 2),
        }
