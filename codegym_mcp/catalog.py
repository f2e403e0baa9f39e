"""Where environments and tasks come from: the bundled ones, a folder, one file, or a published data set.

Sources are read lazily: opening a catalog of 20,000 environments reads names, a definition is read when it is asked for.
"""

import difflib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from codegym_mcp.definition import Definition, read_native
from codegym_mcp.errors import EnvironmentNotFound, InvalidEnvironment, InvalidTask, TaskNotFound, clip
from codegym_mcp.published_data import open_published
from codegym_mcp.types import Task, plain_json

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,199}$")
"""An environment's name is part of a URL."""
MAX_TASK_BYTES = 1 << 22


class Source(Protocol):
    """One place environments come from."""

    def names(self) -> Sequence[str]:
        """The environments it has."""

    def definition(self, name: str) -> Definition:
        """Read one of them."""

    def tasks(self, name: str) -> Sequence[Task]:
        """Its tasks; may be none."""


class NativeFolder:
    """Folders of `env.py`, `tasks.jsonl` and `card.json`, one per environment."""

    def __init__(self, folders: dict[str, Path], *, trusted: bool = False) -> None:
        self._folders, self.trusted = folders, trusted
        self._definitions: dict[str, Definition] = {}
        self._tasks: dict[str, list[Task]] = {}

    def names(self) -> Sequence[str]:
        """The environments it has."""
        return list(self._folders)

    def definition(self, name: str) -> Definition:
        """Read one of them."""
        if name not in self._definitions:
            path = self._folders[name] / "env.py"
            source = read_text(path)
            self._definitions[name] = read_native(source, name=name, where=str(path), trusted=self.trusted)
        return self._definitions[name]

    def tasks(self, name: str) -> Sequence[Task]:
        """Its tasks."""
        if name not in self._tasks:
            path = self._folders[name] / "tasks.jsonl"
            self._tasks[name] = read_tasks(path, name) if path.exists() else []
        return self._tasks[name]

    def folder(self, name: str) -> Path:
        """Where one of them lives."""
        return self._folders[name]


class Catalog:
    """Environments and tasks of one or several sources, by name."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Raises:
        InvalidEnvironment: a name is unusable, or two sources have the same one.
        """
        self._source: dict[str, Source] = {}
        for source in sources:
            for name in source.names():
                if not NAME.match(name):
                    raise InvalidEnvironment(name, "a name has letters, digits, '_', '-' and '.', at most 200 of them")
                if name in self._source:
                    raise InvalidEnvironment(name, "two environments have this name; rename a folder or serve them apart")
                self._source[name] = source

    @classmethod
    def bundled(cls) -> "Catalog":
        """The environments that come with codegym-mcp, reviewed by its authors."""
        return cls([_bundled()])

    @classmethod
    def of(cls, *paths: Path | str) -> "Catalog":
        """Environments of folders, files and data sets of any known form.

        Raises:
            InvalidEnvironment: a path holds none.
        """
        return cls([open_source(Path(path)) for path in paths])

    def names(self) -> list[str]:
        """All environments, in the order of their sources."""
        return list(self._source)

    def __len__(self) -> int:
        """How many environments there are."""
        return len(self._source)

    def __contains__(self, name: object) -> bool:
        """Whether there is an environment of that name."""
        return name in self._source

    def definition(self, name: str) -> Definition:
        """Read an environment.

        Raises:
            EnvironmentNotFound: there is none of that name.
            InvalidEnvironment: its source is wrong.
        """
        return self._find(name).definition(name)

    def tasks(self, name: str) -> Sequence[Task]:
        """The tasks of an environment.

        Raises:
            EnvironmentNotFound: there is none of that name.
            InvalidTask: a record is wrong: file, line, field.
        """
        return self._find(name).tasks(name)

    def task(self, name: str, id: str) -> Task:
        """One task of an environment.

        Raises:
            TaskNotFound: it has none of that id.
        """
        for task in self.tasks(name):
            if task.id == id:
                return task
        raise TaskNotFound(name, id)

    @property
    def trusted(self) -> bool:
        """Whether all its environments are bundled ones."""
        return all(isinstance(source, NativeFolder) and source.trusted for source in set(self._source.values()))

    def folder(self, name: str) -> Path | None:
        """Where a native environment lives, for those who write its card."""
        source = self._find(name)
        return source.folder(name) if isinstance(source, NativeFolder) else None

    def _find(self, name: str) -> Source:
        if name not in self._source:
            raise EnvironmentNotFound(name, difflib.get_close_matches(name, self._source, n=3))
        return self._source[name]


@lru_cache(maxsize=1)
def _bundled() -> NativeFolder:
    return NativeFolder(_native_folders(servers_folder()), trusted=True)


def servers_folder() -> Path:
    """The bundled environments: beside the package in a checkout, inside it when installed from a wheel."""
    installed = Path(__file__).parent / "servers"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "servers"


def open_source(path: Path) -> Source:
    """Whatever environments a path holds.

    Raises:
        InvalidEnvironment: none, or none that can be told apart, or it may not be read.
    """
    try:
        return _look_through(path)
    except OSError as exc:
        raise InvalidEnvironment(str(path), f"cannot be read: {exc.strerror}") from exc


def _look_through(path: Path) -> Source:
    if not path.exists():
        raise InvalidEnvironment(str(path), "there is no such file or folder")
    path = path.resolve()
    if path.name == "env.py":
        return NativeFolder({path.parent.name: path.parent})
    if path.is_dir() and (path / "env.py").exists():
        return NativeFolder({path.name: path})
    if path.is_dir() and (folders := _native_folders(path) or _native_folders(path / "environments")):
        return NativeFolder(folders)
    if (published := open_published(path)) is not None:
        return published
    raise InvalidEnvironment(
        str(path), "holds no environments: expected NAME/env.py, published .py files, or .jsonl / .parquet of them"
    )


def _native_folders(path: Path) -> dict[str, Path]:
    return {env.parent.name: env.parent for env in sorted(path.glob("*/env.py"))}


def read_tasks(path: Path, environment: str) -> list[Task]:
    """The tasks of a native environment, one JSON object per line.

    Raises:
        InvalidTask: with file, line and field.
    """
    tasks: dict[str, Task] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise InvalidTask(str(path), f"expected a JSON object, got {type(record).__name__}", number)
            plain_json(record, MAX_TASK_BYTES)
            task = Task.model_validate({**record, "environment": environment})
        except ValidationError as exc:
            raise InvalidTask(str(path), explain(exc), number) from exc
        except (ValueError, RecursionError) as exc:
            raise InvalidTask(str(path), f"not valid JSON: {exc}", number) from exc
        if task.id in tasks:
            raise InvalidTask(str(path), f"the id '{clip(task.id, 80)}' stands twice", number)
        tasks[task.id] = task
    return list(tasks.values())


def explain(exc: ValidationError) -> str:
    """The first thing wrong in a record: the field, what was expected, what came."""
    first = exc.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"])) or "record"
    return f"{field}: {first['msg']}, got {clip(repr(first.get('input')), 120)}"


def read_text(path: Path) -> str:
    """A file as text.

    Raises:
        InvalidEnvironment: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidEnvironment(str(path), f"cannot be read as UTF-8 text: {exc}") from exc
