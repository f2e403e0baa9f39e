"""Our environments as an Inspect task: one sample is one task of ours, each epoch of it an episode of its own.

    inspect eval codegym_mcp/adapters/inspect.py@codegym -T environments=coin_change --model MODEL

An episode is opened in the task's setup, so another solver may play it (`--solver`; `episode_tools` has its tools), judged
by the scorer, whatever limit of Inspect ended it, and forgotten in the cleanup. Inspect's own MCP client makes the calls;
Inspect answers unknown tools and arguments of a wrong type by itself, and such a call spends no step.

A machine fault is never scored: a lost server is an error of its sample, which `--retry-on-error` plays again and
`--no-fail-on-error` leaves out; an episode that expired is unscored. (Inspect's mean of no scores at all reads 0: look at
the number of scored samples.)

Seen with inspect-ai 0.3.285, on asyncio.
"""

import atexit
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from inspect_ai import Task as InspectTask
from inspect_ai import task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolSource, mcp_connection, mcp_server_http, mcp_tools

import codegym_mcp
from codegym_mcp.adapters.servers import Servers, prompt_of
from codegym_mcp.adapters.stepped import wait
from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import CodegymError, InvalidRequest
from codegym_mcp.process import served
from codegym_mcp.remote import CALL_DEADLINE_S
from codegym_mcp.rollout import MAX_IDLE_TURNS, NUDGE
from codegym_mcp.types import EnvironmentInfo, EpisodeStatus, Task

__all__ = ["codegym", "episode_tools"]
EPISODE, URL = "codegym_episode", "codegym_url"
"""What a sample's store holds: the episode as it was opened, and its MCP URL."""
_tokens: dict[str, str] = {}
"""URL -> token of the servers that were started here. Logs keep the arguments of tasks and solvers, so none is a token."""


@task
def codegym(
    environments: str | list[str] | None = None,
    level: str | None = None,
    split: str = "test",
    url: str | None = None,
    token_var: str = "CODEGYM_TOKEN",  # noqa: S107 - a name, no token
    data: str | None = None,
    seed: int = 0,
    max_steps: int | None = None,
) -> InspectTask:
    """Tasks of our environments.

    Args:
        environments: names; default: all that the server has.
        level: default: every level.
        split: train, validation or test; "all" takes every task.
        url: of a running server's control plane; default: `codegym serve` is started here, and ends with this process.
        token_var: name of the environment variable that holds the server's token; Inspect writes arguments into its logs.
        data: what to serve where no url is given, by its full path: a folder, file or data set; default: the bundled ones.
        seed: of the first epoch; each further one has the next.
        max_steps: T_max; default: the task's own.

    Raises:
        InvalidRequest: there is no token, or no such task.
        SandboxError: the server does not start, or does not answer.
    """
    url = url or _start(data)
    names = environments.split(",") if isinstance(environments, str) else environments or []
    chosen = wait(_chosen(url, token_var, names, level, split))
    if not chosen:
        raise InvalidRequest("tasks", f"no task of the split '{split}' at level {level or 'any'}; split=all takes every task")
    return InspectTask(
        dataset=MemoryDataset([_sample(*one) for one in chosen], name="codegym"),
        setup=open_episode(url, token_var, seed, max_steps),
        solver=play_episode(url, token_var),
        scorer=reward(url, token_var),
        cleanup=_cleanup(url, token_var),
        config=GenerateConfig(parallel_tool_calls=False),
        version=codegym_mcp.__version__,
    )


@solver
def open_episode(url: str, token_var: str, seed: int = 0, max_steps: int | None = None) -> Solver:
    """Open the episode of a sample."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        number = seed + state.epoch - 1
        async with _pool(url, token_var) as pool:
            where = state.metadata["environment"], state.metadata["task"]
            episode = await pool.open(*where, seed=number, max_steps=max_steps)
        state.store.set(EPISODE, episode.opened.model_dump())
        state.store.set(URL, f"{url}/episodes/{episode.id}/mcp")
        return state

    return solve


@solver
def play_episode(url: str, token_var: str) -> Solver:
    """Turn by turn until the episode is over, the model stops, or it has made as many turns as there may be steps."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        tools = episode_tools(state)
        async with mcp_connection(tools), _episode(state, url, token_var) as episode:
            state.tools = await tools.tools()
            return await _turns(state, generate, episode)

    return solve


async def _turns(state: TaskState, generate: Generate, episode: ClientEpisode) -> TaskState:
    idle = made = 0
    while made < episode.opened.max_steps and not state.completed:
        state = await generate(state, tool_calls="single")
        if state.output.message.tool_calls:
            idle, made = 0, made + 1
            if (await episode.status()).status != "open":
                break
        else:
            idle += 1
            if idle > MAX_IDLE_TURNS:
                break
            state.messages.append(ChatMessageUser(content=NUDGE))
    return state


@scorer(metrics=[mean(), stderr()])
def reward(url: str, token_var: str) -> Scorer:
    """The reward, read on the control plane. An episode that was left open is worth 0; an expired one is unscored."""

    async def score(state: TaskState, target: Target) -> Score:
        async with _episode(state, url, token_var) as episode:
            last = await episode.truncate()  # no effect on an episode that has ended
            steps = await episode.steps()
        failed = sum(step.is_error for step in steps)
        facts = {"status": last.status, "calls": len(steps), "failed_calls": failed, "seed": last.seed}
        told = f"{last.status} after {len(steps)} calls, {failed} of them failed"
        if last.reward is None:
            return Score.unscored(reason="scoring_failed", explanation=told, metadata=facts)
        return Score(value=last.reward, explanation=told, metadata=facts)

    return score


def episode_tools(state: TaskState) -> ToolSource:
    """The tools of a sample's episode, for a solver of your own; inside `mcp_connection` they share a connection."""
    where: str = state.store.get(URL)
    return mcp_tools(mcp_server_http(name="codegym", url=where, timeout=CALL_DEADLINE_S, sse_read_timeout=CALL_DEADLINE_S))


def _cleanup(url: str, token_var: str) -> Any:
    """Forgets the episode of a sample, however it went."""

    async def cleanup(state: TaskState) -> None:
        if state.store.get(EPISODE) is not None:
            with contextlib.suppress(CodegymError):
                async with _episode(state, url, token_var) as episode:
                    await episode.close()

    return cleanup


@asynccontextmanager
async def _episode(state: TaskState, url: str, token_var: str) -> AsyncIterator[ClientEpisode]:
    """The episode of a sample, on a connection of its own."""
    opened = EpisodeStatus.model_validate(state.store.get(EPISODE))
    async with _pool(url, token_var) as pool:
        yield ClientEpisode(pool, pool.servers[0], opened, await pool.environment(opened.environment))


def _pool(url: str, token_var: str) -> ClientPool:
    token = _tokens.get(url) or os.environ.get(token_var)
    if not token:
        raise InvalidRequest(token_var, "is an environment variable that must hold the server's token")
    return Servers.of(url, token).pool()


async def _chosen(
    url: str, token_var: str, names: Sequence[str], level: str | None, split: str
) -> list[tuple[Task, EnvironmentInfo]]:
    found: list[tuple[Task, EnvironmentInfo]] = []
    async with _pool(url, token_var) as pool:
        for name in names or await pool.environments():
            tasks = [one for one in await pool.tasks(name) if level in (None, one.level) and split in ("all", one.split)]
            if tasks:
                info = await pool.environment(name)
                found += [(one, info) for one in tasks]
    return found


def _sample(one: Task, info: EnvironmentInfo) -> Sample:
    """A task without what is hidden of it: logs are read by many."""
    system, user = prompt_of(one, info)
    about = {"environment": one.environment, "task": one.id, "level": one.level, "split": one.split, "hash": info.hash}
    return Sample(
        id=f"{one.environment}/{one.id}",
        input=[ChatMessageSystem(content=system["content"]), ChatMessageUser(content=user["content"])],
        metadata=about,
    )


@cache
def _start(data: str | None) -> str:
    """The URL of a server that lives as long as this process; one for each thing to serve."""
    stack = contextlib.ExitStack()
    with contextlib.chdir(os.sep):  # Inspect works in this file's folder, where Python would find us as `inspect`
        server = stack.enter_context(served(*([data] if data else [])))
    atexit.register(stack.close)
    _tokens[server.url] = server.token
    return server.url
