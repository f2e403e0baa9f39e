"""The names of TRL that we use, under the pinned version: a new TRL fails here, by name, before it fails in a run."""

import dataclasses
import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from trainer import grpo
from trainer.advantages import group_advantages
from trainer.metrics import WAITED
from trainer.worker import MCPRolloutWorker, Sample

pytestmark = pytest.mark.train
trl: Any = pytest.importorskip("trl", reason="pip install -e '.[train]'")


def test_version_is_the_pinned_one() -> None:
    assert trl.__version__ == "1.16.0"


def test_sample_has_the_fields_that_trl_reads() -> None:
    from trl.experimental.async_grpo.async_rollout_worker import RolloutSample

    assert [field.name for field in dataclasses.fields(Sample)] == [field.name for field in dataclasses.fields(RolloutSample)]


def test_worker_has_what_the_protocol_wants() -> None:
    from trl.experimental.async_grpo.async_grpo_trainer import RolloutWorkerProtocol

    wanted = {name for name in dir(RolloutWorkerProtocol) if not name.startswith("_")}
    wanted |= set(RolloutWorkerProtocol.__annotations__)
    assert wanted == {"rollout_buffer", "metrics_queue", "start", "stop", "update_model_version", "check_health"}
    assert {name for name in wanted if hasattr(MCPRolloutWorker, name)} == wanted - {"rollout_buffer", "metrics_queue"}
    for name in ("start", "stop", "update_model_version", "check_health"):
        mine, theirs = (
            list(inspect.signature(getattr(kind, name)).parameters) for kind in (MCPRolloutWorker, RolloutWorkerProtocol)
        )
        assert mine == theirs


@pytest.mark.parametrize("kind", ["CopyTransfer", "ReloadTransfer"])
def test_transfers_have_what_the_protocol_wants(kind: str) -> None:
    from trl.experimental.async_grpo.async_grpo_trainer import WeightTransferProtocol

    from trainer import weights

    wanted = {name for name in dir(WeightTransferProtocol) if not name.startswith("_")}
    assert wanted == {"init_weight_transfer", "pause", "send_weights", "resume", "destroy"}
    assert wanted <= set(dir(getattr(weights, kind)))


def test_trainers_take_what_we_give() -> None:
    from trl import GRPOTrainer
    from trl.experimental.async_grpo import AsyncGRPOTrainer

    assert {"rollout_func", "reward_funcs", "peft_config"} <= set(inspect.signature(GRPOTrainer.__init__).parameters)
    assert {"rollout_worker", "weight_transfer"} <= set(inspect.signature(AsyncGRPOTrainer.__init__).parameters)


def test_trl_tells_how_long_it_waited_for_rollouts() -> None:
    """By itself in async runs; in sync ones our reward function tells, by what TRL hands it."""
    from trl.experimental.async_grpo import AsyncGRPOTrainer

    assert f'metrics["{WAITED}"].append' in inspect.getsource(AsyncGRPOTrainer)
    assert 'reward_kwargs["log_metric"]' in inspect.getsource(trl.GRPOTrainer._calculate_rewards)


def test_tree_attention_is_registered_under_the_name_we_replace() -> None:
    from transformers import AttentionInterface
    from trl.experimental.async_grpo.packing import TREE_ATTENTION, register_tree_attention

    from trainer.attention import register

    register_tree_attention()
    theirs = AttentionInterface()[TREE_ATTENTION]
    register()
    assert AttentionInterface()[TREE_ATTENTION] is not theirs


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("rewards", [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.3, 1.0, None, 0.0], [None] * 4])
def test_advantages_are_those_of_trl(rewards: list[float | None], normalise: bool) -> None:
    """Its GRPOTrainer computes them itself; the async trainer gets ours. They must agree, machine faults included."""
    import torch
    from trl.trainer.utils import nanstd

    values = torch.tensor([float("nan") if reward is None else reward for reward in rewards]).view(1, -1)
    theirs = values - torch.nanmean(values, dim=1, keepdim=True)
    if normalise:
        theirs = theirs / (nanstd(values, dim=1).unsqueeze(1) + 1e-4)
    assert group_advantages(rewards, normalise=normalise) == pytest.approx(
        torch.nan_to_num(theirs, nan=0.0)[0].tolist(), abs=1e-4
    )
    source = inspect.getsource(trl.GRPOTrainer._generate_and_score_completions)
    for line in (
        "advantages = rewards - mean_grouped_rewards",
        "advantages = advantages / (std_rewards + 1e-4)",
        "std_rewards = nanstd(rewards.view(-1, num_generations), dim=1)",
        "advantages = torch.nan_to_num(advantages, nan=0.0)",
    ):
        assert line in source


def test_figures_are_joined_before_reporters_and_held_out_tasks_played_after_the_weights_are_sent() -> None:
    from transformers import TrainerCallback
    from transformers.trainer_callback import CallbackHandler

    class Ours(TrainerCallback):
        """A callback."""

    figures, evaluation, reporter, sender = Ours(), Ours(), Ours(), Ours()
    handler = CallbackHandler([reporter, evaluation, figures, sender], None, None, None, None)  # type: ignore[no-untyped-call]
    grpo.in_order(SimpleNamespace(callback_handler=handler), figures, [evaluation])
    order = [one for one in handler.callbacks if isinstance(one, Ours)]
    assert order == [figures, reporter, sender, evaluation]
