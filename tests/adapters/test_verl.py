"""Our agent loop in verl's own AgentLoopWorker, from verl's default configuration."""

from dataclasses import replace
from typing import Any

import pytest

from codegym_mcp.rollout import ONE_CALL
from tests.adapters.conftest import Recording
from tests.adapters.frameworks import Ask, play
from tests.processes import Served

pytestmark = pytest.mark.adapters
Heard = dict[str, dict[str, Any]]
MALFORMED = '<tool_call>\n{"name": "Observe", "arguments": {\n</tool_call>'


@pytest.fixture(scope="module")
def heard(server: Served, doomed: list[Served], reborn: Served, recording: Recording) -> Heard:
    """All rollouts, played in one process of the framework."""
    urls, solve = [server.url], recording.turns
    gone, other = doomed
    group = recording.asks(urls, group=True)
    asks = recording.asks(urls) | {
        "parallel": Ask(urls, [[recording.calls[0], recording.calls[0]], *solve[1:]]),
        "malformed": Ask(urls, [MALFORMED, *solve]),
        "cramped": Ask(urls, solve, options={"response_length": 200}),
        "group": group["oracle"],
        "group, wrong": group["wrong"],
        "group, lost": recording.lost(other, group=True),
        "lost": recording.lost(gone),
        "replayed": replace(recording.lost(reborn), lost_after_s=20),
    }
    return play("verl", recording.task.model_dump_json(), asks)


def test_solution_scores_1_at_its_last_token(heard: Heard, recording: Recording) -> None:
    found = heard["oracle"]
    assert found["reward"] == 1.0 and found["rewarded_at"] == found["length"] - 1
    assert found["facts"] == {
        "acc": 1.0,
        "steps": len(recording.calls),
        "truncated": 0,
        "max_global_steps": len(recording.calls),
    }
    assert found["turns"] == 1 + 2 * len(recording.calls)


def test_prompt_holds_the_task_and_the_documented_tools(heard: Heard, recording: Recording) -> None:
    prompt = heard["oracle"]["prompt"]
    assert recording.prompt in prompt and "CoinValue" in prompt and "Example" not in prompt


@pytest.mark.parametrize("name", ["oracle", "parallel", "malformed", "wrong"])
def test_mask_covers_what_the_model_sampled_and_nothing_else(heard: Heard, name: str) -> None:
    found = heard[name]
    assert found["sampled"] == "".join(said + "<|im_end|>" for said in found["said"])
    assert found["logprobs"] == [-0.5] and found["padding"] == [0.0]


def test_answers_are_in_the_tokens_the_model_reads(heard: Heard, recording: Recording) -> None:
    for text in recording.texts[:-1]:
        assert f"<tool_response>\n{text}\n</tool_response>" in heard["oracle"]["answered"]


@pytest.mark.parametrize("name", ["oracle", "parallel", "malformed"])
def test_every_prompt_begins_with_the_tokens_before(heard: Heard, name: str) -> None:
    """Token in, token out: nothing that was sampled is tokenised again."""
    assert heard[name]["prefixes"]


def test_wrong_answer_scores_0(heard: Heard) -> None:
    assert heard["wrong"]["reward"] == 0.0 and heard["wrong"]["facts"]["truncated"] == 0


def test_policy_that_stops_without_done_scores_0(heard: Heard) -> None:
    found = heard["silent"]
    assert found["reward"] == 0.0 and found["facts"]["truncated"] == 1 and found["facts"]["steps"] == 2
    assert len(found["said"]) == 4, "one reminder, then the end"


def test_one_call_per_turn_is_played(heard: Heard, recording: Recording) -> None:
    found = heard["parallel"]
    assert found["reward"] == 1.0 and found["facts"]["steps"] == len(recording.calls)
    assert ONE_CALL in found["answered"]


def test_malformed_call_is_answered_and_costs_a_step(heard: Heard, recording: Recording) -> None:
    found = heard["malformed"]
    assert found["reward"] == 1.0 and found["facts"]["steps"] == len(recording.calls) + 1
    assert "State unchanged." in found["answered"]


def test_budget_of_steps_ends_the_rollout_with_0(heard: Heard) -> None:
    assert heard["short"]["reward"] == 0.0 and heard["short"]["facts"]["steps"] == 2


def test_budget_of_tokens_ends_the_rollout_with_0_and_within_it(heard: Heard) -> None:
    found = heard["cramped"]
    assert found["reward"] == 0.0 and found["facts"]["truncated"] == 1 and found["length"] <= 200


def test_killed_server_leaves_no_reward_at_all(heard: Heard) -> None:
    assert heard["lost"] == {"raised": "SandboxError", "attempts": 1}, "the second attempt could not even begin"


def test_rollout_that_lost_its_server_is_played_again(heard: Heard) -> None:
    """The server comes back without its episodes."""
    found = heard["replayed"]
    assert found["reward"] == 1.0 and found["attempts"] == 2
    assert found["sampled"] == "".join(said + "<|im_end|>" for said in found["said"])


def test_trainer_of_verl_gets_the_scores_of_a_group(heard: Heard) -> None:
    assert heard["group"]["status"] == ["running", "finished"] and heard["group"]["scores"] == [1.0, 1.0]
    assert heard["group, wrong"]["status"] == ["running", "finished"] and heard["group, wrong"]["scores"] == [0.0, 0.0]
    assert all(heard["group"]["trained"])


def test_trainer_of_verl_is_told_of_a_failure_and_gets_no_score(heard: Heard) -> None:
    assert heard["group, lost"] == {"status": ["running", "failure"], "scores": [], "trained": []}
