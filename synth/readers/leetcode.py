"""LeetCodeDataset's layout: methods of `class Solution`. For files that users bring themselves."""

from synth.problem import Problem
from synth.readers.entry import resolve
from synth.readers.fields import Fields
from synth.readers.screen import parsed

FIELDS = {"task_id", "problem_description", "completion", "entry_point", "test"}


def read(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    tests = fields.text("test")
    source, _ = parsed(f"{fields.text('prompt', default='')}\n\n{fields.text('completion')}", "completion")
    source, entry = resolve(source, fields.text("entry_point"), tests)
    return Problem(
        id=fields.identity("task_id", prefix="leetcode/"),
        statement=fields.text("problem_description"),
        solution=source,
        entry_point=entry,
        tests=tests,
        test_kind="check",
        source=fields.text("source", default="LeetCodeDataset"),
        licence=fields.text("licence", "license", default="not stated"),
    )
