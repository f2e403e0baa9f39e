"""Configurations of published environments: read from their text, and kept as plain JSON whatever they hold.

A configuration is JSON or a Python literal, which may hold tuples, sets and keys that are no texts. One that JSON would
bend is kept as its text under the key `LITERAL`, in a `Task`, in a store and on the wire alike, and becomes itself again in
the worker alone. Standard library only: imported in the sandbox too.
"""

import ast
import json
import warnings
from collections.abc import Mapping
from typing import Any

LITERAL = "codegym/literal"
"""The one key of a configuration that is kept as its text."""


def read_literal(text: str) -> Any:
    """A JSON value, else a Python literal, else None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def to_json(config: dict[str, Any], text: str) -> dict[str, Any]:
    """A configuration as plain JSON: itself, or `text`, which it was read from, where JSON would give back another."""
    try:
        same = LITERAL not in config and json.loads(json.dumps(config, allow_nan=False)) == config
    except (ValueError, TypeError, RecursionError):
        same = False
    return config if same else {LITERAL: text}


def from_json(config: Mapping[str, Any]) -> Mapping[Any, Any]:
    """The configuration that `to_json` was given.

    Raises:
        ValueError: it is kept as a text that is no configuration.
    """
    if list(config) != [LITERAL]:
        return config
    value = read_literal(str(config[LITERAL]))
    if not isinstance(value, dict):
        raise ValueError(f"the configuration's {LITERAL} is neither a JSON object nor the text of a dict")
    return value


def literal_text(config: Mapping[Any, Any]) -> str:
    """The text that `ast.literal_eval` reads as this configuration. `repr` alone writes an infinite number as a name."""
    tree = ast.parse(repr(config), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "inf":
            node.id = "1e999"
    return ast.unparse(tree)
