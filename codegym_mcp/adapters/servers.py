"""What every adapter is told: where episodes are opened, and which task a row of a data set stands for.

A row is the framework's; it carries a task as one JSON text, since tables want a column to have one type and the
configurations of tasks have none in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import ValidationError

from codegym_mcp.catalog import explain
from codegym_mcp.client import LOST_AFTER_S, ClientPool
from codegym_mcp.errors import InvalidRequest, InvalidTask, SandboxError, error_from_json
from codegym_mcp.rollout import Message, opening
from codegym_mcp.types import EnvironmentInfo, Task, Trajectory

TASK, SEED = "codegym_task", "codegym_seed"
"""Names of the columns."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where episodes are opened, and how long they may be."""

    urls: tuple[str, ...]
    """Of the control planes; each with the same environments."""
    token: str = field(repr=False)
    max_steps: int | None = None
    """T_max; None: the task's own."""
    lost_after_s: float = LOST_AFTER_S

    @classmethod
    def of(
        cls, urls: str | Sequence[str], token: str, *, max_steps: int | None = None, lost_after_s: float = LOST_AFTER_S
    ) -> Self:
        """Out of a configuration, where `urls` may be any kind of sequence, or a single one.

        Raises:
            InvalidRequest: there is none.
        """
        found = (urls,) if isinstance(urls, str) else tuple(str(url) for url in urls)
        if not found or not all(found):
            raise InvalidRequest("urls", "name at least one server, as http://HOST:PORT")
        return cls(found, token, max_steps, lost_after_s)

    def pool(self) -> ClientPool:
        """A pool for one rollout: connections belong to one event loop, and a server that was down is tried anew."""
        return ClientPool.connect(self.urls, self.token, lost_after_s=self.lost_after_s)


def columns(task: Task, seed: int = 0) -> dict[str, Any]:
    """What a row says of its task. Rollouts of one row share the seed, as a group does."""
    return {TASK: task.model_dump_json(), SEED: seed}


def task_of(row: Mapping[str, Any]) -> tuple[Task, int]:
    """The task of a row, and its seed.

    Raises:
        InvalidTask: the row was not made by `columns`.
    """
    return read_task(row.get(TASK)), int(row.get(SEED, 0))


def read_task(text: Any) -> Task:
    """A task out of its JSON.

    Raises:
        InvalidTask: it is none.
    """
    try:
        return Task.model_validate_json(text)
    except (ValidationError, TypeError) as exc:
        problem = explain(exc) if isinstance(exc, ValidationError) else "it is no text"
        raise InvalidTask(TASK, f"a row needs a task as JSON in this column: {problem}") from exc


def prompt_of(task: Task, environment: EnvironmentInfo) -> list[Message]:
    """The messages a rollout of this task begins with; data sets filter by their length."""
    return opening(task.prompt or environment.prompt)


def reward_of(trajectory: Trajectory) -> float:
    """The reward of a rollout.

    Raises:
        SandboxError: there is none, by no fault of the policy: drop the rollout or play it again, never score it.
    """
    if trajectory.reward is not None:
        return trajectory.reward
    if trajectory.error is None:
        raise SandboxError(f"the episode of {trajectory.environment} ended as {trajectory.status}, without a reward")
    error = error_from_json(trajectory.error)
    raise error if isinstance(error, SandboxError) else SandboxError(f"{type(error).__name__}: {error}")
