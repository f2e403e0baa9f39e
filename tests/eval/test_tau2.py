"""tau2 with its real package: the figures known of its tasks, and whole conversations against a scripted endpoint.

Run by `pytest -m benchmarks` in the environment that tests/eval/setup.sh makes. No model, no key, no network.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from codegym_mcp.errors import InvalidRequest
from codegym_mcp.rollout import Act, Message, call_message
from codegym_mcp.types import EnvironmentInfo, Observation, Trajectory
from eval.benchmark import draw
from eval.benchmarks.talk import Move, Replay, UserModel, said
from eval.benchmarks.tau2 import Tau2, _hash, _moves
from eval.benchmarks.tau2_seats import DONE
from eval.cli import main
from eval.report import read_run
from eval.settings import Settings
from tests.eval.endpoint import Body, endpoint

pytestmark = [
    pytest.mark.benchmarks,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),  # of packages that are imported by tau2
]
pytest.importorskip("tau2", reason="tests/eval/setup.sh tau2 makes the environment for these")
SETTINGS = Settings(max_steps=200, runs=1, user_model="customer")
CREATE: Move = ("create_task", {"user_id": "user_1", "title": "Important Meeting"})


async def baseline(name: str, domain: str) -> list[Trajectory]:
    """All tasks of a domain."""
    async with Tau2(SETTINGS, domains=[domain]) as benchmark:
        policy = benchmark.baseline(name)
        assert policy is not None
        return [await benchmark.play(policy, task, 0) for task in benchmark.tasks()]


async def moves(*made: Move, task: str = "create_task_1", settings: Settings = SETTINGS) -> Trajectory:
    """An episode of these moves in tau2's test domain, beside a user without a model."""
    async with Tau2(settings, domains=["mock"]) as benchmark:
        chosen = next(one for one in benchmark.tasks() if one.id == task)
        given = benchmark._given[chosen.environment, chosen.id]
        return await benchmark.play(Replay({_hash(chosen, given): made}), chosen, 0)


def rewards(trajectories: list[Trajectory]) -> list[float | None]:
    return [one.reward for one in trajectories]


async def test_refusing_solves_nineteen_of_the_fifty_airline_tasks() -> None:
    """Known of tau2 26.3: why a score needs the do-nothing baseline beside it. Of retail, it is 7 of 114 (90 s of CPU)."""
    scores = rewards(await baseline("nothing", "airline"))
    assert len(scores) == 50 and scores.count(1.0) / 50 == 0.38 and scores.count(0.0) == 31


async def test_reference_replayed_solves_all_airline_tasks() -> None:
    played = await baseline("oracle", "airline")
    assert len(played) == 50 and [one.task.id for one in played if one.reward != 1.0 or one.error] == []


async def test_telecom_reference_needs_the_user_s_own_calls() -> None:
    """Its user has tools: in the reference, both sides make calls."""
    async with Tau2(SETTINGS, domains=["telecom"]) as benchmark:
        assert len(benchmark.tasks()) == 114
        oracle, nothing = benchmark.baseline("oracle"), benchmark.baseline("nothing")
        assert oracle is not None and nothing is not None
        acted = 0
        for task in benchmark.tasks()[::12]:
            solved = await benchmark.play(oracle, task, 0)
            assert (solved.reward, (await benchmark.play(nothing, task, 0)).reward) == (1.0, 0.0), task.id
            acted += any(message["role"] == "user" and message["content"] == DONE for message in solved.messages)
        assert acted > 3


async def test_mock_domain_scores_what_is_known_of_it() -> None:
    """One task is solved by doing nothing. Of another, the check raises on a state where nothing was done: no verdict.

    The reference of one task has no actions, so replaying it does not solve it.
    """
    nothing = await baseline("nothing", "mock")
    assert {one.task.id for one in nothing if one.reward == 1.0} == {"create_task_1_nl_eval"}
    assert [(one.task.id, one.error and one.error["error"]) for one in nothing if one.reward is None] == [
        ("create_task_1_with_env_assertions", "InvalidEnvironment")
    ]
    oracle = await baseline("oracle", "mock")
    assert [one.task.id for one in oracle if one.reward != 1.0] == ["update_task_with_history_and_env_assertions"]


async def test_calls_that_fail_are_told_and_too_many_end_the_episode() -> None:
    """tau2 ends an episode after ten failed calls, with nothing, whatever the database then holds."""
    few = await moves(("dance", {}), ("create_task", {"user_id": "nobody", "title": "x"}), CREATE, "Done.")
    assert [step.is_error for step in few.steps] == [True, True, False] and few.reward == 1.0
    many = await moves(CREATE, *[("dance", {})] * 12, "Done.")
    assert len(many.steps) == 11 and many.reward == 0.0 and many.status == "truncated"


async def test_steps_are_counted_as_tau2_counts_them() -> None:
    """Every message is one, the answer to a call included: the user's first, twice three calls, then the limit."""
    cut = await moves(*[CREATE] * 9, settings=Settings(max_steps=7, runs=1))
    assert len(cut.steps) == 3 and cut.reward == 0.0 and cut.status == "truncated"


async def test_empty_turn_of_the_agent_scores_nothing() -> None:
    empty = await moves(CREATE, " ")
    assert empty.reward == 0.0 and empty.error is None


async def test_what_is_said_beside_a_call_counts_as_communicated() -> None:
    """So it is in tau2, though its user does not hear it; models that explain their calls are not to lose by it."""
    async with Tau2(SETTINGS, domains=["mock"]) as benchmark:
        task = next(one for one in benchmark.tasks() if one.id == "update_task_with_initialization_data")
        given = benchmark._given[task.environment, task.id]
        (update, told), _ = _moves(given)
        assert not isinstance(update, str) and isinstance(told, str)

        class Explains(Replay):
            """Says beside its call what the task wants to be told."""

            @asynccontextmanager
            async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
                async def act(messages: list[Message], observation: Observation | None) -> Message:
                    return call_message(*update, 1) | {"content": told} if observation is None else said("Done.")

                yield act

        played = await benchmark.play(Explains({}), task, 0)
    assert played.reward == 1.0 and (await moves(update, "Done.", task=task.id)).reward == 0.0


async def test_conversation_that_has_begun_is_shown_to_the_agent() -> None:
    """Some tasks begin in the middle: what was said and called before comes first."""
    task = "update_task_with_message_history"
    done = await moves(("update_task_status", {"task_id": "task_2", "status": "completed"}), "Done.", task=task)
    roles = [message["role"] for message in done.messages]
    assert done.reward == 1.0 and roles[:5] == ["system", "user", "assistant", "tool", "assistant"] and roles[5] == "user"


async def test_real_policy_without_a_user_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InvalidRequest, match="--user-model NAME"):
        async with Tau2(SETTINGS, domains=["mock"], user=UserModel("customer")) as benchmark:
            nobody = Replay({})
            nobody.name = "somebody"
            await benchmark.play(nobody, benchmark.tasks()[0], 0)
    with pytest.raises(InvalidRequest, match="'banking'"):
        Tau2(SETTINGS, domains=["banking"])


class Script:
    """An endpoint that plays both sides by the references: `agent` makes the agent's moves, `customer` the user's.

    It knows a task by the user's scenario, and tells its id as the first thing that the user says.
    """

    def __init__(self, domain: str, count: int) -> None:
        """Args:
        count: tasks that are played, drawn by the seed 0.
        """
        from tau2.registry import registry

        self.tasks: list[Any] = draw(registry.get_tasks_loader(domain)("base"), Settings(tasks=count))
        assert len({str(task.user_scenario) for task in self.tasks}) == count, "many tasks of telecom share one"
        self.asked: Counter[str] = Counter()

    def __call__(self, body: Body) -> Body | str:
        self.asked[body["model"]] += 1
        system, *rest = body["messages"]
        if body["model"] == "agent":
            return self.agent(rest)
        task = next(one for one in self.tasks if str(one.user_scenario) in system["content"])
        assert body["temperature"] == 0.0 and rest[0]["content"] == "Hi! How can I help you today?"
        return self.customer(task, rest, body.get("tools"))

    def agent(self, rest: list[Message]) -> Body:
        """The reference's next move; the first thing that the user said names the task."""
        name = next(message["content"] for message in rest if message["role"] == "user")
        task = next(one for one in self.tasks if one.id == name)
        move = _moves(task)[0][sum(message["role"] == "assistant" for message in rest) - 1]
        return {"role": "assistant", "content": move} if isinstance(move, str) else {"role": "assistant", **called(*move)}

    def customer(self, task: Any, rest: list[Message], tools: Any) -> Body | str:
        """The user's next message; roles are turned about: what the agent said has the role `user`."""
        groups = _moves(task)[1]
        assert tools or not groups
        heard = sum(message["role"] == "user" for message in rest) - 1
        if heard == 0:
            return str(task.id)
        if heard > len(groups):
            return "###STOP###"
        last = max(number for number, message in enumerate(rest) if message["role"] == "user")
        made = sum(message["role"] == "assistant" for message in rest[last:])
        group = groups[heard - 1]
        if made == len(group):
            return DONE
        return {"role": "assistant", **called(group[made]["name"], group[made]["arguments"])}


def called(tool: str, arguments: dict[str, Any]) -> Body:
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {"content": None, "tool_calls": [{"id": f"id-{tool}", "type": "function", "function": function}]}


@pytest.mark.parametrize("domain", ["airline", "telecom"])
def test_models_at_an_endpoint_play_both_sides_through_the_command_line(domain: str, tmp_path: Path) -> None:
    """In telecom, the model that plays the user calls tools of its own."""
    script = Script(domain, 2)
    with endpoint(script) as url:
        command = ["run", "tau2", "--domain", domain, "--model", "agent", "--user-model", "customer", "--base-url", url]
        command += ["-n", "2", "--runs", "1", "-o", str(tmp_path)]
        done = CliRunner().invoke(main, command, env={"OPENAI_API_KEY": "none", "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    _, records, scores = read_run(tmp_path)
    assert [one.subject for one in scores] == ["agent", "nothing", "random"] and scores[0].solved[0] == 1.0
    assert scores[0].of_oracle == 1.0 and "user simulator: customer" in done.output
    played = [record for record in records if record.subject == "agent"]
    turns = sum(message["role"] == "assistant" for one in played for message in one.trajectory.messages) - len(played)
    assert script.asked["agent"] == turns and script.asked["customer"] >= 2 * len(played)
