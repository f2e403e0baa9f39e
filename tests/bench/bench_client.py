"""ClientPool's wire against the MCP SDK's client, on the same server.

    python tests/bench/bench_client.py [--rounds 5] [--calls 4000]

Both play `Observe` in 16 open episodes at once. Processor time of this process per call is the figure that matters: it is
what a rollout worker has to spend. (The server answers our client's calls on its fast lane, tests/bench/bench_server.py.)
"""

import asyncio
from contextlib import AsyncExitStack

import psutil
from harness import cpu_s, run, tell
from mcp import Client

from codegym_mcp.bench import alternate, ratios
from codegym_mcp.client import ClientPool
from codegym_mcp.process import served

EPISODES = 16


async def measure(rounds: int, calls: int) -> None:
    """Print the ratios."""
    with served("coin_change") as server:
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(ClientPool.connect([server.url], server.token))
            episodes = [await pool.open("coin_change", max_steps=100_000) for _ in range(EPISODES)]
            clients = []
            for episode in episodes:
                client = Client(f"{server.url}/episodes/{episode.id}/mcp", mode="2026-07-28")
                clients.append(await stack.enter_async_context(client))
            cpu: dict[str, list[float]] = {"ours": [], "sdk": []}

            async def ours() -> float:
                return await rate("ours", [lambda e=episode: e.call("Observe") for episode in episodes])

            async def sdk() -> float:
                return await rate("sdk", [lambda c=client: c.call_tool("Observe", {}) for client in clients])

            async def rate(name: str, plays: list) -> float:
                async def lane(play) -> None:
                    for _ in range(calls // EPISODES):
                        await play()

                loop, process = asyncio.get_running_loop(), psutil.Process()
                before, started = cpu_s(process), loop.time()
                await asyncio.gather(*map(lane, plays))
                cpu[name].append(cpu_s(process) - before)
                return calls / (loop.time() - started)

            found = await alternate(rounds, {"ours": ours, "sdk": sdk})
    what = f"{calls} calls"
    tell("calls/s, ours / SDK client", ratios(found["ours"], found["sdk"]), what)
    tell("client CPU per call, SDK client / ours", ratios(cpu["sdk"][1:], cpu["ours"][1:]), what)


if __name__ == "__main__":
    run(measure, rounds=5, calls=4000)
