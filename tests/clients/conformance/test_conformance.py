"""The official conformance suites against our server: what fails is in a baseline, and docs/conformance.md has the counts."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.foreign import BIN, NODE_MODULES, installed, node_environment

pytestmark = pytest.mark.clients
HERE = Path(__file__).parent
DOCS = HERE.parents[2] / "docs" / "conformance.md"
SUITE_S = 90
"""Longest that a suite may take; it usually takes five seconds."""
RUNS = {
    "0.1.16": ("conformance-stable", []),
    "2025-11-25": ("conformance-next", ["--requirements", "2025-11-25"]),
    "2026-07-28": ("conformance-next", ["--requirements", "2026-07-28"]),
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An episode of the fixture server."""
    installed()
    command = [sys.executable, str(HERE / "server.py")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.terminate()
    server.wait(30)
    server.stdout.close()


def counts(folder: Path) -> Counter[str]:
    """How many checks ended how."""
    return Counter(check["status"] for file in folder.glob("*/checks.json") for check in json.loads(file.read_text()))


@pytest.mark.parametrize("run", RUNS)
def test_conformance_is_what_the_baseline_and_the_documentation_say(run: str, url: str, tmp_path: Path) -> None:
    package, options = RUNS[run]
    suite = [str(BIN / "node"), str(NODE_MODULES / package / "dist" / "index.js"), "server", "--url", url, *options]
    command = [*suite, "--expected-failures", str(HERE / f"baseline-{run}.yml"), "--output-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=node_environment(), timeout=SUITE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    found = counts(tmp_path)
    row = f"| {run} | {found['SUCCESS']} | {found['FAILURE']} |"
    assert row in DOCS.read_text(), f"docs/conformance.md should have the row {row}"
