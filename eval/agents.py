"""An agent as a program, of whatever kind and language: told where its episode is, it plays over MCP by itself.

Whose fault? The agent's: crashing, looping until it is stopped, ending without Done, never calling a tool: reward 0. The
server's: reward None and the error in the trajectory, as in codegym_mcp/rollout.py. A program that cannot be started at
all is nobody's failure: nothing is scored.

What is not covered: a program that leaves its process group outlives its episode, and an agent may do whatever its user
may. Run one that you do not trust in a container.
"""

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from codegym_mcp.agent_wire import HOW_TO_PLAY
from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import CodegymError, InvalidRequest
from codegym_mcp.process import end_with_parent
from codegym_mcp.rollout import Message, call_message, tool_message
from codegym_mcp.types import EpisodeStatus, Step, Task, Trajectory
from eval.settings import DEADLINE_S

URL, TASK = "CODEGYM_URL", "CODEGYM_TASK"
"""Variables of the agent's environment: the MCP URL of its episode, and the text of its task."""
HIDDEN = ("CODEGYM_TOKEN",)
"""Variables that it does not inherit: whoever has the token reads and forges rewards."""
GRACE_S = 10.0
"""Seconds it has to end by itself once its episode has ended."""
TERM_S = 2.0
"""Seconds between being asked to end and being killed."""
TICK_S = 0.1
"""Between two looks at its process."""
TICKS = 10
"""Looks at the process for each one at the episode."""
TAIL_BYTES = 2000
"""How much of the end of its output is kept."""
READS = 16
"""Reads of its output at one look, of 64 KiB at most."""
Over = Callable[[], Awaitable[bool]]
"""Whether the episode has ended."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended."""

    code: int | None
    """Exit code; minus the signal's number where one ended it; None: it was stopped."""
    reason: str
    """The same in words."""
    output: str
    """The last of what it printed, where that was not shown."""

    def __str__(self) -> str:
        said = self.output.strip()
        return f"The agent's program {self.reason}." + (f" The last of its output:\n{said}" if said else "")


class AgentProgram:
    """A command that plays one episode and ends; one process for each."""

    def __init__(self, command: str, *, name: str = "agent", deadline_s: float = DEADLINE_S, shown: bool = False) -> None:
        """Args:
        command: as in a shell, but no shell reads it: `sh -c '...'` if you want one.
        name: what records call it.
        shown: whether its output goes to our stderr; else the end of it is kept.

        Raises:
            InvalidRequest: there is no such program.
        """
        try:
            self._arguments = shlex.split(command)
        except ValueError as exc:
            raise InvalidRequest("agent", f"'{command}' is no command: {exc}") from exc
        if not self._arguments or shutil.which(self._arguments[0]) is None:
            self._absent(f"there is no program '{self._arguments[0] if self._arguments else command}'")
        self.name, self.deadline_s, self._shown = name, deadline_s, shown

    async def play(self, pool: ClientPool, task: Task, seed: int = 0) -> Trajectory:
        """One episode on a pool of one server. Never raises for a failed machine or agent: see Trajectory.error.

        Raises:
            InvalidRequest: the program cannot be started.
            CatalogError, InvalidEnvironment: the task cannot be played at all.
        """
        started = time.monotonic()
        episode: ClientEpisode | None = None
        try:
            episode = await pool.open(task.environment, task, seed=seed)
            one = episode
            url = f"{pool.servers[0].name}/episodes/{one.id}/mcp"
            ending = await self.run(url, told(one.opened), lambda: is_over(one))
            last = await one.truncate()  # no effect on an episode that has ended
            steps, elapsed_s = await one.steps(), time.monotonic() - started
            return trajectory_of(one, task, last, steps, policy=self.name, note=str(ending), elapsed_s=elapsed_s)
        except CodegymError as exc:
            if isinstance(exc, InvalidRequest) or (episode is None and not exc.retryable and exc.status in (404, 422)):
                raise
            return self._lost(task, seed, exc)
        finally:
            if episode is not None:
                with contextlib.suppress(CodegymError):
                    await asyncio.shield(episode.close())

    def _lost(self, task: Task, seed: int, error: CodegymError) -> Trajectory:
        """A rollout that a machine took: marked, never scored."""
        return Trajectory(
            environment=task.environment,
            environment_hash="",
            task=task,
            seed=seed,
            policy=self.name,
            status="closed",
            reward=None,
            error=error.to_json(),
        )

    async def run(self, url: str, text: str, over: Over) -> Ending:
        """Start it, and see it end: by itself, at its deadline, or a while after its episode. Its group ends with it.

        Raises:
            InvalidRequest: it cannot be started.
            CodegymError: the server cannot be asked any more.
        """
        reading, writing = os.pipe()
        try:
            os.set_blocking(reading, False)
            process = self._start({URL: url, TASK: text}, writing)
            tail = _Tail(reading)
            try:
                stopped = await self._watch(process, tail, over)
            finally:
                await _end(process)
            tail.read()
        finally:
            os.close(reading)
            os.close(writing)
        code = process.returncode
        return Ending(None, stopped, tail.text) if stopped else Ending(code, _worded(code or 0), tail.text)

    def _start(self, told: dict[str, str], output: int) -> "subprocess.Popen[bytes]":
        environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
        try:
            return subprocess.Popen(  # the user's own command line
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=2 if self._shown else output,
                stderr=2 if self._shown else output,
                env=environment | told,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        except OSError as exc:
            self._absent(f"'{self._arguments[0]}' cannot be started ({exc.strerror})")

    def _absent(self, problem: str) -> NoReturn:
        raise InvalidRequest("agent", f"{problem}; give a command like 'python my_agent.py'")

    async def _watch(self, process: "subprocess.Popen[bytes]", tail: "_Tail", over: Over) -> str:
        """Until it has ended, or must: then why, in words."""
        deadline, why = time.monotonic() + self.deadline_s, f"was stopped at its deadline of {self.deadline_s:g} s"
        ticks = 0
        while not _has_ended(process):
            if time.monotonic() >= deadline:
                return why
            await asyncio.sleep(TICK_S)
            tail.read()
            ticks += 1
            if ticks % TICKS == 0 and await over():
                deadline = min(deadline, time.monotonic() + GRACE_S)
                why, over = f"was stopped {GRACE_S:g} s after its episode had ended", _never
        return ""


class _Tail:
    """The end of what comes through a pipe; what came before is forgotten."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._kept = pipe, b""

    def read(self) -> None:
        """Take what is there; of a flood, as much as leaves time for other episodes."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(READS):
                self._kept = (self._kept + os.read(self._pipe, 1 << 16))[-TAIL_BYTES:]

    @property
    def text(self) -> str:
        return self._kept.decode(errors="replace")


async def _never() -> bool:
    return False


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it is dead; it is not reaped, so that its number still names its group alone."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


async def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask its group to end, then kill whoever is left of it."""
    try:
        if not _has_ended(process):
            _signal(process, signal.SIGTERM)
        end = time.monotonic() + TERM_S
        while not _has_ended(process) and time.monotonic() < end:
            await asyncio.sleep(TICK_S)
    finally:
        _signal(process, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # not ours to kill, if it became another user's
            process.wait(TERM_S)


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _worded(code: int) -> str:
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"


async def is_over(episode: ClientEpisode) -> bool:
    """Whether it has ended, asked on the control plane."""
    return (await episode.status()).status != "open"


def told(opened: EpisodeStatus) -> str:
    """The text of an episode's task as MCP clients read it."""
    return f"{opened.prompt}\n\n{HOW_TO_PLAY}"


def trajectory_of(
    episode: ClientEpisode,
    task: Task,
    last: EpisodeStatus,
    steps: Sequence[Step],
    *,
    policy: str,
    note: str = "",
    elapsed_s: float = 0.0,
) -> Trajectory:
    """An episode that somebody played from outside, out of its log. What an agent thought between its calls is not known.

    Args:
        last: its status at the end.
        note: how the agent ended, kept as the last message.
    """
    return Trajectory(
        environment=task.environment,
        environment_hash=episode.info.hash,
        task=task,
        seed=episode.opened.seed,
        policy=policy,
        messages=messages_of(told(episode.opened), steps, note),
        initial_digest=episode.opened.digest,
        steps=list(steps),
        status=last.status,
        reward=last.reward,
        elapsed_s=round(elapsed_s, 3),
    )


def messages_of(text: str, steps: Sequence[Step], note: str = "") -> list[Message]:
    """A conversation that makes these steps."""
    messages: list[Message] = [{"role": "user", "content": text}]
    for step in steps:
        arguments = step.arguments if isinstance(step.arguments, dict) else {"malformed": step.arguments}
        made = call_message(step.tool, arguments, step.number)
        messages += [made, tool_message(made["tool_calls"][0], step.text)]
    return [*messages, {"role": "system", "content": note}] if note else messages
