"""Inputs of a problem: its own, those its tests use, drawn by its generator, or varied by type; each with the answer.

Chosen are inputs on which the original answers, always the same, and no answer too often.
"""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from synth.inputs.adapter import Shape
from synth.inputs.originals import Originals
from synth.inputs.preparation import LEVELS, Unusable, as_text, draw, plain_config, prepare, rejection
from synth.inputs.vary import Varier, extent, weight
from synth.problem import Input, Problem, Rejection

MAX_CONFIG_CHARS = 16_000
"""Length of an input as JSON."""
MAX_STEPS = 100_000
"""Lines of Python that the original may run for one input: far more than any player's calls."""
LARGE = 16
"""Numbers and characters in an input that takes a player more than 10 calls or so."""
DRAWN = 3
"""So many times the wanted inputs are drawn or varied."""
MAX_SHARE = 0.2
"""Share of the inputs that may have the same answer, while there are others."""
FEW = 8
"""So many inputs, rather than more with the same answers."""


class Draft(NamedTuple):
    """An input without an answer."""

    config: dict[str, Any]
    level: str | None
    origin: str


async def find_inputs(originals: Originals, problem: Problem, *, wanted: int, seed: int) -> list[Input] | Rejection:
    """Inputs with the original's answers: valid, distinct, the same answer whenever asked, of all levels.

    Args:
        problem: as `prepare` gives it; one that has only tests is prepared here.
        wanted: how many; there may be fewer.
        seed: of everything that is drawn.

    Raises:
        SandboxError: the machine failed.
    """
    if not problem.inputs and not problem.generator:
        prepared = await prepare(originals, problem)
        if isinstance(prepared, Rejection):
            return prepared
        problem = prepared
    try:
        return await _found(originals, problem, wanted, seed)
    except Unusable as exc:
        return rejection(problem, exc)


async def _found(originals: Originals, problem: Problem, wanted: int, seed: int) -> list[Input]:
    drafts = [Draft(config, None, "given") for config in problem.inputs]
    found = await _answered(originals, problem, drafts)
    if problem.generator:
        drawn = await draw(originals, problem, DRAWN * wanted, seed)
        shapes = {name: Shape() for _, config in drawn for name in config}
        fresh = [Draft(plain_config(shapes, config), level, "drawn") for level, config in drawn]
        if fresh[0].level is None and sum(weight(draft.config) >= LARGE for draft in fresh) < wanted:
            fresh = _varied(problem, [draft.config for draft in fresh], wanted, seed, longer=True) + fresh
    else:
        fresh = _varied(problem, [item.config for item in found], DRAWN * wanted, seed)
    known = {as_text(item.config) for item in found}
    fresh = [draft for draft in fresh if as_text(draft.config) not in known]
    found += await _answered(originals, problem, fresh)
    if not found:
        raise Unusable("no inputs", "expected inputs, tests or a generator")
    chosen = choose(_levelled(found), wanted)
    if len({as_text(item.answer) for item in chosen}) < 2:
        raise Unusable("fewer than 2 distinct answers", f"{len(chosen)} inputs")
    return chosen


async def _answered(originals: Originals, problem: Problem, drafts: Sequence[Draft]) -> list[Input]:
    """The drafts that the original answers, with its answers. One answer that changes spoils the problem."""
    drafts = [draft for draft in _unlike(drafts) if len(as_text(draft.config)) <= MAX_CONFIG_CHARS]
    order = sorted(range(len(drafts)), key=lambda number: extent(drafts[number].config))  # the longest may take for ever
    answers = await originals.answers(problem, [drafts[number].config for number in order], repeat=True, steps=MAX_STEPS)
    truths = [truth for _, truth in sorted(zip(order, answers, strict=True), key=lambda pair: pair[0])]
    if changing := next((truth.failure for truth in truths if truth.failure and "differs" in truth.failure), None):
        raise Unusable("not deterministic", changing)
    found = [
        Input(config=draft.config, answer=truth.answer, level=draft.level or "", origin=draft.origin)
        for draft, truth in zip(drafts, truths, strict=True)
        if truth.failure is None
    ]
    if not found and any(draft.origin != "varied" for draft in drafts):
        failure = Counter(truth.failure or "" for truth in truths).most_common(1)[0][0]
        raise Unusable(_reason(failure), failure)
    return found


def _reason(failure: str) -> str:
    """The fixed reason of a failure."""
    for start, reason in REASONS.items():
        if failure.startswith(start):
            return reason
    return "original fails"


REASONS = {
    "raised": "original raises",
    "ran past the limit of": "original needs too much memory",
    "ran out of memory": "original needs too much memory",
    "ran past": "original is too slow",
    "not tried": "original is too slow",
    "answer is not JSON": "answer is not JSON",
    "answer is null": "answer is null",
    "answer is longer": "answer is too long",
}


def _varied(problem: Problem, configs: list[dict[str, Any]], count: int, seed: int, *, longer: bool = False) -> list[Draft]:
    """Inputs like the given ones. A script's text is not taken apart.

    Args:
        longer: only such as hold more, where an argument can.
    """
    if problem.entry_point is None or not configs:
        return []
    varier, rng = Varier(configs), random.Random(f"{seed}/{problem.id}")
    if longer and not varier.long:
        return []
    levels = LEVELS[1:] if longer else LEVELS
    return [Draft(varier.draw(rng, levels[number % len(levels)]), None, "varied") for number in range(count)]


def _levelled(inputs: list[Input]) -> list[Input]:
    """Inputs without a level get one by their size: a third each."""
    sizes = sorted(extent(item.config) for item in inputs if not item.level)
    marks = [sizes[len(sizes) * third // 3] for third in (1, 2)] if sizes else []

    def level(item: Input) -> str:
        return LEVELS[sum(extent(item.config) >= mark for mark in marks)] if sizes[0] < sizes[-1] else "medium"

    return [item if item.level else item.model_copy(update={"level": level(item)}) for item in inputs]


def choose(inputs: list[Input], wanted: int) -> list[Input]:
    """So many inputs, of all levels alike, with no answer in more than its share while there are enough others."""
    most = max(1, int(MAX_SHARE * wanted))
    chosen: list[Input] = []
    counts: Counter[str] = Counter()
    queues = {level: [item for item in inputs if item.level == level] for level in LEVELS}
    spare: list[Input] = []
    while len(chosen) < wanted and any(queues.values()):
        for queue in queues.values():
            if queue and len(chosen) < wanted:
                item = queue.pop(0)
                enough = counts[as_text(item.answer)] >= most
                (spare if enough else chosen).append(item)
                counts[as_text(item.answer)] += not enough
    if len(chosen) < min(FEW, wanted):
        chosen += spare[: min(FEW, wanted) - len(chosen)]
    return sorted(chosen, key=lambda item: LEVELS.index(item.level))


def _unlike(drafts: Sequence[Draft]) -> list[Draft]:
    return list({as_text(draft.config): draft for draft in reversed(drafts)}.values())[::-1]
