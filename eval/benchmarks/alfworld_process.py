"""The processes that play ALFWorld games, seen from here: started when needed, lent for an episode, replaced now and then."""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidTask, SandboxError

WORKER = Path(__file__).with_name("alfworld_worker.py")
REPLY_S = 120.0
"""Seconds a reply may take; the first one of a process, which imports textworld, takes about 2 on a free core."""
REPLY_BYTES = 8 << 20
GAMES = 100
"""That one process plays: each leaves 1 to 2 MiB behind."""


class GameProcess:
    """One process, with one game at a time."""

    def __init__(self, process: Process) -> None:
        self._process, self.games = process, 0

    @classmethod
    async def start(cls) -> "GameProcess":
        """Start one, with hashes that are the same in each: no order of things that are told may hang on them."""
        environment = {"PATH": os.defpath, "PYTHONHASHSEED": "0", "ALFWORLD_DATA": tempfile.gettempdir()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(WORKER)),  # -P: alfworld is the package, not the module beside the worker
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=REPLY_BYTES,
            env=environment,
            start_new_session=True,
        )
        return cls(process)

    async def load(self, path: Path, *, plan: bool = False) -> dict[str, Any]:
        """Begin a game.

        Args:
            plan: also tell how it is won.

        Raises:
            InvalidTask: it is no game.
            SandboxError: the process failed.
        """
        self.games += 1
        told = await self._ask({"load": {"path": str(path), "plan": plan}})
        if "error" in told:
            raise InvalidTask(str(path), f"is no game: {told['error']}")
        return told

    async def act(self, command: str) -> dict[str, Any]:
        """Give the game a command.

        Raises:
            SandboxError: the process failed, or the game did.
        """
        told = await self._ask({"act": command})
        if "error" in told:
            raise SandboxError(f"the game failed at '{command}': {told['error']}")
        return told

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            line = await asyncio.wait_for(self._process.stdout.readline(), REPLY_S)
            told = json.loads(line)
        except TimeoutError as exc:
            raise SandboxError(f"the game's process was silent for {REPLY_S:g} s") from exc
        except (OSError, ValueError) as exc:  # ValueError: it ended, or its line is too long, or no JSON
            raise SandboxError(f"the game's process failed (exit code {self._process.returncode})") from exc
        if not isinstance(told, dict):
            raise SandboxError("the game's process spoke out of turn")
        return told

    async def stop(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.shield(self._process.wait())


class GameProcesses:
    """As many processes as there are episodes at the same time. Use `stop` at the end."""

    def __init__(self) -> None:
        self._free: list[GameProcess] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[GameProcess]:
        """One for an episode. It is ended, not lent again, when the episode was not played in peace."""
        process = self._free.pop() if self._free else await GameProcess.start()
        sound = False
        try:
            yield process
            sound = True
        finally:
            if sound and process.games < GAMES:
                self._free.append(process)
            else:
                await process.stop()

    async def stop(self) -> None:
        """End those that are free."""
        while self._free:
            await self._free.pop().stop()
