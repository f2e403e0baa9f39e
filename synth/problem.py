"""A coding problem with its solution: what goes into the pipeline. Readers of files make these; see readers/."""

from typing import Any

from pydantic import Field

from codegym_mcp.types import Data


class Problem(Data):
    """One problem. Its solution is untrusted text until the sandbox runs it."""

    id: str
    """Unique within a run, such as `mbpp/17`."""
    statement: str
    """The problem as people read it."""
    solution: str
    """Python source of the original solution: the only ground truth."""
    entry_point: str | None = None
    """The function that solves it, called with keyword arguments; None: a script from standard input to standard output."""
    inputs: tuple[dict[str, Any], ...] = ()
    """Arguments of the entry point, plain JSON; a script's are `{"stdin": text}`."""
    generator: str | None = None
    """Source of `generate(rng, level)` or `generate_inputs(rng)`: draws further inputs from a random.Random."""
    tests: str | None = None
    """Source of the problem's own tests, which the original must pass."""
    test_kind: str | None = None
    """How to run them: assert, check (a function taking the candidate), doctest, unittest, pytest."""
    topic: str = ""
    source: str = ""
    """Where it comes from; a benchmark's problems must never be trained on."""
    licence: str = ""
    benchmark: bool = False
    """Whether its source is an evaluation benchmark."""


class Input(Data):
    """One input of a problem with the original solution's answer: a task in the making."""

    config: dict[str, Any]
    answer: Any
    level: str = "medium"
    origin: str = "given"
    """given: with the problem; drawn: by its generator; varied: a given one, changed by type; written: by a model."""


class Candidate(Data):
    """An environment that was made and has yet to be verified."""

    name: str
    """snake_case: its folder, and its name in a catalog."""
    problem: Problem
    env: str
    """Source of `env.py`, native format."""
    inputs: tuple[Input, ...]
    route: str
    """extract or generate."""
    solvers: tuple[str, ...] = ()
    """generate: sources of the sampled `solve(self, call)` functions."""
    notes: dict[str, Any] = Field(default_factory=dict)
    """Facts of its making, for the card: lifted fragments, model, tokens."""


class Rejection(Data):
    """Why a problem or an environment did not go on; one line of the report."""

    id: str
    stage: str
    """read, original, extract, generate, verify, filter."""
    reason: str
    """One of the stage's fixed reasons, for the funnel."""
    detail: str = ""
    """What was expected and what was seen: file, line, field."""
