"""SkyRL's own generator, which plays a rollout again when a machine failed under it.

SkyRL has no mark for a rollout without a reward: a generator returns a number for each, or raises and ends the run. So a
rollout that lost its machine is played again from its start, on whatever server is there; past `ATTEMPTS` the error is
raised, and the run stops rather than learn from a 0 that nobody earned. Give it to SkyRL by overriding `get_generator` of
its entry point.
"""

import asyncio
from typing import Any

from skyrl.train.generators.skyrl_gym_generator import SkyRLGymGenerator

from codegym_mcp.errors import SandboxError

ATTEMPTS = 3
"""Times that one rollout is begun."""
PAUSE_S = 1.0
"""Before the second attempt; twice as long before the next."""


class ReplayingGenerator(SkyRLGymGenerator):
    """SkyRLGymGenerator that survives the loss of an environment server."""

    async def agent_loop(self, *args: Any, **kwargs: Any) -> Any:
        """One rollout, as its base class plays it.

        Raises:
            SandboxError: no attempt came to its end.
        """
        for attempt in range(ATTEMPTS - 1):
            try:
                return await super().agent_loop(*args, **kwargs)
            except SandboxError:
                await asyncio.sleep(PAUSE_S * 2**attempt)
        return await super().agent_loop(*args, **kwargs)
