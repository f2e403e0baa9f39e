"""Finds the fragments of a solution that may become tools: conditions, values, elements of comprehensions, loop bodies."""

import ast
from typing import Any

from synth.extract.copier import COMPREHENSIONS, Scoped, Scopes, name_of, stored
from synth.extract.drafts import Site

OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.IfExp, *COMPREHENSIONS)


def weight(node: ast.AST) -> int:
    """How many operations a fragment does."""
    total = 0
    for part in ast.walk(node):
        if isinstance(part, ast.BoolOp):
            total += len(part.values) - 1
        elif isinstance(part, ast.Compare):
            total += len(part.ops)
        elif (isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice)) or (
            isinstance(part, OPERATIONS) and not (isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant))
        ):
            total += 1
    return total


class Finder(Scoped):
    """Walks functions and collects sites."""

    def __init__(self, scopes: Scopes) -> None:
        super().__init__(scopes)
        self.expressions: list[Site] = []
        self.statements: list[Site] = []
        """Single statements that compute something."""
        self.bodies: list[Site] = []
        """Bodies of loops, and runs of statements within them."""
        self._loops = 0

    def find(self, function: ast.AST) -> None:
        """Collect the sites of a function or class of the module."""
        self.stack = []
        self.visit(function)

    def site(self, node: ast.expr, role: str, target: str = "") -> None:
        """Note an expression, then look into it."""
        if not isinstance(node, (ast.Constant, ast.Name, ast.Attribute, ast.Lambda, ast.Starred)):
            children = tuple(self._child(part, role) for part in _parts(node))
            self.expressions.append(Site((node,), tuple(self.stack), role, target, self._looped(), children))
        self.visit(node)

    def _child(self, node: ast.expr, role: str) -> Site:
        role = role if role in ("condition", "filter") and isinstance(node, (ast.Compare, ast.BoolOp)) else "argument"
        children = tuple(self._child(part, role) for part in _parts(node))
        return Site((node,), tuple(self.stack), role, "", self._looped(), children)

    def _looped(self) -> bool:
        functions = sum(isinstance(scope, (ast.FunctionDef, ast.Lambda)) for scope in self.stack)
        return self._loops > 0 or functions > 1 or isinstance(self.stack[-1], COMPREHENSIONS)

    # ------------------------------------------------------------------------------------------------- statements
    def copy_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Look at each statement of a block, and at runs of them."""
        if self._looped() and isinstance(self.stack[-1], ast.FunctionDef):
            self._runs(body)
        for node in body:
            self.visit(node)
        return body

    def _runs(self, body: list[ast.stmt]) -> None:
        run: list[ast.stmt] = []
        for node in [*body, ast.Pass()]:
            if isinstance(node, (ast.Assign, ast.AugAssign)) or (isinstance(node, ast.If) and not _leaves(node)):
                run.append(node)
                continue
            if 1 < len(run) < len(body) or (len(run) == 1 and len(body) > 1 and isinstance(run[0], ast.If)):
                self.bodies.append(Site(tuple(run), tuple(self.stack), "body", "", True))
            run = []

    def _body(self, body: list[ast.stmt], target: str) -> None:
        if self.stack and isinstance(self.stack[-1], ast.FunctionDef):
            self.bodies.append(Site(tuple(body), tuple(self.stack), "body", target, True))
        self._loops += 1
        self.copy_body(body)
        self._loops -= 1

    def visit_For(self, node: ast.For) -> Any:
        for part in node.iter.args if isinstance(node.iter, ast.Call) else []:
            self.site(part, "argument")
        if not isinstance(node.iter, ast.Call):
            self.site(node.iter, "argument")
        names = stored(node.target)
        self._body(node.body, names[-1] if names else "")
        self.copy_body(node.orelse)

    def visit_While(self, node: ast.While) -> Any:
        self._loops += 1
        self.site(node.test, "condition")
        self._loops -= 1
        self._body(node.body, "")
        self.copy_body(node.orelse)

    def visit_If(self, node: ast.If) -> Any:
        if not isinstance(node.body[0], ast.Raise):  # a check of the input is no part of the work
            self.site(node.test, "condition")
        self.copy_body(node.body)
        self.copy_body(node.orelse)

    def visit_Assign(self, node: ast.Assign) -> Any:
        self._statement(node)
        self.site(node.value, "value", _base(node.targets[0]))
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value:
            self.site(node.value, "value", _base(node.target))

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self._statement(node)
        self.site(node.value, "argument", "")

    def _statement(self, node: ast.Assign | ast.AugAssign) -> None:
        if isinstance(self.stack[-1], ast.FunctionDef):
            target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
            self.statements.append(Site((node,), tuple(self.stack), "body", _base(target), self._looped()))

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value:
            self.site(node.value, "result")

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Call):
            target = _base(node.value.func.value) if isinstance(node.value.func, ast.Attribute) else ""
            for part in node.value.args:
                self.site(part, "value" if target else "argument", target)

    def visit_ListComp(self, node: Any) -> Any:
        self.stack.append(node)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.site(part, "element")
        for generator in node.generators:
            for test in generator.ifs:
                self.site(test, "filter")
        self.stack.pop()
        for generator in node.generators:
            self.visit(generator.iter)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        self.stack.append(node)
        self.site(node.body, "element")
        self.stack.pop()


def _base(node: ast.AST) -> str:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            return node.attr
        node = node.value
    return name_of(node) or ""


def _parts(node: ast.expr) -> list[ast.expr]:
    """Expressions right below an expression, outside of comprehensions and lambdas, which have sites of their own."""
    if isinstance(node, (*COMPREHENSIONS, ast.Lambda)):
        return []
    found: list[ast.expr] = []
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.keyword):
            part = part.value
        if isinstance(part, ast.Slice):
            found += _parts(part)
            continue
        if isinstance(part, ast.expr) and not isinstance(
            part, (ast.Constant, ast.Name, ast.Lambda, ast.Starred, *COMPREHENSIONS)
        ):
            found += [part] if weight(part) else []
    return found


def _leaves(node: ast.stmt) -> bool:
    return any(isinstance(part, (ast.Return, ast.Break, ast.Continue)) for part in ast.walk(node))


def is_trifle(node: ast.AST) -> bool:
    """Whether a fragment is too little to be a tool: a step by one, a check of types, a comparison with a constant."""
    if any(isinstance(part, ast.Call) and name_of(part.func) in ("isinstance", "print", "type") for part in ast.walk(node)):
        return True
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult(), right=right, left=left):
            return weight(node) == 1 and (isinstance(right, ast.Constant) or isinstance(left, ast.Constant))
        case ast.Compare(comparators=[right], left=left):
            return weight(node) == 1 and (isinstance(right, ast.Constant) or isinstance(left, ast.Constant))
        case ast.Call(func=ast.Name(id="len" | "range" | "list" | "str" | "set" | "tuple" | "int" | "float" | "dict")):
            return weight(node) == 1
        case ast.UnaryOp() | ast.List() | ast.Tuple() | ast.Dict():
            return weight(node) <= 1
        case ast.AugAssign(value=ast.Constant()) | ast.Assign(value=ast.Constant() | ast.Name() | ast.Subscript()):
            return True
        case ast.Assign(value=value):
            return weight(value) < 1 or is_trifle(value)
    return False


def overlaps(site: Site, chosen: list[Site]) -> bool:
    """Whether a site shares code with one that is lifted already."""
    mine = {id(part) for node in site.nodes for part in ast.walk(node)}
    for other in chosen:
        theirs = {id(part) for node in other.nodes for part in ast.walk(node)}
        if mine & {id(node) for node in other.nodes} or theirs & {id(node) for node in site.nodes}:
            return True
    return False
