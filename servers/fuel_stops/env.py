"""Cross a hidden road at the least cost for fuel, buying where it is cheap and as far as the tank allows."""

from codegym_mcp import Environment, tool


class FuelStops(Environment):
    """A car has to reach its goal along one road. Find the least amount of money that must be paid for fuel.

    The car starts at kilometre 0 and uses one litre for each kilometre. Its tank holds a limited number of litres; some
    are in it at the start. Stations are numbered from 0 in the order in which they stand along the road. Each sells
    fuel at its own price per litre; where they stand and what they charge is hidden. At a station any whole number of
    litres that fits into the tank can be bought, or none. There is no station at the start. The car never drives back.

    The answer is the least total that must be paid to arrive at the goal; fuel left over at the goal is worth nothing.
    If the goal cannot be reached however much is bought, the answer is -1.

    You can drive the car to try out a plan. Your own drive need not be the cheapest one, nor reach the goal.
    """

    def reset(self, *, goal: int, tank: int, fuel: int, stations: list[list[int]]) -> None:
        self.goal, self.tank, self.fuel, self.stations = goal, tank, fuel, stations
        self.at, self.km, self.paid = -1, 0, 0

    def observe(self) -> dict[str, int]:
        """Show the car and the length of the road.

        Returns:
            the kilometre of the goal ("goal"), the litres the tank holds ("tank"), the litres in it now ("fuel") and
            the number of stations ("stations").

        Example:
            Observe() -> {"goal": 20, "tank": 18, "fuel": 9, "stations": 1}
        """
        return {"goal": self.goal, "tank": self.tank, "fuel": self.fuel, "stations": len(self.stations)}

    @tool
    def ReadSign(self, station: int) -> list[int]:
        """Read the sign of one station.

        Args:
            station: number of the station, from 0 to stations - 1.

        Returns:
            the kilometre at which it stands and its price per litre.

        Example:
            ReadSign(station=0) -> [6, 3]
        """
        if not 0 <= station < len(self.stations):
            raise ValueError(f"station must be from 0 to {len(self.stations) - 1}, got {station}")
        return self.stations[station]

    @tool
    def DriveTo(self, station: int) -> int:
        """Drive to a station further along the road, without a stop.

        Args:
            station: number of a station ahead of the car, or the number of stations for the goal.

        Returns:
            the litres left in the tank on arrival.

        Example:
            DriveTo(station=0) -> 3
        """
        if not self.at < station <= len(self.stations):
            raise ValueError(f"station must be from {self.at + 1} to {len(self.stations)}, got {station}")
        km = self.stations[station][0] if station < len(self.stations) else self.goal
        if km - self.km > self.fuel:
            raise ValueError(f"it is {km - self.km} km from here, and the tank has {self.fuel} litres")
        self.fuel -= km - self.km
        self.at, self.km = station, km
        return self.fuel

    @tool
    def Buy(self, litres: int) -> int:
        """Buy fuel at the station where the car stands, at that station's price.

        Args:
            litres: at least 1 and at most what fits into the tank.

        Returns:
            the money paid for fuel so far, this purchase included.

        Example:
            Buy(litres=11) -> 33
        """
        self._require_station()
        if not 1 <= litres <= self.tank - self.fuel:
            raise ValueError(f"litres must be from 1 to {self.tank - self.fuel}, got {litres}")
        self.fuel += litres
        self.paid += litres * self.stations[self.at][1]
        return self.paid

    @tool
    def FirstCheaper(self, reach: int) -> int:
        """Look down the road from the station where the car stands for one that charges less than this one.

        Args:
            reach: how many kilometres to look ahead, from 1 to the litres the tank holds.

        Returns:
            the number of the first station within that distance whose price is lower, or -1 if there is none.

        Example:
            FirstCheaper(reach=18) -> 2
        """
        self._require_station()
        if not 1 <= reach <= self.tank:
            raise ValueError(f"reach must be from 1 to {self.tank}, got {reach}")
        price = self.stations[self.at][1]
        for station in range(self.at + 1, len(self.stations)):
            if self.stations[station][0] <= self.km + reach and self.stations[station][1] < price:
                return station
        return -1

    def _require_station(self) -> None:
        if not 0 <= self.at < len(self.stations):
            raise ValueError("the car does not stand at a station")

    def answer(self) -> int:
        """The least cost.

        Returns:
            the least total to pay, or -1 if the goal cannot be reached.
        """
        costs, km = {self.fuel: 0}, 0  # litres in the tank -> least money paid, at this point of the road
        for stand, price in [*self.stations, [self.goal, 0]]:
            costs = {litres - (stand - km): paid for litres, paid in costs.items() if litres >= stand - km}
            if not costs:
                return -1
            km, cheapest = stand, [costs.get(litres, 1 << 30) for litres in range(self.tank + 1)]
            for litres in range(1, self.tank + 1):
                cheapest[litres] = min(cheapest[litres], cheapest[litres - 1] + price)
            costs = {litres: paid for litres, paid in enumerate(cheapest) if paid < 1 << 30}
        return min(costs.values())

    def solve(self, call):
        seen = call("Observe")
        goal, tank, fuel, count = seen["goal"], seen["tank"], seen["fuel"], seen["stations"]
        if goal <= fuel:
            return call("Done", answer=0)
        signs = [call("ReadSign", station=station) for station in range(count)]
        stops = [sign[0] for sign in signs] + [goal]
        if stops[0] > fuel or any(stops[i + 1] - stops[i] > tank for i in range(count)):
            return call("Done", answer=-1)
        at, paid = 0, 0
        fuel = call("DriveTo", station=0)
        while at < count:
            cheaper = call("FirstCheaper", reach=tank) if at < count - 1 else -1
            target = cheaper if cheaper >= 0 else count if goal - stops[at] <= tank else -1
            wanted = stops[target] - stops[at] if target >= 0 else tank
            if wanted > fuel:
                paid = call("Buy", litres=wanted - fuel)
            at = target if target >= 0 else at + 1
            if at < count:
                fuel = call("DriveTo", station=at)
        return call("Done", answer=paid)

    @staticmethod
    def generate(rng, level):
        count = rng.randint(*{"tiny": (1, 1), "easy": (5, 6), "medium": (9, 13), "hard": (24, 36)}[level])
        tank = rng.randint(12, 30)
        most = tank // 2 if level == "hard" else tank * 2 // 3
        gaps = [rng.randint(2, most) for _ in range(count + 1)]
        if level in ("medium", "hard") and rng.random() < 0.08:
            gaps[rng.randint(1, count)] = tank + rng.randint(1, 5)
        prices = [rng.randint(3, 40) for _ in range(count)]
        stands = [sum(gaps[: i + 1]) for i in range(count)]
        fuel = rng.randint(gaps[0], min(tank, sum(gaps) - 1))
        signs = [[km, price] for km, price in zip(stands, prices, strict=True)]
        return {"goal": sum(gaps), "tank": tank, "fuel": fuel, "stations": signs}
