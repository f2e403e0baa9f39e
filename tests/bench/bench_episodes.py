"""Fork, rewind, open; what an idle episode holds; what the durable store costs.

    python tests/bench/bench_episodes.py [--rounds 5] [--calls 1000] [--episodes 10000]

Times are p50 of a round; the baseline is a plain tool call of the same run, in this process, workers confined.
"""

import asyncio
import gc
import itertools
import tempfile
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from harness import milliseconds, quantile, run, tell

from codegym_mcp.bench import Recording, Traffic, alternate, ratios, record
from codegym_mcp.catalog import Catalog
from codegym_mcp.gym import Gym
from codegym_mcp.remote import LocalServer
from codegym_mcp.store import SqliteStore

STEPS = 40
"""Calls played before an episode is forked, rewound or loaded; the published environments' oracles make 45."""
IN_FLIGHT = 64


async def measure(rounds: int, calls: int, episodes: int) -> None:
    """Print all figures."""
    await memory(episodes)  # first, while nothing was freed that it could take
    async with Gym(Catalog.bundled()) as gym:
        recordings = [recording for recording in await record(gym, ("hard",)) if len(recording.calls) > STEPS + 2]
        await branching(gym, recordings, rounds, calls)
    await stores(recordings, rounds, calls)
    await restart(recordings, calls)


async def played(gym: Gym, recording: Recording) -> str:
    """An episode in which STEPS calls were played."""
    id = (await gym.open(recording.task.environment, recording.task.id)).id
    for tool, arguments in recording.calls[:STEPS]:
        await gym.call(id, tool, arguments)
    return id


async def branching(gym: Gym, recordings: list[Recording], rounds: int, calls: int) -> None:
    """Fork and rewind against a call; one at a time."""
    source = itertools.cycle([(await played(gym, recording), recording) for recording in recordings])

    def p50(work: Callable[[str, Recording], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
        async def side() -> float:
            return quantile([await work(*next(source)) for _ in range(calls // 4)], 0.5)

        return side

    async def call(id: str, recording: Recording) -> float:
        copy = (await gym.fork(id)).id
        tool, arguments = recording.calls[STEPS]
        await gym.call(copy, tool, arguments)  # its worker starts
        took = await milliseconds(gym.call(copy, *recording.calls[STEPS + 1]))
        await gym.close(copy)
        return took

    async def fork(id: str, recording: Recording) -> float:
        return await milliseconds(gym.fork(id, STEPS // 2))

    async def answer(id: str, recording: Recording) -> float:
        async def fork_and_call() -> None:
            copy = (await gym.fork(id, STEPS)).id
            await gym.call(copy, *recording.calls[STEPS])
            copies.append(copy)

        copies: list[str] = []
        took = await milliseconds(fork_and_call())
        await gym.close(copies[0])
        return took

    async def rewind(id: str, recording: Recording) -> float:
        copy = (await gym.fork(id)).id
        took = await milliseconds(gym.rewind(copy, STEPS // 2))
        await gym.close(copy)
        return took

    async def open_one(id: str, recording: Recording) -> float:
        return await milliseconds(gym.open(recording.task.environment, recording.task.id))

    works = {"call": call, "fork": fork, "fork to its first answer": answer, "rewind": rewind, "open": open_one}
    found = await alternate(rounds, {name: p50(work) for name, work in works.items()})
    what, targets = f"{calls // 4}", {"fork": "< 2", "fork to its first answer": "< 10", "rewind": "< 2"}
    for name, values in found.items():
        tell(f"{name}, ms (p50)", values, what, targets.get(name, ""))
        if name != "call":
            tell(f"  {name} / call", ratios(values, found["call"]), what)


async def stores(recordings: list[Recording], rounds: int, calls: int) -> None:
    """Calls per second of 64 episodes at once, SQLite (every call on the disk before it is answered) against memory."""
    with tempfile.TemporaryDirectory() as folder:
        durable = Gym(Catalog.bundled(), store=SqliteStore(Path(folder) / "gym.sqlite"))
        async with durable, Gym(Catalog.bundled()) as fleeting:
            traffics = {"sqlite": Traffic(LocalServer(durable), recordings, IN_FLIGHT)}
            traffics["memory"] = Traffic(LocalServer(fleeting), recordings, IN_FLIGHT)
            for traffic in traffics.values():
                await traffic.open()
            found = await alternate(rounds, {name: lambda t=t: t.play(2 * calls) for name, t in traffics.items()})
    tell("calls/s, sqlite store / memory store", ratios(found["sqlite"], found["memory"]), f"{2 * calls} calls")


async def restart(recordings: list[Recording], calls: int) -> None:
    """Episodes of a durable store after their server is gone: to know one again, and to its first answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gym.sqlite"
        async with Gym(Catalog.bundled(), store=SqliteStore(path)) as gym:
            at_once = asyncio.Semaphore(IN_FLIGHT)

            async def bounded(recording: Recording) -> tuple[str, Recording]:
                async with at_once:
                    return await played(gym, recording), recording

            kept = await asyncio.gather(*map(bounded, itertools.islice(itertools.cycle(recordings), calls // 4)))
        async with Gym(Catalog.bundled(), store=SqliteStore(path)) as gym:
            loads = [await milliseconds(gym.status(id)) for id, _ in kept]
            answers = [await milliseconds(gym.call(id, *recording.calls[STEPS])) for id, recording in kept]
            again = [await milliseconds(gym.call(id, *recording.calls[STEPS + 1])) for id, recording in kept]
    call = quantile(again, 0.5)
    for name, took in {"loaded": loads, "loaded, its first call (worker start included)": answers}.items():
        print(
            f"an episode of {STEPS} steps {name}: {quantile(took, 0.5):.2f} ms (p50), {quantile(took, 0.5) / call:.1f} x a call"
        )


async def memory(episodes: int) -> None:
    """What a freshly opened, idle episode holds in the server."""
    async with Gym(Catalog.bundled()) as gym:
        tasks = [task for name in gym.catalog.names() for task in gym.catalog.tasks(name)]
        for task in tasks:
            await gym.close((await gym.open(task.environment, task)).id)

        async def open_all() -> list[str]:
            return [(await gym.open(tasks[n % len(tasks)].environment, tasks[n % len(tasks)])).id for n in range(episodes)]

        gc.collect()
        before = psutil.Process().memory_info().rss
        ids = await open_all()
        gc.collect()
        resident = (psutil.Process().memory_info().rss - before) / episodes / 1024
        for id in ids:
            await gym.close(id)
        gc.collect()
        tracemalloc.start()
        await open_all()
        gc.collect()
        traced = tracemalloc.get_traced_memory()[0] / episodes / 1024
        tracemalloc.stop()
    print(f"an idle episode: {traced:.2f} KiB traced, {resident:.2f} KiB resident (over {episodes}); target < 8")


if __name__ == "__main__":
    run(measure, rounds=5, calls=1000, episodes=10_000)
