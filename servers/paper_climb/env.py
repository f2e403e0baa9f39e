"""In an office everybody but the head has a boss; a person's level is the number of bosses above that person, so the head
has level 0.
"""

import copy

from codegym_mcp import Environment, tool


class Office:
    """Who reports to whom, and who has signed how often."""

    def __init__(self, bosses: dict[str, str], requests: list[list[str]], limit: int) -> None:
        self.bosses, self.requests, self.limit = dict(bosses), requests, limit
        self.signed = dict.fromkeys(sorted({*bosses, *bosses.values()}), 0)

    def _check(self, person: str, level: int) -> None:
        if person not in self.signed or self._level(person) < level:
            raise ValueError(f"{person!r} is nobody here, or has a level below {level}")

    def _level(self, person: str) -> int:
        level = 0
        while person in self.bosses:
            person, level = self.bosses[person], level + 1
        return level

    def read_request(self, number: int) -> list[str]:
        """Read a request.

        Args:
            number: number of the request, from 0.

        Returns:
            the first and the second person.

        Example:
            read_request(number=0) -> ["Ina", "Ove"]
        """
        if not 0 <= number < len(self.requests):
            raise ValueError(f"number must be from 0 to {len(self.requests) - 1}, got {number}")
        return list(self.requests[number])

    def level_of(self, person: str) -> int:
        """Tell the present level of a person.

        Args:
            person: name of the person.

        Returns:
            the level.

        Example:
            level_of(person="Ina") -> 3
        """
        self._check(person, 0)
        return self._level(person)

    def boss_of(self, person: str) -> str:
        """Tell the present boss of a person.

        Args:
            person: name of a person who is not the head.

        Returns:
            name of the boss.

        Example:
            boss_of(person="Ina") -> "Rolf"
        """
        self._check(person, 1)
        return self.bosses[person]

    def sign(self, person: str) -> int:
        """Have a person sign a paper.

        Args:
            person: name of the person.

        Returns:
            the fee.

        Example:
            sign(person="Rolf") -> 5
        """
        self._check(person, 0)
        self.signed[person] += 1
        return 2 * len(person) + self.signed[person] * (1 + ord(person[0]) % 5)

    def move_up(self, person: str) -> str:
        """Have a person report to the boss of the former boss.

        Args:
            person: name of a person with a level of at least 2.

        Returns:
            name of the new boss.

        Example:
            move_up(person="Ina") -> "Maud"
        """
        self._check(person, 2)
        self.bosses[person] = self.bosses[self.bosses[person]]
        return self.bosses[person]


class PaperClimb(Environment):
    """In an office everybody but the head has a boss; a person's level is the number of bosses above that person, so the
    head has level 0. Requests, numbered from 0, are handled in order; each names two different persons.

    Two papers start, the first at the first person, the second at the second person. While different persons hold them,
    the paper whose holder has the greater level moves to the boss of its holder; if the levels are equal, the first
    paper moves. Who gets a paper by a move signs it, unless the same person holds the other paper. (Those with whom the
    papers start do not sign.) Each signature has a fee, which depends on how often that person has signed.

    When the papers have met, the request is over. If its fees make `limit` or more together and the first person named
    has a level of at least 2, that person is moved up: he or she reports from now on to the boss of the former boss,
    and takes along everybody below.

    The answer is the sum of all fees, and how many persons have been moved up, counting one each time.

    The input is hidden (bosses, requests); the tools give access to it. Observe shows what is known from the start:
    sizes, and limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, bosses: dict[str, str], requests: list[list[str]], limit: int) -> None:
        self.bosses = bosses
        self.requests = requests
        self.limit = limit
        self.office = Office(copy.deepcopy(self.bosses), copy.deepcopy(self.requests), self.limit)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "bosses": number of keys of bosses.
            "requests": number of items of requests.

        Example:
            Observe() -> {"limit": 40, "bosses": 6, "requests": 3}
        """
        return {"limit": self.limit, "bosses": len(self.bosses), "requests": len(self.requests)}

    @tool
    def ReadRequest(self, number: int) -> list[str]:
        """Read a request.

        Args:
            number: number of the request, from 0.

        Returns:
            the first and the second person.

        Example:
            ReadRequest(number=0) -> ["Ina", "Ove"]
        """
        return self.office.read_request(number)

    @tool
    def LevelOf(self, person: str) -> int:
        """Tell the present level of a person.

        Args:
            person: name of the person.

        Returns:
            the level.

        Example:
            LevelOf(person="Ina") -> 3
        """
        return self.office.level_of(person)

    @tool
    def BossOf(self, person: str) -> str:
        """Tell the present boss of a person.

        Args:
            person: name of a person who is not the head.

        Returns:
            name of the boss.

        Example:
            BossOf(person="Ina") -> "Rolf"
        """
        return self.office.boss_of(person)

    @tool
    def Sign(self, person: str) -> int:
        """Have a person sign a paper.

        Args:
            person: name of the person.

        Returns:
            the fee.

        Example:
            Sign(person="Rolf") -> 5
        """
        return self.office.sign(person)

    @tool
    def MoveUp(self, person: str) -> str:
        """Have a person report to the boss of the former boss.

        Args:
            person: name of a person with a level of at least 2.

        Returns:
            name of the new boss.

        Example:
            MoveUp(person="Ina") -> "Maud"
        """
        return self.office.move_up(person)

    def answer(self) -> dict[str, int]:
        """Handle all requests.

        Returns:
            the sum of the "fees" and how often somebody was "moved" up. Example: {"fees": 88, "moved": 2}.
        """
        bosses = copy.deepcopy(self.bosses)
        requests = copy.deepcopy(self.requests)
        limit = self.limit
        office = Office(bosses, requests, limit)
        total = moved = 0
        for number in range(len(requests)):
            first, second = office.read_request(number)
            start = first
            fees = 0
            high, low = (office.level_of(first), office.level_of(second))
            depth = high
            while first != second:
                if high >= low:
                    first, high = (office.boss_of(first), high - 1)
                    reached = first
                else:
                    second, low = (office.boss_of(second), low - 1)
                    reached = second
                if first != second:
                    fees += office.sign(reached)
            total += fees
            if fees >= limit and depth >= 2:
                office.move_up(start)
                moved += 1
        return {"fees": total, "moved": moved}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        total = moved = 0
        for number in range(seen["requests"]):
            first, second = call("ReadRequest", number=number)
            start = first
            fees = 0
            high, low = (call("LevelOf", person=first), call("LevelOf", person=second))
            depth = high
            while first != second:
                if high >= low:
                    first, high = (call("BossOf", person=first), high - 1)
                    reached = first
                else:
                    second, low = (call("BossOf", person=second), low - 1)
                    reached = second
                if first != second:
                    fees += call("Sign", person=reached)
            total += fees
            if fees >= limit and depth >= 2:
                call("MoveUp", person=start)
                moved += 1
        return call("Done", answer={"fees": total, "moved": moved})

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (7, 3), "medium": (10, 4), "hard": (16, rng.randint(8, 11))}[level]
        names = "Adda Bo Carl Dora Ebbe Fay Gus Hild Ina Jo Kurt Lena Maud Nils Ove Pia".split()
        names = rng.sample(names, size)
        bosses = {names[n]: names[rng.randrange(max(0, n - 3), n)] for n in range(1, size)}
        requests = [rng.sample(names[size // 3 :], 2) for _ in range(count)]
        return {"bosses": bosses, "requests": requests, "limit": rng.randint(20, 45)}
