"""Calls are numbered from 0 and handled in ascending order; each asks for a skill at a level."""

import copy

from codegym_mcp import Environment, tool


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


class SkillRouting(Environment):
    """Calls are numbered from 0 and handled in ascending order; each asks for a skill at a level. Agents are numbered from
    0; each has a load, 0 at first.

    For each call, look at the agents who have the skill and room, as the hotline lists them:

    1. Of those with at least the level asked for, the one with the lowest load gets the call; of equal ones the one
    with the
       lowest level; then the lowest number.
    2. If there is none and the level asked for is above 1, it is lowered by one, which costs a point of quality, and 1.
    is
       tried again.
    3. If there is none at level 1, the call goes to the mailbox.

    Taking a call raises an agent's load by the call's weight. After that, whoever has the greatest load of all agents
    (of equal ones the lowest number) is relieved, which lowers that load. After a call to the mailbox nobody is
    relieved.

    Find the sum of the weights of the calls taken, the points of quality lost (also by calls in the mailbox), the calls
    in the mailbox, and the greatest load in the end.

    The input is hidden (agents, calls); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, agents: list[dict[str, dict[str, int] | int]], calls: list[list[int | str]]) -> None:
        self.agents = agents
        self.calls = calls
        self.hotline = Hotline(copy.deepcopy(self.agents), copy.deepcopy(self.calls))
        self.loads = [0] * len(self.agents)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "agents": number of items of agents.
            "calls": number of items of calls.

        Example:
            Observe() -> {"agents": 3, "calls": 4}
        """
        return {"agents": len(self.agents), "calls": len(self.calls)}

    @tool
    def ReadLoad(self, index: int) -> int:
        """Read one item of loads.

        Args:
            index: position in loads, counted from 0.

        Returns:
            the item.

        Example:
            ReadLoad(index=0) -> 0
        """
        if not 0 <= index < len(self.loads):
            raise ValueError(f"index must be from 0 to {len(self.loads) - 1}, got {index}")
        return self.loads[index]

    @tool
    def CountLoads(self) -> int:
        """Count what is in loads now.

        Returns:
            how many there are.

        Example:
            CountLoads() -> 3
        """
        return len(self.loads)

    @tool
    def LocateLoad(self, value: int) -> int:
        """Find the first position of a value in loads.

        Args:
            value: the value.

        Returns:
            its position, counted from 0.

        Example:
            LocateLoad(value=1) -> 0
        """
        return self.loads.index(value)

    @tool
    def ReadCall(self, call: int) -> dict[str, int | str]:
        """Read what a call asks for.

        Args:
            call: number of the call, from 0.

        Returns:
            the "skill" and the "level".

        Example:
            ReadCall(call=0) -> {"skill": "tax", "level": 3}
        """
        return self.hotline.read_call(call)

    @tool
    def ListSkilled(self, skill: str) -> list[list[int]]:
        """List the agents who have a skill and whose load is less than their capacity.

        Args:
            skill: name of the skill.

        Returns:
            a list of [agent, level in the skill].

        Example:
            ListSkilled(skill="tax") -> [[0, 2], [3, 5]]
        """
        return self.hotline.list_skilled(skill)

    @tool
    def ReadLoad2(self, agent: int) -> int:
        """Read the load of an agent.

        Args:
            agent: number of the agent, from 0.

        Returns:
            the load.

        Example:
            ReadLoad2(agent=3) -> 4
        """
        return self.hotline.read_load(agent)

    @tool
    def GiveCall(self, call: int, agent: int) -> int:
        """Give a call to an agent who has the skill and whose load is less than the capacity.

        Args:
            call: number of a call that nobody has taken.
            agent: number of the agent.

        Returns:
            the weight of the call, by which the agent's load is raised.

        Example:
            GiveCall(call=0, agent=3) -> 5
        """
        return self.hotline.give_call(call, agent)

    @tool
    def RelieveAgent(self, agent: int) -> int:
        """Relieve an agent, whose load gets lower.

        Args:
            agent: number of the agent.

        Returns:
            the load of the agent then.

        Example:
            RelieveAgent(agent=3) -> 2
        """
        return self.hotline.relieve_agent(agent)

    @tool
    def SetLoad(self, index: int, value: int) -> int:
        """Put a value at a position of loads.

        Args:
            index: position in loads, counted from 0.
            value: the value.

        Returns:
            the value that is there now.

        Example:
            SetLoad(index=0, value=1) -> 1
        """
        if not 0 <= index < len(self.loads):
            raise ValueError(f"index must be from 0 to {len(self.loads) - 1}, got {index}")
        self.loads[index] = value
        return value

    def answer(self) -> list[int]:
        """Give calls to agents.

        Returns:
            [sum of the weights, points of quality lost, calls in the mailbox, greatest load], such as [31, 4, 1, 7].
        """
        agents = copy.deepcopy(self.agents)
        calls = copy.deepcopy(self.calls)
        hotline = Hotline(agents, calls)
        weights = lost = mailbox = 0
        loads = [0] * len(agents)
        for call in range(len(calls)):
            wish = hotline.read_call(call)
            level, skilled = (wish["level"], hotline.list_skilled(wish["skill"]))
            able = [[loads[agent], own, agent] for agent, own in skilled if own >= level]
            while not able and level > 1:
                level, lost = (level - 1, lost + 1)
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

    def solve(self, the_call):
        seen = the_call("Observe")
        weights = lost = mailbox = 0
        for call in range(seen["calls"]):
            wish = the_call("ReadCall", call=call)
            level, skilled = (wish["level"], the_call("ListSkilled", skill=wish["skill"]))
            able = [[the_call("ReadLoad", index=agent), own, agent] for agent, own in skilled if own >= level]
            while not able and level > 1:
                level, lost = (level - 1, lost + 1)
                able = [[the_call("ReadLoad", index=agent), own, agent] for agent, own in skilled if own >= level]
            if not able:
                mailbox += 1
                continue
            agent = min(able)[2]
            weights += the_call("GiveCall", call=call, agent=agent)
            the_call("SetLoad", index=agent, value=the_call("ReadLoad2", agent=agent))
            tired = the_call(
                "LocateLoad", value=max((the_call("ReadLoad", index=index) for index in range(the_call("CountLoads"))))
            )
            the_call("SetLoad", index=tired, value=the_call("RelieveAgent", agent=tired))
        return the_call(
            "Done",
            answer=[
                weights,
                lost,
                mailbox,
                max((the_call("ReadLoad", index=index) for index in range(the_call("CountLoads")))),
            ],
        )

    @staticmethod
    def generate(rng, level):
        size, kinds, count = {"easy": (3, 2, 4), "medium": (4, 3, 8), "hard": (6, 4, rng.randint(20, 27))}[level]
        skills = rng.sample(["tax", "loan", "card", "home", "fraud"], kinds)
        agents = []
        for _ in range(size):
            own = rng.sample(skills, rng.randint(1, 2))
            agents.append({"capacity": rng.randint(4, 8), "skills": {skill: rng.randint(1, 5) for skill in own}})
        calls = [[rng.choice(skills), rng.randint(1, 5), rng.randint(1, 4)] for _ in range(count)]
        return {"agents": agents, "calls": calls}
