"""A chat model with tool calling behind any OpenAI-compatible endpoint. Needs the extra `chat`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from codegym_mcp.errors import ContextFull, clip
from codegym_mcp.policies.model import RETRIES, ChatModel, Usage
from codegym_mcp.rollout import SILENT, Message
from codegym_mcp.types import EnvironmentInfo, Observation, ToolSpec


class ChatPolicy:
    """Asks a model for one message per turn."""

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None, retries: int = RETRIES, **sampling: Any
    ) -> None:
        """Args:
        model: its name at the endpoint.
        base_url: default: OPENAI_BASE_URL, or OpenAI's own.
        api_key: default: OPENAI_API_KEY.
        retries: attempts after the first at each completion.
        sampling: temperature, top_p, max_tokens and what else the endpoint takes.

        Raises:
            PolicyError: the extra is not installed, or there is no key.
        """
        self.name = model
        self._model = ChatModel(model, base_url=base_url, api_key=api_key, retries=retries)
        self._sampling = sampling

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator["ChatSession"]:
        """Begin one rollout in an environment."""
        yield ChatSession(self._model, [function_of(spec) for spec in environment.tools], self._sampling)

    async def close(self) -> None:
        """Let its connections go."""
        await self._model.close()


class ChatSession:
    """One rollout: called for each turn."""

    def __init__(self, model: ChatModel, tools: list[dict[str, Any]], sampling: dict[str, Any]) -> None:
        self._model, self._options = model, sampling | ({"tools": tools} if tools else {})
        self.usage: Usage | None = None
        """Tokens so far, as the endpoint counts them; None: it does not."""

    async def __call__(self, messages: list[Message], observation: Observation | None) -> Message:
        """The model's next message; nothing more once the conversation is longer than it can hold.

        Raises:
            PolicyError: the endpoint failed.
        """
        try:
            reply = await self._model.ask(messages, **self._options)
        except ContextFull:
            return dict(SILENT)
        if reply.usage is not None:
            self.usage = self.usage + reply.usage if self.usage else reply.usage
        calls, content = _calls(reply.message), reply.message.get("content")
        return {"role": "assistant", "content": content if calls else content or "", **calls}  # null and no call is refused


def _calls(message: Message) -> dict[str, Any]:
    """Its tool calls. What has not the form of one becomes one that fails: endpoints pass on what a model makes up."""
    calls = message.get("tool_calls")
    if not calls:
        return {}
    return {"tool_calls": [_call(call) for call in (calls if isinstance(calls, list) else [calls])]}


def _call(call: Any) -> dict[str, Any]:
    if isinstance(call, dict) and isinstance(call.get("function"), dict):
        return call
    return {"id": "malformed", "type": "function", "function": {"name": "", "arguments": clip(call)}}


def function_of(spec: ToolSpec) -> dict[str, Any]:
    """A tool in OpenAI's format."""
    function = {"name": spec.name, "description": spec.description(), "parameters": spec.input_schema}
    return {"type": "function", "function": function}
