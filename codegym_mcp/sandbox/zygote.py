"""The zygote: `python -s -S zygote.py CONTROL_FD OPTIONS`, exec'd (never forked) by the server with an empty environment.

It imports an allow list once, freezes the heap, and then forks one confined worker per message. It never runs
environment code. (`-I` would ignore PYTHONHASHSEED, and set order would then differ between processes: hence -s -S.)

request   b"fork", with the worker's end of a socketpair
reply     <i pid or -errno>, with a pidfd where the fork succeeded
"""

import array
import contextlib
import gc
import json
import os
import random
import signal
import socket
import struct
import sys
import types
import warnings
from typing import Any, NoReturn

FD = 3
"""The one descriptor a worker keeps."""
FIRST_UID, UIDS = 60_000, 5_000
"""As root, workers run under uids from here on, so that they cannot signal each other: by pid, which zygotes share."""

REAP_S = 0.5
"""Longest that a dead worker stays in the table of processes. A handler of SIGCHLD would interrupt forks, and cost more."""

ALLOWED = """__future__ _compat_pickle _strptime abc array ast base64 bisect calendar cmath collections
collections.abc contextlib copy dataclasses datetime decimal difflib encodings.ascii encodings.idna encodings.latin_1
encodings.utf_16 enum fractions functools hashlib heapq io itertools json linecache locale marshal math numbers
operator pickle pprint queue random re secrets statistics string struct textwrap time traceback types typing
unicodedata uuid weakref""".split()
"""Standard library modules an environment may import; anything else is not found in a worker."""

HIDDEN = ("__main__", "socket", "_socket", "subprocess", "codegym_mcp.sandbox.confine", "codegym_mcp.sandbox.seccomp")
"""Modules a worker forgets. No protection (the filter is), but an honest environment should not find them."""


class Discard:
    """stdout and stderr of a worker: environments print, and the filter refuses a write to fd 1."""

    encoding, closed = "utf-8", False

    def write(self, text: str) -> int:
        """Throw the text away."""
        return len(text)

    def flush(self) -> None:
        """Nothing to do."""

    def isatty(self) -> bool:
        """Never a terminal."""
        return False


def stub_gymnasium() -> None:
    """The published format derives from gymnasium.Env and uses nothing of it."""

    class Env:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            pass

        def close(self) -> None:
            pass

    for name in ("gymnasium", "gymnasium.core", "gym", "gym.core"):
        module = types.ModuleType(name)
        module.Env = Env  # type: ignore[attr-defined]
        sys.modules[name] = module


def become_worker(fd: int, control: socket.socket, program: bytes, parent: int, options: dict[str, Any]) -> NoReturn:
    """Confine this fresh fork, then serve; never returns."""
    try:
        from codegym_mcp.sandbox import confine, worker

        control.close()
        if fd != FD:
            os.dup2(fd, FD)
        confine.confine(
            FD,
            program,
            parent,
            uid=FIRST_UID + os.getpid() % UIDS if os.getuid() == 0 else None,
            memory=options["memory"],
            cpu_seconds=options["cpu_seconds"],
            required=frozenset(options["required"]),
        )
        random.seed(0)  # a fork seeds it anew
        worker.Worker(FD, FD).serve()
    finally:
        os._exit(70)  # on any exception; the server sees the end of the socket


def forget_the_server() -> None:
    """Leave the environment's code a quiet, fixed world."""
    random.seed(0)
    discard: Any = Discard()
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = discard  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = None  # type: ignore[misc]
    sys.argv = [""]
    sys.path.clear()
    sys.path_importer_cache.clear()
    for name in HIDDEN:
        sys.modules.pop(name, None)


def reap() -> None:
    """Collect dead workers."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def fork(fd: int, control: socket.socket, program: bytes, options: dict[str, Any]) -> tuple[int, int | None]:
    """(pid, pidfd) of a new worker, or (-errno, None)."""
    me = os.getpid()
    try:
        pid = os.fork()
        if pid == 0:
            become_worker(fd, control, program, me, options)
        return pid, os.pidfd_open(pid)  # dead already, perhaps, but not reaped: the pid is still its own
    except OSError as exc:
        return -(exc.errno or 1), None


def serve(control: socket.socket, options: dict[str, Any]) -> NoReturn:
    """Fork a worker per message until the server is gone."""
    import platform

    from codegym_mcp.sandbox import confine, seccomp, worker  # noqa: F401  (preloaded for the workers)

    program = seccomp.program(FD, platform.machine())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the server's to handle
    forget_the_server()  # once, here: in each worker it would copy a hundred pages
    os.environ.clear()
    gc.collect()
    gc.freeze()  # keep the shared pages shared
    control.send(b"ready")
    control.settimeout(REAP_S)
    while True:
        reap()
        try:
            message, ancillary, _, _ = control.recvmsg(64, socket.CMSG_SPACE(4))
        except TimeoutError:
            continue
        if not message:
            os._exit(0)
        fd = struct.unpack("i", ancillary[0][2][:4])[0]
        pid, pidfd = fork(fd, control, program, options)
        os.close(fd)
        rights = [] if pidfd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))]
        control.sendmsg([struct.pack("i", pid)], rights)
        if pidfd is not None:
            os.close(pidfd)


def preload() -> None:
    """Import all that environments may use: a confined worker can open no file."""
    os.register_at_fork = lambda **_: None  # threading's work in each fork copies 60 pages
    for name in ALLOWED:
        __import__(name)
    for codec in ("utf-16", "latin-1", "ascii"):
        "a".encode(codec)
    stub_gymnasium()
    warnings.simplefilter("ignore")


def main() -> None:
    """Preload, then serve."""
    options = json.loads(sys.argv[2])
    sys.path.insert(0, options["root"])
    preload()
    serve(socket.socket(fileno=int(sys.argv[1])), options)


if __name__ == "__main__":
    main()
