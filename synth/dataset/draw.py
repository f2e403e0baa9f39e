"""New tasks for an environment that is there: drawn by its own `generate`, proven beside the old ones, appended."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codegym_mcp.card import card_text
from codegym_mcp.catalog import Catalog
from codegym_mcp.check import HASH_SEEDS, Checker
from codegym_mcp.definition import Definition
from codegym_mcp.errors import CodegymError, ToolCallError, clip
from codegym_mcp.gym import Gym
from codegym_mcp.report import PAPER, Report
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.types import Task
from synth.dataset.harvest import DRAWN
from synth.export.rows import task_line
from synth.export.tables import write_text
from synth.filter.filters import config_hash
from synth.verify.sandboxes import Shelf

DRAWS = 4
"""Draws per wanted task: some are equal, too short or too long."""


class NothingDrawn(CodegymError):
    """No new task came of it: says why."""


async def draw(catalog: Catalog, name: str, level: str, count: int, seed: int) -> list[Task]:
    """Draw tasks, prove them together with those that are there, and append them to the environment's files.

    Returns:
        the new tasks.

    Raises:
        NothingDrawn: it draws none, or the environment would no longer pass its checks with them.
        SandboxError: the machine failed.
    """
    definition, old = catalog.definition(name), list(catalog.tasks(name))
    folder = catalog.folder(name)
    if folder is None or not (folder / "card.json").exists():
        raise NothingDrawn(f"{name} has no folder with a card.json; run `codegym check PATH --write` first")
    shelf = Shelf()
    async with Gym(shelf, pool=choose_pool(trusted=catalog.trusted)) as gym, Pool(hash_seed=HASH_SEEDS[0]) as other:
        drawn = await _draws(gym.pool, definition, level, DRAWS * count, seed)
        known = {config_hash(task) for task in old}
        fresh = [task for task in drawn if config_hash(task) not in known]
        with shelf.holding(definition, [*old, *fresh]) as held:
            report = await Checker(gym, other).check(held, dropping=True)
    left = [task for task in fresh if task.id in report.references][:count]
    if report.findings:
        check, findings = next(iter(report.findings.items()))
        raise NothingDrawn(f"{name} would fail the check {check} with the new tasks: {clip(findings[0], 200)}")
    if not left:
        reasons = ", ".join(sorted(set(report.dropped.values()))) or "all of them are there already"
        raise NothingDrawn(f"{name} drew no new task of level {level}: {reasons}; try another --seed or --level")
    return _append(folder, old, left, report)


def _append(folder: Path, old: Sequence[Task], new: Sequence[Task], report: Report) -> list[Task]:
    """Write tasks and card; the new ones are in the split of the environment."""
    card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    split = card.get("split", "train")
    added = [task.model_copy(update={"split": split}) for task in new]
    facts = {task.id: asdict(report.tasks[task.id]) | {"split": split, "config_hash": config_hash(task)} for task in added}
    card["best_constant_answer"] = round(report.guess, 4)
    card["tasks"] = dict(sorted((card["tasks"] | facts).items()))
    write_text(folder / "tasks.jsonl", "".join(task_line(task) + "\n" for task in (*old, *added)))
    write_text(folder / "card.json", card_text(card))
    return added


async def _draws(pool: Pool, definition: Definition, level: str, count: int, seed: int) -> list[Task]:
    """Tasks as `generate` draws them, in a fresh sandboxed process each; a draw that fails is none."""
    tasks: dict[str, Task] = {}
    failure = ""
    for number in range(count):
        try:
            text = await pool.consult(definition, frames.GENERATE, {"level": level, "seed": f"{seed}/{level}/{number}"})
            config = json.loads(text)
        except (ToolCallError, ValueError, RecursionError) as exc:
            failure = clip(exc, 200)
            continue
        if isinstance(config, dict):
            task = Task(environment="", id="", config=config, level=level, max_steps=PAPER.calls_at(level)[1])
            tasks.setdefault(config_hash(task), task)
    if not tasks:
        raise NothingDrawn(f"{definition.name} cannot draw: {failure or 'it has no generate(rng, level)'}")
    return [task.model_copy(update={"id": f"{DRAWN}{level}-{hash[:6]}"}) for hash, task in tasks.items()]
