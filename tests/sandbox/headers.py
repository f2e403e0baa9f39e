"""System-call numbers as the kernel's installed headers have them."""

import re
from pathlib import Path

import pytest

SOURCES = {
    "x86_64": ("asm/unistd_64.h", r"#define __NR_(\w+)\s+(\d+)"),
    "aarch64": ("asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
}
"""Header and form of a line; aarch64 follows the generic table."""


def numbers(machine: str) -> dict[str, int]:
    """Number of each call; skips the test where the headers are not installed."""
    name, pattern = SOURCES[machine]
    folders = (Path("/usr/include"), *Path("/usr/include").glob("*-linux-gnu"))
    found = [folder / name for folder in folders if (folder / name).is_file()]
    if not found:
        pytest.skip(f"no {name} here; the Debian package linux-libc-dev has it")
    return {call: int(number) for call, number in re.findall(pattern, found[0].read_text())}
