"""Shapes: what values are made of, as far as it matters for type hints and for JSON. Also runs inside the sandbox.

A shape is plain JSON: "int", ["list", "int"], ["tuple", ["int", "str"]], ["dict", "str", "int"], ["any", [...]], "other:Queue";
["row", T] is a tuple of any length, None the shape of nothing.
"""

from typing import Any


def note(shapes: dict[str, Any], name: str, value: Any) -> None:
    """Remember the shape of one more value of that name."""
    shapes[name] = merge(shapes.get(name), shape_of(value))


def size(value: Any) -> int:
    """Length of a value as JSON, roughly."""
    return len(value) * 4 if isinstance(value, (list, tuple, dict, set, str)) else 1


def shape_of(value: Any, levels: int = 4) -> Any:
    """What a value is made of: "int", ["list", "int"], ["tuple", ["int", "str"]], ["dict", "str", "int"], "other:Queue"."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return "None" if value is None else kind.__name__
    if kind in (list, set, frozenset, dict, tuple) and levels == 0:
        return "other:deep"
    if kind is tuple:
        return ["tuple", [shape_of(item, levels - 1) for item in value]] if len(value) <= 8 else ["row", merged(value, levels)]
    if kind in (list, set, frozenset):
        return [kind.__name__, merged(value, levels)]
    if kind is dict:
        return ["dict", merged(value, levels), merged(value.values(), levels)]
    return f"other:{kind.__name__}"


def merged(values: Any, levels: int) -> Any:
    """The common shape of the items; None where there are none."""
    result = None
    for number, value in enumerate(values):
        result = merge(result, shape_of(value, levels - 1))
        if number >= 200:
            break
    return result


def merge(a: Any, b: Any) -> Any:
    """A shape that covers both; None is the shape of nothing."""
    if a == b or b is None:
        return a
    if a is None:
        return b
    if isinstance(a, list) and isinstance(b, list):
        if a[0] == b[0] == "tuple" and len(a[1]) == len(b[1]):
            return ["tuple", [merge(x, y) for x, y in zip(a[1], b[1], strict=False)]]
        if {a[0], b[0]} <= {"tuple", "row"}:
            parts = [part for shape in (a, b) for part in (shape[1] if shape[0] == "tuple" else [shape[1]])]
            whole = None
            for part in parts:
                whole = merge(whole, part)
            return ["row", whole]
        if a[0] == b[0] and a[0] not in ("tuple", "any"):
            return [a[0], *(merge(x, y) for x, y in zip(a[1:], b[1:], strict=False))]
    if {str(a), str(b)} == {"int", "float"}:
        return "float"
    parts = []
    for shape in (a, b):
        parts += [part for part in (shape[1] if shape[0] == "any" else [shape]) if part not in parts]
    return ["any", sorted(parts, key=str)]
