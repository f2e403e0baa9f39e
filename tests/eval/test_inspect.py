"""Our environments in Inspect, and our runs as its logs: the task as its users start it, the export as Inspect reads it."""

import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from codegym_mcp.adapters.servers import Servers
from codegym_mcp.catalog import Catalog
from codegym_mcp.policies.model import Usage
from codegym_mcp.rollout import opening
from codegym_mcp.types import Step, Task, Trajectory
from eval.agents import messages_of
from eval.cli import main
from eval.records import Record, Records
from tests.adapters.conftest import Recording, record
from tests.eval.endpoint import endpoint
from tests.eval.test_agent_libraries import Model
from tests.processes import TOKEN, Served, served

pytest.importorskip("inspect_ai", reason="`tests/eval/setup.sh inspect` makes the environment for these")

import inspect_ai
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolParams

from codegym_mcp.adapters.inspect import NUDGE, codegym
from codegym_mcp.adapters.inspect import __file__ as ADAPTER

pytestmark = [pytest.mark.benchmarks, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # of packages it uses
MAX_STEPS = 40
Turn = tuple[str, dict[str, Any]] | str


@pytest.fixture(scope="module")
def recording() -> Recording:
    """How the oracle solved a task of coin_change."""
    return asyncio.run(record())


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """Lives as long as the module's tests."""
    with served("coin_change") as found:
        yield found


def scripts_model(scripts: list[list[Turn]]) -> Any:
    """A model that plays one script an episode, one episode after the other; the last turn of a script for ever."""
    number = -1

    def speak(messages: list[Any], *_: Any) -> ModelOutput:
        nonlocal number
        number += len(messages) == 2  # a new episode
        turns = scripts[number]
        turn = turns[min(sum(message.role == "assistant" for message in messages), len(turns) - 1)]
        output = (
            ModelOutput.from_content("mockllm/model", turn)
            if isinstance(turn, str)
            else ModelOutput.for_tool_call("mockllm/model", *turn)
        )
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else Inspect wants a tokenizer
        return output

    return get_model("mockllm/model", custom_outputs=speak, memoize=False)


def play(folder: Path, url: str | None, model: Any, **options: Any) -> EvalLog:
    """One task, as a user plays it from Python."""
    task = codegym(environments="coin_change", split="all", url=url, max_steps=MAX_STEPS)
    chosen = {"sample_id": "coin_change/tiny-01", "max_samples": 1, "display": "none", "log_dir": str(folder)}
    [log] = inspect_ai.eval(task, model=model, **{**chosen, **options})
    return log


# ------------------------------------------------------------------------------------------ our task in Inspect
KINDS = ("solves", "answers wrongly", "says nothing", "loops", "calls no tool of ours", "fails first")


@pytest.fixture(scope="module")
def episodes(server: Served, recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvalSample]:
    """One epoch for each kind of model."""
    scripts: list[list[Turn]] = [
        [*recording.calls],
        [*recording.calls[:-1], ("Done", {"answer": [99, 99]})],
        ["I cannot help with that."],
        [("Observe", {})],
        [("Nope", {})],
        [("CoinValue", {"kind": 99}), *recording.calls],
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEGYM_TOKEN", TOKEN)
        log = play(tmp_path_factory.mktemp("logs"), server.url, scripts_model(scripts), epochs=len(scripts))
    assert log.status == "success", log.error and log.error.traceback
    assert TOKEN not in log.model_dump_json() and '"coins"' not in log.model_dump_json()
    return dict(zip(KINDS, sorted(log.samples or [], key=lambda sample: sample.epoch), strict=True))


def facts(sample: EvalSample) -> dict[str, Any]:
    """What the scorer told."""
    score = (sample.scores or {})["reward"]
    return {"reward": score.value, **(score.metadata or {})}


def tools_said(sample: EvalSample) -> list[str]:
    """What the model was answered."""
    return [message.text for message in sample.messages if message.role == "tool"]


def test_a_solution_scores_1(episodes: dict[str, EvalSample], recording: Recording) -> None:
    found = facts(episodes["solves"])
    assert found == {"reward": 1.0, "status": "terminated", "calls": len(recording.calls), "failed_calls": 0, "seed": 0}
    assert tools_said(episodes["solves"]) == recording.texts
    assert [message.text for message in episodes["solves"].messages[:2]] == [opening("")[0]["content"], recording.prompt]


def test_a_wrong_answer_scores_0(episodes: dict[str, EvalSample]) -> None:
    found = facts(episodes["answers wrongly"])
    assert (found["reward"], found["status"], found["seed"]) == (0.0, "terminated", 1)


def test_a_model_that_makes_no_call_is_asked_once_more_and_scores_0(episodes: dict[str, EvalSample]) -> None:
    found = facts(episodes["says nothing"])
    assert (found["reward"], found["status"], found["calls"]) == (0.0, "truncated", 0)
    said = [(message.role, message.text) for message in episodes["says nothing"].messages[2:]]
    assert said == [("assistant", "I cannot help with that."), ("user", NUDGE), ("assistant", "I cannot help with that.")]


def test_the_budget_of_steps_ends_the_episode_with_0(episodes: dict[str, EvalSample]) -> None:
    found = facts(episodes["loops"])
    assert (found["reward"], found["status"], found["calls"]) == (0.0, "truncated", MAX_STEPS)


def test_calls_that_inspect_answers_itself_do_not_go_on_for_ever(episodes: dict[str, EvalSample]) -> None:
    found = facts(episodes["calls no tool of ours"])
    assert (found["reward"], found["calls"]) == (0.0, 0)
    assert len(tools_said(episodes["calls no tool of ours"])) == MAX_STEPS


def test_a_failed_call_is_an_error_to_inspect_too(episodes: dict[str, EvalSample], recording: Recording) -> None:
    found = facts(episodes["fails first"])
    assert (found["reward"], found["calls"], found["failed_calls"]) == (1.0, len(recording.calls) + 1, 1)
    first = next(message for message in episodes["fails first"].messages if message.role == "tool")
    assert first.error is not None and first.error.message.endswith("State unchanged.")


def test_a_limit_of_inspect_ends_the_episode_with_0(server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEGYM_TOKEN", TOKEN)
    log = play(tmp_path, server.url, scripts_model([[("Observe", {})]]), message_limit=6)
    [sample] = log.samples or []
    assert sample.limit is not None and facts(sample)["reward"] == 0.0 and facts(sample)["status"] == "truncated"


def test_a_killed_server_is_an_error_and_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEGYM_TOKEN", TOKEN)
    monkeypatch.setattr(Servers, "of", partial(Servers.of, lost_after_s=0.5))
    doomed = Served("coin_change")
    model = scripts_model([[("Observe", {})]])
    log = play(tmp_path, doomed.url, after(model, 2, doomed.kill), fail_on_error=False)
    [sample] = log.samples or []
    assert sample.error is not None and "Connect" in sample.error.message and not sample.scores


def test_an_expired_episode_is_not_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEGYM_TOKEN", TOKEN)
    with served("coin_change", "--ttl", "1") as short:
        model = scripts_model([[("Observe", {})]])
        log = play(tmp_path, short.url, after(model, 2, lambda: time.sleep(3)), fail_on_error=False)
    [sample] = log.samples or []
    score = (sample.scores or {})["reward"]
    assert isinstance(score.value, float) and math.isnan(score.value) and score.reason == "scoring_failed"
    assert (score.metadata or {})["status"] == "expired"


def after(model: Any, turns: int, act: Callable[[], None]) -> Any:
    """The model, with something that happens before one of its turns."""
    speak, made = model.api.outputs, 0

    def spoken(*arguments: Any) -> ModelOutput:
        nonlocal made
        made += 1
        if made == turns:
            act()
        output: ModelOutput = speak(*arguments)
        return output

    model.api.outputs = spoken
    return model


def test_without_a_server_one_is_started_once(tmp_path: Path, recording: Recording) -> None:
    log = play(tmp_path, None, scripts_model([[*recording.calls]]))
    assert log.status == "success" and facts((log.samples or [])[0])["reward"] == 1.0
    one, other = (codegym(environments=["coin_change"], level="tiny", split="all") for _ in range(2))
    assert len(one.dataset) == len(other.dataset) and {sample.metadata["level"] for sample in one.dataset} == {"tiny"}


def test_inspects_command_plays_the_file(tmp_path: Path, recording: Recording) -> None:
    """In whatever folder: Inspect works in that of the file, where `inspect` is our module and not Python's."""
    model = Model(recording.calls)
    wanted = ["-T", "environments=coin_change", "-T", "level=tiny", "-T", "split=all", "--sample-id", "coin_change/tiny-01"]
    inspect = [str(Path(sys.executable).with_name("inspect")), "eval", f"{ADAPTER}@codegym", "--display", "none"]
    with endpoint(model) as url:
        options = ["--model", "openai-api/test/scripted", "--model-base-url", url, "--log-dir", str(tmp_path / "logs")]
        environment = {"PATH": "/usr/bin:/bin", "TEST_API_KEY": "none", "HOME": str(tmp_path)}
        done = subprocess.run(
            [*inspect, *wanted, *options], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = (tmp_path / "logs").glob("*.eval")
    [sample] = read_eval_log(str(path)).samples or []
    assert facts(sample)["reward"] == 1.0 and model.seen() == recording.texts[:-1]


def test_inspect_reads_every_tool_of_ours() -> None:
    catalog = Catalog.bundled()
    for name in catalog.names():
        for spec in catalog.definition(name).tools:
            read = ToolParams.model_validate(spec.input_schema)
            assert set(read.properties) == set(spec.input_schema["properties"]), f"{name}.{spec.name}"


# ----------------------------------------------------------------------------------------------- our runs as logs
def step(number: int, tool: str, text: str, error: str | None = None) -> Step:
    return Step(
        number=number,
        tool=tool,
        arguments={"n": number},
        text=text,
        is_error=error is not None,
        error=error,
        committed=error is None,
        digest=f"digest-{number if error is None else number - 1}",
    )


STEPS = [
    step(1, "Add", "1"),
    step(2, "Add", "Add: 'n' is wrong. State unchanged.", "InvalidArguments"),
    step(3, "Done", "ok"),
]


def trajectory(**changes: Any) -> Trajectory:
    """An episode of a task whose configuration is hidden."""
    task = Task(environment="counter", id="one", config={"hidden": "the-reference"})
    known = {"environment": "counter", "environment_hash": "abc", "task": task, "seed": 3, "policy": "mine"}
    played = {"messages": messages_of("Count.", STEPS), "steps": STEPS, "status": "terminated", "reward": 1.0}
    return Trajectory(**{**known, **played, **changes})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with an episode that was solved, one that was lost, and a baseline's."""
    lost = trajectory(messages=[], steps=[], status="closed", reward=None, error={"error": "SandboxError", "message": "gone"})
    with Records(tmp_path / "run") as records:
        records.begin({"benchmark": "codegym", "model": "mine", "versions": {"codegym-mcp": "1"}, "tasks_hash": "t"})
        records.add(Record("mine", 0, trajectory(), Usage(7, 3)))
        records.add(Record("mine", 1, lost))
        records.add(Record("nothing", 0, trajectory(messages=[], steps=[], status="truncated", reward=0.0)))
    return tmp_path / "run"


def exported(run: Path) -> list[EvalLog]:
    """The logs, as Inspect reads them."""
    done = CliRunner().invoke(main, ["inspect", str(run)])
    assert done.exit_code == 0, done.output
    paths = sorted((run / "inspect").iterdir())
    assert done.stdout.splitlines() == [str(path) for path in paths]
    return [read_eval_log(str(path)) for path in paths]


def test_every_player_has_a_log_and_every_episode_a_sample(run: Path) -> None:
    mine, nothing = exported(run)
    assert [(log.status, log.eval.task, log.eval.model) for log in (mine, nothing)] == [
        ("success", "codegym", "mine"),
        ("success", "codegym", "nothing"),
    ]
    assert [(sample.id, sample.epoch) for sample in mine.samples or []] == [("counter/one", 1), ("counter/one", 2)]
    assert mine.results is not None and mine.results.scores[0].metrics["mean"].value == 1.0
    assert (mine.results.total_samples, mine.results.completed_samples) == (2, 1)
    assert mine.stats.model_usage["mine"].total_tokens == 10


def test_what_became_of_each_call_is_told_and_failed_ones_are_errors(run: Path) -> None:
    [sample, _] = exported(run)[0].samples or []
    answers = [message for message in sample.messages if message.role == "tool"]
    assert [message.text for message in answers] == [one.text for one in STEPS]
    assert [message.function for message in answers] == ["Add", "Add", "Done"]
    assert [(message.metadata or {})["outcome"] for message in answers] == ["committed", "rolled back", "committed"]
    assert [(message.metadata or {})["digest"] for message in answers] == ["digest-1", "digest-1", "digest-3"]
    assert [message.error and message.error.type for message in answers] == [None, "parsing", None]
    assert [call["step"] for call in sample.metadata["calls"]] == [1, 2, 3]


def test_an_episode_without_a_verdict_is_an_error_and_has_no_score(run: Path) -> None:
    [_, lost] = exported(run)[0].samples or []
    assert lost.scores is None and lost.error is not None and lost.error.message == "gone"


def test_neither_hidden_state_nor_a_reference_is_exported(run: Path) -> None:
    for log in exported(run):
        assert "the-reference" not in json.dumps(log.model_dump(mode="json"))
        assert {sample.target for sample in log.samples or []} == {""}


def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["inspect", str(tmp_path)])
    assert done.exit_code == 1 and "holds no evaluation" in done.stderr
