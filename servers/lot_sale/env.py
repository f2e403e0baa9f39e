"""Lots are sold by sealed bids."""

import copy

from codegym_mcp import Environment, tool


class SaleRoom:
    """The lots, the purses and the bids in the bidders' minds."""

    def __init__(self, reserves: list[int], purses: list[int], tastes: list[list[int]], passes: int) -> None:
        self.reserves, self.purses, self.tastes, self.passes = list(reserves), list(purses), tastes, passes
        self.sold: list[int] = []

    def _check(self, lot: int, bidder: int) -> None:
        if not (0 <= lot < len(self.reserves) and 0 <= bidder < len(self.purses)) or lot in self.sold:
            raise ValueError(f"there is no lot {lot}, or it is sold, or there is no bidder {bidder}")

    def reserve(self, lot: int) -> int:
        """Look up the present reserve of a lot.

        Args:
            lot: number of an unsold lot, from 0.

        Returns:
            the reserve.

        Example:
            reserve(lot=0) -> 30
        """
        self._check(lot, 0)
        return self.reserves[lot]

    def ask_bid(self, lot: int, bidder: int) -> int:
        """Ask a bidder for a bid, which may be void.

        Args:
            lot: number of an unsold lot, from 0.
            bidder: number of the bidder, from 0.

        Returns:
            the bid.

        Example:
            ask_bid(lot=0, bidder=1) -> 42
        """
        self._check(lot, bidder)
        return self.tastes[bidder][lot % len(self.tastes[bidder])] + len(self.sold) * (bidder % 3)

    def purse(self, bidder: int) -> int:
        """Look what a bidder has in the purse.

        Args:
            bidder: number of the bidder, from 0.

        Returns:
            the money.

        Example:
            purse(bidder=1) -> 90
        """
        if not 0 <= bidder < len(self.purses):
            raise ValueError(f"there is no bidder {bidder}")
        return self.purses[bidder]

    def sell(self, lot: int, bidder: int, price: int) -> int:
        """Sell a lot.

        Args:
            lot: number of an unsold lot, from 0.
            bidder: number of the bidder who gets it.
            price: the price, at least the reserve and at most what is in the purse.

        Returns:
            what the bidder has in the purse afterwards.

        Example:
            sell(lot=0, bidder=1, price=35) -> 55
        """
        self._check(lot, bidder)
        if not self.reserves[lot] <= price <= self.purses[bidder]:
            raise ValueError(f"the price {price} is below the reserve or above the purse")
        self.purses[bidder] -= price
        self.sold.append(lot)
        return self.purses[bidder]

    def lower_reserve(self, lot: int) -> int:
        """Lower the reserve of a lot.

        Args:
            lot: number of an unsold lot, from 0.

        Returns:
            the new reserve.

        Example:
            lower_reserve(lot=0) -> 24
        """
        self._check(lot, 0)
        self.reserves[lot] = self.reserves[lot] * 4 // 5
        return self.reserves[lot]


class LotSale(Environment):
    """Lots are sold by sealed bids. Bidders and lots are numbered from 0. The sale runs in passes; in the first pass all
    lots come up in ascending order, in every further pass those that have not been sold, again in ascending order.

    For a lot, ask every bidder for a bid, in ascending order. A bid that is lower than the reserve of the lot, or
    higher than what the bidder has in the purse at this moment, is void. If there is no valid bid, the lot stays unsold
    in this pass, and its reserve is lowered. Otherwise the lot goes to the highest valid bid; between equal ones to the
    bidder who has more in the purse, and if these are equal too, to the smaller number. The price is the second highest
    valid bid, or the reserve if there is only one valid bid; it is taken from the purse.

    The sale ends when all lots are sold, or after `passes` passes.

    The answer is the sum of all prices, the sum over the sold lots of (number of the lot + 1) times (number of the
    bidder + 1), and the number of lots left unsold.

    The input is hidden (reserves, purses, tastes); the tools give access to it. Observe shows what is known from the
    start: sizes, and passes.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, reserves: list[int], purses: list[int], tastes: list[list[int]], passes: int) -> None:
        self.reserves = reserves
        self.purses = purses
        self.tastes = tastes
        self.passes = passes
        self.room = SaleRoom(
            copy.deepcopy(self.reserves), copy.deepcopy(self.purses), copy.deepcopy(self.tastes), self.passes
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "passes": a whole number, given as it is.
            "reserves": number of items of reserves.
            "purses": number of items of purses.
            "tastes": number of items of tastes.

        Example:
            Observe() -> {"passes": 2, "reserves": 2, "purses": 3, "tastes": 3}
        """
        return {
            "passes": self.passes,
            "reserves": len(self.reserves),
            "purses": len(self.purses),
            "tastes": len(self.tastes),
        }

    @tool
    def Reserve(self, lot: int) -> int:
        """Look up the present reserve of a lot.

        Args:
            lot: number of an unsold lot, from 0.

        Returns:
            the reserve.

        Example:
            Reserve(lot=0) -> 30
        """
        return self.room.reserve(lot)

    @tool
    def AskBid(self, lot: int, bidder: int) -> int:
        """Ask a bidder for a bid, which may be void.

        Args:
            lot: number of an unsold lot, from 0.
            bidder: number of the bidder, from 0.

        Returns:
            the bid.

        Example:
            AskBid(lot=0, bidder=1) -> 42
        """
        return self.room.ask_bid(lot, bidder)

    @tool
    def Purse(self, bidder: int) -> int:
        """Look what a bidder has in the purse.

        Args:
            bidder: number of the bidder, from 0.

        Returns:
            the money.

        Example:
            Purse(bidder=1) -> 90
        """
        return self.room.purse(bidder)

    @tool
    def Sell(self, lot: int, bidder: int, price: int) -> int:
        """Sell a lot.

        Args:
            lot: number of an unsold lot, from 0.
            bidder: number of the bidder who gets it.
            price: the price, at least the reserve and at most what is in the purse.

        Returns:
            what the bidder has in the purse afterwards.

        Example:
            Sell(lot=0, bidder=1, price=35) -> 55
        """
        return self.room.sell(lot, bidder, price)

    @tool
    def LowerReserve(self, lot: int) -> int:
        """Lower the reserve of a lot.

        Args:
            lot: number of an unsold lot, from 0.

        Returns:
            the new reserve.

        Example:
            LowerReserve(lot=0) -> 24
        """
        return self.room.lower_reserve(lot)

    def answer(self) -> dict[str, int]:
        """Run the sale.

        Returns:
            the "income", the "sum" over the sold lots and the "unsold" lots. Example: {"income": 131, "sum": 17,
                "unsold": 1}.
        """
        reserves = copy.deepcopy(self.reserves)
        purses = copy.deepcopy(self.purses)
        tastes = copy.deepcopy(self.tastes)
        passes = self.passes
        room = SaleRoom(reserves, purses, tastes, passes)
        income = total = 0
        money = []
        for bidder in range(len(purses)):
            money.append(room.purse(bidder))
        unsold = list(range(len(reserves)))
        for _ in range(passes):
            left = []
            for lot in unsold:
                least = room.reserve(lot)
                bids = []
                for bidder in range(len(purses)):
                    bid = room.ask_bid(lot, bidder)
                    if least <= bid <= money[bidder]:
                        bids.append([-bid, -money[bidder], bidder])
                if not bids:
                    room.lower_reserve(lot)
                    left.append(lot)
                    continue
                bids.sort()
                winner = bids[0][2]
                price = -bids[1][0] if len(bids) > 1 else least
                money[winner] = room.sell(lot, winner, price)
                income += price
                total += (lot + 1) * (winner + 1)
            unsold = left
            if not unsold:
                break
        return {"income": income, "sum": total, "unsold": len(unsold)}

    def solve(self, call):
        seen = call("Observe")
        passes = seen["passes"]
        income = total = 0
        money = []
        for bidder in range(seen["purses"]):
            money.append(call("Purse", bidder=bidder))
        unsold = list(range(seen["reserves"]))
        for _ in range(passes):
            left = []
            for lot in unsold:
                least = call("Reserve", lot=lot)
                bids = []
                for bidder in range(seen["purses"]):
                    bid = call("AskBid", lot=lot, bidder=bidder)
                    if least <= bid <= money[bidder]:
                        bids.append([-bid, -money[bidder], bidder])
                if not bids:
                    call("LowerReserve", lot=lot)
                    left.append(lot)
                    continue
                bids.sort()
                winner = bids[0][2]
                price = -bids[1][0] if len(bids) > 1 else least
                money[winner] = call("Sell", lot=lot, bidder=winner, price=price)
                income += price
                total += (lot + 1) * (winner + 1)
            unsold = left
            if not unsold:
                break
        return call("Done", answer={"income": income, "sum": total, "unsold": len(unsold)})

    @staticmethod
    def generate(rng, level):
        lots, bidders, passes = {"easy": (2, 3, 2), "medium": (4, 3, 2), "hard": (rng.randint(8, 10), 4, 3)}[level]
        reserves = [rng.randint(20, 52) for _ in range(lots)]
        purses = [rng.randint(50, 110) * (2 if level == "hard" else 1) for _ in range(bidders)]
        tastes = [[rng.randint(15, 60) for _ in range(rng.randint(max(2, lots - 2), lots))] for _ in range(bidders)]
        return {"reserves": reserves, "purses": purses, "tastes": tastes, "passes": passes}
