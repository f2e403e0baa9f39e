"""What a lazy agent could read instead of working it out. Pure functions over what was observed; nothing is played here.

A shortcut is a fixed plan that needs no work: make one of the first calls that an oracle makes, or one with arguments
that anybody knows, and submit its result or a part of it. What counts is how many tasks one and the same plan solves:
that a small number turns up somewhere by chance makes no plan.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from codegym_mcp.environment import same
from codegym_mcp.types import Step

EARLY = 4
"""The work has begun once a quarter of the oracle's calls is made."""
FIRST_CALLS = 2
"""Early calls of each tool that a plan may consist of."""
MAX_PARTS = 8
"""Entries of a list, or words of a text, that are looked at one by one."""
KNOWN: tuple[Any, ...] = (None, True, False, 0, 1, -1, "")
"""Arguments that need no knowledge."""

Plan = tuple[str, str]
"""A call, such as `Weigh, 1st`, and the part of its result that is submitted, such as `["total"]`."""


def early_results(steps: Sequence[Step], answer: Any) -> Iterator[tuple[str, str]]:
    """The oracle's first calls, made before the work is done, and their results.

    A call whose arguments hold the answer shows nothing that the agent did not know.
    """
    calls = [step for step in steps if step.tool != "Done" and not step.is_error]
    made: dict[str, int] = {}
    for step in calls[: max(1, len(calls) // EARLY)]:
        made[step.tool] = number = made.get(step.tool, 0) + 1
        if number <= FIRST_CALLS and not any(same(leaf, answer) for leaf in leaves(step.arguments)):
            yield f"{step.tool}, call {number}", step.text


def known_arguments(arguments: Any, observed: str) -> bool:
    """Whether anybody could make such a call at once: from nothing, or from what Observe shows."""
    shown = [*KNOWN, *leaves(parsed(observed))]
    return all(any(same(leaf, known) for known in shown) for leaf in leaves(arguments))


def plans_that_solve(results: Iterator[tuple[str, str]], answer: Any) -> set[Plan]:
    """The plans that lead to the answer."""
    return {(call, part) for call, text in results for part, value in parts(text) if same(value, answer)}


def parts(text: str) -> Iterator[tuple[str, Any]]:
    """A result and the parts of it that one would submit first, each with its place."""
    value = parsed(text)
    yield "all", value
    if not isinstance(value, str):
        yield "its text", text
    match value:
        case dict():
            yield from ((f"[{key!r}]", part) for key, part in value.items())
        case [*items]:
            yield from ((f"[{place}]", part) for place, part in enumerate(items[:MAX_PARTS]))
            yield from (("[-1]", part) for part in items[-1:])
        case str():
            yield from ((f"word {place}", parsed(word)) for place, word in enumerate(words(value)[:MAX_PARTS]))
            yield from (("last word", parsed(word)) for word in words(value)[-1:])


def parsed(text: str) -> Any:
    """An observation as the value it shows."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def leaves(value: Any) -> Iterator[Any]:
    """The scalars in a JSON value; keys of inner objects are data too."""
    match value:
        case dict():
            for key, part in value.items():
                yield key
                yield from leaves(part)
        case list() | tuple() | set():
            for part in value:
                yield from leaves(part)
        case _:
            yield value


def reveals_all(config: Mapping[Any, Any], observed: str) -> bool:
    """Whether every value of the task's configuration stands in what Observe shows, as often as it occurs there."""
    hidden = [leaf for value in config.values() for leaf in leaves(value)]
    shown = list(leaves(parsed(observed)))
    text = "\n".join(leaf for leaf in shown if isinstance(leaf, str))
    for leaf in hidden:
        if isinstance(leaf, str):
            if leaf not in text:
                return False
            text = text.replace(leaf, "\n", 1)
    rest = [leaf for leaf in shown if not isinstance(leaf, str)] + [parsed(word) for word in words(text)]
    for leaf in hidden:
        if not isinstance(leaf, str):
            place = next((place for place, one in enumerate(rest) if same(one, leaf)), None)
            if place is None:
                return False
            del rest[place]
    return bool(hidden)


def words(text: str) -> list[str]:
    """The words of a text, without punctuation."""
    return [word.strip(".,:;!?()[]{}\"'") for word in text.replace("=", " ").split()]
