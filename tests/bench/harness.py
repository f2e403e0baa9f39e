"""What the benchmarks share beside codegym_mcp.bench: their options, their lines of output, processes to look at."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import uvloop

from codegym_mcp.bench import spread


def run(measure: Callable[..., Coroutine[Any, Any, None]], **defaults: int | str) -> None:
    """Run a benchmark; each default becomes an option, `--rounds 5`."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value, help=f"default: {value}")
    uvloop.run(measure(**vars(parser.parse_args())))


def tell(name: str, values: Sequence[float], rounds: str, target: str = "") -> None:
    """`name: median (min to max, 5 rounds of 2000 calls); target >= 0.7`."""
    print(f"{name}: {spread(values, rounds)}{f'; target {target}' if target else ''}", flush=True)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


async def milliseconds(work: Coroutine[Any, Any, Any]) -> float:
    """How long it took."""
    started = time.perf_counter()
    await work
    return 1e3 * (time.perf_counter() - started)


def cpu_s(process: psutil.Process) -> float:
    """Processor seconds it has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def echo_server() -> AsyncIterator[tuple[str, int]]:
    """The bare SDK server in a process of its own: URL and pid."""
    command = [sys.executable, str(Path(__file__).with_name("echo_server.py"))]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}", process.pid
    finally:
        process.terminate()
        await process.wait()
