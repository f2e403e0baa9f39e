"""Tasks of reasoning alone, of the package reasoning-gym: one answer, no tools. Mixed in so that a model does not unlearn
to think where there is nothing to call (the paper reports a regress of long chains of thought). No environments here.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from codegym_mcp.errors import CodegymError, PolicyError, SandboxError
from codegym_mcp.policies.tokens import TokenPolicy, TokenRecord
from codegym_mcp.rollout import Message
from codegym_mcp.types import Task, Trajectory
from trainer.advantages import group_advantages
from trainer.config import InvalidConfig, Rollouts
from trainer.rollouts import Group, Rollout, lost

SYSTEM = "Think it through, then give your final answer alone between <answer> and </answer>."
SIZE = 1_000_000
"""Tasks of one kind; made when they are asked for."""
ENVIRONMENT = "reasoning"
"""Prefix of what stands for an environment's name."""


class Reasoning:
    """An endless row of reasoning tasks."""

    def __init__(self, kinds: Sequence[str], seed: int, rollouts: Rollouts) -> None:
        """Args:
        kinds: data sets of reasoning-gym.
        rollouts: how many at once, how long, how often begun again.

        Raises:
            InvalidConfig: the package is not installed, or has no such data set.
        """
        try:
            import reasoning_gym
        except ImportError as exc:
            raise InvalidConfig("sampling.reasoning_share", "needs: pip install reasoning-gym") from exc
        self._seed, self._rollouts = seed, rollouts
        self._room = asyncio.Semaphore(rollouts.concurrency)
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
        """Answer one task; begun again when a machine fails."""
        for _ in range(self._rollouts.attempts):
            async with self._room:
                try:
                    async with asyncio.timeout(self._rollouts.deadline_s):
                        return await self._attempt(policy, kind, entry, task)
                except PolicyError as exc:
                    error: CodegymError = exc
                except TimeoutError:
                    error = SandboxError(f"the rollout ran past {self._rollouts.deadline_s:g} s")
        return Rollout(lost(task, self._seed, policy.name, error), TokenRecord())

    async def _attempt(self, policy: TokenPolicy, kind: str, entry: Any, task: Task) -> Rollout:
        started = time.monotonic()
        messages: list[Message] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": entry["question"]}]
        session = policy.begin([])
        message = await session(messages, None)
        reward = self._score(kind, answer_in(str(message.get("content") or "")), entry)
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

    def _score(self, kind: str, answer: str | None, entry: Any) -> float:
        """1 for a right answer. A scorer that fails on what the policy wrote was given a wrong one."""
        try:
            return float(self._sets[kind].score_answer(answer, entry) >= 1.0)
        except Exception:  # each of these scorers has ways of its own to fail
            return 0.0


def answer_in(text: str) -> str | None:
    """What stands between the last answer tags; None without them."""
    _, opened, after = text.rpartition("<answer>")
    found, closed, _rest = after.partition("</answer>")
    return found.strip() if opened and closed else None
