"""Playing with a model token by token: what it sampled is kept as it was, with its log-probabilities. No model here.

A session renders the conversation once and appends from then on: the model's own tokens as sampled, and the tokens of
what it was told in between. Its record is what a trainer learns from.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.model import Usage
from codegym_mcp.policies.template import Ids, ToolTemplate
from codegym_mcp.rollout import SILENT, Message
from codegym_mcp.types import EnvironmentInfo, Observation


@dataclass(frozen=True)
class Completion:
    """One turn as it was sampled."""

    ids: Ids
    """With the token that ended it, where one did."""
    logprobs: list[float] = field(default_factory=list)
    """Of each token, at the temperature it was sampled with, shape (len(ids),); empty where nobody asked."""


class Generator(Protocol):
    """What samples turns: a model in this process, or behind a server that takes and gives token ids."""

    async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
        """Sample one turn.

        Raises:
            PolicyError: the model or its endpoint failed; the rollout is dropped, never scored.
        """


@dataclass
class TokenRecord:
    """The tokens of one rollout: everything the model saw and said, in order."""

    ids: Ids = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    """1 for a token that the model sampled, 0 for all others, shape (len(ids),)."""
    logprobs: list[float] = field(default_factory=list)
    """As sampled; 0.0 where the mask is 0, shape (len(ids),)."""
    prompt_tokens: int = 0
    """Tokens before the first turn."""
    turns: list[int] = field(default_factory=list)
    """Where each turn of the model ends in `ids`."""
    generate_s: float = 0.0
    """Time spent waiting for the model."""
    spent: bool = False
    """Whether the budget of tokens ended the rollout."""

    def append(self, ids: Ids, logprobs: list[float] | None = None) -> None:
        """Add tokens: the model's own when they come with log-probabilities."""
        self.ids += ids
        self.mask += [int(logprobs is not None)] * len(ids)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(ids)


@dataclass(frozen=True)
class TokenBudget:
    """How much a model may say."""

    turn: int = 512
    """Tokens of one turn."""
    response: int = 24_576
    """Tokens after the prompt, tool results included. Default: the paper's."""
    context: int = 1 << 30
    """Tokens that the model can hold in all."""


class TokenSession:
    """One rollout: called for each turn."""

    def __init__(self, template: ToolTemplate, generator: Generator, budget: TokenBudget, tools: list[dict[str, Any]]) -> None:
        self._template, self._generator, self._budget, self._tools = template, generator, budget, tools
        self._seen: list[int] = []
        self.record = TokenRecord()

    async def __call__(self, messages: list[Message], observation: Observation | None) -> Message:
        """The model's next message; nothing more once its budget is spent."""
        record = self.record
        if not record.ids:
            record.append(self._template.prompt(messages, self._tools))
            record.prompt_tokens = len(record.ids)
        elif not record.spent:
            news = [message for message in messages[self._seen[-1] :] if message["role"] != "assistant"]
            record.append(self._template.reply(news))
        self._seen.append(len(messages))
        room = min(self._budget.response + record.prompt_tokens, self._budget.context) - len(record.ids)
        if record.spent or room < 1:
            record.spent = True
            return dict(SILENT)
        prompt = list(record.ids)
        started = time.monotonic()
        completion = await self._generator.generate(prompt, min(self._budget.turn, room))
        record.generate_s += time.monotonic() - started
        return self._message(completion, prompt, len(messages))

    @property
    def usage(self) -> Usage:
        """Tokens so far: each turn's prompt as often as it was read, and what was sampled."""
        record = self.record
        ends = [record.prompt_tokens, *record.turns]
        sampled = [sum(record.mask[start:end]) for start, end in pairwise(ends)]
        return Usage(sum(record.turns) - sum(sampled), sum(sampled))

    def fork(self, turns: int) -> "TokenSession":
        """A session that stands where this one stood after so many turns; what was said until then is not its own.

        Args:
            turns: at least 1.
        """
        other = TokenSession(self._template, self._generator, self._budget, self._tools)
        other._seen = self._seen[:turns]
        other.record.append(self.record.ids[: self.record.turns[turns - 1]])
        other.record.prompt_tokens = self.record.prompt_tokens
        return other

    def _message(self, completion: Completion, prompt: Ids, number: int) -> Message:
        record = self.record
        record.append(completion.ids, completion.logprobs or [0.0] * len(completion.ids))
        said = completion.ids
        if said and said[-1] in self._template.ends:
            said = said[:-1]
        if len(said) == len(completion.ids) or completion.ids[-1] != self._template.turn_end:
            record.append([self._template.turn_end])  # cut short: the next turn begins after an end all the same
        record.turns.append(len(record.ids))
        return self._template.read(said, prompt, self._tools, number)


class TokenPolicy:
    """Plays with a generator; each session keeps the record of its tokens."""

    def __init__(self, template: ToolTemplate, generator: Generator, budget: TokenBudget, *, name: str) -> None:
        self.name = name
        self._template, self._generator, self._budget = template, generator, budget

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[TokenSession]:
        """Begin one rollout in an environment."""
        yield self.begin([function_of(spec) for spec in environment.tools])

    def begin(self, tools: list[dict[str, Any]]) -> TokenSession:
        """A conversation with these tools."""
        return TokenSession(self._template, self._generator, self._budget, tools)


def encode(template: ToolTemplate, messages: Sequence[Message], tools: list[dict[str, Any]]) -> TokenRecord:
    """The tokens of a conversation that is over, as a model would have seen and said them; for supervised training."""
    record = TokenRecord()
    first = next((n for n, message in enumerate(messages) if message["role"] == "assistant"), len(messages))
    record.append(template.prompt(messages[:first], tools))
    record.prompt_tokens = len(record.ids)
    told: list[Message] = []
    for message in messages[first:]:
        if message["role"] != "assistant":
            told.append(message)
            continue
        if told:
            record.append(template.reply(told))
        ids = template.turn(message)
        record.append(ids, [0.0] * len(ids))
        record.turns.append(len(record.ids))
        told = []
    return record
