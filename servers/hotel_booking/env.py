"""A hotel's booking desk: requests against room calendars, cheapest fitting room first."""

from codegym_mcp import Environment, tool


class HotelBooking(Environment):
    """A hotel has a pile of booking requests. Decide each of them by the house rules; the calendars are hidden.

    Requests are numbered from 0, nights of the calendar likewise. All requests of tier "gold" are decided first, then
    all of tier "standard"; within a tier in ascending order of request number. A stay covers the nights arrival,
    arrival + 1, ..., arrival + nights - 1, all of which must lie in the calendar.

    An attempt for a given arrival: among the rooms with at least as many beds as the request has guests, and free on
    every night of the stay, take the one with the lowest price for that stay (at equal prices the lower room number).
    The attempt succeeds if there is such a room and its price is at most the request's budget; then book it.
    A request is first attempted with its own arrival. If that fails and the request is flexible, it is attempted once
    more with arrival + 1 and as many nights (this fails if the stay would leave the calendar). If no attempt succeeds,
    the request is declined. A booking made for one request blocks the room for those decided later.

    The answer: the revenue (sum of the prices of all bookings you made), followed by the numbers of the declined
    requests in ascending order.
    """

    def reset(self, *, nights: int, rooms: list[list[int]], taken: list[list[int]], requests: list[dict]) -> None:
        self.nights, self.requests = nights, requests
        self.rooms = {number: (beds, rate, weekend) for number, beds, rate, weekend in rooms}
        self.taken = {number: [] for number in self.rooms}
        for number, first, count in taken:
            self.taken[number] += range(first, first + count)
        self.booked: list[int] = []

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of requests ("requests"), of rooms ("rooms") and of nights in the calendar ("nights").

        Example:
            Observe() -> {"requests": 3, "rooms": 4, "nights": 14}
        """
        return {"requests": len(self.requests), "rooms": len(self.rooms), "nights": self.nights}

    def _stay(self, room: int, arrival: int, nights: int) -> range:
        if room not in self.rooms:
            raise ValueError(f"there is no room {room}; FindRooms lists room numbers")
        if nights < 1 or arrival < 0 or arrival + nights > self.nights:
            raise ValueError(f"the stay must lie within nights 0 to {self.nights - 1}, got {nights} from {arrival}")
        return range(arrival, arrival + nights)

    @tool
    def ReadRequest(self, request: int) -> dict[str, int | str | bool]:
        """Read one booking request.

        Args:
            request: number of the request, from 0 to requests - 1.

        Returns:
            its "tier" ("gold" or "standard"), "guests", "arrival", "nights", "budget" (for the whole stay) and
            "flexible".

        Example:
            ReadRequest(request=0) -> {"tier": "gold", "guests": 2, "arrival": 3, "nights": 2, "budget": 300,
            "flexible": true}
        """
        if not 0 <= request < len(self.requests):
            raise ValueError(f"request must be from 0 to {len(self.requests) - 1}, got {request}")
        return dict(self.requests[request])

    @tool
    def FindRooms(self, guests: int) -> list[int]:
        """List the rooms with enough beds, whether free or not.

        Args:
            guests: number of guests, at least 1.

        Returns:
            the numbers of the rooms with at least that many beds, ascending.

        Example:
            FindRooms(guests=3) -> [102, 201]
        """
        if guests < 1:
            raise ValueError(f"guests must be at least 1, got {guests}")
        return sorted(number for number, (beds, _, _) in self.rooms.items() if beds >= guests)

    @tool
    def FirstConflict(self, room: int, arrival: int, nights: int) -> int:
        """Look for a taken night in a stay.

        Args:
            room: room number.
            arrival: first night of the stay.
            nights: length of the stay in nights, at least 1; the stay must lie in the calendar.

        Returns:
            the first night of the stay on which the room is taken, or -1 if it is free throughout.

        Example:
            FirstConflict(room=102, arrival=3, nights=2) -> 4
        """
        return next((night for night in self._stay(room, arrival, nights) if night in self.taken[room]), -1)

    @tool
    def Quote(self, room: int, arrival: int, nights: int) -> int:
        """Work out the price of a stay in a room, with the room's weekend rate and the house's discounts.

        Args:
            room: room number.
            arrival: first night of the stay.
            nights: length of the stay in nights, at least 1; the stay must lie in the calendar.

        Returns:
            the price of the whole stay. It does not depend on whether the room is free.

        Example:
            Quote(room=102, arrival=3, nights=2) -> 170
        """
        stay = self._stay(room, arrival, nights)
        _, rate, weekend = self.rooms[room]
        paid = stay[:-1] if nights >= 5 else stay
        return sum(weekend if night % 7 >= 5 else rate for night in paid)

    @tool
    def Book(self, request: int, room: int, arrival: int) -> int:
        """Book a room for a request; the room is then taken for the stay. A booking cannot be undone.

        Args:
            request: number of a request that has no booking yet.
            room: room number; it must have enough beds and be free for the stay.
            arrival: the request's arrival, or one night later if the request is flexible.

        Returns:
            the number of requests booked so far.

        Example:
            Book(request=0, room=102, arrival=3) -> 1
        """
        wish = self.ReadRequest(request)
        if request in self.booked:
            raise ValueError(f"request {request} has been booked already")
        if arrival != wish["arrival"] and not (wish["flexible"] and arrival == wish["arrival"] + 1):
            raise ValueError(f"request {request} does not allow arrival {arrival}")
        if self.FirstConflict(room, arrival, wish["nights"]) >= 0 or self.rooms[room][0] < wish["guests"]:
            raise ValueError(f"room {room} is too small or not free for that stay")
        self.taken[room] += range(arrival, arrival + wish["nights"])
        self.booked.append(request)
        return len(self.booked)

    def answer(self) -> list[int]:
        """Revenue and declined requests.

        Returns:
            a list: the revenue, then the numbers of the declined requests in ascending order. Example: [730, 2, 5].
        """
        busy = {(room, night) for room, nights in self.taken.items() for night in nights}
        revenue, declined = 0, []
        for number in sorted(range(len(self.requests)), key=lambda n: (self.requests[n]["tier"] != "gold", n)):
            r = self.requests[number]
            for start in [r["arrival"], r["arrival"] + 1][: 1 + r["flexible"]]:
                span = [(night, night % 7 in (5, 6)) for night in range(start, start + r["nights"])]
                offers = []
                for room, (beds, rate, weekend) in self.rooms.items():
                    if beds >= r["guests"] and not any((room, night) in busy for night, _ in span):
                        prices = [weekend if late else rate for _, late in span]
                        offers.append((sum(prices) - (prices[-1] if len(prices) > 4 else 0), room))
                if span[-1][0] < self.nights and offers and min(offers)[0] <= r["budget"]:
                    revenue += min(offers)[0]
                    busy |= {(min(offers)[1], night) for night, _ in span}
                    break
            else:
                declined.append(number)
        return [revenue, *sorted(declined)]

    def solve(self, call):
        seen = call("Observe")
        requests = [call("ReadRequest", request=number) for number in range(seen["requests"])]
        revenue, declined, fitting = 0, [], {}
        for tier in ("gold", "standard"):
            for number, wish in enumerate(requests):
                if wish["tier"] != tier:
                    continue
                guests, nights, arrival = wish["guests"], wish["nights"], wish["arrival"]
                if guests not in fitting:
                    fitting[guests] = call("FindRooms", guests=guests)
                starts = [arrival, arrival + 1] if wish["flexible"] else [arrival]
                for start in starts:
                    best = None
                    for room in fitting[guests] if start + nights <= seen["nights"] else []:
                        stay = {"room": room, "arrival": start, "nights": nights}
                        if call("FirstConflict", **stay) == -1:
                            price = call("Quote", **stay)
                            if price <= wish["budget"] and (best is None or price < best[0]):
                                best = (price, room)
                    if best:
                        call("Book", request=number, room=best[1], arrival=start)
                        revenue += best[0]
                        break
                else:
                    declined.append(number)
        return call("Done", answer=[revenue, *sorted(declined)])

    @staticmethod
    def generate(rng, level):
        kinds, count, nights = {"easy": (3, 3, 10), "medium": (4, 5, 12), "hard": (6, 12, 18)}[level]
        rooms, taken, requests = [], [], []
        for index in range(kinds):
            rate = 5 * rng.randint(8, 24)
            number = 100 * (1 + index // 3) + index % 3 + 1
            rooms.append([number, rng.randint(1, 4) if index else 4, rate, rate + 5 * rng.randint(0, 8)])
            first = rng.randint(0, 4)
            while first < nights - 1:
                length = min(rng.randint(1, 3), nights - first)
                taken.append([number, first, length])
                first += length + rng.randint(2, 6)
        for _ in range(count):
            stay = rng.randint(1, 5)
            requests.append(
                {
                    "tier": rng.choice(["gold", "standard", "standard"]),
                    "guests": rng.randint(1, 4),
                    "arrival": rng.randint(0, nights - stay),
                    "nights": stay,
                    "budget": stay * 10 * rng.randint(8, 20),
                    "flexible": rng.random() < 0.5,
                }
            )
        return {"nights": nights, "rooms": rooms, "taken": taken, "requests": requests}
