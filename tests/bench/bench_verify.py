"""Verification: environments x tasks per minute, and how much a verdict costs beside playing each task once.

    python tests/bench/bench_verify.py [--environments 8] [--tasks 16] [--at-once 4] [--rounds 3]

The environments are extracted from our own library of problems, which is not timed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

from harness import run, tell

from codegym_mcp.client import ClientPool
from codegym_mcp.definition import read_native
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from synth.extract import extract
from synth.inputs.find import find_inputs, prepare
from synth.inputs.originals import Originals
from synth.problem import Candidate, Problem, Rejection
from synth.readers import read
from synth.verify import Sandboxes, Verified, verify

LIBRARY = Path(__file__).parents[2] / "synth" / "library"


async def candidates(sandboxes: Sandboxes, environments: int, tasks: int) -> AsyncIterator[Candidate]:
    """So many of the library's problems, made into environments: of every topic in turn."""
    problems = [problem for problem in read(LIBRARY) if isinstance(problem, Problem)]
    originals = Originals(sandboxes.pool)
    for problem in problems[:: max(1, len(problems) // (2 * environments))]:
        prepared = await prepare(originals, problem)
        inputs = prepared if isinstance(prepared, Rejection) else await find_inputs(originals, prepared, wanted=tasks, seed=0)
        if isinstance(inputs, Rejection) or isinstance(prepared, Rejection):
            continue
        if isinstance(made := await extract(sandboxes.pool, prepared, inputs), Candidate):
            yield made
            environments -= 1
            if not environments:
                return


async def play(sandboxes: Sandboxes, result: Verified) -> None:
    """What verification is held against: the oracle plays each task once."""
    definition = read_native(result.candidate.env, name=result.candidate.name, where=result.candidate.name)
    clients, oracle = ClientPool.over(sandboxes.gym), Oracle(sandboxes.shelf, sandboxes.pool)
    with sandboxes.shelf.holding(definition, result.tasks):
        for task in result.tasks:
            await collect_rollout(clients, oracle, task)


async def measure(environments: int, tasks: int, at_once: int, rounds: int) -> None:
    """Verify the same candidates in every round."""
    async with Sandboxes() as sandboxes:
        made = [candidate async for candidate in candidates(sandboxes, environments, tasks)]
        slots = asyncio.Semaphore(at_once)

        async def one(candidate: Candidate) -> Verified | Rejection:
            async with slots:
                return await verify(sandboxes, candidate)

        verdicts, minutes, shares = [], [], []
        for _ in range(rounds):
            started = time.perf_counter()
            results = await asyncio.gather(*(one(candidate) for candidate in made))
            took = time.perf_counter() - started
            verified = [result for result in results if isinstance(result, Verified)]
            played = sum(len(result.tasks) for result in verified)
            verdicts.append(60 * len(made) / took)
            minutes.append(60 * played / took)
            started = time.perf_counter()
            await asyncio.gather(*(play(sandboxes, result) for result in verified))
            shares.append(took / (time.perf_counter() - started))
    kept = f"{len(made)} environments, {len(verified)} verified with {played} tasks, {at_once} at once"
    tell("environments per minute", verdicts, kept)
    tell("tasks per minute", minutes, kept)
    tell("verification / one play of each task", shares, kept)


if __name__ == "__main__":
    run(measure, environments=8, tasks=16, at_once=4, rounds=3)
