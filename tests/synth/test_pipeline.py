"""A stage of one problem: remembered, bounded in time, and never the end of the whole run."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from codegym_mcp.errors import SandboxError
from codegym_mcp.journal import Journal, read_journal
from synth.pipeline import pipeline
from synth.pipeline.pipeline import BUG, FAULT, MAX_FAULTS, OUT_OF_TIME, Pipeline, Stage
from synth.problem import Problem, Rejection

STAGE = Stage("original", "synth.problem", TypeAdapter(list[int]))
PROBLEM = Problem(id="p/1", statement="Add.", solution="")
Work = Callable[[], Awaitable[list[int] | Rejection]]


def giving(result: list[int] | Rejection, calls: list[str]) -> Work:
    async def work() -> list[int] | Rejection:
        calls.append("run")
        return result

    return work


async def test_a_finished_stage_is_not_run_again(tmp_path: Path) -> None:
    calls: list[str] = []
    for _ in range(2):
        with Journal(tmp_path / "j") as journal:
            assert await Pipeline(journal).stage(STAGE, PROBLEM, "x", giving([1, 2], calls)) == [1, 2]
    assert calls == ["run"]


async def test_another_input_or_option_runs_the_stage_again(tmp_path: Path) -> None:
    calls: list[str] = []
    with Journal(tmp_path / "j") as journal:
        line = Pipeline(journal)
        for stage, given in ((STAGE, "x"), (STAGE, "y"), (Stage(STAGE.name, STAGE.module, STAGE.result, "seed=1"), "x")):
            await line.stage(stage, PROBLEM, given, giving([1], calls))
        assert (line.done, line.recalled, len(calls)) == (3, 0, 3)


async def test_a_rejection_is_remembered_too(tmp_path: Path) -> None:
    calls: list[str] = []
    refused = Rejection(id="p/1", stage="original", reason="raised", detail="IndexError")
    for _ in range(2):
        with Journal(tmp_path / "j") as journal:
            assert await Pipeline(journal).stage(STAGE, PROBLEM, "x", giving(refused, calls)) == refused
    assert calls == ["run"]


async def test_what_ran_out_of_time_is_tried_again_only_with_more_time(tmp_path: Path) -> None:
    calls: list[str] = []

    async def hang() -> list[int]:
        calls.append("run")
        await asyncio.Event().wait()
        raise NotImplementedError

    with Journal(tmp_path / "j") as journal:
        for _ in range(2):
            result = await Pipeline(journal, limit_s=0.05).stage(STAGE, PROBLEM, "x", hang)
            assert isinstance(result, Rejection) and result.reason == OUT_OF_TIME
        assert calls == ["run"]
        assert await Pipeline(journal, limit_s=20).stage(STAGE, PROBLEM, "x", giving([3], calls)) == [3]


async def test_a_fault_of_ours_refuses_one_problem_and_is_tried_again_next_time(tmp_path: Path) -> None:
    async def broken() -> list[int]:
        raise KeyError("no such thing")

    with Journal(tmp_path / "j") as journal:
        result = await Pipeline(journal).stage(STAGE, PROBLEM, "x", broken)
        assert isinstance(result, Rejection) and result.reason == BUG
        assert result.detail.startswith("KeyError: 'no such thing' (test_pipeline.py:")
        assert await Pipeline(journal).stage(STAGE, PROBLEM, "x", giving([4], [])) == [4]


async def test_a_machine_fault_is_retried_then_told_and_many_of_them_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "PAUSE_S", 0.0)
    calls: list[str] = []

    async def down() -> list[int]:
        calls.append("run")
        raise SandboxError("no worker could be made")

    with Journal(tmp_path / "j") as journal:
        line = Pipeline(journal)
        for _ in range(MAX_FAULTS - 1):
            result = await line.stage(STAGE, PROBLEM, "x", down)
            assert isinstance(result, Rejection) and result.reason == FAULT
        with pytest.raises(SandboxError):
            await line.stage(STAGE, PROBLEM, "x", down)
    assert len(calls) == MAX_FAULTS * pipeline.TRIES
    assert not list(read_journal(tmp_path / "j"))
