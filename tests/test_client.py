"""The client pool: over memory and HTTP, one server and several, and what becomes of rollouts when a server goes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.client import ClientPool, Patience
from codegym_mcp.errors import EnvironmentNotFound, EpisodeOver, InvalidRequest, SandboxError
from codegym_mcp.gym import Gym
from codegym_mcp.http_server import running
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.remote import LocalServer
from codegym_mcp.rollout import Act, Message, collect_group, collect_rollout
from codegym_mcp.types import EnvironmentInfo, EpisodeStatus, Observation, Task, Trajectory
from codegym_mcp.wire import Wire, WireError
from tests.conftest import PATIENCE_S, make_gym, write_environment
from tests.processes import TOKEN, Served, served

ADDS: list[tuple[str, dict[str, Any]]] = [("Add", {"n": 1})] * 8
SCRIPT: list[tuple[str, dict[str, Any]]] = [*ADDS, ("Done", {"answer": 0})]


class Gated(ScriptedPolicy):
    """Every rollout plays one call, then waits for `go`: so each one is live on its server at that moment."""

    def __init__(self, rollouts: int) -> None:
        super().__init__([("Add", {"n": 0})] * 20 + [("Done", {"answer": 0})])
        self._missing = rollouts
        self.all_played, self.go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """The script, held up after its first call."""
        async with super().session(environment) as act:

            async def gated(messages: list[Message], observation: Observation | None) -> Message:
                if observation is not None and observation.step == 1:
                    self._missing -= 1
                    if not self._missing:
                        self.all_played.set()
                    await self.go.wait()
                return await act(messages, observation)

            yield gated


async def play_a_little(pool: ClientPool) -> list[Any]:
    """The same calls whatever the transport; what a policy would see of them."""
    episode = await pool.open("counter", "seven", seed=3)
    seen: list[Any] = []
    for tool, arguments in [
        ("Add", {"n": 2}),
        ("Boom", {"n": 9}),
        ("Nope", {}),
        ("Add", "{broken"),
        ("Add", {"n": "x"}),
        ("Observe", {}),
    ]:
        observation = await episode.call(tool, arguments)
        seen.append((observation.text, observation.error, observation.step))
    seen.append([(step.tool, step.committed) for step in await episode.steps()])
    fork = await episode.fork(1)
    await fork.call("Add", {"n": 100})
    seen.append((await fork.status()).steps)
    await fork.close()
    await episode.rewind(1)
    seen.append((await episode.call("Observe")).text)
    await episode.call("Done", {"answer": 7})
    with pytest.raises(EpisodeOver):
        await episode.call("Observe")
    seen.append((await episode.status()).reward)
    await episode.close()
    return seen


async def test_memory_and_http_tell_the_same_story(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            async with ClientPool.over(gym) as local, ClientPool.connect([url], TOKEN) as remote:
                over_memory, over_http = await play_a_little(local), await play_a_little(remote)
    assert over_memory == over_http
    assert over_http[-1] == 1.0
    assert over_http[3][1] == "InvalidArguments"  # malformed JSON is a tool error the model sees, and spends a step
    assert [entry[2] for entry in over_http[:6]] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("id", ["zero", "seven", "another", "own"])
async def test_the_task_that_is_given_is_the_task_that_is_played(tmp_path: Path, id: str) -> None:
    """Whatever its id: over HTTP the same id must not stand for a task of the server's."""
    mine = Task(environment="counter", id=id, config={"start": 41}, prompt="Count.", level="mine", max_steps=5)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            async with ClientPool.over(gym) as local, ClientPool.connect([url], TOKEN) as remote:
                here, there = [(await pool.open("counter", mine)).opened for pool in (local, remote)]
    assert there.model_copy(update={"id": here.id}) == here
    assert (there.task, there.level, there.prompt, there.max_steps) == (id, "mine", "Count.", 5)


async def test_a_repeated_call_is_applied_once(tmp_path: Path) -> None:
    """JSON-RPC ids restart with every client and cannot recognise a repeat; keys can."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            async with ClientPool.connect([url], TOKEN) as pool:
                episode = await pool.open("counter", "zero")
                server = pool.servers[0]
                first = await server.call(episode.id, "Add", {"n": 5}, "one key")
                again = await server.call(episode.id, "Add", {"n": 5}, "one key")
                assert first == again
                assert (await episode.call("Observe")).text.startswith("[5,")
                assert (await episode.status()).steps == 2


async def test_a_client_that_gives_up_in_mid_call_finds_its_answer_by_the_key(tmp_path: Path) -> None:
    """The newest protocol over HTTP does not cancel a call whose client is gone: it may commit later."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            async with ClientPool.connect([url], TOKEN) as pool:
                episode = await pool.open("counter", "zero")
                server = pool.servers[0]
                call = asyncio.create_task(server.call(episode.id, "Hang", {}, "k"))
                while not gym.pool._nursery.busy:
                    await asyncio.sleep(0)
                call.cancel()
                again = await server.call(episode.id, "Hang", {}, "k")
                assert again.error == "ToolTimeout"
                assert (await episode.status()).steps == 1


async def test_unknown_names_are_refused_and_not_retried(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url:
            async with ClientPool.connect([url], TOKEN) as pool:
                with pytest.raises(EnvironmentNotFound):
                    await pool.open("conter")
                with pytest.raises(InvalidRequest):
                    await pool.open("../control")


async def test_nobody_there_is_a_machine_fault() -> None:
    with anyio.fail_after(PATIENCE_S):
        async with ClientPool.connect(["http://127.0.0.1:9"], TOKEN, lost_after_s=0.2) as pool:
            with pytest.raises(SandboxError):
                await pool.environments()


@pytest.mark.parametrize("url", ["ftp://host", "http://", "nonsense", "http://host:99999"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        Wire(url)


async def test_an_answer_that_is_not_http_is_an_error_and_no_hang() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HELLO\r\n")
        await writer.drain()
        writer.close()

    with anyio.fail_after(PATIENCE_S):
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(WireError):
                await Wire(f"http://127.0.0.1:{port}").request("GET", "/", {}, None, 5)


async def test_a_silent_server_is_given_up_at_the_deadline() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    with anyio.fail_after(PATIENCE_S):
        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        async with server:
            wire = Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            with pytest.raises(WireError):
                await wire.request("GET", "/", {}, None, 0.2)
            wire.close()


async def test_losing_one_of_two_servers_marks_its_rollouts_and_scores_none_zero(tmp_path: Path) -> None:
    """Every rollout ends as finished or marked; a lost machine is never a reward of 0."""
    folder = write_environment(tmp_path)
    first, second = Served(str(folder)), Served(str(folder))
    try:
        with anyio.fail_after(60):
            async with ClientPool.connect([first.url, second.url], TOKEN, lost_after_s=1.0) as pool:
                task = (await pool.tasks("counter"))[0]
                script = Gated(24)
                rollouts = asyncio.create_task(collect_group(pool, script, task, 24))
                await script.all_played.wait()
                first.kill()
                script.go.set()
                trajectories = await rollouts
        finished = [t for t in trajectories if t.error is None]
        lost = [t for t in trajectories if t.error is not None]
        assert len(finished) + len(lost) == 24
        assert finished and all(t.reward == 1.0 for t in finished)
        assert lost and all(t.reward is None for t in lost)
    finally:
        first.kill()
        second.stop()


async def test_a_server_that_comes_back_gets_episodes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that could not be reached is not left out for ever because others are up."""

    class Sometimes(LocalServer):
        name, reachable = "sometimes", True

        async def open(self, environment: str, task: str | Task | None, options: dict[str, Any]) -> EpisodeStatus:
            if not self.reachable:
                raise WireError("connection refused")
            return await super().open(environment, task, options)

    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path / "a") as one, make_gym(tmp_path / "b") as two:
            gone = Sometimes(one)
            async with ClientPool([gone, LocalServer(two)]) as pool:
                gone.reachable = False
                for _ in range(4):
                    await pool.open("counter")
                assert pool.live == {"sometimes": 0, "memory": 4}
                gone.reachable = True
                await pool.open("counter")
                assert pool.live == {"sometimes": 0, "memory": 5}, "too early to try it again"
                monkeypatch.setattr("codegym_mcp.client.AGAIN_S", 0.0)
                for _ in range(3):
                    await pool.open("counter")
                assert pool.live["sometimes"] == 3


async def test_with_a_durable_store_another_server_takes_over(tmp_path: Path) -> None:
    """Two servers over one store: what one had acknowledged, the other goes on from."""
    folder, store = write_environment(tmp_path), f"sqlite:{tmp_path}/gym.sqlite"
    first, second = Served(str(folder), "--store", store), Served(str(folder), "--store", store)
    try:
        with anyio.fail_after(60):
            async with ClientPool.connect([first.url, second.url], TOKEN) as pool:
                task = (await pool.tasks("counter"))[0]
                script = Gated(8)
                rollouts = asyncio.create_task(collect_group(pool, script, task, 8))
                await script.all_played.wait()
                first.kill()
                script.go.set()
                trajectories = await rollouts
        assert [t.error for t in trajectories] == [None] * 8
        assert [t.reward for t in trajectories] == [1.0] * 8
        assert all(len(t.steps) == 21 for t in trajectories)  # no call lost, none applied twice
    finally:
        first.kill()
        second.stop()


async def test_a_policy_that_stops_is_scored_zero_and_one_that_runs_out_of_steps_too(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, ClientPool.over(gym) as pool:
            task = gym.catalog.task("counter", "zero")
            stopped = await collect_rollout(pool, ScriptedPolicy(ADDS), task)
            short = await collect_rollout(pool, ScriptedPolicy(SCRIPT), task, max_steps=4)
            assert gym.open_episodes == 0
    assert (stopped.status, stopped.reward, len(stopped.steps)) == ("truncated", 0.0, 8)
    assert (short.status, short.reward, len(short.steps)) == ("truncated", 0.0, 4)


async def test_only_the_first_of_several_calls_in_a_turn_is_played(tmp_path: Path) -> None:
    class Hasty(ScriptedPolicy):
        """Puts its next call into the same turn."""

        def session(self, environment: Any) -> Any:
            inner = super().session(environment)

            class Doubled:
                async def __aenter__(self) -> Any:
                    act = await inner.__aenter__()

                    async def twice(messages: Any, observation: Any) -> Any:
                        message = await act(messages, observation)
                        calls = message.get("tool_calls", [])
                        return {**message, "tool_calls": calls * 2} if calls else message

                    return twice

                async def __aexit__(self, *error: Any) -> None:
                    await inner.__aexit__(*error)

            return Doubled()

    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, ClientPool.over(gym) as pool:
            trajectory = await collect_rollout(pool, Hasty(SCRIPT), gym.catalog.task("counter", "zero"))
    assert len(trajectory.steps) == len(SCRIPT)
    tools = [m["content"] for m in trajectory.messages if m["role"] == "tool"]
    assert tools[1].startswith("Not played")


async def test_a_policy_that_fails_in_its_own_way_is_marked_and_ends_no_other_rollout(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(ScriptedPolicy):
        """Its second session has a fault of its own."""

        sessions = 0

        @asynccontextmanager
        async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
            self.sessions += 1
            broken = self.sessions == 2

            async def act(messages: list[Message], observation: Observation | None) -> Message:
                if broken:
                    raise RuntimeError("no such host")
                return await inner(messages, observation)

            async with super().session(environment) as inner:
                yield act

    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, ClientPool.over(gym) as pool:
            group = await collect_group(pool, Broken(SCRIPT), gym.catalog.task("counter", "zero"), 3)
            assert gym.open_episodes == 0
    assert sorted(str(one.reward) for one in group) == ["1.0", "1.0", "None"]
    (error,) = [one.error for one in group if one.error]
    assert error["error"] == "PolicyError" and "RuntimeError: no such host" in error["message"]
    assert "Traceback" in caplog.text


async def test_a_trajectory_with_infinity_survives_its_file_too(tmp_path: Path) -> None:
    task = Task(environment="counter", id="far", config={"total": float("inf")})
    assert Task.model_validate_json(task.model_dump_json()) == task


async def test_a_trajectory_survives_its_file(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, ClientPool.over(gym) as pool:
            trajectory = await collect_rollout(pool, ScriptedPolicy(SCRIPT), gym.catalog.task("counter", "zero"))
    assert Trajectory.model_validate_json(trajectory.model_dump_json()) == trajectory
    assert json.loads(trajectory.model_dump_json())["steps"][0]["tool"] == "Add"


async def test_a_served_command_shuts_down_on_a_signal(tmp_path: Path) -> None:
    with served(write_environment(tmp_path)) as server:
        async with ClientPool.connect([server.url], TOKEN) as pool:
            assert await pool.environments() == ["counter"]
    assert server.process.returncode in (0, -15)


async def test_a_gym_can_be_left_while_episodes_are_open(tmp_path: Path) -> None:
    async with Gym(make_gym(tmp_path).catalog) as gym:
        for _ in range(3):
            await gym.call((await gym.open("counter", "zero")).id, "Add", {"n": 1})


def test_first_failure_is_never_one_too_many() -> None:
    """A call may have taken longer to fail than failures are borne."""
    patience = Patience(0.0)
    assert not patience.is_over()
    while not patience.is_over():
        pass
