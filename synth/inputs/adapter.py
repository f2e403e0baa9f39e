"""Between JSON and what a solution takes: inputs with tuples, sets or integer keys become plain JSON, and the solution
gets lines in front that turn them back. Whatever comes after sees JSON alone."""

import ast
from collections import Counter
from typing import Any

from synth.plain import as_json

SEQUENCES, MAPS = {"list", "tuple", "set"}, {"map", "integer keys"}


class Shape:
    """What stands in one place of several inputs, as the sandbox has marked it (see probe.marked)."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self._items: Shape | None = None
        """All items of the lists, tuples and sets, or values of the maps."""

    @property
    def items(self) -> "Shape":
        """What stands in the items."""
        if self._items is None:
            self._items = Shape()
        return self._items

    def add(self, value: Any) -> Any:
        """Take a marked value into account; it is returned as plain JSON."""
        if isinstance(value, list):
            return self._sequence("list", value)
        if not isinstance(value, dict):
            self.kinds["scalar"] += 1
            return value
        ((kind, items),) = value.items()
        if kind == "map":
            self.kinds["integer keys" if items and all(type(key) is int for key, _ in items) else "map"] += 1
            return as_json({key: self.items.add(item) for key, item in items})
        plain = self._sequence(kind, items)
        return as_json(set(plain)) if kind == "set" and all(not isinstance(item, (list, dict)) for item in plain) else plain

    def _sequence(self, kind: str, items: list[Any]) -> list[Any]:
        self.kinds[kind] += 1
        return [self.items.add(item) for item in items]

    def restored(self, name: str, *, tuples: bool, depth: int = 0) -> str:
        """The expression that turns plain JSON back; `name` itself where there is nothing to do.

        It leaves alone what has been turned back already: a solution may call itself.
        """
        item = f"item_{depth}" if depth else "item"
        inner = self._items.restored(item, tuples=tuples, depth=depth + 1) if self._items else item
        options = {"dict": self._map(name, item, inner), "list": self._listed(name, item, inner, tuples)}
        options = {kind: expression for kind, expression in options.items() if expression != name}
        others = {"dict": SEQUENCES | {"scalar"}, "list": MAPS | {"scalar"}}
        if len(options) == 1 and not any(self.kinds[kind] for kind in others[min(options)]):
            return options.popitem()[1]
        result = name
        for kind, expression in options.items():
            result = f"({expression} if isinstance({name}, {kind}) else {result})"
        return result

    def _map(self, name: str, item: str, inner: str) -> str:
        if not self.kinds["integer keys"] and inner == item:
            return name
        key = "int(key)" if self.kinds["integer keys"] > self.kinds["map"] else "key"
        return f"{{{key}: {inner} for key, {item} in {name}.items()}}" if any(self.kinds[kind] for kind in MAPS) else name

    def _listed(self, name: str, item: str, inner: str, tuples: bool) -> str:
        kind = max(sorted(SEQUENCES), key=lambda kind: self.kinds[kind])
        if not self.kinds[kind]:
            return name
        if kind == "list" or (kind == "tuple" and not tuples):
            return name if inner == item else f"[{inner} for {item} in {name}]"
        return f"{kind}({name})" if inner == item else f"{kind}({inner} for {item} in {name})"

    def holds(self, kind: str) -> bool:
        """Whether a tuple, set or the like stands anywhere in it."""
        return bool(self.kinds[kind]) or (self._items is not None and self._items.holds(kind))


def adapted(source: str, entry: str, shapes: dict[str, Shape], *, tuples: bool = True) -> str:
    """The solution with lines in front of its entry point's body that turn JSON back into what it takes.

    Args:
        tuples: lists become tuples, where there were some; False: the solution is at ease with lists.
    """
    tree = ast.parse(source)
    if any(isinstance(node, ast.Name) and node.id == entry for node in ast.walk(tree)):  # it calls itself, perhaps with parts
        for shape in shapes.values():
            shape.kinds["scalar"] += 1
    lines = [
        f"{name} = {expression}"
        for name, shape in shapes.items()
        if (expression := shape.restored(name, tuples=tuples)) != name
    ]
    if not lines:
        return source
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry)
    first = 1 if ast.get_docstring(function) and len(function.body) > 1 else 0
    function.body[first:first] = ast.parse("\n".join(lines)).body
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def is_marked(value: Any) -> bool:
    """Whether a value has the form that probe.marked gives: it comes from a process that runs untrusted code."""
    if isinstance(value, list):
        return all(map(is_marked, value))
    if not isinstance(value, dict):
        return True
    match value:
        case {"tuple": list(items), **rest} | {"set": list(items), **rest}:
            return not rest and is_marked(items)
        case {"map": list(pairs), **rest}:
            return not rest and all(
                isinstance(pair, list) and len(pair) == 2 and type(pair[0]) in (str, int) and is_marked(pair[1])
                for pair in pairs
            )
    return False
