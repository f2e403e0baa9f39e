"""Which tasks and environments are kept: the bounds, the duplicates, the share of each level."""

from dataclasses import replace

import pytest

from codegym_mcp.report import PAPER, TaskFacts
from codegym_mcp.types import Task
from synth.filter.filters import ENOUGH, SAME_CONFIG, SAME_WORK, TOO_FEW_CALLS, TOO_MANY_CALLS, Filters, Selection, select
from synth.problem import Rejection

FEW = Filters(bounds=replace(PAPER, min_tasks=1))


def task(id: str, level: str = "medium", **config: int) -> Task:
    return Task(environment="rows", id=id, level=level, config=config or {"n": sum(map(ord, id))})


def facts(calls: int = 20, trace: str = "", level: str = "medium") -> TaskFacts:
    return TaskFacts(level, "train", oracle_calls=calls, trace=trace)


def kept(found: Selection | Rejection) -> list[str]:
    assert isinstance(found, Selection)
    return [task.id for task in found.tasks]


def test_bounds_are_those_of_the_paper() -> None:
    """arXiv 2509.17325: 10 to 256 calls, 512 for the hard set, at least 4 tools."""
    bounds = Filters().bounds
    assert bounds.min_tools == 4
    assert bounds.calls_at("easy") == (10, 256) and bounds.calls_at("hard") == (10, 512)


@pytest.mark.parametrize(("tools", "passes"), [(3, False), (4, True)])
def test_environment_needs_four_tools(tools: int, passes: bool) -> None:
    found = select("p", tools, [task("a")], {"a": facts()}, FEW)
    assert isinstance(found, Selection) == passes
    assert passes or (isinstance(found, Rejection) and (found.stage, found.reason) == ("filter", "too few tools"))


@pytest.mark.parametrize(
    ("calls", "level", "why"),
    [
        (9, "medium", TOO_FEW_CALLS),
        (10, "medium", None),
        (256, "medium", None),
        (257, "medium", TOO_MANY_CALLS),
        (257, "hard", None),
        (512, "hard", None),
        (513, "hard", TOO_MANY_CALLS),
    ],
)
def test_task_is_dropped_past_the_bounds_of_its_level(calls: int, level: str, why: str | None) -> None:
    found = select("p", 6, [task("a", level), task("ok")], {"a": facts(calls, level=level), "ok": facts()}, FEW)
    assert isinstance(found, Selection)
    assert found.dropped.get("a") == why and kept(found) == (["ok"] if why else ["a", "ok"])


def test_of_equal_tasks_the_first_stays() -> None:
    tasks = [task("a", n=1), task("b", n=1), task("c", n=2), task("d", n=3)]
    known = {"a": facts(trace="x"), "b": facts(trace="y"), "c": facts(trace="x"), "d": facts(trace="z")}
    found = select("p", 6, tasks, known, FEW)
    assert isinstance(found, Selection)
    assert kept(found) == ["a", "d"]
    assert found.dropped == {"b": SAME_CONFIG, "c": SAME_WORK}


def test_dropped_task_does_not_make_its_equal_a_duplicate() -> None:
    tasks = [task("long", n=1), task("same", "hard", n=1)]
    assert kept(select("p", 6, tasks, {"long": facts(300), "same": facts(300)}, FEW)) == ["same"]


def test_task_that_was_not_verified_is_no_candidate() -> None:
    assert kept(select("p", 6, [task("a"), task("b")], {"b": facts()}, FEW)) == ["b"]


def test_tasks_past_the_wanted_number_are_taken_from_every_level_in_turn() -> None:
    tasks = [task(f"{level}-{n}", level, n=n, m=ord(level[0])) for level in ("easy", "hard") for n in range(5)]
    tasks.append(task("only", "medium", n=99))
    found = select("p", 6, tasks, {t.id: facts(level=t.level) for t in tasks}, replace(FEW, max_tasks=5))
    assert kept(found) == ["easy-0", "easy-1", "hard-0", "hard-1", "only"]
    assert isinstance(found, Selection) and list(found.dropped.values()) == [ENOUGH] * 6


def test_environment_with_too_few_tasks_is_rejected_and_tells_why() -> None:
    found = select("p", 6, [task("a"), task("b")], {"a": facts(3), "b": facts()}, Filters())
    assert isinstance(found, Rejection) and found.reason == "too few tasks"
    assert found.detail == "expected at least 4, got 1 of 2 verified; too few calls: 1"
