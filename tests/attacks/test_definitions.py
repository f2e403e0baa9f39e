"""Hostile code outside of tools: in the text of an environment, at load, in reset, in the judge and in the oracle.

Project: a broken environment is told as such to its operator, costs nobody else anything, and gives an agent neither
its text nor a path.
"""

import asyncio
import json
import subprocess
from collections.abc import Iterator

import anyio
import pytest

from codegym_mcp.agent_wire import UNPLAYABLE
from codegym_mcp.definition import read_native
from codegym_mcp.episode import DONE_TEXT, UNREADABLE
from codegym_mcp.errors import ToolCallError, ToolCrashed, ToolRaised, ToolTimeout
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import OPEN_LIMIT_S

from ..conftest import fast_pool
from .conftest import OPTIONS, USERS
from .definitions import FOUND, ODD_TASKS, SLEEP, SOLVES, STRANGE, WAYS, misbehaving, odd, write
from .definitions import UNREADABLE as UNREADABLE_SOURCES
from .raw import Answer, Session, call, control, modern
from .served import COMMAND, Served, home, identity, interpreter, serving, variables

pytestmark = pytest.mark.attacks

PLACES = ("module", "reset", "answer", "check")


@pytest.fixture(scope="module", params=USERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of everything in definitions.py, and one harmless environment."""
    folder = tmp_path_factory.mktemp("definitions")
    for place in PLACES:
        write(folder, misbehaving(place))
    write(folder, {**UNREADABLE_SOURCES, **STRANGE, "harmless": odd()})
    write(folder, {f"tasks-{name}": odd() for name in ODD_TASKS}, {f"tasks-{name}": text for name, text in ODD_TASKS.items()})
    with serving(request.param, folder, *OPTIONS) as server:
        yield server


def open_(served: Served, environment: str) -> Answer:
    return control(served, "POST", "/episodes", {"environment": environment, "task": "one"})


def harmless_is_played(served: Served) -> None:
    """From open to Done, right."""
    episode = open_(served, "harmless").json["id"]
    assert call(served, episode, "Add", {"n": 2}).text == "2"
    assert call(served, episode, "Done", {"answer": "word-REFERENCE"}).text == DONE_TEXT
    assert control(served, "GET", f"/episodes/{episode}").json["reward"] == 1.0


def agent_answers(served: Served, environment: str) -> list[Answer]:
    """What an agent gets that tries to play the environment, in both eras."""
    path = f"/envs/{environment}/mcp"
    session = Session(served, path)
    return [
        modern(served, path, "tools/call", {"name": "Start", "arguments": {}}),
        modern(served, path, "tools/list", {}),
        modern(served, path, "server/discover", {}),
        modern(served, path, "prompts/get", {"name": "task"}),
        session.opening,
        session.send("tools/call", {"name": "Observe", "arguments": {}}),
    ]


def assert_agent_learns_nothing(served: Served, environment: str) -> None:
    answers = agent_answers(served, environment)
    assert UNPLAYABLE.encode() in answers[0].body
    for answer in answers:
        assert [word for word in (b"REFERENCE", b"Traceback", b"env.py", b"jsonl", bytes(home())) if word in answer.all] == []


@pytest.mark.parametrize("place", ["module", "reset"])
@pytest.mark.parametrize("way", WAYS)
def test_an_environment_that_fails_to_load_or_reset_opens_no_episode(served: Served, place: str, way: str) -> None:
    answer = open_(served, f"{place}-{way}")
    assert (answer.status, answer.json["error"]) == (422, "InvalidEnvironment")
    assert answer.json["problem"].startswith("reset failed: reset ")
    assert_agent_learns_nothing(served, f"{place}-{way}")
    harmless_is_played(served)
    assert served.strays() == []


JUDGED = {
    "raises": str(ToolRaised("Done", UNREADABLE)),
    "hogs": str(ToolRaised("Done", UNREADABLE)),
    "recurses": str(ToolRaised("Done", UNREADABLE)),
    "reads-a-file": str(ToolRaised("Done", UNREADABLE)),
}


@pytest.mark.parametrize("place", ["answer", "check"])
@pytest.mark.parametrize("way", WAYS)
def test_a_judge_that_fails_gives_no_verdict_and_tells_no_reference(served: Served, place: str, way: str) -> None:
    episode = open_(served, f"{place}-{way}").json["id"]
    for answer in ("wrong", "word-REFERENCE"):
        told = call(served, episode, "Done", {"answer": answer})
        assert told.text == JUDGED.get(way, str(ToolCrashed("Done")))
        assert b"REFERENCE" not in told.all
    status = control(served, "GET", f"/episodes/{episode}").json
    assert (status["status"], status["reward"], status["steps"]) == ("open", None, 2)
    assert call(served, episode, "Add", {"n": 3}).text == "3"
    harmless_is_played(served)
    assert served.strays() == []


async def test_code_that_never_ends_is_stopped_wherever_it_stands(served: Served) -> None:
    """All at once, since each takes its full time; the harmless one is played meanwhile."""
    limit = f"ran past {OPEN_LIMIT_S:g} s"

    async def opens(environment: str) -> None:
        answer = await asyncio.to_thread(open_, served, environment)
        assert answer.status == 422 and limit in answer.json["problem"]

    async def judges(environment: str) -> None:
        episode = (await asyncio.to_thread(open_, served, environment)).json["id"]
        told = await asyncio.to_thread(call, served, episode, "Done", {"answer": "word-REFERENCE"})
        assert told.text == str(ToolTimeout("Done", OPEN_LIMIT_S))
        assert (await asyncio.to_thread(call, served, episode, "Add", {"n": 3})).text == "3"

    with anyio.fail_after(110):
        async with asyncio.TaskGroup() as group:
            for name in ("module-sleeps", "module-loops", "reset-sleeps"):
                group.create_task(opens(name))
            for name in ("answer-sleeps", "check-sleeps", "check-loops"):
                group.create_task(judges(name))
            await asyncio.to_thread(harmless_is_played, served)
    assert served.strays() == []


@pytest.mark.parametrize("name", UNREADABLE_SOURCES)
def test_a_text_that_is_no_environment_is_refused_and_the_next_one_served(served: Served, name: str) -> None:
    answer = open_(served, name)
    assert (answer.status, answer.json["error"]) == (422, "InvalidEnvironment")
    assert control(served, "GET", f"/environments/{name}").status == 422
    assert_agent_learns_nothing(served, name)
    harmless_is_played(served)


@pytest.mark.parametrize("name", STRANGE)
def test_an_odd_text_is_read_in_no_time_and_served(served: Served, name: str) -> None:
    """A docstring with a long row of blanks once stopped the whole server for 48 seconds."""
    assert open_(served, name).status == 200
    assert control(served, "GET", f"/environments/{name}").status == 200


@pytest.mark.parametrize("name", ODD_TASKS)
def test_tasks_that_cannot_be_read_are_told_with_their_line(served: Served, name: str) -> None:
    for answer in (open_(served, f"tasks-{name}"), control(served, "GET", f"/environments/tasks-{name}/tasks")):
        assert (answer.status, answer.json["error"]) == (422, "InvalidTask")
        assert answer.json["line"] == (2 if name == "twice" else 1)
    assert_agent_learns_nothing(served, f"tasks-{name}")


@pytest.mark.parametrize("user", USERS)
def test_check_finds_fault_with_every_hostile_oracle_and_judge(user: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`codegym check` reads what a solve, a reference and a verdict say as it reads any worker: as lies, perhaps."""
    folder = write(home() / f"solves-{user}", SOLVES)
    python = interpreter(user)
    command = [python, "-c", COMMAND, "check", str(folder)]
    done = subprocess.run(command, cwd="/", env=variables(user), capture_output=True, text=True, timeout=110, **identity(user))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr[-3000:]
    assert f"0 of {len(SOLVES)} environments pass" in done.stdout
    told = {tuple(line.split(": ")[:2]) for line in done.stdout.splitlines()}
    assert [name for name, fault in FOUND.items() if (name, fault) not in told] == []


@pytest.mark.parametrize("way", [*WAYS, "sleeps"])
async def test_a_hostile_task_drawer_ends_in_an_error(way: str) -> None:
    """What `generate` returns is a text, read by nobody here."""
    definition = read_native(odd(generate={**WAYS, "sleeps": SLEEP}[way]), name="odd", where="env.py")
    with anyio.fail_after(60):
        async with fast_pool() as pool:
            with pytest.raises(ToolCallError):
                await pool.consult(definition, frames.GENERATE, {"seed": 1, "level": "easy"})
            good = read_native(odd(), name="good", where="env.py")
            assert json.loads(await pool.consult(good, frames.GENERATE, {"seed": 1, "level": "easy"})) == {"word": "word"}
