"""The stages by name: each a thin call into the module that does it, and what its result depends on."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import TypeAdapter

from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.types import Data
from synth.extract import extract
from synth.inputs.find import find_inputs
from synth.inputs.originals import Originals
from synth.inputs.preparation import prepare
from synth.pipeline.layout import laid_out
from synth.pipeline.pipeline import NOT_RECORDED, Pipeline, Stage
from synth.pipeline.request import EXTRACT, GENERATE, Request
from synth.problem import Candidate, Input, Problem, Rejection
from synth.verify import Sandboxes, Verified, verify

if TYPE_CHECKING:
    from synth.generate.generate import Settings
    from synth.generate.recorded import RecordedModel

ORIGINAL, AUGMENT, VERIFY = "original", "augment", "verify"
MODULES = {ORIGINAL: "synth.inputs.find", EXTRACT: "synth.extract", GENERATE: "synth.generate.generate", VERIFY: "synth.verify"}
"""Stage -> where its code begins."""
GENERATE_S = 3600.0
"""Wall seconds a model may take for one problem: some 15 completions, some of them asked for again."""


class Ground(Data):
    """A problem whose original solution was run: what all that follows is held against."""

    problem: Problem
    """With a solution that takes its inputs as plain JSON."""
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Model:
    """A model that generates, and how it is asked."""

    recorded: "RecordedModel"
    settings: "Settings"

    @property
    def key(self) -> str:
        """All its replies depend on."""
        return f"{self.recorded.name} {sorted(self.recorded.sampling.items())} {self.settings}"


class Stages:
    """What is done with one problem. Use as `async with`; sandboxes start when the first stage needs them."""

    def __init__(self, pipeline: Pipeline, request: Request, model: Model | None) -> None:
        self._pipeline, self._request, self._model = pipeline, request, model
        self._stack, self._starting = AsyncExitStack(), asyncio.Lock()
        self._sandboxes: Sandboxes | None = None

    async def __aenter__(self) -> Self:
        """Nothing is started yet."""
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the sandboxes."""
        await self._stack.aclose()

    async def _running(self) -> Sandboxes:
        """The sandboxes.

        Raises:
            SandboxError: this machine cannot start them.
        """
        async with self._starting:
            if self._sandboxes is None:
                self._sandboxes = await self._stack.enter_async_context(Sandboxes(choose_pool(trusted=False)))
            return self._sandboxes

    async def original(self, problem: Problem) -> Ground | Rejection:
        """Run the original solution: on its tests, and on inputs of all levels."""

        async def work() -> Ground | Rejection:
            sandboxes = await self._running()
            originals = Originals(sandboxes.pool, sandboxes.others[0])
            prepared = await prepare(originals, problem)
            if isinstance(prepared, Rejection):
                return prepared
            inputs = await find_inputs(originals, prepared, wanted=self._request.tasks, seed=self._request.seed)
            return inputs if isinstance(inputs, Rejection) else Ground(problem=prepared, inputs=tuple(inputs))

        stage = Stage(ORIGINAL, MODULES[ORIGINAL], TypeAdapter(Ground), f"{self._request.seed} {self._request.tasks}")
        return await self._pipeline.stage(stage, problem, problem.model_dump_json(), work)

    async def extract(self, ground: Ground) -> Candidate | Rejection:
        """Make an environment without a model."""

        async def work() -> Candidate | Rejection:
            return await _laid_out(await extract((await self._running()).pool, ground.problem, ground.inputs))

        stage = Stage(EXTRACT, MODULES[EXTRACT], TypeAdapter(Candidate))
        return await self._pipeline.stage(stage, ground.problem, ground.model_dump_json(), work)

    async def generate(self, problem: Problem, ground: Ground | None) -> Candidate | Rejection:
        """Make an environment with a model; it also thinks up inputs where the problem has none."""
        from synth.generate.generate import generate
        from synth.generate.recorded import NotRecorded

        if (model := self._model) is None:
            raise ValueError("there is no model to generate with")
        given = ground or Ground(problem=problem, inputs=())

        async def work() -> Candidate | Rejection:
            pool = (await self._running()).pool
            try:
                made = await generate(model.recorded, pool, given.problem, given.inputs, settings=model.settings)
                return await _laid_out(made)
            except NotRecorded as exc:
                return Rejection(id=problem.id, stage=GENERATE, reason=NOT_RECORDED, detail=str(exc))

        stage = Stage(GENERATE, MODULES[GENERATE], TypeAdapter(Candidate), model.key, GENERATE_S)
        return await self._pipeline.stage(stage, problem, given.model_dump_json(), work)

    async def augment(self, candidate: Candidate) -> Candidate:
        """The candidate with harder inputs that a model thinks up; as it is, where nothing comes of that."""
        from synth.generate.generate import augment
        from synth.generate.recorded import NotRecorded

        if (model := self._model) is None:
            return candidate

        async def work() -> Candidate | Rejection:
            try:
                return await augment(model.recorded, (await self._running()).pool, candidate, settings=model.settings)
            except NotRecorded as exc:
                return Rejection(id=candidate.problem.id, stage=GENERATE, reason=NOT_RECORDED, detail=str(exc))

        stage = Stage(AUGMENT, MODULES[GENERATE], TypeAdapter(Candidate), model.key, GENERATE_S)
        result = await self._pipeline.stage(stage, candidate.problem, candidate.model_dump_json(), work)
        return candidate if isinstance(result, Rejection) else result

    async def verify(self, candidate: Candidate) -> Verified | Rejection:
        """Prove an environment, or refuse it."""
        bounds = self._request.bounds

        async def work() -> Verified | Rejection:
            return await verify(await self._running(), candidate, bounds=bounds)

        stage = Stage(VERIFY, MODULES[VERIFY], TypeAdapter(Verified), str(bounds))
        return await self._pipeline.stage(stage, candidate.problem, candidate.model_dump_json(), work)


async def _laid_out(made: Candidate | Rejection) -> Candidate | Rejection:
    return made if isinstance(made, Rejection) else made.model_copy(update={"env": await laid_out(made.env)})
