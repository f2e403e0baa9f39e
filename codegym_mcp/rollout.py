"""Playing episodes with a policy: one rollout, or a group of one task. No torch here.

Whose fault? The policy's: running out of steps, stopping without Done: reward 0.0. A machine's or a model endpoint's:
reward None and the error in the trajectory; such a rollout is marked, never scored.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import ValidationError

from codegym_mcp.catalog import explain
from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import CodegymError, EpisodeOver, InvalidRequest, InvalidTask, PolicyError
from codegym_mcp.types import Documentation, EnvironmentInfo, Observation, Status, Step, Task, Trajectory

logger = logging.getLogger(__name__)

Message = dict[str, Any]
"""A chat message in OpenAI's format."""
Act = Callable[[list[Message], Observation | None], Awaitable[Message]]
"""One turn: the conversation so far and the last observation -> the assistant's message, with `tool_calls` unless it stops."""

SYSTEM = (
    "You solve a task with tools. Their results are all you can know of its data. Make one call per turn. "
    "When you have the answer, submit it with Done: that ends the episode, and can be done once only."
)
SILENT: Message = {"role": "assistant", "content": ""}
"""The turn of a model whose budget of tokens is spent: it was the policy's, so the reward is 0."""
NUDGE = "Go on with a tool call; end with Done."
"""What a policy is told that made no call."""
ONE_CALL = "Not played: make one call per turn. State unchanged."
MAX_IDLE_TURNS = 1
"""Turns without a tool call that are let pass; the next one ends the episode."""


class Policy(Protocol):
    """Whatever plays. `session` lasts for one rollout, so that a policy may keep a process or a connection for it."""

    name: str

    def session(self, environment: EnvironmentInfo) -> AbstractAsyncContextManager[Act]:
        """Begin one rollout in an environment."""


async def collect_rollout(
    pool: ClientPool,
    policy: Policy,
    task: Task,
    *,
    seed: int = 0,
    max_steps: int | None = None,
    documentation: Documentation = "plain",
    parallel_calls: bool = False,
    going_on: "GoingOn | None" = None,
    on_message: Callable[[Message], None] | None = None,
    on_end: Callable[[ClientEpisode], Awaitable[None]] | None = None,
) -> Trajectory:
    """Play one task to its end with a policy. Never raises for a failed machine or policy: see Trajectory.error.

    Args:
        max_steps: T_max; default: the task's.
        parallel_calls: play all calls of a turn, one after the other; else its first alone.
        going_on: an episode that has begun, in place of a new one; it is closed all the same.
        on_message: called with every message as it comes, for those who watch.
        on_end: called with the episode when it has ended, before it is closed; the time to fork it.

    Raises:
        CatalogError, InvalidEnvironment: the task cannot be played at all.
    """
    started = time.monotonic()
    episode = going_on.episode if going_on else None
    messages: list[Message] = list(going_on.messages) if going_on else []
    steps: list[Step] = []
    status: Status = "open"
    reward: float | None = None
    error: dict[str, Any] | None = None
    try:
        if episode is None:
            episode = await pool.open(task.environment, task, seed=seed, max_steps=max_steps, documentation=documentation)
            for message in opening(episode.opened.prompt):
                tell(messages, on_message, message)
        async with policy.session(episode.info) as act:
            await _play(episode, act, messages, on_message, parallel_calls)
        last = await episode.truncate()  # no effect on an episode that has ended
        status, reward, steps = last.status, last.reward, await episode.steps()
        if on_end is not None:
            await on_end(episode)
    except CodegymError as exc:
        if episode is None and not exc.retryable and exc.status in (404, 422):
            raise
        status, error = "closed", exc.to_json()
    finally:
        if episode is not None:
            with contextlib.suppress(CodegymError):
                await asyncio.shield(episode.close())
    return Trajectory(
        environment=task.environment,
        environment_hash=episode.info.hash if episode else "",
        task=task,
        seed=seed,
        policy=policy.name,
        documentation=documentation,
        messages=messages,
        initial_digest=episode.opened.digest if episode else "",
        steps=steps,
        status=status,
        reward=reward,
        error=error,
        elapsed_s=round(time.monotonic() - started, 3),
    )


@dataclass(frozen=True)
class GoingOn:
    """An episode that has begun, and the conversation that led there."""

    episode: ClientEpisode
    messages: list[Message]


def opening(prompt: str) -> list[Message]:
    """The messages that a conversation begins with."""
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": prompt}]


async def collect_group(
    pool: ClientPool, policy: Policy, task: Task, n: int, *, seed: int = 0, max_steps: int | None = None
) -> list[Trajectory]:
    """Play one task `n` times at once, with the same seed: a group in GRPO's sense.

    Returns:
        `n` trajectories; those whose reward is None belong in no advantage.
    """
    rollouts = [asyncio.ensure_future(collect_rollout(pool, policy, task, seed=seed, max_steps=max_steps)) for _ in range(n)]
    try:
        return list(await asyncio.gather(*rollouts))
    finally:  # where one raised, the others have no one to play for
        for rollout in rollouts:
            rollout.cancel()
        await asyncio.gather(*rollouts, return_exceptions=True)


async def _play(
    episode: ClientEpisode,
    act: Act,
    messages: list[Message],
    on_message: Callable[[Message], None] | None,
    parallel_calls: bool,
) -> None:
    """Turn by turn until the episode is over, or the policy stops."""
    idle = 0
    observation: Observation | None = None
    while True:
        message = cleaned(await _asked(act, messages, observation))
        tell(messages, on_message, message)
        calls = message.get("tool_calls") or []
        if not calls:
            idle += 1
            if idle > MAX_IDLE_TURNS:
                return
            tell(messages, on_message, {"role": "user", "content": NUDGE})
            continue
        idle = 0
        for number, call in enumerate(calls):
            if number == 0 or (parallel_calls and observation is not None and not observation.over):
                observation = await play_call(episode, call)
                tell(messages, on_message, tool_message(call, observation.text))
            else:
                tell(messages, on_message, tool_message(call, ONE_CALL))
        if observation is not None and observation.over:
            return


async def _asked(act: Act, messages: list[Message], observation: Observation | None) -> Message:
    """What a policy says. Whatever else goes wrong in it is its own fault, and ends no rollout but this one."""
    try:
        return await act(messages, observation)
    except CodegymError:
        raise
    except Exception as exc:
        logger.exception("the policy failed")
        raise PolicyError(f"the policy failed: {type(exc).__name__}: {exc}") from exc


async def play_call(episode: ClientEpisode, call: dict[str, Any]) -> Observation:
    """Play one of an assistant message's `tool_calls`. Arguments that are no JSON object fail, and spend a step."""
    tool, arguments = tool_call(call)
    try:
        return await episode.call(tool, arguments)
    except EpisodeOver as exc:
        return Observation(text=str(exc), is_error=True, error="EpisodeOver", step=exc.step, over=True)


def tool_call(call: dict[str, Any]) -> tuple[str, dict[str, Any] | str]:
    """Tool and arguments of one of an assistant message's `tool_calls`; arguments that are no JSON object as they came."""
    function = call.get("function") or {}
    tool, arguments = str(function.get("name", "")), function.get("arguments")
    if isinstance(arguments, dict):
        return tool, arguments
    text = str(arguments or "")
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return tool, text
    return tool, value if isinstance(value, dict) else text


def tool_message(call: dict[str, Any], text: str) -> Message:
    """The answer to one tool call, as a chat message."""
    return {"role": "tool", "tool_call_id": call.get("id", ""), "content": text}


def call_message(tool: str, arguments: dict[str, Any], number: int) -> Message:
    """An assistant message that makes one tool call."""
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": f"call-{number}", "type": "function", "function": function}],
    }


def cleaned(message: Message) -> Message:
    """The message, with question marks for what no Unicode text has: models write it, and no file takes it."""
    text = json.dumps(message, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return cast(Message, json.loads(text.encode("utf-8", "replace")))
    return message


def tell(messages: list[Message], on_message: Callable[[Message], None] | None, message: Message) -> None:
    """Add a message to the conversation, and tell whoever watches."""
    messages.append(message)
    if on_message is not None:
        on_message(message)


def repeated_failures(steps: Sequence[Step]) -> float:
    """Share of calls that repeat a call that had failed, with nothing committed since; 0 to 1."""
    failed: set[str] = set()
    repeats = 0
    for step in steps:
        mark = f"{step.tool} {step.arguments!r}"
        if step.is_error:
            repeats += mark in failed
            failed.add(mark)
        elif step.committed:
            failed.clear()
    return repeats / max(1, len(steps))


def write_trajectories(path: Path, trajectories: Iterable[Trajectory]) -> None:
    """Append trajectories to a file, one JSON object per line. None at all: see, before a long play, that it can be written.

    Raises:
        InvalidRequest: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            for trajectory in trajectories:
                file.write(trajectory.model_dump_json() + "\n")
    except OSError as exc:
        raise InvalidRequest(str(path), f"cannot be written: {exc.strerror}") from exc


def read_trajectories(path: Path) -> list[Trajectory]:
    """Trajectories of a file.

    Raises:
        InvalidTask: with file, line and field of the first that is wrong.
    """
    found: list[Trajectory] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidTask(str(path), f"cannot be read: {exc}") from exc
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(Trajectory.model_validate_json(line))
            except ValidationError as exc:
                raise InvalidTask(str(path), f"not a trajectory: {explain(exc)}", number) from exc
    return found
