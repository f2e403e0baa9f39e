"""Requests for money, numbered from 0, are handled in ascending order."""

import copy

from codegym_mcp import Environment, tool


class ApprovalOffice:
    """Managers, deputies and the limits that are left."""

    def __init__(self, staff: dict[str, list], requests: list[list]) -> None:
        self._staff, self._requests = staff, requests
        self._left = {name: facts[2] for name, facts in staff.items()}
        self._decided = [False] * len(requests)

    def read_request(self, request: int) -> dict[str, int | str]:
        """Read a request.

        Args:
            request: number of the request, from 0.

        Returns:
            who "asks" for it and the "sum".

        Example:
            read_request(request=0) -> {"asks": "kim", "sum": 300}
        """
        if not 0 <= request < len(self._requests):
            raise ValueError(f"request must be from 0 to {len(self._requests) - 1}, got {request}")
        return {"asks": self._requests[request][0], "sum": self._requests[request][1]}

    def _person(self, name: str) -> list:
        if name not in self._staff:
            raise ValueError(f"name must be one of {sorted(self._staff)}, got {name!r}")
        return self._staff[name]

    def find_manager(self, name: str) -> str:
        """Find the manager of a person.

        Args:
            name: name of the person.

        Returns:
            the name of the manager, or "none".

        Example:
            find_manager(name="kim") -> "lee"
        """
        return self._person(name)[0]

    def find_deputy(self, name: str, request: int) -> str:
        """Find who stands in for a person on a request.

        Args:
            name: name of the person.
            request: number of the request.

        Returns:
            "present" if the person is there, otherwise the name of the deputy, or "none".

        Example:
            find_deputy(name="lee", request=0) -> "max"
        """
        self.read_request(request)
        _, deputy, _, absent = self._person(name)
        return deputy if request in absent else "present"

    def read_limit(self, name: str) -> int:
        """Read the limit that a person has left.

        Args:
            name: name of the person.

        Returns:
            the sum that the person may still approve.

        Example:
            read_limit(name="max") -> 500
        """
        self._person(name)
        return self._left[name]

    def approve_request(self, name: str, request: int) -> int:
        """Let a present person approve a request within the limit left.

        Args:
            name: name of the person.
            request: number of the request, not approved yet.

        Returns:
            the limit that the person has left then.

        Example:
            approve_request(name="max", request=0) -> 200
        """
        if self.find_deputy(name, request) != "present" or self._decided[request]:
            raise ValueError(f"{name} is absent, or request {request} is approved already")
        if self._left[name] < self._requests[request][1]:
            raise ValueError(f"{name} has {self._left[name]} left, the request is {self._requests[request][1]}")
        self._decided[request] = True
        self._left[name] -= self._requests[request][1]
        return self._left[name]


class ApprovalLadder(Environment):
    """Requests for money, numbered from 0, are handled in ascending order. A request has a sum and somebody who asks for
    it; the first one to look at it is the manager of that person.

    Whoever looks at a request:

    - If this person is absent, the request goes to the person's deputy, which counts as a detour. But if the deputy is
    the one
      who asks for the money, it goes to the absent person's manager instead, which is no detour.
    - If this person is present and the limit left is at least the sum, the request is approved, which uses up as much
    of the
      limit.
    - If this person is present and the limit left is less, the request goes to this person's manager.

    Each time a request goes to somebody it makes a hop, the first manager included. If it would make more hops than
    allowed, or there is nobody to go to, it is rejected instead; then neither a hop nor a detour is counted for this
    step.

    Find the sum approved, the number of rejected requests, the total of the hops, and the total of the detours.

    The input is hidden (staff, requests); the tools give access to it. Observe shows what is known from the start:
    sizes, and allowed.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, staff: dict[str, list], requests: list[list[int | str]], allowed: int) -> None:
        self.staff = staff
        self.requests = requests
        self.allowed = allowed
        self.office = ApprovalOffice(copy.deepcopy(self.staff), copy.deepcopy(self.requests))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "allowed": a whole number, given as it is.
            "staff": number of keys of staff.
            "requests": number of items of requests.

        Example:
            Observe() -> {"allowed": 4, "staff": 5, "requests": 3}
        """
        return {"allowed": self.allowed, "staff": len(self.staff), "requests": len(self.requests)}

    @tool
    def ReadRequest(self, request: int) -> dict[str, int | str]:
        """Read a request.

        Args:
            request: number of the request, from 0.

        Returns:
            who "asks" for it and the "sum".

        Example:
            ReadRequest(request=0) -> {"asks": "kim", "sum": 300}
        """
        return self.office.read_request(request)

    @tool
    def FindManager(self, name: str) -> str:
        """Find the manager of a person.

        Args:
            name: name of the person.

        Returns:
            the name of the manager, or "none".

        Example:
            FindManager(name="kim") -> "lee"
        """
        return self.office.find_manager(name)

    @tool
    def FindDeputy(self, name: str, request: int) -> str:
        """Find who stands in for a person on a request.

        Args:
            name: name of the person.
            request: number of the request.

        Returns:
            "present" if the person is there, otherwise the name of the deputy, or "none".

        Example:
            FindDeputy(name="lee", request=0) -> "max"
        """
        return self.office.find_deputy(name, request)

    @tool
    def ReadLimit(self, name: str) -> int:
        """Read the limit that a person has left.

        Args:
            name: name of the person.

        Returns:
            the sum that the person may still approve.

        Example:
            ReadLimit(name="max") -> 500
        """
        return self.office.read_limit(name)

    @tool
    def ApproveRequest(self, name: str, request: int) -> int:
        """Let a present person approve a request within the limit left.

        Args:
            name: name of the person.
            request: number of the request, not approved yet.

        Returns:
            the limit that the person has left then.

        Example:
            ApproveRequest(name="max", request=0) -> 200
        """
        return self.office.approve_request(name, request)

    def answer(self) -> dict[str, int]:
        """Send requests up the ladder.

        Returns:
            the sum "approved", the number "rejected", the "hops" and the "detours".
            Example: {"approved": 900, "rejected": 1, "hops": 9, "detours": 2}.
        """
        staff = copy.deepcopy(self.staff)
        requests = copy.deepcopy(self.requests)
        allowed = self.allowed
        office = ApprovalOffice(staff, requests)
        approved = rejected = hops = detours = 0
        for request in range(len(requests)):
            ask = office.read_request(request)
            left, target = (allowed, office.find_manager(ask["asks"]))
            while target != "none" and left > 0:
                person, left = (target, left - 1)
                deputy = office.find_deputy(person, request)
                if deputy == "present":
                    if office.read_limit(person) >= ask["sum"]:
                        office.approve_request(person, request)
                        approved += ask["sum"]
                        break
                    target = office.find_manager(person)
                elif deputy == ask["asks"]:
                    target = office.find_manager(person)
                else:
                    target = deputy
                    detours += 1 if deputy != "none" and left > 0 else 0
            else:
                rejected += 1
            hops += allowed - left
        return {"approved": approved, "rejected": rejected, "hops": hops, "detours": detours}

    def solve(self, call):
        seen = call("Observe")
        allowed = seen["allowed"]
        approved = rejected = hops = detours = 0
        for request in range(seen["requests"]):
            ask = call("ReadRequest", request=request)
            left, target = (allowed, call("FindManager", name=ask["asks"]))
            while target != "none" and left > 0:
                person, left = (target, left - 1)
                deputy = call("FindDeputy", name=person, request=request)
                if deputy == "present":
                    if call("ReadLimit", name=person) >= ask["sum"]:
                        call("ApproveRequest", name=person, request=request)
                        approved += ask["sum"]
                        break
                    target = call("FindManager", name=person)
                elif deputy == ask["asks"]:
                    target = call("FindManager", name=person)
                else:
                    target = deputy
                    detours += 1 if deputy != "none" and left > 0 else 0
            else:
                rejected += 1
            hops += allowed - left
        return call("Done", answer={"approved": approved, "rejected": rejected, "hops": hops, "detours": detours})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (3, 5), "medium": (5, 7), "hard": (rng.randint(12, 16), 11)}[level]
        names = rng.sample(["kim", "lee", "max", "ned", "ona", "pia", "quin", "rob", "sue", "tom", "uma", "val"], size)
        staff = {}
        for place, name in enumerate(names):
            manager = "none" if place == 0 else names[rng.randrange(max(1, place * 2 // 3))]
            deputy = rng.choice([other for other in names if other != name] + ["none"])
            absent = [request for request in range(count) if rng.random() < 0.35]
            staff[name] = [manager, deputy, (size - place) * rng.randint(60, 130), absent]
        requests = [[rng.choice(names[1:]), rng.randint(60, 420)] for _ in range(count)]
        return {"staff": staff, "requests": requests, "allowed": rng.randint(3, 5)}
