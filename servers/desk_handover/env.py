"""A help desk hands over its tickets in each shift."""

import copy

from codegym_mcp import Environment, tool


class HelpDesk:
    """Shifts, and the tickets that the agents have."""

    def __init__(self, agents: list[list], shifts: list[list], tickets: list[list]) -> None:
        self._agents, self._shifts, self._tickets = agents, shifts, tickets
        self._piles: list[list[int]] = [[] for _ in agents]
        self._begun = -1

    def begin_shift(self, shift: int) -> dict[str, int | list[int]]:
        """Begin a shift, which makes one agent leave for this shift.

        Args:
            shift: number of the shift, each one in its turn.

        Returns:
            the agent who is "leaving", and the numbers of the tickets laid on the "table", the top one last.

        Example:
            begin_shift(shift=0) -> {"leaving": 1, "table": [3, 0]}
        """
        if shift != self._begun + 1 or shift >= len(self._shifts):
            raise ValueError(f"the next shift is {self._begun + 1} of {len(self._shifts)}, got {shift}")
        self._begun = shift
        leaving, fresh = self._shifts[shift]
        table = [*self._piles[leaving], *fresh]
        self._piles[leaving] = []
        return {"leaving": leaving, "table": table}

    def offer_ticket(self, ticket: int, agent: int) -> bool:
        """Offer a ticket from the table to an agent, who gets it on accepting.

        Args:
            ticket: number of the ticket.
            agent: number of the agent, from 0.

        Returns:
            whether the agent accepts.

        Example:
            offer_ticket(ticket=0, agent=2) -> true
        """
        if not 0 <= ticket < len(self._tickets) or not 0 <= agent < len(self._agents):
            raise ValueError(f"there is no ticket {ticket} or no agent {agent}")
        if self._begun < 0 or agent == self._shifts[self._begun][0] or any(ticket in pile for pile in self._piles):
            raise ValueError(f"agent {agent} leaves, or ticket {ticket} has an owner")
        room, dislikes, _ = self._agents[agent]
        if self._tickets[ticket][0] == dislikes or len(self._piles[agent]) >= room:
            return False
        self._piles[agent].append(ticket)
        return True

    def count_agents(self) -> int:
        """Count the agents.

        Returns:
            how many there are.

        Example:
            count_agents() -> 3
        """
        return len(self._agents)

    def let_work(self, agent: int) -> int:
        """Let an agent work at the end of a shift.

        Args:
            agent: number of the agent, from 0.

        Returns:
            the points that the finished tickets earn.

        Example:
            let_work(agent=2) -> 9
        """
        if not 0 <= agent < len(self._agents):
            raise ValueError(f"agent must be from 0 to {len(self._agents) - 1}, got {agent}")
        hours, points, kept = self._agents[agent][2], 0, []
        for ticket in reversed(self._piles[agent]):
            _, effort, worth = self._tickets[ticket]
            if effort <= hours:
                hours, points = hours - effort, points + worth
            else:
                kept.append(ticket)
        self._piles[agent] = kept[::-1]
        return points


class DeskHandover(Environment):
    """A help desk hands over its tickets in each shift. Agents are numbered from 0 and sit in a circle: after the last one
    comes agent 0 again. Shifts are numbered from 0. A pointer stands at agent 0 at first, and is kept from shift to
    shift.

    In each shift:

    1. One agent leaves and lays all own tickets on a table, the one got last on top. The shift's new tickets are then
    laid on
       top of these one by one, in the order in which they are listed.
    2. Take the ticket from the top of the table. Beginning with the agent at the pointer and going round once, offer it
    to each
       agent, except the one who leaves, until one accepts. The pointer then moves to the agent after that one. If
       nobody
       accepts, the ticket is parked for good, and the pointer stays. Repeat until the table is empty.
    3. Then, in ascending order, all agents except the one who leaves work, which earns points.

    Find the sum of the points, the number of parked tickets, the sum of the numbers of the parked tickets, and where
    the pointer stands in the end.

    The input is hidden (agents, shifts, tickets); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, agents: list[list[int | str]], shifts: list[list[int | list[int]]], tickets: list[list[int | str]]
    ) -> None:
        self.agents = agents
        self.shifts = shifts
        self.tickets = tickets
        self.desk = HelpDesk(copy.deepcopy(self.agents), copy.deepcopy(self.shifts), copy.deepcopy(self.tickets))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "agents": number of items of agents.
            "shifts": number of items of shifts.
            "tickets": number of items of tickets.

        Example:
            Observe() -> {"agents": 3, "shifts": 2, "tickets": 6}
        """
        return {"agents": len(self.agents), "shifts": len(self.shifts), "tickets": len(self.tickets)}

    @tool
    def BeginShift(self, shift: int) -> dict[str, int | list[int]]:
        """Begin a shift, which makes one agent leave for this shift.

        Args:
            shift: number of the shift, each one in its turn.

        Returns:
            the agent who is "leaving", and the numbers of the tickets laid on the "table", the top one last.

        Example:
            BeginShift(shift=0) -> {"leaving": 1, "table": [3, 0]}
        """
        return self.desk.begin_shift(shift)

    @tool
    def OfferTicket(self, ticket: int, agent: int) -> bool:
        """Offer a ticket from the table to an agent, who gets it on accepting.

        Args:
            ticket: number of the ticket.
            agent: number of the agent, from 0.

        Returns:
            whether the agent accepts.

        Example:
            OfferTicket(ticket=0, agent=2) -> true
        """
        return self.desk.offer_ticket(ticket, agent)

    @tool
    def CountAgents(self) -> int:
        """Count the agents.

        Returns:
            how many there are.

        Example:
            CountAgents() -> 3
        """
        return self.desk.count_agents()

    @tool
    def LetWork(self, agent: int) -> int:
        """Let an agent work at the end of a shift.

        Args:
            agent: number of the agent, from 0.

        Returns:
            the points that the finished tickets earn.

        Example:
            LetWork(agent=2) -> 9
        """
        return self.desk.let_work(agent)

    def answer(self) -> list[int]:
        """Hand over tickets from shift to shift.

        Returns:
            [points, parked tickets, sum of the parked numbers, pointer], such as [64, 2, 11, 1].
        """
        agents = copy.deepcopy(self.agents)
        shifts = copy.deepcopy(self.shifts)
        tickets = copy.deepcopy(self.tickets)
        desk = HelpDesk(agents, shifts, tickets)
        points = pointer = 0
        parked = []
        size = desk.count_agents()
        for shift in range(len(shifts)):
            start = desk.begin_shift(shift)
            while start["table"]:
                ticket = start["table"].pop()
                for step in range(size):
                    agent = (pointer + step) % size
                    if agent != start["leaving"] and desk.offer_ticket(ticket, agent):
                        pointer = (agent + 1) % size
                        break
                else:
                    parked.append(ticket)
            for agent in range(size):
                if agent != start["leaving"]:
                    points += desk.let_work(agent)
        return [points, len(parked), sum(parked), pointer]

    def solve(self, call):
        seen = call("Observe")
        points = pointer = 0
        parked = []
        size = call("CountAgents")
        for shift in range(seen["shifts"]):
            start = call("BeginShift", shift=shift)
            while start["table"]:
                ticket = start["table"].pop()
                for step in range(size):
                    agent = (pointer + step) % size
                    if agent != start["leaving"] and call("OfferTicket", ticket=ticket, agent=agent):
                        pointer = (agent + 1) % size
                        break
                else:
                    parked.append(ticket)
            for agent in range(size):
                if agent != start["leaving"]:
                    points += call("LetWork", agent=agent)
        return call("Done", answer=[points, len(parked), sum(parked), pointer])

    @staticmethod
    def generate(rng, level):
        size, count, most = {"easy": (3, 2, 3), "medium": (3, 3, 4), "hard": (5, rng.randint(5, 6), 6)}[level]
        kinds = rng.sample(["mail", "phone", "bill", "gear"], 3)
        shifts, total = ([], 0)
        for _ in range(count):
            fresh = rng.randint(most - 1, most)
            shifts.append([rng.randrange(size), list(range(total, total + fresh))])
            total += fresh
        numbers = rng.sample(range(total), total)
        return {
            "agents": [[rng.randint(2, 3), rng.choice(kinds), rng.randint(3, 7)] for _ in range(size)],
            "shifts": [[leaving, [numbers[place] for place in fresh]] for leaving, fresh in shifts],
            "tickets": [[rng.choice(kinds), rng.randint(2, 6), rng.randint(3, 15)] for _ in range(total)],
        }
