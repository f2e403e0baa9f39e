"""One environment, one task as rows of a table. Nothing is ever null: tables of several splits must have the same types."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.types import Task
from synth.export.tables import Row
from synth.filter.filters import config_hash


def card_at(catalog: Catalog, name: str) -> dict[str, Any]:
    """The card beside an environment; empty where there is none."""
    folder = catalog.folder(name)
    path = folder / "card.json" if folder else None
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}
    return card


def index_row(name: str, card: Mapping[str, Any]) -> Row:
    """An environment, as an index has it."""
    splits = Counter(facts["split"] for facts in card.get("tasks", {}).values())
    return {
        "name": name,
        "source": card.get("source", ""),
        "licence": card.get("licence", ""),
        "topic": card.get("topic", ""),
        "hash": card.get("content_hash", ""),
        "tools": card.get("tools", 0),
        "tasks": {split: splits[split] for split in ("train", "validation", "test")},
        "split": card.get("split", "train"),
        "split_reason": card.get("split_reason", ""),
        "benchmark": card.get("benchmark", False),
        "problem": card.get("problem", {}).get("id", ""),
        "route": card.get("route", ""),
    }


def environment_row(name: str, card: Mapping[str, Any], source: str) -> Row:
    """An environment with its source and its whole card, from which its folder can be made again."""
    return {**index_row(name, card), "env_code": source, "card": json.dumps(card)}


def task_rows(tasks: Sequence[Task], card: Mapping[str, Any]) -> list[Row]:
    """The tasks of an environment, numbered from 0. No prompt: the environment's own; 0 calls: not measured."""
    return [_task_row(number, task, card) for number, task in enumerate(tasks)]


def _task_row(number: int, task: Task, card: Mapping[str, Any]) -> Row:
    facts = card.get("tasks", {}).get(task.id, {})
    return {
        "environment": task.environment,
        "hash": card.get("content_hash", ""),
        "source": card.get("source", ""),
        "licence": card.get("licence", ""),
        "number": number,
        "id": task.id,
        "level": task.level,
        "split": task.split,
        "config": json.dumps(task.config),
        "config_hash": config_hash(task),
        "prompt": task.prompt or "",
        "max_steps": task.max_steps,
        "oracle_calls": facts.get("oracle_calls", 0),
        "distinct_tools": facts.get("distinct_tools", 0),
    }


def task_of(row: Mapping[str, Any]) -> Task:
    """The task of a row."""
    fields = {key: row[key] for key in ("environment", "id", "level", "split", "max_steps")}
    return Task(**fields, config=json.loads(row["config"]), prompt=row["prompt"] or None)


def task_line(task: Task) -> str:
    """A task as it stands in `tasks.jsonl`."""
    always = {"id": task.id, "level": task.level, "split": task.split, "config": task.config}
    return json.dumps(always | task.model_dump(include={"prompt", "max_steps"}, exclude_defaults=True))
