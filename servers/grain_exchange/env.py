"""At a grain exchange slips come in one by one: each is a bid (to buy) or an ask (to sell) for a number of sacks at a
price a sack.
"""

import copy

from codegym_mcp import Environment, tool


class GrainExchange:
    """The slips that come in and the board."""

    def __init__(self, slips: list[dict]) -> None:
        self._slips, self._board, self._trades = slips, [], 0

    def read_slip_in(self, slip: int) -> dict[str, str | int | bool]:
        """Read a slip that comes in.

        Args:
            slip: number of the slip, from 0.

        Returns:
            its "side" ("bid" or "ask"), "sacks", "price" and whether it is marked "now".

        Example:
            read_slip_in(slip=2) -> {"side": "bid", "sacks": 8, "price": 31, "now": false}
        """
        if not 0 <= slip < len(self._slips):
            raise ValueError(f"slip must be from 0 to {len(self._slips) - 1}, got {slip}")
        return dict(self._slips[slip])

    def best_on_board(self, side: str) -> list[int]:
        """Find the best slip of a side on the board.

        Args:
            side: "bid" for the highest bid, "ask" for the lowest ask; of equal ones the one pinned up first.

        Returns:
            [slip, sacks it still wants, price], or an empty list if there is none of this side.

        Example:
            best_on_board(side="ask") -> [1, 5, 29]
        """
        if side not in ("bid", "ask"):
            raise ValueError(f'side must be "bid" or "ask", got {side!r}')
        own = [entry for entry in self._board if self._slips[entry[0]]["side"] == side]
        return list(min(own, key=lambda entry: -entry[2] if side == "bid" else entry[2])) if own else []

    def trade_sacks(self, slip: int, sacks: int) -> bool:
        """Trade sacks with a slip on the board; it is taken down if it then wants no more.

        Args:
            slip: number of the slip on the board.
            sacks: how many sacks, at most what it still wants.

        Returns:
            whether the clerk's patience is at an end.

        Example:
            trade_sacks(slip=1, sacks=5) -> false
        """
        for entry in self._board:
            if entry[0] == slip and 1 <= sacks <= entry[1]:
                entry[1] -= sacks
                if entry[1] == 0:
                    self._board.remove(entry)
                self._trades += 1
                return (self._trades + sacks) % 4 == 0
        raise ValueError(f"slip {slip} is not on the board for {sacks} sacks")

    def strike_oldest(self) -> int:
        """Strike the oldest slip on the board.

        Returns:
            the sacks it still wanted, or 0 if the board is empty.

        Example:
            strike_oldest() -> 3
        """
        return self._board.pop(0)[1] if self._board else 0

    def pin_up(self, slip: int, sacks: int) -> int:
        """Pin a slip up on the board.

        Args:
            slip: number of the slip.
            sacks: how many sacks it still wants, at least 1.

        Returns:
            how many slips are on the board.

        Example:
            pin_up(slip=2, sacks=3) -> 4
        """
        if not 1 <= sacks <= self.read_slip_in(slip)["sacks"] or slip in [entry[0] for entry in self._board]:
            raise ValueError(f"slip {slip} is on the board, or does not want {sacks} sacks")
        self._board.append([slip, sacks, self._slips[slip]["price"]])
        return len(self._board)


class GrainExchangeTask(Environment):
    """At a grain exchange slips come in one by one: each is a bid (to buy) or an ask (to sell) for a number of sacks at a
    price a sack. A bid may be met by an ask that lies on the board with a price at most its own; an ask by a bid on the
    board with a price at least its own.

    A slip that has come in is met as long as it still wants sacks and there is one on the board that may meet it: the
    ask with the lowest price, or the bid with the highest price; of equal prices the one that was pinned up first. They
    trade as many sacks as both still want, at the price of the slip on the board. A slip on the board that wants no
    more sacks is taken down by the clerk. What the new slip still wants after that is pinned up, unless the slip is
    marked "now": then the rest of it is void.

    A trade may move the clerk to strike: when a trade tells that the clerk's patience is at an end, the oldest slip on
    the board (the one pinned up first) is struck before anything else is done; if the board is empty, nothing is
    struck.

    Find the sum of sacks multiplied by price over all trades, the number of sacks that became void, and the sacks of
    struck slips.

    The input is hidden (slips); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, slips: list[dict[str, bool | int | str]]) -> None:
        self.slips = slips
        self.exchange = GrainExchange(copy.deepcopy(self.slips))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "slips": number of items of slips.

        Example:
            Observe() -> {"slips": 5}
        """
        return {"slips": len(self.slips)}

    @tool
    def ReadSlipIn(self, slip: int) -> dict[str, bool | int | str]:
        """Read a slip that comes in.

        Args:
            slip: number of the slip, from 0.

        Returns:
            its "side" ("bid" or "ask"), "sacks", "price" and whether it is marked "now".

        Example:
            ReadSlipIn(slip=2) -> {"side": "bid", "sacks": 8, "price": 31, "now": false}
        """
        return self.exchange.read_slip_in(slip)

    @tool
    def BestOnBoard(self, side: str) -> list[int]:
        """Find the best slip of a side on the board.

        Args:
            side: "bid" for the highest bid, "ask" for the lowest ask; of equal ones the one pinned up first.

        Returns:
            [slip, sacks it still wants, price], or an empty list if there is none of this side.

        Example:
            BestOnBoard(side="ask") -> [1, 5, 29]
        """
        return self.exchange.best_on_board(side)

    @tool
    def TradeSacks(self, slip: int, sacks: int) -> bool:
        """Trade sacks with a slip on the board; it is taken down if it then wants no more.

        Args:
            slip: number of the slip on the board.
            sacks: how many sacks, at most what it still wants.

        Returns:
            whether the clerk's patience is at an end.

        Example:
            TradeSacks(slip=1, sacks=5) -> false
        """
        return self.exchange.trade_sacks(slip, sacks)

    @tool
    def StrikeOldest(self) -> int:
        """Strike the oldest slip on the board.

        Returns:
            the sacks it still wanted, or 0 if the board is empty.

        Example:
            StrikeOldest() -> 3
        """
        return self.exchange.strike_oldest()

    @tool
    def PinUp(self, slip: int, sacks: int) -> int:
        """Pin a slip up on the board.

        Args:
            slip: number of the slip.
            sacks: how many sacks it still wants, at least 1.

        Returns:
            how many slips are on the board.

        Example:
            PinUp(slip=2, sacks=3) -> 4
        """
        return self.exchange.pin_up(slip, sacks)

    def answer(self) -> dict[str, int]:
        """Run the exchange.

        Returns:
            the "turnover", the sacks "void" and the sacks "struck". Example: {"turnover": 1840, "void": 4, "struck":
                7}.
        """
        slips = copy.deepcopy(self.slips)
        exchange = GrainExchange(slips)
        turnover = void = struck = 0
        for slip in range(len(slips)):
            note = exchange.read_slip_in(slip)
            other, sign = ("ask", 1) if note["side"] == "bid" else ("bid", -1)
            wanted = note["sacks"]
            while wanted > 0:
                best = exchange.best_on_board(other)
                if not best or (best[2] - note["price"]) * sign > 0:
                    break
                sacks = min(wanted, best[1])
                wanted -= sacks
                turnover += sacks * best[2]
                if exchange.trade_sacks(best[0], sacks):
                    struck += exchange.strike_oldest()
            if wanted > 0 and note["now"]:
                void += wanted
            elif wanted > 0:
                exchange.pin_up(slip, wanted)
        return {"turnover": turnover, "void": void, "struck": struck}

    def solve(self, call):
        seen = call("Observe")
        turnover = void = struck = 0
        for slip in range(seen["slips"]):
            note = call("ReadSlipIn", slip=slip)
            other, sign = ("ask", 1) if note["side"] == "bid" else ("bid", -1)
            wanted = note["sacks"]
            while wanted > 0:
                best = call("BestOnBoard", side=other)
                if not best or (best[2] - note["price"]) * sign > 0:
                    break
                sacks = min(wanted, best[1])
                wanted -= sacks
                turnover += sacks * best[2]
                if call("TradeSacks", slip=best[0], sacks=sacks):
                    struck += call("StrikeOldest")
            if wanted > 0 and note["now"]:
                void += wanted
            elif wanted > 0:
                call("PinUp", slip=slip, sacks=wanted)
        return call("Done", answer={"turnover": turnover, "void": void, "struck": struck})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 5, "medium": 10, "hard": rng.randint(24, 32)}[level]
        slips = []
        for number in range(count):
            side = ["bid", "ask"][number] if number < 2 else rng.choice(["bid", "ask"])
            price = rng.randint(26, 34) + (2 if side == "bid" else -2)
            slips.append(
                {"side": side, "sacks": rng.randint(2, 14), "price": price, "now": number > 0 and rng.random() < 0.25}
            )
        return {"slips": slips}
