"""The short way for the calls that rollouts make by the million: `tools/call` of the newest protocol at an episode's URL.

Through the SDK's layers such a call costs several times the work of playing it (tests/bench/bench_server.py). A request
that is exactly what the specification asks for, and nothing more, is answered here as the SDK would answer it, which
tests/test_fast_lane.py compares. Everything else goes the SDK's way, its body replayed: so the SDK alone words refusals,
and alone knows the other methods, revisions and transports. What is answered here gets no OpenTelemetry span.

Source: MCP specification 2026-07-28, streamable HTTP.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import mcp_types as mcp
from mcp.server.runner import modern_error_data
from mcp.shared.inbound import ERROR_CODE_HTTP_STATUS
from mcp_types.version import LATEST_MODERN_VERSION
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codegym_mcp.agent_plane import AgentPlane
from codegym_mcp.agent_wire import CALL_META, MALFORMED_META

PATH = re.compile(r"/episodes/([^/]+)/mcp")
MAX_BODY_BYTES = 1 << 20
HEADERS = {
    b"content-type": b"application/json",
    b"mcp-protocol-version": LATEST_MODERN_VERSION.encode(),
    b"mcp-method": b"tools/call",
}
ACCEPT = (b"application/json, text/event-stream", b"application/json")
OWN_META = {CALL_META, MALFORMED_META}


class FastLane:
    """Answers plain tool calls itself, and hands everything else to the application behind it."""

    def __init__(self, app: ASGIApp, agent: AgentPlane, allowed_hosts: Sequence[str]) -> None:
        """Args:
        allowed_hosts: Host headers that are let in; one may end in `:*`, for any port.
        """
        self._app, self._agent = app, agent
        self._hosts = frozenset(host.encode() for host in allowed_hosts)
        self._stamp = agent.server.server_info_stamp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http" or scope["method"] != "POST" or not (path := PATH.fullmatch(scope["path"])):
            return await self._app(scope, receive, send)
        named = self._named_tool(scope["headers"])
        if named is None:
            return await self._app(scope, receive, send)
        messages, body = await read(receive)
        request = plain_call(body, named)
        if request is None:
            return await self._app(scope, replay(messages, receive), send)
        status, answer = await self._answer(path[1], request)
        text = json.dumps(answer, separators=(",", ":")).encode()
        headers = [(b"content-length", b"%d" % len(text)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    def _named_tool(self, headers: list[tuple[bytes, bytes]]) -> str | None:
        """The tool that the headers name, if they are those of a plain call from a host that is let in."""
        found = dict(headers)
        if len(found) != len(headers) or b"origin" in found or any(found.get(key) != HEADERS[key] for key in HEADERS):
            return None  # a header given twice, a browser's, or another revision's or method's
        host = found.get(b"host", b"")
        if host not in self._hosts and re.sub(rb":[0-9]+$", b":*", host) not in self._hosts:
            return None
        length = found.get(b"content-length", b"")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES or found.get(b"accept") not in ACCEPT:
            return None
        return found.get(b"mcp-name", b"").decode("latin-1")

    async def _answer(self, episode: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """HTTP status and body."""
        params = request["params"]
        try:
            result = await self._agent.play(episode, params["name"], params["arguments"], params["_meta"])
        except Exception as exc:  # the same boundary as in the SDK: what is no error of the protocol shows nothing
            error = modern_error_data(exc)
            failure = mcp.JSONRPCError(jsonrpc="2.0", id=request["id"], error=error)
            status = ERROR_CODE_HTTP_STATUS.get(error.code, 200)
            return status, failure.model_dump(mode="json", by_alias=True, exclude_none=True)
        fields = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        fields["_meta"] = {**fields.get("_meta", {}), mcp.SERVER_INFO_META_KEY: self._stamp}
        return 200, {"jsonrpc": "2.0", "id": request["id"], "result": {**fields, "resultType": "complete"}}


async def read(receive: Receive) -> tuple[list[Message], bytes]:
    """The messages of a request body, and the body."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages, b"".join(message.get("body", b"") for message in messages)


def replay(messages: list[Message], receive: Receive) -> Receive:
    """A `receive` that begins again."""
    waiting = iter(messages)

    async def again() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return again


def plain_call(body: bytes, named: str) -> dict[str, Any] | None:
    """The request, if it is a call of the tool that the headers name and holds nothing out of the ordinary."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match request:
        case {"jsonrpc": "2.0", "id": int() | str() as id, "method": "tools/call", "params": {**params}, **rest}:
            meta = params.get("_meta")
        case _:
            return None
    if rest or isinstance(id, bool) or params.keys() != {"name", "arguments", "_meta"} or not plain_meta(meta):
        return None
    return request if params["name"] == named and isinstance(params["arguments"], dict) else None


def plain_meta(meta: Any) -> bool:
    """Whether it is what the protocol asks for of a client that offers nothing, beside keys of ours."""
    if not isinstance(meta, dict) or meta.get(mcp.PROTOCOL_VERSION_META_KEY) != LATEST_MODERN_VERSION:
        return False
    if meta.get(mcp.CLIENT_CAPABILITIES_META_KEY) != {}:
        return False
    match meta.get(mcp.CLIENT_INFO_META_KEY):
        case {"name": str(), "version": str(), **rest} if not rest:
            return len(meta) == 3 + len(OWN_META & meta.keys())
    return False
