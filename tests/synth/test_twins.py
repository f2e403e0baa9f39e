"""Near-duplicates are found whatever they are called, and nothing else is; no two shipped environments are twins."""

import pytest

from codegym_mcp.catalog import Catalog
from synth.filter.twins import ProblemTwins, environment_keys, problem_keys, solution_form, tool_forms
from synth.problem import Problem

SOLUTION = '''
import math

LIMIT = 3


def cost(parcel, rates):
    """What it costs."""
    return math.ceil(parcel["weight"]) * rates[parcel["zone"]]


def total(parcels: list, rates: dict) -> int:
    result: int = 0
    for parcel in parcels:
        if len(parcel) > LIMIT:
            raise ValueError(f"bad parcel {parcel}")
        result += cost(parcel, rates)
    return result
'''
RENAMED = (
    SOLUTION.replace("total", "fee_sum")
    .replace("cost", "price")
    .replace("rates", "tariff")
    .replace("LIMIT", "MOST")
    .replace('"weight"', '"mass"')
    .replace("What it costs.", "The price.")
    .replace(": int = 0", " = 0")
    .replace("bad parcel", "what is this?")
)
STATEMENT = (
    "A courier weighs every parcel, rounds the weight up to whole kilograms and multiplies it by the rate of the zone. "
    "Parcels are handled in the order in which they were handed in, and the bill shows the sum over all of them. "
    "Tell what the bill shows for the parcels and rates given."
)

ENVIRONMENT = '''
from codegym_mcp import Environment, tool

STEP = 2


def widen(row, by):
    return [value + by for value in row]


class Rows(Environment):
    """Add up the rows."""

    def reset(self, *, rows):
        self.rows, self.done = rows, []

    def observe(self):
        return {"rows": len(self.rows)}

    def _row(self, row):
        return self.rows[row]

    @tool
    def ReadRow(self, row: int) -> list[int]:
        """Read a row."""
        return widen(self._row(row), STEP)

    @tool
    def Mark(self, row: int) -> int:
        """Mark a row."""
        self.done.append(row)
        return len(self.done)

    def answer(self) -> int:
        return sum(map(sum, self.rows))

    def solve(self, call):
        seen, total = call("Observe"), 0
        for row in range(seen["rows"]):
            total += sum(call("ReadRow", row=row))
            call("Mark", row=row)
        return call("Done", answer=total)
'''
OTHER_WORDS = {"Rows": "Shelves", "ReadRow": "Inspect", "Mark": "Tick", "_row": "_shelf", "rows": "shelves", "row": "shelf"}
OTHER_WORDS |= {"STEP": "MARGIN", "widen": "padded", "value": "width", "total": "found", "seen": "sizes", "done": "ticked"}


def renamed(source: str) -> str:
    """The environment with other words for everything that is its own."""
    words = sorted(OTHER_WORDS, key=len, reverse=True)
    for number, word in enumerate(words):
        source = source.replace(word, f"<{number}>")
    for number, word in enumerate(words):
        source = source.replace(f"<{number}>", OTHER_WORDS[word])
    return source


def problem(id: str, statement: str, solution: str = "") -> Problem:
    return Problem(id=id, statement=statement, solution=solution or f"def f():\n    return {sum(map(ord, id))}\n")


def test_same_solution_under_other_names_has_the_same_form() -> None:
    assert solution_form(RENAMED) == solution_form(SOLUTION)


@pytest.mark.parametrize(
    "change",
    [("+=", "-="), ("math.ceil", "math.floor"), ("LIMIT = 3", "LIMIT = 4"), ("raise ValueError", "raise KeyError")],
    ids=["operator", "library call", "constant", "exception"],
)
def test_another_operation_makes_another_form(change: tuple[str, str]) -> None:
    assert solution_form(SOLUTION.replace(*change)) != solution_form(SOLUTION)


def test_a_variable_called_like_a_key_elsewhere_makes_no_difference() -> None:
    """Names, keys, keywords and attributes are counted apart."""
    first = "def f(rows):\n    size = rows['size']\n    return size\n"
    assert solution_form(first) == solution_form(first.replace("size =", "n =").replace("return size", "return n"))


def test_method_of_a_foreign_object_is_no_name_of_ours() -> None:
    first = "def f(xs):\n    xs.append(1)\n    return xs\n"
    assert solution_form(first) != solution_form(first.replace("append", "remove"))


def test_problem_with_the_same_words_is_a_twin() -> None:
    twins = ProblemTwins()
    assert twins.add(problem("a", STATEMENT)) is None
    found = twins.add(problem("b", STATEMENT.upper().replace(" ", "\n ").replace(",", " –")))
    assert found is not None and (found.of, found.rule) == ("a", "statement")


def test_problem_with_nearly_the_same_words_is_a_twin_and_a_retelling_is_not() -> None:
    twins = ProblemTwins()
    twins.add(problem("a", STATEMENT))
    near = twins.add(problem("b", STATEMENT.replace("given", "that are given below")))
    assert near is not None and (near.of, near.rule) == ("a", "words")
    assert twins.add(problem("c", "Parcels have weights and zones. What do all of them cost at the given rates?")) is None


def test_similar_statements_are_found_exactly_at_the_share_that_is_documented() -> None:
    """Of 100 runs each, 89 in common of 111 are enough, 88 of 112 are not."""
    words = [f"w{n}" for n in range(102)]
    for added, expected in ((11, "words"), (12, None)):
        twins = ProblemTwins()
        twins.add(problem("a", " ".join(words)))
        other = twins.add(problem("b", " ".join(words[added:] + [f"x{n}" for n in range(added)])))
        assert (other.rule if other else None) == expected


def test_problem_with_the_same_solution_is_a_twin_whatever_it_tells() -> None:
    twins = ProblemTwins()
    twins.add(problem("a", "Parcels.", SOLUTION))
    found = twins.add(problem("b", "Something about letters.", RENAMED))
    assert found is not None and found.rule == "solution"


def test_solution_that_is_no_python_has_no_key() -> None:
    assert set(problem_keys(problem("a", "x", "def f(:"))) == {"statement"}
    deep = "x = " + "(" * 5000 + ")" * 5000
    assert set(problem_keys(problem("b", "y", deep))) == {"statement"}


def test_environment_under_other_names_is_a_twin_by_skeleton_and_tools() -> None:
    assert environment_keys(renamed(ENVIRONMENT)) == environment_keys(ENVIRONMENT)
    assert set(environment_keys(ENVIRONMENT)) == {"skeleton", "tools"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (('total += sum(call("ReadRow", row=row))', 'total += max(call("ReadRow", row=row))'), "tools"),
        (("value + by", "value - by"), "skeleton"),
        (("STEP = 2", "STEP = 3"), "skeleton"),
        (("return self.rows[row]", "return self.rows[-row]"), "skeleton"),
    ],
    ids=["the oracle", "a function a tool uses", "a constant a tool uses", "a method a tool uses"],
)
def test_what_differs_counts_where_it_is_used(change: tuple[str, str], rule: str) -> None:
    """A change is seen by the rule that looks at it, and only there; `rule` is what stays the same."""
    assert change[0] in ENVIRONMENT
    first, second = environment_keys(ENVIRONMENT), environment_keys(ENVIRONMENT.replace(*change))
    assert {name for name in first if first[name] == second[name]} == {rule}


def test_tools_that_do_the_same_have_the_same_form() -> None:
    doubled = ENVIRONMENT.replace(
        "    def answer", "    @tool\n    def Fetch(self, line: int) -> list[int]:\n"
        '        """Read."""\n        return widen(self._row(line), STEP)\n\n    def answer'
    )  # fmt: skip
    forms = tool_forms(doubled)
    assert forms["Fetch"] == forms["ReadRow"] != forms["Mark"]


def test_no_two_shipped_environments_share_a_skeleton_or_a_set_of_tools() -> None:
    """Promised by docs: every environment of the library is another piece of work."""
    catalog = Catalog.bundled()
    keys = [environment_keys(catalog.definition(name).source) for name in catalog.names()]
    assert len(keys) > 30
    for rule in ("skeleton", "tools"):
        assert len({key[rule] for key in keys}) == len(keys)
