"""Opening a catalog of 20,000 published environments against reading the bytes of its files.

    python tests/bench/bench_catalog.py [--rounds 3] [--environments 20000]

The environments are one of the test fixtures under 20,000 names, as a folder of modules, as JSON lines and as parquet.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
from harness import run, tell

from codegym_mcp.bench import alternate, ratios
from codegym_mcp.catalog import Catalog

FIXTURES = Path(__file__).parents[1] / "fixtures" / "published"


async def measure(rounds: int, environments: int) -> None:
    """Print the ratios."""
    fixture = sorted(FIXTURES.glob("*.py"))[0]
    source, name = fixture.read_text(), fixture.stem.partition("__")[2]
    rows = [
        {"env_code": f"{source}\n# {number}\n", "env_name": name, "source": f"Generated_{number}_I"}
        for number in range(environments)
    ]
    with tempfile.TemporaryDirectory() as folder:
        forms = {"folder": folder_of, "jsonl": jsonl_of, "parquet": parquet_of}
        for form, write in forms.items():
            path = write(Path(folder), rows)
            found = await alternate(
                rounds,
                {
                    "read": timed(lambda path=path: read(path)),
                    "open": timed(lambda path=path: opened(path, environments)),
                    "first": timed(lambda path=path: first(path)),
                },
            )
            what = f"{environments} environments"
            tell(f"{form}: open and list, s", found["open"], what)
            tell(f"{form}: open and list / read the bytes", ratios(found["open"], found["read"]), what)
            tell(f"{form}: open, list and one definition / open and list", ratios(found["first"], found["open"]), what)


def timed(work: Callable[[], None]) -> Callable:
    """A side that tells seconds."""

    async def side() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return side


def read(path: Path) -> None:
    """The bytes of a file, or of all files of a folder."""
    for file in path.iterdir() if path.is_dir() else [path]:
        file.read_bytes()


def opened(path: Path, environments: int) -> None:
    """Open and list."""
    assert len(Catalog.of(path).names()) == environments


def first(path: Path) -> None:
    """Open, list, and read one definition."""
    catalog = Catalog.of(path)
    catalog.definition(catalog.names()[-1])


def folder_of(folder: Path, rows: list[dict[str, str]]) -> Path:
    """One module per environment."""
    path = folder / "modules"
    path.mkdir()
    for row in rows:
        (path / f"{row['source']}__{row['env_name']}.py").write_text(row["env_code"])
    return path


def jsonl_of(folder: Path, rows: list[dict[str, str]]) -> Path:
    """One line per environment."""
    path = folder / "environments.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def parquet_of(folder: Path, rows: list[dict[str, str]]) -> Path:
    """One row per environment; not compressed, since sources that differ in a number would come to nothing."""
    path = folder / "environments.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, compression="none", use_dictionary=False)
    return path


if __name__ == "__main__":
    run(measure, rounds=3, environments=20_000)
