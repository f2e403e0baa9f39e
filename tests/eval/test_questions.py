"""Benchmarks of one turn: answers are found and judged as their authors do, bad data name their place, runs end to end.

All questions and puzzles here are our own.
"""

import json
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegym_mcp.errors import InvalidTask
from eval.absent import Absent
from eval.benchmarks import mmlu_pro, zebralogic
from eval.benchmarks.mmlu_pro import MmluPro, letter_of
from eval.benchmarks.questions import Questions
from eval.benchmarks.zebralogic import ZebraLogic, last_json
from eval.cli import main
from eval.records import read_records
from eval.report import read_run
from eval.settings import PAPER, PROTOCOLS
from tests.eval.endpoint import Body, endpoint
from tests.test_local_policy import build

OPTIONS = ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
QUESTIONS = [
    {"question_id": 1, "category": "math", "question": "What is 2 + 3?", "options": OPTIONS, "answer": "C"},
    {"question_id": 2, "category": "math", "question": "What is 3 * 4?", "options": OPTIONS, "answer": "J"},
    {"question_id": 3, "category": "math", "question": "What is 20 - 9?", "options": OPTIONS, "answer": "I"},
    {"question_id": 4, "category": "biology", "question": "Which one can fly?", "options": ["a frog", "a wren"], "answer": "B"},
    {
        "question_id": 5,
        "category": "biology",
        "question": "How many legs has a beetle?",
        "options": ["4", "6", "8", "N/A"],
        "answer": "B",
    },
]
EXAMPLES = [
    {
        "question_id": number,
        "category": category,
        "question": f"What comes after {number}?",
        "options": [str(number), str(number + 1)],
        "answer": "B",
        "cot_content": f"A: Let's think step by step. It is {number + 1}. The answer is (B).",
    }
    for number, category in ((10, "math"), (11, "math"), (12, "biology"), (13, "biology"))
]
PUZZLE = {
    "id": "own-2x2-1",
    "size": "2*2",
    "puzzle": "There are 2 houses. Names: `Ida`, `Jon`. Drinks: `tea`, `milk`.\n1. Ida drinks tea.\n2. Jon is in house 1.",
    "solution": {"header": ["House", "Name", "Drink"], "rows": [["1", "Jon", "milk"], ["2", "Ida", "tea"]]},
}
OTHER = {
    "id": "own-3x4-1",
    "size": "3*4",
    "puzzle": "Three houses, all told: each attribute is in the order of the houses.",
    "solution": {
        "header": ["House", "Name", "Drink", "Pet", "Tree"],
        "rows": [["1", "Ada", "tea", "cat", "oak"], ["2", "Ben", "milk", "dog", "elm"], ["3", "Cyd", "water", "ant", "fir"]],
    },
}
GOLD = {"House 1": {"Name": "Jon", "Drink": "milk"}, "House 2": {"Name": "Ida", "Drink": "tea"}}


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as a parquet file."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    files.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def evaluated(benchmark: str, model: str, folder: Path, *arguments: object, base_url: str = "") -> Result:
    """`python -m eval run`, in this process."""
    where = ["--base-url", base_url] if base_url else []
    given = ["run", benchmark, "--model", model, "--runs", "1", "-o", folder, *arguments, *where]
    environment = {"OPENAI_API_KEY": "none", "COLUMNS": "200"}
    return CliRunner().invoke(main, [*map(str, given)], env=environment)


def solved(folder: Path, subject: str) -> list[tuple[str, float | None]]:
    """Task -> reward of the episodes of one subject, in order of the tasks."""
    _, records = read_records(folder)
    return sorted((one.trajectory.task.id, one.trajectory.reward) for one in records if one.subject == subject)


async def prompt_of(benchmark: Questions) -> str:
    """What its first question is asked with."""
    async with benchmark:
        policy = benchmark.baseline("nothing")
        assert policy is not None
        played = await benchmark.play(policy, benchmark.tasks()[0], 0)
    assert played.reward == 0.0 and played.error is None
    return str(played.messages[0]["content"])


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Let me see. The answer is (C).", "C"),
        ("The answer is C", "C"),
        ("First I thought the answer is (A). No: the answer is (B).", "A"),
        ("answer: D, or rather Answer: E\nAnswer: F", "E"),
        ("Answer:\n  G", "G"),
        ("It is option H, not B", "B"),
        ("**J**", "J"),
        ("The answer is (c).", None),
        ("", None),
        ("no idea at all, sorry", None),
        ("DNA and CAB", None),
    ],
)
def test_letter_is_found_as_the_authors_find_it(text: str, letter: str | None) -> None:
    """Their three expressions, in their order; the first of the sure ones, the last of the unsure ones."""
    assert letter_of(text) == letter


@pytest.mark.parametrize(
    "text", ["x" * 2_000_000, "{" * 500_000, "nswer: " * 300_000, '{"solution": ' * 100_000, "{}" * 500_000]
)
def test_huge_answers_are_judged_in_time(text: str) -> None:
    """An expression that looks back would take hours."""
    assert letter_of(text) is None
    assert zebralogic.judge(GOLD, text).answer is None


def test_judge_takes_the_right_letter_and_no_other() -> None:
    for letter in "ABCDEFGHIJ":
        verdict = mmlu_pro.judge("C", mmlu_pro.told(letter))
        assert verdict.reward == float(letter == "C")
        assert verdict.answer == {"letter": letter}
    assert mmlu_pro.judge("C", "no idea").reward == 0.0


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_questions_from_a_file_end_to_end(tmp_path: Path, write: Callable[[Path, list[dict[str, Any]]], Path]) -> None:
    """The oracle has all, nothing has nothing, chance is repeatable, and there is a row for each subject."""
    data = write(tmp_path / f"own_test.{write.__name__}", QUESTIONS)
    result = evaluated("mmlu-pro", "oracle", tmp_path / "run", "--data", data)
    assert result.exit_code == 0, result.output
    assert solved(tmp_path / "run", "oracle") == [(str(number), 1.0) for number in range(1, 6)]
    assert solved(tmp_path / "run", "nothing") == [(str(number), 0.0) for number in range(1, 6)]
    assert "| mmlu-pro/biology | 2 |" in result.output and "| mmlu-pro/math | 3 |" in result.output
    again = evaluated("mmlu-pro", "random", tmp_path / "again", "--data", data)
    assert again.exit_code == 0, again.output
    assert solved(tmp_path / "again", "random") == solved(tmp_path / "run", "random")


def test_model_behind_an_endpoint_is_judged(tmp_path: Path) -> None:
    """It is asked once, without tools; thoughts, garbage and an empty message are no answers; a tool call is refused."""
    pytest.importorskip("openai")
    asked: list[Body] = []

    def answer(body: Body) -> Body | str:
        asked.append(body)
        question = body["messages"][0]["content"]
        if "2 + 3" in question:
            return "Let me think: 5 is C. The answer is (C)."
        if "3 * 4" in question:
            return "<think>Surely the answer is (A).</think> The answer is (J)."
        if "20 - 9" in question:
            return {"role": "assistant", "content": None}
        return "The answer is (A)." if "fly" in question else "no idea"

    data = jsonl(tmp_path / "test.jsonl", QUESTIONS)
    with endpoint(answer) as url:
        result = evaluated("mmlu-pro", "scripted", tmp_path / "run", "--data", data, base_url=url)
    assert result.exit_code == 0, result.output
    assert [reward for _, reward in solved(tmp_path / "run", "scripted")] == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert len(asked) == 5 and not any("tools" in body for body in asked)
    _, records = read_records(tmp_path / "run")
    steps = {one.trajectory.task.id: one.trajectory.steps for one in records if one.subject == "scripted"}
    assert {number: one[-1].error for number, one in steps.items()} == {
        "1": None,
        "2": None,
        "3": "NoAnswer",
        "4": None,
        "5": "NoAnswer",
    }
    assert steps["1"][-1].arguments == {"letter": "C"}


def test_calls_of_tools_that_do_not_exist_end_without_an_answer(tmp_path: Path) -> None:
    pytest.importorskip("openai")
    function = {"name": "search", "arguments": "{}"}
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}
    data = jsonl(tmp_path / "test.jsonl", QUESTIONS[:1])
    with endpoint(lambda body: call) as url:
        result = evaluated("mmlu-pro", "scripted", tmp_path / "run", "--data", data, base_url=url)
    assert result.exit_code == 0, result.output
    assert solved(tmp_path / "run", "scripted") == [("1", 0.0)]


async def test_examples_come_from_the_validation_split_of_the_subject(tmp_path: Path) -> None:
    data = jsonl(tmp_path / "own_test.jsonl", QUESTIONS)
    settings = replace(PROTOCOLS["mmlu-pro"][PAPER], tasks=0)
    plain = await prompt_of(MmluPro(settings, data=str(data)))
    assert plain.endswith("J. 12\nAnswer: Let's think step by step.") and plain.count("Question:") == 1
    with pytest.raises(Absent, match="validation"):
        await prompt_of(MmluPro(replace(settings, shots=5), data=str(data)))
    jsonl(tmp_path / "own_validation.jsonl", EXAMPLES)
    shown = await prompt_of(MmluPro(replace(settings, shots=5), data=str(data)))
    assert "after 10?" in shown and "after 11?" in shown and "after 12?" not in shown
    one = await prompt_of(MmluPro(replace(settings, shots=1), data=str(tmp_path)))
    assert "after 10?" in one and "after 11?" not in one


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "K"}, "'answer' must be a letter from A to J, got 'K'"),
        ({"answer": None}, "'answer' must be a text, got nothing"),
        ({"options": "3, 4"}, "'options' must be a list of texts, got str '3, 4'"),
        ({"options": ["3"]}, "'options' must be 2 to 10 texts, got 1"),
        ({"category": ["math"]}, "'category' must be a text, got list ['math']"),
        ({"question_id": 1}, "'question_id' 1 stands here twice"),
    ],
)
def test_wrong_question_is_told_with_file_line_and_field(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    data = jsonl(tmp_path / "test.jsonl", [QUESTIONS[0], {**QUESTIONS[1], **change}])
    result = evaluated("mmlu-pro", "random", tmp_path / "run", "--data", data)
    assert result.exit_code != 0 and f"{data}:2: {problem}" in " ".join(result.output.split())


@pytest.mark.parametrize("text", ["{", "[1]", "\x00"])
def test_line_that_is_no_object_is_told(tmp_path: Path, text: str) -> None:
    data = tmp_path / "test.jsonl"
    data.write_text(json.dumps(QUESTIONS[0]) + "\n" + text + "\n")
    with pytest.raises(InvalidTask, match=r"test\.jsonl:2: "):
        MmluPro(PROTOCOLS["mmlu-pro"][PAPER], data=str(data)).load()


def test_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    data = tmp_path / "test.parquet"
    data.write_text("no parquet")
    with pytest.raises(InvalidTask, match=r"test\.parquet: cannot be read"):
        ZebraLogic(PROTOCOLS["zebralogic"][PAPER], data=str(data)).load()


@pytest.mark.parametrize("benchmark", ["mmlu-pro", "zebralogic"])
def test_missing_data_are_told_with_the_command_that_brings_them(
    tmp_path: Path, benchmark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    result = evaluated(benchmark, "random", tmp_path / "run")
    assert result.exit_code != 0
    assert "is not on this machine" in result.output and "hf download" in result.output and "--data" in result.output
    nowhere = evaluated(benchmark, "random", tmp_path / "run", "--data", tmp_path / "nowhere.jsonl")
    assert nowhere.exit_code != 0 and "there is no file or folder" in nowhere.output
    (tmp_path / "empty").mkdir()
    empty = evaluated(benchmark, "random", tmp_path / "run", "--data", tmp_path / "empty")
    assert empty.exit_code != 0 and "*test*.jsonl" in empty.output


def test_options_of_other_benchmarks_are_refused(tmp_path: Path) -> None:
    result = evaluated("mmlu-pro", "random", tmp_path / "run", "--split", "seen")
    assert result.exit_code == 2 and "--split does not belong" in result.output


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('first {"a": 1}, then {"b": {"c": 2}} and so on', {"b": {"c": 2}}),
        ('```json\n{"a":\n "one\ntwo"}\n```', {"a": "onetwo"}),
        ('{"a": 1} {"b": ', {"a": 1}),
        ('} {"a": 1}', {"a": 1}),
        ('{"a": 1} {b}', None),
        ("[1, 2]", None),
        ("", None),
        ("{" * 5000 + "}" * 5000, None),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", None),
    ],
)
def test_last_complete_json_is_the_answer(text: str, value: object) -> None:
    """As in ZeroEval: if the last balanced braces hold no JSON, there is no answer."""
    assert last_json(text) == value


@pytest.mark.parametrize(
    ("solution", "right"),
    [
        (GOLD, 4),
        ({house: {name: f" {value.upper()} " for name, value in cells.items()} for house, cells in GOLD.items()}, 4),
        ({**GOLD, "House 3": {"Name": "Max"}}, 4),
        ({**GOLD, "House 2": {"Name": ["Ida", "Jon"], "Drink": "tea"}}, 4),
        ({**GOLD, "House 2": {"Name": "Ida", "Drink": "milk"}}, 3),
        ({**GOLD, "House 2": {"Name": "Ida", "Drink": None}}, 3),
        ({**GOLD, "House 2": {"Name": "Ida", "Drink": 7}}, 3),
        ({**GOLD, "House 2": {"Name": "\ud800", "Drink": []}}, 2),
        ({**GOLD, "House 2": "Ida"}, 2),
        ({}, 0),
    ],
)
def test_cells_of_a_puzzle_are_counted(solution: dict[str, Any], right: int) -> None:
    """Solved is all of them."""
    verdict = zebralogic.judge(GOLD, json.dumps({"reasoning": "so", "solution": solution}))
    assert verdict.figures == {"right cells": right, "cells": 4}
    assert verdict.reward == float(right == 4) and verdict.answer is not None
    json.dumps(verdict.answer, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text", ["", "Jon, Ida", '{"solution": null}', '{"solution": [1]}', '{"reasoning": "x"}', "{Jon} {Ida}"]
)
def test_text_without_a_table_is_no_answer(text: str) -> None:
    verdict = zebralogic.judge(GOLD, text)
    assert verdict.reward == 0.0 and verdict.answer is None and verdict.figures == {"right cells": 0, "cells": 4}


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_puzzles_from_a_file_end_to_end(tmp_path: Path, write: Callable[[Path, list[dict[str, Any]]], Path]) -> None:
    """With the table's cells for those who want them."""
    data = write(tmp_path / f"test.{write.__name__}", [PUZZLE, OTHER])
    result = evaluated("zebralogic", "oracle", tmp_path / "run", "--data", data)
    assert result.exit_code == 0, result.output
    assert solved(tmp_path / "run", "oracle") == [("own-2x2-1", 1.0), ("own-3x4-1", 1.0)]
    assert solved(tmp_path / "run", "nothing") == [("own-2x2-1", 0.0), ("own-3x4-1", 0.0)]
    assert "| zebralogic/easy | 1 |" in result.output and "| zebralogic/hard | 1 |" in result.output
    accuracy = {one.subject: one.figures["cell accuracy"] for one in read_run(tmp_path / "run")[2]}
    assert accuracy["oracle"] == 1.0 and accuracy["nothing"] == 0.0 <= accuracy["random"] <= 1.0
    assert "| cell accuracy |" in result.output


def test_questions_that_are_not_the_benchmarks_own_stay_out_of_the_papers_table(tmp_path: Path) -> None:
    pytest.importorskip("reasoning_gym", reason="pip install reasoning-gym")
    pytest.importorskip("matplotlib", reason="pictures need the extra `eval`")
    run = tmp_path / "run"
    assert evaluated("zebralogic", "oracle", run, "--data", "reasoning-gym", "-n", 2).exit_code == 0
    done = CliRunner().invoke(main, ["table", str(run), "-o", str(tmp_path / "table")])
    assert done.exit_code == 0 and f"{run} is left out: its tasks are not the benchmark's own" in done.output
    assert "| oracle |" not in done.output


def test_checkpoint_on_this_machine_answers_in_words(tmp_path: Path) -> None:
    model = build(tmp_path / "tiny", "The answer is (B).", call=False)
    data = jsonl(tmp_path / "test.jsonl", QUESTIONS)
    result = evaluated("mmlu-pro", str(model), tmp_path / "run", "--data", data, "--max-tokens", 8)
    assert result.exit_code == 0, result.output
    assert [reward for _, reward in solved(tmp_path / "run", str(model))] == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert read_run(tmp_path / "run")[2][0].usage is not None


def test_random_tables_use_every_value_once() -> None:
    table = zebralogic._shuffled(GOLD, random.Random(0))
    assert sorted(cells["Name"] for cells in table.values()) == ["Ida", "Jon"]
    assert {
        zebralogic.judge(GOLD, zebralogic.told(zebralogic._shuffled(GOLD, random.Random(n)))).reward for n in range(20)
    } == {
        0.0,
        1.0,
    }


async def test_example_of_a_puzzle_is_shown_when_asked_for(tmp_path: Path) -> None:
    data = jsonl(tmp_path / "test.jsonl", [PUZZLE])
    settings = PROTOCOLS["zebralogic"][PAPER]
    plain = await prompt_of(ZebraLogic(settings, data=str(data)))
    shown = await prompt_of(ZebraLogic(replace(settings, shots=1), data=str(data)))
    assert "Olga" not in plain and shown == zebralogic.EXAMPLE + plain
    assert '"House 2": {\n      "Name": "...",\n      "Drink": "..."' in plain
    assert last_json(zebralogic.EXAMPLE) is not None


def test_example_has_one_solution() -> None:
    """The one that it gives, by trying all of them."""
    from itertools import permutations

    fit = [
        (names, pets)
        for names in permutations(["Mia", "Noah", "Olga"])
        for pets in permutations(["cat", "dog", "fish"])
        if names[0] != "Noah" and pets.index("fish") + 1 == names.index("Olga") and pets[1] == "cat"
    ]
    given = last_json(zebralogic.EXAMPLE)
    assert given is not None
    houses = list(given["solution"].values())
    assert fit == [(tuple(house["Name"] for house in houses), tuple(house["Pet"] for house in houses))]


@pytest.mark.parametrize(
    ("solution", "problem"),
    [
        (None, "'solution' must be an object with header and rows, got nothing"),
        ({"header": ["Name"], "rows": []}, "'solution.header' must be a list that begins with 'House'"),
        ({"header": ["House", "Name"], "rows": []}, "'solution.rows' must be a list of rows"),
        ({"header": ["House", "Name"], "rows": [["1", "Jon", "tea"]]}, "'solution.rows' must have 2 texts each"),
        ({"header": ["House", "Name"], "rows": [["___", "___"]]}, "this is the set without the solutions"),
    ],
)
def test_wrong_puzzle_is_told_with_file_line_and_field(tmp_path: Path, solution: object, problem: str) -> None:
    """The public set has blanks where the solutions are in the gated one."""
    data = jsonl(tmp_path / "test.jsonl", [OTHER, {**PUZZLE, "solution": solution}])
    with pytest.raises(InvalidTask) as caught:
        ZebraLogic(PROTOCOLS["zebralogic"][PAPER], data=str(data)).load()
    assert f"{data}:2: " in str(caught.value) and problem in str(caught.value)


def test_generated_puzzles_have_their_own_name_and_scorer(tmp_path: Path) -> None:
    """reasoning-gym accepts its own answer, in any case, and no other name; its scores are not called ZebraLogic's."""
    pytest.importorskip("reasoning_gym")
    settings = PROTOCOLS["zebralogic"][PAPER]
    source = ZebraLogic(settings, data="reasoning-gym").load()
    tasks = [task for task in source.tasks if task.id.startswith("3x3-")][:20]
    assert len(tasks) == 20 and {task.environment for task in source.tasks} == {"zebra (reasoning-gym)"}
    for task in tasks:
        question = source.question(task)
        name = question.right.removeprefix("<answer>").removesuffix("</answer>")
        assert question.judge(question.right).reward == 1.0
        assert question.judge(f"It might be <answer>nobody</answer>, no: <answer>{name.upper()}</answer>").reward == 1.0
        assert question.judge("<answer>nobody</answer>").reward == 0.0
        assert question.judge(name).answer is None
    result = evaluated("zebralogic", "oracle", tmp_path / "run", "--data", "reasoning-gym", "-n", "4")
    assert result.exit_code == 0, result.output
    assert {reward for _, reward in solved(tmp_path / "run", "oracle")} == {1.0}
