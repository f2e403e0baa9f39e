"""A team keeps a backlog of tickets, the most important first."""

import copy

from codegym_mcp import Environment, tool


class SupportTeam:
    """Tickets with hidden importance, and sprints."""

    def __init__(self, sprints: list[list], tickets: list[list[int]]) -> None:
        self._sprints, self._tickets = sprints, tickets
        self._begun: list[int] = []

    def begin_sprint(self, sprint: int) -> dict[str, int | list[int]]:
        """Tell what a sprint begins with.

        Args:
            sprint: number of the sprint, from 0.

        Returns:
            the numbers of the new "tickets" and the "budget".

        Example:
            begin_sprint(sprint=0) -> {"tickets": [4, 1, 7], "budget": 12}
        """
        if not 0 <= sprint < len(self._sprints):
            raise ValueError(f"sprint must be from 0 to {len(self._sprints) - 1}, got {sprint}")
        return {"tickets": list(self._sprints[sprint][0]), "budget": self._sprints[sprint][1]}

    def _ticket(self, ticket: int) -> list[int]:
        if not 0 <= ticket < len(self._tickets):
            raise ValueError(f"there is no ticket {ticket}")
        return self._tickets[ticket]

    def is_more_important(self, one: int, other: int) -> bool:
        """Tell whether a ticket is more important than another one.

        Args:
            one: number of a ticket.
            other: number of another ticket.

        Returns:
            whether the first one is the more important one.

        Example:
            is_more_important(one=4, other=1) -> false
        """
        if one == other:
            raise ValueError(f"expected two tickets, got {one} twice")
        return self._ticket(one)[0] > self._ticket(other)[0]

    def estimate_ticket(self, ticket: int) -> int:
        """Estimate a ticket now.

        Args:
            ticket: number of a ticket that is not begun.

        Returns:
            the estimated points.

        Example:
            estimate_ticket(ticket=4) -> 5
        """
        points = self._ticket(ticket)[1]
        if ticket in self._begun:
            raise ValueError(f"ticket {ticket} is begun already")
        return max(1, points + (len(self._begun) + ticket) % 4 - 1)

    def begin_ticket(self, ticket: int) -> int:
        """Begin a ticket.

        Args:
            ticket: number of a ticket that is not begun.

        Returns:
            the points that it really takes.

        Example:
            begin_ticket(ticket=4) -> 6
        """
        points = self.estimate_ticket(ticket) + (self._tickets[ticket][0] + len(self._begun)) % 4 - 1
        self._begun.append(ticket)
        return max(1, points)


class BacklogSprints(Environment):
    """A team keeps a backlog of tickets, the most important first. Sprints are numbered from 0 and come in ascending
    order. At the beginning of each sprint new tickets come in and are put into the backlog at their places. There is a
    strict and lasting order of importance among all tickets.

    Then the sprint has a budget of points. Go once through the backlog, from its first ticket on. If the ticket's
    estimate,
    made at that moment, is at most what is left of the budget, begin it: it leaves the backlog, and what it really
    takes
    (perhaps more than the estimate) is taken off the budget. If its estimate is more, it is passed over and stays in
    its place.
    As soon as as many tickets as the skip limit were passed over in this sprint, or the budget is 0 or less, the sprint
    is
    over.

    An estimate may change with what was begun before.

    Find the sum of the points that the begun tickets really took, the number of times a ticket was passed over, and the
    number of the ticket that is first in the backlog in the end (-1 if the backlog is empty).

    The input is hidden (sprints, tickets); the tools give access to it. Observe shows what is known from the start:
    sizes, and skip_limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, sprints: list[list[int | list[int]]], tickets: list[list[int]], skip_limit: int) -> None:
        self.sprints = sprints
        self.tickets = tickets
        self.skip_limit = skip_limit
        self.team = SupportTeam(copy.deepcopy(self.sprints), copy.deepcopy(self.tickets))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "skip_limit": a whole number, given as it is.
            "sprints": number of items of sprints.
            "tickets": number of items of tickets.

        Example:
            Observe() -> {"skip_limit": 1, "sprints": 2, "tickets": 5}
        """
        return {"skip_limit": self.skip_limit, "sprints": len(self.sprints), "tickets": len(self.tickets)}

    @tool
    def BeginSprint(self, sprint: int) -> dict[str, int | list[int]]:
        """Tell what a sprint begins with.

        Args:
            sprint: number of the sprint, from 0.

        Returns:
            the numbers of the new "tickets" and the "budget".

        Example:
            BeginSprint(sprint=0) -> {"tickets": [4, 1, 7], "budget": 12}
        """
        return self.team.begin_sprint(sprint)

    @tool
    def IsMoreImportant(self, one: int, other: int) -> bool:
        """Tell whether a ticket is more important than another one.

        Args:
            one: number of a ticket.
            other: number of another ticket.

        Returns:
            whether the first one is the more important one.

        Example:
            IsMoreImportant(one=4, other=1) -> false
        """
        return self.team.is_more_important(one, other)

    @tool
    def EstimateTicket(self, ticket: int) -> int:
        """Estimate a ticket now.

        Args:
            ticket: number of a ticket that is not begun.

        Returns:
            the estimated points.

        Example:
            EstimateTicket(ticket=4) -> 5
        """
        return self.team.estimate_ticket(ticket)

    @tool
    def BeginTicket(self, ticket: int) -> int:
        """Begin a ticket.

        Args:
            ticket: number of a ticket that is not begun.

        Returns:
            the points that it really takes.

        Example:
            BeginTicket(ticket=4) -> 6
        """
        return self.team.begin_ticket(ticket)

    def answer(self) -> list[int]:
        """Work through the sprints of a team.

        Returns:
            [points taken, tickets passed over, first ticket of the backlog], such as [41, 5, 9].
        """
        sprints = copy.deepcopy(self.sprints)
        tickets = copy.deepcopy(self.tickets)
        skip_limit = self.skip_limit
        team = SupportTeam(sprints, tickets)
        taken = passed = 0
        backlog = []
        for sprint in range(len(sprints)):
            start = team.begin_sprint(sprint)
            for ticket in start["tickets"]:
                low, high = (0, len(backlog))
                while low < high:
                    middle = (low + high) // 2
                    if team.is_more_important(ticket, backlog[middle]):
                        high = middle
                    else:
                        low = middle + 1
                backlog.insert(low, ticket)
            budget, place = (start["budget"], 0)
            while budget > 0 and place < min(skip_limit, len(backlog)):
                if team.estimate_ticket(backlog[place]) <= budget:
                    points = team.begin_ticket(backlog.pop(place))
                    taken, budget = (taken + points, budget - points)
                else:
                    passed, place = (passed + 1, place + 1)
        return [taken, passed, backlog[0] if backlog else -1]

    def solve(self, call):
        seen = call("Observe")
        skip_limit = seen["skip_limit"]
        taken = passed = 0
        backlog = []
        for sprint in range(seen["sprints"]):
            start = call("BeginSprint", sprint=sprint)
            for ticket in start["tickets"]:
                low, high = (0, len(backlog))
                while low < high:
                    middle = (low + high) // 2
                    if call("IsMoreImportant", one=ticket, other=backlog[middle]):
                        high = middle
                    else:
                        low = middle + 1
                backlog.insert(low, ticket)
            budget, place = (start["budget"], 0)
            while budget > 0 and place < min(skip_limit, len(backlog)):
                if call("EstimateTicket", ticket=backlog[place]) <= budget:
                    points = call("BeginTicket", ticket=backlog.pop(place))
                    taken, budget = (taken + points, budget - points)
                else:
                    passed, place = (passed + 1, place + 1)
        return call("Done", answer=[taken, passed, backlog[0] if backlog else -1])

    @staticmethod
    def generate(rng, level):
        count, most = {"easy": (2, 3), "medium": (3, 4), "hard": (rng.randint(5, 6), 6)}[level]
        sizes = [rng.randint(most - 1, most) for _ in range(count)]
        total = sum(sizes)
        numbers, ranks = (rng.sample(range(total), total), rng.sample(range(10, 99), total))
        sprints = [[[numbers.pop() for _ in range(size)], rng.randint(6, 9) + most * 2] for size in sizes]
        return {
            "sprints": sprints,
            "tickets": [[rank, rng.randint(2, 9)] for rank in ranks],
            "skip_limit": rng.randint(1, 2) if level == "easy" else rng.randint(2, 3),
        }
