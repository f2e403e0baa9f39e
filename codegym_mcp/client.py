"""Playing episodes from outside: a pool over one or several servers, or over a gym in this process.

Every call carries a key of its own, so a call that is repeated after a timeout or a lost connection is not applied
twice. Losing a server loses no more than its live episodes; where another server (or the same one, restarted) has
them in a durable store, they go on there. What a server is, and how it is asked: remote.py.
"""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self, cast

from codegym_mcp.arguments import Arguments
from codegym_mcp.errors import (
    CodegymError,
    EpisodeLost,
    EpisodeNotFound,
    InvalidRequest,
    SandboxError,
)
from codegym_mcp.gym import Gym
from codegym_mcp.remote import HttpServer, LocalServer, Server
from codegym_mcp.types import Documentation, EnvironmentInfo, EpisodeStatus, Observation, Split, Step, Task
from codegym_mcp.wire import WireError

RETRY_S = (0.05, 2.0)
"""First and longest pause between attempts."""
LOST_AFTER_S = 10.0
"""A server that has been unreachable for so long has lost its episodes."""
AGAIN_S = 5.0
"""After so long a server that could not be reached is tried again, though others are up."""


class Patience:
    """How long failures are borne, from the first one on: a call may take long before it fails."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, 0.0

    def is_over(self) -> bool:
        """After a failure: whether it was one too many."""
        now = time.monotonic()
        if not self._end:
            self._end = now + self._seconds
        return now > self._end


class ClientEpisode:
    """One episode, wherever it is held."""

    def __init__(self, pool: "ClientPool", server: Server, status: EpisodeStatus, info: EnvironmentInfo) -> None:
        self._pool, self._server, self._home = pool, server, server.name
        self.opened = status
        """The status it was opened with."""
        self.info = info
        self._prefix, self._calls = secrets.token_hex(4), 0

    @property
    def id(self) -> str:
        """The episode's id."""
        return self.opened.id

    async def call(self, tool: str, arguments: Arguments = None) -> Observation:
        """Play one tool call: exactly once, whatever happens on the way.

        Raises:
            EpisodeOver: the episode has ended.
            EpisodeError: it expired, or was closed.
            SandboxError: the machine failed, and repeating did not help; EpisodeLost if its server is gone.
        """
        self._calls += 1
        key = f"{self._prefix}-{self._calls}"
        return cast(Observation, await self._persist(lambda server: server.call(self.id, tool, arguments, key)))

    async def status(self) -> EpisodeStatus:
        """Where it stands, reward included."""
        return await self._control("status")

    async def fork(self, step: int | None = None) -> "ClientEpisode":
        """A new episode that stands where this one stood after `step`."""
        copy = await self._control("fork", step)
        self._pool.live[self._server.name] += 1
        return ClientEpisode(self._pool, self._server, copy, self.info)

    async def rewind(self, step: int) -> EpisodeStatus:
        """Set it back to where it stood after `step`."""
        return await self._control("rewind", step)

    async def truncate(self) -> EpisodeStatus:
        """End it as the policy's fault: reward 0."""
        return await self._control("truncate")

    async def close(self) -> EpisodeStatus:
        """Forget it; the status returned is its last."""
        try:
            return await self._control("close")
        finally:
            self._pool.live[self._home] -= 1

    async def steps(self) -> list[Step]:
        """The log."""
        return cast(list[Step], await self._persist(lambda server: server.steps(self.id)))

    async def _control(self, verb: str, step: int | None = None) -> EpisodeStatus:
        return cast(EpisodeStatus, await self._persist(lambda server: server.control(self.id, verb, step)))

    async def _persist(self, ask: Any) -> Any:
        """Ask until there is an answer that counts; once more at least, for LOST_AFTER_S after the first that does not."""
        patience = Patience(self._pool.lost_after_s)
        pause = RETRY_S[0]
        while True:
            try:
                answer = await ask(self._server)
                self._pool.reached(self._server)
                return answer
            except WireError as exc:
                self._pool.missed(self._server)
                if patience.is_over():
                    raise EpisodeLost(self._server.name) from exc
                self._server = await self._pool.find(self.id, self._server)
            except CodegymError as exc:
                if not exc.retryable or patience.is_over():
                    raise
            await asyncio.sleep(pause * (0.5 + random.random()))
            pause = min(2 * pause, RETRY_S[1])


class ClientPool:
    """Episodes on one or several servers. Use as `async with`."""

    def __init__(self, servers: Sequence[Server], *, lost_after_s: float = LOST_AFTER_S) -> None:
        """Args:
        servers: with the same environments on each.
        lost_after_s: how long to try to reach a server again before its episodes count as lost.
        """
        if not servers:
            raise InvalidRequest("servers", "a client pool needs at least one server")
        self.servers = list(servers)
        self.lost_after_s = lost_after_s
        self._down: dict[str, float] = {}
        self.live: dict[str, int] = {server.name: 0 for server in servers}
        """Episodes of this pool on each server."""

    @classmethod
    def over(cls, gym: Gym) -> "ClientPool":
        """A pool over a gym in this process."""
        return cls([LocalServer(gym)])

    @classmethod
    def connect(cls, urls: Sequence[str], token: str, *, lost_after_s: float = LOST_AFTER_S) -> "ClientPool":
        """A pool over servers, by the URLs of their control planes."""
        return cls([HttpServer(url, token) for url in urls], lost_after_s=lost_after_s)

    async def __aenter__(self) -> Self:
        """Connections are made at need."""
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let all connections go."""
        for server in self.servers:
            server.close()

    async def environments(self) -> list[str]:
        """Names of what can be opened."""
        return cast(list[str], await self._anywhere(lambda server: server.environments()))

    async def environment(self, name: str) -> EnvironmentInfo:
        """What is known of an environment."""
        return cast(EnvironmentInfo, await self._anywhere(lambda server: server.environment(name)))

    async def tasks(self, environment: str) -> list[Task]:
        """The tasks of an environment."""
        return cast(list[Task], await self._anywhere(lambda server: server.tasks(environment)))

    async def open(
        self,
        environment: str,
        task: str | Task | None = None,
        *,
        seed: int = 0,
        max_steps: int | None = None,
        documentation: Documentation = "plain",
        level: str | None = None,
        split: Split | None = None,
    ) -> ClientEpisode:
        """Open an episode on the server that has fewest.

        Raises:
            CatalogError, InvalidEnvironment: as gym.Gym.open.
            SandboxError: no server could be reached, or none had room, for `lost_after_s`.
        """
        options = {
            "seed": seed,
            "max_steps": max_steps,
            "documentation": documentation,
            "level": level,
            "split": split,
        }

        async def ask(server: Server) -> ClientEpisode:
            info = await server.environment(environment)
            self.live[server.name] += 1
            try:
                return ClientEpisode(self, server, await server.open(environment, task, options), info)
            except BaseException:
                self.live[server.name] -= 1
                raise

        return cast(ClientEpisode, await self._anywhere(ask))

    def reached(self, server: Server) -> None:
        """It answered."""
        self._down.pop(server.name, None)

    def missed(self, server: Server) -> None:
        """It did not."""
        self._down.setdefault(server.name, time.monotonic())

    async def find(self, id: str, last: Server) -> Server:
        """The server that has this episode now: another one, if it shares the store of the last, or else the last."""
        for server in self.servers:
            if server is not last and server.name not in self._down:
                with contextlib.suppress(EpisodeNotFound, WireError, CodegymError):
                    await server.control(id, "status")
                    return server
        return last

    async def _anywhere(self, ask: Any) -> Any:
        patience = Patience(self.lost_after_s)
        pause = RETRY_S[0]
        while True:
            server = self._choose()
            try:
                answer = await ask(server)
                self.reached(server)
                return answer
            except WireError as exc:
                self.missed(server)
                if patience.is_over():
                    raise SandboxError(f"no server could be reached: {exc}") from exc
            except CodegymError as exc:
                if not exc.retryable or patience.is_over():
                    raise
            await asyncio.sleep(pause * (0.5 + random.random()))
            pause = min(2 * pause, RETRY_S[1])

    def _choose(self) -> Server:
        """The least busy of those that answer; when none does, the one that has been silent longest."""
        now = time.monotonic()
        due = [server for server in self.servers if now - self._down.get(server.name, now) > AGAIN_S]
        if due:
            self._down[due[0].name] = now  # one attempt of one caller
            return due[0]
        up = [server for server in self.servers if server.name not in self._down]
        if up:
            return min(up, key=lambda server: (self.live[server.name], random.random()))
        return min(self.servers, key=lambda server: self._down[server.name])
