"""Attacks that want others to wait, or the server to keep what it should let go.

Nothing here is timed: others' calls are seen to complete while the attack still lasts, and what an attack held is gone.
"""

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import AtCapacity, EpisodeNotFound
from codegym_mcp.types import Observation, Task

from .conftest import ENVIRONMENTS, OPTIONS, USERS
from .raw import ACCEPT, META, MODERN, Session, Stream, call, control, modern, open_episode
from .served import COMMAND, END_S, TOKEN, Served, children, ended, identity, interpreter, open_pidfd, serving, variables

pytestmark = pytest.mark.attacks

STUCK = [*["sleep"] * 34, "loop", "backtracking", "power", "half_a_frame", "steal_the_next_request", "deadlock"]
SPARES = 4


async def open_hostile(pool: ClientPool) -> ClientEpisode:
    return await pool.open("hostile", Task(environment="hostile", id="own", config={"prey": "p", "key": "key"}))


async def until(met: Callable[[], bool]) -> None:
    """Wait for something that only the process table tells."""
    with anyio.fail_after(END_S):
        while not met():
            await anyio.sleep(0.02)


@pytest.mark.parametrize("user", USERS)
async def test_forty_stuck_tools_do_not_keep_others_from_their_answers(user: str) -> None:
    """Published: one stuck tool froze every other episode of its worker. Here all forty are stuck until the server ends."""
    with serving(user, ENVIRONMENTS, "--tool-timeout", "600") as served:
        with anyio.fail_after(100):
            async with ClientPool.connect([served.url], TOKEN) as pool:
                victims = [await open_hostile(pool) for _ in STUCK]
                stuck = [asyncio.create_task(v.call("Attack", {"name": name})) for v, name in zip(victims, STUCK, strict=True)]
                await until(lambda: len(served.workers()) >= len(STUCK))
                others = [await open_hostile(pool) for _ in range(5)]
                answers = await asyncio.gather(*(other.call("Add", {"n": n}) for n in range(4) for other in others))
                assert sorted(answer.text for answer in answers) == sorted(["0", "1", "3", "6"] * 5)
                verdicts = await asyncio.gather(*(other.call("Done", {"answer": "x"}) for other in others))
                assert all(verdict.over for verdict in verdicts)
                assert [task for task in stuck if task.done()] == []
                for task in stuck:
                    task.cancel()
                await asyncio.gather(*stuck, return_exceptions=True)


@pytest.mark.parametrize("user", USERS)
async def test_all_episodes_survive_the_death_of_every_zygote(user: str) -> None:
    """Twice, in the middle of calls: their workers die with them, and each call is applied exactly once all the same."""
    calls, deaths = 30, (40, 160)
    with serving(user, ENVIRONMENTS, *OPTIONS) as served:
        answered, killed = 0, list[int | None]()

        async def play(pool: ClientPool) -> tuple[list[str], float | None, int]:
            nonlocal answered
            episode, texts = await open_hostile(pool), []
            for _ in range(calls):
                texts.append((await episode.call("Add", {"n": 1})).text)
                answered += 1
                if answered in deaths:
                    for pid in served.zygotes():
                        killed.append(open_pidfd(pid))
                        os.kill(pid, signal.SIGKILL)
            await episode.call("Done", {"answer": "CANARY-of-answer-yek"})
            return texts, (await episode.status()).reward, len(await episode.steps())

        with anyio.fail_after(110):
            async with ClientPool.connect([served.url], TOKEN, lost_after_s=60) as pool:
                played = await asyncio.gather(*(play(pool) for _ in range(12)))
        assert killed and all(ended(pidfd) for pidfd in killed)
        assert played == [([str(n + 1) for n in range(calls)], 1.0, calls + 1)] * 12
        assert served.strays() == []
        await until(lambda: len(served.zygotes()) == len(os.sched_getaffinity(0)))  # one per core, as before


@pytest.mark.parametrize("user", USERS)
def test_a_server_that_is_killed_takes_every_process_along(user: str) -> None:
    """Even tools that ignore every signal: the kernel ends workers with their zygote, and zygotes see the end of a socket."""
    with serving(user, ENVIRONMENTS, "--tool-timeout", "600") as served:
        with served.connect() as connection:
            episode = open_episode(served)
            connection.sendall(request_bytes(served, episode, "Attack", {"name": "loop_with_signals_ignored"}))
            pid = wait_for_worker(served)
            family = [*served.family(), open_pidfd(pid)]
            served.process.kill()
            served.process.wait(END_S)
        assert [pidfd for pidfd in family if not ended(pidfd)] == []


def request_bytes(served: Served, episode: str, tool: str, arguments: dict[str, Any], **meta: str) -> bytes:
    """A tool call of the newest protocol as it goes over the wire."""
    params = {"name": tool, "arguments": arguments, "_meta": {**META, **meta}}
    data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    routing = {"mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": tool}
    headers = {**ACCEPT, **routing, "host": served.url.removeprefix("http://"), "content-length": str(len(data))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /episodes/{episode}/mcp HTTP/1.1\r\n{head}\r\n".encode() + data


def wait_for_worker(served: Served) -> int:
    """The worker that burns time."""
    while True:
        for pid in served.workers():
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R":
                return pid


@pytest.mark.parametrize("cut", ["in the body", "after the body"])
def test_a_call_whose_client_went_away_is_applied_once(served: Served, cut: str) -> None:
    """Published: each repeated request was applied again, three for one. The same key brings the same answer."""
    episode = open_episode(served)
    data = request_bytes(served, episode, "AddSlowly", {"n": 1}, **{"codegym/call": "k1"})
    for _ in range(3):
        connection = served.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up without a word
        connection.sendall(data if cut == "after the body" else data[:-10])
        connection.close()
    answers = [call(served, episode, "AddSlowly", {"n": 1}, codegym__call="k1") for _ in range(3)]
    assert {answer.text for answer in answers} == {"1"}
    assert [step["key"] for step in control(served, "GET", f"/episodes/{episode}/steps").json] == ["k1"]


async def test_a_crowd_at_one_episode_is_served_in_turn_and_hurts_nobody_else(served: Served) -> None:
    """A few calls wait, the rest are told to come again; none is lost, none is applied twice."""
    with anyio.fail_after(100):
        async with ClientPool.connect([served.url], TOKEN, lost_after_s=60) as pool:
            crowded, other = await open_hostile(pool), await open_hostile(pool)
            crowd = [asyncio.create_task(crowded.call("Add", {"n": 1})) for _ in range(40)]
            assert (await other.call("Add", {"n": 1})).text == "1"
            answers: list[Observation] = await asyncio.gather(*crowd)
            assert sorted(int(answer.text) for answer in answers) == list(range(1, 41))
            assert (await crowded.status()).steps == 40
            await crowded.close()
            await other.close()


def test_a_hundred_connections_left_open_in_mid_session_are_no_burden(served: Served) -> None:
    """Streams of the oldest transport and sessions of the old one, opened and never used."""
    streams = [Stream(served, "/envs/hostile/sse") for _ in range(50)]
    for _ in range(50):
        Session(served, "/envs/hostile/mcp")
    episode = open_episode(served)
    assert [call(served, episode, "Add", {"n": 1}).text for _ in range(3)] == ["1", "2", "3"]
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("user", USERS)
async def test_two_thousand_abandoned_episodes_leave_nothing(user: str) -> None:
    """They expire, are forgotten, and give back their places, workers and descriptors; published: kept for 180 minutes."""
    many, room, ttl_s = 2000, 2100, 1.0
    with serving(user, ENVIRONMENTS, *OPTIONS, "--ttl", str(ttl_s), "--max-episodes", str(room)) as served:
        descriptors = Path(f"/proc/{served.process.pid}/fd")
        before = len(list(descriptors.iterdir()))

        async def open_many(pool: ClientPool) -> list[ClientEpisode]:
            found: list[ClientEpisode] = []
            while len(found) < many:
                found += await asyncio.gather(*(open_hostile(pool) for _ in range(50)))
                await found[-1].call("Add", {"n": 1})
            return found

        with anyio.fail_after(110):
            async with ClientPool.connect([served.url], TOKEN, lost_after_s=60) as pool:
                first = await open_many(pool)
                last = first[-1]
                await until(lambda: control(served, "GET", f"/episodes/{last.id}").status == EpisodeNotFound.status)
                second = await open_many(pool)  # AtCapacity if the first ones still counted
                await until(lambda: len(served.workers()) <= SPARES + len(served.zygotes()) + many // 50)
                for episode in (first[0], first[-1]):
                    with pytest.raises(EpisodeNotFound):
                        await episode.call("Add", {"n": 1})
                await until(lambda: control(served, "GET", f"/episodes/{second[-1].id}").status == EpisodeNotFound.status)
            await until(lambda: len(served.workers()) <= SPARES + len(served.zygotes()))
        await until(lambda: len(list(descriptors.iterdir())) <= before)
        assert served.strays() == []


async def test_a_full_house_says_so_and_goes_on(served: Served) -> None:
    """Refused openings are retryable and cost the others nothing."""
    with serving(served.user, ENVIRONMENTS, *OPTIONS, "--max-episodes", "3") as small:
        ids = [open_episode(small) for _ in range(3)]
        refused = control(small, "POST", "/episodes", {"environment": "plain"})
        assert (refused.status, refused.json["error"], refused.json["retryable"]) == (503, AtCapacity.__name__, True)
        assert control(small, "POST", f"/episodes/{ids[0]}/fork", {}).status == 503
        started = modern(small, "/envs/plain/mcp", "tools/call", {"name": "Start", "arguments": {}})
        assert started.json["error"]["data"]["error"] == AtCapacity.__name__
        assert call(small, ids[1], "Add", {"n": 2}).text == "2"
        control(small, "DELETE", f"/episodes/{ids[2]}")
        assert control(small, "POST", "/episodes", {"environment": "plain"}).status == 200


@pytest.mark.parametrize("user", USERS)
def test_a_server_whose_stdin_is_closed_serves_on(user: str) -> None:
    with serving(user, ENVIRONMENTS, *OPTIONS, stdin=subprocess.PIPE) as served:
        assert served.process.stdin is not None
        served.process.stdin.close()
        episode = open_episode(served)
        assert [call(served, episode, "Add", {"n": 1}).text for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize("user", USERS)
def test_a_stdio_server_ends_with_its_client_even_when_a_tool_is_stuck(user: str) -> None:
    """MCP, stdio: the client closes the stream; nothing may stay behind, not even a loop that ignores signals."""
    command = [interpreter(user), "-c", COMMAND, "serve", f"{ENVIRONMENTS}/hostile", "--tool-timeout", "600"]
    options: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": "/", "text": True}
    process = subprocess.Popen(command, env=variables(user), start_new_session=True, **options, **identity(user))
    assert process.stdin and process.stdout and process.stderr
    try:

        def send(message: dict[str, Any]) -> None:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()

        def ask(number: int, method: str, params: dict[str, Any]) -> Any:
            send({"id": number, "method": method, "params": params})
            return json.loads(process.stdout.readline())["result"]

        client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "attacker", "version": "1"}}
        assert "Tell the word" in ask(1, "initialize", client)["instructions"]
        send({"method": "notifications/initialized"})
        added = ask(2, "tools/call", {"name": "Add", "arguments": {"n": 2}})
        assert added["content"][-1]["text"] == "2"
        pid = int(ask(3, "tools/call", {"name": "Pid", "arguments": {}})["content"][-1]["text"])
        worker, zygotes = open_pidfd(pid), [open_pidfd(zygote) for zygote in children(process.pid)]
        send(
            {"id": 4, "method": "tools/call", "params": {"name": "Attack", "arguments": {"name": "loop_with_signals_ignored"}}}
        )
        send({"id": 5, "method": "ping"})
        assert json.loads(process.stdout.readline())["id"] == 5
        process.stdin.close()
        process.wait(END_S)
        assert [pidfd for pidfd in (worker, *zygotes) if not ended(pidfd)] == []
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
