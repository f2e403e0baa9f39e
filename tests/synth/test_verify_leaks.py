"""What a lazy agent could read, and the answers that must not score: the rules themselves, and published environments."""

import json
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.answers import EMPTY, empty_answers, is_empty, near_misses
from codegym_mcp.card import card_of
from codegym_mcp.catalog import Catalog
from codegym_mcp.check import check_all
from codegym_mcp.environment import same
from codegym_mcp.leaks import early_results, known_arguments, plans_that_solve, reveals_all
from codegym_mcp.types import Step

PUBLISHED = Path(__file__).parents[1] / "fixtures" / "published"


def steps(*calls: tuple[str, dict[str, Any], str]) -> list[Step]:
    """The log of an episode."""
    return [
        Step(number=number, tool=tool, arguments=arguments, text=text, committed=True, digest="")
        for number, (tool, arguments, text) in enumerate(calls, start=1)
    ]


def test_work_has_begun_after_a_quarter_of_the_calls() -> None:
    """The last results of an honest oracle hold the answer; the first ones must not."""
    log = steps(*[("Add", {"n": n}, str(n)) for n in range(20)], ("Done", {"answer": 19}, "recorded"))
    assert list(early_results(log, 19)) == [("Add, call 1", "0"), ("Add, call 2", "1")]
    assert list(early_results(log[-3:], 19)) == [("Add, call 1", "18")]


def test_call_that_holds_the_answer_shows_nothing() -> None:
    log = steps(("Start", {"at": [3, 7]}, "7"), *[("Look", {"n": n}, "x") for n in range(7)])
    assert list(early_results(log, 7)) == [("Look, call 1", "x")]


@pytest.mark.parametrize(
    ("text", "answer", "part"),
    [
        ("42", 42, "all"),
        ("42", "42", "its text"),
        ('{"items": 3, "best": [1, 2]}', [1, 2], "['best']"),
        ("[5, 6, 7]", 6, "[1]"),
        (json.dumps([*range(20), 77]), 77, "[-1]"),
        ("the total is 42.", 42, "last word"),
        ("total=42 of 99", 42, "word 1"),
    ],
)
def test_parts_of_a_result_are_what_one_would_submit(text: str, answer: Any, part: str) -> None:
    plans = plans_that_solve(iter([("Look, call 1", text)]), answer)
    assert ("Look, call 1", part) in plans
    assert plans_that_solve(iter([("Look, call 1", text)]), "another") == set()


def test_arguments_are_known_to_anybody_if_they_are_trivial_or_were_shown() -> None:
    assert known_arguments({}, "{}") and known_arguments({"i": 0, "deep": [1, ""]}, "{}") is False  # "deep" is a key: unknown
    assert known_arguments({"i": 0}, '{"i": 5}') and known_arguments({"i": 5}, '{"i": 5}')
    assert not known_arguments({"i": 6}, '{"i": 5}')


@pytest.mark.parametrize(
    ("config", "observed", "whole"),
    [
        ({"values": [3, 1, 4], "k": 2}, '{"values": [3, 1, 4], "k": 2}', True),
        ({"values": [3, 1, 4], "k": 2}, "There are values 3, 1 and 4; k=2.", True),
        ({"values": [3, 1, 4], "k": 2}, '{"size": 3, "k": 2}', False),
        ({"values": [3, 3, 3]}, '{"size": 3}', False),
        ({"needs": {"oak": ["elm"], "elm": []}}, '{"trees": ["elm", "oak"]}', False),
        ({"text": "abcab"}, '{"size": 5}', False),
        ({"text": "abcab"}, "the text is abcab", True),
        ({}, '{"size": 3}', False),
    ],
)
def test_observe_shows_everything_if_every_value_stands_there_as_often_as_it_occurs(
    config: dict[str, Any], observed: str, whole: bool
) -> None:
    assert reveals_all(config, observed) is whole


@pytest.mark.parametrize(
    "reference", [5, -1, 2.5, True, "abc", "x", [1, 2], ["a", "b", "c"], [[1], [2]], {"a": 1}, {"a": {"b": [2]}}]
)
def test_near_misses_are_wrong_and_of_several_kinds(reference: Any) -> None:
    wrong = near_misses(reference)
    assert len(wrong) >= 5
    assert not any(same(answer, reference) for answer in wrong)
    assert any(type(answer) is type(reference) for answer in wrong)


def test_near_misses_leave_order_alone_where_it_may_not_matter() -> None:
    assert [3, 2, 1] in near_misses([1, 2, 3])
    assert [3, 2, 1] not in near_misses([1, 2, 3], exact=False)


def test_empty_answers_are_those_that_are_not_right() -> None:
    assert empty_answers(7) == list(EMPTY)
    assert empty_answers([]) == [None, False, 0, "", {}]
    assert empty_answers(0) == [None, "", [], {}]  # false is 0 to a published environment
    assert is_empty(0.0) and is_empty(False) and not is_empty([0]) and not is_empty("0")


async def test_published_environment_is_flagged_for_what_refuses_ours() -> None:
    """Nobody can mend it, and 87 of 91 published ones show their whole input: the card says so."""
    catalog = Catalog.of(PUBLISHED)
    [report] = await check_all(catalog, ["Code_Contests_9007_I__StaircaseWaysEnv"])
    assert report.ok, report.findings
    assert set(report.flags) == {"guessable", "shortcut", "hidden"}
    card = card_of(report, {})
    assert card["checks"]["hidden"] == card["checks"]["shortcut"] == "flag" and card["checks"]["gold"] == "pass"
    assert card["flags"] == report.flags and card["whole_input_observed"] == 1.0
