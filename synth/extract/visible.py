"""Which name means which hidden value, wherever it stands: inputs, values made of them, and parameters that pass them on."""

import ast
from typing import Any

from synth.extract import shapes
from synth.extract.copier import Scoped, Scopes, loaded, name_of, own_nodes, parameters, stored
from synth.extract.drafts import Hidden
from synth.extract.solution import MUTATORS, Solution, bound_arguments


class Calls(Scoped):
    """Finds all calls and other uses of the module's functions in the code that the entry point reaches."""

    def __init__(self, solution: Solution, scopes: Scopes, stop: frozenset[str]) -> None:
        """Args:
        stop: functions whose own code does not matter, since they are lifted as a whole.
        """
        super().__init__(scopes)
        self.calls: dict[str, list[tuple[ast.Call, list[ast.AST]]]] = {}
        self.values: set[str] = set()
        """Functions that are used other than by calling them."""
        self.reached: set[str] = set()
        self._solution, self._stop = solution, stop
        self._todo: list[ast.AST] = [solution.entry]
        while self._todo:
            self.stack = []
            self.visit(self._todo.pop())

    def visit_Call(self, node: ast.Call) -> Any:
        if (name := name_of(node.func)) and self._known(name):
            self.calls.setdefault(name, []).append((node, list(self.stack)))
            self._reach(name)
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.visit(part)
            return node
        return self.copy(node)

    def visit_Name(self, node: ast.Name) -> Any:
        if isinstance(node.ctx, ast.Load) and self._known(node.id):
            if node.id in self._solution.functions:
                self.values.add(node.id)
            self._reach(node.id)
        return node

    def _known(self, name: str) -> bool:
        return name in (self._solution.functions | self._solution.classes) and self.owner(name) is None

    def _reach(self, name: str) -> None:
        if name not in self.reached:
            self.reached.add(name)
            if name not in self._stop and name != self._solution.entry.name:
                self._todo.append((self._solution.functions | self._solution.classes)[name])


class Visible:
    """Resolves names to hidden values."""

    def __init__(self, solution: Solution, scopes: Scopes, hidden: list[Hidden], lifted: list[str]) -> None:
        self.scopes, self.solution = scopes, solution
        self.hidden = {(id(one.owner), one.name): one for one in hidden}
        self.uses = Calls(solution, scopes, frozenset(lifted))
        for _ in range(4):  # a parameter may pass on what a parameter passed on
            before = len(self.hidden)
            for name, calls in self.uses.calls.items():
                if name not in self.uses.values and name not in lifted:
                    self._pass_on(solution.functions.get(name), calls)
            if len(self.hidden) == before:
                break

    def _pass_on(self, function: ast.FunctionDef | None, calls: list[tuple[ast.Call, list[ast.AST]]]) -> None:
        if function is None or function is self.solution.entry:
            return
        for name in parameters(function):
            if (id(function), name) in self.hidden or name in stored(function):
                continue
            found = {
                id(one): one for call, stack in calls for one in [self._argument(function, call, name, stack)] if one
            } or None
            given = [self._argument(function, call, name, stack) for call, stack in calls]
            if found and len(found) == 1 and all(given):
                self.hidden[id(function), name] = next(iter(found.values()))

    def _argument(self, function: ast.FunctionDef, call: ast.Call, name: str, stack: list[ast.AST]) -> Hidden | None:
        bound = bound_arguments(call, function)
        argument = bound.get(name) if bound else None
        return self.of(argument, stack) if argument is not None else None

    def of(self, node: ast.AST | None, stack: list[ast.AST]) -> Hidden | None:
        """The hidden value that an expression names, in the scopes around it."""
        name = name_of(node)
        if name is None:
            return None
        owner = Scoped(self.scopes, stack).owner(name)
        return self.hidden.get((id(owner), name)) if owner is not None else None

    def elided(self, name: str) -> dict[str, Hidden]:
        """Parameters of a function that are the same hidden value in every call: its tool need not be told."""
        function, found = self.solution.functions[name], {}
        for parameter in parameters(function):
            given = [self._argument(function, call, parameter, stack) for call, stack in self.uses.calls.get(name, [])]
            if given and all(one is not None and one is given[0] for one in given) and not (given[0] and given[0].upfront):
                found[parameter] = given[0]
        return {parameter: one for parameter, one in found.items() if one is not None}


def inputs(solution: Solution, cases: list[dict[str, Any]], *, upfront: bool) -> list[Hidden]:
    """The inputs of the entry point. Numbers, and short texts used as a whole, are shown, unless nothing else is there.

    Args:
        upfront: the skeleton reads those that are hidden at its start.
    """
    entry, found = solution.entry, list[Hidden]()
    changed = set(_stores(entry)) | changed_names(entry)
    for name in parameters(entry):
        values = [case["config"][name] for case in cases if name in case["config"]]
        shape = None
        for value in values:
            shape = shapes.merge(shape, shapes.shape_of(value))
        one = Hidden(entry, name, shape, "input", copied=name in changed)
        if all(isinstance(value, (str, type(None))) for value in values):
            one.whole = max((len(value or "") for value in values), default=0) <= MAX_SHOWN and not _looked_into(solution, name)
        one.upfront = upfront and not one.shown
        found.append(one)
    if all(one.shown for one in found):
        found[0].secret = found[0].upfront = True
    return found


MAX_SHOWN = 24
"""Characters of a text that Observe may show."""


def _looked_into(solution: Solution, name: str) -> bool:
    """Whether a text is indexed, measured or run through under its name."""
    for node in ast.walk(solution.tree):
        match node:
            case ast.Subscript(value=ast.Name(id=found)) | ast.For(iter=ast.Name(id=found)) if found == name:
                return True
            case ast.comprehension(iter=ast.Name(id=found)) if found == name:
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="split" | "splitlines")) if found == name:
                return True
            case ast.Call(func=ast.Name(id="len" | "enumerate" | "list" | "zip" | "reversed" | "sorted" | "set"), args=args):
                if any(isinstance(arg, ast.Name) and arg.id == name for arg in args):
                    return True
    return False


def derived(solution: Solution, scopes: Scopes, known: list[Hidden], profile: dict[str, Any]) -> list[Hidden]:
    """Variables of functions that run once, which are made of inputs alone: they could as well be made at the start."""
    found: list[Hidden] = []
    visible = Visible(solution, scopes, known, [])
    for function in solution.functions.values():
        facts = profile.get(f"{function.name}:{function.lineno}")
        if function is not solution.entry and (not facts or facts["calls"] != 1 or function.name not in visible.uses.reached):
            continue
        counts = list(_stores(function))
        for statement in function.body:
            target, value = _single(statement)
            if target is None or value is None or counts.count(target) != 1 or target in _declared_free(function):
                continue
            if _resettable(value, function, scopes, visible):
                shape = (facts or {}).get("locals", {}).get(target)
                source = "working" if target in changed_names(function) else "derived"
                found.append(Hidden(function, target, shape, source, value))
                visible.hidden[id(function), target] = found[-1]
    return found


def _stores(function: ast.FunctionDef) -> list[str]:
    return [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]


def _declared_free(function: ast.FunctionDef) -> set[str]:
    return {name for node in ast.walk(function) if isinstance(node, (ast.Nonlocal, ast.Global)) for name in node.names}


def _single(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return name_of(statement.targets[0]), statement.value
    if isinstance(statement, ast.AnnAssign):
        return name_of(statement.target), statement.value
    return None, None


RESHAPING = frozenset(
    "list tuple dict set map int float str split splitlines strip rstrip lstrip lower upper replace copy deepcopy sorted deque "
    "len range zip enumerate defaultdict Counter OrderedDict fromkeys join reversed min max items keys values abs".split()
)
"""Calls that only give values another form."""


def _resettable(value: ast.expr, function: ast.FunctionDef, scopes: Scopes, visible: Visible) -> bool:
    """Whether an expression only gives inputs another form, or makes a fresh container."""
    inner = {name for node in ast.walk(value) if isinstance(node, ast.comprehension) for name in stored(node.target)}
    for node in ast.walk(value):
        if isinstance(
            node, (ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.IfExp, ast.Compare, ast.BoolOp)
        ):
            return False
        if isinstance(node, ast.comprehension) and node.ifs:
            return False
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else name_of(node.func)
            if called not in RESHAPING:
                return False
    for name in loaded(value) - inner:
        owner = Scoped(scopes, [function]).owner(name)
        if owner is not None and (id(owner), name) not in visible.hidden:
            return False
        if owner is not None and visible.hidden[id(owner), name].source not in ("input", "derived"):
            return False
    return True


def changed_names(scope: ast.AST) -> set[str]:
    """Names whose value is changed in place somewhere in a piece of code."""
    names: set[str] = set()
    for node in ast.walk(scope):
        base: ast.AST | None = None
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            base = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            base = node.args[0] if node.func.attr.startswith("heap") and node.args else node.func.value
        elif isinstance(node, ast.Call) and name_of(node.func) in MUTATORS and node.args:
            base = node.args[0]
        while isinstance(base, (ast.Subscript, ast.Attribute)):
            base = base.value
        if isinstance(base, ast.Name):
            names.add(base.id)
    return names


__all__ = ["Calls", "Visible", "changed_names", "derived", "inputs", "own_nodes"]
