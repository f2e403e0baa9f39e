"""MCP: what an agent may see of its episode, over stdio, streamable HTTP and SSE, in both protocol eras.

One Server object serves any number of environments. State hangs on our own episode id, never on the connection. An
episode is addressed in three ways: by its URL (`/episodes/<id>/mcp`, for trainers: the pure tool list), by a handle
that `Start` returns (`/envs/<env>/mcp` and stdio, for people), or by `_meta["codegym/episode"]` (for programs).

Never here: a reward, a reference answer, a path, a traceback. Those are on the control plane, or nowhere.
Source: MCP specification 2026-07-28 (stateless) and 2025-11-25 and before (handshake).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import mcp_types as mcp
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.context import CallNext, HandlerResult
from mcp.server.sse import SseServerTransport
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

import codegym_mcp
from codegym_mcp.agent_wire import (
    CALL_META,
    EPISODE_META,
    ERROR_META,
    HOW_TO_PLAY,
    LIST_TTL_MS,
    MALFORMED_META,
    OVER_META,
    START,
    STEP_META,
    failed,
    list_tools,
    protocol_error,
    protocol_errors,
    result_of,
    wording,
)
from codegym_mcp.errors import CodegymError, EpisodeError, EpisodeNotFound, EpisodeOver, UnknownTool, clip
from codegym_mcp.gym import Gym
from codegym_mcp.types import Documentation

TASK_URI = "codegym://task"
MAX_CONNECTIONS = 10_000
"""Connections whose current episode is remembered; the oldest are forgotten first."""
Context = ServerRequestContext[Any, Any]
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes: an episode, or an environment whose episodes Start opens."""

    kind: Literal["episodes", "envs"]
    name: str


class AgentPlane:
    """The MCP face of a gym."""

    def __init__(
        self,
        gym: Gym,
        *,
        episode: str | None = None,
        environment: str | None = None,
        reveal: bool = False,
        documentation: Documentation = "plain",
    ) -> None:
        """Args:
        episode: id of the one episode that a connection without a URL (stdio, memory) plays.
        environment: the one environment that such a connection may Start.
        reveal: whether episodes opened by Start tell if the answer was right.
        documentation: of the tools of an environment's endpoint; an episode's is its own.
        """
        self._gym = gym
        self._default = Address("episodes", episode) if episode else Address("envs", environment) if environment else None
        self._reveal, self._documentation = reveal, documentation
        self._current: OrderedDict[str, str] = OrderedDict()
        """Connection -> the episode that its calls mean."""
        self._untold: OrderedDict[str, None] = OrderedDict()
        """Episodes opened without Start, whose first Observe tells the task."""
        self._opening: OrderedDict[str, asyncio.Lock] = OrderedDict()
        """Connection -> held while its first episode is opened."""
        self._lists: dict[tuple[str, str, bool], mcp.ListToolsResult] = {}
        self.server: Server[Any] = Server(
            "codegym",
            version=codegym_mcp.__version__,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            get_tool_input_schema=lambda name: None,  # switches off a listing per call; no schema of ours declares headers
        )
        self.server.middleware += [self._contain, self._instruct]

    # ---------------------------------------------------------------------------------------------------- transports
    async def serve_stdio(self) -> None:
        """Serve one client on stdin and stdout, to its end."""
        async with stdio_server() as (read, write):
            await self.server.run(read, write, self.server.create_initialization_options())

    def routes(self, security: TransportSecuritySettings) -> list[BaseRoute]:
        """HTTP routes; `session()` must be entered while they are served."""
        app = self.server.streamable_http_app(
            streamable_http_path="/{kind}/{name}/mcp", json_response=True, transport_security=security
        )
        self._sse = SseServerTransport("/messages", security_settings=security)
        return [
            *app.routes,
            Route("/{kind}/{name}/sse", self._connect_sse, methods=["GET"]),
            Route("/{kind}/{name}/messages", _PostMessage(self._sse)),
        ]

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """What the HTTP routes need to run."""
        async with self.server.session_manager.run():
            yield

    async def _connect_sse(self, request: Request) -> Response:
        """The old transport: a GET stream, and POSTs beside it whose path carries the same address."""
        try:
            address = _address_in(request)
        except MCPError as exc:
            return PlainTextResponse(exc.error.message, 404)
        scope = {**request.scope, "root_path": f"{request.scope.get('root_path', '')}/{address.kind}/{address.name}"}
        try:
            async with self._sse.connect_sse(scope, request.receive, request._send) as (read, write):
                await self.server.run(read, write, self.server.create_initialization_options())
        except ValueError as exc:  # how the SDK ends after it has refused a Host or an Origin, and answered so
            if "validation failed" not in str(exc):
                raise
            return _Answered()
        return Response()

    # ------------------------------------------------------------------------------------------------------- listing
    async def _list_tools(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
        address = self._address(ctx)
        with protocol_errors():
            if address.kind == "episodes":
                definition, style = await self._gym.tools_of(address.name)
            else:
                definition, style = self._gym.catalog.definition(address.name), self._documentation
        key = (definition.hash, style, address.kind == "envs")
        if key not in self._lists:
            if len(self._lists) >= 1024:
                self._lists.clear()
            self._lists[key] = list_tools(definition, style, startable=address.kind == "envs")
        return self._lists[key]

    async def _list_prompts(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListPromptsResult:
        return mcp.ListPromptsResult(
            prompts=[mcp.Prompt(name="task", description="The task to solve.")], ttl_ms=LIST_TTL_MS, cache_scope="public"
        )

    async def _get_prompt(self, ctx: Context, params: mcp.GetPromptRequestParams) -> mcp.GetPromptResult:
        if params.name != "task":
            raise MCPError(mcp.INVALID_PARAMS, f"There is no prompt '{clip(params.name, 80)}'; there is one, named task.")
        text = mcp.TextContent(text=await self._task_text(ctx))
        return mcp.GetPromptResult(messages=[mcp.PromptMessage(role="user", content=text)])

    async def _list_resources(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListResourcesResult:
        resource = mcp.Resource(uri=TASK_URI, name="task", description="The task to solve.", mime_type="text/plain")
        return mcp.ListResourcesResult(resources=[resource], ttl_ms=LIST_TTL_MS, cache_scope="public")

    async def _list_templates(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListResourceTemplatesResult:
        """None; but clients ask whoever has resources."""
        return mcp.ListResourceTemplatesResult(resource_templates=[], ttl_ms=LIST_TTL_MS, cache_scope="public")

    async def _read_resource(self, ctx: Context, params: mcp.ReadResourceRequestParams) -> mcp.ReadResourceResult:
        if params.uri != TASK_URI:
            raise MCPError(mcp.INVALID_PARAMS, f"There is no such resource; there is one, {TASK_URI}.", {"uri": params.uri})
        text = await self._task_text(ctx)
        content = mcp.TextResourceContents(uri=TASK_URI, mime_type="text/plain", text=text)
        return mcp.ReadResourceResult(contents=[content], ttl_ms=0, cache_scope="private")

    async def _contain(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """What nobody foresaw stays here: clients of the old protocol, and those in memory, would read its text."""
        try:
            return await call_next(ctx)
        except (MCPError, ValidationError):
            raise
        except Exception as exc:
            logger.exception("%s failed", ctx.method)
            raise MCPError(mcp.INTERNAL_ERROR, "Internal server error") from exc

    async def _instruct(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """The task as server instructions, which differ per URL: added to what the Server answers."""
        result = await call_next(ctx)
        if ctx.method not in ("initialize", "server/discover"):
            return result
        try:
            text = await self._task_text(ctx)
        except MCPError:  # an address that leads nowhere: its first real request tells so
            return result
        if isinstance(result, dict):
            return {**result, "instructions": text}
        return result.model_copy(update={"instructions": text}) if result is not None else None

    async def _task_text(self, ctx: Context) -> str:
        address = self._address(ctx)
        with protocol_errors():
            if address.kind == "episodes":
                return f"{(await self._gym.status(address.name)).prompt}\n\n{HOW_TO_PLAY}"
            current = self._current.get(_connection(ctx) or "")
            prompt = (await self._gym.status(current)).prompt if current else self._gym.catalog.definition(address.name).prompt
            return f"{prompt}\n\n{HOW_TO_PLAY} Start opens another episode."

    # --------------------------------------------------------------------------------------------------------- calls
    async def _call_tool(self, ctx: Context, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        address = self._address(ctx)
        try:
            if address.kind == "episodes":
                return await self._play(dict(ctx.meta or {}), address.name, params.name, params.arguments)
            arguments = dict(params.arguments or {})
            if params.name == "Start":
                return await self._start(ctx, address.name, arguments)
            return await self._play_current(ctx, address, params.name, arguments)
        except CodegymError as exc:
            raise protocol_error(exc) from exc

    async def _start(self, ctx: Context, environment: str, arguments: dict[str, Any]) -> mcp.CallToolResult:
        task, seed = arguments.get("task"), arguments.get("seed", 0)
        if unknown := arguments.keys() - START.input_schema["properties"].keys():
            return failed(f"Start: there is no argument '{clip(min(unknown), 80)}'; arguments are: task, seed.")
        if not (task is None or isinstance(task, str)) or type(seed) is not int or seed < 0:
            return failed("Start: 'task' must be a string and 'seed' a whole number from 0.")
        try:
            status = await self._open(ctx, environment, task, seed)
        except CodegymError as exc:
            if exc.retryable:
                raise
            return failed(f"Start: {wording(exc)}")
        text = f"Episode {status.id} is open.\n\n{status.prompt}\n\n{HOW_TO_PLAY}"
        return mcp.CallToolResult(
            content=[mcp.TextContent(text=text)], structured_content={"episode": status.id, "task": status.prompt}
        )

    async def _open(self, ctx: Context, environment: str, task: str | None, seed: int) -> Any:
        status = await self._gym.open(environment, task, seed=seed, reveal=self._reveal, documentation=self._documentation)
        if connection := _connection(ctx):
            remember(self._current, connection, status.id)
        return status

    async def _first(self, ctx: Context, environment: str, connection: str) -> str:
        """The episode that a connection's first call opens; its first calls may come side by side."""
        lock = self._opening.get(connection)
        if lock is None:
            lock = asyncio.Lock()
            remember(self._opening, connection, lock)
        async with lock:
            if connection not in self._current:
                remember(self._untold, (await self._open(ctx, environment, None, 0)).id, None)
            return self._current[connection]

    async def _play_current(self, ctx: Context, address: Address, tool: str, arguments: dict[str, Any]) -> mcp.CallToolResult:
        """A call at an environment's endpoint: of the episode it names, or of the connection's current one."""
        handle = arguments.pop("episode", None) or (ctx.meta or {}).get(EPISODE_META)
        connection = _connection(ctx)
        definition = self._gym.catalog.definition(address.name)
        if handle is None and connection is not None:
            handle = self._current.get(connection)
        if handle is None and definition.tool(tool) is None:
            raise UnknownTool(tool, definition.tool_names)
        if handle is None:
            if connection is None:
                return failed("Say which episode: call Start, and pass the handle it returns as 'episode'.")
            handle = await self._first(ctx, address.name, connection)
        if not isinstance(handle, str):
            return failed("'episode' must be a handle that Start returned.")
        try:
            played, _ = await self._gym.tools_of(handle)
            if (played.name, played.hash) != (definition.name, definition.hash):
                raise EpisodeNotFound
            result = await self._play(dict(ctx.meta or {}), handle, tool, arguments)
        except EpisodeError as exc:  # the specification: a handle that leads nowhere is a tool error
            if exc.retryable:
                raise
            return failed(str(exc))
        if tool == "Observe" and handle in self._untold:
            del self._untold[handle]
            told = mcp.TextContent(text=(await self._gym.status(handle)).prompt)
            return result.model_copy(update={"content": [told, *result.content]})
        return result

    async def play(self, id: str, tool: str, arguments: dict[str, Any], meta: dict[str, Any]) -> mcp.CallToolResult:
        """Play a call of an episode, for who has taken the request apart already (fast_lane.py).

        Raises:
            MCPError: as the protocol words it.
        """
        with protocol_errors():
            return await self._play(meta, id, tool, arguments)

    async def _play(self, meta: dict[str, Any], id: str, tool: str, arguments: dict[str, Any] | None) -> mcp.CallToolResult:
        try:
            malformed = meta.get(MALFORMED_META)
            sent = malformed if isinstance(malformed, str) else arguments
            observation = await self._gym.call(id, tool, sent, key=meta.get(CALL_META))
        except EpisodeOver as exc:
            return mcp.CallToolResult(
                content=[mcp.TextContent(text=str(exc))],
                is_error=True,
                _meta={STEP_META: exc.step, OVER_META: True, ERROR_META: "EpisodeOver"},
            )
        return result_of(observation)

    def _address(self, ctx: Context) -> Address:
        if ctx.request is not None:
            return _address_in(ctx.request)
        named = (ctx.meta or {}).get(EPISODE_META)
        if self._default is None or self._default.kind == "episodes":
            if isinstance(named, str):
                return Address("episodes", named)
            if self._default is None:
                raise MCPError(mcp.INVALID_PARAMS, f'Say which episode: _meta["{EPISODE_META}"].')
        return self._default


class _Answered(Response):
    """A request that was answered already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing more to say."""


class _PostMessage:
    """The SSE transport's POST endpoint as an ASGI application (a Route wraps plain functions)."""

    def __init__(self, transport: SseServerTransport) -> None:
        self._transport = transport

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._transport.handle_post_message(scope, receive, send)


def remember(known: "OrderedDict[str, T]", key: str, value: T) -> None:
    """Add to what is known of connections, the newest last; the oldest are forgotten."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > MAX_CONNECTIONS:
        known.popitem(last=False)


def _address_in(request: Request) -> Address:
    kind, name = request.path_params["kind"], request.path_params["name"]
    if kind not in ("episodes", "envs"):
        raise MCPError(mcp.INVALID_PARAMS, "The path must be /episodes/<id>/mcp or /envs/<environment>/mcp.")
    return Address(kind, name)


def _connection(ctx: Context) -> str | None:
    """A name for the client's connection where the protocol has one; the newest protocol has none."""
    if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
        return None
    if ctx.request is None:
        return "stdio"
    session = ctx.request.headers.get("mcp-session-id") or ctx.request.query_params.get("session_id")
    return f"{ctx.request.path_params['name']}/{session}" if session else None


def build_server(gym: Gym, episode: str) -> Server[Any]:
    """A Server for one episode, to be used in memory: `Client(build_server(gym, episode.id))`."""
    return AgentPlane(gym, episode=episode).server
