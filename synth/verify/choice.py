"""Of several solvers that get everything right, the one that needs the most tools becomes the oracle.

The others know a way around some of the tools: an environment with one of them for its oracle would prove less work than
there is, and may be refused for too few tools although it has enough of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codegym_mcp.definition import Definition
from codegym_mcp.report import Thresholds
from codegym_mcp.types import Step, Task
from synth.verify.ablation import idle_tools
from synth.verify.sandboxes import Sandboxes


@dataclass(frozen=True, slots=True)
class Passed:
    """A solver that got everything right."""

    number: int
    """Its place among the distinct ones."""
    definition: Definition
    """The environment with it as the oracle."""
    steps: Mapping[str, Sequence[Step]]
    """Its calls, by task id."""

    @property
    def used(self) -> int:
        """How many tools it calls, Observe and Done apart."""
        return len({step.tool for steps in self.steps.values() for step in steps} - {"Observe", "Done"})


async def most_needing(sandboxes: Sandboxes, passed: Sequence[Passed], tasks: Sequence[Task], bounds: Thresholds) -> Passed:
    """The solver that can do without the fewest tools; of equal ones the first.

    None needs a tool that it does not call, so a solver is tried only while it could be better than the best so far.

    Raises:
        SandboxError: the machine failed.
    """
    best, most = passed[0], -1
    for one in sorted(passed, key=lambda one: -one.used) if len(passed) > 1 else ():
        if one.used <= most:
            break
        idle = await idle_tools(sandboxes, one.definition, tasks, one.steps, bounds)
        needed = len({*one.definition.tool_names} - {"Observe", "Done", *idle})
        if needed > most:
            best, most = one, needed
    return best
