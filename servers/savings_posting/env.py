"""A savings bank posts interest."""

import copy

from codegym_mcp import Environment, tool


class SavingsBank:
    """Accounts with movements yet to come and interest yet to post."""

    def __init__(self, opening: list[int], movements: list[list[list[int]]]) -> None:
        self._balance, self._movements = list(opening), movements
        self._next, self._day, self._accrued = [0] * len(opening), [0] * len(opening), [0] * len(opening)

    def _account(self, account: int) -> int:
        if not 0 <= account < len(self._balance):
            raise ValueError(f"account must be from 0 to {len(self._balance) - 1}, got {account}")
        return account

    def next_movement_day(self, account: int) -> int:
        """Tell the day of the next movement of an account that has not been booked.

        Args:
            account: number of the account, from 0.

        Returns:
            the day, or -1 if there is no movement left.

        Example:
            next_movement_day(account=0) -> 17
        """
        moves = self._movements[self._account(account)][self._next[account] :]
        return moves[0][0] if moves else -1

    def book_movement(self, account: int) -> dict[str, int | bool]:
        """Book the next movement of an account, or refuse it if it is a withdrawal that the balance does not cover.

        Args:
            account: number of the account; its interest must be accrued up to the day of the movement or up to the last
                posting day.

        Returns:
            the "balance" afterwards and whether the movement was "refused".

        Example:
            book_movement(account=0) -> {"balance": 48200, "refused": false}
        """
        if self.next_movement_day(account) < self._day[account]:
            raise ValueError(f"account {account} has no movement left, or interest is accrued beyond it already")
        amount = self._movements[account][self._next[account]][1]
        self._next[account] += 1
        refused = self._balance[account] + amount < 0
        self._balance[account] += 0 if refused else amount
        return {"balance": self._balance[account], "refused": refused}

    def accrue_interest(self, account: int, day: int) -> int:
        """Accrue the interest of an account up to a day, on its present balance.

        Args:
            account: number of the account.
            day: the day; not before the day up to which interest is accrued already.

        Returns:
            for how many days interest was added.

        Example:
            accrue_interest(account=0, day=17) -> 17
        """
        days = day - self._day[self._account(account)]
        if days < 0:
            raise ValueError(f"interest of account {account} is accrued up to day {self._day[account]} already")
        low = min(self._balance[account], 50000)
        self._accrued[account] += days * (2 * low + 5 * (self._balance[account] - low))
        self._day[account] = day
        return days

    def post_interest(self, account: int) -> int:
        """Add the accrued interest of an account, rounded down to cents, to its balance; the rest of a cent is dropped.

        Args:
            account: number of the account.

        Returns:
            the interest posted.

        Example:
            post_interest(account=0) -> 312
        """
        interest = self._accrued[self._account(account)] // 10000
        self._accrued[account] = 0
        self._balance[account] += interest
        return interest

    def closing_balance(self, account: int) -> int:
        """Tell the final balance of an account that has no movements left.

        Args:
            account: number of the account.

        Returns:
            the balance in cents.

        Example:
            closing_balance(account=0) -> 48512
        """
        if self.next_movement_day(account) >= 0:
            raise ValueError(f"account {account} has movements left")
        return self._balance[account]


class SavingsPosting(Environment):
    """A savings bank posts interest. Accounts are numbered from 0 and are handled one after the other, each from day 0 to
    the closing day. Days are whole numbers; amounts are whole cents.

    An account has movements on some days, in order of their days. Interest accrues on the balance; the bank works it
    out. Before a movement is booked, interest is accrued up to its day.

    The posting days are the multiples of the period (period, 2 * period and so on), up to and including the closing
    day. On a posting day, interest is accrued up to that day and then posted, which adds it to the balance. If a
    movement falls on a posting day, the posting comes first. After the last posting day nothing more is accrued, but
    all movements that are left up to the closing day are booked; there are none after it.

    A withdrawal that the balance does not cover is refused by the bank; the movement is then over and done with.

    Find the sum of all interest posted, the sum of the final balances, and how many withdrawals were refused.

    The input is hidden (opening, movements); the tools give access to it. Observe shows what is known from the start:
    sizes, and period, closing.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, opening: list[int], movements: list[list[list[int]]], period: int, closing: int) -> None:
        self.opening = opening
        self.movements = movements
        self.period = period
        self.closing = closing
        self.bank = SavingsBank(copy.deepcopy(self.opening), copy.deepcopy(self.movements))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "period": a whole number, given as it is.
            "closing": a whole number, given as it is.
            "opening": number of items of opening.
            "movements": number of items of movements.

        Example:
            Observe() -> {"period": 60, "closing": 126, "opening": 1, "movements": 1}
        """
        return {
            "period": self.period,
            "closing": self.closing,
            "opening": len(self.opening),
            "movements": len(self.movements),
        }

    @tool
    def NextMovementDay(self, account: int) -> int:
        """Tell the day of the next movement of an account that has not been booked.

        Args:
            account: number of the account, from 0.

        Returns:
            the day, or -1 if there is no movement left.

        Example:
            NextMovementDay(account=0) -> 17
        """
        return self.bank.next_movement_day(account)

    @tool
    def BookMovement(self, account: int) -> dict[str, bool | int]:
        """Book the next movement of an account, or refuse it if it is a withdrawal that the balance does not cover.

        Args:
            account: number of the account; its interest must be accrued up to the day of the movement or up to the last
                posting day.

        Returns:
            the "balance" afterwards and whether the movement was "refused".

        Example:
            BookMovement(account=0) -> {"balance": 48200, "refused": false}
        """
        return self.bank.book_movement(account)

    @tool
    def AccrueInterest(self, account: int, day: int) -> int:
        """Accrue the interest of an account up to a day, on its present balance.

        Args:
            account: number of the account.
            day: the day; not before the day up to which interest is accrued already.

        Returns:
            for how many days interest was added.

        Example:
            AccrueInterest(account=0, day=17) -> 17
        """
        return self.bank.accrue_interest(account, day)

    @tool
    def PostInterest(self, account: int) -> int:
        """Add the accrued interest of an account, rounded down to cents, to its balance; the rest of a cent is dropped.

        Args:
            account: number of the account.

        Returns:
            the interest posted.

        Example:
            PostInterest(account=0) -> 312
        """
        return self.bank.post_interest(account)

    @tool
    def ClosingBalance(self, account: int) -> int:
        """Tell the final balance of an account that has no movements left.

        Args:
            account: number of the account.

        Returns:
            the balance in cents.

        Example:
            ClosingBalance(account=0) -> 48512
        """
        return self.bank.closing_balance(account)

    def answer(self) -> dict[str, int]:
        """Carry accounts to the closing day.

        Returns:
            the sums of "interest" posted and of final "balances", and the number of "refused" withdrawals.
            Example: {"interest": 1810, "balances": 120440, "refused": 1}.
        """
        opening = copy.deepcopy(self.opening)
        movements = copy.deepcopy(self.movements)
        period = self.period
        closing = self.closing
        bank = SavingsBank(opening, movements)
        interest = balances = refused = 0
        for account in range(len(opening)):
            posting = period
            upcoming = bank.next_movement_day(account)
            while posting <= closing or upcoming >= 0:
                if posting <= closing and (upcoming < 0 or upcoming >= posting):
                    bank.accrue_interest(account, posting)
                    interest += bank.post_interest(account)
                    posting += period
                else:
                    if posting <= closing:
                        bank.accrue_interest(account, upcoming)
                    refused += 1 if bank.book_movement(account)["refused"] else 0
                    upcoming = bank.next_movement_day(account)
            balances += bank.closing_balance(account)
        return {"interest": interest, "balances": balances, "refused": refused}

    def solve(self, call):
        seen = call("Observe")
        period = seen["period"]
        closing = seen["closing"]
        interest = balances = refused = 0
        for account in range(seen["opening"]):
            posting = period
            upcoming = call("NextMovementDay", account=account)
            while posting <= closing or upcoming >= 0:
                if posting <= closing and (upcoming < 0 or upcoming >= posting):
                    call("AccrueInterest", account=account, day=posting)
                    interest += call("PostInterest", account=account)
                    posting += period
                else:
                    if posting <= closing:
                        call("AccrueInterest", account=account, day=upcoming)
                    refused += 1 if call("BookMovement", account=account)["refused"] else 0
                    upcoming = call("NextMovementDay", account=account)
            balances += call("ClosingBalance", account=account)
        return call("Done", answer={"interest": interest, "balances": balances, "refused": refused})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (1, 4), "medium": (2, 4), "hard": (rng.randint(4, 5), 6)}[level]
        period = rng.choice([30, 45, 60])
        closing = period * (2 if level != "hard" else 3) + rng.randint(5, 20)
        movements = []
        for _ in range(count):
            days = sorted((rng.randint(1, closing) for _ in range(rng.randint(size - 1, size))))
            movements.append([[day, rng.randint(-60, 45) * 1000 + rng.randint(0, 99)] for day in days])
        return {
            "opening": [rng.randint(20, 90) * 1000 for _ in range(count)],
            "movements": movements,
            "period": period,
            "closing": closing,
        }
