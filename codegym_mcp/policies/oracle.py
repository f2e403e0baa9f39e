"""The oracle: an environment's own `solve`, run in a confined worker that holds neither the task nor its state."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import Definition
from codegym_mcp.errors import InvalidEnvironment, ToolCallError, ToolCrashed, ToolTimeout
from codegym_mcp.rollout import Act, Message, call_message
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.lease import Reply
from codegym_mcp.sandbox.pool import Pool, failure
from codegym_mcp.types import EnvironmentInfo, Observation

SOLVE_S = 600.0
"""Seconds a whole rollout may take, unless told otherwise: each call in time is no promise that they ever end."""


class Oracle:
    """Plays an environment's `solve`, call by call, from nothing but the observations."""

    name = "oracle"

    def __init__(self, catalog: Catalog, pool: Pool, *, limit_s: float = SOLVE_S) -> None:
        """Args:
        pool: a running sandbox, on this side of the wire: `solve` is as little to be trusted as a tool.
        limit_s: seconds a whole rollout may take.
        """
        self._catalog, self._pool, self._limit_s = catalog, pool, limit_s

    def _code(self, environment: EnvironmentInfo) -> Definition:
        """The definition that holds `solve`.

        Raises:
            InvalidEnvironment: the environment here is another than the one played.
        """
        definition = self._catalog.definition(environment.name)
        if definition.hash != environment.hash:
            raise InvalidEnvironment(definition.where, "differs from the environment that is played")
        return definition

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout in an environment.

        Raises:
            InvalidEnvironment: `solve` failed, or the environment here is another than the one played.
        """
        definition = self._code(environment)
        try:
            async with self._pool.oracle(definition) as (lease, first):
                reply, end = first, asyncio.get_running_loop().time() + self._limit_s

                async def act(messages: list[Message], observation: Observation | None) -> Message:
                    nonlocal reply
                    if asyncio.get_running_loop().time() > end:
                        raise ToolTimeout("solve", self._limit_s)
                    if observation is not None and reply.flag == frames.CALLING:
                        reply = await self._pool.answer_oracle(lease, observation.text, observation.is_error)
                    return self._message(reply, len(messages))

                yield act
        except ToolCallError as exc:
            raise InvalidEnvironment(definition.where, f"solve failed: {exc}") from exc

    def _message(self, reply: Reply, number: int) -> Message:
        if reply.flag == frames.OK:
            return {"role": "assistant", "content": "solve has returned."}
        if reply.flag != frames.CALLING:
            raise failure("solve", reply, self._pool.limits)
        try:
            call = json.loads(reply.text)
            return call_message(str(call["tool"]), dict(call["arguments"]), number)
        except (ValueError, LookupError, TypeError, RecursionError) as exc:  # no call that `solve` could have made
            raise ToolCrashed("solve") from exc
