"""A run as people start it, in the real sandbox: what it makes, and that no way of stopping it loses or repeats anything."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.policies.simple import RandomPolicy
from synth.dataset.harvest import NEW, OLD, write_dataset
from synth.filter.difficulty import Difficulty, PassCount
from synth.filter.rating import rate, write_hard
from tests.synth.runs import GOOD, PROBLEMS, RAISES, contents, inside, stages_done, start, synth, write_problems

FEW = ("--tasks", 4, "--set", "random_episodes=4")
ENVIRONMENT = "parcel_prices"
ALL_STAGES = [
    *[("own/parcel_prices", "extract"), ("own/parcel_prices", "original"), ("own/parcel_prices", "verify")],
    *[("own/raises", "original"), ("own/short", "extract"), ("own/short", "original")],
]
"""Sorted."""
PATIENCE_S = 200


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_problems(tmp_path_factory.mktemp("problems") / "problems.jsonl")


@pytest.fixture(scope="module")
def whole(problems: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody has stopped. Not to be changed."""
    out = tmp_path_factory.mktemp("whole") / "out"
    done = synth("run", problems, "-o", out, *FEW, "--workers", 2)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(whole, tmp_path / "out"))


def wait_for_stages(process: subprocess.Popen[str], out: Path, count: int) -> None:
    """Until so many stages are in the journal, or the process has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while len(stages_done(out)) < count and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_problems_become_environments_and_the_rest_is_told_with_reasons(whole: Path) -> None:
    catalog = Catalog.of(whole / "environments")
    assert catalog.names() == [ENVIRONMENT]
    assert len(catalog.tasks(ENVIRONMENT)) == 4
    card = json.loads((whole / "environments" / ENVIRONMENT / "card.json").read_text())
    assert (card["source"], card["licence"], card["route"]) == ("ours", "Apache-2.0", "extract")
    refused = [json.loads(line) for line in (whole / "rejected.jsonl").read_text().splitlines()]
    assert {(one["id"], one["stage"]) for one in refused} == {
        ("own/raises", "original"),
        ("own/short", "extract"),
        ("problems.jsonl:4", "read"),
        ("problems.jsonl:5", "read"),
    }
    assert all(one["reason"] for one in refused) and "ValueError" in refused[0]["detail"]


def test_the_funnel_counts_every_problem_once(whole: Path) -> None:
    funnel = json.loads((whole / "funnel.json").read_text())
    assert list(funnel["sources"]["ours"].values()) == [3, 3, 2, 1, 1, 1]
    assert funnel["sources"]["unread"]["in"] == 2 and funnel["sources"]["unread"]["read"] == 0
    assert sum(one["count"] for one in funnel["reasons"]) == 4


def test_a_finished_run_repeats_nothing_and_gives_the_same_bytes(problems: Path, whole: Path, copy: Path) -> None:
    done = inside("run", problems, "-o", copy, *FEW, "--workers", 3)
    assert done.returncode == 0
    assert contents(copy) == contents(whole)
    assert (copy / "journal.jsonl").read_bytes() == (whole / "journal.jsonl").read_bytes()


def test_killed_at_several_points_it_loses_and_repeats_nothing(problems: Path, whole: Path, tmp_path: Path) -> None:
    """SIGKILL: no handler runs, no file is closed. `verify` knows from the journal what was asked for."""
    out = tmp_path / "out"
    command = ("run", problems, "-o", out, *FEW)
    for count in (1, 3, 5):
        with start(*command, "--workers", 1 + count % 2) as process:
            wait_for_stages(process, out, count)
            os.killpg(process.pid, signal.SIGKILL)
        assert len(stages_done(out)) >= count
    assert synth("verify", out).returncode == 0
    assert sorted(stages_done(out)) == ALL_STAGES
    assert contents(out) == contents(whole)


@pytest.mark.long
def test_killed_at_any_moment_it_loses_and_repeats_nothing(problems: Path, whole: Path, tmp_path: Path) -> None:
    """Kills spread over the whole run, the writing of its files included."""
    rng = random.Random(4)
    for turn in range(4):
        out = tmp_path / str(turn)
        command = ("run", problems, "-o", out, *FEW, "--workers", 1 + turn % 3)
        for _ in range(20):
            with start(*command) as process:
                try:
                    process.wait(rng.uniform(0.5, 3.0 + 4 * turn))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
            if process.returncode == 0:
                break
        assert synth(*command).returncode == 0
        assert sorted(stages_done(out)) == ALL_STAGES
        assert contents(out) == contents(whole)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_so_and_leaves_whole_lines(problems: Path, tmp_path: Path, told: signal.Signals) -> None:
    out = tmp_path / "out"
    with start("run", problems, "-o", out, *FEW) as process:
        wait_for_stages(process, out, 1)
        os.killpg(process.pid, told)
        text, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert text.splitlines()[-2:] == ["What was finished is kept: give the same command again to go on.", "Interrupted."]
    assert (out / "journal.jsonl").read_bytes().endswith(b"\n") and stages_done(out)


def test_a_changed_problem_is_told_and_done_again_alone(copy: Path, tmp_path: Path) -> None:
    before = stages_done(copy)
    changed = write_problems(tmp_path / "changed.jsonl", (GOOD, RAISES | {"problem": "Tell it now."}), "")
    done = inside("run", changed, "-o", copy, *FEW)
    assert done.returncode == 0 and "the problems are not those of the run before" in done.stderr
    assert stages_done(copy)[len(before) :] == [("own/raises", "original")]
    assert "own/short" not in (copy / "rejected.jsonl").read_text()


def test_a_changed_option_is_told_and_redoes_what_depends_on_it(copy: Path, tmp_path: Path) -> None:
    before = stages_done(copy)
    only = write_problems(tmp_path / "problems.jsonl", (RAISES,), "")
    done = inside("run", only, "-o", copy, *FEW, "--seed", 7)
    assert "seed was 0, is 7: what depends on it is done again" in done.stderr
    assert stages_done(copy)[len(before) :] == [("own/raises", "original")]
    assert not list((copy / "environments").iterdir())


def test_a_changed_program_is_told(problems: Path, copy: Path) -> None:
    """The journal says what code the run before had."""
    path = copy / "journal.jsonl"
    first, *rest = path.read_text().splitlines(keepends=True)
    head = json.loads(first)
    head["run"]["program"]["verify"] = "of another version"
    path.write_text("".join([json.dumps(head) + "\n", *rest]))
    done = inside("run", problems, "-o", copy, *FEW)
    assert "the program has changed since the run before: done again: verify" in done.stderr


def test_a_damaged_journal_is_told_and_only_its_loss_is_done_again(problems: Path, whole: Path, copy: Path) -> None:
    path = copy / "journal.jsonl"
    (copy / ".funnel.json.half").write_text("{")
    lines = [line for line in path.read_bytes().splitlines(keepends=True) if b'"own/raises"' not in line]
    path.write_bytes(b"".join(lines) + b'{"key":"abc","problem":"own/rai')
    done = inside("run", problems, "-o", copy, *FEW)
    assert done.returncode == 0 and "1 damaged lines" in done.stderr
    assert sorted(stages_done(copy)) == ALL_STAGES
    assert contents(copy) == contents(whole)


def test_other_thresholds_choose_anew_without_doing_anything_again(whole: Path, copy: Path) -> None:
    before = stages_done(copy)
    assert inside("filter", copy, "--set", "min_tools=20").returncode == 0
    assert not list((copy / "environments").iterdir())
    assert '"too few tools"' in (copy / "rejected.jsonl").read_text()
    assert inside("filter", copy).returncode == 0
    assert stages_done(copy) == before and contents(copy) == contents(whole)


def test_extract_stops_before_verification(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = inside("extract", problems, "-o", out, "--tasks", 4)
    assert done.returncode == 0 and f"python -m synth verify {out}" in done.stdout
    assert Catalog.of(out / "candidates").names() == [ENVIRONMENT]
    assert sorted(stages_done(out)) == [done for done in ALL_STAGES if done[1] != "verify"]
    funnel = json.loads((out / "funnel.json").read_text())
    assert list(funnel["sources"]["ours"].values()) == [3, 3, 2, 1, 0, 0]


def test_drawn_tasks_are_proven_appended_and_kept_by_later_runs(problems: Path, copy: Path) -> None:
    home = copy / "environments" / ENVIRONMENT
    done = inside("draw", home, "--level", "hard", "-n", 2, "--seed", 3)
    assert done.returncode == 0, done.stderr
    tasks = Catalog.of(home).tasks(ENVIRONMENT)
    drawn = [task for task in tasks if task.id.startswith("drawn-hard-")]
    assert len(tasks) == 6 and len(drawn) == 2
    assert all(task.max_steps == 512 and task.level == "hard" for task in drawn)
    card = json.loads((home / "card.json").read_text())
    assert all(card["tasks"][task.id]["oracle"] == 1.0 for task in drawn)
    files = {path.name: path.read_bytes() for path in home.iterdir()}
    assert inside("run", problems, "-o", copy, *FEW).returncode == 0
    assert {path.name: path.read_bytes() for path in home.iterdir()} == files


async def test_tasks_are_rated_once_and_the_hard_ones_taken_out(copy: Path, tmp_path: Path) -> None:
    """A random player solves none of them: all are hard. What it was asked before it is not asked again."""
    counts: list[PassCount] = []
    few = Difficulty(tries=2, tries_hard=2)
    for _ in range(2):
        assert await rate(copy, RandomPolicy(), few, counts.append) == 4
    assert [(count.passes, count.tries) for count in counts] == [(0, 2)] * 4
    assert write_hard(copy, tmp_path / "hard", "random", few) == 4
    assert (tmp_path / "hard" / "environments" / ENVIRONMENT / "env.py").read_bytes() == (
        copy / "environments" / ENVIRONMENT / "env.py"
    ).read_bytes()
    assert len(Catalog.of(tmp_path / "hard" / "environments").tasks(ENVIRONMENT)) == 4
    card = json.loads((copy / "environments" / ENVIRONMENT / "card.json").read_text())
    assert set(card["pass_rates"]["random"]) == set(card["tasks"])
    assert write_hard(copy, tmp_path / "none", "random", Difficulty(tries=3, tries_hard=3)) == 0  # not measured so often


def test_a_kill_while_the_data_set_changes_places_is_mended(whole: Path, tmp_path: Path) -> None:
    """Every state that the change of places goes through."""
    before = contents(whole)
    states = {
        "old one put aside": ["environments"],
        "environments in place": [],
    }
    for number, missing in enumerate(states.values()):
        out = Path(shutil.copytree(whole, tmp_path / str(number)))
        shutil.copytree(out / "environments", out / OLD)
        (out / NEW).mkdir()
        for name in [*missing, "index.jsonl"]:
            (out / name).rename(out / NEW / name)
        write_dataset(out, [])
        assert not (out / OLD).exists() and not (out / NEW).exists()
        assert (out / "index.jsonl").read_text() == "" and not list((out / "environments").iterdir())
    assert contents(whole) == before


def test_a_second_run_in_the_same_folder_is_refused(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with start("run", problems, "-o", out, *FEW) as process:
        wait_for_stages(process, out, 1)
        done = inside("run", problems, "-o", out, *FEW)
        os.killpg(process.pid, signal.SIGKILL)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"Error: another run is writing {out}; wait for it, or choose another -o"]


def test_an_original_that_hangs_is_stopped_and_told(tmp_path: Path) -> None:
    hangs = RAISES | {"id": "own/hangs", "solution": "def solve(a):\n    while True:\n        pass\n"}
    problems = write_problems(tmp_path / "problems.jsonl", (hangs,), "")
    assert inside("run", problems, "-o", tmp_path / "out", *FEW).returncode == 0
    refused = json.loads((tmp_path / "out" / "rejected.jsonl").read_text())
    assert (refused["id"], refused["reason"]) == ("own/hangs", "original is too slow")


def test_a_stage_past_its_wall_time_is_stopped_and_told(problems: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = inside("run", problems, "-o", out, *FEW, "--limit", 1, "--seconds", 0.001)
    assert done.returncode == 0
    refused = json.loads((out / "rejected.jsonl").read_text())
    assert (refused["id"], refused["reason"]) == ("own/parcel_prices", "ran out of time")


def test_every_problem_of_the_set_is_worked_on_whatever_its_neighbours_do(whole: Path) -> None:
    assert sorted(stages_done(whole)) == ALL_STAGES
    assert len(PROBLEMS) == len({problem for problem, _ in ALL_STAGES})
