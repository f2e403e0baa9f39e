"""ALFWorld with two games of our own: the oracle wins in the known number of commands, chance does not, wrong calls do nothing.

What needs neither its package nor a game is tested too: what is missing is told with the command that brings it.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegym_mcp.errors import InvalidTask, SandboxError
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.types import Trajectory
from eval.absent import Absent
from eval.benchmarks import alfworld_process
from eval.benchmarks.alfworld import AlfWorld
from eval.benchmarks.alfworld_games import SPLITS, find_games
from eval.benchmarks.alfworld_process import GameProcesses
from eval.cli import main
from eval.records import read_records
from eval.settings import PAPER, PROTOCOLS
from tests.conftest import children
from tests.eval.endpoint import Body, call, endpoint

SETTINGS = PROTOCOLS["alfworld"][PAPER]
PROBLEM = """
(define (problem own) (:domain alfred)
(:objects agent1 - agent hall kitchen corner window - location
  {apple} - object {fridge} {table} {shelf} - receptacle
  FridgeType ShelfType DiningTableType MicrowaveType SinkBasinType - rtype AppleType KnifeType ButterKnifeType - otype)
(:init (= (total-cost) 0) (atLocation agent1 hall)
  (receptacleAtLocation {table} kitchen) (receptacleAtLocation {fridge} corner) (receptacleAtLocation {shelf} window)
  (receptacleType {table} DiningTableType) (receptacleType {fridge} FridgeType) (receptacleType {shelf} ShelfType)
  (openable {fridge}) (canContain FridgeType AppleType) (canContain ShelfType AppleType) (canContain DiningTableType AppleType)
  (objectType {apple} AppleType) (pickupable {apple}) (coolable {apple})
  (objectAtLocation {apple} kitchen) (inReceptacle {apple} {table}))
(:goal (and {goal}))
(:metric minimize (total-cost)))
"""
NAMES = {
    kind: f"{name}_bar__plus_01_dot_0{number}_bar__plus_00_dot_50_bar__minus_02_dot_00"
    for number, (kind, name) in enumerate(
        {"apple": "apple", "fridge": "fridge", "table": "diningtable", "shelf": "shelf"}.items()
    )
}
STORE = [
    "go to diningtable 1",
    "take apple 1 from diningtable 1",
    "go to fridge 1",
    "open fridge 1",
    "move apple 1 to fridge 1",
]
COOL = [*STORE[:3], "cool apple 1 with fridge 1", "go to shelf 1", "move apple 1 to shelf 1"]
GAMES = {
    "store": ("put the apple into the fridge", "(inReceptacle {apple} {fridge})", STORE),
    "cool": ("put a cool apple on the shelf", "(isCool {apple}) (inReceptacle {apple} {shelf})", COOL),
}
"""Name -> task, goal, and the shortest way there."""


def write_games(folder: Path, **more: Any) -> Path:
    """Both games, as files of ALFWorld's."""
    info = pytest.importorskip("alfworld.info", reason="tests/eval/setup.sh alfworld installs it")
    domain, grammar = (Path(path).read_text() for path in (info.ALFRED_PDDL_PATH, info.ALFRED_TWL2_PATH))
    folder.mkdir()
    for name, (task, goal, _) in GAMES.items():
        problem = PROBLEM.format(goal=goal.format(**NAMES), **NAMES)
        words = {"pddl_domain": domain, "grammar": grammar.replace("UNKNOWN GOAL", task), "pddl_problem": problem}
        (folder / f"{name}.tw-pddl").write_text(json.dumps({**words, "solvable": True, **more}))
    return folder


def evaluated(model: str, folder: Path, *arguments: object, base_url: str = "") -> Result:
    """`python -m eval run alfworld`, in this process."""
    where = ["--base-url", base_url] if base_url else []
    given = ["run", "alfworld", "--model", model, "--runs", "1", "-o", folder, *arguments, *where]
    return CliRunner().invoke(main, [*map(str, given)], env={"OPENAI_API_KEY": "none", "COLUMNS": "200"})


def played(folder: Path, subject: str) -> dict[str, Trajectory]:
    """Game -> its episode."""
    _, records = read_records(folder)
    return {one.trajectory.task.id: one.trajectory for one in records if one.subject == subject}


async def play(data: Path, game: str, *calls: tuple[str, Any]) -> Trajectory:
    """A script on one game."""
    async with AlfWorld(SETTINGS, data=str(data)) as benchmark:
        task = next(task for task in benchmark.tasks() if task.id == game)
        return await benchmark.play(ScriptedPolicy(list(calls)), task, 0)


def acts(commands: list[str]) -> list[tuple[str, Any]]:
    """Calls that give these commands."""
    return [("act", {"command": command}) for command in commands]


def official(folder: Path, name: str, count: int, **game: Any) -> Path:
    """A split as the downloader lays it out, of games that nobody can play."""
    fields = {"pddl_domain": "", "grammar": "", "pddl_problem": "", "solvable": True, "walkthrough": ["look"] * 3, **game}
    for number in range(count):
        home = folder / "json_2.1.1" / name / f"pick_and_place_simple-Mug-{number}" / "trial_1"
        home.mkdir(parents=True)
        (home / "game.tw-pddl").write_text(json.dumps(fields))
        (home / "traj_data.json").write_text(json.dumps({"task_type": "pick_and_place_simple"}))
    return folder


@pytest.mark.parametrize("split", ["unseen", "seen"])
def test_official_splits_are_whole_or_refused(tmp_path: Path, split: str) -> None:
    """ALFWorld itself skips what is missing without a word."""
    name, count = SPLITS[split]
    home = official(tmp_path / "whole", name, count)
    for data in (home, home / "json_2.1.1", home / "json_2.1.1" / name):
        found = find_games(str(data), split)
        games = found.games
        assert len(games) == count and found.split == f"the {count} {split} games" and found.official
        assert games[0].kind == "pick_and_place_simple" and games[0].calls == 3
        assert games[0].id == "pick_and_place_simple-Mug-0/trial_1"
    part = official(tmp_path / "part", name, count - 1)
    with pytest.raises(Absent, match=f"of its {count} games, {count - 1} that can be played"):
        find_games(str(part), split)
    unsolvable = official(tmp_path / "unsolvable", name, count, solvable=False)
    with pytest.raises(Absent, match=f"of its {count} games, 0 that can be played"):
        find_games(str(unsolvable), split)
    other = "seen" if split == "unseen" else "unseen"
    with pytest.raises(Absent, match=SPLITS[other][0]):
        find_games(str(home), other)


def test_missing_games_are_told_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="alfworld-download"):
        find_games(None, "unseen")
    with pytest.raises(Absent, match="alfworld-download"):
        find_games(str(tmp_path), "unseen")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", r"bad\.tw-pddl: is no JSON"),
        ("[]", r"bad\.tw-pddl: must be a JSON object"),
        ('{"pddl_domain": "", "grammar": 3}', r"bad\.tw-pddl: 'grammar' must be a text, got int"),
    ],
)
def test_file_that_is_no_game_is_told_with_its_field(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "bad.tw-pddl").write_text(text)
    with pytest.raises(InvalidTask, match=problem):
        find_games(str(tmp_path), "unseen")


def test_missing_package_is_told_with_the_command_that_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.benchmarks.alfworld.find_spec", lambda name: None)
    result = evaluated("random", tmp_path / "run", "--data", tmp_path)
    assert result.exit_code != 0 and "pip install alfworld==0.4.2" in result.output


class Answers:
    """A worker in place of the real one: a script of Python."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
        worker = folder / "worker.py"
        worker.write_text(f"import sys, time, os\nfor line in sys.stdin:\n    {body}\n    sys.stdout.flush()\n")
        monkeypatch.setattr(alfworld_process, "WORKER", worker)


@pytest.mark.parametrize("body", ["os._exit(3)", "print('no JSON')", "print([1])", "time.sleep(60)", "print('x' * 20_000_000)"])
async def test_process_that_fails_is_a_failed_machine_and_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """No verdict, rather than reward 0."""
    Answers(tmp_path, monkeypatch, body)
    monkeypatch.setattr(alfworld_process, "REPLY_S", 2.0)
    processes, before = GameProcesses(), len(children())
    with pytest.raises(SandboxError):
        async with processes.lend() as process:
            await process.load(tmp_path)
    assert len(children()) == before


async def test_processes_are_lent_again_and_replaced_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(tmp_path, monkeypatch, "print('{}')")
    monkeypatch.setattr(alfworld_process, "GAMES", 2)
    processes, seen, before = GameProcesses(), [], len(children())
    for _ in range(3):
        async with processes.lend() as process:
            await process.load(tmp_path)
            seen.append(process)
    assert seen[0] is seen[1] and seen[1] is not seen[2]
    await processes.stop()
    assert len(children()) == before


async def test_episode_that_is_given_up_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(tmp_path, monkeypatch, "time.sleep(60)")
    processes, lent, before = GameProcesses(), asyncio.Event(), len(children())

    async def episode() -> None:
        async with processes.lend() as process:
            lent.set()
            await process.load(tmp_path)

    task = asyncio.create_task(episode())
    await lent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(children()) == before


@pytest.mark.benchmarks
def test_oracle_wins_in_the_known_number_of_commands(tmp_path: Path) -> None:
    """End to end; nothing is had for free, chance does not win both in 50 calls, and no process is left."""
    before = len(children())
    result = evaluated("oracle", tmp_path / "run", "--data", write_games(tmp_path / "games"))
    assert result.exit_code == 0, result.output
    oracle, nothing, chance = (played(tmp_path / "run", name) for name in ("oracle", "nothing", "random"))
    assert {name: (one.reward, len(one.steps)) for name, one in oracle.items()} == {"store": (1.0, 5), "cool": (1.0, 6)}
    assert [one.reward for one in nothing.values()] == [0.0, 0.0]
    assert sum(one.reward or 0.0 for one in chance.values()) < 2 and not any(one.error for one in chance.values())
    assert not any(step.is_error for one in chance.values() for step in one.steps)
    assert "of 2 games in games, which is no split of ALFWorld's" in result.output and "textworld 1.7.0" in result.output
    assert len(children()) == before


@pytest.mark.benchmarks
def test_walkthrough_of_a_file_gives_the_oracle_its_calls(tmp_path: Path) -> None:
    result = evaluated("oracle", tmp_path / "run", "--data", write_games(tmp_path / "games", walkthrough=["look", *STORE]))
    assert result.exit_code == 0, result.output
    oracle = played(tmp_path / "run", "oracle")
    assert (oracle["store"].reward, len(oracle["store"].steps)) == (1.0, 6)
    assert oracle["cool"].reward == 0.0 and "of the oracle's" in result.output


@pytest.mark.benchmarks
async def test_wrong_calls_fail_and_change_nothing(tmp_path: Path) -> None:
    """Each spends a call, and the task can still be done."""
    data = write_games(tmp_path / "games")
    wrong: list[tuple[str, Any]] = [
        ("act", {"command": "fly to the moon"}),
        ("act", {"command": "open fridge 1"}),
        ("act", {"command": 7}),
        ("act", {"order": "look"}),
        ("act", {}),
        ("admissible_commands", {"all": True}),
        ("dance", {}),
    ]
    one = await play(data, "store", *wrong, ("admissible_commands", {}), *acts(STORE))
    assert [step.error for step in one.steps[:7]] == ["ToolRefused"] * 2 + ["InvalidArguments"] * 4 + ["UnknownTool"]
    assert [step.text for step in one.steps[:2]] == ["Nothing happens."] * 2
    assert one.steps[7].text.splitlines() == [
        *("go to diningtable 1", "go to fridge 1", "go to shelf 1"),
        *("help", "inventory", "look"),
    ]
    assert one.reward == 1.0 and one.status == "terminated" and len(one.steps) == 13


@pytest.mark.benchmarks
async def test_episode_ends_after_its_calls_or_when_the_policy_stops(tmp_path: Path) -> None:
    data = write_games(tmp_path / "games")
    long = await play(data, "store", *acts(["look"] * SETTINGS.max_steps), *acts(STORE))
    assert (long.reward, len(long.steps), long.status) == (0.0, SETTINGS.max_steps, "truncated")
    stopped = await play(data, "cool", *acts(COOL[:-1]))
    assert (stopped.reward, len(stopped.steps), stopped.error) == (0.0, len(COOL) - 1, None)


@pytest.mark.benchmarks
async def test_games_side_by_side_do_not_meet(tmp_path: Path) -> None:
    data = write_games(tmp_path / "games")
    async with AlfWorld(SETTINGS, data=str(data)) as benchmark:
        ways = [(task, ScriptedPolicy(acts(GAMES[task.id][2]))) for task in benchmark.tasks()] * 2
        found = await asyncio.gather(*(benchmark.play(policy, task, 0) for task, policy in ways))
    assert [one.reward for one in found] == [1.0] * 4
    assert found[0].messages == found[2].messages and found[1].messages == found[3].messages


@pytest.mark.benchmarks
async def test_game_that_does_not_load_has_no_verdict(tmp_path: Path) -> None:
    """Its file is named; the next game is played all the same."""
    data = write_games(tmp_path / "games")
    broken = json.loads((data / "store.tw-pddl").read_text()) | {"pddl_problem": "(define (problem"}
    (data / "store.tw-pddl").write_text(json.dumps(broken))
    one = await play(data, "store", *acts(STORE))
    assert one.reward is None and one.error is not None
    assert one.error["error"] == "InvalidTask" and "store.tw-pddl" in one.error["message"]
    assert (await play(data, "cool", *acts(COOL))).reward == 1.0


@pytest.mark.benchmarks
def test_model_behind_an_endpoint_plays(tmp_path: Path) -> None:
    """It reads the task, and is told what it may call."""
    pytest.importorskip("openai")
    data = write_games(tmp_path / "games")

    def answer(body: Body) -> Body:
        assert [tool["function"]["name"] for tool in body["tools"]] == ["act", "admissible_commands"]
        task = body["messages"][1]["content"]
        way = next(way for words, _, way in GAMES.values() if words in task)
        done = sum(message["role"] == "tool" for message in body["messages"])
        return call("act", command=way[done])

    with endpoint(answer) as url:
        result = evaluated("scripted", tmp_path / "run", "--data", data, base_url=url)
    assert result.exit_code == 0, result.output
    assert {name: one.reward for name, one in played(tmp_path / "run", "scripted").items()} == {"store": 1.0, "cool": 1.0}
