"""Plays the calls it reads from stdin with fastmcp's client, and writes what it saw to stdout. See ../foreign.py."""

import asyncio
import json
import sys

import fastmcp
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

ask = json.load(sys.stdin)


def transport():
    if ask["transport"] == "stdio":
        return StdioTransport(ask["command"][0], ask["command"][1:])
    return (SSETransport if ask["transport"] == "sse" else StreamableHttpTransport)(ask["url"])


async def main():
    async with fastmcp.Client(transport()) as client:
        tools = [tool.name for tool in await client.list_tools()]
        episode, seen = None, []
        if ask["task"] is not None:
            episode = (await client.call_tool("Start", {"task": ask["task"]})).structured_content["episode"]
        for name, given in ask["calls"]:
            arguments = {**given, "episode": episode} if ask["handles"] else given
            result = await client.call_tool(name, arguments, raise_on_error=False)
            seen.append(["".join(part.text for part in result.content), result.is_error])
        session = client.session
        told = {"protocol": session.protocol_version, "instructions": session.instructions}
    print(json.dumps({**told, "tools": tools, "episode": episode, "seen": seen}))


asyncio.run(main())
