"""What is kept of a run: no twin of what was kept before, benchmarks first, and not too much luck on average."""

from typing import Any

import pytest

from codegym_mcp.report import PAPER, Report, TaskFacts
from synth.dataset.harvest import Kept, choose
from synth.filter.filters import Filters
from synth.pipeline.work import Result
from synth.report.funnel import way_of
from synth.verify import Verified
from synth.verify.verified import Mutants
from tests.synth.crates import ENV
from tests.synth.made import ROWS, candidate, tasks


def result(name: str, lucky: int = 0, **fields: Any) -> Result:
    """A problem that came through verification; random calls solved so many of 100 episodes."""
    made, chosen = candidate(name, **fields), tasks(4)
    report = Report(name, tools=6, random_episodes=100, random_solved=lucky)
    report.tasks = {task.id: TaskFacts(task.level, "train", oracle_calls=12, trace=task.id) for task in chosen}
    report.references = {task.id: task.id for task in chosen}
    proof = Verified(
        candidate=made, tasks=tuple(chosen), report=report, needed=("A", "B"), idle={}, mutants=Mutants(made=0, killed=0)
    )
    return Result(way_of(made.problem, "kept"), problem=made.problem, candidate=made, verified=proof)


def names(kept: list[Kept]) -> list[str]:
    return [one.candidate.name for one in kept]


def reasons(one: Result) -> list[str]:
    return [rejection.reason for rejection in one.way.rejections]


def test_problem_that_was_told_before_is_a_twin() -> None:
    first, second = result("one", statement="Tell the sum of all."), result("two", statement="Tell: the sum of all", source=ENV)
    assert names(choose([first, second], Filters())) == ["one"]
    assert reasons(second) == ["twin of another problem"] and reasons(first) == []


def test_environment_with_the_tools_of_another_is_a_twin() -> None:
    first, second = result("one"), result("two")  # other problems, one environment
    assert names(choose([first, second], Filters())) == ["one"]
    assert reasons(second) == ["twin of another environment"]


def test_environment_like_one_that_is_shipped_is_a_twin() -> None:
    one = result("one")
    assert choose([one], Filters(), {"window_sum": ROWS}) == [] and reasons(one) == ["twin of another environment"]


def test_benchmark_is_kept_rather_than_its_twin() -> None:
    """Else its twin would be trained on."""
    first, second = result("one"), result("two", benchmark=True)
    assert names(choose([first, second], Filters())) == ["two"]


@pytest.mark.parametrize(("lucky", "kept"), [(4, ["one", "two"]), (5, ["two"])])
def test_what_random_calls_earn_most_in_goes_while_the_mean_is_too_high(lucky: int, kept: list[str]) -> None:
    assert PAPER.max_mean_random == 0.02
    one, two = result("one", lucky), result("two", source=ENV)
    assert names(choose([one, two], Filters())) == kept
    assert reasons(one) == ([] if "one" in kept else ["random calls earn too much"])
