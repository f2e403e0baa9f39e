"""Coins lie in a row, at positions from 0."""

import copy

from codegym_mcp import Environment, tool


class MintRow:
    """The row of coins, the scale and the melting pile."""

    def __init__(self, excess: list[int]) -> None:
        self._excess, self._exchanged, self._pile = list(excess), 0, 0

    def weigh_up_to(self, position: int) -> int:
        """Weigh the coins from position 0 up to a position, both included.

        Args:
            position: the last position that is weighed.

        Returns:
            by how many grains they are too heavy together.

        Example:
            weigh_up_to(position=5) -> 11
        """
        if not 0 <= position < len(self._excess):
            raise ValueError(f"position must be from 0 to {len(self._excess) - 1}, got {position}")
        return sum(self._excess[: position + 1])

    def exchange_coin(self, position: int) -> dict[str, int]:
        """Exchange a heavy coin for a good one.

        Args:
            position: where the coin lies.

        Returns:
            the "grains" by which the old coin was too heavy and the "fee".

        Example:
            exchange_coin(position=5) -> {"grains": 4, "fee": 13}
        """
        self.weigh_up_to(position)
        grains = self._excess[position]
        if grains == 0:
            raise ValueError(f"the coin at {position} is good")
        self._excess[position], self._exchanged = 0, self._exchanged + 1
        return {"grains": grains, "fee": 5 + grains * self._exchanged + position % 3}

    def melt_coin(self, grains: int) -> int:
        """Put an exchanged coin on the melting pile.

        Args:
            grains: by how many grains it was too heavy; even.

        Returns:
            how many coins are on the pile.

        Example:
            melt_coin(grains=4) -> 1
        """
        if grains < 2 or grains % 2:
            raise ValueError(f"grains must be even and at least 2, got {grains}")
        self._pile += 1
        return self._pile

    def file_coin(self, grains: int) -> int:
        """File an exchanged coin down; the more coins are on the melting pile, the coarser the file.

        Args:
            grains: by how many grains it was too heavy; odd.

        Returns:
            the dust this gives.

        Example:
            file_coin(grains=7) -> 9
        """
        if grains < 1 or grains % 2 == 0:
            raise ValueError(f"grains must be odd and at least 1, got {grains}")
        return grains + 2 * self._pile


class HeavyCoins(Environment):
    """Coins lie in a row, at positions from 0. A good coin has exactly the right weight; some coins are too heavy, none is
    too light. A long scale shows by how many grains the first coins of the row together, up to a position you name, are
    too heavy.

    The mint wants every heavy coin exchanged for a good one, and in ascending order of their positions. Exchanging a
    coin costs a fee, for which the order of the exchanges matters. Good coins must not be exchanged.

    An exchanged coin goes on the melting pile if it was too heavy by an even number of grains; otherwise it is filed
    down, which gives dust.

    Find the sum of the fees, the sum of the dust, and the sum over all exchanged coins of the position multiplied by
    the grains by which the coin was too heavy.

    The input is hidden (excess); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, excess: list[int]) -> None:
        self.excess = excess
        self.mint = MintRow(copy.deepcopy(self.excess))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "excess": number of items of excess.

        Example:
            Observe() -> {"excess": 9}
        """
        return {"excess": len(self.excess)}

    @tool
    def WeighUpTo(self, position: int) -> int:
        """Weigh the coins from position 0 up to a position, both included.

        Args:
            position: the last position that is weighed.

        Returns:
            by how many grains they are too heavy together.

        Example:
            WeighUpTo(position=5) -> 11
        """
        return self.mint.weigh_up_to(position)

    @tool
    def ExchangeCoin(self, position: int) -> dict[str, int]:
        """Exchange a heavy coin for a good one.

        Args:
            position: where the coin lies.

        Returns:
            the "grains" by which the old coin was too heavy and the "fee".

        Example:
            ExchangeCoin(position=5) -> {"grains": 4, "fee": 13}
        """
        return self.mint.exchange_coin(position)

    @tool
    def MeltCoin(self, grains: int) -> int:
        """Put an exchanged coin on the melting pile.

        Args:
            grains: by how many grains it was too heavy; even.

        Returns:
            how many coins are on the pile.

        Example:
            MeltCoin(grains=4) -> 1
        """
        return self.mint.melt_coin(grains)

    @tool
    def FileCoin(self, grains: int) -> int:
        """File an exchanged coin down; the more coins are on the melting pile, the coarser the file.

        Args:
            grains: by how many grains it was too heavy; odd.

        Returns:
            the dust this gives.

        Example:
            FileCoin(grains=7) -> 9
        """
        return self.mint.file_coin(grains)

    def answer(self) -> dict[str, int]:
        """Exchange all heavy coins.

        Returns:
            the sums of the "fees", of the "dust" and of the "products". Example: {"fees": 77, "dust": 16, "products":
                203}.
        """
        excess = copy.deepcopy(self.excess)
        mint = MintRow(excess)
        fees = dust = products = 0
        start = 0
        while mint.weigh_up_to(len(excess) - 1) > 0:
            low, high = (start, len(excess) - 1)
            while low < high:
                middle = (low + high) // 2
                if mint.weigh_up_to(middle) > 0:
                    high = middle
                else:
                    low = middle + 1
            coin = mint.exchange_coin(low)
            fees += coin["fee"]
            products += low * coin["grains"]
            if coin["grains"] % 2 == 0:
                mint.melt_coin(coin["grains"])
            else:
                dust += mint.file_coin(coin["grains"])
            start = low
        return {"fees": fees, "dust": dust, "products": products}

    def solve(self, call):
        seen = call("Observe")
        fees = dust = products = 0
        start = 0
        while call("WeighUpTo", position=seen["excess"] - 1) > 0:
            low, high = (start, seen["excess"] - 1)
            while low < high:
                middle = (low + high) // 2
                if call("WeighUpTo", position=middle) > 0:
                    high = middle
                else:
                    low = middle + 1
            coin = call("ExchangeCoin", position=low)
            fees += coin["fee"]
            products += low * coin["grains"]
            if coin["grains"] % 2 == 0:
                call("MeltCoin", grains=coin["grains"])
            else:
                dust += call("FileCoin", grains=coin["grains"])
            start = low
        return call("Done", answer={"fees": fees, "dust": dust, "products": products})

    @staticmethod
    def generate(rng, level):
        size, heavy = {"easy": (9, 2), "medium": (16, 4), "hard": (rng.randint(60, 90), rng.randint(9, 13))}[level]
        excess = [0] * size
        for place in rng.sample(range(size), heavy):
            excess[place] = rng.randint(1, 9)
        return {"excess": excess}
