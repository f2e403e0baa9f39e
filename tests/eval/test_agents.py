"""Agents that are programs: what is told and scored, and that none keeps anybody waiting or outlives its episode."""

import asyncio
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner, Result
from mcp import Client

import eval.agents
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import EpisodeLost
from codegym_mcp.rollout import read_trajectories
from codegym_mcp.types import Task
from eval.agents import TAIL_BYTES, AgentProgram, Ending
from eval.cli import main
from eval.records import read_records
from eval.settings import DEADLINE_S
from tests.adapters.conftest import Recording, record
from tests.conftest import PATIENCE_S, write_environment

pytestmark = pytest.mark.long
PLAIN = shlex.join([sys.executable, str(Path(__file__).parent / "players" / "plain.py")])
"""An agent on the MCP SDK that makes the calls in SCRIPT."""
FAILS: tuple[str, dict[str, Any]] = ("CoinValue", {"kind": 99})


@pytest.fixture(scope="module")
def recording() -> Recording:
    """How the oracle solved a task of coin_change."""
    return asyncio.run(record())


def command(*arguments: object, script: Any = None) -> Result:
    """As typed by a user, in this process."""
    return CliRunner().invoke(main, [*map(str, arguments)], env={"SCRIPT": json.dumps(script or []), "COLUMNS": "200"})


def serve_task(agent: str, *arguments: object, script: Any = None) -> dict[str, Any]:
    """What `serve-task` tells at its end."""
    done = command("serve-task", "coin_change", "--task", "tiny-01", "--agent", agent, "--json", *arguments, script=script)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def shell(script: str) -> str:
    """A command that runs a shell script."""
    return shlex.join(["sh", "-c", script])


async def run(agent: str, *, deadline_s: float = PATIENCE_S) -> Ending:
    """An agent without an episode."""

    async def is_over() -> bool:
        return False

    with anyio.fail_after(PATIENCE_S):
        return await AgentProgram(agent, deadline_s=deadline_s).run("http://127.0.0.1:1/mcp", "a task", is_over)


# ------------------------------------------------------------------------------------------------------ one episode
def test_an_agent_that_solves_its_task_has_reward_1(recording: Recording, tmp_path: Path) -> None:
    told = serve_task(PLAIN, "-o", tmp_path / "played.jsonl", script=[FAILS, *recording.calls])
    assert told == {
        "reward": 1.0,
        "status": "terminated",
        "calls": len(recording.calls) + 1,
        "failed_calls": 1,
        "agent": {"code": 0, "reason": "ended with exit code 0"},
    }
    [played] = read_trajectories(tmp_path / "played.jsonl")
    assert [(step.tool, step.arguments) for step in played.steps] == [FAILS, *recording.calls]
    assert [message["content"] for message in played.messages if message["role"] == "tool"][1:] == recording.texts


@pytest.mark.parametrize(
    ("script", "code", "reason"),
    [
        ("true", 0, "ended with exit code 0"),
        ("exit 3", 3, "ended with exit code 3"),
        ("kill -SEGV $$", -11, "was ended by signal 11"),
        ("sleep 1000", None, "was stopped at its deadline of 0.3 s"),
    ],
)
def test_an_agent_that_never_calls_a_tool_has_reward_0_and_its_exit_code_is_told(
    script: str, code: int | None, reason: str
) -> None:
    told = serve_task(shell(script), "--deadline", "0.3")
    assert (told["reward"], told["status"], told["calls"]) == (0.0, "truncated", 0)
    assert told["agent"] == {"code": code, "reason": reason}


def test_an_agent_that_stops_before_done_has_reward_0(recording: Recording) -> None:
    told = serve_task(PLAIN, script=recording.calls[:-1])
    assert (told["reward"], told["status"], told["calls"]) == (0.0, "truncated", len(recording.calls) - 1)


def test_an_agent_that_goes_on_after_done_keeps_its_reward(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval.agents, "GRACE_S", 0.1)
    told = serve_task(shell(f"{PLAIN}; sleep 1000"), script=recording.calls)
    assert (told["reward"], told["agent"]["code"]) == (1.0, None)
    assert told["agent"]["reason"] == "was stopped 0.1 s after its episode had ended"


def test_a_program_that_cannot_be_started_is_an_error_and_no_score(tmp_path: Path) -> None:
    plain = tmp_path / "no_program"
    plain.write_bytes(b"\x7fELF, but not really")
    plain.chmod(0o755)
    for agent, problem in (("no-such-agent", "there is no program"), (str(plain), "cannot be started"), ("'", "no command")):
        done = command("serve-task", "coin_change", "--agent", agent)
        assert done.exit_code == 1 and problem in done.stderr, done.output


def test_an_episode_that_nobody_plays_expires_without_a_reward() -> None:
    done = command("serve-task", "coin_change", "--ttl", "0.2", "--json")
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["reward"], told["status"], told["agent"]) == (None, "expired", None)


# ------------------------------------------------------------------------------------- played from somewhere else
@contextmanager
def waiting(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`serve-task` in a process of its own."""
    whole = [sys.executable, "-m", "eval", "serve-task", "coin_change", "--task", "tiny-01", *arguments]
    process = subprocess.Popen(
        whole, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


async def test_any_client_plays_by_the_url_that_is_told(recording: Recording) -> None:
    with waiting("--json") as process:
        assert process.stdout is not None
        opened = json.loads(process.stdout.readline())
        assert opened["config"] == {"mcpServers": {"coin_change": {"type": "http", "url": opened["url"]}}}
        assert opened["text"].startswith(recording.prompt)
        with anyio.fail_after(PATIENCE_S):
            async with Client(opened["url"]) as client:
                texts = [(await client.call_tool(tool, arguments)).content[0] for tool, arguments in recording.calls]
        assert [getattr(text, "text", None) for text in texts] == recording.texts
        ended = json.loads(await asyncio.to_thread(process.stdout.readline))
        assert (ended["reward"], ended["calls"]) == (1.0, len(recording.calls))
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("agent", [(), ("--agent", "sleep 1000")])
def test_ctrl_c_ends_it_without_a_reward(agent: tuple[str, ...]) -> None:
    with waiting("--json", *agent) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        ended = json.loads(process.stdout.readline())
        assert (ended["reward"], ended["status"]) == (None, "closed")
        assert process.wait(PATIENCE_S) == 130


# ------------------------------------------------------------------------------------------------------ its process
async def test_a_loop_that_ignores_the_request_to_end_is_killed_with_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval.agents, "TERM_S", 0.2)
    ending = await run(shell("trap '' TERM; sleep 1234 & while :; do sleep 1; done"), deadline_s=0.3)
    assert (ending.code, ending.reason) == (None, "was stopped at its deadline of 0.3 s")
    assert not [line for line in running() if "sleep 1234" in line]


async def test_what_an_agent_leaves_behind_is_killed() -> None:
    """Nor does a pipe that it holds open keep anybody waiting."""
    ending = await run(shell("sleep 4321 & exit 0"))
    assert ending.code == 0
    assert not [line for line in running() if "sleep 4321" in line]


async def test_a_flood_of_output_neither_stalls_nor_is_kept() -> None:
    ending = await run("yes", deadline_s=0.5)
    assert ending.code is None and 0 < len(ending.output) <= TAIL_BYTES


async def test_the_last_of_its_output_is_told() -> None:
    assert str(await run(shell("echo out; echo err >&2; exit 7"))) == (
        "The agent's program ended with exit code 7. The last of its output:\nout\nerr"
    )


async def test_an_agent_is_told_its_task_and_never_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEGYM_TOKEN", "secret")
    ending = await run(shell('echo "$CODEGYM_URL|$CODEGYM_TASK|$CODEGYM_TOKEN"'))
    assert ending.output == "http://127.0.0.1:1/mcp|a task|\n"


async def test_a_cancelled_evaluation_leaves_no_agent() -> None:
    playing = asyncio.create_task(run(shell("sleep 2345")))
    with anyio.fail_after(PATIENCE_S):
        while not [line for line in running() if "sleep 2345" in line]:
            await asyncio.sleep(0.05)
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
    assert not [line for line in running() if "sleep 2345" in line]


def running() -> list[str]:
    """Command lines of all processes; children of a process that is gone are nobody's any more."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                found += [(folder / "cmdline").read_text().replace("\0", " ")] if state != "Z" else []
            except (OSError, IndexError):
                pass  # it ended meanwhile
    return found


# ---------------------------------------------------------------------------------------------- a whole evaluation
def evaluate(folder: Path, agent: str, *arguments: object, script: Any = None) -> Result:
    """An agent on the two tasks of the counter, whose answers are 0 and 7."""
    write_environment(folder / "data")
    where = ["--data", folder / "data", "--split", "all", "-o", folder / "run"]
    return command("run", "codegym", "--model", "mine", "--agent", agent, *where, *arguments, script=script)


def test_an_agent_is_evaluated_beside_the_baselines_and_goes_on_where_it_was(tmp_path: Path) -> None:
    script = [("Add", {"n": 1}), ("Done", {"answer": 0})]  # the answer is where the counter starts
    done = evaluate(tmp_path, PLAIN, script=script)
    assert done.exit_code == 0, done.output
    given, records = read_records(tmp_path / "run")
    assert (given["agent"], given["settings"]["deadline_s"]) == (PLAIN, DEADLINE_S)
    assert {record.subject for record in records} == {"mine", "nothing", "random"}
    mine = {record.trajectory.task.id: record.trajectory for record in records if record.subject == "mine"}
    assert {task: played.reward for task, played in mine.items()} == {"zero": 1.0, "seven": 0.0}
    assert [step.tool for step in mine["seven"].steps] == ["Add", "Done"]
    before = (tmp_path / "run" / "episodes.jsonl").read_bytes()
    assert evaluate(tmp_path, PLAIN, script=script).exit_code == 0
    assert (tmp_path / "run" / "episodes.jsonl").read_bytes() == before


def test_a_crashing_agent_is_scored_and_tells_why(tmp_path: Path) -> None:
    done = evaluate(tmp_path, shell("echo Traceback: no key >&2; exit 5"), "-n", "1")
    assert done.exit_code == 0, done.output
    [mine] = [record.trajectory for record in read_records(tmp_path / "run")[1] if record.subject == "mine"]
    assert (mine.reward, mine.status, mine.error) == (0.0, "truncated", None)
    told = "The agent's program ended with exit code 5. The last of its output:\nTraceback: no key"
    assert mine.messages[-1] == {"role": "system", "content": told}


def test_an_evaluation_of_an_agent_that_does_not_exist_scores_nothing(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "no-such-agent")
    assert done.exit_code == 1 and "there is no program 'no-such-agent'" in done.stderr
    assert not (tmp_path / "run").exists()


def test_an_agent_is_no_baseline_and_plays_no_other_benchmark() -> None:
    assert "name for the agent" in command("run", "codegym", "--model", "random", "--agent", "true").stderr
    other = command("run", "mmlu-pro", "--model", "mine", "--agent", "true")
    assert other.exit_code != 0 and "--agent does not belong to this benchmark" in other.stderr


async def test_a_server_that_is_gone_is_no_failure_of_the_agent() -> None:
    task = Task(environment="coin_change", id="tiny-01")
    async with ClientPool.connect(["http://127.0.0.1:1"], "token", lost_after_s=0.1) as pool:
        played = await AgentProgram("true", name="mine").play(pool, task)
    assert (played.reward, played.status, (played.error or {})["error"]) == (None, "closed", "SandboxError")


async def test_an_agent_ends_with_the_server_that_it_played_on() -> None:
    async def lost() -> bool:
        raise EpisodeLost("http://127.0.0.1:1")

    with pytest.raises(EpisodeLost):
        await AgentProgram(shell("sleep 3456")).run("http://127.0.0.1:1/mcp", "a task", lost)
    assert not [line for line in running() if "sleep 3456" in line]
