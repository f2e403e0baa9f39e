"""Reading replies, strictly; and putting a solver into an environment."""

import ast

import pytest

from synth.generate.completions import Completion
from synth.generate.dialogue import Unusable, whole_text
from synth.generate.replies import MAX_REPLY_CHARS, read_configs, read_solver, section
from synth.generate.source import read_environment, with_solve
from tests.conftest import COUNTER
from tests.synth.completions import said


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("<env>\nx = 1\n</env>", "x = 1\n"),
        ("I begin.\n\n<env>\n\n```python\nx = 1\n```\n</env>\nThat is all.", "x = 1\n"),
        ("The tag <env> holds the module.\n  <env>\nx = '<env> </env>'\n  </env>", "x = '<env> </env>'\n"),
        ("<env>\r\nx = 1\r\n</env>\r\n", "x = 1\n"),
    ],
)
def test_section_is_what_stands_between_its_tags(text: str, body: str) -> None:
    assert section(text, "env").splitlines() == body.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "<env>\nx = 1",
        "x = 1\n</env>",
        "</env>\nx = 1\n<env>",
        "<env>\nx = 1\n</env>\n<env>\ny = 1\n</env>",
        "<env>x = 1</env>",
        "<ENV>\nx = 1\n</ENV>",
        "<env>\n\n</env>",
        "<env>\n```python\n```\n</env>",
        "<env>\n" + "x" * MAX_REPLY_CHARS + "\n</env>",
    ],
)
def test_section_that_is_not_there_exactly_once_is_refused(text: str) -> None:
    with pytest.raises(Unusable) as caught:
        section(text, "env")
    assert caught.value.reason == "malformed reply"


def test_inputs_are_json_objects_one_per_line() -> None:
    lines = [
        '{"a": 1}',
        "",
        '{"a": 1}',
        '{"a": 1.0, "b": [NaN]}',
        "[1]",
        '{"a": 2}',
        "...",
        '{"a": [1, 2, 3, ...]}',
        "[" * 9999,
    ]
    configs, wrong = read_configs("\n".join(lines))
    assert configs == [{"a": 1}, {"a": 2}]
    assert len(wrong) == 5 and "NaN" in wrong[0]


def test_solver_takes_its_helpers_with_it() -> None:
    helpers = "from collections import deque\n\nLIMIT = 3\n\ndef half(n):\n    return n // 2\n\n"
    source = helpers + "def solve(self, call):\n    call('Done', answer=half(LIMIT))\n"
    (function,) = ast.parse(read_solver(source)).body
    assert isinstance(function, ast.FunctionDef) and len(function.body) == 4
    calls: list[object] = []
    names: dict[str, object] = {}
    exec(read_solver(source), names)
    names["solve"](None, lambda tool, answer: calls.append((tool, answer)))  # type: ignore[operator]
    assert calls == [("Done", 1)]


def test_solver_without_helpers_stays_as_it_was_written() -> None:
    source = 'def solve(self, call):\n    # the answer\n    call("Done",  answer=1)\n'
    assert read_solver("\n" + source).strip() == source.strip()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def solve(self, call)\n    pass", "invalid source"),
        ("def solve(self):\n    pass", "malformed reply"),
        ("def solve(self, call, state):\n    pass", "malformed reply"),
        ("def solve(self, *call):\n    pass", "malformed reply"),
        ("async def solve(self, call):\n    pass", "malformed reply"),
        ("@staticmethod\ndef solve(self, call):\n    pass", "malformed reply"),
        ("def solve(self, call):\n    pass\n\ndef solve(self, call):\n    pass", "malformed reply"),
        ("class Solver:\n    def solve(self, call):\n        pass", "malformed reply"),
        ("def solve(self, call):\n    pass\n\nprint(1)", "malformed reply"),
        ("call('Done', answer=1)", "malformed reply"),
        ("x = 1\0", "invalid source"),
    ],
)
def test_what_is_no_solver_is_refused(source: str, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_solver(source)
    assert caught.value.reason == reason


def completion(text: str, finish_reason: str = "stop") -> Completion:
    return said(text, finish_reason)


def test_thoughts_of_the_model_are_no_part_of_its_reply() -> None:
    assert (
        whole_text(completion("<think>\n<env>\nx = 0\n</env>\n</think>\n<env>\nx = 1\n</env>")).strip()
        == "<env>\nx = 1\n</env>"
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion(" \n"), "empty reply"),
        (completion("<think>hm</think>"), "empty reply"),
        (completion("<env>\nx = 1\n</env>", "length"), "reply cut off"),
        (completion("", "content_filter"), "refused"),
        (completion("I can't.", "refusal"), "refused"),
    ],
)
def test_reply_that_is_not_whole_is_refused(reply: Completion, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        whole_text(reply)
    assert caught.value.reason == reason


def test_addresses_stay_out_of_prompts() -> None:
    """A prompt that differs from run to run would never be found again."""
    assert str(Unusable("fails on an input", "<object at 0x7f12ab> is odd")) == "fails on an input: <object at 0x…> is odd"


def test_solver_takes_the_place_of_the_one_before() -> None:
    solver = 'def solve(self, call):\n    call("Done", answer=0)\n'
    once = with_solve(COUNTER, solver)
    assert once.count("def solve(") == 1 and 'answer=call("Observe")[0]' not in once
    assert with_solve(once, solver) == once
    before, after = read_environment(COUNTER, "counter"), read_environment(once, "counter")
    assert before.tools == after.tools and after.source == before.source


def test_what_stands_after_the_class_stays_there() -> None:
    methods = '  """Doc."""\n  def solve(self, call):\n    pass\n\n  def reset(self):\n    pass\n'
    source = f"class E(Environment):\n{methods}\n\nLATER = 1\n"
    whole = with_solve(source, "def solve(self, call):\n    return 1\n")
    (cls, later) = ast.parse(whole).body
    assert isinstance(cls, ast.ClassDef) and [getattr(node, "name", "") for node in cls.body] == ["", "reset", "solve"]
    assert ast.unparse(later) == "LATER = 1"
