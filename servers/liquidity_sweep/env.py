"""A group of companies keeps its cash in accounts, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class Treasury:
    """Accounts of a group and the day's movements."""

    def __init__(self, accounts: list[list[int]], movements: list[list[int]]) -> None:
        self._balance = [account[0] for account in accounts]
        self._accounts, self._movements, self._day = accounts, movements, -1

    def _account(self, account: int) -> int:
        if not 0 <= account < len(self._balance):
            raise ValueError(f"account must be from 0 to {len(self._balance) - 1}, got {account}")
        return account

    def post_day(self) -> list[int]:
        """Post the movements of the next day, which is day 0 at first.

        Returns:
            the balances of all accounts afterwards.

        Example:
            post_day() -> [120, -45, 300]
        """
        if self._day + 1 >= len(self._movements):
            raise ValueError("all days have been posted")
        self._day += 1
        self._balance = [old + new for old, new in zip(self._balance, self._movements[self._day], strict=True)]
        return list(self._balance)

    def find_helper(self, account: int) -> int:
        """Tell which account helps an account.

        Args:
            account: number of the account, from 0.

        Returns:
            the number of its own helper, or -1 if it has none.

        Example:
            find_helper(account=1) -> 2
        """
        return self._accounts[self._account(account)][1]

    def read_spare(self, account: int) -> int:
        """Tell what an account can spare now for others.

        Args:
            account: number of the account.

        Returns:
            the sum; 0 if it needs all it has.

        Example:
            read_spare(account=2) -> 250
        """
        return max(0, self._balance[self._account(account)] - self._accounts[account][2])

    def take_from(self, helper: int, account: int, amount: int) -> int:
        """Move money from a helper to an account below 0.

        Args:
            helper: number of the account that gives.
            account: number of the account that gets.
            amount: at least 1, at most what the helper can spare.

        Returns:
            what is still missing in the account up to 0.

        Example:
            take_from(helper=2, account=1, amount=45) -> 0
        """
        missing = -self._balance[self._account(account)]
        if not 1 <= amount <= min(missing, self.read_spare(helper)):
            raise ValueError(f"account {account} lacks {missing} and {helper} cannot give {amount}")
        self._balance[helper] -= amount
        self._balance[account] += amount
        return missing - amount

    def borrow_missing(self, account: int) -> dict[str, int]:
        """Borrow from the bank all that is missing in an account below 0.

        Args:
            account: number of the account.

        Returns:
            the sum "borrowed" and the "charge", which the account has paid.

        Example:
            borrow_missing(account=1) -> {"borrowed": 20, "charge": 3}
        """
        missing = -self._balance[self._account(account)]
        if missing <= 0:
            raise ValueError(f"nothing is missing in account {account}")
        self._balance[account] = -(1 + missing // 8)
        return {"borrowed": missing, "charge": 1 + missing // 8}

    def invest_surplus(self, account: int) -> int:
        """Invest what an account has beyond its ceiling.

        Args:
            account: number of the account.

        Returns:
            the sum invested; 0 if the account is not above its ceiling.

        Example:
            invest_surplus(account=0) -> 15
        """
        surplus = max(0, self._balance[self._account(account)] - self._accounts[account][3])
        self._balance[account] -= surplus
        return surplus


class LiquiditySweep(Environment):
    """A group of companies keeps its cash in accounts, numbered from 0. Every morning, from day 0 to the last day, the
    movements of the day are posted to all accounts. Then the treasury does two rounds.

    First round, over the accounts in ascending order: an account below 0 is filled up to 0 out of its chain of helpers.
    Begin with the account's own helper: take from it what is missing or, if less, what it can spare. If something is
    still missing, go on to that helper's own helper, and so on. The chain ends as soon as nothing is missing, as there
    is no further helper, or as it comes back to the account being filled. If something is missing at the end of the
    chain, it is borrowed from the bank, so that the account stands at 0; the bank charges this account at once, and a
    charge may leave it below 0 until the next day's rounds.

    Second round, over the accounts in ascending order: from an account above its ceiling, everything beyond the ceiling
    is invested and leaves the group.

    Find the sums taken from helpers, borrowed, charged and invested over all days.

    The input is hidden (accounts, movements); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, accounts: list[list[int]], movements: list[list[int]]) -> None:
        self.accounts = accounts
        self.movements = movements
        self.treasury = Treasury(copy.deepcopy(self.accounts), copy.deepcopy(self.movements))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "accounts": number of items of accounts.
            "movements": number of items of movements.

        Example:
            Observe() -> {"accounts": 3, "movements": 2}
        """
        return {"accounts": len(self.accounts), "movements": len(self.movements)}

    @tool
    def PostDay(self) -> list[int]:
        """Post the movements of the next day, which is day 0 at first.

        Returns:
            the balances of all accounts afterwards.

        Example:
            PostDay() -> [120, -45, 300]
        """
        return self.treasury.post_day()

    @tool
    def FindHelper(self, account: int) -> int:
        """Tell which account helps an account.

        Args:
            account: number of the account, from 0.

        Returns:
            the number of its own helper, or -1 if it has none.

        Example:
            FindHelper(account=1) -> 2
        """
        return self.treasury.find_helper(account)

    @tool
    def ReadSpare(self, account: int) -> int:
        """Tell what an account can spare now for others.

        Args:
            account: number of the account.

        Returns:
            the sum; 0 if it needs all it has.

        Example:
            ReadSpare(account=2) -> 250
        """
        return self.treasury.read_spare(account)

    @tool
    def TakeFrom(self, helper: int, account: int, amount: int) -> int:
        """Move money from a helper to an account below 0.

        Args:
            helper: number of the account that gives.
            account: number of the account that gets.
            amount: at least 1, at most what the helper can spare.

        Returns:
            what is still missing in the account up to 0.

        Example:
            TakeFrom(helper=2, account=1, amount=45) -> 0
        """
        return self.treasury.take_from(helper, account, amount)

    @tool
    def BorrowMissing(self, account: int) -> dict[str, int]:
        """Borrow from the bank all that is missing in an account below 0.

        Args:
            account: number of the account.

        Returns:
            the sum "borrowed" and the "charge", which the account has paid.

        Example:
            BorrowMissing(account=1) -> {"borrowed": 20, "charge": 3}
        """
        return self.treasury.borrow_missing(account)

    @tool
    def InvestSurplus(self, account: int) -> int:
        """Invest what an account has beyond its ceiling.

        Args:
            account: number of the account.

        Returns:
            the sum invested; 0 if the account is not above its ceiling.

        Example:
            InvestSurplus(account=0) -> 15
        """
        return self.treasury.invest_surplus(account)

    def answer(self) -> list[int]:
        """Sweep the cash of a group day by day.

        Returns:
            [sum taken from helpers, sum borrowed, sum of charges, sum invested], such as [310, 65, 10, 140].
        """
        accounts = copy.deepcopy(self.accounts)
        movements = copy.deepcopy(self.movements)
        treasury = Treasury(accounts, movements)
        taken = borrowed = charged = invested = 0
        for _ in range(len(movements)):
            balances = treasury.post_day()
            for account in range(len(accounts)):
                if balances[account] >= 0:
                    continue
                missing, helper = (-balances[account], treasury.find_helper(account))
                while missing > 0 and helper not in (-1, account):
                    part = min(missing, treasury.read_spare(helper))
                    if part > 0:
                        missing = treasury.take_from(helper, account, part)
                        taken += part
                    helper = treasury.find_helper(helper) if missing > 0 else -1
                if missing > 0:
                    loan = treasury.borrow_missing(account)
                    borrowed += loan["borrowed"]
                    charged += loan["charge"]
            for account in range(len(accounts)):
                invested += treasury.invest_surplus(account)
        return [taken, borrowed, charged, invested]

    def solve(self, call):
        seen = call("Observe")
        taken = borrowed = charged = invested = 0
        for _ in range(seen["movements"]):
            balances = call("PostDay")
            for account in range(seen["accounts"]):
                if balances[account] >= 0:
                    continue
                missing, helper = (-balances[account], call("FindHelper", account=account))
                while missing > 0 and helper not in (-1, account):
                    part = min(missing, call("ReadSpare", account=helper))
                    if part > 0:
                        missing = call("TakeFrom", helper=helper, account=account, amount=part)
                        taken += part
                    helper = call("FindHelper", account=helper) if missing > 0 else -1
                if missing > 0:
                    loan = call("BorrowMissing", account=account)
                    borrowed += loan["borrowed"]
                    charged += loan["charge"]
            for account in range(seen["accounts"]):
                invested += call("InvestSurplus", account=account)
        return call("Done", answer=[taken, borrowed, charged, invested])

    @staticmethod
    def generate(rng, level):
        count, days = {"easy": (3, 2), "medium": (4, 3), "hard": (rng.randint(5, 6), 5)}[level]
        ring, helpers = (rng.sample(range(count), count), [-1] * count)
        for place in range(count):
            if place < count - 1 or rng.random() < 0.5:
                helpers[ring[place]] = ring[(place + 1) % count]
        accounts = []
        for number in range(count):
            floor = rng.randint(0, 6) * 10
            accounts.append([rng.randint(20, 200), helpers[number], floor, floor + rng.randint(60, 150)])
        movements = [[rng.randint(-140, 105) for _ in range(count)] for _ in range(days)]
        return {"accounts": accounts, "movements": movements}
