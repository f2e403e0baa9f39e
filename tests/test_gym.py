"""The gym: opening, choosing tasks, expiry, truncation, closing, capacity, and a durable store behind it."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from codegym_mcp import store as store_module
from codegym_mcp.errors import (
    AtCapacity,
    EnvironmentNotFound,
    EpisodeExpired,
    EpisodeNotFound,
    InvalidEnvironment,
    InvalidRequest,
    TaskNotFound,
)
from codegym_mcp.gym import Gym
from codegym_mcp.store import EpisodeRecord, SqliteStore
from codegym_mcp.types import MAX_STEPS, Task
from tests.conftest import COUNTER, PATIENCE_S, fast_pool, make_catalog, make_gym

TASKS = "\n".join(
    f'{{"id": "{level}-{n}", "level": "{level}", "split": "{split}", "config": {{"start": {n}}}, "max_steps": {10 + n}}}'
    for level in ("easy", "hard")
    for n, split in enumerate(["train", "train", "train", "test"])
)


async def until(happened: Callable[[], object]) -> None:
    """Wait for something that the gym does by itself."""
    with anyio.fail_after(PATIENCE_S):
        while not happened():
            await asyncio.sleep(0.005)


# -------------------------------------------------------------------------------------------------------- two servers
async def test_what_another_server_has_acknowledged_is_never_overwritten(tmp_path: Path) -> None:
    """Both live, over one file; a client went from one to the other, and back. A solved task must not be scored 0."""
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(path)) as one, make_gym(tmp_path, store=SqliteStore(path)) as other:
            ids = [(await one.open("counter", "zero")).id for _ in range(3)]
            for id in ids:
                await one.call(id, "Add", {"n": 2}, key="first")
                assert (await other.call(id, "Add", {"n": 3}, key="second")).text == "5"
            assert (await one.call(ids[0], "Add", {"n": 3}, key="second")).text == "5", "its recorded answer"
            assert (await one.call(ids[0], "Add", {"n": 0})).text == "5"
            await other.call(ids[1], "Done", {"answer": 0})
            assert (await one.truncate(ids[1])).reward == 1.0
            one._episodes[ids[2]].touched -= 10 * one._ttl_s
            await one.expire()
            assert (await other.status(ids[2])).status == "open" and (await one.status(ids[2])).steps == 2


# ------------------------------------------------------------------------------------------------------------ opening
async def test_opened_episode_is_described(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            status = await gym.open("counter", "zero", seed=4)
            described = status.model_dump(exclude={"id", "digest"})
            again = await gym.open("counter", "zero", seed=4)
            assert described == {
                "environment": "counter",
                "task": "zero",
                "level": "easy",
                "seed": 4,
                "status": "open",
                "steps": 0,
                "max_steps": MAX_STEPS,
                "reward": None,
                "prompt": "Tell the total.",
            }
            assert again.digest == status.digest
            assert again.id != status.id
            assert len(status.id) * 4 >= 128  # hexadecimal digits: too many to be guessed
            assert gym.open_episodes == 2


async def test_task_is_drawn_by_the_seed_among_those_asked_for(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, tasks=TASKS), pool=fast_pool()) as gym:
            drawn = [(await gym.open("counter", seed=seed)).task for seed in range(30)]
            assert drawn == [(await gym.open("counter", seed=seed)).task for seed in range(30)]
            assert len(set(drawn)) > 4
            hard = {(await gym.open("counter", seed=seed, level="hard")).task for seed in range(30)}
            assert hard == {"hard-0", "hard-1", "hard-2", "hard-3"}
            assert (await gym.open("counter", level="easy", split="test")).task == "easy-3"


async def test_budget_is_the_tasks_unless_another_is_given(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, tasks=TASKS), pool=fast_pool()) as gym:
            assert (await gym.open("counter", "hard-3")).max_steps == 13
            assert (await gym.open("counter", "hard-3", max_steps=5)).max_steps == 5


async def test_task_of_ones_own_is_played_with_its_own_prompt(tmp_path: Path) -> None:
    task = Task(environment="counter", id="mine", config={"start": 40}, prompt="Tell me.", max_steps=3)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            status = await gym.open("counter", task)
            assert (status.task, status.prompt, status.max_steps) == ("mine", "Tell me.", 3)
            await gym.call(status.id, "Done", {"answer": 40})
            assert (await gym.status(status.id)).reward == 1.0


async def test_what_is_not_in_the_catalog_is_not_opened(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            with pytest.raises(EnvironmentNotFound) as unknown:
                await gym.open("countre")
            assert unknown.value.similar == ["counter"]
            with pytest.raises(TaskNotFound, match="has no task 'six'"):
                await gym.open("counter", "six")
            with pytest.raises(TaskNotFound, match="of level hard and split any"):
                await gym.open("counter", level="hard")
            with pytest.raises(InvalidEnvironment, match="reset failed"):
                await gym.open("counter", Task(environment="counter", id="own", config={"begin": 1}))
            assert gym.open_episodes == 0


async def test_information_on_an_environment_tells_tools_and_tasks(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            info = gym.environment("counter")
            assert (info.name, info.format, info.tasks, info.prompt) == ("counter", "native", 2, "Tell the total.")
            assert [tool.name for tool in info.tools][:2] == ["Observe", "Add"]
            id = (await gym.open("counter", "zero", documentation="examples")).id
            definition, documentation = await gym.tools_of(id)
            assert (definition.hash, documentation) == (info.hash, "examples")


async def test_a_full_gym_refuses_another_episode_until_one_is_closed(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, max_episodes=2) as gym:
            first, _ = await gym.open("counter", "zero"), await gym.open("counter", "zero")
            for more in (gym.open("counter", "zero"), gym.fork(first.id)):
                with pytest.raises(AtCapacity) as full:
                    await more
                assert (full.value.what, full.value.limit, full.value.retryable) == ("open episodes", 2, True)
            await gym.close(first.id)
            await gym.open("counter", "zero")


# ------------------------------------------------------------------------------------------------------------- expiry
async def test_episode_left_alone_expires_without_a_reward(tmp_path: Path) -> None:
    """TTL expiry is nobody's fault that training should learn from: reward None, never 0."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=100) as gym:
            left, ended = await gym.open("counter", "zero"), await gym.open("counter", "zero")
            fresh = await gym.open("counter", "zero")
            await gym.call(left.id, "Add", {"n": 1})
            await gym.call(ended.id, "Done", {"answer": 0})
            for status in (left, ended):
                gym._episodes[status.id].touched -= 101
            await gym.expire()
            expired = await gym.status(left.id)
            assert (expired.status, expired.reward, expired.steps) == ("expired", None, 1)
            assert (await gym.status(ended.id)).reward == 1.0
            assert (await gym.status(fresh.id)).status == "open"
            assert len(gym.pool.seats) == 0
            for use in (gym.call(left.id, "Observe", {}), gym.fork(left.id), gym.rewind(left.id, 0)):
                with pytest.raises(EpisodeExpired) as gone:
                    await use
                assert gone.value.ttl_s == 100
            await gym.truncate(left.id)
            assert await gym.status(left.id) == expired  # what has expired can be given no reward any more


async def test_call_keeps_an_episode_alive(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=100) as gym:
            id = (await gym.open("counter", "zero")).id
            gym._episodes[id].touched -= 99
            await gym.call(id, "Boom", {"n": 1})
            gym._episodes[id].touched -= 99
            await gym.expire()
            assert (await gym.status(id)).status == "open"


async def test_episode_expired_long_ago_is_forgotten(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=100, store=store) as gym:
            ids = [(await gym.open("counter", "zero")).id for _ in range(2)]
            gym._episodes[ids[0]].touched -= 401
            with sqlite3.connect(store.path) as db:
                db.execute("UPDATE episodes SET touched = touched - 401 WHERE id = ?", ids[:1])
            await gym.expire()
            with pytest.raises(EpisodeNotFound):
                await gym.status(ids[0])
            assert await store.load(ids[0]) is None
            assert gym.open_episodes == 1


async def test_gym_expires_episodes_by_itself_even_after_its_store_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: one failed write ended the task that looks for expired episodes."""
    monkeypatch.setattr(store_module, "LOCK_S", 0.01)
    store = SqliteStore(tmp_path / "gym.sqlite")
    attempts, finish = [], store.finish

    async def counted(id: str, steps: int, status: str, reward: float | None) -> None:
        attempts.append(status)
        await finish(id, steps, status, reward)

    monkeypatch.setattr(store, "finish", counted)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=0.5, store=store) as gym:
            episode = gym._episodes[(await gym.open("counter", "zero")).id]
            other = sqlite3.connect(store.path, isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            await until(lambda: len(attempts) == 2)  # it tries again, though the first attempt failed
            other.execute("COMMIT")
            other.close()
            await until(lambda: episode.status == "expired")


# ------------------------------------------------------------------------------------------------ truncate, and close
async def test_truncated_episode_is_worth_nothing(tmp_path: Path) -> None:
    """The policy stopped without Done: its fault, so it stays in its group with 0.0."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            status = await gym.truncate(id)
            assert (status.status, status.reward, status.steps) == ("truncated", 0.0, 0)
            assert await gym.truncate(id) == status


async def test_closed_episode_is_gone_and_its_last_status_is_told(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=store) as gym:
            left, ended = (await gym.open("counter", "zero")).id, (await gym.open("counter", "zero")).id
            await gym.call(left, "Add", {"n": 1})
            await gym.call(ended, "Done", {"answer": 0})
            last = [await gym.close(id) for id in (left, ended)]
            assert [(status.status, status.reward, status.steps) for status in last] == [
                ("closed", None, 1),
                ("terminated", 1.0, 1),
            ]
            assert (gym.open_episodes, len(gym.pool.seats)) == (0, 0)
            for id in (left, ended):
                assert await store.load(id) is None
                for use in (gym.call(id, "Observe", {}), gym.status(id), gym.fork(id), gym.truncate(id), gym.close(id)):
                    with pytest.raises(EpisodeNotFound):
                        await use


async def test_call_that_waits_while_its_episode_is_closed_finds_none(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            running = asyncio.create_task(gym.call(id, "Wait", {}))
            await until(lambda: gym.pool._nursery.busy)
            closing = asyncio.create_task(gym.close(id))
            await asyncio.sleep(0)
            waiting = asyncio.create_task(gym.call(id, "Add", {"n": 1}))
            answers = await asyncio.gather(running, closing, waiting, return_exceptions=True)
            assert [type(answer).__name__ for answer in answers] == ["Observation", "EpisodeStatus", "EpisodeNotFound"]


@pytest.mark.parametrize("id", ["", "0" * 48, "../../etc", "\ud800"])
async def test_id_that_was_never_given_out_leads_nowhere_and_is_not_repeated(id: str, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            with pytest.raises(EpisodeNotFound) as unknown:
                await gym.status(id)
            assert not id or id not in str(unknown.value)


# ----------------------------------------------------------------------------------------------------- a durable store
async def test_another_gym_over_the_same_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            id = (await gym.open("counter", "seven", max_steps=4, reveal=True, documentation="examples")).id
            await gym.call(id, "Add", {"n": 1})
            await gym.call(id, "Boom", {"n": 1}, key="key")
            before, log = await gym.status(id), await gym.steps(id)
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            loads = await asyncio.gather(*(gym.status(id) for _ in range(5)))
            assert loads == [before] * 5
            assert gym.open_episodes == 1
            assert await gym.steps(id) == log
            assert (await gym.tools_of(id))[1] == "examples"
            assert (await gym.call(id, "Boom", {"n": 1}, key="key")).step == 2
            assert (await gym.call(id, "Add", {"n": 1})).text == "9"
            assert (await gym.call(id, "Done", {"answer": 7})).text.endswith("It was correct.")
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            status = await gym.status(id)
            assert (status.status, status.reward, status.steps) == ("terminated", 1.0, 4)


async def test_records_nobody_has_touched_for_long_are_purged_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            ids = [(await gym.open("counter", "zero")).id for _ in range(2)]
        with sqlite3.connect(path) as db:
            db.execute("UPDATE episodes SET touched = touched - 401 WHERE id = ?", (ids[0],))
        async with make_gym(tmp_path, ttl_s=100, store=SqliteStore(path)) as gym:
            assert (await gym.status(ids[1])).status == "open"
            with pytest.raises(EpisodeNotFound):
                await gym.status(ids[0])


async def test_ttl_goes_on_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=100, store=SqliteStore(path)) as gym:
            late, timely = [(await gym.open("counter", "zero")).id for _ in range(2)]
        with sqlite3.connect(path) as db:
            db.execute("UPDATE episodes SET touched = touched - 101 WHERE id = ?", (late,))
            db.execute("UPDATE episodes SET touched = touched - 60 WHERE id = ?", (timely,))
        async with make_gym(tmp_path, ttl_s=100, store=SqliteStore(path)) as gym:
            assert (await gym.status(late)).status == "expired"
            assert (await gym.status(timely)).status == "open"
            gym._episodes[timely].touched -= 60
            await gym.expire()
            assert (await gym.status(timely)).status == "expired"


async def test_episode_that_another_server_goes_on_with_is_not_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is played on after this server has read how long it was left alone."""
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, ttl_s=100, store=SqliteStore(path)) as one:
            id = (await one.open("counter", "zero")).id
            with sqlite3.connect(path) as db:
                db.execute("UPDATE episodes SET touched = touched - 101")
            store = SqliteStore(path)
            load, loads = store.load, 0

            async def load_too_early(id: str) -> EpisodeRecord | None:
                nonlocal loads
                loads += 1
                record = await load(id)
                if loads == 1:
                    await one.call(id, "Add", {"n": 1})
                return record

            monkeypatch.setattr(store, "load", load_too_early)
            async with make_gym(tmp_path, ttl_s=100, store=store) as other:
                status = await other.status(id)
                assert (status.status, status.steps, loads) == ("open", 1, 2)


async def test_records_of_an_earlier_process_are_purged_while_a_later_one_runs(tmp_path: Path) -> None:
    path = tmp_path / "gym.sqlite"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(path)) as gym:
            await gym.open("counter", "zero")
        store = SqliteStore(path)
        async with make_gym(tmp_path, ttl_s=0.2, store=store):
            with sqlite3.connect(path) as db:
                await until(lambda: db.execute("SELECT count(*) FROM episodes").fetchone() == (0,))


@pytest.mark.parametrize(("options", "field"), [({"seed": -1}, "seed"), ({"max_steps": 0}, "max_steps")])
async def test_open_refuses_what_no_episode_can_have(tmp_path: Path, options: dict[str, int], field: str) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            with pytest.raises(InvalidRequest, match=field):
                await gym.open("counter", "zero", **options)  # type: ignore[arg-type]


async def test_what_an_episode_can_learn_of_another_is_nothing(tmp_path: Path) -> None:
    """Module globals, class attributes and the standard library are each worker's own."""
    source = COUNTER.replace(
        "self.total += n; self.recent.append(n); return self.total",
        "import json; json.seen = getattr(json, 'seen', 0) + 1; return json.seen",
    )
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, source), pool=fast_pool()) as gym:
            ids = [(await gym.open("counter", "zero")).id for _ in range(3)]
            assert [(await gym.call(id, "Add", {"n": 1})).text for id in ids for _ in range(2)] == ["1", "2"] * 3


async def test_environment_may_import_from_the_future(tmp_path: Path) -> None:
    """What many editors put at the top of every file."""
    source = "from __future__ import annotations\n" + COUNTER.lstrip()
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, source), pool=fast_pool()) as gym:
            episode = await gym.open("counter", "seven")
            assert (await gym.call(episode.id, "Add", {"n": 2})).text == "9"
            assert (await gym.call(episode.id, "Add", {"n": "two"})).error == "InvalidArguments"
