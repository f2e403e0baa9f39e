"""Does an environment play the same after an export? The oracle plays both, and every answer is compared."""

import asyncio
import contextlib
from collections.abc import Mapping

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.types import Task, Trajectory

AT_ONCE = 8


async def differences(native: Catalog, other: Catalog, names: Mapping[str, str], *, per_level: int | None = None) -> list[str]:
    """What differs between environments and their exported copies, one line each; none: they are the same to an agent.

    Compared are the tasks (configuration, prompt, level, split, budget), every call of either oracle and its
    observation, and the reward, which must be 1.

    Args:
        names: name in `native` -> name in `other`.
        per_level: play so many tasks of each level; default: all.
    """
    async with contextlib.AsyncExitStack() as stack:
        players = [_Player(await stack.enter_async_context(Gym(catalog, pool=Pool()))) for catalog in (native, other)]
        slots = asyncio.Semaphore(AT_ONCE)

        async def compare(task: Task, copy: Task) -> str | None:
            async with slots:
                first, second = [await player.play(one) for player, one in zip(players, (task, copy), strict=True)]
            problem = _difference(task, copy) or _played_otherwise(first, second)
            return f"{task.environment}, {task.id}: {problem}" if problem else None

        found: list[str] = []
        jobs = []
        for name, copied in names.items():
            tasks, copies = native.tasks(name), {task.id: task for task in other.tasks(copied)}
            if [task.id for task in tasks if task.id not in copies] or len(tasks) != len(copies):
                found.append(f"{name}: expected {len(tasks)} tasks, got {len(copies)}")
                continue
            jobs += [compare(task, copies[task.id]) for task in _some(list(tasks), per_level)]
        return found + [problem for problem in await asyncio.gather(*jobs) if problem]


def _some(tasks: list[Task], per_level: int | None) -> list[Task]:
    levels: dict[str, list[Task]] = {}
    for task in tasks:
        levels.setdefault(task.level, []).append(task)
    return [task for same_level in levels.values() for task in same_level[:per_level]]


class _Player:
    def __init__(self, gym: Gym) -> None:
        self._gym, self._clients, self._oracle = gym, ClientPool.over(gym), Oracle(gym.catalog, gym.pool)

    async def play(self, task: Task) -> Trajectory:
        return await collect_rollout(self._clients, self._oracle, task)


def _difference(task: Task, copy: Task) -> str | None:
    """The first field in which two tasks differ; an own prompt is told by what an agent is given, so see below."""
    for field in ("config", "level", "split", "max_steps"):
        if getattr(task, field) != getattr(copy, field):
            return f"{field}: expected {getattr(task, field)!r}, got {getattr(copy, field)!r}"
    return None


def _played_otherwise(first: Trajectory, second: Trajectory) -> str | None:
    """The first thing that went otherwise in two rollouts."""
    if first.error or second.error:
        return f"not played: {first.error or second.error}"
    if first.messages[1] != second.messages[1]:
        return "the prompt differs"
    for one, other in zip(first.steps, second.steps, strict=False):
        if (one.tool, one.arguments) != (other.tool, other.arguments):
            return f"call {one.number}: expected {one.tool}({one.arguments}), got {other.tool}({other.arguments})"
        if (one.text, one.is_error) != (other.text, other.is_error):
            return f"call {one.number}: expected {one.text!r}, got {other.text!r}"
    if len(first.steps) != len(second.steps) or not first.reward == second.reward == 1.0:
        ends = [f"{len(played.steps)} calls, reward {played.reward}" for played in (first, second)]
        return f"expected {ends[0]}, got {ends[1]}"
    return None
