"""`python -m synth` as a person meets it: help by example, one clear line for whatever is wrong."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from codegym_mcp.policies.model import ChatModel
from synth.generate.completions import load
from synth.pipeline.request import InvalidOption, changed, thresholds
from tests.synth.completions import FIXTURES, GOOD, MODEL, Endpoint
from tests.synth.runs import RAISES, SHORT, contents, inside, synth, write_problems

VERBS = ("run", "extract", "generate", "verify", "filter", "draw", "export", "import", "report", "library")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed verb prints."""
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr and not done.stdout
    return done.stderr.strip().splitlines()[-1]


def test_help_shows_every_verb_and_examples() -> None:
    shown = synth("--help").stdout
    assert all(f"  {verb} " in shown for verb in VERBS)
    assert "python -m synth run problems.jsonl -o out" in shown and "give the same command again" in " ".join(shown.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches_by_example(verb: str) -> None:
    done = inside(verb, "--help")
    assert done.returncode == 0 and f"python -m synth {verb}" in done.stdout


def test_help_of_filter_lists_every_threshold_with_its_default() -> None:
    shown = inside("filter", "--help").stdout
    for line in (
        "min_tools=4",
        "calls=10,256",
        "hard_calls=10,512",
        "max_guess=0.25",
        "tries=4",
        "most=0.25",
        "most_hard=0.125",
    ):
        assert f"  {line}\n" in shown
    assert all(f"  {name}=" in shown for name in thresholds())


WRONG: dict[str, tuple[Callable[[Path], tuple[object, ...]], str]] = {
    "no such file": (lambda path: ("run", path / "none.jsonl", "-o", path / "out"), "expected a file or folder of problems"),
    "an empty folder": (lambda path: ("run", path, "-o", path / "out"), "expected a file or folder of problems"),
    "no folder": (lambda path: ("run", "x.jsonl"), "Missing option '-o'"),
    "a package that is not there": (lambda path: ("run", "mbpp", "-o", path / "out"), "give the path of its .jsonl file"),
    "no model": (lambda path: ("generate", "x.jsonl", "-o", path / "out"), "generate needs --model; without one, use extract"),
    "harder alone": (lambda path: ("run", "x.jsonl", "-o", path / "out", "--harder"), "--harder needs --model"),
    "no run yet": (lambda path: ("verify", path / "out"), "holds no run; begin with `python -m synth run PROBLEMS -o"),
    "nothing to report": (lambda path: ("report", path), "holds no run and no card.json"),
    "nothing to export": (lambda path: ("export", path / "none", "-o", path / "out"), "there is no environment and no path"),
    "nothing to import": (
        lambda path: ("import", path, "-o", path / "out"),
        "expected environments/train-00000-of-00001",
    ),
    "a number below": (lambda path: ("run", "x", "-o", path / "out", "--workers", 0), "0 is not in the range x>=1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_line(case: str, tmp_path: Path) -> None:
    arguments, told = WRONG[case]
    assert told in one_line(inside(*arguments(tmp_path)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("min_tool=5", "there is no threshold 'min_tool'; there are: min_tools,"),
        ("min_tools=many", "min_tools takes a value such as 4, got 'many'"),
        ("min_tools=4.5", "min_tools takes a value such as 4, got '4.5'"),
        ("calls=10", "calls takes a value such as 10,256, got '10'"),
        ("calls=10,20,30", "calls takes a value such as 10,256, got '10,20,30'"),
        ("max_guess", "max_guess takes a value such as 0.25, got ''"),
        ("max_guess=True", "max_guess takes a value such as 0.25, got 'True'"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_told(change: str, told: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        changed([change])
    assert str(caught.value).startswith(told)


def test_thresholds_reach_what_they_belong_to() -> None:
    limits = changed(["min_tools=6", "calls=20,40", "max_tasks=5", "most=1", "max_guess=0.5"])
    assert (limits.bounds.min_tools, limits.bounds.calls, limits.bounds.max_guess) == (6, (20, 40), 0.5)
    assert limits.filters.bounds == limits.bounds and limits.filters.max_tasks == 5
    assert limits.difficulty.most == 1.0


def test_a_file_without_one_good_record_is_reported_record_by_record(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": 7}\n[1]\nnot json\n\n')
    done = inside("run", path, "-o", tmp_path / "out")
    assert done.returncode == 0
    refused = [json.loads(line) for line in (tmp_path / "out" / "rejected.jsonl").read_text().splitlines()]
    assert [one["id"] for one in refused] == ["bad.jsonl:1", "bad.jsonl:2", "bad.jsonl:3"]
    assert all(one["stage"] == "read" and one["detail"] for one in refused)


def test_limit_takes_the_first_ones(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems.jsonl", (RAISES, SHORT), "")
    assert inside("run", problems, "-o", tmp_path / "out", "--limit", 1).returncode == 0
    assert [json.loads(line)["id"] for line in (tmp_path / "out" / "rejected.jsonl").open()] == ["own/raises"]


def test_offline_without_completions_is_told_problem_by_problem(tmp_path: Path) -> None:
    """Nothing of it is kept: the next run, with completions, tries again."""
    problems = write_problems(tmp_path / "problems.jsonl", (SHORT,), "")
    out = tmp_path / "out"
    done = inside("run", problems, "-o", out, "--model", MODEL, "--offline")
    assert done.returncode == 0 and "0 completions asked for" in done.stdout
    refused = [json.loads(line) for line in (out / "rejected.jsonl").open()]
    assert [one["stage"] for one in refused] == ["extract", "generate"] and refused[1]["reason"] == "not recorded"
    assert '"generate"' not in (out / "journal.jsonl").read_text().split("\n", 1)[1]


def test_recorded_completions_give_the_same_environments_byte_for_byte(tmp_path: Path) -> None:
    problem = FIXTURES / "problems" / "parcel_lockers.py"
    texts = []
    for out in (tmp_path / "one", tmp_path / "two"):
        done = inside("generate", problem, "-o", out, "--model", MODEL, "--completions", GOOD, "--offline", "--harder")
        assert done.returncode == 0 and "0 completions asked for" in done.stdout, done.stderr
        texts.append(contents(out))
    (env,) = [path for path in texts[0] if path.endswith("env.py")]
    assert texts[0] == texts[1] and b"class ParcelLockers" in texts[0][env]
    assert b'"id": "hard-01"' in texts[0][env.replace("env.py", "tasks.jsonl")] and b'"max_steps": 512' in b"".join(
        texts[0].values()
    )


def test_a_run_with_a_model_tells_what_it_cost_and_leaves_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai", reason="chat models need the extra `chat`")
    closed = []
    close = ChatModel.close

    async def closing(model: ChatModel) -> None:
        closed.append(model.name)
        await close(model)

    monkeypatch.setattr(ChatModel, "close", closing)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    problem, out = FIXTURES / "problems" / "parcel_lockers.py", tmp_path / "out"
    with start_blocking_portal() as portal:
        server = Endpoint([GOOD], pause_s=0.1)
        with portal.wrap_async_context_manager(server.running()):
            options = ("--model", MODEL, "--base-url", server.url, "--at-once", 2, "--prices", 1000000, 0)
            done = inside("generate", problem, "-o", out, *options)
    assert done.returncode == 0 and closed == [MODEL] and server.most_at_once == 2, done.stderr
    tokens = sum(load(path.read_bytes()).prompt_tokens or 0 for path in out.glob("completions/*/*.txt"))
    assert f"cost {tokens}.0000" in done.stdout


def test_damaged_completions_are_told(tmp_path: Path) -> None:
    kept, problem = tmp_path / "kept", FIXTURES / "problems" / "parcel_lockers.py"
    shutil.copytree(GOOD / "parcel_lockers", kept / "parcel_lockers")
    damaged = sorted(kept.glob("*/inputs-*.txt"))[0]
    damaged.write_bytes(damaged.read_bytes() + b" ")
    done = inside("generate", problem, "-o", tmp_path / "out", "--model", MODEL, "--completions", kept, "--offline")
    assert f"{damaged} is damaged: its text does not fit its hash" in done.stdout


def test_report_of_the_bundled_environments() -> None:
    done = inside("report", Path(__file__).parents[2] / "servers")
    assert done.returncode == 0 and "Calls of the oracle" in done.stdout
