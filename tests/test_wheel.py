"""The wheel carries its environments, and serves them where nothing of the checkout can be seen."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return next(out.glob("*.whl"))


def test_the_wheel_ships_environments_and_nothing_else_of_the_checkout(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert sum(name.endswith("/env.py") for name in names) >= 24
    assert "codegym_mcp/servers/coin_change/tasks.jsonl" in names and "codegym_mcp/servers/coin_change/card.json" in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"codegym_mcp"}
    assert wheel.stat().st_size < 15 << 20


@pytest.mark.long
def test_it_installs_and_serves_in_an_empty_virtual_environment(wheel: Path, tmp_path: Path) -> None:
    """The package comes from the wheel alone; its dependencies are lent by this environment, so that no network is needed."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True, timeout=100, cwd=tmp_path
    )
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True, cwd=tmp_path
    ).strip()
    (Path(site) / "lent.pth").write_text(sysconfig.get_path("purelib"))  # one level: its own .pth files are not read
    where = subprocess.check_output([python, "-c", "import codegym_mcp; print(codegym_mcp.__file__)"], text=True, cwd=tmp_path)
    assert str(home) in where
    requests = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "Observe", "arguments": {}}},
    ]
    process = subprocess.Popen(
        [home / "bin" / "codegym", "serve", "coin_change"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stdin is not None and process.stdout is not None
    for request in requests:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
    answers = {}
    while 2 not in answers:
        answer = json.loads(process.stdout.readline())
        answers[answer.get("id")] = answer
    assert answers[1]["result"]["serverInfo"]["name"] == "codegym"
    assert json.loads(answers[2]["result"]["content"][-1]["text"]).keys() == {"kinds", "amount"}
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()


INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
