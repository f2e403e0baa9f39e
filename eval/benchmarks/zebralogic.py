"""ZebraLogic: 1,000 grid puzzles, 2 to 6 houses with 2 to 6 attributes. Or, offline, puzzles of their kind by reasoning-gym.

As ZeroEval does it: the last complete JSON object of a text is the answer, cells are compared without regard to case, and a
puzzle is solved when all of them are right. An answer's right cells stand in its step (see questions.py); a puzzle without
an answer has none right. The words of the prompt, and the example in it, are ours.

reasoning-gym's puzzles ask for one name in place of a table and have a scorer of their own, so their scores are no scores
of ZebraLogic, and are not called so.

Source: src/evaluation/zebra_grid_eval.py and eval_utils.py in github.com/WildEval/ZeroEval. Paper: arXiv 2502.01100.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from codegym_mcp.errors import clip
from codegym_mcp.types import Task
from eval.absent import Absent
from eval.benchmark import CELLS, RIGHT_CELLS
from eval.benchmarks.questions import MAX_CALLS, Question, Questions, Source, Verdict
from eval.benchmarks.rows import Row, content_of, fetched, files_of, kind, read_rows

REPOSITORY = "allenai/ZebraLogicBench-private"
REMEDY = (
    f"Its solutions are gated: ask for access at https://huggingface.co/datasets/{REPOSITORY}, then `hf auth login`, "
    f"`hf download {REPOSITORY} --repo-type dataset --include 'grid_mode/*' --local-dir zebralogic` and `--data zebralogic`; "
    "or take puzzles of the same kind, without a network: `pip install reasoning-gym==0.1.25` and `--data reasoning-gym`."
)
STAND_IN = "reasoning-gym"
EASY = ("2*2", "2*3", "2*4", "2*5", "2*6", "3*2", "3*3")
"""Sizes, houses times attributes, that ZeroEval calls easy."""
MAX_CELL_CHARS = 100

Table = dict[str, dict[str, str]]
"""House -> attribute -> value."""

EXAMPLE = """Here is a puzzle with its solution.

There are 3 houses, numbered 1 to 3 from left to right. In each lives one person with a pet of their own.
 - Names: `Mia`, `Noah`, `Olga`
 - Pets: `cat`, `dog`, `fish`

Clues:
1. Noah does not live in the first house.
2. The one with the fish lives directly left of Olga.
3. The cat lives in the second house.

{
  "reasoning": "Olga has a house to her left, so she is not in house 1; neither is Noah (clue 1): Mia is. The cat is in \
house 2 (clue 3), so the fish is in house 1 or 3; it has a house to its right (clue 2), so it is in house 1, and Olga is in \
house 2. Noah is in house 3, with the dog.",
  "solution": {
    "House 1": {"Name": "Mia", "Pet": "fish"},
    "House 2": {"Name": "Olga", "Pet": "cat"},
    "House 3": {"Name": "Noah", "Pet": "dog"}
  }
}

Now the puzzle that you are to solve.

"""
ASKED = "\n\nSolve the puzzle. Write your reasoning and the solution as one JSON object of this form, and nothing after it:\n\n"


class ZebraLogic(Questions):
    """Puzzles."""

    name = "zebralogic"

    def load(self) -> Source:
        """From the file or folder that was given, or the hub; or generated."""
        if self._data == STAND_IN:
            return Generated(self._settings.seed)
        where = Path(self._data) if self._data else fetched(REPOSITORY, "grid_mode/*", REMEDY)
        files = [path for path in files_of(where, "test") if path.parent.name != "mc_mode"]
        if not files:
            raise Absent(f"a file *test*.parquet or *test*.jsonl in {where}", REMEDY)
        return Puzzles(read_rows(files), self._settings.shots, content_of(files))


class Puzzles:
    """The puzzles of the data set."""

    official = True

    def __init__(self, rows: Sequence[Row], shots: int, content: str) -> None:
        self._rows: dict[str, tuple[Row, Table]] = {}
        self._shots = shots
        found: list[Task] = []
        for row in rows:
            number = row.text("id")
            if number in self._rows:
                raise row.wrong("id", f"{number} stands here twice")
            self._rows[number] = row, _solution(row)
            level = "easy" if row.text("size") in EASY else "hard"
            found.append(Task(environment=f"zebralogic/{level}", id=number, level=level, split="test", max_steps=MAX_CALLS))
        self.tasks: Sequence[Task] = found
        self.versions: Mapping[str, str] = {"puzzles": content}
        self.split = f"of {len(self.tasks):,} puzzles"

    def question(self, task: Task) -> Question:
        """One of them."""
        row, table = self._rows[task.id]
        form = {"reasoning": "...", "solution": {house: dict.fromkeys(cells, "...") for house, cells in table.items()}}
        example = EXAMPLE if self._shots else ""
        return Question(
            prompt=example + row.text("puzzle").strip() + ASKED + json.dumps(form, indent=2, ensure_ascii=False),
            judge=partial(judge, table),
            right=told(table),
            guess=lambda rng: told(_shuffled(table, rng)),
        )


class Generated:
    """Puzzles of reasoning-gym, as many of each size as of any other; made when they are asked for."""

    SIZES = tuple((people, attributes) for people in range(2, 6) for attributes in range(2, 6))
    """6 people with 6 attributes take 3 s to make."""
    OF_EACH = 50
    official = False

    def __init__(self, seed: int) -> None:
        try:
            import reasoning_gym
        except ImportError as exc:
            raise Absent("reasoning-gym", "`pip install reasoning-gym==0.1.25` brings it.") from exc
        self._sets: dict[str, Any] = {
            f"{people}x{attributes}": reasoning_gym.create_dataset(
                "zebra_puzzles", num_people=people, num_characteristics=attributes, size=self.OF_EACH, seed=seed
            )
            for people, attributes in self.SIZES
        }
        self.tasks: Sequence[Task] = [
            Task(environment=f"zebra ({STAND_IN})", id=f"{size}-{number}", split="test", max_steps=MAX_CALLS)
            for size in self._sets
            for number in range(self.OF_EACH)
        ]
        self.versions: Mapping[str, str] = {STAND_IN: version(STAND_IN), "shots": "0"}
        self.split = f"of {len(self.tasks)} generated puzzles by reasoning-gym: not ZebraLogic's"

    def question(self, task: Task) -> Question:
        """Make one of them."""
        size, number = task.id.split("-")
        puzzles = self._sets[size]
        entry = puzzles[int(number)]
        names = _names(entry["question"])
        return Question(
            prompt=f"{entry['question']}\n\nThink step by step. Put the name alone between <answer> and </answer>, at the end.",
            judge=lambda text: judge_name(puzzles, entry, text),
            right=f"<answer>{entry['answer']}</answer>",
            guess=lambda rng: f"<answer>{rng.choice(names)}</answer>",
        )


def judge(table: Table, text: str) -> Verdict:
    """How many cells of a table a text has right; the reward is 1 for all of them, else 0."""
    cells = sum(map(len, table.values()))
    found = last_json(text)
    solution = found.get("solution") if found else None
    if not isinstance(solution, dict):
        return Verdict(0.0, None, {RIGHT_CELLS: 0, CELLS: cells})
    given = {house: _cells(solution.get(house), expected) for house, expected in table.items()}
    right = sum(_plain(given[house].get(name, "")) == _plain(value) for house in table for name, value in table[house].items())
    return Verdict(float(right == cells), dict(given), {RIGHT_CELLS: right, CELLS: cells})


def judge_name(puzzles: Any, entry: Mapping[str, Any], text: str) -> Verdict:
    """What reasoning-gym's scorer makes of the last answer in a text."""
    from reasoning_gym.utils import extract_answer

    answer = extract_answer(text)
    if answer is None:
        return Verdict(0.0, None)
    reward = float(puzzles.score_answer(answer, entry))
    return Verdict(reward, {"name": clip(answer, MAX_CELL_CHARS)})


def told(table: Table) -> str:
    """A solution as it is asked for."""
    return json.dumps({"reasoning": "", "solution": table}, ensure_ascii=False)


def last_json(text: str) -> dict[str, Any] | None:
    """The last JSON object of a text that is complete; None: there is none, or its braces hold something else.

    Braces are counted wherever they stand, and a line may end within a text, as in ZeroEval.
    """
    depth = start = 0
    last: tuple[int, int] | None = None
    for brace in re.finditer(r"[{}]", text):
        if brace.group() == "{":
            start = start if depth else brace.start()
            depth += 1
        elif depth:
            depth -= 1
            last = last if depth else (start, brace.end())
    if last is None:
        return None
    try:
        value = json.loads(text[slice(*last)].replace("\n", ""))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _cells(given: Any, expected: Mapping[str, str]) -> dict[str, str]:
    """The values of one house, of a list the first, for those attributes that the puzzle has."""
    return {name: _cell(given[name]) for name in expected if name in given} if isinstance(given, dict) else {}


def _cell(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return clip(text, MAX_CELL_CHARS).encode("utf-8", "replace").decode()


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _solution(row: Row) -> Table:
    """The table of a row's `solution`."""
    row.text("puzzle")
    given = row.values.get("solution")
    if not isinstance(given, dict):
        raise row.wrong("solution", f"must be an object with header and rows, got {kind(given)}")
    header, rows = given.get("header"), given.get("rows")
    if not isinstance(header, list) or header[:1] != ["House"] or len(header) < 2:
        raise row.wrong("solution.header", f"must be a list that begins with 'House', got {kind(header)}")
    if not isinstance(rows, list) or not rows:
        raise row.wrong("solution.rows", f"must be a list of rows, got {kind(rows)}")
    for cells in rows:
        if not isinstance(cells, list) or len(cells) != len(header) or not all(isinstance(cell, str) for cell in cells):
            raise row.wrong("solution.rows", f"must have {len(header)} texts each, got {kind(cells)}")
        if any(not cell.strip("_ ") for cell in cells):
            raise row.wrong("solution.rows", f"are blank: this is the set without the solutions. {REPOSITORY} has them")
    return {f"House {number}": dict(zip(header[1:], cells[1:], strict=True)) for number, cells in enumerate(rows, start=1)}


def _shuffled(table: Table, rng: random.Random) -> Table:
    """The same values, each attribute's in random order."""
    houses = list(table)
    columns = {name: [table[house][name] for house in houses] for name in table[houses[0]]}
    for values in columns.values():
        rng.shuffle(values)
    return {house: {name: values[number] for name, values in columns.items()} for number, house in enumerate(houses)}


def _names(question: str) -> list[str]:
    """The names that a generated puzzle lists."""
    found = re.search(r"unique name: (.+)", question)
    return found.group(1).split(", ") if found else ["nobody"]
