"""The sandbox on aarch64, for real: another machine's kernel runs our filter, and its Python our confinement.

Opt-in, `pytest -m emulated`; README.md says what must be installed and fetched before.
"""

import json
import shutil

import pytest

from codegym_mcp.sandbox import LAYERS

from .. import attempts
from . import machine

NEEDED = [machine.COMPILER[0], machine.EMULATOR[0]]
ABSENT = [name for name in NEEDED if shutil.which(name) is None]
ABSENT += [str(path) for path in (machine.KERNEL, machine.SYSTEM) if not path.exists()]

pytestmark = [
    pytest.mark.emulated,
    pytest.mark.timeout(machine.BOOT_TIMEOUT_S),
    pytest.mark.skipif(bool(ABSENT), reason=f"absent: {', '.join(ABSENT)}; see tests/sandbox/emulated/README.md"),
]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one boot said, by label."""
    config: dict[str, object] = {
        "names": attempts.COMMON,
        "before": None,
        "required": sorted(LAYERS),
        "file": "/tmp/file",
    }
    configs = {"root": config | {"uid": None}, "ordinary": config | {"uid": 54_321}}
    return machine.boot(tmp_path_factory.mktemp("machine"), configs)


def test_the_kernel_of_another_machine_lets_exactly_the_promised_calls_through(console: dict[str, str]) -> None:
    """Every number from 0 to 600, and chosen arguments, each tried under the installed filter."""
    assert console.get("filter") == "PASS 601", console["console"]


def test_the_probe_finds_every_layer_there(console: dict[str, str]) -> None:
    probed = json.loads(console["probe"])
    assert (probed["whole"]["layers"], probed["user"]) == (sorted(LAYERS), "root")
    assert [probed["calls"][attempt]["errno"] for attempt in ("open", "socket", "fork")] == [1, 1, 1]
    assert probed["files"]["open"]["errno"] == 13


@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_a_confined_process_there_gets_no_further(console: dict[str, str], user: str) -> None:
    outcomes = json.loads(console[user])
    assert set(outcomes) == set(attempts.COMMON)
    assert attempts.differences(outcomes) == {}
