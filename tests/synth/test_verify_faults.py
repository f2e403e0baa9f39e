"""Whose fault? A machine that fails, or a run that is stopped, says nothing about a candidate."""

import asyncio
import contextlib
import json
from dataclasses import replace
from typing import Any

import anyio
import psutil
import pytest

from codegym_mcp.definition import Definition, read_native
from codegym_mcp.errors import SandboxError, ToolTimeout
from codegym_mcp.report import PAPER
from codegym_mcp.sandbox.pool import Pool
from synth.inputs.originals import Originals
from synth.verify import Sandboxes, Verified, verify
from synth.verify.truth import check_references
from tests.conftest import PATIENCE_S
from tests.synth.crates import crates

QUICK = replace(PAPER, random_episodes=6, replayed=1)


async def kill_zygotes_until(verification: "asyncio.Task[object]") -> None:
    """Take every worker away, over and over: the machine fails at whatever is under way."""
    while not verification.done():
        for zygote in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):
                zygote.kill()
        await asyncio.sleep(0.02)


async def test_machine_fault_is_no_rejection_and_the_next_attempt_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codegym_mcp.sandbox.pool.TAKE_TIMEOUT_S", 0.5)  # so long it waits for workers that do not come
    with anyio.fail_after(4 * PATIENCE_S):
        async with Sandboxes() as sandboxes:
            verification = asyncio.create_task(verify(sandboxes, crates(), bounds=QUICK))
            while not sandboxes.gym.open_episodes:
                await asyncio.sleep(0.001)
            await kill_zygotes_until(verification)
            with pytest.raises(SandboxError) as fault:
                await verification
            assert fault.value.retryable
            assert sandboxes.shelf.names() == []
            while True:
                with contextlib.suppress(SandboxError):  # until the last zygote has been replaced
                    result = await verify(sandboxes, crates(), bounds=QUICK)
                    break
    assert isinstance(result, Verified), result


async def test_verification_that_is_stopped_leaves_nothing_behind_and_can_be_done_again() -> None:
    with anyio.fail_after(4 * PATIENCE_S):
        async with Sandboxes() as sandboxes:
            for episodes in (1, 6):
                verification = asyncio.create_task(verify(sandboxes, crates(), bounds=QUICK))
                while sandboxes.gym.open_episodes < episodes and not verification.done():
                    await asyncio.sleep(0.001)
                verification.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await verification
                assert sandboxes.shelf.names() == []
            assert isinstance(await verify(sandboxes, crates(), bounds=QUICK), Verified)
            assert sandboxes.gym.open_episodes == sandboxes.short.open_episodes == 0


class Sluggish(Pool):
    """A sandbox on a machine so busy that whatever is asked for the first time takes too long."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    async def consult(self, definition: Definition, op: int, head: dict[str, Any]) -> str:
        """Too late, or as ever."""
        if (question := json.dumps([definition.name, op, head])) not in self.asked:
            self.asked.add(question)
            raise ToolTimeout("reference", 5.0)
        return await super().consult(definition, op, head)


async def test_time_that_a_busy_machine_took_is_no_fault_of_a_candidate() -> None:
    """What takes too long once is asked again, at the original as at the reference."""
    candidate = crates()
    definition = read_native(candidate.env, name="crates", where="crates/env.py")
    async with Sluggish() as pool:
        truths = await Originals(pool).settled(candidate.problem, [item.config for item in candidate.inputs])
        assert [truth.answer for truth in truths] == [item.answer for item in candidate.inputs]
        await check_references(pool, definition, candidate.inputs)
        assert len(pool.asked) > len(candidate.inputs)


async def test_same_candidate_may_be_verified_twice_at_once() -> None:
    with anyio.fail_after(4 * PATIENCE_S):
        async with Sandboxes() as sandboxes:
            one, other = await asyncio.gather(*(verify(sandboxes, crates(), bounds=QUICK) for _ in range(2)))
    assert isinstance(one, Verified) and isinstance(other, Verified)
    assert one.card() == other.card()
