"""A problem's solution as a syntax tree in a normal form: what it defines, and what of it the entry point needs."""

import ast
import copy
from dataclasses import dataclass, field
from functools import cache, cached_property

from codegym_mcp.schema import parse_source
from synth.extract.copier import Scopes, arguments_of, loaded, own_nodes, stored
from synth.extract.scripts import ENTRY, as_function

MUTATORS = frozenset(
    "append extend insert pop popleft appendleft remove discard add update clear sort reverse setdefault popitem rotate "
    "extendleft intersection_update difference_update subtract heappush heappop".split()
)
"""Methods that change their container."""
FORBIDDEN = frozenset("exec eval open input compile globals locals vars __import__ breakpoint exit quit".split())
FRESH = {
    "sorted": "sorted_{}",
    "split": "{}_parts",
    "splitlines": "{}_lines",
    "set": "unique_{}",
    "lower": "lower_{}",
    "upper": "upper_{}",
    "deepcopy": "{}_copy",
    "copy": "{}_copy",
}
"""Call -> how a name is called that is bound anew from itself."""


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
    tree.body = [node for node in tree.body if not isinstance(node, (ast.Expr, ast.If)) or _defines_functions(node)]
    _hoist_imports(tree)
    _split_recursion(tree, entry_point)
    _hoist_closures(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            given = _given_to_objects(node, tree) if node.name == entry_point else set[str]()
            _spell_out(node, given)
            _rename_rebound(node)
            _set_apart(node, given)
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


def defined(statement: ast.stmt) -> set[str]:
    """Names that a statement of a module defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return set(stored(statement))


def _segment(source: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def _defines_functions(node: ast.stmt) -> bool:
    return any(isinstance(part, (ast.FunctionDef, ast.ClassDef)) for part in ast.walk(node)) and "__name__" not in loaded(node)


def _hoist_imports(tree: ast.Module) -> None:
    """Imports inside functions move to the top: what they name is the same there."""
    found: list[ast.stmt] = []
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        inner = [node for node in function.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        if inner:
            function.body = [node for node in function.body if node not in inner] or [ast.Pass()]
            found += inner
    tree.body = found + tree.body


def _split_recursion(tree: ast.Module, entry_point: str) -> None:
    """An entry point that calls itself becomes one that calls a function which calls itself."""
    for number, node in enumerate(tree.body):
        if not isinstance(node, ast.FunctionDef) or node.name != entry_point:
            continue
        plain = not (node.args.vararg or node.args.kwarg or node.decorator_list)
        if plain and any(entry_point in loaded(other) for other in tree.body if isinstance(other, ast.FunctionDef)):
            inner = copy.deepcopy(node)
            inner.name = f"{entry_point}_step"
            for other in [inner, *(n for n in tree.body if isinstance(n, ast.FunctionDef) and n is not node)]:
                for part in ast.walk(other):
                    if isinstance(part, ast.Name) and part.id == entry_point:
                        part.id = inner.name
            call = ast.Call(ast.Name(inner.name, ast.Load()), [ast.Name(p, ast.Load()) for p in parameters(node)], [])
            node.body = [ast.Return(call)]
            tree.body.insert(number, inner)
        return


def _hoist_closures(tree: ast.Module) -> None:
    """Functions inside functions that use none of their variables become functions of the module."""
    scopes = Scopes()
    taken = {name for node in tree.body for name in defined(node)}
    body: list[ast.stmt] = []
    for outer in tree.body:
        if isinstance(outer, ast.FunctionDef):
            around = scopes.bound(outer)
            for inner in [node for node in outer.body if isinstance(node, ast.FunctionDef)]:
                uses = loaded(inner) - scopes.bound(inner)
                if inner.name not in taken and not (uses & around) - {inner.name} and _binds_outside(inner):
                    outer.body.remove(inner)
                    taken.add(inner.name)
                    body.append(inner)
            outer.body = outer.body or [ast.Pass()]
        body.append(outer)
    tree.body = body


def _binds_outside(function: ast.FunctionDef) -> bool:
    return not any(isinstance(node, (ast.Nonlocal, ast.Global)) for node in ast.walk(function)) and not function.decorator_list


def _rename_rebound(function: ast.FunctionDef) -> None:
    """`xs = sorted(xs)` at the top of a function binds a name of its own, so that each name means one thing."""
    names = {argument.arg for argument in arguments_of(function)} | set(stored(function))
    for number, statement in enumerate(function.body):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            return
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if not isinstance(target, ast.Name) or target.id not in loaded(statement.value):
            continue
        if any(isinstance(node, ast.Nonlocal) and target.id in node.names for node in ast.walk(function)):
            continue
        fresh = _fresh(target.id, statement.value, names)
        names.add(fresh)
        _rename(function.body[number + 1 :], target.id, fresh)
        target.id = fresh


def _given_to_objects(function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    """Parameters of which a function makes an object of the module's own classes, itself or by way of other names."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    made = [node for node in ast.walk(function) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in classes]
    return set(parameters(function)) & {name for call in made for name in loaded(call)}


def _spell_out(function: ast.FunctionDef, names: set[str]) -> None:
    """`n //= 2` at the top of a function becomes `n = n // 2`, where `n` cannot be a container that it changes."""
    for number, statement in enumerate(function.body):
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if name in names:
                number_given = isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
                if number_given or isinstance(op, OF_NUMBERS):
                    changed = ast.BinOp(ast.Name(name, ast.Load()), op, value)
                    function.body[number] = ast.Assign([ast.Name(name, ast.Store())], changed, lineno=statement.lineno)


OF_NUMBERS = (ast.FloorDiv, ast.Div, ast.Mod, ast.Pow, ast.LShift, ast.RShift)
"""Operations that no container has."""


def _set_apart(function: ast.FunctionDef, names: set[str]) -> None:
    """A parameter that changes later gets another name from there on: what was made of it before is made of the input."""
    taken = {argument.arg for argument in arguments_of(function)} | set(stored(function))
    for name in sorted(names):
        number = next((place for place, node in enumerate(function.body) if name in stored(node)), None)
        if number is None or any(name in loaded(node) for node in function.body if isinstance(node, ast.FunctionDef)):
            continue
        fresh = _fresh(name, ast.Constant(0), taken)
        taken.add(fresh)
        _rename(function.body[number:], name, fresh)
        function.body.insert(number, ast.Assign([ast.Name(fresh, ast.Store())], ast.Name(name, ast.Load()), lineno=0))


def _rename(body: list[ast.stmt], name: str, fresh: str) -> None:
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == name:
            node.id = fresh


def _fresh(name: str, value: ast.expr, taken: set[str]) -> str:
    called = ""
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    wanted = FRESH.get(called, "{}" if name.startswith("new_") else "new_{}").format(name)
    return next(text for text in (wanted, *(f"{wanted}_{n}" for n in range(2, 1000))) if text not in taken)


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


def parameters(function: ast.FunctionDef) -> list[str]:
    """Names of the plain parameters."""
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]


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
