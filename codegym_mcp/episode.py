"""One episode: a task in play, and the transaction around every tool call.

A call is a trial on a copy of the committed state. If it succeeds, {state, key, answer} go to the store in one
transaction, then into the episode, then to the caller: that is the commit. Anything else (an exception, a timeout,
a crash, a cancelled caller) leaves the committed bytes as they were: that is the rollback.

Whose fault? Every answered call spends a step, failed ones too, and running out of steps is worth 0.0. A machine
fault is not answered: it raises SandboxError, spends nothing, and never makes a reward.

Not here: who may open an episode and how long it lives (gym.py), and what a worker is (sandbox/).
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, cast

from codegym_mcp.arguments import Arguments, check_arguments, recordable
from codegym_mcp.definition import Definition
from codegym_mcp.errors import (
    CallKeyReused,
    EpisodeBusy,
    EpisodeExpired,
    EpisodeFinished,
    EpisodeNotFound,
    EpisodeOver,
    SandboxError,
    StepOutOfRange,
    ToolCallError,
    ToolRaised,
)
from codegym_mcp.sandbox.pool import Outcome, Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.store import EpisodeRecord, Store
from codegym_mcp.types import Documentation, EpisodeStatus, Observation, Status, Step, Task

MAX_WAITING = 8
"""Calls that may wait for one episode."""
MAX_SNAPSHOT_BYTES = 4 << 20
"""Snapshots kept per episode; older steps are recomputed by replay."""
MAX_KEY_CHARS = 200
DONE_TEXT = "Answer recorded. The episode is over."
UNREADABLE = "the answer has not the form that the task asks for"
"""What the agent reads when judging raised: the exception's own text might hold the reference."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What every episode of a gym shares."""

    pool: Pool
    store: Store


class Episode:
    """A task in play. Made by the gym; one call at a time."""

    __slots__ = (
        "_engine",
        "_kept",
        "_keys",
        "_lock",
        "_seat",
        "_snapshots",
        "_waiting",
        "definition",
        "digest",
        "documentation",
        "id",
        "initial",
        "max_steps",
        "reveal",
        "reward",
        "seed",
        "state",
        "status",
        "steps",
        "task",
        "touched",
        "ttl_s",
    )

    def __init__(
        self,
        engine: Engine,
        id: str,
        definition: Definition,
        task: Task,
        initial: Outcome,
        *,
        seed: int,
        max_steps: int,
        reveal: bool,
        documentation: Documentation,
        ttl_s: float,
    ) -> None:
        self._engine = engine
        self.id, self.definition, self.task, self.initial = id, definition, task, initial
        self.seed, self.max_steps, self.reveal, self.documentation, self.ttl_s = seed, max_steps, reveal, documentation, ttl_s
        self.state, self.digest = initial.state, initial.digest.hex()
        self.status: Status = "open"
        self.reward: float | None = None
        self.steps: list[Step] = []
        self.touched = time.monotonic()
        self._keys: dict[str, int] | None = None
        self._snapshots: dict[int, bytes] | None = None
        """Step number -> state after it, where it changed. Made at need: most episodes are never forked."""
        self._kept = 0
        self._seat: Seat | None = None
        self._lock: asyncio.Lock | None = None
        self._waiting = 0

    # -------------------------------------------------------------------------------------------------------- calls
    async def call(self, tool: str, arguments: Arguments, key: str | None = None) -> Observation:
        """Play one tool call as a transaction. See gym.Gym.call."""
        if self._waiting >= MAX_WAITING:
            raise EpisodeBusy(self._waiting)
        self._waiting += 1
        try:
            async with self._locked():
                return await self._call(tool, arguments, key)
        finally:
            self._waiting -= 1

    def _locked(self) -> asyncio.Lock:
        self._lock = self._lock or asyncio.Lock()
        return self._lock

    async def _call(self, tool: str, arguments: Arguments, key: str | None) -> Observation:
        self._alive()
        kept, tool = recordable(arguments), tool.encode("utf-8", "replace").decode()
        if key is not None and (step := self._recorded(key)) is not None:
            if (step.tool, step.arguments) != (tool[:MAX_KEY_CHARS], kept):
                raise CallKeyReused(step.number)
            return self._observation(step)
        if self.status != "open":
            raise EpisodeOver(len(self.steps))
        self.touched = time.monotonic()
        reward = None
        try:
            checked = check_arguments(self.definition, tool, kept if isinstance(kept, str) else arguments)
            if tool == "Done":
                reward = 1.0 if await self._judge(checked["answer"]) else 0.0
                outcome = Outcome(self._verdict(reward), self.state, bytes.fromhex(self.digest))
            else:
                outcome = await self._trial(tool, checked)
            error = None
        except ToolCallError as exc:
            outcome, error = Outcome(str(exc), self.state, bytes.fromhex(self.digest)), type(exc).__name__
        step = Step(
            number=len(self.steps) + 1,
            tool=tool[:MAX_KEY_CHARS],
            arguments=kept,
            text=outcome.text,
            is_error=error is not None,
            error=error,
            committed=error is None,
            digest=outcome.digest.hex(),
            key=key,
        )
        await self._commit(step, outcome.state, reward)
        return self._observation(step)

    async def _trial(self, tool: str, arguments: dict[str, Any]) -> Outcome:
        self._seat = self._seat or Seat(self.definition)
        return await self._engine.pool.call(self._seat, self.state, tool, arguments)

    async def _judge(self, answer: Any) -> bool:
        """The verdict of a separate worker, which sees the pristine task and the answer, and nothing else."""
        verdict = await self._engine.pool.judge(self.definition, self.task.config, self.seed, answer)
        if verdict not in ("0", "1"):
            raise ToolRaised("Done", UNREADABLE)
        return verdict == "1"

    def _verdict(self, reward: float) -> str:
        if not self.reveal:
            return DONE_TEXT
        return f"{DONE_TEXT} It was {'correct' if reward == 1.0 else 'incorrect'}."

    async def _commit(self, step: Step, state: bytes, reward: float | None) -> None:
        """Store, then assign. Half a commit does not exist: a cancelled caller waits for it all the same."""
        status: Status = "open"
        if reward is not None:
            status = "terminated"
        elif step.number >= self.max_steps:
            status, reward = "truncated", 0.0
        changed = state if state != self.state else None

        async def store_and_assign() -> None:
            try:
                await self._engine.store.append(self.id, step, changed, status, reward)
            except BaseException:
                self.release()  # the worker is ahead of the committed state
                raise
            self._assign(step, changed, status, reward)

        await self._unbroken(store_and_assign())

    def _assign(self, step: Step, changed: bytes | None, status: Status, reward: float | None) -> None:
        self.steps.append(step)
        self.digest, self.status, self.reward = step.digest, status, reward
        if step.key is not None:
            self._keys = self._keys or {}
            self._keys[step.key] = step.number
        if changed is not None:
            self.state = changed
            self._keep(step.number, changed)
        if status != "open":
            self.release()

    async def _unbroken(self, change: Coroutine[Any, Any, None]) -> None:
        """Run a change of the store to its end, even if the caller is cancelled meanwhile."""
        if not self._engine.store.durable:
            return await change  # never suspends
        task = asyncio.ensure_future(change)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
            raise

    def _keep(self, number: int, state: bytes) -> None:
        """Remember a snapshot, within bounds; the oldest go first."""
        snapshots = self._snapshots = self._snapshots or {}
        snapshots[number] = state
        self._kept += len(state)
        while self._kept > MAX_SNAPSHOT_BYTES and len(snapshots) > 1:
            self._kept -= len(snapshots.pop(next(iter(snapshots))))

    def _recorded(self, key: str) -> Step | None:
        number = self._keys.get(key) if self._keys else None
        return self.steps[number - 1] if number else None

    def _observation(self, step: Step) -> Observation:
        over = (step.tool == "Done" and step.committed) or step.number >= self.max_steps
        return Observation(text=step.text, is_error=step.is_error, error=step.error, step=step.number, over=over)

    def _alive(self) -> None:
        if self.status == "expired":
            raise EpisodeExpired(self.ttl_s)
        if self.status == "closed":
            raise EpisodeNotFound

    # --------------------------------------------------------------------------------------------- fork, rewind, end
    async def fork(self, id: str, step: int | None) -> "Episode":
        """A new episode that stands where this one stood after `step` (default: now); steps spent are inherited."""
        async with self._locked():
            self._alive()
            last = len(self.steps) - (self.status == "terminated" or len(self.steps) >= self.max_steps)
            at = last if step is None else step
            self._in_range(at, last)
            copy = Episode(
                self._engine,
                id,
                self.definition,
                self.task,
                self.initial,
                seed=self.seed,
                max_steps=self.max_steps,
                reveal=self.reveal,
                documentation=self.documentation,
                ttl_s=self.ttl_s,
            )
            copy._snapshots = self._snapshots  # _take_over keeps what it may rewind to
            copy._take_over(self.steps[:at], await self._state_at(at))
            await self._engine.store.create(copy.record())
            return copy

    async def rewind(self, step: int) -> None:
        """Set the episode back to where it stood after `step`; the steps after it were never spent."""
        async with self._locked():
            self._alive()
            if self.status != "open":
                raise EpisodeFinished(self.status)
            self._in_range(step, len(self.steps))
            state = await self._state_at(step)

            async def store_and_assign() -> None:
                await self._engine.store.rewind(self.id, len(self.steps), step, state)
                self.release()
                self._take_over(self.steps[:step], state)

            await self._unbroken(store_and_assign())

    async def end(self, status: Status, reward: float | None) -> None:
        """End an open episode from outside: expired or truncated."""
        async with self._locked():
            if self.status == "open":

                async def store_and_assign() -> None:
                    await self._engine.store.finish(self.id, len(self.steps), status, reward)
                    self.status, self.reward = status, reward
                    self.release()

                await self._unbroken(store_and_assign())

    async def close(self) -> EpisodeStatus:
        """Forget it, once a call in flight has been answered; where it stood then."""
        async with self._locked():
            last = self.describe()

            async def forget() -> None:
                await self._engine.store.delete(self.id)
                self.status = "closed"
                self.release()

            await self._unbroken(forget())
            return last

    def release(self) -> None:
        """Give the worker back. The episode stays as it is."""
        if self._seat is not None:
            self._engine.pool.drop(self._seat)
            self._seat = None

    def _in_range(self, step: int, last: int) -> None:
        if not 0 <= step <= last:
            raise StepOutOfRange(step, last)

    def _take_over(self, steps: list[Step], state: bytes) -> None:
        """Stand after `steps`, in `state`."""
        self.steps = list(steps)
        self._keys = {s.key: s.number for s in steps if s.key is not None} or None
        snapshots = self._snapshots or {}
        self._snapshots = {number: kept for number, kept in snapshots.items() if number <= len(steps)}
        self._kept = sum(map(len, self._snapshots.values()))
        self.state, self.digest = state, steps[-1].digest if steps else self.initial.digest.hex()
        self.touched = time.monotonic()

    async def _state_at(self, step: int) -> bytes:
        """The committed state after `step`, from a snapshot or by replay."""
        if step == len(self.steps):
            return self.state
        kept = [number for number in self._snapshots or {} if number <= step]
        if kept:  # from the first snapshot kept on, none is missing
            return (self._snapshots or {})[max(kept)]
        if all(past.digest == self.initial.digest.hex() for past in self.steps[:step]):
            return self.initial.state
        return await self._replay(step)

    async def _replay(self, step: int) -> bytes:
        """Play the committed calls again, from the start, and check every digest.

        Raises:
            SandboxError: the environment is not deterministic.
        """
        seat, state = Seat(self.definition), self.initial.state
        try:
            for past in self.steps[:step]:
                if past.committed and past.tool != "Done":
                    checked = check_arguments(self.definition, past.tool, past.arguments)
                    try:
                        outcome = await self._engine.pool.call(seat, state, past.tool, checked)
                    except ToolCallError as exc:
                        raise SandboxError(f"replaying step {past.number} failed: {exc}") from exc
                    if outcome.digest.hex() != past.digest:
                        raise SandboxError(f"replaying step {past.number} gave another state")
                    state = outcome.state
        finally:
            self._engine.pool.drop(seat)
        return state

    # ----------------------------------------------------------------------------------------------- what it looks like
    @property
    def prompt(self) -> str:
        """The task as the agent reads it."""
        return self.task.prompt or self.definition.prompt

    def describe(self) -> EpisodeStatus:
        """What the control plane tells of it."""
        return EpisodeStatus(
            id=self.id,
            environment=self.definition.name,
            task=self.task.id,
            level=self.task.level,
            seed=self.seed,
            status=self.status,
            steps=len(self.steps),
            max_steps=self.max_steps,
            reward=self.reward,
            digest=self.digest,
            prompt=self.prompt,
        )

    def record(self) -> EpisodeRecord:
        """What a store keeps of it."""
        states = dict(self._snapshots or {})
        if self.steps and self.state != self.initial.state:
            states.setdefault(len(self.steps), self.state)
        return EpisodeRecord(
            id=self.id,
            environment=self.definition.name,
            environment_hash=self.definition.hash,
            task=self.task.model_dump(),
            seed=self.seed,
            max_steps=self.max_steps,
            reveal=self.reveal,
            documentation=self.documentation,
            initial=self.initial.state,
            initial_digest=self.initial.digest.hex(),
            status=self.status,
            reward=self.reward,
            steps=self.steps,
            states=states,
        )

    @classmethod
    def from_record(cls, engine: Engine, record: EpisodeRecord, definition: Definition, ttl_s: float) -> "Episode":
        """An episode as a store kept it."""
        episode = cls(
            engine,
            record.id,
            definition,
            Task.model_validate(record.task),
            Outcome("", record.initial, bytes.fromhex(record.initial_digest)),
            seed=record.seed,
            max_steps=record.max_steps,
            reveal=record.reveal,
            documentation=cast(Documentation, record.documentation),
            ttl_s=ttl_s,
        )
        state = record.states[max(record.states)] if record.states else record.initial
        for number in sorted(record.states):
            episode._keep(number, record.states[number])
        episode._take_over(record.steps, state)
        episode.touched -= record.idle_s
        episode.status, episode.reward = cast(Status, record.status), record.reward
        return episode
