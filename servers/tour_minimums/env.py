"""An agency has sold places on day tours, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class TourAgency:
    """Tours, their guests and the guests' wishes."""

    def __init__(self, tours: list[list[int]], wishes: list[list[int]], fares: list[int]) -> None:
        self._tours, self._wishes, self._fares = tours, wishes, fares
        self._on = [wish[0] for wish in wishes]
        self._running = [True] * len(tours)

    def shortest_of_guests(self) -> int:
        """Find the running tour that is short of the most guests.

        Returns:
            its number (the lowest of equally short ones), or -1 if every running tour has enough guests.

        Example:
            shortest_of_guests() -> 3
        """
        short = [(self._on.count(n) - least, n) for n, (least, _) in enumerate(self._tours) if self._running[n]]
        return min(short)[1] if short and min(short)[0] < 0 else -1

    def list_guests(self, tour: int) -> list[int]:
        """List the guests who are on a tour now.

        Args:
            tour: number of the tour, from 0.

        Returns:
            their numbers in ascending order.

        Example:
            list_guests(tour=3) -> [2, 7]
        """
        if not 0 <= tour < len(self._tours):
            raise ValueError(f"tour must be from 0 to {len(self._tours) - 1}, got {tour}")
        return [guest for guest, where in enumerate(self._on) if where == tour]

    def call_off(self, tour: int) -> int:
        """Call off a running tour. Its guests are still on it until they are moved or sent home.

        Args:
            tour: number of the tour.

        Returns:
            the fee that this costs.

        Example:
            call_off(tour=3) -> 85
        """
        guests = len(self.list_guests(tour))
        if not self._running[tour]:
            raise ValueError(f"tour {tour} is called off already")
        self._running[tour] = False
        return 40 + 15 * guests + 5 * self._tours[tour][0]

    def open_wish(self, guest: int) -> int:
        """Find the first tour on a guest's list of wishes that is running and not full now.

        Args:
            guest: number of the guest, from 0.

        Returns:
            the number of the tour, or -1 if there is none.

        Example:
            open_wish(guest=7) -> 1
        """
        if not 0 <= guest < len(self._on):
            raise ValueError(f"guest must be from 0 to {len(self._on) - 1}, got {guest}")
        fits = [t for t in self._wishes[guest] if self._running[t] and self._on.count(t) < self._tours[t][1]]
        return fits[0] if fits else -1

    def move_guest(self, guest: int, tour: int) -> int:
        """Move a guest of a tour that was called off to another tour.

        Args:
            guest: number of the guest.
            tour: number of the tour that the guest's wishes give.

        Returns:
            the number of guests on that tour now.

        Example:
            move_guest(guest=7, tour=1) -> 6
        """
        if tour < 0 or self.open_wish(guest) != tour or self._on[guest] < 0 or self._running[self._on[guest]]:
            raise ValueError(f"guest {guest} cannot be moved to tour {tour}")
        self._on[guest] = tour
        return self._on.count(tour)

    def send_home(self, guest: int) -> int:
        """Send a guest home who has no open wish.

        Args:
            guest: number of the guest.

        Returns:
            the money given back.

        Example:
            send_home(guest=2) -> 64
        """
        if self.open_wish(guest) >= 0 or self._on[guest] < 0:
            raise ValueError(f"guest {guest} still has an open wish or is at home already")
        self._on[guest] = -1
        return self._fares[guest]


class TourMinimums(Environment):
    """An agency has sold places on day tours, numbered from 0. A tour runs if it has at least its least number of guests,
    and it takes at most its greatest number. Every guest has a list of wishes and is at first on the first tour of it;
    no tour is too full then.

    Repeat the following until every running tour (one that is not called off) has enough guests:

    1. Of the running tours with too few guests, call off the one that is short of the most guests; of equally short
    ones the
       one with the lowest number. Calling it off costs the agency a fee.
    2. Take the guests who were on it, in ascending order of guest number. Each is moved to the first tour on the own
    list of
       wishes that is running and not full at that moment, wherever on the list it stands. A guest for whom there is
       none goes
       home and gets the money back.

    A tour that took in guests may be called off later.

    Find the sum of the fees, the sum of the money given back, and how many guests are left on the tours that run.

    The input is hidden (tours, wishes, fares); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tours: list[list[int]], wishes: list[list[int]], fares: list[int]) -> None:
        self.tours = tours
        self.wishes = wishes
        self.fares = fares
        self.agency = TourAgency(copy.deepcopy(self.tours), copy.deepcopy(self.wishes), copy.deepcopy(self.fares))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "tours": number of items of tours.
            "wishes": number of items of wishes.
            "fares": number of items of fares.

        Example:
            Observe() -> {"tours": 4, "wishes": 11, "fares": 11}
        """
        return {"tours": len(self.tours), "wishes": len(self.wishes), "fares": len(self.fares)}

    @tool
    def ShortestOfGuests(self) -> int:
        """Find the running tour that is short of the most guests.

        Returns:
            its number (the lowest of equally short ones), or -1 if every running tour has enough guests.

        Example:
            ShortestOfGuests() -> 3
        """
        return self.agency.shortest_of_guests()

    @tool
    def ListGuests(self, tour: int) -> list[int]:
        """List the guests who are on a tour now.

        Args:
            tour: number of the tour, from 0.

        Returns:
            their numbers in ascending order.

        Example:
            ListGuests(tour=3) -> [2, 7]
        """
        return self.agency.list_guests(tour)

    @tool
    def CallOff(self, tour: int) -> int:
        """Call off a running tour. Its guests are still on it until they are moved or sent home.

        Args:
            tour: number of the tour.

        Returns:
            the fee that this costs.

        Example:
            CallOff(tour=3) -> 85
        """
        return self.agency.call_off(tour)

    @tool
    def OpenWish(self, guest: int) -> int:
        """Find the first tour on a guest's list of wishes that is running and not full now.

        Args:
            guest: number of the guest, from 0.

        Returns:
            the number of the tour, or -1 if there is none.

        Example:
            OpenWish(guest=7) -> 1
        """
        return self.agency.open_wish(guest)

    @tool
    def MoveGuest(self, guest: int, tour: int) -> int:
        """Move a guest of a tour that was called off to another tour.

        Args:
            guest: number of the guest.
            tour: number of the tour that the guest's wishes give.

        Returns:
            the number of guests on that tour now.

        Example:
            MoveGuest(guest=7, tour=1) -> 6
        """
        return self.agency.move_guest(guest, tour)

    @tool
    def SendHome(self, guest: int) -> int:
        """Send a guest home who has no open wish.

        Args:
            guest: number of the guest.

        Returns:
            the money given back.

        Example:
            SendHome(guest=2) -> 64
        """
        return self.agency.send_home(guest)

    def answer(self) -> dict[str, int]:
        """Call off tours until the rest can run.

        Returns:
            the sum of the "fees", the money given "back" and the "guests" left. Example: {"fees": 170, "back": 64,
                "guests": 11}.
        """
        tours = copy.deepcopy(self.tours)
        wishes = copy.deepcopy(self.wishes)
        fares = copy.deepcopy(self.fares)
        agency = TourAgency(tours, wishes, fares)
        fees, back, left = (0, 0, len(wishes))
        tour = agency.shortest_of_guests()
        while tour >= 0:
            fees += agency.call_off(tour)
            for guest in agency.list_guests(tour):
                other = agency.open_wish(guest)
                if other < 0:
                    back += agency.send_home(guest)
                    left -= 1
                else:
                    agency.move_guest(guest, other)
            tour = agency.shortest_of_guests()
        return {"fees": fees, "back": back, "guests": left}

    def solve(self, call):
        seen = call("Observe")
        fees, back, left = (0, 0, seen["wishes"])
        tour = call("ShortestOfGuests")
        while tour >= 0:
            fees += call("CallOff", tour=tour)
            for guest in call("ListGuests", tour=tour):
                other = call("OpenWish", guest=guest)
                if other < 0:
                    back += call("SendHome", guest=guest)
                    left -= 1
                else:
                    call("MoveGuest", guest=guest, tour=other)
            tour = call("ShortestOfGuests")
        return call("Done", answer={"fees": fees, "back": back, "guests": left})

    @staticmethod
    def generate(rng, level):
        count, guests = {"easy": (4, 11), "medium": (5, 18), "hard": (rng.randint(8, 9), rng.randint(58, 70))}[level]
        weights = [rng.randint(1, 4) for _ in range(count)]
        wishes = []
        for _ in range(guests):
            first = rng.choices(range(count), weights)[0]
            others = rng.sample([tour for tour in range(count) if tour != first], min(count - 1, rng.randint(1, 4)))
            wishes.append([first, *others])
        tours = []
        for tour in range(count):
            here = sum((wish[0] == tour for wish in wishes))
            least = max(1, here + rng.choice([-1, 1, 1, 2, 2, 3]))
            tours.append([least, max(here, least) + rng.randint(0, 3)])
        busiest = max(range(count), key=lambda tour: tours[tour][0])
        tours[busiest][0] += guests // 3
        tours[busiest][1] += guests // 3
        return {"tours": tours, "wishes": wishes, "fares": [rng.randint(30, 90) for _ in wishes]}
