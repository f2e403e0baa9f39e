"""Which tasks are trained on and which are held out, and which one is played next. No rollouts here."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from codegym_mcp.client import ClientPool
from codegym_mcp.types import Split, Task
from trainer.config import Environments, InvalidConfig

PRIOR = 1.0
"""Successes and failures that a task is thought to have had before its first group: all tasks begin equal."""
FORGET = 0.9
"""What is left of a task's record after each further group: the policy changes."""
FLOOR = 0.1
"""Least weight of a task in adaptive sampling, against 1 for one that is solved every second time."""
RAMP = 0.5
"""Share of a run after which a curriculum has all of its tasks in play."""
START = 0.2
"""Share of the tasks, easiest first, that a curriculum begins with."""

Key = tuple[str, str]


async def training_tasks(pool: ClientPool, config: Environments) -> list[Task]:
    """The tasks that may be trained on.

    Raises:
        InvalidConfig: there are none.
    """
    return await _tasks(pool, config.names, config.levels, config.split, "environments.split")


async def held_out_tasks(pool: ClientPool, config: Environments, trained: Sequence[Task]) -> list[Task]:
    """The tasks that are never trained on.

    Raises:
        InvalidConfig: there are none, or one of them is trained on.
    """
    names = config.held_out_names or tuple(dict.fromkeys(task.environment for task in trained))
    found = await _tasks(pool, names, config.levels, config.held_out, "environments.held_out")
    seen = {_content(task) for task in trained}
    double = next((task for task in found if _content(task) in seen), None)
    if double is not None:
        where = f"{double.environment}, task {double.id}"
        raise InvalidConfig("environments.held_out", f"{where} is trained on as well: choose another split")
    return found


def _content(task: Task) -> str:
    """What a task asks, whatever its id."""
    return f"{task.environment} {task.prompt} {task.config!r}"


async def _tasks(pool: ClientPool, names: Sequence[str], levels: Sequence[str], split: Split, where: str) -> list[Task]:
    every = await pool.environments()
    unknown = next((name for name in names if name not in every), None)
    if unknown is not None:
        raise InvalidConfig("environments.names", f"the servers have no '{unknown}'")
    found = []
    for name in names or every:
        for task in await pool.tasks(name):
            if task.split == split and (not levels or task.level in levels):
                found.append(task)
    if not found:
        at = f" at level {', '.join(levels)}" if levels else ""
        raise InvalidConfig(where, f"no task of the split '{split}'{at} in {', '.join(names) or 'any environment'}")
    return found


class TaskSampler:
    """An endless row of tasks. Environments come equally often, whatever number of tasks they have."""

    def __init__(
        self, tasks: Sequence[Task], *, order: str = "uniform", seed: int = 0, oracle_calls: Mapping[Key, int] | None = None
    ):
        """Args:
        order: uniform, adaptive or curriculum.
        oracle_calls: of each task, for a curriculum.
        """
        self._order, self._rng = order, random.Random(seed)
        self._tasks: dict[str, list[Task]] = defaultdict(list)
        for task in sorted(tasks, key=lambda one: (oracle_calls or {}).get((one.environment, one.id), 0)):
            self._tasks[task.environment].append(task)
        self._record: dict[Key, tuple[float, float]] = {}
        self._numbers = 0

    def draw(self, progress: float = 0.0) -> Task:
        """The next task.

        Args:
            progress: share of the run that is over, for a curriculum.
        """
        names = list(self._tasks)
        tasks = self._tasks[self._rng.choice(names)]
        if self._order == "curriculum":
            share = START + (1 - START) * min(progress / RAMP, 1.0)
            tasks = tasks[: max(1, round(share * len(tasks)))]
        if self._order == "adaptive":
            return self._rng.choices(tasks, [self._weight(task) for task in tasks])[0]
        return self._rng.choice(tasks)

    def number(self) -> int:
        """The next group's number; goes on where a resumed run was."""
        self._numbers += 1
        return self._numbers - 1

    def learned(self, task: Task, solved: int, played: int) -> None:
        """Take note of a group's outcome."""
        if task.environment not in self._tasks:
            return  # a reasoning task
        successes, failures = self._record.get((task.environment, task.id), (PRIOR, PRIOR))
        kept = (FORGET * successes + solved, FORGET * failures + played - solved)
        self._record[(task.environment, task.id)] = kept

    def _weight(self, task: Task) -> float:
        """Highest, 1, where every second rollout succeeds: there a group says most (its variance is p (1 - p))."""
        successes, failures = self._record.get((task.environment, task.id), (PRIOR, PRIOR))
        rate = successes / (successes + failures)
        return max(FLOOR, 4 * rate * (1 - rate))

    def state(self) -> dict[str, Any]:
        """Everything that `restore` needs, as JSON."""
        version, numbers, gauss = self._rng.getstate()
        records = [[*key, *record] for key, record in list(self._record.items())]  # the worker may be adding
        return {"random": [version, list(numbers), gauss], "records": records, "groups": self._numbers}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another sampler of the same tasks was."""
        version, numbers, gauss = state["random"]
        self._rng.setstate((version, tuple(numbers), gauss))
        self._record = {(name, id): (good, bad) for name, id, good, bad in state["records"]}
        self._numbers = state["groups"]
