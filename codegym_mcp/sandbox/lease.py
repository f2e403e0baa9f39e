"""The server's end of one worker: one request in flight, any surprise kills it. Nothing a worker sends is believed.

Not for deciding who may have a worker: that is pool.py.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from codegym_mcp.sandbox import frames

Loss = Literal["timeout", "stalled", "crashed", "protocol", "oversized", "released"]
"""Why a worker died: past its time; machine too slow to tell; its process ended; it broke the protocol; it was asked
more than a request may hold; we let it go."""

WALL_FACTOR = 10
"""A call that took this many times its limit in wall time is a machine fault, whatever the worker used."""

YOUNG_S = 0.05
"""A request is not looked at before it is so old: most are answered by then, and each look reads a file."""

BLAME_S = 0.005
"""Pause before a worker's death is blamed on its code."""


class WorkerLost(Exception):
    """The worker died before it answered."""

    def __init__(self, why: Loss) -> None:
        self.why: Loss = why
        super().__init__(why)


@dataclass(slots=True)
class Reply:
    """One answer of a worker: untrusted bytes."""

    flag: int
    text: bytes
    digest: bytes
    state: bytes


class Lease(asyncio.Protocol):
    """The connection to one worker process."""

    def __init__(
        self,
        pid: int,
        end: Callable[[], None],
        busy: set["Lease"],
        on_death: Callable[["Lease"], None],
        parent_lives: Callable[[], bool],
    ) -> None:
        self.pid, self._end = pid, end
        self.parent_lives = parent_lives
        """Whether its zygote still runs: if not, its death is the machine's fault."""
        self.lost: Loss | None = None
        self.memory = 0
        """Resident bytes of its own, as last measured."""
        self._busy, self._on_death = busy, on_death
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._nonce = b""
        self._answer: asyncio.Future[Reply] | None = None
        self._started = self._waited = self._limit = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop: the process has ended, or we ended it.

        When its zygote died the worker died with it, but the server may see that a moment later. An idle worker has
        nobody to blame, and must not be asked again meanwhile: its transport is closed.
        """
        if self.lost:
            return
        if self in self._busy:
            asyncio.get_running_loop().call_later(BLAME_S, self._ended)
        else:
            self.kill()

    def _ended(self) -> None:
        self.kill("crashed" if self.parent_lives() else "released")

    def request(self, op: int, head: dict[str, Any], blob: bytes = b"", *, limit_s: float) -> "asyncio.Future[Reply]":
        """Send one request; the future is set to its reply, or to WorkerLost.

        Args:
            limit_s: seconds the worker may run; waiting for a free core does not count.
        """
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        if self.lost or self._transport is None:
            self._answer.set_exception(WorkerLost(self.lost or "released"))
            return self._answer
        self._nonce = os.urandom(8)
        request = frames.pack_request(op, self._nonce, head, blob)
        if len(request) > frames.MAX_REQUEST_BYTES:
            self.kill("oversized")
            return self._answer
        self._started, self._waited, self._limit = loop.time(), -1.0, limit_s
        self._busy.add(self)
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """Called by the event loop: check the reply, frame by frame."""
        self._buffer += data
        if self not in self._busy:
            return self.kill("protocol")  # bytes nobody asked for
        if len(self._buffer) < frames.REPLY.size:
            return None
        length, nonce, flag, n, digest = frames.REPLY.unpack_from(self._buffer)
        end = 4 + length
        if not frames.REPLY.size <= end <= frames.MAX_REPLY_BYTES:
            return self.kill("protocol")
        if n > min(end - frames.REPLY.size, frames.MAX_OBSERVATION_BYTES):
            return self.kill("protocol")
        if len(self._buffer) < end:
            return None
        if len(self._buffer) > end or nonce != self._nonce or flag > frames.CALLING:
            return self.kill("protocol")
        start = frames.REPLY.size
        reply = Reply(flag, bytes(self._buffer[start : start + n]), digest, bytes(self._buffer[start + n : end]))
        self._buffer.clear()
        self._busy.discard(self)
        if self._answer and not self._answer.done():
            self._answer.set_result(reply)
        return None

    def check_deadline(self, now: float) -> None:
        """Kill the worker if its request ran too long. Called by the pool's one watchdog, every tick."""
        elapsed = now - self._started
        if elapsed < min(YOUNG_S, self._limit / 2):
            return
        waited = run_queue_wait(self.pid)
        if self._waited < 0:
            self._waited = waited  # what it waited before is not known; it is little
        if elapsed - (waited - self._waited) > self._limit:
            self.kill("timeout")
        elif elapsed > WALL_FACTOR * self._limit:
            self.kill("stalled")

    def kill(self, why: Loss = "released") -> None:
        """End the process. Idempotent; the first reason stays."""
        if self.lost:
            return
        self.lost = why
        self._busy.discard(self)
        self._end()
        if self._transport is not None:
            self._transport.abort()
        self._on_death(self)
        if self._answer and not self._answer.done():
            self._answer.set_exception(WorkerLost(why))


def run_queue_wait(pid: int) -> float:
    """Seconds this process has waited for a core in its life; 0 where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb", buffering=0) as file:
            return int(file.read(128).split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
