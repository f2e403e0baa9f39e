"""A clearing house settles what its members owe one another."""

import copy

from codegym_mcp import Environment, tool


class SettlementHouse:
    """Positions of members and the lines between them."""

    def __init__(self, debts: list[list[int]], lines: list[list[int]]) -> None:
        self._position = [0] * len(lines)
        self._lines = [list(row) for row in lines]
        for debtor, creditor, amount in debts:
            self._position[debtor] -= amount
            self._position[creditor] += amount

    def name_debtor(self) -> int:
        """Name the debtor who has to pay the most.

        Returns:
            the number of the member (the lowest one of equals), or -1 if there is no debtor.

        Example:
            name_debtor() -> 4
        """
        least = min(self._position)
        return self._position.index(least) if least < 0 else -1

    def list_creditors(self) -> list[int]:
        """List the creditors, the one who gets the most first.

        Returns:
            numbers of members.

        Example:
            list_creditors() -> [1, 0]
        """
        owed = [(-sum_, member) for member, sum_ in enumerate(self._position) if sum_ > 0]
        return [member for _, member in sorted(owed)]

    def read_position(self, member: int) -> int:
        """Read the present position of a member.

        Args:
            member: number of the member, from 0.

        Returns:
            the position; below 0 for a debtor.

        Example:
            read_position(member=4) -> -75
        """
        if not 0 <= member < len(self._position):
            raise ValueError(f"member must be from 0 to {len(self._position) - 1}, got {member}")
        return self._position[member]

    def line_left(self, debtor: int, creditor: int) -> int:
        """Tell what is left of the line from one member to another.

        Args:
            debtor: number of the member who would pay.
            creditor: number of the member who would get the money.

        Returns:
            the sum that can still be paid over this line.

        Example:
            line_left(debtor=4, creditor=1) -> 60
        """
        self.read_position(debtor)
        self.read_position(creditor)
        return self._lines[debtor][creditor]

    def make_payment(self, debtor: int, creditor: int, amount: int) -> int:
        """Make a payment from a debtor to a creditor.

        Args:
            debtor: number of the member who pays.
            creditor: number of the member who gets the money.
            amount: the sum, which debt, claim and line must allow.

        Returns:
            the fee.

        Example:
            make_payment(debtor=4, creditor=1, amount=60) -> 3
        """
        most = min(-self.read_position(debtor), self.read_position(creditor), self.line_left(debtor, creditor))
        if not 1 <= amount <= most:
            raise ValueError(f"a payment from {debtor} to {creditor} may be at most {most}, got {amount}")
        self._position[debtor] += amount
        self._position[creditor] -= amount
        self._lines[debtor][creditor] -= amount
        return 1 + amount * (2 + (debtor + creditor) % 3) // 50

    def write_off_debt(self, debtor: int) -> int:
        """Write off what a debtor still has to pay.

        Args:
            debtor: number of the debtor.

        Returns:
            the sum written off.

        Example:
            write_off_debt(debtor=4) -> 15
        """
        debt = -self.read_position(debtor)
        if debt <= 0:
            raise ValueError(f"member {debtor} is not a debtor")
        self._position[debtor] = 0
        return debt


class ClearingHouse(Environment):
    """A clearing house settles what its members owe one another. A member's position is what the member gets in the end
    minus what the member has to pay; debtors have positions below 0, creditors above 0.

    Repeat until there is no debtor left: take the debtor who has to pay the most (as the house names it). Go through
    the creditors in the order in which the house lists them at this moment. For each of them, the payment that can be
    made is the smallest of three sums: what the debtor still has to pay, what the creditor still has to get, and what
    is left of the line between these two. The first creditor for whom this is at least 1 gets exactly this payment, and
    then the house names a debtor anew. If no payment can be made to any creditor, the rest of the debtor's debt is
    written off, and the debtor is out.

    Every payment brings in a fee for the house. Written-off debts mean that creditors may be left without their money.

    Find the number of payments, the sum of the fees, and the sum of the debts written off.

    The input is hidden (debts, lines); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, debts: list[list[int]], lines: list[list[int]]) -> None:
        self.debts = debts
        self.lines = lines
        self.house = SettlementHouse(copy.deepcopy(self.debts), copy.deepcopy(self.lines))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "debts": number of items of debts.
            "lines": number of items of lines.

        Example:
            Observe() -> {"debts": 5, "lines": 4}
        """
        return {"debts": len(self.debts), "lines": len(self.lines)}

    @tool
    def NameDebtor(self) -> int:
        """Name the debtor who has to pay the most.

        Returns:
            the number of the member (the lowest one of equals), or -1 if there is no debtor.

        Example:
            NameDebtor() -> 4
        """
        return self.house.name_debtor()

    @tool
    def ListCreditors(self) -> list[int]:
        """List the creditors, the one who gets the most first.

        Returns:
            numbers of members.

        Example:
            ListCreditors() -> [1, 0]
        """
        return self.house.list_creditors()

    @tool
    def ReadPosition(self, member: int) -> int:
        """Read the present position of a member.

        Args:
            member: number of the member, from 0.

        Returns:
            the position; below 0 for a debtor.

        Example:
            ReadPosition(member=4) -> -75
        """
        return self.house.read_position(member)

    @tool
    def LineLeft(self, debtor: int, creditor: int) -> int:
        """Tell what is left of the line from one member to another.

        Args:
            debtor: number of the member who would pay.
            creditor: number of the member who would get the money.

        Returns:
            the sum that can still be paid over this line.

        Example:
            LineLeft(debtor=4, creditor=1) -> 60
        """
        return self.house.line_left(debtor, creditor)

    @tool
    def MakePayment(self, debtor: int, creditor: int, amount: int) -> int:
        """Make a payment from a debtor to a creditor.

        Args:
            debtor: number of the member who pays.
            creditor: number of the member who gets the money.
            amount: the sum, which debt, claim and line must allow.

        Returns:
            the fee.

        Example:
            MakePayment(debtor=4, creditor=1, amount=60) -> 3
        """
        return self.house.make_payment(debtor, creditor, amount)

    @tool
    def WriteOffDebt(self, debtor: int) -> int:
        """Write off what a debtor still has to pay.

        Args:
            debtor: number of the debtor.

        Returns:
            the sum written off.

        Example:
            WriteOffDebt(debtor=4) -> 15
        """
        return self.house.write_off_debt(debtor)

    def answer(self) -> dict[str, int]:
        """Settle debts between members.

        Returns:
            the number of "payments", the sum of the "fees" and the sum "written_off".
            Example: {"payments": 6, "fees": 21, "written_off": 15}.
        """
        debts = copy.deepcopy(self.debts)
        lines = copy.deepcopy(self.lines)
        house = SettlementHouse(debts, lines)
        payments = fees = lost = 0
        while True:
            debtor = house.name_debtor()
            if debtor < 0:
                break
            debt = -house.read_position(debtor)
            for creditor in house.list_creditors():
                line = house.line_left(debtor, creditor)
                if line > 0:
                    fees += house.make_payment(debtor, creditor, min(debt, line, house.read_position(creditor)))
                    payments += 1
                    break
            else:
                lost += house.write_off_debt(debtor)
        return {"payments": payments, "fees": fees, "written_off": lost}

    def solve(self, call):
        payments = fees = lost = 0
        while True:
            debtor = call("NameDebtor")
            if debtor < 0:
                break
            debt = -call("ReadPosition", member=debtor)
            for creditor in call("ListCreditors"):
                line = call("LineLeft", debtor=debtor, creditor=creditor)
                if line > 0:
                    fees += call(
                        "MakePayment",
                        debtor=debtor,
                        creditor=creditor,
                        amount=min(debt, line, call("ReadPosition", member=creditor)),
                    )
                    payments += 1
                    break
            else:
                lost += call("WriteOffDebt", debtor=debtor)
        return call("Done", answer={"payments": payments, "fees": fees, "written_off": lost})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (4, 5), "medium": (5, 9), "hard": (rng.randint(9, 11), 24)}[level]
        debts = []
        for _ in range(size):
            debtor, creditor = rng.sample(range(count), 2)
            debts.append([debtor, creditor, rng.randint(15, 160)])
        lines = [[rng.choice([0, 45, 80, 120, 200]) for _ in range(count)] for _ in range(count)]
        return {"debts": debts, "lines": lines}
