"""Trajectories as chats: what a line holds, and that none is written without the tools it was played with."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegym_mcp.rollout import call_message, write_trajectories
from codegym_mcp.types import Task, Trajectory
from tests.conftest import write_environment
from trainer.cli import main


def trajectory(reward: float | None, environment: str = "coin_change") -> Trajectory:
    """One call, and its end."""
    return Trajectory(
        environment=environment,
        environment_hash="",
        task=Task(environment=environment, id="one"),
        seed=0,
        policy="test",
        messages=[call_message("Add", {"n": 1}, 1)],
        status="closed" if reward is None else "terminated",
        reward=reward,
    )


def export(folder: Path, *trajectories: Trajectory, options: tuple[str, ...] = ()) -> Result:
    """As typed by a user; the chats come to lie in chat.jsonl."""
    path = folder / "played.jsonl"
    path.unlink(missing_ok=True)
    write_trajectories(path, trajectories)
    return CliRunner().invoke(main, ["export", str(path), "-o", str(folder / "chat.jsonl"), *options])


def rows(folder: Path) -> list[dict[str, Any]]:
    """What was written."""
    return [json.loads(line) for line in (folder / "chat.jsonl").read_text().splitlines()]


def test_trajectories_are_exported_as_chats(tmp_path: Path) -> None:
    played = [trajectory(1.0), trajectory(0.0), trajectory(None)]
    assert export(tmp_path, *played).exit_code == 0
    [row] = rows(tmp_path)
    [call] = row["messages"][0]["tool_calls"]
    assert call["function"]["arguments"] == {"n": 1}, "templates write them as JSON themselves"
    assert row["reward"] == 1.0 and set(row) == {"messages", "tools", "environment", "task", "reward"}
    assert export(tmp_path, *played, options=("--all",)).exit_code == 0
    assert len(rows(tmp_path)) == 2


def test_reasoning_has_no_tools(tmp_path: Path) -> None:
    assert export(tmp_path, trajectory(1.0, "reasoning/chain_sum")).exit_code == 0
    assert [row["tools"] for row in rows(tmp_path)] == [[]]


def test_tools_come_from_the_data_that_was_played(tmp_path: Path) -> None:
    write_environment(tmp_path / "data")
    done = export(tmp_path, trajectory(1.0, "counter"), options=("--data", str(tmp_path / "data")))
    assert done.exit_code == 0, done.output
    [row] = rows(tmp_path)
    assert {"Observe", "Add", "Done"} <= {tool["function"]["name"] for tool in row["tools"]}


def test_unknown_tools_are_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    done = export(tmp_path, trajectory(1.0), trajectory(1.0, "counter"))
    assert done.exit_code == 1 and "counter: its tools are not known; --data PATH" in done.output
    assert not (tmp_path / "chat.jsonl").exists()
    done = export(tmp_path, trajectory(1.0), trajectory(0.0, "counter"))
    assert done.exit_code == 0, "what is not exported needs no tools"


@pytest.mark.parametrize("line", ["{}", "no JSON"])
def test_line_that_is_no_trajectory_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(line + "\n")
    done = CliRunner().invoke(main, ["export", str(path), "-o", str(tmp_path / "chat.jsonl")])
    assert done.exit_code == 1 and "not a trajectory" in done.output
