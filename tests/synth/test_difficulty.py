"""How often a model solves a task: counted without the machine's faults, kept raw, resumed, filtered late."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from codegym_mcp.card import KEPT_FIELDS
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import PolicyError
from codegym_mcp.rollout import Act, Message, call_message
from codegym_mcp.types import EnvironmentInfo, Observation, Task
from synth.filter.difficulty import (
    MAX_FAULTS,
    Difficulty,
    PassCount,
    append_count,
    counts_of,
    keep_hard,
    measure,
    read_counts,
    with_counts,
)
from synth.filter.filters import config_hash
from tests.conftest import make_gym


class Sometimes:
    """Solves the counter in its first so many rollouts of each task; some rollouts before that end in a fault."""

    name = "sometimes"

    def __init__(self, solves: int, *, faults: int = 0) -> None:
        self._solves, self._faults = solves, faults
        self.played: Counter[int] = Counter()

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        async def act(messages: list[Message], observation: Observation | None) -> Message:
            if observation is None:
                return call_message("Observe", {}, 1)
            total = int(observation.text.split(",")[0].strip("["))
            self.played[total] += 1
            if self.played[total] <= self._faults:
                raise PolicyError("the endpoint is down")
            solved = self.played[total] <= self._faults + self._solves
            return call_message("Done", {"answer": total if solved else total + 1}, 2)

        yield act


class Stop(Exception):
    """The run is stopped."""


def tasks(number: int, level: str = "easy") -> list[Task]:
    return [Task(environment="counter", id=f"t{n}", level=level, config={"start": n}) for n in range(number)]


def count(task: Task, passes: int, tries: int) -> PassCount:
    return PassCount(
        environment="counter",
        hash="h",
        task=task.id,
        config=config_hash(task),
        model="m",
        passes=passes,
        tries=tries,
        date="2026-11-21",
    )


def test_defaults_are_those_of_the_paper() -> None:
    """arXiv 2509.17325: at most 25 % of 4 tries; at most 1 of 8 for the hard set."""
    limits = Difficulty()
    assert (limits.tries_of("easy"), limits.most_of("easy")) == (4, 0.25)
    assert (limits.tries_of("hard"), limits.most_of("hard")) == (8, 0.125)


@pytest.mark.parametrize(("level", "tries"), [("easy", 4), ("hard", 8)])
async def test_each_task_is_played_as_often_as_its_level_asks(tmp_path: Path, level: str, tries: int) -> None:
    policy = Sometimes(solves=1)
    async with make_gym(tmp_path) as gym:
        counts = await measure(ClientPool.over(gym), policy, tasks(3, level))
        hash = gym.catalog.definition("counter").hash
    assert [(one.task, one.passes, one.tries) for one in counts] == [(f"t{n}", 1, tries) for n in range(3)]
    assert {(one.model, one.hash) for one in counts} == {("sometimes", hash)} and counts[0].date >= "2026"
    assert set(policy.played.values()) == {tries}


async def test_fault_is_no_failure_and_is_played_again(tmp_path: Path) -> None:
    async with make_gym(tmp_path) as gym:
        [found] = await measure(ClientPool.over(gym), Sometimes(solves=2, faults=3), tasks(1))
    assert (found.passes, found.tries) == (2, 4)


async def test_task_that_only_meets_faults_is_not_measured(tmp_path: Path) -> None:
    kept: list[PassCount] = []
    async with make_gym(tmp_path) as gym:
        counts = await measure(ClientPool.over(gym), Sometimes(0, faults=10**6), tasks(2), on_count=kept.append)
    assert [one.tries for one in counts] == [0, 0] and kept == []
    assert keep_hard(tasks(2), counts)[1] == {"t0": "not measured", "t1": "not measured"}


async def test_endpoint_that_is_down_ends_the_measuring(tmp_path: Path) -> None:
    async with make_gym(tmp_path) as gym:
        with pytest.raises(PolicyError, match="the endpoint is down"):
            await measure(ClientPool.over(gym), Sometimes(0, faults=10**6), tasks(MAX_FAULTS + 5))


async def test_interrupted_measuring_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    journal, wanted = tmp_path / "counts.jsonl", tasks(12)

    def dies_after_five(found: PassCount) -> None:
        append_count(journal, found)
        if len(read_counts(journal)) == 5:
            raise Stop

    async with make_gym(tmp_path / "gym") as gym:
        clients = ClientPool.over(gym)
        with pytest.raises(Stop):
            await measure(clients, Sometimes(1), wanted, on_count=dies_after_five)
        done = {one.task for one in read_counts(journal)}
        policy = Sometimes(1)
        counts = await measure(
            clients, policy, wanted, known=read_counts(journal), on_count=lambda found: append_count(journal, found)
        )
    assert len(done) == 5 and {f"t{total}" for total in policy.played} == {task.id for task in wanted} - done
    assert [one.task for one in counts] == [task.id for task in wanted] and {one.tries for one in counts} == {4}
    assert {one.task for one in read_counts(journal)} == {task.id for task in wanted} and len(read_counts(journal)) == 12


@pytest.mark.parametrize("changed", ["hash", "model", "tries"])
async def test_what_was_measured_otherwise_is_measured_anew(tmp_path: Path, changed: str) -> None:
    async with make_gym(tmp_path) as gym:
        clients = ClientPool.over(gym)
        [first] = await measure(clients, Sometimes(0), tasks(1))
        assert await measure(clients, Sometimes(4), tasks(1), known=[first]) == [first]
        other = first.model_copy(update={changed: 3 if changed == "tries" else "another"})
        [again] = await measure(clients, Sometimes(4), tasks(1), known=[other])
    assert again.passes == 4


def test_torn_line_of_a_journal_costs_that_line_alone(tmp_path: Path) -> None:
    journal = tmp_path / "counts.jsonl"
    first, second, third = (count(task, 0, 4) for task in tasks(3))
    append_count(journal, first)
    with journal.open("a") as file:
        file.write(second.model_dump_json()[:40])
    append_count(journal, third)
    assert read_counts(journal) == [first, third]
    assert read_counts(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("level", "passes", "tries", "why"),
    [
        ("easy", 1, 4, None),
        ("easy", 2, 4, "too easy"),
        ("easy", 2, 8, None),
        ("hard", 1, 8, None),
        ("hard", 2, 8, "too easy"),
        ("hard", 0, 4, "not measured"),
        ("easy", 0, 3, "not measured"),
    ],
)
def test_only_what_is_seldom_solved_is_kept(level: str, passes: int, tries: int, why: str | None) -> None:
    [task] = tasks(1, level)
    kept, dropped = keep_hard([task], [count(task, passes, tries)])
    assert dropped.get(task.id) == why and kept == ([] if why else [task])


def test_card_keeps_raw_counts_by_model_with_their_date() -> None:
    wanted = tasks(2)
    card = with_counts({"name": "counter", "content_hash": "h"}, [count(task, 1, 4) for task in wanted])
    card = with_counts(card, [count(wanted[0], 3, 8).model_copy(update={"model": "other"})])
    assert card["pass_rates"]["m"]["t1"] == {"passes": 1, "tries": 4, "date": "2026-11-21", "config": config_hash(wanted[1])}
    assert counts_of(card, "m") == [count(task, 1, 4) for task in wanted]
    assert [one.passes for one in counts_of(card, "other")] == [3] and counts_of(card, "none") == []
    assert "pass_rates" in KEPT_FIELDS, "the next check would lose them"
