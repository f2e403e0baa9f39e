"""One training record of the published data as a `Task`: which environment, which configuration, which prompt and budget.

A record has `ability`, `prompt`, `plugin_call_max_round`, `extra_info` and more; fields are read by name, their order
differs between the published files. Where records come from: published_data.py.
"""

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from codegym_mcp.errors import InvalidTask, clip
from codegym_mcp.published_config import read_literal, to_json
from codegym_mcp.types import MAX_STEPS, Split, Task

NAMESPACE = "codegym_v1@"
ENV_NAME = re.compile(r"[A-Za-z_]\w*")
TASK_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
"""An `extra_info.index` that can serve as the id of a task."""
MAX_ROUNDS = 100_000
"""Largest budget a `Task` takes."""


def parse_ability(text: str, *, where: str = "ability", line: int | None = None) -> tuple[str, dict[str, Any]]:
    """Module id and configuration of `codegym_v1@<code_id>__<EnvName>@<config>`; the prefix may be missing.

    The text is cut at its first `@` only, so a value may contain `@`. The configuration is JSON or a Python literal; what
    JSON cannot carry, such as a tuple, stays what it is.

    Raises:
        InvalidTask: `where` and `line`, what was expected, and what came.
    """
    module_id, config_text = split_ability(text)
    code_id, separator, env_name = module_id.partition("__")
    if not ENV_NAME.fullmatch(env_name if separator else code_id) or not code_id:
        raise InvalidTask(where, f"ability: expected '<code_id>__<EnvName>@<config>', got '{clip(text, 120)}'", line)
    config = read_literal(config_text)
    if not isinstance(config, dict):
        raise InvalidTask(where, f"ability: expected a JSON object or dict after '@', got '{clip(config_text, 120)}'", line)
    return module_id, config


def split_ability(text: str) -> tuple[str, str]:
    """Module id and text of the configuration, neither of them checked."""
    module_id, _, config = text.removeprefix(NAMESPACE).partition("@")
    return module_id, config


def read_task(record: Mapping[str, Any], *, environment: str, id: str, where: str, line: int | None = None) -> Task:
    """The task of a training record.

    Raises:
        InvalidTask: `where` and `line`, the field, what was expected, and what came.
    """
    ability = record["ability"] if isinstance(record.get("ability"), str) else ""
    module_id, config = parse_ability(ability, where=where, line=line)
    if module_id != environment:
        raise InvalidTask(where, f"ability: expected the environment '{environment}', got '{clip(module_id, 120)}'", line)
    return Task(
        environment=environment,
        id=id,
        config=to_json(config, split_ability(ability)[1]),
        prompt=_first_user_turn(record.get("prompt"), where, line),
        **_ours(extra_info(record)),
        max_steps=_max_steps(record.get("plugin_call_max_round"), where, line),
    )


def _ours(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Level and split, which records have that were exported from our own environments."""
    level, split = extra.get("level"), extra.get("split")
    found = {"level": level} if isinstance(level, str) and level else {}
    return found | ({"split": split} if split in get_args(Split) else {})


def _first_user_turn(prompt: Any, where: str, line: int | None) -> str:
    """The task text. Later turns may give the oracle away; the system turn lists the tools, which MCP does."""
    turns = list(prompt) if isinstance(prompt, Iterable) and not isinstance(prompt, (str, Mapping)) else []
    for turn in turns:
        if isinstance(turn, Mapping) and turn.get("role") == "user" and isinstance(turn.get("content"), str):
            return str(turn["content"])
    raise InvalidTask(where, f"prompt: expected a list with a user turn, got {clip(repr(prompt), 120)}", line)


def _max_steps(rounds: Any, where: str, line: int | None) -> int:
    try:
        steps = MAX_STEPS if rounds is None else operator.index(rounds)
    except TypeError:
        steps = 0
    if isinstance(rounds, bool) or not 1 <= steps <= MAX_ROUNDS:
        problem = f"plugin_call_max_round: expected an integer from 1 to {MAX_ROUNDS}, got {clip(repr(rounds), 80)}"
        raise InvalidTask(where, problem, line)
    return steps


def task_ids(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids for the records of one environment: `extra_info.index` where each has its own, else "0", "1", ... in order.

    An empty record stands for one that cannot be read: it takes a number, and does not change the ids of the others.
    """
    indices = [str(extra_info(record).get("index", "")) for record in records if record]
    if len(set(indices)) == len(indices) and all(map(TASK_ID.fullmatch, indices)):
        given = iter(indices)
        return [next(given) if record else str(number) for number, record in enumerate(records)]
    return [str(number) for number in range(len(records))]


def extra_info(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field `extra_info`; empty where there is none."""
    extra = record.get("extra_info")
    return extra if isinstance(extra, Mapping) else {}


def gym_env(record: Mapping[str, Any]) -> str:
    """The source of the record's environment, if it carries one; else the empty text."""
    source = extra_info(record).get("gym_env")
    return source if isinstance(source, str) else ""
