"""Our task set in verifiers: its agent, its `null` harness, its MCP client."""

from dataclasses import replace
from typing import Any

import pytest

from codegym_mcp.rollout import SYSTEM
from tests.adapters.conftest import Recording
from tests.adapters.frameworks import Ask, play
from tests.processes import TOKEN, Served

pytestmark = pytest.mark.adapters
Heard = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def heard(server: Served, doomed: list[Served], recording: Recording) -> Heard:
    """All rollouts, played in one process of the framework."""
    urls, asks = [server.url], recording.asks([server.url])
    asks |= {
        "silent": replace(asks["silent"], options={"twice": True}),
        "failing": Ask(urls, [[("CoinValue", {"kind": 99})], *recording.turns]),
        "lost": recording.lost(doomed[0]),
    }
    return play("verifiers", recording.task.model_dump_json(), asks)


def test_solution_scores_1_and_is_answered_as_the_oracle_was(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    assert found["ok"] and found["rewards"] == {"solved": 1.0}, found["why"]
    assert found["metrics"]["steps"] == len(recording.calls)
    assert found["answered"][: len(recording.calls)] == recording.texts


def test_model_reads_the_rules_the_task_and_the_documented_tools(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    texts = [message["content"] for message in found["messages"][:2]]
    assert texts == [SYSTEM, recording.prompt] and found["messages"][0]["role"] == "system"
    tools = {tool["function"]["name"]: tool["function"] for tool in found["tools"]}
    assert {"Observe", "Done", "CoinValue"} <= set(tools) and "Start" not in tools
    assert "Args:" in tools["CoinValue"]["description"] and "Example" not in tools["CoinValue"]["description"]


def test_wrong_answer_scores_0(heard: Heard) -> None:
    assert heard["wrong"]["ok"] and heard["wrong"]["rewards"] == {"solved": 0.0} and heard["wrong"]["status"] == "terminated"


def test_agent_that_stops_without_done_scores_0(heard: Heard) -> None:
    assert heard["silent"]["ok"] and heard["silent"]["rewards"] == {"solved": 0.0} and heard["silent"]["status"] == "truncated"


def test_rollouts_of_one_task_at_once_have_an_episode_each(heard: Heard) -> None:
    assert len(set(heard["silent"]["episodes"])) == 2


def test_failed_call_is_answered_and_costs_a_step(heard: Heard, recording: Recording) -> None:
    found = heard["failing"]
    assert found["answered"][0].endswith("State unchanged.")
    assert found["rewards"] == {"solved": 1.0} and found["metrics"]["steps"] == len(recording.calls) + 1


def test_budget_of_steps_ends_the_episode_with_0(heard: Heard) -> None:
    found = heard["short"]
    assert found["ok"] and found["rewards"] == {"solved": 0.0} and found["metrics"]["steps"] == 2


def test_killed_server_is_an_error_on_the_trace_and_no_reward(heard: Heard) -> None:
    found = heard["lost"]
    assert not found["ok"] and found["errors"] and not any(found["rewards"].values())
    assert found["rewards"].get("solved") is None and found["status"] is None


def test_token_is_in_no_record(heard: Heard) -> None:
    assert all(TOKEN not in found["record"] for found in heard.values())


def test_tasks_are_those_of_the_level(heard: Heard) -> None:
    assert heard["oracle"]["levels"] == ["tiny"]


def test_commands_of_verifiers_find_the_task_set_by_the_module_in_the_docs(heard: Heard) -> None:
    assert heard["oracle"]["plugin"] == "CodegymTaskset"
