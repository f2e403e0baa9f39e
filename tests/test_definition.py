"""Reading the native format: what becomes of a source, and that every mistake of an author is told with file and line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import RESERVED, Definition, read_native
from codegym_mcp.errors import InvalidEnvironment
from tests.conftest import COUNTER

WHERE = "folder/env.py"
GOOD = '''from codegym_mcp import Environment, tool


class Dial(Environment):
    """Find the number."""

    def reset(self, *, number: int) -> None:
        self.number = number

    def observe(self) -> str:
        """Look at it.

        Returns:
            what is seen.
        """
        return "a dial"

    @tool
    def Turn(self, clicks: int, fast: bool = False) -> str:
        """Turn it.

        Slowly.

        Args:
            clicks: how far,
                from 1 to 9.
            fast: whether to hurry.

        Returns:
            a sound.

        Example:
            Turn(clicks=3) -> "click"
        """
        return "click"

    def answer(self) -> int:
        """The number.

        Returns:
            the number behind the dial.
        """
        return self.number

    def solve(self, call):
        call("Done", answer=call("Turn", clicks=1))
'''


def read(source: str) -> Definition:
    return read_native(source, name="dial", where=WHERE)


def test_good_source_becomes_tools_in_order() -> None:
    found = read(GOOD)
    assert (found.name, found.format, found.class_name, found.where) == ("dial", "native", "Dial", WHERE)
    assert found.prompt == "Find the number."
    assert found.tool_names == ["Observe", "Turn", "Done"]
    turn, done, observe = found.tool("Turn"), found.tool("Done"), found.tool("Observe")
    assert turn is not None and done is not None and observe is not None
    assert turn.purpose == "Turn it.\n\nSlowly."
    assert turn.parameters == {"clicks": "how far, from 1 to 9.", "fast": "whether to hurry."}
    assert turn.input_schema == {
        "type": "object",
        "properties": {"clicks": {"type": "integer"}, "fast": {"type": "boolean", "default": False}},
        "required": ["clicks"],
        "additionalProperties": False,
    }
    assert done.input_schema["properties"] == {"answer": {"type": "integer"}}
    assert done.parameters == {"answer": "the number behind the dial."}
    assert observe.returns == "what is seen."
    assert found.tool("Spin") is None


def test_example_is_withheld_unless_asked_for() -> None:
    """Paper: training documents tools without examples."""
    turn = read(GOOD).tool("Turn")
    assert turn is not None
    assert 'click"' not in turn.description()
    assert turn.description("examples").endswith('Example:\n    Turn(clicks=3) -> "click"')
    assert turn.description() == turn.description("examples").split("\n\nExample:")[0]


def test_hash_is_that_of_the_source_alone() -> None:
    other = read_native(GOOD, name="another", where="elsewhere")
    assert other.hash == read(GOOD).hash != read(GOOD + "\n# a comment\n").hash


def test_reading_executes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    read("print('executed')\nraise SystemExit(3)\n" + GOOD)
    assert capsys.readouterr().out == ""


MISTAKES: list[tuple[str, str, str, str | None]] = [
    # what is replaced, by what, what is told, the line it is told of (the first that holds this text)
    ("class Dial(Environment):", "class Dial(Environment:", "not valid Python", "class Dial(Environment:"),
    ("class Dial(Environment)", "class Dial", "expected one class derived from Environment, found 0", None),
    (
        GOOD,
        GOOD + "\nclass Second(Environment):\n    pass\n",
        "expected one class derived from Environment, found 2",
        "class Second",
    ),
    ('    """Find the number."""\n', "", "class Dial needs a docstring: it is the task the agent reads", "class Dial"),
    ("def reset(", "def begin(", "class Dial lacks the method 'reset'", "class Dial"),
    ("def observe(", "def look(", "class Dial lacks the method 'observe'", "class Dial"),
    ("def answer(", "def result(", "class Dial lacks the method 'answer'", "class Dial"),
    ("def solve(", "def win(", "class Dial lacks the method 'solve'", "class Dial"),
    ("    @tool\n", "", "class Dial declares no @tool", "class Dial"),
    ("    def Turn(", "    async def Turn(", "'Turn' is async; tools are plain functions", "async def Turn"),
    ("def Turn(", "def turn(", "tool turn: a name is PascalCase", "def turn"),
    ("def Turn(", "def Start(", "tool Start: a name is PascalCase", "def Start"),
    ("def Turn(", f"def T{'u' * 64}(", "a name is PascalCase, of at most 64 characters", "def Tuu"),
    ("clicks: int, fast", "clicks, fast", "tool Turn: parameter 'clicks' needs a type hint that JSON can carry", "def Turn"),
    ("clicks: int, fast", "clicks: Dial, fast", "tool Turn: parameter 'clicks' needs a type hint", "def Turn"),
    ("fast: bool = False", "*more: int", "tool Turn: takes plain named parameters only", "def Turn"),
    ("fast: bool = False", "**more: int", "tool Turn: takes plain named parameters only", "def Turn"),
    ("clicks: int, fast: bool = False", "clicks: int, /, fast: bool = False", "takes plain named parameters only", "def Turn"),
    ("False) -> str:", "False):", "tool Turn: needs a return annotation", "def Turn"),
    ("fast: bool = False", "episode: str = ''", "tool Turn: 'episode' is reserved for the endpoint", "def Turn"),
    ("            fast: whether to hurry.\n", "", "tool Turn: parameter 'fast' is not documented under Args", "def Turn"),
    (
        "fast: whether to hurry.",
        "fast: whether to hurry.\n            slow: or not.",
        "tool Turn: Args documents 'slow', which is no parameter",
        "def Turn",
    ),
    ("        Args:\n", "", "tool Turn: docstring lacks the section 'Args:'", "def Turn"),
    ("        Returns:\n            a sound.\n", "", "tool Turn: docstring lacks the section 'Returns:'", "def Turn"),
    ('        Example:\n            Turn(clicks=3) -> "click"\n', "", "docstring lacks the section 'Example:'", "def Turn"),
    ("def answer(self) -> int:", "def answer(self):", "'answer' needs a return annotation that JSON can carry", "def answer"),
    ("def answer(self) -> int:", "def answer(self) -> Dial:", "'answer' needs a return annotation", "def answer"),
]


@pytest.mark.parametrize(("old", "new", "problem", "at"), MISTAKES, ids=[problem for _, _, problem, _ in MISTAKES])
def test_mistake_of_an_author_is_told_with_file_and_line(old: str, new: str, problem: str, at: str | None) -> None:
    assert old in GOOD
    source = GOOD.replace(old, new, 1)
    with pytest.raises(InvalidEnvironment) as wrong:
        read(source)
    line = next((number for number, text in enumerate(source.splitlines(), start=1) if at and at in text), None)
    assert problem in wrong.value.problem
    assert wrong.value.line == line
    assert str(wrong.value).startswith(f"{WHERE}:{line}: " if line else f"{WHERE}: ")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_of_the_endpoint_cannot_be_declared(name: str) -> None:
    with pytest.raises(InvalidEnvironment, match="and not Done, Observe, Start"):
        read(GOOD.replace("def Turn(", f"def {name}("))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("\0", "not valid Python"),
        ("x = " + "(" * 300 + ")" * 300, "not valid Python"),
        ("x = " + "-" * 100_000 + "1", "not valid Python"),
        ("#" * (1 << 18) + "\n", "source is longer than 256 KiB"),
        (GOOD.replace("clicks: int", "clicks: " + "list[" * 5000 + "int" + "]" * 5000), ""),
        (GOOD.replace("clicks: int", "clicks: " + " | ".join(["int"] * 5000)), ""),
    ],
)
def test_source_made_to_break_the_reader_is_refused(source: str, problem: str) -> None:
    """A synthesized environment is untrusted text; reading it may raise nothing else."""
    with pytest.raises(InvalidEnvironment) as wrong:
        read(source)
    assert problem in str(wrong.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_source_is_still_read_or_told(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    length, text = (
        data.draw(st.integers(0, 40)),
        data.draw(st.text(max_size=10) | st.sampled_from(["\n", "    ", ":", '"""', "("])),
    )
    try:
        found = read(GOOD[:at] + text + GOOD[at + length :])
    except InvalidEnvironment as exc:
        assert exc.where == WHERE
    else:
        assert found.tool_names[0] == "Observe" and found.tool_names[-1] == "Done"


def test_bundled_environments_are_read_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    catalog = Catalog.bundled()
    for name in catalog.names():
        definition = catalog.definition(name)
        assert definition.trusted and len(definition.tools) >= 4
    assert [warning for warning in recwarn if issubclass(warning.category, SyntaxWarning)] == []


def test_environment_of_these_tests_is_no_bundled_one() -> None:
    assert not read_native(COUNTER, name="counter", where=WHERE).trusted


def test_prompt_is_the_whole_docstring_without_its_indentation() -> None:
    source = GOOD.replace('"""Find the number."""', '"""Find it.\n\n    - one\n      - two\n    """')
    assert read(source).prompt == "Find it.\n\n- one\n  - two"


def arguments(hint: str) -> Any:
    """The schema that a type hint gives a parameter."""
    tool = read(GOOD.replace("clicks: int", f"clicks: {hint}")).tool("Turn")
    assert tool is not None
    return tool.input_schema["properties"]["clicks"]


def test_type_hints_may_be_texts_or_of_typing() -> None:
    assert arguments("'int'") == arguments("int") == {"type": "integer"}
    assert arguments("typing.List[int]") == arguments("List[int]") == arguments("list[int]")
