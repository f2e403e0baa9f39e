"""The engine: lends confined workers to episodes, one each, and turns what happens in them into typed outcomes.

The process behind an episode's seat is only a cache of the committed bytes: it is killed after any failure (strict
rollback), on eviction and at the end, and the next call restores the bytes in a fresh fork.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from codegym_mcp.definition import ANSWER_METHODS, Definition, content_hash
from codegym_mcp.errors import (
    AtCapacity,
    InvalidEnvironment,
    SandboxError,
    SandboxUnavailable,
    ToolCallError,
    ToolCrashed,
    ToolOverLimit,
    ToolRaised,
    ToolRefused,
    ToolTimeout,
)
from codegym_mcp.sandbox import LAYERS, frames
from codegym_mcp.sandbox.lease import Lease, Reply, WorkerLost
from codegym_mcp.sandbox.machine import available_memory, cores, private_memory, raise_file_limit
from codegym_mcp.sandbox.nursery import Nursery, Zygote
from codegym_mcp.sandbox.plain import PlainWorkers
from codegym_mcp.sandbox.seats import PRIVATE_BYTES, Seat, Seats

TICK_S = 0.02
"""How often the one watchdog looks at the deadlines."""
TAKE_TIMEOUT_S = 20.0
"""Longest wait for a fresh worker."""
OPEN_LIMIT_S = 5.0
"""Seconds that loading, resetting, compiling or judging may run."""
CODE_CACHE = 1024
"""Environments whose compiled code is kept (about 12 kB each, twice)."""
FRESH_CACHE = 4096
"""Initial states kept (a few hundred bytes each)."""
VERDICT_CACHE = 1 << 16
"""Verdicts kept (a hundred bytes each)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one tool call may use."""

    tool_s: float = 2.0
    """Seconds a call may run, waiting for a free core not counted."""
    memory_mib: int = 256
    """Memory a worker may add to its own."""
    cpu_s: int = 3600
    """Processor seconds a worker may use in its life."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call that succeeded and may be committed."""

    text: str
    state: bytes
    digest: bytes


class Pool:
    """Confined workers for any number of episodes. Use as `async with`."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        required: frozenset[str] = LAYERS,
        max_busy: int = 64,
        max_waiting: int = 4096,
        memory_budget: int | None = None,
        spares: int = 4,
        zygotes: int | None = None,
        hash_seed: int = 0,
        plain: bool = False,
    ) -> None:
        """Args:
        required: the protections that must be in force; where one is missing, no worker starts.
        max_busy: calls that run at once; further ones queue, first come, first served.
        max_waiting: calls that may queue; past that AtCapacity.
        memory_budget: bytes that all workers together may hold; default: half of what is free now.
        spares: workers kept ready.
        zygotes: processes that fork workers; default: one per core.
        plain: workers are plain processes without any confinement: for reviewed environments off Linux.
        hash_seed: PYTHONHASHSEED of the workers; another one only to check that an environment does not depend on it.
        """
        self.limits = limits or Limits()
        self.max_busy, self.max_waiting = max_busy, max_waiting
        self.seats = Seats(memory_budget or available_memory() // 2)
        options: dict[str, object] = {
            "memory": self.limits.memory_mib << 20,
            "cpu_seconds": self.limits.cpu_s,
            "required": sorted(required),
            "hash_seed": hash_seed,
        }
        sources = [PlainWorkers(options)] if plain else [Zygote(options) for _ in range(zygotes or cores())]
        self._nursery = Nursery(sources, spares)
        self._slots = asyncio.Semaphore(max_busy)
        self._waiting = 0
        self._code: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        self._fresh: OrderedDict[tuple[str, str, int], Outcome] = OrderedDict()
        self._verdicts: OrderedDict[str, str] = OrderedDict()
        self._compiling: dict[tuple[str, bool], asyncio.Lock] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start. One worker must get through its confinement before anything is served.

        Raises:
            SandboxError: no worker could be made; `codegym doctor` tells why.
        """
        self.seats.open(raise_file_limit())
        try:
            await self._nursery.start()
            self._tasks = [
                asyncio.create_task(self._watch_deadlines(), name="codegym-deadlines"),
                asyncio.create_task(self.seats.watch_memory(), name="codegym-memory"),
            ]
            await self._prove_confinement()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _prove_confinement(self) -> None:
        """One worker must answer, and so have got through its confinement; it also tells what workers share."""
        lease = await self._nursery.take(TAKE_TIMEOUT_S)
        try:
            await lease.request(frames.COMPILE, {"class": "", "strip": []}, b"", limit_s=OPEN_LIMIT_S)
            self.seats.shared = private_memory(lease.pid) - PRIVATE_BYTES
        except WorkerLost as exc:
            raise SandboxUnavailable("a worker could not be confined; `codegym doctor` tells what is missing") from exc
        finally:
            lease.kill()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill every worker and zygote."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._nursery.stop()

    # ------------------------------------------------------------------------------------------------ for an episode
    async def fresh(self, definition: Definition, config_key: str, config: dict[str, Any], seed: int) -> Outcome:
        """The initial state of an episode, from the cache where it has been made before.

        Raises:
            InvalidEnvironment: the environment does not load or reset.
        """
        key = (definition.hash, config_key, seed)
        if outcome := self._fresh.get(key):
            self._fresh.move_to_end(key)
            return outcome
        head = {"config": config, "seed": seed}
        reply = await self._consult(definition, frames.NEW, head, private=False)
        outcome = self._fresh[key] = Outcome("", reply.state, reply.digest)
        if len(self._fresh) > FRESH_CACHE:
            self._fresh.popitem(last=False)
        return outcome

    async def call(self, seat: Seat, state: bytes, tool: str, arguments: dict[str, Any]) -> Outcome:
        """Run one tool on a copy of `state`. The caller commits the outcome, or drops the seat.

        Raises:
            ToolCallError: the tool failed; the worker is gone and `state` still holds.
            SandboxError: the machine failed; so too.
        """
        async with self._slot():
            seat.busy = True
            try:
                lease = seat.lease
                if lease is None or lease.lost:
                    lease = await self._enter(seat, state)
                reply = await lease.request(
                    frames.CALL, {"tool": tool, "arguments": arguments}, b"", limit_s=self.limits.tool_s
                )
                return self._outcome(tool, reply)
            except WorkerLost as exc:
                self.drop(seat)
                raise self._loss(tool, exc, self.limits.tool_s) from exc
            except BaseException:  # a failed call, or a cancelled one: the worker may be half way through
                self.drop(seat)
                raise
            finally:
                seat.busy = False
                if len(self.seats) > self.seats.most:  # every seat was busy when this one came
                    self.drop(seat)
                seat.called()

    def drop(self, seat: Seat) -> None:
        """Give the seat's worker back; the bytes are the episode's."""
        self.seats.drop(seat)

    # ------------------------------------------------------------------------------- for the judge and for the oracle
    async def judge(self, definition: Definition, config: dict[str, Any], seed: int, answer: Any) -> str:
        """The verdict on an answer: 1, 0, or x where the environment cannot read it.

        It depends on nothing but the arguments, and rollouts of one task often give the same answer: so it is remembered.

        Raises:
            ToolCallError, SandboxError: as `consult`; these are not remembered.
        """
        key = content_hash(definition.hash, json.dumps([config, seed, answer]))
        if key in self._verdicts:
            self._verdicts.move_to_end(key)
            return self._verdicts[key]
        head = {"config": config, "seed": seed, "answers": [answer]}
        verdict = self._verdicts[key] = await self.consult(definition, frames.JUDGE, head)
        if len(self._verdicts) > VERDICT_CACHE:
            self._verdicts.popitem(last=False)
        return verdict

    async def consult(self, definition: Definition, op: int, head: dict[str, Any]) -> str:
        """Ask a fresh worker that holds the whole code, the answer's too, one thing; then end it.

        Raises:
            ToolCallError: the environment's code failed.
            SandboxError: the machine failed.
        """
        return (await self._consult(definition, op, head, private=True)).text.decode("utf-8", "replace")

    @asynccontextmanager
    async def oracle(self, definition: Definition) -> AsyncIterator[tuple[Lease, Reply]]:
        """A worker in which the environment's `solve` runs, and its first reply. It holds no task and no state."""
        async with self._private(definition, frames.SOLVE, {}) as (lease, reply):
            yield lease, reply

    async def answer_oracle(self, lease: Lease, text: str, is_error: bool) -> Reply:
        """Hand the observation of its call to an oracle; the reply is its next call, or its end."""
        try:
            return await lease.request(frames.ANSWER, {"text": text, "is_error": is_error}, b"", limit_s=OPEN_LIMIT_S)
        except WorkerLost as exc:
            raise self._loss("solve", exc, OPEN_LIMIT_S) from exc

    # ------------------------------------------------------------------------------------------------------- inside
    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the `max_busy` places."""
        if self._waiting >= self.max_waiting:
            raise AtCapacity("waiting tool calls", self.max_waiting)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _enter(self, seat: Seat, state: bytes) -> Lease:
        """A fresh worker in which the committed state is live."""
        code = await self._compiled(seat.definition, private=False)
        self.seats.make_room()
        lease = await self._nursery.take(TAKE_TIMEOUT_S)
        self.seats.take(seat, lease)
        head = self._head(seat.definition, code)
        try:
            reply = await lease.request(frames.RESTORE, head, code + state, limit_s=OPEN_LIMIT_S)
        except WorkerLost as exc:
            raise self._loss("The state", exc, OPEN_LIMIT_S) from exc
        if reply.flag != frames.OK:
            raise ToolCrashed("The state")
        return lease

    async def _consult(self, definition: Definition, op: int, head: dict[str, Any], *, private: bool) -> Reply:
        async with self._slot(), self._private(definition, op, head, private=private) as (_, reply):
            return reply

    @asynccontextmanager
    async def _private(
        self, definition: Definition, op: int, head: dict[str, Any], *, private: bool = True
    ) -> AsyncIterator[tuple[Lease, Reply]]:
        code = await self._compiled(definition, private=private)
        lease = await self._nursery.take(TAKE_TIMEOUT_S)
        try:
            reply = await lease.request(op, self._head(definition, code) | head, code, limit_s=OPEN_LIMIT_S)
            if op == frames.NEW and reply.flag != frames.OK:
                raise InvalidEnvironment(definition.where, f"reset failed: {failure('reset', reply, self.limits)}")
            if reply.flag not in (frames.OK, frames.CALLING):
                raise failure("Done" if op == frames.JUDGE else "solve", reply, self.limits)
            yield lease, reply
        except WorkerLost as exc:
            error = self._loss("reset" if op == frames.NEW else "Done", exc, OPEN_LIMIT_S)
            if op == frames.NEW and isinstance(error, ToolCallError):
                raise InvalidEnvironment(definition.where, f"reset failed: {error}") from exc
            raise error from exc
        finally:
            lease.kill()

    def _head(self, definition: Definition, code: bytes) -> dict[str, Any]:
        return {
            "class": definition.class_name,
            "format": definition.format,
            "code": len(code),
            "from_text": definition.from_text,
        }

    async def _compiled(self, definition: Definition, *, private: bool) -> bytes:
        """Marshalled code, made in a throw-away worker. Opaque here: marshal is not safe to load.

        Raises:
            InvalidEnvironment: the source does not compile.
        """
        key = (definition.hash, private)
        if code := self._code.get(key):
            self._code.move_to_end(key)
            return code
        async with self._compiling.setdefault(key, asyncio.Lock()):
            if key not in self._code:
                self._code[key] = await self._compile(definition, private)
                if len(self._code) > 2 * CODE_CACHE:
                    self._code.popitem(last=False)
        self._compiling.pop(key, None)
        return self._code[key]

    async def _compile(self, definition: Definition, private: bool) -> bytes:
        strip = [] if private else list(ANSWER_METHODS[definition.format])
        lease = await self._nursery.take(TAKE_TIMEOUT_S)
        try:
            head = {"class": definition.class_name, "strip": strip}
            reply = await lease.request(frames.COMPILE, head, definition.source.encode(), limit_s=OPEN_LIMIT_S)
        except WorkerLost as exc:
            raise self._loss("compile", exc, OPEN_LIMIT_S) from exc
        finally:
            lease.kill()
        if reply.flag != frames.OK:
            raise InvalidEnvironment(definition.where, f"does not compile: {reply.text.decode('utf-8', 'replace')}")
        return reply.state

    def _outcome(self, tool: str, reply: Reply) -> Outcome:
        if reply.flag != frames.OK:
            raise failure(tool, reply, self.limits)
        return Outcome(reply.text.decode("utf-8", "replace"), reply.state, reply.digest)

    def _loss(self, tool: str, exc: WorkerLost, limit_s: float) -> ToolCallError | SandboxError:
        """Whose fault a death was."""
        match exc.why:
            case "timeout":
                return ToolTimeout(tool, limit_s)
            case "crashed" | "protocol":
                return ToolCrashed(tool)
            case "oversized":
                return ToolOverLimit(tool, "arguments", frames.MAX_REQUEST_BYTES)
            case "stalled":
                return SandboxError(f"the machine is too busy: a call waited 10 times its {limit_s:g} s")
            case _:
                return SandboxError("the worker was taken away")

    async def _watch_deadlines(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = asyncio.get_running_loop().time()
            for lease in list(self._nursery.busy):
                lease.check_deadline(now)


def failure(tool: str, reply: Reply, limits: Limits) -> ToolCallError:
    """The typed error of a reply that is not OK."""
    text = reply.text.decode("utf-8", "replace")
    match reply.flag:
        case frames.REFUSED:
            return ToolRefused(tool, text)
        case frames.OVER_MEMORY:
            return ToolOverLimit(tool, "memory", limits.memory_mib << 20)
        case frames.OVER_OBSERVATION:
            return ToolOverLimit(tool, "observation", frames.MAX_OBSERVATION_BYTES)
        case frames.OVER_STATE:
            return ToolOverLimit(tool, "state", frames.MAX_STATE_BYTES)
        case _:
            return ToolRaised(tool, text)
