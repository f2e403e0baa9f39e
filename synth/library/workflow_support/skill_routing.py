"""Calls are numbered from 0 and handled in ascending order; each asks for a skill at a level. Agents are numbered from 0; each
has a load, 0 at first.

For each call, look at the agents who have the skill and room, as the hotline lists them:

1. Of those with at least the level asked for, the one with the lowest load gets the call; of equal ones the one with the
   lowest level; then the lowest number.
2. If there is none and the level asked for is above 1, it is lowered by one, which costs a point of quality, and 1. is
   tried again.
3. If there is none at level 1, the call goes to the mailbox.

Taking a call raises an agent's load by the call's weight. After that, whoever has the greatest load of all agents (of equal
ones the lowest number) is relieved, which lowers that load. After a call to the mailbox nobody is relieved.

Find the sum of the weights of the calls taken, the points of quality lost (also by calls in the mailbox), the calls in the
mailbox, and the greatest load in the end."""


class Hotline:
    """Agents with skills and loads, and calls."""

    def __init__(self, agents: list[dict], calls: list[list]) -> None:
        self._agents, self._calls = agents, calls
        self._loads = [0] * len(agents)
        self._taken = [False] * len(calls)

    def read_call(self, call: int) -> dict[str, int | str]:
        """Read what a call asks for.

        Args:
            call: number of the call, from 0.

        Returns:
            the "skill" and the "level".

        Example:
            read_call(call=0) -> {"skill": "tax", "level": 3}
        """
        if not 0 <= call < len(self._calls):
            raise ValueError(f"call must be from 0 to {len(self._calls) - 1}, got {call}")
        return {"skill": self._calls[call][0], "level": self._calls[call][1]}

    def list_skilled(self, skill: str) -> list[list[int]]:
        """List the agents who have a skill and whose load is less than their capacity.

        Args:
            skill: name of the skill.

        Returns:
            a list of [agent, level in the skill].

        Example:
            list_skilled(skill="tax") -> [[0, 2], [3, 5]]
        """
        rows = enumerate(self._agents)
        return [[n, a["skills"][skill]] for n, a in rows if skill in a["skills"] and self._loads[n] < a["capacity"]]

    def read_load(self, agent: int) -> int:
        """Read the load of an agent.

        Args:
            agent: number of the agent, from 0.

        Returns:
            the load.

        Example:
            read_load(agent=3) -> 4
        """
        if not 0 <= agent < len(self._loads):
            raise ValueError(f"agent must be from 0 to {len(self._loads) - 1}, got {agent}")
        return self._loads[agent]

    def give_call(self, call: int, agent: int) -> int:
        """Give a call to an agent who has the skill and whose load is less than the capacity.

        Args:
            call: number of a call that nobody has taken.
            agent: number of the agent.

        Returns:
            the weight of the call, by which the agent's load is raised.

        Example:
            give_call(call=0, agent=3) -> 5
        """
        wish = self.read_call(call)
        levels = dict(self.list_skilled(wish["skill"]))
        if agent not in levels or self._taken[call]:
            raise ValueError(f"call {call} is taken, or agent {agent} cannot take it")
        self._taken[call] = True
        weight = self._calls[call][2] + max(0, wish["level"] - levels[agent])
        self._loads[agent] += weight
        return weight

    def relieve_agent(self, agent: int) -> int:
        """Relieve an agent, whose load gets lower.

        Args:
            agent: number of the agent.

        Returns:
            the load of the agent then.

        Example:
            relieve_agent(agent=3) -> 2
        """
        self._loads[agent] = max(0, self.read_load(agent) - 1 - agent % 2)
        return self._loads[agent]


def solution(agents: list[dict], calls: list[list]) -> list[int]:
    """Give calls to agents.

    Returns:
        [sum of the weights, points of quality lost, calls in the mailbox, greatest load], such as [31, 4, 1, 7].
    """
    hotline = Hotline(agents, calls)
    weights = lost = mailbox = 0
    loads = [0] * len(agents)
    for call in range(len(calls)):
        wish = hotline.read_call(call)
        level, skilled = wish["level"], hotline.list_skilled(wish["skill"])
        able = [[loads[agent], own, agent] for agent, own in skilled if own >= level]
        while not able and level > 1:
            level, lost = level - 1, lost + 1
            able = [[loads[agent], own, agent] for agent, own in skilled if own >= level]
        if not able:
            mailbox += 1
            continue
        agent = min(able)[2]
        weights += hotline.give_call(call, agent)
        loads[agent] = hotline.read_load(agent)
        tired = loads.index(max(loads))
        loads[tired] = hotline.relieve_agent(tired)
    return [weights, lost, mailbox, max(loads)]


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    size, kinds, count = {"easy": (3, 2, 4), "medium": (4, 3, 8), "hard": (6, 4, rng.randint(20, 27))}[level]
    skills = rng.sample(["tax", "loan", "card", "home", "fraud"], kinds)
    agents = []
    for _ in range(size):
        own = rng.sample(skills, rng.randint(1, 2))
        agents.append({"capacity": rng.randint(4, 8), "skills": {skill: rng.randint(1, 5) for skill in own}})
    calls = [[rng.choice(skills), rng.randint(1, 5), rng.randint(1, 4)] for _ in range(count)]
    return {"agents": agents, "calls": calls}
