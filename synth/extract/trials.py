"""Asks the sandbox: how a solution behaves, and whether a skeleton still gives the original's answers."""

import inspect
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import anyio

from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import SandboxError, ToolCallError, ToolRaised
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from synth import plain
from synth.extract import inside, observed
from synth.problem import Input

SAMPLE = 8
"""Inputs that a fragment is tried on; what is left in the end is tried on all."""
TRIES = 4
"""Attempts at a request when the machine, not the code, fails."""


@dataclass
class Played:
    """How a skeleton did on the inputs."""

    failure: str | None
    over: list[bool] = field(default_factory=list)
    """For each input, whether it takes more calls than are tried."""
    counts: list[dict[str, int]] = field(default_factory=list)
    """Tool -> calls, for each input."""
    leaks: dict[str, float] = field(default_factory=dict)
    """Tool -> share of the inputs with a telling answer in which its first result gave that away."""
    tools: dict[str, Any] = field(default_factory=dict)
    """Tool -> what was seen of its arguments and results."""

    @property
    def calls(self) -> list[int]:
        """Calls on each input."""
        return [sum(counts.values()) for counts in self.counts]

    @property
    def used(self) -> set[str]:
        """Tools that were called on some input."""
        return {name for counts in self.counts for name in counts}


@cache
def _definition() -> Definition:
    """The code that runs in the sandbox; what it tries comes as data, so it is compiled once for all problems."""
    modules = (plain, observed, inside)
    source = "\n\n".join(re.sub(r"^from synth\..*\n", "", inspect.getsource(module), flags=re.M) for module in modules)
    hash = content_hash("inside", source)
    return Definition("inside", "native", inside.Inside.__name__, source, "synth/extract/inside.py", "", (), hash)


class Trials:
    """Runs trials of one problem. Until `all_inputs` is set, on a sample of its inputs, small and large ones."""

    def __init__(self, pool: Pool, inputs: list[Input]) -> None:
        self._pool = pool
        self._cases = [{"config": case.config, "answer": case.answer} for case in inputs]
        by_size = sorted(range(len(inputs)), key=lambda number: (len(json.dumps(inputs[number].config)), number))
        picked = {by_size[place * (len(inputs) - 1) // max(1, SAMPLE - 1)] for place in range(SAMPLE)}
        self._sample = [self._cases[number] for number in sorted(picked)]
        self.all_inputs = False
        self.count = 0
        """Requests so far."""

    @property
    def cases(self) -> list[dict[str, Any]]:
        """The inputs that trials run on, with their answers."""
        return self._cases if self.all_inputs else self._sample

    async def profile(self, source: str, entry: str) -> dict[str, Any]:
        """What the functions of a solution take, hold and return.

        Raises:
            ToolCallError: it failed.
        """
        configs = [case["config"] for case in self.cases]
        return dict(await self._ask("profile", source=source, entry=entry, configs=configs))

    async def play(self, source: str, name: str, values: str) -> Played:
        """Let the skeleton of an environment solve the inputs; see inside.py for `values`."""
        try:
            return _read(await self._ask("play", source=source, name=name, inputs=self.cases, values=values))
        except ToolCallError as exc:
            return Played(str(exc))
        except (TypeError, ValueError, KeyError, AttributeError):
            return Played("a reply of its own making")

    async def needed(self, source: str, name: str, tool: str) -> bool:
        """Whether the skeleton misses the answer where a tool refuses, and where it says something else."""
        try:
            return not any(await self._ask("ablate", source=source, name=name, inputs=self.cases, tool=tool))
        except ToolCallError:  # lost for good without it
            return True

    async def _ask(self, job: str, **arguments: Any) -> Any:
        head = {"config": {"job": job, **arguments}, "seed": 0}
        self.count += 1
        for attempt in range(1, TRIES + 1):
            try:
                return json.loads(await self._pool.consult(_definition(), frames.REFERENCE, head))
            except SandboxError as exc:
                if attempt == TRIES or not exc.retryable:
                    raise
                await anyio.sleep(0.1 * 4**attempt)
            except (ValueError, RecursionError) as exc:
                raise ToolRaised("solve", "a reply that is no JSON") from exc
        raise AssertionError("unreachable")


def _read(played: dict[str, Any]) -> Played:
    runs = played["runs"]
    over = [run["failure"] == inside.TOO_MANY for run in runs]
    failure = next(
        (run["failure"] for run in runs if run["failure"] and (all(over) or run["failure"] != inside.TOO_MANY)), None
    )
    telling: dict[str, list[bool]] = {}
    for run in runs:
        if not run["trivial"]:
            for name, leaked in run["first"].items():
                telling.setdefault(name, []).append(bool(leaked))
    leaks = {name: sum(values) / len(values) for name, values in telling.items()}
    return Played(failure, over, [dict(run["counts"]) for run in runs], leaks, dict(played["tools"]))
