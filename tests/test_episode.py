"""One episode: calls as transactions, budgets, keys, and what fork and rewind take along."""

import asyncio
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from codegym_mcp import episode as episode_module
from codegym_mcp.episode import DONE_TEXT, MAX_WAITING, UNREADABLE
from codegym_mcp.errors import (
    CallKeyReused,
    EpisodeBusy,
    EpisodeFinished,
    EpisodeOver,
    InvalidRequest,
    SandboxError,
    StepOutOfRange,
    StoreError,
    ToolOverLimit,
    ToolRaised,
    ToolTimeout,
    UnknownTool,
)
from codegym_mcp.gym import Gym
from codegym_mcp.sandbox.pool import Limits
from codegym_mcp.store import SqliteStore
from codegym_mcp.types import Observation
from tests.conftest import (
    COUNTER,
    COUNTER_HEAD,
    COUNTER_TOOLS,
    LIMITS,
    PATIENCE_S,
    fast_pool,
    make_catalog,
    make_gym,
    tool_source,
)

FAILING = {
    "Boom": ToolRaised("Boom", "IndexError: list index out of range"),
    "Hang": ToolTimeout("Hang", LIMITS.tool_s),
    "Hog": ToolOverLimit("Hog", "memory", LIMITS.memory_mib << 20),
    "Nope": UnknownTool("Nope", ["Observe", *COUNTER_TOOLS, "Done"]),
}


async def total(gym: Gym, id: str) -> str:
    """The counter's total, as a call that adds nothing tells it."""
    return (await gym.call(id, "Add", {"n": 0})).text


# -------------------------------------------------------------------------------------------------------------- calls
@pytest.mark.parametrize("tool", FAILING)
async def test_failed_call_changes_nothing_and_spends_a_step(tool: str, tmp_path: Path) -> None:
    """Project: a tool call is a transaction; every answered call counts against T_max."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven")).id
            await gym.call(id, "Add", {"n": 2})
            before = await gym.status(id)
            failed = await gym.call(id, tool, {"n": 9} if tool == "Boom" else {})
            after = await gym.status(id)
            assert failed == Observation(text=str(FAILING[tool]), is_error=True, error=type(FAILING[tool]).__name__, step=2)
            assert after == before.model_copy(update={"steps": 2})
            assert (await gym.call(id, "Observe", {})).text == "[9, [], {}, [2]]"


async def test_log_tells_every_answered_call(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            opened = await gym.open("counter", "zero")
            calls: list[tuple[str, Any]] = [("Add", {"n": 2}), ("Boom", {"n": 1}), ("Add", "{"), ("Nope", {}), ("Roll", None)]
            seen = [await gym.call(opened.id, *call) for call in calls]
            steps = await gym.steps(opened.id)
            assert [step.number for step in steps] == [1, 2, 3, 4, 5]
            assert [(step.tool, step.arguments or None) for step in steps] == [(tool, sent or None) for tool, sent in calls]
            assert [(step.text, step.is_error, step.error) for step in steps] == [(o.text, o.is_error, o.error) for o in seen]
            assert [step.committed for step in steps] == [True, False, False, False, True]
            digests = [opened.digest, *(step.digest for step in steps)]
            assert digests[1] == digests[2] == digests[3] == digests[4]
            assert len(set(digests)) == 3


async def test_same_calls_lead_to_the_same_digests(tmp_path: Path) -> None:
    """Equal states are recognised by their digest, whatever process they live in."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            logs = []
            for _ in range(2):
                id = (await gym.open("counter", "zero", seed=3)).id
                for call in [("Mark", {"word": "b"}), ("Mark", {"word": "a"}), ("Roll", {}), ("Crash", {}), ("Roll", {})]:
                    await gym.call(id, *call)
                logs.append(await gym.steps(id))
            other = await gym.open("counter", "zero", seed=4)
    assert logs[0] == logs[1]
    assert other.digest != logs[0][0].digest


async def test_calls_of_one_episode_are_played_in_turn_and_the_queue_is_bounded(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            calls = [asyncio.create_task(gym.call(id, "Wait", {}))]
            calls += [asyncio.create_task(gym.call(id, "Add", {"n": n})) for n in range(1, MAX_WAITING)]
            while gym._episodes[id]._waiting < MAX_WAITING:
                await asyncio.sleep(0)
            with pytest.raises(EpisodeBusy) as busy:
                await gym.call(id, "Observe", {})
            answers = await asyncio.gather(*calls)
            assert [answer.step for answer in answers] == [*range(1, MAX_WAITING + 1)]
            assert [answer.text for answer in answers[1:]] == ["1", "3", "6", "10", "15", "21", "28"]
            assert (busy.value.waiting, busy.value.retryable) == (MAX_WAITING, True)
            assert (await gym.call(id, "Observe", {})).step == MAX_WAITING + 1


async def test_machine_fault_spends_no_step_and_leaves_the_episode_as_it_was(tmp_path: Path) -> None:
    """Whose fault? A zygote's death is not the policy's: no step, no reward, and the call may be repeated."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, pool=fast_pool(limits=Limits(tool_s=PATIENCE_S, memory_mib=64))) as gym:
            id = (await gym.open("counter", "zero", max_steps=2)).id
            await gym.call(id, "Add", {"n": 4})
            before = await gym.status(id)
            call = asyncio.create_task(gym.call(id, "Wait", {}, key="one key"))
            while not gym.pool._nursery.busy:
                await asyncio.sleep(0.001)
            for zygote in psutil.Process().children():
                zygote.kill()
            with pytest.raises(SandboxError):
                await call
            assert await gym.status(id) == before
            while True:
                try:
                    answer = await gym.call(id, "Add", {"n": 1}, key="one key")  # the key was not used up either
                    break
                except SandboxError:
                    await asyncio.sleep(0.01)
            assert (answer.text, answer.step) == ("5", 2)


# ------------------------------------------------------------------------------------------------ the end of an episode
@pytest.mark.parametrize(("answer", "reward"), [(7, 1.0), (8, 0.0)])
@pytest.mark.parametrize("reveal", [False, True])
async def test_done_ends_the_episode_and_its_reward_never_changes(
    answer: int, reward: float, reveal: bool, tmp_path: Path
) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven", reveal=reveal)).id
            await gym.call(id, "Add", {"n": 1})
            done = await gym.call(id, "Done", {"answer": answer})
            ended = await gym.status(id)
            told = f" It was {'correct' if reward else 'incorrect'}." if reveal else ""
            assert done == Observation(text=DONE_TEXT + told, step=2, over=True)
            assert (ended.status, ended.reward) == ("terminated", reward)
            for call in [("Done", {"answer": 7}), ("Observe", {}), ("Nope", {})]:
                with pytest.raises(EpisodeOver) as over:
                    await gym.call(id, *call)
                assert over.value.step == 2
            await gym.truncate(id)
            assert await gym.status(id) == ended


async def test_answer_of_the_wrong_type_is_no_answer(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven")).id
            refused = await gym.call(id, "Done", {"answer": "seven"})
            assert refused.text == "Done: 'answer' must be an integer, got 'seven'. State unchanged."
            assert not refused.over
            await gym.call(id, "Done", {"answer": 7})
            assert (await gym.status(id)).reward == 1.0


async def test_judge_that_raises_tells_nothing_of_the_reference(tmp_path: Path) -> None:
    check = "\n    def check(self, answer, reference):\n        raise ValueError(f'wanted {reference}')\n"
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, COUNTER + check), pool=fast_pool()) as gym:
            id = (await gym.open("counter", "seven")).id
            failed = await gym.call(id, "Done", {"answer": 7})
            assert failed.text == str(ToolRaised("Done", UNREADABLE))
            assert (await gym.status(id)).status == "open"


async def test_running_out_of_steps_is_worth_nothing(tmp_path: Path) -> None:
    """Truncated by T_max, failed calls included: reward 0.0, kept in its group."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero", max_steps=3)).id
            overs = [(await gym.call(id, *call)).over for call in [("Add", {"n": 1}), ("Boom", {"n": 1}), ("Nope", {})]]
            assert overs == [False, False, True]
            status = await gym.status(id)
            assert (status.status, status.reward, status.steps) == ("truncated", 0.0, 3)
            with pytest.raises(EpisodeOver):
                await gym.call(id, "Done", {"answer": 0})


async def test_done_as_the_last_step_counts(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero", max_steps=2)).id
            await gym.call(id, "Observe", {})
            assert (await gym.call(id, "Done", {"answer": 0})).over
            status = await gym.status(id)
            assert (status.status, status.reward) == ("terminated", 1.0)


async def test_ended_episode_holds_no_worker(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            ids = [(await gym.open("counter", "zero", max_steps=2)).id for _ in range(3)]
            for id in ids:
                await gym.call(id, "Add", {"n": 1})
            assert len(gym.pool.seats) == 3
            await gym.call(ids[0], "Done", {"answer": 0})
            await gym.call(ids[1], "Add", {"n": 1})
            await gym.truncate(ids[2])
            assert len(gym.pool.seats) == 0


# ---------------------------------------------------------------------------------------------------------- call keys
@pytest.mark.parametrize(
    ("tool", "arguments"), [("Add", {"n": 3}), ("Roll", {}), ("Boom", {"n": 1}), ("N" * 300, {}), ("Done", {"answer": 0})]
)
async def test_call_repeated_under_its_key_gets_the_recorded_answer(tool: str, arguments: Any, tmp_path: Path) -> None:
    """A client that lost the answer cannot know whether the call was applied; repeating it is safe, even after the end."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            first = await gym.call(id, tool, arguments, key="one key")
            before = await gym.status(id)
            assert await gym.call(id, tool, arguments, key="one key") == first
            assert await gym.status(id) == before
            with pytest.raises(CallKeyReused) as reused:
                await gym.call(id, "Observe", {}, key="one key")
            assert reused.value.step == 1


async def test_key_belongs_to_its_episode(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            ids = [(await gym.open("counter", "zero")).id for _ in range(2)]
            assert [(await gym.call(id, "Add", {"n": n}, key="key")).text for id, n in zip(ids, (1, 2), strict=True)] == [
                "1",
                "2",
            ]


@pytest.mark.parametrize("key", ["", "k" * 201, 7])
async def test_key_that_is_none_is_refused(key: Any, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            with pytest.raises(InvalidRequest, match="a printable text of 1 to 200 characters"):
                await gym.call(id, "Observe", {}, key=key)
            assert (await gym.status(id)).steps == 0


# ---------------------------------------------------------------------------------------------------------------- fork
async def played(gym: Gym, *amounts: int, **options: Any) -> str:
    """An episode in which these were added."""
    id = (await gym.open("counter", "zero", **options)).id
    for n in amounts:
        await gym.call(id, "Add", {"n": n})
    return id


async def test_fork_shares_no_state_with_its_origin(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            origin = await played(gym, 1, 2)
            fork = (await gym.fork(origin)).id
            await gym.call(fork, "Mark", {"word": "fork"})
            await gym.call(origin, "Add", {"n": 10})
            await gym.close(origin)
            assert (await gym.call(fork, "Observe", {})).text == '[3, ["fork"], {"fork": 3}, [1, 2]]'


async def test_fork_inherits_the_steps_spent_and_their_keys(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            origin = (await gym.open("counter", "zero", seed=2, max_steps=4)).id
            for number, key in enumerate(("a", "b", "c"), start=1):
                await gym.call(origin, "Add", {"n": number}, key=key)
            fork = await gym.fork(origin, 2)
            assert (fork.steps, fork.max_steps, fork.seed, fork.status) == (2, 4, 2, "open")
            assert await gym.steps(fork.id) == (await gym.steps(origin))[:2]
            assert (await gym.call(fork.id, "Add", {"n": 2}, key="b")).step == 2  # a repeat
            assert (await gym.call(fork.id, "Roll", {}, key="c")).step == 3  # never spent here
            assert (await gym.call(fork.id, "Observe", {})).over


@pytest.mark.parametrize("kept", [1 << 20, 0], ids=["from snapshots", "by replay"])
@pytest.mark.parametrize("durable", [False, True])
async def test_fork_and_rewind_reach_every_earlier_step(
    kept: int, durable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snapshots kept per episode are bounded; older steps are recomputed, and nobody can tell the difference."""
    monkeypatch.setattr(episode_module, "MAX_SNAPSHOT_BYTES", kept)
    if kept:
        monkeypatch.setattr(episode_module.Episode, "_replay", None)
    store = SqliteStore(tmp_path / "gym.sqlite") if durable else None
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=store) as gym:
            id = (await gym.open("counter", "zero")).id
            calls = [
                ("Add", {"n": 5}),
                ("Boom", {"n": 1}),
                ("Roll", {}),
                ("Observe", {}),
                ("Forget", {}),
                ("Mark", {"word": "x"}),
            ]
            texts = []
            for call in calls:
                texts.append((await gym.call(id, "Observe", {})).text)
                await gym.call(id, *call)
            digests = [step.digest for step in await gym.steps(id)]
            for n, text in enumerate(texts):
                fork = await gym.fork(id, 2 * n)
                assert n == 0 or fork.digest == digests[2 * n - 1]
                assert (await gym.call(fork.id, "Observe", {})).text == text
                again = await gym.fork(fork.id, n)
                assert (await gym.call(again.id, "Observe", {})).text == texts[n // 2]
            for n, text in reversed(list(enumerate(texts))):
                assert (await gym.rewind(id, 2 * n)).steps == 2 * n
                assert (await gym.call(id, "Observe", {})).text == text


async def test_fork_of_a_fork_that_stands_where_it_began_knows_how_it_came_there(tmp_path: Path) -> None:
    """Regression: the steps in between were taken for steps that had changed nothing."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            origin = await played(gym, 5)
            await gym.call(origin, "Forget", {})
            fork = await gym.fork((await gym.fork(origin)).id, 1)
            assert await total(gym, fork.id) == "5"


async def test_fork_loaded_from_a_file_knows_its_earlier_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: after a restart, an early step of a fork was taken for the initial state."""
    monkeypatch.setattr(episode_module, "MAX_SNAPSHOT_BYTES", 0)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            fork = await gym.fork(await played(gym, 5, 6, 7), 2)
        async with make_gym(tmp_path, store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            assert await total(gym, (await gym.fork(fork.id, 1)).id) == "5"
            await gym.rewind(fork.id, 1)
        async with make_gym(tmp_path, store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            assert await total(gym, fork.id) == "5", "the state of a step that was played again is kept"


async def test_ended_episode_is_forked_before_its_end(tmp_path: Path) -> None:
    """Its last call is not taken along; where it was cut off from outside, there is no such call."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            done, spent, cut = await played(gym, 1, 2), await played(gym, 1, 2, 3, max_steps=3), await played(gym, 1, 2)
            await gym.call(done, "Done", {"answer": 5})
            await gym.truncate(cut)
            for ended in (done, spent, cut):
                fork = await gym.fork(ended)
                assert (fork.status, fork.steps, fork.reward) == ("open", 2, None)
                assert await total(gym, fork.id) == "3"
            for ended in (done, spent):
                with pytest.raises(StepOutOfRange) as beyond:
                    await gym.fork(ended, 3)
                assert (beyond.value.step, beyond.value.last) == (3, 2)
            assert (await gym.status(done)).reward == 0.0


async def test_budget_cannot_be_stretched_by_forking(tmp_path: Path) -> None:
    """Regression: a fork of an episode at its last step had one step more than T_max."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            fork = await gym.fork(await played(gym, 1, 2, max_steps=2))
            last = await gym.call(fork.id, "Observe", {})
            assert (last.step, last.over) == (2, True)


@pytest.mark.parametrize("step", [-1, 3])
async def test_step_that_was_never_answered_cannot_be_gone_to(step: int, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = await played(gym, 1, 2)
            for go in (gym.fork, gym.rewind):
                with pytest.raises(StepOutOfRange) as beyond:
                    await go(id, step)
                assert (beyond.value.step, beyond.value.last) == (step, 2)
            assert gym.open_episodes == 1


# -------------------------------------------------------------------------------------------------------------- rewind
async def test_rewind_gives_back_steps_state_and_keys(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero", max_steps=3)).id
            first = await gym.call(id, "Add", {"n": 1}, key="a")
            await gym.call(id, "Add", {"n": 2}, key="b")
            back = await gym.rewind(id, 1)
            assert (back.steps, back.digest) == (1, (await gym.steps(id))[0].digest)
            assert await gym.call(id, "Add", {"n": 1}, key="a") == first
            assert (await gym.call(id, "Add", {"n": 10}, key="b")).text == "11"  # another call, since the first was never made
            assert (await gym.call(id, "Observe", {})).over


async def test_rewind_leaves_the_worker_of_the_later_state_behind(tmp_path: Path) -> None:
    """The live worker is ahead of what was committed: the next call may not run in it."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = await played(gym, 1, 2, 3)
            await gym.rewind(id, 1)
            assert await total(gym, id) == "1"
            await gym.rewind(id, 0)
            assert (await gym.call(id, "Observe", {})).text == "[0, [], {}, []]"


@pytest.mark.parametrize("how", ["Done", "Observe", "truncated"])
async def test_ended_episode_cannot_be_rewound(how: str, tmp_path: Path) -> None:
    """Its reward was given; a fork can go on instead."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = await played(gym, 1, max_steps=2)
            if how == "truncated":
                await gym.truncate(id)
            else:
                await gym.call(id, how, {"answer": 0} if how == "Done" else {})
            before = await gym.status(id)
            with pytest.raises(EpisodeFinished) as finished:
                await gym.rewind(id, 0)
            assert finished.value.episode_status == before.status
            assert await gym.status(id) == before


async def test_replay_that_comes_out_otherwise_is_a_machine_fault_and_forks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment that looks at the clock; `codegym check` would have refused it."""
    monkeypatch.setattr(episode_module, "MAX_SNAPSHOT_BYTES", 0)
    source = COUNTER_HEAD + tool_source("Look", "", "self.total = time.time_ns(); return 0")
    with anyio.fail_after(PATIENCE_S):
        async with Gym(make_catalog(tmp_path, source), pool=fast_pool()) as gym:
            id = (await gym.open("counter", "zero")).id
            for _ in range(3):
                await gym.call(id, "Look", {})
            before = await gym.status(id)
            with pytest.raises(SandboxError, match="replaying step 1 gave another state"):
                await gym.fork(id, 1)
            assert await gym.status(id) == before
            assert gym.open_episodes == 1


async def test_snapshots_of_one_episode_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episode_module, "MAX_SNAPSHOT_BYTES", 100 << 10)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "zero")).id
            for kib in range(30, 40):
                await gym.call(id, "Fill", {"kib": kib})
            assert sum(map(len, (gym._episodes[id]._snapshots or {}).values())) <= 100 << 10
            fork = await gym.fork(id, 2)
            assert fork.digest == (await gym.steps(id))[1].digest
            assert (await gym.call(fork.id, "Fill", {"kib": 32})).text == "32"


# ----------------------------------------------------------------------------------------------------- a durable store
async def test_call_cancelled_in_mid_commit_is_committed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancellation lands before the commit or after it, never inside."""
    store = SqliteStore(tmp_path / "gym.sqlite")
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=store) as gym:
            id = await played(gym, 1)
            arrived, append = asyncio.Event(), store.append

            async def announced(*args: Any) -> None:
                arrived.set()
                await append(*args)

            monkeypatch.setattr(store, "append", announced)
            call = asyncio.create_task(gym.call(id, "Add", {"n": 2}))
            await arrived.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            record = await store.load(id)
            assert record is not None and len(record.steps) == len(await gym.steps(id)) == 2
            assert await total(gym, id) == "3"


async def test_environment_that_has_changed_does_not_take_up_old_episodes(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            id = await played(gym, 1)
        changed = make_catalog(tmp_path, COUNTER + "\n# another version\n")
        async with Gym(changed, pool=fast_pool(), store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            with pytest.raises(StoreError, match="the environment 'counter' has changed since this episode was opened"):
                await gym.call(id, "Observe", {})
