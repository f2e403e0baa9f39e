"""Trajectories as chat-format data sets, for anybody's supervised training. No model here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.errors import EnvironmentNotFound, InvalidEnvironment
from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.template import with_objects
from codegym_mcp.rollout import read_trajectories
from trainer.reasoning import ENVIRONMENT as REASONING


def export_chat(trajectories: Path, out: Path, everything: bool = False, catalog: Catalog | None = None) -> int:
    """Write one `{"messages": [...], "tools": [...], ...}` per trajectory; nothing, where one cannot be exported. Arguments
    of calls are objects, for chat templates write them as JSON themselves.

    Args:
        everything: also those whose reward is not 1; those that a machine ended are left out in any case.
        catalog: where their environments are; default: the bundled ones.

    Returns:
        how many were written.

    Raises:
        InvalidEnvironment: the tools of one are not known: its environment is not in the catalog.
        InvalidTask: a line is no trajectory.
    """
    lines = [json.dumps(row, ensure_ascii=False) for row in _rows(trajectories, everything, catalog or Catalog.bundled())]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def _rows(trajectories: Path, everything: bool, catalog: Catalog) -> Iterator[dict[str, Any]]:
    for one in read_trajectories(trajectories):
        if one.reward is None or not (everything or one.reward == 1.0):
            continue
        yield {
            "messages": [with_objects(message) for message in one.messages],
            "tools": _tools(one.environment, catalog),
            "environment": one.environment,
            "task": one.task.id,
            "reward": one.reward,
        }


def _tools(environment: str, catalog: Catalog) -> list[dict[str, Any]]:
    if environment.startswith(f"{REASONING}/"):  # answered without tools
        return []
    try:
        return [function_of(spec) for spec in catalog.definition(environment).tools]
    except EnvironmentNotFound as exc:
        raise InvalidEnvironment(environment, "its tools are not known; --data PATH says where its environments are") from exc
