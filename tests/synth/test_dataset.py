"""A data set's folder: splits that hold, nothing lost, nothing half written, everything read back."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.card import KEPT_FIELDS
from codegym_mcp.catalog import Catalog
from codegym_mcp.types import Task
from synth.dataset.dataset import BENCHMARK, INDEX, Dataset, Shares
from synth.export import tables
from synth.export.tables import read_table, write_table
from synth.problem import Candidate
from tests.synth.made import ROWS, candidate, card, tasks

TRAINING = Shares(validation=0, test=0)


def add(data: Dataset, made: Candidate, chosen: list[Task], **more: Any) -> str:
    return data.add(made, chosen, card(made, chosen) | more)


def splits(data: Dataset, name: str) -> dict[str, str]:
    return {task.id: task.split for task in data.tasks(name)}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_folder_is_a_catalog_with_the_source_and_the_tasks(tmp_path: Path) -> None:
    data, chosen = Dataset(tmp_path), tasks(5)
    add(data, candidate(), chosen)
    catalog = Catalog.of(tmp_path)
    assert catalog.names() == ["rows"] and catalog.definition("rows").source == ROWS
    assert [task.config for task in catalog.tasks("rows")] == [task.config for task in chosen]


def test_prompt_budget_and_strange_letters_survive(tmp_path: Path) -> None:
    """A line separator within a text is no end of a line of JSON."""
    odd = Task(environment="x", id="odd", prompt="Sum\u2028of «x»", max_steps=512, config={"text": "a\u2028b\x85c"})
    data = Dataset(tmp_path, shares=TRAINING)
    add(data, candidate(), [odd])
    assert data.tasks("rows") == [odd.model_copy(update={"environment": "rows"})]


def test_card_tells_source_licence_problem_route_and_a_hash_of_every_task(tmp_path: Path) -> None:
    data = Dataset(tmp_path)
    add(data, candidate(), tasks(3))
    kept = json.loads((tmp_path / "environments" / "rows" / "card.json").read_text())
    assert (kept["source"], kept["licence"], kept["topic"], kept["route"]) == ("own", "Apache-2.0", "sums", "extract")
    assert kept["problem"]["id"] == "own/rows" and len(kept["problem"]["solution_hash"]) == 32
    assert {len(facts["config_hash"]) for facts in kept["tasks"].values()} == {32}
    assert {"problem", "route", "benchmark", "pass_rates", "split_reason"} <= set(KEPT_FIELDS), "lost at the next check"


def test_split_depends_on_the_problem_alone(tmp_path: Path) -> None:
    """Whatever else is there, and in whichever order it came."""
    names = [f"env{n}" for n in range(40)]
    shares = Shares(validation=0.3, test=0.3)
    found = []
    for folder, order in (("a", names), ("b", names[::-1]), ("c", names[:7])):
        data = Dataset(tmp_path / folder, shares=shares)
        for name in order:
            add(data, candidate(name), tasks(1))
        found.append({name: data.card(name)["split"] for name in order})
    assert found[0] == found[1] and found[2].items() <= found[0].items()
    assert all(count >= 5 for count in Counter(found[0].values()).values()) and len(set(found[0].values())) == 3


def test_environments_of_one_problem_are_in_one_split(tmp_path: Path) -> None:
    """By the words of its statement, or by its solution, whatever the environment is called."""
    data = Dataset(tmp_path, shares=Shares(validation=0.5, test=0.5))
    for n in range(6):
        add(data, candidate(f"env{n}"), tasks(1))
        add(data, candidate(f"again{n}", statement=f"The STATEMENT of env{n}"), tasks(1))
        same = candidate(f"third{n}").model_copy(update={"problem": candidate(f"env{n}").problem})
        add(data, same, tasks(1))
    for n in range(6):
        assert len({data.card(f"{kind}{n}")["split"] for kind in ("env", "again", "third")}) == 1
    assert len({data.card(f"env{n}")["split"] for n in range(6)}) == 2


def read_index(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / INDEX).read_text(encoding="utf-8").splitlines()]


def test_benchmark_problems_go_to_test_and_say_so(tmp_path: Path) -> None:
    data = Dataset(tmp_path, shares=TRAINING)
    for n in range(10):
        add(data, candidate(f"env{n}", benchmark=True, source="mbpp"), tasks(3))
    data.write_index()
    for row in read_index(tmp_path):
        assert (row["split"], row["split_reason"], row["benchmark"]) == ("test", BENCHMARK, True)
        assert row["tasks"] == {"train": 0, "validation": 0, "test": 3}
    assert {task.split for name in data.names() for task in Catalog.of(tmp_path).tasks(name)} == {"test"}


@pytest.mark.parametrize("first", ["benchmark", "other"])
def test_what_shares_a_benchmarks_problem_is_never_trained_on(tmp_path: Path, first: str) -> None:
    """Whether the benchmark comes before or after it."""
    data = Dataset(tmp_path, shares=TRAINING)
    made = [candidate("benchmark", statement="Sum of all.", benchmark=True), candidate("other", statement="Sum, of all")]
    for one in made if first == "benchmark" else made[::-1]:
        add(data, one, tasks(4))
    assert data.card("other")["split"] == "test" and set(splits(data, "other").values()) == {"test"}
    assert {facts["split"] for facts in Dataset(tmp_path).card("other")["tasks"].values()} == {"test"}


@pytest.mark.parametrize("number", [2, 3, 10, 200])
def test_training_environment_holds_some_of_its_tasks_out(tmp_path: Path, number: int) -> None:
    data = Dataset(tmp_path, shares=TRAINING)
    add(data, candidate(), tasks(number))
    held = list(splits(data, "rows").values()).count("test")
    assert 1 <= held < number and (number < 100 or 0.05 * number < held < 0.16 * number)
    assert set(splits(data, "rows").values()) == {"train", "test"}


def test_lone_task_of_a_training_environment_is_for_training(tmp_path: Path) -> None:
    data = Dataset(tmp_path, shares=TRAINING)
    for n in range(20):
        add(data, candidate(f"env{n}"), tasks(1, start=n))
        assert set(splits(data, f"env{n}").values()) == {"train"}


def test_adding_again_adds_new_tasks_and_moves_none(tmp_path: Path) -> None:
    add(Dataset(tmp_path, shares=TRAINING), candidate(), tasks(5))
    before = splits(Dataset(tmp_path), "rows")
    data = Dataset(tmp_path, shares=TRAINING)
    add(data, candidate(), tasks(30))
    after = splits(data, "rows")
    assert before.items() <= after.items() and len(after) == 30
    assert {task.config["n"] for task in data.tasks("rows")} == set(range(30))
    assert set(data.card("rows")["tasks"]) == set(after)
    assert all(facts["oracle_calls"] == 12 for facts in data.card("rows")["tasks"].values())


def test_adding_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    data = Dataset(tmp_path)
    add(data, candidate(), tasks(8))
    data.write_index("jsonl")
    before = snapshot(tmp_path)
    again = Dataset(tmp_path)
    add(again, candidate(), tasks(8))
    again.write_index("jsonl")
    assert snapshot(tmp_path) == before


def test_another_task_under_a_taken_id_gets_an_id_of_its_own(tmp_path: Path) -> None:
    data = Dataset(tmp_path)
    add(data, candidate(), tasks(2))
    others = [task.model_copy(update={"config": {"n": 100 + n}}) for n, task in enumerate(tasks(2))]
    add(data, candidate(), others)
    assert sorted(task.config["n"] for task in data.tasks("rows")) == [0, 1, 100, 101]
    assert len({task.id for task in data.tasks("rows")}) == 4


def test_another_source_under_a_taken_name_is_kept_beside_it(tmp_path: Path) -> None:
    data = Dataset(tmp_path)
    first = add(data, candidate(), tasks(2))
    changed = candidate(source=ROWS + "\n# changed\n")
    second = add(data, changed, tasks(3))
    assert first == "rows" and second != "rows" and second == add(data, changed, tasks(3))
    catalog = Catalog.of(tmp_path)
    assert catalog.definition("rows").source == ROWS and len(catalog.tasks("rows")) == 2
    assert catalog.definition(second).source.endswith("# changed\n") and len(catalog.tasks(second)) == 3


def test_pass_rates_survive_what_is_added_later(tmp_path: Path) -> None:
    data = Dataset(tmp_path)
    add(data, candidate(), tasks(2))
    rates = {"model": {"easy-0": {"passes": 1, "tries": 4}}}
    data.update("rows", data.card("rows") | {"pass_rates": rates})
    again = Dataset(tmp_path)
    add(again, candidate(), tasks(4))
    assert Dataset(tmp_path).card("rows")["pass_rates"] == rates


class Stop(BaseException):
    """The process dies."""


@pytest.mark.parametrize("survives", range(6))
def test_crash_at_any_write_loses_nothing_and_the_next_run_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    """Six files are put in place one after the other: of a new environment, then of one that gets more tasks."""
    left = survives
    real = tables.replace

    def dies(path: Path, write: Any) -> None:
        nonlocal left
        if left == 0:
            raise Stop
        left -= 1
        real(path, write)

    monkeypatch.setattr(tables, "replace", dies)

    def both() -> None:
        data = Dataset(tmp_path, shares=TRAINING)
        add(data, candidate("old"), tasks(4))
        add(data, candidate("old"), tasks(9))
        add(data, candidate("new"), tasks(3))

    with pytest.raises(Stop):
        both()
    for name in Catalog.of(tmp_path).names() if any(tmp_path.glob("environments/*/env.py")) else []:
        assert Dataset(tmp_path).tasks(name), "an environment appears with all its files"
    monkeypatch.setattr(tables, "replace", real)
    both()
    data = Dataset(tmp_path)
    assert (len(data.tasks("old")), len(data.tasks("new"))) == (9, 3)
    assert all(data.card(name)["tasks"][task.id]["oracle_calls"] for name in data.names() for task in data.tasks(name))
    assert {path.name for path in tmp_path.iterdir()} == {"environments"}


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_index_and_tables_tell_the_same_as_the_folders(tmp_path: Path, form: Any) -> None:
    data = Dataset(tmp_path, shares=TRAINING)
    for n in range(3):
        add(data, candidate(f"env{n}"), tasks(4, level="hard"))
    data.write_index(form)
    index, environments, rows = read_index(tmp_path), read_table(tmp_path / "environments"), read_table(tmp_path / "tasks")
    assert [row["name"] for row in index] == ["env0", "env1", "env2"]
    assert [{key: row[key] for key in index[0]} for row in environments] == index
    assert {row["env_code"] for row in environments} == {ROWS}
    assert [json.loads(row["card"]) for row in environments] == [data.card(name) for name in data.names()]
    played = [(task.environment, task.id, task.split, task.config) for name in data.names() for task in data.tasks(name)]
    assert [(row["environment"], row["id"], row["split"], json.loads(row["config"])) for row in rows] == played
    assert {row["licence"] for row in rows} == {"Apache-2.0"} and {row["oracle_calls"] for row in rows} == {12}


def test_table_in_another_form_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for form, other in (("parquet", "jsonl"), ("jsonl", "parquet")):
        write_table(tmp_path / "rows", [{"a": form}], form)  # type: ignore[arg-type]
        assert (tmp_path / f"rows.{form}").exists() and not (tmp_path / f"rows.{other}").exists()
        assert read_table(tmp_path / "rows") == [{"a": form}]
