"""Trajectories to imitate: the oracle's, spoilt ones that teach the form alone, or those of a stronger policy from a file."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidEnvironment, SandboxError, error_from_json
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import Act, Message, collect_rollout
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.types import EnvironmentInfo, Observation, Task, Trajectory

logger = logging.getLogger(__name__)

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
    pool: ClientPool, catalog: Catalog, tasks: Sequence[Task], count: int, solved_share: float, seed: int, attempts: int
) -> list[Trajectory]:
    """Play tasks with the oracle, and with the spoilt one.

    Args:
        catalog: holds the environments that the pool serves, with their `solve`.
        count: how many trajectories.
        solved_share: of them, how many solve their task.
        attempts: see oracle_trajectories.

    Returns:
        in random order; fewer where the spoilt oracle cannot be got to fail.
    """
    rng = random.Random(seed)
    solved = await oracle_trajectories(pool, catalog, tasks, attempts)
    found = [solved[n % len(solved)] for n in range(round(count * solved_share))]
    async with choose_pool(trusted=catalog.trusted) as sandbox:
        oracle, room = Oracle(catalog, sandbox), asyncio.Semaphore(AT_ONCE)

        async def spoilt(right: Trajectory) -> Trajectory | None:
            async with room:
                policy = Spoilt(oracle, rng.randrange(len(right.steps)), rng)
                try:
                    trajectory = await collect_rollout(pool, policy, right.task)
                except InvalidEnvironment:  # `solve` met what it did not expect
                    return None
                return trajectory if trajectory.reward == 0.0 and trajectory.status == "terminated" else None

        while len(found) < count:
            missing = count - len(found)
            tried = await asyncio.gather(*(spoilt(rng.choice(solved)) for _ in range(missing)))
            played = [one for one in tried if one is not None]
            if not played:
                break
            found += played
    rng.shuffle(found)
    return found


async def oracle_trajectories(pool: ClientPool, catalog: Catalog, tasks: Sequence[Task], attempts: int) -> list[Trajectory]:
    """The oracle's solutions, in the tasks' order. Tasks that it does not solve are left out, and told in the log.

    Args:
        attempts: times that a task is begun before a machine's fault costs it.

    Raises:
        InvalidEnvironment: it solves none.
        SandboxError: machines failed in all of them.
    """
    async with choose_pool(trusted=catalog.trusted) as sandbox:
        oracle, room = Oracle(catalog, sandbox), asyncio.Semaphore(AT_ONCE)

        async def play(task: Task) -> Trajectory:
            for _ in range(attempts):
                async with room:
                    trajectory = await collect_rollout(pool, oracle, task)
                if trajectory.reward is not None:
                    break
            return trajectory

        return _solved(await asyncio.gather(*map(play, tasks)))


def _solved(played: Sequence[Trajectory]) -> list[Trajectory]:
    """Those with the right answer; the others are told in the log."""
    solved = [one for one in played if one.reward == 1.0]
    wrong = [one for one in played if _is_wrong(one)]
    faults = [one for one in played if one.reward is None and not _is_wrong(one)]
    for one in wrong:
        logger.warning("%s: the oracle does not solve task %s (%s); it is left out", one.environment, one.task.id, _told(one))
    if faults:
        told = _told(faults[-1])
        logger.warning(
            "%d of %d tasks are left out: machines failed in the oracle's plays; last: %s", len(faults), len(played), told
        )
    if not solved and wrong:
        told = f"the oracle solves none of {len(played)} tasks; task {wrong[0].task.id}: {_told(wrong[0])}"
        raise InvalidEnvironment(wrong[0].environment, told)
    if not solved:
        raise SandboxError(f"machines failed in all of the oracle's {len(played)} tasks; last: {_told(faults[-1])}")
    return solved


def _is_wrong(trajectory: Trajectory) -> bool:
    """Whether it is the environment's own fault: `solve` failed, or missed the answer."""
    if trajectory.reward is not None:
        return trajectory.reward != 1.0
    return isinstance(error_from_json(trajectory.error or {}), InvalidEnvironment)


def _told(trajectory: Trajectory) -> str:
    return str((trajectory.error or {}).get("message", f"reward {trajectory.reward}"))
