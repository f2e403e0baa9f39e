"""Many problems, several at a time, each as far as it goes.

What is made of them depends neither on how many are worked on at a time nor on the order in which they end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from codegym_mcp.check import together
from codegym_mcp.journal import Journal
from synth.pipeline.pipeline import LIMIT_S, Pipeline
from synth.pipeline.request import GENERATE, NAMED, Request
from synth.pipeline.stages import Model, Stages
from synth.problem import Candidate, Problem, Rejection
from synth.report.funnel import Way, way_of
from synth.verify import Verified

Item = Problem | Rejection


class Watcher(Protocol):
    """Who is told how a run goes."""

    def tell(self, text: str) -> None:
        """Something to know, in one line."""

    def begin(self, ways: Sequence[Way]) -> None:
        """All that is to be worked on."""

    def end(self, way: Way) -> None:
        """One of them has come as far as it goes."""


@dataclass(frozen=True)
class Effort:
    """How a run is done. The results do not depend on it, but for what runs out of time."""

    workers: int = 4
    """Problems worked on at a time."""
    limit_s: float = LIMIT_S
    """Wall seconds that one stage of one problem may take."""
    verified: bool = True
    """Whether to go on to verification."""


@dataclass
class Result:
    """What came of one problem."""

    way: Way
    problem: Problem | None = None
    candidate: Candidate | None = None
    verified: Verified | None = None


def read_problems(request: Request) -> list[Item]:
    """Problems of a file, a folder, or a set that comes with a package; and what could not be read, each with why.

    Raises:
        CodegymError: there is no such file, or it is of no known form.
    """
    from synth.readers import read, read_named

    name = request.problems
    found = read_named(name) if name in NAMED and not Path(name).exists() else read(Path(name))
    return list(islice(found, request.limit))


async def work_through(
    items: Sequence[Item], journal: Journal, request: Request, effort: Effort, watcher: Watcher, model: Model | None = None
) -> list[Result]:
    """Bring problems as far as they go.

    Returns:
        One result per item, in their order.

    Raises:
        SandboxError, PolicyError: the machine or the model endpoint is down.
        JournalError: results cannot be kept.
    """
    results = [Result(way_of(item, "kept" if effort.verified else "made")) for item in items]
    watcher.begin([result.way for result in results])
    waiting = iter(zip(items, results, strict=True))
    pipeline = Pipeline(journal, limit_s=effort.limit_s)
    async with Stages(pipeline, request, model) as stages:

        async def worker() -> None:
            for item, result in waiting:  # shared by all workers: each takes the next
                if isinstance(item, Problem):
                    await _bring(stages, item, result, request, effort.verified)
                watcher.end(result.way)

        await together(*(worker() for _ in range(effort.workers)))
    return results


async def _bring(stages: Stages, problem: Problem, result: Result, request: Request, verified: bool) -> None:
    """One problem, through every route until one leads somewhere."""
    result.problem = problem
    found = await stages.original(problem)
    ground = None if isinstance(found, Rejection) else found
    if isinstance(found, Rejection):
        result.way.rejections.append(found)
    for route in request.routes:
        if route == GENERATE:
            candidate = await stages.generate(problem, ground)
        elif ground is not None:
            candidate = await stages.extract(ground)
        else:
            continue
        if isinstance(candidate, Rejection):
            result.way.rejections.append(candidate)
            continue
        if request.harder:
            candidate = await stages.augment(candidate)
        result.candidate = candidate
        proof = await stages.verify(candidate) if verified else None
        if isinstance(proof, Rejection):
            result.way.rejections.append(proof)
            continue
        result.verified = proof
        result.way.rejections.clear()
        return
