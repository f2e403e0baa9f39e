"""Rewriting of syntax trees that are never changed: a visitor that copies, and knows which function binds a name."""

import ast
from typing import Any

Function = ast.FunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Copier:
    """Copies a tree; a subclass's `visit_X` may return another node, or for statements a list of them."""

    def visit(self, node: ast.AST) -> Any:
        """The copy of a node."""
        return getattr(self, f"visit_{type(node).__name__}", self.copy)(node)

    def copy(self, node: ast.AST) -> Any:
        """The copy of a node of no interest."""
        made = type(node)(**{name: self.copy_field(value) for name, value in ast.iter_fields(node)})
        return ast.copy_location(made, node)

    def copy_field(self, value: Any) -> Any:
        """The copy of a field: a node, a list of them, or plain data."""
        if isinstance(value, ast.AST):
            return self.visit(value)
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], ast.stmt):
            return self.copy_body(value)
        return [self.visit(item) if isinstance(item, ast.AST) else item for item in value]

    def copy_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The copy of a block; never empty."""
        made: list[ast.stmt] = []
        for statement in body:
            copied = self.visit(statement)
            made += copied if isinstance(copied, list) else [] if copied is None else [copied]
        return made or [ast.Pass()]


class Scoped(Copier):
    """A copier that knows which scopes it is in."""

    def __init__(self, scopes: "Scopes", stack: list[ast.AST] | None = None) -> None:
        self.scopes = scopes
        self.stack: list[ast.AST] = stack or []
        """Functions, classes, lambdas and comprehensions around the node, outermost first."""

    def owner(self, name: str) -> ast.AST | None:
        """The innermost scope around the present node that binds the name; None: module or builtin."""
        for scope in reversed(self.stack):
            if isinstance(scope, ast.ClassDef) and scope is not self.stack[-1]:
                continue
            if name in self.scopes.bound(scope):
                return scope
        return None

    def within(self, scope: ast.AST) -> Any:
        """The copy of a function, class, lambda or comprehension, made inside its scope."""
        self.stack.append(scope)
        try:
            return self.copy(scope)
        finally:
            self.stack.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self.within(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return self.within(node)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return self.within(node)

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        return self.within(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp


class Scopes:
    """What the scopes of a tree bind."""

    def __init__(self) -> None:
        self._bound: dict[int, tuple[ast.AST, frozenset[str]]] = {}

    def bound(self, scope: ast.AST) -> frozenset[str]:
        """Names that a scope binds itself."""
        if id(scope) not in self._bound:
            self._bound[id(scope)] = scope, frozenset(_bound(scope))
        return self._bound[id(scope)][1]


def _bound(scope: ast.AST) -> set[str]:
    if isinstance(scope, COMPREHENSIONS):
        return {name for part in scope.generators for name in stored(part.target)}
    names: set[str] = set()
    if isinstance(scope, (ast.FunctionDef, ast.Lambda)):
        names = {argument.arg for argument in arguments_of(scope)}
    if isinstance(scope, ast.Lambda):
        return names
    free: set[str] = set()
    for node in own_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            free |= set(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
    return names - free


def own_nodes(scope: ast.AST) -> list[ast.AST]:
    """Nodes inside a scope that are not inside another function, class, lambda or comprehension (these included)."""
    found: list[ast.AST] = []
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        found.append(node)
        if isinstance(node, COMPREHENSIONS):  # an assignment expression in there binds out here
            found += [part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
        elif not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return found


def arguments_of(function: Function) -> list[ast.arg]:
    """All parameters of a function."""
    args = function.args
    stars = [star for star in (args.vararg, args.kwarg) if star]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *stars]


def parameters(function: ast.FunctionDef) -> list[str]:
    """Names of the plain parameters."""
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]


def defined(statement: ast.stmt) -> set[str]:
    """Names that a statement of a module defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return set(stored(statement))


def stored(node: ast.AST) -> list[str]:
    """Names that are bound somewhere in a node, in order."""
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)))


def loaded(node: ast.AST) -> set[str]:
    """Names that are read somewhere in a node."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def name_of(node: ast.AST | None) -> str | None:
    """The name, where the node is nothing but one."""
    return node.id if isinstance(node, ast.Name) else None
