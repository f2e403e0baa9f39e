"""Which code a stage consists of, as a hash: a change of the program is noticed, and only what it touches is done again."""

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from codegym_mcp.definition import content_hash

OURS = ("codegym_mcp", "synth")


@cache
def code_hash(module: str) -> str:
    """Hash of a module's source, and of all modules of this project that it imports, at whatever depth."""
    found: dict[str, str] = {}
    _collect(module, found)
    return content_hash(*(part for name in sorted(found) for part in (name, found[name])))


def _collect(module: str, found: dict[str, str]) -> None:
    if module in found or (path := _source(module)) is None:
        return
    text = found[module] = path.read_text(encoding="utf-8")
    if path.name == "__init__.py":
        for part in sorted(path.parent.glob("*.py")):
            _collect(module if part.name == "__init__.py" else f"{module}.{part.stem}", found)
    for name in _imports(text):
        _collect(name, found)


def _imports(text: str) -> set[str]:
    """Our modules that a source imports, anywhere; of `from x import y` both x and x.y, which need not exist."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] in OURS and "." in name}


@cache
def _source(module: str) -> Path | None:
    """The file of a module; None for a name that is no module."""
    package, _, last = module.rpartition(".")
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in (Path(folder, last).with_suffix(".py"), Path(folder, last, "__init__.py")):
            if path.is_file():
                return path
    return None
