"""The expressions of a skeleton: hidden values are read, operations on them and lifted fragments become tool calls."""

import ast
from typing import Any

from synth.extract import operations, shapes
from synth.extract.copier import Scoped, name_of, parameters
from synth.extract.drafts import Draft, Hidden, Plan, Site, Unliftable
from synth.extract.lifting import Lifted, lift
from synth.extract.naming import describe_function, describe_method, describe_site
from synth.extract.sites import is_trifle, weight
from synth.extract.solution import MUTATORS, Solution, bound_arguments
from synth.extract.visible import Visible
from synth.extract.words import Names


class Reading(Scoped):
    """Copies expressions, with tool calls in place of what the plan lifts and hides."""

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

    def test(self, node: ast.expr) -> ast.expr:
        """A condition: an own name in it stands for whether there is anything in it."""
        one = self.hidden(node)
        if one and one.source != "object":
            return ast.Compare(self.size(one), [ast.Gt()], [ast.Constant(0)])
        return self.visit(node)  # type: ignore[no-any-return]

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
        if lifted.value is None or is_trifle(lifted.value) or weight(lifted.value) == 0:
            raise Unliftable("too little")
        draft, given = self._draft(site, lifted)
        return self.use(draft, given)

    def _draft(self, site: Site, lifted: Lifted) -> tuple[Draft, dict[str, ast.expr]]:
        draft = describe_site(site, lifted, self.visible, self.names)
        outer = {name: self.visit(value) for name, value in lifted.parameters.items()}
        known = self.drafts.get(draft.key)
        if known is not None:  # the same code with other names
            return known, dict(zip(known.parameters, outer.values(), strict=True))
        return draft, outer
