"""How hard are tasks for a model? Each is played several times; the counts are kept raw, and filtered late.

What is too easy depends on the model that is to be trained, so nothing is thrown away while measuring: a card holds
passes, tries, model and date of every task, and `keep_hard` chooses from these whenever a set is put together.
A rollout that a machine or an endpoint failed is no failure of the policy: it is played again, and never counted.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import PolicyError, error_from_json
from codegym_mcp.rollout import Policy, collect_group
from codegym_mcp.types import Data, Task, Trajectory
from synth.filter.filters import config_hash

ROUNDS = 3
"""Times that rollouts without a reward are played again."""
MAX_FAULTS = 8
"""So many tasks in a row without one reward, and the measuring is stopped: the machine or the endpoint is down."""
AT_ONCE = 8
"""Tasks played at the same time; each of them in several episodes."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How often a task is played and how seldom it may be solved. Defaults: the CodeGym paper (arXiv 2509.17325)."""

    tries: int = 4
    most: float = 0.25
    """Largest share of the tries that may pass."""
    tries_hard: int = 8
    most_hard: float = 1 / 8
    """The same for tasks of the level "hard"."""

    def tries_of(self, level: str) -> int:
        """Tries of a task of a level."""
        return self.tries_hard if level == "hard" else self.tries

    def most_of(self, level: str) -> float:
        """Largest share of passes of a task of a level."""
        return self.most_hard if level == "hard" else self.most


class PassCount(Data):
    """How often one model solved one task: one line of a journal."""

    environment: str
    hash: str
    """Of the environment's source: a changed environment has to be measured again."""
    task: str
    config: str
    """Hash of the task's configuration."""
    model: str
    passes: int
    tries: int
    """Rollouts that got a reward; fewer than wanted where the machine failed."""
    date: str

    @property
    def key(self) -> str:
        """What was measured, and with what."""
        return "/".join([self.hash, self.config, self.model])


async def measure(
    clients: ClientPool,
    policy: Policy,
    tasks: Sequence[Task],
    *,
    difficulty: Difficulty | None = None,
    known: Iterable[PassCount] = (),
    on_count: Callable[[PassCount], None] = lambda count: None,
) -> list[PassCount]:
    """Play every task as often as the difficulty says, but for those that are known.

    Args:
        known: counts of an earlier run, as `read_counts` gives them.
        on_count: called with each new count as it is there, to keep it (`append_count`).

    Returns:
        One count per task, in order; known ones as they are.

    Raises:
        CatalogError, InvalidEnvironment: a task cannot be played at all.
        PolicyError, SandboxError: several tasks in a row got no reward.
    """
    return await _Measurement(clients, policy, difficulty or Difficulty(), known, on_count).run(tasks)


class _Measurement:
    def __init__(
        self,
        clients: ClientPool,
        policy: Policy,
        difficulty: Difficulty,
        known: Iterable[PassCount],
        on_count: Callable[[PassCount], None],
    ) -> None:
        self._clients, self._policy, self._difficulty, self._on_count = clients, policy, difficulty, on_count
        self._known = {count.key: count for count in known}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hashes: dict[str, str] = {}
        self._faults = 0

    async def run(self, tasks: Sequence[Task]) -> list[PassCount]:
        jobs = [asyncio.create_task(self._count(task)) for task in tasks]
        try:
            return list(await asyncio.gather(*jobs))
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    async def _count(self, task: Task) -> PassCount:
        wanted = self._difficulty.tries_of(task.level)
        async with self._slots:
            blank = await self._blank(task)
            known = self._known.get(blank.key)
            if known is not None and known.tries >= wanted:
                return known
            rewards, errors = await self._rewards(task, wanted)
        if rewards:
            self._faults = 0
            count = blank.model_copy(update={"passes": rewards.count(1.0), "tries": len(rewards)})
            self._on_count(count)
            return count
        self._faults += 1
        if self._faults >= MAX_FAULTS:
            raise error_from_json(errors[-1]) if errors else PolicyError("no rollout got a reward")
        return blank

    async def _blank(self, task: Task) -> PassCount:
        if task.environment not in self._hashes:
            self._hashes[task.environment] = (await self._clients.environment(task.environment)).hash
        return PassCount(
            environment=task.environment,
            hash=self._hashes[task.environment],
            task=task.id,
            config=config_hash(task),
            model=self._policy.name,
            passes=0,
            tries=0,
            date=datetime.now(UTC).date().isoformat(),
        )

    async def _rewards(self, task: Task, wanted: int) -> tuple[list[float], list[dict[str, Any]]]:
        """Rewards of as many rollouts, or of fewer where the machine keeps failing; and its errors."""
        rewards: list[float] = []
        errors: list[dict[str, Any]] = []
        for _ in range(1 + ROUNDS):
            missing = wanted - len(rewards)
            played: list[Trajectory] = await collect_group(self._clients, self._policy, task, missing) if missing else []
            rewards += [one.reward for one in played if one.reward is not None]
            errors += [one.error for one in played if one.error is not None]
        return rewards, errors


def keep_hard(
    tasks: Sequence[Task], counts: Iterable[PassCount], difficulty: Difficulty | None = None
) -> tuple[list[Task], dict[str, str]]:
    """Tasks of one environment that a model seldom solves, and why the others are left out, by task id."""
    limits, by_config = difficulty or Difficulty(), {count.config: count for count in counts}
    dropped = {task.id: why for task in tasks if (why := _too_easy(task, by_config, limits))}
    return [task for task in tasks if task.id not in dropped], dropped


def _too_easy(task: Task, counts: Mapping[str, PassCount], limits: Difficulty) -> str | None:
    count = counts.get(config_hash(task))
    if count is None or count.tries < limits.tries_of(task.level):
        return "not measured"
    return "too easy" if count.passes > limits.most_of(task.level) * count.tries else None


def read_counts(path: Path) -> list[PassCount]:
    """Counts of a journal; of a line that a crash has torn, nothing."""
    found: list[PassCount] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
        try:
            found.append(PassCount.model_validate_json(line))
        except ValidationError:
            continue
    return found


def append_count(path: Path, count: PassCount) -> None:
    """Add a count to a journal."""
    torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * torn + count.model_dump_json() + "\n")


def with_counts(card: Mapping[str, Any], counts: Iterable[PassCount]) -> dict[str, Any]:
    """A card with counts of its environment: `pass_rates`, by model and task."""
    rates: dict[str, dict[str, Any]] = json.loads(json.dumps(card.get("pass_rates", {})))
    for count in counts:
        facts = {"passes": count.passes, "tries": count.tries, "date": count.date, "config": count.config}
        rates.setdefault(count.model, {})[count.task] = facts
    return {**card, "pass_rates": rates}


def counts_of(card: Mapping[str, Any], model: str) -> list[PassCount]:
    """The counts of one model that a card holds."""
    tasks = card.get("pass_rates", {}).get(model, {})
    head = {"environment": card["name"], "hash": card["content_hash"], "model": model}
    return [PassCount.model_validate({**head, "task": id, **facts}) for id, facts in tasks.items()]
