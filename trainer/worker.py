"""The rollout worker: plays groups on a thread of its own, and hands them to a trainer. No optimiser here.

One worker serves both trainers. TRL's GRPOTrainer asks for a step's groups and waits (`collect`). TRL's AsyncGRPOTrainer
takes samples from `rollout_buffer` while the worker goes on playing (`start`, `stop`, `check_health`,
`update_model_version`: its RolloutWorkerProtocol). In both, episodes are played over MCP by a ClientPool.

Backpressure: a group is begun only when less than a step's samples wait in the buffer, and no more groups are in play
than a step has; so samples lag one or two versions behind, whatever the speeds of the two sides.
"""

import asyncio
import concurrent.futures
import contextlib
import queue
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import PolicyError, SandboxError, error_from_json
from codegym_mcp.policies.tokens import TokenPolicy
from codegym_mcp.types import Step, Task, Trajectory
from trainer.config import Config
from trainer.processes import own_seed
from trainer.reasoning import Reasoning
from trainer.rollouts import Collector, Group, Rollout
from trainer.tasks import Key, TaskSampler

BEAT_S = 0.2
"""How often the worker gives a sign of life, and looks whether there is room in the buffer."""
OUTAGE = 3
"""Groups in a row without one valid rollout after which the servers or the model count as gone."""
RESAMPLE = 3
"""Times a step's groups that are played at most, to find enough, or in async runs one, that are not uniform."""
STOP_S = 30.0
"""How long the thread may take to end."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """One sequence to learn from: the fields of TRL's RolloutSample (1.16.0), which its async trainer reads."""

    prompt: list[dict[str, Any]]
    completion: list[dict[str, Any]]
    input_ids: Any
    """int64, shape (T,): prompt, turns and observations."""
    completion_mask: Any
    """int64, shape (T,): 1 for tokens the model sampled."""
    old_log_probs: Any
    """float32, shape (T,): as sampled; 0 where the mask is 0."""
    advantage: float
    model_version: int
    group_id: int
    metrics: dict[str, float] = field(default_factory=dict)
    enqueued_at: float | None = None


def sample_of(rollout: Rollout, advantage: float, group: Group) -> Sample:
    """A rollout as the async trainer takes it."""
    import numpy as np

    tokens, messages = rollout.tokens, rollout.trajectory.messages
    return Sample(
        prompt=messages[:2],
        completion=messages[2:],
        input_ids=np.asarray(tokens.ids, np.int64),
        completion_mask=np.asarray(tokens.mask, np.int64),
        old_log_probs=np.asarray(tokens.logprobs, np.float32),
        advantage=advantage,
        model_version=group.version,
        group_id=group.number,
        metrics={"reward": rollout.reward or 0.0},
        enqueued_at=time.time(),
    )


class MCPRolloutWorker:
    """Plays groups of tasks; see the module."""

    def __init__(
        self,
        config: Config,
        pool: Callable[[], AbstractAsyncContextManager[ClientPool]],
        policy: TokenPolicy,
        sampler: TaskSampler,
        *,
        oracle: dict[Key, Sequence[Step]] | None = None,
        on_group: Callable[[Group], None] = lambda group: None,
        on_version: Callable[[int], None] = lambda version: None,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Args:
        pool: makes the client pool, on the worker's thread.
        oracle: the oracle's steps in each task, for process rewards.
        on_group: told of every group, on the worker's thread.
        on_version: told when new weights have reached the generator, on the trainer's thread.
        on_close: awaited at the end, on the worker's thread.
        """
        self.rollout_buffer: queue.Queue[Sample] = queue.Queue()
        self.metrics_queue: queue.Queue[dict[str, float]] = queue.Queue()
        self.sampler = sampler
        self._config, self._make_pool, self._policy, self._oracle = config, pool, policy, oracle
        self._on_group, self._on_version, self._on_close = on_group, on_version, on_close
        self.version, self._beat = 0, time.monotonic()
        """Of the weights that play."""
        self._failure: BaseException | None = None
        self._barren = self._uniform = 0
        sampling = config.sampling
        self._seed = own_seed(config.seed)
        self._reasoning = Reasoning(sampling.reasoning_tasks, self._seed, config.rollouts) if sampling.reasoning_share else None
        self._loop = asyncio.new_event_loop()
        self._ready, self._closing = threading.Event(), asyncio.Event()
        self._producing: Any = None
        self._thread = threading.Thread(target=self._run, name="rollouts", daemon=True)
        self._pool: ClientPool
        self._collector: Collector

    # The thread

    def __enter__(self) -> "MCPRolloutWorker":
        """Begin to live; nothing is played yet."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *exc: object) -> None:
        """End: what is in play is given up."""
        self.stop()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(STOP_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        except BaseException as exc:
            self._failure = exc
        finally:
            self._ready.set()
            self._loop.close()

    async def _live(self) -> None:
        async with self._make_pool() as self._pool:
            self._collector = Collector(
                self._pool,
                self._policy,
                self._config.rollouts,
                rewards=self._config.rewards,
                normalise=self._config.optimiser.normalise,
                branches=self._config.sampling.branches,
                oracle=self._oracle,
            )
            self._ready.set()
            while not self._closing.is_set():
                self._beat = time.monotonic()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), BEAT_S)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            if self._on_close is not None:
                await self._on_close()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the worker's thread and wait for it, looking whether the thread still lives."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            while not concurrent.futures.wait([future], timeout=1.0).done:
                if not self._thread.is_alive():
                    raise SandboxError(f"the rollout worker has ended: {self._failure}")
            return future.result()
        except BaseException:
            future.cancel()
            raise

    # What trainers ask

    def collect(self, groups: int, progress: float = 0.0) -> list[Group]:
        """Play as many groups, and wait for them (sync trainer).

        Groups without one valid rollout are replaced; and those whose rewards are all equal, if they are to be left out.

        Raises:
            SandboxError, PolicyError: several groups in a row had no valid rollout.
        """
        return self.call(self._collect(groups, progress))

    async def _collect(self, wanted: int, progress: float) -> list[Group]:
        kept: list[Group] = []
        spare: list[Group] = []
        played = 0
        while len(kept) < wanted and (played < RESAMPLE * wanted or not spare):
            missing = wanted - len(kept)
            groups = await asyncio.gather(*(self._group(progress) for _ in range(missing)))
            played += missing
            for group in groups:
                if any(rollout.reward is not None for rollout in group.rollouts):
                    (spare if self._config.sampling.drop_uniform_groups and group.uniform else kept).append(group)
        return (kept + spare * wanted)[:wanted] if len(kept) < wanted else kept

    def start(self) -> None:
        """Begin to fill the buffer (async trainer)."""
        self._producing = asyncio.run_coroutine_threadsafe(self._produce(), self._loop)

    def stop(self) -> None:
        """Stop to fill the buffer."""
        if self._producing is not None:
            self._producing.cancel()
            self._producing = None

    def update_model_version(self, model_version: int) -> None:
        """New weights have reached the generator."""
        self.version = model_version
        self._on_version(model_version)

    def check_health(self, stale_after_s: float) -> None:
        """Raise when nothing more can come.

        Raises:
            SandboxError: the worker failed, or gave no sign of life for so long.
        """
        if self._producing is not None and self._producing.done() and not self._producing.cancelled():
            raise SandboxError("the rollout worker failed") from self._producing.exception()
        if not self._thread.is_alive():
            raise SandboxError("the rollout worker has ended") from self._failure
        silent = time.monotonic() - self._beat
        if silent > stale_after_s:
            raise SandboxError(f"the rollout worker has given no sign of life for {silent:.0f} s")

    async def _produce(self) -> None:
        step = self._config.optimiser.tasks_per_step
        total = max(1, self._config.optimiser.steps)
        async with asyncio.TaskGroup() as playing:
            running: set[asyncio.Task[None]] = set()
            while True:
                room = self.rollout_buffer.qsize() < step * self._config.rollouts.group_size
                if not room or len(running) >= step:
                    running = await _some(running)
                    continue
                running.add(playing.create_task(self._deliver(self.version / total)))

    async def _deliver(self, progress: float) -> None:
        group = await self._group(progress)
        if self._config.sampling.drop_uniform_groups and group.uniform:
            self._uniform += 1
            if self._uniform < RESAMPLE * self._config.optimiser.tasks_per_step:
                return  # else there may be no other ones: a step of such groups is better than none
        self._uniform = 0
        for rollout, advantage in zip(group.rollouts, group.advantages, strict=True):
            if rollout.reward is not None:
                self.rollout_buffer.put_nowait(sample_of(rollout, advantage, group))

    async def _group(self, progress: float) -> Group:
        number = self.sampler.number()
        rng = random.Random(f"{self._seed}/{number}")
        if self._reasoning is not None and rng.random() < self._config.sampling.reasoning_share:
            size, normalise = self._config.rollouts.group_size, self._config.optimiser.normalise
            group = await self._reasoning.group(self._policy, number, size, version=self.version, normalise=normalise)
        else:
            task = self.sampler.draw(progress)
            group = await self._collector.group(task, number, seed=self._seed + number, version=self.version)
        valid = [rollout for rollout in group.rollouts if rollout.reward is not None]
        self.sampler.learned(group.task, sum(one.trajectory.reward == 1.0 for one in valid), len(valid))
        self._barren = 0 if valid else self._barren + 1
        if self._barren >= OUTAGE:
            last = error_from_json(group.rollouts[0].trajectory.error or {})
            kind = PolicyError if isinstance(last, PolicyError) else SandboxError
            raise kind(f"{self._barren} groups in a row had no valid rollout; the last one's error: {last}")
        self._on_group(group)
        return group

    # Evaluation

    def play(self, tasks: Sequence[Task], times: int, policy: TokenPolicy, seed: int) -> list[Trajectory]:
        """Play tasks with a policy, each as often, and wait for them; nothing is learned from these."""
        return self.call(self._play(tasks, times, policy, seed))

    async def _play(self, tasks: Sequence[Task], times: int, policy: TokenPolicy, seed: int) -> list[Trajectory]:
        collector = Collector(self._pool, policy, self._config.rollouts)
        begun = (collector.rollout(task, seed + number) for number in range(times) for task in tasks)
        return [rollout.trajectory for rollout, _ in await asyncio.gather(*begun)]


async def _some(running: "set[asyncio.Task[None]]") -> "set[asyncio.Task[None]]":
    """Wait until one has ended, or for a moment; those that are left."""
    if not running:
        await asyncio.sleep(BEAT_S)
        return set()
    return (await asyncio.wait(running, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED))[1]
