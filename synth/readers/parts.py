"""Top-level statements of a module, and which of them need which."""

import ast
from collections.abc import Sequence


def closure(body: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements that bind these names, and those that they need, in order."""
    chosen: set[int] = set()
    while True:
        fresh = [number for number, node in enumerate(body) if number not in chosen and binds(node) & names]
        if not fresh:
            return [node for number, node in enumerate(body) if number in chosen]
        chosen.update(fresh)
        names = names | {item.id for number in fresh for item in ast.walk(body[number]) if isinstance(item, ast.Name)}


def binds(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(name.asname or name.name).partition(".")[0] for name in node.names}
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}


def written(source: str, nodes: list[ast.stmt]) -> str:
    """The statements as they stand in the source."""
    lines = source.split("\n")
    parts = []
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        parts.append("\n".join(lines[first - 1 : node.end_lineno]))
    return "\n".join(part if number == 0 or "\n" not in part else f"\n\n{part}" for number, part in enumerate(parts)) + "\n"
