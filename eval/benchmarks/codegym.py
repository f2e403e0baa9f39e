"""Held-out environments of a data set, played as MCP clients play them: over HTTP, each call a transaction."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import codegym_mcp
from codegym_mcp.card import oracle_calls, read_card
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import content_hash
from codegym_mcp.errors import InvalidRequest
from codegym_mcp.gym import TTL_S, Gym
from codegym_mcp.http_server import running
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.policies.simple import NothingPolicy, RandomPolicy
from codegym_mcp.rollout import Policy, collect_rollout
from codegym_mcp.sandbox.choose import choose_pool
from codegym_mcp.types import Task, Trajectory
from eval.agents import GRACE_S, AgentProgram
from eval.benchmark import Key
from eval.settings import Settings

PER_ENVIRONMENT = 2
"""Tasks of one environment at most (paper, held-in validation)."""


class CodeGym:
    """Environments of ours, or of anybody who writes them in a form that `codegym serve` reads."""

    name, official = "codegym", True

    def __init__(
        self,
        settings: Settings,
        *,
        data: str | None = None,
        names: Sequence[str] = (),
        levels: Sequence[str] = (),
        split: str = "test",
        per_environment: int = PER_ENVIRONMENT,
        agent: AgentProgram | None = None,
    ) -> None:
        """Args:
        data: a folder, file or data set of environments; default: the bundled ones.
        names: environments; default: those that are held out as a whole, or where there are none, all.
        levels: default: all but tiny, which is for trying things out.
        split: of the tasks; "all" takes every one.
        per_environment: tasks of one environment at most; 0: all.
        agent: a program that is evaluated here.
        """
        self.agent = agent
        self._settings, self._levels, self._split, self._most = settings, tuple(levels), split, per_environment
        self._catalog = Catalog.of(data) if data else Catalog.bundled()
        held_out = () if names else self._held_out()
        self._names = tuple(dict.fromkeys(names)) or held_out or tuple(self._catalog.names())
        self._tasks = self._chosen()
        count = len({task.environment for task in self._tasks})
        self.split = f"tasks of the split {split} in {count} {'held-out ' if held_out else ''}environments"
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Serve the environments on a free port."""
        token = secrets.token_urlsafe(24)
        pool = choose_pool(trusted=self._catalog.trusted)
        ttl_s = max(TTL_S, self._settings.deadline_s + GRACE_S) if self.agent else TTL_S
        self._gym = await self._stack.enter_async_context(Gym(self._catalog, pool=pool, ttl_s=ttl_s))
        url = await self._stack.enter_async_context(running(self._gym, token=token))
        self._clients = await self._stack.enter_async_context(ClientPool.connect([url], token))
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server and all workers."""
        await self._stack.aclose()

    def versions(self) -> dict[str, str]:
        """The package, and a hash of what is played."""
        hashes = sorted({self._catalog.definition(task.environment).hash for task in self._tasks})
        return {"codegym-mcp": codegym_mcp.__version__, "environments": content_hash(*hashes)[:12]}

    def tasks(self) -> Sequence[Task]:
        """Those that were chosen."""
        return self._tasks

    def oracle_calls(self) -> Mapping[Key, int]:
        """By the environments' cards."""
        return oracle_calls(self._catalog, self._tasks)

    def baseline(self, name: str) -> Policy | None:
        """All three."""
        match name:
            case "oracle":
                return Oracle(self._catalog, self._gym.pool)
            case "random":
                return RandomPolicy(self._settings.seed)
            case _:
                return NothingPolicy()

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode on the server."""
        return await collect_rollout(self._clients, policy, task, seed=seed)

    async def play_agent(self, task: Task, seed: int) -> tuple[Trajectory, None]:
        """One episode on the server by the agent's program, of which nobody counts the tokens."""
        assert self.agent is not None
        return await self.agent.play(self._clients, task, seed), None

    def _held_out(self) -> tuple[str, ...]:
        """Environments of which nothing is trained on."""
        return tuple(name for name in self._catalog.names() if read_card(self._catalog, name).get("split") == "test")

    def _chosen(self) -> list[Task]:
        found = [task for name in self._names for task in self._some(self._catalog.tasks(name))]
        if not found:
            at = f" at level {', '.join(self._levels)}" if self._levels else ""
            raise InvalidRequest("tasks", f"no task of the split '{self._split}'{at}; --split all takes every task")
        return found

    def _some(self, tasks: Iterable[Task]) -> list[Task]:
        """Those of the split and the levels; at most so many, spread over the levels."""
        fit = [task for task in tasks if self._split in ("all", task.split) and self._fits(task.level)]
        if not 0 < self._most < len(fit):
            return fit
        gap = len(fit) / self._most
        return [fit[int((number + 0.5) * gap)] for number in range(self._most)]

    def _fits(self, level: str) -> bool:
        return level in self._levels if self._levels else level != "tiny"
