"""Reading replies, strictly: sections between tags that stand on lines of their own, each exactly once."""

import ast
import json
import re
from typing import Any

from codegym_mcp.errors import clip
from codegym_mcp.schema import parse_source
from synth.generate.dialogue import Unusable

FENCE = re.compile(r"\A```[a-z]*\n(.*?)\n?```\Z", re.DOTALL)
MAX_REPLY_CHARS = 1 << 18
MAX_CONFIG_CHARS = 16_384
QUOTED_CHARS = 120


def section(text: str, name: str) -> str:
    """The body of the one section of that name; a code fence around the whole of it is taken off.

    Raises:
        Unusable: not exactly one, or it is empty.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise Unusable("malformed reply", f"it is longer than {MAX_REPLY_CHARS} characters")
    lines = text.splitlines(keepends=True)
    tags = [(line.strip(), number) for number, line in enumerate(lines) if line.strip() in (f"<{name}>", f"</{name}>")]
    if [tag for tag, _ in tags] != [f"<{name}>", f"</{name}>"]:
        found = ", ".join(tag for tag, _ in tags) or "none of them"
        begins = f"; it begins: {clip(text, QUOTED_CHARS)}" if not tags else ""
        raise Unusable(
            "malformed reply", f"expected one <{name}> and then one </{name}>, each on a line of its own; found {found}{begins}"
        )
    body = "".join(lines[tags[0][1] + 1 : tags[1][1]]).strip("\n")
    fenced = FENCE.match(body.strip())
    body = fenced[1] if fenced else body
    if not body.strip():
        raise Unusable("malformed reply", f"the section <{name}> is empty")
    return body.rstrip() + "\n"


def read_configs(body: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The inputs of a section, one JSON object per line, without repetitions; and what is wrong with the other lines."""
    configs: dict[str, dict[str, Any]] = {}
    wrong = []
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            config = json.loads(line, parse_constant=_refuse)
            if not isinstance(config, dict):
                raise ValueError("not a JSON object")
            if len(line) > MAX_CONFIG_CHARS:
                raise ValueError(f"longer than {MAX_CONFIG_CHARS} characters")
        except (ValueError, RecursionError) as exc:
            wrong.append(f"{clip(line, QUOTED_CHARS)}: {exc}")
        else:
            configs.setdefault(json.dumps(config, sort_keys=True), config)
    return list(configs.values()), wrong


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def read_solver(body: str) -> str:
    """The source of one function `solve(self, call)`; imports and helpers beside it are moved into it.

    Raises:
        Unusable: it is not that.
    """
    try:
        tree = parse_source(body)
    except SyntaxError as exc:
        raise Unusable("invalid source", f"line {exc.lineno}: {exc.msg}") from exc
    solvers = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "solve"]
    others = [node for node in tree.body if node not in solvers]
    if len(solvers) != 1 or not all(
        isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)) for node in others
    ):
        raise Unusable(
            "malformed reply", "expected one function `solve`, and nothing but imports, helpers and constants beside it"
        )
    solve = solvers[0]
    if ast.unparse(solve.args) != "self, call" or solve.decorator_list:
        raise Unusable("malformed reply", "expected `def solve(self, call):`")
    if not others:
        return ast.get_source_segment(body, solve, padded=True) or ""
    solve.body = [*others, *solve.body]
    return ast.unparse(ast.fix_missing_locations(solve)) + "\n"


def normal_form(source: str) -> str:
    """The same text for functions that differ in names of variables, comments, docstrings, annotations and layout alone."""
    tree = _Bare().visit(ast.parse(source))
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        for field in ("id", "arg", "name"):
            name = getattr(node, field, None)
            if name in bound and not isinstance(node, ast.keyword):
                setattr(node, field, names.setdefault(name, f"v{len(names)}"))
    return ast.dump(tree)


class _Bare(ast.NodeTransformer):
    """Takes off what does not run: annotations and docstrings."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Pass() if node.value is None else ast.Assign(targets=[node.target], value=node.value)
