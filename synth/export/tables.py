"""Tables as files: parquet where pyarrow is installed, else JSON lines. Written beside the old file, then put in its place."""

import importlib
import importlib.util
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from codegym_mcp.errors import InvalidEnvironment

Form = Literal["parquet", "jsonl"]
Row = dict[str, Any]
NEEDS_PYARROW = "parquet needs pyarrow: pip install -e '.[parquet]' in a clone; or choose jsonl"


def best_form() -> Form:
    """Parquet, if it can be written here."""
    return "parquet" if importlib.util.find_spec("pyarrow") else "jsonl"


def write_table(stem: Path, rows: Sequence[Row], form: Form) -> Path:
    """Write rows of the same fields to `stem.parquet` or `stem.jsonl`; of the other form, nothing is left.

    Raises:
        InvalidEnvironment: parquet was asked for and pyarrow is not installed.
    """
    path = stem.with_name(f"{stem.name}.{form}")
    if form == "parquet":
        parquet, arrow = _arrow(stem)
        table = arrow.Table.from_pylist(list(rows))
        replace(path, lambda temporary: parquet.write_table(table, temporary))
    else:
        write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    stem.with_name(f"{stem.name}.{'jsonl' if form == 'parquet' else 'parquet'}").unlink(missing_ok=True)
    return path


def read_table(stem: Path) -> list[Row]:
    """Rows that `write_table` wrote; none where there is no such table."""
    if (path := stem.with_name(f"{stem.name}.parquet")).exists():
        rows: list[Row] = read_arrow(path).to_pylist()
        return rows
    path = stem.with_name(f"{stem.name}.jsonl")
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    return [json.loads(line) for line in lines if line]


def read_arrow(path: Path) -> Any:
    """A parquet file as a `pyarrow.Table`."""
    return _arrow(path)[0].read_table(path)


def _arrow(stem: Path) -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow.parquet"), importlib.import_module("pyarrow")
    except ImportError as exc:
        raise InvalidEnvironment(str(stem), NEEDS_PYARROW) from exc


def write_text(path: Path, text: str) -> None:
    """Write a file so that it is there in full or not at all; one that is the same already is left alone."""
    data = text.encode("utf-8", "surrogatepass")
    if not path.exists() or path.read_bytes() != data:
        replace(path, lambda temporary: temporary.write_bytes(data))


def replace(path: Path, write: Callable[[Path], Any]) -> None:
    """Have a file written beside its place, bring it to the disk, and put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        write(temporary)
        os.fsync(handle)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
