"""Measuring in ratios: every way to do the same calls takes its turn in alternating rounds of one run.

The absolute numbers of a machine move by a factor of two and more from one minute to the next; a ratio to a baseline of
the same run moves far less, and is printed with its spread. `codegym bench` is `measure`; the full set in tests/bench/
is made of the same parts. Not for tests: nothing here asserts a time.
"""

import asyncio
import itertools
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.process import served
from codegym_mcp.remote import HttpServer, Server
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.sandbox.worker import Native, Published
from codegym_mcp.types import Task

IN_FLIGHT = 64
"""Calls that wait for an answer at once, at most; one per episode."""
EPISODES_AT_ONCE = 16
"""Episodes that the sandbox plays at once when it is measured alone."""
Side = Callable[[], Awaitable[float]]
"""One way to do the work: plays a round and tells what it measured."""


# -------------------------------------------------------------------------------------------------- rounds and ratios
async def alternate(rounds: int, sides: Mapping[str, Side]) -> dict[str, list[float]]:
    """Play every side once a round, in turn, every other round the other way about; a first round warms up and is dropped."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name in list(sides) if number % 2 else reversed(list(sides)):
            found[name].append(await sides[name]())
    return {name: values[1:] for name, values in found.items()}


def ratios(subject: Sequence[float], baseline: Sequence[float]) -> list[float]:
    """Subject over baseline, round by round."""
    return [a / b for a, b in zip(subject, baseline, strict=True)]


def spread(values: Sequence[float], rounds: str) -> str:
    """`median (min to max, 5 rounds of 2000 calls)`."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g}, {len(values)} rounds of {rounds})"


# ------------------------------------------------------------------------------------------------- what is played
@dataclass(frozen=True, slots=True)
class Recording:
    """The calls by which an oracle solved a task, Done the last of them."""

    definition: Definition
    task: Task
    calls: tuple[tuple[str, dict[str, Any]], ...]


async def record(gym: Gym, levels: Sequence[str] = ("easy", "medium", "hard"), *, tasks: int = 1) -> list[Recording]:
    """Let the oracle play a few tasks of each level in every environment of a running gym.

    Args:
        tasks: of each level and environment.
    """
    oracle, clients, found = Oracle(gym.catalog, gym.pool), ClientPool.over(gym), []
    for name in gym.catalog.names():
        by_level = {level: [task for task in gym.catalog.tasks(name) if task.level == level][:tasks] for level in levels}
        for task in itertools.chain.from_iterable(by_level.values()):
            trajectory = await collect_rollout(clients, oracle, task)
            if trajectory.reward == 1.0:
                calls = tuple((step.tool, dict(step.arguments)) for step in trajectory.steps)  # type: ignore[arg-type]
                found.append(Recording(gym.catalog.definition(name), task, calls))
    return found


# ------------------------------------------------------------------------------------------------- ways to play it
class Direct:
    """The baseline: the same methods called in this process, without isolation, transaction or transport."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        """Args:
        recordings: of environments that may be trusted: their code runs here.
        """
        players = {recording.definition.name: _player(recording.definition) for recording in recordings}
        self._episodes = [(players[recording.definition.name], recording) for recording in recordings]

    async def play(self, calls: int) -> float:
        """Calls per second over this many calls, resets included."""
        played, started = 0, time.perf_counter()
        for player, recording in itertools.cycle(self._episodes):
            env = player.new(recording.task.config, 0)
            for tool, arguments in recording.calls[:-1]:
                player.call(env, tool, arguments)
            played += len(recording.calls) - 1
            if played >= calls:
                return played / (time.perf_counter() - started)
        raise ValueError("there is nothing to play")


def _player(definition: Definition) -> Native | Published:
    names: dict[str, Any] = {}
    exec(compile(definition.source, definition.where, "exec"), names)
    cls = names[definition.class_name]
    return Native(cls) if definition.format == "native" else Published(cls, definition.from_text)


class Sandboxed:
    """The sandbox alone: every episode in a fresh confined process, every call on the state of the one before."""

    def __init__(self, pool: Pool, recordings: Sequence[Recording], *, at_once: int = EPISODES_AT_ONCE) -> None:
        self._pool, self._at_once = pool, at_once
        self._recordings = itertools.cycle(recordings)

    async def play(self, calls: int) -> float:
        """Calls per second over this many calls, the start and end of the processes included."""
        played, started = 0, time.perf_counter()

        async def lane() -> None:
            nonlocal played
            while played < calls:
                recording = next(self._recordings)
                played += len(recording.calls) - 1
                await self.episode(recording)

        await asyncio.gather(*(lane() for _ in range(self._at_once)))
        return played / (time.perf_counter() - started)

    async def episode(self, recording: Recording) -> list[float]:
        """Play one; seconds of each call."""
        seat, took = Seat(recording.definition), []
        state = (await self._pool.fresh(recording.definition, recording.task.id, recording.task.config, 0)).state
        try:
            for tool, arguments in recording.calls[:-1]:
                started = time.perf_counter()
                state = (await self._pool.call(seat, state, tool, arguments)).state
                took.append(time.perf_counter() - started)
        finally:
            self._pool.drop(seat)
        return took


@dataclass(slots=True)
class _Playing:
    id: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    next: int = 0


class Traffic:
    """Many open episodes of one server, played round robin from open to Done, close, and open again."""

    def __init__(self, server: Server, recordings: Sequence[Recording], episodes: int) -> None:
        """Args:
        episodes: open at once; at most IN_FLIGHT of them have a call in flight.
        """
        self._server, self._recordings = server, itertools.cycle(recordings)
        self._lanes: list[deque[_Playing]] = [deque() for _ in range(min(IN_FLIGHT, episodes))]
        self._episodes, self._key = episodes, 0

    async def open(self) -> None:
        """Open all the episodes and play one call of each, so that the first round finds them in play."""

        async def fill(lane: deque[_Playing], wanted: int) -> None:
            for _ in range(wanted):
                lane.append(await self._open_one())
                await self._advance(lane)

        lanes = len(self._lanes)
        await asyncio.gather(*(fill(lane, len(range(i, self._episodes, lanes))) for i, lane in enumerate(self._lanes)))

    async def play(self, calls: int) -> float:
        """Calls per second over this many calls; opening, judging and closing included."""
        left, started = calls, time.perf_counter()

        async def play_lane(lane: deque[_Playing]) -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await self._advance(lane)

        await asyncio.gather(*map(play_lane, self._lanes))
        return calls / (time.perf_counter() - started)

    async def close(self) -> None:
        """Close all episodes."""
        for lane in self._lanes:
            while lane:
                await self._server.control(lane.popleft().id, "close")

    async def _advance(self, lane: deque[_Playing]) -> None:
        """One call of the episode that has waited longest."""
        episode = lane.popleft()
        tool, arguments = episode.calls[episode.next]
        self._key += 1
        await self._server.call(episode.id, tool, arguments, str(self._key))
        episode.next += 1
        if episode.next == len(episode.calls):
            await self._server.control(episode.id, "close")
            episode = await self._open_one()
        lane.append(episode)

    async def _open_one(self) -> _Playing:
        recording = next(self._recordings)
        status = await self._server.open(recording.task.environment, recording.task.id, {})
        return _Playing(status.id, recording.calls)


# --------------------------------------------------------------------------------------------------- `codegym bench`
async def measure(rounds: int, calls: int) -> None:
    """Print what isolation, and then the protocol, cost on this machine.

    Args:
        calls: a round, on either side; in process, where a call takes microseconds, fifty times as many.
    """
    async with Gym(Catalog.bundled()) as gym:
        click.echo("Recording what the oracles play ...", err=True)
        recordings = await record(gym)
        direct, sandboxed = Direct(recordings), Sandboxed(gym.pool, recordings)
        with served() as server:
            http = HttpServer(server.url, server.token)
            traffic = Traffic(http, recordings, IN_FLIGHT)
            await traffic.open()
            found = await alternate(
                rounds,
                {
                    "in process": lambda: direct.play(50 * calls),
                    "in the sandbox": lambda: sandboxed.play(calls),
                    "over MCP": lambda: traffic.play(calls),
                },
            )
            http.close()
    what = f"{calls} calls"
    for name, rates in found.items():
        click.echo(f"{name}: {spread(rates, what)} calls/s")
    click.echo(f"in the sandbox / in process: {spread(ratios(found['in the sandbox'], found['in process']), what)}")
    click.echo(f"over MCP / in the sandbox: {spread(ratios(found['over MCP'], found['in the sandbox']), what)}")
