"""The extractor's parts: shapes of values, normal form of solutions, names and documentation, what a fragment weighs."""

import ast
from typing import Any

import pytest

from synth.extract import shapes
from synth.extract.copier import Scopes
from synth.extract.drafts import normal_form
from synth.extract.inside import gives_away
from synth.extract.lifting import read_first
from synth.extract.observed import merge, shape_of
from synth.extract.sites import Finder, is_trifle, weight
from synth.extract.solution import Unfit, read_solution
from synth.extract.words import docstring, double_quoted, pascal, reflowed, singular


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (3, "int"),
        ([1, 2.5], "list[float]"),
        ((1, "a"), "list[int | str]"),
        ({"a": [1]}, "dict[str, list[int]]"),
        ({1: "x"}, "dict[str, str]"),
        ({3, 4}, "list[int]"),
        ([], "list"),
        ([None, 4], "list[int | None]"),
    ],
)
def test_hint_of_a_shape_is_what_json_makes_of_it(value: Any, hint: str) -> None:
    assert shapes.hint(shape_of(value)) == hint


@pytest.mark.parametrize("value", [(1, 2), [(1, 2), (3, 4)], {1: (2, 3)}, {4, 5}, ((1, 2), (3, 4)), {"a": {"b": (1,)}}])
def test_decoding_gives_back_what_json_has_changed(value: Any) -> None:
    """Round trip of every shape that is said to be able to travel."""
    import json

    shape = shape_of(value)
    assert shapes.is_json(shape) and shapes.changes(shape)
    sent = json.loads(
        json.dumps(eval(ast.unparse(shapes.encode(shape, ast.Name("value"))), {"value": value, "sorted": sorted}))
    )
    made = ast.fix_missing_locations(ast.Expression(shapes.decode(shape, ast.Name("sent", ast.Load()))))
    assert eval(compile(made, "decode", "eval"), {"sent": sent}) == value


def test_shapes_that_json_cannot_carry_are_told() -> None:
    assert not shapes.is_json(shape_of([object()]))
    assert not shapes.is_json(shape_of({(1, 2): 3}))
    assert not shapes.is_json(shape_of({(1, 2)}))


def test_merging_shapes_covers_both() -> None:
    assert merge(shape_of([1]), shape_of([])) == ["list", "int"]
    assert merge("int", "float") == "float"
    assert merge(shape_of((1, 2)), shape_of((1, 2, 3))) == ["row", "int"]
    assert merge(merge("int", "str"), "None") == ["any", ["None", "int", "str"]]


@pytest.mark.parametrize(
    ("result", "answer", "leaks"),
    [(7, 7, True), ([1, 7], 7, True), (7, {"total": 7}, True), (7, [7, 8], False), ([1, 2, 3, 7], 7, False), (True, 1, True)],
)
def test_a_result_that_is_the_answer_or_a_part_gives_it_away(result: Any, answer: Any, leaks: bool) -> None:
    assert gives_away(result, answer) is leaks


def test_a_name_bound_anew_gets_a_name_of_its_own() -> None:
    solution = read_solution("def f(xs):\n    xs = sorted(xs)\n    xs = xs[1:]\n    return xs[0]", "f")
    assert ast.unparse(solution.entry.body[0]) == "sorted_xs = sorted(xs)"
    assert ast.unparse(solution.entry.body[1]) == "new_sorted_xs = sorted_xs[1:]"
    assert ast.unparse(solution.entry.body[2]) == "return new_sorted_xs[0]"


def test_inner_functions_that_capture_nothing_move_to_the_module() -> None:
    source = (
        "def f(xs):\n    def half(x):\n        return x // 2\n    def all():\n        return sum(xs)\n    return half(all())"
    )
    assert list(read_solution(source, "f").functions) == ["half", "f"]


def test_an_entry_point_that_calls_itself_is_split() -> None:
    solution = read_solution("def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)", "f")
    assert ast.unparse(solution.entry) == "def f(n):\n    return f_step(n)"


@pytest.mark.parametrize(
    "source", ["def f(:", "def g():\n    pass", "def f(n):\n    global m\n    m = n", "def f(n):\n    return eval(n)"]
)
def test_solutions_of_no_use_are_unfit(source: str) -> None:
    with pytest.raises(Unfit):
        read_solution(source, "f")


def test_what_is_read_before_it_is_written_is_an_input_of_statements() -> None:
    body = ast.parse("if a:\n    b = 1\nelse:\n    b = 2\nc += b\nfor d in e:\n    g = d\nh = g").body
    assert read_first(body) & {"a", "b", "c", "d", "e", "g"} == {"a", "c", "e", "g"}


@pytest.mark.parametrize(
    ("code", "trifle"),
    [
        ("n - 1", True),
        ("x > 0", True),
        ("len(xs)", True),
        ("n % 10", False),
        ("a < b", False),
        ("isinstance(x, int) or x", True),
    ],
)
def test_single_steps_and_type_checks_are_trifles(code: str, trifle: bool) -> None:
    assert is_trifle(ast.parse(code, mode="eval").body) is trifle


def test_sites_know_whether_they_are_run_more_than_once() -> None:
    function = ast.parse(
        "def f(xs):\n    a = xs[0] * 2 + 1\n    for x in xs:\n        a += x * a\n    return [y + a for y in xs]"
    ).body[0]
    finder = Finder(Scopes())
    finder.find(function)
    looped = {ast.unparse(site.nodes[0]): site.looped for site in finder.expressions}
    assert looped == {"xs[0] * 2 + 1": False, "x * a": True, "[y + a for y in xs]": False, "y + a": True}
    assert weight(ast.parse("max(a, b) + c[0]", mode="eval")) == 2


def test_normal_form_is_equal_up_to_renaming_alone() -> None:
    one, two, three = ([ast.parse(text).body[0]] for text in ("self.xs[i] + i", "self.ys[place] + place", "self.xs[i] + j"))
    assert normal_form(one, ["i"]) == normal_form(two, ["place"]) != normal_form(three, ["i", "j"])
    assert normal_form(one, ["i"], attributes=False) != normal_form(two, ["place"], attributes=False)


def test_words() -> None:
    assert [pascal(name) for name in ("read_next_item", "isPrime", "_x", "HTTPCode")] == [
        "ReadNextItem",
        "IsPrime",
        "X",
        "HttpCode",
    ]
    assert [singular(name) for name in ("cities", "boxes", "rooms", "bus", "glass")] == ["city", "box", "room", "bus", "glass"]
    assert double_quoted("a = 'b'\nc = 'say \"d\"'\n") == 'a = "b"\nc = \'say "d"\'\n'
    long = "One sentence that is long enough to fill all of\na line, and more."
    assert reflowed(f"{long}\n\n- one\n- two") == f"{long.replace(chr(10), ' ')}\n\n- one\n- two"


def test_docstrings_survive_quotes_and_backslashes() -> None:
    text = docstring([("", ['Ends in a quote "']), ("Returns", ['a \\d and """ three"'])], "    ")
    value = ast.literal_eval(text.strip())
    assert '"""' in value and "\\d" in value
