"""Is an environment what it claims to be? Loaded, played, replayed and judged, all in the sandbox.

`codegym check` prints this; synth/ builds its verification on it. Each check has a name, and a finding says what was
expected and what was seen.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codegym_mcp.arguments import check_arguments
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import CodegymError, ToolCallError, ToolCrashed, clip
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.policies.simple import RandomPolicy
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Outcome, Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.types import Task, Trajectory, plain_json

CHECKS = ("load", "schema", "tools", "calls", "gold", "no-op", "wrong answer", "determinism", "rollback", "random", "guessable")
"""Names of all checks, in the order they are printed."""
MIN_TOOLS = 4
"""Declared tools, Observe and Done among them (paper, section on filters)."""
CALLS = {"tiny": (3, 8)}
"""Level -> fewest and most oracle calls."""
OTHER_CALLS = (10, 256)
MAX_GUESS = 0.25
"""Share of the tasks that the best constant answer may solve."""
MAX_RANDOM = 0.05
"""Share of the tasks that random calls may solve."""
ORACLE_STEPS = 10_000
"""An oracle that calls more often is stopped; the longest honest one known makes 4,032 calls."""
MAX_REPLAYED = 1000
"""Calls of one task that are replayed: each is played in a fresh process, at some 5 ms."""
OTHER_HASH_SEED = 4711
REPLAYED_PER_LEVEL = 2
"""Tasks of each level that are replayed with a restore before every call, unless all are asked for."""
AT_ONCE = 8


@dataclass
class TaskFacts:
    """What was measured on one task. Rewards are 0.0 or 1.0; None where it did not come to that."""

    level: str
    split: str
    oracle_calls: int = 0
    distinct_tools: int = 0
    trace: str = ""
    """Short hash of the oracle's calls, its answer included: tasks with an equal one ask for the same work."""
    oracle: float | None = None
    """Reward of the oracle."""
    gold: float | None = None
    """Reward for submitting the reference."""
    no_op: float | None = None
    """Reward for Done(null)."""
    wrong: float | None = None
    """Best reward of several answers near the reference."""
    random: float | None = None
    """Reward of a policy that makes random calls and submits a guess."""
    replayed: bool = False
    """Whether it was replayed call by call under another hash seed."""


@dataclass
class Report:
    """What was found about one environment."""

    environment: str
    tools: int = 0
    tasks: dict[str, TaskFacts] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    """Check -> what is wrong."""
    references: dict[str, str] = field(default_factory=dict)
    """Task id -> reference answer as JSON. Never leaves this process but as a count."""
    hash: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, check: str, what: str) -> None:
        """Note a finding."""
        self.findings.setdefault(check, []).append(what)

    @property
    def guess(self) -> float:
        """Share of the tasks that the best constant answer solves."""
        answers = list(self.references.values())
        return max(map(answers.count, set(answers))) / len(answers) if answers else 0.0


class Checker:
    """Checks environments of one catalog. Needs a running gym, and a second sandbox with another hash seed."""

    def __init__(self, gym: Gym, other: Pool) -> None:
        """Args:
        other: a running sandbox with `hash_seed=OTHER_HASH_SEED`.
        """
        self._gym, self._other = gym, other
        self._clients = ClientPool.over(gym)
        self._oracle, self._random = Oracle(gym.catalog, gym.pool), RandomPolicy()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def check(self, name: str, *, full: bool = False, on_task: Callable[[], None] = lambda: None) -> Report:
        """Run every check on one environment.

        Args:
            full: replay every task, not just a few of each level.
            on_task: called after each task, for a progress bar.
        """
        report = Report(name)
        try:
            definition = self._gym.catalog.definition(name)
            tasks = list(self._gym.catalog.tasks(name))
        except CodegymError as exc:
            report.add("load", str(exc))
            return report
        report.tasks = {task.id: TaskFacts(task.level, task.split) for task in tasks}
        report.tools, report.hash = len(definition.tools), definition.hash
        if len(definition.tools) < MIN_TOOLS:
            report.add("tools", f"expected at least {MIN_TOOLS} tools, got {len(definition.tools)}")
        if not tasks:
            report.add("load", "it has no tasks")
        replayed = {task.id for task in tasks if full} or few_of_each_level(tasks)

        async def one(task: Task) -> None:
            async with self._slots:
                await self._check_task(report, definition, task, task.id in replayed)
                on_task()

        await asyncio.gather(*(one(task) for task in tasks))
        lucky = sum(facts.random == 1.0 for facts in report.tasks.values())
        if lucky > MAX_RANDOM * len(tasks):
            report.add("random", f"random calls solve {lucky} of {len(tasks)} tasks (at most {MAX_RANDOM:.0%})")
        if report.guess > MAX_GUESS:
            report.add("guessable", f"one constant answer solves {report.guess:.0%} of the tasks (at most {MAX_GUESS:.0%})")
        return report

    async def _check_task(self, report: Report, definition: Definition, task: Task, replayed: bool) -> None:
        try:
            trajectory = await collect_rollout(self._clients, self._oracle, task, max_steps=ORACLE_STEPS)
        except CodegymError as exc:
            return report.add("load", f"{task.id}: {exc}")
        if trajectory.error:
            return report.add("gold", f"{task.id}: {trajectory.error['message']}")
        self._check_calls(report, task, trajectory)
        guess = await collect_rollout(self._clients, self._random, task)
        report.tasks[task.id].random = guess.reward
        await self._check_answers(report, definition, task)
        if replayed:
            report.tasks[task.id].replayed = True
            await self._replay(report, definition, task, trajectory)
        return None

    def _check_calls(self, report: Report, task: Task, trajectory: Trajectory) -> None:
        facts, calls = report.tasks[task.id], len(trajectory.steps)
        facts.oracle_calls, facts.oracle = calls, trajectory.reward
        facts.distinct_tools = len({step.tool for step in trajectory.steps})
        facts.trace = content_hash(json.dumps([[step.tool, step.arguments] for step in trajectory.steps]))[:16]
        if trajectory.reward != 1.0:
            report.add("gold", f"{task.id}: the oracle's reward is {trajectory.reward}, expected 1.0")
        fewest, most = CALLS.get(task.level, OTHER_CALLS)
        if not fewest <= calls <= min(most, task.max_steps):
            report.add("calls", f"{task.id}: the oracle makes {calls} calls, expected {fewest} to {most}")
        for step in trajectory.steps:
            if step.is_error:
                report.add("schema", f"{task.id}: the oracle's call {step.number} failed: {step.text}")

    async def _check_answers(self, report: Report, definition: Definition, task: Task) -> None:
        """The reference scores 1; null, and answers near it, score 0."""
        head = {"config": task.config, "seed": 0}
        try:
            text = await self._gym.pool.consult(definition, frames.REFERENCE, head)
            reference = plain_json(json.loads(text), frames.MAX_OBSERVATION_BYTES)
        except (ToolCallError, ValueError, RecursionError) as exc:
            return report.add("gold", f"{task.id}: there is no reference: {clip(exc)}")
        report.references[task.id] = text
        wrong = [None, *perturbed(reference)]
        try:
            right, no_op, *others = await self._verdicts(definition, head, [reference, *wrong])
        except ToolCallError as exc:
            return report.add("gold", f"{task.id}: answers cannot be judged: {exc}")
        facts = report.tasks[task.id]
        facts.gold, facts.no_op, facts.wrong = float(right), float(no_op), float(any(others))
        if not right:
            report.add("gold", f"{task.id}: submitting the reference scores 0")
        if no_op:
            report.add("no-op", f"{task.id}: Done(null) scores 1")
        for answer, scores in zip(wrong[1:], others, strict=True):
            if scores:
                report.add("wrong answer", f"{task.id}: {answer!r} scores 1, and so does the reference")

    async def _verdicts(self, definition: Definition, head: dict[str, Any], answers: list[Any]) -> list[bool]:
        """Which answers score 1; those that do not fit Done's schema never reach the judge."""
        fit: list[Any] = []
        for answer in answers:
            with contextlib.suppress(ToolCallError):
                check_arguments(definition, "Done", {"answer": answer})
                fit.append(answer)
        text = await self._gym.pool.consult(definition, frames.JUDGE, {**head, "answers": fit})
        if len(text) != len(fit):
            raise ToolCrashed("Done")
        verdicts = iter(text)
        return [any(answer is one for one in fit) and next(verdicts) == "1" for answer in answers]

    async def _replay(self, report: Report, definition: Definition, task: Task, trajectory: Trajectory) -> None:
        """The same calls under another hash seed: each once on the live object and once restored in a fresh process."""
        config_key = f"check/{task.id}"
        try:
            initial = await self._other.fresh(definition, config_key, task.config, 0)
        except CodegymError as exc:
            return report.add("determinism", f"{task.id}: {exc}")
        if initial.digest.hex() != trajectory.initial_digest:
            return report.add("determinism", f"{task.id}: reset gives another state under another hash seed")
        seat, state = Seat(definition), initial.state
        for step in trajectory.steps[:MAX_REPLAYED]:
            if step.tool == "Done" or not step.committed:
                continue
            arguments = check_arguments(definition, step.tool, step.arguments)
            outcomes: list[Outcome] = []
            for _ in range(2):  # a trial on the live object, thrown away as after a failure; then on a restored one
                if outcomes:
                    self._other.drop(seat)
                try:
                    outcomes.append(await self._other.call(seat, state, step.tool, arguments))
                except ToolCallError as exc:
                    return report.add("determinism", f"{task.id}, call {step.number}: {exc}")
            live, restored = outcomes  # their bytes may differ: pickle is not canonical, digests are
            if (live.text, live.digest) != (restored.text, restored.digest):
                return report.add("rollback", f"{task.id}, call {step.number}: a trial that was thrown away left a trace")
            if restored.text != step.text or restored.digest.hex() != step.digest:
                return report.add("determinism", f"{task.id}, call {step.number}: gives another result in another process")
            state = restored.state
        self._other.drop(seat)
        return None


def few_of_each_level(tasks: Sequence[Task]) -> set[str]:
    """Ids of the first tasks of every level."""
    by_level: dict[str, list[str]] = {}
    for task in tasks:
        by_level.setdefault(task.level, []).append(task.id)
    return {id for ids in by_level.values() for id in ids[:REPLAYED_PER_LEVEL]}


def perturbed(value: Any) -> list[Any]:
    """Wrong answers near a right one, of the same form."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case float():
            return [value + 1.0, value * 2 + 1]
        case str():
            return [value + "x", value[:-1] if value else "x"]
        case [first, *rest] if isinstance(first, (int, float, str)):
            return [[perturbed(first)[0], *rest], rest]
        case [_, *rest]:
            return [rest]
        case []:
            return [[1]]
        case dict():
            key = next(iter(value), "x")
            return [
                {**value, key: perturbed(value[key])[0]} if value else {"x": 1},
                {k: v for k, v in value.items() if k != key},
            ]
    return [1]


async def check_all(
    catalog: Catalog, names: Sequence[str], *, full: bool = False, on_task: Callable[[], None] = lambda: None
) -> list[Report]:
    """Check several environments, in order."""
    async with Gym(catalog) as gym, Pool(hash_seed=OTHER_HASH_SEED) as other:
        checker = Checker(gym, other)
        return [await checker.check(name, full=full, on_task=on_task) for name in names]
