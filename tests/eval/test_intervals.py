"""Intervals of mean rewards and of pass^k: over tasks, as wide as tasks differ, and never beside their figure."""

import random

import pytest

from codegym_mcp.statistics import hat_interval, mean_interval, pass_hat_k, pass_rate
from codegym_mcp.types import Task, Trajectory
from eval.records import Record
from eval.report import markdown
from eval.scores import Scores, scores_of
from eval.settings import Settings


def record(task: str, run: int, reward: float) -> Record:
    """An episode that ended with a reward."""
    given = Task(environment="counter", id=task)
    return Record(
        "m",
        run,
        Trajectory(
            environment="counter", environment_hash="", task=given, seed=run, policy="m", status="terminated", reward=reward
        ),
    )


def scores(rewards: dict[str, list[float]]) -> Scores:
    """Of episodes with these rewards."""
    records = [record(task, run, reward) for task, row in rewards.items() for run, reward in enumerate(row)]
    found = scores_of("m", records, {})
    assert found is not None
    return found


def test_mean_reward_is_over_tasks_and_has_an_interval() -> None:
    """Not over episodes: a task of which machines lost some runs counts as much as every other."""
    graded = scores({"a": [0.25], "b": [0.75, 0.75, 0.75], "c": [0.5, 0.5, 0.5]})
    assert graded.reward is not None
    mean, low, high = graded.reward
    assert mean == pytest.approx(0.5) and 0.25 <= low < mean < high <= 0.75


def test_mean_reward_of_ones_and_zeros_is_the_pass_rate_with_its_interval() -> None:
    binary = scores({f"t{n}": [float(n % 2), 1.0] for n in range(9)})
    assert binary.reward == binary.solved
    assert mean_interval({"a": [1.0, 0.0], "b": [0.0]}) == pass_rate({"a": [1, 0], "b": [0]})


def test_interval_of_rewards_is_as_wide_as_the_tasks_are_few() -> None:
    few, many = ({f"t{n}": [n % 2 / 2, n % 2 / 4] for n in range(count)} for count in (6, 96))
    widths = [high - low for _, low, high in map(mean_interval, (few, many))]
    assert widths[0] > 2 * widths[1] > 0


@pytest.mark.parametrize("k", [2, 4])
def test_interval_of_pass_hat_k_holds_its_figure(k: int) -> None:
    """Drawing runs again within a task would find runs that agree with themselves: 0.25 where no task was solved twice."""
    rng = random.Random(k)
    for outcomes in (
        {f"t{n}": [1, 0, 0, 0] for n in range(12)},
        {f"t{n}": [int(rng.random() < n / 20) for _ in range(4)] for n in range(20)},
    ):
        mean, low, high = hat_interval(outcomes, k)
        assert mean == pytest.approx(pass_hat_k(outcomes, k)) and low <= mean <= high and low < high


def test_report_shows_intervals_beside_their_figures() -> None:
    given = {"benchmark": "codegym", "model": "m", "protocol": "paper", "split": "test", "tasks": [1, 2], "tasks_hash": "h"}
    given |= {"settings": vars(Settings()), "versions": {}, "deviations": [], "max_steps": [8]}
    told = markdown(given, [scores({"a": [0.25, 0.25], "b": [0.75, 0.75]})])
    assert "| 0.500 (0.250 to 0.750) |" in told and "| 0.0 % (0.0 % to 84.2 %) |" in told
    assert "| 0.500 |" in markdown(given, [scores({"a": [0.5], "b": [0.5]})]), "equal values say nothing of their spread"
