"""Fewest coins for an amount: dynamic programming, one cell at a time."""

from codegym_mcp import Environment, tool


class CoinChange(Environment):
    """A till holds an unlimited supply of coins of several values that you cannot see at once.

    Find two numbers: the smallest number of coins that add up to exactly the wanted amount (-1 if no combination of
    coins does), and how many of the amounts from 1 to the wanted amount can be paid exactly with these coins.

    The till keeps a table: the entry of an amount is the smallest number of coins known for it. The entry of amount 0
    is 0 from the start; no other entry is known.
    """

    def reset(self, *, coins: list[int], amount: int) -> None:
        self.coins, self.amount = coins, amount
        self.table = [0] + [-1] * amount

    def observe(self) -> dict[str, int]:
        """Show what the till tells at first sight.

        Returns:
            the number of different coins ("kinds") and the wanted amount ("amount").

        Example:
            Observe() -> {"kinds": 3, "amount": 11}
        """
        return {"kinds": len(self.coins), "amount": self.amount}

    @tool
    def CoinValue(self, kind: int) -> int:
        """Read the value of one kind of coin.

        Args:
            kind: number of the kind, from 0 to kinds - 1.

        Returns:
            the value of that coin.

        Example:
            CoinValue(kind=0) -> 5
        """
        if not 0 <= kind < len(self.coins):
            raise ValueError(f"kind must be from 0 to {len(self.coins) - 1}, got {kind}")
        return self.coins[kind]

    @tool
    def RelaxRange(self, kind: int, low: int, high: int) -> int:
        """Allow one more kind of coin for a range of amounts, in ascending order.

        For each amount in the range, its table entry becomes one more than the entry of (amount - coin value), where
        that one is known and the result is smaller than the present entry, or the present entry is not known.

        Args:
            kind: number of the kind, from 0 to kinds - 1.
            low: first amount of the range, at least 1.
            high: last amount of the range, at most low + 9 and at most the wanted amount.

        Returns:
            how many entries changed.

        Example:
            RelaxRange(kind=0, low=1, high=10) -> 2
        """
        value = self.CoinValue(kind)
        if not 1 <= low <= high <= min(low + 9, self.amount):
            raise ValueError(f"low to high must be at most 10 amounts within 1 to {self.amount}, got {low} to {high}")
        changed = 0
        for total in range(max(low, value), high + 1):
            known = self.table[total - value]
            if known >= 0 and (self.table[total] < 0 or known + 1 < self.table[total]):
                self.table[total] = known + 1
                changed += 1
        return changed

    @tool
    def TableEntry(self, amount: int) -> int:
        """Read the table entry of one amount.

        Args:
            amount: from 0 to the wanted amount.

        Returns:
            the smallest number of coins known for that amount, or -1 if none is known.

        Example:
            TableEntry(amount=10) -> 2
        """
        if not 0 <= amount <= self.amount:
            raise ValueError(f"amount must be from 0 to {self.amount}, got {amount}")
        return self.table[amount]

    @tool
    def CountKnown(self, low: int, high: int) -> int:
        """Count the amounts of a range whose table entry is known.

        Args:
            low: first amount of the range, at least 1.
            high: last amount of the range, at least low and at most the wanted amount.

        Returns:
            how many amounts from low to high, both included, have a known entry.

        Example:
            CountKnown(low=1, high=11) -> 2
        """
        if not 1 <= low <= high <= self.amount:
            raise ValueError(f"low to high must lie within 1 to {self.amount}, got {low} to {high}")
        return sum(entry >= 0 for entry in self.table[low : high + 1])

    def answer(self) -> list[int]:
        """The fewest coins, and how many amounts can be paid.

        Returns:
            a list of two integers: the smallest number of coins that add up to exactly the wanted amount (-1 if that
            is impossible), then how many of the amounts from 1 to the wanted amount can be paid exactly.
        """
        best = [0] + [self.amount + 1] * self.amount
        for total in range(1, self.amount + 1):
            for value in self.coins:
                if value <= total:
                    best[total] = min(best[total], best[total - value] + 1)
        payable = [count for count in best[1:] if count <= self.amount]
        return [best[self.amount] if best[self.amount] <= self.amount else -1, len(payable)]

    def solve(self, call):
        seen = call("Observe")
        for kind in range(seen["kinds"]):
            value = call("CoinValue", kind=kind)
            for low in range((value - 1) // 10 * 10 + 1, seen["amount"] + 1, 10):
                call("RelaxRange", kind=kind, low=low, high=min(low + 9, seen["amount"]))
        fewest = call("TableEntry", amount=seen["amount"])
        return call("Done", answer=[fewest, call("CountKnown", low=1, high=seen["amount"])])

    @staticmethod
    def generate(rng, level):
        kinds = {"tiny": rng.randint(1, 2), "easy": 3, "medium": 4, "hard": 6}[level]
        low, high = {"tiny": (4, 10), "easy": (21, 60), "medium": (60, 110), "hard": (120, 220)}[level]
        low_value, high_value = {"tiny": (1, 4), "easy": (2, 12), "medium": (2, 24), "hard": (2, 40)}[level]
        coins = rng.sample(range(low_value, high_value + 1), kinds)
        return {"coins": coins, "amount": rng.randint(low, high)}
