"""MMLU-Pro: 12,032 multiple-choice questions in 14 subjects, mostly with ten options.

How an answer is found, and which examples stand before a question, is as its authors do it; the words of the prompt are
ours, so compare a result with others of this harness alone. Two differences: a missing answer is wrong here, where the
authors guess in its place, and examples are never dropped for a short context. The authors' last resort, the last single
letter of the text, takes "I" for an answer where nothing better stands.

Source: TIGER-Lab/MMLU-Pro; evaluate_from_api.py in github.com/TIGER-AI-Lab/MMLU-Pro. Paper: arXiv 2406.01574.
"""

import random
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from codegym_mcp.types import Task
from eval.absent import Absent
from eval.benchmarks.questions import MAX_CALLS, Question, Questions, Verdict
from eval.benchmarks.rows import Row, content_of, fetched, files_of, read_rows

REPOSITORY, REVISION = "TIGER-Lab/MMLU-Pro", "527feea0afed1de15a8c115abf7be4c912123315"
REMEDY = (
    f"`pip install huggingface_hub`, `hf download {REPOSITORY} --repo-type dataset --revision {REVISION} "
    "--local-dir mmlu-pro`, then `--data mmlu-pro`."
)
LETTERS = "ABCDEFGHIJ"
ASKED = (
    "Below are multiple-choice questions about {category}, each followed by its answer. Think step by step, then end with "
    '"The answer is (X)", where X is the letter of the right option.\n\n'
)
STEPS = "Let's think step by step."
FIRST = re.compile(r"answer is \(?([A-J])\)?")
LINE = re.compile(r"[aA]nswer:\s*([A-J])")
SINGLE = re.compile(r"\b[A-J]\b")


class MmluPro(Questions):
    """Questions with letters for answers."""

    name = "mmlu-pro"

    def load(self) -> "Answers":
        """From the file or folder that was given, else from the hub."""
        where = Path(self._data) if self._data else fetched(REPOSITORY, "data/*", REMEDY, REVISION)
        files = files_of(where, "test")
        if not files:
            raise Absent(f"a file *test*.parquet or *test*.jsonl in {where}", REMEDY)
        shots = self._settings.shots
        examples = _examples(where, shots) if shots else {}
        version = content_of(files) if self._data else REVISION[:12]
        return Answers(read_rows(files), examples, {"questions": version})


class Answers:
    """The questions, and the examples that stand before them."""

    official = True

    def __init__(self, rows: Sequence[Row], examples: Mapping[str, str], versions: Mapping[str, str]) -> None:
        """Args:
        examples: category -> text.
        """
        self._rows: dict[tuple[str, str], Row] = {}
        for row in rows:
            key = f"mmlu-pro/{row.text('category')}", row.text("question_id")
            if key in self._rows:
                raise row.wrong("question_id", f"{key[1]} stands here twice")
            _check(row)
            if examples and row.text("category") not in examples:
                raise row.wrong("category", f"'{row.text('category')}' has no example in the validation split")
            self._rows[key] = row
        self._examples = examples
        self.versions: Mapping[str, str] = versions
        self.tasks: Sequence[Task] = [
            Task(environment=environment, id=number, split="test", max_steps=MAX_CALLS) for environment, number in self._rows
        ]
        count = len({task.environment for task in self.tasks})
        self.split = f"of {len(self.tasks):,} questions in {count} subjects"

    def question(self, task: Task) -> Question:
        """One of them."""
        row = self._rows[task.environment, task.id]
        category = row.text("category")
        letters = LETTERS[: len(_options(row))]
        return Question(
            prompt=ASKED.format(category=category) + self._examples.get(category, "") + _asked(row) + f"Answer: {STEPS}",
            judge=partial(judge, row.text("answer")),
            right=told(row.text("answer")),
            guess=lambda rng: _guess(rng, letters),
        )


def told(letter: str) -> str:
    """An answer as it is asked for."""
    return f"The answer is ({letter})."


def judge(right: str, text: str) -> Verdict:
    """Whether a text gives the right letter."""
    letter = letter_of(text)
    return Verdict(float(letter == right), {"letter": letter} if letter else None, {"right": letter == right})


def letter_of(text: str) -> str | None:
    """The letter that a text gives for its answer; None: none.

    The first rule that finds one wins: the first "answer is X"; the last "answer: X" of the first line with one; the last
    letter that stands alone. Written for texts of any length: no rule looks at a character twice.
    """
    if first := FIRST.search(text):
        return first.group(1)
    if line := LINE.search(text):
        end = text.find("\n", line.start())
        here = [found for found in LINE.finditer(text) if end < 0 or found.start() < end]
        return here[-1].group(1)
    single = SINGLE.findall(text)
    return single[-1] if single else None


def _guess(rng: random.Random, letters: str) -> str:
    return told(rng.choice(letters))


def _check(row: Row) -> None:
    row.text("question")
    options, answer = _options(row), row.text("answer")
    if not 2 <= len(options) <= len(LETTERS):
        raise row.wrong("options", f"must be 2 to {len(LETTERS)} texts, got {len(options)}")
    if len(answer) != 1 or answer not in LETTERS[: len(options)]:
        raise row.wrong("answer", f"must be a letter from A to {LETTERS[len(options) - 1]}, got '{answer}'")


def _options(row: Row) -> list[str]:
    return [option for option in row.texts("options") if option != "N/A"]


def _asked(row: Row) -> str:
    options = "".join(f"{letter}. {option}\n" for letter, option in zip(LETTERS, _options(row), strict=False))
    return f"Question: {row.text('question')}\nOptions:\n{options}"


def _examples(where: Path, shots: int) -> dict[str, str]:
    """Category -> its first so many examples, with their chains of thought."""
    found: dict[str, list[str]] = {}
    for row in read_rows(_beside(where)):
        thought = row.text("cot_content").removeprefix("A: ") or STEPS
        found.setdefault(row.text("category"), []).append(f"{_asked(row)}Answer: {thought}\n\n")
    if not found:
        raise Absent(f"the validation split, which holds the {shots} examples of each subject, at {where}", REMEDY)
    return {category: "".join(ones[:shots]) for category, ones in found.items()}


def _beside(where: Path) -> list[Path]:
    """The files of the validation split: in the folder, or the file of the same name but for its split."""
    if where.is_dir():
        return files_of(where, "validation")
    other = where.with_name(where.name.replace("test", "validation"))
    return [other] if other != where and other.is_file() else []
