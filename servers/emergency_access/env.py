"""Engineers may get emergency access to a plant, at most as many at a time as there are slots."""

import copy
import heapq

from codegym_mcp import Environment, tool


class PlantDesk:
    """Requests that come with time, and open accesses."""

    def __init__(self, requests: list[list], slots: int) -> None:
        self._requests, self._slots, self._next = requests, slots, 0
        self._ends: dict[str, int] = {}

    def next_request(self) -> dict[str, int | str]:
        """Take the next request, in the order in which they come and are numbered.

        Returns:
            its "number", its "minute" (-1 if there is none left), its "person" and its "gravity".

        Example:
            next_request() -> {"number": 0, "minute": 3, "person": "mia", "gravity": 2}
        """
        if self._next >= len(self._requests):
            return {"number": -1, "minute": -1, "person": "nobody", "gravity": 0}
        minute, person, gravity, _ = self._requests[self._next]
        self._next += 1
        return {"number": self._next - 1, "minute": minute, "person": person, "gravity": gravity}

    def next_end(self) -> int:
        """Tell the minute at which the next open access ends.

        Returns:
            the minute, or -1 if no access is open.

        Example:
            next_end() -> 14
        """
        return min(self._ends.values()) if self._ends else -1

    def close_ended(self, minute: int) -> int:
        """Close all accesses that end at a minute or before.

        Args:
            minute: the minute.

        Returns:
            how many slots are free then.

        Example:
            close_ended(minute=14) -> 1
        """
        self._ends = {person: end for person, end in self._ends.items() if end > minute}
        return self._slots - len(self._ends)

    def extend_access(self, person: str, number: int) -> int:
        """Extend the open access of a person by a request.

        Args:
            person: name of the person.
            number: number of the request.

        Returns:
            the minute at which the access ends now, or -1 if the person has no open access (nothing is changed then).

        Example:
            extend_access(person="mia", number=4) -> 21
        """
        if not 0 <= number < len(self._requests) or self._requests[number][1] != person:
            raise ValueError(f"request {number} is not one of {person}")
        if person not in self._ends:
            return -1
        self._ends[person] += 1 + self._requests[number][3] // 2
        return self._ends[person]

    def grant_access(self, number: int, minute: int) -> int:
        """Open the access of a request, if a slot is free.

        Args:
            number: number of the request.
            minute: the present minute.

        Returns:
            the minute at which the access ends, or -1 if the person has an open access (nothing is changed then).

        Example:
            grant_access(number=0, minute=3) -> 14
        """
        if not 0 <= number < len(self._requests) or len(self._ends) >= self._slots:
            raise ValueError(f"there is no request {number}, or no slot is free")
        _, person, _, length = self._requests[number]
        if person in self._ends:
            return -1
        self._ends[person] = minute + length
        return self._ends[person]


class EmergencyAccess(Environment):
    """Engineers may get emergency access to a plant, at most as many at a time as there are slots. Requests are numbered
    from 0.

    Work through the minutes at which something happens, in ascending order: a request comes, or an access ends. At each
    such minute:

    1. All accesses that end at this minute are closed, which frees their slots.
    2. All requests that come at this minute join those waiting, in ascending order of their numbers. But a request of
    somebody
       whose access is open now extends that access instead, so that it ends some minutes later.
    3. As long as a slot is free and a request is waiting, the one that goes first is opened: the gravest; of equally
    grave ones
       the one that came earlier; then the one with the lower number. If its person has an access open by then, the
       request is
       dropped instead.

    Find the sum of the minutes at which accesses were opened, how many requests extended an access, how many were
    dropped, and the minute at which the last access is closed.

    The input is hidden (requests); the tools give access to it. Observe shows what is known from the start: sizes, and
    slots.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, requests: list[list[int | str]], slots: int) -> None:
        self.requests = requests
        self.slots = slots
        self.desk = PlantDesk(copy.deepcopy(self.requests), self.slots)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "slots": a whole number, given as it is.
            "requests": number of items of requests.

        Example:
            Observe() -> {"slots": 1, "requests": 4}
        """
        return {"slots": self.slots, "requests": len(self.requests)}

    @tool
    def NextRequest(self) -> dict[str, int | str]:
        """Take the next request, in the order in which they come and are numbered.

        Returns:
            its "number", its "minute" (-1 if there is none left), its "person" and its "gravity".

        Example:
            NextRequest() -> {"number": 0, "minute": 3, "person": "mia", "gravity": 2}
        """
        return self.desk.next_request()

    @tool
    def NextEnd(self) -> int:
        """Tell the minute at which the next open access ends.

        Returns:
            the minute, or -1 if no access is open.

        Example:
            NextEnd() -> 14
        """
        return self.desk.next_end()

    @tool
    def CloseEnded(self, minute: int) -> int:
        """Close all accesses that end at a minute or before.

        Args:
            minute: the minute.

        Returns:
            how many slots are free then.

        Example:
            CloseEnded(minute=14) -> 1
        """
        return self.desk.close_ended(minute)

    @tool
    def ExtendAccess(self, person: str, number: int) -> int:
        """Extend the open access of a person by a request.

        Args:
            person: name of the person.
            number: number of the request.

        Returns:
            the minute at which the access ends now, or -1 if the person has no open access (nothing is changed then).

        Example:
            ExtendAccess(person="mia", number=4) -> 21
        """
        return self.desk.extend_access(person, number)

    @tool
    def GrantAccess(self, number: int, minute: int) -> int:
        """Open the access of a request, if a slot is free.

        Args:
            number: number of the request.
            minute: the present minute.

        Returns:
            the minute at which the access ends, or -1 if the person has an open access (nothing is changed then).

        Example:
            GrantAccess(number=0, minute=3) -> 14
        """
        return self.desk.grant_access(number, minute)

    def answer(self) -> list[int]:
        """Give out emergency access.

        Returns:
            [sum of the opening minutes, extensions, drops, last minute], such as [58, 2, 1, 41].
        """
        requests = copy.deepcopy(self.requests)
        slots = self.slots
        desk = PlantDesk(requests, slots)
        opened = extended = dropped = last = 0
        waiting, request, end = ([], desk.next_request(), -1)
        while request["minute"] >= 0 or end >= 0:
            minute = max(request["minute"], end) if -1 in (request["minute"], end) else min(request["minute"], end)
            last = minute if end == minute else last
            free = desk.close_ended(minute)
            while request["minute"] == minute:
                if desk.extend_access(request["person"], request["number"]) >= 0:
                    extended += 1
                else:
                    heapq.heappush(waiting, [-request["gravity"], minute, request["number"]])
                request = desk.next_request()
            while free > 0 and waiting:
                if desk.grant_access(heapq.heappop(waiting)[2], minute) < 0:
                    dropped += 1
                else:
                    opened, free = (opened + minute, free - 1)
            end = desk.next_end()
        return [opened, extended, dropped, last]

    def solve(self, call):
        opened = extended = dropped = last = 0
        waiting, request, end = ([], call("NextRequest"), -1)
        while request["minute"] >= 0 or end >= 0:
            minute = max(request["minute"], end) if -1 in (request["minute"], end) else min(request["minute"], end)
            last = minute if end == minute else last
            free = call("CloseEnded", minute=minute)
            while request["minute"] == minute:
                if call("ExtendAccess", person=request["person"], number=request["number"]) >= 0:
                    extended += 1
                else:
                    heapq.heappush(waiting, [-request["gravity"], minute, request["number"]])
                request = call("NextRequest")
            while free > 0 and waiting:
                if call("GrantAccess", number=heapq.heappop(waiting)[2], minute=minute) < 0:
                    dropped += 1
                else:
                    opened, free = (opened + minute, free - 1)
            end = call("NextEnd")
        return call("Done", answer=[opened, extended, dropped, last])

    @staticmethod
    def generate(rng, level):
        count, size, slots = {"easy": (4, 3, 1), "medium": (7, 4, 1), "hard": (rng.randint(16, 21), 7, 2)}[level]
        people = rng.sample(["mia", "noa", "oli", "pam", "raj", "sam", "tia", "vic"], size)
        requests, minute = ([], rng.randint(0, 4))
        for _ in range(count):
            requests.append([minute, rng.choice(people), rng.randint(1, 3), rng.randint(4, 13)])
            minute += rng.choice([0, 1, 2, 3, 5])
        return {"requests": requests, "slots": slots}
