"""Our tasks as a verifiers task set (`verifiers.v1`): an episode's URL is the toolset, its reward the task's reward.

Seen with verifiers 0.4.0, whose harnesses speak MCP themselves, so an agent here plays without rollout.py: each of its
calls is a step, parallel ones included (ask the model for one at a time: `parallel_tool_calls` off), and no key makes a
repeated call safe. T_max is the server's and holds all the same.

An episode is opened in `setup` and judged in `finalize`; left open by its agent, it is worth 0. A machine fault raises in
either: verifiers records it on the trace, `trace.ok` is false and no reward is recorded. (`trace.reward`, a sum, reads 0.0
even so: look at `ok` first.)

verifiers' commands find a task set in a top-level module alone: docs/adapters.md has the two lines for one.
"""

import os
from collections.abc import Iterable
from contextvars import ContextVar

import verifiers.v1 as vf

from codegym_mcp.adapters.servers import Servers, prompt_of
from codegym_mcp.adapters.stepped import wait
from codegym_mcp.client import LOST_AFTER_S, ClientEpisode
from codegym_mcp.errors import InvalidRequest, SandboxError
from codegym_mcp.types import EnvironmentInfo, EpisodeStatus, Split, Task

__all__ = ["CodegymTaskset"]
_url: ContextVar[str | None] = ContextVar("codegym_episode_url", default=None)
"""Of the rollout that runs in this context: verifiers asks a task for its toolsets without saying for which rollout."""


class EpisodeTools(vf.Toolset[vf.ToolsetConfig, vf.State]):
    """The tools of an episode, served by its own server: verifiers starts nothing."""

    TOOL_PREFIX = None


class CodegymTaskConfig(vf.TaskConfig):
    """Where episodes are opened, and how long they may be."""

    urls: tuple[str, ...] = ("http://127.0.0.1:8000",)
    """Of the servers' control planes."""
    token_var: str = "CODEGYM_TOKEN"  # noqa: S105 - a name, no token
    """Name of the environment variable that holds their token; configurations are saved with results, secrets are not."""
    max_steps: int | None = None
    """T_max; None: the task's own."""
    seed: int = 0
    """Of every rollout, so of every group."""
    lost_after_s: float = LOST_AFTER_S

    def servers(self) -> Servers:
        """These settings, with the token.

        Raises:
            InvalidRequest: it is not set.
        """
        token = os.environ.get(self.token_var)
        if not token:
            raise InvalidRequest(self.token_var, "is an environment variable that must hold the servers' token")
        return Servers.of(self.urls, token, max_steps=self.max_steps, lost_after_s=self.lost_after_s)


class CodegymTasksetConfig(vf.TasksetConfig):
    """Which tasks."""

    task: CodegymTaskConfig = CodegymTaskConfig()
    environments: tuple[str, ...] = ()
    """Names; none: all that the servers have."""
    level: str | None = None
    split: Split | None = None


class EpisodeData(vf.TaskData):
    """A task as verifiers stores it."""

    task: Task


class EpisodeState(vf.State):
    """One rollout."""

    server: str = ""
    """URL of the server that held the episode first."""
    opened: EpisodeStatus | None = None
    last: EpisodeStatus | None = None
    """As it ended; its reward is never None."""


class CodegymTask(vf.Task[EpisodeData, EpisodeState, CodegymTaskConfig]):
    """One task; each rollout of it is an episode of its own."""

    @classmethod
    def toolsets(cls, config: CodegymTaskConfig) -> list[vf.Toolset]:
        """The episode's URL, where a rollout asks; before there is one, any that is not verifiers' own to start."""
        return [EpisodeTools(vf.ToolsetConfig(url=_url.get() or config.urls[0]))]

    async def setup(self, trace: vf.Trace, runtime: vf.Runtime) -> None:
        """Open the episode."""
        servers, task = self.config.servers(), self.data.task
        async with servers.pool() as pool:
            episode = await pool.open(task.environment, task, seed=self.config.seed, max_steps=servers.max_steps)
            trace.state.server = next(name for name, live in pool.live.items() if live)
        trace.state.opened = episode.opened
        _url.set(f"{trace.state.server}/episodes/{episode.id}/mcp")

    async def finalize(self, trace: vf.Trace, runtime: vf.Runtime) -> None:
        """Judge the episode. It is looked for on every server, since they may share a store."""
        async with self.config.servers().pool() as pool:
            server = next(server for server in pool.servers if server.name == trace.state.server)
            info = await pool.environment(self.data.task.environment)
            episode = ClientEpisode(pool, server, trace.state.opened, info)
            last = await episode.truncate()  # no effect on an episode that has ended
            await episode.close()
        if last.reward is None:
            raise SandboxError(f"the episode ended as {last.status}, without a reward")
        trace.state.last = last

    @vf.reward
    async def solved(self, trace: vf.Trace) -> float:
        """The reward of the control plane."""
        return float(trace.state.last.reward)

    @vf.metric
    async def steps(self, trace: vf.Trace) -> float:
        """Calls that the episode counted."""
        return float(trace.state.last.steps)


class CodegymTaskset(vf.Taskset[CodegymTask, CodegymTasksetConfig]):
    """The tasks of the servers."""

    def load(self) -> Iterable[CodegymTask]:
        """Ask the servers for them.

        Raises:
            CodegymError: they do not answer, or do not know an environment.
        """
        for task, info in wait(self._tasks()):
            id, (system, user) = f"{task.environment}/{task.id}", prompt_of(task, info)
            data = EpisodeData(id=id, name=id, prompt=user["content"], system_prompt=system["content"], task=task)
            yield CodegymTask(data, self.config.task)

    async def _tasks(self) -> list[tuple[Task, EnvironmentInfo]]:
        found: list[tuple[Task, EnvironmentInfo]] = []
        async with self.config.task.servers().pool() as pool:
            for name in self.config.environments or await pool.environments():
                info = await pool.environment(name)
                found += [(task, info) for task in await pool.tasks(name) if self._wanted(task)]
        return found

    def _wanted(self, task: Task) -> bool:
        return self.config.level in (None, task.level) and self.config.split in (None, task.split)
