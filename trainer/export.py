"""Trajectories as chat-format data sets, for anybody's supervised training. No model here."""

import json
from pathlib import Path

from codegym_mcp.catalog import Catalog
from codegym_mcp.errors import EnvironmentNotFound
from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.template import with_objects
from codegym_mcp.rollout import read_trajectories


def export_chat(trajectories: Path, out: Path, everything: bool = False, catalog: Catalog | None = None) -> int:
    """Write one `{"messages": [...], "tools": [...], ...}` per trajectory. Arguments of calls are objects, for chat templates
    write them as JSON themselves.

    Args:
        everything: also those whose reward is not 1; those that a machine ended are left out in any case.
        catalog: where their environments are; default: the bundled ones. Tools of unknown ones are left out.

    Returns:
        how many were written.

    Raises:
        InvalidTask: a line is no trajectory.
    """
    known = catalog or Catalog.bundled()
    written = 0
    with out.open("w", encoding="utf-8") as file:
        for one in read_trajectories(trajectories):
            if one.reward is None or not (everything or one.reward == 1.0):
                continue
            try:
                tools = [function_of(spec) for spec in known.definition(one.environment).tools]
            except EnvironmentNotFound:
                tools = []
            row = {
                "messages": [with_objects(message) for message in one.messages],
                "tools": tools,
                "environment": one.environment,
                "task": one.task.id,
                "reward": one.reward,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    return written
