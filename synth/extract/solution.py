"""A problem's solution as a syntax tree in a normal form: what it defines, and what of it the entry point needs."""

import ast
import copy
from dataclasses import dataclass, field
from functools import cache, cached_property

from codegym_mcp.schema import parse_source
from synth.extract.copier import Scopes, defined, loaded, own_nodes, parameters
from synth.extract.normal import normalise
from synth.extract.scripts import ENTRY, as_function

MUTATORS = frozenset(
    "append extend insert pop popleft appendleft remove discard add update clear sort reverse setdefault popitem rotate "
    "extendleft intersection_update difference_update subtract heappush heappop".split()
)
"""Methods that change their container."""
FORBIDDEN = frozenset("exec eval open input compile globals locals vars __import__ breakpoint exit quit".split())


class Unfit(Exception):
    """The solution cannot be taken apart; carries reason and detail."""


@dataclass(eq=False)
class Solution:
    """A module with one function as its entry point."""

    tree: ast.Module
    entry: ast.FunctionDef
    text: str
    """The tree as source; line numbers are those of the tree."""
    authored: dict[str, str] = field(default_factory=dict)
    """Name -> the author's own text of a definition that the normal form left as it was."""

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Functions of the module by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Classes of the module by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def _links(self) -> list[tuple[ast.stmt, set[str], set[str]]]:
        """Each statement of the module with the names it defines and the names it reads."""
        return [(statement, defined(statement), loaded(statement)) for statement in self.tree.body]

    def needed(self, *roots: ast.AST) -> list[ast.stmt]:
        """Statements of the module, in order, that these pieces of code use, directly or not."""
        found: set[int] = set()
        todo = [name for root in roots for name in loaded(root)]
        done: set[str] = set()
        while todo:
            name = todo.pop()
            if name in done:
                continue
            done.add(name)
            for statement, defines, reads in self._links:
                if name in defines and id(statement) not in found:
                    found.add(id(statement))
                    todo += reads
        return [statement for statement in self.tree.body if id(statement) in found]

    @cache  # noqa: B019 - a solution lives as long as the search for its fragments
    def impure(self, name: str, impure: frozenset[str]) -> bool:
        """Whether what a name stands for uses one of these names."""
        return any(loaded(node) & impure for node in self.needed(ast.Name(name, ast.Load())))


def read_solution(source: str, entry_point: str | None) -> Solution:
    """Parse and normalise a solution.

    Raises:
        Unfit: it is of no form that can be taken apart.
    """
    try:
        tree = parse_source(source)
    except SyntaxError as exc:
        raise Unfit("the solution does not parse", str(exc)) from exc
    authored = {node.name: _segment(source, node) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    if entry_point is None:
        tree, entry_point, authored = as_function(tree), ENTRY, {}
    before = {node.name: ast.dump(node) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    normalise(tree, entry_point)
    after = {node.name: ast.dump(node) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    text = ast.unparse(ast.fix_missing_locations(tree))
    tree = ast.parse(text)
    entry = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == entry_point), None)
    if entry is None:
        raise Unfit("the entry point is no plain function", f"{entry_point} is not defined as one")
    if entry.args.vararg or entry.args.kwarg or entry.args.posonlyargs:
        raise Unfit("the entry point takes more than named parameters", ast.unparse(entry.args))
    kept = {name: text for name, text in authored.items() if before[name] == after.get(name)}
    solution = Solution(tree, entry, text, kept)
    _refuse(solution)
    return solution


def _segment(source: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def _refuse(solution: Solution) -> None:
    used = solution.needed(solution.entry)
    outer = {name for node in used if not isinstance(node, (ast.Import, ast.ImportFrom)) for name in defined(node)}
    for statement in [*used, solution.entry]:
        for node in ast.walk(statement):
            if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.Global)):
                raise Unfit("code of a kind that cannot be taken apart", type(node).__name__)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FORBIDDEN:
                raise Unfit("code of a kind that cannot be taken apart", ast.unparse(node.func))
    constants = outer - set(solution.functions) - set(solution.classes)
    scopes = Scopes()
    for function in [node for node in ast.walk(solution.tree) if isinstance(node, ast.FunctionDef)]:
        for name in _changed(function) & (constants - scopes.bound(function)):
            raise Unfit("the module keeps state between calls", f"{function.name} changes {name}")


def _changed(function: ast.FunctionDef) -> set[str]:
    """Names whose value is changed in place."""
    names = set()
    for node in own_nodes(function):
        base: ast.AST | None = None
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            base = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            base = node.func.value
        while isinstance(base, (ast.Subscript, ast.Attribute)):
            base = base.value
        if isinstance(base, ast.Name):
            names.add(base.id)
    return names


def bound_arguments(call: ast.Call, function: ast.FunctionDef, *, skip: int = 0) -> dict[str, ast.expr] | None:
    """Parameter -> argument of a plain call; None where it is not plain.

    Args:
        skip: leading parameters that the call does not name (self).
    """
    args = function.args
    names = [argument.arg for argument in args.args][skip:]
    if args.vararg or args.kwarg or args.posonlyargs or len(call.args) > len(names):
        return None
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(keyword.arg is None for keyword in call.keywords):
        return None
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        given[str(keyword.arg)] = keyword.value
    return given if set(given) <= set(parameters(function)) else None


def clone(node: ast.expr) -> ast.expr:
    """A copy that may be put elsewhere."""
    return copy.deepcopy(node)
