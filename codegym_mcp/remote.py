"""Where episodes are held, as a client sees it: a gym in this process, or a server over HTTP.

Control in JSON, tool calls in MCP. No MCP SDK here: see wire.py. The SDK's client is for everybody else, and for our tests.
"""

import re
from typing import Any, Protocol, cast

from codegym_mcp.arguments import Arguments, recordable
from codegym_mcp.errors import EpisodeOver, InvalidRequest, error_from_json
from codegym_mcp.gym import Gym
from codegym_mcp.types import EnvironmentInfo, EpisodeStatus, Observation, Step, Task
from codegym_mcp.wire import Wire, WireError

CALL_DEADLINE_S = 60.0
"""A request that has no answer by then has failed; a client repeats it, a call under its old key."""
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
    """A `codegym serve --transport http`: control plane in JSON, tool calls in MCP."""

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
            body["task"] = task.model_copy(update={"environment": environment}).model_dump(mode="json")
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
        if status in (403, 421):
            raise InvalidRequest("servers", f"{self.name} refuses clients by this name: start it with --allow-host")
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
