"""`codegym serve` in a process of its own, for programs that need a server beside them: trainers, benchmarks."""

import contextlib
import ctypes
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codegym_mcp.errors import SandboxError, clip

START_S = 60.0
"""How long it may take to begin to serve."""
END_S = 10.0
"""How long it may take to end before it is killed."""
PR_SET_PDEATHSIG = 1
READY = re.compile(r"^Control plane: (\S+)/control ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    url: str
    token: str
    pid: int


@contextmanager
def served(*arguments: str, log: Path | None = None, token: str | None = None) -> Iterator[Served]:
    """`codegym serve --transport http` on a free port, for as long as the block lasts; it never outlives this process.

    Args:
        arguments: further ones of `codegym serve`.
        log: where it writes what it has to say; default: a file that goes with it.
        token: what its clients must show; default: a new one.

    Raises:
        SandboxError: it did not start; with what it said.
    """
    token = token or secrets.token_urlsafe(24)
    command = [sys.executable, "-m", "codegym_mcp", "serve", *arguments, "--transport", "http", "--port", "0"]
    with contextlib.ExitStack() as stack:
        if log is None:
            log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "server.log"
        with log.open("wb") as said:
            process = subprocess.Popen(  # our own command line
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, "CODEGYM_TOKEN": token},
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        stack.callback(_end, process)
        yield Served(_url(process, log), token, process.pid)


def end_with_parent() -> None:
    """Runs in a new process (`preexec_fn`): a program that is killed leaves none behind, on Linux. Source: prctl(2)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Where it serves, as it says itself."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        if found := READY.search(log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        time.sleep(0.02)
    raise SandboxError(f"the server did not start: {clip(log.read_text(encoding='utf-8', errors='replace'))}")
