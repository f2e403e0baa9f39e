"""The baseline of bench_server.py: a bare MCP SDK server with one echo tool, as fast as the SDK gets.

`python tests/bench/echo_server.py` serves on a free port and prints it.
"""

import socket
from typing import Any

import mcp_types as mcp
import uvicorn
from mcp import MCPError
from mcp.server import Server, ServerRequestContext

from codegym_mcp.http_server import smooth

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False}
TOOLS = mcp.ListToolsResult(tools=[mcp.Tool(name="echo", description="Echo the text.", input_schema=SCHEMA)])


async def list_tools(ctx: ServerRequestContext[Any, Any], params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
    """One tool."""
    return TOOLS


async def call_tool(ctx: ServerRequestContext[Any, Any], params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
    """Answer with what came."""
    if params.name != "echo":
        raise MCPError(mcp.INVALID_PARAMS, f"Unknown tool: {params.name}")
    return mcp.CallToolResult(content=[mcp.TextContent(text=(params.arguments or {})["text"])])


if __name__ == "__main__":
    server = Server(
        "echo", version="1", on_list_tools=list_tools, on_call_tool=call_tool, get_tool_input_schema=lambda name: None
    )
    app = smooth(server.streamable_http_app(streamable_http_path="/episodes/{episode}/mcp", json_response=True))
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(4096)
    print(sock.getsockname()[1], flush=True)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning", timeout_keep_alive=75)
    uvicorn.Server(config).run(sockets=[sock])
