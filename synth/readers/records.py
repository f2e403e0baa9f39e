"""Files -> raw records, each with its place. What cannot be read is told line by line, and reading goes on."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from codegym_mcp.errors import CatalogError

MAX_LINE_BYTES = 4 << 20
"""A longer line is no problem anybody wrote."""


class NoProblems(CatalogError):
    """There is nothing to read: says what to do."""


class Record(NamedTuple):
    """One raw record, or what is wrong with it."""

    where: str
    """FILE:LINE, or FILE:ROW of a table."""
    data: dict[str, Any] | None
    wrong: str = ""


def read_records(path: Path) -> Iterator[Record]:
    """Records of a .jsonl, .json or .parquet file; .gz is unpacked on the way.

    Raises:
        OSError: there is no such file.
        NoProblems: parquet needs an extra.
    """
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        try:
            first = file.read(1)
            file.seek(0)
        except (EOFError, OSError) as exc:  # of gzip
            yield Record(f"{path.name}:1", None, f"expected a packed file: {exc}")
            return
        yield from _read_array(path, file) if first == b"[" else _read_lines(path, file)


def _read_lines(path: Path, file: BinaryIO | gzip.GzipFile) -> Iterator[Record]:
    number = 0
    while line := _readline(file):
        number += 1
        where = f"{path.name}:{number}"
        if isinstance(line, str):
            yield Record(where, None, line)
            return
        if len(line) > MAX_LINE_BYTES:
            yield Record(where, None, f"expected a line of at most {MAX_LINE_BYTES >> 20} MiB")
            while not line.endswith(b"\n") and (line := file.readline(MAX_LINE_BYTES)):
                pass
        elif line.strip():
            yield _record(where, line)


def _readline(file: BinaryIO | gzip.GzipFile) -> bytes | str:
    try:
        return file.readline(MAX_LINE_BYTES + 1)
    except (EOFError, OSError, zlib.error) as exc:
        return f"expected more of the packed file: {exc}"


def _record(where: str, line: bytes) -> Record:
    try:
        data = json.loads(line.decode("utf-8-sig" if where.endswith(":1") else "utf-8"))
    except UnicodeDecodeError as exc:
        return Record(where, None, f"expected UTF-8, got byte {line[exc.start]:#x} at {exc.start}")
    except (ValueError, RecursionError) as exc:
        return Record(where, None, f"expected JSON: {exc}")
    return _checked(where, data)


def _checked(where: str, data: Any) -> Record:
    if isinstance(data, dict):
        return Record(where, data)
    return Record(where, None, f"expected a JSON object, got {type(data).__name__}")


def _read_array(path: Path, file: BinaryIO | gzip.GzipFile) -> Iterator[Record]:
    try:
        rows = json.loads(file.read().decode())
    except (ValueError, RecursionError, EOFError, OSError, zlib.error) as exc:
        yield Record(f"{path.name}:1", None, f"expected a JSON array: {exc}")
        return
    for number, data in enumerate(rows, 1):
        yield _checked(f"{path.name}:{number}", data)


def _read_parquet(path: Path) -> Iterator[Record]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as exc:
        raise NoProblems("parquet files need an extra: pip install -e '.[parquet]' in a clone") from exc
    try:
        number = 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=64):
                for data in batch.to_pylist():
                    number += 1
                    yield Record(f"{path.name}:{number}", data)
    except pa.ArrowException as exc:
        yield Record(f"{path.name}:{number + 1}", None, f"expected parquet: {exc}")
