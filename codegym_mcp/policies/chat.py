"""A chat model with tool calling behind any OpenAI-compatible endpoint. Needs the extra `chat`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from codegym_mcp.errors import PolicyError
from codegym_mcp.rollout import Act, Message
from codegym_mcp.types import EnvironmentInfo, Observation, ToolSpec

REQUEST_S = 120.0
"""Seconds one completion may take."""
RETRIES = 4
"""Attempts after the first, made by the client with back-off."""


class ChatPolicy:
    """Asks a model for one message per turn."""

    def __init__(self, model: str, *, base_url: str | None = None, api_key: str | None = None, **sampling: Any) -> None:
        """Args:
        model: its name at the endpoint.
        base_url: default: OPENAI_BASE_URL, or OpenAI's own.
        api_key: default: OPENAI_API_KEY.
        sampling: temperature, top_p, max_tokens and what else the endpoint takes.

        Raises:
            PolicyError: the extra is not installed, or there is no key.
        """
        try:
            import openai
        except ImportError as exc:
            raise PolicyError("a model needs the extra: pip install 'codegym-mcp[chat]'") from exc
        self.name = model
        self._sampling = sampling
        try:
            self._client = openai.AsyncOpenAI(base_url=base_url, api_key=api_key, timeout=REQUEST_S, max_retries=RETRIES)
        except openai.OpenAIError as exc:
            raise PolicyError(f"{exc}") from exc
        self._failure = openai.OpenAIError

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout in an environment."""
        tools: Any = [function_of(spec) for spec in environment.tools]

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            try:
                conversation: Any = messages
                completion: Any = await self._client.chat.completions.create(
                    model=self.name, messages=conversation, tools=tools, **self._sampling
                )
            except self._failure as exc:
                raise PolicyError(f"{self.name}: {type(exc).__name__}: {exc}") from exc
            if not completion.choices:
                raise PolicyError(f"{self.name} answered without a choice")
            message: Message = completion.choices[0].message.model_dump(exclude_none=True)
            return {"role": "assistant", "content": message.get("content"), **_calls(message)}

        yield act


def _calls(message: Message) -> dict[str, Any]:
    return {"tool_calls": message["tool_calls"]} if message.get("tool_calls") else {}


def function_of(spec: ToolSpec) -> dict[str, Any]:
    """A tool in OpenAI's format."""
    function = {"name": spec.name, "description": spec.description(), "parameters": spec.input_schema}
    return {"type": "function", "function": function}
