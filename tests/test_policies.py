"""Policies: the oracle, random calls, a script, and a chat model behind a real OpenAI-compatible server of our own."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidEnvironment, PolicyError
from codegym_mcp.gym import Gym
from codegym_mcp.http_server import bind, serve
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.policies.simple import RandomPolicy
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.types import Trajectory
from tests.conftest import COUNTER, PATIENCE_S, fast_pool, make_gym, write_environment

pytest.importorskip("openai", reason="chat models need the extra `chat`")
from codegym_mcp.policies.chat import ChatPolicy

Answer = Callable[[dict[str, Any]], dict[str, Any] | int]


@asynccontextmanager
async def chat_server(answer: Answer) -> AsyncIterator[str]:
    """An OpenAI-compatible endpoint; `answer` makes the assistant's message, or an HTTP status."""
    import asyncio

    async def completions(request: Request) -> Response:
        body = await request.json()
        made = answer(body)
        if isinstance(made, int):
            return JSONResponse({"error": {"message": "no"}}, made)
        if "status" in made:
            return JSONResponse({"error": {"message": made["told"], "code": None}}, made["status"])
        choice = {"index": 0, "message": {"role": "assistant", **made}, "finish_reason": "stop"}
        return JSONResponse({"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]})

    sock = bind("127.0.0.1", 0)
    ready, stop = asyncio.Event(), asyncio.Event()
    app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
    task = asyncio.create_task(serve(app, sock, on_ready=ready.set, stop=stop))
    await ready.wait()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/v1"
    finally:
        stop.set()
        await task


def tool_call(name: str, arguments: str) -> dict[str, Any]:
    return {
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}],
    }


async def play(folder: Path, answer: Answer) -> Trajectory:
    with anyio.fail_after(PATIENCE_S):
        async with chat_server(answer) as url, make_gym(folder) as gym, ClientPool.over(gym) as pool:
            policy = ChatPolicy("a-model", base_url=url, api_key="none", retries=0)
            return await collect_rollout(pool, policy, gym.catalog.task("counter", "seven"))


async def test_a_chat_model_plays_to_the_end(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> dict[str, Any]:
        assert {tool["function"]["name"] for tool in body["tools"]} >= {"Observe", "Add", "Done"}
        last = body["messages"][-1]
        if last["role"] == "user":
            return tool_call("Observe", "{}")
        return tool_call("Done", json.dumps({"answer": json.loads(last["content"])[0]}))

    trajectory = await play(tmp_path, answer)
    assert (trajectory.reward, len(trajectory.steps), trajectory.error) == (1.0, 2, None)


async def test_malformed_arguments_are_a_tool_error_that_spends_a_step(tmp_path: Path) -> None:
    turns = iter([tool_call("Add", '{"n": 1'), tool_call("Add", "[1]"), tool_call("Done", '{"answer": 7}')])
    trajectory = await play(tmp_path, lambda body: next(turns))
    assert [step.error for step in trajectory.steps] == ["InvalidArguments", "InvalidArguments", None]
    assert trajectory.reward == 1.0


async def test_a_model_that_never_calls_a_tool_is_scored_zero(tmp_path: Path) -> None:
    trajectory = await play(tmp_path, lambda body: {"content": "I think it is 7."})
    assert (trajectory.status, trajectory.reward, trajectory.error) == ("truncated", 0.0, None)


async def test_a_model_that_says_nothing_at_all_is_scored_zero(tmp_path: Path) -> None:
    """Refusals, and reasoning cut off at the token limit. OpenAI refuses a message with neither content nor a call."""

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        if any(message.get("content") is None and not message.get("tool_calls") for message in said):
            return {"status": 400, "told": "Invalid value for 'content': expected a string, got null."}
        return {"content": None}

    trajectory = await play(tmp_path, answer)
    assert (trajectory.status, trajectory.reward, trajectory.error) == ("truncated", 0.0, None)


async def test_an_endpoint_that_fails_is_marked_and_not_scored(tmp_path: Path) -> None:
    trajectory = await play(tmp_path, lambda body: 500)
    assert trajectory.reward is None and trajectory.error is not None
    assert trajectory.error["error"] == "PolicyError"


async def test_a_conversation_longer_than_the_model_can_hold_is_the_policys_end(tmp_path: Path) -> None:
    """As for a model in this process: reward 0, and no machine's fault."""
    told = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."
    turns = iter([tool_call("Add", '{"n": 1}')])
    trajectory = await play(tmp_path, lambda body: next(turns, {"status": 400, "told": told}))
    assert (trajectory.status, trajectory.reward, trajectory.error) == ("truncated", 0.0, None)
    assert len(trajectory.steps) == 1
    refused = await play(tmp_path / "other", lambda body: {"status": 400, "told": "no such parameter"})
    assert refused.reward is None


@pytest.mark.parametrize("garbage", ["Add", {"a": 1}, ["Add"], [{"function": "Add"}], [{"id": 3}]])
async def test_what_is_no_tool_call_is_one_that_fails(garbage: Any, tmp_path: Path) -> None:
    turns = iter([{"content": None, "tool_calls": garbage}, tool_call("Done", '{"answer": 7}')])
    trajectory = await play(tmp_path, lambda body: next(turns))
    assert trajectory.reward == 1.0 and [step.is_error for step in trajectory.steps] == [True, False]


async def test_tokens_that_nobody_counted_are_not_none_at_all(tmp_path: Path) -> None:
    policy = ChatPolicy("a-model", base_url="http://127.0.0.1:1/v1", api_key="none")
    async with make_gym(tmp_path) as gym, policy.session(gym.environment("counter")) as session:
        assert session.usage is None
    await policy.close()


def test_a_model_without_a_key_is_refused_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(PolicyError, match="api_key"):
        ChatPolicy("a-model")


async def test_the_oracle_knows_neither_task_nor_state(tmp_path: Path) -> None:
    """Source: the paper's solvability check; its reference code let candidates read the answer."""
    peeking = COUNTER.replace(
        'call("Done", answer=call("Observe")[0])', 'call("Done", answer=getattr(self, "total", -1) + len(self.__dict__))'
    )
    with anyio.fail_after(PATIENCE_S):
        async with Gym(Catalog.of(write_environment(tmp_path, peeking)), pool=fast_pool()) as gym:
            async with ClientPool.over(gym) as pool:
                trajectory = await collect_rollout(pool, Oracle(gym.catalog, gym.pool), gym.catalog.task("counter", "seven"))
    assert trajectory.reward == 0.0
    assert trajectory.steps[-1].arguments == {"answer": -1}


async def test_an_oracle_that_raises_is_an_invalid_environment(tmp_path: Path) -> None:
    broken = COUNTER.replace('call("Done", answer=call("Observe")[0])', 'raise KeyError("lost")')
    with anyio.fail_after(PATIENCE_S):
        async with Gym(Catalog.of(write_environment(tmp_path, broken)), pool=fast_pool()) as gym, ClientPool.over(gym) as pool:
            trajectory = await collect_rollout(pool, Oracle(gym.catalog, gym.pool), gym.catalog.task("counter", "zero"))
    assert trajectory.reward is None and trajectory.error is not None
    assert trajectory.error["error"] == InvalidEnvironment.__name__


async def test_random_calls_end_with_a_guess_and_repeat_with_their_seed(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Gym(pool=fast_pool()) as gym, ClientPool.over(gym) as pool:
            task = gym.catalog.tasks("lru_cache")[0]
            first, second = [await collect_rollout(pool, RandomPolicy(seed=5), task) for _ in range(2)]
    calls = [[(step.tool, step.arguments, step.text) for step in rollout.steps] for rollout in (first, second)]
    assert calls[0] == calls[1]
    assert first.steps[-1].tool == "Done" or first.status == "truncated"
