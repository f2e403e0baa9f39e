"""A model that remembers: every completion is asked for once, kept, and recalled ever after; offline it only recalls."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from codegym_mcp.errors import PolicyError, clip
from codegym_mcp.policies.model import ChatModel
from synth.generate.completions import Completion, Completions, completion_key

AT_ONCE = 8
"""Requests under way at a time, unless told otherwise."""
QUOTED_CHARS = 160
MILLION = 1_000_000


class NotRecorded(PolicyError):
    """A replay needs a completion that nobody has recorded."""

    retryable = False

    def __init__(self, problem: str, step: str, model: str, key: str, why: str, prompt: str) -> None:
        self.problem_id, self.step, self.model, self.key, self.why = problem, step, model, key, why
        self.prompt = clip(prompt, QUOTED_CHARS)
        self.problem = f"no completion of {model} is recorded for {step} of {problem} ({why}); its prompt ends: {self.prompt}"
        Exception.__init__(self, f"Offline: {self.problem}. Run it with the model's endpoint once, or record it.")


@dataclass(frozen=True, slots=True)
class Prices:
    """What an endpoint charges per million tokens, in whatever currency."""

    prompt: float
    completion: float


@dataclass
class Spending:
    """What a run asked of the endpoint, and what it could recall instead."""

    asked: int = 0
    """Completions that the endpoint made in this run."""
    recalled: int = 0
    """Completions that were recorded before."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Tokens of the completions that were asked for."""
    uncounted: int = 0
    """Completions asked for whose tokens the endpoint did not count."""
    recalled_tokens: int = 0
    """Tokens of the completions that were recalled, of both kinds."""

    def add(self, completion: Completion, *, recalled: bool) -> None:
        """Count one completion."""
        prompt, answer = completion.prompt_tokens or 0, completion.completion_tokens or 0
        if recalled:
            self.recalled, self.recalled_tokens = self.recalled + 1, self.recalled_tokens + prompt + answer
            return
        self.asked += 1
        self.uncounted += completion.prompt_tokens is None
        self.prompt_tokens, self.completion_tokens = self.prompt_tokens + prompt, self.completion_tokens + answer

    def cost(self, prices: Prices) -> float:
        """What the completions asked for in this run cost; uncounted ones are not in it."""
        return (self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion) / MILLION

    def report(self, prices: Prices | None = None) -> str:
        """One line for people. Without prices it names no cost."""
        parts = [
            f"{self.asked} completions asked for ({self.prompt_tokens:,} + {self.completion_tokens:,} tokens)",
            f"{self.recalled} recalled ({self.recalled_tokens:,} tokens)",
        ]
        if self.uncounted:
            parts.append(f"{self.uncounted} without a token count")
        if prices is not None:
            parts.append(f"cost {self.cost(prices):.4f}" + (" at least" if self.uncounted else ""))
        return ", ".join(parts)


class RecordedModel:
    """One model, its recorded completions, and a limit on the requests under way."""

    def __init__(
        self,
        name: str,
        completions: Completions,
        *,
        endpoint: ChatModel | None = None,
        at_once: int = AT_ONCE,
        **sampling: Any,
    ) -> None:
        """Args:
        name: the model's name, part of every key.
        endpoint: where to ask what is not recorded; None: offline.
        sampling: top_p, max_tokens and what else the endpoint takes, sent with every request and part of every key.
        """
        self.name, self.completions, self.endpoint, self.sampling = name, completions, endpoint, sampling
        self.spending = Spending()
        self._slots = asyncio.Semaphore(at_once)
        self._asking: dict[str, asyncio.Lock] = {}

    async def ask(
        self, messages: list[dict[str, Any]], *, problem: str, step: str, sample: int = 1, temperature: float
    ) -> Completion:
        """The completion of a request: the recorded one, else a new one that is recorded before it is returned.

        Args:
            problem, step: what it is for; a name for people, no part of the key.
            sample: number among several replies to the same request.

        Raises:
            NotRecorded: offline, and it is not recorded.
            PolicyError: the endpoint failed.
        """
        sampling = {**self.sampling, "temperature": temperature}
        key = completion_key(self.name, messages, sampling, sample)
        async with self._asking.setdefault(key, asyncio.Lock()):  # two problems may ask the same at once
            completion = self.completions.find(key, problem, step)
            recalled = completion is not None
            if completion is None:
                completion = await self._make(key, messages, sampling, problem, step, sample)
        self._asking.pop(key, None)
        self.spending.add(completion, recalled=recalled)
        return completion

    async def close(self) -> None:
        """Close the connections to the endpoint, if there is one."""
        if self.endpoint is not None:
            await self.endpoint.close()

    async def _make(
        self, key: str, messages: list[dict[str, Any]], sampling: dict[str, Any], problem: str, step: str, sample: int
    ) -> Completion:
        if self.endpoint is None:
            changed = next(self.completions.others(problem, step), None) is not None
            why = "there is one for another prompt, model or sampling" if changed else "nothing is, under any prompt"
            raise NotRecorded(problem, step, self.name, key, why, str(messages[-1]["content"])[-QUOTED_CHARS:])
        async with self._slots:
            reply = await self.endpoint.ask(messages, idempotency_key=key, **sampling)
        refusal = reply.message.get("refusal")
        return self.completions.keep(
            Completion(
                key=key,
                problem=problem,
                step=step,
                model=self.name,
                sample=sample,
                finish_reason="refusal" if refusal else reply.finish_reason,
                prompt_tokens=reply.usage.prompt if reply.usage else None,
                completion_tokens=reply.usage.completion if reply.usage else None,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                text=str(reply.message.get("content") or refusal or ""),
            )
        )
