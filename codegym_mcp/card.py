"""`card.json`: the machine-checked facts of an environment, kept beside it. Design: docs/environments.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import codegym_mcp
from codegym_mcp.catalog import Catalog
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.report import CHECKS, Report
from codegym_mcp.types import Task

CARD = "card.json"
KEPT_FIELDS = (
    *("topic", "source", "author", "licence", "split"),
    *("split_reason", "benchmark", "problem", "route", "pass_at_k", "pass_rates", "notes"),
    *("needed_tools", "idle_tools", "unseen_inputs", "mutants", "dropped_tasks"),
)
"""What a new check leaves as it is: written by a person, or by synth/ when it made the environment."""


def card_of(report: Report, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The card of an environment that was checked.

    Args:
        kept: what is known from elsewhere; all but KEPT_FIELDS is left out.
    """
    checks = {check: "fail" if check in report.findings else "flag" if check in report.flags else "pass" for check in CHECKS}
    return {
        "name": report.environment,
        **{key: kept[key] for key in KEPT_FIELDS if key in kept},
        "content_hash": report.hash,
        "checked_with": codegym_mcp.__version__,
        "checks": checks,
        **({"flags": report.flags} if report.flags else {}),
        "tools": report.tools,
        "best_constant_answer": round(report.guess, 4),
        "best_shortcut": round(report.shortcut, 4),
        "whole_input_observed": round(report.revealed, 4),
        "random_reward": round(report.random_reward, 4),
        "random_episodes": report.random_episodes,
        "tasks": {id: asdict(facts) for id, facts in sorted(report.tasks.items())},
    }


def write_card(catalog: Catalog, report: Report) -> Path | None:
    """Write the card beside the environment; None for one that has no folder (a data set)."""
    folder = catalog.folder(report.environment)
    if folder is None:
        return None
    path = folder / CARD
    path.write_text(card_text(card_of(report, read_card(catalog, report.environment))), encoding="utf-8")
    return path


def read_card(catalog: Catalog, name: str) -> dict[str, Any]:
    """The card of an environment; empty where there is none.

    Raises:
        InvalidEnvironment: it is damaged.
    """
    folder = catalog.folder(name)
    path = folder / CARD if folder else None
    if path is None or not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise InvalidEnvironment(str(path), f"is no card ({exc}); remove it, `codegym check --write` makes a new one") from exc
    return found if isinstance(found, dict) else {}


def oracle_calls(catalog: Catalog, tasks: Sequence[Task]) -> dict[tuple[str, str], int]:
    """How many calls the oracle needs in each task, by the environments' cards; without those that no card tells of."""
    names = {task.environment for task in tasks}
    facts = {name: read_card(catalog, name).get("tasks", {}) for name in names if name in catalog}
    known = {(task.environment, task.id): facts.get(task.environment, {}).get(task.id, {}) for task in tasks}
    return {key: one["oracle_calls"] for key, one in known.items() if "oracle_calls" in one}


def card_text(card: Mapping[str, Any]) -> str:
    """A card as it stands in its file: the facts of each task on one line."""
    head = json.dumps({key: value for key, value in card.items() if key != "tasks"}, indent=1).removesuffix("\n}")
    rows = ",\n".join(f"  {json.dumps(id)}: {json.dumps(facts)}" for id, facts in card["tasks"].items())
    return f'{head},\n "tasks": {{\n{rows}\n }}\n}}\n'
