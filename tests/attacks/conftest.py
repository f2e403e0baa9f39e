"""The server under attack, once as root and once as an ordinary user, for the whole session."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .served import IS_ROOT, Served, serving

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # confinement needs Linux

ENVIRONMENTS = Path(__file__).parent / "environments"
TOOL_S, MEMORY_MIB = 1.0, 128
OPTIONS = ("--tool-timeout", str(TOOL_S), "--memory-mib", str(MEMORY_MIB))

USERS = [pytest.param("root", marks=pytest.mark.skipif(not IS_ROOT, reason="only root can serve as root")), "ordinary"]


@pytest.fixture(scope="session", params=USERS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server of hostile environments."""
    with serving(request.param, ENVIRONMENTS, *OPTIONS) as server:
        yield server
