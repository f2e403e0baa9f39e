"""A help desk: tickets arrive, wait, are escalated and go to the staff in order of urgency."""

from codegym_mcp import Environment, tool


class SupportQueue(Environment):
    """A help desk handles tickets. Arrival times, severities and handling times are hidden. Time is in whole minutes.

    Tickets are numbered from 0. A ticket waits from its arrival until it is assigned; a member of the staff who gets
    a ticket is busy with it until it is finished and does nothing else meanwhile. The clock stands at minute 0, before
    anything has arrived, and the whole staff is free. AdvanceClock moves it to the next minute at which tickets arrive
    or staff become free. At each such minute do the following, in this order, until every ticket has been assigned:

    1. Escalate every waiting ticket that has waited at least "patience" minutes (see Observe) and has not been
       escalated yet. A ticket is escalated at most once.
    2. While someone is free and a ticket is waiting, assign the waiting ticket that goes first.
    3. Advance the clock.

    Of two waiting tickets, the one of the higher urgency goes first; at equal urgency the one that arrived earlier;
    then the one with the lower number. Urgency is hidden and starts as the severity; an escalation raises it.
    GoesFirst compares two tickets. The answer is the list of the minutes at which the tickets were assigned.
    """

    def reset(self, *, tickets: list[list[int]], staff: int, patience: int) -> None:
        self.tickets, self.staff, self.patience = tickets, staff, patience
        self.minute = 0
        self.waiting: list[int] = []
        self.escalated: list[int] = []
        self.busy_until: list[int] = []
        self.arrived = 0  # the tickets are in order of arrival

    def observe(self) -> dict[str, int]:
        """Show the size of the job and the clock.

        Returns:
            the number of "tickets", the size of the "staff", the "patience" in minutes, and the present "minute".

        Example:
            Observe() -> {"tickets": 4, "staff": 1, "patience": 12, "minute": 0}
        """
        return {"tickets": len(self.tickets), "staff": self.staff, "patience": self.patience, "minute": self.minute}

    @tool
    def AdvanceClock(self) -> dict[str, int | list[int]]:
        """Move the clock to the next minute at which tickets arrive or staff become free.

        This is refused while someone is free and a ticket is waiting, and when nothing is going to happen any more.

        Returns:
            the new "minute", the numbers of the tickets that "arrived" at it, and how many of the staff are now "free".

        Example:
            AdvanceClock() -> {"minute": 7, "arrived": [1, 2], "free": 1}
        """
        if self.waiting and len(self.busy_until) < self.staff:
            raise ValueError("someone is free and a ticket is waiting: assign it first")
        events = self.busy_until + [ticket[0] for ticket in self.tickets[self.arrived : self.arrived + 1]]
        if not events:
            raise ValueError("nothing is going to happen any more")
        self.minute = min(events)
        self.busy_until = [end for end in self.busy_until if end > self.minute]
        fresh = [n for n in range(self.arrived, len(self.tickets)) if self.tickets[n][0] == self.minute]
        self.arrived += len(fresh)
        self.waiting += fresh
        return {"minute": self.minute, "arrived": fresh, "free": self.staff - len(self.busy_until)}

    def _waiting(self, ticket: int) -> int:
        if ticket not in self.waiting:
            raise ValueError(f"ticket {ticket} is not waiting at minute {self.minute}")
        return ticket

    @tool
    def Escalate(self, ticket: int) -> int:
        """Escalate a waiting ticket that has waited long enough; this raises its urgency.

        Args:
            ticket: number of a waiting ticket that has waited at least "patience" minutes and was not escalated yet.

        Returns:
            how many minutes it has waited.

        Example:
            Escalate(ticket=2) -> 15
        """
        waited = self.minute - self.tickets[self._waiting(ticket)][0]
        if waited < self.patience or ticket in self.escalated:
            raise ValueError(f"ticket {ticket} has waited {waited} of {self.patience} minutes, or was escalated before")
        self.escalated.append(ticket)
        return waited

    @tool
    def GoesFirst(self, one: int, other: int) -> int:
        """Compare two waiting tickets by their present urgency, then arrival, then number.

        Args:
            one: number of a waiting ticket.
            other: number of another waiting ticket.

        Returns:
            the number of the one that goes first.

        Example:
            GoesFirst(one=1, other=2) -> 2
        """
        if self._waiting(one) == self._waiting(other):
            raise ValueError("compare two different tickets")
        keys = []
        for number in (one, other):
            arrival, severity, _ = self.tickets[number]
            keys.append((-severity - 2 * (number in self.escalated), arrival, number))
        return min(keys)[2]

    @tool
    def Assign(self, ticket: int) -> int:
        """Assign a waiting ticket to a free member of the staff at the present minute.

        Args:
            ticket: number of a waiting ticket.

        Returns:
            how many of the staff are still free.

        Example:
            Assign(ticket=2) -> 0
        """
        if len(self.busy_until) >= self.staff:
            raise ValueError("nobody is free")
        self.waiting.remove(self._waiting(ticket))
        self.busy_until.append(self.minute + self.tickets[ticket][2])
        return self.staff - len(self.busy_until)

    def answer(self) -> list[int]:
        """When each ticket was assigned.

        Returns:
            a list with one number for each ticket, in order of ticket number: the minute at which it was assigned.
            Example: [3, 14, 7].
        """
        starts = [-1] * len(self.tickets)
        free_at = [0] * self.staff
        raised = [False] * len(self.tickets)
        for minute in range(10**6):
            freed = minute in free_at
            queue = [n for n, ticket in enumerate(self.tickets) if ticket[0] <= minute and starts[n] < 0]
            if freed or any(self.tickets[n][0] == minute for n in queue):
                for n in queue:
                    raised[n] = raised[n] or minute - self.tickets[n][0] >= self.patience
            queue.sort(key=lambda n: (-(self.tickets[n][1] + (2 if raised[n] else 0)), self.tickets[n][0], n))
            for n in queue:
                desk = min(range(self.staff), key=lambda d: free_at[d])
                if free_at[desk] <= minute:
                    starts[n], free_at[desk] = minute, minute + self.tickets[n][2]
            if -1 not in starts:
                break
        return starts

    def solve(self, call):
        seen = call("Observe")
        starts, arrivals, escalated, waiting = [-1] * seen["tickets"], {}, set(), []
        while -1 in starts:
            event = call("AdvanceClock")
            minute, free = event["minute"], event["free"]
            arrivals |= dict.fromkeys(event["arrived"], minute)
            waiting += event["arrived"]
            for ticket in waiting:
                if ticket not in escalated and minute - arrivals[ticket] >= seen["patience"]:
                    call("Escalate", ticket=ticket)
                    escalated.add(ticket)
            while free and waiting:
                first = waiting[0]
                for other in waiting[1:]:
                    first = call("GoesFirst", one=first, other=other)
                free = call("Assign", ticket=first)
                waiting.remove(first)
                starts[first] = minute
        return call("Done", answer=starts)

    @staticmethod
    def generate(rng, level):
        count, staff = {"easy": (4, 1), "medium": (8, rng.randint(1, 2)), "hard": (18, rng.randint(1, 3))}[level]
        tickets, minute = [], 0
        for _ in range(count):
            minute += rng.randint(0, 6)
            tickets.append([max(1, minute), rng.randint(1, 5), rng.randint(3, 12) * staff])
        return {
            "tickets": tickets,
            "staff": staff,
            "patience": rng.randint(4, 9) if level == "easy" else rng.randint(8, 20),
        }
