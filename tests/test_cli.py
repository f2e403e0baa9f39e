"""The command line, run as a person runs it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters

from codegym_mcp.cli.main import main
from tests.conftest import COUNTER, PATIENCE_S, write_environment
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


def servers_of(shown: str) -> list[dict[str, Any]]:
    """The configured server of each client file that was printed: stdio, in a container, over HTTP."""
    files = [json.loads(part) for part in shown.split("\n\n") if part.startswith("{")]
    return [server for file in files for server in file["mcpServers"].values()]


def printed_by_module(target: Path) -> str:
    """What `python -m codegym_mcp` prints where `codegym` is not on the path."""
    command = [sys.executable, "-m", "codegym_mcp", "serve", target, "--print-config"]
    bare = os.environ | {"PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=bare, capture_output=True, text=True, timeout=100, check=True).stdout


async def test_printed_configurations_start_a_server_for_a_client(tmp_path: Path) -> None:
    """A path with a blank, `codegym` not on the path: a client starts the server from anywhere, with nothing of the shell's."""
    folder = write_environment(tmp_path / "my environments")
    shown = printed_by_module(folder)
    server = servers_of(shown)[0]
    line = next(part for part in shown.split("\n\n") if part.startswith("claude mcp add"))
    assert shlex.split(line) == ["claude", "mcp", "add", "counter", "--", server["command"], *server["args"]]
    parameters = StdioServerParameters(command=server["command"], args=server["args"], cwd=tmp_path)
    with anyio.fail_after(PATIENCE_S):
        async with Client(parameters) as client:
            assert {"Start", "Observe", "Add", "Done"} <= {tool.name for tool in (await client.list_tools()).tools}


def configured(target: str | Path) -> str:
    """What is printed for a target, in this process."""
    done = CliRunner().invoke(main, ["serve", str(target), "--port", "9000", "--print-config"])
    assert done.exit_code == 0, done.output
    return done.output


def test_without_its_script_the_command_is_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of `python -m codegym_mcp` is no program."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    server = servers_of(configured("coin_change"))[0]
    assert [server["command"], *server["args"]] == [sys.executable, "-m", "codegym_mcp", "serve", "coin_change"]


@pytest.mark.parametrize("given", ["my_envs/counter", "my_envs/counter/env.py", "my_envs"])
def test_a_container_is_lent_the_environment_at_a_path(tmp_path: Path, given: str) -> None:
    """The image holds the bundled ones alone."""
    folder = write_environment(tmp_path / "my_envs")
    lent = ["-v", f"{folder.resolve()}:/env/counter:ro", "codegym-mcp", "serve", "/env/counter"]
    assert servers_of(configured(tmp_path / given))[1] == {"command": "docker", "args": ["run", "-i", "--rm", *lent]}


def test_a_container_is_lent_a_published_file_under_its_own_name(tmp_path: Path) -> None:
    """Its name says what it is: the environment's would not."""
    file = tmp_path / "code_1__Tram.py"
    file.write_text("import gymnasium\n")
    arguments = servers_of(configured(file))[1]["args"]
    assert arguments[3:] == ["-v", f"{file.resolve()}:/env/{file.name}:ro", "codegym-mcp", "serve", f"/env/{file.name}"]


def test_a_container_has_the_bundled_environments() -> None:
    assert servers_of(configured("coin_change"))[1]["args"][3:] == ["codegym-mcp", "serve", "coin_change"]


def test_the_printed_http_server_serves_what_was_named(tmp_path: Path) -> None:
    folder = write_environment(tmp_path / "my environments")
    shown = configured(folder)
    command = shlex.split(shown.partition("Over HTTP (after `")[2].partition("`):")[0])
    assert command[-8:] == ["serve", str(folder.resolve()), *"--transport http --host 127.0.0.1 --port 9000".split()]
    assert servers_of(shown)[2] == {"type": "http", "url": "http://127.0.0.1:9000/envs/counter/mcp"}


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
        (("bench", "--calls", "0"), "0 is not in the range"),
        (("play", "coin_change", "--max-steps", "0"), "0 is not in the range"),
        (("play", "coin_change", "--max-steps", "100001"), "100001 is not in the range"),
        (("play", "coin_change", "--seed", "-1"), "-1 is not in the range"),
        (("call", "coin_change", "Observe", "--seed", "-1"), "-1 is not in the range"),
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
