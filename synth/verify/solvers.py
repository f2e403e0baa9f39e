"""pass@K: does any sampled solver get every input right by tool calls alone?

A solver is text that a model wrote to please us. It runs in a confined worker of its own that holds a class with the
names of the tools and nothing behind them: no state, no reference, no reward, no source of the environment. What it can
do is make calls, one at a time, and read what comes back. The episode is played elsewhere; calls are counted there, the
first Done ends it, and the verdict comes from the judge. What a solver returns or prints is not looked at.

So none of these gets it anywhere: returning "reward=1", counters of its own, `self.answer()` or any state, a second
Done, arguments that ask a tool for the reference, importing the environment, putting another function in place of
`call`. What is left are answers learnt by heart: hence inputs that were drawn for this purpose alone.
"""

import ast
import asyncio
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.environment import same
from codegym_mcp.errors import SandboxError, clip, error_from_json
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.report import Thresholds
from codegym_mcp.rollout import Policy, collect_rollout
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.types import EnvironmentInfo, Step, Task, Trajectory
from synth.generate.dialogue import Unusable
from synth.generate.replies import normal_form, read_solver
from synth.verify.verified import Attempt, PassAtK

MAX_CALLS = 2048
"""A solver that has not finished by then never will."""
TOO_LARGE = "ran past"
"""What failures have in common that come of time, memory or number of calls."""
REFUSED = "raised CallFailed"
"""The same of calls that failed, where the solver did not expect that."""
BY_HEART = 3
"""References that stand in a solver as they are, where nothing could be drawn to try it on."""
DETAIL_CHARS = 200


@dataclass(frozen=True)
class Exam:
    """The inputs that a solver must get right, as tasks with their answers, on an environment in the catalog."""

    definition: Definition
    """The environment without any solver."""
    seen: Sequence[Task]
    unseen: Sequence[Task]
    answers: Sequence[object]
    """Of the seen tasks."""
    varied: bool = False
    """Whether the unseen ones are only like the others, and not drawn by the problem's own generator."""


@dataclass
class Examiner:
    """Lets solvers take an exam."""

    clients: ClientPool
    pool: Pool
    bounds: Thresholds
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    async def pass_at_k(
        self, exam: Exam, sources: Sequence[str], sampled: int
    ) -> tuple[PassAtK, list[Mapping[str, Sequence[Step]]]]:
        """Let every distinct solver take the exam; the result, and the calls of each on what it solved, by task id.

        Raises:
            SandboxError: the machine failed.
        """
        distinct = distinct_solvers(sources)
        calls: list[dict[str, Sequence[Step]]] = [{} for _ in distinct]
        attempts = await asyncio.gather(*map(partial(self._attempt, exam), distinct, calls))
        passed = [number for number, attempt in enumerate(attempts) if not attempt.failure]
        result = PassAtK(
            sampled=sampled,
            distinct=len(distinct),
            passed=len(passed),
            chosen=passed[0] if passed else None,
            attempts=tuple(attempts),
        )
        return result, [*calls]

    async def _attempt(self, exam: Exam, source: str, steps: dict[str, Sequence[Step]]) -> Attempt:
        try:
            method = read_solver(source)
        except Unusable as exc:
            return Attempt(failure=f"no solver: {clip(exc, DETAIL_CHARS)}")
        if not exam.unseen and learnt_by_heart(method, exam.answers):
            return Attempt(failure="hard-coded: the answers stand in its source")
        async with self.slots:
            return await self.play(Sampled(stub(exam.definition, method), self.pool, self.bounds.rollout_s), exam, steps)

    async def play(self, policy: Policy, exam: Exam, steps: dict[str, Sequence[Step]] | None = None) -> Attempt:
        """All tasks one after the other, until the first failure.

        An unseen input may be too large for anybody; and a varied one may be no valid input, though the original has an
        answer to it, and tools refuse calls on it. Such ones are left out, but no more than half of them: a solver that does
        not know what to do could fail like that too.

        Args:
            steps: gets the calls on each task.
        """
        passed = calls = left_out = 0
        used: set[str] = set()
        for task in [*exam.seen, *exam.unseen]:
            trajectory = await collect_rollout(self.clients, policy, task, max_steps=MAX_CALLS)
            calls += len(trajectory.steps)
            if steps is not None:
                steps[task.id] = trajectory.steps
            used |= {step.tool for step in trajectory.steps}
            failure = failure_of(trajectory)
            refused = REFUSED in failure or any(step.is_error for step in trajectory.steps)
            if passed >= len(exam.seen) and (TOO_LARGE in failure or (exam.varied and refused)):
                left_out += 1
                if 2 * left_out <= len(exam.unseen):
                    continue
            if failure:
                where = "" if passed < len(exam.seen) else "on an input it had not seen: "
                return Attempt(passed=passed, calls=calls, failure=f"{where}{failure}")
            passed += 1
        idle = passed > 0 and used <= {"Observe", "Done"}
        return Attempt(passed=passed, calls=calls, failure="no tool but Observe was used" if idle else "")


class Sampled(Oracle):
    """Plays a solver that stands in a module of its own."""

    name = "sampled"

    def __init__(self, code: Definition, pool: Pool, limit_s: float) -> None:
        """Args:
        code: what runs; not the environment that is played.
        """
        super().__init__(Catalog([]), pool, limit_s=limit_s)
        self._solver = code

    def _code(self, environment: EnvironmentInfo) -> Definition:
        return self._solver


def failure_of(trajectory: Trajectory) -> str:
    """Why a rollout is no success; empty: it is one.

    Raises:
        SandboxError: the machine failed.
    """
    if trajectory.error:
        error = error_from_json(trajectory.error)
        if isinstance(error, SandboxError):
            raise error
        return clip(error, DETAIL_CHARS)
    if failed := next((step for step in trajectory.steps if step.is_error), None):
        return f"call {failed.number} failed: {clip(failed.text, DETAIL_CHARS)}"
    if trajectory.status == "truncated" and len(trajectory.steps) >= MAX_CALLS:
        return f"ran past {MAX_CALLS} calls"
    if trajectory.status != "terminated":
        return "no Done"
    return "" if trajectory.reward == 1.0 else "wrong answer"


def stub(definition: Definition, method: str) -> Definition:
    """A module with nothing but a solver, and the names of those tools whose results are texts."""
    names = text_methods(definition)
    texts = "".join(f"    def {name}(self) -> str: ...\n\n" for name in sorted(names))
    source = f"class Solver:\n{texts}{textwrap.indent(textwrap.dedent(method), '    ')}"
    return Definition(
        name="solver",
        format="native",
        class_name="Solver",
        source=source,
        where="solve",
        prompt="",
        tools=(),
        hash=content_hash("solver", source),
    )


def text_methods(definition: Definition) -> set[str]:
    """Methods of the environment that say they return a text: an oracle gets it as it is, anything else as JSON."""
    tree = ast.parse(definition.source)
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == definition.class_name)
    wanted = {*definition.tool_names, "observe"} - {"Observe", "Done"}
    return {
        node.name for node in cls.body if isinstance(node, ast.FunctionDef) and node.name in wanted and _is_text(node.returns)
    }


def _is_text(hint: ast.expr | None) -> bool:
    return (isinstance(hint, ast.Name) and hint.id == "str") or (isinstance(hint, ast.Constant) and hint.value == "str")


def distinct_solvers(sources: Sequence[str]) -> list[str]:
    """The first of each form; what does not parse is a form of its own."""
    forms: dict[str, str] = {}
    for source in sources:
        try:
            form = normal_form(source)
        except (SyntaxError, ValueError, RecursionError):
            form = source
        forms.setdefault(form, source)
    return list(forms.values())


def learnt_by_heart(source: str, answers: Sequence[object]) -> bool:
    """Whether a solver's source holds the answers themselves."""
    literals = []
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        try:
            literals.append(ast.literal_eval(node))
        except (ValueError, TypeError, SyntaxError, RecursionError):
            continue
    distinct: list[object] = []
    distinct += (answer for number, answer in enumerate(answers) if not any(same(answer, one) for one in answers[:number]))
    held = sum(any(same(answer, literal) for literal in literals) for answer in distinct)
    return held >= BY_HEART and 2 * held > len(distinct)
