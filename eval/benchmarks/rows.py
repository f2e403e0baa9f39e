"""Rows of a data set: from a file, from a folder, or from the Hugging Face hub. What they mean is their benchmark's."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import InvalidRequest, InvalidTask, clip
from eval.absent import Absent

SUFFIXES = (".jsonl", ".parquet")


@dataclass(frozen=True)
class Row:
    """One row, and where it stands."""

    path: Path
    number: int
    """From 1: the line of a JSONL file, the row of a parquet file."""
    values: dict[str, Any]

    def text(self, field: str) -> str:
        """A field that is a text, or a number where an id is one.

        Raises:
            InvalidTask: it is missing, or something else.
        """
        value = self.values.get(field)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(field, f"must be a text, got {kind(value)}")
        return str(value)

    def texts(self, field: str) -> list[str]:
        """A field that is a list of texts.

        Raises:
            InvalidTask: it is missing, or something else.
        """
        value = self.values.get(field)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(field, f"must be a list of texts, got {kind(value)}")
        return value

    def wrong(self, field: str, problem: str) -> InvalidTask:
        """The error of a field."""
        return InvalidTask(str(self.path), f"'{field}' {problem}", self.number)


def kind(value: Any) -> str:
    """A value's type, for errors."""
    return "nothing" if value is None else f"{type(value).__name__} {clip(repr(value), 60)}"


def files_of(data: str | Path, part: str) -> list[Path]:
    """The files of one part of a data set: the file that was given, or those of a folder with the part in their names.

    Args:
        data: a file or a folder.
        part: test, validation.

    Raises:
        InvalidRequest: there is no such file or folder.
    """
    path = Path(data).expanduser()
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InvalidRequest("data", f"there is no file or folder '{data}'")
    return sorted(file for suffix in SUFFIXES for file in path.rglob(f"*{suffix}") if part in file.name and file.is_file())


def read_rows(files: Sequence[Path]) -> list[Row]:
    """All rows of these files, in order.

    Raises:
        InvalidTask: with file and line of what cannot be read.
        Absent: a parquet file, and nothing that reads it.
    """
    return [row for path in files for row in (_parquet(path) if path.suffix == ".parquet" else _jsonl(path))]


def content_of(files: Sequence[Path]) -> str:
    """A short hash of what they hold."""
    return content_hash(*(path.read_bytes().hex() for path in files))[:12]


def fetched(repository: str, pattern: str, remedy: str, revision: str | None = None) -> Path:
    """A folder with files of a data set on the Hugging Face hub, fetched unless they have been before.

    Args:
        pattern: of the files that are wanted.
        remedy: how else to get them.

    Raises:
        Absent: they cannot be had.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as exc:
        raise Absent(repository, remedy) from exc
    try:
        return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=[pattern]))
    except Exception as exc:  # its own errors, its HTTP client's, the disk's: each means that the data are not here
        raise Absent(repository, f"{type(exc).__name__}: {clip(exc, 200).rstrip('.')}. {remedy}") from exc


def _jsonl(path: Path) -> Iterator[Row]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidTask(str(path), f"cannot be read: {exc}") from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                values = json.loads(line)
            except (ValueError, RecursionError) as exc:
                raise InvalidTask(str(path), f"no JSON: {exc}", number) from exc
            if not isinstance(values, dict):
                raise InvalidTask(str(path), f"must be a JSON object, got {kind(values)}", number)
            yield Row(path, number, values)


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as exc:
        raise Absent("pyarrow, which reads parquet files,", "`pip install pyarrow` brings it.") from exc
    try:
        found = parquet.read_table(path).to_pylist()
    except (OSError, pyarrow.ArrowException) as exc:
        raise InvalidTask(str(path), f"cannot be read: {exc}") from exc
    for number, values in enumerate(found, start=1):
        yield Row(path, number, values)
