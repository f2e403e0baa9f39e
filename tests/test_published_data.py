"""Folders, JSON lines and parquet of published environments and tasks: what is found, joined, and told of wrong records."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.catalog import Catalog
from codegym_mcp.errors import EnvironmentNotFound, InvalidEnvironment, InvalidTask
from codegym_mcp.published_data import Published, open_published
from codegym_mcp.published_files import GROUP_ROWS, JsonLines, ParquetRows

FIXTURES = Path(__file__).parent / "fixtures" / "published"
MODULES = sorted(path.stem for path in FIXTURES.glob("*.py"))
TASKS = [json.loads(line) for line in (FIXTURES / "tasks.jsonl").read_text().splitlines()]
TRAM, WINDOW = "Codeforces_9009_I__TramLineEnv", "Leetcode_9001_I__ShortestWindowEnv"
INCLUDED, EXCLUDED = "Codeforces_9020_I__RangeSumEnv", "Leetcode_9020_I__RangeSumEnv"


def source(module: str) -> str:
    return (FIXTURES / f"{module}.py").read_text()


def environment_records() -> list[dict[str, Any]]:
    """The fixtures as a table of environments."""
    return [
        {"env_code": source(module), "env_name": module.split("__")[1], "source": module.split("__")[0]} for module in MODULES
    ]


def task(module: str = TRAM, config: str = '{"stops": [["A", 0]]}', **changes: Any) -> dict[str, Any]:
    """A training record."""
    record = next(record for record in TASKS if record["ability"].startswith(f"codegym_v1@{TRAM}@"))
    return {**record, "ability": f"codegym_v1@{module}@{config}", "extra_info": {"index": "0"}, **changes}


def write_lines(path: Path, records: list[Any]) -> Path:
    """JSON lines; a text stands for a line as it is."""
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records))
    return path


def write_parquet(path: Path, records: list[dict[str, Any]], *, row_group_size: int = 1 << 20) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.Table.from_pylist(records)
    pytest.importorskip("pyarrow.parquet").write_table(table, path, row_group_size=row_group_size)
    return path


def opened(path: Path) -> Published:
    found = open_published(path)
    assert found is not None
    return found


def test_a_folder_of_files_has_their_stems_as_names_and_their_tasks() -> None:
    data = opened(FIXTURES)
    assert list(data.names()) == MODULES
    assert data.definition(TRAM).class_name == "TramLineEnv"
    assert sum(len(data.tasks(name)) for name in data.names()) == len(TASKS) >= 25
    assert data.problems == []


def test_a_single_file_is_a_catalog_of_one(tmp_path: Path) -> None:
    path = shutil.copy(FIXTURES / f"{TRAM}.py", tmp_path)
    assert list(opened(Path(path)).names()) == [TRAM]


def test_a_catalog_serves_published_data() -> None:
    catalog = Catalog.of(FIXTURES)
    assert catalog.task(EXCLUDED, catalog.tasks(EXCLUDED)[0].id).environment == EXCLUDED
    assert catalog.definition(EXCLUDED).format == "published"


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_table_of_environments_has_the_same_definitions_as_the_folder(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"envs.{kind}"
    (write_lines if kind == "jsonl" else write_parquet)(path, environment_records())
    data, folder = opened(path), opened(FIXTURES)
    assert list(data.names()) == MODULES
    for name in MODULES:
        assert data.definition(name).hash == folder.definition(name).hash
        assert [one.id for one in data.tasks(name)] == ["default"]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_tasks_beside_a_table_of_environments_are_joined_by_module_id(tmp_path: Path, kind: str) -> None:
    write = write_lines if kind == "jsonl" else write_parquet
    write(tmp_path / f"envs.{kind}", environment_records())
    write(tmp_path / f"tasks.{kind}", TASKS)
    data, folder = opened(tmp_path), opened(FIXTURES)
    assert set(data.names()) == set(MODULES)
    assert all(data.tasks(name) == folder.tasks(name) for name in MODULES)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_tasks_that_carry_their_environment_need_no_other_file(tmp_path: Path, kind: str) -> None:
    carrying = [record for record in TASKS if "gym_env" in record["extra_info"]]
    path = tmp_path / f"tasks.{kind}"
    (write_lines if kind == "jsonl" else write_parquet)(path, carrying)
    data = opened(path)
    assert set(data.names()) == {record["ability"].split("@")[1] for record in carrying}
    assert data.definition(TRAM).hash == opened(FIXTURES).definition(TRAM).hash
    assert data.problems == []


def test_the_environment_that_a_task_carries_goes_before_the_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    write_lines(tmp_path / "tasks.jsonl", [task(extra_info={"index": "0", "gym_env": source(WINDOW)})])
    definition = opened(tmp_path).definition(TRAM)
    assert definition.class_name == "ShortestWindowEnv"
    assert definition.where.endswith("tasks.jsonl:1, extra_info.gym_env")


@pytest.mark.parametrize("empty", [None, "", 5])
def test_an_empty_gym_env_counts_for_nothing(tmp_path: Path, empty: Any) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    write_lines(tmp_path / "tasks.jsonl", [task(extra_info={"index": "0", "gym_env": empty})])
    assert opened(tmp_path).definition(TRAM).class_name == "TramLineEnv"


def test_environments_of_one_class_name_are_never_mixed_up() -> None:
    """10 class names occur twice or three times among 91 published files."""
    data = opened(FIXTURES)
    assert data.definition(INCLUDED).class_name == data.definition(EXCLUDED).class_name
    assert data.definition(INCLUDED).hash != data.definition(EXCLUDED).hash
    assert (len(data.tasks(INCLUDED)), len(data.tasks(EXCLUDED))) == (1, 3)


def test_a_task_does_not_join_an_environment_by_its_class_name(tmp_path: Path) -> None:
    (tmp_path / f"{INCLUDED}.py").write_text(source(INCLUDED))
    write_lines(tmp_path / "tasks.jsonl", [task(EXCLUDED)])
    data = opened(tmp_path)
    assert (list(data.names()), [one.id for one in data.tasks(INCLUDED)]) == ([INCLUDED], ["default"])
    assert [problem.problem for problem in data.problems] == [
        f"ability: there is no environment '{EXCLUDED}' here, and no extra_info.gym_env"
    ]


def test_tasks_without_any_of_their_environments_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidTask, match=f"there is no environment '{TRAM}' here"):
        open_published(write_lines(tmp_path / "tasks.jsonl", [task()]))


def test_tasks_of_one_environment_are_numbered_where_their_indices_repeat() -> None:
    data = opened(FIXTURES)
    assert [one.id for one in data.tasks("Codeforces_9002_I__SubsetBalanceEnv")] == ["0", "1"]
    assert [one.id for one in data.tasks(WINDOW)] == ["100", "101"]


def test_only_the_first_user_turn_becomes_the_prompt() -> None:
    prompt = opened(FIXTURES).tasks(TRAM)[0].prompt
    assert prompt and "How many minutes" in prompt and "Submit 22" not in prompt


def test_an_unknown_name_has_no_tasks_and_no_definition() -> None:
    data = opened(FIXTURES)
    assert data.tasks("Nobody_1_I__KnownEnv") == ()
    with pytest.raises(EnvironmentNotFound):
        data.definition("Nobody_1_I__KnownEnv")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """A published folder also holds raw problems, scripts and notes."""
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    (tmp_path / "convert.py").write_text("import json\nraise SystemExit\n")
    (tmp_path / "README.md").write_text("notes")
    write_lines(tmp_path / "raw_problems.jsonl", [{"subset": "x", "question_id": "1", "question": "?", "solution": "!"}])
    write_lines(tmp_path / "empty.jsonl", [])
    write_lines(tmp_path / "text.jsonl", ["no JSON at all"])
    data = opened(tmp_path)
    assert (list(data.names()), data.problems) == ([TRAM], [])


def test_a_file_of_another_name_counts_if_it_imports_gymnasium(tmp_path: Path) -> None:
    (tmp_path / "tram.py").write_text(source(TRAM))
    assert list(opened(tmp_path).names()) == ["tram"]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: None])
def test_a_path_without_published_environments_is_none(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "x.jsonl"
    make(path)
    assert open_published(path) is None


def test_a_wrong_environment_is_told_to_those_who_ask_for_it(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    broken = tmp_path / "Own_1_I__BrokenEnv.py"
    broken.write_text("x = 1\ndef (")
    data = opened(tmp_path)
    assert data.problems == []
    for _ in range(2):
        with pytest.raises(InvalidEnvironment) as caught:
            data.definition("Own_1_I__BrokenEnv")
    assert str(caught.value) == f"{broken}:2: not valid Python: invalid syntax"
    assert data.tasks("Own_1_I__BrokenEnv") == ()
    assert [str(problem) for problem in data.problems] == [str(caught.value)]
    assert data.definition(TRAM).class_name == "TramLineEnv"


def test_a_source_that_is_not_utf_8_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidEnvironment, match="cannot be read as UTF-8"):
        opened(tmp_path).definition(TRAM)


def test_a_wrong_task_does_not_break_the_others(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    cut = json.dumps({"ability": "", **task()})[:-40]
    lines = [task(), task(config="[1]"), "", task(prompt=None), cut, task(extra_info={"index": "9"})]
    path = write_lines(tmp_path / "tasks.jsonl", lines)
    data = opened(tmp_path)
    assert [one.id for one in data.tasks(TRAM)] == ["0", "4"]
    assert [(problem.where, problem.line) for problem in data.problems] == [(str(path), 2), (str(path), 4), (str(path), 5)]
    assert [problem.problem.split(":")[0] for problem in data.problems] == ["ability", "prompt", "not valid JSON"]


def test_an_environment_whose_tasks_are_all_wrong_is_an_error(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    write_lines(tmp_path / "tasks.jsonl", [task(config="[1]")])
    with pytest.raises(InvalidTask, match=r"tasks.jsonl:1: ability: expected a JSON object or dict after '@'"):
        opened(tmp_path).tasks(TRAM)


def test_records_without_a_usable_key_are_told_at_once(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "envs.jsonl", [environment_records()[0], {"env_name": 5}, "[]", "{", {"env_name": "a/b", "source": "x"}]
    )
    write_lines(tmp_path / "tasks.jsonl", [task(), {"ability": None}, {"ability": "no key"}, "null"])
    told = [f"{Path(problem.where).name}:{problem.line}: {problem.problem}"[:58] for problem in opened(tmp_path).problems]
    assert told == [
        "envs.jsonl:2: env_name, source: expected texts, got (5, No",
        "envs.jsonl:3: expected a JSON object, got list",
        "envs.jsonl:4: not valid JSON: Expecting property name encl",
        "envs.jsonl:5: expected a name of at most 200 letters, digi",
        "tasks.jsonl:2: ability: expected '<code_id>__<EnvName>@<co",
        "tasks.jsonl:3: ability: expected '<code_id>__<EnvName>@<co",
        "tasks.jsonl:4: expected a JSON object, got NoneType",
        "tasks.jsonl:1: ability: there is no environment 'Codeforce",
    ]


def test_an_environment_record_without_source_text_is_told_when_asked_for(tmp_path: Path) -> None:
    records = environment_records()[:2]
    records[1]["env_code"] = None
    data = opened(write_lines(tmp_path / "envs.jsonl", records))
    assert data.definition(MODULES[0]).name == MODULES[0]
    with pytest.raises(InvalidEnvironment, match=r"envs.jsonl:2: env_code: expected the source of the environment, got None"):
        data.definition(MODULES[1])


def test_of_two_environments_of_one_name_the_first_is_used(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    write_lines(
        tmp_path / "envs.jsonl", [{"env_code": source(WINDOW), "env_name": "TramLineEnv", "source": "Codeforces_9009_I"}]
    )
    data = opened(tmp_path)
    assert data.definition(TRAM).class_name == "TramLineEnv"
    assert [problem.problem for problem in data.problems] == [f"'{TRAM}' was there before; the first one is used"]


def test_tasks_that_carry_another_environment_under_the_same_name_are_wrong(tmp_path: Path) -> None:
    """They would be played by rules they were not made for. Another oracle is no other environment."""
    text = source(TRAM)
    head, solve, oracle = text.partition("def solve(")
    carried = [text, head + solve + "self): pass\n", text.replace("minutes", "hours"), oracle]
    records = [task(extra_info={"index": str(n), "gym_env": one}) for n, one in enumerate(carried)]
    data = opened(write_lines(tmp_path / "tasks.jsonl", records))
    assert [one.id for one in data.tasks(TRAM)] == ["0", "1"]
    assert [problem.line for problem in data.problems] == [3, 4]


def test_a_record_changed_after_opening_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    path = write_lines(tmp_path / "tasks.jsonl", [task()])
    data = opened(tmp_path)
    write_lines(path, [task(WINDOW)])
    with pytest.raises(InvalidTask, match=f"ability: expected the environment '{TRAM}', got '{WINDOW}'"):
        data.tasks(TRAM)


@pytest.mark.parametrize("row_group_size", [1, 7, GROUP_ROWS, GROUP_ROWS + 1, 1 << 20])
def test_parquet_rows_are_found_whatever_the_row_groups(tmp_path: Path, row_group_size: int) -> None:
    """pandas writes 20,000 sources into one row group; others write a thousand to each."""
    records = [task(config=json.dumps({"number": number})) for number in range(3 * GROUP_ROWS + 5)]
    table = ParquetRows(write_parquet(tmp_path / "tasks.parquet", records, row_group_size=row_group_size))
    rows = [row for row, _ in table.scan(["ability"])]
    for number in (0, GROUP_ROWS, len(rows) - 1, GROUP_ROWS - 1, 2 * GROUP_ROWS + 3):
        assert rows[number].read()["ability"] == records[number]["ability"]


@pytest.mark.parametrize(("left", "told"), [(1, "it has 1 rows"), (0, "it has no rows")])
def test_a_parquet_file_cut_after_opening_is_a_typed_error(tmp_path: Path, left: int, told: str) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    path = write_parquet(tmp_path / "tasks.parquet", [task(WINDOW), task()])
    data = opened(tmp_path)
    table = pytest.importorskip("pyarrow.parquet").read_table(path)
    pytest.importorskip("pyarrow.parquet").write_table(table.slice(0, left), path)
    with pytest.raises(InvalidTask, match=f"tasks.parquet row 1: the file was changed: {told}"):
        data.tasks(TRAM)


def test_a_parquet_row_is_named_in_errors(tmp_path: Path) -> None:
    (tmp_path / f"{TRAM}.py").write_text(source(TRAM))
    path = write_parquet(tmp_path / "tasks.parquet", [task(), task(config="[1]")])
    data = opened(tmp_path)
    assert len(data.tasks(TRAM)) == 1
    assert [(problem.where, problem.line) for problem in data.problems] == [(f"{path} row 1", None)]


def test_recorded_trajectories_are_not_read(tmp_path: Path) -> None:
    extra_info = {"std_traj": "long", "index": "5", "gym_env": source(TRAM), "obs_traj": "long"}
    table = ParquetRows(write_parquet(tmp_path / "tasks.parquet", [task(extra_info=extra_info)]))
    ((row, _),) = table.scan(["ability"])
    assert set(row.read()["extra_info"]) == {"index", "gym_env"}


def test_parquet_without_pyarrow_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "envs.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InvalidEnvironment, match=r"pip install -e '\.\[parquet\]'"):
        open_published(tmp_path)


def test_a_broken_parquet_file_is_a_typed_error(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "envs.parquet").write_bytes(b"no parquet")
    with pytest.raises(InvalidEnvironment, match="cannot be read as parquet"):
        open_published(tmp_path)


TEXTS = st.text() | st.sampled_from(['"ability"', '"ability":"', '\\"ability": "x"', "ability", '"gym_env": "', "\\", '\\"'])
VALUES = st.recursive(TEXTS | st.none() | st.integers(), lambda inner: st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4)


@settings(deadline=None)
@given(record=st.dictionaries(TEXTS, VALUES, max_size=4), ability=VALUES, ascii_only=st.booleans(), last=st.booleans())
def test_a_field_cut_out_of_its_line_is_what_a_json_parser_finds(
    tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any], ability: Any, ascii_only: bool, last: bool
) -> None:
    """Lines are not parsed in full for their keys; other fields may hold the key's name, quotes and backslashes."""
    record = {**record, "ability": ability} if last else {"ability": ability, **record, "ability ": 1}
    path = tmp_path_factory.getbasetemp() / "line.jsonl"
    path.write_bytes(json.dumps(record, ensure_ascii=ascii_only).encode("utf-8", "replace") + b"\n")
    expected = json.loads(path.read_bytes()).get("ability")
    ((_, (found,)),) = JsonLines(path).scan(["ability"])
    assert found == expected
