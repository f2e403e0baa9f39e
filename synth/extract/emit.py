"""Writes an environment down: `env.py` in the native format, from a rendered plan."""

import ast
import copy
import inspect
import re
import textwrap
from typing import Any

from codegym_mcp.schema import read_docstring
from synth import plain
from synth.extract import shapes, words
from synth.extract.copier import Scopes, loaded, parameters
from synth.extract.drafts import Draft, Hidden, Plan, Site, Unliftable
from synth.extract.lifting import Freeing, first_line
from synth.extract.methods import INDENT, best_hint, observe_method, tool_method
from synth.extract.skeleton import Skeleton
from synth.extract.solution import Solution
from synth.extract.visible import Visible
from synth.problem import Input, Problem


class Writer:
    """Renders one plan. The same plan and facts always give the same text."""

    def __init__(
        self, problem: Problem, solution: Solution, inputs: list[Input], class_name: str, profile: dict[str, Any]
    ) -> None:
        self.problem, self.solution, self.inputs, self.class_name = problem, solution, inputs, class_name
        self.profile, self.names, self.scopes = profile, words.Names(), Scopes()
        facts = profile.get(f"{solution.entry.name}:{first_line(solution.entry)}", {})
        self.plainly = not any(word in str(facts.get("result")) for word in ("set", "'dict', 'int'", "other"))
        """Whether the entry point returns plain JSON as it is."""

    def write(self, plan: Plan, facts: dict[str, Any], *, final: bool = False) -> tuple[str, dict[str, Draft]]:
        """The source of the environment, and its tools by name (Observe and Done apart).

        Args:
            facts: tool -> what was seen of its arguments and results.
            final: as it is kept, not for a trial alone.

        Raises:
            Unliftable: the plan does not hold together.
        """
        solution = self.solution
        visible = Visible(solution, self.scopes, plan.hidden, plan.functions)
        self.hidden_inputs = [one for one in plan.hidden if one.source == "input"]
        skeleton = Skeleton(solution, plan, visible, self.profile, facts, self.names, plainly=self.plainly)
        nested, body = self._skeleton(skeleton)
        first = self._first(skeleton, plan, [*nested, *body])
        drafts = {draft.name: draft for draft in sorted(skeleton.drafts.values(), key=self._place)}
        tools = [tool_method(draft, facts.get(draft.name)) for draft in drafts.values()]
        used = {name for text in tools for name in _attributes(text)}
        reset, hidden = self._reset(plan, visible, used)
        observe = observe_method(hidden, self.inputs[0].config)
        solve = _method(f"solve(self, {skeleton.call})", [*first, *nested, *body])
        generate = [self._generate(self.problem.generator)] if self.problem.generator else []
        above, answer = self._answer([*map(_parsed, [*tools, reset, solve, *generate])])
        methods = [reset, observe, *tools, answer, solve, *generate]
        docstring = words.docstring([("", [self._statement(plan)])], "    ")
        text = f"class {self.class_name}(Environment):\n{docstring}\n\n" + "\n\n".join(methods)
        module = self._module(above, text)
        return words.double_quoted(module) if final else module, drafts

    def _place(self, draft: Draft) -> tuple[int, int]:
        """Where a tool stands: reading first, then as the author ordered functions and methods, then the other fragments."""
        lines = {f"function {name}": node.lineno for name, node in self.solution.functions.items()}
        for cls in self.solution.classes.values():
            lines |= {f"method {node.name}": node.lineno for node in cls.body if isinstance(node, ast.FunctionDef)}
        line = lines.get(re.sub(r" .*\.", " ", draft.key)) if draft.key.startswith(("function ", "method ")) else None
        return (0 if draft.role == "access" else 1 if line else 2, line or 0)

    def _skeleton(self, skeleton: Skeleton) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Definitions that change, and the body of the entry point."""
        entry, reached = self.solution.entry, skeleton.visible.uses.reached
        definitions = [
            node
            for node in self.solution.tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and node.name in reached
            and node.name not in skeleton.plan.functions
        ]
        made: dict[str, Any] = {}
        for node in definitions:
            if node is not entry:
                skeleton.stack = []
                made[node.name] = skeleton.visit(node)
        skeleton.stack = [entry]
        body = skeleton.copy_body(entry.body)
        skeleton.stack = []
        if entry.name in reached:
            raise Unliftable("the entry point calls itself")
        changed = set(skeleton.changed)
        while more := {name for name, node in made.items() if name not in changed and loaded(node) & changed}:
            changed |= more
        return [_bare(made[node.name]) for node in definitions if node.name in changed and node is not entry], body

    # ------------------------------------------------------------------------------------------------------- parts
    def _reset(self, plan: Plan, visible: Visible, used: set[str]) -> tuple[str, list[Hidden]]:
        """The method `reset`, and the values that it leaves in the state."""
        inputs = [one for one in plan.hidden if one.source == "input"]
        needed: dict[int, list[ast.stmt]] = {}
        kept = [*inputs]
        for one in reversed([one for one in plan.hidden if one.source != "input"]):
            if one.attribute in used or (one.source == "object"):
                assert one.init is not None
                made = self._initial(one, visible)
                needed[id(one)] = [made]
                used = used | _attributes(ast.unparse(made))
        kept += [one for one in plan.hidden if id(one) in needed]
        lines = [f"self.{one.attribute} = {one.name}" for one in inputs]
        for one in plan.hidden:
            lines += [ast.unparse(ast.fix_missing_locations(node)) for node in needed.get(id(one), [])]
        signature = ", ".join(self._reset_parameter(one) for one in inputs)
        return f"    def reset(self, *, {signature}) -> None:\n" + textwrap.indent("\n".join(lines), INDENT), kept

    def _reset_parameter(self, one: Hidden) -> str:
        default = self._defaults().get(one.name)
        return f"{one.name}: {shapes.hint(one.shape)}" + (f" = {default}" if default is not None else "")

    def _defaults(self) -> dict[str, str]:
        args = self.solution.entry.args
        positional = zip(reversed(args.args), reversed(args.defaults), strict=False)
        named = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        return {a.arg: ast.unparse(d) for a, d in [*positional, *named] if d is not None}

    def _initial(self, one: Hidden, visible: Visible) -> ast.stmt:
        assert one.init is not None
        freeing = Freeing(visible, self.solution, self.profile, Site((one.init,), (one.owner,), "value"))
        value = freeing.visit(one.init)
        if freeing.parameters:
            raise Unliftable(f"{one.name} depends on more than the inputs")
        if one.source == "object":
            value = _copied(value, {other.attribute for other in visible.hidden.values() if not shapes.is_scalar(other.shape)})
        return ast.Assign([ast.Attribute(ast.Name("self", ast.Load()), one.attribute, ast.Store())], value, lineno=0)

    def _first(self, skeleton: Skeleton, plan: Plan, rest: list[ast.stmt]) -> list[ast.stmt]:
        """How the skeleton begins: with what Observe shows, and with inputs that it reads as a whole."""
        first: list[ast.stmt] = []
        used = {n.id for node in rest for n in ast.walk(node) if isinstance(n, ast.Name)}
        for one in plan.hidden:
            if one.source == "input" and one.name in used:
                if one.shown:
                    first.append(_assigned(one.name, skeleton.observed(one.attribute)))
                elif one.upfront or one.copied:
                    first.append(_assigned(one.name, skeleton.whole(one)))
        if skeleton.shown:
            observe = ast.Call(ast.Name(skeleton.call, ast.Load()), [ast.Constant("Observe")], [])
            first.insert(0, _assigned(skeleton.seen, observe))
        return first

    def _answer(self, users: list[ast.AST]) -> tuple[list[ast.stmt], str]:
        """Definitions of the module, and the method `answer`, which holds the original solution."""
        entry = self.solution.entry
        above = self.solution.needed(*users)
        mine = [node for node in self.solution.needed(entry) if node not in above and node is not entry]
        above_more = [node for node in mine if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        mine = [node for node in mine if node not in above_more]
        above = [node for node in self.solution.tree.body if (node in above or node in above_more) and node is not entry]
        names = parameters(entry)
        doc = ast.get_docstring(entry)
        shape = None
        for case in self.inputs:
            shape = shapes.merge(shape, shapes.shape_of(case.answer))
        hint = best_hint(entry.returns, shape)
        inner: list[str] = [self._text(node) for node in mine]
        values = [
            f"self.{one.attribute}" if shapes.is_scalar(one.shape) else f"copy.deepcopy(self.{one.attribute})"
            for one in self.hidden_inputs
        ]
        body = [node for node in entry.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
        if self.plainly:
            taken = {n.id for n in ast.walk(entry) if isinstance(n, ast.Name)}
            pairs = [f"{name} = {value}" for name, value in zip(names, values, strict=True) if name in taken]
            inner += [*pairs, *(ast.unparse(node) for node in body)]
        else:
            inner.append(self._text(entry))
            given = ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
            inner.append(f"return as_json({entry.name}({given}))")
        sections = self._answer_sections(doc, hint)
        text = textwrap.indent("\n".join(inner), INDENT)
        return above, f"    def answer(self) -> {hint}:\n{words.docstring(sections, INDENT)}\n{text}"

    def _answer_sections(self, doc: str | None, hint: str) -> list[tuple[str, list[str]]]:
        read = read_docstring(doc)
        purpose = (read.purpose.splitlines() or [""])[0]
        purpose = purpose if purpose.endswith(".") else "The answer to the problem."
        known = read.returns or self._answer_form(shapes.of_hint(ast.parse(hint, mode="eval").body))
        return [("", [purpose]), ("Returns", [known])]

    def _answer_form(self, shape: Any) -> str:
        keys = {tuple(case.answer) if isinstance(case.answer, dict) else () for case in self.inputs}
        names = next(iter(keys))
        if len(keys) == 1 and 0 < len(names) <= 8:
            return f"a map with {'the key' if len(names) == 1 else 'the keys'} {', '.join(map(repr, names))}."
        return f"the answer, {words.kind_of(shape)}."

    def _generate(self, source: str) -> str:
        tree = ast.parse(source)
        defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        name = "generate" if "generate" in defined else "generate_inputs"
        _bare(tree)
        function = defined[name]
        own = {name: ast.dump(_bare(copy.deepcopy(node))) for name, node in self._definitions().items()}
        tree.body = [node for node in tree.body if own.get(getattr(node, "name", "")) != ast.dump(node)]
        rest = [node for node in tree.body if node is not function]
        names = [argument.arg for argument in function.args.args]
        if name not in loaded(function) and names in (["rng"], ["rng", "level"]):
            body = [*rest, *function.body]
        else:
            given = ", ".join(("rng", "level")[: len(names)])
            body = [*tree.body, *ast.parse(f"return {name}({given})").body]
        return f"    @staticmethod\n{_method('generate(rng, level)', body)}"

    def _definitions(self) -> dict[str, ast.FunctionDef | ast.ClassDef]:
        return self.solution.functions | self.solution.classes

    def _statement(self, plan: Plan) -> str:
        text = words.reflowed(self.problem.statement)
        shown = ", ".join(one.attribute for one in plan.hidden if one.source == "input" and one.shown)
        hidden = ", ".join(one.attribute for one in plan.hidden if one.source == "input" and not one.shown)
        lines = [f"The input is hidden ({hidden}); the tools give access to it. Observe shows what is known from the start"]
        lines[0] += f": sizes, and {shown}." if shown else "."
        lines.append("Work with the tools, then submit the answer with Done.")
        return f"{text}\n\n" + "\n".join(lines)

    def _module(self, above: list[ast.stmt], text: str) -> str:
        used = loaded(ast.parse(text)) | {name for node in above for name in loaded(node)}
        tree = self.solution.tree
        lines = {ast.unparse(node) for node in above if isinstance(node, (ast.Import, ast.ImportFrom))}
        if self.problem.generator:
            lines |= {ast.unparse(n) for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom)) and loaded_by(n) & used}
        lines |= {f"import {name}" for name in ("copy", "heapq") if f"{name}." in text}
        rest = [self._text(node) for node in above if not isinstance(node, (ast.Import, ast.ImportFrom))]
        if not self.plainly:
            rest.insert(0, inspect.getsource(plain.as_json).replace(": Any", "").replace(" -> Any", ""))
        summary = re.split(r"(?<=[.?!])\s", " ".join(self.problem.statement.split()), maxsplit=1)[0]
        head = [words.docstring([("", [summary if len(summary) < 240 else self.class_name])], "")]
        head.append("\n".join([*sorted(lines), "", "from codegym_mcp import Environment, tool"]))
        return "\n\n".join(head) + "\n\n\n" + "\n\n\n".join([*_grouped(rest), text]) + "\n"

    def _text(self, node: ast.stmt) -> str:
        name = getattr(node, "name", "")
        return self.solution.authored.get(name) or ast.unparse(node)


def loaded_by(node: ast.stmt) -> set[str]:
    """Names that an import binds."""
    return (
        {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if isinstance(node, (ast.Import, ast.ImportFrom))
        else set()
    )


def _grouped(texts: list[str]) -> list[str]:
    """Definitions with two blank lines between them, constants close together."""
    groups: list[str] = []
    for text in texts:
        small = not text.startswith(("def ", "class ", "@"))
        if small and groups and not groups[-1].startswith(("def ", "class ", "@")):
            groups[-1] += f"\n{text}"
        else:
            groups.append(text)
    return groups


def _attributes(text: str) -> set[str]:
    tree = _parsed(text)
    return {
        n.attr
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "self"
    }


def _parsed(text: str) -> ast.AST:
    return ast.parse(textwrap.dedent(text))


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def _method(head: str, body: list[ast.stmt]) -> str:
    text = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in body)
    return f"    def {head}:\n{textwrap.indent(text, INDENT)}"


def _bare(node: Any) -> Any:
    """A definition without type hints and docstrings: the oracle is not read for those."""
    for part in ast.walk(node):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            first = part.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                part.body = part.body[1:] or [ast.Pass()]
            if isinstance(part, ast.FunctionDef):
                part.returns = None
                for argument in (*part.args.args, *part.args.kwonlyargs):
                    argument.annotation = None
    return node


def _copied(value: ast.expr, containers: set[str]) -> ast.expr:
    """A constructor call whose arguments are copies, so that the object keeps nothing that others change."""

    class Copying(ast.NodeTransformer):
        def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
            if isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in containers:
                return ast.Call(ast.Attribute(ast.Name("copy", ast.Load()), "deepcopy", ast.Load()), [node], [])
            return node

    return Copying().visit(value)  # type: ignore[no-any-return]
