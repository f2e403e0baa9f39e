"""A lake hotel sells single nights; the price of a night rises with the rooms already sold for it."""

import copy

from codegym_mcp import Environment, tool


class LakeHotel:
    """Rooms sold by night, and prices that follow demand."""

    def __init__(self, seasons: list[int], rooms: int, requests: list[list[int]]) -> None:
        self._seasons, self._rooms, self._requests = seasons, rooms, requests
        self._sold = [0] * len(seasons)
        self._paid = [0] * len(requests)

    def read_wish(self, index: int) -> dict[str, int]:
        """Read a request.

        Args:
            index: number of the request, from 0.

        Returns:
            its "first" night, the "least" and the "greatest" number of nights, and the "budget".

        Example:
            read_wish(index=0) -> {"first": 3, "least": 2, "greatest": 4, "budget": 260}
        """
        if not 0 <= index < len(self._requests):
            raise ValueError(f"index must be from 0 to {len(self._requests) - 1}, got {index}")
        return dict(zip(("first", "least", "greatest", "budget"), self._requests[index], strict=True))

    def night_price(self, night: int) -> int:
        """Tell the present price of a room for a night.

        Args:
            night: number of the night, from 0.

        Returns:
            the price, or -1 if the night is sold out or beyond the end of the season.

        Example:
            night_price(night=3) -> 80
        """
        if night < 0:
            raise ValueError(f"night must be at least 0, got {night}")
        if night >= len(self._seasons) or self._sold[night] >= self._rooms:
            return -1
        return self._seasons[night] * (10 + 3 * self._sold[night]) // 10

    def sell_night(self, index: int, night: int) -> int:
        """Sell a room for one night to a request.

        Args:
            index: number of the request.
            night: number of a night that is not sold out.

        Returns:
            what the request has to pay for all nights sold to it so far.

        Example:
            sell_night(index=0, night=3) -> 80
        """
        self.read_wish(index)
        price = self.night_price(night)
        if price < 0:
            raise ValueError(f"night {night} is sold out")
        self._sold[night] += 1
        self._paid[index] += price
        return self._paid[index]

    def charge_deposit(self, index: int) -> int:
        """Charge the deposit of a request, after all its nights were sold.

        Args:
            index: number of the request.

        Returns:
            the deposit, a share of what has to be paid.

        Example:
            charge_deposit(index=0) -> 48
        """
        first = self.read_wish(index)["first"]
        if self._paid[index] == 0:
            raise ValueError(f"nothing was sold to request {index}")
        return self._paid[index] * (20 + first % 4 * 5) // 100


class SeasonNights(Environment):
    """A lake hotel sells single nights; the price of a night rises with the rooms already sold for it. Requests are
    handled in ascending order of their numbers; nights are numbered from 0.

    A request names its first night, the least and the greatest number of nights wanted, and a budget. Its stay is built
    up night by night, beginning with the first night: the next night is added as long as the stay does not have the
    greatest number of nights yet, the night is not sold out, and the sum of the prices including that night stays
    within the budget. At the first night for which this does not hold, the stay ends. A night beyond the end of the
    season counts as sold out.

    If the stay then has at least the least number of nights, one room is sold for each of its nights, from the first
    on, and then a deposit is charged for the request. Otherwise the request is declined and nothing is sold.

    Find the total of the deposits, how many nights were sold in all, and the sum of the numbers of the declined
    requests.

    The input is hidden (seasons, requests); the tools give access to it. Observe shows what is known from the start:
    sizes, and rooms.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, seasons: list[int], rooms: int, requests: list[list[int]]) -> None:
        self.seasons = seasons
        self.rooms = rooms
        self.requests = requests
        self.hotel = LakeHotel(copy.deepcopy(self.seasons), self.rooms, copy.deepcopy(self.requests))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "rooms": a whole number, given as it is.
            "seasons": number of items of seasons.
            "requests": number of items of requests.

        Example:
            Observe() -> {"rooms": 3, "seasons": 5, "requests": 3}
        """
        return {"rooms": self.rooms, "seasons": len(self.seasons), "requests": len(self.requests)}

    @tool
    def ReadWish(self, index: int) -> dict[str, int]:
        """Read a request.

        Args:
            index: number of the request, from 0.

        Returns:
            its "first" night, the "least" and the "greatest" number of nights, and the "budget".

        Example:
            ReadWish(index=0) -> {"first": 3, "least": 2, "greatest": 4, "budget": 260}
        """
        return self.hotel.read_wish(index)

    @tool
    def NightPrice(self, night: int) -> int:
        """Tell the present price of a room for a night.

        Args:
            night: number of the night, from 0.

        Returns:
            the price, or -1 if the night is sold out or beyond the end of the season.

        Example:
            NightPrice(night=3) -> 80
        """
        return self.hotel.night_price(night)

    @tool
    def SellNight(self, index: int, night: int) -> int:
        """Sell a room for one night to a request.

        Args:
            index: number of the request.
            night: number of a night that is not sold out.

        Returns:
            what the request has to pay for all nights sold to it so far.

        Example:
            SellNight(index=0, night=3) -> 80
        """
        return self.hotel.sell_night(index, night)

    @tool
    def ChargeDeposit(self, index: int) -> int:
        """Charge the deposit of a request, after all its nights were sold.

        Args:
            index: number of the request.

        Returns:
            the deposit, a share of what has to be paid.

        Example:
            ChargeDeposit(index=0) -> 48
        """
        return self.hotel.charge_deposit(index)

    def answer(self) -> dict[str, int]:
        """Sell the nights of a season.

        Returns:
            the total of "deposits", the "nights" sold and the sum of the numbers of "declined" requests.
            Example: {"deposits": 214, "nights": 9, "declined": 4}.
        """
        seasons = copy.deepcopy(self.seasons)
        rooms = self.rooms
        requests = copy.deepcopy(self.requests)
        hotel = LakeHotel(seasons, rooms, requests)
        deposits = nights = declined = 0
        for index in range(len(requests)):
            wish = hotel.read_wish(index)
            night, cost = (wish["first"], 0)
            while night < wish["first"] + wish["greatest"]:
                price = hotel.night_price(night)
                if price < 0 or cost + price > wish["budget"]:
                    break
                cost += price
                night += 1
            if night - wish["first"] < wish["least"]:
                declined += index
            else:
                for sold in range(wish["first"], night):
                    hotel.sell_night(index, sold)
                nights += night - wish["first"]
                deposits += hotel.charge_deposit(index)
        return {"deposits": deposits, "nights": nights, "declined": declined}

    def solve(self, call):
        seen = call("Observe")
        deposits = nights = declined = 0
        for index in range(seen["requests"]):
            wish = call("ReadWish", index=index)
            night, cost = (wish["first"], 0)
            while night < wish["first"] + wish["greatest"]:
                price = call("NightPrice", night=night)
                if price < 0 or cost + price > wish["budget"]:
                    break
                cost += price
                night += 1
            if night - wish["first"] < wish["least"]:
                declined += index
            else:
                for sold in range(wish["first"], night):
                    call("SellNight", index=index, night=sold)
                nights += night - wish["first"]
                deposits += call("ChargeDeposit", index=index)
        return call("Done", answer={"deposits": deposits, "nights": nights, "declined": declined})

    @staticmethod
    def generate(rng, level):
        count, length = {"easy": (3, 5), "medium": (5, 6), "hard": (rng.randint(10, 14), 9)}[level]
        requests = []
        for _ in range(count):
            least = rng.randint(1, 3)
            greatest = least + rng.randint(0, 2)
            requests.append([rng.randrange(length - 1), least, greatest, rng.randint(50, 75) * greatest])
        return {
            "seasons": [rng.randint(4, 9) * 10 for _ in range(length)],
            "rooms": rng.randint(2, 3),
            "requests": requests,
        }
