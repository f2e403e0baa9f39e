"""The fast lane answers as the SDK does, and keeps its hands off all that is out of the ordinary."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION
from starlette.applications import Starlette

from codegym_mcp.agent_plane import AgentPlane
from codegym_mcp.agent_wire import CALL_META, MALFORMED_META
from codegym_mcp.fast_lane import ACCEPT, MAX_BODY_BYTES, FastLane
from codegym_mcp.http_server import security_for
from tests.conftest import make_gym

Headers = list[tuple[bytes, bytes]]
META = {
    "io.modelcontextprotocol/protocolVersion": LATEST_MODERN_VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
}
SECURITY = security_for("127.0.0.1", ())
SECRET = "secret text of a machine's failure"


@dataclass
class Answer:
    """What an application sent."""

    status: int
    media_type: bytes
    body: bytes


def message(tool: str, arguments: Any, *, id: Any = 1, **meta: Any) -> dict[str, Any]:
    """A tool call as JSON-RPC; keys of `meta` are written out in full."""
    params = {"name": tool, "arguments": arguments, "_meta": {**META, **meta}}
    return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}


def headers_of(tool: str, length: int) -> Headers:
    """The headers of a plain call."""
    return [
        (b"host", b"127.0.0.1:8000"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % length),
        (b"accept", ACCEPT[0]),
        (b"mcp-protocol-version", LATEST_MODERN_VERSION.encode()),
        (b"mcp-method", b"tools/call"),
        (b"mcp-name", tool.encode()),
    ]


async def post(app: Any, path: str, headers: Headers, chunks: Iterable[bytes], method: str = "POST") -> Answer:
    """One request, its body in pieces."""
    pieces = list(chunks)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 9),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    start, *rest = sent
    return Answer(start["status"], dict(start["headers"])[b"content-type"], b"".join(part["body"] for part in rest))


async def unreachable(scope: Any, receive: Any, send: Any) -> None:
    """What stands behind the lane where nothing may come that far."""
    raise NotImplementedError


class Behind:
    """Stands behind the lane and keeps the bodies that come."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (event := await receive())["more_body"]:
            body += event["body"]
        self.bodies.append(body + event["body"])
        await send({"type": "http.response.start", "status": 299, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b""})


CALLS = {
    "a call that succeeds": [message("Add", {"n": 2}, id="a")],
    "a text with letters of all kinds": [message("Mark", {"word": 'ä€😀"\\\n'}), message("Observe", {})],
    "a tool that raises": [message("Boom", {"n": 2})],
    "a wrong argument": [message("Add", {"n": "x"})],
    "no such tool": [message("Nope", {})],
    "what a model sent in place of an object": [message("Add", {}, **{MALFORMED_META: "n=2"})],
    "a repeated call": [message("Add", {"n": 2}, **{CALL_META: "k"})] * 2 + [message("Observe", {})],
    "a key used for another call": [message("Add", {"n": n}, **{CALL_META: "k"}) for n in (1, 2)],
    "a key of the wrong type": [message("Add", {"n": 2}, **{CALL_META: 5})],
    "the answer, and a call after it": [message("Done", {"answer": 0}), message("Observe", {})],
}


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS.keys())
async def test_the_answer_is_the_one_that_the_sdk_gives(tmp_path: Path, calls: list[dict[str, Any]]) -> None:
    """The lane is a shortcut, not a second protocol."""
    async with make_gym(tmp_path) as gym:
        agent = AgentPlane(gym)
        routes = agent.routes(SECURITY)
        lane = FastLane(unreachable, agent, SECURITY.allowed_hosts)
        answers: list[list[Answer]] = []
        async with agent.session():
            for app in (Starlette(routes=routes), lane):
                path = f"/episodes/{(await gym.open('counter', 'zero')).id}/mcp"
                bodies = [json.dumps(call).encode() for call in calls]
                heads = [headers_of(call["params"]["name"], len(body)) for call, body in zip(calls, bodies, strict=True)]
                answers.append([await post(app, path, head, [body]) for head, body in zip(heads, bodies, strict=True)])
    for sdk, ours in zip(*answers, strict=True):
        assert (ours.status, ours.media_type) == (sdk.status, sdk.media_type)
        assert json.loads(ours.body) == json.loads(sdk.body)


async def test_an_episode_that_is_not_there_is_refused_as_by_the_sdk(tmp_path: Path) -> None:
    """Nothing tells whether an episode of that id ever was."""
    body = json.dumps(message("Observe", {})).encode()
    async with make_gym(tmp_path) as gym:
        agent = AgentPlane(gym)
        routes = agent.routes(SECURITY)
        lane = FastLane(unreachable, agent, SECURITY.allowed_hosts)
        async with agent.session():
            apps = (Starlette(routes=routes), lane)
            sdk, ours = [await post(app, "/episodes/gone/mcp", headers_of("Observe", len(body)), [body]) for app in apps]
    assert (ours.status, json.loads(ours.body)) == (sdk.status, json.loads(sdk.body))


async def test_an_unforeseen_exception_shows_nothing_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No exception's text may reach a client; it is for the server's log."""

    async def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError(SECRET)

    body = json.dumps(message("Observe", {})).encode()
    async with make_gym(tmp_path) as gym:
        agent = AgentPlane(gym)
        routes = agent.routes(SECURITY)
        lane = FastLane(unreachable, agent, SECURITY.allowed_hosts)
        monkeypatch.setattr(gym, "call", fail)
        async with agent.session():
            apps = (Starlette(routes=routes), lane)
            sdk, ours = [await post(app, "/episodes/e/mcp", headers_of("Observe", len(body)), [body]) for app in apps]
    assert SECRET.encode() not in ours.body
    assert (ours.status, json.loads(ours.body)) == (sdk.status, json.loads(sdk.body))


async def test_a_body_may_come_in_pieces(tmp_path: Path) -> None:
    """How a request is cut into packets is the network's business."""
    body = json.dumps(message("Add", {"n": 2})).encode()
    async with make_gym(tmp_path) as gym:
        lane = FastLane(unreachable, AgentPlane(gym), SECURITY.allowed_hosts)
        episode = await gym.open("counter", "zero")
        answer = await post(
            lane, f"/episodes/{episode.id}/mcp", headers_of("Add", len(body)), [body[:9], body[9:40], body[40:]]
        )
    assert json.loads(answer.body)["result"]["content"][0]["text"] == "2"


def without(name: bytes) -> Any:
    """Headers that lack one."""
    return lambda headers: [(key, value) for key, value in headers if key != name]


def with_(name: bytes, value: bytes) -> Any:
    """Headers of which one is another."""
    return lambda headers: [*without(name)(headers), (name, value)]


ODD_HEADERS = {
    "a browser": with_(b"origin", b"http://127.0.0.1:8000"),
    "a foreign host": with_(b"host", b"evil.example"),
    "a foreign host with the port of ours": with_(b"host", b"evil.example:8000"),
    "a port that is none": with_(b"host", b"127.0.0.1:8000x"),
    "no host": without(b"host"),
    "an older revision": with_(b"mcp-protocol-version", LATEST_HANDSHAKE_VERSION.encode()),
    "no revision": without(b"mcp-protocol-version"),
    "another method": with_(b"mcp-method", b"tools/list"),
    "another tool": with_(b"mcp-name", b"Boom"),
    "no tool": without(b"mcp-name"),
    "another media type": with_(b"content-type", b"text/plain"),
    "a client that takes no JSON": with_(b"accept", b"text/html"),
    "no length": without(b"content-length"),
    "too long": with_(b"content-length", b"%d" % (MAX_BODY_BYTES + 1)),
    "a header twice": lambda headers: [*headers, (b"mcp-name", b"Add")],
}


@pytest.mark.parametrize("change", ODD_HEADERS.values(), ids=ODD_HEADERS.keys())
async def test_a_request_with_odd_headers_goes_the_sdks_way(tmp_path: Path, change: Any) -> None:
    """The SDK alone words refusals: unplayed and whole, the request is handed on."""
    body = json.dumps(message("Add", {"n": 2})).encode()
    await expect_handed_on(tmp_path, change(headers_of("Add", len(body))), body)


PLAIN = message("Add", {"n": 2})
ODD_BODIES = {
    "not JSON": b"{",
    "nested too deeply": b"[" * 100_000,
    "a batch": json.dumps([PLAIN]).encode(),
    "a notification": json.dumps({key: PLAIN[key] for key in ("jsonrpc", "method", "params")}).encode(),
    "null for an id": json.dumps({**PLAIN, "id": None}).encode(),
    "true for an id": json.dumps({**PLAIN, "id": True}).encode(),
    "another field": json.dumps({**PLAIN, "extra": 1}).encode(),
    "another version of JSON-RPC": json.dumps({**PLAIN, "jsonrpc": "1.0"}).encode(),
    "another method": json.dumps({**PLAIN, "method": "tools/list"}).encode(),
    "another tool": json.dumps(message("Boom", {"n": 2})).encode(),
    "no arguments": json.dumps({**PLAIN, "params": {"name": "Add", "_meta": META}}).encode(),
    "arguments that are no object": json.dumps(message("Add", [2])).encode(),
    "another parameter": json.dumps({**PLAIN, "params": {**PLAIN["params"], "task": {}}}).encode(),
    "no meta": json.dumps({**PLAIN, "params": {"name": "Add", "arguments": {"n": 2}}}).encode(),
    "meta of another revision": json.dumps(
        message("Add", {"n": 2}, **{"io.modelcontextprotocol/protocolVersion": LATEST_HANDSHAKE_VERSION})
    ).encode(),
    "a client that can do something": json.dumps(
        message("Add", {"n": 2}, **{"io.modelcontextprotocol/clientCapabilities": {"sampling": {}}})
    ).encode(),
    "a client that says more of itself": json.dumps(
        message("Add", {"n": 2}, **{"io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1", "title": 5}})
    ).encode(),
    "a progress token": json.dumps(message("Add", {"n": 2}, progressToken=1)).encode(),
}


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
async def test_a_request_with_an_odd_body_goes_the_sdks_way(tmp_path: Path, body: bytes) -> None:
    """As above; the lane has read the body by then and must replay it."""
    await expect_handed_on(tmp_path, headers_of("Add", len(body)), body)


async def test_an_odd_path_or_verb_goes_the_sdks_way(tmp_path: Path) -> None:
    """An environment's endpoint has state of its own."""
    body = json.dumps(PLAIN).encode()
    behind = Behind()
    async with make_gym(tmp_path) as gym:
        lane = FastLane(behind, AgentPlane(gym), SECURITY.allowed_hosts)
        for path in ("/envs/counter/mcp", "/episodes/a/b/mcp", "/episodes/a/sse", "/episodes//mcp", "/control/episodes"):
            assert (await post(lane, path, headers_of("Add", len(body)), [body])).status == 299
        assert (await post(lane, "/episodes/a/mcp", headers_of("Add", len(body)), [body], "GET")).status == 299
    assert behind.bodies == [body] * 6


async def expect_handed_on(tmp_path: Path, headers: Headers, body: bytes) -> None:
    """The application behind the lane gets the request, piece by piece, and the episode none of it."""
    behind = Behind()
    async with make_gym(tmp_path) as gym:
        lane = FastLane(behind, AgentPlane(gym), SECURITY.allowed_hosts)
        episode = await gym.open("counter", "zero")
        answer = await post(lane, f"/episodes/{episode.id}/mcp", headers, [body[:7], body[7:]])
        assert (await gym.status(episode.id)).steps == 0
    assert answer.status == 299
    assert behind.bodies == [body]
