"""One problem's way through the stages: original, extract or generate, verify. Each result is kept in the journal.

A stage ends in its result or in a Rejection, whatever happens inside. Three ends are not the problem's doing:
it ran past its time (kept, and tried again only with a longer limit), the machine failed, or this program did
(neither is kept, so the next run tries again).
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import PolicyError, SandboxError, clip
from codegym_mcp.journal import Journal, JournalError, Line
from synth.pipeline.program import code_hash
from synth.problem import Problem, Rejection

T = TypeVar("T")

LIMIT_S = 600.0
"""Wall seconds one stage of one problem may take."""
TRIES = 3
"""Attempts at a stage when the machine fails."""
PAUSE_S = 0.5
MAX_FAULTS = 8
"""So many problems in a row lost to machine faults, and the run is stopped: the machine or the model endpoint is down."""
OUT_OF_TIME, FAULT, BUG, NOT_RECORDED = "ran out of time", "machine fault", "fault of this program", "not recorded"
UNSETTLED = (FAULT, BUG, NOT_RECORDED)
"""Reasons that say nothing about the problem, and are not kept."""


@dataclass(frozen=True)
class Stage(Generic[T]):
    """What a stage's result depends on beside its input."""

    name: str
    module: str
    """Where its code begins."""
    result: TypeAdapter[T]
    """How its result is written and read."""
    options: str = ""
    """As text, for the key."""
    limit_s: float = 0.0
    """Wall seconds it may take, if more than other stages."""


class Pipeline:
    """Runs stages of problems, or recalls what they gave before."""

    def __init__(self, journal: Journal, *, limit_s: float = LIMIT_S) -> None:
        self._journal, self._limit_s = journal, limit_s
        self._faults = 0
        """Machine faults in a row."""
        self.recalled = self.done = 0
        """Stages found in the journal, and stages run."""

    async def stage(
        self, stage: Stage[T], problem: Problem, given: str, work: Callable[[], Awaitable[T | Rejection]]
    ) -> T | Rejection:
        """The result of one stage.

        Args:
            given: all that the stage is given, as text.

        Raises:
            SandboxError, PolicyError: the machine or the model endpoint fails for every problem.
            JournalError: the result cannot be kept.
        """
        key = content_hash(stage.name, code_hash(stage.module), stage.options, given)
        limit_s = max(self._limit_s, stage.limit_s)
        timed = f"{key}/{limit_s:g}"
        """The key of what ran out of time: with a longer limit it is another one."""
        if line := self._journal.recall(key) or self._journal.recall(timed):
            self.recalled += 1
            return _read(stage, line)
        started = time.monotonic()
        result = await self._attempt(stage, problem, work, limit_s)
        if isinstance(result, Rejection) and result.reason in UNSETTLED:
            return result
        self.done += 1
        self._faults = 0
        line = {"key": key, "problem": problem.id, "stage": stage.name, "seconds": round(time.monotonic() - started, 3)}
        if isinstance(result, Rejection):
            line["rejection"] = result.model_dump(mode="json")
            if result.reason == OUT_OF_TIME:
                line["key"] = timed
        else:
            line["result"] = stage.result.dump_python(result, mode="json")
        self._journal.note(line)
        return _read(stage, line)  # as it will be read when recalled: both ways must give the same

    async def _attempt(
        self, stage: Stage[T], problem: Problem, work: Callable[[], Awaitable[T | Rejection]], limit_s: float
    ) -> T | Rejection:
        """Run a stage; whatever it raises becomes a Rejection."""
        for attempt in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(limit_s):
                    return await work()
            except TimeoutError:
                return Rejection(id=problem.id, stage=stage.name, reason=OUT_OF_TIME, detail=f"{limit_s:g} s")
            except (SandboxError, PolicyError) as exc:
                if attempt == TRIES or not exc.retryable:
                    return self._fault(stage, problem, exc)
                await asyncio.sleep(PAUSE_S * attempt)
            except JournalError:
                raise
            except Exception as exc:  # one problem must not end the run of all
                return Rejection(id=problem.id, stage=stage.name, reason=BUG, detail=_place(exc))
        raise AssertionError("unreachable")

    def _fault(self, stage: Stage[T], problem: Problem, exc: SandboxError | PolicyError) -> Rejection:
        self._faults += 1
        if self._faults >= MAX_FAULTS:
            raise exc
        return Rejection(id=problem.id, stage=stage.name, reason=FAULT, detail=clip(exc))


def _read(stage: Stage[T], line: Line) -> T | Rejection:
    if "rejection" in line:
        return Rejection.model_validate(line["rejection"])
    return stage.result.validate_python(line["result"])


def _place(exc: Exception) -> str:
    """An exception in one line, with where in our code it was raised."""
    frames = traceback.extract_tb(exc.__traceback__)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return clip(f"{type(exc).__name__}: {exc}{where}")
