"""Do the arguments of a call fit the tool? Checked before any worker is bothered.

Native environments are strict. The published format is lenient where its own classes are (facts in published.py).
"""

import logging
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonschema_rs

from codegym_mcp.definition import Definition
from codegym_mcp.errors import InvalidArguments, UnknownTool, clip
from codegym_mcp.published import lenient_schema, wire_arguments
from codegym_mcp.types import ToolSpec, plain_json

ARTICLES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


Arguments = dict[str, Any] | str | None
"""What came with a call: an object, nothing, or a text that was none (a model's malformed JSON)."""
MAX_ARGUMENTS_BYTES = 1 << 18
"""Longest arguments of a call, as JSON; they stay in the episode's log. An observation may have a quarter of that."""
MAX_MALFORMED_CHARS = 1000
logger = logging.getLogger(__name__)


def recordable(arguments: Arguments) -> dict[str, Any] | str:
    """The arguments as they are kept in the log: plain JSON; in place of an object that cannot be, a text that says why."""
    if isinstance(arguments, str):
        return arguments[:MAX_MALFORMED_CHARS].encode("utf-8", "replace").decode()
    try:
        plain: dict[str, Any] = plain_json(arguments or {}, MAX_ARGUMENTS_BYTES)
        return plain
    except ValueError as exc:
        return f"an object {exc}"


def check_arguments(definition: Definition, tool: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as the tool gets them: 3.0 as 3 for an integer; non-finite numbers as the format wants them.

    Raises:
        UnknownTool: the environment has no such tool.
        InvalidArguments: says which argument, what was expected and what came.
    """
    spec = definition.tool(tool)
    if spec is None:
        raise UnknownTool(tool, definition.tool_names)
    if isinstance(arguments, str):
        raise InvalidArguments(tool, f"the arguments must be a JSON object, got {clip(repr(arguments), 120)}")
    checked = dict(arguments or {})
    if definition.format == "published":
        checked = wire_arguments(spec, checked)
        for name in checked.keys() - spec.input_schema["properties"].keys():
            _warn_of_extra(definition.name, tool, clip(repr(name), 80))
        visible: dict[str, Any] = {name: _finite(value) for name, value in checked.items()}
    else:
        checked = visible = _whole_numbers(spec, checked)
    try:
        error = next(iter(_validator(definition, tool).iter_errors(visible)), None)
    except (UnicodeEncodeError, ValueError, RecursionError) as exc:
        raise InvalidArguments(tool, f"the arguments are not valid JSON: {exc}") from exc
    if error is not None:
        raise InvalidArguments(tool, _explain(error, spec))
    return checked


@lru_cache(maxsize=8192)
def _warn_of_extra(environment: str, tool: str, argument: str) -> None:
    """Tell the operator, once each, of an argument that a published tool lets pass; the observation says nothing of it."""
    logger.warning("%s: %s was called with %s, which is none of its parameters", environment, tool, argument)


@lru_cache(maxsize=8192)
def _validator(definition: Definition, tool: str) -> Any:
    spec = definition.tool(tool)
    assert spec is not None
    schema = lenient_schema(spec.input_schema) if definition.format == "published" else spec.input_schema
    return jsonschema_rs.validator_for(schema)


def _whole_numbers(spec: ToolSpec, arguments: dict[str, Any]) -> dict[str, Any]:
    properties = spec.input_schema["properties"]
    for name, value in arguments.items():
        if type(value) is float and value.is_integer() and properties.get(name, {}).get("type") == "integer":
            arguments[name] = int(value)
    return arguments


def _finite(value: Any) -> Any:
    """The validator knows JSON only, which has no infinity."""
    return 0.0 if isinstance(value, float) and not math.isfinite(value) else value


def _explain(error: Any, spec: ToolSpec) -> str:
    """One sentence: what was expected, then what came."""
    where = _where(list(error.instance_path))
    match error.kind.name:
        case "required":
            return f"the argument '{error.kind.property}' is missing"
        case "additionalProperties":
            names = ", ".join(spec.input_schema["properties"]) or "none"
            return f"there is no argument '{clip(error.kind.unexpected[0], 80)}'; arguments are: {names}"
        case "type":
            expected = " or ".join(ARTICLES.get(kind, kind) for kind in error.kind.types)
        case "anyOf":
            found = [kind for branch in error.kind.context for inner in branch for kind in getattr(inner.kind, "types", [])]
            expected = " or ".join(dict.fromkeys(ARTICLES.get(kind, kind) for kind in found)) or "of another form"
        case "enum":
            expected = "one of " + ", ".join(map(repr, error.kind.options))
        case _:
            return f"{where}: {error.message}"
    return f"{where} must be {expected}, got {clip(repr(error.instance), 120)}"


def _where(path: Sequence[str | int]) -> str:
    if not path:
        return "the arguments"
    return f"'{path[0]}{''.join(f'[{part!r}]' for part in path[1:])}'"
