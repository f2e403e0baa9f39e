"""Trainers that nobody here wrote: where setup.sh put them, and what they are made to play.

Each has a virtual environment of its own, and a program in players/ that drives its real classes with a model that speaks
from a script. A player gets asks as JSON on stdin, plays all of them in one process (to import these takes longer than to
play), and answers with what its framework made of each.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.processes import TOKEN

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("CODEGYM_CACHE", Path.home() / ".cache" / "codegym-tests")) / "adapters"
PLAYER_S = 280
"""Longest that a player may take; most of it is importing."""
Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Ask:
    """One rollout."""

    urls: list[str]
    turns: Sequence[Sequence[Call] | str]
    """What the model does: calls of one turn, or a text as it is. After the last it says goodbye, again and again."""
    max_steps: int | None = None
    lost_after_s: float = 1.0
    kill: int | None = None
    """Process to kill after the second turn."""
    options: dict[str, Any] = field(default_factory=dict)
    """For this framework alone."""


def python_of(name: str) -> Path:
    """The interpreter that has a framework; skips the test where there is none. In CI that is a failure."""
    home = CACHE / name
    if not (home / "pins").exists():
        missing = f"{home} is missing; `tests/adapters/setup.sh {name}` makes it (CODEGYM_CACHE says where)"
        if os.environ.get("CI") == "true" and name != "skyrl":  # skyrl needs a Python that not every machine has
            pytest.fail(missing)
        pytest.skip(missing)
    return home / "bin" / "python"


def play(name: str, task: str, asks: dict[str, Ask], *, venv: str | None = None) -> dict[str, dict[str, Any]]:
    """Have a player play a task, given as JSON, once for every ask."""
    told = {"task": task, "token": TOKEN, "asks": {ask: asdict(what) for ask, what in asks.items()}}
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "CODEGYM_TOKEN": TOKEN, "PYTHONWARNINGS": "ignore"}
    command = [str(python_of(venv or name)), str(HERE / "players" / f"play_{name}.py")]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, env=environment, timeout=PLAYER_S)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    heard: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return heard
