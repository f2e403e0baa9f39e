"""Both planes over HTTP in one process: uvicorn, with its shutdown made graceful for episodes.

The agent plane and the control plane share a port and are told apart by path; nothing else is served.
"""

import asyncio
import contextlib
import math
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from codegym_mcp.agent_plane import AgentPlane
from codegym_mcp.control_plane import ControlPlane
from codegym_mcp.errors import InvalidRequest
from codegym_mcp.fast_lane import FastLane
from codegym_mcp.gym import Gym

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY = ("0.0.0.0", "::")  # noqa: S104 (compared with, not bound to)
SHUTDOWN_S = 5.0
"""Calls in flight may finish for so long after a shutdown was asked for."""
MAX_HEAD_BYTES = 1 << 16
REQUEST_S = 60.0
"""A request must have arrived in full after so long."""
KEEP_ALIVE_S = 120
"""An idle connection is kept for so long: a model may think that long between two calls."""


def build_app(agent: AgentPlane, control: ControlPlane, *, host: str, allowed_hosts: tuple[str, ...] = ()) -> ASGIApp:
    """The ASGI application of both planes. Their gym must be running already.

    Args:
        host: the address it will be bound to; a foreign Host or Origin header is refused (DNS rebinding).
        allowed_hosts: further host names by which clients may come, such as `gym.example.org`.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with agent.session():
            yield

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    security = security_for(host, allowed_hosts)
    app = Starlette(routes=[*control.routes(), Route("/healthz", health), *agent.routes(security)], lifespan=lifespan)
    return smooth(FastLane(app, agent, security.allowed_hosts))


def security_for(host: str, allowed_hosts: tuple[str, ...]) -> TransportSecuritySettings:
    """Which Host and Origin headers are let in."""
    names = {*LOOPBACK, *allowed_hosts, *(() if host in ANY else (host,))}
    hosts = [f"[{name}]" if ":" in name else name for name in sorted(names)]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[form for name in hosts for form in (name, f"{name}:*")],
        allowed_origins=[f"{scheme}://{name}{port}" for scheme in ("http", "https") for name in hosts for port in ("", ":*")],
    )


def smooth(app: ASGIApp) -> ASGIApp:
    """What lies between uvicorn and the application.

    httptools keeps blanks around header values, which the HTTP specification wants gone. A client that goes away in the
    middle of its request, and a request that the end of the server cuts short, are no errors: no traceback is logged.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        try:
            await app(scope, receive, send)
        except ClientDisconnect:
            return None
        except asyncio.CancelledError:
            with contextlib.suppress(RuntimeError):  # an answer had begun
                await PlainTextResponse("The server is stopping.", 503)(scope, receive, send)
        return None

    return wrapped


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        InvalidRequest: the address cannot be had, with the way out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as exc:
        sock.close()
        raise InvalidRequest("--port", f"{host}:{port} cannot be used ({exc.strerror}); try --port 0") from exc
    sock.listen(4096)
    return sock


class _OneWrite:
    """A transport that sends what is written in one turn of the loop at once: head and body of an answer in one packet.

    uvicorn writes them one after the other, and uvloop would send each by itself (tests/bench/bench_server.py).
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it at the end of this turn."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        """Send what is held, then close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            self._transport.write(b"".join(self._held))
            self._held.clear()


class _Bounded(HttpToolsProtocol):
    """A connection whose requests must be of bounded length and arrive in bounded time; httptools bounds neither."""

    _head = 0.0
    """Bytes of a head that came in chunks of their own; minus infinity once it is complete."""
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by the event loop."""
        super().connection_made(cast(asyncio.Transport, _OneWrite(transport, self.loop)))
        self._patience = self.loop.call_later(REQUEST_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        super().connection_lost(exc)
        self._relax()

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._head += len(data)
        super().data_received(data)
        if self._head > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """Called by the parser."""
        super().on_message_begin()
        self._head = 0.0
        self._patience = self._patience or self.loop.call_later(REQUEST_S, self.transport.close)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        super().on_headers_complete()
        self._head = -math.inf

    def on_message_complete(self) -> None:
        """Called by the parser."""
        super().on_message_complete()
        self._relax()

    def _relax(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Quiet(uvicorn.Server):
    """A server inside somebody else's event loop: signals are not its own."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        """Leave them alone."""
        return contextlib.nullcontext()


async def serve(app: ASGIApp, sock: socket.socket, *, on_ready: Callable[[], None], stop: asyncio.Event | None = None) -> None:
    """Serve until `stop` is set, or a signal asks for the end; then let calls in flight finish.

    Args:
        on_ready: called once requests are answered.
        stop: set by the caller; without it uvicorn's own signal handling applies.
    """
    config = uvicorn.Config(
        app,
        http=_Bounded,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(SHUTDOWN_S),
        lifespan="on",
    )
    server = uvicorn.Server(config) if stop is None else _Quiet(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[sock]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if server.started:
            on_ready()
        if stop is not None:
            waiting = group.create_task(stop.wait())
            await asyncio.wait([waiting, serving], return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            waiting.cancel()
    with contextlib.suppress(OSError):
        sock.close()


@asynccontextmanager
async def running(gym: Gym, *, token: str, host: str = "127.0.0.1", port: int = 0, reveal: bool = False) -> AsyncIterator[str]:
    """Both planes of a running gym, served in this event loop; yields the base URL. For tests, notebooks and demos."""
    sock = bind(host, port)
    url = f"http://{host}:{sock.getsockname()[1]}"
    agent = AgentPlane(gym, reveal=reveal)
    control = ControlPlane(gym, token, lambda id: f"{url}/episodes/{id}/mcp")
    ready, stop = asyncio.Event(), asyncio.Event()
    app = build_app(agent, control, host=host)
    task = asyncio.create_task(serve(app, sock, on_ready=ready.set, stop=stop))
    try:
        await asyncio.wait([task, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
        yield url
    finally:
        stop.set()
        await task
