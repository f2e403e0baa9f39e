"""A service team has to keep promised times."""

import copy

from codegym_mcp import Environment, tool


class ServiceTeam:
    """Tickets with entries, and the calendar of working minutes."""

    def __init__(self, tickets: list[dict], opening: int, closing: int) -> None:
        self._tickets, self._opening, self._closing = tickets, opening, closing
        self._next = [0] * len(tickets)
        self._reported = 0

    def take_up_ticket(self, ticket: int) -> int:
        """Begin with a ticket.

        Args:
            ticket: number of the ticket, from 0.

        Returns:
            its allowance of working minutes.

        Example:
            take_up_ticket(ticket=0) -> 120
        """
        if not 0 <= ticket < len(self._tickets):
            raise ValueError(f"ticket must be from 0 to {len(self._tickets) - 1}, got {ticket}")
        return self._tickets[ticket]["allowance"]

    def next_entry(self, ticket: int) -> dict[str, int | str]:
        """Read the next entry of a ticket.

        Args:
            ticket: number of the ticket.

        Returns:
            its "kind", its "minute", and the minutes to be taken "off" the allowance (0 but for "raise").

        Example:
            next_entry(ticket=0) -> {"kind": "opened", "minute": 35, "off": 0}
        """
        self.take_up_ticket(ticket)
        entries = self._tickets[ticket]["entries"]
        if self._next[ticket] >= len(entries):
            return {"kind": "end", "minute": entries[-1][1], "off": 0}
        self._next[ticket] += 1
        return dict(zip(("kind", "minute", "off"), entries[self._next[ticket] - 1], strict=True))

    def working_minutes(self, first: int, last: int) -> int:
        """Count the working minutes between two minutes.

        Args:
            first: the earlier minute.
            last: the later minute.

        Returns:
            the number of working minutes.

        Example:
            working_minutes(first=35, last=90) -> 25
        """
        if not 0 <= first <= last:
            raise ValueError(f"expected two minutes in ascending order, got {first} and {last}")
        return sum(1 for minute in range(first, last) if self._opening <= minute % 240 < self._closing)

    def report_breach(self, ticket: int, beyond: int) -> int:
        """Report that a ticket is broken.

        Args:
            ticket: number of the ticket.
            beyond: its minutes beyond the allowance, at least 1.

        Returns:
            the penalty.

        Example:
            report_breach(ticket=0, beyond=14) -> 24
        """
        self.take_up_ticket(ticket)
        if beyond < 1:
            raise ValueError(f"beyond must be at least 1, got {beyond}")
        self._reported += 1
        return 10 * min(3, self._reported) + beyond


class SlaClocks(Environment):
    """A service team has to keep promised times. Tickets are numbered from 0 and handled in ascending order; each has
    entries, which are read one by one up to the entry of kind "end" (which only tells that there are no more).

    A ticket has a clock of used working minutes, 0 at first. It runs from the entry "opened" on; "waiting" and "closed"
    stop it, "answered" makes it run again. An entry that would start a running clock or stop a standing one changes
    nothing. When an entry is read while the clock runs, first the working minutes since the entry before it are added
    to the clock.

    A ticket has an allowance of minutes; "raise" makes it smaller by the minutes which the entry tells, and leaves the
    clock as it is.

    After each entry the clock is compared with the allowance as it then is. The first time that it is greater, the
    ticket is broken: this is reported, with the minutes beyond the allowance at that moment, and costs a penalty.

    Find the sum of the clocks of all tickets in the end, the number of broken tickets, and the sum of their penalties.

    The input is hidden (tickets); the tools give access to it. Observe shows what is known from the start: sizes, and
    opening, closing.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tickets: list[dict[str, int | list[list[int | str]]]], opening: int, closing: int) -> None:
        self.tickets = tickets
        self.opening = opening
        self.closing = closing
        self.team = ServiceTeam(copy.deepcopy(self.tickets), self.opening, self.closing)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "opening": a whole number, given as it is.
            "closing": a whole number, given as it is.
            "tickets": number of items of tickets.

        Example:
            Observe() -> {"opening": 70, "closing": 200, "tickets": 2}
        """
        return {"opening": self.opening, "closing": self.closing, "tickets": len(self.tickets)}

    @tool
    def TakeUpTicket(self, ticket: int) -> int:
        """Begin with a ticket.

        Args:
            ticket: number of the ticket, from 0.

        Returns:
            its allowance of working minutes.

        Example:
            TakeUpTicket(ticket=0) -> 120
        """
        return self.team.take_up_ticket(ticket)

    @tool
    def NextEntry(self, ticket: int) -> dict[str, int | str]:
        """Read the next entry of a ticket.

        Args:
            ticket: number of the ticket.

        Returns:
            its "kind", its "minute", and the minutes to be taken "off" the allowance (0 but for "raise").

        Example:
            NextEntry(ticket=0) -> {"kind": "opened", "minute": 35, "off": 0}
        """
        return self.team.next_entry(ticket)

    @tool
    def WorkingMinutes(self, first: int, last: int) -> int:
        """Count the working minutes between two minutes.

        Args:
            first: the earlier minute.
            last: the later minute.

        Returns:
            the number of working minutes.

        Example:
            WorkingMinutes(first=35, last=90) -> 25
        """
        return self.team.working_minutes(first, last)

    @tool
    def ReportBreach(self, ticket: int, beyond: int) -> int:
        """Report that a ticket is broken.

        Args:
            ticket: number of the ticket.
            beyond: its minutes beyond the allowance, at least 1.

        Returns:
            the penalty.

        Example:
            ReportBreach(ticket=0, beyond=14) -> 24
        """
        return self.team.report_breach(ticket, beyond)

    def answer(self) -> dict[str, int]:
        """Keep the clocks of tickets.

        Returns:
            the sum of the "clocks", the number of "broken" tickets and the sum of the "penalties".
            Example: {"clocks": 310, "broken": 2, "penalties": 61}.
        """
        tickets = copy.deepcopy(self.tickets)
        opening = self.opening
        closing = self.closing
        team = ServiceTeam(tickets, opening, closing)
        clocks = broken = penalties = 0
        for ticket in range(len(tickets)):
            allowance = team.take_up_ticket(ticket)
            clock, since, running, reported = (0, 0, False, False)
            entry = team.next_entry(ticket)
            while entry["kind"] != "end":
                if running:
                    clock += team.working_minutes(since, entry["minute"])
                since = entry["minute"]
                allowance -= entry["off"]
                running = (running or entry["kind"] in ("opened", "answered")) and entry["kind"] not in (
                    "waiting",
                    "closed",
                )
                if clock > allowance and (not reported):
                    reported = True
                    broken += 1
                    penalties += team.report_breach(ticket, clock - allowance)
                entry = team.next_entry(ticket)
            clocks += clock
        return {"clocks": clocks, "broken": broken, "penalties": penalties}

    def solve(self, call):
        seen = call("Observe")
        clocks = broken = penalties = 0
        for ticket in range(seen["tickets"]):
            allowance = call("TakeUpTicket", ticket=ticket)
            clock, since, running, reported = (0, 0, False, False)
            entry = call("NextEntry", ticket=ticket)
            while entry["kind"] != "end":
                if running:
                    clock += call("WorkingMinutes", first=since, last=entry["minute"])
                since = entry["minute"]
                allowance -= entry["off"]
                running = (running or entry["kind"] in ("opened", "answered")) and entry["kind"] not in (
                    "waiting",
                    "closed",
                )
                if clock > allowance and (not reported):
                    reported = True
                    broken += 1
                    penalties += call("ReportBreach", ticket=ticket, beyond=clock - allowance)
                entry = call("NextEntry", ticket=ticket)
            clocks += clock
        return call("Done", answer={"clocks": clocks, "broken": broken, "penalties": penalties})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (2, 3), "medium": (4, 4), "hard": (rng.randint(7, 9), 6)}[level]
        tickets = []
        for _ in range(count):
            minute = rng.randint(0, 100)
            entries = [["opened", minute, 0]]
            for _ in range(rng.randint(size - 1, size)):
                minute += rng.randint(10, 90)
                kind = rng.choice(["waiting", "waiting", "answered", "answered", "raise"])
                entries.append([kind, minute, rng.randint(10, 40) if kind == "raise" else 0])
            entries.append(["closed", minute + rng.randint(10, 90), 0])
            tickets.append({"allowance": rng.randint(50, 130), "entries": entries})
        opening = rng.randint(2, 8) * 10
        return {"tickets": tickets, "opening": opening, "closing": opening + rng.randint(12, 15) * 10}
