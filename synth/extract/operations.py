"""Tools that read and change hidden values: one template for each kind of operation."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from synth.extract import shapes
from synth.extract.drafts import Draft, Hidden
from synth.extract.words import Names, pascal, phrase, singular


@dataclass(frozen=True)
class Template:
    """A tool for one operation on a hidden value. {x} is its attribute, {name} its name in words, {one} one of its items."""

    verb: str
    """Name of the tool; {X} and {One} are the names in PascalCase."""
    parameters: tuple[str, ...]
    code: str
    purpose: str
    returns: str
    role: str = "access"
    checks: str = ""


INDEX = """\
if not 0 <= index < len(self.{x}):
    raise ValueError(f"index must be from 0 to {{len(self.{x}) - 1}}, got {{index}}")"""
CELL = """\
if not 0 <= row < len(self.{x}) or not 0 <= column < len(self.{x}[row]):
    raise ValueError(f"there is no place in row {{row}}, column {{column}}")"""
KEY = """\
if key not in self.{x}:
    raise ValueError(f"{name} has no key {{key!r}}")"""
FILLED = """\
if not self.{x}:
    raise ValueError("{name} is empty")"""

DOCUMENTED = {
    "index": "position in {name}, counted from 0",
    "row": "position of the row, counted from 0",
    "column": "position within the row, counted from 0",
    "key": "the key in {name}",
    "value": "the value",
    "default": "what to return where there is none",
}

TEMPLATES = {
    "read": Template("Read{One}", ("index",), "return self.{x}[index]", "Read one item of {name}.", "the item", checks=INDEX),
    "letter": Template(
        "Read{X}Character", ("index",), "return self.{x}[index]", "Read one character of {name}.", "the character", checks=INDEX
    ),
    "cell": Template(
        "Read{X}Cell",
        ("row", "column"),
        "return self.{x}[row][column]",
        "Read one place of {name}.",
        "what is there",
        checks=CELL,
    ),
    "look up": Template("LookUp{One}", ("key",), "return self.{x}[key]", "Look up a key in {name}.", "its value", checks=KEY),
    "get": Template(
        "Find{One}",
        ("key", "default"),
        "return self.{x}.get(key, default)",
        "Look up a key in {name} that may not be there.",
        "its value, or the default",
    ),
    "keys": Template("List{X}Keys", (), "return list(self.{x})", "List the keys of {name}.", "the keys, in order"),
    "members": Template("List{X}", (), "return sorted(self.{x})", "List {name}.", "its members in ascending order"),
    "has": Template("Has{One}", ("value",), "return value in self.{x}", "Tell whether {name} holds a value.", "true or false"),
    "has key": Template("Has{One}", ("key",), "return key in self.{x}", "Tell whether {name} has a key.", "true or false"),
    "whole": Template("Get{X}", (), "return self.{x}", "Show {name}.", "its value"),
    "size": Template("Count{X}", (), "return len(self.{x})", "Count what is in {name} now.", "how many there are"),
    "count": Template(
        "Count{One}", ("value",), "return self.{x}.count(value)", "Count how often a value is in {name}.", "how often"
    ),
    "find": Template(
        "Locate{One}",
        ("value",),
        "return self.{x}.index(value)",
        "Find the first position of a value in {name}.",
        "its position, counted from 0",
    ),
    "set": Template(
        "Set{One}",
        ("index", "value"),
        "self.{x}[index] = value\nreturn value",
        "Put a value at a position of {name}.",
        "the value that is there now",
        "change",
        INDEX,
    ),
    "set cell": Template(
        "Set{X}Cell",
        ("row", "column", "value"),
        "self.{x}[row][column] = value\nreturn value",
        "Put a value at a place of {name}.",
        "the value that is there now",
        "change",
        CELL,
    ),
    "put": Template(
        "Put{One}",
        ("key", "value"),
        "self.{x}[key] = value\nreturn value",
        "Store a value under a key in {name}.",
        "the value that is there now",
        "change",
    ),
    "swap": Template(
        "Swap{X}",
        ("first", "second"),
        "self.{x}[first], self.{x}[second] = self.{x}[second], self.{x}[first]\nreturn [self.{x}[first], self.{x}[second]]",
        "Swap two items of {name}.",
        "the two items as they stand now",
        "change",
    ),
    "append": Template(
        "Append{One}",
        ("value",),
        "self.{x}.append(value)\nreturn len(self.{x})",
        "Append a value to {name}.",
        "how many there are now",
        "change",
    ),
    "append left": Template(
        "Prepend{One}",
        ("value",),
        "self.{x}.appendleft(value)\nreturn len(self.{x})",
        "Put a value in front of {name}.",
        "how many there are now",
        "change",
    ),
    "append to": Template(
        "AppendTo{One}",
        ("key", "value"),
        "self.{x}[key].append(value)\nreturn len(self.{x}[key])",
        "Append a value to the list under a key of {name}.",
        "how many are in that list now",
        "change",
    ),
    "add": Template(
        "Mark{One}",
        ("value",),
        "self.{x}.add(value)\nreturn len(self.{x})",
        "Add a value to {name}.",
        "how many there are now",
        "change",
    ),
    "remove": Template(
        "Remove{One}",
        ("value",),
        "self.{x}.remove(value)\nreturn len(self.{x})",
        "Remove a value from {name}.",
        "how many are left",
        "change",
        'if value not in self.{x}:\n    raise ValueError(f"{name} does not hold {{value!r}}")',
    ),
    "discard": Template(
        "Discard{One}",
        ("value",),
        "self.{x}.discard(value)\nreturn len(self.{x})",
        "Remove a value from {name} if it is there.",
        "how many are left",
        "change",
    ),
    "pop": Template("Pop{One}", (), "return self.{x}.pop()", "Take the last item off {name}.", "the item", "change", FILLED),
    "pop first": Template(
        "Take{One}", (), "return self.{x}.pop(0)", "Take the first item off {name}.", "the item", "change", FILLED
    ),
    "pop left": Template(
        "Take{One}", (), "return self.{x}.popleft()", "Take the first item off {name}.", "the item", "change", FILLED
    ),
    "push": Template(
        "Push{One}",
        ("value",),
        "heapq.heappush(self.{x}, value)\nreturn len(self.{x})",
        "Put a value into the priority queue {name}.",
        "how many there are now",
        "change",
    ),
    "pop smallest": Template(
        "TakeSmallest{One}",
        (),
        "return heapq.heappop(self.{x})",
        "Take the smallest item off the priority queue {name}.",
        "the item",
        "change",
        FILLED,
    ),
    "sort": Template(
        "Sort{X}",
        (),
        "self.{x}.sort()\nreturn len(self.{x})",
        "Sort {name} in ascending order.",
        "how many there are",
        "change",
    ),
    "reverse": Template(
        "Reverse{X}", (), "self.{x}.reverse()\nreturn len(self.{x})", "Reverse {name}.", "how many there are", "change"
    ),
}

METHODS = {
    "append": "append",
    "appendleft": "append left",
    "add": "add",
    "remove": "remove",
    "discard": "discard",
    "popleft": "pop left",
    "sort": "sort",
    "reverse": "reverse",
    "count": "count",
    "index": "find",
}
"""Method of a container -> operation, with as many arguments as the operation has."""

MAPS = ("dict", "other:defaultdict", "other:Counter", "other:OrderedDict")


def make(operation: str, hidden: Hidden, names: Names, negative: frozenset[str] = frozenset()) -> Draft:
    """The tool for an operation on a hidden value.

    Args:
        negative: parameters that were seen below 0, which then count from the end.
    """
    template = TEMPLATES[operation]
    one = singular(hidden.name)
    fill = {
        "x": hidden.attribute,
        "name": phrase(hidden.name),
        "X": pascal(hidden.name),
        "One": pascal(one if one != hidden.name or shapes.kind(hidden.shape) != "str" else hidden.name),
    }
    key = f"{operation} {hidden.attribute}"
    checks = template.checks.format(**fill)
    documented = {
        name: DOCUMENTED.get(name, f"position of the {name} item, counted from 0").format(**fill)
        for name in template.parameters
    }
    if negative & {"index"}:
        size = f"len(self.{hidden.attribute})"
        checks = checks.replace("not 0 <= index", f"not -{size} <= index").replace("from 0 to", f"from {{-{size}}} to")
        documented["index"] += "; -1 is the last one"
    elif negative:
        checks = ""
    return Draft(
        key=key,
        name=names.name(key, template.verb.format(**fill)),
        role=template.role,
        parameters=list(template.parameters),
        body=ast.parse(template.code.format(**fill)).body,
        purpose=template.purpose.format(**fill),
        documented=documented,
        returns=template.returns,
        checks=checks,
    )


def match(node: ast.expr, kind: str, part: str, get: Callable[[ast.AST], bool]) -> tuple[str, list[ast.expr]] | None:
    """The operation that an expression is, with its arguments.

    Args:
        kind: of the hidden value: list, str, dict, set, deque, ...
        part: of its items.
        get: tells whether an expression is the hidden value itself.
    """
    match node:
        case ast.Subscript(value=ast.Subscript(value=base, slice=row), slice=column, ctx=ast.Load()) if (
            get(base) and kind == part == "list" and not isinstance(row, ast.Slice) and not isinstance(column, ast.Slice)
        ):
            return "cell", [row, column]
        case ast.Subscript(value=base, slice=index, ctx=ast.Load()) if get(base) and not isinstance(index, ast.Slice):
            return ("look up" if kind in MAPS else "letter" if kind == "str" else "read"), [index]
        case ast.Compare(left=value, ops=[ast.In()], comparators=[base]) if get(base):
            return ("has key" if kind in MAPS else "has"), [value]
        case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *rest], keywords=[]) if get(base) and kind in MAPS:
            return "get", [key, *(rest or [ast.Constant(None)])]
        case ast.Call(func=ast.Attribute(value=base, attr="pop"), args=[], keywords=[]) if get(base) and kind in (
            "list",
            "other:deque",
        ):
            return "pop", []
        case ast.Call(func=ast.Attribute(value=base, attr="pop"), args=[ast.Constant(value=0)], keywords=[]) if (
            get(base) and kind == "list"
        ):
            return "pop first", []
        case ast.Call(func=ast.Attribute(attr="heappop") | ast.Name(id="heappop"), args=[base]) if get(base):
            return "pop smallest", []
        case ast.Call(func=ast.Attribute(attr="heappush") | ast.Name(id="heappush"), args=[base, value]) if get(base):
            return "push", [value]
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=args, keywords=[]) if get(base) and name in METHODS:
            operation = METHODS[name]
            if len(args) == len(TEMPLATES[operation].parameters):
                return operation, args
        case ast.Call(
            func=ast.Attribute(value=ast.Subscript(value=base, slice=key), attr="append"), args=[value], keywords=[]
        ) if get(base) and not isinstance(key, ast.Slice):
            return "append to", [key, value]
    return None
