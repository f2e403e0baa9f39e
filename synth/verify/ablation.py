"""Which tools the oracle needs. Each is taken away twice, and the oracle must not get there either time.

First every call of it is refused. An oracle that makes calls for show, and ignores what they say, would stumble over
that too; so the second time its calls are not played, but answered with a result that it gave elsewhere. To get there
with many more calls than with the tool does not count as getting there.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from codegym_mcp.client import ClientPool
from codegym_mcp.definition import Definition
from codegym_mcp.errors import SandboxError, UnknownTool, error_from_json
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.report import Thresholds
from codegym_mcp.rollout import Act, Message, collect_rollout
from codegym_mcp.types import EnvironmentInfo, Observation, Step, Task
from synth.filter.twins import tool_forms
from synth.verify.sandboxes import Sandboxes

TRIED = 3
"""Tasks without the tool: those that use it most."""
MORE_CALLS = 2
"""So many times the calls that it makes with the tool, an oracle may make without it."""


async def idle_tools(
    sandboxes: Sandboxes,
    definition: Definition,
    tasks: Sequence[Task],
    steps: Mapping[str, Sequence[Step]],
    bounds: Thresholds,
) -> dict[str, str]:
    """Domain tools that do not count, each with the reason; of those that are equal up to renaming, the first counts.

    Args:
        steps: the oracle's calls, by task id.

    Raises:
        SandboxError: the machine failed.
    """
    idle: dict[str, str] = {}
    forms: dict[str, str] = {}
    with sandboxes.shelf.holding(definition, tasks) as name:
        here = [task.model_copy(update={"environment": name}) for task in tasks]
        for tool, form in tool_forms(definition.source).items():
            uses = Counter({task.id: sum(step.tool == tool for step in steps.get(task.id, ())) for task in here})
            chosen = [task for id, count in uses.most_common(TRIED) if count for task in here if task.id == id]
            missing = Observation(text=str(UnknownTool(tool, definition.tool_names)), is_error=True, step=0)
            others = {task.id: _another_result(tool, task.id, steps) for task in chosen}
            if form in forms:
                idle[tool] = f"the same as {forms[form]}"
            elif not chosen:
                idle[tool] = "the oracle never uses it"
            elif await _solved(sandboxes, chosen, steps, tool, {task.id: missing for task in chosen}, bounds):
                idle[tool] = "the oracle gets there without it"
            elif await _solved(sandboxes, chosen, steps, tool, others, bounds):
                idle[tool] = "the oracle gets there whatever it says and does"
            forms.setdefault(form, tool)
    return idle


def _another_result(tool: str, id: str, steps: Mapping[str, Sequence[Step]]) -> Observation:
    """A result of the tool that is not the one it gives first in this task, unless it always gives the same."""
    texts = [step.text for calls in (steps[id], *steps.values()) for step in calls if step.tool == tool]
    return Observation(text=next((text for text in texts if text != texts[0]), texts[0]), step=0)


async def _solved(
    sandboxes: Sandboxes,
    tasks: Sequence[Task],
    steps: Mapping[str, Sequence[Step]],
    tool: str,
    instead: Mapping[str, Observation],
    bounds: Thresholds,
) -> bool:
    """Whether the oracle solves all these tasks when calls of one tool are answered otherwise. By chance it may solve one."""
    for task in tasks:
        most_calls = MORE_CALLS * len(steps[task.id])
        oracle = Without(tool, instead[task.id], most_calls, sandboxes, bounds.rollout_s)
        trajectory = await collect_rollout(ClientPool.over(sandboxes.gym), oracle, task, max_steps=most_calls)
        if trajectory.error and isinstance(error := error_from_json(trajectory.error), SandboxError):
            raise error
        if trajectory.reward != 1.0:
            return False
    return True


class Without(Oracle):
    """An oracle whose calls of one tool are not played."""

    def __init__(self, tool: str, instead: Observation, most: int, sandboxes: Sandboxes, limit_s: float) -> None:
        """Args:
        instead: the answer it gets to every call of the tool.
        most: calls of the tool after which it is given up.
        """
        super().__init__(sandboxes.shelf, sandboxes.pool, limit_s=limit_s)
        self._tool, self._instead, self._most = tool, instead, most

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout in an environment."""
        async with super().session(environment) as inner:
            left = self._most

            async def act(messages: list[Message], observation: Observation | None) -> Message:
                nonlocal left
                message = await inner(messages, observation)
                while (calls := message.get("tool_calls")) and calls[0]["function"]["name"] == self._tool:
                    left -= 1
                    if left < 0:
                        return {"role": "assistant", "content": "given up"}
                    message = await inner(messages, self._instead)
                return message

            yield act
