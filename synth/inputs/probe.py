"""What runs inside the sandbox to learn inputs: a problem's own tests, watched, and its generator. Standard library only.

Neither unittest nor pytest nor doctest exist there: see stand_ins.py, and `run_example` here.
"""

import ast
import functools
import itertools
import random
import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from synth.inputs.stand_ins import pytest_module, unittest_module
from synth.plain import as_json

MAX_CALLS = 200
"""Calls of the entry point that are recorded."""
MAX_CHARS = 40_000
"""Length of all recorded calls together."""


def marked(value: Any) -> Any:
    """A value as JSON that still tells tuples, sets and keys apart: a map stands for each of them.

    Raises:
        ValueError: it cannot be told in JSON.
    """
    if isinstance(value, (list, range)):
        return [marked(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [marked(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        order = sorted(value, key=lambda item: (type(item).__name__, repr(as_json(item))))
        return {"set": [marked(item) for item in order]}
    if isinstance(value, dict):
        as_json(dict.fromkeys(value))
        return {"map": [[key, marked(item)] for key, item in value.items()]}
    return as_json(value)


class Recorder:
    """Stands in for the entry point and notes what it is called with; its calls of itself are not noted."""

    def __init__(self, function: Callable[..., Any], names: list[str]) -> None:
        self.function, self.names = function, names
        self.calls: list[dict[str, Any]] = []
        self.called = self.depth = self.chars = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = self.note(args, kwargs) if self.depth == 0 else None
        self.depth += 1
        try:
            result = self.function(*args, **kwargs)
        finally:
            self.depth -= 1
        if call is not None and call not in self.calls:
            self.calls.append(call)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)

    def note(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """The arguments by name; None where JSON cannot tell them, or there is no room."""
        self.called += 1
        try:
            call = {name: marked(value) for name, value in [*zip(self.names, args, strict=False), *kwargs.items()]}
        except (ValueError, TypeError, RecursionError):
            return None
        self.chars += len(repr(call))
        return call if self.chars <= MAX_CHARS and len(self.calls) < MAX_CALLS else None


def watch(namespace: dict[str, Any], entry: str, names: list[str], tests: str, examples: list[list[str]]) -> Recorder:
    """Run tests in the module of the solution with its entry point watched.

    Raises:
        Exception: what a failing test raises.
    """
    recorder = namespace[entry] = Recorder(namespace[entry], names)
    sys.modules["unittest"], sys.modules["pytest"] = unittest_module(), pytest_module()
    before = dict(namespace)
    exec(compile(without_imports_of(tests, entry), "<tests>", "exec", dont_inherit=True), namespace)
    namespace[entry] = recorder
    for test in found(namespace, before):
        test()
    check = namespace.get("check")
    if callable(check) and check is not before.get("check") and not recorder.called:
        check(recorder)
    for source, want in examples:
        run_example(source, want, namespace)
    return recorder


def without_imports_of(tests: str, entry: str) -> ast.Module:
    """Tests run in the solution's own module: imports of it are dropped."""
    tree = ast.parse(tests)

    def foreign(node: ast.stmt) -> bool:
        names = {name.name for name in node.names} if isinstance(node, (ast.ImportFrom, ast.Import)) else set()
        return bool(names & {entry, "solution"}) or (isinstance(node, ast.ImportFrom) and node.module == "solution")

    tree.body = [node for node in tree.body if not foreign(node)]
    return tree


def found(namespace: dict[str, Any], before: dict[str, Any]) -> Iterator[Callable[[], Any]]:
    """The test functions and methods that the tests have defined, in order."""
    for name, thing in list(namespace.items()):
        if before.get(name) is thing:
            continue
        if isinstance(thing, types.FunctionType) and name.startswith("test"):
            yield from cases(thing)
        elif isinstance(thing, type) and (name.startswith("Test") or getattr(thing, "is_test_case", False)):
            for method in [method for method in dir(thing) if method.startswith("test")]:
                yield from methods(thing, method)


def methods(cls: type, name: str) -> Iterator[Callable[[], Any]]:
    """A test method on an object of its own, with what prepares it."""

    def run(case: Callable[[], Any]) -> None:
        for prepare in ("setUpClass", "setUp", "setup_method"):
            getattr(test, prepare, lambda: None)()
        case()

    test = cls()
    for case in cases(getattr(test, name)):
        yield functools.partial(run, case)


def cases(test: Any) -> Iterator[Callable[[], Any]]:
    """A test once, or once for each of its parameter sets."""
    marks = getattr(test, "parameter_sets", [])
    for choice in itertools.product(*marks):
        arguments = {name: value for names, values in choice for name, value in zip(names, values, strict=True)}
        yield functools.partial(test, **arguments)


def run_example(source: str, want: str, namespace: dict[str, Any]) -> None:
    """One doctest example.

    Raises:
        AssertionError: it shows something else.
    """
    shown: list[str] = []
    namespace["print"] = lambda *args, sep=" ", end="\n", **_: shown.append((sep or " ").join(map(str, args)) + (end or ""))
    sys.displayhook = lambda value: shown.append(f"{value!r}\n") if value is not None else None
    try:
        exec(compile(source, "<doctest>", "single", dont_inherit=True), namespace)
    except Exception as exc:
        if not want.startswith("Traceback"):
            raise
        if type(exc).__name__ not in want:
            raise AssertionError(f"expected {want.splitlines()[-1]}, got {type(exc).__name__}") from exc
        return
    finally:
        namespace.pop("print")
    got, want = " ".join("".join(shown).split()), " ".join(want.split())
    if got != want and not re.fullmatch(re.escape(want).replace(re.escape("..."), ".*"), got):
        raise AssertionError(f"{source.strip()} shows {got[:60]}, not {want[:60]}")


def draw(source: str, levels: list[str], start: int, count: int, seed: int) -> list[dict[str, Any]]:
    """Inputs from a generator, by number: level, and config or failure. Fewer when there is no room for more.

    Raises:
        Exception: the generator's module does not load.
    """
    namespace: dict[str, Any] = {"random": random, "Random": random.Random, "__name__": "generator"}
    exec(compile(source, "<generator>", "exec", dont_inherit=True), namespace)
    generate, plain = namespace.get("generate"), namespace.get("generate_inputs")
    drawn, chars = list[dict[str, Any]](), 0
    for number in range(start, start + count):
        level = levels[number % len(levels)]
        random.seed(f"{seed}/{number}")
        rng = random.Random(f"{seed}/{level}/{number}")
        try:
            config = generate(rng, level) if generate else plain(rng)  # type: ignore[misc]
            if not isinstance(config, dict):
                raise TypeError(f"expected a map of arguments, got {type(config).__name__}")
            drawn.append({"level": level, "config": {str(name): marked(value) for name, value in config.items()}})
        except Exception as exc:
            drawn.append({"level": level, "failure": f"{type(exc).__name__}: {exc}"[:200]})
        chars += len(repr(drawn[-1]))
        if chars > MAX_CHARS // 2:
            break
    return drawn
