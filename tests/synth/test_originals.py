"""Ground truth: what original solutions answer, as plain JSON, and in one line why one does not. All in the sandbox."""

import asyncio
import os
from collections import Counter, OrderedDict, namedtuple
from fractions import Fraction
from typing import Any

import pytest

from codegym_mcp.sandbox import pool as sandbox
from codegym_mcp.sandbox.pool import Pool
from synth.inputs.originals import MAX_ANSWER_CHARS, Originals, Truth
from synth.plain import as_json
from synth.problem import Problem

Place = namedtuple("Place", "x y")


def problem(solution: str, entry: str | None = "f") -> Problem:
    """A problem of which only the solution matters."""
    return Problem(id="p", statement="It.", solution=solution, entry_point=entry)


def pools() -> tuple[Pool, Pool]:
    """Two sandboxes with different hashes."""
    return Pool(zygotes=1, spares=2), Pool(zygotes=1, spares=1, hash_seed=11)


async def asked(solution: str, configs: list[dict[str, Any]], entry: str | None = "f", **options: Any) -> list[Truth]:
    """What a solution says."""
    one, two = pools()
    async with one, two:
        return await Originals(one, two).answers(problem(solution, entry), configs, **options)


# ----------------------------------------------------------------------------------------------------------- plain JSON
@pytest.mark.parametrize(
    "value, plain",
    [
        ((1, (2, [3])), [1, [2, [3]]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({(2, 1), (1, 9)}), [[1, 9], [2, 1]]),
        ({1, "a", (2,)}, [1, [2], "a"]),
        ({1: {2: (3,)}, "x": None}, {"1": {"2": [3]}, "x": None}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (Place(1, 2.5), [1, 2.5]),
        (range(3), [0, 1, 2]),
        (2**1000, 2**1000),
        (True, True),
    ],
)
def test_plain_json_of_what_solutions_return(value: Any, plain: Any) -> None:
    assert as_json(value) == plain and type(as_json(value)) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [float("inf")],
        {"x": -float("inf")},
        len,
        object(),
        Fraction(1, 2),
        1j,
        b"bytes",
        iter([1]),
        "\ud800",
        {(1, 2): 3},
        {1.5: 2},
        {True: 1},
        {1: "a", "1": "b"},
        2**1024,
    ],
)
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        as_json(value)


def test_endless_nesting_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nested too deeply"):
        as_json(loop)


# -------------------------------------------------------------------------------------------------------------- answers
async def test_answers_of_functions_come_in_order_however_many_there_are() -> None:
    truths = await asked("def f(n, k=2):\n    return (n * k, {n})\n", [{"n": n} for n in range(100)])
    assert truths == [Truth([2 * n, [n]], None) for n in range(100)]


async def test_long_answers_do_not_fit_into_one_reply_and_still_come() -> None:
    truths = await asked("def f(n):\n    return str(n) * 3000\n", [{"n": n % 10} for n in range(40)])
    assert [truth.answer for truth in truths] == [str(n % 10) * 3000 for n in range(40)]


@pytest.mark.parametrize(
    "script",
    [
        "n = int(input())\nprint(sum(int(input()) for _ in range(n)), ' ')\n",
        "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n",
        "import sys\nlines = sys.stdin.buffer.readlines()\nsys.stdout.write(str(sum(map(int, lines[1:]))) + '\\n\\n')\n",
        "data = open(0).read().split()\nif __name__ == '__main__':\n    print(sum(map(int, data[1:])))\n    exit()\n",
    ],
)
async def test_scripts_read_standard_input_and_print(script: str) -> None:
    truths = await asked(script, [{"stdin": "2\n3\n4\n"}, {"stdin": "1\n-7\n"}], None, repeat=True)
    assert truths == [Truth("7", None), Truth("-7", None)]


async def test_arguments_and_module_are_fresh_for_every_input() -> None:
    state = "seen = []\ndef f(xs):\n    xs.append(len(seen))\n    seen.append(1)\n    return xs\n"
    truths = await asked(state, [{"xs": [5]}, {"xs": [5]}])
    assert [truth.answer for truth in truths] == [[5, 0], [5, 0]]


FAILURES = [
    ("return 1 // n", "raised ZeroDivisionError: integer division or modulo by zero"),
    ("raise SystemExit(3)", "raised SystemExit: 3"),
    ("return f(n)", "raised RecursionError: maximum recursion depth exceeded"),
    ("return None", "answer is null"),
    ("return 1e400", "answer is not JSON: the number inf"),
    ("return (i for i in [1])", "answer is not JSON: an object of type generator"),
    ("return 'x' * 5000", f"answer is longer than {MAX_ANSWER_CHARS} characters"),
    ("return len(bytearray(1 << 30))", "ran out of memory"),
    ("import os; os._exit(0)", "ended its process"),
    ("import socket", "raised ModuleNotFoundError: No module named 'socket'"),
    ("return open('/etc/hostname').read()", "raised PermissionError"),
]
"""What a function does, and how its failure is told."""


async def test_a_failure_is_one_line_and_spoils_no_other_input() -> None:
    async with Pool(zygotes=1, spares=2) as pool:
        for body, failure in FAILURES:
            solution = problem(f"def f(n):\n    if n:\n        return n\n    {body}\n")
            truths = await Originals(pool).answers(solution, [{"n": n} for n in (1, 2, 0, 3)])
            assert [truth.answer for truth in truths] == [1, 2, None, 3], body
            assert [truth.failure for truth in truths[:2]] == [None, None]
            assert (truths[2].failure or "").startswith(failure) and "\n" not in (truths[2].failure or ""), truths[2]


async def test_a_syntax_error_is_told() -> None:
    (truth,) = await asked("def f(n) return n", [{"n": 1}])
    assert truth.failure is not None and truth.failure.startswith("raised SyntaxError: expected ':'")


async def test_an_endless_loop_is_stopped_and_after_a_few_the_rest_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "OPEN_LIMIT_S", 1.5)
    slow = "def f(n):\n    while n:\n        pass\n    return 7\n"
    truths = await asked(slow, [{"n": n} for n in (0, 1, 2, 0)])
    assert truths[0] == Truth(7, None)
    assert [truth.failure for truth in truths[1:3]] == ["ran past 1 s and was stopped"] * 2
    assert [truth.failure for truth in truths[3:]] == ["not tried: others ran past their limit"]


async def test_lines_are_counted_where_asked() -> None:
    """Unlike time, the same on every machine: what a run of the pipeline keeps must not depend on it."""
    slow = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\n"
    truths = await asked(slow, [{"n": 10}, {"n": 10**9}, {"n": 20}], steps=1000)
    assert [truth.failure for truth in truths] == [None, "ran past 1000 lines", None]


@pytest.mark.parametrize(
    "solution",
    [
        "def f(n):\n    return list({str(i) for i in range(20)})\n",
        "import random\ndef f(n):\n    return random.random()\n",
        "def f(n, seen=[]):\n    seen.append(n)\n    return seen\n",
        "import time\ndef f(n):\n    return time.perf_counter_ns()\n",
        "def f(n):\n    return id(object()) + len(str(id(f)))\n",
    ],
)
async def test_an_answer_that_changes_is_refused_when_asked_again(solution: str) -> None:
    (truth,) = await asked(solution, [{"n": 1}], repeat=True)
    assert truth.answer is None and truth.failure is not None and "answer differs" in truth.failure


async def test_order_of_keys_is_no_difference() -> None:
    (truth,) = await asked("def f(n):\n    return {k: 1 for k in {'a', 'b', 'c', 'd', 'e'}}\n", [{"n": 1}], repeat=True)
    assert truth.answer == dict.fromkeys("abcde", 1)


FORGED = """import sys
def f(n):
    frame = sys._getframe()
    while "results" not in frame.f_locals:
        frame = frame.f_back
    frame.f_locals["results"].append(REPLY)
    return 1
"""


@pytest.mark.parametrize("reply", ["1", "{}", "{'answer': float('nan')}", "{'answer': 5}", "[[]]"])
async def test_a_solution_that_writes_in_the_reply_is_not_believed(reply: str) -> None:
    one = Pool(zygotes=1, spares=2)
    async with one:
        truths = await Originals(one).answers(problem(FORGED.replace("REPLY", reply)), [{"n": 1}, {"n": 2}])
    assert len(truths) == 2 and all(truth.answer is None and truth.failure for truth in truths)


async def test_originals_run_beside_each_other_and_not_as_this_process() -> None:
    one = Pool(zygotes=1, spares=2)
    async with one:
        originals = Originals(one)
        who = problem("import os\ndef f(n):\n    return [n, os.getpid()]\n")
        answers = await asyncio.gather(*(originals.answers(who, [{"n": n}]) for n in range(5)))
    assert [truth.answer[0] for (truth,) in answers if truth.answer] == list(range(5))
    pids = {truth.answer[1] for (truth,) in answers if truth.answer}
    assert len(pids) == 5 and os.getpid() not in pids
