"""Our own layout, and the published raw problems: `id, problem, solution` and whatever else is known."""

import ast
import json
from typing import Any

from synth.plain import as_json
from synth.problem import Problem
from synth.readers.entry import resolve
from synth.readers.fields import BadRecord, Fields
from synth.readers.screen import parsed

LAYOUTS = ({"id", "problem", "solution"}, {"question_id", "question", "solution"})
"""Ours, and the one of the published raw problems."""
KINDS = ("assert", "check", "doctest", "unittest", "pytest")
BENCHMARKS = ("mbpp", "humaneval", "human-eval")


def read(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    id = fields.identity("id", "question_id")
    statement = fields.text("problem", "question")
    tests = _tests(fields)
    solution, _ = parsed(fields.text("solution"), "solution")
    solution, entry = resolve(solution, fields.data.get("entry_point"), tests)
    source = fields.text("source", "subset", default="")
    return Problem(
        id=id,
        statement=statement,
        solution=solution,
        entry_point=entry,
        inputs=tuple(_inputs(fields.data.get("inputs"), ast.parse(solution), entry)),
        generator=_generator(fields),
        tests=tests or None,
        test_kind=_kind(fields, tests, solution),
        topic=fields.text("topic", default=""),
        source=source,
        licence=fields.text("licence", "license", default=""),
        benchmark=fields.data.get("benchmark") is True or is_benchmark(id, source),
    )


def is_benchmark(id: str, source: str) -> bool:
    """Whether problems of this id and source are known as an evaluation benchmark's."""
    return any(name in f"{id} {source}".lower() for name in BENCHMARKS)


def _tests(fields: Fields) -> str:
    if isinstance(fields.data.get("tests"), list):
        return "\n".join(fields.texts("tests"))
    return fields.text("tests", default="")


def _kind(fields: Fields, tests: str, solution: str) -> str | None:
    kind = fields.data.get("test_kind")
    if kind in KINDS:
        return str(kind)
    if not tests:
        return "doctest" if kind is None and ">>>" in solution else None
    marks = {"TestCase": "unittest", "def test_": "pytest", "def check(": "check", ">>>": "doctest"}
    return next((kind for mark, kind in marks.items() if mark in tests), "assert")


def _generator(fields: Fields) -> str | None:
    source = fields.text("input_generator", "generator", default="")
    if not source.strip():
        return None
    source, tree = parsed(source, "input_generator")
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if not names & {"generate", "generate_inputs"}:
        raise BadRecord("wrong generator", "input_generator", "expected generate(rng, level) or generate_inputs(rng)")
    return source


def _inputs(value: Any, tree: ast.Module, entry: str | None) -> list[dict[str, Any]]:
    """Arguments by name; lists of arguments and texts for standard input are taken too."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as exc:
            raise BadRecord("wrong type", "inputs", f"expected JSON: {exc}") from exc
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRecord("wrong type", "inputs", f"expected a list, got {type(value).__name__}")
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry), None)
    names = [arg.arg for arg in function.args.args] if function else ["stdin"]
    return [_input(item, names, entry is None) for item in value]


def _input(item: Any, names: list[str], script: bool) -> dict[str, Any]:
    if script and isinstance(item, str):
        item = {"stdin": item}
    if isinstance(item, list) and len(item) <= len(names):
        item = dict(zip(names, item, strict=False))
    if not isinstance(item, dict) or (script and (item.keys() != {"stdin"} or not isinstance(item["stdin"], str))):
        expected = '{"stdin": text}' if script else "arguments by name, or in order"
        raise BadRecord("wrong type", "inputs", f"expected {expected}, got {item!r:.80}")
    try:
        return dict(as_json(item))
    except ValueError as exc:
        raise BadRecord("wrong type", "inputs", f"expected plain JSON, got {exc}") from exc
