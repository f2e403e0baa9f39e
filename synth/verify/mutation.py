"""Do the verdicts notice when the rules change? `answer` and `check` are changed in one place at a time.

A mutant is killed when it judges the right answer, or one of the wrong answers near it, otherwise than the environment
does. Changed is only what these tasks come by, and not the guards that raise. Even so some mutants mean the same as the
original and cannot be killed: the rate is a measure, and survivors are listed.
"""

import ast
import copy
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from codegym_mcp.answers import near_misses
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import InvalidEnvironment, ToolCallError
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.types import Task
from synth.verify.verified import Mutants

MAX_MUTANTS = 24
"""Tried, evenly spread over the source."""
MAX_TASKS = 6
MAX_LISTED = 10
"""Survivors that are told."""
PATIENCE = 20
"""A mutant that runs so many times as many lines as the original is taken for an endless loop."""

PROBE = """
import sys


class Probe:
    def reset(self, sources, class_name, cases, limit):
        self.sources, self.class_name, self.cases, self.limit = sources, class_name, cases, limit

    def count(self, frame, event, argument):
        self.lines += event == "line"
        if not self.limit and frame.f_code.co_filename == "<mutant>":
            self.seen.add(frame.f_lineno)
        if self.limit and self.lines > self.limit:
            raise RuntimeError("too many lines")
        return self.count

    def verdicts(self, source):
        names = {"__name__": "mutant"}
        exec(compile(source, "<mutant>", "exec", dont_inherit=True), names)
        found = []
        for config, answers in self.cases:
            env = names[self.class_name]()
            env.seed = 0
            env.reset(**config)
            reference = env.answer()
            found.append("".join("1" if env.check(answer, reference) else "0" for answer in answers))
        return found

    def answer(self):
        results = []
        for source in self.sources:
            self.lines, self.seen = 0, set()
            sys.settrace(self.count)
            try:
                found = self.verdicts(source)
            except Exception:
                found = None
            sys.settrace(None)
            results.append([found, self.lines, sorted(self.seen)])
        return results
"""
"""Asks environments for their verdicts, and counts the lines they run."""
BATCH = 8
"""Mutants per request; one that spoils it is tried alone."""

Verdicts = tuple[list[str] | None, int, set[int]]
"""Of one source: its verdict on each answer of each case, None where it failed; how many lines it ran, and which."""
Change = tuple[str, Callable[[], None]]
"""What is changed, and the act of doing it."""
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}


_PROBE = Definition(
    name="mutants",
    format="native",
    class_name="Probe",
    source=PROBE,
    where="synth/verify/mutation.py",
    prompt="",
    tools=(),
    hash=content_hash("mutants", PROBE),
)


async def mutate(pool: Pool, definition: Definition, tasks: Sequence[Task], references: dict[str, str]) -> Mutants:
    """How many changes of the rules the verdicts notice.

    Args:
        references: task id -> reference answer as JSON.

    Raises:
        SandboxError: the machine failed.
    """
    cases = []
    for task in tasks[:: max(1, -(-len(tasks) // MAX_TASKS))]:
        right = json.loads(references[task.id])
        cases.append([task.config, [right, *near_misses(right)]])
    tree = ast.parse(definition.source)
    [(expected, lines, seen)] = await _verdicts(pool, definition.class_name, [definition.source], cases, 0)
    if expected is None:
        return Mutants(made=0, killed=0)
    numbers = range(len(changes(tree, definition.class_name, seen)))
    chosen = numbers[:: max(1, -(-len(numbers) // MAX_MUTANTS))]
    made = [_mutant(tree, definition.class_name, seen, number) for number in chosen]
    sources = [source for _, source in made]
    found = await _verdicts(pool, definition.class_name, sources, cases, PATIENCE * lines + 1000)
    survivors = [what for (what, _), (verdicts, _, _) in zip(made, found, strict=True) if verdicts == expected]
    return Mutants(made=len(made), killed=len(made) - len(survivors), survivors=tuple(survivors[:MAX_LISTED]))


def _mutant(tree: ast.Module, class_name: str, seen: set[int], number: int) -> tuple[str, str]:
    """What was changed, and the source with it."""
    mutant = copy.deepcopy(tree)
    what, change = changes(mutant, class_name, seen)[number]
    change()
    return what, ast.unparse(ast.fix_missing_locations(mutant))


async def _verdicts(pool: Pool, class_name: str, sources: Sequence[str], cases: list[Any], limit: int) -> list[Verdicts]:
    found: list[Verdicts] = []
    for start in range(0, len(sources), BATCH):
        batch = list(sources[start : start + BATCH])
        head = {"sources": batch, "class_name": class_name, "cases": cases, "limit": limit}
        try:
            replies = json.loads(await pool.consult(_PROBE, frames.REFERENCE, {"config": head, "seed": 0}))
            if len(replies) != len(batch):
                raise ValueError("a reply of its own making")
            found += [(verdicts, int(lines), {int(line) for line in seen}) for verdicts, lines, seen in replies]
        except (ToolCallError, InvalidEnvironment, ValueError, TypeError):
            alone = batch if len(batch) > 1 else []
            found += [(await _verdicts(pool, class_name, [source], cases, limit))[0] for source in alone] or [(None, 0, set())]
    return found


def changes(tree: ast.Module, class_name: str, seen: set[int]) -> list[Change]:
    """Every change of one place in what decides the answer; each does it to this tree.

    Args:
        seen: lines that are run.
    """
    found = []
    for part in deciding(tree, class_name):
        guards = {id(node) for guard in ast.walk(part) if _raises(guard) for node in ast.walk(guard)}
        nodes = (node for node in ast.walk(part) if id(node) not in guards and _line(node) in seen)
        found += [change for node in nodes for change in _changes_of(node, seen)]
    return found


def _raises(node: ast.AST) -> bool:
    """Whether it is a guard, which does nothing but raise."""
    return isinstance(node, (ast.Raise, ast.Assert)) or (
        isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Raise)
    )


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def deciding(tree: ast.Module, class_name: str) -> list[ast.AST]:
    """`answer` and `check`, and all functions, classes and methods of the module that they use."""
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name)
    parts: dict[str, ast.AST] = {
        node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node is not cls
    }
    parts |= {f"self.{node.name}": node for node in cls.body if isinstance(node, ast.FunctionDef)}
    found: dict[str, ast.AST] = {}
    wanted = ["self.answer", "self.check"]
    while wanted:
        name = wanted.pop()
        if name in parts and name not in found:
            found[name] = parts[name]
            wanted += (_name(node) for node in ast.walk(parts[name]))
    return list(found.values())


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
    return ""


def _changes_of(node: ast.AST, seen: set[int]) -> Iterator[Change]:
    """What can be changed at one node."""
    line = f"line {_line(node)}"
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in OPERATORS:
            yield f"{line}: {_kind(op)}", partial(setattr, node, "op", OPERATORS[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            yield f"{line}: {_kind(op)}", partial(setattr, node, "ops", [OPERATORS[type(op)]()])
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield f"{line}: {value} to {value + 1}", partial(setattr, node, "value", value + 1)
        case ast.Name(id=name) if name in FUNCTIONS:
            yield f"{line}: {name} to {FUNCTIONS[name]}", partial(setattr, node, "id", FUNCTIONS[name])
        case ast.If(body=[first, *_]) if _line(first) in seen:
            yield f"{line}: branch never taken", partial(setattr, node, "test", ast.Constant(False))


def _kind(op: ast.AST) -> str:
    return f"{type(op).__name__} to {OPERATORS[type(op)].__name__}"
