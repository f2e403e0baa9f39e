"""Type hints to JSON Schema, and Google docstrings taken apart."""

import ast
import gc
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.schema import object_schema, parse_source, read_docstring, schema_of, schema_of_text


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("str", {"type": "string"}),
        ("bool", {"type": "boolean"}),
        ("None", {"type": "null"}),
        ("Any", {}),
        ("object", {}),
        ("list", {"type": "array"}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        ("List[List[str]]", {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
        ("Sequence[float]", {"type": "array", "items": {"type": "number"}}),
        ("dict", {"type": "object"}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("Dict[str, Any]", {"type": "object", "additionalProperties": True}),
        ("Mapping[str, list]", {"type": "object", "additionalProperties": {"type": "array"}}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        (
            "tuple[int, str]",
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
        ),
        ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Optional[int]", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Union[int, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 2]", {"enum": ["a", 2]}),
        ("typing.Optional[typing.List[int]]", {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
        ("'list[int]'", {"type": "array", "items": {"type": "integer"}}),
    ],
)
def test_type_hint_becomes_the_schema_of_its_json(hint: str, schema: dict[str, Any]) -> None:
    assert schema_of_text(hint) == schema
    assert jsonschema_rs.meta.is_valid(schema)


WIDGETS = ["Widget", "list[Widget]", "dict[str, Widget]", "tuple[int, Widget]", "int | Widget", "Callable[[int], str]"]
ODD = ["", "Literal[x]", "Literal[b'a']", "list[()]", "1", "f(x)", "int or str", "int |", "lambda: 0"]


@pytest.mark.parametrize("hint", [*WIDGETS, *ODD])
def test_hint_that_is_not_understood_is_no_schema(hint: str) -> None:
    assert schema_of_text(hint) is None


def test_absent_hint_is_no_schema() -> None:
    assert schema_of(None) is None


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="intlisrdc[](),.|'\" 0_:\\\n", max_size=30))
def test_any_text_is_a_valid_schema_or_none(text: str) -> None:
    schema = schema_of_text(text)
    assert schema is None or jsonschema_rs.meta.is_valid(schema)


def test_schema_of_one_tool_is_no_part_of_anothers() -> None:
    """Each has a dictionary of its own: a default given to one must not show in another."""
    one, other = schema_of_text("int"), schema_of_text("int")
    assert one is not other


def test_object_schema_is_closed_unless_told_otherwise() -> None:
    closed = object_schema({"a": {"type": "integer"}}, ["a"])
    assert closed["additionalProperties"] is False
    assert "additionalProperties" not in object_schema({}, [], closed=False)


# ----------------------------------------------------------------------------------------------------------- docstrings
FULL = """Move a crate.

    It must be on top.

    Args:
        source (int): stack to take from,
            counted from 0.
        target (Optional[List[int]], optional): where to: here or there.
        **rest: the others.

    Returns:
        str: what happened:
            more of it.

    Raises:
        ValueError: never mind.

    Example:
        Move(source=1)

        two lines
    """


def test_docstring_is_taken_apart() -> None:
    doc = read_docstring(FULL)
    assert doc.purpose == "Move a crate.\n\nIt must be on top."
    assert doc.parameters == {
        "source": "stack to take from, counted from 0.",
        "target": "where to: here or there.",
        "rest": "the others.",
    }
    assert doc.types == {"source": "int", "target": "Optional[List[int]]"}
    assert doc.returns == "str: what happened:\n    more of it."
    assert doc.example == "Move(source=1)\n\ntwo lines"
    assert doc.sections == {"args", "returns", "raises", "example"}


TITLES = {"Args": "args", "Arguments": "args", "Parameters": "args", "Return": "returns", "Examples": "example"}


@pytest.mark.parametrize(("title", "section"), [*TITLES.items(), ("Example Output", "example"), ("Notes", "notes")])
def test_section_has_several_titles(title: str, section: str) -> None:
    assert read_docstring(f"Do it.\n\n{title}:\n    x: y\n").sections == {section}


@pytest.mark.parametrize("text", ["Do it: now.", "Do it.\n\nArgs: none", "Do it.\n\nTodo:\n    x"])
def test_text_that_only_looks_like_a_section_stays_with_the_purpose(text: str) -> None:
    doc = read_docstring(text)
    assert doc.purpose == text
    assert doc.sections == frozenset()


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_no_docstring_is_an_empty_one(text: str | None) -> None:
    assert read_docstring(text).purpose == ""


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="AaRr gs:\n()*x\t", max_size=200) | st.integers(0, len(FULL)).map(lambda at: FULL[at:]))
def test_any_docstring_can_be_read(text: str) -> None:
    doc = read_docstring(text)
    assert set(doc.types) <= set(doc.parameters)


# --------------------------------------------------------------------------------------------------------------- source
def test_source_with_odd_escapes_is_read_in_silence() -> None:
    """Warnings are errors in these tests: the author's escape is not our affair."""
    assert isinstance(parse_source("x = '\\d'"), ast.Module)


class Parsing:
    """Garbage whose end parses, as a log line's traceback does."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        ast.parse("a = 1")


def test_source_is_read_where_garbage_parses_too() -> None:
    """Without a second try this is a SystemError on Python 3.11 (CPython issue 106905)."""
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for _ in range(5):
            Parsing()
        assert len(parse_source("x = [[1, 2], [3, 4]]\n" * 100).body) == 100
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("source", ["x = (", "\0", "x" * (1 << 18) + "x", "x = " + "[" * 500 + "]" * 500, "x = '\ud800'"])
def test_source_that_cannot_be_parsed_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        parse_source(source)
