"""Confinement for real: each attempt of `attempts.py` in a fork of its own, confined as a worker is.

Once as root, where every worker becomes a user of its own, and once as an ordinary user.
"""

import errno
import functools
import json
import os
import platform
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import pytest

if sys.platform != "linux":
    pytest.skip("confinement needs Linux", allow_module_level=True)

from codegym_mcp.sandbox import LAYERS, capabilities, confine, seccomp

from . import attempts, bpf, headers

ROOT = Path(__file__).parents[2]
IS_ROOT = os.getuid() == 0
ORDINARY_UID = 54_321
TIMEOUT_S = 60
"""Seconds until a helper counts as stuck; it needs about one."""

MISSING = LAYERS - capabilities.probe().layers
needs_every_layer = pytest.mark.skipif(bool(MISSING), reason=f"this machine cannot apply: {', '.join(sorted(MISSING))}")
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
users = pytest.mark.parametrize("user", [pytest.param("root", marks=needs_root), "ordinary"])

HARMLESS = [
    "open",
    "read a file",
    "listdir",
    "stat",
    "readlink",
    "memfd_create",
    "pipe",
    "socket",
    "unix socket",
    "fork",
]
HARMLESS += ["thread", "kill the parent", "dup", "map executable", "make executable", "use pages", "compute"]
HARMLESS += ["eventfd2()", "epoll_create1()", "clock of the parent"]
"""What an unconfined process may try without harm to this machine."""


def run(
    names: list[str],
    user: str,
    file: str = "",
    *,
    required: frozenset[str] | None = LAYERS,
    before: bytes | None = None,
) -> dict[str, dict[str, Any]]:
    """Outcomes of attempts, each in a fresh fork of one helper process."""
    uid = ORDINARY_UID if IS_ROOT and user == "ordinary" else None
    config = {
        "names": names,
        "uid": uid,
        "file": file,
        "before": before.hex() if before else None,
        "required": None if required is None else sorted(required),
    }
    command = [sys.executable, "-s", "-S", attempts.__file__, str(ROOT), json.dumps(config)]
    environment = {"CODEGYM_SECRET": "hidden", "PATH": "/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return outcomes


@functools.cache
def outcomes_of(user: str, file: str) -> dict[str, dict[str, Any]]:
    return run(list(attempts.ATTEMPTS), user, file)


@pytest.fixture(scope="module")
def prey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that anybody may spoil, in a folder that anybody may change."""
    folder = tmp_path_factory.mktemp("prey")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o777)
    file = folder / "file"
    file.write_text("untouched")
    file.chmod(0o666)
    return file


@needs_every_layer
@users
@pytest.mark.parametrize("name", attempts.ATTEMPTS)
def test_a_confined_process_gets_no_further(user: str, name: str, prey: Path) -> None:
    """Project: facts/sandbox.md section 7; every attempt ends as written, EPERM unless listed."""
    assert attempts.differences({name: outcomes_of(user, str(prey))[name]}) == {}


@needs_every_layer
@users
def test_nothing_was_done_to_the_files(user: str, prey: Path) -> None:
    outcomes_of(user, str(prey))
    assert [path.name for path in prey.parent.iterdir()] == ["file"]
    assert prey.read_text() == "untouched" and prey.stat().st_mode & 0o777 == 0o666


@pytest.mark.parametrize(("column", "machine"), [(0, "x86_64"), (1, "aarch64")])
def test_the_attempts_use_the_kernels_numbers(column: int, machine: str) -> None:
    kernels = headers.numbers(machine)
    attempted = {name: numbers[column] for name, numbers in attempts.REFUSED_CALLS.items()}
    assert {name: kernels.get(name) for name in attempted} == attempted


@users
def test_without_confinement_the_same_attempts_succeed(user: str, prey: Path) -> None:
    """The control: the attempts are sound, it is the confinement that stops them."""
    outcomes = run(HARMLESS, user, str(prey), required=None)
    assert [name for name in HARMLESS if "value" not in outcomes[name]] == []


@needs_every_layer
@users
def test_the_kernel_confirms_user_filter_and_limits(user: str, prey: Path) -> None:
    """What /proc says of a confined process, seen from outside."""
    seen = outcomes_of(user, str(prey))["compute"]
    status = dict(line.split(":\t", 1) for line in seen["status"].splitlines() if ":\t" in line)
    uid = ORDINARY_UID if IS_ROOT else os.getuid()
    uid = attempts.WORKER_UID if user == "root" else uid
    assert status["Uid"].split() == [str(uid)] * 4
    assert {status[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}
    assert (status["NoNewPrivs"], status["Seccomp"], status["Threads"]) == ("1", "2", "1")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in seen["limits"].splitlines()[1:]}
    for name in ("Max processes", "Max file size", "Max core file size", "Max locked memory", "Max msgqueue size"):
        assert limits[name] == ["0", "0"], name
    assert limits["Max open files"] == [str(attempts.FD + 1)] * 2
    assert limits["Max cpu time"] == ["1", "1"]
    soft, hard = map(int, limits["Max address space"])
    assert soft == hard and attempts.MEMORY < soft < attempts.MEMORY + (1 << 30)
    assert status["Umask"] == "0777"
    assert seen["owner"] == 0  # not dumpable: no tracer, no core
    if user == "root":
        assert status["Groups"].strip() == ""
        assert seen["directory"] == "/"
        assert [seen["descriptors"].pop(standard) for standard in "012"] == [os.devnull] * 3
        assert list(seen["descriptors"]) == [str(attempts.FD)]


NEWEST_ABI = 10
"""Version of Landlock whose rights were looked up."""

REFUSALS: dict[str, list[tuple[int, int, int, int | None]]] = {
    "uid": [(117, 147, errno.EPERM, None)],
    "no_new_privs": [(157, 167, errno.EINVAL, 38)],
    "landlock": [(444, 444, errno.ENOSYS, None), (444, 444, errno.EPERM, None), (446, 446, errno.EOPNOTSUPP, None)],
    "rlimits": [(302, 261, errno.EPERM, None)],
    "seccomp": [(157, 167, errno.EINVAL, 22)],
}
"""Per layer, worlds that lack it: the call on x86_64 and aarch64, the answer, and the first argument refused."""


def world_without(x86_64: int, aarch64: int, error: int, argument: int | None) -> bytes:
    return bpf.refusing(x86_64 if platform.machine() == "x86_64" else aarch64, error, argument)


LACKING = [
    pytest.param(user, layer, refusal, marks=needs_root if user == "root" else (), id=f"{user}-{layer}-{refusal[2]}")
    for layer, refusals in REFUSALS.items()
    for refusal in refusals
    for user in ("root", "ordinary")
    if (user, layer) != ("ordinary", "uid")
]


@needs_every_layer
@pytest.mark.parametrize(("user", "layer", "refusal"), LACKING)
def test_a_missing_layer_is_fatal(user: str, layer: str, refusal: tuple[int, int, int, int | None]) -> None:
    """Fail closed: a filter put in first plays the old kernel, or the container that refuses."""
    (outcome,) = run(["compute"], user, before=world_without(*refusal)).values()
    assert f"cannot confine, {layer}" in outcome["unconfined"]


@needs_every_layer
@pytest.mark.parametrize(("user", "layer", "refusal"), LACKING)
def test_a_missing_layer_is_skipped_where_it_is_not_required(
    user: str, layer: str, refusal: tuple[int, int, int, int | None]
) -> None:
    """And only that one is skipped; the filter alone still denies files, as Landlock alone does."""
    before = world_without(*refusal)
    outcomes = run(["layers", "open in place of another"], user, required=LAYERS - {layer}, before=before)
    assert outcomes["layers"]["value"] == sorted(LAYERS - {layer})
    assert outcomes["open in place of another"]["errno"] in (errno.EPERM, errno.EACCES)


@needs_every_layer
@users
def test_descriptors_are_closed_where_close_range_is_unknown(user: str) -> None:
    """Linux before 5.9, and containers whose filter is older than the call."""
    before = world_without(436, 436, errno.ENOSYS, None)
    (outcome,) = run(["open descriptors"], user, before=before).values()
    assert outcome["value"] == [0, 1, 2, attempts.FD]


def test_all_layers_absent_and_none_required_still_drops_what_it_can() -> None:
    before = world_without(157, 167, errno.EINVAL, 22)
    outcomes = run(["layers", "environment", "open descriptors"], "ordinary", required=frozenset(), before=before)
    assert "seccomp" not in outcomes["layers"]["value"]
    assert outcomes["environment"]["value"] == [{}, True, True, True]
    assert outcomes["open descriptors"]["value"] == [0, 1, 2, attempts.FD]


SCENE = """
import os, platform, signal, socket, sys, threading
sys.path.append({root!r})
from codegym_mcp.sandbox import confine, seccomp
{become}
pipe = socket.socket(fileno={fd})
pid = os.fork()
if pid == 0:
    try:
        {before}
        program = seccomp.program({fd}, platform.machine())
        options = dict(uid={uid}, memory=1 << 28, cpu_seconds=60, required=frozenset({required!r}))
        confine.confine({fd}, program, {parent}, **options)
        os.write({fd}, b"confined")
        os.read({fd}, 1)
    except Exception as exc:
        os.write({fd}, type(exc).__name__.encode())
    finally:
        os._exit(0)
pipe.close()
signal.pause()
"""
"""A process whose child confines itself and then waits; what the child says comes over a socket pair."""


class Scene:
    """Runs SCENE. `said` is the child's first message; after `end` its socket closes."""

    def __init__(
        self,
        user: str,
        *,
        parent: str = "os.getppid()",
        before: str = "pass",
        uid: int | None = 60_001,
        pass_fds: Iterable[int] = (),
    ) -> None:
        become = f"os.setgroups([]); os.setresgid(*[{ORDINARY_UID}] * 3); os.setresuid(*[{ORDINARY_UID}] * 3)"
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(TIMEOUT_S)
        self.fd = theirs.fileno()
        code = SCENE.format(
            root=str(ROOT),
            become=become if IS_ROOT and user == "ordinary" else "pass",
            fd=self.fd,
            before=before,
            parent=parent,
            uid=uid,
            required=sorted(LAYERS - MISSING),
        )
        command = [sys.executable, "-s", "-S", "-c", code]
        with theirs:
            self.process = subprocess.Popen(command, env={}, pass_fds=[self.fd, *pass_fds])

    def __enter__(self) -> Self:
        self.said = self.ours.recv(100).decode()
        return self

    def child(self) -> Path:
        """Folder in /proc of the confined process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return Path("/proc", children.split()[0])

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_: object) -> None:
        self.end()
        self.ours.close()


@users
def test_a_confined_process_dies_with_its_parent(user: str) -> None:
    """Also as root, where the change of uid clears the request and it must be made again."""
    with Scene(user) as scene:
        assert scene.said == "confined"
        scene.end()
        assert scene.ours.recv(1) == b""


@users
def test_a_parent_that_is_gone_already_ends_it(user: str) -> None:
    with Scene(user, parent="os.getppid() + 1") as scene:
        assert scene.said == "ProcessLookupError"


@users
def test_a_process_with_a_second_thread_is_not_confined(user: str) -> None:
    """Each layer binds the calling thread only; the other would go free."""
    before = "threading.Thread(target=signal.pause, daemon=True).start()"
    with Scene(user, before=before) as scene:
        assert scene.said == "OSError"


@needs_root
@pytest.mark.parametrize("uid", [None, 0])
def test_root_without_a_uid_of_its_own_is_refused(uid: int | None) -> None:
    with Scene("root", uid=uid) as scene:
        assert scene.said == "OSError"


@needs_root
def test_root_that_keeps_its_capabilities_over_a_change_of_uid_loses_them() -> None:
    """The securebits of a container may say `keep caps`; prctl 28 sets SECBIT_NO_SETUID_FIXUP."""
    before = "confine._libc.prctl(28, confine.ctypes.c_ulong(4), 0, 0, 0)"
    with Scene("root", before=before) as scene:
        assert scene.said == "confined"
        status = (scene.child() / "status").read_text()
    assert "CapEff:\t0000000000000000" in status and "CapPrm:\t0000000000000000" in status


@needs_root
def test_descriptors_below_the_one_to_keep_are_closed_too() -> None:
    with Path("/etc/passwd").open() as lower, Scene("root", pass_fds=[lower.fileno()]) as scene:
        assert scene.said == "confined"
        assert lower.fileno() < scene.fd
        assert {int(path.name) for path in (scene.child() / "fd").iterdir()} == {0, 1, 2, scene.fd}


def test_a_lower_limit_that_is_there_already_stays() -> None:
    """A container may have set one; raising it would fail, and lowering is all that is wanted."""
    before = "confine.resource.setrlimit(confine.resource.RLIMIT_CPU, (30, 30))"
    with Scene("ordinary", before=before) as scene:
        assert scene.said == "confined"


@pytest.mark.parametrize(("fd", "required"), [(2, LAYERS), (3, LAYERS | {"landlok"})])
def test_arguments_without_sense_are_refused_before_anything_is_done(fd: int, required: frozenset[str]) -> None:
    """A misspelt layer would otherwise be one that nobody requires."""
    with pytest.raises(ValueError, match="subset of"):
        confine.confine(fd, b"", os.getppid(), uid=None, memory=0, cpu_seconds=1, required=required)


@pytest.mark.parametrize(
    ("abi", "files", "network", "scopes"),
    [
        (1, 13, None, None),
        (2, 14, None, None),
        (3, 15, None, None),
        (4, 15, 2, None),
        (5, 16, 2, None),
        (6, 16, 2, 2),
        (7, 16, 2, 2),
        (8, 16, 2, 2),
        (9, 17, 2, 2),
        (10, 17, 4, 2),
        (99, 17, 4, 2),
    ],
)
def test_landlock_handles_every_right_of_its_version(abi: int, files: int, network: int | None, scopes: int | None) -> None:
    """Numbers of rights per version. Source: include/uapi/linux/landlock.h and the kernel's Documentation."""
    rights = [count for count in (files, network, scopes) if count is not None]
    assert confine.ruleset(abi) == struct.pack(f"={len(rights)}Q", *((1 << count) - 1 for count in rights))


@pytest.mark.skipif("landlock" in MISSING, reason="this machine cannot apply: landlock")
def test_landlock_of_this_kernel_knows_no_right_beyond_ours() -> None:
    """One right more than `ruleset` names must be refused, or a newer kernel allows what nobody denied."""
    if confine.landlock_abi() > NEWEST_ABI:
        pytest.skip(f"Landlock {confine.landlock_abi()}: look up what it added to {NEWEST_ABI}, and add it to `ruleset`")
    known = list(struct.unpack(f"={len(confine.ruleset(7)) // 8}Q", confine.ruleset(confine.landlock_abi()).ljust(24, b"\0")))
    for field, value in enumerate(known):
        wider = [*known[:field], value << 1 | 1, *known[field + 1 :]]
        with pytest.raises(OSError, match=r"Invalid argument|Argument list too long"):
            confine._syscall("ruleset", 444, struct.pack("=3Q", *wider), 24, 0)


def test_this_machine_is_one_of_those_with_a_filter() -> None:
    assert platform.machine() in seccomp.MACHINES
