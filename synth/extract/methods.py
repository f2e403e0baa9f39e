"""Writes single methods of an environment: its tools and `observe`."""

import ast
import copy
import textwrap
from typing import Any

from synth.extract import shapes, words
from synth.extract.drafts import Draft, Hidden

INDENT = "        "
SIZED = ("list", "dict", "str", "set", "tuple", "row", "frozenset", "other:deque")
SIZES = {"dict": "number of keys", "str": "number of characters"} | {
    kind: "number of items" for kind in SIZED if kind not in ("dict", "str")
}


def observe_method(hidden: list[Hidden], config: dict[str, Any]) -> str:
    """The method `observe`: numbers by value, everything else by its size."""
    shown = [one for one in hidden if one.shown and one.source == "input"]
    sized = [one for one in hidden if not one.shown and one.source in ("input", "derived") and shapes.kind(one.shape) in SIZED]
    entries = [f'"{one.attribute}": self.{one.attribute}' for one in shown]
    entries += [f'"{one.attribute}": len(self.{one.attribute})' for one in sized]
    documented = [f'"{one.attribute}": {words.kind_of(one.shape)}, given as it is.' for one in shown]
    documented += [f'"{one.attribute}": {SIZES[shapes.kind(one.shape)]} of {words.phrase(one.name)}.' for one in sized]
    values: dict[str, Any] = {one.attribute: config.get(one.name) for one in shown}
    values |= {one.attribute: len(config[one.name]) for one in sized if one.source == "input" and one.name in config}
    sections = [
        ("", ["Show the numbers that are known from the start."]),
        ("Returns", ["a map:", *documented] if entries else ["an empty map."]),
        ("Example", [words.example("Observe", {}, values)]),
    ]
    hint = "dict[str, int]" if all(one.shape == "int" for one in shown) else "dict[str, object]"
    return f"    def observe(self) -> {hint}:\n{words.docstring(sections, INDENT)}\n{INDENT}return {{{', '.join(entries)}}}"


def tool_method(draft: Draft, facts: dict[str, Any] | None) -> str:
    """The method that a tool is, with its documentation and whatever JSON needs."""
    facts = facts or {"arguments": {}, "result": None, "example": None}
    seen = facts["arguments"]
    given = {name: best_hint(draft.hints.get(name), seen.get(name)) for name in draft.parameters}
    result = best_hint(draft.hints.get("return"), facts["result"]) if facts["result"] != "None" else "None"
    boxed = shapes.needs_box(facts["result"])
    body: list[ast.stmt] = []
    for name in draft.parameters:
        decoded = shapes.decode(seen.get(name), ast.Name(name, ast.Load()))
        if not isinstance(decoded, ast.Name):
            body.append(ast.Assign([ast.Name(name, ast.Store())], decoded, lineno=0))
    body += [_returning(copy.deepcopy(node), facts["result"], boxed) for node in draft.body]
    documented = [
        f"{name}: {_sentence(draft.documented.get(name) or _described(name, seen.get(name)))}" for name in draft.parameters
    ]
    returns = draft.returns or words.kind_of(facts["result"])
    returns = f'a map with the one key "value": {returns}' if boxed else returns
    example = draft.example or (words.example(draft.name, *facts["example"]) if facts.get("example") else f"{draft.name}(...)")
    sections = [
        ("", [draft.purpose]),
        ("Args", documented),
        ("Returns", [_sentence(returns)]),
        ("Example", [example]),
    ]
    signature = ", ".join(["self", *(_parameter(draft, name, given[name]) for name in draft.parameters)])
    code = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in body)
    code = f"{draft.checks}\n{code}" if draft.checks else code
    hint = "dict" if boxed else result
    head = f"    @tool\n    def {draft.name}({signature}) -> {hint}:\n{words.docstring(sections, INDENT)}"
    return f"{head}\n{textwrap.indent(code, INDENT)}"


def best_hint(hint: ast.expr | None, seen: Any) -> str:
    """The author's type hint where it covers what was seen; else what was seen."""
    if hint is not None:
        shape = shapes.of_hint(hint)
        if shapes.covers(shape, seen):
            return shapes.hint(shape)
    return shapes.hint(seen)


def _parameter(draft: Draft, name: str, hint: str) -> str:
    default = draft.defaults.get(name)
    return f"{name}: {hint}" + (f" = {ast.unparse(default)}" if default is not None else "")


def _described(name: str, shape: Any) -> str:
    return f"the {words.phrase(name)}, {words.kind_of(shape)}" if len(name) > 1 else words.kind_of(shape)


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) or "\n" in text else f"{text}."


def _returning(node: ast.stmt, shape: Any, boxed: bool) -> ast.stmt:
    """The statement with what it returns made plain JSON."""
    for part in ast.walk(node):
        if isinstance(part, ast.Return) and part.value is not None:
            part.value = shapes.encode(shape, part.value)
            if boxed:
                part.value = ast.Dict([ast.Constant("value")], [part.value])
    return node
