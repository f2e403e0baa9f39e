"""Who is evaluated: a model behind an endpoint, a checkpoint on this machine, or a policy that needs no model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from codegym_mcp.errors import InvalidRequest
from codegym_mcp.policies.model import Usage
from codegym_mcp.rollout import Act, Policy
from codegym_mcp.types import EnvironmentInfo
from eval.benchmark import Benchmark
from eval.settings import Settings

BASELINES = ("nothing", "random")
"""Played beside every other subject: what is had for free, and what by chance."""
BUILT_IN = ("oracle", *BASELINES)


@asynccontextmanager
async def subject(model: str, benchmark: Benchmark, settings: Settings, base_url: str | None = None) -> AsyncIterator[Policy]:
    """The policy that a name stands for.

    Args:
        model: the benchmark's agent; oracle, random or nothing; a folder with a checkpoint; else a model at the endpoint.
        base_url: of the endpoint; default: OPENAI_BASE_URL, or OpenAI's own.

    Raises:
        InvalidRequest: the benchmark has no such baseline, or there is no such folder.
        PolicyError: the model cannot be loaded, or there is no key.
    """
    agent: Policy | None = getattr(benchmark, "agent", None)
    if agent is not None and model == agent.name:
        yield agent
    elif model in BUILT_IN:
        policy = benchmark.baseline(model)
        if policy is None:
            raise InvalidRequest("model", f"{benchmark.name} has no {model}")
        yield policy
    elif Path(model).is_dir():
        from codegym_mcp.policies.local import LocalPolicy

        yield LocalPolicy(
            model,
            name=model.rstrip("/"),
            max_new_tokens=settings.max_tokens,
            temperature=settings.temperature,
            top_p=settings.top_p,
            seed=settings.seed,
        )
    elif model.startswith((".", "/", "~")) or model.endswith("/"):
        raise InvalidRequest("model", f"there is no folder '{model}'")
    else:
        from codegym_mcp.policies.chat import ChatPolicy

        chat = ChatPolicy(
            model,
            base_url=base_url,
            temperature=settings.temperature,
            top_p=settings.top_p,
            max_tokens=settings.max_tokens,
        )
        try:
            yield chat
        finally:
            await chat.close()


class Metered:
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
