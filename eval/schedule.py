"""Every task, every run of it, some at a time; what has been played is not played again."""

import asyncio
from collections.abc import Callable, Sequence

from codegym_mcp.errors import CodegymError, error_from_json
from codegym_mcp.types import Task
from eval.records import Record, Records
from eval.subjects import Play

TRIES = 3
"""Attempts at an episode when the machine, or an endpoint, fails."""
PAUSE_S = 1.0
"""Before the second attempt; twice as long before the third."""
FAULTS = 8
"""Episodes in a row without a verdict, after which nothing is expected of the rest."""


class Schedule:
    """Plays one subject through a benchmark."""

    def __init__(
        self,
        records: Records,
        play: Play,
        subject: str,
        *,
        at_once: int = 8,
        seed: int = 0,
        on_record: Callable[[Record], None] = lambda record: None,
    ) -> None:
        """Args:
        subject: what the records call whoever plays.
        at_once: episodes side by side.
        seed: of the first run; each further one has the next.
        """
        self._records, self._play, self._subject = records, play, subject
        self._slots, self._seed, self._on_record = asyncio.Semaphore(at_once), seed, on_record
        self._faults = 0
        self._error: CodegymError | None = None
        """The last one."""

    async def play(self, tasks: Sequence[Task], runs: int) -> int:
        """Every episode that is not in the records yet; how many these were.

        Raises:
            PolicyError, SandboxError: no episode has a verdict any more, or none at all has one.
            JournalError: the disk is full.
        """
        episodes = [(task, run) for run in range(runs) for task in tasks]
        wanted = [one for one in episodes if not self._records.known(self._subject, *one)]
        try:
            async with asyncio.TaskGroup() as group:
                for task, run in wanted:
                    group.create_task(self._episode(task, run))
        except BaseExceptionGroup as exc:
            raise exc.exceptions[0] from exc
        if self._error is not None and not any(self._records.known(self._subject, *one) for one in episodes):
            raise self._error
        return len(wanted)

    async def _episode(self, task: Task, run: int) -> None:
        async with self._slots:
            for attempt in range(1, TRIES + 1):
                trajectory, usage = await self._play(task, self._seed + run)
                error = error_from_json(trajectory.error) if trajectory.error else None
                if error is None or not error.retryable or attempt == TRIES:
                    break
                await asyncio.sleep(PAUSE_S * attempt)
            record = Record(self._subject, run, trajectory, usage)
            self._records.add(record)
            self._on_record(record)
            self._count(error)

    def _count(self, error: CodegymError | None) -> None:
        """Raises: the error, when nothing but errors has come for a while."""
        if error is None:
            self._faults = 0
            return
        self._error, self._faults = error, self._faults + 1
        if self._faults >= FAULTS:
            raise error
