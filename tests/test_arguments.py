"""Arguments against a tool's schema: what passes, what the model is told, and that no worker is bothered."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.arguments import MAX_ARGUMENTS_BYTES, MAX_MALFORMED_CHARS, check_arguments, recordable
from codegym_mcp.definition import read_native
from codegym_mcp.errors import InvalidArguments, UnknownTool
from codegym_mcp.published import read_published
from tests.conftest import COUNTER_HEAD, tool_source
from tests.test_published import environment

HINTS = {
    "whole": "int",
    "real": "float",
    "text": "str",
    "truth": "bool",
    "many": "list[int]",
    "pair": "tuple[int, str]",
    "table": "dict[str, list[int]]",
    "maybe": "int | None",
    "choice": "Literal['up', 'down']",
    "anything": "Any",
}
SOURCE = COUNTER_HEAD + "".join(tool_source(name.capitalize(), f"{name}: {hint}", "return 0") for name, hint in HINTS.items())
SOURCE += tool_source("Two", "a: int, b: int = 5", "return 0").replace("a: a value.", "a: one.\n            b: other.")
KINDS = read_native(SOURCE, name="kinds", where="kinds/env.py")
"""An environment with a tool for each kind of parameter."""


def check(name: str, value: Any) -> Any:
    """What the tool of a kind of parameter gets."""
    return check_arguments(KINDS, name.capitalize(), {name: value})[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("whole", 3),
        ("whole", -(10**30)),
        ("real", 2.5),
        ("real", 2),
        ("text", ""),
        ("text", "ünï\n\x00"),
        ("truth", False),
        ("many", []),
        ("many", [1, 2]),
        ("pair", [1, "a"]),
        ("table", {"x": [1]}),
        ("maybe", None),
        ("maybe", 4),
        ("choice", "up"),
        ("anything", {"deep": [None, 1.5, "x"]}),
    ],
)
def test_value_that_fits_is_passed_on_as_it_is(name: str, value: Any) -> None:
    assert check(name, value) == value
    assert type(check(name, value)) is type(value)


def test_whole_number_written_as_a_real_one_is_taken_as_whole() -> None:
    """JSON has one kind of number, and models write 3.0; the tool gets an int."""
    assert check("whole", 3.0) == 3
    assert type(check("whole", 3.0)) is int
    assert type(check("real", 3.0)) is float


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("whole", "x", "'whole' must be an integer, got 'x'"),
        ("whole", 2.5, "'whole' must be an integer, got 2.5"),
        ("whole", True, "'whole' must be an integer, got True"),
        ("whole", None, "'whole' must be an integer, got None"),
        ("real", "1", "'real' must be a number, got '1'"),
        ("text", 1, "'text' must be a string, got 1"),
        ("truth", 0, "'truth' must be true or false, got 0"),
        ("many", "12", "'many' must be a list, got '12'"),
        ("many", [1, "x"], "'many[1]' must be an integer, got 'x'"),
        ("table", {"x": [1, None]}, "'table['x'][1]' must be an integer, got None"),
        ("pair", [1], "'pair': [1] has less than 2 items"),
        ("pair", ["a", "b"], "'pair[0]' must be an integer, got 'a'"),
        ("maybe", "x", "'maybe' must be an integer or null, got 'x'"),
        ("choice", "left", "'choice' must be one of 'up', 'down', got 'left'"),
    ],
)
def test_value_that_does_not_fit_is_told_with_its_place_what_was_expected_and_what_came(
    name: str, value: Any, problem: str
) -> None:
    with pytest.raises(InvalidArguments) as wrong:
        check(name, value)
    assert str(wrong.value) == f"{name.capitalize()}: {problem}. State unchanged."


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "the argument 'a' is missing"),
        (None, "the argument 'a' is missing"),
        ({"b": 1}, "the argument 'a' is missing"),
        ({"a": 1, "c": 2}, "there is no argument 'c'; arguments are: a, b"),
        ('{"a": 1', """the arguments must be a JSON object, got '{"a": 1'"""),
        ("[1]", "the arguments must be a JSON object, got '[1]'"),
    ],
)
def test_arguments_left_out_or_made_up_are_told(arguments: Any, problem: str) -> None:
    with pytest.raises(InvalidArguments) as wrong:
        check_arguments(KINDS, "Two", arguments)
    assert str(wrong.value) == str(InvalidArguments("Two", problem))


def test_argument_with_a_default_may_be_left_out() -> None:
    """The tool's own default applies: nothing is filled in here."""
    assert check_arguments(KINDS, "Two", {"a": 1}) == {"a": 1}


def test_tool_without_parameters_takes_none() -> None:
    assert check_arguments(KINDS, "Observe", None) == check_arguments(KINDS, "Observe", {}) == {}
    with pytest.raises(InvalidArguments, match="there is no argument 'x'; arguments are: none"):
        check_arguments(KINDS, "Observe", {"x": 1})


@pytest.mark.parametrize("tool", ["", "observe", "answer", "reset", "__init__", "Start", "X" * 500])
def test_only_declared_tools_exist(tool: str) -> None:
    with pytest.raises(UnknownTool) as unknown:
        check_arguments(KINDS, tool, {})
    assert unknown.value.tools == KINDS.tool_names
    assert len(unknown.value.tool) <= 80


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_number_that_json_lacks_is_refused_by_a_native_tool(value: float) -> None:
    with pytest.raises(InvalidArguments):
        check("real", value)


def test_foreign_text_in_an_error_is_clipped() -> None:
    with pytest.raises(InvalidArguments) as wrong:
        check("whole", "x" * 10_000)
    assert len(str(wrong.value)) < 300


def test_callers_own_arguments_are_left_alone() -> None:
    given_ = {"whole": 3.0}
    check_arguments(KINDS, "Whole", given_)
    assert type(given_["whole"]) is float


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(tool=st.sampled_from([*KINDS.tool_names, "Nope"]), arguments=st.none() | st.text(max_size=20) | json_values)
def test_whatever_a_model_sends_passes_or_is_told_apart_from_it_in_one_line(tool: str, arguments: Any) -> None:
    """Foreign text never breaks the line, and no other exception comes out."""
    sent = arguments if isinstance(arguments, (str, dict)) or arguments is None else {"value": arguments}
    try:
        checked = check_arguments(KINDS, tool, sent)
    except (InvalidArguments, UnknownTool) as exc:
        text = str(exc)
        assert text.endswith("State unchanged.") and len(text) < 1200 and "\n" not in text
    else:
        assert isinstance(checked, dict) and checked == dict(sent or {})


def test_argument_that_a_published_tool_has_not_passes_and_is_told_to_the_operator_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The published classes drop it; the agent reads what it would read of them."""
    definition = read_published(environment(), name="Extra_1_I__OwnEnv", where="own.py")
    for arguments in ({"mood": "good"}, {"mood": "bad"}, {"mood\n": 1}):
        assert check_arguments(definition, "Probe", arguments) == arguments
    told = "Extra_1_I__OwnEnv: Probe was called with {}, which is none of its parameters"
    assert caplog.messages == [told.format("'mood'"), told.format(r"'mood\n'")]


# --------------------------------------------------------------------------------------------------------- for the log
@pytest.mark.parametrize("arguments", [{}, {"a": [1, {"b": None}]}, {"a": "é\x00"}])
def test_plain_json_is_kept_as_it_came(arguments: dict[str, Any]) -> None:
    assert recordable(arguments) == arguments


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (None, {}),
        ({"x": math.nan, "y": [math.inf]}, {"x": "NaN", "y": ["Infinity"]}),
        ("x" * 5000, "x" * MAX_MALFORMED_CHARS),
        ("\ud800", "?"),
        ({"x": "\ud800"}, "an object with characters that no Unicode text has"),
        ({"x": "y" * MAX_ARGUMENTS_BYTES}, "an object longer than 256 KiB"),
    ],
)
def test_what_json_cannot_carry_is_kept_as_a_text(arguments: Any, kept: Any) -> None:
    """The log is plain JSON whatever was sent, so that it can be stored, sent and read again."""
    assert recordable(arguments) == kept
