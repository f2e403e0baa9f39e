"""Rollouts with their tokens, in groups of one task: what a trainer learns from. No optimiser and no torch here.

Whose fault? The policy's (T_max, its budget of tokens, no Done): reward 0, kept in its group. A machine's: the rollout is
begun again, and dropped from its group when that does not help; counted, never scored.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import CodegymError, PolicyError, SandboxError
from codegym_mcp.policies.tokens import TokenPolicy, TokenRecord, TokenSession
from codegym_mcp.rollout import GoingOn, Message, collect_rollout
from codegym_mcp.types import EnvironmentInfo, Step, Task, Trajectory
from trainer.advantages import group_advantages
from trainer.config import Rewards, Rollouts
from trainer.tasks import Key
from trainer.terms import reward_terms

NOISE = 1e-9
"""Rewards that differ by less are equal."""


@dataclass(frozen=True)
class Rollout:
    """One trajectory with its tokens."""

    trajectory: Trajectory
    tokens: TokenRecord
    terms: dict[str, float] = field(default_factory=dict)
    """Named parts of the reward; none for a machine's fault."""

    @property
    def reward(self) -> float | None:
        """What its group compares; None for a machine's fault."""
        return sum(self.terms.values()) if self.terms else None


@dataclass(frozen=True)
class Group:
    """The rollouts of one task, and what each is worth against the others."""

    number: int
    task: Task
    seed: int
    version: int
    """Of the weights when its first rollout began."""
    rollouts: list[Rollout]
    advantages: list[float]
    faults: int
    """Rollouts that failed by a machine's fault, those begun again included."""

    @property
    def uniform(self) -> bool:
        """Whether there is nothing to learn from it: all rewards are equal, but for the arithmetic's noise."""
        rewards = [rollout.reward for rollout in self.rollouts if rollout.reward is not None]
        return not rewards or max(rewards) - min(rewards) < NOISE


class Recorded:
    """A policy for one rollout, whose session can be looked at afterwards."""

    def __init__(self, policy: TokenPolicy, session: TokenSession | None = None) -> None:
        """Args:
        session: one that has begun, to go on with.
        """
        self.name, self._policy, self.last = policy.name, policy, session

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[TokenSession]:
        """The rollout's session."""
        if self.last is not None:
            yield self.last
            return
        async with self._policy.session(environment) as session:
            self.last = session
            yield session


@dataclass(frozen=True)
class Fork:
    """Where a rollout can be left for another way."""

    going_on: GoingOn
    session: TokenSession


class Collector:
    """Plays groups."""

    def __init__(
        self,
        pool: ClientPool,
        policy: TokenPolicy,
        config: Rollouts,
        *,
        rewards: Rewards | None = None,
        normalise: bool = True,
        branches: int = 0,
        oracle: dict[Key, Sequence[Step]] | None = None,
    ) -> None:
        """Args:
        normalise: see group_advantages.
        branches: of each group, rollouts that go on from a forked episode of another one.
        oracle: the oracle's steps in each task, for process rewards.
        """
        self._pool, self._policy, self._config = pool, policy, config
        self._rewards, self._normalise, self._branches = rewards or Rewards(), normalise, branches
        self._oracle = oracle or {}
        self._room = asyncio.Semaphore(config.concurrency)

    async def group(self, task: Task, number: int, *, seed: int, version: int) -> Group:
        """Play one task as often as a group has members, from the same seed."""
        forks: list[Fork] = []
        rng = random.Random(f"{seed}/{number}")
        begun = [self.rollout(task, seed, forks if n < self._branches else None, rng) for n in range(self._roots)]
        played = list(await asyncio.gather(*begun))
        rest = [self._branch(task, seed, fork) for fork in forks] + [
            self.rollout(task, seed) for _ in range(self._config.group_size - self._roots - len(forks))
        ]
        played += await asyncio.gather(*rest)
        rollouts = [rollout for rollout, _ in played]
        advantages = group_advantages([rollout.reward for rollout in rollouts], normalise=self._normalise)
        return Group(number, task, seed, version, rollouts, advantages, sum(faults for _, faults in played))

    @property
    def _roots(self) -> int:
        return self._config.group_size - self._branches

    async def rollout(
        self, task: Task, seed: int, forks: list[Fork] | None = None, rng: random.Random | None = None
    ) -> tuple[Rollout, int]:
        """Play a task once; begun again when a machine fails.

        Args:
            forks: where to put a fork of the episode, taken when it has ended.

        Returns:
            the rollout, and how many attempts a machine's fault ended.
        """
        faults = 0
        while True:
            policy = Recorded(self._policy)
            rollout = await self._play(task, seed, policy, None, forks, rng)
            if rollout.reward is not None:
                return rollout, faults
            faults += 1
            if faults >= self._config.attempts:
                return rollout, faults

    async def _branch(self, task: Task, seed: int, fork: Fork) -> tuple[Rollout, int]:
        rollout = await self._play(task, seed, Recorded(self._policy, fork.session), fork.going_on)
        return rollout, int(rollout.reward is None)

    async def _play(
        self,
        task: Task,
        seed: int,
        policy: Recorded,
        going_on: GoingOn | None,
        forks: list[Fork] | None = None,
        rng: random.Random | None = None,
    ) -> Rollout:
        messages: list[Message] = list(going_on.messages) if going_on else []

        async def on_end(episode: ClientEpisode) -> None:
            if forks is not None and rng is not None and policy.last is not None:
                fork = await self._fork(episode, messages, policy.last, rng)
                forks.extend([fork] if fork else [])

        async with self._room:
            try:
                async with asyncio.timeout(self._config.deadline_s):
                    trajectory = await collect_rollout(
                        self._pool,
                        policy,
                        task,
                        seed=seed,
                        max_steps=min(self._config.max_steps, task.max_steps),
                        parallel_calls=self._config.parallel_calls,
                        going_on=going_on,
                        on_message=messages.append,
                        on_end=on_end,
                    )
            except TimeoutError:
                error = SandboxError(f"the rollout ran past {self._config.deadline_s:g} s")
                trajectory = lost(task, seed, policy.name, error)
            except CodegymError as exc:  # an environment that cannot be played: told, and never scored
                trajectory = lost(task, seed, policy.name, exc)
            except Exception as exc:  # a fault of ours in reading a model's words, say: one rollout never ends a run
                logging.getLogger(__name__).exception("a rollout failed")
                trajectory = lost(task, seed, policy.name, PolicyError(f"{type(exc).__name__}: {exc}"))
        tokens = policy.last.record if policy.last else TokenRecord()
        if trajectory.reward is None:
            return Rollout(trajectory, tokens)
        oracle = self._oracle.get((task.environment, task.id))
        return Rollout(trajectory, tokens, reward_terms(trajectory, self._rewards, oracle))

    async def _fork(
        self, episode: ClientEpisode, messages: Sequence[Message], session: TokenSession, rng: random.Random
    ) -> Fork | None:
        """A fork at one of the steps before the last, with the conversation and the tokens up to there."""
        ends = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
        calls = [turn for turn, n in enumerate(ends, start=1) if messages[n].get("tool_calls")]
        turns = min(len(session.record.turns), len(ends)) - 1
        able = [turn for turn in calls if turn <= turns]
        if not able:
            return None
        turn = rng.choice(able)
        step = sum(self._steps(messages[n]) for n in ends[:turn])
        try:
            copy = await episode.fork(step)
        except CodegymError:  # a machine's fault, or a step that is no longer kept: another root is played instead
            return None
        return Fork(GoingOn(copy, list(messages[: ends[turn]])), session.fork(turn))

    def _steps(self, message: Message) -> int:
        """Steps that an assistant's message spent."""
        calls = len(message.get("tool_calls") or [])
        return calls if self._config.parallel_calls else min(calls, 1)


def lost(task: Task, seed: int, policy: str, error: CodegymError) -> Trajectory:
    """The trajectory of a rollout that a machine ended."""
    return Trajectory(
        environment=task.environment,
        environment_hash="",
        task=task,
        seed=seed,
        policy=policy,
        status="closed",
        reward=None,
        error=error.to_json(),
    )
