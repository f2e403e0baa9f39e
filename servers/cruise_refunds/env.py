"""A cruise line settles cancellations."""

import copy

from codegym_mcp import Environment, tool


class CruiseOffice:
    """Bookings with their payments, and terms as chains of clauses."""

    def __init__(self, clauses: dict[str, list], bookings: list[dict], cancellations: list[list[int]]) -> None:
        self._clauses, self._cancellations = clauses, cancellations
        self._terms = [booking["terms"] for booking in bookings]
        self._payments = [[list(payment) for payment in booking["payments"]] for booking in bookings]

    def read_cancellation(self, index: int) -> dict[str, int | str]:
        """Read a cancellation.

        Args:
            index: number of the cancellation, from 0.

        Returns:
            its "booking", the "price" of the cabin, the "days" left until departure, and the name of the first "clause".

        Example:
            read_cancellation(index=0) -> {"booking": 2, "price": 410, "days": 12, "clause": "K4"}
        """
        if not 0 <= index < len(self._cancellations):
            raise ValueError(f"index must be from 0 to {len(self._cancellations) - 1}, got {index}")
        booking, price, days = self._cancellations[index]
        return {"booking": booking, "price": price, "days": days, "clause": self._terms[booking]}

    def read_clause(self, clause: str) -> dict[str, int | str]:
        """Read a clause.

        Args:
            clause: name of the clause.

        Returns:
            the "days" it asks for, the "percent" due, and the name of the "next" clause ("end" if there is none).

        Example:
            read_clause(clause="K4") -> {"days": 30, "percent": 90, "next": "K1"}
        """
        if clause not in self._clauses:
            raise ValueError(f"there is no clause {clause!r}")
        return dict(zip(("days", "percent", "next"), self._clauses[clause], strict=True))

    def latest_payment(self, booking: int) -> dict[str, int | str]:
        """Show the latest payment of a booking that has money left in it.

        Args:
            booking: number of the booking, from 0.

        Returns:
            the "kind" of payment ("card" or "voucher") and the money "left" in it; kind "none" and 0 if there is none.

        Example:
            latest_payment(booking=2) -> {"kind": "card", "left": 300}
        """
        if not 0 <= booking < len(self._payments):
            raise ValueError(f"booking must be from 0 to {len(self._payments) - 1}, got {booking}")
        left = [payment for payment in self._payments[booking] if payment[1] > 0]
        return {"kind": left[-1][0], "left": left[-1][1]} if left else {"kind": "none", "left": 0}

    def pay_back(self, booking: int, amount: int) -> int:
        """Pay back money out of the latest payment of a booking that has money left in it.

        Args:
            booking: number of the booking.
            amount: how much, from 1 to what is left in that payment.

        Returns:
            the money that all payments of the booking still have.

        Example:
            pay_back(booking=2, amount=250) -> 150
        """
        latest = self.latest_payment(booking)
        if not 1 <= amount <= latest["left"]:
            raise ValueError(f"the latest payment of booking {booking} has {latest['left']} left, got {amount}")
        payment = [payment for payment in self._payments[booking] if payment[1] > 0][-1]
        payment[1] -= amount
        return sum(left for _, left in self._payments[booking])


class CruiseRefunds(Environment):
    """A cruise line settles cancellations. They are numbered from 0 and handled in ascending order; each belongs to one
    booking and takes away one cabin of it, and a booking may be cancelled in part several times.

    The terms of a cancellation are a chain of clauses. Begin with the first clause of the booking's terms. A clause
    applies if there are at least as many days left until departure as it asks for; otherwise go on to the clause that
    it names as the next one. The clause that applies tells the percentage that is due. The amount due is the price of
    the cancelled cabin times that percentage, divided by 100 and rounded down. If no clause of the chain applies,
    nothing is due.

    The amount due is paid back out of the booking's payments, the latest one with money left in it first, as much as
    possible
    from each, until all of it is paid back or the booking has no money left. What could not be paid back is lost to the
    guest.

    Find the sums paid back by card and by voucher, and the sum that was due but lost.

    The input is hidden (clauses, bookings, cancellations); the tools give access to it. Observe shows what is known
    from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self,
        *,
        clauses: dict[str, list[int | str]],
        bookings: list[dict[str, list[list[int | str]] | str]],
        cancellations: list[list[int]],
    ) -> None:
        self.clauses = clauses
        self.bookings = bookings
        self.cancellations = cancellations
        self.office = CruiseOffice(
            copy.deepcopy(self.clauses), copy.deepcopy(self.bookings), copy.deepcopy(self.cancellations)
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "clauses": number of keys of clauses.
            "bookings": number of items of bookings.
            "cancellations": number of items of cancellations.

        Example:
            Observe() -> {"clauses": 4, "bookings": 2, "cancellations": 3}
        """
        return {"clauses": len(self.clauses), "bookings": len(self.bookings), "cancellations": len(self.cancellations)}

    @tool
    def ReadCancellation(self, index: int) -> dict[str, int | str]:
        """Read a cancellation.

        Args:
            index: number of the cancellation, from 0.

        Returns:
            its "booking", the "price" of the cabin, the "days" left until departure, and the name of the first
                "clause".

        Example:
            ReadCancellation(index=0) -> {"booking": 2, "price": 410, "days": 12, "clause": "K4"}
        """
        return self.office.read_cancellation(index)

    @tool
    def ReadClause(self, clause: str) -> dict[str, int | str]:
        """Read a clause.

        Args:
            clause: name of the clause.

        Returns:
            the "days" it asks for, the "percent" due, and the name of the "next" clause ("end" if there is none).

        Example:
            ReadClause(clause="K4") -> {"days": 30, "percent": 90, "next": "K1"}
        """
        return self.office.read_clause(clause)

    @tool
    def LatestPayment(self, booking: int) -> dict[str, int | str]:
        """Show the latest payment of a booking that has money left in it.

        Args:
            booking: number of the booking, from 0.

        Returns:
            the "kind" of payment ("card" or "voucher") and the money "left" in it; kind "none" and 0 if there is none.

        Example:
            LatestPayment(booking=2) -> {"kind": "card", "left": 300}
        """
        return self.office.latest_payment(booking)

    @tool
    def PayBack(self, booking: int, amount: int) -> int:
        """Pay back money out of the latest payment of a booking that has money left in it.

        Args:
            booking: number of the booking.
            amount: how much, from 1 to what is left in that payment.

        Returns:
            the money that all payments of the booking still have.

        Example:
            PayBack(booking=2, amount=250) -> 150
        """
        return self.office.pay_back(booking, amount)

    def answer(self) -> dict[str, int]:
        """Settle cancellations.

        Returns:
            the sums paid back by "card" and by "voucher" and the sum "lost". Example: {"card": 640, "voucher": 75,
                "lost": 0}.
        """
        clauses = copy.deepcopy(self.clauses)
        bookings = copy.deepcopy(self.bookings)
        cancellations = copy.deepcopy(self.cancellations)
        office = CruiseOffice(clauses, bookings, cancellations)
        totals = {"card": 0, "voucher": 0, "lost": 0}
        for index in range(len(cancellations)):
            case = office.read_cancellation(index)
            name, due = (case["clause"], 0)
            while name != "end":
                clause = office.read_clause(name)
                if case["days"] >= clause["days"]:
                    due = case["price"] * clause["percent"] // 100
                    name = "end"
                else:
                    name = clause["next"]
            remaining = 1 if due else 0
            while due and remaining:
                payment = office.latest_payment(case["booking"])
                if payment["kind"] == "none":
                    break
                part = min(due, payment["left"])
                remaining = office.pay_back(case["booking"], part)
                totals[payment["kind"]] += part
                due -= part
            totals["lost"] += due
        return totals

    def solve(self, call):
        seen = call("Observe")
        totals = {"card": 0, "voucher": 0, "lost": 0}
        for index in range(seen["cancellations"]):
            case = call("ReadCancellation", index=index)
            name, due = (case["clause"], 0)
            while name != "end":
                clause = call("ReadClause", clause=name)
                if case["days"] >= clause["days"]:
                    due = case["price"] * clause["percent"] // 100
                    name = "end"
                else:
                    name = clause["next"]
            remaining = 1 if due else 0
            while due and remaining:
                payment = call("LatestPayment", booking=case["booking"])
                if payment["kind"] == "none":
                    break
                part = min(due, payment["left"])
                remaining = call("PayBack", booking=case["booking"], amount=part)
                totals[payment["kind"]] += part
                due -= part
            totals["lost"] += due
        return call("Done", answer=totals)

    @staticmethod
    def generate(rng, level):
        count, cases, chains = {"easy": (2, 3, 1), "medium": (3, 6, 2), "hard": (5, rng.randint(12, 16), 3)}[level]
        names = [f"K{n}" for n in rng.sample(range(1, 30), chains * 4)]
        clauses, starts = ({}, [])
        for chain in range(chains):
            links, days = (names[chain * 4 : chain * 4 + 4], rng.randint(35, 60))
            starts.append(links[0])
            for place, name in enumerate(links):
                clauses[name] = [days, 95 - 25 * place + rng.randint(-5, 4), links[place + 1] if place < 3 else "end"]
                days -= rng.randint(7, 13)
        bookings, cancellations = ([], [])
        for _ in range(count):
            payments = [[rng.choice(["card", "voucher"]), rng.randint(8, 30) * 15] for _ in range(rng.randint(2, 4))]
            bookings.append({"terms": rng.choice(starts), "payments": payments})
        for _ in range(cases):
            cancellations.append([rng.randrange(count), rng.randint(120, 480), rng.randint(2, 62)])
        return {"clauses": clauses, "bookings": bookings, "cancellations": cancellations}
