"""Where candidates are tried: one gym for all of them, and further sandboxes that differ in one thing each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from codegym_mcp.catalog import Catalog
from codegym_mcp.check import HASH_SEEDS
from codegym_mcp.definition import Definition
from codegym_mcp.gym import Gym
from codegym_mcp.sandbox.pool import Limits, Pool
from codegym_mcp.types import Task

SHORT_S = 0.3
"""Seconds a tool may run where one is made to hang."""


class Shelf(Catalog):
    """A catalog of what is being verified at the moment."""

    def __init__(self) -> None:
        super().__init__([])
        self._held: Counter[str] = Counter()

    @contextmanager
    def holding(self, definition: Definition, tasks: Sequence[Task]) -> Iterator[str]:
        """Have an environment in the catalog for a while; the name to ask for it. The same one may be held twice."""
        name = definition.name
        self._source[name] = _One(definition, [task.model_copy(update={"environment": name}) for task in tasks])
        self._held[name] += 1
        try:
            yield name
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name], self._source[name]

    @contextmanager
    def variant(self, definition: Definition, tasks: Sequence[Task], name: str, **changes: object) -> Iterator[str]:
        """Have a changed form of an environment in the catalog for a while."""
        with self.holding(replace(definition, name=f"{definition.name}.{name}", **changes), tasks) as held:  # type: ignore[arg-type]
            yield held


class _One:
    """A source of one environment."""

    def __init__(self, definition: Definition, tasks: list[Task]) -> None:
        self._definition, self._tasks = definition, tasks

    def names(self) -> Sequence[str]:
        return [self._definition.name]

    def definition(self, name: str) -> Definition:
        return self._definition

    def tasks(self, name: str) -> Sequence[Task]:
        return self._tasks


class Sandboxes:
    """Everything that runs code for verification. Use as `async with`; any number of candidates may share it."""

    def __init__(self, pool: Pool | None = None) -> None:
        """Args:
        pool: the main sandbox; entered and left by this.
        """
        self.shelf = Shelf()
        self.gym = Gym(self.shelf, pool=pool)
        """Plays episodes."""
        self.others = [Pool(hash_seed=seed, zygotes=1, spares=2) for seed in HASH_SEEDS]
        """Replay them under other hash seeds."""
        self.short = Gym(self.shelf, pool=Pool(Limits(tool_s=SHORT_S), zygotes=1, spares=2))
        """Plays tools that are made to fail."""
        self._stack = AsyncExitStack()

    @property
    def pool(self) -> Pool:
        """The main sandbox, for whoever needs one beside the gym."""
        return self.gym.pool

    async def __aenter__(self) -> Self:
        """Start them all.

        Raises:
            SandboxError: this machine cannot.
        """
        async with AsyncExitStack() as stack:
            for gym in (self.gym, self.short):
                await stack.enter_async_context(gym)
            for pool in self.others:
                await stack.enter_async_context(pool)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them all."""
        await self._stack.__aexit__(exc_type, exc, trace)
