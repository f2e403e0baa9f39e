"""Asking until a reply can be used: what a checker found wrong is fed back, a bounded number of times."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from synth.generate.completions import Completion
from synth.generate.prompts import FEEDBACK, Messages
from synth.generate.recorded import RecordedModel

T = TypeVar("T")

Reason = Literal[
    "empty reply",
    "refused",
    "reply cut off",
    "malformed reply",
    "invalid source",
    "too few tools",
    "not deterministic",
    "fails on an input",
    "too slow",
    "wrong ground truth",
    "reveals its inputs",
    "leaks the answer",
    "invalid inputs",
    "too few inputs",
    "no solver",
]
"""Why nothing was generated."""
MAX_QUOTED_CHARS = 32_000
"""Of a wrong reply, as its author gets to see it again."""
THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")
"""Where an object lies differs between runs, and must not get into a prompt."""


class Unusable(Exception):
    """What is wrong with a reply, in words for its author."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason: Reason = reason
        self.detail = ADDRESS.sub("at 0x…", detail)
        super().__init__(f"{reason}: {self.detail}")


@dataclass
class Dialogue:
    """All that is asked of a model for one problem."""

    model: RecordedModel
    problem: str
    """Id of the problem."""
    retries: int
    """Further attempts after a wrong reply."""
    used: list[Completion] = field(default_factory=list)

    async def ask(self, messages: Messages, step: str, *, sample: int = 1, temperature: float) -> Completion:
        """One completion, whatever it is worth.

        Raises:
            PolicyError: the endpoint failed, or it is offline and nothing is recorded.
        """
        completion = await self.model.ask(messages, problem=self.problem, step=step, sample=sample, temperature=temperature)
        self.used.append(completion)
        return completion

    async def converse(
        self, messages: Messages, step: str, check: Callable[[str], Awaitable[T]], *, sample: int = 1, temperature: float
    ) -> T:
        """What `check` makes of a reply. The model is told what it raises, and tries again.

        Raises:
            Unusable: so are all attempts; this is the last one.
            PolicyError: as `ask`.
        """
        attempt = 1
        while True:
            completion = await self.ask(messages, f"{step}-{attempt}", sample=sample, temperature=temperature)
            try:
                return await check(whole_text(completion))
            except Unusable as exc:
                if attempt > self.retries:
                    raise
                messages = [*messages, *_feedback(completion, exc)]
                attempt += 1

    def notes(self) -> dict[str, Any]:
        """Facts for the card; the same whether asked for or recalled."""
        return {
            "model": self.model.name,
            "completions": len(self.used),
            "prompt_tokens": sum(completion.prompt_tokens or 0 for completion in self.used),
            "completion_tokens": sum(completion.completion_tokens or 0 for completion in self.used),
        }


def whole_text(completion: Completion) -> str:
    """The text of a reply, without its author's thoughts.

    Raises:
        Unusable: there is none, or not the whole of it.
    """
    text = THINKING.sub("", completion.text)
    if completion.finish_reason in ("refusal", "content_filter"):
        raise Unusable("refused", f"the endpoint ended it with '{completion.finish_reason}'")
    if completion.finish_reason == "length":
        raise Unusable("reply cut off", "it ran into the token limit before its end; write less, and no explanations")
    if not text.strip():
        raise Unusable("empty reply", "it has no text")
    return text


def _feedback(completion: Completion, exc: Unusable) -> Messages:
    said = THINKING.sub("", completion.text)[:MAX_QUOTED_CHARS]
    return [
        {"role": "assistant", "content": said if said.strip() else "(nothing)"},
        {"role": "user", "content": FEEDBACK.format(reason=exc.reason, detail=exc.detail)},
    ]
