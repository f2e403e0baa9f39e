"""The rota of a ward has one nurse for each day; days are numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class WardRota:
    """The rota and the swap requests."""

    def __init__(self, rota: list[str], requests: list[str]) -> None:
        self._rota, self._requests, self._closed = list(rota), requests, [False] * len(requests)
        self._points = 0

    def read_request(self, request: int) -> str:
        """Read a swap request.

        Args:
            request: number of the request, from 0.

        Returns:
            a nurse, the nurse's day, another nurse, and the other nurse's day.

        Example:
            read_request(request=0) -> "Ann 3 Bo 5"
        """
        if not 0 <= request < len(self._requests):
            raise ValueError(f"request must be from 0 to {len(self._requests) - 1}, got {request}")
        return self._requests[request]

    def nurse_on(self, day: int) -> str:
        """Tell which nurse is on duty on a day now.

        Args:
            day: number of the day, from 0.

        Returns:
            the name of the nurse.

        Example:
            nurse_on(day=3) -> "Ann"
        """
        if not 0 <= day < len(self._rota):
            raise ValueError(f"day must be from 0 to {len(self._rota) - 1}, got {day}")
        return self._rota[day]

    def swap_days(self, one: int, other: int) -> list[str]:
        """Swap the nurses of two days; doing it again undoes it.

        Args:
            one: number of a day.
            other: number of another day.

        Returns:
            who is on duty on the two days then.

        Example:
            swap_days(one=3, other=5) -> ["Bo", "Ann"]
        """
        self._rota[one], self._rota[other] = self.nurse_on(other), self.nurse_on(one)
        return [self._rota[one], self._rota[other]]

    def longest_run(self, nurse: str) -> int:
        """Work out the longest run of days in a row on which a nurse is on duty.

        Args:
            nurse: name of the nurse.

        Returns:
            the number of days.

        Example:
            longest_run(nurse="Ann") -> 2
        """
        best = run = 0
        for name in self._rota:
            run = run + 1 if name == nurse else 0
            best = max(best, run)
        return best

    def close_request(self, request: int) -> int:
        """Close an open request whose swap holds.

        Args:
            request: number of the request.

        Returns:
            the points that it earns.

        Example:
            close_request(request=0) -> 12
        """
        first, day, _, other = self.read_request(request).split()
        if self._closed[request] or self.nurse_on(int(day)) == first:
            raise ValueError(f"request {request} is closed already, or its swap was not made")
        self._closed[request] = True
        self._points += 1
        return self._points + 2 * abs(int(day) - int(other))


class RotaSwaps(Environment):
    """The rota of a ward has one nurse for each day; days are numbered from 0. Nurses hand in swap requests, numbered from
    0, such as "Ann 3 Bo 5": Ann, who is on duty on day 3, wants to swap with Bo, who is on duty on day 5.

    The requests are gone through in rounds. In a round, take all open requests in ascending order (at first all are
    open):

    - If at that moment the first nurse is not on duty on the first day, or the second one not on the second day, the
    request
      stays open.
    - Otherwise make the swap. If then either nurse's longest run of days on duty in a row is longer than allowed, undo
    the
      swap, and the request stays open. If not, the request is closed, which earns points.

    If at least one request was closed in a round, there is another round; otherwise the rounds are over.

    Find the sum of the points, the number of swaps undone, the number of rounds (the last one included), and the sum of
    the numbers of the requests that are open in the end.

    The input is hidden (rota, requests); the tools give access to it. Observe shows what is known from the start:
    sizes, and allowed.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rota: list[str], requests: list[str], allowed: int) -> None:
        self.rota = rota
        self.requests = requests
        self.allowed = allowed
        self.ward = WardRota(copy.deepcopy(self.rota), copy.deepcopy(self.requests))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "allowed": a whole number, given as it is.
            "rota": number of items of rota.
            "requests": number of items of requests.

        Example:
            Observe() -> {"allowed": 3, "rota": 9, "requests": 3}
        """
        return {"allowed": self.allowed, "rota": len(self.rota), "requests": len(self.requests)}

    @tool
    def ReadRequest(self, request: int) -> str:
        """Read a swap request.

        Args:
            request: number of the request, from 0.

        Returns:
            a nurse, the nurse's day, another nurse, and the other nurse's day.

        Example:
            ReadRequest(request=0) -> "Ann 3 Bo 5"
        """
        return self.ward.read_request(request)

    @tool
    def NurseOn(self, day: int) -> str:
        """Tell which nurse is on duty on a day now.

        Args:
            day: number of the day, from 0.

        Returns:
            the name of the nurse.

        Example:
            NurseOn(day=3) -> "Ann"
        """
        return self.ward.nurse_on(day)

    @tool
    def SwapDays(self, one: int, other: int) -> list[str]:
        """Swap the nurses of two days; doing it again undoes it.

        Args:
            one: number of a day.
            other: number of another day.

        Returns:
            who is on duty on the two days then.

        Example:
            SwapDays(one=3, other=5) -> ["Bo", "Ann"]
        """
        return self.ward.swap_days(one, other)

    @tool
    def LongestRun(self, nurse: str) -> int:
        """Work out the longest run of days in a row on which a nurse is on duty.

        Args:
            nurse: name of the nurse.

        Returns:
            the number of days.

        Example:
            LongestRun(nurse="Ann") -> 2
        """
        return self.ward.longest_run(nurse)

    @tool
    def CloseRequest(self, request: int) -> int:
        """Close an open request whose swap holds.

        Args:
            request: number of the request.

        Returns:
            the points that it earns.

        Example:
            CloseRequest(request=0) -> 12
        """
        return self.ward.close_request(request)

    def answer(self) -> list[int]:
        """Go through swap requests.

        Returns:
            [points, swaps undone, rounds, sum of the open numbers], such as [21, 2, 3, 6].
        """
        rota = copy.deepcopy(self.rota)
        requests = copy.deepcopy(self.requests)
        allowed = self.allowed
        ward = WardRota(rota, requests)
        points = undone = rounds = 0
        texts, active = ([], list(range(len(requests))))
        for request in active:
            texts.append(ward.read_request(request).split())
        changed = True
        while changed:
            changed, rounds, left = (False, rounds + 1, [])
            for request in active:
                first, day, second, other = texts[request]
                if ward.nurse_on(int(day)) == first and ward.nurse_on(int(other)) == second:
                    ward.swap_days(int(day), int(other))
                    if max(ward.longest_run(first), ward.longest_run(second)) <= allowed:
                        points += ward.close_request(request)
                        changed = True
                        continue
                    ward.swap_days(int(day), int(other))
                    undone += 1
                left.append(request)
            active = left
        return [points, undone, rounds, sum(active)]

    def solve(self, call):
        seen = call("Observe")
        allowed = seen["allowed"]
        points = undone = rounds = 0
        texts, active = ([], list(range(seen["requests"])))
        for request in active:
            texts.append(call("ReadRequest", request=request).split())
        changed = True
        while changed:
            changed, rounds, left = (False, rounds + 1, [])
            for request in active:
                first, day, second, other = texts[request]
                if call("NurseOn", day=int(day)) == first and call("NurseOn", day=int(other)) == second:
                    call("SwapDays", one=int(day), other=int(other))
                    if max(call("LongestRun", nurse=first), call("LongestRun", nurse=second)) <= allowed:
                        points += call("CloseRequest", request=request)
                        changed = True
                        continue
                    call("SwapDays", one=int(day), other=int(other))
                    undone += 1
                left.append(request)
            active = left
        return call("Done", answer=[points, undone, rounds, sum(active)])

    @staticmethod
    def generate(rng, level):
        size, days, count = {"easy": (3, 9, 3), "medium": (3, 9, 4), "hard": (4, 14, rng.randint(9, 12))}[level]
        nurses = rng.sample(["Ann", "Bo", "Cy", "Dot", "Eve", "Finn"], size)
        rota = []
        while len(rota) < days:
            rota += [rng.choice(nurses)] * rng.randint(1, 2)
        rota = rota[:days]
        for place, nurse in enumerate(nurses):
            rota[place * 2] = nurse
        later, requests = (list(rota), [])
        while len(requests) < count:
            one, other = rng.sample(range(days), 2)
            if later[one] != later[other]:
                requests.append(f"{later[one]} {one} {later[other]} {other}")
                if rng.random() < 0.7:
                    later[one], later[other] = (later[other], later[one])
        if count > 3:
            rng.shuffle(requests)
        return {"rota": rota, "requests": requests, "allowed": rng.randint(2, 3)}
