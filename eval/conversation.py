"""Episodes of benchmarks that are no environments of ours, played like ours and kept as the same trajectories.

Whose fault? As in codegym_mcp/rollout.py: a policy that spends its budget or stops has the reward that its episode then
has, mostly 0; a machine, a user simulator or an endpoint that fails leaves None, which is never scored.
"""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from codegym_mcp.errors import CodegymError, EpisodeTimeout
from codegym_mcp.rollout import ONE_CALL, Act, Message, Policy, cleaned, tool_call, tool_message
from codegym_mcp.types import EnvironmentInfo, Observation, Status, Step, Task, Trajectory

MAX_TURNS = 400
"""Turns of an episode, those without a call included."""


class Conversation(Protocol):
    """One episode of such a benchmark."""

    info: EnvironmentInfo
    """Its tools, maybe none."""
    messages: list[Message]
    """What the conversation begins with."""
    figures: dict[str, float]
    """What is counted in it besides, by name, for the report."""

    async def call(self, tool: str, arguments: dict[str, Any] | str) -> Observation:
        """One tool call. Arguments that are text were no JSON object: the answer is an error."""

    async def say(self, text: str) -> Observation:
        """What the policy says without a call: to the user, or as its answer. `over` ends the episode."""

    async def reward(self) -> float | None:
        """Once it is over, or given up. None: there is no verdict."""


Opening = AbstractAsyncContextManager[Conversation]


@dataclass
class _Record:
    messages: list[Message] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    over: bool = False
    hash: str = ""
    figures: dict[str, float] = field(default_factory=dict)


async def play_conversation(opening: Opening, policy: Policy, task: Task, *, seed: int, deadline_s: float) -> Trajectory:
    """Play one episode to its end. Never raises for a failed machine, user simulator or policy: see Trajectory.error.

    Args:
        deadline_s: after which the episode has no verdict.
    """
    started = time.monotonic()
    record = _Record()
    reward: float | None = None
    error: dict[str, Any] | None = None
    status: Status = "closed"
    try:
        async with asyncio.timeout(deadline_s), opening as conversation:
            record.messages += conversation.messages
            record.hash, record.figures = conversation.info.hash, conversation.figures
            async with policy.session(conversation.info) as act:
                await _turns(conversation, act, record, task.max_steps)
            reward = await conversation.reward()
            status = "terminated" if record.over else "truncated"
    except TimeoutError:
        error = EpisodeTimeout(f"the episode took longer than {deadline_s:g} s").to_json()
    except CodegymError as exc:
        error = exc.to_json()
    return Trajectory(
        environment=task.environment,
        environment_hash=record.hash,
        task=task,
        seed=seed,
        policy=policy.name,
        messages=record.messages,
        steps=record.steps,
        status=status if error is None else "closed",
        reward=reward if error is None else None,
        error=error,
        elapsed_s=round(time.monotonic() - started, 3),
        figures=record.figures,
    )


async def _turns(conversation: Conversation, act: Act, record: _Record, max_steps: int) -> None:
    observation: Observation | None = None
    for _ in range(MAX_TURNS):
        message = cleaned(await act(record.messages, observation))
        record.messages.append(message)
        if calls := message.get("tool_calls") or []:
            if len(record.steps) >= max_steps:
                return
            observation = await _call(conversation, calls[0], record)
            record.messages += [tool_message(call, ONE_CALL) for call in calls[1:]]
        else:
            observation = await conversation.say(str(message.get("content") or ""))
            if not observation.over:
                record.messages.append({"role": "user", "content": observation.text})
        if observation.over:
            record.over = not observation.is_error  # an error: the policy has stopped without an answer
            return


async def _call(conversation: Conversation, call: dict[str, Any], record: _Record) -> Observation:
    tool, arguments = tool_call(call)
    observation = await conversation.call(tool, arguments)
    record.steps.append(
        Step(
            number=len(record.steps) + 1,
            tool=tool,
            arguments=arguments,
            text=observation.text,
            is_error=observation.is_error,
            error=observation.error,
            committed=not observation.is_error,
            digest="",
        )
    )
    record.messages.append(tool_message(call, observation.text))
    return observation
