"""Runs original solutions in the sandbox: the only ground truth there is. What one cannot answer is told in one line."""

import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import anyio

from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import SandboxError, ToolCallError, ToolOverLimit, ToolRaised, ToolTimeout
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from synth import plain
from synth.inputs import probe, stand_ins, trial
from synth.problem import Problem

LIMIT_S = 1.0
"""Processor seconds that an original may take for one input."""
MAX_ANSWER_CHARS = 4096
"""Length of an answer as JSON; data sets ask for far less."""
BATCH = 32
"""Inputs per request."""
STOPPED = "stopped"
PATIENCE = {"s": 3, STOPPED: 3, "lines": 1}
"""End of a failure -> what it costs; once a problem has cost MAX_COST, the rest of its inputs is not tried."""
MAX_COST = 6
DOUBTFUL = re.compile("ran past|not tried|ended its process")
"""Failures that a machine short of time or memory may cause."""
TRIES = 4
"""Attempts at a request when the machine, not the code, fails."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the original solution says to one input."""

    answer: Any | None
    """Plain JSON, never null."""
    failure: str | None
    """One line; None: it answered."""


@cache
def _definition() -> Definition:
    """The code that runs in the sandbox; what it tries comes as data, so it is compiled once for all problems."""
    parts = [inspect.getsource(module) for module in (plain, stand_ins, probe, trial)]
    source = re.sub(r"^from synth\..*\n", "", "\n\n".join(parts), flags=re.MULTILINE)  # what they have of each other
    return Definition(
        "trial", "native", trial.Trial.__name__, source, "synth/inputs/trial.py", "", (), content_hash("trial", source)
    )


async def ask(pool: Pool, job: str, **arguments: Any) -> Any:
    """Have a fresh sandboxed process do one job of `trial.Trial`.

    Raises:
        ToolCallError: the code under trial failed as a whole.
        SandboxError: the machine failed, several times.
    """
    head = {"config": {"job": job, **arguments}, "seed": 0}
    for attempt in range(1, TRIES + 1):
        try:
            return _loads(await pool.consult(_definition(), frames.REFERENCE, head))
        except SandboxError as exc:
            if attempt == TRIES or not exc.retryable:
                raise
            await anyio.sleep(0.1 * 4**attempt)
        except (ValueError, RecursionError) as exc:  # the code under trial wrote the reply itself
            raise ToolRaised("solve", "a reply that is no JSON") from exc
    raise AssertionError("unreachable")


def _loads(text: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f"the number {constant}")

    return json.loads(text, parse_constant=refuse)


class Originals:
    """Asks original solutions for answers, each input in freshly loaded code."""

    def __init__(self, pool: Pool, other: Pool | None = None, *, limit_s: float = LIMIT_S) -> None:
        """Args:
        pool: a running sandbox.
        other: a second one with another `hash_seed`, for repeated runs; default: the same.
        limit_s: processor seconds per input.
        """
        self.pool, self.other, self.limit_s = pool, other or pool, limit_s

    async def answers(
        self, problem: Problem, configs: Sequence[dict[str, Any]], *, repeat: bool = False, steps: int = 0
    ) -> list[Truth]:
        """The original's answer to each input, as plain JSON.

        Args:
            repeat: ask again, in other processes, twice in each, with other hashes and other random numbers, and
                refuse what differs.
            steps: lines of Python that may run per input; 0: any number. Unlike time, the same on every machine.

        Raises:
            SandboxError: the machine failed.
        """
        first = await self._run(self.pool, problem, configs, runs=1, noise=0, steps=steps)
        if not repeat:
            return first
        good = [number for number, truth in enumerate(first) if truth.failure is None]
        again = await self._run(self.other, problem, [configs[number] for number in good], runs=2, noise=1, steps=0)
        for number, truth in zip(good, again, strict=True):
            if truth.failure is not None:
                first[number] = truth
            elif _canonical(truth.answer) != _canonical(first[number].answer):
                first[number] = Truth(None, "answer differs between two runs")
        return first

    async def settled(self, problem: Problem, configs: Sequence[dict[str, Any]]) -> list[Truth]:
        """The answers, for good: what a machine short of time or memory may have spoilt is asked once more.

        Raises:
            SandboxError: the machine failed.
        """
        truths = await self.answers(problem, configs)
        doubtful = [number for number, truth in enumerate(truths) if truth.failure and DOUBTFUL.search(truth.failure)]
        again = await self.answers(problem, [configs[number] for number in doubtful]) if doubtful else []
        for number, truth in zip(doubtful, again, strict=True):
            truths[number] = truth
        return truths

    async def _run(
        self, pool: Pool, problem: Problem, configs: Sequence[dict[str, Any]], *, runs: int, noise: int, steps: int
    ) -> list[Truth]:
        truths: list[Truth] = []
        cost = alone = 0  # `alone`: inputs up to this one are asked for one by one
        while len(truths) < len(configs):
            if cost >= MAX_COST:
                rest = len(configs) - len(truths)
                return truths + [Truth(None, "not tried: others ran past their limit")] * rest
            batch = list(configs[len(truths) : len(truths) + (1 if len(truths) < alone else BATCH)])
            try:
                fresh = await self._batch(pool, problem, batch, runs, noise, steps)
            except ToolCallError as exc:
                if len(batch) > 1:  # one of them spoils the batch: find it
                    alone = len(truths) + len(batch)
                    continue
                fresh = [Truth(None, self._worded(exc))]
            truths += fresh
            cost += sum(_cost(truth) for truth in fresh)
        return truths

    async def _batch(
        self, pool: Pool, problem: Problem, configs: list[dict[str, Any]], runs: int, noise: int, steps: int
    ) -> list[Truth]:
        """Raises: ToolCallError: the batch failed as a whole."""
        try:
            replies = await ask(
                pool,
                "answers",
                source=problem.solution,
                entry=problem.entry_point,
                configs=configs,
                runs=runs,
                noise=noise,
                bounds={"limit_s": self.limit_s, "steps": steps, "chars": MAX_ANSWER_CHARS},
            )
            truths = [_truth(reply) for reply in replies]
        except (TypeError, ValueError, AttributeError) as exc:
            raise ToolRaised("solve", "a reply of its own making") from exc
        if not 0 < len(truths) <= len(configs):
            raise ToolRaised("solve", "a reply of its own making")
        return truths

    def _worded(self, exc: ToolCallError) -> str:
        match exc:
            case ToolTimeout():
                return f"ran past {self.limit_s:g} s and was {STOPPED}"
            case ToolOverLimit():
                return f"ran past the limit of {exc.what}"
            case ToolRaised():
                return f"raised {exc.problem}"
            case _:
                return "ended its process"


def _truth(reply: dict[str, Any]) -> Truth:
    if (failure := reply.get("failure")) is not None:
        return Truth(None, str(failure))
    answer = plain.as_json(reply.get("answer"))
    return Truth(None, "answer is null") if answer is None else Truth(answer, None)


def _cost(truth: Truth) -> int:
    failure = truth.failure or ""
    return PATIENCE.get(failure.split()[-1], 0) if failure.startswith("ran past") else 0


def _canonical(answer: Any) -> str:
    return json.dumps(answer, sort_keys=True)
