"""GRPO by TRL: its GRPOTrainer with our groups, or its AsyncGRPOTrainer with our worker. The one file that knows TRL's
trainers; the names it uses are pinned (trl 1.16.0) and guarded by tests/trainer/test_contract.py.
"""

import logging
import os
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.policies.template import ToolTemplate
from trainer.config import Config, InvalidConfig
from trainer.metrics import WAITED
from trainer.processes import PATIENCE_S, from_all, world_size
from trainer.rollouts import Rollout
from trainer.worker import MCPRolloutWorker

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")


def common_arguments(config: Config, folder: Path) -> dict[str, Any]:
    """Arguments that transformers' trainers take, whichever it is."""
    import torch

    gpu = torch.cuda.is_available()
    optimiser = config.optimiser
    return {
        "output_dir": str(folder / "checkpoints"),
        "seed": config.seed,
        "learning_rate": optimiser.learning_rate,
        "lr_scheduler_type": "constant_with_warmup",
        "warmup_steps": optimiser.warmup_steps,
        "adam_beta1": optimiser.betas[0],
        "adam_beta2": optimiser.betas[1],
        "weight_decay": optimiser.weight_decay,
        "max_grad_norm": optimiser.max_grad_norm,
        "gradient_checkpointing": optimiser.gradient_checkpointing,
        "use_cpu": not gpu,
        "bf16": gpu and config.model.dtype == "bfloat16",
        "report_to": list(config.logs.to),
        "logging_steps": 1,
        "logging_first_step": True,
        "save_strategy": "steps",
        "save_steps": config.logs.save_every * optimiser.updates,
        "ddp_timeout": int(PATIENCE_S),
        "save_total_limit": config.logs.keep,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }


def arguments(config: Config, folder: Path) -> Any:
    """The arguments of the trainer that the configuration names.

    Raises:
        InvalidConfig: a step's rollouts cannot be shared out to the processes.
    """
    return sync_arguments(config, folder) if config.optimiser.trainer == "sync" else async_arguments(config, folder)


def sync_arguments(config: Config, folder: Path) -> Any:
    """Those of TRL's GRPOTrainer."""
    from trl import GRPOConfig

    optimiser, size = config.optimiser, config.rollouts.group_size
    batches = optimiser.tasks_per_step * size // (optimiser.micro_batch * world_size())
    if batches < 1 or optimiser.micro_batch * batches % size:
        raise InvalidConfig("optimiser.tasks_per_step", "each process must play whole groups: raise it, or lower micro_batch")
    return GRPOConfig(
        **common_arguments(config, folder),
        per_device_train_batch_size=optimiser.micro_batch,
        steps_per_generation=batches,
        gradient_accumulation_steps=max(1, batches // optimiser.updates_per_batch),
        num_generations=size,
        max_steps=optimiser.steps * optimiser.updates,
        max_completion_length=config.rollouts.response_tokens,
        temperature=config.rollouts.temperature,
        epsilon=optimiser.clip,
        epsilon_high=optimiser.clip_high or None,
        beta=optimiser.kl,
        loss_type="dapo",  # the mean over all tokens, as in TRL's async trainer
        scale_rewards="group" if optimiser.normalise else "none",
        deepspeed=optimiser.deepspeed or None,
    )


def async_arguments(config: Config, folder: Path) -> Any:
    """Those of TRL's AsyncGRPOTrainer."""
    from trl.experimental.async_grpo import AsyncGRPOConfig

    optimiser, size = config.optimiser, config.rollouts.group_size
    batches = optimiser.tasks_per_step * size // (optimiser.micro_batch * world_size())
    if batches < 1:
        raise InvalidConfig("optimiser.micro_batch", "times the number of processes is more than a step's rollouts")
    return AsyncGRPOConfig(
        **common_arguments(config, folder),
        per_device_train_batch_size=optimiser.micro_batch,
        gradient_accumulation_steps=batches,
        num_generations=size,
        max_steps=optimiser.steps,
        temperature=config.rollouts.temperature,
        dtype="float32",  # master weights; bf16 above has them computed with in half of that
        epsilon=optimiser.clip,
        epsilon_high=optimiser.clip_high or None,
        max_staleness=optimiser.max_staleness,
        token_budget=-1,
        heartbeat_stale_after_s=optimiser.stalled_s,
        vllm_server_base_url=optimiser.vllm_url,
    )


def lora(config: Config) -> Any:
    """The adapter that is trained in place of the model's own weights, if one is."""
    if not config.model.lora_rank:
        return None
    from peft import LoraConfig

    return LoraConfig(r=config.model.lora_rank, lora_alpha=2 * config.model.lora_rank, target_modules="all-linear")


def sync_trainer(
    config: Config,
    folder: Path,
    model: Any,
    template: ToolTemplate,
    worker: MCPRolloutWorker,
    transfer: Any,
    callbacks: Sequence[Any],
) -> Any:
    """TRL's GRPOTrainer. A step's groups are played, then learned from, then the next ones are played.

    The data set holds no tasks: its rows only count, and the worker's sampler chooses, as it does in an async run.

    Args:
        model: weights, or where they are.
        transfer: how weights reach a generator that is not this model.
    """
    from datasets import Dataset
    from trl import GRPOTrainer

    size = config.rollouts.group_size
    rows = [{"prompt": f"row {n}"} for n in range(config.optimiser.tasks_per_step * 4)]

    def play(prompts: list[str], trainer: Any) -> dict[str, list[Any]]:
        unwrapped = trainer.accelerator.unwrap_model(trainer.model)
        unwrapped.eval()
        if transfer is not None:
            publish(trainer, unwrapped, transfer)
            worker.update_model_version(trainer.state.global_step)
        started = time.monotonic()
        groups = worker.collect(len(prompts) // size, trainer.state.global_step / max(1, trainer.state.max_steps))
        waited_s = max(from_all(time.monotonic() - started))  # all processes wait for the slowest one
        unwrapped.train()
        found = columns([rollout for group in groups for rollout in group.rollouts], template)
        return found | {"waited_s": [waited_s] * len(found["reward"])}

    def reward(
        reward: list[float | None], waited_s: list[float], log_metric: Callable[[str, float], None], **others: Any
    ) -> list[float | None]:
        log_metric(WAITED, waited_s[0])
        return reward

    with _quiet():
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=reward,
            args=sync_arguments(config, folder),
            train_dataset=Dataset.from_list(rows),
            processing_class=template.tokenizer,
            callbacks=list(callbacks),
            peft_config=lora(config),
            rollout_func=play,
        )
    return silent(trainer)


def publish(trainer: Any, model: Any, transfer: Any) -> None:
    """Bring the weights to the generator: every process takes part in gathering them, the first one sends."""
    first = trainer.accelerator.is_main_process
    if first:
        transfer.init_weight_transfer()
    weights = ((name, whole(parameter)) for name, parameter in model.named_parameters())
    if not first:
        for _ in weights:
            pass
        return
    transfer.pause()
    try:
        transfer.send_weights(weights)
    finally:
        transfer.resume()


def whole(parameter: Any) -> Any:
    """A parameter in one piece: FSDP2 keeps it as a distributed tensor, DeepSpeed's third stage as a shard."""
    if hasattr(parameter, "full_tensor"):
        return parameter.full_tensor()
    if hasattr(parameter, "ds_id"):
        import deepspeed

        with deepspeed.zero.GatheredParameters([parameter]):
            return parameter.detach().clone()
    return parameter.detach()


def columns(rollouts: Sequence[Rollout], template: ToolTemplate) -> dict[str, list[Any]]:
    """Rollouts as TRL's rollout_func returns them. A machine's fault has no reward: TRL leaves it out of its group's mean."""
    found: dict[str, list[Any]] = {name: [] for name in ("prompt_ids", "completion_ids", "logprobs", "env_mask", "reward")}
    for rollout in rollouts:
        tokens, start = rollout.tokens, rollout.tokens.prompt_tokens
        played = rollout.reward is not None and len(tokens.ids) > start
        found["prompt_ids"].append(tokens.ids[:start] if played else [template.turn_end])
        found["completion_ids"].append(tokens.ids[start:] if played else [template.turn_end])
        found["logprobs"].append(tokens.logprobs[start:] if played else [0.0])
        found["env_mask"].append(tokens.mask[start:] if played else [0])
        found["reward"].append(rollout.reward)
    return found


def async_trainer(
    config: Config,
    folder: Path,
    model_path: Path,
    template: ToolTemplate,
    worker: MCPRolloutWorker,
    transfer: Any,
    callbacks: Sequence[Any],
) -> Any:
    """TRL's AsyncGRPOTrainer. Groups are played while others are learned from.

    Args:
        transfer: how weights reach the generator; None: TRL's own, by NCCL or as a LoRA adapter.
    """
    import torch
    from datasets import Dataset
    from trl.experimental.async_grpo import AsyncGRPOTrainer, async_grpo_trainer

    from trainer import attention

    if not torch.cuda.is_available():
        async_grpo_trainer.get_peak_flops_per_device = lambda accelerator, dtype: None  # asks for the GPU's name
    with _quiet():
        trainer = AsyncGRPOTrainer(
            model=str(model_path),
            args=async_arguments(config, folder),
            train_dataset=Dataset.from_list([{"prompt": "the worker's sampler chooses"}]),
            processing_class=template.tokenizer,
            callbacks=list(callbacks),
            peft_config=lora(config),
            rollout_worker=worker,
            weight_transfer=transfer,
        )
    if not fast_attention():
        attention.register()
    return silent(trainer)


def fast_attention() -> bool:
    """Whether TRL's own kernel can be had: a Hopper or Ampere GPU, and the package kernels with the kernel at hand."""
    import torch

    if not torch.cuda.is_available():
        return False
    try:
        from trl.experimental.async_grpo.packing import _flash_attn

        _flash_attn()
    except Exception as exc:  # no package, no network, another GPU: whatever it is, there is another way
        logging.getLogger(__name__).warning("TRL's attention kernel cannot be had (%s); SDPA takes its place", exc)
        return False
    return True


def _quiet() -> warnings.catch_warnings:
    """Without TRL's word on experimental features."""
    return warnings.catch_warnings(action="ignore")


def silent(trainer: Any) -> Any:
    """Without the printed dictionaries; our own display shows the same."""
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    return trainer


def in_order(trainer: Any, first: Any, last: Sequence[Any]) -> None:
    """Call one callback before all others, and some after them.

    Figures are joined before reporters send them; held-out tasks are played after the new weights have been sent.
    """
    between = [one for one in trainer.callback_handler.callbacks if one is not first and one not in last]
    trainer.callback_handler.callbacks = [first, *between, *last]
