"""`card.json`: the machine-checked facts of an environment, kept beside it. Design: docs/environments.md."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import codegym_mcp
from codegym_mcp.catalog import Catalog
from codegym_mcp.check import CHECKS, Report

FIELDS_BY_HAND = ("topic", "source", "author", "licence", "split")
"""What a person may write into a card; a new check leaves it as it is."""


def card_of(report: Report, by_hand: dict[str, Any]) -> dict[str, Any]:
    """The card of an environment that was checked."""
    return {
        "name": report.environment,
        **{key: by_hand[key] for key in FIELDS_BY_HAND if key in by_hand},
        "content_hash": report.hash,
        "checked_with": codegym_mcp.__version__,
        "checks": {check: "fail" if check in report.findings else "pass" for check in CHECKS},
        "tools": report.tools,
        "best_constant_answer": round(report.guess, 4),
        "tasks": {id: asdict(facts) for id, facts in sorted(report.tasks.items())},
    }


def write_card(catalog: Catalog, report: Report) -> Path | None:
    """Write the card beside the environment; None for one that has no folder (a data set)."""
    folder = catalog.folder(report.environment)
    if folder is None:
        return None
    path = folder / "card.json"
    by_hand = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    card = card_of(report, by_hand)
    rows = ",\n".join(f"  {json.dumps(id)}: {json.dumps(facts)}" for id, facts in card.pop("tasks").items())
    head = json.dumps(card, indent=1).removesuffix("\n}")
    path.write_text(f'{head},\n "tasks": {{\n{rows}\n }}\n}}\n', encoding="utf-8")
    return path
