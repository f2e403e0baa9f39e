"""Tasks of reasoning alone, of the package reasoning-gym: one answer, no tools. Mixed in so that a model does not unlearn
to think where there is nothing to call (the paper reports a regress of long chains of thought). No environments here.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.tokens import TokenPolicy, TokenRecord
from codegym_mcp.rollout import Message
from codegym_mcp.types import Task, Trajectory
from trainer.advantages import group_advantages
from trainer.config import InvalidConfig
from trainer.rollouts import Group, Rollout, lost

SYSTEM = "Think it through, then give your final answer alone between <answer> and </answer>."
SIZE = 1_000_000
"""Tasks of one kind; made when they are asked for."""
ENVIRONMENT = "reasoning"
"""Prefix of what stands for an environment's name."""


class Reasoning:
    """An endless row of reasoning tasks."""

    def __init__(self, kinds: Sequence[str], seed: int) -> None:
        """Args:
        kinds: data sets of reasoning-gym.

        Raises:
            InvalidConfig: the package is not installed, or has no such data set.
        """
        try:
            import reasoning_gym
        except ImportError as exc:
            raise InvalidConfig("sampling.reasoning_share", "needs: pip install reasoning-gym") from exc
        self._seed = seed
        self._sets: dict[str, Any] = {}
        for kind in kinds:
            try:
                self._sets[kind] = reasoning_gym.create_dataset(kind, seed=seed, size=SIZE)
            except ValueError as exc:
                raise InvalidConfig("sampling.reasoning_tasks", f"reasoning-gym has no '{kind}'") from exc

    async def group(self, policy: TokenPolicy, number: int, size: int, *, version: int, normalise: bool) -> Group:
        """Answer one task as often as a group has members.

        Args:
            size: rollouts of the group.
            normalise: see group_advantages.
        """
        rng = random.Random(f"{self._seed}/{number}")
        kind, index = rng.choice(list(self._sets)), rng.randrange(SIZE)
        entry = self._sets[kind][index]
        task = Task(environment=f"{ENVIRONMENT}/{kind}", id=str(index), prompt=entry["question"])
        rollouts = list(await asyncio.gather(*(self._answer(policy, kind, entry, task) for _ in range(size))))
        faults = sum(rollout.reward is None for rollout in rollouts)
        advantages = group_advantages([rollout.reward for rollout in rollouts], normalise=normalise)
        return Group(number, task, self._seed, version, rollouts, advantages, faults)

    async def _answer(self, policy: TokenPolicy, kind: str, entry: Any, task: Task) -> Rollout:
        started = time.monotonic()
        messages: list[Message] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": entry["question"]}]
        session = policy.begin([])
        try:
            message = await session(messages, None)
        except PolicyError as exc:
            return Rollout(lost(task, self._seed, policy.name, exc), TokenRecord())
        text = str(message.get("content") or "")
        reward = float(self._sets[kind].score_answer(answer_in(text), entry) >= 1.0)
        trajectory = Trajectory(
            environment=task.environment,
            environment_hash="",
            task=task,
            seed=self._seed,
            policy=policy.name,
            messages=[*messages, message],
            status="terminated",
            reward=reward,
            elapsed_s=round(time.monotonic() - started, 3),
        )
        return Rollout(trajectory, session.record, {"binary": reward})


def answer_in(text: str) -> str | None:
    """What stands between the last answer tags; None without them."""
    _, opened, after = text.rpartition("<answer>")
    found, closed, _rest = after.partition("</answer>")
    return found.strip() if opened and closed else None
