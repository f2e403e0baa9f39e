"""Both planes over HTTP in one process: uvicorn, with its shutdown made graceful for episodes.

The agent plane and the control plane share a port and are told apart by path; nothing else is served.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from codegym_mcp.agent_plane import AgentPlane
from codegym_mcp.control_plane import ControlPlane
from codegym_mcp.errors import InvalidRequest
from codegym_mcp.gym import Gym

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY = ("0.0.0.0", "::")  # noqa: S104 (compared with, not bound to)
SHUTDOWN_S = 5.0
"""Calls in flight may finish for so long after a shutdown was asked for."""


def build_app(gym: Gym, agent: AgentPlane, control: ControlPlane, *, host: str, allowed_hosts: tuple[str, ...] = ()) -> ASGIApp:
    """The ASGI application. The gym must be running already.

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

    routes = [*control.routes(), Route("/healthz", health), *agent.routes(security_for(host, allowed_hosts))]
    return strip_header_values(Starlette(routes=routes, lifespan=lifespan))


def security_for(host: str, allowed_hosts: tuple[str, ...]) -> TransportSecuritySettings:
    """Which Host and Origin headers are let in."""
    names = {*LOOPBACK, *allowed_hosts, *(() if host in ANY else (host,))}
    hosts = [f"[{name}]" if ":" in name else name for name in sorted(names)]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[form for name in hosts for form in (name, f"{name}:*")],
        allowed_origins=[f"{scheme}://{name}{port}" for scheme in ("http", "https") for name in hosts for port in ("", ":*")],
    )


def strip_header_values(app: ASGIApp) -> ASGIApp:
    """httptools keeps blanks around header values; the HTTP specification wants them gone."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        await app(scope, receive, send)

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
        app, http="httptools", access_log=False, log_level="warning", timeout_graceful_shutdown=int(SHUTDOWN_S), lifespan="on"
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
    app = build_app(gym, agent, control, host=host)
    task = asyncio.create_task(serve(app, sock, on_ready=ready.set, stop=stop))
    try:
        await asyncio.wait([task, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
        yield url
    finally:
        stop.set()
        await task
