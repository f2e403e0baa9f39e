"""Servers of environments for one run: those that the configuration names, or processes of our own. No episodes here."""

import contextlib
import ctypes
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codegym_mcp.errors import SandboxError
from trainer.config import Environments, InvalidConfig

READY_S = 60.0
"""How long a server of ours may take to begin to serve."""
END_S = 10.0
"""How long it may take to end before it is killed."""
PR_SET_PDEATHSIG = 1
READY = re.compile(r"^Control plane: (\S+)/control ", re.MULTILINE)


@dataclass(frozen=True)
class Servers:
    """Where episodes can be played."""

    urls: list[str]
    token: str
    processes: list[int]
    """Ids of the processes that are ours."""


@contextmanager
def servers(config: Environments, folder: Path) -> Iterator[Servers]:
    """The servers of a run, for as long as it lasts.

    Args:
        folder: where those of our own write what they have to say.

    Raises:
        InvalidConfig: the token of given servers is not set.
        SandboxError: a server of ours did not begin to serve.
    """
    if config.servers:
        token = os.environ.get(config.token_variable, "")
        if not token:
            raise InvalidConfig(
                "environments.token_variable", f"{config.token_variable} is not set; it holds the servers' token"
            )
        yield Servers(list(config.servers), token, [])
        return
    token = secrets.token_urlsafe(24)
    with contextlib.ExitStack() as stack:
        logs = [folder / f"server-{os.environ.get('RANK', '0')}-{number}.log" for number in range(config.processes)]
        started = [stack.enter_context(_server(config.path, token, log)) for log in logs]
        yield Servers([url for url, _ in started], token, [pid for _, pid in started])


@contextmanager
def _server(path: str, token: str, log: Path) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "codegym_mcp", "serve", *([path] if path else []), "--transport", "http", "--port", "0"]
    with log.open("wb") as said:
        process = subprocess.Popen(  # our own command line
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, "CODEGYM_TOKEN": token},
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
    try:
        yield _ready(process, log), process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """A trainer that is killed leaves no server behind. Source: prctl(2)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Where it serves, as it says itself."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        found = READY.search(log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise SandboxError(f"the environments' server did not begin to serve; {log} tells why")
