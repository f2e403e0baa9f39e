"""Which function of a solution is asked, where the record does not say so; and a method of `class Solution` as a function."""

import ast
import re
from collections import Counter
from typing import Any

from synth.readers.fields import BadRecord

USUAL = ("solution", "solve", "main_solution")
CLASS = "Solution"
"""The class whose method solves the problem, in the style of some sites."""


def resolve(source: str, given: Any, tests: str) -> tuple[str, str | None]:
    """The solution with a function as its entry point, and the function's name; None: it is a script.

    Args:
        given: what the record says: a function, a method, `Solution().method`, or nothing.

    Raises:
        BadRecord: there is no such function, or none can be told.
    """
    tree = ast.parse(source)
    if given is None and (method := _only_method(tree)):
        given = method
    if given is None:
        return source, guess_entry(tree, tests)
    match = re.fullmatch(r"(?:(\w+)\(\)\.)?(\w+)", given) if isinstance(given, str) else None
    if match is None:
        raise BadRecord("no entry point", "entry_point", f"expected the name of one function, got {given!r:.80}")
    name = match[2]
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if match[1] or (name not in functions and any(isinstance(node, ast.ClassDef) and node.name == CLASS for node in tree.body)):
        source = as_function(source, match[1] or CLASS, name)
    return source, name


def _only_method(tree: ast.Module) -> str | None:
    """The one public method of `class Solution`, where there is nothing else to ask."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == CLASS]
    if len(classes) != 1 or any(isinstance(node, ast.FunctionDef) for node in tree.body):
        return None
    public = [node.name for node in classes[0].body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return public[0] if len(public) == 1 else None


def guess_entry(solution: ast.Module, tests: str) -> str | None:
    """The function that the tests call most, else one of a usual name, else the only one; None: it is a script.

    Raises:
        BadRecord: none of them can be told.
    """
    functions = [node.name for node in solution.body if isinstance(node, ast.FunctionDef)]
    called = Counter(str(name) for name in re.findall(r"\b(\w+)\s*\(", tests) if name in functions)
    if called:
        return called.most_common(1)[0][0]
    if reads_stdin(solution):
        return None
    for name in USUAL:
        if name in functions:
            return name
    if len(functions) == 1:
        return functions[0]
    known = ", ".join(functions) or "no function"
    raise BadRecord("no entry point", "entry_point", f"expected the name of a function, the solution has {known}")


def reads_stdin(tree: ast.Module) -> bool:
    """Whether a solution reads standard input."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "input":
            return True
        if isinstance(node, ast.Attribute) and node.attr == "stdin":
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            return bool(node.args) and getattr(node.args[0], "value", None) == 0
    return False


def as_function(source: str, class_name: str, method: str) -> str:
    """The source with a function in place of the method of an object that holds nothing.

    A class of plain methods that call each other becomes functions; any other one gets a function that asks it.

    Raises:
        BadRecord: there is no such method, or it takes no plain arguments.
    """
    tree = ast.parse(source)
    cls = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name), None)
    methods = {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)} if cls else {}
    if cls is None or method not in methods:
        raise BadRecord("no entry point", "entry_point", f"expected a method {method!r} of class {class_name}")
    if _is_loose(tree, cls, methods):
        index = tree.body.index(cls)
        tree.body[index : index + 1] = [_Unbound(set(methods)).visit(node) for node in methods.values()]
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    args = methods[method].args
    if args.vararg or args.kwarg or args.posonlyargs or args.kwonlyargs or args.defaults or not args.args:
        raise BadRecord("no entry point", "entry_point", f"expected plain parameters of {method}")
    names = ", ".join(arg.arg for arg in args.args[1:])
    return f"{source.rstrip()}\n\n\ndef {method}({names}):\n    return {class_name}().{method}({names})\n"


def _is_loose(tree: ast.Module, cls: ast.ClassDef, methods: dict[str, ast.FunctionDef]) -> bool:
    """Whether the methods are functions in all but name: they use `self` only to call each other."""
    if len(methods) < len(cls.body) or cls.bases or cls.decorator_list:
        return False
    if any(node.decorator_list or not node.args.args or node.args.args[0].arg != "self" for node in methods.values()):
        return False
    called = [
        node.func.value
        for node in ast.walk(cls)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
    ]
    selves = [node for node in ast.walk(cls) if isinstance(node, ast.Name) and node.id == "self"]
    own = {id(node) for node in called}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and methods.get(node.name) is not node}
    return all(id(node) in own for node in selves) and not names & (set(methods) | {cls.name})


class _Unbound(ast.NodeTransformer):
    """Takes `self` out of methods and of their calls of each other."""

    def __init__(self, methods: set[str]) -> None:
        self.methods = methods

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        if node.name in self.methods and node.args.args and node.args.args[0].arg == "self":
            del node.args.args[0]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in self.methods:
            return ast.Name(id=node.attr, ctx=ast.Load())
        return node
