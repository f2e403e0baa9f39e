"""Configurations: what is wrong in one is told with its place, and all that are shipped can be read."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from trainer.cli import main
from trainer.config import Config, InvalidConfig
from trainer.config_file import read_config, shipped
from trainer.sft import shares


@pytest.mark.parametrize("name", shipped())
def test_shipped_configurations_are_right_and_say_what_they_are(name: str) -> None:
    config = read_config(name)
    assert (config.name, bool(config.summary)) == (name, True)


def test_papers_values_are_the_papers() -> None:
    """Source: arXiv 2509.17325, its table of hyperparameters."""
    for name in ("paper-7b", "paper-14b", "paper-32b", "paper-72b", "paper-qwq-32b"):
        config = read_config(name)
        one = config.optimiser
        assert (one.tasks_per_step, config.rollouts.group_size, one.updates_per_batch) == (512, 8, 8)
        assert (one.learning_rate, one.warmup_steps, one.betas, one.weight_decay) == (1e-6, 5, (0.9, 0.95), 0.1)
        assert (one.kl, one.clip, one.max_grad_norm, one.normalise) == (0.0, 0.2, 1.0, True)
        assert (config.rollouts.temperature, config.rollouts.top_p, config.rollouts.response_tokens) == (1.0, 1.0, 24_576)
        assert config.rollouts.max_steps == (512 if "qwq" in name else 256)
        assert one.steps == (50 if "72b" in name else 100)
        assert (config.evaluation.temperature, config.evaluation.top_p) == (1.0, 0.7)
        assert (
            not config.rollouts.parallel_calls and config.rewards == Config().rewards and config.sampling == Config().sampling
        )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[optimiser]\nstep = 3", "optimiser, step: no such key; there are trainer, steps"),
        ("[optimiser]\nsteps = 'many'", "optimiser, steps: must be a whole number, got 'many'"),
        ("[optimiser]\nsteps = true", "optimiser, steps: must be a whole number, got True"),
        ("[optimiser]\nlearning_rate = 'high'", "optimiser, learning_rate: must be a number, got 'high'"),
        ("[optimiser]\ntrainer = 'both'", "optimiser, trainer: must be one of 'sync', 'async', got 'both'"),
        ("[optimiser]\nbetas = [0.9]", "optimiser, betas: must be a list of 2, got [0.9]"),
        ("[optimiser]\nkl = 0.1", "optimiser.kl: TRL's async trainer has no reference model"),
        ("[environments]\nnames = 'coin_change'", "environments, names: must be a list, got 'coin_change'"),
        ("[environments]\nnames = [3]", "environments, names, [0]: must be a text, got 3"),
        ("optimiser = 3", "optimiser: must be a table, got 3"),
        ("[rollouts]\ngroup_size = 1", "rollouts.group_size: must be at least 2, got 1"),
        ("[optimiser]\nmicro_batch = 7", "optimiser.micro_batch: times updates_per_batch must divide the 512 rollouts"),
        ("[warm_start]\nsolved_share = 1.5", "warm_start.solved_share: must lie between 0 and 1, got 1.5"),
        ("[warm_start]\nteacher = 'file'", "warm_start.trajectories: must name a JSONL file"),
        ("[sampling]\nbranches = 5", "sampling.branches: may be half of the group at most"),
        ("[rollouts]\nconcurrency = 0", "rollouts.concurrency: must be at least 1, got 0"),
        ("[rollouts]\ntemperature = 0.0", "rollouts.temperature: must be above 0, got 0.0"),
        ("[optimiser]\nsteps = -1", "optimiser.steps: must be at least 0, got -1"),
        ("[warm_start]\nbatch = 0", "warm_start.batch: must be at least 1, got 0"),
        ("[optimiser]\nweight_transfer = 'reload'", "optimiser.weight_transfer: 'copy' goes with the local generator"),
        ("[rollouts]\ngenerator = 'vllm'\n[optimiser]\nweight_transfer = 'lora'", "'lora' needs model.lora_rank"),
        (
            "[rollouts]\ngenerator = 'vllm'\n[optimiser]\ntrainer = 'sync'\nweight_transfer = 'nccl'",
            "the sync trainer reaches vLLM by 'reload'",
        ),
        (
            "[model]\nlora_rank = 8\n[rollouts]\ngenerator = 'vllm'\n[optimiser]\nweight_transfer = 'reload'",
            "an adapter (model.lora_rank) reaches vLLM by 'lora'",
        ),
        ("seed = -1", "seed: must be at least 0, got -1"),
        ("seed = 4294967296", "seed: must be 4294967295 at most"),
        ("[rollouts]\ntop_p = 7", "rollouts.top_p: must be above 0, and 1 at most, got 7.0"),
        ("[evaluation]\ntop_p = 0.0", "evaluation.top_p: must be above 0, and 1 at most, got 0.0"),
        ("[optimiser]\nlearning_rate = -1", "optimiser.learning_rate: must be above 0, got -1.0"),
        ("[optimiser]\nlearning_rate = nan", "optimiser.learning_rate: must be above 0, got nan"),
        ("[optimiser]\nweight_decay = nan", "optimiser.weight_decay: must be at least 0, got nan"),
        ("[optimiser]\nbetas = [0.9, 1.0]", "optimiser.betas: must be 0 or more, and below 1"),
        ("[optimiser]\ndeepspeed = 'zero3.json'", "optimiser.deepspeed: TRL's async trainer takes none"),
        ("[optimiser", "is no TOML"),
    ],
)
def test_wrong_values_are_told_with_their_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfig) as caught:
        read_config(str(path))
    assert str(caught.value).startswith(str(path)) and told.replace(", [0]", "[0]") in str(caught.value).replace(", [0]", "[0]")


def test_missing_configuration_names_those_that_there_are() -> None:
    with pytest.raises(InvalidConfig, match="cpu-tiny"):
        read_config("cpu-tinny")


def test_single_values_are_changed_from_outside() -> None:
    config = read_config("cpu-tiny", ["optimiser.steps=3", "optimiser.trainer=async", 'environments.names=["coin_change"]'])
    assert (config.optimiser.steps, config.optimiser.trainer, config.environments.names) == (3, "async", ("coin_change",))
    for change, told in (("optimiser.steps", "table.key=value"), ("seed.x=1", "is no table")):
        with pytest.raises(InvalidConfig, match=told):
            read_config("cpu-tiny", ["seed=1", change])


def test_supervised_batch_that_the_processes_do_not_divide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It once became another batch without a word: 32 on 32 processes in place of 16, 12 on 6."""
    for processes in ("32", "6"):
        monkeypatch.setenv("WORLD_SIZE", processes)
        with pytest.raises(InvalidConfig, match=f"warm_start.batch: 16 sequences cannot be shared out to {processes}"):
            read_config("oracle-sft")
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert shares(read_config("oracle-sft")) == (1, 2)
    assert read_config("paper-32b").warm_start.steps == 0, "and nobody minds where there is no warm start"


def test_supervised_passes_hold_no_more_than_a_device_takes() -> None:
    """24,576 tokens each: 16 of them in one pass were too many."""
    assert shares(read_config("oracle-sft")) == (1, 16) and shares(read_config("cpu-tiny")) == (32, 1)
    assert shares(read_config("cpu-tiny", ["optimiser.micro_batch=24"])) == (16, 2)


def test_unfiltered_ablation_differs_from_the_papers_run_in_its_tasks_alone() -> None:
    paper, ours = read_config("paper-32b"), read_config("unfiltered")
    environments = replace(ours.environments, path=paper.environments.path)
    assert ours.environments.path
    assert replace(ours, name=paper.name, summary=paper.summary, environments=environments) == paper


def test_without_its_libraries_the_remedy_is_told() -> None:
    """In place of a traceback, on a machine that has the core alone."""
    if importlib.util.find_spec("torch") is not None:
        pytest.skip("torch is installed")
    done = CliRunner().invoke(main, ["cpu-tiny"])
    assert done.exit_code == 1 and "pip install torch" in done.output and "Traceback" not in done.output
