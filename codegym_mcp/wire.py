"""A lean HTTP/1.1 client: keep-alive connections to one server, JSON in and out, a deadline on everything.

Why not a library: one core of the SDK's client ends near 400 tool calls/s, a rollout worker needs ten times that, and
httpx-like pools stall past their connection limit (tests/bench/bench_client.py measures the ratio). The parser is
httptools, as in uvicorn.
"""

import asyncio
import json
import ssl
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

from codegym_mcp.errors import InvalidRequest

MAX_ANSWER_BYTES = 1 << 26
MAX_IDLE = 512
"""Idle connections kept per server."""
CONNECT_S = 5.0


class WireError(ConnectionError):
    """No complete answer: the server is gone, silent, or speaks something else."""


class _Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request in flight."""

    def __init__(self) -> None:
        self.open = False
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open, self._transport = True, cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()

    def send(self, data: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._answer = asyncio.get_running_loop().create_future()
        self._body.clear()
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(data)
        return self._answer

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            return self.close()  # bytes nobody asked for
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()
        return None

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._body += data
        if len(self._body) > MAX_ANSWER_BYTES:
            self.close()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if not self._parser.should_keep_alive():
            self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), bytes(self._body)))

    def close(self) -> None:
        self.open = False
        self._transport.abort()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(WireError("the connection was closed before the answer was complete"))


class Wire:
    """Requests to one server. Connections are opened at need and kept."""

    def __init__(self, base_url: str) -> None:
        """Args:
        base_url: `http://host:port` or `https://host:port`.

        Raises:
            InvalidRequest: it is neither.
        """
        try:
            parts = urlsplit(base_url)
            self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as exc:
            raise InvalidRequest("server", f"'{base_url}' is no URL: {exc}") from exc
        if parts.scheme not in ("http", "https") or not self._host:
            raise InvalidRequest("server", f"must be http://HOST:PORT or https://HOST:PORT, got '{base_url}'")
        self.base_url = base_url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._host_header = parts.netloc.rpartition("@")[2]
        self._idle: list[_Connection] = []

    async def request(self, method: str, path: str, headers: dict[str, str], value: Any, deadline_s: float) -> tuple[int, Any]:
        """One request; (status, JSON value of the answer).

        Raises:
            WireError: no complete JSON answer within the deadline.
        """
        body = b"" if value is None else json.dumps(value).encode()
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"host: {self._host_header}", f"content-length: {len(body)}"]
        lines += ["content-type: application/json", *(f"{name}: {text}" for name, text in headers.items())]
        data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(deadline_s):
                connection = await self._connection()
                status, answer = await connection.send(data)
        except TimeoutError as exc:
            raise WireError(f"{self.base_url} did not answer within {deadline_s:g} s") from exc
        except WireError:
            raise
        except OSError as exc:
            raise WireError(f"{self.base_url} cannot be reached: {exc}") from exc
        finally:
            if connection is not None:
                self._put_back(connection)
        try:
            return status, json.loads(answer) if answer else None
        except ValueError as exc:
            raise WireError(f"{self.base_url} answered {status} with something that is not JSON") from exc

    def close(self) -> None:
        """Close idle connections."""
        while self._idle:
            self._idle.pop().close()

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(_Connection, self._host, self._port, ssl=self._ssl)
        return connection

    def _put_back(self, connection: _Connection) -> None:
        """Keep it if its answer is complete; a cancelled request leaves it in no known state."""
        answer = connection._answer
        complete = answer is not None and answer.done() and not answer.cancelled() and answer.exception() is None
        if complete and connection.open and len(self._idle) < MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
