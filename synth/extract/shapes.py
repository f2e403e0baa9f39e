"""Shapes of values, as observed in the sandbox: their type hints, and how JSON changes them."""

import ast
from typing import Any

from codegym_mcp.schema import ARRAYS, OBJECTS
from synth.extract.observed import merge, shape_of

__all__ = [
    "changes",
    "covers",
    "decode",
    "encode",
    "hint",
    "is_json",
    "is_scalar",
    "kind",
    "merge",
    "needs_box",
    "of_hint",
    "plain",
    "shape_of",
]

SCALARS = ("int", "float", "bool", "str", "None")


def is_json(shape: Any) -> bool:
    """Whether values of that shape can travel, if need be by way of `decode`."""
    match shape:
        case None:
            return True
        case str():
            return shape in SCALARS
        case ["tuple", parts]:
            same = all(part == parts[0] for part in parts)
            return all(map(is_json, parts)) and (same or not any(map(changes, parts)))
        case ["any", parts]:
            return all(map(is_json, parts)) and not any(map(changes, parts))
        case ["set" | "frozenset", item]:
            return item is None or item in ("int", "str", "float")
        case ["list" | "row", item]:
            return is_json(item)
        case ["dict", key, value]:
            return key in (None, "str", "int") and is_json(value)
    return False


def is_scalar(shape: Any) -> bool:
    """Whether it is a number, a text, a truth value, or one of these."""
    return shape in SCALARS or (isinstance(shape, list) and shape[0] == "any" and all(map(is_scalar, shape[1])))


def kind(shape: Any) -> str:
    """list, dict, str, set, int, ..., or any."""
    return shape[0] if isinstance(shape, list) else str(shape)


def hint(shape: Any) -> str:
    """The type hint of a shape, after JSON."""
    match shape:
        case "None" | "int" | "float" | "bool" | "str":
            return str(shape)
        case ["tuple", parts]:
            whole = None
            for part in parts:
                whole = merge(whole, part)
            return hint(["list", whole])
        case ["list" | "row" | "set" | "frozenset", item]:
            return "list" if item is None or hint(item) == "object" else f"list[{hint(item)}]"
        case ["dict", _, value]:
            return "dict" if value is None or hint(value) == "object" else f"dict[str, {hint(value)}]"
        case ["any", parts]:
            hints = list(dict.fromkeys(map(hint, parts)))
            return (
                "object" if "object" in hints or len(hints) > 3 else " | ".join(sorted(hints, key=lambda h: (h == "None", h)))
            )
    return "object"


def needs_box(shape: Any) -> bool:
    """Whether a result may be a text or something else: then text and JSON could not be told apart."""
    return kind(shape) == "any" and "str" in shape[1]


def encode(shape: Any, value: ast.expr) -> ast.expr:
    """An expression that makes plain JSON of a value of that shape."""
    if kind(shape) in ("set", "frozenset"):
        return _call("sorted", value)
    return value


def decode(shape: Any, value: ast.expr, depth: int = 0) -> ast.expr:
    """An expression that turns plain JSON back into a value of that shape; the value itself where nothing changes."""
    if not changes(shape):
        return value
    item = ast.Name(f"item{depth or ''}", ast.Load())
    target = ast.Name(item.id, ast.Store())
    match shape:
        case ["tuple", parts] if not any(map(changes, parts)):
            return _call("tuple", value)
        case ["row", part] if not changes(part):
            return _call("tuple", value)
        case ["set" | "frozenset", _]:
            return _call(shape[0], value)
        case ["list", part]:
            return ast.ListComp(decode(part, item, depth + 1), [ast.comprehension(target, value, [], 0)])
        case ["row", part] | ["tuple", [part, *_]]:
            return _call("tuple", ast.GeneratorExp(decode(part, item, depth + 1), [ast.comprehension(target, value, [], 0)]))
        case ["dict", key, part]:
            name = ast.Name("key", ast.Load())
            pair = ast.Tuple([ast.Name("key", ast.Store()), target], ast.Store())
            items = ast.Call(ast.Attribute(value, "items", ast.Load()), [], [])
            made = _call("int", name) if key == "int" else name
            return ast.DictComp(made, decode(part, item, depth + 1), [ast.comprehension(pair, items, [], 0)])
    return value


def changes(shape: Any) -> bool:
    """Whether JSON makes something else of it."""
    match shape:
        case ["tuple" | "row" | "set" | "frozenset", _]:
            return True
        case ["list", item]:
            return changes(item)
        case ["dict", key, value]:
            return key == "int" or changes(value)
    return False


def of_hint(node: ast.expr | None) -> Any:
    """The shape a type hint stands for; None where it is absent or not understood."""
    match node:
        case ast.Name(id="int" | "float" | "bool" | "str" as name):
            return name
        case ast.Constant(value=None):
            return "None"
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in ARRAYS:
            return ["list", None]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in OBJECTS:
            return ["dict", "str", None]
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner) if name in ARRAYS | OBJECTS:
            parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
            shapes = [of_hint(part) for part in parts]
            if name in OBJECTS:
                return ["dict", "str", shapes[-1]] if len(shapes) == 2 else None
            whole = None
            for shape in shapes:
                whole = merge(whole, shape)
            return ["list", whole]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            one, other = of_hint(left), of_hint(right)
            return None if one is None or other is None else merge(one, other)
    return None


def covers(general: Any, special: Any) -> bool:
    """Whether every value of the special shape, after JSON, is one of the general shape."""
    return general is not None and plain(merge(plain(general), plain(special))) == plain(general)


def plain(shape: Any) -> Any:
    """The shape that is left after JSON."""
    match shape:
        case ["tuple", parts]:
            whole = None
            for part in parts:
                whole = merge(whole, plain(part))
            return ["list", whole]
        case ["list" | "row" | "set" | "frozenset", item]:
            return ["list", plain(item)]
        case ["dict", _, value]:
            return ["dict", "str", plain(value)]
        case ["any", parts]:
            return ["any", sorted(map(plain, parts), key=str)]
    return shape


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])
