"""Inputs: recorded from a problem's own tests, drawn by its generator, or varied by type; plain JSON, valid, of all levels."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.sandbox import pool as sandbox
from codegym_mcp.sandbox.pool import Pool
from synth.inputs.find import choose, find_inputs
from synth.inputs.originals import Originals
from synth.inputs.preparation import LEVELS, prepare
from synth.inputs.vary import Varier, weight
from synth.problem import Candidate, Input, Problem, Rejection
from synth.readers import read
from synth.verify.truth import unseen_inputs

LAYOUTS = Path(__file__).parents[1] / "fixtures" / "problems" / "layouts"
TOTAL = "def f(xs):\n    return sum(xs)\n"


def problem(solution: str, **fields: Any) -> Problem:
    """A problem whose entry point is f."""
    return Problem.model_validate({"id": "p", "statement": "It.", "entry_point": "f", "solution": solution} | fields)


async def prepared(problem: Problem) -> Problem | Rejection:
    """After its tests have run."""
    async with Pool(zygotes=1, spares=2) as pool:
        return await prepare(Originals(pool), problem)


async def found(problem: Problem, wanted: int = 12, seed: int = 1) -> list[Input] | Rejection:
    """Inputs, of the problem as it was prepared."""
    async with Pool(zygotes=1, spares=2) as pool, Pool(zygotes=1, spares=1, hash_seed=5) as other:
        originals = Originals(pool, other)
        ready = await prepare(originals, problem)
        return ready if isinstance(ready, Rejection) else await find_inputs(originals, ready, wanted=wanted, seed=seed)


async def reason(problem: Problem) -> tuple[str, str]:
    """Why a problem was refused."""
    result = await found(problem)
    assert isinstance(result, Rejection) and result.stage == "original", result
    return result.reason, result.detail


# ------------------------------------------------------------------------------------------ what tests call the entry with
UNITTEST = """import unittest
from fruit import f

class FruitTest(unittest.TestCase):
    def setUp(self):
        self.base = 3

    def test_total(self):
        self.assertEqual(f([self.base, 4]), 7)
        for number in (1, 2):
            with self.subTest(number=number):
                self.assertAlmostEqual(f([number, 0.1]), number + 0.1)

    def test_wrong(self):
        with self.assertRaises(TypeError):
            f(["a"])

if __name__ == "__main__":
    unittest.main()
"""
PYTEST = """import pytest
from solution import f

class TestTotal:
    @pytest.mark.parametrize("xs, total", [([1, 2], 3), ([0.1, 0.2], pytest.approx(0.3))])
    def test_total(self, xs, total):
        assert f(xs) == total

def test_wrong():
    with pytest.raises(TypeError, match="unsupported"):
        f(["a"])
"""
DOCTEST = '''def f(xs):
    """Sum up.

    >>> f([1, 2])
    3
    >>> for n in range(2):
    ...     print(f([n, 10]))
    10
    11
    >>> f(["a"])
    Traceback (most recent call last):
        ...
    TypeError: unsupported operand type(s) for +: 'int' and 'str'
    """
    return sum(xs)
'''


@pytest.mark.parametrize(
    "fields, inputs",
    [
        ({"tests": "assert f([1, 2]) == 3\nassert f(xs=[4]) == 4\nassert f([1, 2]) == 3"}, [[1, 2], [4]]),
        ({"tests": "def check(candidate):\n    for n in range(3):\n        assert candidate([n]) == n"}, [[0], [1], [2]]),
        ({"tests": "def check(candidate):\n    assert candidate([7]) == 7\n\ncheck(f)"}, [[7]]),
        ({"tests": UNITTEST, "test_kind": "unittest"}, [[3, 4], [1, 0.1], [2, 0.1]]),
        ({"tests": PYTEST, "test_kind": "pytest"}, [[1, 2], [0.1, 0.2]]),
        ({"solution": DOCTEST, "test_kind": "doctest"}, [[1, 2], [0, 10], [1, 10]]),
    ],
)
async def test_tests_of_every_kind_pass_and_tell_their_inputs(fields: dict[str, Any], inputs: list[Any]) -> None:
    ready = await prepared(problem(**({"solution": TOTAL} | fields)))
    assert isinstance(ready, Problem) and [config["xs"] for config in ready.inputs] == inputs


@pytest.mark.parametrize(
    "fields, detail",
    [
        ({"tests": "assert f([1, 2]) == 3\nassert f([1]) == 2"}, "AssertionError"),
        ({"tests": "def check(candidate):\n    assert candidate([1]) == 2"}, "AssertionError"),
        ({"tests": UNITTEST.replace("4]), 7", "4]), 8")}, "AssertionError: 7 != 8"),
        ({"tests": UNITTEST.replace('["a"]', "[1]")}, "nothing was raised"),
        ({"tests": PYTEST.replace("0.3", "0.31")}, "AssertionError"),
        ({"tests": PYTEST.replace("unsupported", "other")}, "TypeError"),
        ({"solution": DOCTEST.replace("    3\n", "    4\n"), "test_kind": "doctest"}, "f([1, 2]) shows 3, not 4"),
        ({"tests": "import requests\nassert f([1]) == 1"}, "ModuleNotFoundError"),
    ],
)
async def test_a_solution_that_fails_its_own_tests_is_refused(fields: dict[str, Any], detail: str) -> None:
    why, text = await reason(problem(**({"solution": TOTAL} | fields)))
    assert why == "fails its own tests" and detail in text


async def test_calls_of_itself_and_calls_that_raise_are_no_inputs() -> None:
    solution = "def f(n):\n    return n * f(n - 1) if n else 1\n"
    tests = "assert f(5) == 120\ntry:\n    f('x')\nexcept TypeError:\n    pass\nassert f(3) == 6"
    ready = await prepared(problem(solution, tests=tests))
    assert isinstance(ready, Problem) and ready.inputs == ({"n": 5}, {"n": 3})


async def test_inputs_are_noted_before_the_solution_changes_them() -> None:
    ready = await prepared(problem("def f(xs):\n    xs.append(1)\n    return len(xs)\n", tests="assert f([4]) == 2"))
    assert isinstance(ready, Problem) and ready.inputs == ({"xs": [4]},)


async def test_arguments_left_out_somewhere_come_from_the_defaults_or_not_at_all() -> None:
    solution = "def f(n, step=2, *, low=0, rest=print):\n    return n * step + low\n"
    ready = await prepared(problem(solution, tests="assert f(1) == 2\nassert f(3, 4) == 12"))
    assert isinstance(ready, Problem) and ready.inputs == ({"n": 1, "step": 2}, {"n": 3, "step": 4})


@pytest.mark.parametrize("layout", ["human_eval", "mbpp", "kodcode", "leetcode", "codeio", "own"])
async def test_every_layout_leads_to_inputs_with_answers(layout: str) -> None:
    async with Pool(zygotes=1, spares=2) as pool:
        originals = Originals(pool)
        for row in read(LAYOUTS / f"{layout}.jsonl"):
            assert isinstance(row, Problem)
            ready = await prepare(originals, row)
            assert isinstance(ready, Problem), ready
            inputs = await find_inputs(originals, ready, wanted=6, seed=0)
            assert isinstance(inputs, list), inputs
            truths = await originals.answers(ready, [item.config for item in inputs])
            assert [truth.answer for truth in truths] == [item.answer for item in inputs]
            assert len({json.dumps(item.answer) for item in inputs}) >= 2


# ----------------------------------------------------------------------------------------------------- everything is JSON
@pytest.mark.parametrize(
    "body, call, config, answer",
    [
        ("return [isinstance(p, tuple) for p in x]", "[(1, 2), (3,)]", [[1, 2], [3]], [True, True]),
        ("return sorted(x | {9})", "{5, 1}", [1, 5], [1, 5, 9]),
        ("return sorted(x)[0] + 1", "{5: 'a', 7: 'b'}", {"5": "a", "7": "b"}, 6),
        ("return sum(len(x[k] & {1}) for k in x)", "{'a': {1, 2}, 'b': {3}}", {"a": [1, 2], "b": [3]}, 1),
        ("return len({(1, 2)} & x)", "{(1, 2), (0, 3)}", [[0, 3], [1, 2]], 1),
        ("return hash(x) == hash((1, 'a', (2, 3)))", "(1, 'a', (2, 3))", [1, "a", [2, 3]], True),
        (
            "return [type(v).__name__ for v in x]",
            "[(1,), None, 'a', {2: 3}]",
            [[1], None, "a", {"2": 3}],
            ["tuple", "NoneType", "str", "dict"],
        ),
        ("return f(x[0]) + 1 if isinstance(x, tuple) else 0", "((3, 4), 5)", [[3, 4], 5], 2),
        ("return sum(f(v) for v in x.values()) + max(x) if isinstance(x, dict) else x", "{1: 2, 4: 5}", {"1": 2, "4": 5}, 11),
    ],
)
async def test_the_solution_gets_back_what_json_cannot_tell(body: str, call: str, config: Any, answer: Any) -> None:
    async with Pool(zygotes=1, spares=2) as pool:
        originals = Originals(pool)
        source = f"def f(x):\n    '''It.'''\n    {body}\n"
        ready = await prepare(originals, problem(source, tests=f"assert f({call}) == {answer!r}"))
        assert isinstance(ready, Problem) and ready.inputs == ({"x": config},)
        (truth,) = await originals.answers(ready, ready.inputs)
    assert truth.answer == answer and ready.solution != source


async def test_a_solution_at_ease_with_lists_is_left_as_it_is() -> None:
    solution = "def f(pairs):\n    return sum(a * b for a, b in pairs)\n"
    ready = await prepared(problem(solution, tests="assert f([(1, 2), (3, 4)]) == 14"))
    assert isinstance(ready, Problem) and ready.solution == solution and ready.inputs == ({"pairs": [[1, 2], [3, 4]]},)


# ----------------------------------------------------------------------------------------------------- drawn and varied
GENERATOR = """import random
SIZES = {"easy": 4, "medium": 12, "hard": 40}
def generate(rng, level):
    if rng.random() < 0.2:
        raise ValueError("no luck")
    return {"xs": tuple(rng.randint(1, 99) for _ in range(SIZES[level]))}
"""


async def test_a_generator_draws_all_levels_and_the_same_again() -> None:
    asked = problem(TOTAL, generator=GENERATOR)
    first, second, third = [await found(asked, wanted=9, seed=seed) for seed in (1, 1, 2)]
    assert first == second != third
    assert isinstance(first, list) and Counter(item.level for item in first) == dict.fromkeys(LEVELS, 3)
    assert {len(item.config["xs"]) for item in first if item.level == "hard"} == {40}
    assert {item.origin for item in first} == {"drawn"}


async def test_levels_go_by_size_where_a_generator_knows_none() -> None:
    generator = "def generate_inputs(rng):\n    return {'xs': [rng.randint(1, 99) for _ in range(rng.randint(1, 60))]}\n"
    inputs = await found(problem(TOTAL, generator=generator), wanted=12)
    assert isinstance(inputs, list) and len(inputs) == 12
    largest = {level: max(len(item.config["xs"]) for item in inputs if item.level == level) for level in LEVELS}
    least = {level: min(len(item.config["xs"]) for item in inputs if item.level == level) for level in LEVELS}
    assert largest["easy"] <= least["medium"] and largest["medium"] <= least["hard"]


async def test_given_inputs_are_varied_into_longer_ones_on_which_the_original_answers() -> None:
    solution = "def f(xs, k):\n    if not 1 <= k <= len(xs):\n        raise ValueError\n    return sorted(xs)[k - 1]\n"
    given = [{"xs": [5, 1, 4], "k": 3}, {"xs": [2, 9], "k": 1}]
    inputs = await found(problem(solution, inputs=given), wanted=15)
    assert isinstance(inputs, list) and len(inputs) == 15
    assert sum(10 <= weight(item.config) <= 256 for item in inputs) >= 8
    assert {item.origin for item in inputs} == {"given", "varied"}
    assert all(item.answer == sorted(item.config["xs"])[item.config["k"] - 1] for item in inputs)
    assert len({json.dumps(item.config) for item in inputs}) == 15


async def test_varied_inputs_never_let_a_run_hang() -> None:
    """The original terminates on what was given, and on little else."""
    solution = "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n"
    inputs = await found(problem(solution, inputs=[{"n": 3}, {"n": 12}, {"n": 14}]))
    assert isinstance(inputs, list) and {3, 12, 14} <= {item.config["n"] for item in inputs}


@pytest.mark.parametrize(
    "given, holds",
    [
        (
            [{"m": [[1, 2], [3, 4]]}, {"m": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}],
            lambda c: all(len(r) == len(c["m"]) for r in c["m"]),
        ),
        ([{"m": [[1, 2, 3], [3, 4, 9]]}, {"m": [[1], [2], [4]]}], lambda c: len({len(r) for r in c["m"]}) == 1),
        ([{"xs": [1, 2, 2, 9]}, {"xs": [0, 4, 5, 8, 9]}], lambda c: c["xs"] == sorted(c["xs"])),
        ([{"xs": [4, 1, 7]}, {"xs": [9, 2, 5, 8]}], lambda c: len(set(c["xs"])) == len(c["xs"])),
        ([{"xs": [4, 1], "n": 2}, {"xs": [9, 2, 5], "n": 3}], lambda c: c["n"] == len(c["xs"])),
        ([{"a": [4, 1], "b": [1, 1]}, {"a": [9], "b": [7]}], lambda c: len(c["a"]) == len(c["b"])),
        (
            [{"a": "xy", "b": "zy"}, {"a": "xxz", "b": "yyy"}],
            lambda c: len(c["a"]) == len(c["b"]) and set(c["a"] + c["b"]) <= set("xyz"),
        ),
        (
            [{"rs": [["al", 3], ["bo", 5]]}, {"rs": [["cy", 1]]}],
            lambda c: all(type(a) is str and type(b) is int for a, b in c["rs"]),
        ),
        (
            [{"rs": [{"w": 3, "on": True}]}, {"rs": [{"w": 1, "on": False}]}],
            lambda c: all(type(r["w"]) is int and type(r["on"]) is bool for r in c["rs"]),
        ),
        (
            [
                {"es": [["in", "A1", 3], ["out", "A1"]]},
                {"es": [["in", "B1", 5], ["in", "C1", 1], ["out", "B1"], ["out", "A1"]]},
            ],
            lambda c: all([type(x) for x in e[1:]] == {"in": [str, int], "out": [str]}[e[0]] for e in c["es"]),
        ),
        ([{"s": "101"}, {"s": "11"}], lambda c: set(c["s"]) <= set("01") and c["s"][0] == "1"),
        ([{"d": {"ab": 1, "cd": 2}}, {"d": {"x": 5}}], lambda c: c["d"] and all(type(v) is int for v in c["d"].values())),
        (
            [{"xs": [1.5, 2.25]}, {"xs": [0.5]}],
            lambda c: all(type(x) is float and round(x, 2) == x and x >= 0.5 for x in c["xs"]),
        ),
        ([{"xs": [], "t": None}, {"xs": [], "t": None}], lambda c: c == {"xs": [], "t": None}),
    ],
)
def test_varied_inputs_keep_the_rules_of_the_given_ones(given: list[dict[str, Any]], holds: Any) -> None:
    varier = Varier(given)
    for seed in range(60):
        config = varier.draw(random.Random(seed), LEVELS[seed % 3])
        assert holds(config), config


# ------------------------------------------------------------------------------------------------------------ the choice
def made(answers: str, level: str = "easy") -> list[Input]:
    """An input for each letter, which is its answer."""
    return [Input(config={"n": number}, answer=answer, level=level) for number, answer in enumerate(answers)]


def test_no_answer_is_chosen_too_often_while_there_are_others() -> None:
    chosen = choose(made("a" * 50 + "bcdefghi"), 10)
    assert Counter(item.answer for item in chosen)["a"] == 2 and len(chosen) == 10


def test_the_same_answer_is_taken_when_there_is_nothing_else() -> None:
    assert Counter(item.answer for item in choose(made("a" * 50 + "b"), 10))["a"] == 7


def test_levels_are_chosen_alike() -> None:
    inputs = [item for level, answers in zip(LEVELS, ("abcd", "efgh", "ijkl"), strict=True) for item in made(answers, level)]
    assert Counter(item.level for item in choose(inputs, 9)) == dict.fromkeys(LEVELS, 3)


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"solution": "def f(xs):\n    return 7\n"}, "fewer than 2 distinct answers"),
    ({"solution": "def f(xs):\n    return None\n"}, "answer is null"),
    ({"solution": "def f(xs):\n    return [float('inf')]\n"}, "answer is not JSON"),
    ({"solution": "def f(xs):\n    return 'x' * 9999\n"}, "answer is too long"),
    ({"solution": "def f(xs):\n    return xs / 2\n"}, "original raises"),
    ({"solution": "def f(xs):\n    while True:\n        pass\n"}, "original is too slow"),
    ({"solution": "def f(xs):\n    return len(bytearray(1 << 30))\n"}, "original needs too much memory"),
    ({"solution": "def f(xs):\n    return str({str(i) for i in range(9)})\n"}, "not deterministic"),
    ({"solution": "def f(*xs):\n    return 1\n", "tests": "f(1)"}, "entry point without plain parameters"),
    ({"solution": TOTAL, "inputs": ()}, "no inputs"),
    ({"solution": TOTAL, "inputs": (), "tests": "assert True"}, "no inputs"),
    ({"solution": TOTAL, "inputs": (), "tests": "f(iter([1]))"}, "no inputs"),
    ({"solution": TOTAL, "tests": "while True: pass"}, "its tests do not run"),
    ({"solution": TOTAL, "inputs": (), "generator": "def generate(rng, level):\n    return 1 / 0"}, "generator fails"),
    ({"solution": TOTAL, "inputs": (), "generator": "def generate(rng, level):\n    return [1]"}, "generator fails"),
    ({"solution": TOTAL, "inputs": (), "generator": "import numpy\ndef generate(rng, level): ..."}, "generator fails"),
]


async def test_what_no_task_can_be_made_of_is_refused_by_a_fixed_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "OPEN_LIMIT_S", 1.5)
    given = {"inputs": ({"xs": [1, 2]}, {"xs": [3]})}
    async with Pool(zygotes=1, spares=2) as pool, Pool(zygotes=1, spares=1, hash_seed=5) as other:
        originals = Originals(pool, other)
        for fields, why in UNUSABLE:
            result = await prepare(originals, problem(**(given | fields)))
            if isinstance(result, Problem):
                result = await find_inputs(originals, result, wanted=6, seed=0)
            assert isinstance(result, Rejection) and (result.stage, result.reason) == ("original", why), fields


FORGED = ["7", "[3]", "[{'xs': {'odd': 1}}]", "[{'xs': {'map': [1]}}]", "[{'xs': {'tuple': 1}}]", "[{'ys': 1}]", "{}"]


async def test_tests_that_write_the_report_themselves_are_not_believed() -> None:
    async with Pool(zygotes=1, spares=2) as pool:
        for calls in FORGED:
            tests = f"import sys\nsys._getframe(1).f_locals['recorder'].calls = {calls}\n"
            result = await prepare(Originals(pool), problem(TOTAL, tests=tests))
            assert isinstance(result, Rejection), calls


async def test_varied_inputs_that_the_original_refuses_are_no_unseen_ones() -> None:
    """Else a solver would be asked for the answer to what is no input at all."""
    solution = "def f(xs):\n    if sum(xs) % 2:\n        raise ValueError(xs)\n    return sum(xs) // 2\n"
    given = [[1, 3], [2, 4, 6], [5, 5, 8], [7, 1, 2, 4], [9, 9]]
    inputs = tuple(Input(config={"xs": xs}, answer=sum(xs) // 2) for xs in given)
    made = Candidate(name="f", problem=problem(solution), env="", inputs=inputs, route="extract")
    async with Pool(zygotes=1, spares=2) as pool:
        unseen = await unseen_inputs(Originals(pool), made)
    assert unseen and {item.origin for item in unseen} == {"varied"}
    assert all(sum(item.config["xs"]) % 2 == 0 for item in unseen)


async def test_inputs_that_the_original_refuses_are_left_out() -> None:
    solution = "def f(xs):\n    assert len(xs) < 5\n    return sum(xs)\n"
    inputs = await found(problem(solution, inputs=[{"xs": [1, 2]}, {"xs": [1] * 9}, {"xs": [4]}]))
    assert isinstance(inputs, list) and all(len(item.config["xs"]) < 5 for item in inputs)


async def test_scripts_are_asked_with_their_own_inputs_alone() -> None:
    script = problem("print(int(input()) * 2)\n", entry_point=None, inputs=[{"stdin": "4\n"}, {"stdin": "51\n"}])
    inputs = await found(script)
    assert isinstance(inputs, list) and sorted(item.answer for item in inputs) == ["102", "8"]
