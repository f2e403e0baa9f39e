"""Our sessions in OpenEnv's own harness, alone and inside TRL's rollout worker and `build_harness_rollout_func`."""

from typing import Any

import pytest

from codegym_mcp.rollout import SYSTEM
from tests.adapters.conftest import Recording
from tests.adapters.frameworks import Ask, play
from tests.processes import Served

pytestmark = pytest.mark.adapters
Heard = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def heard(server: Served, doomed: list[Served], recording: Recording) -> Heard:
    """All rollouts, played in one process of the framework."""
    urls, solve = [server.url], recording.turns
    gone, other = doomed
    worker, function = {"trl": True}, {"rollout_func": True}
    asks = recording.asks(urls) | {
        "failing": Ask(urls, [[("CoinValue", {"kind": 99})], [("Nothing", {})], *solve]),
        "worker": Ask(urls, solve, options=worker),
        "worker, wrong": recording.asks(urls, **worker)["wrong"],
        "function": Ask(urls, solve, options=function),
        "lost": recording.lost(gone),
        "worker, lost": recording.lost(other, **worker),
        "function, lost": Ask([gone.url], solve, options=function),
    }
    return play("openenv", recording.task.model_dump_json(), asks)


def test_solution_scores_1_and_is_answered_as_the_oracle_was(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    assert found["reward"] == 1.0
    assert [text for _, text, _, _ in found["trace"]] == recording.texts
    assert [done for _, _, done, _ in found["trace"]] == [False] * (len(recording.calls) - 1) + [True]
    assert found["metrics"] == {"steps": len(recording.calls), "status": "terminated"}


def test_model_reads_the_rules_the_task_and_the_documented_tools(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    assert found["messages"] == [{"role": "system", "content": SYSTEM}, {"role": "user", "content": recording.prompt}]
    tools = {tool["name"]: tool for tool in found["tools"]}
    assert {"Observe", "Done"} < set(tools)
    assert "Args:" in tools["CoinValue"]["description"] and "Example" not in tools["CoinValue"]["description"]
    assert tools["CoinValue"]["input_schema"]["required"] == ["kind"]


def test_tokens_of_the_harness_are_those_that_the_model_said(heard: Heard) -> None:
    assert heard["oracle"]["completion"] == heard["oracle"]["said"]


def test_wrong_answer_scores_0(heard: Heard) -> None:
    assert heard["wrong"]["reward"] == 0.0 and heard["wrong"]["metrics"]["status"] == "terminated"


def test_episode_left_open_scores_0(heard: Heard) -> None:
    assert heard["silent"]["reward"] == 0.0 and heard["silent"]["metrics"]["status"] == "truncated"


def test_late_call_is_answered_and_changes_nothing(heard: Heard, recording: Recording) -> None:
    over = f"The episode is over since step {len(recording.calls)}. State unchanged."
    assert heard["oracle"]["late"] == [over, True, "EpisodeOver"] and heard["silent"]["reward"] == 0.0


def test_failed_calls_are_answered_and_cost_a_step(heard: Heard, recording: Recording) -> None:
    found = heard["failing"]
    assert [error for *_, error in found["trace"]][:3] == ["ToolRaised", "UnknownTool", None]
    assert found["reward"] == 1.0 and found["metrics"]["steps"] == len(recording.calls) + 2


def test_budget_of_steps_ends_the_episode_with_0(heard: Heard) -> None:
    assert heard["short"]["reward"] == 0.0 and heard["short"]["metrics"] == {"steps": 2, "status": "truncated"}


def test_killed_server_leaves_no_reward(heard: Heard) -> None:
    assert heard["lost"]["raised"] == "EpisodeLost" and heard["lost"]["reward"] is None


def test_trl_worker_scores_and_trains_on_sampled_tokens_alone(heard: Heard, recording: Recording) -> None:
    found = heard["worker"]
    assert found["reward"] == 1.0 and found["calls"] == len(recording.calls) and found["failures"] == 0
    trained, tokens = map(sum, zip(*found["masks"], strict=True))
    assert trained == found["sampled"] < tokens
    assert heard["worker, wrong"]["reward"] == 0.0


def test_trl_worker_drops_a_rollout_that_lost_its_server(heard: Heard) -> None:
    assert heard["worker, lost"]["reward"] is None and heard["worker, lost"]["masks"] == []


def test_rollout_function_returns_the_reward_and_refuses_to_invent_one(heard: Heard) -> None:
    assert heard["function"]["rewards"] == [1.0]
    assert "rewards" not in heard["function, lost"] and heard["function, lost"]["raised"] == "SandboxError"
