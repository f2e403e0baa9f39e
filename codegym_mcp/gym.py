"""The control plane in Python: open, call, fork, rewind and close episodes, and read their reward.

The trainer's side. What an agent sees is agent_plane.py; the same control over HTTP is control_plane.py.
"""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from codegym_mcp.arguments import Arguments
from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.episode import MAX_KEY_CHARS, Engine, Episode
from codegym_mcp.errors import AtCapacity, EpisodeMoved, EpisodeNotFound, InvalidRequest, InvalidTask, StoreError, TaskNotFound
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.store import Store
from codegym_mcp.types import Documentation, EnvironmentInfo, EpisodeStatus, Observation, Split, Step, Task

T = TypeVar("T")

TTL_S = 3600.0
"""Seconds an episode may be left alone."""
SWEEP_S = 5.0
"""How often expired episodes are looked for."""
MAX_EPISODES = 100_000
KEEP_EXPIRED = 4
"""An expired episode is forgotten after so many times its TTL."""


class Gym:
    """Episodes of the environments of one catalog. Use as `async with`."""

    def __init__(
        self,
        catalog: Catalog | None = None,
        *,
        pool: Pool | None = None,
        store: Store | None = None,
        ttl_s: float = TTL_S,
        max_episodes: int = MAX_EPISODES,
    ) -> None:
        """Args:
        catalog: environments and tasks; default: the bundled ones.
        pool: the sandbox; entered and left by the gym. Default: the best that this machine has.
        store: default: memory.
        ttl_s: seconds an episode may be left alone before it expires.
        max_episodes: episodes held at once; past that AtCapacity.
        """
        if ttl_s <= 0:
            raise InvalidRequest("ttl", f"must be above 0 seconds, got {ttl_s:g}")
        self.catalog = Catalog.bundled() if catalog is None else catalog  # an empty one is false
        self._engine = Engine(pool or choose_pool(trusted=self.catalog.trusted), store or Store())
        self._ttl_s, self._max_episodes = ttl_s, max_episodes
        self._episodes: dict[str, Episode] = {}
        self._loading: dict[str, asyncio.Lock] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the sandbox."""
        await self._engine.pool.__aenter__()
        try:
            await self._engine.store.purge(KEEP_EXPIRED * self._ttl_s)
        except BaseException as exc:
            await self._engine.pool.__aexit__(type(exc), exc, exc.__traceback__)
            raise
        self._sweeper = asyncio.create_task(self._sweep(), name="codegym-expiry")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop: workers die, a durable store keeps the episodes."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await self._engine.pool.__aexit__(exc_type, exc, trace)
        await self._engine.store.close()

    @property
    def pool(self) -> Pool:
        """The sandbox, for what needs it without an episode (the oracle)."""
        return self._engine.pool

    @property
    def open_episodes(self) -> int:
        """Episodes held, finished ones included."""
        return len(self._episodes)

    async def open(
        self,
        environment: str,
        task: str | Task | None = None,
        *,
        seed: int = 0,
        max_steps: int | None = None,
        reveal: bool = False,
        documentation: Documentation = "plain",
        level: str | None = None,
        split: Split | None = None,
    ) -> EpisodeStatus:
        """Open an episode.

        Args:
            environment: its name in the catalog.
            task: its id, or a task of your own; default: drawn by the seed from those of `level` and `split`.
            max_steps: T_max; default: the task's.
            reveal: whether `Done` tells the agent if it was right (for play by hand).
            documentation: how tools are documented to the agent.

        Raises:
            CatalogError: no such environment or task.
            InvalidEnvironment: the environment does not load or reset.
            AtCapacity: too many episodes; retry later.
            SandboxError: the machine failed; retry.
        """
        for name, given, least in (("seed", seed, 0), ("max_steps", max_steps, 1)):
            if given is not None and given < least:
                raise InvalidRequest(name, f"must be at least {least}, got {given}")
        if len(self._episodes) >= self._max_episodes:
            raise AtCapacity("open episodes", self._max_episodes)
        definition = self.catalog.definition(environment)
        chosen = task if isinstance(task, Task) else self.choose(environment, task, seed, level, split)
        config_key = content_hash(json.dumps(chosen.config, sort_keys=True))
        initial = await self._engine.pool.fresh(definition, config_key, chosen.config, seed)
        episode = Episode(
            self._engine,
            new_id(),
            definition,
            chosen,
            initial,
            seed=seed,
            max_steps=max_steps or chosen.max_steps,
            reveal=reveal,
            documentation=documentation,
            ttl_s=self._ttl_s,
        )
        await self._engine.store.create(episode.record())
        self._episodes[episode.id] = episode
        return episode.describe()

    def environment(self, name: str) -> EnvironmentInfo:
        """What is known of an environment.

        Raises:
            EnvironmentNotFound: there is none of that name.
        """
        definition = self.catalog.definition(name)
        return EnvironmentInfo(
            name=definition.name,
            format=definition.format,
            hash=definition.hash,
            prompt=definition.prompt,
            tools=list(definition.tools),
            tasks=len(self.catalog.tasks(name)),
        )

    def choose(self, environment: str, id: str | None, seed: int, level: str | None, split: Split | None) -> Task:
        """The task of that id, or one drawn by the seed.

        Raises:
            TaskNotFound: there is none.
            InvalidTask: it has no tasks at all; says what to add.
        """
        if id is not None:
            return self.catalog.task(environment, id)
        known = self.catalog.tasks(environment)
        if not known:
            problem = "there are no tasks for it: add tasks.jsonl; for published files, training records beside them"
            raise InvalidTask(self.catalog.definition(environment).where, problem)
        tasks = [task for task in known if level in (None, task.level) and split in (None, task.split)]
        if not tasks:
            raise TaskNotFound(environment, f"of level {level or 'any'} and split {split or 'any'}")
        return tasks[seed % len(tasks)]

    async def call(self, id: str, tool: str, arguments: Arguments = None, *, key: str | None = None) -> Observation:
        """Play one tool call as a transaction; failed calls are answered too, and spend a step.

        Args:
            arguments: by name; a string stands for what a model sent in place of a JSON object, which fails.
            key: names this call; repeated within the episode it returns the recorded answer instead of a second call.

        Raises:
            EpisodeOver: the episode has ended.
            EpisodeError: no such episode, expired, busy, or the key belongs to another call.
            SandboxError: the machine failed; nothing was spent or changed, so the call may be repeated.
        """
        if key is not None and (not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARS or not key.isprintable()):
            raise InvalidRequest("codegym/call", f"a key is a printable text of 1 to {MAX_KEY_CHARS} characters")
        return await self._with(id, lambda episode: episode.call(tool, arguments, key))

    async def status(self, id: str) -> EpisodeStatus:
        """Where an episode stands, its reward included."""
        return (await self._find(id)).describe()

    async def steps(self, id: str) -> list[Step]:
        """The log of an episode."""
        return list((await self._find(id)).steps)

    async def tools_of(self, id: str) -> tuple[Definition, Documentation]:
        """What the agent plane needs to list an episode's tools."""
        episode = await self._find(id)
        return episode.definition, episode.documentation

    async def fork(self, id: str, step: int | None = None) -> EpisodeStatus:
        """A new episode that stands where this one stood after `step` (default: now, or before the call that ended it).

        Raises:
            StepOutOfRange: beyond what was answered, or at the end.
        """
        if len(self._episodes) >= self._max_episodes:
            raise AtCapacity("open episodes", self._max_episodes)
        copy = await self._with(id, lambda episode: episode.fork(new_id(), step))
        self._episodes[copy.id] = copy
        return copy.describe()

    async def rewind(self, id: str, step: int) -> EpisodeStatus:
        """Set an open episode back to where it stood after `step`.

        Raises:
            EpisodeFinished: it has ended; fork it instead.
            StepOutOfRange: beyond what was answered.
        """
        await self._with(id, lambda episode: episode.rewind(step))
        return (await self._find(id)).describe()

    async def truncate(self, id: str) -> EpisodeStatus:
        """End an open episode as the policy's fault: it stopped without Done, or ran out of its response budget. Reward 0."""
        await self._with(id, lambda episode: episode.end("truncated", 0.0))
        return (await self._find(id)).describe()

    async def close(self, id: str) -> EpisodeStatus:
        """Forget an episode and free what it holds. The status returned is its last."""
        last = await self._with(id, lambda episode: episode.close())
        self._episodes.pop(id, None)
        return last.model_copy(update={"status": "closed"}) if last.status == "open" else last

    async def _with(self, id: str, act: Callable[[Episode], Awaitable[T]]) -> T:
        """Do something with an episode; once more with what the store has, where another server has gone on with it."""
        episode = await self._find(id)
        try:
            return await act(episode)
        except EpisodeMoved:
            self._drop(episode)
            return await act(await self._find(id))

    def _drop(self, episode: Episode) -> None:
        """Remember an episode no longer: the store knows better."""
        episode.release()
        if self._episodes.get(episode.id) is episode:
            del self._episodes[episode.id]

    async def _find(self, id: str) -> Episode:
        episode = self._episodes.get(id)
        if episode is None and self._engine.store.durable:
            async with self._loading.setdefault(id, asyncio.Lock()):
                episode = self._episodes.get(id) or await self._load(id)
            self._loading.pop(id, None)
        if episode is None:
            raise EpisodeNotFound
        return episode

    async def _load(self, id: str) -> Episode | None:
        record = await self._engine.store.load(id)
        if record is None:
            return None
        definition = self.catalog.definition(record.environment)
        if definition.hash != record.environment_hash:
            raise StoreError(f"the environment '{record.environment}' has changed since this episode was opened")
        episode = Episode.from_record(self._engine, record, definition, self._ttl_s)
        if record.idle_s > self._ttl_s:
            try:
                await episode.end("expired", None)
            except EpisodeMoved:  # another server plays it after all
                return await self._load(id)
        self._episodes[id] = episode
        return episode

    async def _sweep(self) -> None:
        purged = time.monotonic()
        while True:
            await asyncio.sleep(min(SWEEP_S, self._ttl_s / 2))
            with contextlib.suppress(StoreError):  # the next round tries again
                await self.expire()
                if time.monotonic() - purged > self._ttl_s:  # those of earlier processes, which nobody asked for
                    await self._engine.store.purge(KEEP_EXPIRED * self._ttl_s)
                    purged = time.monotonic()

    async def expire(self) -> None:
        """Expire episodes left alone for their TTL, and forget those expired long ago."""
        now = time.monotonic()
        for episode in list(self._episodes.values()):
            idle = now - episode.touched
            try:
                if idle > KEEP_EXPIRED * self._ttl_s:
                    await self._engine.store.delete(episode.id, KEEP_EXPIRED * self._ttl_s)
                    self._drop(episode)
                elif idle > self._ttl_s and episode.status == "open":
                    await episode.end("expired", None)
            except EpisodeMoved:
                self._drop(episode)


def new_id() -> str:
    """An episode id: 192 random bits, in letters that a URL needs no quoting for."""
    return secrets.token_hex(24)
