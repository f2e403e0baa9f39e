"""Clients that nobody here wrote: where setup.sh put them, and how each is made to play.

A player gets an `Ask` as JSON on stdin and answers with a `Played` as JSON on stdout; players/ holds one program per
family of clients. The inspector is a command line instead: one process, and one connection, for every single call.
"""

import dataclasses
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("CODEGYM_CACHE", Path.home() / ".cache" / "codegym-tests"))
NODE_MODULES = CACHE / "node_modules"
BIN = NODE_MODULES / ".bin"
PLAYER_S = 60
"""Longest that one client may take for a whole episode; it usually takes three seconds."""


def installed() -> None:
    """Skip the test where the clients are not installed; in CI that is a failure."""
    if not (CACHE / "pins").exists():
        missing = f"{CACHE} does not hold the clients; tests/clients/setup.sh installs them (CODEGYM_CACHE says where)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


@dataclass(frozen=True)
class Ask:
    """What to play, and where."""

    transport: str
    """stdio, http or sse."""
    url: str | None
    command: list[str] | None
    """On stdio: how to start the server."""
    task: str | None
    """Opened with Start, at an environment's endpoint; None where the URL is an episode's."""
    handles: bool
    """Whether each call carries the handle that Start returned."""
    calls: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Played:
    """What a client saw."""

    protocol: str | None
    instructions: str | None
    tools: list[str]
    episode: str | None
    """The handle that Start returned."""
    seen: list[tuple[str, bool]]
    """Text and is_error of every answer."""


def node_environment() -> dict[str, str]:
    """Node 22 and the packages of the cache, first in every path; what a client wants to keep goes there, too."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "NODE_PATH": str(NODE_MODULES), "HOME": str(CACHE)}


def run(command: list[str], *, sent: str = "", accepted: tuple[int, ...] = (0,)) -> str:
    """Run a client to its end; what it wrote to stdout."""
    done = subprocess.run(command, input=sent, capture_output=True, text=True, env=node_environment(), timeout=PLAYER_S)
    assert done.returncode in accepted, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def program(command: list[str], options: dict[str, str], ask: Ask) -> Played:
    """Play with one of players/."""
    told = json.loads(run(command, sent=json.dumps({**dataclasses.asdict(ask), **options})))
    return Played(**{**told, "seen": [(text, is_error) for text, is_error in told["seen"]]})


IS_ERROR = 5
"""The inspector's exit status when a tool answered with isError."""


def inspector(era: str, ask: Ask) -> Played:
    """Play with the inspector's command line."""
    target = ask.command or [ask.url or "", "--transport", ask.transport]
    command = [str(BIN / "mcp-inspector"), "--cli", *target, "--protocol-era", era, "--method"]

    def call(name: str, arguments: dict[str, Any]) -> Any:
        asked = ["tools/call", "--tool-name", name, "--tool-args-json", json.dumps(arguments)]
        return json.loads(run([*command, *asked], accepted=(0, IS_ERROR)))

    tools = [tool["name"] for tool in json.loads(run([*command, "tools/list"]))["tools"]]
    episode = None if ask.task is None else call("Start", {"task": ask.task})["structuredContent"]["episode"]
    seen = []
    for name, given in ask.calls:
        result = call(name, {**given, "episode": episode} if ask.handles else given)
        seen.append(("".join(part["text"] for part in result["content"]), result["isError"]))
    return Played(None, None, tools, episode, seen)


@dataclass(frozen=True)
class Client:
    """One of them."""

    play: Callable[[Ask], Played]
    transports: tuple[str, ...]
    protocol: str | None
    """The version that is to be spoken; None where the client does not tell."""
    keeps_connection: bool
    """Whether its calls share a connection, which then has a current episode (in the old protocol only)."""


def typescript(**options: str) -> Callable[[Ask], Played]:
    """The TypeScript SDKs."""
    return partial(program, [str(BIN / "node"), str(HERE / "players" / "typescript.cjs")], options)


def python(venv: str, player: str, **options: str) -> Callable[[Ask], Played]:
    """Python clients, in a virtual environment of their own."""
    return partial(program, [str(CACHE / venv / "bin" / "python"), str(HERE / "players" / player)], options)


OLD, NEW = "2025-11-25", "2026-07-28"
EVERY = ("stdio", "http", "sse")
CLIENTS = {
    "inspector": Client(partial(inspector, "legacy"), EVERY, None, False),
    "inspector, modern": Client(partial(inspector, "modern"), ("http",), None, False),
    "TypeScript SDK 1": Client(typescript(sdk="v1"), EVERY, OLD, True),
    "TypeScript SDK 2, legacy": Client(typescript(sdk="v2"), EVERY, OLD, True),
    "TypeScript SDK 2, modern": Client(typescript(sdk="v2", era="modern"), ("stdio", "http"), NEW, False),
    "fastmcp": Client(python("fastmcp", "fastmcp_client.py"), ("stdio", "http"), NEW, False),
    "fastmcp, SSE": Client(python("fastmcp", "fastmcp_client.py"), ("sse",), OLD, True),
    "Python SDK 1": Client(python("mcp1", "mcp1.py", sdk="mcp"), EVERY, OLD, True),
    "LangChain": Client(python("mcp1", "mcp1.py", sdk="langchain"), EVERY, None, False),
}
