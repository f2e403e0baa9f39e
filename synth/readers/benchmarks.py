"""Layouts of HumanEval and MBPP. Both are benchmarks: they exercise this pipeline, and nothing may be trained on them."""

from synth.problem import Problem
from synth.readers.entry import resolve
from synth.readers.fields import Fields
from synth.readers.screen import parsed

HUMAN_EVAL = {"task_id", "prompt", "entry_point", "canonical_solution", "test"}
MBPP = {"task_id", "code", "test_list"}


def read_human_eval(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    return Problem(
        id=fields.identity("task_id"),
        statement=fields.text("prompt"),
        solution=fields.text("prompt") + fields.text("canonical_solution"),
        entry_point=fields.text("entry_point"),
        tests=fields.text("test"),
        test_kind="check",
        source="openai/human-eval",
        licence="MIT",
        benchmark=True,
    )


def read_mbpp(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    solution, _ = parsed(fields.text("code"), "code")
    setup = [fields.text("test_setup_code", default=""), *fields.texts("test_imports")]
    asserts = fields.texts("test_list") + fields.texts("challenge_test_list")
    solution, entry = resolve(solution, None, "\n".join(asserts))
    return Problem(
        id=fields.identity("task_id", prefix="mbpp/"),
        statement=fields.text("text", "prompt"),
        solution=solution,
        entry_point=entry,
        tests="\n".join([*filter(None, setup), *asserts]),
        test_kind="assert",
        source="google-research MBPP",
        licence="CC-BY-4.0",
        benchmark=True,
    )
