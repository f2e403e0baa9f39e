"""A data set as Hugging Face's `datasets` and its hub take it: parquet by split, and a README that says what it is.

Two configurations, `tasks` (the default) and `environments`, each with the splits that are not empty. Nested values that
differ from environment to environment (a task's configuration, a card) are JSON text.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from codegym_mcp.card import card_text
from codegym_mcp.catalog import NAME, Catalog
from codegym_mcp.errors import InvalidEnvironment, clip
from codegym_mcp.types import Split
from synth.export.rows import card_at, environment_row, task_line, task_of, task_rows
from synth.export.tables import Row, read_arrow, read_table, write_table, write_text

CONFIGS = ("tasks", "environments")
FILE = "{split}-00000-of-00001"
LICENCES = {"Apache-2.0": "apache-2.0", "MIT": "mit", "CC-BY-4.0": "cc-by-4.0", "CC0-1.0": "cc0-1.0"}
"""Licences as the hub spells them; any other, and several together, are `other`."""

README = """---
pretty_name: {title}
license: {licence}
language: [en]
task_categories: [reinforcement-learning]
tags: [tool-use, agents, mcp, verified]
configs:
{configs}---

# {title}

{environments} tool-use environments with {tasks} tasks, each proven by machine: an oracle solves it through its tools alone.
Play them with `codegym-mcp`; `env_code` is the source, `config` (JSON) the arguments of its `reset`, `card` (JSON) what was
checked.

| split | environments | tasks |
|---|---|---|
{splits}

Environments are split by the problem they come from. A training environment holds some of its tasks out as `test`.
{benchmarks}
Sources and licences: {sources}.
"""


def export_hub(catalog: Catalog, out: Path, *, title: str = "codegym environments", names: Sequence[str] | None = None) -> None:
    """Write native environments of a catalog, with their tasks and cards.

    Args:
        names: default: all.

    Raises:
        InvalidEnvironment: pyarrow is not installed, or an environment is not native.
    """
    rows: dict[str, list[Row]] = {config: [] for config in CONFIGS}
    for name in names if names is not None else catalog.names():
        card, definition = card_at(catalog, name), catalog.definition(name)
        if definition.format != "native":
            raise InvalidEnvironment(definition.where, "only a native environment can be exported")
        rows["environments"].append(environment_row(name, card, definition.source))
        rows["tasks"] += task_rows(catalog.tasks(name), card)
    for config, split in ((config, split) for config in CONFIGS for split in get_args(Split)):
        if chosen := [row for row in rows[config] if row["split"] == split]:
            write_table(out / config / FILE.format(split=split), chosen, "parquet")
    write_text(out / "README.md", _readme(title, rows))


def import_hub(folder: Path, out: Path) -> list[str]:
    """Make environments' folders again; returns their names. `Catalog.of(out)` plays them.

    Raises:
        InvalidEnvironment: it is not what `export_hub` writes; nothing is written then.
    """
    tasks: dict[str, list[str]] = {}
    files: dict[Path, str] = {}
    rows = _read(folder, "environments")
    try:
        for row in sorted(_read(folder, "tasks"), key=lambda row: row["number"]):
            tasks.setdefault(row["environment"], []).append(task_line(task_of(row)))
        for row in rows:
            if not NAME.fullmatch(row["name"]):
                raise InvalidEnvironment(str(folder), f"the name '{clip(row['name'], 80)}' is unusable")
            home = out / "environments" / row["name"]
            files[home / "env.py"] = row["env_code"]
            files[home / "tasks.jsonl"] = "".join(line + "\n" for line in tasks.get(row["name"], []))
            if card := json.loads(row["card"]):
                files[home / "card.json"] = card_text(card)
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidEnvironment(str(folder), f"a row is not as `export --form hub` writes it: {clip(repr(exc), 200)}") from exc
    for path, text in files.items():
        write_text(path, text)
    return [row["name"] for row in rows]


def load(folder: Path) -> dict[str, Any]:
    """Each configuration as a `datasets.DatasetDict`, which has `save_to_disk` and `push_to_hub`.

    Raises:
        InvalidEnvironment: `datasets` is not installed.
    """
    try:
        datasets: Any = importlib.import_module("datasets")
    except ImportError as exc:
        raise InvalidEnvironment(str(folder), "needs datasets: pip install datasets") from exc
    return {
        config: datasets.DatasetDict(
            {split: datasets.Dataset(read_arrow(path)) for split, path in _files(folder, config).items()}
        )
        for config in CONFIGS
    }


def _files(folder: Path, config: str) -> dict[str, Path]:
    paths = {split: folder / config / f"{FILE.format(split=split)}.parquet" for split in get_args(Split)}
    return {split: path for split, path in paths.items() if path.exists()}


def _read(folder: Path, config: str) -> list[Row]:
    if not (files := _files(folder, config)):
        raise InvalidEnvironment(str(folder), f"expected {config}/{FILE.format(split='train')}.parquet, or another split's")
    try:
        return [row for path in files.values() for row in read_table(path.with_suffix(""))]
    except (OSError, ValueError) as exc:  # pyarrow's own errors are ValueErrors
        raise InvalidEnvironment(str(folder), f"{config} cannot be read: {clip(str(exc), 200)}") from exc


def _readme(title: str, rows: Mapping[str, Sequence[Row]]) -> str:
    counts = {
        split: [sum(row["split"] == split for row in rows[config]) for config in ("environments", "tasks")]
        for split in get_args(Split)
    }
    licences = {row["licence"] for row in rows["environments"]}
    sources = sorted(
        {f"{row['source'] or 'unnamed'} ({row['licence'] or 'no licence stated'})" for row in rows["environments"]}
    )
    benchmarks = sorted({row["source"] for row in rows["environments"] if row["benchmark"]})
    never = f"\nMade from benchmarks, in `test` and never to be trained on: {', '.join(benchmarks)}.\n"
    return README.format(
        title=title,
        licence=LICENCES.get(next(iter(licences), ""), "other") if len(licences) == 1 else "other",
        configs="".join(_config(config, rows[config]) for config in CONFIGS),
        environments=len(rows["environments"]),
        tasks=len(rows["tasks"]),
        splits="\n".join(f"| {split} | {found} | {tasks} |" for split, (found, tasks) in counts.items()),
        benchmarks=never if benchmarks else "",
        sources="; ".join(sources),
    )


def _config(config: str, rows: Sequence[Row]) -> str:
    head = f"- config_name: {config}\n" + ("  default: true\n" if config == CONFIGS[0] else "") + "  data_files:\n"
    splits = [split for split in get_args(Split) if any(row["split"] == split for row in rows)]
    return head + "".join(f"  - split: {split}\n    path: {config}/{split}-*.parquet\n" for split in splits)
