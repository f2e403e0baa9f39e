"""Factories that tests share: an environment that behaves badly on demand, a catalog of it, a fast sandbox.

Everything here is synchronous. Tests enter what they make themselves, with `async with`.
"""

import gc
from pathlib import Path
from typing import Any

import psutil

from codegym_mcp.catalog import Catalog
from codegym_mcp.gym import Gym
from codegym_mcp.sandbox.pool import Limits, Pool

LIMITS = Limits(tool_s=0.3, memory_mib=64)
PATIENCE_S = 30
"""Longest wait for anything in a test; what it waits for usually takes milliseconds."""

COUNTER_TOOLS = {
    "Add": ("n: int", "self.total += n; self.recent.append(n); return self.total"),
    "Boom": ("n: int", "self.total += n; self.marks.add('boom'); raise IndexError('list index out of range')"),
    "Hang": ("", "self.total += 1\n        while True: pass"),
    "Crash": ("", "self.total += 1; os._exit(3)"),
    "Hog": ("", "self.total += 1; return len(bytearray(1 << 30))"),
    "Flood": ("", "self.total += 1; return 'x' * 100_000"),
    "Grow": ("", "self.grown = b'x' * (2 << 20); return 0"),
    "Fill": ("kib: int", "self.grown = b'x' * (kib << 10); return kib"),
    "Roll": ("", "self.total += (n := self.rng.randint(1, 6)); return n"),
    "Mark": ("word: str", "self.marks.add(word); self.seen[word] = self.total; return len(self.marks)"),
    "Forget": ("", "self.reset(start=0); return 0"),
    "Wait": ("", "time.sleep(60); return 0"),
}
"""Tool -> its parameter and its body. Those that fail change the state first, so that a missing rollback shows."""

COUNTER_HEAD = '''
import os
import time
from collections import deque

from codegym_mcp import Environment, tool


class Counter(Environment):
    """Tell the total."""

    def reset(self, *, start: int) -> None:
        self.total, self.seen, self.marks, self.recent = start, {}, set(), deque(maxlen=3)

    def observe(self) -> list:
        return [self.total, sorted(self.marks), self.seen, list(self.recent)]

    def answer(self) -> int:
        return self.total

    def solve(self, call):
        call("Done", answer=call("Observe")[0])
'''
TASKS = '{"id": "zero", "level": "easy", "config": {"start": 0}}\n{"id": "seven", "split": "test", "config": {"start": 7}}\n'


def tool_source(name: str, parameter: str, body: str) -> str:
    """A tool with the documentation that the format asks for."""
    args = f"\n        Args:\n            {parameter.partition(':')[0]}: a value.\n" if parameter else ""
    doc = (
        f'"""Do {name}.\n{args}\n        Returns:\n            a value.\n\n        Example:\n            {name}()\n        """'
    )
    return f"\n    @tool\n    def {name}(self{parameter and ', ' + parameter}) -> int:\n        {doc}\n        {body}\n"


COUNTER = COUNTER_HEAD + "".join(tool_source(name, *tool) for name, tool in COUNTER_TOOLS.items())


def write_environment(folder: Path, source: str = COUNTER, tasks: str = TASKS, *, name: str = "counter") -> Path:
    """A native environment in a folder of its own; returns that folder."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "env.py").write_text(source)
    (home / "tasks.jsonl").write_text(tasks)
    return home


def make_catalog(folder: Path, source: str = COUNTER, tasks: str = TASKS, *, name: str = "counter") -> Catalog:
    """A catalog of one native environment."""
    return Catalog.of(write_environment(folder, source, tasks, name=name))


def fast_pool(**options: Any) -> Pool:
    """A sandbox with short limits and few processes."""
    return Pool(**{"limits": LIMITS, "zygotes": 1, "spares": 2, **options})


def make_gym(folder: Path, *, pool: Pool | None = None, **options: Any) -> Gym:
    """A gym of the counter over a fast sandbox."""
    return Gym(make_catalog(folder), pool=pool or fast_pool(), **options)


def children() -> list[str]:
    """Command lines of the processes that this one has started and that still run."""
    running = [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    return [" ".join(child.cmdline()) for child in running]


def open_descriptors() -> int:
    """How many descriptors this process holds."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))
