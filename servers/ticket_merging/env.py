"""A help desk merges tickets."""

import copy

from codegym_mcp import Environment, tool


class MergeDesk:
    """Tickets with messages and tags, and hints."""

    def __init__(self, tickets: list[list], hints: list[list[int]]) -> None:
        self._sizes = [size for size, _ in tickets]
        self._tags = [sorted(tags) for _, tags in tickets]
        self._points_to = list(range(len(tickets)))
        self._hints = hints

    def read_hint(self, hint: int) -> list[int]:
        """Read a hint.

        Args:
            hint: number of the hint, from 0.

        Returns:
            the numbers of the two tickets.

        Example:
            read_hint(hint=0) -> [4, 1]
        """
        if not 0 <= hint < len(self._hints):
            raise ValueError(f"hint must be from 0 to {len(self._hints) - 1}, got {hint}")
        return list(self._hints[hint])

    def follow_pointer(self, ticket: int) -> int:
        """Tell to which ticket a ticket points.

        Args:
            ticket: number of the ticket, from 0.

        Returns:
            the number of the ticket into which it was merged; its own number if it was never merged.

        Example:
            follow_pointer(ticket=4) -> 2
        """
        if not 0 <= ticket < len(self._sizes):
            raise ValueError(f"ticket must be from 0 to {len(self._sizes) - 1}, got {ticket}")
        return self._points_to[ticket]

    def _main(self, ticket: int) -> int:
        if self.follow_pointer(ticket) != ticket:
            raise ValueError(f"ticket {ticket} was merged into {self._points_to[ticket]}")
        return ticket

    def compare_tickets(self, one: int, other: int) -> int:
        """Compare how alike two main tickets are.

        Args:
            one: number of a main ticket.
            other: number of another main ticket.

        Returns:
            a number from 0 to 100; the greater, the more alike.

        Example:
            compare_tickets(one=2, other=1) -> 50
        """
        first, second = self._tags[self._main(one)], self._tags[self._main(other)]
        shared = len([tag for tag in first if tag in second])
        return 100 * shared // (len(first) + len(second) - shared)

    def count_messages(self, ticket: int) -> int:
        """Count the messages of a main ticket, with those of all that was merged into it.

        Args:
            ticket: number of a main ticket.

        Returns:
            the number of messages.

        Example:
            count_messages(ticket=2) -> 9
        """
        return self._sizes[self._main(ticket)]

    def merge_ticket(self, ticket: int, into: int) -> int:
        """Merge a main ticket into another main ticket.

        Args:
            ticket: number of the ticket that is merged.
            into: number of the ticket that stays a main ticket.

        Returns:
            the number of messages of the latter then.

        Example:
            merge_ticket(ticket=1, into=2) -> 12
        """
        if self._main(ticket) == self._main(into):
            raise ValueError("a ticket cannot be merged into itself")
        self._points_to[ticket] = into
        self._sizes[into] += self._sizes[ticket]
        self._tags[into] = sorted({*self._tags[into], *self._tags[ticket]})
        return self._sizes[into]


class TicketMerging(Environment):
    """A help desk merges tickets. Tickets and hints are numbered from 0; hints are handled in ascending order, each names
    two tickets.

    A ticket that was merged into another one points to it; following the pointers up to a ticket that was not merged
    leads to the main ticket of a ticket (its own, if it was never merged).

    For each hint, find the main tickets of both. If they are the same one, the hint is old. If not, compare how alike
    the two main tickets are. If that is less than the bar, the hint is laid aside. Otherwise the one with fewer
    messages is merged into the other; of equal ones the one with the higher number into the other. Its messages go
    over, which can change how alike the other one is to further tickets.

    After the last hint, the hints laid aside are handled once more by the same rules, in ascending order; those that
    would be laid aside again are given up.

    Find the number of old hints (of both passes), of merges, the sum of the numbers of the hints given up, and the
    messages of ticket 0's main ticket in the end.

    The input is hidden (tickets, hints); the tools give access to it. Observe shows what is known from the start:
    sizes, and bar.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tickets: list[list[int | list[str]]], hints: list[list[int]], bar: int) -> None:
        self.tickets = tickets
        self.hints = hints
        self.bar = bar
        self.desk = MergeDesk(copy.deepcopy(self.tickets), copy.deepcopy(self.hints))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "bar": a whole number, given as it is.
            "tickets": number of items of tickets.
            "hints": number of items of hints.

        Example:
            Observe() -> {"bar": 24, "tickets": 4, "hints": 3}
        """
        return {"bar": self.bar, "tickets": len(self.tickets), "hints": len(self.hints)}

    @tool
    def ReadHint(self, hint: int) -> list[int]:
        """Read a hint.

        Args:
            hint: number of the hint, from 0.

        Returns:
            the numbers of the two tickets.

        Example:
            ReadHint(hint=0) -> [4, 1]
        """
        return self.desk.read_hint(hint)

    @tool
    def FollowPointer(self, ticket: int) -> int:
        """Tell to which ticket a ticket points.

        Args:
            ticket: number of the ticket, from 0.

        Returns:
            the number of the ticket into which it was merged; its own number if it was never merged.

        Example:
            FollowPointer(ticket=4) -> 2
        """
        return self.desk.follow_pointer(ticket)

    @tool
    def CompareTickets(self, one: int, other: int) -> int:
        """Compare how alike two main tickets are.

        Args:
            one: number of a main ticket.
            other: number of another main ticket.

        Returns:
            a number from 0 to 100; the greater, the more alike.

        Example:
            CompareTickets(one=2, other=1) -> 50
        """
        return self.desk.compare_tickets(one, other)

    @tool
    def CountMessages(self, ticket: int) -> int:
        """Count the messages of a main ticket, with those of all that was merged into it.

        Args:
            ticket: number of a main ticket.

        Returns:
            the number of messages.

        Example:
            CountMessages(ticket=2) -> 9
        """
        return self.desk.count_messages(ticket)

    @tool
    def MergeTicket(self, ticket: int, into: int) -> int:
        """Merge a main ticket into another main ticket.

        Args:
            ticket: number of the ticket that is merged.
            into: number of the ticket that stays a main ticket.

        Returns:
            the number of messages of the latter then.

        Example:
            MergeTicket(ticket=1, into=2) -> 12
        """
        return self.desk.merge_ticket(ticket, into)

    def answer(self) -> list[int]:
        """Merge tickets by hints.

        Returns:
            [old hints, merges, sum of the numbers given up, messages of ticket 0's main ticket], such as [2, 4, 9, 17].
        """
        tickets = copy.deepcopy(self.tickets)
        hints = copy.deepcopy(self.hints)
        bar = self.bar
        desk = MergeDesk(tickets, hints)
        old = merges = 0
        todo, aside = (list(range(len(hints))), [])
        for again in (False, True):
            for hint in todo:
                mains = []
                for ticket in desk.read_hint(hint):
                    above = desk.follow_pointer(ticket)
                    while above != ticket:
                        ticket, above = (above, desk.follow_pointer(above))
                    mains.append(ticket)
                low, high = (min(mains), max(mains))
                if low == high:
                    old += 1
                elif desk.compare_tickets(low, high) < bar:
                    aside.append(hint)
                else:
                    merges += 1
                    if desk.count_messages(high) > desk.count_messages(low):
                        low, high = (high, low)
                    desk.merge_ticket(high, low)
            if not again:
                todo, aside = (aside, [])
        ticket, above = (0, desk.follow_pointer(0))
        while above != ticket:
            ticket, above = (above, desk.follow_pointer(above))
        return [old, merges, sum(aside), desk.count_messages(ticket)]

    def solve(self, call):
        seen = call("Observe")
        bar = seen["bar"]
        old = merges = 0
        todo, aside = (list(range(seen["hints"])), [])
        for again in (False, True):
            for hint in todo:
                mains = []
                for ticket in call("ReadHint", hint=hint):
                    above = call("FollowPointer", ticket=ticket)
                    while above != ticket:
                        ticket, above = (above, call("FollowPointer", ticket=above))
                    mains.append(ticket)
                low, high = (min(mains), max(mains))
                if low == high:
                    old += 1
                elif call("CompareTickets", one=low, other=high) < bar:
                    aside.append(hint)
                else:
                    merges += 1
                    if call("CountMessages", ticket=high) > call("CountMessages", ticket=low):
                        low, high = (high, low)
                    call("MergeTicket", ticket=high, into=low)
            if not again:
                todo, aside = (aside, [])
        ticket, above = (0, call("FollowPointer", ticket=0))
        while above != ticket:
            ticket, above = (above, call("FollowPointer", ticket=above))
        return call("Done", answer=[old, merges, sum(aside), call("CountMessages", ticket=ticket)])

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (4, rng.randint(2, 3)), "medium": (6, 5), "hard": (12, rng.randint(12, 15))}[level]
        tags = rng.sample(
            ["login", "print", "slow", "crash", "mail", "disk", "sound", "update"], 4 if level == "easy" else 6
        )
        tickets = [[rng.randint(1, 9), rng.sample(tags, rng.randint(1, 3))] for _ in range(size)]
        return {
            "tickets": tickets,
            "hints": [rng.sample(range(size), 2) for _ in range(count)],
            "bar": rng.randint(20, 45),
        }
