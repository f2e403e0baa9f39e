"""Two processes of one run, over gloo: what each has reaches the others. No model."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.train
pytest.importorskip("trl", reason="pip install -e '.[train]'")

PROGRAM = """
import sys
from pathlib import Path
from types import SimpleNamespace

from tests.trainer.test_figures import played
from trainer.callbacks import Figures
from trainer.metrics import WAITED, Journal, Window
from trainer.processes import process_rank

rank, folder = process_rank(), Path(sys.argv[1])
window = Window({})
figures = Figures(Journal(folder / f"{rank}.jsonl"), window, folder / "trajectories.jsonl", 1, lambda step, found: None)
figures.on_train_begin(None, None, None)
for step in (1, 2):
    if (rank, step) != (0, 2):
        window.add(played(float(rank), faults=rank))
    state = SimpleNamespace(global_step=step, is_world_process_zero=rank == 0)
    figures.on_log(None, state, None, {"loss": 0.5, "reward": 0.25, WAITED: 1e-9})
"""


def test_figures_of_a_step_are_those_of_all_processes(tmp_path: Path) -> None:
    """Of a step in which one of them played nothing, too: all must take part, or all hang."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            env={
                **os.environ,
                "RANK": rank,
                "LOCAL_RANK": rank,
                "WORLD_SIZE": "2",
                "LOCAL_WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": port,
                "CUDA_VISIBLE_DEVICES": "",
                "OMP_NUM_THREADS": "1",
            },
        )
        for rank in ("0", "1")
    ]
    try:
        assert [process.wait(240) for process in running] == [0, 0]
    finally:
        for process in running:
            process.kill()
    first, second = [json.loads(line) for line in (tmp_path / "0.jsonl").read_text().splitlines()]
    assert (first["reward"], first["groups"], first["rollouts/faults"]) == (0.5, 2.0, 1.0)
    assert (second["reward"], second["groups"], second["rollouts/faults"]) == (1.0, 1.0, 1.0)
    assert not (tmp_path / "1.jsonl").exists(), "the first one writes"
