"""Documentation and JSON Schema out of a syntax tree: type hints and Google docstrings. Nothing is executed.

Serves the native format (definition.py) and the published one (published.py).
"""

import ast
import gc
import inspect
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

MAX_SOURCE_BYTES = 1 << 18
"""Longest source that is parsed: 256 KiB (the longest published environment has 31 kB)."""

SCALARS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
}
ARRAYS = {"list", "List", "tuple", "Tuple", "set", "Set", "Sequence", "Iterable", "frozenset"}
OBJECTS = {"dict", "Dict", "Mapping"}


def parse_source(source: str) -> ast.Module:
    """The syntax tree of untrusted source, of bounded size.

    Raises:
        SyntaxError: not Python, too long, or nested too deeply.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise SyntaxError(f"source is longer than {MAX_SOURCE_BYTES >> 10} KiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" outside a raw string is the author's affair
            try:
                return ast.parse(source)
            except SystemError:  # Python 3.11 counts wrongly where a finalizer parses too (CPython issue 106905)
                gc.collect()
                return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as exc:  # null bytes, deep nesting
        raise SyntaxError(f"cannot be parsed: {type(exc).__name__}") from exc


def schema_of(node: ast.expr | None) -> dict[str, Any] | None:
    """JSON Schema of a type hint, or None where the hint is absent or not understood."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _named(name)
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str(text)):
            return schema_of_text(text)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, list(inner.elts) if isinstance(inner, ast.Tuple) else [inner])
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([left, right])
    return None


def schema_of_text(text: str) -> dict[str, Any] | None:
    """JSON Schema of a type written as text, as docstrings have it."""
    try:
        return schema_of(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _named(name: str) -> dict[str, Any] | None:
    if name in ARRAYS:
        return {"type": "array"}
    if name in OBJECTS:
        return {"type": "object"}
    return dict(SCALARS[name]) if name in SCALARS else None


def _generic(name: str, inner: list[ast.expr]) -> dict[str, Any] | None:
    if not inner:  # list[()] is an empty tuple to Python, and no type
        return None
    if name == "Literal":
        literals = [n.value for n in inner if isinstance(n, ast.Constant) and isinstance(n.value, (str, int, type(None)))]
        return {"enum": literals} if len(literals) == len(inner) else None
    if name == "Optional":
        return _union([inner[0], ast.Constant(value=None)])
    if name == "Union":
        return _union(inner)
    if name in {"tuple", "Tuple"}:
        return _tuple(inner)
    if name in ARRAYS:
        items = schema_of(inner[0])
        return None if items is None else {"type": "array", "items": items}
    if name in OBJECTS:
        values = schema_of(inner[-1])
        return None if values is None else {"type": "object", "additionalProperties": values or True}
    return None


def _tuple(inner: list[ast.expr]) -> dict[str, Any] | None:
    if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
        items = schema_of(inner[0])
        return None if items is None else {"type": "array", "items": items}
    parts = [part for part in map(schema_of, inner) if part is not None]
    if len(parts) != len(inner):
        return None
    return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}


def _union(options: list[ast.expr]) -> dict[str, Any] | None:
    parts = [part for part in map(schema_of, options) if part is not None]
    return {"anyOf": parts} if len(parts) == len(options) else None


@dataclass
class Docstring:
    """A Google docstring, taken apart."""

    purpose: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    """Parameter name -> the type written in brackets, if any."""
    returns: str = ""
    example: str = ""
    sections: frozenset[str] = frozenset()


SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns|Return|Raises|Examples?|Example Output|Example Outputs|Notes?):\s*$")
ENTRY = re.compile(r"^(\*{0,2}\w+)\s*+(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?\s*+:\s?(.*)$")
"""Without the possessive `*+`, a long row of blanks would keep the server busy for minutes."""


def read_docstring(text: str | None) -> Docstring:
    """Take a Google docstring apart; unknown sections stay with the purpose."""
    blocks: dict[str, list[str]] = {"purpose": []}
    current = "purpose"
    for line in inspect.cleandoc(text or "").splitlines():
        if match := SECTION.match(line):
            current = _section(match[1])
            blocks.setdefault(current, [])
        else:
            blocks[current].append(line)
    doc = Docstring(
        purpose=_text(blocks["purpose"]),
        returns=_text(blocks.get("returns", [])),
        example=_text(blocks.get("example", [])),
        sections=frozenset(blocks) - {"purpose"},
    )
    _read_parameters(doc, inspect.cleandoc("\n" + "\n".join(blocks.get("args", []))).splitlines())
    return doc


def _section(title: str) -> str:
    if title in {"Args", "Arguments", "Parameters"}:
        return "args"
    if title.startswith("Return"):
        return "returns"
    return "example" if title.startswith("Example") else title.lower()


def _text(lines: list[str]) -> str:
    return inspect.cleandoc("\n" + "\n".join(lines)).strip()


def _read_parameters(doc: Docstring, lines: list[str]) -> None:
    name = ""
    for line in lines:
        match = ENTRY.match(line)
        if match:
            name = match[1].lstrip("*")
            doc.parameters[name] = match[3].strip()
            if match[2]:
                doc.types[name] = match[2].removesuffix(", optional").strip()
        elif name and line.strip():
            doc.parameters[name] = f"{doc.parameters[name]} {line.strip()}".strip()


def object_schema(properties: dict[str, dict[str, Any]], required: list[str], *, closed: bool = True) -> dict[str, Any]:
    """The schema of a tool's arguments."""
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    return schema | {"additionalProperties": False} if closed else schema
