"""`card.json`: the machine-checked facts of an environment, kept beside it. Design: docs/environments.md."""

import json
from pathlib import Path
from typing import Any

import codegym_mcp
from codegym_mcp.catalog import Catalog
from codegym_mcp.check import CHECKS, Report

FIELDS_BY_HAND = ("title", "topic", "source", "author", "licence", "split")
"""What a person may write into a card; a new check leaves it as it is."""


def card_of(catalog: Catalog, report: Report, by_hand: dict[str, Any]) -> dict[str, Any]:
    """The card of an environment that was checked."""
    tasks = {task.id: task for task in catalog.tasks(report.environment)}
    return {
        "name": report.environment,
        **{key: by_hand[key] for key in FIELDS_BY_HAND if key in by_hand},
        "content_hash": report.hash,
        "checked_with": codegym_mcp.__version__,
        "checks": {check: "fail" if check in report.findings else "pass" for check in CHECKS},
        "tools": report.tools,
        "best_constant_answer": round(report.guess, 4),
        "tasks": {
            id: {
                "level": tasks[id].level,
                "split": tasks[id].split,
                "oracle_calls": calls,
                "distinct_tools": report.distinct[id],
                "gold": 1,
                "no_op": 0,
                "wrong": 0,
            }
            for id, calls in sorted(report.calls.items())
        },
    }


def write_card(catalog: Catalog, report: Report) -> Path | None:
    """Write the card beside the environment; None for one that has no folder (a data set)."""
    folder = catalog.folder(report.environment)
    if folder is None:
        return None
    path = folder / "card.json"
    by_hand = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(card_of(catalog, report, by_hand), indent=1) + "\n", encoding="utf-8")
    return path
