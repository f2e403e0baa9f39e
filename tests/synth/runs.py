"""A small set of problems of our own, and runs of it as people start them."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from synth.cli.main import main

SYNTH = (sys.executable, "-m", "synth")
ROOT = Path(__file__).parents[2]
MADE_HERE = {"journal.jsonl", "report.html"}
"""Files that hold measured seconds; all others are to be the same bytes in every run."""

PARCELS = '''
def price(zone: str, weight: int) -> int:
    """Price a parcel.

    Args:
        zone: near or far.
        weight: in kilograms.

    Returns:
        cents.

    Example:
        price(zone="near", weight=2) -> 16
    """
    return {"near": 3, "far": 7}[zone] * weight + 10


def solve(parcels, limit):
    total = 0
    dearest = 0
    for zone, weight in parcels:
        if weight > limit:
            total += 5
            continue
        cost = price(zone, weight)
        total += cost
        dearest = max(dearest, cost)
    return [total, dearest]
'''
DRAWS = """
def generate(rng, level):
    count = {"easy": 4, "medium": 7, "hard": 12}[level]
    parcels = [[rng.choice(["near", "far"]), rng.randint(1, 30)] for _ in range(count)]
    return {"parcels": parcels, "limit": rng.randint(10, 25)}
"""
GOOD = {
    "id": "own/parcel_prices",
    "source": "ours",
    "licence": "Apache-2.0",
    "problem": "Parcels are priced by zone and weight; one over the limit costs 5. Tell the sum and the dearest price.",
    "solution": PARCELS,
    "entry_point": "solve",
    "input_generator": DRAWS,
}
RAISES = {
    "id": "own/raises",
    "source": "ours",
    "problem": "Tell it.",
    "solution": "def solve(a):\n    raise ValueError(a)\n",
    "entry_point": "solve",
    "inputs": [{"a": 1}, {"a": 2}],
}
SHORT = RAISES | {"id": "own/short", "problem": "Tell the double.", "solution": "def solve(a):\n    return 2 * a\n"}
PROBLEMS = (GOOD, RAISES, SHORT)
BROKEN = '{"id": "own/torn", "problem": \n' + json.dumps({"id": "own/without", "problem": "No solution."}) + "\n"


def write_problems(path: Path, problems: tuple[dict[str, Any], ...] = PROBLEMS, more: str = BROKEN) -> Path:
    """A file of problems, some of which nobody can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(problem) + "\n" for problem in problems) + more)
    return path


def synth(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m synth` to its end."""
    command = [*SYNTH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, check=False, cwd=ROOT)


def inside(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The same in this process, which spares the start of another."""
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="python -m synth")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start `python -m synth`, in a process group of its own, so that it can be interrupted like in a terminal."""
    return subprocess.Popen(
        [*SYNTH, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
        env=os.environ,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )


def contents(out: Path) -> dict[str, bytes]:
    """All files of a run that must not depend on how it went."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and path.name not in MADE_HERE)
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def stages_done(out: Path) -> list[tuple[str, str]]:
    """Problem and stage of every finished stage in the journal; of one that a kill has torn, nothing."""
    path = out / "journal.jsonl"
    text = path.read_bytes() if path.exists() else b""
    lines = [json.loads(line) for line in text.split(b"\n")[:-1]]
    return [(line["problem"], line["stage"]) for line in lines if "stage" in line]
