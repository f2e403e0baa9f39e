"""The pool: what a failing tool is blamed for, who is evicted, how many run at once, and how it heals."""

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from codegym_mcp.definition import Definition
from codegym_mcp.errors import (
    AtCapacity,
    CodegymError,
    InvalidEnvironment,
    SandboxError,
    SandboxUnavailable,
    ToolCallError,
    ToolCrashed,
    ToolOverLimit,
    ToolRaised,
    ToolTimeout,
)
from codegym_mcp.gym import Gym
from codegym_mcp.sandbox import LAYERS, frames, lease, nursery, pool
from codegym_mcp.sandbox.lease import Lease
from codegym_mcp.sandbox.pool import Limits, Outcome, Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.store import SqliteStore, Store
from tests.conftest import (
    COUNTER,
    COUNTER_HEAD,
    LIMITS,
    PATIENCE_S,
    children,
    fast_pool,
    make_catalog,
    make_gym,
    open_descriptors,
    tool_source,
)


def read(folder: Path, source: str = COUNTER) -> Definition:
    """The definition of an environment."""
    return make_catalog(folder, source).definition("counter")


def counter_with(**tools: tuple[str, str]) -> str:
    """Source of the counter with other tools."""
    return COUNTER_HEAD + "".join(tool_source(name, *tool) for name, tool in tools.items())


async def start(sandbox: Pool, definition: Definition, start: int = 0) -> Outcome:
    """The initial state of a task."""
    return await sandbox.fresh(definition, str(start), {"start": start}, 0)


def pid(seat: Seat) -> int:
    """The process behind a seat."""
    assert seat.lease is not None
    return seat.lease.pid


async def until(happened: Callable[[], object]) -> None:
    """Wait for something that the pool does by itself."""
    with anyio.fail_after(PATIENCE_S):
        while not happened():
            await asyncio.sleep(0.005)


async def persist(sandbox: Pool, seat: Seat, state: bytes, tool: str, arguments: dict[str, Any]) -> Outcome:
    """Repeat a call after machine faults, as a client does."""
    while True:
        with contextlib.suppress(SandboxError):
            return await sandbox.call(seat, state, tool, arguments)


# ------------------------------------------------------------------------------------------------- whose fault it was
FAULTS: list[tuple[str, dict[str, Any], ToolCallError]] = [
    ("Boom", {"n": 1}, ToolRaised("Boom", "IndexError: list index out of range")),
    ("Hang", {}, ToolTimeout("Hang", LIMITS.tool_s)),
    ("Wait", {}, ToolTimeout("Wait", LIMITS.tool_s)),  # sleeping is not waiting for a core
    ("Crash", {}, ToolCrashed("Crash")),
    ("Hog", {}, ToolOverLimit("Hog", "memory", LIMITS.memory_mib << 20)),
    ("Flood", {}, ToolOverLimit("Flood", "observation", frames.MAX_OBSERVATION_BYTES)),
    ("Grow", {}, ToolOverLimit("Grow", "state", frames.MAX_STATE_BYTES)),
    ("Mark", {"word": "x" * frames.MAX_REQUEST_BYTES}, ToolOverLimit("Mark", "arguments", frames.MAX_REQUEST_BYTES)),
]


async def test_each_fault_of_a_tool_has_its_class_and_costs_it_its_worker(tmp_path: Path) -> None:
    """Strict rollback: whatever a failed call has left behind in its process dies with it."""
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state, seat = (await start(sandbox, definition)).state, Seat(definition)
            for tool, arguments, expected in FAULTS:
                before = await sandbox.call(seat, state, "Observe", {})
                worker = pid(seat)
                with pytest.raises(type(expected)) as failed:
                    await sandbox.call(seat, state, tool, arguments)
                assert failed.value.to_json() == expected.to_json()
                assert seat.lease is None
                assert await sandbox.call(seat, state, "Observe", {}) == before
                assert pid(seat) != worker


async def test_calls_that_succeed_stay_in_one_worker(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state, seat = (await start(sandbox, definition)).state, Seat(definition)
            workers = set()
            for _ in range(3):
                state = (await sandbox.call(seat, state, "Add", {"n": 2})).state
                workers.add(pid(seat))
            assert len(workers) == 1
            assert (await sandbox.call(seat, state, "Add", {"n": 0})).text == "6"


async def test_processor_time_of_a_worker_is_limited_over_all_its_calls(tmp_path: Path) -> None:
    """RLIMIT_CPU, beside the deadline of each call."""
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(limits=Limits(tool_s=PATIENCE_S, memory_mib=64, cpu_s=1)) as sandbox:
            state = (await start(sandbox, definition)).state
            with pytest.raises(ToolCrashed):
                await sandbox.call(Seat(definition), state, "Hang", {})


async def test_memory_taken_bit_by_bit_ends_at_the_same_limit(tmp_path: Path) -> None:
    definition = read(tmp_path, counter_with(Nibble=("", "while True: self.recent = [self.recent] + [0] * 100_000")))
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(limits=Limits(tool_s=PATIENCE_S, memory_mib=64)) as sandbox:
            with pytest.raises(ToolOverLimit) as failed:
                await sandbox.call(Seat(definition), (await start(sandbox, definition)).state, "Nibble", {})
            assert failed.value.what == "memory"


async def test_machine_too_busy_to_run_a_tool_is_a_machine_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the kernel's figure is made up: a worker that has waited for a core ever since it was asked."""
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(limits=Limits(tool_s=0.25, memory_mib=64)) as sandbox:
            state, seat = (await start(sandbox, definition)).state, Seat(definition)
            await sandbox.call(seat, state, "Observe", {})
            monkeypatch.setattr(lease, "run_queue_wait", lambda pid: asyncio.get_running_loop().time())
            with pytest.raises(SandboxError, match="the machine is too busy"):
                await sandbox.call(seat, state, "Hang", {})


async def test_worker_serves_one_episode_only(tmp_path: Path) -> None:
    """Module globals and class attributes of one episode are nowhere to be found in another."""
    body = "Counter.played = getattr(Counter, 'played', 0) + 1; return Counter.played"
    definition = read(tmp_path, counter_with(Play=("", body)))
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state = (await start(sandbox, definition)).state
            one, other = Seat(definition), Seat(definition)
            assert (await sandbox.call(one, state, "Play", {})).text == "1"
            sandbox.drop(one)
            assert (await sandbox.call(other, state, "Play", {})).text == "1"


async def test_bytes_a_tool_writes_on_its_own_are_a_crash(tmp_path: Path) -> None:
    definition = read(tmp_path, counter_with(Forge=("", "os.write(3, b'x' * 100); return 0")))
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            with pytest.raises(ToolCrashed):
                await sandbox.call(Seat(definition), (await start(sandbox, definition)).state, "Forge", {})


async def test_digest_is_the_same_under_another_hash_seed(tmp_path: Path) -> None:
    """The order of a set differs between the two, its digest may not."""
    definition = read(tmp_path, counter_with(Mark=("words: list[str]", "self.marks.update(words); return list(self.marks)")))
    words = {"words": [f"word {i}" for i in range(50)]}
    outcomes = []
    with anyio.fail_after(PATIENCE_S):
        for seed in (0, 4711):
            async with fast_pool(hash_seed=seed) as sandbox:
                state = (await start(sandbox, definition)).state
                outcomes.append(await sandbox.call(Seat(definition), state, "Mark", words))
    assert outcomes[0].text != outcomes[1].text
    assert outcomes[0].digest == outcomes[1].digest


# ------------------------------------------------------------------------------------------------ wrong environments
RESET = "        self.total, self.seen"
BROKEN: dict[str, tuple[str, str]] = {
    "import fails": ("import socket\n" + COUNTER, "reset failed: reset raised ModuleNotFoundError"),
    "import raises": (COUNTER + "\n1 / 0\n", "reset failed: reset raised ZeroDivisionError: division by zero"),
    "does not compile": (COUNTER + "\nreturn 1\n", "does not compile: SyntaxError"),
    "reset raises": (COUNTER.replace(RESET, f"        {{}}['x']\n{RESET}"), "reset failed: reset raised KeyError: 'x'"),
    "reset hangs": (COUNTER.replace(RESET, f"        while True: pass\n{RESET}"), "ran past 0.5 s"),
    "reset crashes": (COUNTER.replace(RESET, f"        os._exit(1)\n{RESET}"), "reset crashed"),
    "state cannot be kept": (COUNTER.replace("start, {}, set()", "start, {}, lambda: 0"), "reset failed: reset raised"),
    "state is too large": (COUNTER.replace("start, {}, set()", "b'x' * (2 << 20), {}, set()"), "ran past 1 MiB of state"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_environment_that_does_not_start_is_refused_with_its_file(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, problem = BROKEN[what]
    monkeypatch.setattr(pool, "OPEN_LIMIT_S", 0.5)
    definition = read(tmp_path, source)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            with pytest.raises(InvalidEnvironment) as wrong:
                await start(sandbox, definition)
    assert wrong.value.where == str(tmp_path / "counter" / "env.py")
    assert problem in wrong.value.problem


async def test_configuration_that_reset_does_not_know_is_refused(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            with pytest.raises(InvalidEnvironment, match="unexpected keyword argument 'finish'"):
                await sandbox.fresh(definition, "key", {"finish": 1}, 0)


# ------------------------------------------------------------------------------------------------------------ caches
async def test_code_is_compiled_once_however_many_ask_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[bool] = []
    compile_ = Pool._compile

    async def counting(self: Pool, definition: Definition, private: bool) -> bytes:
        compiled.append(private)
        return await compile_(self, definition, private)

    monkeypatch.setattr(Pool, "_compile", counting)
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            outcomes = await asyncio.gather(*(start(sandbox, definition, n) for n in range(4)))
            seats = [Seat(definition) for _ in outcomes]
            await asyncio.gather(
                *(sandbox.call(seat, outcome.state, "Observe", {}) for seat, outcome in zip(seats, outcomes, strict=True))
            )
            await sandbox.consult(definition, frames.JUDGE, {"config": {"start": 0}, "seed": 0, "answers": [0]})
    assert compiled == [False, True]  # once without the answer, for the tools; once with it, for the judge


async def test_initial_state_is_made_once_per_task_and_seed(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            assert await start(sandbox, definition) is await start(sandbox, definition)
            other = await sandbox.fresh(definition, "0", {"start": 0}, 1)
            assert other.digest != (await start(sandbox, definition)).digest


# --------------------------------------------------------------------------------------------------------- evictions
async def test_round_robin_over_more_episodes_than_seats_keeps_most_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Least recently used would evict at every call; the prototype fell from 10,000 to 240 calls/s that way."""
    definition = read(tmp_path)
    entered: list[Seat] = []
    enter = Pool._enter

    async def counting(self: Pool, seat: Seat, state: bytes) -> Lease:
        entered.append(seat)
        return await enter(self, seat, state)

    monkeypatch.setattr(Pool, "_enter", counting)
    n_seats, rounds = 8, 15
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            sandbox.seats.most = n_seats
            state = (await start(sandbox, definition)).state
            seats = [Seat(definition) for _ in range(n_seats * 3 // 2)]
            for _ in range(rounds):
                for seat in seats:
                    await sandbox.call(seat, state, "Observe", {})
                    assert sum(seat.lease is not None for seat in seats) <= n_seats
    played = rounds * len(seats)
    assert len(entered) < 0.6 * played  # at best a third of the calls finds no worker, and LRU would find none at all


async def test_seat_in_the_middle_of_a_call_is_never_evicted(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            sandbox.seats.most = 1
            state, busy, other = (await start(sandbox, definition)).state, Seat(definition), Seat(definition)
            await sandbox.call(busy, state, "Observe", {})
            waiting = asyncio.create_task(sandbox.call(busy, state, "Wait", {}))
            await until(lambda: busy.busy)
            assert (await sandbox.call(other, state, "Add", {"n": 1})).text == "1"
            assert other.lease is None  # it was over the number, and went as soon as its call was answered
            with pytest.raises(ToolTimeout):  # and not SandboxError
                await waiting


async def test_over_its_memory_budget_the_pool_lets_the_largest_worker_go(tmp_path: Path) -> None:
    """Admission is by measured memory; whoever is evicted goes on from its committed bytes."""
    body = "globals()['hoard'] = b'x' * (mib << 20); self.total = mib; return mib"
    definition = read(tmp_path, counter_with(Hoard=("mib: int", body)))
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state, small, large = (await start(sandbox, definition)).state, Seat(definition), Seat(definition)
            await sandbox.call(small, state, "Hoard", {"mib": 0})
            grown = await sandbox.call(large, state, "Hoard", {"mib": 40})
            sandbox.seats.budget = 24 << 20  # not before: a worker that grows past it in mid-call is a machine fault
            await until(lambda: large.lease is None)
            assert small.lease is not None
            assert (await sandbox.call(large, grown.state, "Observe", {})).text.startswith("[40,")


# ---------------------------------------------------------------------------------------------------------- capacity
async def test_no_more_calls_run_or_wait_than_are_allowed(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(max_busy=2, max_waiting=1) as sandbox:
            state = (await start(sandbox, definition)).state
            calls = [asyncio.create_task(sandbox.call(Seat(definition), state, "Wait", {})) for _ in range(2)]
            await until(lambda: len(sandbox._nursery.busy) == 2)
            calls.append(asyncio.create_task(sandbox.call(Seat(definition), state, "Observe", {})))
            await until(lambda: sandbox._waiting == 1)
            with pytest.raises(AtCapacity) as refused:
                await sandbox.call(Seat(definition), state, "Observe", {})
            assert len(sandbox._nursery.busy) == 2  # the third one waits for its turn
            answers = await asyncio.gather(*calls, return_exceptions=True)
    assert (refused.value.what, refused.value.limit, refused.value.retryable) == ("waiting tool calls", 1, True)
    assert [type(answer) for answer in answers] == [ToolTimeout, ToolTimeout, Outcome]


async def test_cancelled_call_gives_its_place_back(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(max_busy=1) as sandbox:
            state, seat = (await start(sandbox, definition)).state, Seat(definition)
            running = asyncio.create_task(sandbox.call(seat, state, "Wait", {}))
            await until(lambda: sandbox._nursery.busy)
            queued = asyncio.create_task(sandbox.call(Seat(definition), state, "Observe", {}))
            await until(lambda: sandbox._waiting == 1)
            queued.cancel()
            running.cancel()
            await asyncio.gather(running, queued, return_exceptions=True)
            assert seat.lease is None  # what it has left in its process is not known
            assert (await sandbox.call(seat, state, "Add", {"n": 1})).text == "1"


# ----------------------------------------------------------------------------------------------------------- healing
def zygotes() -> list[psutil.Process]:
    """The processes that this one has started: it forks no worker itself."""
    return psutil.Process().children()


async def test_death_of_the_zygote_is_the_machines_fault_and_heals(tmp_path: Path) -> None:
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool(limits=Limits(tool_s=PATIENCE_S, memory_mib=64)) as sandbox:
            state, busy, idle = (await start(sandbox, definition)).state, Seat(definition), Seat(definition)
            idle_state = (await sandbox.call(idle, state, "Add", {"n": 1})).state
            running = asyncio.create_task(sandbox.call(busy, state, "Wait", {}))
            await until(lambda: sandbox._nursery.busy)
            for zygote in zygotes():
                zygote.kill()
            with pytest.raises(SandboxError, match="the worker was taken away") as fault:
                await running
            assert fault.value.retryable
            await until(lambda: idle.lease is None or idle.lease.lost)
            assert (await persist(sandbox, idle, idle_state, "Add", {"n": 1})).text == "2"
            assert (await persist(sandbox, busy, state, "Add", {"n": 5})).text == "5"


async def test_stuck_zygote_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "FORK_TIMEOUT_S", 0.1)
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state = (await start(sandbox, definition)).state
            stuck = zygotes()
            for zygote in stuck:
                zygote.send_signal(signal.SIGSTOP)
            for _ in range(4):  # more than there are spares
                assert (await persist(sandbox, Seat(definition), state, "Add", {"n": 1})).text == "1"
            await until(lambda: not {zygote.pid for zygote in zygotes()} & {zygote.pid for zygote in stuck})


class Barren:
    """A place workers come from, as a zygote is, where the machine refuses the first forks."""

    def __init__(self, refusals: float) -> None:
        self.asked, self.refusals = 0, refusals
        self.zygote = nursery.Zygote({"memory": 64 << 20, "cpu_seconds": 60, "required": [], "hash_seed": 0})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.zygote, name)

    async def fork(self, busy: set[Lease], on_death: Callable[[Lease], None]) -> Lease:
        self.asked += 1
        if self.asked <= self.refusals:
            raise SandboxError(f"no worker could be forked: EAGAIN, attempt {self.asked}")
        return await self.zygote.fork(busy, on_death)


@contextlib.asynccontextmanager
async def started(barren: Barren) -> Any:
    """A nursery over one such place."""
    garden = nursery.Nursery([barren], spares=1)  # type: ignore[list-item]
    await garden.start()
    try:
        yield garden
    finally:
        await garden.stop()


async def test_refused_forks_are_tried_again_at_growing_intervals() -> None:
    with anyio.fail_after(PATIENCE_S):
        async with started(Barren(refusals=3)) as garden:
            worker = await garden.take(PATIENCE_S)
            assert not worker.lost


async def test_machine_that_refuses_every_fork_is_not_asked_in_a_busy_loop() -> None:
    """The pause doubles from 50 ms on, so that half a second has no room for more than four attempts."""
    barren = Barren(refusals=float("inf"))
    with anyio.fail_after(PATIENCE_S):
        async with started(barren) as garden:
            with pytest.raises(SandboxError, match="EAGAIN, attempt"):
                await garden.take(0.5)
    assert 1 <= barren.asked <= 5


@contextlib.contextmanager
def no_descriptors_left() -> Iterator[None]:
    """This process has as many descriptors open as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    held = []
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in held:
            os.close(fd)


async def test_pool_recovers_from_a_moment_without_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: one EMFILE ended the task that keeps the spares, and with it every later call."""
    definition = read(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as sandbox:
            state = (await start(sandbox, definition)).state
            await until(lambda: sandbox._nursery._spares.full())
            monkeypatch.setattr(pool, "TAKE_TIMEOUT_S", 0.2)
            with no_descriptors_left():
                with pytest.raises(SandboxError, match=r"Too many open files|EMFILE"):
                    for _ in range(5):  # two spares, and one that was forked before
                        await sandbox.call(Seat(definition), state, "Observe", {})
            monkeypatch.undo()
            assert (await sandbox.call(Seat(definition), state, "Add", {"n": 1})).text == "1"


async def test_pool_that_cannot_confine_a_worker_does_not_start() -> None:
    """It fails closed: here since a protection is asked for that no machine has."""
    before = open_descriptors()
    with anyio.fail_after(PATIENCE_S):
        with pytest.raises(SandboxUnavailable, match="codegym doctor"):
            async with fast_pool(required=LAYERS | {"moat"}):
                raise NotImplementedError
    assert children() == []
    await until(lambda: open_descriptors() == before)


# ------------------------------------------------------------------------------------------------------------- leaks
async def in_the_middle_of_a_call(gym: Gym) -> None:
    episode = await gym.open("counter", "zero")
    call = asyncio.create_task(gym.call(episode.id, "Wait", {}))
    await until(lambda: gym.pool._nursery.busy)
    call.cancel()


async def right_after_the_start(gym: Gym) -> None:
    """Spares are being forked."""


async def after_the_death_of_a_zygote(gym: Gym) -> None:
    for zygote in zygotes():
        zygote.kill()
    opening = asyncio.create_task(gym.open("counter", "zero"))
    await until(lambda: gym.pool._nursery.last_error)
    opening.cancel()


@pytest.mark.parametrize("when", [in_the_middle_of_a_call, right_after_the_start, after_the_death_of_a_zygote])
@pytest.mark.parametrize("times", [5])
async def test_nothing_is_left_of_a_gym(when: Callable[[Gym], Coroutine[Any, Any, None]], times: int, tmp_path: Path) -> None:
    """No process and no descriptor, at whatever moment it is left."""
    before = open_descriptors()
    for _ in range(times):
        async with make_gym(tmp_path) as gym:
            await when(gym)
        assert children() == []
    await until(lambda: open_descriptors() == before)


@pytest.mark.parametrize("failing", ["closed store"])
async def test_nothing_is_left_of_a_gym_that_does_not_start(failing: str, tmp_path: Path) -> None:
    """Regression: a store that refused left the sandbox running, since nobody had entered the gym."""
    store: Store = SqliteStore(tmp_path / "gym.sqlite")
    await store.close()
    with pytest.raises(CodegymError, match="closed"):
        async with make_gym(tmp_path, store=store):
            raise NotImplementedError
    assert children() == []
