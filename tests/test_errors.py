"""The error tree: worded once, in one line, the same on every way, and complete in its drawing."""

import inspect
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp import errors
from codegym_mcp.errors import (
    UNCHANGED,
    AtCapacity,
    CallKeyReused,
    CodegymError,
    ContextFull,
    EndpointRefused,
    EnvironmentNotFound,
    EpisodeBusy,
    EpisodeExpired,
    EpisodeFinished,
    EpisodeLost,
    EpisodeMoved,
    EpisodeNotFound,
    EpisodeOver,
    EpisodeTimeout,
    InvalidArguments,
    InvalidEnvironment,
    InvalidRequest,
    InvalidTask,
    PolicyError,
    SandboxError,
    SandboxUnavailable,
    StepOutOfRange,
    StoreError,
    TaskNotFound,
    ToolCallError,
    ToolCrashed,
    ToolOverLimit,
    ToolRaised,
    ToolRefused,
    ToolTimeout,
    UnknownTool,
    clip,
    error_from_json,
)

EXAMPLES: list[CodegymError] = [
    UnknownTool("Swp", ["Observe", "Swap", "Done"]),
    InvalidArguments("Swap", "'i' must be an integer, got 'x'"),
    ToolRaised("Swap", "IndexError: list index out of range"),
    ToolRefused("Swap", "Error: no such crate"),
    ToolTimeout("Swap", 2.0),
    ToolOverLimit("Swap", "memory", 256 << 20),
    ToolCrashed("Swap"),
    EpisodeOver(14),
    EpisodeNotFound(),
    EpisodeExpired(3600.0),
    EpisodeBusy(8),
    EpisodeFinished("terminated"),
    EpisodeMoved(),
    StepOutOfRange(9, 4),
    CallKeyReused(3),
    EnvironmentNotFound("coin", ["coin_change"]),
    TaskNotFound("coin_change", "x"),
    InvalidEnvironment("env.py", "no docstring", 7),
    InvalidEnvironment("env.py", "no docstring"),
    InvalidTask("tasks.jsonl", "not valid JSON", 2),
    InvalidRequest("seed", "must be a whole number"),
    StoreError("disk full"),
    SandboxError("out of processes"),
    SandboxUnavailable("no landlock"),
    EpisodeLost("http://127.0.0.1:1"),
    AtCapacity("open episodes", 5),
    PolicyError("no answer"),
    EndpointRefused("a wrong key"),
    ContextFull("too many tokens"),
    EpisodeTimeout("the episode took longer than 1800 s"),
]
TREE = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, CodegymError)]
BRANCHES = {"CodegymError", "ToolCallError", "EpisodeError", "CatalogError"}


def test_there_is_an_example_of_every_class() -> None:
    assert {type(error).__name__ for error in EXAMPLES} == {cls.__name__ for cls in TREE} - BRANCHES


def test_tree_is_drawn_as_it_is() -> None:
    """A newcomer reads the drawing first."""
    assert errors.__doc__ is not None
    drawn: dict[str, int] = {}
    for line in errors.__doc__.splitlines():
        if names := re.match(r"^([| `]*)[|`]- ([A-Z]\w+(?:, [A-Z]\w+)*)", line):
            drawn |= dict.fromkeys(names[2].split(", "), len(names[1]) // 3 + 1)
    depth = {cls.__name__: len(cls.__mro__) - len(CodegymError.__mro__) for cls in TREE if cls is not CodegymError}
    assert drawn == depth


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_error_comes_back_from_its_json(error: CodegymError) -> None:
    """One JSON form, on the control plane and in trajectories; a client has the class and its fields again."""
    again = error_from_json(error.to_json())
    assert type(again) is type(error)
    assert (str(again), again.fields(), again.retryable) == (str(error), error.fields(), error.retryable)
    assert again.to_json() == error.to_json()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_text_is_one_line_and_ends_like_a_sentence(error: CodegymError) -> None:
    assert "\n" not in str(error) and str(error)[0].isprintable()
    if isinstance(error, ToolCallError) and not isinstance(error, ToolRefused):
        assert str(error).endswith(f" {UNCHANGED}")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EXAMPLES[0], "There is no tool 'Swp'; tools are: Observe, Swap, Done. State unchanged."),
        (EXAMPLES[1], "Swap: 'i' must be an integer, got 'x'. State unchanged."),
        (EXAMPLES[2], "Swap raised IndexError: list index out of range. State unchanged."),
        (ToolRaised("Swap", "ValueError: full."), "Swap raised ValueError: full. State unchanged."),
        (EXAMPLES[3], "Error: no such crate"),
        (EXAMPLES[4], "Swap ran past 2 s and was stopped. State unchanged."),
        (EXAMPLES[5], "Swap ran past 256 MiB of memory and was stopped. State unchanged."),
        (
            ToolOverLimit("Swap", "state", 64 << 10),
            "Swap ran past 64 KiB of state and was stopped. State unchanged.",
        ),
        (EXAMPLES[7], "The episode is over since step 14. State unchanged."),
        (InvalidEnvironment("env.py", "no docstring", 7), "env.py:7: no docstring"),
        (EnvironmentNotFound("coin"), "There is no environment 'coin'. `codegym list` shows them."),
    ],
)
def test_wording_is_the_one_that_is_documented(error: CodegymError, text: str) -> None:
    assert str(error) == text


def test_only_the_machine_and_the_crowd_are_worth_a_retry() -> None:
    retryable = {type(error).__name__ for error in EXAMPLES if error.retryable}
    assert retryable == {"EpisodeBusy", "EpisodeMoved", "SandboxError", "AtCapacity", "PolicyError"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"error": "SomethingNew", "message": "from a newer server", "retryable": True, "extra": [1]},
        {"error": 7, "message": None},
        {"error": "Exception", "message": "no class of ours"},
        {"error": "EpisodeBusy", "message": "x" * 10_000},
    ],
)
def test_unknown_error_of_a_server_is_still_an_error_of_ours(data: dict[str, Any]) -> None:
    error = error_from_json(data)
    assert isinstance(error, CodegymError)
    assert 0 < len(str(error)) <= 1000


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=3000), limit=st.integers(1, 600))
def test_clipped_text_is_one_line_of_bounded_length(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped) <= limit
    assert clipped.split() == clipped.split(" ") or clipped == ""
    if len(" ".join(text.split())) <= limit:
        assert clipped == " ".join(text.split())


def test_id_of_an_episode_is_in_no_error() -> None:
    """It is a secret: whoever has it plays the episode."""
    assert "id" not in inspect.signature(EpisodeNotFound).parameters
