"""Seconds that taking a problem apart needs, against running its original solution on the same inputs.

    python tests/bench/bench_extract.py [--rounds 3] [--problems 20]

The problems are those of synth/library, each with 12 inputs drawn by its own generator.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path

from harness import run, tell

from codegym_mcp.sandbox.pool import Pool
from synth.extract import extract
from synth.inputs.find import find_inputs
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Problem, Rejection
from synth.readers import read

LIBRARY = Path(__file__).parents[2] / "synth" / "library"


async def measure(rounds: int, problems: int) -> None:
    """Print seconds per problem, the ratio to the originals, and what came of the problems."""
    async with Pool() as pool:
        originals = Originals(pool)
        cases = await _cases(originals, problems)
        apart, plain = list[float](), list[float]()
        outcomes: Counter[str] = Counter()
        for _ in range(rounds):
            for problem, inputs in cases:
                started = time.perf_counter()
                result = await extract(pool, problem, inputs)
                apart.append(time.perf_counter() - started)
                started = time.perf_counter()
                await originals.answers(problem, [case.config for case in inputs])
                plain.append(time.perf_counter() - started)
                outcomes["extracted" if isinstance(result, Candidate) else result.reason] += 1
    what = f"{rounds} rounds of {len(cases)} problems"
    tell("seconds per problem", apart, what)
    tell("times the originals on the same inputs", [one / other for one, other in zip(apart, plain, strict=True)], what)
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))


async def _cases(originals: Originals, count: int) -> list[tuple[Problem, list[Input]]]:
    found: list[tuple[Problem, list[Input]]] = []
    for problem in read(LIBRARY):
        if len(found) < count and isinstance(problem, Problem):
            inputs = await find_inputs(originals, problem, wanted=12, seed=0)
            if not isinstance(inputs, Rejection):
                found.append((problem, inputs))
        await asyncio.sleep(0)
    return found


if __name__ == "__main__":
    run(measure, rounds=3, problems=20)
