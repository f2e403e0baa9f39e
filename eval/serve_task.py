"""One episode for an agent that is not ours: its address and its task, then what came of it.

Not an evaluation (`python -m eval run codegym --agent`), and not a server for many (`codegym serve`).
"""

import asyncio
import json
import secrets
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.gym import TTL_S, Gym
from codegym_mcp.http_server import running
from codegym_mcp.rollout import write_trajectories
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.types import Trajectory
from eval.agents import GRACE_S, AgentProgram, Ending, is_over, told, trajectory_of

LOOK_S = 0.2
"""Between two looks at the episode."""
INTERRUPTED = 130
"""Exit status after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which episode, and how it is told of."""

    environment: str
    task: str | None = None
    """Its id; None: drawn by the seed."""
    seed: int = 0
    level: str | None = None
    max_steps: int | None = None
    """T_max; None: the task's own."""
    ttl_s: float = TTL_S
    """Seconds the episode may be left alone."""
    port: int = 0
    as_json: bool = False
    out: Path | None = None
    """File that gets the trajectory as a further line."""


async def serve_task(catalog: Catalog, wanted: Wanted, agent: AgentProgram | None = None) -> int:
    """Serve one episode until it ends, its time has passed, the agent has ended, or Ctrl-C.

    Returns:
        exit status: 0, whatever the reward; 130 after Ctrl-C.

    Raises:
        CatalogError: there is no such environment or task.
        InvalidRequest: the port is taken, the file cannot be written, or the agent's program cannot be started.
        SandboxError: the machine failed.
    """
    if wanted.out is not None:
        write_trajectories(wanted.out, [])
    ttl_s = max(wanted.ttl_s, agent.deadline_s + GRACE_S) if agent else wanted.ttl_s
    async with Gym(catalog, pool=choose_pool(trusted=catalog.trusted), ttl_s=ttl_s) as gym:
        task = gym.choose(wanted.environment, wanted.task, wanted.seed, wanted.level, None)
        async with running(gym, token=secrets.token_urlsafe(24), port=wanted.port) as base, ClientPool.over(gym) as pool:
            episode = await pool.open(task.environment, task, seed=wanted.seed, max_steps=wanted.max_steps)
            url = f"{base}/episodes/{episode.id}/mcp"
            started = time.monotonic()
            async with interruption() as interrupted:
                announce(episode, url, wanted, ttl_s)
                ending = await played(episode, url, agent, interrupted)
            last = await (episode.status() if interrupted.is_set() else episode.truncate())  # no effect on an ended one
            trajectory = trajectory_of(
                episode,
                task,
                last.model_copy(update={"status": "closed"}) if last.status == "open" else last,
                await episode.steps(),
                policy=agent.name if agent else "agent",
                note=str(ending) if ending else "",
                elapsed_s=time.monotonic() - started,
            )
    conclude(trajectory, wanted, ending)
    if wanted.out is not None:
        write_trajectories(wanted.out, [trajectory])
    return INTERRUPTED if interrupted.is_set() else 0


@asynccontextmanager
async def interruption() -> AsyncIterator[asyncio.Event]:
    """Set by Ctrl-C, or a request to end, which then do nothing else."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def played(episode: ClientEpisode, url: str, agent: AgentProgram | None, interrupted: asyncio.Event) -> Ending | None:
    """Until somebody has played the episode; how the agent's program ended, if it has."""
    coroutine = agent.run(url, told(episode.opened), lambda: is_over(episode)) if agent else _seen_over(episode)
    playing, giving_up = asyncio.ensure_future(coroutine), asyncio.ensure_future(interrupted.wait())
    await asyncio.wait([playing, giving_up], return_when=asyncio.FIRST_COMPLETED)
    for waiting in (playing, giving_up):
        waiting.cancel()  # no effect on one that is done
    await asyncio.wait([playing, giving_up])
    return None if playing.cancelled() else playing.result()


async def _seen_over(episode: ClientEpisode) -> None:
    while not await is_over(episode):
        await asyncio.sleep(LOOK_S)


def announce(episode: ClientEpisode, url: str, wanted: Wanted, ttl_s: float) -> None:
    """Say where the episode is, and how to tell an agent."""
    opened, text = episode.opened, told(episode.opened)
    config = {"mcpServers": {opened.environment: {"type": "http", "url": url}}}
    if wanted.as_json:
        facts = {"environment": opened.environment, "task": opened.task, "level": opened.level, "seed": opened.seed}
        return say({**facts, "episode": opened.id, "url": url, "text": text, "config": config})
    click.echo(
        f"{opened.environment}, task {opened.task} ({opened.level}), seed {opened.seed}: "
        f"{opened.max_steps} calls at most, open as long as no call is {ttl_s:g} s away from the last\n"
    )
    click.echo(f"MCP URL: {url}")
    click.echo(f"Claude Code: claude mcp add --transport http {opened.environment} {url}")
    click.echo(f"As JSON (.mcp.json and the like): {json.dumps(config)}")
    click.echo(f"\nThe task, for the agent to read:\n\n{text}\n")
    click.echo("Waiting for its end; Ctrl-C gives it up.", err=True)
    return None


def conclude(trajectory: Trajectory, wanted: Wanted, ending: Ending | None) -> None:
    """Say what the control plane knows."""
    calls, failed = len(trajectory.steps), sum(step.is_error for step in trajectory.steps)
    if wanted.as_json:
        agent = {"code": ending.code, "reason": ending.reason} if ending else None
        facts = {"reward": trajectory.reward, "status": trajectory.status, "calls": calls, "failed_calls": failed}
        return say({**facts, "agent": agent})
    if ending:
        click.echo(str(ending))
    reward = "No reward" if trajectory.reward is None else f"Reward {trajectory.reward:g}"
    click.echo(f"{reward} after {calls} calls, {failed} of them failed; {ENDINGS[trajectory.status]}.")
    return None


ENDINGS = {
    "terminated": "ended by Done",
    "truncated": "ended without Done",
    "expired": "nobody called a tool for too long",
    "closed": "given up before its end",
}
"""Status -> what it means."""


def say(facts: dict[str, Any]) -> None:
    """One line of JSON."""
    click.echo(json.dumps(facts, ensure_ascii=False))
