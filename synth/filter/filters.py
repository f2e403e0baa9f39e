"""Which tasks of a verified environment are kept, and whether the environment is. Every number is a field of `Filters`.

Runs on what verification measured (`codegym_mcp.report.TaskFacts`); it plays nothing itself. Difficulty for a model is
difficulty.py's affair, twins of other environments twins.py's.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codegym_mcp.definition import content_hash
from codegym_mcp.report import PAPER, TaskFacts, Thresholds
from codegym_mcp.types import Task
from synth.problem import Rejection

TOO_FEW_TOOLS, TOO_FEW_TASKS = "too few tools", "too few tasks"
"""Why an environment is dropped."""
TOO_FEW_CALLS, TOO_MANY_CALLS = "too few calls", "too many calls"
SAME_CONFIG, SAME_WORK, ENOUGH = "same configuration", "same answer and calls", "enough tasks"
"""Why a task is dropped, in the order in which it is looked at."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is kept. Defaults: the CodeGym paper (arXiv 2509.17325), sections on synthesis and filters."""

    bounds: Thresholds = PAPER
    """Fewest tools, and fewest and most oracle calls by level: as verification has them, or narrower."""
    max_tasks: int = 30
    """Tasks per environment: two samples of 15 inputs."""


@dataclass(frozen=True)
class Selection:
    """What was kept of an environment."""

    tasks: tuple[Task, ...]
    """In the order they came."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Task id -> why it was dropped."""


def select(
    id: str, tools: int, tasks: Sequence[Task], facts: Mapping[str, TaskFacts], filters: Filters | None = None
) -> Selection | Rejection:
    """The tasks to keep, or why the environment is dropped.

    Args:
        id: the problem's, for the report.
        tools: how many the environment declares, Observe and Done among them.
        facts: by task id; a task without them was not verified, and is no candidate.
    """
    chosen = filters or Filters()
    bounds = chosen.bounds
    if tools < bounds.min_tools:
        detail = f"expected at least {bounds.min_tools}, got {tools}"
        return Rejection(id=id, stage="filter", reason=TOO_FEW_TOOLS, detail=detail)
    verified = [task for task in tasks if task.id in facts]
    dropped = _dropped(verified, facts, bounds)
    kept = _spread([task for task in verified if task.id not in dropped], chosen.max_tasks)
    dropped |= {task.id: ENOUGH for task in verified if task.id not in dropped and task.id not in kept}
    if len(kept) < bounds.min_tasks:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(Counter(dropped.values()).items()))
        detail = f"expected at least {bounds.min_tasks}, got {len(kept)} of {len(verified)} verified; {reasons}"
        return Rejection(id=id, stage="filter", reason=TOO_FEW_TASKS, detail=detail)
    return Selection(tuple(task for task in verified if task.id in kept), dropped)


def _dropped(tasks: Sequence[Task], facts: Mapping[str, TaskFacts], bounds: Thresholds) -> dict[str, str]:
    """Tasks that are no use, each with the first reason; of equal ones the first stays."""
    seen: set[str] = set()
    dropped = {}
    for task in tasks:
        calls, config = facts[task.id].oracle_calls, config_hash(task)
        fewest, most = bounds.calls_at(task.level)
        work = facts[task.id].trace or config
        if calls < fewest:
            dropped[task.id] = TOO_FEW_CALLS
        elif calls > most:
            dropped[task.id] = TOO_MANY_CALLS
        elif config in seen:
            dropped[task.id] = SAME_CONFIG
        elif work in seen:
            dropped[task.id] = SAME_WORK
        else:
            seen |= {config, work}
    return dropped


def config_hash(task: Task) -> str:
    """Hash of a task's configuration, which is what makes it another task."""
    return content_hash(json.dumps(task.config, sort_keys=True))


def _spread(tasks: Sequence[Task], most: int) -> set[str]:
    """Ids of at most so many tasks, taken in turn from every level."""
    by_level: dict[str, list[str]] = {}
    for task in tasks:
        by_level.setdefault(task.level, []).append(task.id)
    turns = [(turn, id) for ids in by_level.values() for turn, id in enumerate(ids)]
    return {id for _, id in sorted(turns, key=lambda one: one[0])[:most]}
