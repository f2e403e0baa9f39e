"""Advantages, reward terms, sampling of tasks, intervals: what is computed from rollouts, without a model."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegym_mcp.card import oracle_calls
from codegym_mcp.catalog import Catalog
from codegym_mcp.policies.tokens import TokenRecord
from codegym_mcp.process import Served
from codegym_mcp.rollout import repeated_failures
from codegym_mcp.statistics import difference
from codegym_mcp.types import Step, Task, Trajectory
from trainer.advantages import group_advantages
from trainer.config import Environments, Rewards
from trainer.metrics import Journal, Window, evaluation_figures
from trainer.processes import own_seed
from trainer.report import _mean
from trainer.rollouts import Group, Rollout
from trainer.servers import servers
from trainer.tasks import TaskSampler
from trainer.terms import progress, reward_terms

TASK = Task(environment="counter", id="one")
REWARDS = st.lists(st.one_of(st.none(), st.floats(-2, 2)), min_size=2, max_size=12)


def step(number: int, tool: str, arguments: Any = None, text: str = "ok", *, failed: bool = False) -> Step:
    """A step as the log has it."""
    return Step(
        number=number,
        tool=tool,
        arguments=arguments or {},
        text=text,
        is_error=failed,
        committed=not failed,
        digest=str(number),
    )


def trajectory(reward: float | None, steps: list[Step] | None = None, task: Task = TASK) -> Trajectory:
    """A trajectory of these steps."""
    return Trajectory(
        environment=task.environment,
        environment_hash="",
        task=task,
        seed=0,
        policy="test",
        steps=steps or [],
        status="closed" if reward is None else "terminated",
        reward=reward,
    )


@given(REWARDS, st.booleans())
def test_advantages_sum_to_0_and_leave_machine_faults_out(rewards: list[float | None], normalise: bool) -> None:
    advantages = group_advantages(rewards, normalise=normalise)
    assert len(advantages) == len(rewards) and sum(advantages) == pytest.approx(0, abs=1e-6)
    assert all(advantage == 0 for reward, advantage in zip(rewards, advantages, strict=True) if reward is None)
    valid = [reward for reward in rewards if reward is not None]
    assert group_advantages(valid, normalise=normalise) == pytest.approx(
        [advantage for reward, advantage in zip(rewards, advantages, strict=True) if reward is not None]
    )


@given(st.floats(-2, 2), st.integers(1, 9))
def test_equal_rewards_have_no_advantage(reward: float, size: int) -> None:
    assert group_advantages([reward] * size) == pytest.approx([0.0] * size, abs=1e-9)


def test_one_success_among_failures_stands_out() -> None:
    normal, plain = group_advantages([1, 0, 0, 0]), group_advantages([1, 0, 0, 0], normalise=False)
    assert plain == [0.75, -0.25, -0.25, -0.25] and normal[0] == pytest.approx(1.5, abs=1e-3)


def test_by_default_the_reward_is_the_binary_one_alone() -> None:
    assert reward_terms(trajectory(1.0, [step(1, "Add")] * 3), Rewards(), [step(1, "Add")]) == {"binary": 1.0}


def test_terms_are_named_and_weighted() -> None:
    oracle = [step(1, "Observe", text="5"), step(2, "Add", {"n": 5}, "5"), step(3, "Done", {"answer": 5})]
    played = [
        step(1, "Observe", text="5"),
        step(2, "Add", {"n": 9}, "no", failed=True),
        step(3, "Add", {"n": 9}, "no", failed=True),
        step(4, "Done", {"answer": 1}),
    ]
    weights = Rewards(progress=0.5, repeated_failure=1.0, efficiency=0.2)
    assert reward_terms(trajectory(0.0, played), weights, oracle) == {
        "binary": 0.0,
        "progress": 0.25,
        "repeated_failure": -0.25,
        "efficiency": 0.0,
    }
    assert reward_terms(trajectory(1.0, [*oracle, *oracle]), weights, oracle)["efficiency"] == pytest.approx(0.1)


def test_progress_counts_each_of_the_oracles_calls_once() -> None:
    oracle = [step(1, "Add", {"n": 1}, "1"), step(2, "Add", {"n": 1}, "2")]
    assert progress([oracle[0]] * 5, oracle) == 0.5 and progress(oracle, oracle) == 1.0 and progress([], oracle) == 0.0


def test_a_failed_call_may_be_tried_again_after_something_was_committed() -> None:
    failed, other = step(1, "Take", failed=True), step(2, "Open")
    assert repeated_failures([failed, other, failed]) == 0.0
    assert repeated_failures([failed, failed, failed]) == pytest.approx(2 / 3)


def tasks(**counts: int) -> list[Task]:
    """So many tasks of each environment."""
    return [Task(environment=name, id=str(n)) for name, count in counts.items() for n in range(count)]


def test_environments_come_equally_often_whatever_they_have() -> None:
    sampler = TaskSampler(tasks(large=300, small=3))
    drawn = [sampler.draw().environment for _ in range(2000)]
    assert 0.45 < drawn.count("small") / len(drawn) < 0.55


def test_sampler_goes_on_where_it_was() -> None:
    """A resumed run draws the tasks that the interrupted one would have drawn."""
    one = TaskSampler(tasks(a=9, b=9), order="adaptive", seed=3)
    for n in range(20):
        one.number()
        one.learned(one.draw(), n % 3, 3)
    two = TaskSampler(tasks(a=9, b=9), order="adaptive", seed=99)
    two.restore(one.state())
    assert [one.draw().id for _ in range(50)] == [two.draw().id for _ in range(50)] and two.number() == 20


def test_adaptive_sampling_likes_what_is_solved_sometimes() -> None:
    sampler = TaskSampler(tasks(a=3), order="adaptive")
    always, sometimes, never = tasks(a=3)
    for _ in range(10):
        sampler.learned(always, 8, 8)
        sampler.learned(sometimes, 4, 8)
        sampler.learned(never, 0, 8)
    drawn = [sampler.draw().id for _ in range(1000)]
    assert drawn.count(sometimes.id) > 700 and min(drawn.count(always.id), drawn.count(never.id)) > 20


def test_curriculum_begins_with_what_the_oracle_does_in_few_calls() -> None:
    calls = {("a", str(n)): n for n in range(10)}
    sampler = TaskSampler(tasks(a=10), order="curriculum", oracle_calls=calls)
    assert {sampler.draw(0.0).id for _ in range(200)} == {"0", "1"}
    assert len({sampler.draw(0.5).id for _ in range(500)}) == 10


def test_evaluation_counts_faults_apart() -> None:
    other = Task(environment="stack", id="one")
    figures = evaluation_figures([trajectory(1.0), trajectory(0.0), trajectory(None), trajectory(1.0, task=other)])
    assert (figures["episodes"], figures["faults"], figures["solved"]) == (3, 1, pytest.approx(2 / 3))
    assert figures["environments"] == {"counter": 0.5, "stack": 1.0} and figures["tasks"]["counter/one"] == [1, 0]


def test_interval_tells_a_gain_from_noise() -> None:
    rng = random.Random(0)
    before = {str(n): [int(rng.random() < 0.3) for _ in range(8)] for n in range(32)}
    better = {str(n): [int(rng.random() < 0.6) for _ in range(8)] for n in range(32)}
    same = {str(n): [int(rng.random() < 0.3) for _ in range(8)] for n in range(32)}
    gain, low, high = difference(before, better)
    assert 0 < low < gain < high
    assert difference(before, same)[1] < 0 < difference(before, same)[2]


def test_interval_is_wider_where_episodes_of_a_task_are_alike() -> None:
    """Episodes of one task are no independent draws."""
    alike = {str(n): [n % 2] * 8 for n in range(16)}
    mixed = {str(n): [0, 1] * 4 for n in range(16)}
    nothing = {str(n): [0] * 8 for n in range(16)}
    widths = [high - low for _, low, high in (difference(nothing, alike), difference(nothing, mixed))]
    assert widths[0] > 1.5 * widths[1]


def test_evaluations_of_other_tasks_are_not_compared() -> None:
    with pytest.raises(ValueError, match="no task in common"):
        difference({"a": [1]}, {"b": [1]})


def test_journal_outlives_a_kill_in_the_middle_of_a_line(tmp_path: Path) -> None:
    """And of a step that was made twice, before and after, the later figures count."""
    path = tmp_path / "run.jsonl"
    journal = Journal(path)
    journal.write("train", step=1, loss=0.5)
    journal.write("train", step=2, loss=0.4)
    with path.open("a") as file:
        file.write('{"kind": "train", "step": 3, "lo')
    again = Journal(path)
    again.write("train", step=2, loss=0.3)
    again.write("train", step=3, loss=0.2)
    assert [(row["step"], row["loss"]) for row in Journal(path).read("train")] == [(1, 0.5), (2, 0.3), (3, 0.2)]


def test_oracles_calls_are_told_by_the_cards() -> None:
    catalog = Catalog.bundled()
    calls = oracle_calls(catalog, [*catalog.tasks("coin_change"), TASK])
    assert len(calls) == len(catalog.tasks("coin_change")) and min(calls.values()) >= 3


def test_figures_that_a_step_lacks_are_left_out_of_its_means() -> None:
    """An environment that no group of a step was of is not one that nobody solved."""
    rows = [{"step": 1, "solved": 0.5, "solved/a": 1.0}, {"step": 2, "solved": 0.7}]
    assert _mean(rows) == {"solved": pytest.approx(0.6), "solved/a": 1.0}


def test_rewards_that_differ_by_noise_alone_teach_nothing() -> None:
    rewards = [0.1 + 0.2, 0.3]
    assert rewards[0] != rewards[1]
    rollouts = [Rollout(trajectory(1.0), TokenRecord(), {"binary": reward}) for reward in rewards]
    group = Group(0, trajectory(1.0).task, 0, 0, rollouts, group_advantages(rewards), 0)
    assert group.uniform and any(group.advantages)
    assert not replace(group, rollouts=[rollouts[0], Rollout(trajectory(0.0), TokenRecord(), {"binary": 0.0})]).uniform


def played(reward: float | None, *, lived_s: float = 1.0, generate_s: float = 0.5, faults: int = 0) -> Group:
    """A group of one rollout."""
    one = trajectory(reward, [step(1, "Add")]).model_copy(update={"elapsed_s": lived_s})
    tokens = TokenRecord(ids=[1, 2], mask=[0, 1], logprobs=[0.0, -1.0], generate_s=generate_s)
    rollout = Rollout(one, tokens, {} if reward is None else {"binary": reward})
    return Group(0, TASK, 0, 0, [rollout], [0.0], faults)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("trainer.metrics.time.monotonic", lambda: self.now)


def test_figures_are_of_all_processes() -> None:
    """Those of the first one alone once took the place of TRL's, and other processes' faults were lost."""
    window = Window({})
    tallies = [window.tally([played(1.0, faults=1)]), window.tally([played(0.0), played(None, faults=3)])]
    figures = window.figures(tallies)
    assert (figures["reward"], figures["solved"], figures["groups"]) == (0.5, 0.5, 3.0)
    assert (figures["rollouts/faults"], figures["rollouts/dropped"]) == (4.0, 1.0)


def test_steps_time_leaves_out_evaluations_and_what_came_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    window = Window({})
    clock.now += 500  # the evaluation before training
    window.begin()
    clock.now += 4
    with window.paused():
        clock.now += 1000
    figures = window.figures([window.tally([played(1.0)])], waited_s=3.0)
    assert figures["speed/step_s"] == 4.0 and figures["speed/rollouts_per_s"] == 0.25


def test_time_split_is_of_the_trainers_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is split as the rollouts' own time: 3 of 4 seconds, of which the model took a quarter."""
    clock = Clock(monkeypatch)
    window = Window({})
    clock.now += 4
    figures = window.figures([window.tally([played(1.0, lived_s=8.0, generate_s=2.0)] * 5)], waited_s=3.0)
    split = [figures[f"share/{name}"] for name in ("generate", "environments", "train")]
    assert split == pytest.approx([0.1875, 0.5625, 0.25]) and figures["rollouts/generating"] == 0.25


def test_updates_without_new_rollouts_count_as_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync run makes several updates of one batch of rollouts; only the first of them has figures of rollouts."""
    clock = Clock(monkeypatch)
    window = Window({})
    found = []
    for waited_s, groups in ((4.0, [played(1.0)]), (0.0, []), (4.0, [played(1.0)])):
        clock.now += waited_s + 1
        found.append(window.figures([window.tally(groups)], waited_s))
    assert [one["speed/step_s"] for one in found] == [5.0, 1.0, 5.0] and set(found[1]) == {"speed/step_s"}
    assert (found[0]["share/train"], found[2]["share/train"]) == (pytest.approx(1 / 5), pytest.approx(2 / 6))


@pytest.mark.parametrize(
    ("environment", "one_player", "started"),
    [
        ({}, False, 8),
        ({"RANK": "3", "LOCAL_WORLD_SIZE": "8"}, False, 1),
        ({"RANK": "1", "LOCAL_WORLD_SIZE": "16"}, False, 1),
        ({"RANK": "0", "LOCAL_WORLD_SIZE": "8"}, True, 8),
        ({"RANK": "1", "LOCAL_WORLD_SIZE": "8"}, True, 0),
    ],
)
def test_processes_share_out_a_machines_servers(
    environment: dict[str, str], one_player: bool, started: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process once started all of them: 64 servers for 8 processes. In async runs only the first one plays."""
    begun: list[str] = []

    @contextmanager
    def served(*arguments: str, log: Path, token: str) -> Iterator[Served]:
        begun.append(log.name)
        yield Served("http://127.0.0.1:1", token, 1)

    monkeypatch.setattr("trainer.servers.served", served)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with servers(Environments(processes=8), tmp_path, one_player=one_player) as found:
        assert len(found) == len(begun) == started


def test_processes_draw_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_seed(7) == 7
    monkeypatch.setenv("RANK", "3")
    assert own_seed(7) not in (7, 8, 10)
