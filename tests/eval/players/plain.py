"""An agent without a model, on the plain MCP SDK: makes the calls of a script, then ends. Knows nothing of codegym."""

import asyncio
import json
import os

from mcp import Client


async def main() -> None:
    """Its script is JSON in SCRIPT: a list of [tool, arguments]."""
    async with Client(os.environ["CODEGYM_URL"]) as client:
        for tool, arguments in json.loads(os.environ["SCRIPT"]):
            result = await client.call_tool(tool, arguments)
            print(tool, arguments, "->", "".join(part.text for part in result.content), flush=True)


if __name__ == "__main__":
    assert os.environ["CODEGYM_TASK"]
    asyncio.run(main())
