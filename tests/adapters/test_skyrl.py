"""Our text environment, made by skyrl-gym's registry and stepped as SkyRL does it."""

from typing import Any

import pytest

from codegym_mcp.rollout import ONE_CALL
from tests.adapters.conftest import Recording
from tests.adapters.frameworks import Ask, play
from tests.processes import Served

pytestmark = pytest.mark.adapters
Heard = dict[str, dict[str, Any]]
GREETING, CUT = "Let me think about that.", '<tool_call>\n{"name": "Observe", "arg'


@pytest.fixture(scope="module")
def heard(server: Served, doomed: list[Served], recording: Recording) -> Heard:
    """All rollouts, played in one process; skyrl-gym lives in verl's environment."""
    urls, solve = [server.url], recording.turns
    asks = recording.asks(urls) | {
        "chatty": Ask(urls, [GREETING, CUT, [recording.calls[0], recording.calls[0]], *solve[1:]]),
        "few turns": Ask(urls, solve, options={"max_turns": 2}),
        "lost": recording.lost(doomed[0]),
    }
    return play("skyrl", recording.task.model_dump_json(), asks, venv="verl")


def test_solution_scores_1_at_its_last_turn(heard: Heard, recording: Recording) -> None:
    assert heard["oracle"]["rewards"] == [0.0] * (len(recording.calls) - 1) + [1.0]
    assert heard["oracle"]["metrics"] == {"steps": len(recording.calls), "failed_calls": 0, "truncated": 0.0}


def test_prompt_is_that_of_the_row_and_describes_the_tools(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    system, user = found["prompt"]
    assert found["as_in_the_row"] and user["content"] == recording.prompt
    assert '{"type": "function", "function": {"name": "CoinValue"' in system["content"]
    assert system["content"].endswith("</tool_call>") and "Example" not in system["content"]


def test_answers_are_texts_that_any_template_takes(heard: Heard, recording: Recording) -> None:
    wanted = [[{"role": "user", "content": f"<tool_response>\n{text}\n</tool_response>"}] for text in recording.texts[:-1]]
    assert heard["oracle"]["observations"] == [*wanted, []]


def test_wrong_answer_scores_0(heard: Heard) -> None:
    assert set(heard["wrong"]["rewards"]) == {0.0} and heard["wrong"]["metrics"]["truncated"] == 0.0


def test_model_that_stops_without_done_scores_0(heard: Heard) -> None:
    assert heard["silent"]["rewards"] == [0.0] * 4 and heard["silent"]["metrics"]["truncated"] == 1.0


def test_turns_without_a_call_broken_calls_and_further_calls_are_answered(heard: Heard, recording: Recording) -> None:
    found = heard["chatty"]
    reminded, broken, doubled = (observations[0]["content"] for observations in found["observations"][:3])
    assert "tool call" in reminded and "State unchanged." in broken
    assert doubled.count("<tool_response>") == 2 and ONE_CALL in doubled and len(found["observations"][2]) == 1
    assert found["rewards"][-1] == 1.0
    assert found["metrics"] == {"steps": len(recording.calls) + 1, "failed_calls": 1, "truncated": 0.0}


@pytest.mark.parametrize("name", ["short", "few turns"])
def test_budget_of_steps_or_turns_ends_the_rollout_with_0(heard: Heard, name: str) -> None:
    assert heard[name]["rewards"] == [0.0, 0.0] and heard[name]["metrics"]["truncated"] == 1.0


def test_killed_server_raises_in_place_of_a_reward(heard: Heard) -> None:
    assert heard["lost"]["raised"] == "EpisodeLost" and len(heard["lost"]["rewards"]) == 2
