"""From the start of `codegym serve ENV` to the answer of the first tool call, over stdio.

    python tests/bench/bench_start.py [--rounds 7]

The client is this script: raw JSON lines, so that no client's imports are counted. The baseline is what anything on the
MCP SDK must pay: a process that imports its server.
"""

import asyncio
import json
import sys
from typing import Any

from harness import milliseconds, run, tell

from codegym_mcp.bench import alternate, ratios

CODEGYM = (sys.executable, "-c", "from codegym_mcp.cli.main import main; main()")
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}


async def measure(rounds: int) -> None:
    """Print seconds and ratios."""
    sides = {
        "python": lambda: seconds("-c", "pass"),
        "import": lambda: seconds("-c", "import mcp.server"),
        "first call": first_call,
    }
    found = await alternate(rounds, sides)
    tell("first tool call, s", found["first call"], "1 start", "< 3")
    tell("first tool call / import mcp.server", ratios(found["first call"], found["import"]), "1 start")
    tell("import mcp.server / python", ratios(found["import"], found["python"]), "1 start")


async def seconds(*arguments: str) -> float:
    """How long a Python process takes, start to end."""

    async def live() -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        await process.wait()

    return 1e-3 * await milliseconds(live())


async def first_call() -> float:
    """Start the server, shake hands, call Observe."""
    pipe = asyncio.subprocess.PIPE
    process = None

    async def answered() -> None:
        nonlocal process
        process = await asyncio.create_subprocess_exec(*CODEGYM, "serve", "coin_change", stdin=pipe, stdout=pipe)
        assert process.stdin is not None
        send(process.stdin, id=1, method="initialize", params=HELLO)
        await answer(process)
        send(process.stdin, method="notifications/initialized")
        send(process.stdin, id=2, method="tools/call", params={"name": "Observe", "arguments": {}})
        while (message := await answer(process)).get("id") != 2:
            pass
        assert not message["result"].get("isError"), message

    took = await milliseconds(answered())
    assert process is not None and process.stdin is not None
    process.stdin.close()
    await process.wait()
    return 1e-3 * took


def send(stdin: asyncio.StreamWriter, **message: Any) -> None:
    """One line."""
    stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


async def answer(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The next line."""
    assert process.stdout is not None
    message: dict[str, Any] = json.loads(await process.stdout.readline())
    return message


if __name__ == "__main__":
    run(measure, rounds=7)
