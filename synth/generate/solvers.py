"""Solvers sampled from the tools' documentation alone. Which one solves the environment is for synth/verify to judge."""

from dataclasses import dataclass

from codegym_mcp.definition import Definition
from synth.generate.dialogue import Dialogue, Unusable, whole_text
from synth.generate.prompts import Messages, solver_prompt
from synth.generate.replies import normal_form, read_solver, section
from synth.generate.together import together


@dataclass(frozen=True, slots=True)
class Sampled:
    """What came of K requests."""

    solvers: tuple[str, ...]
    """Sources of those that differ in more than names, the first of each, in order."""
    asked: int
    usable: int
    """Replies that hold a function `solve(self, call)`."""


async def sample_solvers(dialogue: Dialogue, definition: Definition, count: int, *, temperature: float) -> Sampled:
    """Ask for K solvers at once. A wrong reply is a sample lost, and not asked for again: pass@K counts it.

    Raises:
        Unusable: not one reply holds a solver; of the first.
        PolicyError: the endpoint failed.
    """
    prompt = solver_prompt(definition)
    replies = await together([_one(dialogue, prompt, number, temperature) for number in range(1, count + 1)])
    usable = [source for source, _ in replies if source]
    if not usable:
        raise Unusable("no solver", f"none of {count} replies holds one; the first: {replies[0][1]}")
    distinct: dict[str, str] = {}
    for source in usable:
        distinct.setdefault(normal_form(source), source)
    return Sampled(tuple(distinct.values()), count, len(usable))


async def _one(dialogue: Dialogue, prompt: Messages, number: int, temperature: float) -> tuple[str, str]:
    """The source of a solver, or what is wrong with the reply."""
    completion = await dialogue.ask(prompt, f"solver-{number:02}", sample=number, temperature=temperature)
    try:
        return read_solver(section(whole_text(completion), "solver")), ""
    except Unusable as exc:
        return "", str(exc)
