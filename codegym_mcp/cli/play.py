"""`codegym play` and `codegym replay`: watch a policy, and play its trajectory again, bit by bit."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegym_mcp.cli.main import SEED, Command, default_pool, one_environment, open_catalog, run
from codegym_mcp.errors import CodegymError

if TYPE_CHECKING:
    from codegym_mcp.catalog import Catalog
    from codegym_mcp.client import ClientPool
    from codegym_mcp.gym import Gym
    from codegym_mcp.rollout import Message, Policy
    from codegym_mcp.types import Task, Trajectory

SPLITS = ("train", "validation", "test")
CLIP = 300
"""Characters of an observation that a transcript shows."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  codegym play coin_change                              the oracle, live
  codegym play coin_change --policy random --level tiny
  codegym play coin_change --policy gpt-4.1-mini        an OpenAI-compatible model (OPENAI_API_KEY, OPENAI_BASE_URL)
  codegym play coin_change --policy runs/my-run/last    a checkpoint (needs torch and transformers)
  codegym play --all                                    the oracle in every bundled environment, as a table
  codegym play --all --split train --policy gpt-4.1 --save teacher.jsonl       demonstrations for `python -m trainer`
""",
)
@click.argument("target", required=False, metavar="[ENV|PATH]")
@click.option("--policy", default="oracle", show_default=True, metavar="oracle|random|MODEL")
@click.option("--all", "everything", is_flag=True, help="Every environment, several tasks each; prints a table.")
@click.option("--split", type=click.Choice(SPLITS), help="With --all: every task of this split, not one of each level.")
@click.option("--task", help="Id of a task; default: drawn by the seed.")
@click.option("--level", help="Draw the task from this level.")
@click.option("--seed", type=SEED, default=0, show_default=True)
@click.option("--max-steps", type=click.IntRange(1, 100_000), help="Step budget (T_max); default: the task's.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Append the trajectory to this JSONL file.")
def play(target: str | None, policy: str, everything: bool, split: str | None, save: Path | None, **options: Any) -> None:
    """Play tasks with a policy, over a real MCP connection to a server of its own."""
    if everything:
        unused = next((name for name in ("task", "level", "max_steps") if options[name] is not None), None)
        if unused is not None:
            raise click.UsageError(f"--{unused.replace('_', '-')} goes with one environment, not with --all")
        catalog, _ = open_catalog(target)
        sys.exit(run(play_all(catalog, policy, split, save)))
    if split is not None:
        raise click.UsageError("--split goes with --all")
    if target is None:
        raise click.UsageError("name an environment (`codegym list`), or use --all")
    catalog, name = one_environment(target)
    sys.exit(run(play_one(catalog, name, policy, save, options)))


@asynccontextmanager
async def connected(catalog: "Catalog") -> AsyncIterator[tuple["Gym", "ClientPool"]]:
    """A gym served over HTTP on a free port, and a client pool connected to it."""
    from codegym_mcp.client import ClientPool
    from codegym_mcp.gym import Gym
    from codegym_mcp.http_server import running

    token = secrets.token_urlsafe(24)
    async with Gym(catalog, pool=default_pool(catalog)) as gym, running(gym, token=token) as url:
        async with ClientPool.connect([url], token) as clients:
            yield gym, clients


@asynccontextmanager
async def player(name: str, gym: "Gym", seed: int = 0) -> AsyncIterator["Policy"]:
    """The policy of that name; anything but oracle and random is a model."""
    from codegym_mcp.policies.named import open_model
    from codegym_mcp.policies.oracle import Oracle
    from codegym_mcp.policies.simple import RandomPolicy

    match name:
        case "oracle":
            yield Oracle(gym.catalog, gym.pool)
        case "random":
            yield RandomPolicy(seed)
        case _:
            async with open_model(name, seed=seed) as opened:
                yield opened


async def play_one(catalog: "Catalog", name: str, policy: str, save: Path | None, options: dict[str, Any]) -> int:
    """One task, live; 0 if it was solved."""
    from codegym_mcp.rollout import collect_rollout, write_trajectories

    if save is not None:
        write_trajectories(save, [])
    async with connected(catalog) as (gym, clients), player(policy, gym, options["seed"]) as playing:
        task = gym.choose(name, options["task"], options["seed"], options["level"], None)
        click.secho(f"{name}, task {task.id} ({task.level})", bold=True)
        trajectory = await collect_rollout(
            clients,
            playing,
            task,
            seed=options["seed"],
            max_steps=options["max_steps"],
            on_message=show_message,
        )
    if save is not None:
        write_trajectories(save, [trajectory])
    if trajectory.error:
        click.secho(f"No reward: {trajectory.error['message']}", fg="red", err=True)
        return 1
    colour = "green" if trajectory.reward == 1.0 else "red"
    click.secho(f"{trajectory.status} after {len(trajectory.steps)} calls, reward {trajectory.reward}", fg=colour, bold=True)
    return 0 if trajectory.reward == 1.0 else 1


def show_message(message: "Message") -> None:
    """One message of the transcript."""
    text = str(message.get("content") or "")
    if message["role"] == "user":
        click.echo(text + "\n")
    elif message["role"] == "tool":
        failed = text.endswith("State unchanged.")
        click.secho(f"  {clip(text)}", fg="yellow" if failed else None)
    elif message["role"] == "assistant":
        if text:
            click.secho(clip(text), dim=True)
        for call in message.get("tool_calls") or []:
            arguments = call["function"]["arguments"]
            click.secho(f"> {call['function']['name']}({readable(arguments)})", fg="cyan")


def readable(arguments: str) -> str:
    """Arguments as a person would write them."""
    try:
        return ", ".join(f"{name}={json.dumps(value)}" for name, value in json.loads(arguments).items())
    except (ValueError, AttributeError):
        return arguments


def clip(text: str) -> str:
    """Not more than a few lines."""
    return text if len(text) <= CLIP else f"{text[:CLIP]}… ({len(text)} characters)"


async def play_all(catalog: "Catalog", policy: str, split: str | None, save: Path | None) -> int:
    """One task of every level, or all of a split, in every environment; 0 if all were solved."""
    from rich.console import Console
    from rich.table import Table

    from codegym_mcp.progress import bars
    from codegym_mcp.rollout import collect_rollout, write_trajectories

    table = Table("environment", "tools", "tasks played", "calls", "reward", title=f"{policy}, over MCP (streamable HTTP)")
    names = catalog.names()
    played: list[Trajectory] = []
    if save is not None:
        write_trajectories(save, [])
    async with connected(catalog) as (gym, clients), player(policy, gym) as playing:
        with bars(transient=True, disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("playing", total=len(names), note="")
            for name in names:
                tasks = chosen(catalog.tasks(name), split)
                trajectories = await asyncio.gather(*(collect_rollout(clients, playing, task) for task in tasks))
                played += trajectories
                if save is not None:
                    write_trajectories(save, trajectories)
                calls = [len(trajectory.steps) for trajectory in trajectories]
                tools = str(len(catalog.definition(name).tools))
                table.add_row(name, tools, str(len(tasks)), ", ".join(map(str, calls)), rewards_of(trajectories))
                progress.advance(bar)
    Console().print(table)
    solved = sum(trajectory.reward == 1.0 for trajectory in played)
    click.echo(
        f"{solved} of {len(played)} tasks solved in {len(names)} environments, {sum(len(t.steps) for t in played)} calls."
    )
    return 0 if 0 < solved == len(played) else 1


def chosen(tasks: "Iterable[Task]", split: str | None) -> "list[Task]":
    """All tasks of a split; or the first of every level."""
    if split is not None:
        return [task for task in tasks if task.split == split]
    return list({task.level: task for task in reversed(list(tasks))}.values())[::-1]


def rewards_of(trajectories: "list[Trajectory]") -> str:
    """Their rewards, or what failed."""
    return ", ".join("failed" if t.error else f"{t.reward:g}" for t in trajectories)


@click.command(cls=Command)
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TRAJECTORY")
@click.option("--environments", metavar="PATH", help="Where the environments are; default: the bundled ones.")
def replay(path: Path, environments: str | None) -> None:
    """Play trajectories of a JSONL file again and compare every observation, state digest and reward.

    \b
    codegym play coin_change --save runs.jsonl
    codegym replay runs.jsonl
    """
    catalog, _ = open_catalog(environments)
    sys.exit(run(replay_all(catalog, path)))


async def replay_all(catalog: "Catalog", path: Path) -> int:
    """0 if every trajectory gave the same again."""
    from codegym_mcp.gym import Gym
    from codegym_mcp.rollout import read_trajectories

    trajectories = read_trajectories(path)
    different = 0
    async with Gym(catalog, pool=default_pool(catalog)) as gym:
        for number, trajectory in enumerate(trajectories, start=1):
            try:
                problem = await first_difference(gym, trajectory)
            except CodegymError as exc:
                problem = str(exc)
            different += problem is not None
            click.echo(f"{number}: {trajectory.environment}, {len(trajectory.steps)} calls: {problem or 'identical'}")
    return 1 if different else 0


async def first_difference(gym: "Gym", trajectory: "Trajectory") -> str | None:
    """Where a replay departs from a trajectory, or None."""
    if gym.catalog.definition(trajectory.environment).hash != trajectory.environment_hash:
        return "the environment has changed since"
    max_steps = max(len(trajectory.steps), trajectory.task.max_steps)
    episode = await gym.open(trajectory.environment, trajectory.task, seed=trajectory.seed, max_steps=max_steps)
    if episode.digest != trajectory.initial_digest:
        return "the initial state differs"
    for step in trajectory.steps:
        await gym.call(episode.id, step.tool, step.arguments)
        again = (await gym.steps(episode.id))[-1]
        if (again.text, again.digest, again.committed) != (step.text, step.digest, step.committed):
            return f"step {step.number} ({step.tool}) differs"
    reward = (await gym.status(episode.id)).reward
    if trajectory.status == "terminated" and reward != trajectory.reward:
        return f"the reward is {reward}, was {trajectory.reward}"
    await gym.close(episode.id)
    return None
