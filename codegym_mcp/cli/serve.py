"""`codegym serve`: environments as an MCP server on stdio, streamable HTTP or SSE, with ready-made client configurations."""

import asyncio
import contextlib
import gc
import json
import secrets
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegym_mcp.cli.main import Command, open_catalog, run

if TYPE_CHECKING:
    from codegym_mcp.agent_plane import AgentPlane
    from codegym_mcp.catalog import Catalog
    from codegym_mcp.gym import Gym

PORT = click.IntRange(0, 65535)
SECONDS = click.FloatRange(min=0, min_open=True)
GC_THRESHOLD = (10_000, 20, 100)
"""New objects before the collector looks at the young ones; its passes before it looks at older and at all of them."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  codegym serve coin_change                          stdio: what MCP clients start by themselves
  codegym serve coin_change --print-config           configurations to paste into your client
  codegym serve --transport http --port 8000         all bundled environments; clients go to /envs/NAME/mcp
  codegym serve data/envs.parquet --transport http   a published data set
  codegym serve --transport http --store sqlite:gym.sqlite    episodes survive a restart
""",
)
@click.argument("target", required=False, metavar="[ENV|PATH]")
@click.option("--transport", type=click.Choice(["stdio", "http", "sse"]), default="stdio", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind (http, sse, --control).")
@click.option("--port", type=PORT, default=8000, show_default=True, help="0 takes a free one.")
@click.option("--control", type=PORT, metavar="PORT", help="With stdio: open the control plane on this port, too.")
@click.option("--token", envvar="CODEGYM_TOKEN", help="Bearer token of the control plane; default: a fresh one, printed.")
@click.option("--store", default="memory", show_default=True, help="memory, or sqlite:PATH.")
@click.option("--reveal", is_flag=True, help="Let Done tell whether the answer was right (for play by hand).")
@click.option("--examples", is_flag=True, help="Document tools with their examples.")
@click.option("--tool-timeout", type=SECONDS, default=2.0, show_default=True, help="Seconds a tool may run.")
@click.option("--memory-mib", type=click.IntRange(min=16), default=256, show_default=True, help="Memory a tool may use.")
@click.option("--ttl", type=SECONDS, default=3600.0, show_default=True, help="Seconds an episode may be left alone.")
@click.option("--max-episodes", type=click.IntRange(min=1), default=100_000, show_default=True)
@click.option("--allow-host", multiple=True, help="A further host name by which clients may come.")
@click.option("--allow-weaker-sandbox", is_flag=True, help="Serve untrusted environments though a protection is missing.")
@click.option("--print-config", is_flag=True, help="Print client configurations and exit.")
def serve(target: str | None, transport: str, print_config: bool, **options: Any) -> None:
    """Serve an environment, a folder of them, or a data set (default: all bundled ones)."""
    catalog, only = open_catalog(target)
    if transport == "stdio" and only is None:
        raise click.UsageError(
            f"stdio serves one environment, this is {len(catalog)}: name one (`codegym list`), or use --transport http"
        )
    if print_config:
        if only is None:
            raise click.UsageError("--print-config is for one environment: name one (`codegym list`)")
        click.echo(configurations(catalog, target or only, only, options["host"], options["port"]))
        return
    with contextlib.suppress(asyncio.CancelledError):
        run(serve_stdio(catalog, only, options) if transport == "stdio" else serve_http(catalog, only, transport, options))


@asynccontextmanager
async def open_gym(catalog: Any, options: dict[str, Any]) -> AsyncIterator["Gym"]:
    """The gym that the options describe, running."""
    from codegym_mcp.gym import Gym
    from codegym_mcp.sandbox.choose import choose_pool
    from codegym_mcp.sandbox.pool import Limits
    from codegym_mcp.store import open_store

    pool = choose_pool(
        trusted=catalog.trusted,
        allow_weaker=options["allow_weaker_sandbox"],
        limits=Limits(tool_s=options["tool_timeout"], memory_mib=options["memory_mib"]),
    )
    store = open_store(options["store"])
    async with Gym(catalog, pool=pool, store=store, ttl_s=options["ttl"], max_episodes=options["max_episodes"]) as gym:
        yield gym


async def serve_stdio(catalog: Any, only: str | None, options: dict[str, Any]) -> None:
    """One client on stdin and stdout; the control plane beside it if asked for."""
    from codegym_mcp.agent_plane import AgentPlane

    async with open_gym(catalog, options) as gym:
        agent = AgentPlane(gym, environment=only, reveal=options["reveal"], documentation=documentation(options))
        if options["control"] is None:
            if sys.stdin.isatty():
                say(f"Serving {only} on stdio: an MCP client should have started this. --print-config tells how.")
            await agent.serve_stdio()
            return
        stop = asyncio.Event()
        planes = both_planes(gym, agent, options["control"], options)  # before stdin is read: a port in use is told at once
        async with asyncio.TaskGroup() as group:
            group.create_task(planes(stop))
            await agent.serve_stdio()
            stop.set()


async def serve_http(catalog: Any, only: str | None, transport: str, options: dict[str, Any]) -> None:
    """Both planes on one port until a signal ends it."""
    from codegym_mcp.agent_plane import AgentPlane

    async with open_gym(catalog, options) as gym:
        agent = AgentPlane(gym, reveal=options["reveal"], documentation=documentation(options))
        ending = "sse" if transport == "sse" else "mcp"
        settle_heap()
        await both_planes(gym, agent, options["port"], options, name=only, ending=ending)(None)


def settle_heap() -> None:
    """Keep the garbage collector from walking over what lives as long as the server, again and again.

    Untuned it takes a third of the server's time, and more with every open episode; what it finds per call are a dozen
    small objects (tests/bench/bench_server.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


def both_planes(
    gym: "Gym", agent: "AgentPlane", port: int, options: dict[str, Any], *, name: str | None = None, ending: str = "mcp"
) -> Callable[[asyncio.Event | None], Coroutine[Any, Any, None]]:
    """Make everything ready to be served over HTTP; what is returned serves, until the event, and says where.

    Raises:
        InvalidRequest: the port is in use, or the token too short.
    """
    from codegym_mcp.control_plane import ControlPlane
    from codegym_mcp.http_server import ANY, bind, build_app, serve

    host = options["host"]
    token = options["token"] or secrets.token_urlsafe(24)
    sock = bind(host, port)
    known_as = next(iter(options["allow_host"]), "127.0.0.1") if host in ANY else host
    base = f"http://{f'[{known_as}]' if ':' in known_as else known_as}:{sock.getsockname()[1]}"
    control = ControlPlane(gym, token, lambda id: f"{base}/episodes/{id}/{ending}")
    app = build_app(agent, control, host=host, allowed_hosts=options["allow_host"])

    def tell() -> None:
        say(f"{len(gym.catalog)} environments at {base}/envs/{name or 'NAME'}/{ending}")
        if name:
            kind = "sse" if ending == "sse" else "http"
            say(f"Claude Code: claude mcp add --transport {kind} {name} {base}/envs/{name}/{ending}")
        say(f"Control plane: {base}/control (OpenAPI: {base}/control/openapi.json)")
        say(f"Token: {token}" if not options["token"] else "Token: as given")

    return lambda stop: serve(app, sock, on_ready=tell, stop=stop)


def documentation(options: dict[str, Any]) -> Any:
    """The documentation style that was asked for."""
    return "examples" if options["examples"] else "plain"


def say(text: str) -> None:
    """To the person; stdout may be the wire."""
    click.echo(text, err=True)


def configurations(catalog: "Catalog", target: str, name: str, host: str, port: int) -> str:
    """Ready-made client configurations, with absolute paths: clients start servers from anywhere."""
    path = Path(target).resolve() if Path(target).exists() else None
    command = [*own_command(), "serve", str(path or name)]
    http_command = [*command, "--transport", "http", "--host", host, "--port", str(port)]
    parts = [
        "Claude Desktop (claude_desktop_config.json), or .mcp.json in a project:",
        client_file(name, started_by(command)),
        "Claude Code:",
        shlex.join(["claude", "mcp", "add", name, "--", *command]),
        "In a container (after `docker build -t codegym-mcp .`):",
        client_file(name, started_by(docker_command(name, path and (catalog.folder(name) or path)))),
        f"Over HTTP (after `{shlex.join(http_command)}`):",
        client_file(name, {"type": "http", "url": f"http://{host}:{port}/envs/{name}/mcp"}),
    ]
    return "\n\n".join(parts)


def own_command() -> list[str]:
    """What starts this very installation: its script, or its Python where there is none."""
    script = shutil.which("codegym", path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "codegym_mcp"]


def docker_command(name: str, path: Path | None) -> list[str]:
    """Serve an environment from the image. That holds the bundled ones alone: one at a path is lent to it, name and all."""
    run = ["docker", "run", "-i", "--rm"]
    if path is None:
        return [*run, "codegym-mcp", "serve", name]
    inside = f"/env/{path.name}"
    return [*run, "-v", f"{path}:{inside}:ro", "codegym-mcp", "serve", inside]


def started_by(command: list[str]) -> dict[str, Any]:
    """A server that the client starts by itself."""
    return {"command": command[0], "args": command[1:]}


def client_file(name: str, server: dict[str, Any]) -> str:
    """The configuration file of a client, with one server."""
    return json.dumps({"mcpServers": {name: server}}, indent=2)
