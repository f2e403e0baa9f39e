"""10,000 episodes opened, played, finished and closed over HTTP: does the server keep anything?

    python tests/bench/bench_soak.py [--episodes 10000] [--calls 4]

Prints memory, processes and descriptors of the server, the second half of the run against the first.
"""

import asyncio
import itertools
import statistics
from collections.abc import Sequence

import psutil
from harness import run

from codegym_mcp.bench import Recording, record
from codegym_mcp.catalog import Catalog
from codegym_mcp.gym import Gym
from codegym_mcp.process import Served, served
from codegym_mcp.remote import HttpServer

LANES = 32
LOOKS = 40
WARM_UP = 4
"""Looks at the server before the first half begins: caches fill in that time."""


async def measure(episodes: int, calls: int) -> None:
    """Print the halves and the slopes."""
    async with Gym(Catalog.bundled()) as gym:
        recordings = await record(gym, ("easy", "medium"))
    with served() as server:
        seen = []
        source = itertools.cycle(recordings)
        for _ in range(LOOKS + WARM_UP):
            await batch(server, [next(source) for _ in range(episodes // LOOKS)], calls)
            seen.append(look(server.pid))
    for name, values in zip(("memory, MiB", "processes", "descriptors"), zip(*seen[WARM_UP:], strict=True), strict=True):
        half = len(values) // 2
        first, second = statistics.mean(values[:half]), statistics.mean(values[half:])
        print(f"{name}: {first:.1f} in the first half, {second:.1f} in the second, ratio {second / first:.3f}; ", end="")
        print(f"{slope(values) * 1000 / (episodes // LOOKS):+.3f} per 1000 episodes")
    print(f"({len(values) * (episodes // LOOKS)} episodes of {calls} calls and Done, {LANES} at once)")


async def batch(server: Served, recordings: Sequence[Recording], calls: int) -> None:
    """Play them, a few calls and the answer each."""
    http, waiting = HttpServer(server.url, server.token), iter(recordings)

    async def lane() -> None:
        for recording in waiting:
            episode = await http.open(recording.task.environment, recording.task.id, {})
            for number, (tool, arguments) in enumerate((*recording.calls[:calls], recording.calls[-1])):
                await http.call(episode.id, tool, arguments, str(number))
            assert (await http.control(episode.id, "status")).reward == 1.0
            await http.control(episode.id, "close")

    await asyncio.gather(*(lane() for _ in range(LANES)))
    http.close()


def look(pid: int) -> tuple[float, int, int]:
    """Resident MiB and descriptors of the server; its processes, zygotes and workers."""
    process = psutil.Process(pid)
    return process.memory_info().rss / 2**20, len(process.children(recursive=True)), process.num_fds()


def slope(values: Sequence[float]) -> float:
    """Least squares, per look."""
    return statistics.linear_regression(range(len(values)), values).slope


if __name__ == "__main__":
    run(measure, episodes=10_000, calls=4)
