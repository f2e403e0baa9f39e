"""A data set in the published CodeGym layout: a table of environments, and one of training records for each split.

`environments.jsonl` (or `.parquet`) has `env_code, env_name, source`; `tasks_train`, `tasks_validation` and `tasks_test`
have the records, every field of which is there. Parquet carries the source in each record too (`extra_info.gym_env`), as
the published parquet does. `codegym_mcp.catalog.Catalog.of(folder)` reads all of it back, and plays it with the same
observations and rewards (replay.py proves it).

A record's first turn lists the tools and says how to call them; the user's turn is the task and nothing else, so that a
reader gets back the very prompt. Two fields of `extra_info` are ours: `level` and `split`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import Definition
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.types import Split, Task
from synth.export.rows import card_at
from synth.export.source import code_id, env_name, module_id, published_source
from synth.export.tables import Form, Row, write_table

NAMESPACE = "codegym_v1@"
SCORES = {"qwen32b_Bo4_score": 4, "qwen32b_Bo8_score": 8}
"""Share of passes of the paper's model, in so many tries; at most one of them is there."""
SCORED_BY = "Qwen2.5-32B-Instruct"

CALLING = """Call one function per turn, and nothing beside the call:
<|FunctionCallBegin|>[{"name": "function name", "parameters": {"parameter": "value"}}]<|FunctionCallEnd|>
The results are all you can know of the data. Write no code. When you have the answer, call Done: it can be done once only.

Functions:
"""


def export_published(
    catalog: Catalog, out: Path, *, form: Form = "jsonl", names: Sequence[str] | None = None
) -> dict[str, str]:
    """Write environments of a catalog and their tasks.

    Args:
        names: default: all native ones.

    Returns:
        Name of each environment -> its module id, under which it is read back.

    Raises:
        InvalidEnvironment: one cannot be carried over, or two get the same module id.
    """
    environments: list[Row] = []
    records: dict[str, list[Row]] = {split: [] for split in get_args(Split)}
    ids: dict[str, str] = {}
    for name in names if names is not None else catalog.names():
        definition, tasks = catalog.definition(name), catalog.tasks(name)
        source = published_source(definition, _example(definition, tasks))
        ids[name] = module_id(definition)
        environments.append(
            {"env_code": source, "env_name": env_name(definition.class_name), "source": code_id(definition.name)}
        )
        card, carried = card_at(catalog, name), source if form == "parquet" else None
        for task in tasks:
            records[task.split].append(_record(definition, task, card, carried))
    if len(set(ids.values())) < len(ids):
        raise InvalidEnvironment(str(out), "two environments get the same module id: rename one of them")
    write_table(out / "environments", environments, form)
    for split, rows in records.items():
        if rows:
            write_table(out / f"tasks_{split}", rows, form)
    return ids


def _example(definition: Definition, tasks: Sequence[Task]) -> dict[str, Any]:
    if not tasks:
        raise InvalidEnvironment(definition.where, "an environment without tasks cannot be exported")
    return min((task.config for task in tasks), key=lambda config: len(json.dumps(config)))


def _record(definition: Definition, task: Task, card: Mapping[str, Any], source: str | None) -> Row:
    """One training record; parquet wants the same fields in each."""
    facts = card.get("tasks", {}).get(task.id, {})
    rates = card.get("pass_rates", {}).get(SCORED_BY, {}).get(task.id, {})
    scores = {field: rates["passes"] / tries if rates.get("tries") == tries else None for field, tries in SCORES.items()}
    extra = {"index": task.id, "solve_fc_round": facts.get("oracle_calls"), **scores, "level": task.level, "split": task.split}
    config = json.dumps(task.config, ensure_ascii=False)
    return {
        "ability": f"{NAMESPACE}{module_id(definition)}@{config}",
        "answer": "There is no answer",
        "code_id": code_id(definition.name),
        "data_source": "codegym_v1",
        "plugin_call_max_round": task.max_steps,
        "prompt": [
            {"role": "system", "name": "functions", "content": CALLING + _documentation(definition)},
            {"role": "user", "name": "", "content": task.prompt or definition.prompt},
        ],
        "reward_model": {"ground_truth": None, "style": "agent_env"},
        "extra_info": extra if source is None else {**extra, "gym_env": source},
    }


def _documentation(definition: Definition) -> str:
    """The tools as the policy may know them: without examples."""
    specs = definition.tools
    return "\n\n".join(f"{s.name}({', '.join(s.input_schema['properties'])})\n{s.description()}" for s in specs)
