"""What the adapters share, without any framework: a rollout played from outside, and the rows of data sets."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from codegym_mcp.adapters.servers import Servers, columns, prompt_of, reward_of, task_of
from codegym_mcp.adapters.stepped import SteppedRollout, wait
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import EnvironmentNotFound, EpisodeLost, InvalidRequest, InvalidTask, PolicyError, SandboxError
from codegym_mcp.gym import Gym
from codegym_mcp.rollout import ONE_CALL, call_message
from codegym_mcp.types import Task, Trajectory
from tests.adapters.conftest import Recording
from tests.conftest import fast_pool
from tests.processes import TOKEN, Served


def servers(served: Served) -> Servers:
    """Where to play."""
    return Servers.of(served.url, TOKEN, lost_after_s=0.5)


async def test_said_calls_are_answered_until_there_is_a_trajectory(server: Served, recording: Recording) -> None:
    rollout = SteppedRollout(servers(server), recording.task)
    first = await rollout.begin()
    assert rollout.environment is not None
    assert first == prompt_of(recording.task, rollout.environment), "a data set's prompt is the one that is played"
    heard = []
    for number, (tool, arguments) in enumerate(recording.calls):
        assert rollout.trajectory is None
        heard += await rollout.say(call_message(tool, arguments, number))
    assert [message["content"] for message in heard] == recording.texts
    assert rollout.trajectory is not None and reward_of(rollout.trajectory) == 1.0
    assert await rollout.say(call_message("Observe", {}, 99)) == [], "nothing is played once it is over"
    assert len(rollout.trajectory.steps) == len(recording.calls)


async def test_one_call_of_a_turn_counts(server: Served, recording: Recording) -> None:
    rollout = SteppedRollout(servers(server), recording.task)
    await rollout.begin()
    both = [call_message("Observe", {}, number)["tool_calls"][0] for number in range(2)]
    heard = await rollout.say({"role": "assistant", "content": None, "tool_calls": both})
    assert [message["content"] for message in heard] == [recording.texts[0], ONE_CALL]
    await rollout.drop()


async def test_stopping_early_is_the_policys_fault(server: Served, recording: Recording) -> None:
    rollout = SteppedRollout(servers(server), recording.task)
    await rollout.begin()
    assert (await rollout.stop()).reward == 0.0


async def test_dropping_closes_the_episode_without_a_reward(recording: Recording) -> None:
    async with Gym(pool=fast_pool()) as gym:

        class InMemory(Servers):
            def pool(self) -> ClientPool:
                return ClientPool.over(gym)

        rollout = SteppedRollout(InMemory(("memory",), ""), recording.task)
        await rollout.begin()
        assert gym.open_episodes == 1
        await rollout.drop()
        await rollout.drop()
        assert gym.open_episodes == 0 and rollout.trajectory is None
        assert await rollout.say(call_message("Observe", {}, 1)) == [], "nobody waits for what cannot come"
        with pytest.raises(PolicyError):
            await rollout.stop()


async def test_lost_server_leaves_no_reward(doomed: list[Served], recording: Recording) -> None:
    rollout = SteppedRollout(servers(doomed[0]), recording.task)
    await rollout.begin()
    doomed[0].kill()
    assert await rollout.say(call_message("Observe", {}, 1)) == []
    assert rollout.trajectory is not None and rollout.trajectory.reward is None
    with pytest.raises(EpisodeLost):
        reward_of(rollout.trajectory)


async def test_environment_that_is_not_there_is_an_error_of_the_caller(server: Served, recording: Recording) -> None:
    rollout = SteppedRollout(servers(server), recording.task.model_copy(update={"environment": "nowhere"}))
    with pytest.raises(EnvironmentNotFound):
        await rollout.begin()


def test_loops_without_an_event_loop_wait_from_any_thread(server: Served, recording: Recording) -> None:
    def play(_: int) -> float | None:
        rollout = SteppedRollout(servers(server), recording.task)
        wait(rollout.begin())
        for number, (tool, arguments) in enumerate(recording.calls):
            wait(rollout.say(call_message(tool, arguments, number)))
        return rollout.trajectory.reward if rollout.trajectory else None

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(play, range(8))) == [1.0] * 8


def test_row_gives_its_task_back(recording: Recording) -> None:
    assert task_of(columns(recording.task, seed=7)) == (recording.task, 7)


@pytest.mark.parametrize("row", [{}, {"codegym_task": None}, {"codegym_task": "{}"}, {"codegym_task": "coin_change"}])
def test_row_without_a_task_is_refused(row: dict[str, str | None]) -> None:
    with pytest.raises(InvalidTask):
        task_of(row)


@pytest.mark.parametrize("urls", ["", [], [""]])
def test_servers_need_an_address(urls: str | list[str]) -> None:
    with pytest.raises(InvalidRequest):
        Servers.of(urls, TOKEN)


def test_token_is_not_shown() -> None:
    assert TOKEN not in repr(Servers.of("http://127.0.0.1:1", TOKEN))


@pytest.mark.parametrize(
    "error", [None, {"error": "EpisodeNotFound", "message": "gone"}, {"error": "PolicyError", "message": "x"}]
)
def test_rollout_without_a_reward_is_a_machine_fault_whatever_ended_it(error: dict[str, str] | None) -> None:
    task = Task(environment="counter", id="zero")
    trajectory = Trajectory(
        environment="counter", environment_hash="", task=task, seed=0, policy="p", status="expired", reward=None, error=error
    )
    with pytest.raises(SandboxError):
        reward_of(trajectory)
