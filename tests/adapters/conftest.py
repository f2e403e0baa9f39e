"""What every framework is given to play: a recorded solution, a server, and one that will be killed."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from codegym_mcp.client import ClientPool
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.types import Task
from tests.adapters.frameworks import Ask, Call
from tests.conftest import fast_pool
from tests.processes import Served, served

ENVIRONMENT, TASK = "coin_change", "tiny-01"


@dataclass(frozen=True)
class Recording:
    """How the oracle solved a task."""

    task: Task
    calls: list[Call]
    texts: list[str]
    """What it was answered."""
    prompt: str

    @property
    def turns(self) -> list[Sequence[Call]]:
        """One call in each."""
        return [[call] for call in self.calls]

    def asks(self, urls: list[str], **options: Any) -> dict[str, Ask]:
        """What every framework has to tell apart: a solution, a wrong answer, giving up, and a spent budget of steps."""
        wrong = [*self.turns[:-1], [("Done", {"answer": [99, 99]})]]
        asks = {
            "oracle": Ask(urls, self.turns),
            "wrong": Ask(urls, wrong),
            "silent": Ask(urls, self.turns[:2]),
            "short": Ask(urls, self.turns, max_steps=2),
        }
        return {name: replace(ask, options=options) for name, ask in asks.items()}

    def lost(self, server: Served, **options: Any) -> Ask:
        """The solution on a server that is killed after its second turn."""
        return Ask([server.url], self.turns, kill=server.process.pid, options=options)


async def record() -> Recording:
    """Play it in this process."""
    async with Gym(pool=fast_pool()) as gym, ClientPool.over(gym) as pool:
        task = gym.catalog.task(ENVIRONMENT, TASK)
        played = await collect_rollout(pool, Oracle(gym.catalog, gym.pool), task)
    assert played.reward == 1.0
    calls = [(step.tool, step.arguments) for step in played.steps if isinstance(step.arguments, dict)]
    return Recording(task, calls, [step.text for step in played.steps], played.messages[1]["content"])


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Played once."""
    return asyncio.run(record())


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """Lives as long as the module's tests."""
    with served(ENVIRONMENT) as found:
        yield found


@pytest.fixture(scope="module")
def doomed() -> Iterator[list[Served]]:
    """To be killed by a player in mid-rollout, each once."""
    with served(ENVIRONMENT) as one, served(ENVIRONMENT) as other:
        yield [one, other]


@pytest.fixture(scope="module")
def reborn() -> Iterator[Served]:
    """To be killed, too; another takes its port at once, and knows nothing of its episodes."""
    first, later = Served(ENVIRONMENT), []

    def follow() -> None:
        first.process.wait()
        later.append(Served(ENVIRONMENT, port=first.port))

    watch = threading.Thread(target=follow)
    watch.start()
    try:
        yield first
    finally:
        first.kill()
        watch.join()
        for server in later:
            server.stop()
