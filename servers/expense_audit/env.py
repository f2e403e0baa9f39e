"""Auditing expense reports: currencies, limits by category, missing receipts, shared budgets, advances."""

from codegym_mcp import Environment, tool


class ExpenseAudit(Environment):
    """Audit expense reports and find out how much is paid out in total. Amounts are whole numbers.

    Reports are numbered from 0, and so are the lines of each report. Handle the reports in ascending order and the
    lines of each in ascending order. For each line:

    1. If its currency is not "EUR", convert its amount with Convert; an amount in EUR is taken as it is.
    2. If it has no receipt and the amount in EUR is at least the category's receipt_from, it is refused: approve
       nothing for it.
    3. Otherwise claim the amount in EUR, but at most the category's per_day times the days of the line. Approve grants
       the claim or what is left of the category's budget, if that is less. Budgets are hidden and are shared by
       all reports.

    After the last line of a report close it, which works out what is paid out for it. The answer is the sum of the
    payouts of all reports.
    """

    def reset(self, *, reports: list[dict], policy: dict, budgets: dict, rates: dict, ceiling: int) -> None:
        self.reports, self.policy, self.rates, self.ceiling = reports, policy, rates, ceiling
        self.budgets = dict(budgets)
        self.approved: list[dict[int, int]] = [{} for _ in reports]
        self.closed = [False] * len(reports)

    def observe(self) -> dict[str, list[int]]:
        """Show the size of the job.

        Returns:
            "lines": for each report, in order, how many lines it has.

        Example:
            Observe() -> {"lines": [2, 3]}
        """
        return {"lines": [len(report["lines"]) for report in self.reports]}

    def _line(self, report: int, line: int) -> list:
        if not 0 <= report < len(self.reports):
            raise ValueError(f"report must be from 0 to {len(self.reports) - 1}, got {report}")
        lines = self.reports[report]["lines"]
        if not 0 <= line < len(lines):
            raise ValueError(f"line must be from 0 to {len(lines) - 1} in report {report}, got {line}")
        return lines[line]

    @tool
    def ReadLine(self, report: int, line: int) -> dict[str, int | str | bool]:
        """Read one line of a report.

        Args:
            report: number of the report.
            line: number of the line in the report.

        Returns:
            its "category", "amount", "currency", the number of "days" it covers, and whether there is a "receipt".

        Example:
            ReadLine(report=0, line=1) -> {"category": "meals", "amount": 80, "currency": "EUR", "days": 2,
            "receipt": true}
        """
        names = ("category", "amount", "currency", "days", "receipt")
        return dict(zip(names, self._line(report, line), strict=True))

    @tool
    def Limits(self, category: str) -> dict[str, int]:
        """Look up the limits of a category.

        Args:
            category: name of the category, as on the line.

        Returns:
            "per_day": the most that is claimed for each day; "receipt_from": the amount from which on a receipt is
            needed. Both are in EUR.

        Example:
            Limits(category="meals") -> {"per_day": 30, "receipt_from": 25}
        """
        if category not in self.policy:
            raise ValueError(f"there is no category {category!r}")
        return dict(zip(("per_day", "receipt_from"), self.policy[category], strict=True))

    @tool
    def Convert(self, amount: int, currency: str) -> int:
        """Convert an amount to EUR at the hidden rate, rounded down.

        Args:
            amount: the amount, from 0 to 1000000.
            currency: name of the currency, as on the line; not "EUR".

        Returns:
            the amount in EUR.

        Example:
            Convert(amount=80, currency="USD") -> 73
        """
        if not 0 <= amount <= 1_000_000 or currency not in self.rates:
            raise ValueError(f"expected an amount from 0 to 1000000 in a foreign currency, got {amount} {currency!r}")
        return amount * self.rates[currency] // 1000

    @tool
    def Approve(self, report: int, line: int, claim: int) -> int:
        """Approve a claim for a line. It is charged to the budget of the line's category and cannot be undone.

        Args:
            report: number of a report that is not closed.
            line: number of a line for which nothing was approved yet.
            claim: the claim in EUR, at least 1.

        Returns:
            the amount granted: the claim, or what was left of the category's budget if that is less.

        Example:
            Approve(report=0, line=1, claim=60) -> 60
        """
        category = self._line(report, line)[0]
        if self.closed[report] or line in self.approved[report]:
            raise ValueError(f"report {report} is closed or line {line} has been approved already")
        if claim < 1:
            raise ValueError(f"claim must be at least 1, got {claim}")
        granted = min(claim, self.budgets[category])
        self.budgets[category] -= granted
        self.approved[report][line] = granted
        return granted

    @tool
    def CloseReport(self, report: int) -> int:
        """Close a report and work out what is paid out for it.

        That is the sum granted for its lines, cut to a hidden ceiling for each report, less the advance the employee
        has had, and never below 0.

        Args:
            report: number of a report that is not closed.

        Returns:
            the payout of this report.

        Example:
            CloseReport(report=0) -> 145
        """
        if not 0 <= report < len(self.reports) or self.closed[report]:
            raise ValueError(f"report {report} is closed already or does not exist")
        self.closed[report] = True
        total = min(sum(self.approved[report].values()), self.ceiling)
        return max(0, total - self.reports[report]["advance"])

    def answer(self) -> int:
        """The total paid out.

        Returns:
            the sum of the payouts of all reports.
        """
        left, paid = dict(self.budgets), 0
        for report in self.reports:
            subtotal = 0
            for category, amount, currency, days, receipt in report["lines"]:
                euros = amount if currency == "EUR" else amount * self.rates[currency] // 1000
                per_day, receipt_from = self.policy[category]
                if receipt or euros < receipt_from:
                    refund = min(euros, per_day * days, left[category])
                    left[category] -= refund
                    subtotal += refund
            if subtotal > report["advance"]:
                paid += max(min(subtotal, self.ceiling) - report["advance"], 0)
        return paid

    def solve(self, call):
        limits, total = {}, 0
        for report, lines in enumerate(call("Observe")["lines"]):
            for line in range(lines):
                facts = call("ReadLine", report=report, line=line)
                category, amount = facts["category"], facts["amount"]
                if facts["currency"] != "EUR":
                    amount = call("Convert", amount=amount, currency=facts["currency"])
                if category not in limits:
                    limits[category] = call("Limits", category=category)
                if facts["receipt"] or amount < limits[category]["receipt_from"]:
                    claim = min(amount, limits[category]["per_day"] * facts["days"])
                    call("Approve", report=report, line=line, claim=claim)
            total += call("CloseReport", report=report)
        return call("Done", answer=total)

    @staticmethod
    def generate(rng, level):
        sizes = {"tiny": (1, 1, 2, 1), "easy": (2, 2, 3, 2), "medium": (4, 2, 4, 3), "hard": (9, 3, 6, 4)}[level]
        count, low, high, kinds = sizes
        categories = rng.sample(["meals", "hotel", "taxi", "train", "phone"], kinds)
        policy = {name: [rng.randint(15, 60), rng.randint(10, 50)] for name in categories}
        abroad, receipts = (0, 0.85) if level == "tiny" else (0.35, 0.7)
        reports, claimed = [], dict.fromkeys(categories, 0)
        for _ in range(count):
            lines = []
            for _ in range(rng.randint(low, high)):
                category, days = rng.choice(categories), rng.randint(1, 2 if level == "tiny" else 4)
                currency = rng.choice(["USD", "GBP", "CHF"]) if rng.random() < abroad else "EUR"
                amount = rng.randint(policy[category][0] * days // 3, policy[category][0] * days * 3 // 2)
                lines.append([category, amount, currency, days, rng.random() < receipts])
                claimed[category] += min(amount, policy[category][0] * days)
            reports.append({"advance": rng.choice([0, 0, 5, 20]), "lines": lines})
        budgets = {name: rng.randint(60, 110) * total // 100 for name, total in claimed.items()}
        rates = {"USD": rng.randint(850, 990), "GBP": rng.randint(1100, 1250), "CHF": rng.randint(980, 1080)}
        most = 200 if level == "tiny" else rng.randint(50, 130) * high
        return {"reports": reports, "policy": policy, "budgets": budgets, "rates": rates, "ceiling": most}
