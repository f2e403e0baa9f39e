"""Requests as bytes, also those that no client would send, and both eras of MCP spelled out.

For tests that must see every byte of an answer, or send what a client library refuses to.
"""

import contextlib
import http.client
import json
from dataclasses import dataclass
from typing import Any

from .served import END_S, TOKEN, Served

MODERN, LEGACY = "2026-07-28", "2025-11-25"
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "attacker", "version": "1"},
}


@dataclass(frozen=True)
class Answer:
    """What came back, headers included."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def all(self) -> bytes:
        """Every byte, but for the status line."""
        return repr(self.headers).encode() + self.body

    @property
    def text(self) -> str:
        """The observation, of a tool call that was answered."""
        return "".join(part["text"] for part in self.json["result"]["content"])


def ask(
    served: Served, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, timeout_s: float = END_S
) -> Answer:
    """One request on a connection of its own; a body that is no bytes is sent as JSON."""
    connection = http.client.HTTPConnection(*served.address, timeout=timeout_s)
    try:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def control(served: Served, method: str, path: str, body: Any = None, token: str = TOKEN) -> Answer:
    """One request to the control plane."""
    return ask(served, method, f"/control{path}", body, headers={"authorization": f"Bearer {token}"})


def open_episode(served: Served, environment: str = "hostile", **options: Any) -> str:
    """The id of a new episode."""
    if environment == "hostile":
        options.setdefault("config", {"prey": str(served.prey), "key": "key"})
    answer = control(served, "POST", "/episodes", {"environment": environment, **options})
    assert answer.status == 200, answer
    return str(answer.json["id"])


def modern(served: Served, path: str, method: str, params: dict[str, Any], *, body: bytes = b"", **headers: str) -> Answer:
    """One request of the newest protocol, or another body under its headers."""
    meta = {**META, **params.get("_meta", {})}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    routing = {"mcp-protocol-version": MODERN, "mcp-method": method}
    if name := params.get("name", params.get("uri")):
        routing["mcp-name"] = str(name)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(served, "POST", path, body or message, headers={**ACCEPT, **routing, **headers})


def call(served: Served, episode: str, tool: str, arguments: Any = None, **meta: Any) -> Answer:
    """A tool call of the newest protocol; `meta` has `__` for `/`."""
    extra = {name.replace("__", "/"): value for name, value in meta.items()}
    return modern(
        served, f"/episodes/{episode}/mcp", "tools/call", {"name": tool, "arguments": arguments or {}, "_meta": extra}
    )


class Session:
    """A connection of the older protocol, with its handshake."""

    def __init__(self, served: Served, path: str) -> None:
        self._served, self.path, self._number = served, path, 0
        self._headers = dict(ACCEPT)
        client = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "attacker", "version": "1"}}
        self.opening = self.send("initialize", client)
        self._headers |= {"mcp-session-id": self.opening.headers["mcp-session-id"], "mcp-protocol-version": LEGACY}
        ask(served, "POST", path, {"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=self._headers)

    def send(self, method: str, params: dict[str, Any] | None = None, body: bytes = b"") -> Answer:
        """One request, or another body in its place."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}}
        return ask(self._served, "POST", self.path, body or message, headers=self._headers)


class Stream:
    """A connection of the oldest transport: answers come as events on one endless response."""

    def __init__(self, served: Served, path: str) -> None:
        self._served, self._number = served, 0
        self._connection = http.client.HTTPConnection(*served.address, timeout=END_S)
        self._connection.request("GET", path, headers={"accept": "text/event-stream"})
        self._events = self._connection.getresponse()
        self.received = repr(self._events.getheaders()).encode()
        """Every byte that came on the stream."""
        self._endpoint = self._event().decode()
        client = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "attacker", "version": "1"}}
        self.send("initialize", client)
        self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """One request; its answer as JSON."""
        self._number += 1
        self._post({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}})
        return json.loads(self._event())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _post(self, message: dict[str, Any]) -> None:
        self.received += ask(self._served, "POST", self._endpoint, message).all

    def _event(self) -> bytes:
        """The data of the next event."""
        data = b""
        while True:
            line = self._events.readline()
            self.received += line
            if line.startswith(b"data: "):
                data += line[6:].strip()
            elif data and not line.strip():
                return data


def exchange(served: Served, data: bytes) -> bytes:
    """Send bytes and then a request that ends the connection; all that comes back."""
    farewell = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
    with served.connect() as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
        connection.sendall(data + farewell)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))
    return b""
