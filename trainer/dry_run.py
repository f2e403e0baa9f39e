"""A rehearsal: everything that a run builds, up to the hardware. Nothing is trained, nothing is written."""

import importlib.metadata
import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.catalog import Catalog
from trainer.config import Config, InvalidConfig
from trainer.models import load_tokenizer, template_of

WEIGHT_BYTES = 4
"""Per parameter: weights are kept in float32."""
ADAM_BYTES = 12
"""Per trained parameter: its gradient and two moments."""
PINNED = ("torch", "trl", "transformers", "accelerate")


def rehearse(config: Config) -> str:
    """What the run would do, and what it would need.

    Raises:
        InvalidConfig: it could not begin.
    """
    lines = [f"{config.name}: {config.summary}"]
    lines += [f"  {name} {importlib.metadata.version(name)}" for name in PINNED if importlib.util.find_spec(name)]
    _needed(config)
    lines += _environments(config) + _model(config) + _tokenizer(config) + _batches(config) + _trainer(config)
    return "\n".join(lines)


def _needed(config: Config) -> None:
    """What a run would miss only hours after its start."""
    if config.environments.servers and config.environments.token_variable not in os.environ:
        raise InvalidConfig("environments.token_variable", f"{config.environments.token_variable} is not set")
    if config.sampling.reasoning_share:
        _package("sampling.reasoning_share", "reasoning-gym")
    if config.model.lora_rank:
        _package("model.lora_rank", "peft")
    for reporter in config.logs.to:
        _package("logs.to", reporter)
    if config.model.chat_template:
        _text("model.chat_template", config.model.chat_template)
    if config.optimiser.deepspeed:
        _deepspeed(config.optimiser.deepspeed)


def _package(key: str, name: str) -> None:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError as exc:
        raise InvalidConfig(key, f"needs: pip install {name}") from exc


def _text(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidConfig(key, f"'{path}' cannot be read: {exc}") from exc


def _deepspeed(path: str) -> None:
    try:
        values = json.loads(_text("optimiser.deepspeed", path))
    except ValueError as exc:
        raise InvalidConfig("optimiser.deepspeed", f"'{path}' is no JSON: {exc}") from exc
    if not isinstance(values, dict) or "zero_optimization" not in values:
        raise InvalidConfig("optimiser.deepspeed", f"'{path}' is no DeepSpeed configuration: it has no zero_optimization")
    _package("optimiser.deepspeed", "deepspeed")


def _environments(config: Config) -> list[str]:
    where = config.environments
    catalog = Catalog.of(where.path) if where.path else Catalog.bundled()
    unknown = [name for name in (*where.names, *where.held_out_names) if name not in catalog]
    if unknown and not where.servers:
        raise InvalidConfig("environments.names", f"there is no '{unknown[0]}'")
    names = [name for name in where.names or catalog.names() if name in catalog]
    train = _count(catalog, names, where.levels, where.split)
    held = _count(catalog, where.held_out_names or names, where.levels, where.held_out)
    for key, split, count in (("split", where.split, train), ("held_out", where.held_out, held)):
        if not where.servers and not count:
            raise InvalidConfig(f"environments.{key}", f"no task of the split '{split}'")
    servers = ", ".join(where.servers) if where.servers else f"{where.processes} of our own, on this machine"
    return [f"environments: {len(names)}, {train} training tasks, {held} held out; servers: {servers}"]


def _count(catalog: Catalog, names: Sequence[str], levels: Sequence[str], split: str) -> int:
    tasks = (task for name in names if name in catalog for task in catalog.tasks(name))
    return sum(task.split == split and (not levels or task.level in levels) for task in tasks)


def _model(config: Config) -> list[str]:
    """The model's shape on torch's meta device: no weights are read."""
    if config.model.path in ("tiny", "smollm2"):
        return [f"model: {config.model.path}"]
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        known = KNOWN.get(config.model.path)
        shape: Any = AutoConfig.for_model(**known) if known else AutoConfig.from_pretrained(config.model.path)
    except (OSError, ValueError) as exc:
        raise InvalidConfig("model.path", f"'{config.model.path}' cannot be had: {exc}") from exc
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(shape)
    size = sum(parameter.numel() for parameter in model.parameters())
    weights = size * WEIGHT_BYTES / 2**30
    adam = 0.0 if config.model.lora_rank else size * ADAM_BYTES / 2**30
    needed = f"{weights:.0f} GiB of weights, {adam:.0f} GiB of optimiser"
    return [f"model: {config.model.path}, {size / 1e9:.2f} billion parameters; {needed}"]


def _tokenizer(config: Config) -> list[str]:
    """Tokenizer and chat template, where they are at hand: the template must know tools, and end turns.

    Raises:
        PolicyError: the template will not do.
    """
    path = Path(config.model.path)
    if config.model.path in ("tiny", "smollm2"):
        return []
    try:
        tokenizer = load_tokenizer(path, config.model, download=False)
    except InvalidConfig:
        if path.is_dir():
            raise
        return ["tokenizer: not downloaded here yet, its chat template was not tried"]
    return [f"tokenizer: {len(tokenizer)} tokens; its chat template ends a turn with {template_of(tokenizer, path).turn_end}"]


def _batches(config: Config) -> list[str]:
    optimiser, rollouts = config.optimiser, config.rollouts
    samples = optimiser.tasks_per_step * rollouts.group_size
    tokens = samples * rollouts.response_tokens
    played = f"{optimiser.tasks_per_step} tasks x {rollouts.group_size} rollouts = {samples}, T_max {rollouts.max_steps}"
    learned = f"at most {tokens:,} tokens; {optimiser.updates_per_batch} update(s); {optimiser.steps} steps"
    return [f"a step: {played}, {learned}"]


def _trainer(config: Config) -> list[str]:
    """TRL's arguments are built as they would be."""
    from trainer.grpo import arguments
    from trainer.sft import shares

    built = arguments(config, Path("dry-run"))
    batch = f"micro-batch {built.per_device_train_batch_size} x {built.gradient_accumulation_steps} accumulated"
    generator = f"generator: {config.rollouts.generator}, weights by {config.optimiser.weight_transfer}"
    lines = [f"trainer: {type(built).__name__}, learning rate {built.learning_rate:g}, {batch}; {generator}"]
    warm = config.warm_start
    if warm.steps:
        micro, accumulated = shares(config)
        lines.append(f"warm start: {warm.steps} steps of {warm.batch}, micro-batch {micro} x {accumulated} accumulated")
    return lines


KNOWN: dict[str, dict[str, Any]] = {
    f"Qwen/{name}": {
        "model_type": "qwen2",
        "vocab_size": 152_064 if hidden > 2048 else 151_936,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "tie_word_embeddings": hidden <= 2048,
    }
    for name, hidden, inner, layers, heads, groups in (
        ("Qwen2.5-1.5B-Instruct", 1536, 8960, 28, 12, 2),
        ("Qwen2.5-7B-Instruct", 3584, 18944, 28, 28, 4),
        ("Qwen2.5-14B-Instruct", 5120, 13824, 48, 40, 8),
        ("Qwen2.5-32B-Instruct", 5120, 27648, 64, 40, 8),
        ("Qwen2.5-72B-Instruct", 8192, 29568, 80, 64, 8),
        ("QwQ-32B", 5120, 27648, 64, 40, 8),
    )
}
"""Shapes of the models in our configurations: these need no hub. Source: their published config.json."""
