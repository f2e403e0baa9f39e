"""`python -m eval` as users start it: a table, a stopped run that goes on, every kind of bad input, comparisons."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegym_mcp.statistics import pass_at_k, pass_hat_k, pass_rate
from eval.benchmarks.codegym import CodeGym
from eval.cli import main
from eval.paper import ABLATIONS, COLUMNS, RESULTS
from eval.records import read_records
from eval.report import read_run
from eval.settings import PROTOCOLS, Settings, settings_of
from eval.subjects import checkpoint_of
from tests.conftest import COUNTER_HEAD, COUNTER_TOOLS, PATIENCE_S, TASKS, tool_source, write_environment
from tests.eval.endpoint import Body, call, endpoint

pytest.importorskip("openai", reason="chat models need the extra `chat`")
ALL = ("--split", "all")
TAME = COUNTER_HEAD + "".join(tool_source(name, *COUNTER_TOOLS[name]) for name in ("Add", "Boom", "Mark"))


def eval_command(*arguments: object, base_url: str = "") -> Result:
    """As typed by a user, in this process."""
    more = ["--base-url", base_url] if base_url else []
    environment = {"OPENAI_API_KEY": "none", "COLUMNS": "200"}
    return CliRunner().invoke(main, [*map(str, arguments), *more], env=environment)


def counter(folder: Path, tasks: str = TASKS) -> Path:
    """A data set of one environment, by default with two tasks. Its tools end soon: random calls are made to them."""
    write_environment(folder / "data", TAME, tasks)
    return folder / "data"


def play(folder: Path, answer: Callable[[Body], Any], *arguments: object, **options: Any) -> Result:
    """A scripted model on the counter."""
    with endpoint(answer) as url:
        where = ["--data", counter(folder), *ALL, "-o", folder / "run"]
        return eval_command("run", "codegym", "--model", "scripted", *where, *arguments, base_url=url, **options)


def endings(folder: Path) -> Counter[str]:
    """How the model's episodes ended."""
    _, _, scores = read_run(folder / "run")
    return Counter(scores[0].endings)


def seen(body: Body) -> list[str]:
    """What the model has been told by tools."""
    return [message["content"] for message in body["messages"] if message["role"] == "tool"]


def right(body: Body) -> Body:
    """A model that observes, and submits what it saw."""
    told = seen(body)
    return call("Done", answer=json.loads(told[-1])[0]) if told else call("Observe")


def test_oracle_solves_all_and_stands_beside_the_baselines(tmp_path: Path) -> None:
    done = eval_command("run", "codegym", "--model", "oracle", "--per-environment", 1, "-o", tmp_path)
    assert done.exit_code == 0, done.output
    given, records, scores = read_run(tmp_path)
    assert [one.subject for one in scores] == ["oracle", "nothing", "random"]
    assert [one.solved[0] for one in scores][:2] == [1.0, 0.0] and scores[0].of_oracle == 1.0
    assert scores[0].endings == {"solved": len(given["tasks"])} and scores[1].endings == {
        "never called a tool": len(given["tasks"])
    }
    assert "| oracle | 100.0 % |" in done.output and "<table>" in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "scores.json").read_text())["scores"]["oracle"]["no_verdict"] == 0
    assert len({record.trajectory.environment for record in records}) > 10
    assert all(step.committed for record in records if record.subject == "oracle" for step in record.trajectory.steps)


@pytest.mark.long
def test_model_behind_an_endpoint_is_measured_with_its_tokens_and_cost(tmp_path: Path) -> None:
    done = play(tmp_path, right, "--runs", 3, "--prices", 1000, 0)
    assert done.exit_code == 0, done.output
    _, _, scores = read_run(tmp_path / "run")
    usage = scores[0].usage
    assert scores[0].solved is not None and scores[0].hat_k == {2: scores[0].solved} and scores[0].solved[0] == 1.0
    assert "| 100.0 % (15.8 % to 100.0 %) | 1.000 (0.158 to 1.000) |" in done.output
    assert usage is not None and (usage.prompt, usage.completion) == (2 * 3 * 2 * 100, 2 * 3 * 2 * 10)
    assert "1.20" in done.output and "**differs from the protocol**: runs: 3, the protocol has 1" in done.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (lambda body: "I would rather talk.", "never called a tool"),
        (lambda body: call("Boom", n=1), "repeated a failed call"),
        (lambda body: call("Add", n=1), "out of steps"),
        (lambda body: call("Done", answer=99), "wrong answer"),
        (lambda body: call("No such tool"), "repeated a failed call"),
        (lambda body: {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "Add", "arguments": "{{"}}]}, "repeated a failed call"),  # noqa: E501
    ],
    ids=["never calls a tool", "repeats a failure", "loops", "wrong", "unknown tool", "garbage for arguments"],
)  # fmt: skip
def test_model_that_goes_wrong_has_a_scored_failure(tmp_path: Path, answer: Callable[[Body], Any], ending: str) -> None:
    counter(tmp_path)
    tasks = tmp_path / "data" / "counter" / "tasks.jsonl"
    done = None
    with endpoint(answer) as url:
        tasks.write_text(
            "".join(json.dumps({**json.loads(line), "max_steps": 6}) + "\n" for line in tasks.read_text().splitlines())
        )
        where = ["--data", tmp_path / "data", *ALL, "-o", tmp_path / "run"]
        done = eval_command("run", "codegym", "--model", "scripted", *where, base_url=url)
    assert done.exit_code == 0, done.output
    assert endings(tmp_path) == {ending: 2}


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "words"),
    [(lambda body: 401, "AuthenticationError"), (lambda body: b"<html>", "scripted"), (lambda body: 404, "NotFoundError")],
    ids=["wrong key", "no API", "unknown model"],
)
def test_endpoint_that_is_of_no_use_ends_the_run_with_its_error(
    tmp_path: Path, answer: Callable[[Body], Any], words: str
) -> None:
    """And with nothing scored: the next attempt plays everything."""
    done = play(tmp_path, answer, "--runs", 4)
    assert done.exit_code == 1 and words in done.output and "Traceback" not in done.output
    _, records = read_records(tmp_path / "run")
    assert all(record.trajectory.reward is None for record in records)
    again = play(tmp_path, right, "--runs", 4)
    assert again.exit_code == 0 and endings(tmp_path) == {"solved": 8}, again.output


def test_wrong_key_is_an_error_with_few_episodes_too_and_the_report_tells_it(tmp_path: Path) -> None:
    done = play(tmp_path, lambda body: 401)
    assert done.exit_code == 1 and "Error: " in done.output and "AuthenticationError" in done.output
    told = eval_command("report", tmp_path / "run").output
    assert re.search(r"\n\| scripted \|( +\|)+ 0 \| 2 \|", told) and "| no verdict: EndpointRefused | 2 |" in told
    assert re.search("No episode of scripted has a verdict; the last error: .*AuthenticationError", told)
    again = play(tmp_path, right)
    assert again.exit_code == 0 and endings(tmp_path) == {"solved": 2}, again.output


def test_single_episode_without_a_verdict_ends_no_run(tmp_path: Path) -> None:
    answers = iter([call("Observe"), call("Done", answer=7)])
    done = play(tmp_path, lambda body: next(answers, 401), "--at-once", 1)
    assert done.exit_code == 0, done.output
    assert endings(tmp_path)["no verdict: EndpointRefused"] == 1 and read_run(tmp_path / "run")[2][0].episodes == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "chess", "--model", "random"], "is not one of"),
        (["run", "codegym"], "Missing option '--model'"),
        (["run", "codegym", "--model", "./nowhere"], "there is no folder './nowhere'"),
        (["run", "codegym", "--model", "random", "--data", "nowhere"], "nowhere"),
        (["run", "codegym", "--model", "random", "--names", "nothing_like_it"], "nothing_like_it"),
        (["run", "codegym", "--model", "random", "--level", "huge"], "at level huge"),
        (["run", "codegym", "--model", "random", "--split", "odd"], "no task of the split 'odd'"),
        (["run", "codegym", "--model", "random", "--protocol", "authors"], "codegym has no protocol 'authors'"),
        (["run", "codegym", "--model", "random", "--domain", "airline"], "--domain does not belong"),
        (["run", "codegym", "--model", "random", "--runs", "0"], "0 is not in the range"),
        (["run", "codegym", "--model", "random", "--seed", "-1"], "-1 is not in the range"),
        (["run", "codegym", "--model", "random", "--user-model", "x"], "codegym has no user who talks"),
        (["run", "codegym", "--model", "random", "--deadline", "5"], "have one with --agent alone"),
        (["serve-task", "coin_change", "--port", "70000"], "70000 is not in the range"),
        (["serve-task", "coin_change", "-o", "/dev/null/t.jsonl"], "cannot be written"),
        (["report", "nowhere"], "holds no evaluation"),
        (["compare", "nowhere", "neither"], "holds no evaluation"),
        (["table", "nowhere"], "holds neither an evaluation"),
    ],
)
def test_bad_input_has_an_error_that_tells_what_to_do(tmp_path: Path, arguments: list[str], words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        done = eval_command(*arguments)
    assert done.exit_code in (1, 2) and words in done.output, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("text", ["", '{"key": "a", "record": {"subject": 3}}\n'], ids=["nothing yet", "another version's"])
@pytest.mark.parametrize("verb", ["report", "inspect", "table", "compare"])
def test_folder_without_a_run_in_it_is_told(tmp_path: Path, verb: str, text: str) -> None:
    if verb == "inspect":
        pytest.importorskip("inspect_ai", reason="pip install inspect-ai")
    (tmp_path / "episodes.jsonl").write_text(text)
    done = eval_command(verb, *[tmp_path] * (2 if verb == "compare" else 1))
    assert done.exit_code == 1 and re.search("has not begun|no record of an episode", done.output), done.output
    assert isinstance(done.exception, SystemExit)


def test_choice_of_tasks_is_told_and_made_once(tmp_path: Path) -> None:
    where = ["--data", counter(tmp_path), *ALL, "--names", "counter,counter", "-o", tmp_path / "run"]
    done = eval_command("run", "codegym", "--model", "nothing", *where)
    assert done.exit_code == 0 and "- tasks: 2, " in done.output
    for told in ("--names: counter", "--split: all", "--data: "):
        assert f"- **differs from the protocol**: {told}" in done.output
    lines = (tmp_path / "run" / "episodes.jsonl").read_text().splitlines()
    assert sum('"record"' in line for line in lines) == 2 + 2, "nothing, and random beside it: each task once"


def test_environment_that_is_named_twice_is_played_once() -> None:
    once, twice = (CodeGym(Settings(), names=["coin_change"] * count).tasks() for count in (1, 2))
    assert once == twice and len(twice) == 2


def test_run_of_a_checkpoint_does_not_go_on_with_another_one(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    before = checkpoint_of(str(tmp_path / "model"))
    assert before and before == checkpoint_of(str(tmp_path / "model")) and checkpoint_of("gpt-4.1") == {}
    (tmp_path / "model" / "config.json").write_text('{"a": 1}')
    assert checkpoint_of(str(tmp_path / "model")) != before


def test_model_without_a_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    where = ["--data", str(counter(tmp_path)), *ALL, "-o", str(tmp_path / "run")]
    done = CliRunner().invoke(main, ["run", "codegym", "--model", "gpt-4.1-mini", *where], env={"OPENAI_API_KEY": None})
    assert done.exit_code == 1 and "OPENAI_API_KEY" in done.output


def test_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    where = ["--data", counter(tmp_path), *ALL, "-o", tmp_path / "run"]
    assert eval_command("run", "codegym", "--model", "random", *where).exit_code == 0
    other = eval_command("run", "codegym", "--model", "nothing", *where)
    assert other.exit_code == 1 and "holds a run with model = 'random', not 'nothing'" in other.output


@pytest.mark.long
def test_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed three times: no episode is played twice, none is lost."""
    data, folder = counter(tmp_path), tmp_path / "run"
    arguments = [sys.executable, "-m", "eval", "run", "codegym", "--model", "random", "--data", str(data), *ALL]
    arguments += ["-o", str(folder), "--runs", "25", "--at-once", "3"]
    file = folder / "episodes.jsonl"
    for least in (4, 14, 28):
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 4 * PATIENCE_S
        while not (file.exists() and file.read_bytes().count(b"\n") > least):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    before = file.read_bytes().rpartition(b"\n")[0]
    subprocess.run(arguments, check=True, capture_output=True, timeout=4 * PATIENCE_S)
    assert file.read_bytes().startswith(before), "what was played stays as it was"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    keys = Counter(line["key"] for line in lines if "key" in line)
    assert set(keys.values()) == {1} and len(keys) == 2 * 25 + 2, "the random policy is its own baseline"
    assert sum("run" in line for line in lines) == 1


def test_finished_run_plays_nothing_again(tmp_path: Path) -> None:
    asked = []

    def answer(body: Body) -> Body:
        asked.append(body)
        return right(body)

    play(tmp_path, answer)
    count = len(asked)
    again = play(tmp_path, answer)
    assert again.exit_code == 0 and count == len(asked) == 4 and "| scripted | 100.0 % |" in again.output


@pytest.mark.long
def test_two_runs_are_compared_task_by_task(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": f"t{n}", "config": {"start": n}}) + "\n" for n in range(16))
    data = counter(tmp_path, lines)
    where = ["--data", data, *ALL, "--per-environment", 0]
    runs = {}
    for name, answer in (("base", lambda body: "no"), ("trained", right)):
        with endpoint(answer) as url:
            runs[name] = tmp_path / name
            done = eval_command("run", "codegym", "--model", name, *where, "-o", runs[name], base_url=url)
            assert done.exit_code == 0, done.output
    better = eval_command("compare", runs["base"], runs["trained"])
    assert "Difference +100.0 points" in better.output and "the second solves more" in better.output
    worse = eval_command("compare", runs["trained"], runs["base"])
    assert "the second solves less" in worse.output
    same = eval_command("compare", runs["base"], runs["base"])
    assert "cannot be told from the first" in same.output and "Not the same conditions" not in same.output
    other = tmp_path / "other"
    eval_command("run", "codegym", "--model", "nothing", "--data", counter(tmp_path / "more"), *ALL, "-o", other)
    assert "no task in common" in eval_command("compare", runs["base"], other).output


def test_table_has_the_published_numbers_marked_and_the_measured_ones_beside(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra `eval`")
    play(tmp_path, right)
    curve = tmp_path / "training"
    curve.mkdir()
    rows = [{"kind": "train", "step": n, "solved": n / 10} for n in range(5)]
    (curve / "run.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"kind": "tra')
    done = eval_command("table", tmp_path / "run", curve, "-o", tmp_path / "table")
    assert done.exit_code == 0, done.output
    assert (
        "| Qwen2.5-32B-Instruct | trained, *published* | 31.2 | 54.4 | 30.7 | 80.8 | 29.0 | 71.2 | 49.6 | 81.0 |" in done.output
    )
    assert re.search(r"\| scripted \| measured \|.*100\.0 \(", done.output)
    assert (tmp_path / "table" / "table.png").stat().st_size > 10_000
    assert "data:image/png;base64," in (tmp_path / "table" / "table.html").read_text()


def test_published_means_are_the_means_of_their_rows() -> None:
    for row in (*RESULTS, *ABLATIONS):
        assert len(row.scores) == len(COLUMNS)
        assert row.mean == pytest.approx(sum(row.scores) / len(COLUMNS), abs=0.06), row


def test_every_protocol_can_be_asked_for_and_changes_are_told() -> None:
    for benchmark, known in PROTOCOLS.items():
        for protocol in known:
            assert settings_of(benchmark, protocol, {"runs": None}) == (known[protocol], [])
    settings, told = settings_of("mmlu-pro", "paper", {"temperature": 0.0, "tasks": 1000})
    assert settings.temperature == 0.0 and told == ["temperature: 0.0, the protocol has 0.7"]


def test_interval_of_single_episodes_grows_with_the_share() -> None:
    """Wilson's: 1 of 28 is no surer to be below a tenth than 0 of 28 is."""
    highs = [pass_rate({f"t{n}": [int(n < ones)] for n in range(28)})[2] for ones in range(29)]
    assert highs == sorted(highs) and highs[1] == pytest.approx(0.177, abs=0.001)


@pytest.mark.long
def test_few_tasks_prove_nothing(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": f"t{n}", "config": {"start": n}}) + "\n" for n in range(5))
    data = counter(tmp_path, lines)
    for name, answer in (("base", lambda body: "no"), ("trained", right)):
        with endpoint(answer) as url:
            where = ["--data", data, *ALL, "--per-environment", 0, "-o", tmp_path / name]
            assert eval_command("run", "codegym", "--model", name, *where, base_url=url).exit_code == 0
    told = eval_command("compare", tmp_path / "base", tmp_path / "trained").output
    assert "+100.0 points" in told and "cannot be told from the first: only 5 tasks went differently" in told


def test_pass_at_k_and_pass_hat_k_are_the_published_estimators() -> None:
    outcomes = {"a": [1, 1, 0, 0], "b": [1, 0, 0, 0], "c": [0, 0, 0, 0]}
    assert pass_at_k(outcomes, 1) == pass_hat_k(outcomes, 1) == pytest.approx((2 + 1) / 12)
    assert pass_at_k(outcomes, 2) == pytest.approx((1 - 1 / 6 + 1 - 3 / 6 + 0) / 3)
    assert pass_hat_k(outcomes, 2) == pytest.approx((1 / 6 + 0 + 0) / 3)
    for estimate in (pass_at_k, pass_hat_k):
        for k in (0, 5):
            with pytest.raises(ValueError, match="needs at least so many episodes"):
                estimate(outcomes, k)


def test_interval_is_as_wide_as_the_tasks_are_few() -> None:
    few, many = ({f"t{n}": [n % 2, 1 - n % 2] for n in range(count)} for count in (6, 96))
    widths = [high - low for mean, low, high in map(pass_rate, (few, many))]
    assert widths[0] > 2 * widths[1] > 0
    assert pass_rate({f"t{n}": [0, 0] for n in range(28)}) == (0.0, 0.0, pytest.approx(0.1234, abs=0.001))
    assert pass_rate({f"t{n}": [1] for n in range(28)})[1] == pytest.approx(0.8766, abs=0.001)
