"""The command line, run as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COUNTER, write_environment
from tests.processes import CODEGYM

HOSTILE = COUNTER.replace('"""Tell the total."""', '"""Tell the total."""\n    open("/etc/passwd")')


def codegym(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CODEGYM, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=100, check=False
    )


def test_help_teaches_by_example() -> None:
    shown = codegym("--help").stdout
    for verb in ("list", "show", "serve", "call", "play", "check", "replay", "doctor", "bench"):
        assert f"  {verb} " in shown
    assert "codegym play coin_change" in shown


def test_every_verb_has_help() -> None:
    for verb in ("list", "show", "serve", "call", "play", "check", "replay", "doctor", "bench"):
        done = codegym(verb, "--help")
        assert done.returncode == 0 and "Usage:" in done.stdout


def test_list_shows_all_bundled_environments() -> None:
    names = [json.loads(line)["name"] for line in codegym("list", "--json").stdout.splitlines()]
    assert len(names) >= 24 and "coin_change" in names


def test_show_withholds_examples_unless_asked() -> None:
    plain, full = codegym("show", "coin_change").stdout, codegym("show", "coin_change", "--examples").stdout
    assert "Example" not in plain and "Example" in full
    assert "def answer" not in full


def test_call_plays_one_call() -> None:
    done = codegym("call", "coin_change", "CoinValue", "kind=0", "--task", "tiny-01")
    assert (done.returncode, done.stdout.strip()) == (0, "3")
    failed = codegym("call", "coin_change", "CoinValue", "kind=abc", "--task", "tiny-01")
    assert failed.returncode == 1 and failed.stdout.strip().endswith("got 'abc'. State unchanged.")


def test_play_then_replay_is_bit_exact(tmp_path: Path) -> None:
    runs = tmp_path / "runs.jsonl"
    played = codegym("play", "coin_change", "--level", "tiny", "--save", runs)
    assert played.returncode == 0 and "reward 1.0" in played.stdout
    assert codegym("replay", runs).stdout.strip().endswith("identical")
    record = json.loads(runs.read_text())
    record["steps"][1]["text"] = "17"
    runs.write_text(json.dumps(record))
    changed = codegym("replay", runs)
    assert changed.returncode == 1 and "step 2 (CoinValue) differs" in changed.stdout


def test_a_random_player_is_told_that_it_failed() -> None:
    done = codegym("play", "josephus_ring", "--policy", "random")
    assert done.returncode == 1 and "reward 0.0" in done.stdout


def test_a_mistyped_environment_is_told_the_nearest() -> None:
    done = codegym("play", "coin_chang")
    assert done.returncode != 0 and "Did you mean coin_change" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("broken.jsonl", "not json\n", "broken.jsonl:1"),
        ("broken.jsonl", '{"environment": "x"}\n', "broken.jsonl:1"),
    ],
)
def test_a_bad_trajectory_file_is_told_with_file_and_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    done = codegym("replay", path)
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr


def test_check_names_file_and_line_of_an_authoring_error(tmp_path: Path) -> None:
    folder = write_environment(tmp_path, COUNTER.replace("def Add(self, n: int)", "def Add(self, n)"))
    done = codegym("check", folder)
    line = next(i for i, text in enumerate((folder / "env.py").read_text().splitlines(), 1) if "def Add" in text)
    assert done.returncode == 1 and f"env.py:{line}" in done.stdout


def test_check_names_file_and_line_of_a_bad_task(tmp_path: Path) -> None:
    done = codegym("check", write_environment(tmp_path, tasks='{"id": "a"}\n{"id": "b", "confg": {}}\n'))
    assert done.returncode == 1 and "tasks.jsonl:2: confg" in done.stdout


def test_a_hostile_environment_does_not_run_outside_the_sandbox(tmp_path: Path) -> None:
    done = codegym("check", write_environment(tmp_path, HOSTILE))
    assert done.returncode == 1 and "PermissionError" in done.stdout


def test_print_config_has_absolute_paths_and_every_client(tmp_path: Path) -> None:
    folder = write_environment(tmp_path)
    shown = codegym("serve", folder, "--print-config").stdout
    assert str(folder.resolve()) in shown
    for part in ('"mcpServers"', "claude mcp add counter", '"run", "-i", "--rm"', '"type": "http"'):
        assert part in shown.replace("\n", " ").replace("      ", " ") or part in " ".join(shown.split())


def test_stdio_wants_one_environment() -> None:
    done = codegym("serve")
    assert done.returncode == 2 and "name one" in done.stderr


def test_a_port_in_use_is_told() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for arguments in (("--transport", "http", "--port", port), ("--control", port)):
            done = codegym("serve", "coin_change", *arguments)
            assert done.returncode == 1 and "try --port 0" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("serve", "--transport", "http", "--port", "70000"), "70000 is not in the range"),
        (("serve", "coin_change", "--ttl", "0"), "0.0 is not in the range"),
        (("serve", "--transport", "http", "--print-config"), "for one environment"),
        (("play", "--all", "--split", "tets"), "'tets' is not one of"),
        (("play", "--all", "--level", "tiny"), "--level goes with one environment"),
        (("play", "coin_change", "--split", "test"), "--split goes with --all"),
        (("bench", "--rounds", "0"), "0 is not in the range"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: tuple[str, ...], words: str) -> None:
    done = codegym(*arguments)
    assert done.returncode == 2 and words in done.stderr


def test_damaged_card_is_told(tmp_path: Path) -> None:
    folder = write_environment(tmp_path)
    (folder / "card.json").write_text('{"name": ')
    done = codegym("check", folder, "--write")
    assert done.returncode == 1 and "is no card" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the capability table is Linux's")
def test_doctor_prints_the_capability_table() -> None:
    done = codegym("doctor")
    for layer in ("landlock", "seccomp", "no_new_privs", "rlimits", "uid"):
        assert layer in done.stdout
