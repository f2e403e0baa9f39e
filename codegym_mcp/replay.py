"""The same calls in other processes, under other hash seeds: what they give must not differ."""

import json
from collections.abc import Sequence

from codegym_mcp.arguments import check_arguments
from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import CodegymError, SandboxError, ToolCallError
from codegym_mcp.sandbox.pool import Outcome, Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.types import Step, Task, Trajectory

MAX_REPLAYED = 1000
"""Calls of one task that are replayed."""

Finding = tuple[str, str]
"""Name of a check, and what is wrong."""


async def replay(
    pools: Sequence[Pool], definition: Definition, task: Task, trajectory: Trajectory, *, restore: bool
) -> Finding | None:
    """Play a trajectory again in every pool.

    Args:
        restore: in the first, play every call twice, on the live state and on one restored in a fresh process (some 5 ms).

    Raises:
        SandboxError: the machine failed.
    """
    for number, pool in enumerate(pools):
        try:
            initial = await pool.fresh(definition, config_key(task), task.config, 0)
        except SandboxError:
            raise
        except CodegymError as exc:
            return "determinism", f"{task.id}: {exc}"
        if initial.digest.hex() != trajectory.initial_digest:
            return "determinism", f"{task.id}: reset gives another state under another hash seed"
        seat = Seat(definition)
        try:
            finding = await _replay_in(pool, seat, initial.state, trajectory.steps, restore and number == 0)
        finally:
            pool.drop(seat)
        if finding:
            return finding[0], f"{task.id}, {finding[1]}"
    return None


async def _replay_in(pool: Pool, seat: Seat, state: bytes, steps: Sequence[Step], restore: bool) -> Finding | None:
    for step in steps[:MAX_REPLAYED]:
        if step.tool == "Done" or not step.committed:
            continue
        arguments = check_arguments(seat.definition, step.tool, step.arguments)
        outcomes: list[Outcome] = []
        for _ in range(2 if restore else 1):
            if outcomes:  # a trial on the live object, thrown away as after a failure; then on a restored one
                pool.drop(seat)
            try:
                outcomes.append(await pool.call(seat, state, step.tool, arguments))
            except ToolCallError as exc:
                return "determinism", f"call {step.number}: {exc}"
        live, restored = (
            _told(outcome) for outcome in (outcomes[0], outcomes[-1])
        )  # bytes may differ: pickle is not canonical
        recorded = (step.text, step.digest)
        if recorded not in (live, restored):
            return "determinism", f"call {step.number}: gives another result in another process"
        if live != restored:
            return "rollback", f"call {step.number}: a trial that was thrown away left a trace"
        state = outcomes[-1].state
    return None


def _told(outcome: Outcome) -> tuple[str, str]:
    return outcome.text, outcome.digest.hex()


def config_key(task: Task) -> str:
    """Names a task's configuration in the cache of initial states, as the gym does."""
    return content_hash(json.dumps(task.config, sort_keys=True))
