"""SkyRL's own generator over our environment, and what ours adds to it. Needs Python 3.12 or newer, as `skyrl` does."""

from dataclasses import replace
from typing import Any

import pytest

from tests.adapters.conftest import Recording
from tests.adapters.frameworks import play
from tests.processes import Served

pytestmark = pytest.mark.adapters
Heard = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def heard(server: Served, doomed: list[Served], reborn: Served, recording: Recording) -> Heard:
    """All rollouts, played in one process of the framework."""
    through = recording.asks([server.url], generator=True)
    asks = {
        "oracle": through["oracle"],
        "wrong": through["wrong"],
        "lost": recording.lost(doomed[0], generator=True),
        "replayed": replace(recording.lost(reborn, generator=True), lost_after_s=20),
    }
    return play("skyrl", recording.task.model_dump_json(), asks)


def test_solution_scores_1_on_the_token_that_ended_it(heard: Heard) -> None:
    rewards = heard["oracle"]["rewards"]
    assert sum(rewards) == 1.0 and rewards[-1] == 1.0


def test_wrong_answer_scores_0(heard: Heard) -> None:
    assert set(heard["wrong"]["rewards"]) == {0.0}


@pytest.mark.parametrize("name", ["oracle", "wrong", "replayed"])
def test_mask_covers_what_the_model_sampled_and_nothing_else(heard: Heard, name: str) -> None:
    found = heard[name]
    assert found["sampled"] == "".join(said + "<|im_end|>" for said in found["said"])
    assert found["logprobs"] == [-0.5]


def test_answers_are_in_the_tokens_the_model_reads(heard: Heard, recording: Recording) -> None:
    assert all(f"<tool_response>\n{text}\n</tool_response>" in heard["oracle"]["answered"] for text in recording.texts[:-1])


def test_rollout_that_lost_its_server_is_played_again(heard: Heard) -> None:
    """The server comes back without its episodes."""
    assert heard["replayed"]["attempts"] == 2 and sum(heard["replayed"]["rewards"]) == 1.0


def test_server_that_stays_away_stops_the_run(heard: Heard) -> None:
    assert heard["lost"] == {"raised": "SandboxError", "attempts": 3}
