"""A supplier books the payments of its customers."""

import copy

from codegym_mcp import Environment, tool


class Receivables:
    """Open invoices and credits of customers."""

    def __init__(self, invoices: list[list[int]], payments: list[list[int]]) -> None:
        self._invoices, self._payments = [list(invoice) for invoice in invoices], payments
        self._credit: dict[str, int] = {}
        self._settled = [False] * len(invoices)

    def read_payment(self, index: int) -> dict[str, int]:
        """Read a payment.

        Args:
            index: number of the payment, from 0.

        Returns:
            the "customer", the "amount" and the "day".

        Example:
            read_payment(index=0) -> {"customer": 2, "amount": 500, "day": 14}
        """
        if not 0 <= index < len(self._payments):
            raise ValueError(f"index must be from 0 to {len(self._payments) - 1}, got {index}")
        return dict(zip(("customer", "amount", "day"), self._payments[index], strict=True))

    def use_credit(self, customer: int) -> int:
        """Use up the whole credit of a customer.

        Args:
            customer: number of the customer, from 0.

        Returns:
            how much it was; the credit is 0 now.

        Example:
            use_credit(customer=2) -> 35
        """
        return self._credit.pop(str(customer), 0)

    def oldest_invoice(self, customer: int, day: int) -> dict[str, int | bool]:
        """Show the oldest open invoice of a customer, as it stands on a day.

        Args:
            customer: number of the customer.
            day: the day of payment.

        Returns:
            the number of the "invoice" (-1 if none is open), the "sum" that settles it and whether it allows "parts".

        Example:
            oldest_invoice(customer=2, day=14) -> {"invoice": 5, "sum": 294, "parts": false}
        """
        for number, (who, due, amount, parts) in enumerate(self._invoices):
            if who == customer and not self._settled[number]:
                charge = -(amount * 2 // 100) if day <= due - 10 else amount * max(0, day - due) // 200
                return {"invoice": number, "sum": amount + charge, "parts": parts == 1}
        return {"invoice": -1, "sum": 0, "parts": False}

    def settle_invoice(self, invoice: int) -> int:
        """Settle an open invoice.

        Args:
            invoice: number of the invoice.

        Returns:
            how many invoices are still open, of all customers.

        Example:
            settle_invoice(invoice=5) -> 8
        """
        if not 0 <= invoice < len(self._invoices) or self._settled[invoice]:
            raise ValueError(f"there is no open invoice {invoice}")
        self._settled[invoice] = True
        return self._settled.count(False)

    def pay_part(self, invoice: int, amount: int) -> int:
        """Book a part payment to an open invoice that allows it.

        Args:
            invoice: number of the invoice.
            amount: the money, at least 1.

        Returns:
            what is left of the amount of the invoice, before discounts or charges.

        Example:
            pay_part(invoice=6, amount=120) -> 205
        """
        if (
            not 0 <= invoice < len(self._invoices)
            or self._settled[invoice]
            or not self._invoices[invoice][3]
            or amount < 1
        ):
            raise ValueError(f"invoice {invoice} is not open, allows no parts, or {amount} is less than 1")
        self._invoices[invoice][2] = max(0, self._invoices[invoice][2] - amount)
        return self._invoices[invoice][2]

    def keep_credit(self, customer: int, amount: int) -> int:
        """Add money to the credit of a customer.

        Args:
            customer: number of the customer.
            amount: the money, at least 1.

        Returns:
            the sum of the credits of all customers now.

        Example:
            keep_credit(customer=2, amount=35) -> 90
        """
        if amount < 1:
            raise ValueError(f"amount must be at least 1, got {amount}")
        self._credit[str(customer)] = self._credit.get(str(customer), 0) + amount
        return sum(self._credit.values())


class InvoicePayments(Environment):
    """A supplier books the payments of its customers. Payments are numbered from 0 and booked in ascending order; each
    comes from one customer on one day.

    The money at hand for a payment is its amount plus the whole credit that the customer has, which is used up by that.
    It goes to the customer's open invoices, the oldest first:

    - The sum that settles an invoice depends on the day: early payers get a discount, late ones are charged more. As
    long as
      the money at hand is at least that sum, settle the oldest open invoice with it and go on to the next oldest.
    - If the money does not settle the oldest open invoice: when the invoice allows part payments, all the money goes to
    it as a
      part payment, which makes its later sums lower; when it does not, the money becomes the customer's credit.
    - If no open invoice is left, the rest becomes the customer's credit.

    Once no money is at hand, the payment is done.

    Find the sum paid to settle invoices (without part payments), the sum of all part payments, and the sum of the
    customers' credits in the end.

    The input is hidden (invoices, payments); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, invoices: list[list[int]], payments: list[list[int]]) -> None:
        self.invoices = invoices
        self.payments = payments
        self.books = Receivables(copy.deepcopy(self.invoices), copy.deepcopy(self.payments))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "invoices": number of items of invoices.
            "payments": number of items of payments.

        Example:
            Observe() -> {"invoices": 4, "payments": 3}
        """
        return {"invoices": len(self.invoices), "payments": len(self.payments)}

    @tool
    def ReadPayment(self, index: int) -> dict[str, int]:
        """Read a payment.

        Args:
            index: number of the payment, from 0.

        Returns:
            the "customer", the "amount" and the "day".

        Example:
            ReadPayment(index=0) -> {"customer": 2, "amount": 500, "day": 14}
        """
        return self.books.read_payment(index)

    @tool
    def UseCredit(self, customer: int) -> int:
        """Use up the whole credit of a customer.

        Args:
            customer: number of the customer, from 0.

        Returns:
            how much it was; the credit is 0 now.

        Example:
            UseCredit(customer=2) -> 35
        """
        return self.books.use_credit(customer)

    @tool
    def OldestInvoice(self, customer: int, day: int) -> dict[str, bool | int]:
        """Show the oldest open invoice of a customer, as it stands on a day.

        Args:
            customer: number of the customer.
            day: the day of payment.

        Returns:
            the number of the "invoice" (-1 if none is open), the "sum" that settles it and whether it allows "parts".

        Example:
            OldestInvoice(customer=2, day=14) -> {"invoice": 5, "sum": 294, "parts": false}
        """
        return self.books.oldest_invoice(customer, day)

    @tool
    def SettleInvoice(self, invoice: int) -> int:
        """Settle an open invoice.

        Args:
            invoice: number of the invoice.

        Returns:
            how many invoices are still open, of all customers.

        Example:
            SettleInvoice(invoice=5) -> 8
        """
        return self.books.settle_invoice(invoice)

    @tool
    def PayPart(self, invoice: int, amount: int) -> int:
        """Book a part payment to an open invoice that allows it.

        Args:
            invoice: number of the invoice.
            amount: the money, at least 1.

        Returns:
            what is left of the amount of the invoice, before discounts or charges.

        Example:
            PayPart(invoice=6, amount=120) -> 205
        """
        return self.books.pay_part(invoice, amount)

    @tool
    def KeepCredit(self, customer: int, amount: int) -> int:
        """Add money to the credit of a customer.

        Args:
            customer: number of the customer.
            amount: the money, at least 1.

        Returns:
            the sum of the credits of all customers now.

        Example:
            KeepCredit(customer=2, amount=35) -> 90
        """
        return self.books.keep_credit(customer, amount)

    def answer(self) -> dict[str, int]:
        """Book the payments of customers.

        Returns:
            the sums "settled" and of "parts", and the "credit" in the end. Example: {"settled": 1430, "parts": 220,
                "credit": 35}.
        """
        invoices = copy.deepcopy(self.invoices)
        payments = copy.deepcopy(self.payments)
        books = Receivables(invoices, payments)
        settled = parts = credit = 0
        for index in range(len(payments)):
            payment = books.read_payment(index)
            customer, day = (payment["customer"], payment["day"])
            old = books.use_credit(customer)
            credit -= old
            money = payment["amount"] + old
            oldest = books.oldest_invoice(customer, day)
            while money > 0 and oldest["invoice"] >= 0 and (money >= oldest["sum"]):
                books.settle_invoice(oldest["invoice"])
                settled += oldest["sum"]
                money -= oldest["sum"]
                oldest = books.oldest_invoice(customer, day)
            if money > 0 and oldest["parts"]:
                books.pay_part(oldest["invoice"], money)
                parts += money
            elif money > 0:
                books.keep_credit(customer, money)
                credit += money
        return {"settled": settled, "parts": parts, "credit": credit}

    def solve(self, call):
        seen = call("Observe")
        settled = parts = credit = 0
        for index in range(seen["payments"]):
            payment = call("ReadPayment", index=index)
            customer, day = (payment["customer"], payment["day"])
            old = call("UseCredit", customer=customer)
            credit -= old
            money = payment["amount"] + old
            oldest = call("OldestInvoice", customer=customer, day=day)
            while money > 0 and oldest["invoice"] >= 0 and (money >= oldest["sum"]):
                call("SettleInvoice", invoice=oldest["invoice"])
                settled += oldest["sum"]
                money -= oldest["sum"]
                oldest = call("OldestInvoice", customer=customer, day=day)
            if money > 0 and oldest["parts"]:
                call("PayPart", invoice=oldest["invoice"], amount=money)
                parts += money
            elif money > 0:
                call("KeepCredit", customer=customer, amount=money)
                credit += money
        return call("Done", answer={"settled": settled, "parts": parts, "credit": credit})

    @staticmethod
    def generate(rng, level):
        customers, count = {"easy": (1, 4), "medium": (2, 7), "hard": (3, rng.randint(14, 20))}[level]
        invoices, due = ([], 10)
        for _ in range(count):
            due += rng.randint(2, 8)
            invoices.append([rng.randrange(customers), due, rng.randint(60, 400), rng.choice([0, 1])])
        payments, day = ([], 0)
        for _ in range(count - 1):
            day += rng.randint(2, 9)
            payments.append([rng.randrange(customers), rng.randint(80, 450), day])
        return {"invoices": invoices, "payments": payments}
