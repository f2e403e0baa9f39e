"""A real `codegym serve` in a process of its own, as root or as an ordinary user, and what can be seen of it from outside.

Not for tests that want a gym in their own process; they have `http_server.running`.
"""

import atexit
import contextlib
import functools
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import codegym_mcp

TOKEN = "SECRET-" + "t0ken" * 5
"""Bearer token of the control plane, which the server gets in an environment variable."""
ORDINARY_UID = 54_322
IS_ROOT = sys.platform == "linux" and os.getuid() == 0
START_S = END_S = 60
"""Seconds until something counts as stuck; nothing takes nearly as long."""
COMMAND = "import sys; sys.argv[0] = 'codegym'; from codegym_mcp.cli.main import main; main()"
"""What the console script does; that one may lie where an ordinary user cannot read it."""
PROJECT = Path(codegym_mcp.__file__).parents[1]


@dataclass
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]
    user: str
    prey: Path
    """A file that anybody may spoil, in a folder that anybody may change."""
    said: list[str] = field(default_factory=list)
    """Lines of its stderr."""
    sessions: set[int] = field(default_factory=set)
    """Sessions its zygotes made, one each; they may be gone."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def connect(self) -> socket.socket:
        """A plain connection, for requests that no client would send."""
        return socket.create_connection(self.address, timeout=END_S)

    def zygotes(self) -> list[int]:
        """Its own children."""
        found = children(self.process.pid)
        self.sessions.update(found)
        return found

    def workers(self) -> list[int]:
        """Spare ones, and those of episodes."""
        return [worker for zygote in self.zygotes() for worker in children(zygote)]

    def family(self) -> list[int | None]:
        """Handles of all its zygotes and workers."""
        return [open_pidfd(pid) for pid in (*self.zygotes(), *self.workers())]

    def strays(self) -> list[int]:
        """Processes of its sessions that run and are none of its workers. No worker can leave its zygote's session."""
        family = {*self.zygotes(), *self.workers()}
        return [pid for pid, session in sessions() if session in self.sessions and pid not in family | {*self.workers()}]

    def spoilt(self) -> list[str]:
        """What became of the prey, empty if nothing."""
        names = [path.name for path in self.prey.parent.iterdir()]
        mode, text = self.prey.stat().st_mode & 0o7777, self.prey.read_text()
        return [] if (names, mode, text) == (["prey"], 0o666, "untouched") else [*names, oct(mode), text]


@functools.cache
def home() -> Path:
    """A folder that every user can read, with a copy of the package in it."""
    folder = Path(tempfile.mkdtemp(prefix="codegym-attacks-"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    shutil.copytree(PROJECT / "codegym_mcp", folder / "package/codegym_mcp", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "package/servers").mkdir()
    return folder


@functools.cache
def interpreter(user: str) -> str:
    """A Python that this user can run with all that the server needs; skips the test where there is none."""
    if not IS_ROOT or user == "root":
        return sys.executable
    named = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    for candidate in filter(None, (sys.executable, named)):
        try:
            done = subprocess.run(
                [candidate, "-c", "import codegym_mcp.cli.main, mcp.server, codegym_mcp.agent_plane"],
                cwd="/",
                env=variables(user),
                capture_output=True,
                timeout=START_S,
                check=False,
                **identity(user),
            )
        except PermissionError:
            continue
        if done.returncode == 0:
            return candidate
    pytest.skip(f"no Python here that uid {ORDINARY_UID} may run with this project's packages")


def variables(user: str) -> dict[str, str]:
    """The server's environment variables."""
    paths = [] if not IS_ROOT or user == "root" else [str(home() / "package"), sysconfig.get_path("purelib")]
    return {"CODEGYM_TOKEN": TOKEN, "PATH": os.environ["PATH"], "PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def identity(user: str) -> dict[str, Any]:
    """Arguments of Popen that make the process run as that user."""
    if not IS_ROOT or user == "root":
        return {}
    return {"user": ORDINARY_UID, "group": ORDINARY_UID, "extra_groups": []}


@contextmanager
def serving(user: str, environments: Path, *options: str, transport: str = "http", **popen: Any) -> Iterator[Served]:
    """Serve a folder of environments on a free port, until the block ends. Whatever the server started must end with it."""
    python = interpreter(user)
    folder = Path(tempfile.mkdtemp(dir=home()))
    folder.chmod(0o755)
    shutil.copytree(environments, folder / "environments").chmod(0o755)
    prey = folder / "prey-folder" / "prey"
    prey.parent.mkdir()
    prey.parent.chmod(0o777)
    prey.write_text("untouched")
    prey.chmod(0o666)
    command = [python, "-c", COMMAND, "serve", str(folder / "environments"), "--transport", transport, "--port", "0", *options]
    process = subprocess.Popen(
        command,
        cwd="/",
        env=variables(user),
        stdin=popen.pop("stdin", subprocess.DEVNULL),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **identity(user),
        **popen,
    )
    served = Served("", process, user, prey)
    ready = threading.Event()
    reader = threading.Thread(target=_listen, args=(served, ready), daemon=True)
    reader.start()
    try:
        assert ready.wait(START_S) and served.url
        yield served
        if process.poll() is None:
            family = served.family()
            process.send_signal(signal.SIGINT)
            assert process.wait(END_S) == 130
            assert [pidfd for pidfd in family if not ended(pidfd)] == []
        assert [pid for pid, session in sessions() if session in served.sessions] == []
    finally:
        process.kill()
        process.wait()
        reader.join(END_S)
        shutil.rmtree(folder)
        print(*served.said, sep="\n")  # shown where the test failed
    assert not any("Traceback" in line for line in served.said)


def _listen(served: Served, ready: threading.Event) -> None:
    assert served.process.stderr is not None
    for line in served.process.stderr:
        served.said.append(line.rstrip())
        if line.startswith("Control plane: "):
            served.url = line.split()[2].removesuffix("/control")
        if line.startswith("Token: "):
            ready.set()
    ready.set()


def children(pid: int) -> list[int]:
    """Children of a process of one thread; none if it is gone."""
    with contextlib.suppress(OSError):
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return []


def sessions() -> Iterator[tuple[int, int]]:
    """Every running process, with its session. A process that has ended but was not reaped yet is not running."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if state not in "ZX":
                yield int(folder.name), int(session)


def open_pidfd(pid: int) -> int | None:
    """A handle of a process, or None if it is gone."""
    with contextlib.suppress(ProcessLookupError):
        return os.pidfd_open(pid)
    return None


def ended(pidfd: int | None, timeout_s: float = END_S) -> bool:
    """Whether the process ends in time; closes the handle."""
    if pidfd is None:
        return True
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    try:
        return bool(poll.poll(timeout_s * 1000))
    finally:
        os.close(pidfd)
