"""Who may keep a worker: seats within a budget of memory, and which of them is evicted when there are more episodes.

A seat is an episode's claim on a worker. Losing it costs a restore at the next call, never a commit.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import NoReturn

from codegym_mcp.definition import Definition
from codegym_mcp.sandbox.lease import Lease
from codegym_mcp.sandbox.machine import private_memory

PRIVATE_BYTES = 5 << 19
"""What a worker costs before it has grown: 2.4 MiB of its own pages measured, and its page tables."""
LARGE_BYTES = 4 * PRIVATE_BYTES
"""A worker that holds so much has grown by what its tools did."""
MEMORY_SLICE = 64
"""Workers measured per look at the memory."""
MEMORY_LOOK_S = 0.25
SAMPLE = 16
"""Seats compared when one must be evicted."""


class Seat:
    """One episode's claim on a worker, with what is needed to foresee its next call."""

    __slots__ = ("busy", "definition", "gap", "last", "lease")

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.lease: Lease | None = None
        self.busy = False
        self.last = 0.0
        self.gap = 1.0
        """Smoothed seconds between calls."""

    def called(self) -> None:
        """Note that a call has just ended."""
        now = time.monotonic()
        self.gap, self.last = 0.5 * self.gap + 0.5 * (now - self.last if self.last else self.gap), now

    def idle_s(self, now: float) -> float:
        """Expected seconds until the next call; once overdue, as long again as it has been quiet."""
        rest = self.last + self.gap - now
        return rest if rest > 0 else now - self.last


class Seats:
    """The seats that hold a worker now."""

    def __init__(self, budget: int) -> None:
        """Args:
        budget: bytes that all workers together may hold.
        """
        self.budget = budget
        self.most = 0
        """Workers that may live at once."""
        self.shared = 0
        """Bytes that a worker shares with its zygote, though the kernel counts them as its own."""
        self._affordable = 0
        """Workers that may live, by what they hold on average."""
        self._taken: dict[Seat, None] = {}
        self._list: list[Seat] = []
        """To draw from: the taken ones, and some that have been left since."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self._taken)

    def __iter__(self) -> Iterator[Seat]:
        """Each of them; they may be dropped meanwhile."""
        return iter(list(self._taken))

    def open(self, files: int) -> None:
        """Work out how many there may be.

        Args:
            files: descriptors this process may have; a worker takes two, a client one.
        """
        self.most = self._affordable = max(4, min(self.budget // PRIVATE_BYTES, files // 3))

    def take(self, seat: Seat, lease: Lease) -> None:
        """Give a seat its worker."""
        seat.lease = lease
        self._taken[seat] = None
        self._list.append(seat)
        if len(self._list) > 2 * len(self._taken) + SAMPLE:
            self._list = list(self._taken)

    def drop(self, seat: Seat) -> None:
        """End a seat's worker."""
        if seat.lease is not None:
            seat.lease.kill()
            seat.lease = None
        self._taken.pop(seat, None)

    def make_room(self) -> None:
        """Evict an idle seat if all are taken: of a few, the one whose next call is expected last.

        Not the least recently used one: a round robin over more episodes than seats would then evict every time.
        """
        if len(self._taken) < min(self.most, self._affordable):
            return
        now = time.monotonic()
        idle = [seat for seat in self._sample() if not seat.busy]
        if idle:
            self.drop(max(idle, key=lambda seat: seat.idle_s(now)))

    def _sample(self) -> list[Seat]:
        """A few at random."""
        drawn = random.choices(self._list, k=SAMPLE) if self._list else []
        return [seat for seat in drawn if seat in self._taken] or list(self._taken)

    async def watch_memory(self) -> NoReturn:
        """Over the budget the largest worker dies and its episode goes on from bytes; of ordinary ones, first the idle."""
        order: list[Seat] = []
        while True:
            await asyncio.sleep(MEMORY_LOOK_S)
            order = order or list(self._taken)
            for seat in order[:MEMORY_SLICE]:
                if seat.lease is not None and not seat.lease.lost:
                    seat.lease.memory = private_memory(seat.lease.pid) - self.shared
            order = order[MEMORY_SLICE:]
            self._keep_to_budget()

    def _keep_to_budget(self) -> None:
        held = {seat: max(PRIVATE_BYTES, seat.lease.memory) for seat in self._taken if seat.lease}
        self._affordable = self.budget * len(held) // sum(held.values()) if held else self.most
        excess = sum(held.values()) - self.budget
        for seat in sorted(held, key=lambda seat: (held[seat] < LARGE_BYTES, seat.busy, -held[seat])):
            if excess <= 0:
                break
            self.drop(seat)
            excess -= held[seat]
