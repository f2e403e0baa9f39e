"""What environments cost in a training step: the same rollouts without a model, against the whole step.

    python tests/bench/bench_step.py [--folder runs/cpu-tiny-0] [--rounds 5]

A scripted policy makes the calls that a run's rollouts made (its trajectories.jsonl), as many at once as a step plays,
over HTTP, opening, judging and closing included: that is the time a step would take if generation and learning took none.
"""

import asyncio
import itertools
import json
import statistics
import time
from pathlib import Path

from harness import run, tell

from codegym_mcp.client import ClientPool
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.process import served
from codegym_mcp.rollout import collect_rollout, read_trajectories
from codegym_mcp.types import Trajectory


async def measure(folder: str, rounds: int) -> None:
    """Print the share."""
    home = Path(folder)
    config = json.loads((home / "config.json").read_text())
    rows = [json.loads(line) for line in (home / "run.jsonl").read_text().splitlines()]
    steps = [row["speed/step_s"] for row in rows if row["kind"] == "train" and "speed/step_s" in row]
    size = config["optimiser"]["tasks_per_step"] * config["rollouts"]["group_size"]
    played = list(itertools.islice(itertools.cycle(read_trajectories(home / "trajectories.jsonl")), size))
    found = []
    with served() as server:
        async with ClientPool.connect([server.url], server.token) as pool:
            await play(pool, played)  # the first one starts what the others find warm
            for _ in range(rounds):
                started = time.perf_counter()
                await play(pool, played)
                found.append((time.perf_counter() - started) / statistics.median(steps))
    calls = sum(len(one.steps) for one in played)
    tell(
        "environments alone / a whole step",
        found,
        f"{size} rollouts, {calls} calls; a step: {statistics.median(steps):.1f} s",
        "< 0.1",
    )


async def play(pool: ClientPool, played: list[Trajectory]) -> None:
    """All of them at once."""
    scripts = ([(step.tool, step.arguments) for step in one.steps] for one in played)
    rollouts = (
        collect_rollout(pool, ScriptedPolicy(script), one.task, seed=one.seed)
        for one, script in zip(played, scripts, strict=True)
    )
    await asyncio.gather(*rollouts)


if __name__ == "__main__":
    run(measure, folder="runs/cpu-tiny-0", rounds=5)
