"""The sandbox alone against calling the same methods in this process.

    python tests/bench/bench_executor.py [--rounds 5] [--calls 4000]

Every episode runs in a fresh confined process, 16 episodes at once, process starts and ends included. Baselines: the bare
method call, without isolation or transaction, and the same with a deep copy of the environment before every call, which
is what rollback costs without isolation.

A confined call costs what it costs, whatever the tool does; so the ratio depends on how heavy tools are. The target was
set on published environments, 16 us a bare call and 45 calls an episode; bundled ones are lighter. A synthetic environment
of the published weight stands in for the former, which are not part of this project.
"""

import copy
import itertools
import tempfile
import time
from pathlib import Path

from harness import quantile, run, tell

from codegym_mcp.bench import Direct, Recording, Sandboxed, alternate, ratios, record
from codegym_mcp.catalog import Catalog
from codegym_mcp.gym import Gym
from codegym_mcp.types import Task

PUBLISHED_US, PUBLISHED_CALLS = 16.0, 45
"""Weight of the published environments: microseconds of a bare call, calls of an oracle."""
SOURCE = '''
from codegym_mcp import Environment, tool


class Weight(Environment):
    """Work."""

    def reset(self, *, loops: int) -> None:
        self.loops, self.done, self.values = loops, 0, list(range(40))

    def observe(self) -> int:
        return self.done

    @tool
    def Work(self, part: int) -> int:
        """Work a little.

        Args:
            part: which part.

        Returns:
            a number.

        Example:
            Work(part=1) -> 3
        """
        total = 0
        for number in range(self.loops):
            total += number ^ part
        self.values[part % 40] = total
        self.done += 1
        return total

    def answer(self) -> int:
        return 0

    def solve(self, call):
        call("Done", answer=0)
'''


class Copying(Direct):
    """In process with rollback: every call on a deep copy, which then is the state."""

    async def play(self, calls: int) -> float:
        """Calls per second over this many calls."""
        played, started = 0, time.perf_counter()
        for player, recording in itertools.cycle(self._episodes):
            env = player.new(recording.task.config, 0)
            for tool, arguments in recording.calls[:-1]:
                trial = copy.deepcopy(env)
                player.call(trial, tool, arguments)
                env = trial
            played += len(recording.calls) - 1
            if played >= calls:
                break
        return played / (time.perf_counter() - started)


async def measure(rounds: int, calls: int) -> None:
    """Print all ratios."""
    with tempfile.TemporaryDirectory() as folder:
        async with Gym(Catalog.bundled()) as gym:
            recordings = await record(gym, ("medium", "hard"))
            await compare("bundled environments", gym, recordings, rounds, calls)
            await compare(
                "a synthetic one of the published weight", gym, [await weight(Path(folder))], rounds, calls, ">= 0.12"
            )
            await overhead(gym, recordings, rounds)


async def compare(kind: str, gym: Gym, recordings: list[Recording], rounds: int, calls: int, target: str = "") -> None:
    """The sandbox against both baselines."""
    direct, copying, sandboxed = Direct(recordings), Copying(recordings), Sandboxed(gym.pool, recordings)
    sides = {
        "direct": lambda: direct.play(25 * calls),
        "copying": lambda: copying.play(5 * calls),
        "sandboxed": lambda: sandboxed.play(calls),
    }
    found = await alternate(rounds, sides)
    average = sum(len(recording.calls) - 1 for recording in recordings) / len(recordings)
    print(f"{kind}: {average:.0f} calls an episode, {1e6 / quantile(found['direct'], 0.5):.1f} us a bare call")
    tell("  sandbox / bare calls", ratios(found["sandboxed"], found["direct"]), f"{calls} calls", target)
    tell("  sandbox / calls on a deep copy", ratios(found["sandboxed"], found["copying"]), f"{calls} calls")


async def weight(folder: Path) -> Recording:
    """The synthetic environment, its tool made to take PUBLISHED_US."""
    home = folder / "weight"
    home.mkdir()
    (home / "env.py").write_text(SOURCE)
    definition = Catalog.of(home).definition("weight")
    played = tuple(("Work", {"part": part}) for part in range(PUBLISHED_CALLS))

    async def with_loops(loops: int) -> tuple[Recording, float]:
        task = Task(environment="weight", id=str(loops), config={"loops": loops})
        recording = Recording(definition, task, (*played, ("Done", {"answer": 0})))
        return recording, 1e6 / max([await Direct([recording]).play(2000) for _ in range(5)])

    (_, light), (_, heavy) = await with_loops(0), await with_loops(1000)
    return (await with_loops(round(1000 * (PUBLISHED_US - light) / (heavy - light))))[0]


async def overhead(gym: Gym, recordings: list[Recording], rounds: int) -> None:
    """What a call takes longer in the sandbox, one episode at a time; the call that starts the process aside."""
    sandboxed = Sandboxed(gym.pool, recordings)
    added: dict[float, list[float]] = {0.5: [], 0.99: []}
    starts: list[float] = []
    for _ in range(rounds + 1):
        took: list[float] = []
        for recording in recordings:
            first, *others = await sandboxed.episode(recording)
            starts.append(1e3 * first)
            took += others
        bare = 1 / await Direct(recordings).play(10 * len(took))
        for share, values in added.items():
            values.append(1e3 * (quantile(took, share) - bare))
    what = f"{len(took)} calls"
    tell("ms a call over a bare one, p50", added[0.5][1:], what, "< 0.2")
    tell("ms a call over a bare one, p99", added[0.99][1:], what)
    print(f"the first call of an episode, its process start included: {quantile(starts, 0.5):.2f} ms (p50)")


if __name__ == "__main__":
    run(measure, rounds=5, calls=4000)
