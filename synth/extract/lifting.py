"""Turns a fragment of code into a tool: what it reads becomes parameters or hidden state, what it leaves behind its result."""

import ast
from dataclasses import dataclass
from typing import Any

from synth.extract import shapes
from synth.extract.copier import COMPREHENSIONS, Scoped, loaded, name_of, own_nodes, stored
from synth.extract.drafts import Site, Unliftable
from synth.extract.solution import MUTATORS, Solution
from synth.extract.visible import Visible

IMPURE = frozenset("random time os sys threading subprocess socket print input iter next id object super".split())
"""Names that a tool must not use: their result depends on more than arguments and state."""


@dataclass
class Lifted:
    """A fragment as the body of a tool."""

    parameters: dict[str, ast.expr]
    """Parameter -> what the skeleton passes for it (not yet rewritten itself)."""
    body: list[ast.stmt]
    outputs: list[str]
    """Statements: variables that the skeleton gets back."""
    signals: set[str]
    """Statements: ways out of them: next, break, return."""

    @property
    def value(self) -> ast.expr | None:
        """What an expression has become; None for statements."""
        only = self.body[0]
        return only.value if isinstance(only, ast.Return) and not self.signals else None


class Freeing(Scoped):
    """Copies a fragment so that it stands on its own."""

    def __init__(self, visible: Visible, solution: Solution, profile: dict[str, Any], site: Site) -> None:
        super().__init__(visible.scopes, list(site.stack))
        self.visible, self.solution, self.profile = visible, solution, profile
        self.depth = len(site.stack)
        self.parameters: dict[str, ast.expr] = {}
        self._by_code: dict[str, str] = {}
        self.whole = {n.id for node in site.nodes for n in self._whole_names(node)}
        self.local: set[str] = set()
        """Variables of the fragment itself."""

    def _whole_names(self, node: ast.AST) -> list[ast.Name]:
        bases = {
            id(n.value)
            for n in ast.walk(node)
            if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load) and not isinstance(n.slice, ast.Slice)
        }
        return [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in bases]

    def visit_Name(self, node: ast.Name) -> Any:
        owner = self.owner(node.id)
        if owner is None:
            if node.id in IMPURE or not self._pure(node.id):
                raise Unliftable(f"uses {node.id}")
            return self.copy(node)
        if owner in self.stack[self.depth :] or node.id in self.local:
            return self.copy(node)
        hidden = self.visible.hidden.get((id(owner), node.id))
        if hidden and not hidden.copied:
            return ast.Attribute(ast.Name("self", ast.Load()), hidden.attribute, node.ctx)
        if not isinstance(node.ctx, ast.Load):
            raise Unliftable(f"binds {node.id}")
        shape = self._shape(owner, node.id)
        if not shapes.is_json(shape):
            raise Unliftable(f"{node.id} is {shapes.kind(shape)}")
        return self.parameter(node, node.id)

    def _pure(self, name: str) -> bool:
        return name not in self.solution.functions or not self.solution.impure(name, IMPURE)

    def _shape(self, owner: ast.AST, name: str) -> Any:
        if isinstance(owner, ast.FunctionDef):
            if any(isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name for n in own_nodes(owner)):
                return "other:function"
            return self.profile.get(f"{owner.name}:{first_line(owner)}", {}).get("locals", {}).get(name)
        return None

    def parameter(self, node: ast.expr, name: str) -> ast.expr:
        """The parameter that stands for an expression of the skeleton."""
        text = ast.unparse(node)
        if text not in self._by_code:
            taken = {*self.parameters, *self.local}
            name = name.strip("_") or "value"
            options = (name, *(f"{name}_{n}" for n in range(2, 1000)))
            self._by_code[text] = next(
                option for option in options if option not in taken and option not in ("self", "episode")
            )
            self.parameters[self._by_code[text]] = node
        return ast.Name(self._by_code[text], ast.Load())

    def _outer(self, node: ast.expr) -> bool:
        """Whether an expression means something where the skeleton stands, and nothing that the fragment changes."""
        names = loaded(node)
        inner = {name for scope in self.stack[self.depth :] for name in self.scopes.bound(scope)}
        return not names & (inner | self.local) and not any(isinstance(n, (ast.Call, *COMPREHENSIONS)) for n in ast.walk(node))

    def _outer_call(self, node: ast.Call) -> bool:
        names = loaded(node)
        inner = {name for scope in self.stack[self.depth :] for name in self.scopes.bound(scope)}
        return not names & (inner | self.local)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        base = name_of(node.value)
        owner = self.owner(base) if base else None
        if base and owner is not None and owner not in self.stack[self.depth :] and base not in self.local:
            shape = self._shape(owner, base)
            if isinstance(shape, str) and shape.startswith("other:") and not self.visible.hidden.get((id(owner), base)):
                if not isinstance(node.ctx, ast.Load):
                    raise Unliftable(f"changes {base}.{node.attr}")
                return self.parameter(node, node.attr)
        return self.copy(node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        base: ast.expr = node
        while isinstance(base, ast.Subscript) and not isinstance(base.slice, ast.Slice):
            base = base.value
        name = name_of(base)
        owner = self.owner(name) if name else None
        if name and owner is not None and isinstance(node.ctx, ast.Load) and name not in self.whole:
            hidden = self.visible.hidden.get((id(owner), name))
            if (
                (hidden is None or hidden.copied)
                and owner not in self.stack[self.depth :]
                and name not in self.local
                and self._outer(node)
            ):
                return self.parameter(node, f"{name}_item")
        return self.copy(node)

    def visit_Call(self, node: ast.Call) -> Any:
        called = name_of(node.func)
        if called and self.solution.functions.get(called) in self.stack[: self.depth] and self._outer_call(node):
            return self.parameter(node, f"{called.strip('_')}_result")  # the recursion goes on in the skeleton
        if isinstance(node.func, ast.Attribute):
            base = name_of(node.func.value)
            owner = self.owner(base) if base else None
            if base and owner is not None and owner not in self.stack[self.depth :] and base not in self.local:
                hidden = self.visible.hidden.get((id(owner), base))
                if node.func.attr in MUTATORS and not (hidden and hidden.source == "working"):
                    raise Unliftable(f"changes {base}")
                shape = hidden.shape if hidden else self._shape(owner, base)
                if isinstance(shape, str) and shape.startswith("other:") and not hidden:
                    raise Unliftable(f"calls a method of {base}")
        return self.copy(node)

    def refuse(self, node: ast.AST) -> Any:
        raise Unliftable(type(node).__name__)

    visit_NamedExpr = visit_Yield = visit_YieldFrom = visit_Await = visit_Global = visit_Nonlocal = refuse
    visit_Import = visit_ImportFrom = visit_ClassDef = visit_With = visit_Delete = refuse


def first_line(function: ast.FunctionDef) -> int:
    """The line that a function's code object has as its first: that of its first decorator, if any."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def lift(site: Site, visible: Visible, solution: Solution, profile: dict[str, Any]) -> Lifted:
    """Make a fragment stand on its own.

    Raises:
        Unliftable: it does not.
    """
    freeing = Freeing(visible, solution, profile, site)
    if isinstance(site.nodes[0], ast.expr):
        value = freeing.visit(site.nodes[0])
        return Lifted(freeing.parameters, [ast.Return(value)], [], set())
    return _lift_block(site, freeing)


def _lift_block(site: Site, freeing: Freeing) -> Lifted:
    function = next(scope for scope in reversed(site.stack) if isinstance(scope, (ast.FunctionDef, ast.Lambda)))
    nodes = [node for node in site.nodes if isinstance(node, ast.stmt)]
    if any(isinstance(node, (ast.FunctionDef, ast.Try)) for top in nodes for node in ast.walk(top)):
        raise Unliftable("defines functions, or handles exceptions")
    written = list(dict.fromkeys(name for node in nodes for name in stored(node) if freeing.owner(name) is function))
    if any(freeing.visible.hidden.get((id(function), name)) for name in written):
        raise Unliftable("binds a hidden value")
    inside = {id(part) for node in nodes for part in ast.walk(node)}
    elsewhere = {
        n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in inside
    }
    first = read_first(nodes)
    inputs = [name for name in written if name in first]
    outputs = [name for name in written if name in elsewhere or name in first]
    if len(outputs) > 4:
        raise Unliftable("leaves too much behind")
    freeing.local = set(written)
    for name in inputs:
        shape = freeing._shape(function, name)
        if not shapes.is_json(shape):
            raise Unliftable(f"{name} is {shapes.kind(shape)}")
        freeing.parameters[name] = ast.Name(name, ast.Load())
        freeing._by_code[name] = name
    ways = Ways(outputs)
    body = ways.body([freeing.visit(node) for node in nodes])
    if isinstance(function, ast.Lambda):
        raise Unliftable("stands in a lambda")
    return Lifted(freeing.parameters, body, outputs, ways.found)


def read_first(nodes: list[ast.stmt]) -> set[str]:
    """Names that may be read before these statements have bound them."""
    return _reads(nodes, set())


def _reads(nodes: list[ast.stmt], bound: set[str]) -> set[str]:
    """Walks statements in order; `bound` grows by what is bound for certain."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                found |= loaded(test) - bound
                one, other = set(bound), set(bound)
                found |= _reads(body, one) | _reads(orelse, other)
                bound |= one & other
            case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
                found |= loaded(iterable) - bound
                found |= _reads(body, bound | set(stored(target))) | _reads(orelse, set(bound))
            case ast.While(test=test, body=body, orelse=orelse):
                found |= loaded(test) - bound
                found |= _reads(body, set(bound)) | _reads(orelse, set(bound))
            case ast.AugAssign(target=target, value=value):
                found |= (loaded(value) | set(stored(target)) | loaded(target)) - bound
            case _:
                found |= loaded(node) - bound
                bound |= set(stored(node))
    return found


class Ways:
    """Turns the ways out of lifted statements into signals: ["next", values], ["break", values], ["return", value]."""

    def __init__(self, outputs: list[str]) -> None:
        self.outputs = outputs
        self.found: set[str] = {"next"}

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The statements with their jumps replaced."""
        jumps = any(_jumps(statement) for statement in statements)
        made = self._replace(statements) if jumps else statements
        made.append(ast.Return(self._signal("next") if jumps else self._values()))
        return made

    def _values(self) -> ast.expr:
        names: list[ast.expr] = [ast.Name(name, ast.Load()) for name in self.outputs]
        return names[0] if len(names) == 1 else ast.List(names, ast.Load())

    def _signal(self, word: str, value: ast.expr | None = None) -> ast.expr:
        self.found.add(word)
        return ast.List([ast.Constant(word), value or self._values()], ast.Load())

    def _replace(self, statements: list[ast.stmt], own: bool = True) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for node in statements:
            match node:
                case ast.Return(value=value):
                    node = ast.Return(self._signal("return", value or ast.Constant(None)))
                case ast.Break() if own:
                    node = ast.Return(self._signal("break"))
                case ast.Continue() if own:
                    node = ast.Return(self._signal("next"))
                case ast.If():
                    node.body = self._replace(node.body, own)
                    node.orelse = self._replace(node.orelse, own)
                case ast.For() | ast.While():
                    node.body = self._replace(node.body, False)
                    node.orelse = self._replace(node.orelse, own)
            made.append(node)
        return made


def _jumps(node: ast.stmt, own: bool = True) -> bool:
    """Whether a statement may leave the block it stands in."""
    if isinstance(node, ast.Return):
        return True
    if isinstance(node, (ast.Break, ast.Continue)):
        return own
    if isinstance(node, (ast.For, ast.While)):
        return any(_jumps(part, False) for part in node.body) or any(_jumps(part, own) for part in node.orelse)
    if isinstance(node, ast.If):
        return any(_jumps(part, own) for part in (*node.body, *node.orelse))
    return False
