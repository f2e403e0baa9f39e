"""A problem before its use: its own tests pass, and what they call its entry point with is plain JSON from here on."""

import ast
import doctest
import json
from collections.abc import Sequence
from typing import Any

from codegym_mcp.errors import ToolCallError, clip
from synth.inputs.adapter import Shape, adapted, is_marked
from synth.inputs.originals import Originals, ask
from synth.problem import Problem, Rejection

LEVELS = ("easy", "medium", "hard")
STAGE = "original"
SAMPLE = 12
"""Draws of a generator that show what it draws."""

FORGED = "the code under trial wrote a reply of its own"


class Unusable(Exception):
    """The problem cannot be used: a reason from a fixed list, and the detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


async def prepare(originals: Originals, problem: Problem) -> Problem | Rejection:
    """The problem with the inputs its tests use, and a solution that takes them as plain JSON.

    Its tests must pass. Without tests, and without a generator, it comes back as it is.

    Raises:
        SandboxError: the machine failed.
    """
    if problem.entry_point is None:
        return problem
    try:
        return await _prepared(originals, problem, problem.entry_point)
    except Unusable as exc:
        return rejection(problem, exc)


async def _prepared(originals: Originals, problem: Problem, entry: str) -> Problem:
    parameters = read_parameters(problem.solution, entry)
    recorded = await _record(originals, problem, entry, list(parameters))
    drawn = await draw(originals, problem, SAMPLE, 0) if problem.generator else []
    shapes = {name: Shape() for name in parameters}
    configs = [plain_config(shapes, call) for call in [*recorded, *(config for _, config in drawn)]]
    configs = [*problem.inputs, *_completed(configs[: len(recorded)], parameters)]
    if problem.tests and not configs and not drawn:
        raise Unusable("no inputs", "its tests never call the entry point with what JSON can tell")
    configs = _distinct(configs)
    solution = adapted(problem.solution, entry, shapes)
    if solution != problem.solution and any(shape.holds("tuple") for shape in shapes.values()):
        simpler = adapted(problem.solution, entry, shapes, tuples=False)
        samples = configs or [plain_config(shapes, config) for _, config in drawn]
        if await _same(originals, problem, solution, simpler, samples):
            solution = simpler
    return problem.model_copy(update={"inputs": tuple(configs), "solution": solution})


def read_parameters(source: str, entry: str) -> dict[str, Any]:
    """Names of the entry point's parameters, each with its default, or Ellipsis.

    Raises:
        Unusable: inputs cannot be told by name.
    """
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == entry]
    if not functions:
        raise Unusable("no entry point", f"expected a function {entry!r} in the solution")
    args = functions[-1].args
    if args.vararg or args.kwarg or args.posonlyargs:
        raise Unusable("entry point without plain parameters", f"{entry} takes * or **")
    plain = args.args
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    pairs = [*zip(plain, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return {arg.arg: _literal(default) for arg, default in pairs}


def _literal(node: ast.expr | None) -> Any:
    try:
        return ... if node is None else ast.literal_eval(node)
    except ValueError:
        return ...


async def _record(originals: Originals, problem: Problem, entry: str, names: list[str]) -> list[dict[str, Any]]:
    """What the tests call the entry point with; the tests must pass."""
    examples = read_examples(problem) if problem.test_kind == "doctest" else []
    tests = "" if problem.test_kind == "doctest" else problem.tests or ""
    if not tests and not examples:
        return []
    try:
        found = await ask(
            originals.pool,
            "record",
            source=problem.solution,
            entry=entry,
            names=names,
            tests=tests,
            examples=examples,
        )
    except ToolCallError as exc:
        raise Unusable("its tests do not run", clip(exc, 200)) from exc
    if not isinstance(found, dict) or not isinstance(found.get("calls", []), list):
        raise Unusable("its tests do not run", FORGED)
    if "failure" in found:
        raise Unusable("fails its own tests", clip(found["failure"], 200))
    return [call for call in found.get("calls", []) if _is_call(call) and set(call) <= set(names)]


def _is_call(call: Any) -> bool:
    return isinstance(call, dict) and all(map(is_marked, call.values()))


def read_examples(problem: Problem) -> list[list[str]]:
    """Doctest examples of the problem's tests, or of its solution's docstrings."""
    texts = [problem.tests] if problem.tests else []
    if not texts:
        nodes = [
            node
            for node in ast.walk(ast.parse(problem.solution))
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module))
        ]
        texts = [text for node in nodes if (text := ast.get_docstring(node))]
    try:
        return [[example.source, example.want] for text in texts for example in doctest.DocTestParser().get_examples(text)]
    except ValueError as exc:
        raise Unusable("its tests do not run", clip(exc, 200)) from exc


def plain_config(shapes: dict[str, Shape], call: dict[str, Any]) -> dict[str, Any]:
    """A marked call as plain JSON; its shapes are noted."""
    return {name: shapes[name].add(call[name]) for name in shapes if name in call}


def _completed(configs: list[dict[str, Any]], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The same arguments in all inputs: those that any of them gives, the others' from the defaults."""
    used = [name for name in parameters if any(name in config for config in configs)]
    needed = {name for name in parameters if parameters[name] is ... and name in used}
    return [{name: config.get(name, parameters[name]) for name in used} for config in configs if needed <= config.keys()]


async def _same(originals: Originals, problem: Problem, one: str, other: str, configs: Sequence[dict[str, Any]]) -> bool:
    """Whether two forms of a solution answer alike."""
    first = await originals.answers(problem.model_copy(update={"solution": one}), configs)
    second = await originals.answers(problem.model_copy(update={"solution": other}), configs)
    return [truth.answer for truth in first] == [truth.answer for truth in second]


async def draw(originals: Originals, problem: Problem, count: int, seed: int) -> list[tuple[str | None, dict[str, Any]]]:
    """Level, if the generator takes one, and marked config of so many draws."""
    source = problem.generator or ""
    levelled = any(isinstance(node, ast.FunctionDef) and node.name == "generate" for node in ast.parse(source).body)
    drawn: list[dict[str, Any]] = []
    while len(drawn) < count:
        left = count - len(drawn)
        try:
            fresh = await ask(
                originals.pool, "draw", source=source, levels=list(LEVELS), start=len(drawn), count=left, seed=seed
            )
        except ToolCallError as exc:
            raise Unusable("generator fails", clip(exc, 200)) from exc
        if not isinstance(fresh, list) or not fresh or not all(isinstance(item, dict) for item in fresh):
            raise Unusable("generator fails", FORGED)
        drawn += fresh
    good = [item for item in drawn if item.get("level") in LEVELS and _is_call(item.get("config"))]
    if not good:
        raise Unusable("generator fails", clip(drawn[0].get("failure", FORGED), 200))
    return [(item["level"] if levelled else None, item["config"]) for item in good]


def _distinct(configs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({as_text(config): config for config in configs}.values())


def rejection(problem: Problem, exc: Unusable) -> Rejection:
    """The line of the report."""
    return Rejection(id=problem.id, stage=STAGE, reason=exc.reason, detail=exc.detail)


def as_text(value: Any) -> str:
    """JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True)
