"""The system-call filter of a worker, as bytes: classic BPF that the kernel runs before every system call.

An allow list. What a Python program needs to compute passes; input and output pass on one descriptor; memory may
never become executable; everything else is refused with EPERM, so that Python raises PermissionError and lives on.
A call made through a foreign system-call table (32-bit, x32) kills the process.

Building the program is pure computation and works on any machine; installing it is `confine.install_filter`.

Source: linux/filter.h, linux/seccomp.h and linux/audit.h; the numbers are those of arch/x86/entry/syscalls and of
include/uapi/asm-generic/unistd.h (tests/sandbox/test_seccomp.py compares them with the installed headers).
"""

import errno
import struct
from collections.abc import Mapping
from dataclasses import dataclass

ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
"""Verdicts; the errno goes into the low half of ERRNO."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; each argument has 8 bytes, the low half first on both machines."""

_X32_BIT = 0x40000000
_PROT_EXEC = 0x4
_MSG_OOB = 0x1
_NEGATIVE = 1 << 31

READ_WRITE = ("read", "write")
"""Allowed on the worker's own descriptor only. The kernel takes a descriptor as 32 bits, so the low half decides."""
SEND_RECEIVE = ("recvfrom", "sendto")
"""As READ_WRITE, and without MSG_OOB: out-of-band data on Unix sockets has been a way into kernels (CVE-2025-38236)."""
NOT_EXECUTABLE = ("mmap", "mprotect")
"""Allowed without PROT_EXEC."""
CLOCKS = ("clock_gettime", "clock_nanosleep", "clock_getres")
"""Allowed on the fixed clocks; a negative number names the processor time of any process, or a device."""
# fmt: off
FREE = (
    "futex", "munmap", "madvise", "brk", "mremap", "getrandom", "getpid", "getppid", "gettid", "gettimeofday", "time",
    "times", "getrusage", "nanosleep", "sched_yield", "fstat", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sigaltstack", "membarrier", "rseq", "restart_syscall", "exit", "exit_group",
)
# fmt: on
"""Allowed with any arguments. None of them can name a file, a socket or another process."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the filter must know of a processor architecture."""

    audit_arch: int
    """How the kernel names its native system-call table."""
    has_x32: bool
    """Whether the same table is also reached by numbers with a marker bit."""
    numbers: Mapping[str, int]
    """System-call numbers; a call that the machine does not have is absent."""


# fmt: off
MACHINES = {
    "x86_64": Machine(0xC000003E, True, {
        "read": 0, "write": 1, "fstat": 5, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13,
        "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35,
        "getpid": 39, "sendto": 44, "recvfrom": 45, "exit": 60, "gettimeofday": 96, "getrusage": 98, "times": 100,
        "getppid": 110, "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "restart_syscall": 219,
        "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "getrandom": 318,
        "membarrier": 324, "rseq": 334,
    }),
    "aarch64": Machine(0xC00000B7, False, {
        "read": 63, "write": 64, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101,
        "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_yield": 124, "restart_syscall": 128,
        "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153,
        "getrusage": 165, "gettimeofday": 169, "getpid": 172, "getppid": 173, "gettid": 178, "sendto": 206,
        "recvfrom": 207, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233,
        "getrandom": 278, "membarrier": 283, "rseq": 293,
    }),
}
# fmt: on
"""Keyed by what `platform.machine()` says on Linux."""


def program(fd: int, machine: str) -> bytes:
    """The filter that lets a worker use `fd` and nothing else. Build it once per server: it is only bytes.

    Raises:
        OSError: this machine has no table here; without one there is no safe filter.
    """
    if machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine!r}; there is one for {', '.join(MACHINES)}")
    known = MACHINES[machine]
    rules = [_native_calls_only(known)]
    rules += [_rule(known, name, _argument_is(0, fd, errno.EBADF)) for name in READ_WRITE]
    rules += [_rule(known, name, _argument_is(0, fd, errno.EBADF), _without(3, _MSG_OOB)) for name in SEND_RECEIVE]
    rules += [_rule(known, name, _without(2, _PROT_EXEC)) for name in NOT_EXECUTABLE]
    rules += [_rule(known, name, _without(0, _NEGATIVE)) for name in CLOCKS]
    rules += [_rule(known, name) for name in FREE if name in known.numbers]
    return b"".join(rules) + _refuse(errno.EPERM)


def _native_calls_only(known: Machine) -> bytes:
    """Kill what comes through another table; leave the call's number in the accumulator for the rules."""
    check = _op(_LOAD, _ARCHITECTURE) + _op(_EQUAL, known.audit_arch, 1, 0) + _op(_RETURN, KILL_PROCESS)
    check += _op(_LOAD, _NUMBER)
    if known.has_x32:
        check += _op(_AT_LEAST, _X32_BIT, 0, 1) + _op(_RETURN, KILL_PROCESS)
    return check


def _rule(known: Machine, name: str, *conditions: bytes) -> bytes:
    """Allow one call if its conditions hold. Self-contained, since jumps are relative and 8 bits wide."""
    body = b"".join(conditions) + _op(_RETURN, ALLOW)
    return _op(_EQUAL, known.numbers[name], 0, len(body) // 8) + body


def _argument_is(index: int, value: int, error: int) -> bytes:
    return _op(_LOAD, _ARGUMENTS + 8 * index) + _op(_EQUAL, value, 1, 0) + _refuse(error)


def _without(index: int, bits: int) -> bytes:
    return _op(_LOAD, _ARGUMENTS + 8 * index) + _op(_ANY_BIT, bits, 0, 1) + _refuse(errno.EPERM)


def _refuse(error: int) -> bytes:
    return _op(_RETURN, ERRNO | error)


def _op(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, operand)
