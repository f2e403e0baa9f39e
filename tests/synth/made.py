"""Verified environments as tests need them: a candidate, its tasks, and what verification found."""

from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import content_hash
from codegym_mcp.types import Task
from synth.problem import Candidate, Problem

ROWS = Catalog.bundled().definition("window_sum").source


def candidate(name: str = "rows", *, statement: str = "", source: str = ROWS, **fields: Any) -> Candidate:
    """A candidate with a problem of its own."""
    problem = Problem(
        id=f"own/{name}",
        statement=statement or f"The statement of {name}.",
        solution=f"def solve(n):\n    return n + {int.from_bytes(name.encode())}\n",
        **{"source": "own", "licence": "Apache-2.0", "topic": "sums", **fields},
    )
    return Candidate(name=name, problem=problem, env=source, inputs=(), route="extract")


def tasks(number: int, *, start: int = 0, level: str = "easy") -> list[Task]:
    """Tasks of as many configurations."""
    return [Task(environment="x", id=f"{level}-{n}", level=level, config={"n": n}) for n in range(start, start + number)]


def card(made: Candidate, chosen: list[Task]) -> dict[str, Any]:
    """What verification found."""
    facts = {task.id: {"level": task.level, "split": "train", "oracle_calls": 12, "distinct_tools": 5} for task in chosen}
    return {"name": made.name, "content_hash": content_hash("native", made.env), "tools": 6, "tasks": facts}
