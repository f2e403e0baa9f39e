"""Agents made with libraries that nobody here wrote play through `--agent`, as the README shows.

Their programs (players/) run in an environment of their own and know nothing of this project but two variables. Their
models are real clients of an OpenAI-compatible endpoint, which makes the calls of a recorded solution.
"""

import asyncio
import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from codegym_mcp.rollout import read_trajectories
from codegym_mcp.types import Trajectory
from eval.cli import main
from tests.adapters.conftest import Recording, record
from tests.eval.endpoint import Body, call, endpoint

pytestmark = pytest.mark.benchmarks
CACHE = Path(os.environ.get("CODEGYM_CACHE", Path.home() / ".cache" / "codegym-tests")) / "eval"
PLAYERS = Path(__file__).parent / "players"
LIBRARIES = ("openai_agents", "pydantic_ai")
FAILS: tuple[str, dict[str, Any]] = ("CoinValue", {"kind": 99})
"""Played first: the model must be told why it failed, and go on."""
GOODBYE = "I have nothing more to say."


def python_of(name: str) -> Path:
    """The interpreter that has the libraries; skips the test where there is none. In CI that is a failure."""
    home = CACHE / name
    if not (home / "pins").exists():
        missing = f"{home} is missing; `tests/eval/setup.sh {name}` makes it (CODEGYM_CACHE says where)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return home / "bin" / "python"


@pytest.fixture(scope="module")
def recording() -> Recording:
    """How the oracle solved a task of coin_change."""
    return asyncio.run(record())


class Model:
    """Makes the calls of a script, then says goodbye."""

    def __init__(self, calls: list[tuple[str, dict[str, Any]]]) -> None:
        self._calls = calls
        self.bodies: list[Body] = []

    def __call__(self, body: Body) -> Body | str:
        """One turn."""
        self.bodies.append(body)
        made = sum(message["role"] == "tool" for message in body["messages"])
        if made >= len(self._calls):
            return GOODBYE
        tool, arguments = self._calls[made]
        message = call(tool, **arguments)
        message["tool_calls"][0]["id"] = f"call-{made}"
        return message

    def seen(self) -> list[str]:
        """What it was answered."""
        return [text_of(message["content"]) for message in self.bodies[-1]["messages"] if message["role"] == "tool"]


def text_of(content: Any) -> str:
    """Text, or the parts of one."""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def value_of(text: str) -> Any:
    """What an observation says: libraries wrap its JSON, or write it anew."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value_of(value["text"]) if isinstance(value, dict) and value.get("type") == "text" else value


def play(folder: Path, library: str, calls: list[tuple[str, dict[str, Any]]]) -> tuple[Model, Trajectory]:
    """One episode; what the model saw, and the record."""
    agent = shlex.join([str(python_of("agents")), str(PLAYERS / f"play_{library}.py")])
    model, out = Model(calls), folder / "played.jsonl"
    with endpoint(model) as url:
        environment = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none", "MODEL": "scripted"}
        command = ["serve-task", "coin_change", "--task", "tiny-01", "--agent", agent, "--deadline", "120", "-o", str(out)]
        done = CliRunner().invoke(main, command, env=environment)
    assert done.exit_code == 0, done.output
    [trajectory] = read_trajectories(out)
    return model, trajectory


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_solution_scores_1_and_a_failed_call_on_the_way_is_told(library: str, recording: Recording, tmp_path: Path) -> None:
    model, played = play(tmp_path, library, [FAILS, *recording.calls])
    assert played.messages[-1]["content"] == "The agent's program ended with exit code 0."
    assert (played.reward, played.status) == (1.0, "terminated")
    assert [(step.tool, step.arguments) for step in played.steps] == [FAILS, *recording.calls]
    assert [step.is_error for step in played.steps] == [True] + [False] * len(recording.calls)
    seen = model.seen()
    assert played.steps[0].text in seen[0]
    assert list(map(value_of, seen[1:])) == list(map(value_of, recording.texts))


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_model_reads_the_task_and_the_documented_tools(library: str, recording: Recording, tmp_path: Path) -> None:
    model, _ = play(tmp_path, library, [])
    [body] = model.bodies
    assert text_of(body["messages"][-1]["content"]).startswith(recording.prompt)
    tools = {tool["function"]["name"]: tool["function"] for tool in body["tools"]}
    assert {"Observe", "Done", "CoinValue"} <= set(tools) and "Start" not in tools
    assert "Args:" in tools["CoinValue"]["description"]
    assert body["parallel_tool_calls"] is False


@pytest.mark.parametrize("library", LIBRARIES)
def test_stopping_before_done_scores_0(library: str, recording: Recording, tmp_path: Path) -> None:
    _, played = play(tmp_path, library, recording.calls[:2])
    assert (played.reward, played.status, len(played.steps)) == (0.0, "truncated", 2)
