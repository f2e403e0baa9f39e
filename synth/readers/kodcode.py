"""KodCode's layout: `question, solution, test`, tests in pytest's style. Its data set is CC BY-NC: nothing of it is shipped."""

from codegym_mcp.definition import content_hash
from synth.problem import Problem
from synth.readers.entry import resolve
from synth.readers.fields import Fields
from synth.readers.screen import parsed

FIELDS = {"question", "solution", "test"}


def read(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    tests = fields.text("test")
    solution, _ = parsed(fields.text("solution"), "solution")
    solution, entry = resolve(solution, fields.data.get("entry_point"), tests)
    named = any(fields.data.get(name) for name in ("question_id", "conversation_id", "id"))
    return Problem(
        id=fields.identity("question_id", "conversation_id", "id", prefix="kodcode/")
        if named
        else f"kodcode/{content_hash(fields.text('question'), solution)[:12]}",
        statement=fields.text("question"),
        solution=solution,
        entry_point=entry,
        tests=tests,
        test_kind="pytest",
        source=fields.text("source", default="KodCode"),
        licence=fields.text("licence", "license", default="CC-BY-NC-4.0"),
    )
