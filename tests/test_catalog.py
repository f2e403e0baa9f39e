"""Catalogs: where environments and tasks are found, by what name, and what is wrong with those that are not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog, NativeFolder, open_source
from codegym_mcp.errors import EnvironmentNotFound, InvalidEnvironment, InvalidTask, TaskNotFound
from codegym_mcp.types import MAX_STEPS, Task
from tests.conftest import COUNTER, TASKS, write_environment

FIXTURES = Path(__file__).parent / "fixtures" / "published"


# ------------------------------------------------------------------------------------------------------- what is found
@pytest.mark.parametrize("path", ["", "counter", "counter/env.py"], ids=["folder of folders", "folder", "file"])
def test_native_environment_is_found_by_its_folders_name(path: str, tmp_path: Path) -> None:
    write_environment(tmp_path)
    catalog = Catalog.of(tmp_path / path)
    assert catalog.names() == ["counter"]
    assert len(catalog) == 1 and "counter" in catalog and "env" not in catalog
    definition = catalog.definition("counter")
    assert (definition.name, definition.where) == ("counter", str(tmp_path / "counter" / "env.py"))
    assert [task.id for task in catalog.tasks("counter")] == ["zero", "seven"]
    assert catalog.folder("counter") == tmp_path / "counter"


def test_path_relative_to_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_environment(tmp_path)
    monkeypatch.chdir(tmp_path / "counter")
    assert Catalog.of(".").names() == ["counter"]


def test_sources_are_joined_in_their_order(tmp_path: Path) -> None:
    for folder, name in [("b", "second"), ("b", "third"), ("a", "first")]:
        write_environment(tmp_path / folder, name=name)
    catalog = Catalog.of(tmp_path / "b", str(tmp_path / "a"), FIXTURES)
    assert catalog.names()[:3] == ["second", "third", "first"]
    published = catalog.names()[3]
    assert catalog.definition(published).format == "published"
    assert catalog.folder(published) is None


def test_definition_is_read_only_when_asked_for(tmp_path: Path) -> None:
    """A catalog of 20,000 environments reads names; one that is broken spoils no other."""
    write_environment(tmp_path, "no python at all (", name="broken")
    write_environment(tmp_path)
    catalog = Catalog.of(tmp_path)
    assert catalog.names() == ["broken", "counter"]
    assert catalog.definition("counter") is catalog.definition("counter")
    with pytest.raises(InvalidEnvironment, match="not valid Python"):
        catalog.definition("broken")


def test_bundled_environments_alone_are_trusted(tmp_path: Path) -> None:
    """Trusted means reviewed by us: such code may run where the sandbox lacks a protection."""
    write_environment(tmp_path)
    bundled, other = Catalog.bundled(), Catalog.of(tmp_path)
    assert bundled.trusted and not other.trusted
    assert not Catalog([NativeFolder({"counter": tmp_path / "counter"}), open_source(FIXTURES)]).trusted
    assert not other.definition("counter").trusted


def test_bundled_folder_given_by_its_path_is_not_trusted() -> None:
    """Anybody could have changed it."""
    coin_change = Catalog.bundled().folder("coin_change")
    assert coin_change is not None
    assert not Catalog.of(coin_change).trusted


# -------------------------------------------------------------------------------------------------------- what is not
def test_nearest_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentNotFound) as unknown:
        Catalog.bundled().definition("coin_chagne")
    assert unknown.value.similar[0] == "coin_change"
    for ask in (Catalog.bundled().tasks, Catalog.bundled().folder):
        with pytest.raises(EnvironmentNotFound):
            ask("x")


def test_unknown_task_is_told_with_its_environment(tmp_path: Path) -> None:
    write_environment(tmp_path)
    catalog = Catalog.of(tmp_path)
    assert catalog.task("counter", "seven").config == {"start": 7}
    with pytest.raises(TaskNotFound) as unknown:
        catalog.task("counter", "eight")
    assert (unknown.value.environment, unknown.value.task) == ("counter", "eight")


@pytest.mark.parametrize("name", ["two words", "ünï", ".hidden", "-dash", "x" * 201, "a:b", "new\nline"])
def test_folder_whose_name_cannot_stand_in_a_url_is_refused(name: str, tmp_path: Path) -> None:
    write_environment(tmp_path, name=name)
    with pytest.raises(InvalidEnvironment, match="a name has letters, digits"):
        Catalog.of(tmp_path / name)


def test_two_environments_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_environment(tmp_path / folder)
    with pytest.raises(InvalidEnvironment, match="two environments have this name; rename a folder or serve them apart"):
        Catalog.of(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("what", ["nothing", "empty folder", "other files", "a text"])
def test_path_without_environments_is_refused_with_what_was_expected(what: str, tmp_path: Path) -> None:
    path = tmp_path / "place"
    if what == "a text":
        path.write_text("hello")
    elif what != "nothing":
        path.mkdir()
    if what == "other files":
        (path / "notes.txt").write_text("hello")
    with pytest.raises(InvalidEnvironment) as empty:
        Catalog.of(path)
    assert empty.value.where == str(path)
    expected = "there is no such file or folder" if what == "nothing" else "holds no environments: expected NAME/env.py"
    assert empty.value.problem.startswith(expected)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_folder_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    write_environment(tmp_path)
    (tmp_path / "counter").chmod(0)
    with pytest.raises(InvalidEnvironment, match="cannot be read"):
        Catalog.of(tmp_path / "counter")


@pytest.mark.parametrize("file", ["env.py", "tasks.jsonl"])
def test_file_that_is_no_text_is_refused(file: str, tmp_path: Path) -> None:
    home = write_environment(tmp_path)
    (home / file).write_bytes(b"\xff\xfe\x00")
    catalog = Catalog.of(home)
    with pytest.raises(InvalidEnvironment, match="cannot be read as UTF-8 text") as wrong:
        catalog.definition("counter"), catalog.tasks("counter")
    assert wrong.value.where == str(home / file)


def test_file_that_went_away_is_a_typed_error(tmp_path: Path) -> None:
    home = write_environment(tmp_path)
    catalog = Catalog.of(home)
    (home / "env.py").unlink()
    with pytest.raises(InvalidEnvironment, match="cannot be read as UTF-8 text"):
        catalog.definition("counter")


# ------------------------------------------------------------------------------------------------------------- tasks
def tasks_of(folder: Path, *records: Any) -> list[Task]:
    """The tasks of an environment whose file holds these lines."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    return list(Catalog.of(write_environment(folder, COUNTER, "\n".join(lines))).tasks("counter"))


def test_task_is_read_with_its_defaults(tmp_path: Path) -> None:
    full = {"id": "b", "level": "hard", "split": "test", "max_steps": 9, "prompt": "Go"}
    first, second = tasks_of(tmp_path, {"id": "a"}, "", full)
    assert first == Task(environment="counter", id="a", config={}, level="medium", split="train", max_steps=MAX_STEPS)
    assert second == Task(environment="counter", id="b", level="hard", split="test", max_steps=9, prompt="Go")


def test_environment_without_a_file_of_tasks_has_none(tmp_path: Path) -> None:
    home = write_environment(tmp_path)
    (home / "tasks.jsonl").unlink()
    assert list(Catalog.of(home).tasks("counter")) == []


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("{", "not valid JSON: "),
        ("[1]", "expected a JSON object, got list"),
        ({}, "id: Field required"),
        ({"id": 7}, "id: Input should be a valid string, got 7"),
        ({"id": "x", "sead": 1}, "sead: Extra inputs are not permitted, got 1"),
        ({"id": "x", "config": [1]}, "config: Input should be a valid dictionary, got [1]"),
        ({"id": "x", "max_steps": 0}, "max_steps: Input should be greater than or equal to 1, got 0"),
        ({"id": "x", "max_steps": "many"}, "max_steps: "),
        ({"id": "x", "split": "exam"}, "split: Input should be 'train', 'validation' or 'test', got 'exam'"),
        ({"id": "good"}, "the id 'good' stands twice"),
        ("[" * 100_000, "not valid JSON: "),
    ],
)
def test_mistake_in_a_task_is_told_with_file_line_and_field(record: Any, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidTask) as wrong:
        tasks_of(tmp_path, {"id": "good"}, "", record)
    assert (wrong.value.where, wrong.value.line) == (str(tmp_path / "counter" / "tasks.jsonl"), 3)
    assert wrong.value.problem.startswith(problem)


def test_tasks_are_read_once(tmp_path: Path) -> None:
    home = write_environment(tmp_path)
    catalog = Catalog.of(home)
    first = catalog.tasks("counter")
    (home / "tasks.jsonl").write_text(TASKS + '{"id": "later"}\n')
    assert catalog.tasks("counter") is first
