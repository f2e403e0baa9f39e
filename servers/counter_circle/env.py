"""People stand in a line at an office counter."""

import copy

from codegym_mcp import Environment, tool


def clerk_patience(minute: int, visits: int) -> int:
    """Work out how many papers the clerk takes.

    Args:
        minute: the minute at which the person steps up.
        visits: how often this person has stepped up before.

    Returns:
        the greatest number of papers taken.

    Example:
        clerk_patience(minute=14, visits=1) -> 2
    """
    if minute < 0 or visits < 0:
        raise ValueError("minute and visits must be at least 0")
    return max(1, 4 - minute % 3 - visits // 2)


def taking_minutes(papers: int, visits: int) -> int:
    """Work out how long it takes to take papers.

    Args:
        papers: how many are taken, at least 1.
        visits: how often this person has stepped up before.

    Returns:
        the minutes.

    Example:
        taking_minutes(papers=3, visits=1) -> 8
    """
    if papers < 1:
        raise ValueError(f"papers must be at least 1, got {papers}")
    return 2 * papers + 1 + visits


def stamp_fee(person: int, minute: int, waiting: int) -> int:
    """Work out the stamp fee of a person who leaves.

    Args:
        person: number of the person.
        minute: the minute on the clock.
        waiting: how many people still wait.

    Returns:
        the fee.

    Example:
        stamp_fee(person=2, minute=22, waiting=3) -> 16
    """
    return 5 + minute % 8 + person * 2 + waiting // 2


def ticket_price(ticket: int, papers: int) -> int:
    """Work out the price of a ticket at closing time.

    Args:
        ticket: number of the ticket, from 1.
        papers: how many papers the person still has.

    Returns:
        the price.

    Example:
        ticket_price(ticket=1, papers=3) -> 10
    """
    if ticket < 1:
        raise ValueError(f"ticket must be at least 1, got {ticket}")
    return 3 * papers + ticket * ticket


class CounterCircle(Environment):
    """People stand in a line at an office counter. `papers` holds, for each of them in the order of the line, how many
    papers
    they have to hand in; people are numbered from 0 in that order. The clock begins at minute 0. The office closes at
    minute
    `closing`.

    As long as there is anybody in the line and the clock is before the closing minute, the first one steps up. The
    clerk takes as many papers as his patience allows, but at most the ones the person still has, and this takes some
    minutes, by which the clock moves on. If the person then has papers left, he goes to the end of the line; if the
    clock is an even number then, he goes to the place right behind the first of those who wait instead (if nobody
    waits, he is simply the line). If he has none left, he leaves and gives a stamp fee, for which his number, the clock
    and the number of people who still wait count. The clerk's patience depends on the minute at which the person steps
    up and on how often this person has stepped up before.

    At closing time those who still wait are given numbered tickets in the order of the line, from 1; each ticket has a
    price.

    Find the sum of the stamp fees, the sum of the ticket prices and the minute on the clock at the end.

    The input is hidden (papers); the tools give access to it. Observe shows what is known from the start: sizes, and
    closing.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, papers: list[int], closing: int) -> None:
        self.papers = papers
        self.closing = closing

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "closing": a whole number, given as it is.
            "papers": number of items of papers.

        Example:
            Observe() -> {"closing": 33, "papers": 4}
        """
        return {"closing": self.closing, "papers": len(self.papers)}

    @tool
    def ReadPaper(self, index: int) -> int:
        """Read one item of papers.

        Args:
            index: position in papers, counted from 0.

        Returns:
            the item.

        Example:
            ReadPaper(index=0) -> 1
        """
        if not 0 <= index < len(self.papers):
            raise ValueError(f"index must be from 0 to {len(self.papers) - 1}, got {index}")
        return self.papers[index]

    @tool
    def ClerkPatience(self, minute: int, visits: int) -> int:
        """Work out how many papers the clerk takes.

        Args:
            minute: the minute at which the person steps up.
            visits: how often this person has stepped up before.

        Returns:
            the greatest number of papers taken.

        Example:
            ClerkPatience(minute=14, visits=1) -> 2
        """
        return clerk_patience(minute, visits)

    @tool
    def TakingMinutes(self, papers: int, visits: int) -> int:
        """Work out how long it takes to take papers.

        Args:
            papers: how many are taken, at least 1.
            visits: how often this person has stepped up before.

        Returns:
            the minutes.

        Example:
            TakingMinutes(papers=3, visits=1) -> 8
        """
        return taking_minutes(papers, visits)

    @tool
    def StampFee(self, person: int, minute: int, waiting: int) -> int:
        """Work out the stamp fee of a person who leaves.

        Args:
            person: number of the person.
            minute: the minute on the clock.
            waiting: how many people still wait.

        Returns:
            the fee.

        Example:
            StampFee(person=2, minute=22, waiting=3) -> 16
        """
        return stamp_fee(person, minute, waiting)

    @tool
    def TicketPrice(self, ticket: int, papers: int) -> int:
        """Work out the price of a ticket at closing time.

        Args:
            ticket: number of the ticket, from 1.
            papers: how many papers the person still has.

        Returns:
            the price.

        Example:
            TicketPrice(ticket=1, papers=3) -> 10
        """
        return ticket_price(ticket, papers)

    def answer(self) -> dict[str, int]:
        """Serve the line.

        Returns:
            the sums of the "fees" and of the "tickets", and the "minute" at the end.
            Example: {"fees": 61, "tickets": 18, "minute": 54}.
        """
        papers = copy.deepcopy(self.papers)
        closing = self.closing
        line = [[person, count, 0] for person, count in enumerate(papers)]
        fees = minute = tickets = 0
        while line and minute < closing:
            person, left, visits = line.pop(0)
            taken = min(left, clerk_patience(minute, visits))
            minute += taking_minutes(taken, visits)
            if taken == left:
                fees += stamp_fee(person, minute, len(line))
            elif minute % 2 == 0:
                line.insert(1, [person, left - taken, visits + 1])
            else:
                line.append([person, left - taken, visits + 1])
        for place in range(len(line)):
            tickets += ticket_price(place + 1, line[place][1])
        return {"fees": fees, "tickets": tickets, "minute": minute}

    def solve(self, call):
        seen = call("Observe")
        closing = seen["closing"]
        line = [
            [person, count, 0]
            for person, count in enumerate((call("ReadPaper", index=index) for index in range(seen["papers"])))
        ]
        fees = minute = tickets = 0
        while line and minute < closing:
            person, left, visits = line.pop(0)
            taken = min(left, call("ClerkPatience", minute=minute, visits=visits))
            minute += call("TakingMinutes", papers=taken, visits=visits)
            if taken == left:
                fees += call("StampFee", person=person, minute=minute, waiting=len(line))
            elif minute % 2 == 0:
                line.insert(1, [person, left - taken, visits + 1])
            else:
                line.append([person, left - taken, visits + 1])
        for place in range(len(line)):
            tickets += call("TicketPrice", ticket=place + 1, papers=line[place][1])
        return call("Done", answer={"fees": fees, "tickets": tickets, "minute": minute})

    @staticmethod
    def generate(rng, level):
        size, rounds = {"easy": (4, 4), "medium": (8, 12), "hard": (rng.randint(16, 20), rng.randint(24, 34))}[level]
        return {"papers": [rng.randint(1, 6) for _ in range(size)], "closing": rounds * 6 + rng.randint(0, 9)}
