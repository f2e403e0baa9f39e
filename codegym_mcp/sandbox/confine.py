"""Shut one freshly forked worker in, for good: what `confine` takes away, the process can never get back.

Afterwards it can compute, allocate up to a limit, and read and write one descriptor. It cannot open, stat or remove a
path, make a socket, fork, start a thread, execute a file, or reach another process. This needs neither root nor
namespaces nor a container; why each layer is there, and what no layer covers, is told in `codegym_mcp.sandbox`.

Standard library and libc only: this runs inside the child, which was started without site-packages. It is not for
the server: calling it there would end the server's own life.

Source: prctl(2), landlock(7), seccomp(2), and include/uapi/linux/landlock.h.
"""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Callable
from typing import Any

from codegym_mcp.sandbox import LAYERS

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522

_CLOSE_RANGE, _LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 436, 444, 446
"""System-call numbers, the same on every architecture."""
_LANDLOCK_VERSION = 1
"""Flag of landlock_create_ruleset: only ask for the ABI."""

_MAX_PENDING_SIGNALS = 64


def confine(
    fd: int,
    program: bytes,
    parent: int,
    *,
    uid: int | None,
    memory: int,
    cpu_seconds: int,
    required: frozenset[str] = LAYERS,
) -> frozenset[str]:
    """Confine this process; the order matters, and each step says why it stands where it does.

    Whatever it raises, the process may be half confined: the caller must end it.

    Args:
        fd: the one descriptor to keep, 3 or higher.
        program: the filter for exactly this `fd`, from `seccomp.program`.
        parent: pid of the process that must not outlive this one unnoticed.
        uid: where this process is root, the uid to become, one per worker; otherwise not looked at.
        memory: bytes of address space on top of what the process has now.
        cpu_seconds: seconds of processor time until the kernel kills it.
        required: layers that must be in force; any other layer is applied where this machine can.

    Returns:
        The layers in force.

    Raises:
        OSError: a required layer, or a step outside the layers, failed.
        ValueError: `fd` or `required` makes no sense.
    """
    if fd < 3 or not required <= LAYERS:
        raise ValueError(f"fd must be 3 or higher, required a subset of {sorted(LAYERS)}; got {fd}, {sorted(required)}")
    keep_only(fd)
    forget_surroundings()
    size = address_space()  # from /proc, which the layers close
    layers = _Layers(required)
    layers.apply("uid", leave_root, uid)
    drop_capabilities()
    die_with(parent)  # not before: a change of uid clears it
    _prctl(_PR_SET_DUMPABLE, 0)  # no ptrace by others of this uid, no core; a change of uid may reset it
    layers.apply("no_new_privs", forbid_new_privileges)  # Landlock and seccomp ask for it where there is no root
    layers.apply("landlock", deny_files)
    layers.apply("rlimits", limit, fd, size + memory, cpu_seconds)  # prlimit() by a parent of another uid may fail
    layers.apply("seccomp", install_filter, program)  # last: it forbids all of the above
    return frozenset(layers.in_force)


class _Layers:
    """Applies layers and remembers which are in force; a required one that fails is fatal."""

    def __init__(self, required: frozenset[str]) -> None:
        self.required, self.in_force = required, set[str]()

    def apply(self, name: str, step: Callable[..., None], *args: Any) -> None:
        try:
            step(*args)
        except (OSError, ValueError) as exc:  # ValueError: how `resource` words a refusal
            if name in self.required:
                raise OSError(f"cannot confine, {name}: {exc}") from exc
        else:
            self.in_force.add(name)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, also if that happened a moment ago."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError(f"process {parent} is no longer the parent")


def keep_only(fd: int) -> None:
    """Close every descriptor but `fd`; the standard three lead to /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, fd)
    try:
        _syscall("close_range", _CLOSE_RANGE, fd + 1, 0xFFFFFFFF, 0)
    except OSError:  # before Linux 5.9, or a container's filter that does not know it
        for number in map(int, os.listdir("/proc/self/fd")):
            if number > fd:
                os.closerange(number, number + 1)


def forget_surroundings() -> None:
    """No environment variables, neither in Python nor for C's getenv; no directory of interest; no file modes."""
    os.environ.clear()
    _libc.clearenv()
    os.chdir("/")
    os.umask(0o777)


def address_space() -> int:
    """Bytes of address space in use. Also makes sure of a single thread: each layer binds the calling thread only."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()  # from field 3 on, "state", behind the command's name
    if int(fields[17]) != 1:
        raise OSError(f"cannot confine a process of {int(fields[17])} threads, only the one that asks")
    return int(fields[20])


def leave_root(uid: int | None) -> None:
    """Where this is root, become a user that owns nothing; an ordinary user stays who it is."""
    if 0 not in os.getresuid():
        return
    if not uid:
        raise PermissionError("a worker of root needs a uid of its own")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities() -> None:
    """No capability, whoever this is. A change of uid drops them, but not where `keep caps` is set."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    _checked("capset", _libc.capset(header, bytes(24)))


def forbid_new_privileges() -> None:
    """No execve raises privileges from here on."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def landlock_abi() -> int:
    """The Landlock version of this kernel, 1 or higher.

    Raises:
        OSError: ENOSYS: not in this kernel; EOPNOTSUPP: switched off at boot; EPERM: refused by a container.
    """
    return _syscall("landlock", _LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)


def ruleset(abi: int) -> bytes:
    """struct landlock_ruleset_attr that handles, and so denies, every right this ABI knows.

    Rights came in this order: files 13 (ABI 1), refer (2), truncate (3), ioctl on devices (5), path sockets (9);
    TCP bind and connect (4), UDP bind and send (10); scopes of abstract sockets and signals (6). ABI 7 and 8 added
    flags only. An older kernel refuses a longer struct, a newer one takes the shorter.

    Source: include/uapi/linux/landlock.h; tried on kernels of ABI 2, 6, 7 and 10, where one right more is refused.
    """
    files = (1 << 13 + (abi >= 2) + (abi >= 3) + (abi >= 5) + (abi >= 9)) - 1
    network = 0b1111 if abi >= 10 else 0b11
    scopes = 0b11
    known = 1 + (abi >= 4) + (abi >= 6)
    return struct.pack(f"={known}Q", *(files, network, scopes)[:known])


def deny_files() -> None:
    """Landlock: handle all rights of the running kernel and grant none."""
    rules = ruleset(landlock_abi())
    fd = _syscall("landlock_create_ruleset", _LANDLOCK_CREATE_RULESET, rules, len(rules), 0)
    try:
        _syscall("landlock_restrict_self", _LANDLOCK_RESTRICT_SELF, fd, 0)
    finally:
        os.close(fd)


def limit(fd: int, address_space: int, cpu_seconds: int) -> None:
    """Limits that the process cannot raise again; one that is lower already stays."""
    limits = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: fd + 1,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: _MAX_PENDING_SIGNALS,
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lower, lower))


def install_filter(program: bytes) -> None:
    """seccomp: from here on the kernel runs the program before every system call."""
    instructions = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))  # struct sock_fprog
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(buffer))


def _prctl(option: int, *values: int) -> None:
    padded = (*values, 0, 0, 0, 0)[:4]  # the kernel wants what is unused to be 0
    _checked(f"prctl {option}", _libc.prctl(option, *map(ctypes.c_ulong, padded)))


def _syscall(what: str, number: int, *args: int | bytes | None) -> int:
    boxed = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    return _checked(what, _libc.syscall(ctypes.c_long(number), *boxed))


def _checked(what: str, result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result
