"""Ground truth: the original solution alone says what is right, and the environment must say the same."""

import json
from collections.abc import Sequence
from typing import Any

from codegym_mcp.definition import Definition
from codegym_mcp.environment import same
from codegym_mcp.errors import ToolCallError, ToolTimeout, clip
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from synth.inputs.find import find_inputs
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Rejection
from synth.verify.refused import Refused

SHOWN_CHARS = 120
UNSEEN = 4
"""Inputs drawn that neither a model nor an extractor has seen."""
UNSEEN_SEED = 7919
MAX_INVALID = 0.2
"""Share of the inputs that the original may fail on."""


async def true_inputs(originals: Originals, candidate: Candidate) -> list[Input]:
    """The distinct inputs that the original answers, and its answers.

    Raises:
        Refused: too many are invalid, or it answers otherwise than the candidate says.
    """
    inputs = list({json.dumps(item.config, sort_keys=True): item for item in candidate.inputs}.values())
    truths = await originals.settled(candidate.problem, [item.config for item in inputs])
    failures = [truth.failure for truth in truths if truth.failure is not None]
    if not inputs or len(failures) > MAX_INVALID * len(inputs):
        raise Refused("inputs", f"the original fails on {len(failures)} of {len(inputs)}: {clip(failures[:1], SHOWN_CHARS)}")
    for item, truth in zip(inputs, truths, strict=True):
        if truth.failure is None and not same(item.answer, truth.answer):
            raise Refused("inputs", _difference("the answer that came with an input is", item.answer, truth.answer))
    return [item for item, truth in zip(inputs, truths, strict=True) if truth.failure is None]


async def check_references(pool: Pool, definition: Definition, inputs: Sequence[Input]) -> None:
    """Does the environment's reference equal the original's answer?

    Raises:
        Refused: not on every input.
    """
    for number, item in enumerate(inputs, start=1):
        try:
            reference = json.loads(await _reference(pool, definition, item))
        except (ToolCallError, ValueError, RecursionError) as exc:
            raise Refused("ground truth", f"input {number} of {len(inputs)}: no reference: {clip(exc)}") from exc
        if not same(reference, item.answer):
            what = f"input {number} of {len(inputs)}: the environment's reference is"
            raise Refused("ground truth", _difference(what, reference, item.answer))


async def _reference(pool: Pool, definition: Definition, item: Input) -> str:
    """Asked once more if it takes too long: the machine may be busy."""
    head = {"config": item.config, "seed": 0}
    try:
        return await pool.consult(definition, frames.REFERENCE, head)
    except ToolTimeout:
        return await pool.consult(definition, frames.REFERENCE, head)


async def unseen_inputs(originals: Originals, candidate: Candidate) -> list[Input]:
    """Inputs that the candidate does not have, with the original's answers; none where nothing can be drawn or varied."""
    problem = candidate.problem.model_copy(update={"inputs": tuple(item.config for item in candidate.inputs)})
    wanted = len(candidate.inputs) + 2 * UNSEEN
    found = await find_inputs(originals, problem, wanted=wanted, seed=UNSEEN_SEED)
    if isinstance(found, Rejection):
        return []
    known = {json.dumps(item.config, sort_keys=True) for item in candidate.inputs}
    return [item for item in found if json.dumps(item.config, sort_keys=True) not in known][:UNSEEN]


def _difference(what: str, got: Any, expected: Any) -> str:
    return f"{what} {clip(json.dumps(got), SHOWN_CHARS)}, the original says {clip(json.dumps(expected), SHOWN_CHARS)}"
