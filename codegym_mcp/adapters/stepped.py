"""A rollout that somebody else's loop plays turn by turn: rollout.py turned inside out.

The loop says what its model said and hears what is answered; what a call is, how many count, when the episode is over
and what it is worth are decided in rollout.py, as for every other policy. Loops that are synchronous wait for it through
`wait`, on one event loop in a thread of its own.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from codegym_mcp.adapters.servers import Servers
from codegym_mcp.errors import PolicyError
from codegym_mcp.rollout import SILENT, Act, Message, collect_rollout
from codegym_mcp.types import EnvironmentInfo, Observation, Task, Trajectory

T = TypeVar("T")


class SteppedRollout:
    """One rollout. `begin`, then `say` until there is a trajectory, or `stop`; all on one event loop."""

    name = "stepped"

    def __init__(self, servers: Servers, task: Task, *, seed: int = 0) -> None:
        self._servers, self._task, self._seed = servers, task, seed
        self.messages: list[Message] = []
        """The conversation so far."""
        self.observation: Observation | None = None
        """The answer to the last call, as long as the episode goes on."""
        self.environment: EnvironmentInfo | None = None
        self.trajectory: Trajectory | None = None
        """Set once the rollout is over, for whatever reason."""
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._waits, self._over = asyncio.Event(), False
        self._play: asyncio.Task[Trajectory] | None = None

    async def begin(self) -> list[Message]:
        """Open the episode; the messages a model is to read first. None where a machine failed: see `trajectory`.

        Raises:
            CatalogError, InvalidEnvironment: the task cannot be played at all.
        """
        self._play = asyncio.create_task(self._run())
        await self._heard()
        return list(self.messages)

    async def say(self, message: Message) -> list[Message]:
        """One turn of the model; the messages that answer it. Nothing is said once there is a trajectory, or it was dropped."""
        if self.trajectory is not None or self._play is None or self._play.cancelled():
            return []
        before = len(self.messages) + 1
        self._waits.clear()
        self._said.put_nowait(message)
        await self._heard()
        return self.messages[before:]

    async def stop(self) -> Trajectory:
        """The loop is done. An episode that is still open was not finished by its policy: reward 0.

        Raises:
            PolicyError: it was dropped, or never begun.
        """
        while self.trajectory is None:
            if self._play is None or self._play.cancelled():
                raise PolicyError("this rollout was given up")
            await self.say(SILENT)
        return self.trajectory

    async def drop(self) -> None:
        """Give the rollout up, not by the policy's fault: it is worth nothing. No effect on one that is over."""
        if self._play is not None and not self._play.done():
            self._play.cancel()
            await asyncio.wait({self._play})

    @contextlib.asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """As the policy of its own rollout."""
        self.environment = environment
        yield self._act

    async def _act(self, messages: list[Message], observation: Observation | None) -> Message:
        self.observation = observation
        self._waits.set()
        return await self._said.get()

    async def _run(self) -> Trajectory:
        try:
            async with self._servers.pool() as pool:
                return await collect_rollout(
                    pool,
                    self,
                    self._task,
                    seed=self._seed,
                    max_steps=self._servers.max_steps,
                    on_message=self.messages.append,
                )
        finally:
            self._over = True
            self._waits.set()

    async def _heard(self) -> None:
        """Until the policy is asked again, or the rollout is over."""
        await self._waits.wait()
        if self._over and self._play is not None:
            self.trajectory = await self._play


class _Thread:
    """An event loop for those who have none. Started at first need, once per process; ends with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="codegym-rollouts", daemon=True).start()
            return self._loop


_thread = _Thread()


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it on the loop of this process, and wait for it; from any thread but that loop's own."""
    return asyncio.run_coroutine_threadsafe(coroutine, _thread.loop()).result()
