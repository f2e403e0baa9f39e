"""Is an environment what it claims to be? Loaded, played, replayed and judged, all in the sandbox.

`codegym check` prints this; synth/ builds its verification on it. Each check has a name, and a finding says what was
expected and what was seen. A finding refuses the environment; for one of the published format, which nobody can mend,
what only lessens its worth is a flag instead (report.FLAGS).
"""

import ast
import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

from codegym_mcp.answers import empty_answers, is_empty, near_misses
from codegym_mcp.arguments import check_arguments
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.environment import same
from codegym_mcp.errors import CodegymError, SandboxError, ToolCallError, ToolCrashed, clip, error_from_json
from codegym_mcp.gym import Gym
from codegym_mcp.leaks import early_results, known_arguments, plans_that_solve, reveals_all
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.policies.simple import RandomPolicy, draw
from codegym_mcp.published_config import from_json
from codegym_mcp.replay import config_key, replay
from codegym_mcp.report import PAPER, Report, TaskFacts, Thresholds
from codegym_mcp.rollout import Policy, collect_rollout
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Outcome, Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.schema import parse_source
from codegym_mcp.types import Step, Task, ToolSpec, Trajectory, plain_json

ORACLE_STEPS = 10_000
"""An oracle that calls more often is stopped; the longest honest one known makes 4,032 calls."""
OTHER_HASH_SEED = 4711
HASH_SEEDS = (OTHER_HASH_SEED, 1, 2)
"""Of the sandboxes in which tasks are replayed; episodes are played under 0."""
RANDOM_CALLS = 10
"""Calls of a random episode before it submits; one in two fails, and costs a process."""
DRAWN = 3
"""Arguments that are tried on a tool which the oracle does not use."""
AT_ONCE = 8


class Checker:
    """Checks environments of one catalog. Needs a running gym, and sandboxes with other hash seeds."""

    def __init__(self, gym: Gym, other: Pool, *further: Pool, thresholds: Thresholds = PAPER) -> None:
        """Args:
        other: a running sandbox with `hash_seed=OTHER_HASH_SEED`.
        further: more, with other hash seeds again.
        """
        self._gym, self._others, self._bounds = gym, (other, *further), thresholds
        self._clients = ClientPool.over(gym)
        self._oracle = Oracle(gym.catalog, gym.pool, limit_s=thresholds.rollout_s)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def check(
        self,
        name: str,
        *,
        full: bool = False,
        dropping: bool = False,
        random_episodes: int = 0,
        on_task: Callable[[], None] = lambda: None,
    ) -> Report:
        """Run every check on one environment.

        Args:
            full: replay every task, each call on a restored state too; else a few of each level, the first of them so.
            dropping: leave tasks out that are too short, too long or over a limit, whose answer is empty or too long, and
                judge the environment by the others; it is enough to know that it fails.
            random_episodes: play at least so many with random calls; else one per task.
            on_task: called after each task, for a progress bar.

        Raises:
            SandboxError: the machine failed; nothing is known of the environment.
        """
        report = Report(name)
        try:
            definition = self._gym.catalog.definition(name)
            tasks = list(self._gym.catalog.tasks(name))
        except CodegymError as exc:
            report.add("load", str(exc))
            return report
        report.tasks = {task.id: TaskFacts(task.level, task.split) for task in tasks}
        report.tools, report.hash, report.published = len(definition.tools), definition.hash, definition.format == "published"
        if len(definition.tools) < self._bounds.min_tools:
            report.add("tools", f"expected at least {self._bounds.min_tools} tools, got {len(definition.tools)}")
        if not tasks:
            report.add("load", "it has no tasks")
        few = len(tasks) if full else self._bounds.replayed
        replayed = few_of_each_level(tasks, few)
        restored = few_of_each_level(tasks, few if full else 1)

        async def one(task: Task) -> None:
            async with self._slots:
                trajectory = await self._check_task(report, definition, task, dropping)
                if trajectory is not None and task.id in replayed:
                    report.tasks[task.id].replayed = True
                    if finding := await replay(self._others, definition, task, trajectory, restore=task.id in restored):
                        report.add(*finding)
                on_task()

        await together(*(one(task) for task in tasks))
        left = [task for task in tasks if task.id in report.references]
        await self._check_swapped(report, definition, left)
        self._check_leaks(report)
        if not (dropping and report.findings):
            await self._play_at_random(report, [task for task in left if task.level != "tiny"] or left, random_episodes)
        return report

    async def _check_task(self, report: Report, definition: Definition, task: Task, dropping: bool) -> Trajectory | None:
        """The oracle's trajectory, where the task has one and an answer."""
        trajectory = await self._play(report, self._oracle, task, ORACLE_STEPS)
        if trajectory is None:
            return None
        if trajectory.error and dropping and "ran past" in trajectory.error["message"]:
            report.drop(task.id, "over a limit")
            return None
        if trajectory.error:
            report.add("gold", f"{task.id}: {trajectory.error['message']}")
            return None
        self._check_calls(report, task, trajectory, dropping)
        if task.id in report.dropped:
            return None
        report.steps[task.id] = trajectory.steps
        await self._check_answers(report, definition, task, dropping)
        if task.id not in report.references:
            return None
        await self._look_for_leaks(report, definition, task)
        return trajectory

    async def _play(self, report: Report, policy: Policy, task: Task, max_steps: int | None = None) -> Trajectory | None:
        """One rollout; None where the task cannot be opened.

        Raises:
            SandboxError: the machine failed.
        """
        try:
            trajectory = await collect_rollout(self._clients, policy, task, max_steps=max_steps)
        except CodegymError as exc:
            report.add("load", f"{task.id}: {exc}")
            return None
        if trajectory.error and isinstance(error := error_from_json(trajectory.error), SandboxError):
            raise error
        return trajectory

    def _check_calls(self, report: Report, task: Task, trajectory: Trajectory, dropping: bool) -> None:
        facts, calls = report.tasks[task.id], len(trajectory.steps)
        facts.oracle_calls, facts.oracle = calls, trajectory.reward
        facts.distinct_tools = len({step.tool for step in trajectory.steps})
        facts.trace = content_hash(json.dumps([[step.tool, step.arguments] for step in trajectory.steps]))[:16]
        if trajectory.reward != 1.0:
            report.add("gold", f"{task.id}: the oracle's reward is {trajectory.reward}, expected 1.0")
        for step in trajectory.steps:
            if step.is_error:
                report.add("schema", f"{task.id}: the oracle's call {step.number} failed: {step.text}")
        fewest, most = self._bounds.calls_at(task.level)
        if fewest <= calls <= min(most, task.max_steps):
            return
        if dropping:
            report.drop(task.id, "too few calls" if calls < fewest else "too many calls")
        else:
            report.add("calls", f"{task.id}: the oracle makes {calls} calls, expected {fewest} to {most}")

    async def _check_answers(self, report: Report, definition: Definition, task: Task, dropping: bool) -> None:
        """The reference scores 1; empty answers, and answers near it, score 0."""
        head = {"config": task.config, "seed": 0}
        try:
            text = await self._gym.pool.consult(definition, frames.REFERENCE, head)
            reference = plain_json(json.loads(text), frames.MAX_OBSERVATION_BYTES)
        except (ToolCallError, ValueError, RecursionError) as exc:
            return report.add("gold", f"{task.id}: there is no reference: {clip(exc)}")
        if isinstance(reference, bool) and "yes/no" not in {*report.findings, *report.flags}:
            report.add("yes/no", "the answer is true or false: half of the guesses are right")
        if dropping and is_empty(reference):
            return report.drop(task.id, "empty answer")
        if dropping and len(text) > self._bounds.answer_chars:
            return report.drop(task.id, "long answer")
        report.references[task.id] = text
        empty, wrong = empty_answers(reference), near_misses(reference, exact=not judges_itself(definition))
        try:
            right, *others = await self._verdicts(definition, head, [reference, *empty, *wrong])
        except ToolCallError as exc:
            return report.add("gold", f"{task.id}: answers cannot be judged: {exc}")
        no_op, near = others[: len(empty)], others[len(empty) :]
        facts = report.tasks[task.id]
        facts.gold, facts.no_op, facts.wrong = float(right), float(any(no_op)), float(any(near))
        if not right:
            report.add("gold", f"{task.id}: submitting the reference scores 0")
        for answer in scoring(empty, no_op):
            report.add("no-op", f"{task.id}: Done({json.dumps(answer)}) scores 1")
        for answer in scoring(wrong, near):
            report.add("wrong answer", f"{task.id}: {answer!r} scores 1, and so does the reference")
        return None

    async def _check_swapped(self, report: Report, definition: Definition, tasks: Sequence[Task]) -> None:
        """Another task's answer scores 0."""
        for task, other in zip(tasks, [*tasks[1:], *tasks[:1]], strict=True):
            own, answer = (json.loads(report.references[one.id]) for one in (task, other))
            if same(answer, own) or answer == own:
                continue
            with contextlib.suppress(ToolCallError):
                if (await self._verdicts(definition, {"config": task.config, "seed": 0}, [answer]))[0]:
                    report.tasks[task.id].wrong = 1.0
                    report.add("wrong answer", f"{task.id}: {answer!r}, the answer to {other.id}, scores 1")

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

    async def _play_at_random(self, report: Report, tasks: Sequence[Task], episodes: int) -> None:
        """One random episode per task, and more until so many are played: many more, once one was lucky.

        Tiny tasks are left out: in three calls much can be had by chance.
        """
        number = 0
        while tasks and number < max(len(tasks), episodes, self._bounds.more_random_episodes if report.random_solved else 0):
            await together(*(self._guess(report, task, place) for place, task in enumerate(tasks, start=number)))
            number += len(tasks)
        if report.random_reward > self._bounds.max_random:
            solved, played = report.random_solved, report.random_episodes
            report.add("random", f"random calls solve {solved} of {played} episodes (at most {self._bounds.max_random:.0%})")

    async def _guess(self, report: Report, task: Task, number: int) -> None:
        async with self._slots:
            trajectory = await self._play(report, RandomPolicy(seed=number, calls=RANDOM_CALLS), task)
        if trajectory is not None and trajectory.reward is not None:
            report.random_episodes += 1
            report.random_solved += trajectory.reward == 1.0
            report.tasks[task.id].random = max(trajectory.reward, report.tasks[task.id].random or 0.0)

    async def _look_for_leaks(self, report: Report, definition: Definition, task: Task) -> None:
        """Which plans without work solve the task, and what Observe shows of it at first."""
        answer = json.loads(report.references[task.id])
        initial = await self._gym.pool.fresh(definition, config_key(task), task.config, 0)
        results = list(early_results(report.steps[task.id], answer))
        seat = Seat(definition)
        try:
            observed = (await self._gym.pool.call(seat, initial.state, "Observe", {})).text
            results += [("Observe, call 1", observed), *await self._try_tools(seat, report.steps[task.id], initial, observed)]
        except ToolCallError as exc:
            return report.add("schema", f"{task.id}: Observe fails in the initial state: {exc}")
        finally:
            self._gym.pool.drop(seat)
        for call, part in plans_that_solve(iter(results), answer):
            plan = f"{call}: {part}"
            report.plans[plan] = report.plans.get(plan, 0) + 1
        report.observed[task.id] = observed, reveals_all(from_json(task.config), observed)
        return None

    async def _try_tools(self, seat: Seat, steps: Sequence[Step], initial: Outcome, observed: str) -> list[tuple[str, str]]:
        """Results of the tools in the initial state, with the oracle's first arguments where these need no work.

        A tool that the oracle does not use is tried with a few drawn ones.
        """
        first = {step.tool: step.arguments for step in reversed(steps)}
        results: list[tuple[str, str]] = []
        for spec in seat.definition.tools:
            if spec.name in ("Observe", "Done"):
                continue
            tries = [first[spec.name]] if spec.name in first else drawn_arguments(spec, observed)
            for number, arguments in enumerate(tries, start=1):
                if spec.name in first and not known_arguments(arguments, observed):
                    continue
                with contextlib.suppress(ToolCallError):
                    checked = check_arguments(seat.definition, spec.name, arguments)
                    outcome = await self._gym.pool.call(seat, initial.state, spec.name, checked)
                    results.append((f"{spec.name}, before anything else, try {number}", outcome.text))
                    if outcome.digest != initial.digest:
                        self._gym.pool.drop(seat)
        return results

    def _check_leaks(self, report: Report) -> None:
        bounds, guess = self._bounds, report.guess
        if guess > bounds.max_guess:
            report.add("guessable", f"one constant answer solves {guess:.0%} of the tasks (at most {bounds.max_guess:.0%})")
        if report.shortcut > bounds.max_shortcut:
            plan = max(report.plans, key=lambda plan: (report.plans[plan], plan))
            report.add("shortcut", f"submitting '{plan}' solves {report.shortcut:.0%} (at most {bounds.max_shortcut:.0%})")
        if report.revealed > bounds.max_revealed and not proven_hidden(report):
            report.add("hidden", f"Observe shows the whole input of {report.revealed:.0%} (at most {bounds.max_revealed:.0%})")


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Do things side by side. The first failure ends the others, and is raised as it was."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as exc:
        raise exc.exceptions[0] from exc


def drawn_arguments(spec: ToolSpec, observed: str) -> list[dict[str, Any]]:
    """A few arguments that fit the tool's schema, always the same ones."""
    rng = random.Random(spec.name)
    properties = spec.input_schema["properties"]
    tries = [{name: draw(schema, rng, [observed]) for name, schema in properties.items()} for _ in range(DRAWN)]
    return tries if properties else [{}]


def scoring(answers: Sequence[Any], verdicts: Sequence[bool]) -> list[Any]:
    """The answers that scored."""
    return [answer for answer, scores in zip(answers, verdicts, strict=True) if scores]


def judges_itself(definition: Definition) -> bool:
    """Whether the environment decides by code of its own which answers are right."""
    if definition.format == "published":
        return True
    tree = parse_source(definition.source)
    methods = [n.name for cls in tree.body if isinstance(cls, ast.ClassDef) for n in cls.body if isinstance(n, ast.FunctionDef)]
    return "check" in methods


def proven_hidden(report: Report) -> bool:
    """Whether two tasks look alike to Observe and have different answers."""
    answers: dict[str, set[str]] = {}
    for id, (text, _) in report.observed.items():
        answers.setdefault(text, set()).add(report.references[id])
    return any(len(different) > 1 for different in answers.values())


def few_of_each_level(tasks: Sequence[Task], few: int) -> set[str]:
    """Ids of the first tasks of every level."""
    by_level: dict[str, list[str]] = {}
    for task in tasks:
        by_level.setdefault(task.level, []).append(task.id)
    return {id for ids in by_level.values() for id in ids[:few]}


async def check_all(
    catalog: Catalog, names: Sequence[str], *, full: bool = False, on_task: Callable[[], None] = lambda: None
) -> list[Report]:
    """Check several environments, in order."""
    reports = []
    async with Gym(catalog) as gym, AsyncExitStack() as stack:
        others = [await stack.enter_async_context(Pool(hash_seed=seed, zygotes=1)) for seed in HASH_SEEDS]
        checker = Checker(gym, *others)
        for name in names:
            reports.append(await checker.check(name, full=full, on_task=on_task))
            reports[-1].steps.clear()
    return reports
