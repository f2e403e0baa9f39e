"""Whole rollouts over HTTP: collect_rollout over a ClientPool, against the plain MCP SDK client making the same calls.

    python tests/bench/bench_rollouts.py [--rounds 5] [--most 512]

A scripted policy plays what the oracle played in easy tasks of bundled environments: opened, played, judged, closed, with
64 and with 512 episodes at once. The SDK's side has an episode opened and closed in the same way, by the control plane,
and makes the calls with `mcp.Client`, one for each episode, as its users do. Processor time is this process's: what a
trainer has to spend on rollouts.
"""

import asyncio
import itertools
import time

import psutil
from harness import cpu_s, run, tell
from mcp import Client

from codegym_mcp.bench import Recording, alternate, ratios, record
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.gym import Gym
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.process import served
from codegym_mcp.rollout import collect_rollout


async def measure(rounds: int, most: int) -> None:
    """Print the ratios."""
    async with Gym(Catalog.bundled()) as gym:
        recordings = await record(gym, ("easy",))
    print(f"{len(recordings)} episodes of {sum(len(r.calls) for r in recordings) / len(recordings):.0f} calls on average")
    with served() as server:
        async with ClientPool.connect([server.url], server.token) as pool:
            for at_once in (n for n in (64, 512) if n <= most):
                played = list(itertools.islice(itertools.cycle(recordings), max(at_once, 128)))
                await race(rounds, server.url, pool, played, at_once)


async def race(rounds: int, url: str, pool: ClientPool, played: list[Recording], at_once: int) -> None:
    """Both sides, in turn."""
    calls = sum(len(recording.calls) for recording in played)
    cpu: dict[str, list[float]] = {"ours": [], "sdk": []}

    async def ours(recording: Recording) -> float | None:
        return (await collect_rollout(pool, ScriptedPolicy(recording.calls), recording.task)).reward

    async def sdk(recording: Recording) -> float | None:
        episode = await pool.open(recording.task.environment, recording.task)
        async with Client(f"{url}/episodes/{episode.id}/mcp", mode="2026-07-28") as client:
            await client.list_tools()
            for tool, arguments in recording.calls:
                await client.call_tool(tool, arguments)
        return (await episode.close()).reward

    async def rate(name: str, play) -> float:
        seats = asyncio.Semaphore(at_once)

        async def one(recording: Recording) -> None:
            async with seats:
                if await play(recording) != 1.0:
                    raise RuntimeError(f"{recording.task.environment} was not solved")

        before, started = cpu_s(psutil.Process()), time.perf_counter()
        await asyncio.gather(*map(one, played))
        cpu[name].append(cpu_s(psutil.Process()) - before)
        return len(played) / (time.perf_counter() - started)

    found = await alternate(rounds, {"ours": lambda: rate("ours", ours), "sdk": lambda: rate("sdk", sdk)})
    what, best = f"{len(played)} rollouts, {calls} calls", max(found["ours"])
    tell(f"{at_once} at once, rollouts/s, ours / SDK client", ratios(found["ours"], found["sdk"]), what, ">= 3")
    tell(f"{at_once} at once, client CPU, SDK client / ours", ratios(cpu["sdk"][1:], cpu["ours"][1:]), what)
    print(f"{at_once} at once: {best:.0f} rollouts/s, {best * calls / len(played):.0f} calls/s at best")


if __name__ == "__main__":
    run(measure, rounds=5, most=512)
