"""Published environments and their tasks, from a folder of `.py` files, JSON lines or parquet: names, definitions, tasks.

Opening reads keys alone. Environments are files `<code_id>__<EnvName>.py` or records of `env_code`, `env_name`, `source`;
tasks are training records, which may carry their environment in `extra_info.gym_env`. The two are joined by the module id,
never by the class name, which is not unique. A wrong record is a typed error for those who ask for it, and is listed in
`problems`; it does not keep the others from being used.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from codegym_mcp.definition import Definition
from codegym_mcp.errors import EnvironmentNotFound, InvalidEnvironment, InvalidTask, clip
from codegym_mcp.published import read_published
from codegym_mcp.published_default import default_task
from codegym_mcp.published_files import JsonLines, ParquetRows, Row
from codegym_mcp.published_tasks import gym_env, read_task, split_ability, task_ids
from codegym_mcp.schema import MAX_SOURCE_BYTES
from codegym_mcp.types import Task

MODULE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,199}")
"""`<code_id>__<EnvName>`, or whatever else may be part of a URL."""
MODULE_FILE = re.compile(r".+__[A-Za-z]\w*")
IMPORTS_GYM = re.compile(rb"^[ \t]*(?:import|from)[ \t]+gym(?:nasium)?\b", re.MULTILINE)
ENVIRONMENT_KEYS = ("env_name", "source")
DEFINITIONS_KEPT = 1024
"""Parsed definitions in memory, 20 to 40 kB each."""
TASKS_KEPT = 256
"""Environments whose tasks are in memory."""

Table = JsonLines | ParquetRows
Where = tuple[str, int | None]
"""File and line."""


def open_published(path: Path) -> "Published | None":
    """The published environments at a path: a folder, a `.py` file, or a file of records. None if there are none.

    Raises:
        InvalidEnvironment: a file cannot be read at all, or needs a package that is not installed.
        InvalidTask: there are tasks, but not their environments.
    """
    try:
        files = [file for file in (sorted(path.iterdir()) if path.is_dir() else [path]) if file.is_file()]
        modules = [file for file in files if file.suffix == ".py" and _is_module(file)]
        tables = [_table(file) for file in files if file.suffix in {".jsonl", ".parquet"}]
        found = Published(modules, tables)
    except (OSError, ValueError) as exc:  # ValueError: a damaged page of parquet
        raise InvalidEnvironment(str(path), f"cannot be read: {exc}") from exc
    if found.problems and not found.names():
        raise found.problems[0]
    return found if found.names() else None


def _is_module(file: Path) -> bool:
    if MODULE_FILE.fullmatch(file.stem):
        return True
    with file.open("rb") as stream:
        return bool(IMPORTS_GYM.search(stream.read(MAX_SOURCE_BYTES)))


def _table(file: Path) -> Table:
    return ParquetRows(file) if file.suffix == ".parquet" else JsonLines(file)


class Published:
    """Environments in the published format, with their tasks."""

    def __init__(self, modules: Sequence[Path], tables: Sequence[Table]) -> None:
        """Args:
        modules: files of one environment each, named by their stems.
        tables: environments or tasks; those that hold neither are left alone.
        """
        self._problems: dict[str, InvalidTask | InvalidEnvironment] = {}
        self._sources: dict[str, Path | Row] = {}
        self._rows: dict[str, list[Row]] = {}
        for file in modules:
            self._add_source(file.stem, file, (str(file), None))
        for table in tables:
            if (columns := table.columns()) >= {"env_code", *ENVIRONMENT_KEYS}:
                self._index_environments(table)
            elif "ability" in columns:
                self._index_tasks(table)
        self._names = self._playable()
        self._definition = lru_cache(DEFINITIONS_KEPT)(self._read_definition)
        self._tasks = lru_cache(TASKS_KEPT)(self._read_tasks)

    @property
    def problems(self) -> list[InvalidTask | InvalidEnvironment]:
        """Every wrong record met so far, once each."""
        return list(self._problems.values())

    def names(self) -> Sequence[str]:
        """Module ids `<code_id>__<EnvName>`, or the stems of files named otherwise."""
        return self._names

    def definition(self, name: str) -> Definition:
        """Read an environment: from `gym_env` of its tasks, else from the table or file that has its module id.

        Raises:
            EnvironmentNotFound: there is none of that name.
            InvalidEnvironment: its source is wrong.
        """
        return self._definition(name)

    def tasks(self, name: str) -> Sequence[Task]:
        """The tasks of an environment, without those whose records are wrong; these stand in `problems`.

        An environment that came without any record has one task, where its source tells how to play it.

        Raises:
            InvalidTask: all of them are wrong; the error of the first.
        """
        return self._tasks(name)

    def _index_environments(self, table: Table) -> None:
        for row, (env_name, source) in table.scan(ENVIRONMENT_KEYS):
            if isinstance(env_name, str) and isinstance(source, str):
                self._add_source(f"{source}__{env_name}", row, row.where)
            else:
                got = f"env_name, source: expected texts, got {clip(repr((env_name, source)), 120)}"
                self._note(_wrong_environment(row.where, _record(row)[1] or got))

    def _add_source(self, name: str, source: Path | Row, where: Where) -> None:
        if not MODULE_ID.fullmatch(name):
            problem = f"expected a name of at most 200 letters, digits, '_', '-' and '.', got '{clip(name, 80)}'"
            self._note(_wrong_environment(where, problem))
        elif name in self._sources:
            self._note(_wrong_environment(where, f"'{name}' was there before; the first one is used"))
        else:
            self._sources[name] = source

    def _index_tasks(self, table: Table) -> None:
        for row, (ability,) in table.scan(["ability"]):
            name = split_ability(ability)[0] if isinstance(ability, str) else ""
            if MODULE_ID.fullmatch(name):
                self._rows.setdefault(name, []).append(row)
            else:
                got = f"ability: expected '<code_id>__<EnvName>@<config>', got {clip(repr(ability), 120)}"
                self._note(_wrong_task(row.where, _record(row)[1] or got))

    def _playable(self) -> tuple[str, ...]:
        """Environments that have a source. Tasks without one are a problem, told once for all of an environment."""
        carried = [name for name, rows in self._rows.items() if any(row.has_source for row in rows)]
        names = dict.fromkeys([*self._sources, *carried])
        for name in self._rows.keys() - names.keys():
            problem = f"ability: there is no environment '{name}' here, and no extra_info.gym_env"
            self._note(_wrong_task(self._rows[name][0].where, problem))
        return tuple(names)

    def _read_definition(self, name: str) -> Definition:
        try:
            source, where = self._source(name)
            return read_published(source, name=name, where=where)
        except InvalidEnvironment as exc:
            self._note(exc)
            raise

    def _source(self, name: str) -> tuple[str, str]:
        """The source of an environment, and where it stands."""
        rows = self._rows.get(name, [])
        for row in rows:
            if row.has_source and (text := gym_env(_record(row)[0])):
                return text, f"{_place(row)}, extra_info.gym_env"
        match self._sources.get(name):
            case Path() as file:
                return _text(file), str(file)
            case Row() as row:
                return _env_code(row), f"{_place(row)}, env_code"
        if name not in self._names:
            raise EnvironmentNotFound(name)
        raise _wrong_environment(rows[0].where, "extra_info.gym_env: expected the source of the environment")

    def _read_tasks(self, name: str) -> tuple[Task, ...]:
        rows = self._rows.get(name, [])
        return self._read_rows(name, rows) if rows else self._default(name)

    def _default(self, name: str) -> tuple[Task, ...]:
        try:
            task = default_task(self.definition(name))
        except (EnvironmentNotFound, InvalidEnvironment):  # told to those who ask for the definition
            return ()
        return () if task is None else (task,)

    def _read_rows(self, name: str, rows: Sequence[Row]) -> tuple[Task, ...]:
        found: list[Task] = []
        wrong: list[InvalidTask] = []
        records = [_record(row) for row in rows]
        ids = task_ids([record for record, _ in records])
        rules = next((_rules(record) for record, _ in records if gym_env(record)), "")
        for row, (record, unreadable), id in zip(rows, records, ids, strict=True):
            where, line = row.where
            try:
                if unreadable:
                    raise InvalidTask(where, unreadable, line)
                if gym_env(record) and _rules(record) != rules:
                    raise InvalidTask(where, "extra_info.gym_env: differs from that of the environment's first task", line)
                found.append(read_task(record, environment=name, id=id, where=where, line=line))
            except InvalidTask as exc:
                self._note(exc)
                wrong.append(exc)
        if wrong and not found:
            raise wrong[0]
        return tuple(found)

    def _note(self, problem: InvalidTask | InvalidEnvironment) -> None:
        self._problems.setdefault(str(problem), problem)


def _wrong_environment(where: Where, problem: str) -> InvalidEnvironment:
    return InvalidEnvironment(where[0], problem, where[1])


def _wrong_task(where: Where, problem: str) -> InvalidTask:
    return InvalidTask(where[0], problem, where[1])


def _record(row: Row) -> tuple[dict[str, Any], str]:
    """The record, or an empty one and why it cannot be read."""
    try:
        return row.read(), ""
    except (ValueError, OSError) as exc:
        return {}, str(exc)


def _env_code(row: Row) -> str:
    record, unreadable = _record(row)
    code = record.get("env_code")
    if not isinstance(code, str):
        problem = unreadable or f"env_code: expected the source of the environment, got {clip(repr(code), 80)}"
        raise _wrong_environment(row.where, problem)
    return code


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidEnvironment(str(file), f"cannot be read as UTF-8 text: {exc}") from exc


def _place(row: Row) -> str:
    """Where a record is, in one text."""
    where, line = row.where
    return where if line is None else f"{where}:{line}"


def _rules(record: Mapping[str, Any]) -> str:
    """The environment a task carries, without the oracle, which may have been written anew for each."""
    return gym_env(record).partition("def solve(")[0].rstrip()
