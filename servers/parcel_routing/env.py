"""Parcels travel from hub to hub; each link carries only so many kilograms a day."""

from codegym_mcp import Environment, tool


class ParcelRouting(Environment):
    """Parcels travel through a network of hubs that you cannot see at once.

    Parcels are numbered from 0. They are routed one after the other in ascending order: each parcel is brought all the
    way (or until it is stranded) before the next one is begun, and what it takes up on the links stays taken for the
    parcels after it. A link leads one way from a hub to another; it carries a limited number of kilograms on each day,
    counted on the day of departure, and takes a fixed number of days.

    A parcel begins at its origin on its ready day. Wherever it is, unless that is its destination:

    - Go through the ways from this hub to its destination in the order in which Ways lists them. The first one whose
      link has room for the parcel's weight on the parcel's present day is taken: send the parcel there. It gets to the
      next hub some days later.
    - If none has room, hold the parcel where it is until the next day and look again. A parcel is held at most
      max_holds times on its whole journey (see Observe). If it would have to be held once more, it is stranded: leave
      it there; the room it has taken so far stays taken.

    The answer tells for each parcel the day on which it got to its destination.
    """

    def reset(self, *, links: list[list], ways: dict, parcels: list[list], max_holds: int) -> None:
        self.links = {f"{start}>{end}": (capacity, days) for start, end, capacity, days in links}
        self.ways, self.parcels, self.max_holds = ways, parcels, max_holds
        self.where = [[origin, ready] for origin, _, _, ready in parcels]
        self.held = [0] * len(parcels)
        self.load: dict[str, int] = {}  # "A>B@day" -> kilograms

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of "parcels" and how often a parcel may be held ("max_holds").

        Example:
            Observe() -> {"parcels": 3, "max_holds": 2}
        """
        return {"parcels": len(self.parcels), "max_holds": self.max_holds}

    def _parcel(self, parcel: int) -> list:
        if not 0 <= parcel < len(self.parcels):
            raise ValueError(f"parcel must be from 0 to {len(self.parcels) - 1}, got {parcel}")
        return self.parcels[parcel]

    @tool
    def ReadLabel(self, parcel: int) -> dict[str, int | str]:
        """Read the label of a parcel.

        Args:
            parcel: number of the parcel, from 0 to parcels - 1.

        Returns:
            its "origin" and "destination" (names of hubs), its "weight" in kilograms and its "ready" day.

        Example:
            ReadLabel(parcel=0) -> {"origin": "A0", "destination": "C1", "weight": 4, "ready": 1}
        """
        return dict(zip(("origin", "destination", "weight", "ready"), self._parcel(parcel), strict=True))

    @tool
    def Ways(self, hub: str, destination: str) -> list[str]:
        """List the ways from a hub towards a destination.

        Args:
            hub: name of the hub where a parcel is.
            destination: name of the hub it has to get to.

        Returns:
            the names of the next hubs to be tried, the preferred one first.

        Example:
            Ways(hub="A0", destination="C1") -> ["B1", "B0"]
        """
        if destination not in self.ways.get(hub, {}):
            raise ValueError(f"no ways are known from {hub!r} to {destination!r}")
        return list(self.ways[hub][destination])

    @tool
    def RoomLeft(self, hub: str, next_hub: str, day: int) -> int:
        """Work out how much more a link can carry on a day, after all parcels sent so far.

        Args:
            hub: name of the hub where the link begins.
            next_hub: name of the hub to which it leads.
            day: day of departure, at least 0.

        Returns:
            the kilograms left.

        Example:
            RoomLeft(hub="A0", next_hub="B1", day=1) -> 7
        """
        link = f"{hub}>{next_hub}"
        if link not in self.links or day < 0:
            raise ValueError(f"expected a link and a day from 0 on, got {hub!r} to {next_hub!r} on day {day}")
        return self.links[link][0] - self.load.get(f"{link}@{day}", 0)

    @tool
    def Send(self, parcel: int, next_hub: str) -> int:
        """Send a parcel over a link from the hub where it is, on its present day.

        Args:
            parcel: number of the parcel.
            next_hub: name of the hub to which the link leads; the link must have room for the parcel's weight.

        Returns:
            the day on which the parcel gets there; this is then its present day.

        Example:
            Send(parcel=0, next_hub="B1") -> 3
        """
        _, destination, weight, _ = self._parcel(parcel)
        hub, day = self.where[parcel]
        if hub == destination:
            raise ValueError(f"parcel {parcel} is at its destination already")
        room = self.RoomLeft(hub, next_hub, day)
        if room < weight:
            raise ValueError(f"parcel {parcel} weighs {weight}, but the link has room for {room} on day {day}")
        link = f"{hub}>{next_hub}"
        self.load[f"{link}@{day}"] = self.load.get(f"{link}@{day}", 0) + weight
        self.where[parcel] = [next_hub, day + self.links[link][1]]
        return self.where[parcel][1]

    @tool
    def Hold(self, parcel: int) -> int:
        """Hold a parcel where it is until the next day.

        Args:
            parcel: number of the parcel; it must not have been held max_holds times before.

        Returns:
            its new present day.

        Example:
            Hold(parcel=0) -> 2
        """
        self._parcel(parcel)
        if self.held[parcel] >= self.max_holds:
            raise ValueError(f"parcel {parcel} has been held {self.max_holds} times, which is all it may be")
        self.held[parcel] += 1
        self.where[parcel][1] += 1
        return self.where[parcel][1]

    def answer(self) -> dict[str, int]:
        """Day of arrival by parcel.

        Returns:
            a map with a key for each parcel, "P0", "P1" and so on: the day on which it got to its destination, or -1
            if it was stranded. Example: {"P0": 5, "P1": -1}.
        """
        room, result = {}, {}
        for number, (hub, destination, weight, day) in enumerate(self.parcels):
            holds = self.max_holds
            while hub != destination and holds >= 0:
                for option in self.ways[hub][destination]:
                    capacity, transit = self.links[f"{hub}>{option}"]
                    left = room.setdefault((hub, option, day), capacity)
                    if left >= weight:
                        room[hub, option, day] = left - weight
                        hub, day = option, day + transit
                        break
                else:
                    holds, day = holds - 1, day + 1
            result[f"P{number}"] = day if hub == destination else -1
        return result

    def solve(self, call):
        seen, ways, result = call("Observe"), {}, {}
        for parcel in range(seen["parcels"]):
            label = call("ReadLabel", parcel=parcel)
            hub, goal, day, holds = label["origin"], label["destination"], label["ready"], 0
            while hub != goal:
                if (hub, goal) not in ways:
                    ways[hub, goal] = call("Ways", hub=hub, destination=goal)
                for option in ways[hub, goal]:
                    if call("RoomLeft", hub=hub, next_hub=option, day=day) >= label["weight"]:
                        day, hub = call("Send", parcel=parcel, next_hub=option), option
                        break
                else:
                    if holds == seen["max_holds"]:
                        break
                    day, holds = call("Hold", parcel=parcel), holds + 1
            result[f"P{parcel}"] = day if hub == goal else -1
        return call("Done", answer=result)

    @staticmethod
    def generate(rng, level):
        layers, width, count = {"easy": (3, 2, 3), "medium": (3, 2, 6), "hard": (4, 3, rng.randint(10, 13))}[level]
        names = [[f"{'ABCD'[layer]}{n}" for n in range(width)] for layer in range(layers)]
        ways: dict = {hub: {} for row in names for hub in row}
        for goal in names[-1]:
            others = [hub for hub in names[-1] if hub != goal]
            for layer in range(layers - 1):
                for hub in names[layer]:
                    nearer = names[layer + 1]
                    ways[hub][goal] = rng.sample(nearer, 2) if layer < layers - 2 else [goal, rng.choice(others)]
            for hub in others:
                ways[hub][goal] = [goal]
        pairs = sorted({(hub, option) for hub in ways for options in ways[hub].values() for option in options})
        links = [[hub, option, rng.randint(5, 11), rng.randint(1, 3)] for hub, option in pairs]
        origins = rng.sample(names[0], 1 if level == "easy" else 2)
        goals = rng.sample(names[-1], 1 if level == "easy" else 2)
        parcels = [
            [rng.choice(origins), rng.choice(goals), rng.randint(2, 7), rng.randint(0, 1 if level == "easy" else 2)]
            for _ in range(count)
        ]
        return {"links": links, "ways": ways, "parcels": parcels, "max_holds": rng.randint(1, 2)}
