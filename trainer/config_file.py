"""A run's configuration out of its TOML file, with changes from the command line.

Values are checked when the file is read; a wrong one is told with its file, table and key, what it is and what it takes.
"""

import dataclasses
import functools
import math
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from trainer.config import Config, InvalidConfig
from trainer.processes import world_size

FOLDER = Path(__file__).parent / "configs"
"""The configurations that come with the project."""

T = TypeVar("T")

LEAST: dict[str, float] = {
    "seed": 0,
    "threads": 0,
    "model.lora_rank": 0,
    "model.hidden": 1,
    "model.layers": 1,
    "model.heads": 1,
    "environments.processes": 1,
    "rollouts.max_steps": 1,
    "rollouts.turn_tokens": 1,
    "rollouts.response_tokens": 1,
    "rollouts.concurrency": 1,
    "rollouts.batch": 1,
    "rollouts.linger_s": 0,
    "rollouts.attempts": 1,
    "warm_start.steps": 0,
    "warm_start.batch": 1,
    "warm_start.demonstrations": 1,
    "optimiser.steps": 0,
    "optimiser.tasks_per_step": 1,
    "optimiser.micro_batch": 1,
    "optimiser.warmup_steps": 0,
    "optimiser.weight_decay": 0,
    "optimiser.max_grad_norm": 0,
    "optimiser.clip_high": 0,
    "optimiser.kl": 0,
    "optimiser.updates_per_batch": 1,
    "optimiser.max_staleness": 0,
    "evaluation.every": 0,
    "evaluation.episodes": 1,
    "evaluation.episodes_during": 1,
    "evaluation.temperature": 0,
    "logs.keep": 1,
    "logs.save_every": 1,
    "logs.trajectories": 0,
}
"""What a number must be at least."""
ABOVE_0 = (
    "rollouts.temperature",
    "rollouts.deadline_s",
    "warm_start.learning_rate",
    "optimiser.learning_rate",
    "optimiser.clip",
    "optimiser.stalled_s",
)
SHARES = ("warm_start.solved_share", "sampling.reasoning_share")
TOP_P = ("rollouts.top_p", "evaluation.top_p")
MAX_SEED = 2**32 - 1
"""NumPy takes no larger one."""


def shipped() -> list[str]:
    """Names of the configurations that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_config(target: str, changes: Sequence[str] = ()) -> Config:
    """A configuration by its name or file.

    Args:
        target: one of `shipped()`, or a TOML file.
        changes: `table.key=value` each, value in TOML or a bare text.

    Raises:
        InvalidConfig: there is none, or a value is wrong.
    """
    path = FOLDER / f"{target}.toml" if target in shipped() else Path(target)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        known = ", ".join(shipped())
        raise InvalidConfig(target, f"no such configuration; there are {known}, or name a TOML file") from exc
    except tomllib.TOMLDecodeError as exc:
        raise InvalidConfig(str(path), f"is no TOML: {exc}") from exc
    for change in changes:
        _change(values, change)
    values.setdefault("name", path.stem)
    config = _build(Config, values, str(path))
    _check(config, str(path))
    return config


def _change(values: dict[str, Any], change: str) -> None:
    """Set one value."""
    key, found, text = change.partition("=")
    if not found:
        raise InvalidConfig(f"--set {change}", "must be table.key=value")
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *tables, last = key.strip().split(".")
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):
            raise InvalidConfig(f"--set {change}", f"'{table}' is no table")
    values[last] = value


def _build(kind: type[T], values: Any, where: str) -> T:
    """A dataclass of a table's values."""
    if not isinstance(values, Mapping):
        raise InvalidConfig(where, f"must be a table, got {_told(values)}")
    hints = typing.get_type_hints(kind)
    unknown = [key for key in values if key not in hints]
    if unknown:
        raise InvalidConfig(f"{where}, {unknown[0]}", f"no such key; there are {', '.join(hints)}")
    return kind(**{key: _value(hints[key], value, f"{where}, {key}") for key, value in values.items()})


def _value(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _build(typing.cast(type[Any], kind), value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        if value not in arguments:
            raise InvalidConfig(where, f"must be one of {', '.join(map(repr, arguments))}, got {_told(value)}")
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise InvalidConfig(where, f"must be a list, got {_told(value)}")
        kinds: Iterable[Any] = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        if arguments[-1] is not Ellipsis and len(value) != len(arguments):
            raise InvalidConfig(where, f"must be a list of {len(arguments)}, got {_told(value)}")
        return tuple(_value(one, part, f"{where}[{n}]") for n, (one, part) in enumerate(zip(kinds, value, strict=True)))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(kind, types.GenericAlias) and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise InvalidConfig(where, f"must be {_article(kind)}, got {_told(value)}")
    return value


def _article(kind: Any) -> str:
    return {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}.get(
        kind.__name__, "a value"
    )


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _check(config: Config, where: str) -> None:
    """What a value's kind does not show."""
    _check_ranges(config, where)
    if not 0 <= 2 * config.sampling.branches <= config.rollouts.group_size:
        raise InvalidConfig(f"{where}, sampling.branches", "may be half of the group at most: each needs another to go on from")
    samples = config.optimiser.tasks_per_step * config.rollouts.group_size
    if samples % (config.optimiser.micro_batch * config.optimiser.updates_per_batch):
        raise InvalidConfig(
            f"{where}, optimiser.micro_batch",
            f"times updates_per_batch must divide the {samples} rollouts of a step, got {config.optimiser.micro_batch}",
        )
    if config.optimiser.trainer == "async" and config.optimiser.kl:
        raise InvalidConfig(f"{where}, optimiser.kl", "TRL's async trainer has no reference model; use the sync trainer, or 0")
    if config.optimiser.trainer == "async" and config.optimiser.deepspeed:
        raise InvalidConfig(f"{where}, optimiser.deepspeed", "TRL's async trainer takes none; use the sync trainer, or FSDP2")
    _check_transfer(config, where)
    batch, processes = config.warm_start.batch, world_size()
    if config.warm_start.steps and batch % processes:
        told = f"{batch} sequences cannot be shared out to {processes} processes"
        raise InvalidConfig(f"{where}, warm_start.batch", f"{told}: set a multiple, or start as many as divide it")
    if config.warm_start.teacher == "file" and not config.warm_start.trajectories:
        raise InvalidConfig(f"{where}, warm_start.trajectories", "must name a JSONL file when the teacher is 'file'")


def _check_ranges(config: Config, where: str) -> None:
    """Whether each number is one that makes sense; also told of those that are no numbers (nan)."""
    for key, least in (LEAST | {"rollouts.group_size": 2 if config.optimiser.steps else 1}).items():
        if not _at(config, key) >= least:
            raise InvalidConfig(f"{where}, {key}", f"must be at least {least}, got {_at(config, key)}")
    for key in ABOVE_0:
        if not 0 < _at(config, key) < math.inf:
            raise InvalidConfig(f"{where}, {key}", f"must be above 0, got {_at(config, key)}")
    for key in SHARES:
        if not 0 <= _at(config, key) <= 1:
            raise InvalidConfig(f"{where}, {key}", f"must lie between 0 and 1, got {_at(config, key)}")
    for key in TOP_P:
        if not 0 < _at(config, key) <= 1:
            raise InvalidConfig(f"{where}, {key}", f"must be above 0, and 1 at most, got {_at(config, key)}")
    if not all(0 <= beta < 1 for beta in config.optimiser.betas):
        raise InvalidConfig(f"{where}, optimiser.betas", f"must be 0 or more, and below 1, got {config.optimiser.betas}")
    if config.seed > MAX_SEED:
        raise InvalidConfig(f"{where}, seed", f"must be {MAX_SEED} at most, got {config.seed}")


def _at(config: Config, key: str) -> Any:
    """The value of `table.key`."""
    return functools.reduce(getattr, key.split("."), config)


def _check_transfer(config: Config, where: str) -> None:
    """Whether weights can reach the generator."""
    optimiser, rank = config.optimiser, config.model.lora_rank
    key, way = f"{where}, optimiser.weight_transfer", optimiser.weight_transfer
    if (way == "copy") != (config.rollouts.generator == "local"):
        raise InvalidConfig(key, f"'copy' goes with the local generator, all others with vLLM; got '{way}'")
    if optimiser.trainer == "sync" and way not in ("copy", "reload"):
        raise InvalidConfig(key, "the sync trainer reaches vLLM by 'reload'; the async one by any way")
    if way == "lora" and not rank:
        raise InvalidConfig(key, "'lora' needs model.lora_rank")
    if rank and config.rollouts.generator == "vllm" and way != "lora":
        raise InvalidConfig(key, f"an adapter (model.lora_rank) reaches vLLM by 'lora', with the async trainer; got '{way}'")
