"""What an agent sees over MCP: both protocol eras times memory, stdio, HTTP, and the old SSE transport.

The client is the SDK's own; tests/clients holds those of others.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx2
import mcp_types as types
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.sse import sse_client
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

import codegym_mcp.gym
from codegym_mcp.agent_plane import TASK_URI, AgentPlane, build_server
from codegym_mcp.agent_wire import CALL_META, EPISODE_META, HOW_TO_PLAY, MALFORMED_META, OVER_META, STEP_META
from codegym_mcp.catalog import Catalog
from codegym_mcp.episode import DONE_TEXT
from codegym_mcp.errors import (
    CallKeyReused,
    EnvironmentNotFound,
    EpisodeExpired,
    EpisodeNotFound,
    EpisodeOver,
    InvalidArguments,
    TaskNotFound,
    ToolRaised,
    UnknownTool,
)
from codegym_mcp.gym import Gym
from codegym_mcp.http_server import running
from codegym_mcp.store import SqliteStore
from tests.conftest import COUNTER, COUNTER_TOOLS, PATIENCE_S, TASKS, fast_pool, make_gym, write_environment
from tests.processes import CODEGYM, TOKEN

OLD, NEW = "legacy", LATEST_MODERN_VERSION
TOOLS = ["Observe", *COUNTER_TOOLS, "Done"]
BOOM = ToolRaised("Boom", "IndexError: list index out of range")
NOT_A_NUMBER = InvalidArguments("Add", "'n' must be an integer, got 'x'")


@dataclass(frozen=True)
class Way:
    """How a client comes to the server."""

    transport: str
    mode: str
    """`legacy` shakes hands, `auto` asks the server, a version is taken as it is."""

    @property
    def keeps_connection(self) -> bool:
        """Whether calls belong to a connection, which then has a current episode."""
        return self.mode == OLD

    def __str__(self) -> str:
        return f"{self.transport}-{self.mode}"


WITHOUT_STDIO = [*(Way(transport, mode) for transport in ("memory", "http") for mode in (OLD, "auto", NEW)), Way("sse", OLD)]
WAYS = [*WITHOUT_STDIO, *(Way("stdio", mode) for mode in (OLD, "auto", NEW))]
each_way = pytest.mark.parametrize("way", WAYS, ids=str)
each_way_without_stdio = pytest.mark.parametrize("way", WITHOUT_STDIO, ids=str)
each_era = pytest.mark.parametrize("mode", [OLD, NEW])


@asynccontextmanager
async def at_environment(way: Way, gym: Gym, folder: Path) -> AsyncIterator[Client]:
    """A client at the endpoint of the counter; over stdio that is another gym, in a process of its own."""
    if way.transport == "memory":
        async with Client(AgentPlane(gym, environment="counter").server, mode=way.mode) as client:
            yield client
    elif way.transport == "stdio":
        parameters = StdioServerParameters(command=CODEGYM[0], args=[*CODEGYM[1:], "serve", str(folder / "counter")])
        async with Client(parameters, mode=way.mode) as client:
            yield client
    else:
        async with running(gym, token=TOKEN) as url, over_http(way, f"{url}/envs/counter") as client:
            yield client


@asynccontextmanager
async def at_episode(way: Way, gym: Gym, id: str) -> AsyncIterator[Client]:
    """A client at an episode's own address."""
    if way.transport == "memory":
        async with Client(build_server(gym, id), mode=way.mode) as client:
            yield client
    else:
        async with running(gym, token=TOKEN) as url, over_http(way, f"{url}/episodes/{id}") as client:
            yield client


def over_http(way: Way, url: str) -> Client:
    """A client of streamable HTTP, or of SSE."""
    return Client(sse_client(f"{url}/sse") if way.transport == "sse" else f"{url}/mcp", mode=way.mode)


def text_of(result: Any) -> str:
    """What the model reads of an answer."""
    return "".join(part.text for part in result.content)


async def heard(client: Client, tool: str, arguments: dict[str, Any], meta: Any = None) -> tuple[str, bool]:
    """Text and is_error of an answer."""
    result = await client.call_tool(tool, arguments, meta=meta)
    return text_of(result), result.is_error


async def error_of(client: Client, tool: str, arguments: dict[str, Any] | None = None, meta: Any = None) -> types.ErrorData:
    """The protocol error that a call is answered with."""
    with pytest.raises(MCPError) as caught:
        await client.call_tool(tool, arguments or {}, meta=meta)
    return caught.value.error


async def listed(client: Client) -> list[str]:
    """Names of the tools, asked for anew."""
    return [tool.name for tool in (await client.list_tools(cache_mode="bypass")).tools]


# ---------------------------------------------------------------------------------------------------- every way tells the same
@each_way
async def test_an_environments_endpoint_plays_the_same_over_every_transport_in_both_eras(way: Way, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, at_environment(way, gym, tmp_path) as client:
            assert (client.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS) is way.keeps_connection
            assert client.protocol_version in (LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION)
            assert await listed(client) == ["Start", *TOOLS]
            started = await client.call_tool("Start", {"task": "seven"})
            handle = started.structured_content["episode"]
            assert text_of(started) == f"Episode {handle} is open.\n\nTell the total.\n\n{HOW_TO_PLAY}"
            named = {} if way.keeps_connection else {"episode": handle}
            assert await heard(client, "Add", {"n": 2, **named}) == ("9", False)
            assert await heard(client, "Boom", {"n": 5, **named}) == (str(BOOM), True)
            assert await heard(client, "Add", {"n": "x", **named}) == (str(NOT_A_NUMBER), True)
            unknown = await error_of(client, "Nope", named)
            assert (unknown.code, unknown.message) == (types.INVALID_PARAMS, str(UnknownTool("Nope", TOOLS)))
            observed = await client.call_tool("Observe", {}, meta={EPISODE_META: handle})  # as programs name it
            assert (text_of(observed), observed.meta[STEP_META]) == ("[9, [], {}, [2]]", 5)
            assert await heard(client, "Done", {"answer": 7, **named}) == (DONE_TEXT, False)
            assert await heard(client, "Done", {"answer": 8, **named}) == (str(EpisodeOver(6)), True)
            assert await listed(client) == ["Start", *TOOLS]
            if way.transport != "stdio":
                status = await gym.status(handle)
                assert (status.status, status.reward, status.steps) == ("terminated", 1.0, 6)


@each_way_without_stdio
async def test_an_episodes_address_plays_the_same_over_every_transport_in_both_eras(way: Way, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven")).id
            async with at_episode(way, gym, id) as client:
                assert await listed(client) == TOOLS
                assert await heard(client, "Add", {"n": 2}) == ("9", False)
                assert await heard(client, "Boom", {"n": 5}) == (str(BOOM), True)
                assert await heard(client, "Add", {"n": "x"}) == (str(NOT_A_NUMBER), True)
                unknown = await error_of(client, "Nope")
                assert (unknown.code, unknown.message) == (types.INVALID_PARAMS, str(UnknownTool("Nope", TOOLS)))
                assert unknown.data[STEP_META] == 4
                assert await heard(client, "Observe", {}) == ("[9, [], {}, [2]]", False)
                done = await client.call_tool("Done", {"answer": 7})
                assert (text_of(done), done.meta[STEP_META], done.meta[OVER_META]) == (DONE_TEXT, 6, True)
                assert await heard(client, "Done", {"answer": 8}) == (str(EpisodeOver(6)), True)
                assert await listed(client) == TOOLS
            status = await gym.status(id)
            assert (status.status, status.reward, status.steps) == ("terminated", 1.0, 6)


@each_way_without_stdio
async def test_the_task_is_told_as_instructions_prompt_and_resource(way: Way, tmp_path: Path) -> None:
    """Clients differ in what they show to their model. Without a handshake or a question there are no instructions."""
    told = f"Tell the total.\n\n{HOW_TO_PLAY}"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter")).id
            async with at_episode(way, gym, id) as client:
                assert client.instructions == (None if way.mode == NEW else told)
                assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["task"]
                assert (await client.get_prompt("task")).messages[0].content == types.TextContent(text=told)
                assert [resource.uri for resource in (await client.list_resources()).resources] == [TASK_URI]
                assert [content.text for content in (await client.read_resource(TASK_URI)).contents] == [told]
                assert (await client.list_resource_templates()).resource_templates == []
                with pytest.raises(MCPError) as caught:
                    await client.read_resource("codegym://other")
                assert (caught.value.error.code, caught.value.error.data) == (types.INVALID_PARAMS, {"uri": "codegym://other"})
                with pytest.raises(MCPError) as caught:
                    await client.get_prompt("other")
                assert caught.value.error.code == types.INVALID_PARAMS


# ------------------------------------------------------------------------------------------------------------- tool lists
@each_era
async def test_tools_are_documented_without_examples_unless_asked_for(mode: str, tmp_path: Path) -> None:
    """The paper trains without; an episode's style is its own, an endpoint's that of the server."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            definition = gym.catalog.definition("counter")
            for style in ("plain", "examples"):
                id = (await gym.open("counter", documentation=style)).id
                endpoint = AgentPlane(gym, environment="counter", documentation=style).server
                for server, first in ((build_server(gym, id), 0), (endpoint, 1)):
                    async with Client(server, mode=mode) as client:
                        tools = (await client.list_tools()).tools[first:]
                    assert [tool.description for tool in tools] == [spec.description(style) for spec in definition.tools]
                    assert any("Example:" in (tool.description or "") for tool in tools) is (style == "examples")


@each_era
async def test_only_an_environments_endpoint_takes_handles(mode: str, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            async with Client(build_server(gym, (await gym.open("counter")).id), mode=mode) as client:
                pure = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
                assert await heard(client, "Add", {"n": 1, "episode": "x"}) == (
                    str(InvalidArguments("Add", "there is no argument 'episode'; arguments are: n")),
                    True,
                )
            async with Client(AgentPlane(gym, environment="counter").server, mode=mode) as client:
                startable = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    assert pure == {spec.name: spec.input_schema for spec in gym.catalog.definition("counter").tools}
    assert startable.pop("Start")["properties"].keys() == {"task", "seed"}
    for name, schema in startable.items():
        assert schema["properties"].pop("episode")["type"] == "string"
        assert schema == pure[name]


# ------------------------------------------------------------------------------------------------- Start, handles, connections
async def test_an_old_connection_opens_its_first_episode_by_itself_and_is_told_the_task_once(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym, environment="counter").server, mode=OLD) as client:
            assert await heard(client, "Add", {"n": 3}) == ("3", False)
            assert await heard(client, "Observe", {}) == ("Tell the total.[3, [], {}, [3]]", False)
            assert await heard(client, "Observe", {}) == ("[3, [], {}, [3]]", False)
            assert gym.open_episodes == 1


async def test_start_makes_another_episode_current_and_handles_still_lead_to_the_first(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym, environment="counter").server, mode=OLD) as client:
            first = (await client.call_tool("Start", {"task": "zero"})).structured_content["episode"]
            second = (await client.call_tool("Start", {"task": "seven", "seed": 4})).structured_content["episode"]
            assert await heard(client, "Add", {"n": 1}) == ("8", False)
            assert await heard(client, "Add", {"n": 1, "episode": first}) == ("1", False)
            assert await heard(client, "Add", {"n": 1}, {EPISODE_META: first}) == ("2", False)
            assert await heard(client, "Add", {"n": 1}) == ("9", False)
            assert [(await gym.status(id)).seed for id in (first, second)] == [0, 4]


async def test_two_old_connections_have_an_episode_each_and_one_episode_outlives_its_connection(tmp_path: Path) -> None:
    """State hangs on our ids: what a client's connection held is reached again by its handle."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            endpoint = f"{url}/envs/counter/mcp"
            async with Client(endpoint, mode=OLD) as one:
                handle = (await one.call_tool("Start", {})).structured_content["episode"]
                async with Client(endpoint, mode=OLD) as other:
                    assert await heard(one, "Add", {"n": 3}) == ("3", False)
                    assert await heard(other, "Add", {"n": 4}) == ("4", False)
            async with Client(endpoint, mode=NEW) as later:
                assert await heard(later, "Add", {"n": 1, "episode": handle}) == ("4", False)


async def test_a_modern_call_without_a_handle_is_told_to_call_start_and_opens_nothing(tmp_path: Path) -> None:
    """2026-07-28: state across requests MUST be named by an explicit identifier."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym, environment="counter").server, mode=NEW) as client:
            text, is_error = await heard(client, "Observe", {})
            assert is_error and "Start" in text and "'episode'" in text
            assert gym.open_episodes == 0


@each_era
async def test_start_refuses_what_it_does_not_know(mode: str, tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [{"task": 7}, {"seed": -1}, {"seed": "x"}, {"seed": True}, {"tsk": "seven"}]
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym, environment="counter").server, mode=mode) as client:
            for arguments in wrong:
                text, is_error = await heard(client, "Start", arguments)
                assert is_error and text.startswith("Start: "), arguments
            assert await heard(client, "Start", {"task": "eight"}) == (f"Start: {TaskNotFound('counter', 'eight')}", True)
            assert gym.open_episodes == 0


@each_era
async def test_a_handle_that_leads_nowhere_is_a_tool_error(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2026-07-28: an expired handle is a tool execution error. Another environment's handle is none of this endpoint."""
    write_environment(tmp_path, COUNTER.replace("class Counter", "class Other"), TASKS, name="other")
    write_environment(tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with Gym(Catalog.of(tmp_path), pool=fast_pool()) as gym:
            foreign, closed, left = [(await gym.open(name)).id for name in ("other", "counter", "counter")]
            await gym.close(closed)
            later = time.monotonic() + 2 * codegym_mcp.gym.TTL_S
            monkeypatch.setattr(codegym_mcp.gym, "time", SimpleNamespace(monotonic=lambda: later))
            await gym.expire()
            async with Client(AgentPlane(gym, environment="counter").server, mode=mode) as client:
                for handle in ("0" * 48, foreign, closed):
                    assert await heard(client, "Observe", {"episode": handle}) == (str(EpisodeNotFound()), True)
                expired = (str(EpisodeExpired(codegym_mcp.gym.TTL_S)), True)
                assert await heard(client, "Observe", {"episode": left}) == expired
                text, is_error = await heard(client, "Observe", {"episode": 7})
                assert is_error and "'episode'" in text
            async with Client(build_server(gym, left), mode=mode) as client:
                at_its_address = await error_of(client, "Observe")
            assert (at_its_address.code, at_its_address.data["error"]) == (types.INVALID_PARAMS, "EpisodeExpired")
            async with Client(build_server(gym, closed), mode=mode) as client:
                at_its_address = await error_of(client, "Observe")
            assert (at_its_address.code, at_its_address.message) == (types.INVALID_PARAMS, str(EpisodeNotFound()))


@each_era
async def test_a_server_of_no_environment_plays_the_episode_that_a_call_names(mode: str, tmp_path: Path) -> None:
    """One connection of a program for all of its episodes."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym).server, mode=mode) as client:
            one, other = (await gym.open("counter", "zero")).id, (await gym.open("counter", "seven")).id
            assert [tool.name for tool in (await client.list_tools(meta={EPISODE_META: one})).tools] == TOOLS
            assert await heard(client, "Add", {"n": 1}, {EPISODE_META: one}) == ("1", False)
            assert await heard(client, "Add", {"n": 1}, {EPISODE_META: other}) == ("8", False)
            assert EPISODE_META in (await error_of(client, "Add", {"n": 1})).message


async def test_an_address_that_leads_nowhere_is_a_protocol_error(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            for path, message in (
                ("envs/counters", str(EnvironmentNotFound("counters", ["counter"]))),
                ("episodes/none", str(EpisodeNotFound())),
                ("elsewhere/none", "The path must be /episodes/<id>/mcp or /envs/<environment>/mcp."),
            ):
                for mode in (OLD, NEW):
                    async with Client(f"{url}/{path}/mcp", mode=mode) as client:
                        error = await error_of(client, "Observe")
                        assert (error.code, error.message) == (types.INVALID_PARAMS, message)
                        with pytest.raises(MCPError, match=message[:20]):
                            await client.list_tools()


@each_era
async def test_an_unknown_tool_before_any_episode_is_a_protocol_error_and_opens_none(mode: str, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, Client(AgentPlane(gym, environment="counter").server, mode=mode) as client:
            error = await error_of(client, "Nope")
            assert (error.code, error.message) == (types.INVALID_PARAMS, str(UnknownTool("Nope", TOOLS)))
            assert gym.open_episodes == 0


# ---------------------------------------------------------------------------------------------------------------------- Done
@each_era
@pytest.mark.parametrize("answer", [7, 8])
async def test_done_text_reveals_neither_reward_nor_reference(answer: int, mode: str, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven")).id
            async with Client(build_server(gym, id), mode=mode) as client:
                result = await client.call_tool("Done", {"answer": answer})
            assert result.content == [types.TextContent(text=DONE_TEXT)]
            assert not result.is_error and result.structured_content is None
            assert {key: value for key, value in result.meta.items() if key.startswith("codegym/")} == {
                STEP_META: 1,
                OVER_META: True,
            }
            assert (await gym.status(id)).reward == float(answer == 7)


@each_era
async def test_done_tells_whether_the_answer_was_right_where_that_was_asked_for(mode: str, tmp_path: Path) -> None:
    """For play by hand: `--reveal`, or `reveal` on the control plane."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            for answer, verdict in ((7, "correct"), (8, "incorrect")):
                told = (f"{DONE_TEXT} It was {verdict}.", False)
                id = (await gym.open("counter", "seven", reveal=True)).id
                async with Client(build_server(gym, id), mode=mode) as client:
                    assert await heard(client, "Done", {"answer": answer}) == told
                async with Client(AgentPlane(gym, environment="counter", reveal=True).server, mode=mode) as client:
                    handle = (await client.call_tool("Start", {"task": "seven"})).structured_content["episode"]
                    assert await heard(client, "Done", {"answer": answer, "episode": handle}) == told


async def test_the_command_reveals_verdicts_and_shows_examples_where_told_to(tmp_path: Path) -> None:
    options = ["--reveal", "--examples"]
    parameters = StdioServerParameters(
        command=CODEGYM[0], args=[*CODEGYM[1:], "serve", str(write_environment(tmp_path)), *options]
    )
    with anyio.fail_after(PATIENCE_S):
        async with Client(parameters, mode=OLD) as client:
            assert "Example:" in ((await client.list_tools()).tools[-2].description or "")
            await client.call_tool("Start", {"task": "seven"})
            assert await heard(client, "Done", {"answer": 7}) == (f"{DONE_TEXT} It was correct.", False)


@each_era
async def test_nothing_after_done_changes_the_reward(mode: str, tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter", "seven")).id
            async with Client(build_server(gym, id), mode=mode) as client:
                await client.call_tool("Done", {"answer": 8})
                for tool, arguments in (("Done", {"answer": 7}), ("Add", {"n": 1}), ("Observe", {}), ("Nope", {})):
                    assert await heard(client, tool, arguments) == (str(EpisodeOver(1)), True)
            status = await gym.status(id)
            assert (status.reward, status.steps) == (0.0, 1)


# ------------------------------------------------------------------------------------------------------ repeated and malformed
@each_way_without_stdio
async def test_a_call_repeated_under_its_key_is_applied_once(way: Way, tmp_path: Path) -> None:
    """JSON-RPC request ids restart with every client and cannot tell a repeat."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter")).id
            async with at_episode(way, gym, id) as client:
                key = {CALL_META: "one"}
                answers = [await client.call_tool("Add", {"n": 2}, meta=key) for _ in range(2)]
                assert [(text_of(answer), answer.meta[STEP_META]) for answer in answers] == [("2", 1), ("2", 1)]
                reused = await error_of(client, "Add", {"n": 3}, key)
                assert (reused.code, reused.message) == (types.INVALID_PARAMS, str(CallKeyReused(1)))
                assert await heard(client, "Add", {"n": 2}, {CALL_META: "two"}) == ("4", False)
                for wrong in ("", "x" * 201, 7):
                    assert (await error_of(client, "Add", {"n": 1}, {CALL_META: wrong})).data["error"] == "InvalidRequest"
            assert (await gym.status(id)).steps == 2


@each_way_without_stdio
async def test_arguments_that_were_no_json_object_fail_and_spend_a_step(way: Way, tmp_path: Path) -> None:
    """Our client pool passes on what a model wrote; the model reads that it failed."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter")).id
            async with at_episode(way, gym, id) as client:
                result = await client.call_tool("Add", {"n": 2}, meta={MALFORMED_META: '{"n": 2'})
                wrong = InvalidArguments("Add", """the arguments must be a JSON object, got '{"n": 2'""")
                assert (text_of(result), result.is_error, result.meta[STEP_META]) == (str(wrong), True, 1)
                assert await heard(client, "Observe", {}) == ("[0, [], {}, []]", False)


# ----------------------------------------------------------------------------------------------------------- what stays inside
@each_way_without_stdio
async def test_no_text_of_an_unforeseen_exception_reaches_a_client(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK shows it to clients of the old protocol, and in memory; it may hold a path, or a reference answer."""

    async def broken(*args: Any, **options: Any) -> Any:
        raise OSError(f"cannot read {tmp_path}/secret")

    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            id = (await gym.open("counter")).id
            async with at_episode(way, gym, id) as client:
                for method in ("call", "tools_of", "status"):
                    monkeypatch.setattr(gym, method, broken)
                errors = [await error_of(client, "Observe")]
                for ask in (client.list_tools, lambda: client.get_prompt("task"), lambda: client.read_resource(TASK_URI)):
                    with pytest.raises(MCPError) as caught:
                        await ask()
                    errors.append(caught.value.error)
            for error in errors:
                assert error.code == types.INTERNAL_ERROR
                assert "secret" not in f"{error.message} {error.data}"


RAW: dict[str, dict[str, str]] = {
    OLD: {"accept": "application/json, text/event-stream"},
    NEW: {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": NEW,
        "mcp-method": "tools/call",
        "mcp-name": "Observe",
    },
}
HANDSHAKE = {"protocolVersion": LATEST_HANDSHAKE_VERSION, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": NEW,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
}
BODIES: dict[str, dict[str, Any]] = {
    OLD: {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE},
    NEW: {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "Observe", "arguments": {}, "_meta": ENVELOPE},
    },
}


@each_era
async def test_foreign_hosts_and_origins_are_refused(mode: str, tmp_path: Path) -> None:
    """DNS rebinding: a web page must not reach a server on loopback by a name of its own."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, httpx2.AsyncClient() as http:
            id = (await gym.open("counter")).id

            async def status(**headers: str) -> int:
                sent = {**RAW[mode], **headers}
                return (await http.post(f"{url}/episodes/{id}/mcp", headers=sent, json=BODIES[mode])).status_code

            assert await status() == 200
            assert await status(host="localhost:80", origin="http://localhost:3000") == 200
            assert await status(host="gym.example.org") == 421
            assert await status(origin="http://gym.example.org") == 403
            assert (await gym.status(id)).steps == (2 if mode == NEW else 0)


async def test_foreign_hosts_and_origins_are_refused_on_the_old_transport(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, httpx2.AsyncClient() as http:
            id = (await gym.open("counter")).id
            for headers, refused in (({"host": "gym.example.org"}, 421), ({"origin": "http://gym.example.org"}, 403)):
                assert (await http.get(f"{url}/episodes/{id}/sse", headers=headers)).status_code == refused
                posted = await http.post(f"{url}/episodes/{id}/messages?session_id={'0' * 32}", headers=headers, json={})
                assert posted.status_code == refused
            assert (await http.get(f"{url}/elsewhere/{id}/sse")).status_code == 404


async def test_first_calls_that_come_side_by_side_are_of_one_episode(tmp_path: Path) -> None:
    """Regression: each of them opened one, and what the others had acknowledged was lost to the agent."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            async with at_environment(Way("http", OLD), gym, tmp_path) as client:
                await asyncio.gather(*(client.call_tool("Add", {"n": 1}) for _ in range(4)))
                assert gym.open_episodes == 1 and (await heard(client, "Add", {"n": 0}))[0].endswith("4")
