"""The mechanical extractor on small problems of our own: what becomes a tool, what stays hidden, what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.check import check_all
from codegym_mcp.definition import Definition, read_native
from codegym_mcp.sandbox.pool import Pool
from synth.extract import extract
from synth.plain import as_json
from synth.problem import Candidate, Input, Problem, Rejection

DESK = '''
import heapq


class Desk:
    """A repair desk with jobs of different urgency."""

    def __init__(self, jobs, limit):
        self.jobs, self.limit = jobs, limit
        self.queue = []

    def read_job(self, number: int) -> list[int]:
        """Read the card of a job.

        Args:
            number: number of the job, from 0.

        Returns:
            [urgency, minutes].

        Example:
            read_job(number=0) -> [2, 15]
        """
        return self.jobs[number]

    def enqueue(self, number: int) -> int:
        """Put a job into the queue.

        Args:
            number: number of the job, from 0.

        Returns:
            how many jobs wait.

        Example:
            enqueue(number=0) -> 1
        """
        heapq.heappush(self.queue, [-self.jobs[number][0], number])
        return len(self.queue)

    def take(self) -> int:
        """Take the most urgent job; of several, the one with the lowest number.

        Returns:
            its number.

        Example:
            take() -> 3
        """
        if not self.queue:
            raise ValueError("no job waits")
        return heapq.heappop(self.queue)[1]


def solution(jobs: list[list[int]], limit: int) -> dict[str, int]:
    """Work through the jobs.

    Returns:
        the "minutes" worked and the "last" job. Example: {"minutes": 40, "last": 2}.
    """
    desk = Desk(jobs, limit)
    minutes, last = 0, -1
    for number in range(len(jobs)):
        if desk.read_job(number)[1] <= limit:
            waiting = desk.enqueue(number)
    while waiting:
        last = desk.take()
        minutes += desk.read_job(last)[1]
        waiting -= 1
    return {"minutes": minutes, "last": last}
'''
TOLL = '''
def toll(weight: int, axles: int) -> int:
    """Work out the toll of a lorry.

    Args:
        weight: in tons.
        axles: how many it has.

    Returns:
        the toll in cents.

    Example:
        toll(weight=7, axles=2) -> 270
    """
    if axles < 1:
        raise ValueError("a lorry has axles")
    return weight * 30 + axles * axles * 15


def rebate(total: int, trips: int) -> int:
    """Work out what is given back.

    Args:
        total: cents paid so far.
        trips: how many trips that were.

    Returns:
        the cents given back.

    Example:
        rebate(total=900, trips=4) -> 90
    """
    return total // 10 if trips > 3 else 0


def solution(lorries: list[list[int]]) -> int:
    total = 0
    for trips, (weight, axles) in enumerate(lorries):
        total += toll(weight, axles)
        total -= rebate(total, trips)
    return total
'''


def problem(source: str, *configs: dict[str, Any], entry: str = "solution", **more: Any) -> tuple[Problem, list[Input]]:
    """A problem of ours, with the answers that its solution gives."""
    names: dict[str, Any] = {}
    exec(source, names)
    made = Problem(id="own/sample_case", statement="Say what it is.", solution=source, entry_point=entry, **more)
    answers = [names[entry](**json.loads(json.dumps(config))) for config in configs]
    return made, [Input(config=config, answer=as_json(answer)) for config, answer in zip(configs, answers, strict=True)]


async def extracted(source: str, *configs: dict[str, Any], **more: Any) -> Candidate | Rejection:
    """What comes of a problem."""
    made, inputs = problem(source, *configs, **more)
    async with Pool(zygotes=1, spares=1) as pool:
        return await extract(pool, made, inputs)


async def candidate(source: str, *configs: dict[str, Any], **more: Any) -> tuple[Candidate, Definition]:
    """An environment that must come of a problem."""
    result = await extracted(source, *configs, **more)
    assert isinstance(result, Candidate), result
    return result, read_native(result.env, name=result.name, where="env.py")


def lists(name: str, count: int = 6, size: int = 9) -> list[dict[str, Any]]:
    """Inputs that are lists of numbers, all different."""
    return [{name: [(place * 7 + number * 11) % 29 + number for place in range(size)]} for number in range(count)]


DESK_INPUTS = [{"jobs": [[(n * i) % 5, 5 + (7 * i + n) % 30] for i in range(6 + n)], "limit": 24 + n} for n in range(1, 7)]
TOLL_INPUTS = [{"lorries": [[3 + (n * i) % 9, 1 + (n + i) % 4] for i in range(5 + n)]} for n in range(1, 7)]


async def test_methods_of_an_object_made_of_the_inputs_become_tools_with_the_authors_words() -> None:
    made, definition = await candidate(DESK, *DESK_INPUTS)
    assert definition.tool_names == ["Observe", "ReadJob", "Enqueue", "Take", "Done"]
    tool = definition.tool("Enqueue")
    assert tool is not None
    assert (tool.purpose, tool.parameters) == ("Put a job into the queue.", {"number": "number of the job, from 0."})
    assert (tool.returns, tool.example) == ("how many jobs wait.", "Enqueue(number=0) -> 1")
    assert "self.desk = Desk(copy.deepcopy(self.jobs), self.limit)" in made.env
    assert DESK.split("\n\n\n")[1] in made.env, "the class stands there as its author wrote it"
    done = definition.tool("Done")
    assert done is not None and done.parameters["answer"].startswith('the "minutes" worked and the "last" job.')


async def test_a_class_of_the_solution_called_like_the_problem_keeps_its_name() -> None:
    """The environment is called after its problem too; of two classes with one name, the second hid the first."""
    result, definition = await candidate(DESK.replace("Desk", "SampleCase"), *DESK_INPUTS)
    assert definition.class_name == "SampleCaseTask" and "self.desk = SampleCase(" in result.env


START = "    desk = Desk(jobs, limit)\n    minutes, last = 0, -1\n"


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        (f"{START}    limit //= 2\n    limit += 9\n", "Desk(copy.deepcopy(self.jobs), self.limit)"),
        (f"{START}    while limit > 19:\n        limit -= 3\n", "Desk(copy.deepcopy(self.jobs), self.limit)"),
        (f"    limit //= 2\n    limit += 9\n{START}", "Desk(copy.deepcopy(self.jobs), self.new_limit_2)"),
        (f"    limit = limit // 2 + 9\n{START}", "Desk(copy.deepcopy(self.jobs), self.new_limit)"),
    ],
)
async def test_an_object_stays_hidden_though_a_number_it_is_made_of_changes(changed: str, made: str) -> None:
    result, _ = await candidate(DESK.replace(START, changed), *DESK_INPUTS)
    assert result.notes["roles"] == {"ReadJob": "logic", "Enqueue": "logic", "Take": "logic"}
    assert f"self.desk = {made}" in result.env


async def test_documented_functions_become_tools_that_only_delegate() -> None:
    made, definition = await candidate(TOLL, *TOLL_INPUTS)
    assert definition.tool_names == ["Observe", "ReadLorry", "Toll", "Rebate", "Done"]
    assert made.notes["roles"] == {"ReadLorry": "access", "Toll": "logic", "Rebate": "logic"}
    assert made.notes["needed"] == ["ReadLorry", "Toll", "Rebate"]
    assert made.notes["oracle_calls"] == [2 + 3 * len(config["lorries"]) for config in TOLL_INPUTS]
    assert "        return toll(weight, axles)\n" in made.env


async def test_extracted_environments_pass_the_check_that_all_environments_pass(tmp_path: Path) -> None:
    names = []
    for source, inputs in ((DESK, DESK_INPUTS), (TOLL, TOLL_INPUTS)):
        made, definition = await candidate(source, *inputs)
        folder = tmp_path / definition.class_name.lower() / f"e{len(names)}"
        folder.mkdir(parents=True)
        (folder / "env.py").write_text(made.env)
        lines = [json.dumps({"id": f"t{n}", "level": "medium", "config": case.config}) for n, case in enumerate(made.inputs)]
        (folder / "tasks.jsonl").write_text("\n".join(lines))
        names.append(folder)
    for folder in names:
        catalog = Catalog.of(folder)
        [report] = await check_all(catalog, catalog.names())
        assert report.ok, report.findings


FILTER = """
def solution(values, step):
    kept = [value * value + step for value in values if value % 3 != 1 and value > step]
    return sum(kept)
"""


async def test_elements_and_filters_of_comprehensions_become_tools() -> None:
    made, _ = await candidate(FILTER, *({**config, "step": 2 + n} for n, config in enumerate(lists("values"))))
    assert set(made.notes["roles"].values()) == {"access", "logic"}
    assert list(made.notes["roles"].values()).count("logic") == 2
    assert "return value % 3 != 1 and value > self.step" in made.env, "a number that never changes need not be handed over"


SIGNALS = """
def solution(values):
    best, seen = 0, 0
    for value in values:
        if value > 27:
            return best * 100 + seen
        if value % 5 == 0:
            continue
        if seen > 6:
            break
        seen = seen + value % 3
        best = best + value * seen
    return best
"""


async def test_jumps_out_of_a_lifted_loop_body_become_signals() -> None:
    """A body may end by return, break, continue or by itself; each is told apart, and the driver follows."""
    from synth.extract.copier import Scopes
    from synth.extract.drafts import Plan
    from synth.extract.emit import Writer
    from synth.extract.search import Search
    from synth.extract.sites import Finder
    from synth.extract.solution import read_solution
    from synth.extract.trials import Trials
    from synth.extract.visible import inputs as hidden

    made, inputs = problem(SIGNALS, *lists("values", 8), {"values": [3, 4, 28, 1]}, {"values": [8, 11, 14, 17, 2, 2, 2, 2]})
    async with Pool(zygotes=1, spares=1) as pool:
        solution, trials = read_solution(SIGNALS, "solution"), Trials(pool, inputs)
        trials.all_inputs = True
        profile = await trials.profile(solution.text, "solution")
        search = Search(Writer(made, solution, inputs, "Sample", profile), trials, solution, profile)
        finder = Finder(Scopes())
        finder.find(solution.entry)
        body = next(site for site in finder.bodies if len(site.nodes) == 5)
        state = await search.confirm(Plan(hidden=hidden(solution, trials.cases, upfront=False), sites=[body]))
    assert state is not None, search.failure
    source = search.written(state)
    assert 'return ["return", best * 100 + seen]' in source
    assert 'return ["break", [seen, best]]' in source
    assert source.count('return ["next", [seen, best]]') == 2
    assert state.played.counts[0]["ProcessValue"] > 1


TUPLES = """
def spread(point, step):
    x, y = point
    return (x + step * 2, y - step % 3)


def solution(steps):
    seen, point = {(0, 0)}, (0, 0)
    for step in steps:
        point = spread(point, step)
        seen.add(point)
    return len(seen) * 100 + point[0]
"""


async def test_tuples_survive_the_way_through_json() -> None:
    made, definition = await candidate(TUPLES, *lists("steps"))
    assert 'point = tuple(call("Spread"' in made.env, "a list would not go into the set"
    spread = definition.tool("Spread")
    assert spread is not None
    assert spread.input_schema["properties"]["point"] == {"type": "array", "items": {"type": "integer"}}


MIXED = """
def label(value):
    if value % 4 == 0:
        return value // 4
    return "odd" + str(value)


def solution(values):
    text = ""
    for value in values:
        text += str(label(value)) + ("," if value > 3 else ";")
    return text
"""


async def test_results_that_may_be_a_text_or_a_number_are_told_apart() -> None:
    made, _ = await candidate(MIXED, *lists("values"))
    assert 'call("Label", value=value)["value"]' in made.env
    assert 'return {"value": label(value)}' in made.env


RECURSIVE = """
def solution(n):
    if n < 3:
        return n + 1
    return solution(n - 1) * 2 % 97 + solution(n // 2) * 3 % 89
"""


async def test_an_entry_point_that_calls_itself_is_taken_apart_inside_its_recursion() -> None:
    made, definition = await candidate(RECURSIVE, *({"n": n} for n in range(9, 17)))
    observed = definition.tool("Observe")
    assert observed is not None
    assert "GetN" in made.notes["roles"], "a number that is the whole input is hidden as well"
    assert min(made.notes["oracle_calls"]) > 4


GRAPH = """
def solution(edges, start):
    near = {}
    for one, two in edges:
        near.setdefault(one, []).append(two)
        near.setdefault(two, []).append(one)
    distance, queue = {start: 0}, [start]
    while queue:
        place = queue.pop(0)
        for other in sorted(near.get(place, [])):
            if other not in distance and (place * 3 + other) % 7 != 2:
                distance[other] = distance[place] + 1 + (place + other) % 2
                queue.append(other)
    return sum(distance.values()) * 100 + len(distance)
"""


async def test_working_containers_do_not_stand_in_the_way() -> None:
    made, _ = await candidate(
        GRAPH, *({"edges": [[i, (i * n + 1) % 9] for i in range(9)], "start": n % 9} for n in range(2, 10))
    )
    assert len(made.notes["needed"]) >= 2


GIVEAWAY = """
def work(values):
    total = 0
    for value in values:
        total += value
    return total


def solution(values):
    return work(values)
"""


async def test_a_function_that_returns_the_answer_is_no_tool() -> None:
    result = await extracted(GIVEAWAY, *lists("values"))
    assert isinstance(result, Rejection) or "Work" not in result.notes["roles"]


@pytest.mark.parametrize(
    ("source", "configs", "reason"),
    [
        ("def solution(values):\n    return sorted(values)", lists("values"), "accessors only"),
        ("def solution(a, b):\n    return a * b + a", [{"a": 2, "b": n} for n in range(4)], "accessors only"),
        ("def solution(values):\n    return sum(v * v + 1 for v in values)", lists("values", 4, 2), "too few calls"),
        ("def solution(values):\n    return eval('sum(values)', {'values': values})", lists("values"), "code of a kind"),
        ("class A:\n    def run(self):\n        return 1\nsolution = A().run", [], "no inputs"),
        ("def solution(*values):\n    return 1", [], "no inputs"),
    ],
)
async def test_what_cannot_be_taken_apart_is_refused_with_a_fixed_reason(
    source: str, configs: list[dict[str, Any]], reason: str
) -> None:
    result = await extracted(source, *configs)
    assert isinstance(result, Rejection) and result.stage == "extract"
    assert result.reason.startswith(reason), result


async def test_inputs_that_the_entry_point_does_not_take_are_refused() -> None:
    made, inputs = problem(FILTER, {"values": [1, 2, 3], "step": 1})
    wrong = [Input(config={**inputs[0].config, "more": 1}, answer=3)]
    async with Pool(zygotes=1, spares=1) as pool:
        result = await extract(pool, made, wrong)
    assert isinstance(result, Rejection) and result.reason == "the inputs do not fit the entry point"


async def test_a_solution_that_gives_another_answer_than_expected_is_refused() -> None:
    made, inputs = problem(FILTER, *({**config, "step": 3} for config in lists("values")))
    wrong = [case.model_copy(update={"answer": case.answer + 1}) for case in inputs]
    async with Pool(zygotes=1, spares=1) as pool:
        result = await extract(pool, made, wrong)
    assert isinstance(result, Rejection) and result.reason == "no skeleton gives the original's answers"


STATEFUL = """
memo = {}


def solution(values):
    for value in values:
        memo[value] = memo.get(value, 0) + value % 4 * 2
    return sum(memo.values())
"""


async def test_a_module_that_remembers_between_calls_is_refused() -> None:
    result = await extracted(STATEFUL, {"values": [1, 2, 3]})
    assert isinstance(result, Rejection) and result.reason == "the module keeps state between calls"


async def test_a_generator_that_comes_with_the_problem_draws_inputs_of_the_environment() -> None:
    generator = (
        "def generate(rng, level):\n"
        "    size = {'easy': 5, 'medium': 9, 'hard': 20}[level]\n"
        "    return {'lorries': [[rng.randint(1, 9), rng.randint(1, 4)] for _ in range(size)]}\n"
    )
    made, _ = await candidate(TOLL, *TOLL_INPUTS, generator=generator)
    assert "    @staticmethod\n    def generate(rng, level):\n        size = {" in made.env


OVER_HASHES = """
import asyncio, sys
from codegym_mcp.sandbox.pool import Pool
from synth.extract import extract
from tests.synth.test_extract import GRAPH, problem

async def main():
    configs = [{"edges": [[i, (i * n + 1) % 9] for i in range(9)], "start": n} for n in range(2, 6)]
    async with Pool(zygotes=1, spares=1) as pool:
        print((await extract(pool, *problem(GRAPH, *configs))).env)

asyncio.run(main())
"""


def test_the_same_problem_gives_the_same_environment_in_every_process() -> None:
    texts = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", OVER_HASHES], env=environment, capture_output=True, text=True, check=True)
        texts.add(run.stdout)
    assert len(texts) == 1 and "class " in texts.pop()


SCRIPT = """
import sys

n = int(input())
total = 0
for _ in range(n):
    price, count = map(int, input().split())
    if price * count % 7 == 0:
        continue
    total += price * count - (price + count) // 3
print("total", total, sep=": ")
"""


async def test_a_script_is_taken_apart_as_a_function_of_what_it_reads() -> None:
    sales = [[(3 * i + n, 2 + (i * n) % 5) for i in range(7 + n)] for n in range(6)]
    texts = ["\n".join([str(len(rows)), *(f"{price} {count}" for price, count in rows)]) + "\n" for rows in sales]
    totals = [sum(p * c - (p + c) // 3 for p, c in rows if p * c % 7) for rows in sales]
    inputs = [Input(config={"stdin": text}, answer=f"total: {total}") for text, total in zip(texts, totals, strict=True)]
    made = Problem(id="own/sales", statement="Read and add up.", solution=SCRIPT, entry_point=None)
    async with Pool(zygotes=1, spares=1) as pool:
        result = await extract(pool, made, inputs)
    assert isinstance(result, Candidate), result
    assert result.notes["roles"]["TakeLine"] == "change"
    assert result.notes["oracle_calls"][0] > 10
