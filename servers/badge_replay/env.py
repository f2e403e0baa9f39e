"""The badge log of a building is replayed."""

import copy

from codegym_mcp import Environment, tool


class Building:
    """Rooms, doors and where the badges are."""

    def __init__(self, doors: list[list[str]], seats: dict[str, int], swipes: list[list], penalty: int) -> None:
        self._doors, self._seats, self._swipes, self._penalty = doors, seats, swipes, penalty
        self._where: dict[str, str] = {}
        self._blocked: dict[str, int] = {}
        self._times: dict[str, int] = {}

    def read_swipe(self, swipe: int) -> dict[str, int | str | bool | list[str]]:
        """Read a swipe.

        Args:
            swipe: number of the swipe, from 0.

        Returns:
            its "minute", its "badge", the two "rooms" of the door, and whether the badge is "blocked" at that minute.

        Example:
            read_swipe(swipe=0) -> {"minute": 2, "badge": "b7", "rooms": ["yard", "hall"], "blocked": false}
        """
        if not 0 <= swipe < len(self._swipes):
            raise ValueError(f"swipe must be from 0 to {len(self._swipes) - 1}, got {swipe}")
        minute, badge, door = self._swipes[swipe]
        blocked = self._blocked.get(badge, -1) >= minute
        return {"minute": minute, "badge": badge, "rooms": list(self._doors[door]), "blocked": blocked}

    def find_badge(self, badge: str) -> str:
        """Tell in which room a badge is now.

        Args:
            badge: name of the badge.

        Returns:
            the name of the room.

        Example:
            find_badge(badge="b7") -> "yard"
        """
        return self._where.get(badge, "yard")

    def count_doors(self, start: str, goal: str) -> int:
        """Count the doors on the shortest way from one room to another: the smaller, the nearer.

        Args:
            start: name of the room where the way begins.
            goal: name of the room where it ends.

        Returns:
            the number of doors.

        Example:
            count_doors(start="yard", goal="lab") -> 2
        """
        steps = {start: 0}
        for room in (line := [start]):
            for pair in self._doors:
                other = pair[1] if pair[0] == room else pair[0] if pair[1] == room else room
                if other not in steps:
                    steps[other] = steps[room] + 1
                    line.append(other)
        if goal not in steps:
            raise ValueError(f"there is no way from {start!r} to {goal!r}")
        return steps[goal]

    def place_badge(self, badge: str, room: str) -> int:
        """Note that a badge is in a room now.

        Args:
            badge: name of the badge.
            room: name of the room.

        Returns:
            how many more badges the room may hold; below 0 if it holds too many.

        Example:
            place_badge(badge="b7", room="hall") -> 3
        """
        if room not in self._seats:
            raise ValueError(f"room must be one of {sorted(self._seats)}, got {room!r}")
        self._where[badge] = room
        return self._seats[room] - list(self._where.values()).count(room)

    def block_badge(self, badge: str, minute: int) -> int:
        """Block a badge from a minute on.

        Args:
            badge: name of the badge.
            minute: the minute.

        Returns:
            the last minute at which it is blocked.

        Example:
            block_badge(badge="b7", minute=12) -> 20
        """
        self._times[badge] = self._times.get(badge, 0) + 1
        self._blocked[badge] = minute + self._penalty * self._times[badge]
        return self._blocked[badge]


class BadgeReplay(Environment):
    """The badge log of a building is replayed. Swipes are numbered from 0 and handled in ascending order; each has a badge
    and a door, which joins two rooms. Every badge is in the room "yard" at first.

    For each swipe:

    1. If the badge is blocked at that minute, the swipe is refused, and nothing else happens.
    2. If the badge is in neither of the door's two rooms, this is an offence, and the badge is taken to be in the one
    of them
       that is nearer to where it was (of equally near ones the first of the two).
    3. The badge goes through the door, into the other one of its rooms.
    4. If that room now holds more badges than it may, this is an offence too, but the badge stays there.
    5. If the badge has got three or more offences since it was last blocked (or since the beginning), it is blocked
    from this
       minute on, for as long as the building tells, and its offences are counted from 0 again.

    Find the number of refused swipes, the number of all offences, and the sum, over all blockings, of the last blocked
    minute.

    The input is hidden (doors, seats, swipes); the tools give access to it. Observe shows what is known from the start:
    sizes, and penalty.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, doors: list[list[str]], seats: dict[str, int], swipes: list[list[int | str]], penalty: int
    ) -> None:
        self.doors = doors
        self.seats = seats
        self.swipes = swipes
        self.penalty = penalty
        self.building = Building(
            copy.deepcopy(self.doors), copy.deepcopy(self.seats), copy.deepcopy(self.swipes), self.penalty
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "penalty": a whole number, given as it is.
            "doors": number of items of doors.
            "seats": number of keys of seats.
            "swipes": number of items of swipes.

        Example:
            Observe() -> {"penalty": 8, "doors": 2, "seats": 3, "swipes": 6}
        """
        return {"penalty": self.penalty, "doors": len(self.doors), "seats": len(self.seats), "swipes": len(self.swipes)}

    @tool
    def ReadSwipe(self, swipe: int) -> dict:
        """Read a swipe.

        Args:
            swipe: number of the swipe, from 0.

        Returns:
            its "minute", its "badge", the two "rooms" of the door, and whether the badge is "blocked" at that minute.

        Example:
            ReadSwipe(swipe=0) -> {"minute": 2, "badge": "b7", "rooms": ["yard", "hall"], "blocked": false}
        """
        return self.building.read_swipe(swipe)

    @tool
    def FindBadge(self, badge: str) -> str:
        """Tell in which room a badge is now.

        Args:
            badge: name of the badge.

        Returns:
            the name of the room.

        Example:
            FindBadge(badge="b7") -> "yard"
        """
        return self.building.find_badge(badge)

    @tool
    def CountDoors(self, start: str, goal: str) -> int:
        """Count the doors on the shortest way from one room to another: the smaller, the nearer.

        Args:
            start: name of the room where the way begins.
            goal: name of the room where it ends.

        Returns:
            the number of doors.

        Example:
            CountDoors(start="yard", goal="lab") -> 2
        """
        return self.building.count_doors(start, goal)

    @tool
    def PlaceBadge(self, badge: str, room: str) -> int:
        """Note that a badge is in a room now.

        Args:
            badge: name of the badge.
            room: name of the room.

        Returns:
            how many more badges the room may hold; below 0 if it holds too many.

        Example:
            PlaceBadge(badge="b7", room="hall") -> 3
        """
        return self.building.place_badge(badge, room)

    @tool
    def BlockBadge(self, badge: str, minute: int) -> int:
        """Block a badge from a minute on.

        Args:
            badge: name of the badge.
            minute: the minute.

        Returns:
            the last minute at which it is blocked.

        Example:
            BlockBadge(badge="b7", minute=12) -> 20
        """
        return self.building.block_badge(badge, minute)

    def answer(self) -> list[int]:
        """Replay a badge log.

        Returns:
            [refused swipes, offences, sum of the last blocked minutes], such as [4, 9, 61].
        """
        doors = copy.deepcopy(self.doors)
        seats = copy.deepcopy(self.seats)
        swipes = copy.deepcopy(self.swipes)
        penalty = self.penalty
        building = Building(doors, seats, swipes, penalty)
        refused = offences = minutes = 0
        counts = {}
        for number in range(len(swipes)):
            swipe = building.read_swipe(number)
            if swipe["blocked"]:
                refused += 1
                continue
            badge, (first, second) = (swipe["badge"], swipe["rooms"])
            room, fresh = (building.find_badge(badge), 0)
            if room not in (first, second):
                fresh += 1
                room = first if building.count_doors(room, first) <= building.count_doors(room, second) else second
            if building.place_badge(badge, second if room == first else first) < 0:
                fresh += 1
            offences += fresh
            counts[badge] = counts.get(badge, 0) + fresh
            if counts[badge] >= 3:
                minutes += building.block_badge(badge, swipe["minute"])
                counts[badge] = 0
        return [refused, offences, minutes]

    def solve(self, call):
        seen = call("Observe")
        refused = offences = minutes = 0
        counts = {}
        for number in range(seen["swipes"]):
            swipe = call("ReadSwipe", swipe=number)
            if swipe["blocked"]:
                refused += 1
                continue
            badge, (first, second) = (swipe["badge"], swipe["rooms"])
            room, fresh = (call("FindBadge", badge=badge), 0)
            if room not in (first, second):
                fresh += 1
                room = (
                    first
                    if call("CountDoors", start=room, goal=first) <= call("CountDoors", start=room, goal=second)
                    else second
                )
            if call("PlaceBadge", badge=badge, room=second if room == first else first) < 0:
                fresh += 1
            offences += fresh
            counts[badge] = counts.get(badge, 0) + fresh
            if counts[badge] >= 3:
                minutes += call("BlockBadge", badge=badge, minute=swipe["minute"])
                counts[badge] = 0
        return call("Done", answer=[refused, offences, minutes])

    @staticmethod
    def generate(rng, level):
        count, size, badges = {"easy": (6, 3, 1), "medium": (11, 4, 2), "hard": (rng.randint(24, 30), 6, 4)}[level]
        rooms = ["yard", *rng.sample(["hall", "lab", "store", "cellar", "attic", "office", "vault"], size - 1)]
        doors = []
        for place in range(1, size):
            doors.append(rng.sample([rooms[place], rooms[rng.randrange(place)]], 2))
        if size > 3:
            doors.append(rng.sample(rooms[1:], 2))
        seats = {
            room: 9 if room == "yard" else rng.randint(0, 1) if level != "hard" else rng.randint(0, 2) for room in rooms
        }
        names = [f"b{number}" for number in rng.sample(range(1, 20), badges)]
        swipes, minute = ([], rng.randint(0, 5))
        for _ in range(count):
            swipes.append([minute, rng.choice(names), rng.randrange(len(doors))])
            minute += rng.randint(1, 6)
        return {"doors": doors, "seats": seats, "swipes": swipes, "penalty": rng.randint(3, 9)}
