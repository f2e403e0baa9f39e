"""How tools, observations and errors stand on MCP's wire. No episode and no transport here; see agent_plane.py.

Source: MCP specification 2026-07-28 and 2025-11-25.
"""

import logging
from typing import Any

import mcp_types as mcp
from mcp import MCPError

from codegym_mcp.definition import Definition
from codegym_mcp.errors import CodegymError, InvalidEnvironment, InvalidTask, StoreError, UnknownTool
from codegym_mcp.types import Documentation, Observation, ToolSpec

EPISODE_META = "codegym/episode"
CALL_META = "codegym/call"
MALFORMED_META = "codegym/malformed"
"""What a model sent in place of a JSON object; the call fails and spends a step, as it must."""
STEP_META, OVER_META, ERROR_META = "codegym/step", "codegym/over", "codegym/error"
LIST_TTL_MS = 60_000
HOW_TO_PLAY = (
    "Solve the task with the tools alone. Their results are all you can know of its data. "
    "When you have the answer, submit it with Done: that ends the episode, and can be done once only."
)
UNPLAYABLE = "It cannot be played now; the log of its server tells why."
"""What an agent reads in place of an error whose text names files, or quotes an environment's own code."""
logger = logging.getLogger(__name__)

START = mcp.Tool(
    name="Start",
    description=(
        "Open a new episode of a task and make it the current one.\n\n"
        "Args:\n    task: id of a task; left out, one is drawn by the seed.\n    seed: whole number, 0 if left out.\n\n"
        "Returns:\n    the episode's handle, which the other tools take as 'episode', and the task's text."
    ),
    input_schema={
        "type": "object",
        "properties": {"task": {"type": "string"}, "seed": {"type": "integer", "minimum": 0}},
        "required": [],
        "additionalProperties": False,
    },
)
HANDLE = {"type": "string", "description": "Handle that Start returned; left out: this connection's current episode."}


class protocol_errors:
    """Turns our errors into the protocol's; no other exception text may reach a client."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, exc: BaseException | None, trace: Any) -> None:
        if isinstance(exc, CodegymError):
            raise protocol_error(exc) from exc


def protocol_error(exc: CodegymError) -> MCPError:
    """How an error that is not a tool's own stands on the wire."""
    code = mcp.INTERNAL_ERROR if exc.retryable or exc.status >= 500 else mcp.INVALID_PARAMS
    text = wording(exc)
    fields = exc.to_json() if text == str(exc) else {"error": type(exc).__name__, "retryable": exc.retryable}
    return MCPError(code, text, {**fields, "message": text})


def wording(exc: CodegymError) -> str:
    """What an agent may read of an error. Its operator reads the rest in the log."""
    if not isinstance(exc, (InvalidEnvironment, InvalidTask, StoreError)):
        return str(exc)
    logger.warning("%s", exc)
    return UNPLAYABLE


def result_of(observation: Observation) -> mcp.CallToolResult:
    """An observation on the wire.

    Raises:
        MCPError: the tool does not exist. The specification makes that a protocol error, and this is the one place
            that tells the two apart; the step is spent all the same.
    """
    meta: dict[str, Any] = {STEP_META: observation.step, OVER_META: observation.over}
    if observation.error == UnknownTool.__name__:
        data = {"error": observation.error, "message": observation.text, **meta}
        raise MCPError(mcp.INVALID_PARAMS, observation.text, data)
    if observation.error:
        meta[ERROR_META] = observation.error
    return mcp.CallToolResult(content=[mcp.TextContent(text=observation.text)], is_error=observation.is_error, _meta=meta)


def failed(text: str) -> mcp.CallToolResult:
    """A tool error that belongs to no episode."""
    return mcp.CallToolResult(content=[mcp.TextContent(text=text)], is_error=True)


def list_tools(definition: Definition, style: Documentation, *, startable: bool) -> mcp.ListToolsResult:
    """The tools of an environment as a client sees them."""
    tools = [mcp_tool(spec, style, startable=startable) for spec in definition.tools]
    return mcp.ListToolsResult(tools=[START, *tools] if startable else tools, ttl_ms=LIST_TTL_MS, cache_scope="public")


def mcp_tool(spec: ToolSpec, style: Documentation, *, startable: bool) -> mcp.Tool:
    """One tool as a client sees it."""
    schema = spec.input_schema
    if startable:
        schema = {**schema, "properties": {**schema["properties"], "episode": HANDLE}}
    return mcp.Tool(name=spec.name, description=spec.description(style), input_schema=schema)
