"""What hostile code tries, each in a fork of its own.

Run as `python -s -S attempts.py ROOT CONFIG`; prints {name: outcome}. ROOT is the folder of the package.
CONFIG is JSON: `names` of the attempts; `uid` to become first, or null;
`before`, a filter in hex to install first, or null; `required` layers, or null for no confinement at all; `file`, a
file to spoil. An outcome is {"value": ...}, {"errno": ...}, {"raised": class name}, {"unconfined": text} or
{"signal": number}, beside what /proc says of the process after its attempt.
"""

import _socket
import _thread
import ctypes
import datetime
import errno
import json
import os
import platform
import random
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

if __name__ == "__main__":
    sys.path.append(sys.argv[1])

from codegym_mcp.sandbox import LAYERS, confine, seccomp

CONFIG: dict[str, Any] = {}
FD = 3
WORKER_UID = 60_001
MEMORY = 256 << 20
PARENT = os.getpid()
PROT_READ_WRITE, PROT_EXEC = 3, 4
MAP_PRIVATE_ANONYMOUS = 0x22
NO_MAPPING = ctypes.c_void_p(-1).value

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.getenv.restype = ctypes.c_char_p

# fmt: off
REFUSED_CALLS = {
    "accept4": (288, 242), "add_key": (248, 217), "bpf": (321, 280), "capset": (126, 91), "chroot": (161, 51),
    "clock_settime": (227, 112), "clone": (56, 220), "clone3": (435, 435), "close": (3, 57), "close_range": (436, 436),
    "copy_file_range": (326, 285), "dup3": (292, 24), "epoll_create1": (291, 20), "eventfd2": (290, 19),
    "execveat": (322, 281), "fcntl": (72, 25), "fsopen": (430, 430), "futex_waitv": (449, 449), "getcwd": (79, 17),
    "getdents64": (217, 61), "inotify_init1": (294, 26), "io_setup": (206, 0), "io_uring_setup": (425, 425),
    "ioctl": (16, 29), "kcmp": (312, 272), "keyctl": (250, 219), "landlock_create_ruleset": (444, 444),
    "lseek": (8, 62), "memfd_secret": (447, 447), "mlockall": (151, 230), "mount": (165, 40), "mq_open": (240, 180),
    "msgget": (68, 186), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "openat2": (437, 437),
    "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pkey_mprotect": (329, 288), "ppoll": (271, 73), "prctl": (157, 167),
    "pread64": (17, 67), "prlimit64": (302, 261), "process_madvise": (440, 440), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "pwrite64": (18, 68), "readv": (19, 65),
    "reboot": (169, 142), "recvmsg": (47, 212), "remap_file_pages": (216, 234), "request_key": (249, 218),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "seccomp": (317, 277), "semget": (64, 190),
    "sendfile": (40, 71), "sendmsg": (46, 211), "set_robust_list": (273, 99), "setns": (308, 268),
    "setpriority": (141, 140), "setsid": (112, 157), "setuid": (105, 146), "shmat": (30, 196), "shmget": (29, 194),
    "signalfd4": (289, 74), "socketpair": (53, 199), "splice": (275, 76), "statx": (332, 291), "swapon": (167, 224),
    "syslog": (103, 116), "tgkill": (234, 131), "timer_create": (222, 107), "timerfd_create": (283, 85),
    "umount2": (166, 39), "uname": (63, 160), "unshare": (272, 97), "userfaultfd": (323, 282), "writev": (20, 66),
}
# fmt: on
"""Numbers on (x86_64, aarch64) of calls that are made as they are, with every argument 0."""


def numbered(name: str) -> Callable[[], object]:
    """The attempt to make one of REFUSED_CALLS."""
    number = REFUSED_CALLS[name][0 if platform.machine() == "x86_64" else 1]
    return lambda: checked(libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6))


def checked(result: int) -> int:
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def open_in_place() -> int:
    """Room for one more descriptor, so that not the limit on their number is what refuses."""
    os.close(0)
    return os.open("/", os.O_RDONLY)


VARIABLES = (b"CODEGYM_SECRET", b"PATH", b"BEHIND")
HIDDEN = ctypes.create_string_buffer(b"BEHIND=the back of os.environ")


def fork() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] - pid


def execute() -> NoReturn:
    os.execv("/bin/true", ["true"])


def system() -> int:
    """os.system reports a failure to start as a status; 0 is success."""
    if status := os.system("true"):
        raise PermissionError(errno.EPERM, f"status {status}")
    return 0


def vfork() -> int:
    """The real call; should it succeed, the child shares this stack, and the test fails one way or another."""
    return checked(libc.vfork())


def thread() -> str:
    """Starts a thread; one that cannot start raises RuntimeError."""
    done = _thread.allocate_lock()
    done.acquire()
    _thread.start_new_thread(done.release, ())
    return "ran" if done.acquire(timeout=5) else "lost"


def map_pages(protection: int) -> int:
    address: int = libc.mmap(None, 4096, protection, MAP_PRIVATE_ANONYMOUS, -1, 0)
    checked(-1 if address == NO_MAPPING else 0)
    return address


def map_executable() -> bool:
    return bool(map_pages(PROT_READ_WRITE | PROT_EXEC))


def make_executable() -> int:
    return checked(libc.mprotect(map_pages(PROT_READ_WRITE), 4096, PROT_READ_WRITE | PROT_EXEC))


def foreign_page() -> Callable[[], int]:
    """A function in machine code that makes call 20 of the 32-bit table, getpid. Mapped while that is still allowed."""
    address = map_pages(PROT_READ_WRITE | PROT_EXEC)
    ctypes.memmove(address, b"\xb8\x14\x00\x00\x00\xcd\x80\xc3", 8)  # mov eax, 20; int 0x80; ret
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)


def call_from_another_table() -> int:
    return FOREIGN[0]()


def call_by_x32_number() -> int:
    return checked(libc.syscall(ctypes.c_long(0x40000000 + seccomp.MACHINES["x86_64"].numbers["getpid"])))


def use_pages() -> int:
    """What must go on working: plain memory."""
    return checked(libc.mprotect(map_pages(PROT_READ_WRITE), 4096, 1))


def open_descriptors() -> list[int]:
    """Descriptors that fstat knows, by the raw call, since glibc may use one that is refused."""
    number = seccomp.MACHINES[platform.machine()].numbers["fstat"]
    buffer = ctypes.create_string_buffer(256)
    return [fd for fd in range(1024) if libc.syscall(ctypes.c_long(number), ctypes.c_long(fd), buffer) == 0]


def clock_of_the_parent() -> int:
    """Processor time of another process, whose clock has a negative number made of its pid (clock_getcpuclockid(3))."""
    clock = (~PARENT << 3) | 2
    return checked(libc.clock_gettime(ctypes.c_int(clock), ctypes.create_string_buffer(16)))


def grow() -> NoReturn:
    hoard = []
    while True:
        hoard.append(bytes(1 << 20))


def spin() -> NoReturn:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def compute() -> bool:
    """What an honest environment does must go on working."""
    time.sleep(0)
    random.seed()
    checks = [
        time.time() > 0,
        time.monotonic() > 0,
        time.process_time() > 0,
        time.clock_getres(time.CLOCK_REALTIME) > 0,
        datetime.datetime.now().year > 2000,
        len(os.urandom(8)) == 8,
        0 <= random.random() < 1,
        os.getpid() > 0,
        _thread.get_native_id() > 0,
        os.times().user >= 0,
        resource.getrusage(resource.RUSAGE_SELF).ru_utime >= 0,
        len(bytearray(32 << 20)) == 32 << 20,
        sorted([3, 1, 2]) == [1, 2, 3],
        int("7" * 1000) % 10 == 7,
    ]
    return all(checks)


LAYERS_IN_FORCE: list[str] = []
FOREIGN: list[Callable[[], int]] = []
ON_X86_64 = platform.machine() == "x86_64"

ATTEMPTS: dict[str, Callable[[], object]] = {
    "compute": compute,
    "use pages": use_pages,
    "layers": lambda: LAYERS_IN_FORCE,
    "open descriptors": open_descriptors,
    "open": lambda: os.open("/", os.O_RDONLY),
    "open in place of another": open_in_place,
    "read a file": lambda: len(Path("/etc/passwd").read_text()),
    "write a file": lambda: Path(CONFIG["file"]).write_text("changed"),
    "own memory through /proc": lambda: os.open("/proc/self/mem", os.O_RDWR),
    "listdir": lambda: len(list(Path("/").iterdir())),
    "stat": lambda: Path("/").stat().st_size,
    "stat in /proc": lambda: Path("/proc/self/environ").stat().st_size,
    "readlink": lambda: str(Path("/proc/self/exe").readlink()),
    "unlink": lambda: Path(CONFIG["file"]).unlink(),
    "rename": lambda: str(Path(CONFIG["file"]).rename(CONFIG["file"] + ".moved")),
    "mkdir": lambda: Path(CONFIG["file"] + ".folder").mkdir(),
    "chmod": lambda: Path(CONFIG["file"]).chmod(0),
    "truncate": lambda: os.truncate(CONFIG["file"], 0),
    "chdir": lambda: os.chdir("/tmp"),
    "memfd_create": lambda: os.memfd_create("x"),
    "pipe": lambda: os.pipe()[0],
    "socket": lambda: _socket.socket().fileno(),
    "unix socket": lambda: _socket.socket(_socket.AF_UNIX).fileno(),
    "netlink socket": lambda: _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW).fileno(),
    "exec": execute,
    "system": system,
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": fork,
    "vfork": vfork,
    "thread": thread,
    "kill the parent": lambda: os.kill(PARENT, 0),
    "kill everyone": lambda: os.kill(-1, 0),
    "kill itself": lambda: os.kill(os.getpid(), 0),
    "dup": lambda: os.dup(FD),
    "dup2": lambda: os.dup2(FD, 9),
    "close": lambda: os.close(FD),
    "write elsewhere": lambda: os.write(1, b"x"),
    "read elsewhere": lambda: os.read(0, 1),
    "map executable": map_executable,
    "make executable": make_executable,
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2),
    "clock of the parent": clock_of_the_parent,
    "environment": lambda: [dict(os.environ), *[libc.getenv(name) is None for name in VARIABLES]],
    "ten gigabytes": lambda: len(bytearray(10 << 30)),
    "grow": grow,
    "spin": spin,
    **{f"{name}()": numbered(name) for name in REFUSED_CALLS},
}
X86_64_ONLY: dict[str, Callable[[], object]] = {"32-bit call": call_from_another_table, "x32 call": call_by_x32_number}
COMMON = list(ATTEMPTS)
"""Names of the attempts that every machine knows."""
if ON_X86_64:
    ATTEMPTS |= X86_64_ONLY

EXPECTED: dict[str, dict[str, Any]] = {name: {"errno": errno.EPERM} for name in ATTEMPTS} | {
    "compute": {"value": True},
    "use pages": {"value": 0},
    "layers": {"value": sorted(LAYERS)},
    "open descriptors": {"value": [0, 1, 2, FD]},
    "environment": {"value": [{}, True, True, True]},
    "write elsewhere": {"errno": errno.EBADF},
    "read elsewhere": {"errno": errno.EBADF},
    "thread": {"raised": "RuntimeError"},
    "raise a limit": {"raised": "ValueError"},
    "ten gigabytes": {"raised": "MemoryError"},
    "grow": {"raised": "MemoryError"},
    "spin": {"signal": signal.SIGKILL},
    "32-bit call": {"signal": signal.SIGSYS},
    "x32 call": {"signal": signal.SIGSYS},
}
"""How each attempt ends in a worker. `raise a limit`: so Python words an EPERM of setrlimit."""


def outcome(attempt: Callable[[], object]) -> dict[str, Any]:
    try:
        return {"value": attempt()}
    except OSError as exc:
        return {"errno": exc.errno, "text": str(exc)}
    except Exception as exc:  # an attempt may end in anything
        return {"raised": type(exc).__name__}


def child(writer: int, name: str) -> NoReturn:
    """Confine as a worker does, attempt, say on the one descriptor what happened, and wait to be looked at."""
    try:
        os.dup2(writer, FD)
        try:
            prepare()
        except OSError as exc:
            answer: dict[str, Any] = {"unconfined": str(exc)}
        else:
            answer = outcome(ATTEMPTS[name])
        os.write(FD, json.dumps(answer).encode())
        os.read(FD, 1)
    finally:
        os._exit(0)


def prepare() -> None:
    if ON_X86_64:
        FOREIGN.append(foreign_page())
    if CONFIG["before"]:
        confine.forbid_new_privileges()
        confine.install_filter(bytes.fromhex(CONFIG["before"]))
    if CONFIG["required"] is not None:
        program = seccomp.program(FD, platform.machine())
        required = frozenset(CONFIG["required"])
        layers = confine.confine(FD, program, PARENT, uid=WORKER_UID, memory=MEMORY, cpu_seconds=1, required=required)
        LAYERS_IN_FORCE.extend(sorted(layers))


def differences(outcomes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Attempts that ended otherwise than they should."""
    return {
        name: outcome
        for name, outcome in outcomes.items()
        if any(outcome.get(key) != value for key, value in EXPECTED[name].items())
    }


def try_in_a_fork(name: str) -> dict[str, Any]:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        child(theirs.fileno(), name)
    theirs.close()
    said = ours.recv(1 << 16)
    seen = look(pid) if said else {}
    ours.close()
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return {**json.loads(said), **seen}


def look(pid: int) -> dict[str, Any]:
    """What /proc says of a process: who owns its files there (root where no tracer may attach), and what only root sees."""
    folder = Path("/proc", str(pid))
    status = folder / "status"
    seen: dict[str, Any] = {"status": status.read_text(), "limits": (folder / "limits").read_text()}
    seen["owner"] = status.stat().st_uid
    if os.getuid() == 0:
        seen["directory"] = str((folder / "cwd").readlink())
        seen["descriptors"] = {path.name: str(path.readlink()) for path in (folder / "fd").iterdir()}
    return seen


def become(uid: int) -> None:
    """An ordinary user, as dumpable as one that was started by exec."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    libc.prctl(4, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def main() -> None:
    CONFIG.update(json.loads(sys.argv[2]))
    spare = os.open("/etc/passwd", os.O_RDONLY)  # what a worker must not inherit
    os.dup2(spare, FD)  # FD is taken, so that every later descriptor is another
    os.dup2(spare, 700)
    libc.putenv(HIDDEN)
    os.chdir("/tmp")
    if os.getuid() == 0:
        os.setgroups([4242])
    if CONFIG["uid"] is not None:
        become(CONFIG["uid"])
    print(json.dumps({name: try_in_a_fork(name) for name in CONFIG["names"]}))


if __name__ == "__main__":
    main()
