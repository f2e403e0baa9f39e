"""What this machine has: memory, cores, descriptors. Read from the kernel, with a modest guess where it does not tell."""

import mmap
import os
import sys
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
"""Limits of the container that this process runs in, where it runs in one: version 2, as in every current runtime."""


def private_memory(pid: int) -> int:
    """Bytes a worker holds that it does not share with files; copy-on-write pages of the zygote are counted in."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            fields = file.read(128).split()
        return (int(fields[1]) - int(fields[2])) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0


def available_memory(groups: Path = GROUPS) -> int:
    """Bytes free for use: the machine's, or its container's where those are fewer."""
    try:
        with open("/proc/meminfo") as file:
            fields = dict(line.split(":", 1) for line in file)
        free = int(fields["MemAvailable"].split()[0]) << 10
    except (OSError, KeyError, ValueError):
        free = 4 << 30
    try:
        limit, used = (int((groups / name).read_text()) for name in ("memory.max", "memory.current"))
        cached = dict(line.split() for line in (groups / "memory.stat").read_text().splitlines())
        return max(0, min(free, limit - used + int(cached["inactive_file"])))  # which the kernel gives back at need
    except (OSError, KeyError, ValueError):  # no container, or one without a limit ("max")
        return free


def raise_file_limit() -> int:
    """Allow this process as many descriptors as it may have (two per worker, one per client)."""
    if sys.platform == "win32":
        return 1 << 13
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 1 << 16) if hard != resource.RLIM_INFINITY else 1 << 16
    if soft < wanted and sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def cores(groups: Path = GROUPS) -> int:
    """Processor cores this process may use; at least one."""
    there = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    try:
        quota, period = map(int, (groups / "cpu.max").read_text().split())
        return max(1, min(there, round(quota / period)))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return there
