"""What one stuck tool does to everybody else, and when it ends.

    python tests/bench/bench_stuck.py [--rounds 5] [--calls 1500]

A served environment has a tool that spins for ever. 16 other episodes make a call every few milliseconds, driven from
here; their latency is taken while nothing else runs, while one tool is stuck (called again as soon as it is stopped), and
while an unrelated process spins: that one takes a core as well, so it is the baseline.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness import quantile, run, tell

from codegym_mcp.bench import alternate, ratios
from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.process import served

EPISODES = 16
PAUSE_S = 0.02
"""Mean pause of an episode between its calls: some 10 % of what the server could do."""
DEADLINE_S = 2.0
SOURCE = '''
from codegym_mcp import Environment, tool


class Spinner(Environment):
    """Count."""

    def reset(self) -> None:
        self.count = 0

    def observe(self) -> int:
        return self.count

    @tool
    def Add(self) -> int:
        """Add one.

        Returns:
            the count.

        Example:
            Add() -> 1
        """
        self.count += 1
        return self.count

    @tool
    def Spin(self) -> int:
        """Never end.

        Returns:
            nothing.

        Example:
            Spin() -> 0
        """
        while True:
            pass

    def answer(self) -> int:
        return 0

    def solve(self, call):
        call("Done", answer=0)
'''


async def measure(rounds: int, calls: int) -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "spinner"
        environment.mkdir()
        (environment / "env.py").write_text(SOURCE)
        (environment / "tasks.jsonl").write_text('{"id": "one", "config": {}}\n')
        with served(str(environment), "--tool-timeout", str(DEADLINE_S)) as server:
            async with ClientPool.connect([server.url], server.token) as pool:
                others = [await pool.open("spinner", "one", max_steps=100_000) for _ in range(EPISODES)]
                ends: list[float] = []

                async def alone() -> float:
                    return await p99(others, calls)

                async def beside_a_stuck_tool() -> float:
                    async with stuck(pool, ends):
                        return await p99(others, calls)

                async def beside_a_busy_process() -> float:
                    async with busy():
                        return await p99(others, calls)

                sides = {"alone": alone, "stuck": beside_a_stuck_tool, "busy": beside_a_busy_process}
                found = await alternate(rounds, sides)
    what = f"{calls} calls"
    tell("others' p99, ms, alone", found["alone"], what)
    tell("others' p99, a tool stuck / an unrelated process busy", ratios(found["stuck"], found["busy"]), what, "<= 1.5")
    tell("others' p99, a tool stuck / alone", ratios(found["stuck"], found["alone"]), what)
    late = [end - DEADLINE_S for end in ends]
    print(f"the stuck call ends {quantile(late, 0.5):.3f} s after its deadline (p50), at most {max(late):.3f}; target < 0.5")


async def p99(episodes: list[ClientEpisode], calls: int) -> float:
    """Milliseconds within which 99 % of the calls are answered."""
    took: list[float] = []

    async def play(episode: ClientEpisode) -> None:
        for _ in range(calls // len(episodes)):
            await asyncio.sleep(random.uniform(0, 2 * PAUSE_S))
            started = time.perf_counter()
            await episode.call("Add")
            took.append(time.perf_counter() - started)

    await asyncio.gather(*map(play, episodes))
    return 1e3 * quantile(took, 0.99)


@asynccontextmanager
async def stuck(pool: ClientPool, ends: list[float]) -> AsyncIterator[None]:
    """One episode whose tool spins for as long as this is held."""
    episode = await pool.open("spinner", "one", max_steps=100_000)
    held = True

    async def spin() -> None:
        while held:
            started = time.perf_counter()
            observation = await episode.call("Spin")
            assert observation.error == "ToolTimeout"
            ends.append(time.perf_counter() - started)

    task = asyncio.create_task(spin())
    try:
        yield
    finally:
        held = False
        await task
        await episode.close()


@asynccontextmanager
async def busy() -> AsyncIterator[None]:
    """A process that has nothing to do with the server, and spins."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass", start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    run(measure, rounds=5, calls=1500)
