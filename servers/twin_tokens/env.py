"""Two tokens, "slow" and "fast", stand on the same place of a hidden track at first, its home."""

import copy

from codegym_mcp import Environment, tool


class Track:
    """The ways, the tolls and the two tokens."""

    def __init__(self, ways: list[int], tolls: list[int]) -> None:
        self.ways, self.tolls = ways, tolls
        self.places = {"slow": 0, "fast": 0}

    def _check(self, token: str) -> None:
        if token not in self.places:
            raise ValueError(f'token must be "slow" or "fast", got {token!r}')

    def step(self, token: str) -> int:
        """Let a token go on to the next place.

        Args:
            token: "slow" or "fast".

        Returns:
            the toll of the place it has left.

        Example:
            step(token="slow") -> 4
        """
        self._check(token)
        place = self.places[token]
        self.places[token] = self.ways[place]
        return self.tolls[place]

    def leap(self, token: str) -> int:
        """Let a token go on by two places.

        Args:
            token: "slow" or "fast".

        Returns:
            the tolls of both places it has left, together.

        Example:
            leap(token="fast") -> 9
        """
        return self.step(token) + self.step(token)

    def together(self) -> bool:
        """Find out whether both tokens are on the same place.

        Returns:
            whether they are.

        Example:
            together() -> false
        """
        return self.places["slow"] == self.places["fast"]

    def send_home(self, token: str) -> str:
        """Send a token home.

        Args:
            token: "slow" or "fast".

        Returns:
            "together" or "apart": how both tokens are afterwards.

        Example:
            send_home(token="slow") -> "apart"
        """
        self._check(token)
        self.places[token] = 0
        return "together" if self.together() else "apart"


class TwinTokens(Environment):
    """Two tokens, "slow" and "fast", stand on the same place of a hidden track at first, its home. From each place one
    single way leads to a next place; some place is the next one of two others, so that a token that goes on and on
    first passes a tail, then runs round a loop for ever. The tail are the places from home up to the last one before
    the loop; it may have no places at all. Nobody sees on which place a token is; it can only be found out whether both
    are on the same one.

    Going on from a place costs the toll of this place. A token can be sent home at any time without toll. Tolls do not
    change and do not depend on the token.

    The answer is the number of places of the tail, the number of places of the loop, and the sum of the tolls of all
    places of the loop.

    The input is hidden (ways, tolls); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, ways: list[int], tolls: list[int]) -> None:
        self.ways = ways
        self.tolls = tolls
        self.track = Track(copy.deepcopy(self.ways), copy.deepcopy(self.tolls))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "ways": number of items of ways.
            "tolls": number of items of tolls.

        Example:
            Observe() -> {"ways": 8, "tolls": 8}
        """
        return {"ways": len(self.ways), "tolls": len(self.tolls)}

    @tool
    def Step(self, token: str) -> int:
        """Let a token go on to the next place.

        Args:
            token: "slow" or "fast".

        Returns:
            the toll of the place it has left.

        Example:
            Step(token="slow") -> 4
        """
        return self.track.step(token)

    @tool
    def Leap(self, token: str) -> int:
        """Let a token go on by two places.

        Args:
            token: "slow" or "fast".

        Returns:
            the tolls of both places it has left, together.

        Example:
            Leap(token="fast") -> 9
        """
        return self.track.leap(token)

    @tool
    def Together(self) -> bool:
        """Find out whether both tokens are on the same place.

        Returns:
            whether they are.

        Example:
            Together() -> false
        """
        return self.track.together()

    @tool
    def SendHome(self, token: str) -> str:
        """Send a token home.

        Args:
            token: "slow" or "fast".

        Returns:
            "together" or "apart": how both tokens are afterwards.

        Example:
            SendHome(token="slow") -> "apart"
        """
        return self.track.send_home(token)

    def answer(self) -> dict[str, int]:
        """Measure the track.

        Returns:
            the numbers of places of "tail" and "loop", and the "toll" of the loop. Example: {"tail": 3, "loop": 5,
                "toll": 22}.
        """
        ways = copy.deepcopy(self.ways)
        tolls = copy.deepcopy(self.tolls)
        track = Track(ways, tolls)
        meeting = 0
        while meeting == 0 or not track.together():
            track.step("slow")
            track.leap("fast")
            meeting += 1
        tail = 0
        apart = track.send_home("slow") == "apart"
        while apart:
            track.step("slow")
            track.step("fast")
            tail += 1
            apart = not track.together()
        toll = track.step("fast")
        loop = 1
        while not track.together():
            toll += track.step("fast")
            loop += 1
        return {"tail": tail, "loop": loop, "toll": toll}

    def solve(self, call):
        meeting = 0
        while meeting == 0 or not call("Together"):
            call("Step", token="slow")
            call("Leap", token="fast")
            meeting += 1
        tail = 0
        apart = call("SendHome", token="slow") == "apart"
        while apart:
            call("Step", token="slow")
            call("Step", token="fast")
            tail += 1
            apart = not call("Together")
        toll = call("Step", token="fast")
        loop = 1
        while not call("Together"):
            toll += call("Step", token="fast")
            loop += 1
        return call("Done", answer={"tail": tail, "loop": loop, "toll": toll})

    @staticmethod
    def generate(rng, level):
        tail = {"easy": rng.randint(0, 2), "medium": rng.randint(2, 4), "hard": rng.randint(5, 14)}[level]
        loop = {"easy": rng.randint(2, 3), "medium": rng.randint(4, 6), "hard": rng.randint(7, 15)}[level]
        extra = rng.randint(2, 9)
        names = [0, *rng.sample(range(1, tail + loop + extra), tail + loop + extra - 1)]
        ways = [rng.choice(names) for _ in names]
        for n in range(tail + loop):
            ways[names[n]] = names[n + 1] if n + 1 < tail + loop else names[tail]
        return {"ways": ways, "tolls": [rng.randint(1, 20) for _ in names]}
