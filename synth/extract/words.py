"""Names and plain English for tools: from identifiers, from operations, from types."""

import ast
import io
import json
import re
import textwrap
import tokenize
from collections.abc import Iterable
from typing import Any

from codegym_mcp.definition import RESERVED
from synth.extract import shapes

MAX_CODE_CHARS = 160
"""Longest piece of code that is quoted in a tool's documentation."""
KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "None": "null",
    "list": "a list",
    "row": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozenset": "a list",
    "dict": "a map",
}


def words_of(name: str) -> list[str]:
    """The words of an identifier in snake_case or camelCase, lower case."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part.lower() for part in parts]


def pascal(name: str) -> str:
    """An identifier in PascalCase."""
    text = "".join(part[:1].upper() + part[1:] for part in words_of(name))
    return text if text[:1].isalpha() else f"Get{text}"


def singular(name: str) -> str:
    """One of what the name stands for."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2 else name


def phrase(name: str) -> str:
    """An identifier as words."""
    return " ".join(words_of(name)) or name


def kind_of(shape: Any) -> str:
    """A shape in a few words."""
    if shape is None:
        return "a value"
    if shapes.kind(shape) == "any":
        return " or ".join(dict.fromkeys(kind_of(part) for part in shape[1]))
    inner = shape[1] if isinstance(shape, list) and shapes.kind(shape) in ("list", "set", "row") else None
    if inner and shapes.is_scalar(inner) and shapes.kind(inner) != "any":
        return {"int": "a list of whole numbers", "float": "a list of numbers", "str": "a list of texts"}.get(inner, "a list")
    return KINDS.get(shapes.kind(shape), "a value")


def code(node: ast.AST) -> str:
    """A piece of code to be quoted; cut where it is long."""
    text = " ".join(ast.unparse(node).split())
    return f"`{text}`" if len(text) <= MAX_CODE_CHARS else f"`{text[:MAX_CODE_CHARS]} ...`"


def example(tool: str, arguments: dict[str, Any], result: Any) -> str:
    """An example in the form that all environments use."""
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())
    return f"{tool}({given}) -> {json.dumps(result, ensure_ascii=False)}"


def reflowed(text: str) -> str:
    """A text whose paragraphs are one line each; lists and indented lines stay as they are."""
    parts = []
    for part in re.split(r"\n\s*\n", textwrap.dedent(text).strip()):
        lines = part.splitlines()
        prose = not any(re.match(r"\s|[-*>#`|=+\d(\[]|def |class |import |from |@", line) for line in lines)
        parts.append(" ".join(line.strip() for line in lines) if prose and max(map(len, lines)) > 40 else part)
    return "\n\n".join(parts)


def docstring(sections: Iterable[tuple[str, list[str]]], indent: str) -> str:
    """A Google docstring as source. The first section has no title; the lines of the others are entries."""
    lines: list[str] = []
    for title, entries in sections:
        if not entries:
            continue
        if lines:
            lines.append("")
        if title:
            lines.append(f"{title}:")
        for entry in entries:
            for part in entry.splitlines() or [""]:
                lines += _wrapped(part, indent, bool(title), title == "Example")
    body = "\n".join(f"{indent}{line}" if line else "" for line in lines).lstrip()
    body = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if len(lines) == 1:
        return f'{indent}"""{body}"""' if not body.endswith('"') else f'{indent}"""{body} """'
    return f'{indent}"""{body}\n{indent}"""'


def _wrapped(text: str, indent: str, nested: bool, whole: bool) -> list[str]:
    lead = "    " if nested else ""
    if whole or not text.strip():
        return [lead + text.rstrip() if text.strip() else ""]
    inner = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text.strip(),
        120 - len(indent),
        initial_indent=lead + inner,
        subsequent_indent=lead + inner + ("    " if nested else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )


def double_quoted(source: str) -> str:
    """The source with the quotes that a formatter would choose."""
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = token.string
        if token.type == tokenize.STRING and re.fullmatch(r"[rbu]?'[^'\"\\]*'", text, re.I):
            token = token._replace(string=text.replace("'", '"'))
        tokens.append(token)
    return tokenize.untokenize(tokens)


class Names:
    """Gives out tool names, each once."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def name(self, key: str, wanted: str) -> str:
        """The name of what has that key; always the same one."""
        if key not in self._given:
            wanted = wanted[:56]
            taken = set(self._given.values()) | RESERVED
            options = (wanted, *(f"{wanted}{n}" for n in range(2, 1000)))
            self._given[key] = next(text for text in options if text not in taken)
        return self._given[key]
