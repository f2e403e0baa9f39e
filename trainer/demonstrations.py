"""Trajectories to imitate: the oracle's, spoilt ones that teach the form alone, or those of a stronger policy from a file."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import Act, Message, collect_rollout
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.types import EnvironmentInfo, Observation, Task, Trajectory

AT_ONCE = 16
"""Rollouts in play at once."""


class Spoilt:
    """The oracle, with one argument of one of its calls changed."""

    name = "spoilt oracle"

    def __init__(self, oracle: Oracle, call: int, rng: random.Random) -> None:
        """Args:
        call: which of its calls, from 0.
        """
        self._oracle, self._call, self._rng = oracle, call, rng

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout in an environment."""
        made = 0
        async with self._oracle.session(environment) as act:

            async def spoil(messages: list[Message], observation: Observation | None) -> Message:
                nonlocal made
                message = await act(messages, observation)
                made += 1
                return self._changed(message) if made - 1 == self._call else message

            yield spoil

    def _changed(self, message: Message) -> Message:
        for call in message.get("tool_calls") or []:
            arguments = json.loads(call["function"]["arguments"])
            if arguments:
                name = self._rng.choice(list(arguments))
                arguments[name] = changed(arguments[name], self._rng)
                call["function"]["arguments"] = json.dumps(arguments)
        return message


def changed(value: Any, rng: random.Random) -> Any:
    """A value much like it, of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return abs(value + rng.choice((-2, -1, 1, 2)))
    if isinstance(value, float):
        return value + rng.choice((-1.0, 1.0))
    if isinstance(value, str) and value:
        place = rng.randrange(len(value))
        return value[:place] + value[place + 1 :]
    if isinstance(value, list) and value:
        place = rng.randrange(len(value))
        return [changed(part, rng) if n == place else part for n, part in enumerate(value)]
    return value


async def demonstrate(
    pool: ClientPool, catalog: Catalog, tasks: Sequence[Task], count: int, solved_share: float, seed: int
) -> list[Trajectory]:
    """Play tasks with the oracle, and with the spoilt one.

    Args:
        catalog: holds the environments that the pool serves, with their `solve`.
        count: how many trajectories.
        solved_share: of them, how many solve their task.

    Returns:
        in random order; fewer where the spoilt oracle cannot be got to fail.
    """
    rng = random.Random(seed)
    solved = {id(task): one for task, one in zip(tasks, await oracle_trajectories(pool, catalog, tasks), strict=True)}
    wanted = round(count * solved_share)
    found = [solved[id(tasks[n % len(tasks)])] for n in range(wanted)]
    async with choose_pool(trusted=catalog.trusted) as sandbox:
        oracle, room = Oracle(catalog, sandbox), asyncio.Semaphore(AT_ONCE)

        async def spoilt(task: Task) -> Trajectory | None:
            async with room:
                policy = Spoilt(oracle, rng.randrange(len(solved[id(task)].steps)), rng)
                try:
                    trajectory = await collect_rollout(pool, policy, task)
                except InvalidEnvironment:  # `solve` met what it did not expect
                    return None
                return trajectory if trajectory.reward == 0.0 and trajectory.status == "terminated" else None

        while len(found) < count:
            missing = count - len(found)
            tried = await asyncio.gather(*(spoilt(rng.choice(tasks)) for _ in range(missing)))
            played = [one for one in tried if one is not None]
            if not played:
                break
            found += played
    rng.shuffle(found)
    return found


async def oracle_trajectories(pool: ClientPool, catalog: Catalog, tasks: Sequence[Task]) -> list[Trajectory]:
    """Each task played by the oracle.

    Raises:
        InvalidEnvironment: the oracle does not solve one.
    """
    async with choose_pool(trusted=catalog.trusted) as sandbox:
        oracle, room = Oracle(catalog, sandbox), asyncio.Semaphore(AT_ONCE)

        async def play(task: Task) -> Trajectory:
            async with room:
                trajectory = await collect_rollout(pool, oracle, task)
            if trajectory.reward != 1.0:
                told = (trajectory.error or {}).get("message", f"reward {trajectory.reward}")
                raise InvalidEnvironment(task.environment, f"the oracle does not solve task {task.id}: {told}")
            return trajectory

        return list(await asyncio.gather(*map(play, tasks)))
