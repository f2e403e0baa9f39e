"""The child of `capabilities.probe`: applies the layers in throw-away forks, and looks whether they bite.

Run as `python -s -S probe.py ROOT`, where ROOT is the folder of the package; prints one JSON object. Standard library
only, Linux only. Not imported by the server: a fork of the server would be a fork of all its threads' locks.
"""

import _socket
import json
import os
import platform
import sys
from collections.abc import Callable
from typing import Any, NoReturn

if __name__ == "__main__":
    sys.path.append(sys.argv[1])

from codegym_mcp.sandbox import confine, seccomp

UID = 59_999
"""Uid of a trial where this is root; workers have those from 60,000 on."""
MEMORY = 64 << 20
"""Bytes a trial may allocate."""


def report() -> dict[str, Any]:
    """What this machine has, as plain data."""
    return {
        "user": "root" if os.getuid() == 0 else "ordinary",
        "landlock": result(confine.landlock_abi),
        "pidfd": result(_pidfd),
        "files": trial(_only_landlock),
        "calls": trial(_only_seccomp),
        "whole": trial(_everything),
    }


def result(call: Callable[[], int]) -> dict[str, Any]:
    """{"value": ...} of a call, or {"errno": ..., "text": ...} of its OSError."""
    try:
        return {"value": call()}
    except OSError as exc:
        return {"errno": exc.errno or 0, "text": str(exc)}


def trial(apply: Callable[[int, int], list[str]]) -> dict[str, Any]:
    """Apply layers in a fork of this process and report what that fork is still able to do; {} if it was killed."""
    reader, writer = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _child(writer, parent, apply)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    answer: dict[str, Any] = json.loads(said) if said else {}
    return answer


def _child(writer: int, parent: int, apply: Callable[[int, int], list[str]]) -> NoReturn:
    try:
        try:
            answer: dict[str, Any] = {"layers": apply(writer, parent)}
            answer |= {name: result(attempt) for name, attempt in ATTEMPTS.items()}
        except OSError as exc:
            answer = {"errno": exc.errno or 0, "text": str(exc)}
        os.write(writer, json.dumps(answer).encode())
    finally:
        os._exit(0)


def _only_landlock(fd: int, parent: int) -> list[str]:
    confine.forbid_new_privileges()
    confine.deny_files()
    return ["landlock"]


def _only_seccomp(fd: int, parent: int) -> list[str]:
    confine.forbid_new_privileges()
    confine.install_filter(seccomp.program(fd, platform.machine()))
    return ["seccomp"]


def _everything(fd: int, parent: int) -> list[str]:
    program = seccomp.program(fd, platform.machine()) if platform.machine() in seccomp.MACHINES else b""
    layers = confine.confine(fd, program, parent, uid=UID, memory=MEMORY, cpu_seconds=60, required=frozenset())
    return sorted(layers)


def _pidfd() -> int:
    os.close(os.pidfd_open(os.getpid()))
    return 1


def _open() -> int:
    return os.open("/", os.O_RDONLY)


def _connectable() -> int:
    return _socket.socket().fileno()


def _fork() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0]


ATTEMPTS: dict[str, Callable[[], int]] = {"open": _open, "socket": _connectable, "fork": _fork}
"""What a confined process must not manage."""


if __name__ == "__main__":
    print(json.dumps(report()))
