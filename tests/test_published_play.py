"""Published environments in play: configurations reach their classes as written, and files without tasks have one."""

from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner
from mcp import Client

from codegym_mcp.agent_plane import AgentPlane
from codegym_mcp.catalog import Catalog
from codegym_mcp.cli.main import main
from codegym_mcp.cli.play import first_difference
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidTask
from codegym_mcp.gym import Gym
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.rollout import collect_rollout, read_trajectories, write_trajectories
from codegym_mcp.store import SqliteStore
from codegym_mcp.types import Task
from tests.conftest import PATIENCE_S, fast_pool
from tests.test_published_data import task, write_lines

NAME = "Own_1_I__EchoEnv"
SOURCE = '''
import ast
import json

import gymnasium


class EchoEnv(gymnasium.Env):
    """Say how you were set up."""

    def __init__(self, env_str: str = None):
        self.func_mapping = {"Observe": 0, "Done": 1}
        options = ast.literal_eval(env_str.split("@")[1]) if env_str else {}
        self.reset(options)

    @property
    def finished(self):
        return self._done

    @property
    def reward(self):
        return self._reward

    @staticmethod
    def from_env_str(env_str):
        return EchoEnv(env_str)

    def reset(self, options={}):
        self.options, self._done, self._reward = options, False, 0

    def get_ref_answer(self):
        return repr(self.options)

    def step(self, action):
        call = json.loads(action)
        return True, self.Observe() if call["name"] == "Observe" else self.Done(call["parameters"]["answer"])

    def Observe(self):
        """Show the options."""
        return repr(self.options)

    def Done(self, answer):
        """Submit the options."""
        self._done, self._reward = True, int(answer == self.get_ref_answer())
        return "done"
'''
KEEPING = SOURCE.replace("self.reset(options)", "self.reset(options)\n        self.kept = env_str")
"""Its constructor keeps the text, so it is built by from_env_str."""
DEMANDING = KEEPING.replace("env_str: str = None", "env_str")
MAIN = """
if __name__ == "__main__":
    print(EchoEnv("EchoEnv@{'p': (1, 2)}").solve())
"""
ODD = [
    ("{'p': (1, 2)}", "{'p': (1, 2)}"),
    ("{'p': {3}, 'q': set()}", "{'p': {3}, 'q': set()}"),
    ("{1: 'x', (2, 3): None}", "{1: 'x', (2, 3): None}"),
    ('{"p": [Infinity, -Infinity]}', "{'p': [inf, -inf]}"),
    ("{'p': (1e999, b'x')}", "{'p': (inf, b'x')}"),
    ('{"p": [true, null, 1.0]}', "{'p': [True, None, 1.0]}"),
]
"""What stands in an ability, and what the class says it got."""


def write(folder: Path, *configs: str, source: str = SOURCE) -> Catalog:
    """The environment and a task for each configuration; none at all where there is no configuration."""
    (folder / f"{NAME}.py").write_text(source)
    if configs:
        records = [task(NAME, config, extra_info={"index": str(number)}) for number, config in enumerate(configs)]
        write_lines(folder / "tasks.jsonl", records)
    return Catalog.of(folder)


async def observed(gym: Gym, task: str | None = None) -> str:
    """What the class got."""
    return (await gym.call((await gym.open(NAME, task)).id, "Observe")).text


@pytest.mark.parametrize("source", [SOURCE, KEEPING], ids=["reset", "from_env_str"])
async def test_a_configuration_reaches_the_class_as_it_was_written(tmp_path: Path, source: str) -> None:
    """A tuple that had become a list could be no key, and no member of a set."""
    catalog = write(tmp_path, *(config for config, _ in ODD), source=source)
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool()) as gym:
            assert [await observed(gym, str(number)) for number in range(len(ODD))] == [told for _, told in ODD]


async def test_nan_reaches_a_usual_class(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Gym(write(tmp_path, '{"p": NaN}'), pool=fast_pool()) as gym:
            assert await observed(gym) == "{'p': nan}"


async def test_a_tuple_and_a_list_are_two_configurations(tmp_path: Path) -> None:
    """Initial states are remembered by configuration."""
    with anyio.fail_after(PATIENCE_S):
        async with Gym(write(tmp_path, "{'p': [1, 2]}", "{'p': (1, 2)}"), pool=fast_pool()) as gym:
            assert [await observed(gym, id) for id in ("0", "1")] == ["{'p': [1, 2]}", "{'p': (1, 2)}"]


def test_its_task_survives_json(tmp_path: Path) -> None:
    for one in write(tmp_path, *(config for config, _ in ODD)).tasks(NAME):
        assert Task.model_validate_json(one.model_dump_json()) == one


async def test_a_tuple_survives_a_restart(tmp_path: Path) -> None:
    """The judge plays the task anew, from what the store has kept of it."""
    catalog = write(tmp_path, "{'p': (1, 2)}")
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool(), store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            episode = await gym.open(NAME)
        async with Gym(catalog, pool=fast_pool(), store=SqliteStore(tmp_path / "gym.sqlite")) as gym:
            await gym.call(episode.id, "Done", {"answer": "{'p': (1, 2)}"})
            assert (await gym.status(episode.id)).reward == 1.0


async def test_a_saved_trajectory_of_a_tuple_is_replayed_identically(tmp_path: Path) -> None:
    policy, path = ScriptedPolicy([("Observe", {}), ("Done", {"answer": "{'p': (1, 2)}"})]), tmp_path / "runs.jsonl"
    catalog = write(tmp_path, "{'p': (1, 2)}")
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool()) as gym:
            played = await collect_rollout(ClientPool.over(gym), policy, catalog.tasks(NAME)[0])
            write_trajectories(path, [played])
            (saved,) = read_trajectories(path)
            assert (saved.steps[0].text, saved.reward) == ("{'p': (1, 2)}", 1.0)
            assert await first_difference(gym, saved) is None


@pytest.mark.parametrize(("source", "told"), [(SOURCE, "{}"), (SOURCE + MAIN, "{'p': (1, 2)}")])
async def test_a_file_without_tasks_is_played_as_its_source_tells(tmp_path: Path, source: str, told: str) -> None:
    catalog = write(tmp_path, source=source)
    assert [one.id for one in catalog.tasks(NAME)] == ["default"]
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool()) as gym:
            assert await observed(gym) == await observed(gym, "default") == told
            async with Client(AgentPlane(gym, environment=NAME).server) as client:
                started = await client.call_tool("Start", {})
                assert not started.is_error and started.structured_content
                assert started.structured_content["task"] == "Say how you were set up."


def test_the_command_line_plays_and_shows_a_file_without_tasks(tmp_path: Path) -> None:
    write(tmp_path, source=SOURCE + MAIN)
    called = CliRunner().invoke(main, ["call", str(tmp_path), "Observe"])
    assert called.stdout == "{'p': (1, 2)}\n"
    assert "1 tasks, level medium: default" in CliRunner().invoke(main, ["show", str(tmp_path)]).stdout


async def test_a_class_that_demands_a_configuration_and_has_none_is_told_with_its_remedy(tmp_path: Path) -> None:
    catalog = write(tmp_path, source=DEMANDING)
    assert catalog.tasks(NAME) == ()
    with anyio.fail_after(PATIENCE_S):
        async with Gym(catalog, pool=fast_pool()) as gym:
            assert gym.environment(NAME).tasks == 0
            with pytest.raises(InvalidTask, match=f"{NAME}.py: there are no tasks for it: add .* training records beside"):
                await gym.open(NAME)
