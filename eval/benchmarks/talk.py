"""What benchmarks with a user have in common: who plays the user, and baselines that need no model for it."""

import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from codegym_mcp.errors import InvalidRequest, PolicyError
from codegym_mcp.policies.model import ChatModel
from codegym_mcp.policies.simple import RandomPolicy
from codegym_mcp.rollout import Act, Message, Policy, call_message
from codegym_mcp.types import EnvironmentInfo, Observation, Task, Trajectory
from eval.benchmark import Key
from eval.settings import Settings
from eval.subjects import BUILT_IN

STOP = "###STOP###"
"""What a user says to end the conversation, in tau-bench as in tau2."""
GREETING = "Hello, I need help with something."
"""What the user of a baseline begins with."""
REFUSAL = "I am sorry, I cannot help you with that."
RANDOM_CALLS = 8
"""Tool calls of the baseline `random`, after which it refuses; tau2 ends an episode after ten that fail."""
USER_TOKENS = "the user's tokens"
"""Among the figures of a trajectory whose user a model plays."""
EMPTY_REPLIES = 3
"""Further attempts when the user's model says nothing at all."""

Move = tuple[str, dict[str, Any]] | str
"""What an agent does in one turn: a tool call, or something said."""


class UserModel:
    """The model that plays the user. Made when first asked for: baselines need neither an endpoint nor a key."""

    def __init__(self, name: str, base_url: str | None = None) -> None:
        """Args:
        name: the model's, at the endpoint.
        base_url: default: OPENAI_BASE_URL, or OpenAI's own.
        """
        self.name, self._base_url = name, base_url
        self._model: ChatModel | None = None

    def check(self) -> None:
        """See whether there can be such a user, before any episode is played.

        Raises:
            InvalidRequest: there is no name, no key, or the extra is not installed.
        """
        try:
            self._model = self._model or ChatModel(self.name, base_url=self._base_url)
        except PolicyError as exc:
            needed = "this benchmark needs a model that plays the user: --user-model NAME, --user-url URL or OPENAI_BASE_URL"
            raise InvalidRequest("user-model", f"{needed}, and OPENAI_API_KEY ({exc.problem})") from exc

    async def ask(self, messages: Sequence[Message], **options: Any) -> tuple[Message, int]:
        """The user's next message, with text or tool calls; and the tokens it took, as the endpoint counts them.

        Raises:
            InvalidRequest: see `check`.
            PolicyError: the endpoint failed, or said nothing each time.
        """
        self.check()
        assert self._model is not None
        tokens = 0
        for _ in range(1 + EMPTY_REPLIES):
            reply = await self._model.ask(messages, **options)
            tokens += reply.usage.prompt + reply.usage.completion if reply.usage else 0
            if str(reply.message.get("content") or "").strip() or reply.message.get("tool_calls"):
                return reply.message, tokens
        raise PolicyError(f"{self.name}, who plays the user, says nothing")

    async def close(self) -> None:
        """Let its connections go."""
        if self._model is not None:
            await self._model.close()
            self._model = None


class Refusal:
    """Refuses at once: what a benchmark gives away for free."""

    name = "nothing"

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one conversation."""

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            return said(REFUSAL)

        yield act


class RandomCalls:
    """Makes random calls, then refuses. Tells how far chance goes."""

    name = "random"

    def __init__(self, seed: int = 0, calls: int = RANDOM_CALLS) -> None:
        """Args:
        calls: tool calls before it refuses.
        """
        self._seed, self._calls = seed, calls

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one conversation; the same draws for the same task, whatever else is played beside it."""
        seed = random.Random(f"{self._seed}/{environment.hash}").getrandbits(32)
        made = 0
        async with RandomPolicy(seed, self._calls).session(environment) as draw:

            async def act(messages: list[Message], observation: Observation | None) -> Message:
                nonlocal made
                made += 1
                return await draw(messages, observation) if made <= self._calls else said(REFUSAL)

            yield act


class Replay:
    """Makes the moves of a reference, one after the other."""

    name = "oracle"

    def __init__(self, moves: Mapping[str, Sequence[Move]]) -> None:
        """Args:
        moves: hash of a task's EnvironmentInfo -> the moves.
        """
        self._moves = moves

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one conversation: the moves from their start."""
        moves = iter(enumerate(self._moves[environment.hash], start=1))

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            for number, move in moves:
                return said(move) if isinstance(move, str) else call_message(*move, number)
            return said("That was all.")

        yield act


class Overheard:
    """A policy, and somebody who hears what it says beside its calls before these are played."""

    def __init__(self, policy: Policy, hear: Callable[[str], None]) -> None:
        self.name, self._policy, self._hear = policy.name, policy, hear

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one conversation."""
        async with self._policy.session(environment) as act:

            async def heard(messages: list[Message], observation: Observation | None) -> Message:
                message = await act(messages, observation)
                self._hear(str(message.get("content") or ""))
                return message

            yield heard


class TalkBenchmark(ABC):
    """What tau and tau2 share as benchmarks: domains, a user, baselines that need no model. See eval.benchmark.Benchmark."""

    official = True

    def __init__(self, settings: Settings, domains: Sequence[str], known: Sequence[str], user: UserModel | None) -> None:
        """Args:
        known: the domains that there are.
        user: who plays the user; None: baselines alone can be played.

        Raises:
            InvalidRequest: there is no such domain.
        """
        for domain in domains:
            if domain not in known:
                raise InvalidRequest("domain", f"there is no '{domain}': choose from {', '.join(known)}")
        self._settings, self._names = settings, tuple(dict.fromkeys(domains))
        self._user = user or UserModel("")

    @abstractmethod
    def _reference(self, task: Task) -> tuple[str, Sequence[Move]]:
        """The hash of a task's EnvironmentInfo, and the moves of the reference."""

    @abstractmethod
    def tasks(self) -> Sequence[Task]:
        """Domain after domain."""

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the user's connections."""
        await self._user.close()

    def oracle_calls(self) -> Mapping[Key, int]:
        """Calls that the reference has the agent make; none where it has no actions."""
        moves = {(task.environment, task.id): self._reference(task)[1] for task in self.tasks()}
        return {key: sum(not isinstance(move, str) for move in own) for key, own in moves.items()}

    def baseline(self, name: str) -> Policy | None:
        """All three, beside a user who needs no model. A reference that is wrong itself scores what it scores."""
        match name:
            case "oracle":
                return Replay(dict(map(self._reference, self.tasks())))
            case "random":
                return RandomCalls(self._settings.seed)
            case _:
                return Refusal()

    def _user_for(self, policy: Policy) -> UserModel | None:
        """Who plays the user; None: a baseline needs no model for that.

        Raises:
            InvalidRequest: there is no such model.
        """
        if policy.name in BUILT_IN:
            return None
        self._user.check()
        return self._user


def said(text: str) -> Message:
    """An assistant's message without a call."""
    return {"role": "assistant", "content": text}


def cut_off(trajectory: Trajectory, why: str) -> Trajectory:
    """The same episode, ended by a budget and not by anybody's word."""
    return trajectory.model_copy(update={"status": "truncated", "ending": why}) if trajectory.error is None else trajectory
