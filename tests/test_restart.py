"""Episodes outlive their server: `kill -9` in mid-run, and every client goes on from its last acknowledged call."""

import asyncio
from pathlib import Path

import anyio
import pytest

from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import EpisodeNotFound, EpisodeOver
from tests.conftest import PATIENCE_S, write_environment
from tests.processes import TOKEN, Served

CLIENTS, KILLS, CALLS_BETWEEN = 4, 2, 10


class Restarting:
    """A served command that is killed and started again on its port, over the same file."""

    def __init__(self, folder: Path) -> None:
        self.arguments = [str(write_environment(folder)), "--store", f"sqlite:{folder / 'gym.sqlite'}"]
        self.server = Served(*self.arguments)
        self.url = self.server.url

    async def kill(self) -> None:
        """End it without a warning."""
        await asyncio.to_thread(self.server.kill)

    async def start(self) -> None:
        """Start it again."""
        self.server = await asyncio.to_thread(lambda: Served(*self.arguments, port=self.server.port))


async def add_ones(episode: ClientEpisode, acknowledged: list[int], enough: asyncio.Event) -> None:
    """Call after call, each of which must be applied exactly once."""
    while not enough.is_set():
        observation = await episode.call("Add", {"n": 1})
        acknowledged.append(observation.step)
        assert observation.text == str(len(acknowledged))


async def test_calls_are_applied_exactly_once_though_the_server_is_killed_under_them(tmp_path: Path) -> None:
    """Design: state, call key and answer are one transaction, so a call repeated under its key is applied at most once."""
    restarting = Restarting(tmp_path)
    try:
        with anyio.fail_after(3 * PATIENCE_S):
            async with ClientPool.connect([restarting.url], TOKEN, lost_after_s=PATIENCE_S) as pool:
                episodes = [await pool.open("counter", "zero", max_steps=100_000) for _ in range(CLIENTS)]
                done: list[list[int]] = [[] for _ in episodes]
                enough = asyncio.Event()
                async with anyio.create_task_group() as group:
                    for episode, acknowledged in zip(episodes, done, strict=True):
                        group.start_soon(add_ones, episode, acknowledged, enough)
                    for kill in range(KILLS + 1):
                        before = list(map(len, done))
                        while any(len(now) < then + CALLS_BETWEEN for now, then in zip(done, before, strict=True)):
                            await asyncio.sleep(0.001)
                        if kill < KILLS:
                            await restarting.kill()
                            await restarting.start()
                    enough.set()
                for episode, acknowledged in zip(episodes, done, strict=True):
                    assert acknowledged == [*range(1, len(acknowledged) + 1)]
                    assert [step.arguments for step in await episode.steps()] == [{"n": 1}] * len(acknowledged)
                    await episode.call("Done", {"answer": 0})
                    assert (await episode.status()).reward == 1.0
    finally:
        restarting.server.stop()


async def test_restart_keeps_what_became_of_each_episode(tmp_path: Path) -> None:
    """Open, terminated, truncated, rewound, forked and closed ones; keys, budgets and rewards."""
    restarting = Restarting(tmp_path)
    try:
        with anyio.fail_after(3 * PATIENCE_S):
            async with ClientPool.connect([restarting.url], TOKEN, lost_after_s=PATIENCE_S) as pool:
                names = ("open", "right", "wrong", "truncated", "rewound", "closed")
                episodes = {name: await pool.open("counter", "seven", seed=5, max_steps=6) for name in names}
                for episode in episodes.values():
                    for n in (1, 2):
                        await episode.call("Add", {"n": n})
                    await episode.call("Roll")
                await episodes["right"].call("Done", {"answer": 7})
                await episodes["wrong"].call("Done", {"answer": 8})
                await episodes["truncated"].truncate()
                await episodes["rewound"].rewind(1)
                fork = episodes["fork"] = await episodes["open"].fork(2)
                await episodes["closed"].close()
                closed = episodes.pop("closed")
                server, keyed = pool.servers[0], await pool.open("counter", "zero")
                calls: list[tuple[str, dict[str, int]]] = [("Roll", {}), ("Boom", {"n": 1})]
                answers = [await server.call(keyed.id, *call, f"key of {call[0]}") for call in calls]
                before = {name: (await episode.status(), await episode.steps()) for name, episode in episodes.items()}
                await restarting.kill()
                await restarting.start()
                after = {name: (await episode.status(), await episode.steps()) for name, episode in episodes.items()}
                assert after == before
                assert [await server.call(keyed.id, *call, f"key of {call[0]}") for call in calls] == answers
                assert (await keyed.status()).steps == 2
                assert [before[name][0].reward for name in ("open", "right", "wrong", "truncated")] == [None, 1.0, 0.0, 0.0]
                with pytest.raises(EpisodeNotFound):
                    await closed.call("Observe")
                with pytest.raises(EpisodeOver):
                    await episodes["right"].call("Observe")
                assert (await episodes["rewound"].call("Add", {"n": 1})).text == "9"
                assert (await (await fork.fork(1)).call("Add", {"n": 0})).text == "8"
                rolled = [(await episode.call("Roll")).text for episode in (fork, fork, episodes["open"])]
                assert rolled[0] == before["open"][1][2].text  # the generator goes on where it stood
                assert rolled[1] == rolled[2]
                await episodes["open"].call("Observe")
                assert (await episodes["open"].call("Observe")).over  # the sixth and last step
                assert (await episodes["open"].status()).reward == 0.0
    finally:
        restarting.server.stop()
