"""Inputs written by the model, in two levels and several short replies; the original solution says which are valid."""

from collections.abc import Sequence

from codegym_mcp.errors import clip
from synth.generate.dialogue import Dialogue, Unusable
from synth.generate.prompts import inputs_prompt
from synth.generate.replies import read_configs, section
from synth.generate.together import together
from synth.inputs.originals import Originals
from synth.problem import Input, Problem

SAMPLES = 2
"""Short replies per level: a long one repeats itself."""
LEVELS = ("medium", "hard")
MIN_VALID = 0.8
"""Share of a reply's inputs that the original must answer (paper)."""
TOLD = 3
"""Wrong inputs that are fed back."""


async def make_inputs(
    dialogue: Dialogue,
    originals: Originals,
    problem: Problem,
    given: Sequence[Input],
    *,
    temperature: float,
    levels: Sequence[str] = LEVELS,
) -> list[Input]:
    """Ask for inputs of every level; those that the original answers, each once.

    Args:
        given: shown to the model as examples, and not repeated.
        levels: keys of prompts.INPUT_RULES.

    Raises:
        Unusable: a reply stayed wrong.
        PolicyError, SandboxError: the endpoint or the machine failed.
    """
    replies = await together(
        [
            _one_reply(dialogue, originals, problem, given, level, sample, temperature)
            for level in levels
            for sample in range(1, SAMPLES + 1)
        ]
    )
    known = {repr(one.config) for one in given}
    found: dict[str, Input] = {}
    for one in (one for reply in replies for one in reply):
        if repr(one.config) not in known:
            found.setdefault(repr(one.config), one)
    return list(found.values())


async def _one_reply(
    dialogue: Dialogue,
    originals: Originals,
    problem: Problem,
    given: Sequence[Input],
    level: str,
    sample: int,
    temperature: float,
) -> list[Input]:
    async def check(text: str) -> list[Input]:
        configs, wrong = read_configs(section(text, "inputs"))
        truths = await originals.settled(problem, configs)
        wrong += [f"{clip(c, 120)}: the solution {t.failure}" for c, t in zip(configs, truths, strict=True) if t.failure]
        valid = [
            Input(config=config, answer=truth.answer, level="medium" if level == "medium" else "hard", origin="written")
            for config, truth in zip(configs, truths, strict=True)
            if truth.failure is None
        ]
        if not valid or len(valid) < MIN_VALID * (len(valid) + len(wrong)):
            told = "\n".join(wrong[:TOLD])
            raise Unusable("invalid inputs", f"{len(wrong)} of {len(valid) + len(wrong)} are wrong, such as:\n{told}")
        return valid

    prompt = inputs_prompt(problem, level, given)
    step = f"inputs-{level}-{sample}"
    return await dialogue.converse(prompt, step, check, sample=sample, temperature=temperature)
