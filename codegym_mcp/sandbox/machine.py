"""What this machine has: memory, cores, descriptors. Read from the kernel, with a modest guess where it does not tell."""

import mmap
import os
import sys


def private_memory(pid: int) -> int:
    """Bytes a worker holds that it does not share with files; copy-on-write pages of the zygote are counted in."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            fields = file.read(128).split()
        return (int(fields[1]) - int(fields[2])) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0


def available_memory() -> int:
    """Bytes free for use on this machine."""
    try:
        with open("/proc/meminfo") as file:
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) << 10
    except (OSError, KeyError, ValueError):
        return 4 << 30


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


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
