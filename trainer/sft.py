"""Supervised training by TRL on trajectories: the warm start of a run, and the paper's baselines. No rollouts here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.policies.tokens import TokenRecord
from trainer.config import Config
from trainer.grpo import common_arguments, lora, silent
from trainer.processes import world_size

IGNORED = -100
"""Label of a token without loss."""


def supervised(
    config: Config, folder: Path, model: Any, tokenizer: Any, records: Sequence[TokenRecord], callbacks: Sequence[Any]
) -> Any:
    """TRL's SFTTrainer over whole trajectories, with loss on the model's turns alone.

    AdamW with cosine decay after 10 % of warm-up, as the paper's SFT baselines; call `train()` on what is returned.

    Args:
        folder: where its checkpoints go.
    """
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    warm = config.warm_start
    rows = [
        {"input_ids": record.ids, "labels": [id if own else IGNORED for id, own in zip(record.ids, record.mask, strict=True)]}
        for record in records
    ]
    micro, accumulated = shares(config)
    arguments = SFTConfig(
        **common_arguments(config, folder)
        | {
            "output_dir": str(folder / "warm-checkpoints"),
            "learning_rate": warm.learning_rate,
            "lr_scheduler_type": "cosine",
            "warmup_steps": max(1, warm.steps // 10),
            "save_strategy": "no",
        },
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=accumulated,
        max_steps=warm.steps,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=list(callbacks),
        peft_config=lora(config),
    )
    return silent(trainer)


def shares(config: Config) -> tuple[int, int]:
    """Sequences of one forward pass, at most `optimiser.micro_batch`, and how many of these a process adds up to its part."""
    part = config.warm_start.batch // world_size()
    micro = max(size for size in range(1, min(config.optimiser.micro_batch, part) + 1) if part % size == 0)
    return micro, part // micro
