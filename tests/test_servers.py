"""Every bundled environment: complete, proven, and as its card says. `codegym check --all` runs all checks on all tasks."""

import json
import statistics
from collections import Counter
from typing import Any

import anyio
import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.check import OTHER_HASH_SEED, Checker
from codegym_mcp.gym import Gym
from codegym_mcp.report import PAPER
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.types import Task

CATALOG = Catalog.bundled()
NAMES = CATALOG.names()


def card(name: str) -> dict[str, Any]:
    folder = CATALOG.folder(name)
    assert folder is not None
    loaded: dict[str, Any] = json.loads((folder / "card.json").read_text())
    return loaded


class FewTasks(Catalog):
    """The bundled environments with one task of each level but the longest: quick enough for every run."""

    def tasks(self, name: str) -> list[Task]:
        return list({task.level: task for task in super().tasks(name) if task.level != "hard"}.values())


SHARES = ("guessable", "random", "shortcut", "hidden")
"""Checks that judge a share of all tasks: see the cards."""
CHECKED = NAMES[::12]
"""`codegym check --all` checks all of them; CI runs it."""


@pytest.mark.parametrize("name", CHECKED)
async def test_it_passes_every_check_on_a_task_of_each_level(name: str) -> None:
    """Guessing is judged over all tasks: see its card."""
    with anyio.fail_after(60):
        async with Gym(FewTasks(list(CATALOG._source.values())[:1])) as gym, Pool(hash_seed=OTHER_HASH_SEED) as other:
            report = await Checker(gym, other).check(name)
    assert {check: what for check, what in report.findings.items() if check not in SHARES} == {}


@pytest.mark.parametrize("name", NAMES)
def test_its_card_is_true_of_the_source_and_passes(name: str) -> None:
    facts = card(name)
    definition, tasks = CATALOG.definition(name), CATALOG.tasks(name)
    assert facts["content_hash"] == definition.hash, "run `codegym check --all --write` after a change"
    assert set(facts["checks"].values()) == {"pass"}
    assert facts["licence"] == "Apache-2.0" and facts["topic"] and facts["split"] in ("train", "validation", "test")
    assert set(facts["tasks"]) == {task.id for task in tasks}
    assert len(definition.tools) >= PAPER.min_tools and facts["best_constant_answer"] <= 0.25
    for task in tasks:
        fewest, most = PAPER.calls_at(task.level)
        assert fewest <= facts["tasks"][task.id]["oracle_calls"] <= most


@pytest.mark.parametrize("name", NAMES)
def test_it_has_twenty_tasks_over_several_levels_and_holds_some_out(name: str) -> None:
    tasks = [task for task in CATALOG.tasks(name) if task.level != "tiny"]
    assert len(tasks) >= 20 and len({task.level for task in tasks}) >= 3
    assert len({json.dumps(task.config, sort_keys=True) for task in tasks}) == len(tasks)
    splits = {task.split for task in CATALOG.tasks(name)}
    assert splits == ({"train", "test"} if card(name)["split"] == "train" else {card(name)["split"]})


@pytest.mark.parametrize("name", NAMES)
def test_its_answer_is_not_a_yes_or_no(name: str) -> None:
    done = CATALOG.definition(name).tool("Done")
    assert done is not None and done.input_schema["properties"]["answer"].get("type") != "boolean"


def test_the_library_is_broad() -> None:
    topics = Counter(card(name)["topic"] for name in NAMES)
    assert len(NAMES) >= 150 and len(topics) >= 12 and max(topics.values()) <= 15
    assert 3 * sum(count for topic, count in topics.items() if topic.startswith("workflow")) >= len(NAMES)
    assert Counter(card(name)["split"] for name in NAMES).keys() == {"train", "validation", "test"}
    assert sum(any(task.level == "tiny" for task in CATALOG.tasks(name)) for name in NAMES) >= 6


def test_its_tasks_are_many_and_of_the_wanted_length() -> None:
    calls = [facts["oracle_calls"] for name in NAMES for facts in card(name)["tasks"].values()]
    assert len(calls) >= 3000 and 20 <= statistics.median(calls) <= 60
    assert statistics.mean(card(name)["tools"] for name in NAMES) >= 6
