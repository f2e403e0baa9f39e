"""Answers that must not score: nothing at all, and what stands near a right answer. And those that anybody would guess."""

import json
from typing import Any

from codegym_mcp.environment import same

EMPTY: tuple[Any, ...] = (None, False, 0, "", [], {})
"""What is submitted without any work."""


def empty_answers(reference: Any) -> list[Any]:
    """Answers that take no work, without those that are right."""
    return [answer for answer in EMPTY if not same(answer, reference) and answer != reference]  # False is 0 to Python


def is_empty(answer: Any) -> bool:
    """Whether an answer is one that is submitted without any work."""
    return any(same(answer, empty) for empty in EMPTY)


def near_misses(value: Any, *, exact: bool = True) -> list[Any]:
    """Wrong answers near a right one: one off, cut, doubled, reversed, of another form.

    Args:
        exact: whether nothing but the reference is right; else order and letter case may not matter.
    """
    found = [*_slips(value, exact), *_other_forms(value)]
    return [wrong for wrong in found if wrong != value]  # 5.0 is right where 5 is, for Python and published environments


def _slips(value: Any, exact: bool) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1, 10 * value + 1]
        case float():
            return [value + 1.0, value - 1.0, value * 2 + 1]
        case str():
            return [value + "x", value[:-1] if value else "x", *([value.swapcase(), value[::-1]] if exact else [])]
        case [first, *rest]:
            near = [[wrong, *rest] for wrong in _slips(first, exact)[:1]]
            return [*near, rest, *([[*value, value[-1]], value[::-1]] if exact else [])]
        case []:
            return [[1]]
        case dict():
            key = next(iter(value), None)
            if key is None:
                return [{"x": 1}]
            others = {k: v for k, v in value.items() if k != key}
            return [*({**value, key: wrong} for wrong in _slips(value[key], exact)[:1]), others, {**value, f"{key}x": 1}]
    return [1]


def _other_forms(value: Any) -> list[Any]:
    text = value if isinstance(value, str) else json.dumps(value)
    return [[value], {"answer": value}, f'"{text}"', *([] if isinstance(value, str) else [text])]
