"""What is left of a solution when its fragments have become tools: the oracle. Also collects the tools it calls."""

import ast
from typing import Any

from synth.extract import operations, shapes
from synth.extract.copier import Scoped, name_of
from synth.extract.drafts import Draft, Hidden, Plan, Site, Unliftable
from synth.extract.lifting import Lifted, lift
from synth.extract.naming import describe_function, describe_method, describe_site
from synth.extract.solution import MUTATORS, Solution, bound_arguments, parameters
from synth.extract.visible import Visible
from synth.extract.words import Names


class Skeleton(Scoped):
    """Copies the code that the entry point reaches, with tool calls in place of what the plan lifts and hides."""

    def __init__(
        self,
        solution: Solution,
        plan: Plan,
        visible: Visible,
        profile: dict[str, Any],
        facts: dict[str, Any],
        names: Names,
        *,
        plainly: bool,
    ) -> None:
        """Args:
        facts: tool name -> what was seen of its arguments and results; empty in the first round.
        plainly: the answer is plain JSON as it is.
        """
        super().__init__(visible.scopes)
        self.solution, self.plan, self.visible, self.profile, self.facts, self.names = (
            solution,
            plan,
            visible,
            profile,
            facts,
            names,
        )
        self.plainly = plainly
        self.drafts: dict[str, Draft] = {}
        self.sites = {id(site.nodes[0]): site for site in plan.sites}
        self.skipped: set[int] = {id(node) for site in plan.sites for node in site.nodes[1:]}
        self.elided = {name: visible.elided(name) for name in plan.functions}
        self.shown: set[str] = set()
        """Keys of Observe that the skeleton reads."""
        self.taken = {n.id for n in ast.walk(solution.tree) if isinstance(n, ast.Name)} | {
            n.arg for n in ast.walk(solution.tree) if isinstance(n, ast.arg)
        }
        self.seen, self.call, self.index = self.fresh("seen"), self.fresh("call"), self.fresh("index")
        self.changed: set[str] = set()
        """Functions and classes of the module that are no longer what they were."""

    def fresh(self, name: str) -> str:
        """A name that the solution does not use."""
        return next(text for text in (name, f"the_{name}", *(f"{name}_{n}" for n in range(2, 100))) if text not in self.taken)

    # ------------------------------------------------------------------------------------------------------- calls
    def use(self, draft: Draft, given: dict[str, ast.expr]) -> ast.expr:
        """A call of a tool; the arguments are of the skeleton already."""
        draft = self.drafts.setdefault(draft.key, draft)
        self._mark()
        facts = self.facts.get(draft.name, {"arguments": {}, "result": None})
        keywords = [ast.keyword(name, shapes.encode(facts["arguments"].get(name), value)) for name, value in given.items()]
        made: ast.expr = ast.Call(ast.Name(self.call, ast.Load()), [ast.Constant(draft.name)], keywords)
        if shapes.needs_box(facts["result"]):
            made = ast.Subscript(made, ast.Constant("value"), ast.Load())
        return shapes.decode(facts["result"], made)

    def _mark(self) -> None:
        for scope in self.stack:
            if isinstance(scope, (ast.FunctionDef, ast.ClassDef)):
                self.changed.add(scope.name)
                break

    def observed(self, key: str) -> ast.expr:
        """A value that Observe shows."""
        self.shown.add(key)
        self._mark()
        return ast.Subscript(ast.Name(self.seen, ast.Load()), ast.Constant(key), ast.Load())

    def operate(self, operation: str, hidden: Hidden, given: list[ast.expr]) -> ast.expr:
        """A call of the tool for an operation on a hidden value."""
        seen = self.facts.get(operations.make(operation, hidden, self.names).name, {})
        draft = operations.make(operation, hidden, self.names, frozenset(seen.get("negative", ())))
        return self.use(draft, {name: self.visit(value) for name, value in zip(draft.parameters, given, strict=True)})

    # ------------------------------------------------------------------------------------------------- hidden values
    def hidden(self, node: ast.AST | None) -> Hidden | None:
        """The hidden value that an expression names, unless the skeleton has a copy of its own."""
        one = self.visible.of(node, self.stack)
        return one if one and not one.shown and not one.upfront and not one.copied else None

    def size(self, one: Hidden) -> ast.expr:
        """How many items a hidden value has."""
        if one.source == "working":
            return self.use(operations.make("size", one, self.names), {})
        return self.observed(one.attribute)

    def items(self, one: Hidden) -> ast.expr:
        """All items of a hidden value, read one after the other when they are asked for."""
        kind = shapes.kind(one.shape)
        index = ast.Name(self.index, ast.Load())
        if kind in operations.MAPS:
            return self.operate("keys", one, [])
        if kind in ("set", "frozenset"):
            return self.operate("members", one, [])
        if kind not in ("list", "str", "tuple", "row", "other:deque"):
            raise Unliftable(f"{one.name} is {kind}")
        target = ast.Name(self.index, ast.Store())
        draft = operations.make("letter" if kind == "str" else "read", one, self.names)
        numbers = ast.Call(ast.Name("range", ast.Load()), [self.size(one)], [])
        return ast.GeneratorExp(self.use(draft, {"index": index}), [ast.comprehension(target, numbers, [], 0)])

    def whole(self, one: Hidden) -> ast.expr:
        """A copy of a hidden value, read item by item."""
        kind = shapes.kind(one.shape)
        if one.source == "input" and (one.secret or kind not in ("list", "str", *operations.MAPS)):
            return self.operate("whole", one, [])
        items = self.items(one)
        if kind == "str":
            return ast.Call(ast.Attribute(ast.Constant(""), "join", ast.Load()), [items], [])
        if kind in operations.MAPS:
            key = ast.Name("key", ast.Load())
            value = self.use(operations.make("look up", one, self.names), {"key": key})
            return ast.DictComp(key, value, [ast.comprehension(ast.Name("key", ast.Store()), items, [], 0)])
        if isinstance(items, ast.GeneratorExp) and kind == "list":
            return ast.ListComp(items.elt, items.generators)
        make = {"tuple": "tuple", "row": "tuple", "list": "list"}.get(kind) or kind
        if make not in ("tuple", "list", "set", "frozenset"):
            raise Unliftable(f"{one.name} is {kind}")
        return ast.Call(ast.Name(make, ast.Load()), [items], [])

    def visit_Name(self, node: ast.Name) -> Any:
        one = self.hidden(node)
        if one is None:
            if self.owner(node.id) is None and node.id in self.plan.functions and isinstance(node.ctx, ast.Load):
                return self._as_function(node.id)
            return self.copy(node)
        if not isinstance(node.ctx, ast.Load) or one.source == "object":
            raise Unliftable(f"{one.name} is used as a whole")
        return self.whole(one)

    def _iterable(self, node: ast.expr) -> ast.expr:
        """What a loop runs over."""
        one = self.hidden(node)
        if one and one.source != "object":
            return self.items(one)
        match node:
            case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" | "sum" | "max" | "min" | "sorted"), args=args):
                made = self.copy(node)
                if node.func.id != "reversed" and self.owner(node.func.id) is None:  # type: ignore[attr-defined]
                    made.args = [self._iterable(arg) if self.hidden(arg) else self.visit(arg) for arg in args]
                return made  # type: ignore[no-any-return]
            case ast.Call(func=ast.Attribute(value=base, attr="items" | "keys" | "values" as name), args=[]):
                found = self.hidden(base)
                if found and shapes.kind(found.shape) in operations.MAPS and found.source != "object":
                    return self._pairs(found, name)
        return self.visit(node)  # type: ignore[no-any-return]

    def _pairs(self, one: Hidden, name: str) -> ast.expr:
        keys = self.operate("keys", one, [])
        if name == "keys":
            return keys
        key = ast.Name("key", ast.Load())
        value = self.use(operations.make("look up", one, self.names), {"key": key})
        element = value if name == "values" else ast.Tuple([key, value], ast.Load())
        return ast.GeneratorExp(element, [ast.comprehension(ast.Name("key", ast.Store()), keys, [], 0)])

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        return ast.comprehension(
            self.visit(node.target), self._iterable(node.iter), [self.test(part) for part in node.ifs], node.is_async
        )

    def visit_For(self, node: ast.For) -> Any:
        return ast.For(self.visit(node.target), self._iterable(node.iter), self.copy_body(node.body), self._rest(node.orelse))

    def _rest(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return self.copy_body(body) if body else []

    def test(self, node: ast.expr) -> ast.expr:
        """A condition: an own name in it stands for whether there is anything in it."""
        one = self.hidden(node)
        if one and one.source != "object":
            return ast.Compare(self.size(one), [ast.Gt()], [ast.Constant(0)])
        return self.visit(node)  # type: ignore[no-any-return]

    def visit_If(self, node: ast.If) -> Any:
        return ast.If(self.test(node.test), self.copy_body(node.body), self._rest(node.orelse))

    def visit_While(self, node: ast.While) -> Any:
        return ast.While(self.test(node.test), self.copy_body(node.body), self._rest(node.orelse))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return ast.IfExp(self.test(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return ast.UnaryOp(node.op, self.test(node.operand) if isinstance(node.op, ast.Not) else self.visit(node.operand))

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        return ast.BoolOp(node.op, [self.test(value) for value in node.values])

    # ------------------------------------------------------------------------------------------------- expressions
    def visit(self, node: ast.AST) -> Any:
        """The copy of a node, or a call of the tool that it became."""
        if isinstance(node, ast.expr):
            if site := self.sites.get(id(node)):
                return self._lifted(site)
            if isinstance(node, (ast.Subscript, ast.Call, ast.Compare, ast.Attribute)) and (made := self._operation(node)):
                return made
        elif isinstance(node, (ast.FunctionDef, ast.Lambda)):
            return super().visit(node)
        return super().visit(node)

    def _operation(self, node: ast.expr) -> ast.expr | None:
        if (
            isinstance(node, ast.Call)
            and name_of(node.func) == "len"
            and len(node.args) == 1
            and (one := self.hidden(node.args[0]))
        ):
            return self.size(one) if one.source != "object" else None
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.NotIn):
            positive = self._operation(ast.Compare(node.left, [ast.In()], node.comparators))
            return ast.UnaryOp(ast.Not(), positive) if positive else None
        one = self._base(node)
        if one is None:
            return None
        if one.source == "object":
            return self._method(node, one)
        kind = shapes.kind(one.shape)
        inner = one.shape[1] if isinstance(one.shape, list) and kind == "list" else None
        found = operations.match(node, kind, shapes.kind(inner), lambda part: self.hidden(part) is one)
        if found is None:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
                raise Unliftable(f"{one.name}.{node.func.attr} has no tool")
            return None
        return self.operate(found[0], one, found[1])

    def _base(self, node: ast.expr) -> Hidden | None:
        """The hidden value that an operation is about."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                if node.func.attr in ("heappush", "heappop"):
                    return self.hidden(node.args[0]) if node.args else None
                value = node.func.value
                return self.hidden(value.value if isinstance(value, ast.Subscript) else value)
            if name_of(node.func) in ("heappush", "heappop"):
                return self.hidden(node.args[0]) if node.args else None
            return None
        if isinstance(node, ast.Compare):
            return self.hidden(node.comparators[0]) if len(node.ops) == 1 and isinstance(node.ops[0], ast.In) else None
        value = node.value  # type: ignore[attr-defined]
        return self.hidden(value) or (self.hidden(value.value) if isinstance(value, ast.Subscript) else None)

    def _method(self, node: ast.expr, one: Hidden) -> ast.expr:
        """A public method, or a plain attribute, of a hidden object."""
        cls = self.solution.classes[one.class_name]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = next((n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == node.func.attr), None)
            given = bound_arguments(node, method, skip=1) if method else None
            if method and given is not None and not method.name.startswith("_") and not method.decorator_list:
                draft = describe_method(one, method, self.names)
                return self.use(draft, {name: self.visit(value) for name, value in given.items()})
        raise Unliftable(f"{one.name} is used in another way than by its methods")

    def visit_Call(self, node: ast.Call) -> Any:
        name = name_of(node.func)
        if name and self.owner(name) is None and name in self.plan.functions:
            function, elided = self.solution.functions[name], self.elided[name]
            given = bound_arguments(node, function)
            if given is None:
                raise Unliftable(f"{name} is called with stars")
            draft = describe_function(function, elided, self.names)
            return self.use(draft, {p: self.visit(value) for p, value in given.items() if p not in elided})
        if (
            name in ("sum", "max", "min", "sorted", "any", "all", "list", "tuple", "set", "enumerate", "zip")
            and self.owner(name) is None
        ):
            made = self.copy(ast.Call(node.func, [], node.keywords))
            made.args = [self._iterable(arg) if self.hidden(arg) else self.visit(arg) for arg in node.args]
            return ast.copy_location(made, node)
        if name and (gone := self._gone(name)):
            return self._without(node, gone)
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in ("items", "keys", "values")
            and self.hidden(node.func.value)
        ):
            return ast.Call(ast.Name("list", ast.Load()), [self._iterable(node)], [])
        return self.copy(node)

    def _gone(self, name: str) -> ast.FunctionDef | None:
        function = self.solution.functions.get(name)
        return function if function is not None and self.owner(name) is None and self.dropped(function) else None

    def dropped(self, function: ast.FunctionDef) -> set[str]:
        """Parameters that need not be passed on, since they are hidden."""
        if function is self.solution.entry:
            return set()
        found = {name: self.visible.hidden.get((id(function), name)) for name in parameters(function)}
        return {name for name, one in found.items() if one and not (one.upfront or one.shown or one.copied)}

    def _without(self, node: ast.Call, function: ast.FunctionDef) -> ast.expr:
        given = bound_arguments(node, function) or {}
        kept = {name: self.visit(value) for name, value in given.items() if name not in self.dropped(function)}
        return ast.Call(ast.Name(function.name, ast.Load()), [], [ast.keyword(name, value) for name, value in kept.items()])

    def _as_function(self, name: str) -> ast.expr:
        """A lifted function that is passed on as a value."""
        function = self.solution.functions[name]
        names = list(parameters(function))[: len(function.args.args) - len(function.args.defaults)]
        args = ast.arguments(posonlyargs=[], args=[ast.arg(p) for p in names], kwonlyargs=[], kw_defaults=[], defaults=[])
        draft = describe_function(function, {}, self.names)
        return ast.Lambda(args, self.use(draft, {p: ast.Name(p, ast.Load()) for p in names}))

    def _lifted(self, site: Site) -> ast.expr:
        lifted = lift(site, self.visible, self.solution, self.profile)
        draft, given = self._draft(site, lifted)
        return self.use(draft, given)

    def _draft(self, site: Site, lifted: Lifted) -> tuple[Draft, dict[str, ast.expr]]:
        draft = describe_site(site, lifted, self.visible, self.names)
        outer = {name: self.visit(value) for name, value in lifted.parameters.items()}
        known = self.drafts.get(draft.key)
        if known is not None:  # the same code with other names
            return known, dict(zip(known.parameters, outer.values(), strict=True))
        return draft, outer

    # ------------------------------------------------------------------------------------------------- statements
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
