"""Clients that nobody here wrote play what our oracle played, and see the same.

Each lists the tools and plays a recorded episode: over HTTP and SSE at an episode's URL and at an environment's, and
over stdio with the command that a person would configure.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.store import open_store
from codegym_mcp.types import EpisodeStatus, Step
from tests.clients.foreign import BIN, CLIENTS, Ask, Client, installed, run
from tests.conftest import fast_pool
from tests.processes import TOKEN, Served, served

pytestmark = pytest.mark.clients
ENVIRONMENT, TASK = "coin_change", "tiny-03"
FAILS: tuple[str, dict[str, Any]] = ("CoinValue", {"kind": 99})
"""A call that changes nothing, played first so that an error is among what every client sees."""
LATE: tuple[str, dict[str, Any]] = ("Observe", {})
"""Played when the episode is over."""


async def record() -> list[Step]:
    """What the oracle does in this process, with a failing call before it and a late one after it."""
    async with Gym(pool=fast_pool()) as gym, ClientPool.over(gym) as pool:
        task = gym.catalog.task(ENVIRONMENT, TASK)
        trajectory = await collect_rollout(pool, Oracle(gym.catalog, gym.pool), task)
        assert trajectory.reward == 1.0
        failed = await gym.call((await gym.open(ENVIRONMENT, TASK)).id, *FAILS)
    first = Step(number=1, tool=FAILS[0], arguments=FAILS[1], committed=False, digest="", text=failed.text, is_error=True)
    over = f"The episode is over since step {len(trajectory.steps) + 1}. State unchanged."
    last = Step(number=0, tool=LATE[0], arguments=LATE[1], committed=False, digest="", text=over, is_error=True)
    return [first, *trajectory.steps, last]


@pytest.fixture(scope="module", autouse=True)
def _clients_are_there() -> None:
    installed()


@pytest.fixture(scope="module")
def recording() -> list[Step]:
    """Played once, in memory."""
    return asyncio.run(record())


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """`codegym serve` over HTTP, for all tests here."""
    with served() as found:
        yield found


async def opened(server: Served) -> EpisodeStatus:
    """An episode opened on the control plane."""
    async with ClientPool.connect([server.url], TOKEN) as pool:
        return (await pool.open(ENVIRONMENT, TASK)).opened


async def status(server: Served, id: str) -> EpisodeStatus:
    """What the control plane tells of an episode."""
    async with ClientPool.connect([server.url], TOKEN) as pool:
        return await pool.servers[0].control(id, "status")


def check(played: Any, client: Client, recording: list[Step], *, startable: bool) -> None:
    """The client saw what the oracle saw."""
    tools = Catalog.bundled().definition(ENVIRONMENT).tool_names
    assert played.tools == (["Start", *tools] if startable else tools)
    assert played.seen == [(step.text, step.is_error) for step in recording]
    assert played.protocol == client.protocol
    if client.protocol is not None:
        assert played.instructions.startswith("A till holds an unlimited supply of coins")


def calls_of(recording: list[Step]) -> list[tuple[str, dict[str, Any]]]:
    return [(step.tool, dict(step.arguments)) for step in recording]


OVER_HTTP = [(name, transport) for name, client in CLIENTS.items() for transport in client.transports if transport != "stdio"]


@pytest.mark.parametrize(("name", "transport"), OVER_HTTP)
def test_a_foreign_client_plays_an_episode_that_the_control_plane_opened(
    name: str, transport: str, server: Served, recording: list[Step]
) -> None:
    client, id = CLIENTS[name], asyncio.run(opened(server)).id
    ending = "sse" if transport == "sse" else "mcp"
    url = f"{server.url}/episodes/{id}/{ending}"
    played = client.play(Ask(transport, url, None, None, False, calls_of(recording)))
    check(played, client, recording, startable=False)
    last = asyncio.run(status(server, id))
    assert (last.status, last.reward, last.steps) == ("terminated", 1.0, len(recording) - 1)


@pytest.mark.parametrize(("name", "transport"), OVER_HTTP)
def test_a_foreign_client_plays_an_episode_that_it_started(
    name: str, transport: str, server: Served, recording: list[Step]
) -> None:
    """With the handle where calls share no connection, and without it where they do."""
    client = CLIENTS[name]
    url = f"{server.url}/envs/{ENVIRONMENT}/{'sse' if transport == 'sse' else 'mcp'}"
    played = client.play(Ask(transport, url, None, TASK, not client.keeps_connection, calls_of(recording)))
    check(played, client, recording, startable=True)
    assert asyncio.run(status(server, played.episode or "")).reward == 1.0


@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if "stdio" in client.transports])
def test_a_foreign_client_plays_over_stdio(name: str, recording: list[Step], tmp_path: Path) -> None:
    """Some start the server anew for every call: then the episode lives in the store, as its reward does here for all."""
    client, store = CLIENTS[name], f"sqlite:{tmp_path / 'gym.sqlite'}"
    command = [str(Path(sys.executable).with_name("codegym")), "serve", ENVIRONMENT, "--store", store]
    played = client.play(Ask("stdio", None, command, TASK, not client.keeps_connection, calls_of(recording)))
    check(played, client, recording, startable=True)

    async def reward() -> float | None:
        async with Gym(pool=fast_pool(), store=open_store(store)) as gym:
            return (await gym.status(played.episode or "")).reward

    assert asyncio.run(reward()) == 1.0


def test_the_inspector_reads_the_task_as_prompt_and_as_resource(server: Served) -> None:
    prompt = Catalog.bundled().definition(ENVIRONMENT).prompt
    command = [str(BIN / "mcp-inspector"), "--cli", f"{server.url}/envs/{ENVIRONMENT}/mcp", "--transport", "http", "--method"]
    told = json.loads(run([*command, "prompts/get", "--prompt-name", "task"]))
    assert told["messages"][0]["content"]["text"].startswith(prompt)
    read = json.loads(run([*command, "resources/read", "--uri", "codegym://task"]))
    assert read["contents"][0]["text"].startswith(prompt)
    assert json.loads(run([*command, "resources/templates/list"])) == {"resourceTemplates": []}


@pytest.mark.parametrize("environment", Catalog.bundled().names())
def test_the_inspector_finds_no_fault_in_a_tool_schema(environment: str, server: Served) -> None:
    """With --strict it ends with 6 where a schema would not work with some model or client."""
    url = f"{server.url}/envs/{environment}/mcp"
    run([str(BIN / "mcp-inspector"), "--cli", url, "--transport", "http", "--method", "tools/list", "--strict"])
