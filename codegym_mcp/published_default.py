"""The task of a published environment that comes without any: how its own source says that it is played."""

import ast
from collections.abc import Iterator
from typing import Any

from codegym_mcp.definition import Definition
from codegym_mcp.errors import InvalidTask
from codegym_mcp.published_config import to_json
from codegym_mcp.published_tasks import parse_ability, split_ability
from codegym_mcp.schema import parse_source
from codegym_mcp.types import Task

DEFAULT_ID = "default"


def default_task(definition: Definition) -> Task | None:
    """The first configuration under `if __name__ == "__main__":`, else the defaults of the class, if it has some."""
    tree = parse_source(definition.source)
    config = next(_written(tree, definition.class_name), None)
    if config is None and _demands_arguments(tree, definition.class_name):
        return None
    return Task(environment=definition.name, id=DEFAULT_ID, config=config or {})


def _written(tree: ast.Module, class_name: str) -> Iterator[dict[str, Any]]:
    """Configurations in texts `<EnvName>@<config>`, in the order of their lines. Computed ones are passed over."""
    for text in _main_texts(tree):
        if split_ability(text)[0] == class_name:
            try:
                yield to_json(parse_ability(text)[1], split_ability(text)[1])
            except InvalidTask:  # the beginning of a text that is put together at run time
                continue


def _main_texts(tree: ast.Module) -> list[str]:
    texts: list[ast.Constant] = []
    for node in tree.body:
        match node:
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), comparators=[ast.Constant(value="__main__")])):
                texts += [part for part in ast.walk(node) if isinstance(part, ast.Constant)]
    texts.sort(key=lambda node: (node.lineno, node.col_offset))
    return [node.value for node in texts if isinstance(node.value, str)]


def _demands_arguments(tree: ast.Module, class_name: str) -> bool:
    """Whether the constructor has parameters without defaults, `self` apart."""
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name):
        for node in cls.body:
            match node:
                case ast.FunctionDef(name="__init__", args=args):
                    return len(args.posonlyargs + args.args) - len(args.defaults) > 1 or None in args.kw_defaults
    return False
