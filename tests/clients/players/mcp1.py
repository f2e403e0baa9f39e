"""Plays the calls it reads from stdin with the Python SDK before its version 2, and writes what it saw to stdout.

Either with its own ClientSession, or through langchain-mcp-adapters, which makes a new session for every tool call.
See ../foreign.py.
"""

import asyncio
import contextlib
import json
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

ask = json.load(sys.stdin)


@contextlib.asynccontextmanager
async def session():
    if ask["transport"] == "stdio":
        streams = stdio_client(StdioServerParameters(command=ask["command"][0], args=ask["command"][1:]))
    else:
        streams = (sse_client if ask["transport"] == "sse" else streamable_http_client)(ask["url"])
    async with streams as (read, write, *_), ClientSession(read, write) as client:
        yield client


async def with_the_sdk():
    async with session() as client:
        initialized = await client.initialize()
        tools = [tool.name for tool in (await client.list_tools()).tools]
        episode, seen = None, []
        if ask["task"] is not None:
            episode = (await client.call_tool("Start", {"task": ask["task"]})).structuredContent["episode"]
        for name, given in ask["calls"]:
            arguments = {**given, "episode": episode} if ask["handles"] else given
            result = await client.call_tool(name, arguments)
            seen.append(["".join(part.text for part in result.content), result.isError])
    told = {"protocol": initialized.protocolVersion, "instructions": initialized.instructions}
    return {**told, "tools": tools, "episode": episode, "seen": seen}


async def with_langchain():
    if ask["transport"] == "stdio":
        server = {"transport": "stdio", "command": ask["command"][0], "args": ask["command"][1:]}
    else:
        server = {"transport": {"http": "streamable_http"}.get(ask["transport"], "sse"), "url": ask["url"]}
    tools = {tool.name: tool for tool in await MultiServerMCPClient({"gym": server}).get_tools()}

    async def call(name, arguments):
        return await tools[name].ainvoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})

    episode, seen = None, []
    if ask["task"] is not None:
        episode = (await call("Start", {"task": ask["task"]})).artifact["structured_content"]["episode"]
    for name, given in ask["calls"]:
        result = await call(name, {**given, "episode": episode} if ask["handles"] else given)
        seen.append(["".join(part["text"] for part in result.content), result.status == "error"])
    return {"protocol": None, "instructions": None, "tools": list(tools), "episode": episode, "seen": seen}


print(json.dumps(asyncio.run(with_langchain() if ask["sdk"] == "langchain" else with_the_sdk())))
