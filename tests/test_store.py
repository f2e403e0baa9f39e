"""Stores: what they give back is what they were given, and what is wrong with a file is said clearly."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp import store as store_module
from codegym_mcp.errors import EpisodeMoved, StoreError
from codegym_mcp.store import FORMAT, EpisodeRecord, SqliteStore, Store, open_store
from codegym_mcp.types import Step
from tests.conftest import PATIENCE_S, make_gym


def record(id: str = "one", **changed: Any) -> EpisodeRecord:
    """An episode as the gym hands it over."""
    fields: dict[str, Any] = {
        "id": id,
        "environment": "counter",
        "environment_hash": "hash",
        "task": {"environment": "counter", "id": "zero"},
        "seed": 3,
        "max_steps": 20,
        "reveal": False,
        "documentation": "plain",
        "initial": b"\x80initial\x00",
        "initial_digest": "00",
    }
    return EpisodeRecord(**{**fields, **changed})


def step(number: int, **changed: Any) -> Step:
    """One answered call."""
    fields = {"number": number, "tool": "Add", "arguments": {"n": number}, "text": "é", "committed": True}
    return Step(**{**fields, "digest": f"{number:02x}", "key": f"key-{number}", **changed})


PRAGMAS = {"synchronous": 2, "journal_mode": "wal"}


def rows(path: Path, table: str) -> int:
    """How many rows of a table are safe on the disk."""
    with sqlite3.connect(path) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_sqlite_gives_back_what_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    first = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        await first.create(record())
        await first.append("one", step(1), b"state 1", "open", None)
        await first.append("one", step(2, is_error=True, error="ToolRaised", committed=False), None, "open", None)
        await first.append("one", step(3, arguments="no {json", key=None), b"state 3", "truncated", 0.0)
        await first.create(record("two", steps=[step(1)], states={1: b"state"}))
        await first.close()
        second = SqliteStore(path)
        loaded, fork, missing = [await second.load(id) for id in ("one", "two", "three")]
        await second.close()
    steps = [step(1), step(2, is_error=True, error="ToolRaised", committed=False), step(3, arguments="no {json", key=None)]
    assert loaded == record(steps=steps, states={1: b"state 1", 3: b"state 3"}, status="truncated", reward=0.0)
    assert fork == record("two", steps=[step(1)], states={1: b"state"})
    assert missing is None


async def test_sqlite_forgets_what_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        for id in ("one", "two"):
            await store.create(record(id, steps=[step(n) for n in (1, 2, 3)], states={1: b"1", 3: b"3"}))
        await store.rewind("one", 3, 2, b"2")
        await store.append("one", step(3, text="another"), b"other", "open", None)
        await store.finish("one", 3, "expired", None)
        one = await store.load("one")
        assert one is not None
        assert [s.text for s in one.steps][-1] == "another"
        assert one.states == {1: b"1", 2: b"2", 3: b"other"} and one.status == "expired"
        await store.delete("one", 3600)
        assert await store.load("one") is not None, "somebody has touched it since"
        await store.delete("one")
        assert await store.load("one") is None
        assert await store.load("two") is not None
        await store.purge(3600)
        assert rows(path, "episodes") == 1
        await store.purge(-1)
        assert (rows(path, "episodes"), rows(path, "steps")) == (0, 0)
        await store.close()


async def test_change_of_what_is_no_longer_so_is_not_made(tmp_path: Path) -> None:
    """Two servers over one file: what the other one has acknowledged stays."""
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        await store.create(record(steps=[step(1)], states={1: b"1"}))
        for stale in (
            store.append("one", step(1), b"x", "open", None),
            store.append("one", step(3), b"x", "open", None),
            store.finish("one", 0, "expired", None),
            store.rewind("one", 2, 1, b"x"),
        ):
            with pytest.raises(EpisodeMoved):
                await stale
        await store.append("one", step(2), None, "terminated", 1.0)
        for late in (store.finish("one", 2, "truncated", 0.0), store.append("one", step(3), b"x", "open", None)):
            with pytest.raises(EpisodeMoved):
                await late
        assert await store.load("one") == record(steps=[step(1), step(2)], states={1: b"1"}, status="terminated", reward=1.0)
        await store.close()


async def test_acknowledged_write_is_on_the_disk_before_the_store_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        await store.create(record())
        assert rows(path, "episodes") == 1
        await store.close()


async def test_writes_that_arrive_together_share_a_transaction(tmp_path: Path) -> None:
    """Group commit: one flush to the disk for many calls, and no call is told before its flush."""
    store = SqliteStore(tmp_path / "gym.sqlite")
    statements: list[str] = []
    held = threading.Event()
    with anyio.fail_after(PATIENCE_S):
        await store.create(record())
        store._db.set_trace_callback(statements.append)
        first = asyncio.create_task(store._do(lambda db: held.wait(PATIENCE_S)))
        await asyncio.sleep(0)  # the thread is busy from here on
        writes = [asyncio.create_task(store.append("one", step(n), b"s", "open", None)) for n in range(1, 101)]
        await asyncio.sleep(0)
        assert not any(write.done() for write in writes)
        held.set()
        await asyncio.gather(first, *writes)
        assert statements.count("COMMIT") <= 2
        loaded = await store.load("one")
        assert loaded is not None and len(loaded.steps) == 100
        await store.close()


async def test_one_job_that_fails_spoils_no_other_of_its_transaction(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        await store.create(record())
        writes = [store.append("one", step(n), b"s", "open", None) for n in (1, 2, 2, 3)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        loaded = await store.load("one")
        await store.close()
    assert [type(result) for result in results] == [type(None), type(None), EpisodeMoved, type(None)]
    assert loaded is not None and [s.number for s in loaded.steps] == [1, 2, 3]


async def test_job_that_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        creates = [store.create(record("half", steps=[step(1), step(1)])), store.create(record("whole"))]
        results = await asyncio.gather(*creates, return_exceptions=True)
        assert [type(result) for result in results] == [StoreError, type(None)]
        assert await store.load("half") is None
        assert await store.load("whole") == record("whole")
        await store.close()


async def test_every_transaction_is_flushed_to_the_disk(tmp_path: Path) -> None:
    """Source: sqlite.org/pragma.html: with WAL, only synchronous=FULL (2) survives a power cut, which no test can make."""
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        pragmas = [await store._do(lambda db, name=name: db.execute(f"PRAGMA {name}").fetchone()[0]) for name in PRAGMAS]
        await store.close()
    assert pragmas == [*PRAGMAS.values()]


async def test_closed_store_says_so(tmp_path: Path) -> None:
    """Regression: a call after the end waited for ever."""
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        await store.close()
        with pytest.raises(StoreError, match="closed"):
            await store.create(record())


async def test_writes_asked_for_before_the_end_are_done(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        writes = [asyncio.create_task(store.create(record(str(n)))) for n in range(50)]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*writes)
    assert rows(path, "episodes") == 50


# -------------------------------------------------------------------------------------------------------- wrong files
def not_a_database(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def of_another_format(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE format (version INTEGER NOT NULL)")
        db.execute(f"INSERT INTO format VALUES ({FORMAT + 1})")


def of_another_program(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE format (something_else TEXT)")


def a_folder(path: Path) -> None:
    path.mkdir()


def in_no_folder(path: Path) -> None:
    path.parent.rmdir()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (not_a_database, "file is not a database"),
        (of_another_format, f"has format {FORMAT + 1}, this version writes {FORMAT}: move the file away"),
        (of_another_program, "no such column: version"),
        (a_folder, "unable to open database file"),
        (in_no_folder, "unable to open database file"),
    ],
)
def test_file_that_is_none_of_ours_is_refused_with_its_name(make: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "gym.sqlite"
    path.parent.mkdir()
    make(path)
    with pytest.raises(StoreError) as refused:
        SqliteStore(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_folder_that_cannot_be_written_is_refused() -> None:
    """Not even root can make a file there."""
    with pytest.raises(StoreError, match=r"/proc/gym.sqlite"):
        SqliteStore("/proc/gym.sqlite")


async def test_file_spoilt_while_in_use_is_a_store_error(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        await store.create(record())
        with sqlite3.connect(path) as db:
            db.execute("DROP TABLE steps")
        with pytest.raises(StoreError, match="no such table: steps"):
            await store.append("one", step(1), b"s", "open", None)
        await store.close()


@pytest.mark.parametrize("column", ["record", "step"])
async def test_record_that_is_none_of_ours_is_a_store_error(column: str, tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        await store.create(record(steps=[step(1)]))
        with sqlite3.connect(path) as db:
            db.execute(f"UPDATE {'episodes' if column == 'record' else 'steps'} SET {column} = ?", ('{"x": 1}',))
        with pytest.raises(StoreError):
            await store.load("one")
        await store.close()


async def test_file_locked_by_another_process_is_waited_for_and_then_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gym.sqlite"
    monkeypatch.setattr(store_module, "LOCK_S", 0.1)
    store = SqliteStore(path)
    with anyio.fail_after(PATIENCE_S):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            await store.create(record())
        other.execute("COMMIT")
        other.close()
        await store.create(record())
        assert rows(path, "episodes") == 1
        await store.close()


async def test_call_that_could_not_be_stored_is_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit is store, then assign: what is not safe was never answered, so the worker that is ahead of it must go."""
    path = tmp_path / "gym.sqlite"
    monkeypatch.setattr(store_module, "LOCK_S", 0.05)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            id = (await gym.open("counter", "zero")).id
            await gym.call(id, "Add", {"n": 1})
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreError, match="locked"):
                await gym.call(id, "Add", {"n": 100})
            other.execute("COMMIT")
            other.close()
            assert (await gym.status(id)).steps == 1
            assert (await gym.call(id, "Add", {"n": 1})).text == "2"


# -------------------------------------------------------------------------------------------------------- by its name
async def test_store_is_opened_by_its_name(tmp_path: Path) -> None:
    assert type(open_store("memory")) is Store
    store = open_store(f"sqlite:{tmp_path / 'gym.sqlite'}")
    assert store.durable
    await store.close()


@pytest.mark.parametrize("spec", ["", "redis:x", "sqlite", "sqlite:", "memory:"])
def test_store_of_another_name_is_refused(spec: str) -> None:
    with pytest.raises(StoreError, match="--store takes memory or sqlite:PATH, got"):
        open_store(spec)


async def test_memory_keeps_nothing() -> None:
    """The gym's own objects are the record; every change returns at once, so that no call pays for a store it has not."""
    store = Store()
    await store.create(record())
    await store.append("one", step(1), b"s", "open", None)
    assert await store.load("one") is None
