"""The oracle's plays: a machine's fault costs a task at most, and an oracle that fails costs its own."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidEnvironment, SandboxError
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.types import Task, Trajectory
from tests.conftest import COUNTER, PATIENCE_S, fast_pool, make_catalog
from trainer import demonstrations
from trainer.demonstrations import demonstrate, oracle_trajectories
from trainer.rollouts import lost

TASKS = [
    Task(environment="counter", id="zero", config={"start": 0}),
    Task(environment="counter", id="seven", config={"start": 7}),
]
ATTEMPTS = 3
WRONG = COUNTER.replace('call("Done", answer=call("Observe")[0])', 'call("Done", answer=0)')
RAISING = COUNTER.replace('call("Done", answer=call("Observe")[0])', 'call("Done", answer=1 // (call("Observe")[0] - 7) * 0)')


async def play(folder: Path, source: str = COUNTER, *, count: int = 0) -> list[Trajectory]:
    """Both tasks, played by the oracle.

    Args:
        count: of demonstrations in place of the oracle's plays.
    """
    from codegym_mcp.gym import Gym

    catalog = make_catalog(folder, source)
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool()) as gym, ClientPool.over(gym) as pool:
            if count:
                return await demonstrate(pool, catalog, TASKS, count, 1.0, 0, ATTEMPTS)
            return await oracle_trajectories(pool, catalog, TASKS, ATTEMPTS)


def failing(monkeypatch: pytest.MonkeyPatch, faults: dict[str, int]) -> Counter[str]:
    """Machines that fail in each task's first plays; how often each was begun."""
    begun: Counter[str] = Counter()

    async def faulty(pool: Any, policy: Any, task: Task) -> Trajectory:
        begun[task.id] += 1
        if begun[task.id] <= faults.get(task.id, 0):
            return lost(task, 0, policy.name, SandboxError("the machine is on fire"))
        return await collect_rollout(pool, policy, task)

    monkeypatch.setattr(demonstrations, "collect_rollout", faulty)
    return begun


async def test_plays_that_a_machine_ended_are_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One lost server ended the run, and the environment was blamed."""
    begun = failing(monkeypatch, {"zero": ATTEMPTS - 1})
    played = await play(tmp_path)
    assert [one.task.id for one in played] == ["zero", "seven"] and begun == {"zero": ATTEMPTS, "seven": 1}


async def test_task_in_which_machines_always_fail_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = failing(monkeypatch, {"zero": 99})
    with caplog.at_level(logging.WARNING):
        played = await play(tmp_path)
    assert [one.task.id for one in played] == ["seven"] and begun["zero"] == ATTEMPTS
    assert "1 of 2 tasks are left out" in caplog.text and "the machine is on fire" in caplog.text
    failing(monkeypatch, {"zero": 99, "seven": 99})
    with pytest.raises(SandboxError, match="machines failed in all"):
        await play(tmp_path)


@pytest.mark.parametrize(("source", "left", "told"), [(WRONG, "zero", "reward 0.0"), (RAISING, "zero", "ZeroDivisionError")])
async def test_task_that_the_oracle_does_not_solve_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str, left: str, told: str
) -> None:
    with caplog.at_level(logging.WARNING):
        played = await play(tmp_path, source)
    assert [one.task.id for one in played] == [left]
    assert "does not solve task seven" in caplog.text and told in caplog.text and "machines failed" not in caplog.text
    shown = await play(tmp_path, source, count=3)
    assert [one.task.id for one in shown] == [left] * 3


async def test_oracle_that_solves_nothing_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironment, match="solves none of 2 tasks; task zero: reward 0"):
        await play(tmp_path, COUNTER.replace("answer=call", "answer=1 + call"))
