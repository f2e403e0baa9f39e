"""One chat model: the only model client of the project. Needs the extra `chat`.

It is behind an OpenAI-compatible endpoint; or, named `litellm/PROVIDER/MODEL`, behind whatever the package litellm knows.
It asks and answers; it neither plays (chat.py) nor remembers (synth/generate/recorded.py).
"""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from codegym_mcp.errors import ContextFull, EndpointRefused, PolicyError

LITELLM = "litellm/"
"""Before the name of a model that litellm is to find."""
REQUEST_S = 120.0
"""Seconds one attempt at a completion may take."""
RETRIES = 4
"""Attempts after the first, with back-off: on a lost connection, a timeout, 408, 409, 429 and 5xx."""
AGAIN = (408, 409, 429)
"""Refusals that may pass."""
TOO_LONG = re.compile(r"(?i)context.?length|context.?window|maximum context|too many (input )?tokens|prompt is too long")
"""How endpoints say that a conversation is longer than the model can hold, with status 400 or 413."""
BACK_OFF_S = 8.0
"""Longest pause before a further attempt, unless the endpoint asks for a longer one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the endpoint counted."""

    prompt: int
    completion: int

    def __add__(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(self.prompt + other.prompt, self.completion + other.completion)


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion."""

    message: dict[str, Any]
    """The assistant's message as it came, without what is null."""
    finish_reason: str
    """stop, length (cut off at the token limit), tool_calls, content_filter; the endpoint's own word."""
    usage: Usage | None
    """None: the endpoint does not count."""


class ChatModel:
    """Asks one model for completions."""

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout_s: float = REQUEST_S,
        retries: int = RETRIES,
    ) -> None:
        """Args:
        name: the model's name at the endpoint; or litellm/ and a name as litellm has it.
        base_url: default: OPENAI_BASE_URL, or OpenAI's own; litellm: the provider's.
        api_key: default: OPENAI_API_KEY; litellm: the provider's variable.
        timeout_s: seconds per attempt.
        retries: attempts after the first.

        Raises:
            PolicyError: the extra is not installed, or there is no key.
        """
        try:
            import openai
        except ImportError as exc:
            raise PolicyError("a model needs the extra: pip install -e '.[chat]' in a clone") from exc
        self.name = name
        self._limit_s = timeout_s + (timeout_s + BACK_OFF_S) * retries
        self._failure = openai.OpenAIError
        """litellm's errors are of this kind, too."""
        self._client: openai.AsyncOpenAI | None = None
        if name.startswith(LITELLM):
            options = {"api_base": base_url, "api_key": api_key, "timeout": timeout_s, "num_retries": retries}
            self._create: Any = partial(_litellm(), **options)
            return
        try:
            self._client = openai.AsyncOpenAI(base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=retries)
        except openai.OpenAIError as exc:
            raise PolicyError(f"{exc}") from exc
        self._create = self._client.chat.completions.create

    async def ask(self, messages: Sequence[dict[str, Any]], *, idempotency_key: str | None = None, **options: Any) -> Reply:
        """One completion.

        Args:
            idempotency_key: the same for every attempt at the same completion; endpoints that know the header answer once.
            options: temperature, top_p, max_tokens, tools and what else the endpoint takes.

        Raises:
            ContextFull: the conversation is longer than the model can hold.
            PolicyError: the endpoint failed, in every attempt or in a way that no further one can mend.
        """
        conversation: Any = list(messages)
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else None
        try:
            async with asyncio.timeout(self._limit_s):  # the client's own timeout is per read: a dribbling server would hold it
                model = self.name.removeprefix(LITELLM)
                completion = await self._create(model=model, messages=conversation, extra_headers=headers, **options)
        except TimeoutError as exc:
            raise PolicyError(f"{self.name}: no completion within {self._limit_s:g} s") from exc
        except (self._failure, ValueError) as exc:  # ValueError: a body that is no JSON
            status = getattr(exc, "status_code", 0)
            raise _kind(status, exc)(f"{self.name}: {type(exc).__name__}: {exc}") from exc
        return self._read(completion)

    async def close(self) -> None:
        """Close its connections; litellm's are its own."""
        if self._client is not None:
            await self._client.close()

    def _read(self, completion: Any) -> Reply:
        """The endpoint may call anything a completion: the client does not check."""
        choices = getattr(completion, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        message: Any = getattr(choice, "message", None)
        if not hasattr(message, "model_dump"):
            raise PolicyError(f"{self.name} answered without a choice")
        usage = getattr(completion, "usage", None)
        counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
        prompt, answer = (count if isinstance(count, int) else None for count in counts)
        return Reply(
            message=message.model_dump(exclude_none=True, warnings=False),  # it may be anything: no word on that
            finish_reason=str(getattr(choice, "finish_reason", None) or "stop"),
            usage=None if prompt is None or answer is None else Usage(prompt, answer),
        )


def _litellm() -> Any:
    """litellm's way to ask a model.

    Raises:
        PolicyError: it is not installed.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or its import asks the network for prices
    try:
        import litellm
    except ImportError as exc:
        raise PolicyError("a model of litellm needs: pip install 'litellm>=1.100,<2'") from exc
    litellm.suppress_debug_info = True  # it would print to where people read
    return litellm.acompletion


def _kind(status: int, error: Exception) -> type[PolicyError]:
    """Whose fault a failed request is."""
    if not 400 <= status < 500 or status in AGAIN:
        return PolicyError
    return ContextFull if status in (400, 413) and TOO_LONG.search(str(error)) else EndpointRefused
