"""Near-duplicates: of problems, of environments, of tools. Read from syntax trees and words; nothing is executed.

The rules, exactly:

- Two **problems** are twins if their statements have the same words in the same order (case, accents and punctuation
  aside); if at least `SHARED` of the three-word runs that either statement has are in both; or if their solutions are
  the same up to renaming.
- Two **environments** are twins if their `solve` is the same up to renaming, or the set of their tools is.
- **The same up to renaming**: docstrings, type hints, decorators and the texts of raised errors are dropped; every name
  that the source itself binds, and every text that could be a name (keys of observations, names of tools), is replaced
  by the number of its first occurrence; then the trees are equal. Numbers, other texts, builtins, imported names and
  methods of foreign objects (`append`) stay. What a function uses of its own module or class is part of it.

So another constant, operator or order of statements makes another skeleton; other words do not.
"""

import ast
import contextlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from codegym_mcp.definition import content_hash
from codegym_mcp.schema import parse_source
from synth.problem import Problem

RUN = 3
"""Words in a run."""
SHARED = 0.8
"""Share of the runs of two statements that makes them twins (Jaccard index)."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMES = {"id", "arg", "attr", "name", "names", "rest"}
"""Fields of syntax nodes that hold names."""
DROPPED = {"annotation", "returns", "decorator_list", "type_comment", "ctx", "msg", "type_ignores", "simple", "kind"}


@dataclass(frozen=True)
class Twin:
    """One thing that was there before under another name."""

    name: str
    of: str
    """The earlier one."""
    rule: str
    """statement, words, solution; skeleton, tools."""


class ProblemTwins:
    """Problems seen so far. In the same order, the same are kept: show the ones first that must stay (benchmarks)."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._runs: dict[str, set[int]] = {}
        self._places: dict[int, list[str]] = {}
        """One of the rarer runs of a statement -> whose it is."""

    def add(self, problem: Problem) -> Twin | None:
        """Remember a problem, unless it is the twin of an earlier one, which is then told."""
        for rule, key in problem_keys(problem).items():
            if key in self._keys:
                return Twin(problem.id, self._keys[key], rule)
        runs = _runs(problem.statement)
        if of := self._similar(runs):
            return Twin(problem.id, of, "words")
        self._keys |= dict.fromkeys(problem_keys(problem).values(), problem.id)
        self._runs[problem.id] = runs
        for run in _prefix(runs):
            self._places.setdefault(run, []).append(problem.id)
        return None

    def _similar(self, runs: set[int]) -> str | None:
        near = dict.fromkeys(id for run in _prefix(runs) for id in self._places.get(run, ()))
        for id in near:
            other = self._runs[id]
            if len(runs & other) >= SHARED * len(runs | other):
                return id
        return None


def problem_keys(problem: Problem) -> dict[str, str]:
    """Rule -> hash; problems with an equal one are twins. Lacks what the problem lacks, or what is no Python."""
    keys = {}
    if words := _words(problem.statement):
        keys["statement"] = content_hash("statement", *words)
    with contextlib.suppress(SyntaxError):
        keys["solution"] = content_hash("solution", solution_form(problem.solution))
    return keys


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def _runs(text: str) -> set[int]:
    words = _words(text)
    runs = (words[i : i + RUN] for i in range(max(1, len(words) - RUN + 1)))
    return {int(content_hash(*run)[:16], 16) for run in runs if run}


def _prefix(runs: set[int]) -> list[int]:
    """So many of the runs, in an order that all sets share, that two similar sets have one of theirs in common."""
    return sorted(runs)[: len(runs) - ceil(SHARED * len(runs)) + 1]


def environment_keys(source: str) -> dict[str, str]:
    """Rule -> hash; environments with an equal one are twins.

    Raises:
        SyntaxError: it is no Python.
    """
    forms = Forms(parse_source(source))
    tools = sorted(set(forms.tools().values()))
    return {"skeleton": content_hash("skeleton", forms.method("solve")), "tools": content_hash("tools", *tools)}


def tool_forms(source: str) -> dict[str, str]:
    """Tool -> its form; tools with an equal one do the same under other names."""
    return Forms(parse_source(source)).tools()


def solution_form(source: str) -> str:
    """The form of a whole module.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = parse_source(source)
    parts: Parts = {("name", name): node for name, node in _definitions(tree.body).items()}
    try:
        return _Writer(_bound(tree), parts).text([n for n in tree.body if not isinstance(n, (ast.Import, ast.ImportFrom))])
    except RecursionError as exc:
        raise SyntaxError("nested too deeply") from exc


Parts = dict[tuple[str, str], ast.stmt]
"""Kind (name, attribute) and name -> what the source defines under it."""


class Forms:
    """The forms of one environment's methods."""

    def __init__(self, tree: ast.Module) -> None:
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        self._methods = {n.name: n for cls in classes for n in cls.body if isinstance(n, FUNCTIONS)}
        self._bound = _bound(tree)
        self._parts: Parts = {("name", name): node for name, node in _definitions(tree.body).items()}
        self._parts |= {("attribute", name): node for name, node in self._methods.items()}

    def tools(self) -> dict[str, str]:
        """Of each tool."""
        return {name: self.method(name) for name, node in self._methods.items() if any(map(_is_tool, node.decorator_list))}

    def method(self, name: str) -> str:
        """Of one method, and of all it uses."""
        return _Writer(self._bound, self._parts).text([self._methods[name]]) if name in self._methods else ""


def _is_tool(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "tool") or (isinstance(node, ast.Attribute) and node.attr == "tool")


def _is_environment(base: ast.expr) -> bool:
    return "Environment" in (getattr(base, "id", ""), getattr(base, "attr", ""))


def _definitions(body: Iterable[ast.stmt]) -> dict[str, ast.stmt]:
    """What a module defines: functions, classes other than the environment, constants."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, FUNCTIONS) or (isinstance(node, ast.ClassDef) and not any(map(_is_environment, node.bases))):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


@dataclass(frozen=True)
class Bound:
    """What a source binds, and may therefore call otherwise."""

    names: frozenset[str]
    """Variables, parameters, functions, classes."""
    attributes: frozenset[str]
    """Attributes and methods."""


def _bound(tree: ast.AST) -> Bound:
    names: set[str] = set()
    attributes: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                attributes.add(name)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.ClassDef(name=name, body=body):
                names.add(name)
                attributes |= {inner.name for inner in body if isinstance(inner, FUNCTIONS)}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
    return Bound(frozenset(names), frozenset(attributes))


class _Writer:
    """Writes syntax nodes as text, with numbers in place of bound names."""

    def __init__(self, bound: Bound, parts: Parts) -> None:
        self._bound, self._parts = bound, parts
        self._numbers: dict[tuple[str, str], str] = {}
        """Kind of name (attribute, text, ...) and name -> what stands for it."""
        self._scopes = 0
        """Local names are numbered anew for each function that is no part of another."""
        self._wanted: list[ast.stmt] = []
        self._out: list[str] = []

    def text(self, nodes: Iterable[ast.stmt]) -> str:
        self._wanted = list(nodes)
        for node in self._wanted:  # grows while it is gone through
            self._scopes += 1
            self._write(node)
        return " ".join(self._out)

    def _write(self, value: Any) -> None:
        match value:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass() | ast.AnnAssign(value=None):
                return
            case ast.AnnAssign(target=target, value=ast.expr() as worth):
                self._write(ast.Assign(targets=[target], value=worth))
            case ast.Raise(exc=ast.Call(func=kind)):
                self._write(ast.Raise(exc=kind))
            case ast.Constant(value=str(text)) if text.isidentifier():
                self._out.append(self._number("text", text))
            case ast.Constant(value=constant):
                self._out.append(f"{type(constant).__name__}:{constant!r}")
            case ast.Call(func=function, args=args, keywords=keywords):
                self._out.append("(Call")
                self._write([function, *args])
                for keyword in keywords:
                    self._out.append(self._keyword(function, keyword.arg))
                    self._write(keyword.value)
                self._out.append(")")
            case ast.AST():
                self._write_node(value)
            case list():
                self._out.append("[")
                for item in value:
                    self._write(item)
                self._out.append("]")
            case _:
                self._out.append(repr(value))

    def _write_node(self, node: ast.AST) -> None:
        self._out.append(f"({type(node).__name__}")
        for field, value in ast.iter_fields(node):
            if isinstance(node, ast.ClassDef) and field == "body":
                for method in node.body:
                    self._scopes += 1
                    self._write(method)
            elif field in DROPPED:
                continue
            elif field in NAMES and isinstance(value, str):
                self._out.append(self._name("attribute" if field == "attr" else "name", value))
            elif field in NAMES and isinstance(value, list) and all(isinstance(one, str) for one in value):
                self._out += [self._name("name", one) for one in value]
            else:
                self._write(value)
        self._out.append(")")

    def _keyword(self, function: ast.expr, name: str | None) -> str:
        ours = isinstance(function, ast.Name) and function.id in self._bound.names
        ours |= isinstance(function, ast.Attribute) and function.attr in self._bound.attributes
        return self._number("keyword", name) if ours and name else str(name)

    def _name(self, kind: str, name: str) -> str:
        if name not in (self._bound.attributes if kind == "attribute" else self._bound.names):
            return name
        if (part := self._parts.get((kind, name))) is None:
            return self._number(kind if kind == "attribute" else f"name {self._scopes}", name)
        if all(part is not one for one in self._wanted):
            self._wanted.append(part)
        return self._number(f"part {kind}", name)

    def _number(self, kind: str, name: str) -> str:
        return self._numbers.setdefault((kind, name), f"${len(self._numbers)}")
