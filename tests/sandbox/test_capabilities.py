"""What `codegym doctor` is told: found by trying, in a child, with a remedy for what is missing."""

import dataclasses
import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from codegym_mcp.sandbox import LAYERS, capabilities

from . import bpf

linux = pytest.mark.skipif(sys.platform != "linux", reason="the probe itself needs Linux")
ROOT = Path(__file__).parents[2]
PROBE = capabilities._SCRIPT

HAMPERED = """
import sys
sys.path.append({root!r})
import json, platform, _socket
from codegym_mcp.sandbox import confine, seccomp
confine.os.setresuid(*[{uid}] * 3) if {uid} else None
confine.forbid_new_privileges()
confine.install_filter(bytes.fromhex({filter!r}))
exec(compile(open({probe!r}).read(), {probe!r}, "exec"))
"""
"""The probe in a world where one system call is refused."""


def number(x86_64: int, aarch64: int) -> int:
    return x86_64 if platform.machine() == "x86_64" else aarch64


def hamper(monkeypatch: pytest.MonkeyPatch, folder: Path, filter_: bytes, uid: int = 0) -> None:
    """Have `probe` run in a world that lacks what the filter refuses."""
    script = folder / "hampered.py"
    script.write_text(HAMPERED.format(root=str(ROOT), filter=filter_.hex(), probe=str(PROBE), uid=uid))
    monkeypatch.setattr(capabilities, "_SCRIPT", script)


@pytest.fixture(scope="module")
def here() -> capabilities.Capabilities:
    return capabilities.probe()


@linux
def test_what_is_not_in_force_is_missing_with_a_reason(here: capabilities.Capabilities) -> None:
    named = {line.split(":")[0] for line in here.missing}
    assert named >= LAYERS - here.layers
    assert here.seccomp == ("seccomp" in here.layers)
    assert here.no_new_privs == ("no_new_privs" in here.layers)
    assert (here.landlock_abi > 0) >= ("landlock" in here.layers)


@linux
def test_the_machine_describes_itself(here: capabilities.Capabilities) -> None:
    assert (here.platform, here.machine, here.kernel) == (sys.platform, platform.machine(), platform.release())
    assert here.python == platform.python_version()
    assert here.user == ("root" if os.getuid() == 0 else "ordinary")


@linux
def test_the_one_who_asks_is_not_restricted(here: capabilities.Capabilities) -> None:
    """Layers are irrevocable: they must be tried in a child."""
    assert Path("/proc/self/status").read_text().count("NoNewPrivs:\t1") == 0 or "NoNewPrivs:\t1" in _at_start()
    assert subprocess.run(["true"], check=True).returncode == 0


def _at_start() -> str:
    """Status of this process's parent: what was inherited is not the probe's doing."""
    return Path(f"/proc/{os.getppid()}/status").read_text()


@linux
@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (errno.ENOSYS, "needs Linux 5.13 or newer"),
        (errno.EOPNOTSUPP, "add `landlock` to the `lsm=` list"),
        (errno.EPERM, "Docker 23 or newer"),
    ],
)
def test_each_way_to_lack_landlock_has_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: int, remedy: str
) -> None:
    hamper(monkeypatch, tmp_path, bpf.refusing(444, error))
    found = capabilities.probe()
    (line,) = [line for line in found.missing if line.startswith("landlock: ")]
    assert remedy in line
    assert found.landlock_abi == 0 and "landlock" not in found.layers and found.seccomp


@linux
@pytest.mark.parametrize(
    ("missing", "refusal"),
    [
        ("seccomp", bpf.refusing(number(157, 167), errno.EINVAL, 22)),
        ("rlimits", bpf.refusing(number(302, 261), errno.EPERM)),
        ("landlock", bpf.refusing(446, errno.EPERM)),
        ("pidfd", bpf.refusing(434, errno.ENOSYS)),
    ],
)
def test_a_missing_protection_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: capabilities.Capabilities, missing: str, refusal: bytes
) -> None:
    hamper(monkeypatch, tmp_path, refusal)
    found = capabilities.probe()
    named = {line.split(":")[0] for line in found.missing}
    assert named == {missing} | {line.split(":")[0] for line in here.missing}
    assert missing not in found.layers
    assert found.pidfd == (missing != "pidfd" and here.pidfd)


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only root can lack the right to become another user")
def test_root_that_cannot_change_its_uid_is_told_to_be_an_ordinary_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hamper(monkeypatch, tmp_path, bpf.refusing(number(117, 147), errno.EPERM))
    found = capabilities.probe()
    assert [line.split(":")[0] for line in found.missing] == ["uid"]
    assert "run as an ordinary user" in found.missing[0]


@linux
@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become an ordinary user")
def test_an_ordinary_user_has_every_layer_that_root_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: capabilities.Capabilities
) -> None:
    hamper(monkeypatch, tmp_path, bpf.refusing(600, errno.EPERM), uid=54_321)
    tmp_path.chmod(0o755)
    found = capabilities.probe()
    assert (found.user, found.layers) == ("ordinary", here.layers | {"uid"})


@linux
def test_a_process_that_does_not_survive_its_confinement_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A step outside the layers fails: here capset."""
    hamper(monkeypatch, tmp_path, bpf.refusing(number(126, 91), errno.EPERM))
    found = capabilities.probe()
    assert found.layers == frozenset()
    assert found.missing[0].startswith("everything: a confined process does not get through: ") and "capset" in found.missing[0]


@pytest.mark.parametrize("script", ["raise SystemExit(3)", "print('no json')", "print('{}')", "print('[]')"])
@linux
def test_a_probe_that_fails_is_reported_and_never_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(script)
    monkeypatch.setattr(capabilities, "_SCRIPT", broken)
    found = capabilities.probe()
    assert found.layers == frozenset() and "the probe: it failed with" in found.missing[0]


@linux
@pytest.mark.parametrize(("trial", "layer"), [("files", "landlock"), ("calls", "seccomp")])
def test_a_layer_that_is_in_force_but_does_not_bite_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trial: str, layer: str
) -> None:
    """The kernel's word that a layer is there is not enough: opening, or a fork, must really fail under it."""
    report = {
        "user": "root",
        "landlock": {"value": 7},
        "pidfd": {"value": 1},
        "files": {"open": {"errno": errno.EACCES}},
        "calls": {attempt: {"errno": errno.EPERM} for attempt in ("open", "socket", "fork")},
        "whole": {"layers": sorted(LAYERS)},
    }
    report[trial] = {"open": {"value": 3}, "socket": {"value": 4}, "fork": {"value": 5}}
    script = tmp_path / "report.py"
    script.write_text(f"import json; print(json.dumps({report}))")
    monkeypatch.setattr(capabilities, "_SCRIPT", script)
    found = capabilities.probe()
    assert found.layers == LAYERS - {layer}
    assert [line.split(":")[0] for line in found.missing] == [layer]


@linux
def test_an_interpreter_that_cannot_be_started_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "FileNotFoundError" in capabilities.probe().missing[0]


@pytest.mark.parametrize(("system", "remedy"), [("darwin", "docker build -t codegym-mcp ."), ("win32", "pip install -e .")])
def test_off_linux_everything_is_missing_and_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch, system: str, remedy: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    found = capabilities.probe()
    assert found.layers == frozenset() and not found.seccomp and not found.pidfd and found.landlock_abi == 0
    assert found.user == "unknown"
    assert remedy in found.missing[0]


def test_capabilities_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        capabilities.probe().seccomp = True  # type: ignore[misc]
