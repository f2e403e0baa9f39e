"""From a problem to a candidate with a chat model: inputs, environment, solvers, in this order.

The paper asks for the environment first. Here the inputs are the arguments of the original solution, so they need no
environment; with them at hand, each environment is tried on all of them before it is believed, and what is wrong is fed
back at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codegym_mcp.sandbox.pool import Pool
from synth.generate.cases import make_inputs
from synth.generate.dialogue import Dialogue, Unusable
from synth.generate.environment import check_answers, make_environment
from synth.generate.recorded import RecordedModel
from synth.generate.solvers import sample_solvers
from synth.generate.source import read_environment
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Problem, Rejection


@dataclass(frozen=True, slots=True)
class Settings:
    """How the model is asked. The defaults are the paper's where it gives any."""

    solvers: int = 10
    """K: solvers sampled."""
    retries: int = 2
    """Further attempts after a wrong environment or wrong inputs."""
    min_inputs: int = 10
    """Fewest valid inputs."""
    temperature: float = 0.7
    """For environments and inputs."""
    solver_temperature: float = 1.0
    """Above 0: K equal solvers prove no more than one."""

    def __post_init__(self) -> None:
        """Raises:
        ValueError: a setting makes no sense.
        """
        if self.solver_temperature <= 0:
            raise ValueError(f"solver_temperature must be above 0, got {self.solver_temperature:g}")
        if self.solvers < 1 or self.retries < 0 or self.min_inputs < 1:
            raise ValueError(f"solvers and min_inputs must be at least 1, retries at least 0, got {self}")


async def generate(
    model: RecordedModel,
    pool: Pool,
    problem: Problem,
    inputs: Sequence[Input] | None = None,
    *,
    settings: Settings | None = None,
) -> Candidate | Rejection:
    """Make an environment for a problem. It is a candidate: nothing is proven before synth/verify has judged it.

    Args:
        inputs: known already, with the original's answers; the model is asked for more only if they are too few.

    Raises:
        PolicyError: the endpoint failed, or it is offline and a completion is missing (NotRecorded).
        SandboxError: the machine failed.
    """
    settings = settings or Settings()
    dialogue = Dialogue(model, problem.id, settings.retries)
    try:
        return await _generate(dialogue, pool, problem, list(inputs or ()), settings)
    except Unusable as exc:
        return Rejection(id=problem.id, stage="generate", reason=exc.reason, detail=exc.detail)


async def _generate(dialogue: Dialogue, pool: Pool, problem: Problem, inputs: list[Input], settings: Settings) -> Candidate:
    name = environment_name(problem.id)
    if len(inputs) < settings.min_inputs:
        inputs += await make_inputs(dialogue, Originals(pool), problem, inputs, temperature=settings.temperature)
    if len(inputs) < settings.min_inputs:
        raise Unusable("too few inputs", f"expected at least {settings.min_inputs} distinct valid ones, got {len(inputs)}")
    definition = await make_environment(dialogue, pool, problem, name, inputs, temperature=settings.temperature)
    sampled = await sample_solvers(dialogue, definition, settings.solvers, temperature=settings.solver_temperature)
    solvers = {"asked": sampled.asked, "usable": sampled.usable, "distinct": len(sampled.solvers)}
    return Candidate(
        name=name,
        problem=problem,
        env=definition.source,
        inputs=tuple(inputs),
        route="generate",
        solvers=sampled.solvers,
        notes={**dialogue.notes(), "solvers": solvers},
    )


async def augment(
    model: RecordedModel, pool: Pool, candidate: Candidate, *, settings: Settings | None = None
) -> Candidate | Rejection:
    """Difficulty augmentation: the candidate with harder inputs beside its own, of the level "hard" (T_max 512).

    Works on extracted candidates too. Each new input is answered by the original, and the environment must agree.

    Raises:
        PolicyError, SandboxError: as `generate`.
    """
    settings = settings or Settings()
    problem = candidate.problem
    dialogue = Dialogue(model, problem.id, settings.retries)
    try:
        harder = await make_inputs(
            dialogue, Originals(pool), problem, candidate.inputs, temperature=settings.temperature, levels=("harder",)
        )
        await check_answers(pool, read_environment(candidate.env, candidate.name), harder)
    except Unusable as exc:
        return Rejection(id=problem.id, stage="generate", reason=exc.reason, detail=exc.detail)
    notes: dict[str, Any] = {**candidate.notes, "augmented": {**dialogue.notes(), "inputs": len(harder)}}
    return candidate.model_copy(update={"inputs": (*candidate.inputs, *harder), "notes": notes})


def environment_name(id: str) -> str:
    """The name of a problem's environment: snake_case, beginning with a letter."""
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", id).lower()).strip("_")
    return name if name[:1].isalpha() else f"problem_{name}"
