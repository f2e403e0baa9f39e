"""The little of pytest and unittest that tests of coding problems use: neither exists in the sandbox. Standard library only."""

import contextlib
import math
import re
import types
from collections.abc import Callable
from typing import Any


class Raises:
    """`with raises(ValueError)`; also in unittest's form."""

    def __init__(self, expected: Any, match: str | None = None) -> None:
        self.expected, self.match = expected, match
        self.value: BaseException | None = None
        self.exception = self.value

    def __enter__(self) -> "Raises":
        return self

    def __exit__(self, kind: Any, exc: Any, trace: Any) -> bool:
        if exc is None:
            raise AssertionError(f"expected {self.expected}, nothing was raised")
        self.value = self.exception = exc
        return isinstance(exc, self.expected) and (self.match is None or re.search(self.match, str(exc)) is not None)


class Approx:
    """A number, or lists and maps of numbers, equal but for rounding."""

    def __init__(self, expected: Any, rel: float | None = None, abs: float | None = None, **_: Any) -> None:
        self.expected, self.rel, self.abs = expected, rel or 1e-6, abs or 1e-12

    def __eq__(self, other: object) -> bool:
        return self.near(self.expected, other)

    def near(self, a: Any, b: Any) -> bool:
        if isinstance(a, dict):
            return isinstance(b, dict) and a.keys() == b.keys() and all(self.near(a[key], b[key]) for key in a)
        if isinstance(a, (list, tuple)):
            return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(self.near, a, b))
        return bool(a == b or math.isclose(a, b, rel_tol=self.rel, abs_tol=self.abs))


def pytest_module() -> types.ModuleType:
    """raises, approx, mark.parametrize and main."""

    def raises(expected: Any, *call: Any, match: str | None = None, **kwargs: Any) -> Any:
        guard = Raises(expected, match)
        if not call:
            return guard
        with guard:
            call[0](*call[1:], **kwargs)
        return guard

    def parametrize(names: Any, values: Any, **_: Any) -> Callable[[Any], Any]:
        listed = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        sets = [(listed, value if len(listed) > 1 else (value,)) for value in values]

        def decorate(test: Any) -> Any:
            test.parameter_sets = [*getattr(test, "parameter_sets", []), sets]
            return test

        return decorate

    module = types.ModuleType("pytest")
    mark = types.SimpleNamespace(parametrize=parametrize)
    module.__dict__.update(raises=raises, approx=Approx, mark=mark, main=lambda *_: 0)
    return module


class TestCase:
    """The assertions of unittest.TestCase that tests of functions use."""

    is_test_case = True

    def __init__(self, *_: Any) -> None:
        pass

    def setUp(self) -> None: ...

    @classmethod
    def setUpClass(cls) -> None: ...

    def subTest(self, *_: Any, **__: Any) -> Any:
        return contextlib.nullcontext()

    def assertTrue(self, value: Any, msg: Any = None) -> None:
        if not value:
            raise AssertionError(msg or f"got {value!r:.80}")

    def assertFalse(self, value: Any, msg: Any = None) -> None:
        self.assertTrue(not value, msg)

    def assertEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a == b, msg or f"{a!r:.80} != {b!r:.80}")

    assertListEqual = assertDictEqual = assertSetEqual = assertTupleEqual = assertSequenceEqual = assertEqual
    assertMultiLineEqual = assertEquals = assertEqual

    def assertNotEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a != b, msg)

    def assertIs(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a is b, msg)

    def assertIsNone(self, a: Any, msg: Any = None) -> None:
        self.assertTrue(a is None, msg)

    def assertIsNotNone(self, a: Any, msg: Any = None) -> None:
        self.assertTrue(a is not None, msg)

    def assertIn(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a in b, msg)

    def assertNotIn(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a not in b, msg)

    def assertIsInstance(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(isinstance(a, b), msg)

    def assertLess(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a < b, msg)

    def assertLessEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a <= b, msg)

    def assertGreater(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a > b, msg)

    def assertGreaterEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(a >= b, msg)

    def assertAlmostEqual(self, a: Any, b: Any, places: int = 7, msg: Any = None, delta: Any = None) -> None:
        self.assertTrue(a == b or abs(a - b) <= (delta if delta is not None else 0.5 * 10**-places), msg)

    def assertCountEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        self.assertTrue(sorted(a, key=repr) == sorted(b, key=repr), msg)

    def assertRaises(self, expected: Any, *call: Any, **kwargs: Any) -> Any:
        guard = Raises(expected)
        if not call:
            return guard
        with guard:
            call[0](*call[1:], **kwargs)
        return guard

    def assertRaisesRegex(self, expected: Any, match: str) -> Any:
        return Raises(expected, match)


def unittest_module() -> types.ModuleType:
    """TestCase and main."""
    module = types.ModuleType("unittest")
    module.__dict__.update(TestCase=TestCase, main=lambda *_, **__: None)
    return module
