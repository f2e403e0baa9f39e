"""What this machine can do to keep a worker in, and what to do about the rest. The server's side.

The question is answered by trying: a throw-away child applies each layer and attempts what it must refuse, so this
process is never restricted, and a layer that is there but does not bite counts as missing. Nothing here decides
whether to go on without a layer: that is the pool's, by the set of layers it requires.
"""

import errno
import json
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.sandbox import LAYERS

PROBE_TIMEOUT_S = 30
"""Seconds the child may take; it needs about 0.05."""

_ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_name("probe.py")

_IN_DOCKER = "Docker, in a clone: `docker build -t codegym-mcp . && docker run --rm codegym-mcp doctor`"
_LANDLOCK = {
    errno.ENOSYS: "this kernel has no Landlock; it needs Linux 5.13 or newer built with CONFIG_SECURITY_LANDLOCK",
    errno.EOPNOTSUPP: "it is built into this kernel but not switched on: add `landlock` to the `lsm=` list of the "
    "kernel's command line and restart",
    errno.EPERM: "a container's filter refuses it: Docker 23 or newer and current Podman allow it; on an older one "
    "give the container a filter of its own with --security-opt seccomp=FILE",
}
"""By what the kernel answers when asked for its Landlock version."""
_REMEDIES = {
    "uid": "root cannot become another user here: the capabilities SETUID and SETGID are missing, or the user "
    "namespace maps no other uid; run as an ordinary user instead, in a container with --user 1000",
    "no_new_privs": "prctl(PR_SET_NO_NEW_PRIVS) is refused; it needs Linux 3.5 or newer and no filter in the way",
    "landlock": "it is there, but a process under it could still open a directory, or could not enter it",
    "rlimits": "resource limits cannot be lowered; look for a filter that refuses prlimit64",
    "seccomp": "a system-call filter cannot be installed, or does not bite; the kernel needs CONFIG_SECCOMP_FILTER",
    "pidfd": "pidfd_open is refused; it needs Linux 5.3 or newer, and a container's filter that knows it",
}

_KILLED = "it was killed; is this a 32-bit Python on a 64-bit kernel?"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found, by trying."""

    platform: str
    """As `sys.platform` has it: linux, darwin, win32."""
    machine: str
    python: str
    kernel: str
    landlock_abi: int
    """Version of Landlock, 0 where there is none."""
    seccomp: bool
    no_new_privs: bool
    pidfd: bool
    user: str
    """root, ordinary, or unknown where the probe did not run."""
    layers: frozenset[str]
    """Layers that a worker can have in force here, of `sandbox.LAYERS`."""
    missing: tuple[str, ...]
    """What is not there, one sentence each: the name, the reason and the remedy. Empty: everything is in place."""


def probe() -> Capabilities:
    """Find out, in a child of its own; takes about 50 ms and never raises."""
    if sys.platform != "linux":
        return _capabilities({}, (_elsewhere(sys.platform),))
    try:
        found = _ask_child()
        return _capabilities(found, tuple(_missing(found)))
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as exc:
        return _capabilities({}, (f"the probe: it failed with {type(exc).__name__}: {exc}; please report it",))


def _ask_child() -> dict[str, Any]:
    command = [sys.executable, "-s", "-S", str(_SCRIPT), str(_ROOT)]
    done = subprocess.run(
        command,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PROBE_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _capabilities(found: dict[str, Any], missing: tuple[str, ...]) -> Capabilities:
    layers = _layers(found) if found else frozenset()
    return Capabilities(
        platform=sys.platform,
        machine=platform.machine(),
        python=platform.python_version(),
        kernel=platform.release(),
        landlock_abi=found.get("landlock", {}).get("value", 0),
        seccomp="seccomp" in layers,
        no_new_privs="no_new_privs" in layers,
        pidfd="value" in found.get("pidfd", {}),
        user=found.get("user", "unknown"),
        layers=layers,
        missing=missing,
    )


def _layers(found: dict[str, Any]) -> frozenset[str]:
    """Layers that were applied together, less those that did not bite when applied alone."""
    idle = set()
    if not _refused(found["files"], "open", errno.EACCES):
        idle.add("landlock")
    if not all(_refused(found["calls"], attempt, errno.EPERM) for attempt in ("open", "socket", "fork")):
        idle.add("seccomp")
    return frozenset(found["whole"].get("layers", ())) - idle


def _refused(trial: dict[str, Any], attempt: str, error: int) -> bool:
    answer = trial.get(attempt, {})
    return bool(answer.get("errno") == error)


def _missing(found: dict[str, Any]) -> list[str]:
    whole = found["whole"]
    if "layers" not in whole:
        return [f"everything: a confined process does not get through: {whole.get('text', _KILLED)}"]
    lines = [f"{name}: {_reason(name, found)}" for name in sorted(LAYERS - _layers(found))]
    if "value" not in found["pidfd"]:
        lines.append(f"pidfd: {_REMEDIES['pidfd']}")
    return lines


def _reason(name: str, found: dict[str, Any]) -> str:
    """The remedy, with what the kernel said where the layer was tried alone."""
    answer = found["landlock"]
    if name == "landlock" and answer.get("errno") in _LANDLOCK:
        return _LANDLOCK[answer["errno"]]
    alone = {"landlock": "files", "seccomp": "calls"}.get(name)
    said = found[alone].get("text") if alone else None
    return f"{_REMEDIES[name]} ({said})" if said else _REMEDIES[name]


def _elsewhere(system: str) -> str:
    """Where no layer exists at all."""
    if system == "win32":
        return (
            "everything: confinement needs Linux, which WSL2 has: `wsl --install`, then inside it, in a clone, "
            f"`pip install -e . && codegym doctor`; or {_IN_DOCKER}"
        )
    return f"everything: confinement needs Linux; use {_IN_DOCKER}"
