"""An airline has sold more tickets than seats on some flights of a day."""

import copy

from codegym_mcp import Environment, tool


class FlightDesk:
    """Flights of a day, their passengers and offers."""

    def __init__(self, flights: list[list[int]], bookings: list[int], asks: list[int], step: int) -> None:
        self._seats = [seats for seats, _ in flights]
        self._offers = [offer for _, offer in flights]
        self._where, self._asks, self._step = list(bookings), list(asks), step

    def _flight(self, flight: int) -> int:
        if not 0 <= flight < len(self._seats):
            raise ValueError(f"flight must be from 0 to {len(self._seats) - 1}, got {flight}")
        return flight

    def count_booked(self, flight: int) -> int:
        """Count the passengers who are booked on a flight now.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the number of passengers.

        Example:
            count_booked(flight=2) -> 11
        """
        return self._where.count(self._flight(flight))

    def oversold_by(self, flight: int) -> int:
        """Work out how many passengers too many a flight has now.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the passengers beyond its seats; 0 if all have seats.

        Example:
            oversold_by(flight=0) -> 2
        """
        return max(0, self.count_booked(flight) - self._seats[flight])

    def find_volunteers(self, flight: int) -> list[int]:
        """Find the passengers of a flight who accept its present offer.

        Args:
            flight: number of the flight, from 0.

        Returns:
            their numbers in ascending order.

        Example:
            find_volunteers(flight=0) -> [4, 9]
        """
        offer = self._offers[self._flight(flight)]
        return [n for n, where in enumerate(self._where) if where == flight and self._asks[n] <= offer]

    def bump_passenger(self, passenger: int) -> int:
        """Move a passenger who accepts the offer of an oversold flight to the next flight.

        Args:
            passenger: number of the passenger.

        Returns:
            the sum paid to the passenger, extras included.

        Example:
            bump_passenger(passenger=4) -> 130
        """
        if not 0 <= passenger < len(self._where):
            raise ValueError(f"passenger must be from 0 to {len(self._where) - 1}, got {passenger}")
        flight = self._where[passenger]
        if (
            self.oversold_by(flight) == 0
            or flight == len(self._seats) - 1
            or self._asks[passenger] > self._offers[flight]
        ):
            raise ValueError(
                f"flight {flight} is not oversold, is the last one, or its offer is too low for {passenger}"
            )
        self._where[passenger] += 1
        self._asks[passenger] += 35
        return self._offers[flight] + self._asks[passenger] % 10

    def raise_offer(self, flight: int) -> int:
        """Raise the offer of a flight by one step.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the new offer.

        Example:
            raise_offer(flight=0) -> 160
        """
        self._offers[self._flight(flight)] += self._step
        return self._offers[flight]


class FlightBumping(Environment):
    """An airline has sold more tickets than seats on some flights of a day. Flights are numbered from 0 in order of
    departure and are settled in that order. Each flight has an offer, a sum paid for stepping aside.

    While more passengers are booked on a flight than it has seats, look at those of them who accept its present offer.
    Take them in ascending order of passenger number and bump them, one after the other, until the flight is no longer
    oversold or no such passenger is left. If it is still oversold then, raise its offer by one step and look again.

    A bumped passenger is paid and is moved to the next flight, where the passenger counts like any other, and may be
    bumped again. Whoever has been bumped asks for more the next time. The last flight always has seats for everybody
    and is not settled.

    Find the total paid to bumped passengers, how often an offer was raised, and how many passengers the last flight has
    in the end.

    The input is hidden (flights, bookings, asks); the tools give access to it. Observe shows what is known from the
    start: sizes, and step.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, flights: list[list[int]], bookings: list[int], asks: list[int], step: int) -> None:
        self.flights = flights
        self.bookings = bookings
        self.asks = asks
        self.step = step
        self.desk = FlightDesk(
            copy.deepcopy(self.flights), copy.deepcopy(self.bookings), copy.deepcopy(self.asks), self.step
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "step": a whole number, given as it is.
            "flights": number of items of flights.
            "bookings": number of items of bookings.
            "asks": number of items of asks.

        Example:
            Observe() -> {"step": 40, "flights": 3, "bookings": 15, "asks": 15}
        """
        return {"step": self.step, "flights": len(self.flights), "bookings": len(self.bookings), "asks": len(self.asks)}

    @tool
    def CountBooked(self, flight: int) -> int:
        """Count the passengers who are booked on a flight now.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the number of passengers.

        Example:
            CountBooked(flight=2) -> 11
        """
        return self.desk.count_booked(flight)

    @tool
    def OversoldBy(self, flight: int) -> int:
        """Work out how many passengers too many a flight has now.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the passengers beyond its seats; 0 if all have seats.

        Example:
            OversoldBy(flight=0) -> 2
        """
        return self.desk.oversold_by(flight)

    @tool
    def FindVolunteers(self, flight: int) -> list[int]:
        """Find the passengers of a flight who accept its present offer.

        Args:
            flight: number of the flight, from 0.

        Returns:
            their numbers in ascending order.

        Example:
            FindVolunteers(flight=0) -> [4, 9]
        """
        return self.desk.find_volunteers(flight)

    @tool
    def BumpPassenger(self, passenger: int) -> int:
        """Move a passenger who accepts the offer of an oversold flight to the next flight.

        Args:
            passenger: number of the passenger.

        Returns:
            the sum paid to the passenger, extras included.

        Example:
            BumpPassenger(passenger=4) -> 130
        """
        return self.desk.bump_passenger(passenger)

    @tool
    def RaiseOffer(self, flight: int) -> int:
        """Raise the offer of a flight by one step.

        Args:
            flight: number of the flight, from 0.

        Returns:
            the new offer.

        Example:
            RaiseOffer(flight=0) -> 160
        """
        return self.desk.raise_offer(flight)

    def answer(self) -> dict[str, int]:
        """Settle the oversold flights of a day.

        Returns:
            the total "paid", the number of times an offer was "raised" and the passengers of the "last" flight.
            Example: {"paid": 730, "raised": 4, "last": 9}.
        """
        flights = copy.deepcopy(self.flights)
        bookings = copy.deepcopy(self.bookings)
        asks = copy.deepcopy(self.asks)
        step = self.step
        desk = FlightDesk(flights, bookings, asks, step)
        paid = raised = 0
        for flight in range(len(flights) - 1):
            excess = desk.oversold_by(flight)
            while excess > 0:
                for passenger in desk.find_volunteers(flight):
                    if excess == 0:
                        break
                    paid += desk.bump_passenger(passenger)
                    excess -= 1
                if excess > 0:
                    desk.raise_offer(flight)
                    raised += 1
        return {"paid": paid, "raised": raised, "last": desk.count_booked(len(flights) - 1)}

    def solve(self, call):
        seen = call("Observe")
        paid = raised = 0
        for flight in range(seen["flights"] - 1):
            excess = call("OversoldBy", flight=flight)
            while excess > 0:
                for passenger in call("FindVolunteers", flight=flight):
                    if excess == 0:
                        break
                    paid += call("BumpPassenger", passenger=passenger)
                    excess -= 1
                if excess > 0:
                    call("RaiseOffer", flight=flight)
                    raised += 1
        return call(
            "Done", answer={"paid": paid, "raised": raised, "last": call("CountBooked", flight=seen["flights"] - 1)}
        )

    @staticmethod
    def generate(rng, level):
        count, load = {"easy": (3, 5), "medium": (4, 6), "hard": (rng.randint(6, 7), 8)}[level]
        flights, bookings = ([], [])
        for flight in range(count - 1):
            passengers = rng.randint(load - 1, load + 1)
            flights.append([passengers - rng.randint(0 if flight else 2, 3), rng.randint(5, 12) * 10])
            bookings += [flight] * passengers
        bookings += [count - 1] * rng.randint(1, 4)
        flights.append([len(bookings), 100])
        rng.shuffle(bookings)
        return {
            "flights": flights,
            "bookings": bookings,
            "asks": [rng.randint(60, 260) for _ in bookings],
            "step": rng.choice([30, 40, 50]),
        }
