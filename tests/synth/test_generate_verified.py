"""What was generated from the recorded completions, judged by verification: sound ones pass, cheats and dead ends do not."""

import pytest

from synth.generate.generate import generate
from synth.generate.recorded import NotRecorded
from synth.problem import Candidate, Rejection
from synth.verify import Sandboxes, Verified, verify
from tests.synth.completions import HOW_TO_RECORD, NAMES, WRONG, offline, recorded, wrong_problem, wrong_settings


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("cheating", ("no Done", "has no attribute 'reset'")),
        ("unsolvable", ("2 x wrong answer",)),
    ],
)
async def test_environment_that_no_sampled_solver_solves_is_refused(scenario: str, words: tuple[str, ...]) -> None:
    """Source: facts of the reference pipeline, which took "reward=1" as said, and gave solvers the reference."""
    async with Sandboxes() as sandboxes:
        try:
            problem, inputs = await wrong_problem(sandboxes.pool)
            model = offline(WRONG / scenario)
            candidate = await generate(model, sandboxes.pool, problem, inputs, settings=wrong_settings(scenario))
        except NotRecorded:
            pytest.skip(HOW_TO_RECORD)
        assert isinstance(candidate, Candidate)
        rejection = await verify(sandboxes, candidate)
    assert isinstance(rejection, Rejection) and rejection.reason == "unsolvable"
    assert all(word in rejection.detail for word in words)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
async def test_generated_environment_is_verified(name: str) -> None:
    async with Sandboxes() as sandboxes:
        verified = await verify(sandboxes, await recorded(sandboxes.pool, name))
    assert isinstance(verified, Verified), verified
    assert verified.solvers is not None and 1 <= verified.solvers.passed < verified.solvers.distinct
    assert (len(verified.tasks), verified.solvers.sampled) == (32, 10)
