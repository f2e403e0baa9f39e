"""Where episodes are kept: in memory (the default), or in SQLite, so that they survive the server.

A store sees whole records and opaque state bytes; it decides nothing about them.
"""

import asyncio
import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegym_mcp.errors import EpisodeMoved, StoreError
from codegym_mcp.types import Step

LOCK_S = 10.0
"""Longest wait for another process that has locked the file."""
MAX_BATCH = 256
"""Writes that share one transaction, and so one flush to the disk."""


@dataclass(slots=True)
class EpisodeRecord:
    """Everything an episode is, as kept by a store."""

    id: str
    environment: str
    environment_hash: str
    task: dict[str, Any]
    seed: int
    max_steps: int
    reveal: bool
    documentation: str
    initial: bytes
    initial_digest: str
    status: str = "open"
    reward: float | None = None
    steps: list[Step] = field(default_factory=list)
    states: dict[int, bytes] = field(default_factory=dict)
    """Step number -> committed state after it, where it changed."""
    idle_s: float = field(default=0.0, compare=False)
    """Seconds since it was last touched."""


CONSTANT = ("id", "environment", "environment_hash", "task", "seed", "max_steps", "reveal", "documentation", "initial_digest")
"""Fields that never change: one JSON text in the file."""


class Store:
    """What the gym asks of a store. This one keeps nothing: the gym's own objects are the record, and end with it.

    Every coroutine returns only when its change is safe. Two servers may have one store, and an episode go from one to the
    other: a change that was made on what is no longer so raises EpisodeMoved, and is not made.
    """

    durable = False
    """Whether a record survives this process."""

    async def create(self, record: EpisodeRecord) -> None:
        """Keep a new episode, its steps included (a fork has some)."""

    async def append(self, id: str, step: Step, state: bytes | None, status: str, reward: float | None) -> None:
        """Add one answered call to an open episode, the state if it changed, and what became of the episode."""

    async def finish(self, id: str, steps: int, status: str, reward: float | None) -> None:
        """Set what became of an open episode of so many steps."""

    async def rewind(self, id: str, steps: int, step: int, state: bytes) -> None:
        """Set an open episode of so many steps back to where it stood, in `state`, after `step`."""

    async def delete(self, id: str, older_than_s: float = 0.0) -> None:
        """Forget an episode, if nobody has touched it for so long."""

    async def load(self, id: str) -> EpisodeRecord | None:
        """The record of an episode, or None."""
        return None

    async def purge(self, older_than_s: float) -> None:
        """Forget episodes nobody has touched for so long."""

    async def close(self) -> None:
        """Write what is left and stop."""


SCHEMA = """
CREATE TABLE IF NOT EXISTS episodes (
    id TEXT PRIMARY KEY, record TEXT NOT NULL, initial BLOB NOT NULL, status TEXT NOT NULL, reward REAL, touched REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
    episode TEXT NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL, state BLOB, PRIMARY KEY (episode, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL);
"""
FORMAT = 1
"""Version of the tables above."""
Job = Callable[[sqlite3.Connection], Any]
Waiting = tuple[Job, "asyncio.Future[Any]", asyncio.AbstractEventLoop]
"""A job, and who waits for it."""


class SqliteStore(Store):
    """One SQLite file, written by one thread; writes that arrive together share a transaction.

    A write is acknowledged when its transaction is on the disk (WAL, synchronous=FULL), so neither `kill -9` of the
    server nor a power cut loses an acknowledged call.
    """

    durable = True

    def __init__(self, path: Path | str) -> None:
        """Args:
        path: of the file; made if absent.

        Raises:
            StoreError: the file cannot be opened, or is something else.
        """
        self.path = Path(path)
        self._jobs: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._closed = False
        try:
            self._db = self._open()
        except sqlite3.Error as exc:
            raise StoreError(f"{self.path}: {exc}") from exc
        self._thread = threading.Thread(target=self._serve, name="codegym-store", daemon=True)
        self._thread.start()

    async def create(self, record: EpisodeRecord) -> None:
        """Keep a new episode."""
        row = {name: getattr(record, name) for name in CONSTANT}
        values = (record.id, json.dumps(row), record.initial, record.status, record.reward, time.time())
        steps = [(record.id, s.number, s.model_dump_json(), record.states.get(s.number)) for s in record.steps]

        def write(db: sqlite3.Connection) -> None:
            db.execute("INSERT INTO episodes VALUES (?, ?, ?, ?, ?, ?)", values)
            db.executemany("INSERT INTO steps VALUES (?, ?, ?, ?)", steps)

        await self._do(write)

    async def append(self, id: str, step: Step, state: bytes | None, status: str, reward: float | None) -> None:
        """Add one answered call."""
        text = step.model_dump_json()

        def write(db: sqlite3.Connection) -> None:
            _set(db, id, step.number - 1, status, reward)
            db.execute("INSERT INTO steps VALUES (?, ?, ?, ?)", (id, step.number, text, state))

        await self._do(write)

    async def finish(self, id: str, steps: int, status: str, reward: float | None) -> None:
        """Set what became of an open episode."""
        await self._do(lambda db: _set(db, id, steps, status, reward))

    async def rewind(self, id: str, steps: int, step: int, state: bytes) -> None:
        """Forget the steps after `step`; the state may be one that the file did not have."""

        def write(db: sqlite3.Connection) -> None:
            _set(db, id, steps, "open", None)
            db.execute("DELETE FROM steps WHERE episode=? AND number>?", (id, step))
            db.execute("UPDATE steps SET state=? WHERE episode=? AND number=?", (state, id, step))

        await self._do(write)

    async def delete(self, id: str, older_than_s: float = 0.0) -> None:
        """Forget an episode, if nobody has touched it for so long."""
        before = time.time() - older_than_s

        def write(db: sqlite3.Connection) -> None:
            if db.execute("DELETE FROM episodes WHERE id=? AND touched<=?", (id, before)).rowcount:
                db.execute("DELETE FROM steps WHERE episode=?", (id,))

        await self._do(write)

    async def load(self, id: str) -> EpisodeRecord | None:
        """The record of an episode, or None."""

        def read(db: sqlite3.Connection) -> EpisodeRecord | None:
            row = db.execute("SELECT record, initial, status, reward, touched FROM episodes WHERE id=?", (id,)).fetchone()
            if row is None:
                return None
            idle_s = max(0.0, time.time() - row[4])
            record = EpisodeRecord(**json.loads(row[0]), initial=row[1], status=row[2], reward=row[3], idle_s=idle_s)
            rows = db.execute("SELECT number, step, state FROM steps WHERE episode=? ORDER BY number", (id,))
            for number, text, state in rows:
                record.steps.append(Step.model_validate_json(text))
                if state is not None:
                    record.states[number] = state
            return record

        result: EpisodeRecord | None = await self._do(read)
        return result

    async def purge(self, older_than_s: float) -> None:
        """Forget episodes nobody has touched for so long."""
        before = time.time() - older_than_s

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM steps WHERE episode IN (SELECT id FROM episodes WHERE touched<?)", (before,))
            db.execute("DELETE FROM episodes WHERE touched<?", (before,))

        await self._do(write)

    async def close(self) -> None:
        """Write what is left and stop the thread."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _do(self, job: Job) -> Any:
        if self._closed:
            raise StoreError(f"{self.path} was closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put((job, future, loop))
        try:
            return await future
        except (sqlite3.Error, ValueError, TypeError) as exc:  # the last two: a record that is none of ours
            raise StoreError(f"{self.path}: {exc}") from exc

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, timeout=LOCK_S, check_same_thread=False)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(SCHEMA)
        version = db.execute("SELECT version FROM format").fetchone()
        if version is None:
            db.execute("INSERT INTO format VALUES (?)", (FORMAT,))
        elif version[0] != FORMAT:
            raise StoreError(f"{self.path} has format {version[0]}, this version writes {FORMAT}: move the file away")
        return db

    def _serve(self) -> None:
        """The thread: take what has queued up, do it in one transaction, then tell the waiting calls."""
        ending = False
        while not ending:
            batch = [self._jobs.get()]
            while len(batch) < MAX_BATCH and not self._jobs.empty():
                batch.append(self._jobs.get())
            ending = None in batch
            self._commit([item for item in batch if item is not None])
        self._db.close()

    def _commit(self, batch: list[Waiting]) -> None:
        """Each job in a savepoint of its own, so that one that fails spoils no other."""
        db = self._db
        results: list[Any] = []
        try:
            db.execute("BEGIN IMMEDIATE")
            for job, _, _ in batch:
                results.append(_in_savepoint(db, job))
            db.execute("COMMIT")
        except sqlite3.Error as exc:
            if db.in_transaction:
                db.execute("ROLLBACK")
            results = [exc] * len(batch)
        for (_, future, loop), result in zip(batch, results, strict=True):
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, result)


def _set(db: sqlite3.Connection, id: str, steps: int, status: str, reward: float | None) -> None:
    """Set what became of an open episode of so many steps.

    Raises:
        EpisodeMoved: it is not open any more, or has other steps.
    """
    last = "SELECT coalesce(max(number), 0) FROM steps WHERE episode=?"
    change = f"UPDATE episodes SET status=?, reward=?, touched=? WHERE id=? AND status='open' AND ({last})=?"
    if not db.execute(change, (status, reward, time.time(), id, id, steps)).rowcount:
        raise EpisodeMoved


def _in_savepoint(db: sqlite3.Connection, job: Job) -> Any:
    db.execute("SAVEPOINT job")
    try:
        result = job(db)
    except Exception as exc:  # handed to the call that waits for it
        db.execute("ROLLBACK TO job")
        result = exc
    db.execute("RELEASE job")
    return result


def _settle(future: "asyncio.Future[Any]", result: Any) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def open_store(spec: str) -> Store:
    """A store from its name on the command line: `memory`, or `sqlite:PATH`.

    Raises:
        StoreError: the name is neither, or the file is unusable.
    """
    if spec == "memory":
        return Store()
    kind, _, path = spec.partition(":")
    if kind != "sqlite" or not path:
        raise StoreError(f"--store takes memory or sqlite:PATH, got '{spec}'")
    return SqliteStore(path)
