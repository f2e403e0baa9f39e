"""Exports in other people's layouts play the same when they are read back."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.gym import Gym
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.published import read_published
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.types import Task
from synth.export.harbor import export_harbor
from synth.export.hub import export_hub, import_hub, load
from synth.export.published import export_published
from synth.export.source import code_id, env_name, module_id, published_source
from synth.export.tables import Form, read_table, write_table
from tests.conftest import COUNTER, fast_pool, make_catalog, write_environment
from tests.processes import TOKEN, served
from tests.synth.replay import differences

BUNDLED = Catalog.bundled()
FEW = ["coin_change", "parcel_routing", "knapsack_van", "text_index"]
"""With two own `check` methods, a text for an observation, and state of several kinds."""

AWKWARD = '''"""An environment that uses what is hard to carry over."""

from collections import defaultdict
from dataclasses import dataclass

from codegym_mcp import Environment, tool

MOTTO = """Two lines,
    the second one further in."""


@dataclass
class Box:
    """An object in the state."""

    marbles: int


class Awkward2Boxes(Environment):
    """Tell how many marbles there are.

    A path such as C:\\\\boxes, and three quotes: \\"\\"\\".
    """

    def reset(self, *, boxes: list[int], bonus: int = 3) -> None:
        self.boxes = [Box(n) for n in boxes]
        self.bonus, self.opened = bonus, defaultdict(int)
        self.boxes_given = boxes  # kept as it came, and changed by a tool

    def observe(self) -> str:
        """Say how many boxes there are.

        Returns:
            a sentence.
        Example: 3 boxes.

        Example:
            "3 boxes, 0 opened"
        """
        return f"{len(self.boxes)} boxes, {len(self.opened)} opened"

    # what stands between methods stays
    @tool
    def Open(self, box: int, *, twice: bool = False) -> int | None:
        """Open a box.

        Args:
            box: its number,
                from 0.
            twice: whether to look again.

        Returns:
            its marbles.

        Example:
            Open(box=0) -> 3
        """
        self.opened[box] += 1
        if self.rng.random() < 0:
            return None
        self.boxes_given.append(box)
        return self.boxes[box].marbles

    @tool
    def Motto(self) -> str:
        """Read the motto.

        Returns:
            it.

        Example:
            Motto()
        """
        return MOTTO

    def answer(self) -> int:
        """The sum.

        Returns:
            all marbles and the bonus.
            Example: 7.
        """
        words = """no line
  of this text may move"""
        assert words.splitlines()[1].startswith("  of")
        return sum(box.marbles for box in self.boxes) + self.bonus + len(words) * 0

    def check(self, answer, reference) -> bool:
        return answer == reference or answer == -reference

    def solve(self, call):
        text = call("Observe")
        total = sum(call("Open", box=n, twice=True) for n in range(int(text.split()[0])))
        assert call("Motto").startswith("Two lines,\\n    the")
        return call("Done", answer=-(total + 3))

    @staticmethod
    def generate(rng, level):
        return {"boxes": [rng.randint(1, 9)]}
'''
AWKWARD_TASKS = (
    '{"id": "a", "level": "hard", "split": "test", "max_steps": 512, "config": {"boxes": [1, 2, 3]}}\n'
    '{"id": "b", "level": "easy", "prompt": "Tell them @ once.", "config": {"boxes": [5]}}\n'
)


def awkward(folder: Path) -> Catalog:
    return make_catalog(folder, AWKWARD, AWKWARD_TASKS, name="awkward")


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
async def test_published_layout_plays_the_same_when_read_back(tmp_path: Path, form: Form) -> None:
    """Observations, oracle calls, rewards, prompts, levels, splits and budgets."""
    ids = export_published(BUNDLED, tmp_path, form=form, names=FEW)
    back = Catalog.of(tmp_path)
    assert sorted(back.names()) == sorted(ids.values())
    assert await differences(BUNDLED, back, ids, per_level=1) == []


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_every_level_of_the_library_plays_the_same_when_read_back(tmp_path: Path) -> None:
    """Of every third environment."""
    names = BUNDLED.names()[::3]
    ids = export_published(BUNDLED, tmp_path, names=names, form="parquet")
    assert len(ids) == len(names)
    assert await differences(BUNDLED, Catalog.of(tmp_path), ids, per_level=1) == []


@pytest.mark.parametrize("name", BUNDLED.names())
def test_every_bundled_environment_is_documented_the_same_after_export(name: str) -> None:
    definition = BUNDLED.definition(name)
    source = published_source(definition, dict(BUNDLED.tasks(name)[0].config))
    copy = read_published(source, name=module_id(definition), where=name)
    assert copy.prompt == definition.prompt and not copy.from_text
    assert copy.tool_names == definition.tool_names
    for spec, copied in zip(definition.tools, copy.tools, strict=True):
        assert copied.purpose == spec.purpose and list(copied.parameters) == list(spec.parameters)
        assert spec.name == "Done" or copied.returns == spec.returns


async def test_awkward_source_plays_the_same(tmp_path: Path) -> None:
    """Texts of several lines, an own check, objects and a changed configuration in the state, keyword-only arguments."""
    catalog = awkward(tmp_path / "native")
    ids = export_published(catalog, tmp_path / "out")
    back = Catalog.of(tmp_path / "out")
    assert await differences(catalog, back, ids) == []
    assert [task.prompt for task in back.tasks(ids["awkward"])] == [catalog.definition("awkward").prompt, "Tell them @ once."]


async def test_a_difference_is_told(tmp_path: Path) -> None:
    """The comparison itself must notice another observation, another reward and a missing task."""
    catalog = awkward(tmp_path / "native")
    ids = export_published(catalog, tmp_path / "out")
    changes = [
        ('} opened"\n', '} open"\n', "call 1: expected '3 boxes, 0 opened', got '3 boxes, 0 open'"),
        ("answer == -reference", "False", "expected 6 calls, reward 1.0, got 6 calls, reward 0.0"),
    ]
    for n, (old, new, expected) in enumerate(changes):
        rows = read_table(tmp_path / "out" / "environments")
        assert rows[0]["env_code"].count(old) == 1
        rows[0]["env_code"] = rows[0]["env_code"].replace(old, new)
        other = tmp_path / f"changed{n}"
        write_table(other / "environments", rows, "jsonl")
        for split in ("train", "test"):
            write_table(other / f"tasks_{split}", read_table(tmp_path / "out" / f"tasks_{split}"), "jsonl")
        found = await differences(catalog, Catalog.of(other), ids)
        assert f"awkward, a: {expected}" in found
        (other / "tasks_train.jsonl").unlink()
        assert await differences(catalog, Catalog.of(other), ids) == ["awkward: expected 2 tasks, got 1"]


async def test_tool_that_raises_after_export_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    catalog = awkward(tmp_path / "native")
    name = export_published(catalog, tmp_path / "out")["awkward"]
    script = ScriptedPolicy([("Open", {"box": 9}), ("Open", {"boxx": 1}), ("Observe", {}), ("Done", {"answer": 9})])
    async with Gym(Catalog.of(tmp_path / "out"), pool=fast_pool()) as gym:
        task = gym.catalog.task(name, "a")
        trajectory = await collect_rollout(ClientPool.over(gym), script, task)
    assert [step.is_error for step in trajectory.steps] == [True, True, False, False]
    assert trajectory.steps[2].text == "3 boxes, 0 opened" and trajectory.reward == 1.0


def test_published_class_keeps_its_promises_without_our_server(tmp_path: Path) -> None:
    """Others' servers know no transaction: the class itself keeps the old state, judges once, and tells nothing."""
    program = (
        "import json, sys, types\n"
        "sys.modules['gymnasium'] = types.SimpleNamespace(Env=object)\n"
        "space = {}\n"
        "exec(sys.stdin.read(), space)\n"
        "env = space['AwkwardTwoBoxesEnv'].from_env_str('AwkwardTwoBoxesEnv@' + json.dumps({'boxes': [4, 5]}))\n"
        "def step(name, **parameters): return env.step(json.dumps({'name': name, 'parameters': parameters}))[1]\n"
        "print(step('Open', box=7)[:5], step('Observe'), step('Open', box=1), step('Observe'), env.get_ref_answer())\n"
        "print(env.finished, step('Done', answer=3), env.finished, env.reward, step('Done', answer=12)[:5], env.reward)\n"
        "env.reset({'boxes': [4, 5]}); print(env.solve(), env.reward, env.step_count)\n"
    )
    source = published_source(awkward(tmp_path).definition("awkward"), {"boxes": [1]})
    ran = subprocess.run([sys.executable, "-c", program], input=source, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [
        "Error 2 boxes, 0 opened 5 2 boxes, 1 opened 12",
        "False Answer recorded. The episode is over. True 0.0 Error 0.0",
        "Answer recorded. The episode is over. 1.0 5",
    ]


def test_tools_of_the_published_class_do_not_hold_the_reference(tmp_path: Path) -> None:
    """The reader takes `get_ref_answer` and `solve` out of what tools run in; the rest must not have them either."""
    source = published_source(awkward(tmp_path).definition("awkward"), {"boxes": [1]})
    rest = re.sub(r"    def (get_ref_answer|solve)\(self\):.*?(?=\n    def |\Z)", "", source, flags=re.DOTALL)
    assert "bonus" in rest and "no line" not in rest and "def answer" not in rest and "def solve" not in rest


def test_records_have_every_field_of_the_published_ones(tmp_path: Path) -> None:
    """Counted on 100 published records."""
    export_published(BUNDLED, tmp_path, form="parquet", names=["coin_change"])
    environment = read_table(tmp_path / "environments")[0]
    assert set(environment) == {"env_code", "env_name", "source"}
    assert environment["env_name"] == "CoinChangeEnv" and re.fullmatch(r"[A-Za-z]+_\d+_I", environment["source"])
    for record in read_table(tmp_path / "tasks_train"):
        assert set(record) == {
            *("ability", "answer", "code_id", "data_source", "plugin_call_max_round", "prompt", "reward_model", "extra_info")
        }
        head, config = record["ability"].split("@", 2)[1:]
        assert head == f"{environment['source']}__CoinChangeEnv" and isinstance(json.loads(config), dict)
        assert [(turn["role"], turn["name"]) for turn in record["prompt"]] == [("system", "functions"), ("user", "")]
        extra = record["extra_info"]
        assert {"index", "solve_fc_round", "qwen32b_Bo4_score", "qwen32b_Bo8_score", "gym_env"} <= set(extra)
        assert extra["solve_fc_round"] >= 3 and extra["gym_env"] == environment["env_code"]


@pytest.mark.parametrize(
    ("name", "expected"), [("Sha256Walk", "ShaTwoFiveSixWalkEnv"), ("RowsEnv", "RowsEnv"), ("A_b", "AbEnv"), ("X" * 99, None)]
)
def test_class_names_follow_the_published_grammar(name: str, expected: str | None) -> None:
    found = env_name(name)
    assert re.fullmatch(r"[A-Za-z]{1,96}Env", found) and found == (expected or found)


def test_code_id_depends_on_the_name_alone() -> None:
    assert code_id("rows") == code_id("rows") != code_id("row")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("return self.total\n", "return self.total; x = 1\n", None),
        ("import os\n", "import os; import re\n", None),
        (
            "from codegym_mcp import Environment, tool\n",
            "import time as t; from codegym_mcp import Environment, tool\n",
            "line",
        ),
        ("from codegym_mcp import Environment, tool", "from codegym_mcp import Environment, tool, errors", "carried over"),
        ("self.total, self.seen", "self.__hidden = 1\n        self.total, self.seen", "private name"),
        ("class Counter", "def native_env(x):\n    return x\n\n\nclass Counter", "is needed"),
    ],
)
def test_what_cannot_be_carried_over_is_refused(tmp_path: Path, old: str, new: str, problem: str | None) -> None:
    assert old in COUNTER
    catalog = make_catalog(tmp_path, COUNTER.replace(old, new, 1))
    if problem is None:
        assert "CounterEnv" in published_source(catalog.definition("counter"), {"start": 0})
        return
    with pytest.raises(InvalidEnvironment, match=problem):
        published_source(catalog.definition("counter"), {"start": 0})


def test_published_environment_is_not_exported_again(tmp_path: Path) -> None:
    export_published(BUNDLED, tmp_path / "once", names=["coin_change"])
    with pytest.raises(InvalidEnvironment, match="native"):
        export_published(Catalog.of(tmp_path / "once"), tmp_path / "twice")


def test_environment_without_tasks_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironment, match="without tasks"):
        export_published(make_catalog(tmp_path / "native", tasks=""), tmp_path / "out")


def test_hub_form_gives_back_every_byte(tmp_path: Path) -> None:
    export_hub(BUNDLED, tmp_path / "hub")
    assert sorted(import_hub(tmp_path / "hub", tmp_path / "back")) == sorted(BUNDLED.names())
    for name in BUNDLED.names():
        home, back = BUNDLED.folder(name), tmp_path / "back" / "environments" / name
        assert home is not None
        for file in ("env.py", "card.json", "tasks.jsonl"):
            assert (home / file).read_bytes() == (back / file).read_bytes(), f"{name}/{file}"


def test_hub_card_names_splits_sources_and_benchmarks(tmp_path: Path) -> None:
    folder = write_environment(tmp_path / "native", AWKWARD, AWKWARD_TASKS, name="awkward")
    card = {"name": "awkward", "source": "mbpp", "licence": "CC-BY-4.0", "split": "test", "benchmark": True, "tasks": {}}
    (folder / "card.json").write_text(json.dumps(card))
    export_hub(Catalog.of(folder), tmp_path / "hub")
    text = (tmp_path / "hub" / "README.md").read_text()
    assert "license: cc-by-4.0" in text and "| test | 1 | 1 |" in text and "| validation | 0 | 0 |" in text
    assert "never to be trained on: mbpp" in text
    assert "path: environments/train-" not in text, "an empty split has no file"


def test_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A data set comes from anywhere."""
    export_hub(BUNDLED, tmp_path / "hub", names=["coin_change"])
    stem = tmp_path / "hub" / "environments" / "train-00000-of-00001"
    write_table(stem, [row | {"name": "../../stolen"} for row in read_table(stem)], "parquet")
    with pytest.raises(InvalidEnvironment, match="unusable"):
        import_hub(tmp_path / "hub", tmp_path / "back")
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: {key: row[key] for key in row if key != "env_code"}, "'env_code'"),
        (lambda row: row | {"card": "{"}, "JSONDecodeError"),
        (lambda row: row | {"name": 7}, "TypeError"),
    ],
)
def test_rows_of_another_kind_are_refused_and_nothing_is_written(tmp_path: Path, change: Any, told: str) -> None:
    export_hub(BUNDLED, tmp_path / "hub", names=["coin_change"])
    stem = tmp_path / "hub" / "environments" / "train-00000-of-00001"
    write_table(stem, [change(row) for row in read_table(stem)], "parquet")
    with pytest.raises(InvalidEnvironment, match=told):
        import_hub(tmp_path / "hub", tmp_path / "back")
    stem.with_name(f"{stem.name}.parquet").write_bytes(b"PAR1 not so")
    with pytest.raises(InvalidEnvironment, match="cannot be read"):
        import_hub(tmp_path / "hub", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_datasets_loads_what_was_written_and_keeps_it(tmp_path: Path) -> None:
    datasets: Any = pytest.importorskip("datasets", reason="pip install datasets")
    export_hub(BUNDLED, tmp_path / "hub")
    loaded = load(tmp_path / "hub")
    for config, found in loaded.items():
        found.save_to_disk(str(tmp_path / config))
        again = datasets.load_from_disk(str(tmp_path / config))
        for split in found:
            rows = read_table(tmp_path / "hub" / config / f"{split}-00000-of-00001")
            assert again[split].to_list() == found[split].to_list() == rows and rows


def test_harbor_task_is_whole_and_its_verifier_tells_right_from_wrong(tmp_path: Path) -> None:
    """The verifier is run as in its container, against a server of what lies beside it."""
    folders = export_harbor(awkward(tmp_path / "native"), tmp_path / "harbor")
    assert [folder.name for folder in folders] == ["awkward-a", "awkward-b"]
    folder = folders[0]
    about = tomllib.loads((folder / "task.toml").read_text())
    assert about["environment"]["mcp_servers"][0]["url"] == "http://codegym:8000/envs/awkward/mcp"
    instruction = (folder / "instruction.md").read_text()
    assert "Tell how many marbles there are." in instruction and "/app/answer.json" in instruction
    inside = Catalog.of(folder / "environment")
    assert [task.id for task in inside.tasks("awkward")] == ["a"]
    token = re.search(r"CODEGYM_TOKEN: (\S+)", (folder / "environment" / "docker-compose.yaml").read_text())
    assert token and token[1] in (folder / "tests" / "verify.py").read_text() and token[1] not in instruction
    verifier, answer = tmp_path / "verify.py", tmp_path / "answer.json"
    verifier.write_text((folder / "tests" / "verify.py").read_text().replace(token[1], TOKEN))
    rewards = []
    with served(folder / "environment" / "awkward") as server:
        for text in ("9", "10", '"9"', "no JSON", None):
            answer.unlink(missing_ok=True)
            if text is not None:
                answer.write_text(text)
            command = [sys.executable, verifier, f"{server.url}/control", answer]
            rewards.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    assert rewards == ["1.0", "0.0", "0.0", "0.0", "0.0"]


def test_tasks_of_a_record_without_our_fields_stay_as_they_were(tmp_path: Path) -> None:
    """Published records know neither level nor split."""
    ids = export_published(awkward(tmp_path / "native"), tmp_path / "out")
    for split in ("train", "test"):
        rows = read_table(tmp_path / "out" / f"tasks_{split}")
        for row in rows:
            row["extra_info"] |= {"level": None, "split": "nonsense"}
        write_table(tmp_path / "out" / f"tasks_{split}", rows, "jsonl")
    found: list[Task] = list(Catalog.of(tmp_path / "out").tasks(ids["awkward"]))
    assert [(task.level, task.split) for task in found] == [("medium", "train")] * 2
