"""Who is evaluated: a model, a checkpoint on this machine, a policy that needs no model, or an agent's program."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import InvalidRequest
from codegym_mcp.policies.model import Usage
from codegym_mcp.policies.named import open_model
from codegym_mcp.rollout import Act, Policy
from codegym_mcp.types import EnvironmentInfo, Task, Trajectory
from eval.benchmark import Benchmark
from eval.benchmarks.codegym import CodeGym
from eval.settings import Settings

BASELINES = ("nothing", "random")
"""Played beside every other subject: what is had for free, and what by chance."""
BUILT_IN = ("oracle", *BASELINES)
Play = Callable[[Task, int], Awaitable[tuple[Trajectory, Usage | None]]]
"""Plays one episode of a task with a seed. With the tokens it took; None: nobody counts them."""


@asynccontextmanager
async def subject(model: str, benchmark: Benchmark, settings: Settings, base_url: str | None = None) -> AsyncIterator[Play]:
    """What a name stands for.

    Args:
        model: the benchmark's agent; oracle, random or nothing; a folder with a checkpoint; else a model at the endpoint.
        base_url: of the endpoint; default: OPENAI_BASE_URL, or OpenAI's own.

    Raises:
        InvalidRequest: the benchmark has no such baseline, or there is no such folder.
        PolicyError: the model cannot be loaded, or there is no key.
    """
    if isinstance(benchmark, CodeGym) and benchmark.agent is not None and benchmark.agent.name == model:
        yield benchmark.play_agent
    elif model in BUILT_IN:
        policy = benchmark.baseline(model)
        if policy is None:
            raise InvalidRequest("model", f"{benchmark.name} has no {model}")
        yield _playing(benchmark, policy)
    else:
        sampling = {"temperature": settings.temperature, "top_p": settings.top_p, "max_tokens": settings.max_tokens}
        async with open_model(model, base_url=base_url, seed=settings.seed, **sampling) as opened:
            yield _playing(benchmark, opened)


def checkpoint_of(model: str) -> dict[str, str]:
    """What must be the same when a run of a checkpoint goes on: training may have put another one into its folder."""
    if not Path(model).is_dir():
        return {}
    files = sorted((path.name, path.stat()) for path in Path(model).iterdir() if path.is_file())
    return {"checkpoint": content_hash(*(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in files))[:12]}


def _playing(benchmark: Benchmark, policy: Policy) -> Play:
    async def play(task: Task, seed: int) -> tuple[Trajectory, Usage | None]:
        metered = _Metered(policy)
        trajectory = await benchmark.play(metered, task, seed)
        return trajectory, metered.usage

    return play


class _Metered:
    """One rollout's view of a policy: counts the tokens of its session."""

    def __init__(self, policy: Policy) -> None:
        self.name, self._policy = policy.name, policy
        self.usage: Usage | None = None
        """None: the policy does not count."""

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin the rollout."""
        async with self._policy.session(environment) as act:
            try:
                yield act
            finally:
                self.usage = getattr(act, "usage", None)
