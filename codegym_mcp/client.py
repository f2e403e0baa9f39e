"""Playing episodes from outside: a pool over one or several servers, or over a gym in this process.

Every call carries a key of its own, so a call that is repeated after a timeout or a lost connection is not applied
twice. Losing a server loses no more than its live episodes; where another server (or the same one, restarted) has
them in a durable store, they go on there.

No MCP SDK here: see wire.py. The SDK's client is for everybody else, and for our tests.
"""

import asyncio
import contextlib
import random
import re
import secrets
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol, Self, cast

from codegym_mcp.arguments import Arguments, recordable
from codegym_mcp.errors import (
    CodegymError,
    EpisodeLost,
    EpisodeNotFound,
    EpisodeOver,
    InvalidRequest,
    SandboxError,
    error_from_json,
)
from codegym_mcp.gym import Gym
from codegym_mcp.types import Documentation, EnvironmentInfo, EpisodeStatus, Observation, Split, Step, Task
from codegym_mcp.wire import Wire, WireError

CALL_DEADLINE_S = 60.0
"""A call that has no answer by then is repeated, under its old key."""
RETRY_S = (0.05, 2.0)
"""First and longest pause between attempts."""
LOST_AFTER_S = 10.0
"""A server that has been unreachable for so long has lost its episodes."""
AGAIN_S = 5.0
"""After so long a server that could not be reached is tried again, though others are up."""
PROTOCOL = "2026-07-28"
UNKNOWN_TOOL = -32602
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "codegym", "version": "1"},
}


class Server(Protocol):
    """One place that holds episodes."""

    name: str

    async def environments(self) -> list[str]:
        """Names of what can be opened."""

    async def environment(self, name: str) -> EnvironmentInfo:
        """One of them."""

    async def tasks(self, name: str) -> list[Task]:
        """Its tasks."""

    async def open(self, environment: str, task: str | Task | None, options: dict[str, Any]) -> EpisodeStatus:
        """Open an episode."""

    async def call(self, id: str, tool: str, arguments: Arguments, key: str) -> Observation:
        """Play a call."""

    async def control(self, id: str, verb: str, step: int | None = None) -> EpisodeStatus:
        """status, fork, rewind, truncate or close."""

    async def steps(self, id: str) -> list[Step]:
        """The log."""

    def close(self) -> None:
        """Let connections go."""


class LocalServer:
    """A gym in this process."""

    name = "memory"

    def __init__(self, gym: Gym) -> None:
        self._gym = gym

    async def environments(self) -> list[str]:
        """Names of what can be opened."""
        return self._gym.catalog.names()

    async def environment(self, name: str) -> EnvironmentInfo:
        """One of them."""
        return self._gym.environment(name)

    async def tasks(self, name: str) -> list[Task]:
        """Its tasks."""
        return list(self._gym.catalog.tasks(name))

    async def open(self, environment: str, task: str | Task | None, options: dict[str, Any]) -> EpisodeStatus:
        """Open an episode."""
        return await self._gym.open(environment, task, **options)

    async def call(self, id: str, tool: str, arguments: Arguments, key: str) -> Observation:
        """Play a call."""
        return await self._gym.call(id, tool, arguments, key=key)

    async def control(self, id: str, verb: str, step: int | None = None) -> EpisodeStatus:
        """status, fork, rewind, truncate or close."""
        if verb == "rewind":
            return await self._gym.rewind(id, step or 0)
        if verb == "fork":
            return await self._gym.fork(id, step)
        return cast(EpisodeStatus, await getattr(self._gym, verb)(id))

    async def steps(self, id: str) -> list[Step]:
        """The log."""
        return await self._gym.steps(id)

    def close(self) -> None:
        """Nothing to let go: the gym is its owner's."""


class HttpServer:
    """A `codegym serve --http`: control plane in JSON, tool calls in MCP."""

    def __init__(self, url: str, token: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise InvalidRequest("token", "must be printable ASCII without blanks")
        self._wire = Wire(url)
        self.name = self._wire.base_url
        self._authorization = {"authorization": f"Bearer {token}"}
        self._environments: dict[str, EnvironmentInfo] = {}

    async def environments(self) -> list[str]:
        """Names of what can be opened."""
        return list(await self._ask("GET", "/control/environments"))

    async def environment(self, name: str) -> EnvironmentInfo:
        """One of them."""
        if name not in self._environments:
            answer = await self._ask("GET", f"/control/environments/{_segment(name)}")
            self._environments[name] = EnvironmentInfo.model_validate(answer)
        return self._environments[name]

    async def tasks(self, name: str) -> list[Task]:
        """Its tasks, page by page."""
        found: list[Task] = []
        while True:
            path = f"/control/environments/{_segment(name)}/tasks?limit=1000&offset={len(found)}"
            page = await self._ask("GET", path)
            found += [Task.model_validate(task) for task in page]
            if len(page) < 1000:
                return found

    async def open(self, environment: str, task: str | Task | None, options: dict[str, Any]) -> EpisodeStatus:
        """Open an episode."""
        body: dict[str, Any] = {"environment": environment, **options}
        if isinstance(task, Task):
            body |= {"task": task.id} if task.environment == environment and task.id != "own" else {"config": task.config}
        elif task is not None:
            body["task"] = task
        return _status(await self._ask("POST", "/control/episodes", body))

    async def call(self, id: str, tool: str, arguments: Arguments, key: str) -> Observation:
        """Play a call, in the newest protocol: one POST, no session."""
        name = re.sub(r"[^\x21-\x7e]", "?", tool)[:80] or "?"  # stands in a header, whatever a model made up
        meta = {**MODERN_META, "codegym/call": key}
        kept = recordable(arguments)
        if isinstance(kept, str):  # malformed, or more than a server takes
            meta["codegym/malformed"] = kept
        sent = {} if isinstance(kept, str) else arguments or {}
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": sent, "_meta": meta},
        }
        headers = {
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": PROTOCOL,
            "mcp-method": "tools/call",
            "mcp-name": name,
        }
        status, answer = await self._wire.request("POST", f"/episodes/{_segment(id)}/mcp", headers, message, CALL_DEADLINE_S)
        if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
            raise WireError(f"{self.name} answered {status} with something that is not MCP")
        return _observation(answer)

    async def control(self, id: str, verb: str, step: int | None = None) -> EpisodeStatus:
        """status, fork, rewind, truncate or close."""
        path = f"/control/episodes/{_segment(id)}"
        if verb in ("status", "close"):
            return _status(await self._ask("GET" if verb == "status" else "DELETE", path))
        body = None if verb == "truncate" else {"step": step}
        return _status(await self._ask("POST", f"{path}/{verb}", body))

    async def steps(self, id: str) -> list[Step]:
        """The log."""
        return [Step.model_validate(step) for step in await self._ask("GET", f"/control/episodes/{_segment(id)}/steps")]

    def close(self) -> None:
        """Let connections go."""
        self._wire.close()

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = await self._wire.request(method, path, self._authorization, body, CALL_DEADLINE_S)
        if status >= 400:
            if not isinstance(answer, dict) or "error" not in answer:
                raise WireError(f"{self.name} answered {status}")
            raise error_from_json(answer)
        return answer


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
        """Ask until there is an answer that counts, for no longer than LOST_AFTER_S."""
        give_up = time.monotonic() + self._pool.lost_after_s
        pause = RETRY_S[0]
        while True:
            try:
                answer = await ask(self._server)
                self._pool.reached(self._server)
                return answer
            except WireError as exc:
                self._pool.missed(self._server)
                if time.monotonic() > give_up:
                    raise EpisodeLost(self._server.name) from exc
                self._server = await self._pool.find(self.id, self._server)
            except CodegymError as exc:
                if not exc.retryable or time.monotonic() > give_up:
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
        give_up = time.monotonic() + self.lost_after_s
        pause = RETRY_S[0]
        while True:
            server = self._choose()
            try:
                answer = await ask(server)
                self.reached(server)
                return answer
            except WireError as exc:
                self.missed(server)
                if time.monotonic() > give_up:
                    raise SandboxError(f"no server could be reached: {exc}") from exc
            except CodegymError as exc:
                if not exc.retryable or time.monotonic() > give_up:
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


def _status(answer: Any) -> EpisodeStatus:
    return EpisodeStatus.model_validate({key: value for key, value in answer.items() if key != "url"})


def _observation(answer: dict[str, Any]) -> Observation:
    """What an MCP answer says. An unknown tool is a protocol error there, and an observation like any other here."""
    if "error" in answer:
        data = answer["error"].get("data") or {}
        if answer["error"].get("code") == UNKNOWN_TOOL and data.get("error") == "UnknownTool" and "codegym/step" in data:
            return Observation(
                text=data["message"],
                is_error=True,
                error="UnknownTool",
                step=data["codegym/step"],
                over=data["codegym/over"],
            )
        raise error_from_json(data if "error" in data else {"message": answer["error"].get("message")})
    result = answer["result"]
    meta = result.get("_meta") or {}
    if meta.get("codegym/error") == EpisodeOver.__name__:
        raise EpisodeOver(meta["codegym/step"])
    return Observation(
        text="".join(part.get("text", "") for part in result["content"]),
        is_error=result.get("isError", False),
        error=meta.get("codegym/error"),
        step=meta["codegym/step"],
        over=meta["codegym/over"],
    )


def _segment(name: str) -> str:
    """A name as part of a path; ids and environment names need no quoting, and anything else is refused."""
    if not re.fullmatch(r"[A-Za-z0-9_.\-]{1,200}", name):
        raise InvalidRequest("name", f"'{name[:80]}' cannot be an id or an environment's name")
    return name
