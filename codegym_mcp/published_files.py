"""Files of published records, JSON lines or parquet: the keys of all records at once, then one record at a time.

A data set has 20,000 sources of 15 kB, so neither class holds records: JSON lines are found again by byte offset,
parquet is copied once, at the first record asked for, into a temporary file of small row groups. What the records
mean is published_data.py's affair.
"""

import importlib
import json
import re
import tempfile
import threading
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidEnvironment

PROBE_LINES = 20
"""Lines read to tell what a file of JSON lines holds."""
GROUP_ROWS = 32
"""Rows per group of the temporary copy of a parquet file: about 0.5 MB of sources, a millisecond to read."""
GROUPS_KEPT = 8
SCAN_ROWS = 1 << 16
"""Rows read at a time where only keys are read."""
TEXT_FOLLOWS = re.compile(rb'\s*:\s*"')
COLUMNS = (
    *("env_code", "ability", "prompt", "plugin_call_max_round"),
    *("extra_info.index", "extra_info.gym_env", "extra_info.level", "extra_info.split"),
)
"""What is read of a parquet record, apart from its keys; the recorded trajectories, for one, are not."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where one record is."""

    table: "JsonLines | ParquetRows"
    position: int
    """Byte offset of its line, or number of its row."""
    number: int
    """Of its line from 1, or of its row from 0."""
    has_source: bool
    """Whether it seems to carry `extra_info.gym_env`."""

    def read(self) -> dict[str, Any]:
        """The record.

        Raises:
            ValueError: it is not one.
            OSError: the file cannot be read.
        """
        return self.table.read(self.position)

    @property
    def where(self) -> tuple[str, int | None]:
        """File and line, as errors want them; parquet has rows instead of lines."""
        return self.table.where(self.number)


class JsonLines:
    """One JSON object per line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def columns(self) -> set[str]:
        """Fields of the first record among the first lines; empty if none of these is a JSON object."""
        with self.path.open("rb") as file:
            for line in (line for line, _ in zip(file, range(PROBE_LINES), strict=False)):
                if record := _parse(line):
                    return set(record)
        return set()

    def scan(self, keys: Sequence[str]) -> Iterator[tuple[Row, list[Any]]]:
        """Every record's place and its values of `keys`, None where it has none or is no JSON object."""
        marks = [f'"{key}"'.encode() for key in keys]
        offset = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.isspace():
                    yield Row(self, offset, number, _text_start(line, b'"gym_env"') >= 0), _values(line, keys, marks)
                offset += len(line)

    def read(self, position: int) -> dict[str, Any]:
        """The record at a byte offset; see `Row.read`."""
        with self.path.open("rb") as file:
            file.seek(position)
            line = file.readline()
        record = _json(line)
        if not isinstance(record, dict):
            raise ValueError(f"expected a JSON object, got {type(record).__name__}")
        return record

    def where(self, number: int) -> tuple[str, int | None]:
        """See `Row.where`."""
        return str(self.path), number


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ValueError(f"not valid JSON: {exc}") from exc


def _parse(line: bytes) -> dict[str, Any]:
    try:
        record = _json(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _values(line: bytes, keys: Sequence[str], marks: Sequence[bytes]) -> list[Any]:
    """Fields that are texts, cut out of the line: parsing 80,000 records in full takes 11 s, this takes 3.

    Within JSON text a quote always follows a backslash, so an unescaped `"ability"` is a key or a whole value. Where it
    stands twice, or is no key of a text, the line is parsed after all.
    """
    values = [_cut(line, mark) for mark in marks]
    if None not in values:
        return values
    record = _parse(line)
    return [record.get(key) for key in keys]


def _cut(line: bytes, mark: bytes) -> str | None:
    start = _text_start(line, mark) if line.count(mark) == 1 else -1
    if start < 0:
        return None
    end = line.find(b'"', start)
    while end > 0 and line[end - 1] == ord("\\"):  # an escaped quote, or a text that ends in a backslash: be exact
        end = line.find(b'"', end + 1)
    try:
        value = json.loads(line[start - 1 : end + 1])
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _text_start(line: bytes, mark: bytes) -> int:
    """Where the text begins that is the value of a key; -1 if there is no such key, or its value is no text."""
    at = line.find(mark)
    while at >= 0:
        match = TEXT_FOLLOWS.match(line, at + len(mark))
        if match and line[at - 1 : at] != b"\\":
            return match.end()
        at = line.find(mark, at + 1)
    return -1


class ParquetRows:
    """One record per row."""

    def __init__(self, path: Path) -> None:
        """Raises:
        InvalidEnvironment: pyarrow is not installed, or the file is not parquet.
        """
        self.path = path
        try:
            self._parquet: Any = importlib.import_module("pyarrow.parquet")
        except ImportError as exc:
            hint = "reading parquet needs pyarrow: pip install -e '.[parquet]' in a clone"
            raise InvalidEnvironment(str(path), hint) from exc
        try:
            with self._open() as file:
                self._schema: Any = file.schema_arrow
        except (ValueError, OSError) as exc:
            raise InvalidEnvironment(str(path), f"cannot be read as parquet: {exc}") from exc
        self._lock = threading.Lock()
        self._copy: Any = None
        self._starts: list[int] = []
        self._group = lru_cache(GROUPS_KEPT)(self._read_group)

    def columns(self) -> set[str]:
        """Names of its columns."""
        return set(self._schema.names)

    def scan(self, keys: Sequence[str]) -> Iterator[tuple[Row, list[Any]]]:
        """Every record's place and its values of `keys`."""
        has_source = "extra_info" in self._schema.names and self._has_field("gym_env")
        number = 0
        with self._open() as file:
            for batch in file.iter_batches(SCAN_ROWS, columns=list(keys)):
                for values in zip(*(batch.column(key).to_pylist() for key in keys), strict=True):
                    yield Row(self, number, number, has_source), list(values)
                    number += 1

    def read(self, position: int) -> dict[str, Any]:
        """The record of a row, without the columns nobody reads; see `Row.read`."""
        with self._lock:
            if self._copy is None:
                self._copy = self._parquet.ParquetFile(self._copied())
                sizes = (self._copy.metadata.row_group(i).num_rows for i in range(self._copy.num_row_groups))
                self._starts = list(accumulate(sizes, initial=0))
            if position >= self._starts[-1]:
                raise ValueError(f"the file was changed: it has {self._starts[-1]} rows")
            number = bisect(self._starts, position) - 1
            group = self._group(number)
        record: dict[str, Any] = group.slice(position - self._starts[number], 1).to_pylist()[0]
        return record

    def where(self, number: int) -> tuple[str, int | None]:
        """See `Row.where`."""
        return f"{self.path} row {number}", None

    def _has_field(self, name: str) -> bool:
        kind = self._schema.field("extra_info").type
        return any(kind.field(i).name == name for i in range(kind.num_fields))

    def _open(self) -> Any:
        # Streams its pages: a row group of 20,000 sources is 300 MB.
        return self._parquet.ParquetFile(self.path, buffer_size=1 << 20, pre_buffer=False)

    def _read_group(self, group: int) -> Any:
        return self._copy.read_row_group(group)

    def _copied(self) -> Any:
        """A copy in small row groups: in the original, one record may cost a whole row group, that is everything."""
        sink = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as this object, and is gone with it
        with self._open() as file:
            batches = file.iter_batches(GROUP_ROWS, columns=list(COLUMNS))
            if (first := next(batches, None)) is None:
                raise ValueError("the file was changed: it has no rows")
            options: dict[str, Any] = {"compression": "lz4", "use_dictionary": False}
            with self._parquet.ParquetWriter(sink, first.schema, **options) as writer:
                for batch in chain([first], batches):
                    writer.write_batch(batch)
        return sink
