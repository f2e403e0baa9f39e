"""Attacks on the reward: learning the answer, seeing the verdict, changing it, or getting another try.

Project: an agent never sees a reward or a reference; the first valid Done is final; the verdict comes from a worker that
holds the pristine task and the submitted answer, and nothing that a tool has touched.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.episode import DONE_TEXT, UNREADABLE
from codegym_mcp.errors import CallKeyReused, EpisodeOver, InvalidArguments, ToolRaised, UnknownTool
from codegym_mcp.types import Task

from .conftest import OPTIONS, USERS
from .raw import Answer, Session, Stream, call, control, modern, open_episode
from .served import TOKEN, Served, home, serving

pytestmark = pytest.mark.attacks

KEY = "wonderland"
REFERENCE = f"CANARY-of-answer-{KEY[::-1]}"


def open_with_key(served: Served, **options: Any) -> str:
    return open_episode(served, config={"prey": str(served.prey), "key": KEY}, **options)


def status(served: Served, episode: str) -> tuple[str, float | None]:
    told = control(served, "GET", f"/episodes/{episode}").json
    return told["status"], told["reward"]


def done(served: Served, episode: str, answer: Any, **meta: Any) -> Answer:
    return call(served, episode, "Done", {"answer": answer}, **meta)


# ------------------------------------------------------------------------------------------------------- another try
@pytest.mark.parametrize(("first", "second", "reward"), [("wrong", REFERENCE, 0.0), (REFERENCE, "wrong", 1.0)])
def test_the_first_done_is_final(served: Served, first: str, second: str, reward: float) -> None:
    """In the published classes a wrong Done shows the answer, and a right one afterwards is worth 1."""
    episode = open_with_key(served)
    assert done(served, episode, first).text == DONE_TEXT
    assert status(served, episode) == ("terminated", reward)
    for again in (done(served, episode, second), call(served, episode, "Add", {"n": 1}), call(served, episode, "Answer")):
        assert (again.text, again.json["result"]["isError"]) == (str(EpisodeOver(1)), True)
    assert status(served, episode) == ("terminated", reward)


def test_done_reads_the_same_whether_the_answer_is_right_or_wrong(served: Served) -> None:
    """Byte by byte, headers too, but for the date."""
    answers = [done(served, open_with_key(served), answer) for answer in (REFERENCE, "wrong")]
    assert len({answer.body for answer in answers}) == 1
    assert len({json.dumps({**answer.headers, "date": ""}) for answer in answers}) == 1


async def test_of_many_done_at_once_one_counts(served: Served) -> None:
    answers = ["wrong", REFERENCE] * 3
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            episode = await open_client(pool)
            calls = [episode.call("Done", {"answer": answer}) for answer in answers]
            results = await asyncio.gather(*calls, return_exceptions=True)
            told, steps = await episode.status(), await episode.steps()
            await episode.close()
    over = [result for result in results if isinstance(result, EpisodeOver)]
    assert (len(over), len(steps)) == (len(answers) - 1, 1)
    submitted = steps[0].arguments
    assert isinstance(submitted, dict) and told.reward == float(submitted["answer"] == REFERENCE)


async def open_client(pool: ClientPool, environment: str = "hostile", **config: Any) -> ClientEpisode:
    config = config or {"prey": "p", "key": KEY}
    return await pool.open(environment, Task(environment=environment, id="own", config=config))


def test_a_call_key_brings_back_the_verdict_that_was_recorded_and_no_other(served: Served) -> None:
    episode = open_with_key(served)
    first = done(served, episode, "wrong", codegym__call="k")
    assert done(served, episode, "wrong", codegym__call="k").body == first.body
    reused = done(served, episode, REFERENCE, codegym__call="k")
    assert reused.json["error"]["message"] == str(CallKeyReused(1))
    assert status(served, episode) == ("terminated", 0.0)


NO_ANSWERS = {
    "a number": {"answer": 5},
    "null": {"answer": None},
    "a list": {"answer": [REFERENCE]},
    "nothing": {},
    "a reward beside it": {"answer": REFERENCE, "reward": 1.0},
    "a reference beside it": {"answer": "x", "reference": "x"},
    "itself": {"answer": "x", "self": {}},
    "a class": {"answer": {"__class__": "Hostile"}},
}


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_what_is_no_answer_is_judged_by_nobody(served: Served, what: str) -> None:
    episode = open_with_key(served)
    answer = call(served, episode, "Done", NO_ANSWERS[what])
    assert answer.json["result"]["_meta"]["codegym/error"] == InvalidArguments.__name__
    assert status(served, episode) == ("open", None)


REVEALING = [{"codegym/reveal": True}, {"reveal": True}, {"codegym/episode": "0" * 48}, {"codegym/verdict": 1}]


@pytest.mark.parametrize("meta", REVEALING)
def test_an_agent_cannot_ask_for_the_verdict(served: Served, meta: dict[str, Any]) -> None:
    """Only who serves, or opens episodes with the token, can have Done tell."""

    def play(tool: str, **arguments: Any) -> Answer:
        params = {"name": tool, "arguments": arguments, "_meta": meta}
        return modern(served, "/envs/hostile/mcp", "tools/call", params)

    assert play("Start", reveal=True).text == "Start: there is no argument 'reveal'; arguments are: task, seed."
    episode = play("Start").json["result"]["structuredContent"]["episode"]
    told = play("Done", answer="wrong", episode=episode)
    assert told.text == DONE_TEXT and b"eward" not in told.all
    assert status(served, episode) == ("terminated", 0.0)


async def test_a_budget_that_is_used_up_is_worth_nothing(served: Served) -> None:
    """Failed calls, unknown tools and malformed arguments count, so no number of free tries is hidden anywhere."""
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            episode = await pool.open(
                "hostile", Task(environment="hostile", id="own", config={"prey": "p", "key": KEY}), max_steps=4
            )
            assert (await episode.call("Answer")).error == "UnknownTool"
            assert (await episode.call("Add", "{")).error == "InvalidArguments"
            assert (await episode.call("Attack", {"name": "exit_politely"})).error == "ToolCrashed"
            assert (await episode.call("Done", {"answer": 5})).over
            with pytest.raises(EpisodeOver):
                await episode.call("Done", {"answer": REFERENCE})
            told = await episode.status()
            await episode.close()
    assert (told.status, told.reward) == ("truncated", 0.0)


# ------------------------------------------------------------------------------------------------ reaching the answer
METHODS = "answer check solve generate reset observe seed rng get_ref_answer step reward _reward finished state id key"
DUNDERS = "__class__ __dict__ __init__ __reduce__ __globals__ __getattribute__ Attack.__globals__ Hostile.answer env.answer"
ODD = ["Start", "add", "Add ", "Add\t", "Observe()", "..", "tools/call", "%s", "{}", "x" * 500]


@pytest.mark.parametrize("name", [*METHODS.split(), *DUNDERS.split(), *ODD])
def test_only_declared_tools_can_be_called(served: Served, name: str) -> None:
    """Source: MCP 2026-07-28, tools: an unknown tool is the protocol's error -32602. The step is spent all the same."""
    episode = open_with_key(served)
    tools = ["Observe", "Add", "AddSlowly", "Pid", "Swallow", "Attack", "Done"]
    params = {"name": name, "arguments": {"answer": "x"}}
    answer = Session(served, f"/episodes/{episode}/mcp").send("tools/call", params)
    assert answer.json["error"]["code"] == -32602 and answer.json["error"]["message"] == str(UnknownTool(name, tools))
    assert call(served, episode, "Observe").text == "total 0"
    assert status(served, episode) == ("open", None)


async def test_forging_the_reward_among_the_tools_does_not_change_the_verdict(served: Served) -> None:
    """Attributes, patched classes and patched base classes stay in the worker of the tools."""
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            rewards = []
            for answer in ("anything", REFERENCE):
                episode = await open_client(pool)
                assert (await episode.call("Attack", {"name": "forge_the_reward"})).text == "forged"
                assert (await episode.status()).reward is None
                await episode.call("Done", {"answer": answer})
                rewards.append((await episode.status()).reward)
                await episode.close()
    assert rewards == [0.0, 1.0]


# --------------------------------------------------------------------------------------------------- other episodes
def test_an_episodes_url_plays_that_episode_whatever_else_is_named(served: Served) -> None:
    mine, other = open_with_key(served), open_with_key(served)
    refused = call(served, mine, "Add", {"n": 1, "episode": other})
    assert refused.json["result"]["_meta"]["codegym/error"] == InvalidArguments.__name__
    assert call(served, mine, "Add", {"n": 1}, codegym__episode=other).text == "1"
    assert control(served, "GET", f"/episodes/{other}").json["steps"] == 0


@pytest.mark.parametrize("handle", ["0" * 48, "", "../control", 5, ["x"], {"id": "x"}, "current", "null", "\x00"])
def test_a_handle_that_was_not_given_out_leads_nowhere(served: Served, handle: Any) -> None:
    params = {"name": "Add", "arguments": {"n": 1, "episode": handle}}
    answer = modern(served, "/envs/hostile/mcp", "tools/call", params)
    assert answer.json["result"]["isError"] and len(answer.body) < 1000


def test_a_handle_of_another_environment_leads_nowhere(served: Served) -> None:
    """Even for one who holds it: tools and documentation would be another environment's."""
    other = open_episode(served, "plain")
    params = {"name": "Observe", "arguments": {"episode": other}}
    assert modern(served, "/envs/hostile/mcp", "tools/call", params).json["result"]["isError"]
    assert control(served, "GET", f"/episodes/{other}").json["steps"] == 0


def test_two_connections_have_no_current_episode_in_common(served: Served) -> None:
    first, second = Session(served, "/envs/hostile/mcp"), Session(served, "/envs/hostile/mcp")
    add = {"name": "Add", "arguments": {"n": 5}}
    assert [first.send("tools/call", add).text, second.send("tools/call", add).text] == ["5", "5"]


def test_the_session_of_one_address_is_no_key_to_another(served: Served) -> None:
    """The path decides, and the path of an episode is a secret of its own."""
    mine, other = open_with_key(served), open_with_key(served)
    session = Session(served, f"/episodes/{mine}/mcp")
    session.path = f"/episodes/{'0' * 48}/mcp"
    assert "error" in session.send("tools/call", {"name": "Add", "arguments": {"n": 1}}).json
    assert [control(served, "GET", f"/episodes/{id}").json["steps"] for id in (mine, other)] == [0, 0]


# ------------------------------------------------------------------------------------- every byte an agent can get
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("server/discover", {}),
    ("ping", {}),
    ("tools/list", {}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "task"}),
    ("prompts/get", {"name": "verdict"}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "codegym://task"}),
    ("resources/read", {"uri": "codegym://reference"}),
    ("resources/read", {"uri": "file:///etc/passwd"}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "task"}, "argument": {"name": "answer", "value": "C"}}),
    ("logging/setLevel", {"level": "debug"}),
    ("tasks/list", {}),
    ("nonsense", {}),
    ("tools/call", {"name": "Observe", "arguments": {}}),
    ("tools/call", {"name": "Add", "arguments": {"n": 1}}),
    ("tools/call", {"name": "Add", "arguments": {"n": "x"}}),
    ("tools/call", {"name": "answer", "arguments": {}}),
    ("tools/call", {"name": "Attack", "arguments": {"name": "methods_that_hold_the_answer"}}),
    ("tools/call", {"name": "Attack", "arguments": {"name": "raise_half_way"}}),
    ("tools/call", {"name": "Attack", "arguments": {"name": "exit_politely"}}),
    ("tools/call", {"name": "Attack", "arguments": {"name": "ten_gigabytes"}}),
    ("tools/call", {"name": "Done", "arguments": {"answer": 5}}),
    ("tools/call", {"name": "Done", "arguments": {"answer": "wrong"}}),
    ("tools/call", {"name": "Done", "arguments": {"answer": "again"}}),
    ("tools/call", {"name": "Observe", "arguments": {}}),
    ("prompts/get", {"name": "task"}),
]
SECRETS = [REFERENCE, "CANARY", "SECRET", "eward", "Traceback", ".py", str(home()), "codegym_mcp", "Hostile", "get_ref_answer"]


def everything(served: Served, path: str, transport: str) -> bytes:
    """All that comes back from an address, asked for in every way."""
    if transport == "modern":
        return b"".join(modern(served, path, method, params).all for method, params in REQUESTS)
    if transport == "legacy":
        session = Session(served, path)
        return session.opening.all + b"".join(session.send(method, params).all for method, params in REQUESTS)
    stream = Stream(served, path.removesuffix("mcp") + "sse")
    for method, params in REQUESTS:
        stream.send(method, params)
    stream.close()
    return stream.received


@pytest.mark.parametrize("transport", ["modern", "legacy", "sse"])
@pytest.mark.parametrize("address", ["episode", "environment"])
def test_nothing_an_agent_receives_holds_a_reward_a_reference_or_a_path(served: Served, transport: str, address: str) -> None:
    episode = open_with_key(served)
    path = f"/episodes/{episode}/mcp" if address == "episode" else "/envs/hostile/mcp"
    received = everything(served, path, transport)
    assert b"Tell the word" in received and b'"name":"Attack"' in received.replace(b": ", b":")
    if address == "episode":
        assert DONE_TEXT.encode() in received and str(EpisodeOver(9)).partition("9")[0].encode() in received
        assert status(served, episode) == ("terminated", 0.0)
    assert [secret for secret in SECRETS if secret.encode() in received] == []


# --------------------------------------------------------------------------------------------- the published format
@pytest.fixture(scope="module", params=USERS)
def published(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server of published classes that leak or lie; see published/."""
    with serving(request.param, Path(__file__).parent / "published", *OPTIONS) as server:
        yield server


TELL_TALE, STAYS_OPEN, GENEROUS = (
    f"Attack_910{n}_I__{name}Env" for n, name in enumerate(["TellTale", "StaysOpen", "Generous"], 1)
)
VALUES = [3, 5, 7]
SUM = 15 * 7919


def open_published(published: Served, environment: str) -> str:
    return open_episode(published, environment, config={"values": VALUES})


def test_a_done_that_prints_the_reference_is_not_heard(published: Served) -> None:
    """Published: wrong Done, read the printed reference, Done again flips 0 to 1 in 88 of 91 classes."""
    episode = open_published(published, TELL_TALE)
    assert done(published, episode, 1).text == DONE_TEXT
    assert done(published, episode, SUM).text == str(EpisodeOver(1))
    assert status(published, episode) == ("terminated", 0.0)


@pytest.mark.parametrize(
    ("answer", "reward"), [(SUM, 1.0), (SUM + 1, 0.0), (0, 0.0), (str(SUM), 0.0), ([SUM], 0.0), (None, 0.0)]
)
def test_tools_that_reach_for_answer_and_reward_change_nothing(published: Served, answer: Any, reward: float) -> None:
    """The tools' worker lacks the answering methods, and the judge's is pristine whatever became of the tools' one."""
    episode = open_published(published, TELL_TALE)
    received = b""
    for tool, arguments in (("Peek", {}), ("AskDone", {"answer": 1}), ("Play", {}), ("Forge", {}), ("Play", {}), ("Empty", {})):
        told = call(published, episode, tool, arguments)
        received += told.all
        if tool in ("Peek", "AskDone", "Play"):
            assert told.json["result"]["isError"] or told.text == "Submitted, reward=1", told
        assert status(published, episode) == ("open", None)
    assert str(SUM).encode() not in received
    assert done(published, episode, answer).text == DONE_TEXT
    assert status(published, episode) == ("terminated", reward)


def test_a_class_that_never_finishes_gives_no_verdict_at_all(published: Served) -> None:
    """Right or wrong, Done fails with the same text, so that trying answer after answer teaches nothing."""
    episode = open_published(published, STAYS_OPEN)
    told = [done(published, episode, answer).text for answer in (1, SUM, 2)]
    assert told == [str(ToolRaised("Done", UNREADABLE))] * 3
    assert status(published, episode) == ("open", None)


@pytest.mark.parametrize(("answer", "reward"), [(SUM, 1.0), (1, 0.0)])
def test_only_a_reward_of_exactly_one_counts(published: Served, answer: int, reward: float) -> None:
    """Published: 'reward=10' passed for 'reward=1'."""
    episode = open_published(published, GENEROUS)
    done(published, episode, answer)
    assert status(published, episode) == ("terminated", reward)


@pytest.mark.parametrize("name", ["get_ref_answer", "solve", "reset", "step", "from_env_str", "reward", "finished", "__init__"])
def test_methods_of_a_published_class_are_no_tools(published: Served, name: str) -> None:
    """Published: /get_attribute?attribute_name=get_ref_answer returned the answer, =solve played the episode."""
    episode = open_published(published, TELL_TALE)
    answer = call(published, episode, name)
    assert answer.json["error"]["data"]["error"] == UnknownTool.__name__
    assert str(SUM).encode() not in answer.body and status(published, episode) == ("open", None)
