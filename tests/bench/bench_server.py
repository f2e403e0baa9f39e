"""Tool calls per second through the HTTP server, isolation on, against a bare MCP SDK echo tool in the same run.

    python tests/bench/bench_server.py [--rounds 5] [--calls 3000] [--most 4096]

Three processes: `codegym serve`, the echo server, and this one, which drives both with the same lean client. Ours plays
what oracles played in the bundled environments (one task each of easy, medium and hard; some 50 calls), whole episodes:
opened, played, judged, closed, one call in flight per episode and at most 64 in all. All are played once before anything
is compared: a server remembers what environments compile to, initial states and verdicts. Ends with the price of an
episode whose worker was evicted.
"""

import json
import time
from typing import Any

import psutil
from harness import cpu_s, echo_server, quantile, run, tell

from codegym_mcp.bench import IN_FLIGHT, Recording, Traffic, alternate, ratios, record
from codegym_mcp.catalog import Catalog
from codegym_mcp.gym import Gym
from codegym_mcp.process import served
from codegym_mcp.remote import MODERN_META, PROTOCOL, HttpServer
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.sandbox.seats import PRIVATE_BYTES
from codegym_mcp.types import EpisodeStatus

REFERENCE_RATE = 26
"""Calls/s of the reference CodeGym server, measured elsewhere (its step alone: 62 ms)."""


class Ours(HttpServer):
    """Our server. Calls are not turned into observations, so that both servers cost the client the same."""

    async def call(self, id: str, tool: str, arguments: Any, key: str) -> Any:
        """Play a call; a failed one would end the measurement."""
        headers = {
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": PROTOCOL,
            "mcp-method": "tools/call",
            "mcp-name": tool,
        }
        params = {"name": tool, "arguments": arguments, "_meta": {**MODERN_META, "codegym/call": key}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        _, answer = await self._wire.request("POST", f"/episodes/{id}/mcp", headers, message, 60)
        if "result" not in answer or answer["result"].get("isError"):
            raise RuntimeError(f"{tool}: {answer}")


class Echo(Ours):
    """The echo server: the same messages, and an episode is only a word in the path."""

    async def open(self, environment: str, task: Any, options: dict[str, Any]) -> EpisodeStatus:
        """Nothing to open."""
        return EpisodeStatus.model_construct(id="e" * 48)

    async def control(self, id: str, verb: str, step: int | None = None) -> Any:
        """Nothing to control."""

    async def call(self, id: str, tool: str, arguments: Any, key: str) -> Any:
        """Echo the arguments."""
        await super().call(id, "echo", {"text": json.dumps(arguments)}, key)


async def measure(rounds: int, calls: int, most: int) -> None:
    """Print all ratios."""
    async with Gym(Catalog.bundled()) as gym:
        recordings = await record(gym)
    print(f"{len(recordings)} episodes of {sum(len(r.calls) for r in recordings) / len(recordings):.0f} calls on average")
    what = f"{calls} calls"
    async with echo_server() as (echo_url, echo_pid):
        with served() as server:
            ours, echo = Ours(server.url, server.token), Echo(echo_url, "no-token-needed")
            processes = {"ours": psutil.Process(server.pid), "echo": psutil.Process(echo_pid)}
            at_64 = Traffic(ours, recordings, 64)
            await at_64.open()
            first = await at_64.play(sum(len(recording.calls) for recording in recordings))
            for episodes in (n for n in (64, 1, 8, 512, 4096) if n <= most):
                traffic = at_64 if episodes == 64 else Traffic(ours, recordings, episodes)
                echoing = Traffic(echo, recordings, min(episodes, IN_FLIGHT))
                await echoing.open()
                if traffic is not at_64:
                    await traffic.open()
                cpu: dict[str, list[float]] = {"ours": [], "echo": []}

                async def play(who: str, traffic: Traffic, cpu: dict[str, list[float]] = cpu) -> float:
                    before = cpu_s(processes[who])
                    rate = await traffic.play(calls)
                    cpu[who].append(cpu_s(processes[who]) - before)
                    return rate

                sides = {"echo": lambda e=echoing: play("echo", e), "ours": lambda t=traffic: play("ours", t)}
                if traffic is not at_64:
                    sides["at 64"] = lambda: at_64.play(calls)
                found = await alternate(rounds, sides)
                target = ">= 0.7" if episodes == 64 else ""
                tell(f"{episodes} open, ours / echo", ratios(found["ours"], found["echo"]), what, target)
                tell(f"{episodes} open, server CPU per call, ours / echo", ratios(cpu["ours"][1:], cpu["echo"][1:]), what)
                if traffic is not at_64:
                    target = ">= 0.5" if episodes > 64 else ""
                    tell(f"{episodes} open / 64 open", ratios(found["ours"], found["at 64"]), what, target)
                    await traffic.close()
                else:
                    times = [rate / REFERENCE_RATE for rate in found["ours"]]
                    tell("64 open, times the reference server's 26/s (measured elsewhere)", times, what, ">= 50")
                    tell("64 open, tasks played for the first time / again", [first / rate for rate in found["ours"]], what)
    await evicted(rounds, calls, recordings)


async def evicted(rounds: int, calls: int, recordings: list[Recording]) -> None:
    """128 open episodes round robin, in this process: with a seat for each, and with a seat for every second one."""
    rates, latencies = {}, {}
    gyms = {seats: Gym(Catalog.bundled(), pool=Pool(memory_budget=seats * PRIVATE_BYTES)) for seats in (160, 64)}
    async with gyms[160], gyms[64]:
        play = {}
        for seats, gym in gyms.items():
            episodes = []
            for number in range(128):
                recording = recordings[number % len(recordings)]
                status = await gym.open(recording.task.environment, recording.task.id, max_steps=100_000)
                episodes.append((status.id, *recording.calls[0]))
            latencies[seats] = []

            async def round_robin(gym: Gym = gym, seats: int = seats, episodes: list[Any] = episodes) -> float:
                started = time.perf_counter()
                for number in range(calls):
                    id, tool, arguments = episodes[number % len(episodes)]
                    began = time.perf_counter()
                    await gym.call(id, tool, arguments)
                    latencies[seats].append(time.perf_counter() - began)
                return calls / (time.perf_counter() - started)

            play[seats] = round_robin
        rates = await alternate(rounds, {str(seats): side for seats, side in play.items()})
    tell("128 episodes one call after another, 64 seats / 160 seats", ratios(rates["64"], rates["160"]), f"{calls} calls")
    live, gone = quantile(latencies[160], 0.5), quantile(latencies[64], 0.9)
    print(f"a call: {1e3 * live:.3f} ms with its worker (p50); {1e3 * gone:.2f} ms after eviction (p90 with half the seats)")


if __name__ == "__main__":
    run(measure, rounds=5, calls=3000, most=4096)
