"""The way of one candidate through all checks, to a proof or a Rejection."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from codegym_mcp.check import Checker
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition, content_hash, read_native
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.report import CHECKS, PAPER, Report, Thresholds
from codegym_mcp.types import Task
from synth.generate.replies import read_solver
from synth.generate.source import NO_SOLVER, with_solve
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Rejection
from synth.verify.ablation import idle_tools
from synth.verify.choice import Passed, most_needing
from synth.verify.injection import half_changes
from synth.verify.mutation import mutate
from synth.verify.refused import Refused
from synth.verify.sandboxes import Sandboxes
from synth.verify.solvers import Exam, Examiner, distinct_solvers
from synth.verify.truth import check_references, true_inputs, unseen_inputs
from synth.verify.verified import Mutants, PassAtK, Verified

LEVELS = ("tiny", "easy", "medium", "hard")


async def verify(sandboxes: Sandboxes, candidate: Candidate, *, bounds: Thresholds = PAPER) -> Verified | Rejection:
    """Prove a candidate, or say why not. Any number may be verified at once; nothing is kept between calls.

    Raises:
        SandboxError: the machine failed; nothing is known of the candidate. Try again.
    """
    started = time.monotonic()
    try:
        verified = await _Verification(sandboxes, candidate, bounds).run()
    except Refused as exc:
        return Rejection(id=candidate.problem.id, stage="verify", reason=exc.reason, detail=exc.detail)
    return verified.model_copy(update={"seconds": round(time.monotonic() - started, 3)})


class _Verification:
    """One candidate's."""

    def __init__(self, sandboxes: Sandboxes, candidate: Candidate, bounds: Thresholds) -> None:
        self._boxes, self._candidate, self._bounds = sandboxes, candidate, bounds
        self._originals = Originals(sandboxes.pool)

    async def run(self) -> Verified:
        """Raises: Refused."""
        definition = self._definition(self._candidate.env, solved=not self._candidate.solvers)
        inputs = await true_inputs(self._originals, self._candidate)
        await check_references(self._boxes.pool, definition, inputs)
        unseen = await self._unseen(definition)
        seen, new = as_tasks(inputs, self._bounds), as_tasks(unseen, self._bounds, "unseen-")
        varied = any(item.origin == "varied" for item in unseen)
        exam = Exam(definition, seen, new, [item.answer for item in inputs], varied)
        solvers, definition = await self._solved(exam)
        report = await self._checked(definition, seen)
        tasks = [task for task in seen if task.id in report.tasks]
        idle, left, mutants = await self._proofs(definition, tasks, report)
        tools = [name for name in definition.tool_names if name not in ("Observe", "Done")]
        needed = [name for name in tools if name not in idle]
        if len(needed) + 2 < self._bounds.min_tools:
            why = "; ".join(f"{tool}: {reason}" for tool, reason in idle.items())
            raise Refused("needs its tools", f"{len(needed)} count beside Observe and Done, of {len(tools)}; {why}")
        if left:
            raise Refused("injected failure", "; ".join(left))
        report.steps.clear()
        return Verified(
            candidate=self._candidate.model_copy(update={"env": definition.source}),
            tasks=tuple(task.model_copy(update={"environment": self._candidate.name}) for task in tasks),
            report=replace(report, environment=self._candidate.name),
            needed=tuple(needed),
            idle=idle,
            mutants=mutants,
            solvers=solvers,
            unseen=len(unseen),
        )

    def _definition(self, source: str, *, solved: bool) -> Definition:
        """The environment; what it is called in the catalog depends on its content, so that many can be there at once."""
        try:
            whole = source if solved else with_solve(source, NO_SOLVER)
            key = content_hash(whole, self._candidate.model_dump_json(include={"inputs"}))[:12]
            where = f"{self._candidate.name}/env.py"
            return replace(read_native(whole, name=self._candidate.name, where=where), name=f"{self._candidate.name}.{key}")
        except (InvalidEnvironment, SyntaxError) as exc:
            raise Refused("load", str(exc)) from exc

    async def _unseen(self, definition: Definition) -> list[Input]:
        """Drawn inputs on which the reference must be right too; varied ones, which may be none, only if it is."""
        usable = []
        for item in await unseen_inputs(self._originals, self._candidate):
            try:
                await check_references(self._boxes.pool, definition, [item])
                usable.append(item)
            except Refused:
                if item.origin == "drawn":
                    raise
        return usable

    async def _solved(self, given: Exam) -> tuple[PassAtK | None, Definition]:
        """pass@K, and the environment with the best solver that gets everything right; or its own, tried on the unseen."""
        examiner = Examiner(ClientPool.over(self._boxes.gym), self._boxes.pool, self._bounds)
        with self._boxes.shelf.holding(given.definition, [*given.seen, *given.unseen]) as name:
            seen, unseen = (
                [task.model_copy(update={"environment": name}) for task in tasks] for tasks in (given.seen, given.unseen)
            )
            exam = replace(given, seen=seen, unseen=unseen)
            if self._candidate.solvers:
                asked = self._candidate.notes.get("solvers", {})
                sampled = max(len(self._candidate.solvers), asked.get("asked", 0) if isinstance(asked, dict) else 0)
                result, steps = await examiner.pass_at_k(exam, self._candidate.solvers, sampled)
            else:
                oracle = Oracle(self._boxes.shelf, self._boxes.pool, limit_s=self._bounds.rollout_s)
                attempt = await examiner.play(oracle, replace(exam, seen=()))
                if attempt.failure:
                    raise Refused("unsolvable", f"the oracle, {attempt.failure}")
                return None, given.definition
        if result.chosen is None:
            reasons = Counter(attempt.failure for attempt in result.attempts).most_common(3)
            raise Refused("unsolvable", f"0 of {result.distinct}: " + "; ".join(f"{n} x {why}" for why, n in reasons))
        solvers = distinct_solvers(self._candidate.solvers)
        passed = [
            Passed(number, self._definition(with_solve(self._candidate.env, read_solver(solvers[number])), solved=True), calls)
            for number, (calls, attempt) in enumerate(zip(steps, result.attempts, strict=True))
            if not attempt.failure
        ]
        chosen = await most_needing(self._boxes, passed, given.seen, self._bounds)
        return result.model_copy(update={"chosen": chosen.number}), chosen.definition

    async def _checked(self, definition: Definition, tasks: Sequence[Task]) -> Report:
        """What codegym check finds."""
        checker = Checker(self._boxes.gym, *self._boxes.others, thresholds=self._bounds)
        with self._boxes.shelf.holding(definition, tasks) as name:
            report = await checker.check(name, dropping=True, random_episodes=self._bounds.random_episodes)
        if not {"load", "yes/no"} & {*report.findings} and len(report.tasks) < self._bounds.min_tasks:
            why = ", ".join(f"{reason}: {count}" for reason, count in sorted(Counter(report.dropped.values()).items()))
            raise Refused("too few tasks", f"expected at least {self._bounds.min_tasks}, got {len(report.tasks)}; {why}")
        for check in CHECKS:
            if findings := report.findings.get(check):
                more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
                raise Refused(check, findings[0] + more)
        return report

    async def _proofs(
        self, definition: Definition, tasks: Sequence[Task], report: Report
    ) -> tuple[dict[str, str], list[str], Mutants]:
        """What needs the oracle's calls: idle tools, changes that stay after a failure, mutants."""
        return await asyncio.gather(
            idle_tools(self._boxes, definition, tasks, report.steps, self._bounds),
            half_changes(self._boxes, definition, tasks, report.steps),
            mutate(self._boxes.pool, definition, tasks, report.references),
        )


def as_tasks(inputs: Sequence[Input], bounds: Thresholds, prefix: str = "") -> list[Task]:
    """Tasks in the order of their levels, numbered within each."""
    counts: Counter[str] = Counter()
    tasks = []
    for item in sorted(inputs, key=lambda item: LEVELS.index(item.level) if item.level in LEVELS else len(LEVELS)):
        counts[item.level] += 1
        id = f"{prefix}{item.level}-{counts[item.level]:02d}"
        most = bounds.calls_at(item.level)[1]
        tasks.append(Task(environment="", id=id, config=item.config, level=item.level, max_steps=most))
    return tasks
