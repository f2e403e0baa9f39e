"""Rehearsals, options, and files for launchers: what would go wrong only hours after a start is told before it."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.trainer.conftest import make_tokenizer
from trainer.cli import main
from trainer.config import Config
from trainer.config_file import FOLDER

pytestmark = pytest.mark.train
pytest.importorskip("trl", reason="pip install -e '.[train]'")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["optimiser.deepspeed=/nope.json"], "optimiser.deepspeed: '/nope.json' cannot be read"),
        (["optimiser.deepspeed=README.md"], "optimiser.deepspeed: 'README.md' is no JSON"),
        (["optimiser.deepspeed=trainer/configs/zero3.json"], "optimiser.deepspeed: needs: pip install deepspeed"),
        (['logs.to=["wandb"]'], "logs.to: needs: pip install wandb"),
        (["model.chat_template=/nope.jinja"], "model.chat_template: '/nope.jinja' cannot be read"),
    ],
)
def test_rehearsal_misses_what_the_run_would_miss(changes: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in ("deepspeed", "wandb"):
            raise importlib.metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = CliRunner().invoke(main, ["paper-7b", "--dry-run", *(word for change in changes for word in ("--set", change))])
    assert done.exit_code == 1 and f"Error: {told}" in done.output and "Traceback" not in done.output


def test_rehearsal_tries_the_chat_template_of_a_model_that_is_at_hand(tmp_path: Path) -> None:
    from transformers import Qwen2Config

    tokenizer = make_tokenizer("qwen2_5")
    tokenizer.save_pretrained(tmp_path)
    Qwen2Config(vocab_size=512, hidden_size=32, intermediate_size=32, num_hidden_layers=1).save_pretrained(tmp_path)
    command = ["paper-7b", "--dry-run", "--set", f"model.path={tmp_path}"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0 and f"tokenizer: {len(tokenizer)} tokens" in done.output
    (tmp_path / "toolless.jinja").write_text("{% for message in messages %}{{ message.content }}<|im_end|>{% endfor %}")
    done = CliRunner().invoke(main, [*command, "--set", f"model.chat_template={tmp_path / 'toolless.jinja'}"])
    assert done.exit_code == 1 and "knows no tools" in done.output


def test_files_for_launchers_are_right() -> None:
    """accelerate takes fsdp2.yaml; of zero3.json, transformers fills in what the trainer's arguments say."""
    from accelerate.commands.config.config_args import load_config_from_file

    taken: Any = load_config_from_file(str(FOLDER / "fsdp2.yaml"))
    assert (taken.distributed_type.value, taken.fsdp_config["fsdp_version"]) == ("FSDP", 2)
    zero = json.loads((FOLDER / "zero3.json").read_text())
    assert zero["zero_optimization"]["stage"] == 3 and zero["bf16"]["enabled"] == "auto"
    assert all(zero[key] == "auto" for key in ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_clipping"))


def test_evaluations_have_an_option_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Config] = []

    def told(config: Config) -> str:
        found.append(config)
        return ""

    monkeypatch.setattr("trainer.dry_run.rehearse", told)
    assert CliRunner().invoke(main, ["cpu-tiny", "--eval-every", "5", "--seed", "3", "--dry-run"]).exit_code == 0
    assert (found[0].evaluation.every, found[0].seed) == (5, 3)
