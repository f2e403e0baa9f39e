"""What is left of a solution when its fragments have become tools: the oracle. For its expressions see reading.py."""

import ast
from typing import Any

from synth.extract import operations, shapes
from synth.extract.drafts import Hidden, Site, Unliftable
from synth.extract.lifting import lift
from synth.extract.reading import Reading


class Skeleton(Reading):
    """Copies the code that the entry point reaches, with tool calls in place of what the plan lifts and hides."""

    def copy_body(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The copy of a block, with lifted statements replaced."""
        made: list[ast.stmt] = []
        for statement in body:
            if id(statement) in self.skipped or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                continue
            if (site := self.sites.get(id(statement))) is not None:
                made += self._block(site)
                continue
            copied = self.visit(statement)
            made += copied if isinstance(copied, list) else [] if copied is None else [copied]
        return made or [ast.Pass()]

    def _block(self, site: Site) -> list[ast.stmt]:
        lifted = lift(site, self.visible, self.solution, self.profile)
        draft, given = self._draft(site, lifted)
        call = self.use(draft, given)
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in lifted.outputs]
        target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        if lifted.signals == {"next"} and lifted.outputs:
            return [ast.Assign([target], call, lineno=0)]
        if lifted.signals == {"next"}:
            return [ast.Expr(call)]
        signal, value = self.fresh("signal"), self.fresh("result")
        pair = ast.Tuple([ast.Name(signal, ast.Store()), ast.Name(value, ast.Store())], ast.Store())
        made: list[ast.stmt] = [ast.Assign([pair], call, lineno=0)]

        def when(word: str, then: ast.stmt) -> ast.stmt:
            return ast.If(ast.Compare(ast.Name(signal, ast.Load()), [ast.Eq()], [ast.Constant(word)]), [then], [])

        if "return" in lifted.signals:
            made.append(when("return", self.visit_Return(None, ast.Name(value, ast.Load()))))
        if lifted.outputs:
            made.append(ast.Assign([target], ast.Name(value, ast.Load()), lineno=0))
        if "break" in lifted.signals:
            made.append(when("break", ast.Break()))
        return made

    def visit_For(self, node: ast.For) -> Any:
        return ast.For(self.visit(node.target), self._iterable(node.iter), self.copy_body(node.body), self._rest(node.orelse))

    def _rest(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return self.copy_body(body) if body else []

    def visit_If(self, node: ast.If) -> Any:
        return ast.If(self.test(node.test), self.copy_body(node.body), self._rest(node.orelse))

    def visit_While(self, node: ast.While) -> Any:
        return ast.While(self.test(node.test), self.copy_body(node.body), self._rest(node.orelse))

    def visit_Return(self, node: ast.Return | None, value: ast.expr | None = None) -> ast.stmt:
        """A return; that of the entry point submits the answer."""
        if node is not None:
            value = self.visit(node.value) if node.value else ast.Constant(None)
        functions = [scope for scope in self.stack if isinstance(scope, (ast.FunctionDef, ast.Lambda))]
        if len(functions) == 1 and functions[0] is self.solution.entry:
            assert value is not None
            if not self.plainly:
                value = ast.Call(ast.Name("as_json", ast.Load()), [value], [])
            done = ast.Call(ast.Name(self.call, ast.Load()), [ast.Constant("Done")], [ast.keyword("answer", value)])
            return ast.Return(done)
        return ast.Return(value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return []
        return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value, lineno=node.lineno), node))

    def visit_Assign(self, node: ast.Assign) -> Any:
        first = node.targets[0]
        one = self.hidden(first)
        if one and one.init is not None and len(node.targets) == 1:
            return []  # made by reset
        if isinstance(first, ast.Subscript) and (place := self._place(first)):
            if len(node.targets) > 1:
                raise Unliftable("several targets")
            return ast.Expr(self._store(place, node.value))
        if isinstance(first, ast.Tuple) and any(isinstance(part, ast.Subscript) and self._place(part) for part in first.elts):
            return self._swap(first, node.value)
        return self.copy(node)

    def _place(self, node: ast.Subscript) -> tuple[str, Hidden, list[ast.expr]] | None:
        """The operation that a store into a hidden value is."""
        value = node.value
        if isinstance(node.slice, ast.Slice):
            if self.hidden(value):
                raise Unliftable("a store to a slice")
            return None
        if one := self.hidden(value):
            return ("put" if shapes.kind(one.shape) in operations.MAPS else "set"), one, [node.slice]
        if isinstance(value, ast.Subscript) and (one := self.hidden(value.value)):
            if shapes.kind(one.shape) != "list":
                raise Unliftable("a store into a part")
            return "set cell", one, [value.slice, node.slice]
        return None

    def _store(self, place: tuple[str, Hidden, list[ast.expr]], value: ast.expr) -> ast.expr:
        operation, one, where = place
        draft = operations.make(operation, one, self.names)
        given = [*(self.visit(part) for part in where), self.visit(value)]
        return self.use(draft, dict(zip(draft.parameters, given, strict=True)))

    def _swap(self, targets: ast.Tuple, value: ast.expr) -> ast.stmt:
        parts = value.elts if isinstance(value, ast.Tuple) else []
        texts = [ast.unparse(part) for part in (*targets.elts, *parts)]
        if len(texts) == 4 and texts[0] == texts[3] and texts[1] == texts[2]:
            first, second = (part for part in targets.elts)
            if isinstance(first, ast.Subscript) and isinstance(second, ast.Subscript):
                one, other = self._place(first), self._place(second)
                if one and other and one[0] == other[0] == "set" and one[1] is other[1]:
                    draft = operations.make("swap", one[1], self.names)
                    return ast.Expr(self.use(draft, {"first": self.visit(first.slice), "second": self.visit(second.slice)}))
        raise Unliftable("several stores at once")

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        if isinstance(node.target, ast.Subscript) and (place := self._place(node.target)):
            read = ast.copy_location(ast.Subscript(node.target.value, node.target.slice, ast.Load()), node)
            operation, one, where = place
            draft = operations.make(operation, one, self.names)
            total = ast.BinOp(self.visit(read), node.op, self.visit(node.value))
            given = [*(self.visit(part) for part in where), total]
            return ast.Expr(self.use(draft, dict(zip(draft.parameters, given, strict=True))))
        if self.hidden(node.target):
            raise Unliftable("a hidden value is changed as a whole")
        return self.copy(node)

    def visit_Delete(self, node: ast.Delete) -> Any:
        if any(isinstance(part, ast.Subscript) and self.hidden(part.value) for part in node.targets):
            raise Unliftable("del has no tool")
        return self.copy(node)

    # ------------------------------------------------------------------------------------------------- definitions
    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        dropped = self.dropped(node) if self.solution.functions.get(node.name) is node else set()
        made = self.within(node)
        made.args.args = [ast.arg(a.arg) for a in node.args.args if a.arg not in dropped]
        if dropped:
            self.changed.add(node.name)
            kept = len(node.args.args) - len(node.args.defaults)
            pairs = zip(node.args.args[kept:], node.args.defaults, strict=True)
            made.args.defaults = [default for argument, default in pairs if argument.arg not in dropped]
        made.returns = None
        return made
