"""How a tokenizer writes a conversation with tools, and how a model's turn is read. No model here.

A conversation is rendered once, at its beginning. From then on the tokens that the model sampled stay as they are, and
only what came between two of its turns (tool results, a reminder) is rendered and appended: rendering the whole again
would split some of the model's own words differently, and the loss would be taken on tokens that it never sampled.

How tool calls are read from the generated tokens: by the tokenizer's own response template where it has one; else, and
where that fails, in the form in which the chat template writes calls: Hermes / Qwen `<tool_call>{"name": ...,
"arguments": ...}</tool_call>`, or Llama 3's bare `{"name": ..., "parameters": ...}`. What looks like a call and is no
such JSON becomes a call with a text for arguments, which fails and spends a step.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.chat import function_of
from codegym_mcp.rollout import Message
from codegym_mcp.types import ToolSpec

Ids = list[int]

TOOL_CALL = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", re.DOTALL)
THOUGHT = re.compile(r"\A.*</think>", re.DOTALL)
"""Reasoning in front of the answer; its opening tag may stand in the prompt."""
NAME = re.compile(r'"name"\s*:\s*"([^"]{1,80})"')
BARE_CALL = re.compile(r'\A\s*(?:<\|python_tag\|>)?\s*(\{\s*"name".*)\Z', re.DOTALL)
PROBE = function_of(ToolSpec(name="ProbeTool", purpose="Probe.", input_schema={"type": "object", "properties": {}}))
PROBE_TURNS: list[Message] = [
    {"role": "user", "content": "Begin."},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": {"name": "ProbeTool", "arguments": {}}}],
    },
]


class ToolTemplate:
    """A tokenizer's chat template, with the tools in it."""

    def __init__(self, tokenizer: Any, *, name: str = "the model", chat_template: str | None = None, ends: Sequence[int] = ()):
        """Args:
        tokenizer: of transformers.
        name: of the model, for errors.
        chat_template: in place of the tokenizer's own, which must know tools.
        ends: token ids that end a turn, besides the tokenizer's end of sequence.

        Raises:
            PolicyError: the template fails, knows no tools, or ends no turn with an end token.
        """
        self.tokenizer, self._name = tokenizer, name
        if chat_template is not None:
            tokenizer.chat_template = chat_template
        self.ends = frozenset(id for id in (*ends, tokenizer.eos_token_id) if id is not None)
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self.pad = int(pad or 0)
        if PROBE["function"]["name"] not in self._text(PROBE_TURNS[:1], [PROBE]):
            raise PolicyError(f"the chat template of {name} knows no tools; give another with chat_template=")
        turns = self._ids(PROBE_TURNS)
        found = [id for id in turns if id in self.ends]
        if not found:
            raise PolicyError(f"the chat template of {name} does not end a turn with a token that ends generation")
        self.turn_end = found[-1]
        """The token that ends an assistant's turn."""
        self._ends_before_reply = turns.count(self.turn_end)
        self._hermes = "<tool_call>" in self._text(PROBE_TURNS)

    def prompt(self, messages: Sequence[Message], tools: list[dict[str, Any]]) -> Ids:
        """The tokens of a conversation's beginning, up to where the model's first turn begins."""
        return self._ids(messages, tools, add_generation_prompt=True)

    def turn(self, message: Message) -> Ids:
        """The tokens of an assistant's message, as if the model had sampled them; with the token that ends them."""
        begun = self._ids(PROBE_TURNS[:1], add_generation_prompt=True)
        whole = self._ids([PROBE_TURNS[0], message])
        if whole[: len(begun)] != begun:  # a prompt that begins a thought, or a template that changes what is past
            common = next((n for n, pair in enumerate(zip(begun, whole, strict=False)) if pair[0] != pair[1]), len(whole))
            begun = begun[:common]
        last = len(whole) - 1 - whole[::-1].index(self.turn_end)
        return whole[len(begun) : last + 1]

    def reply(self, messages: Sequence[Message]) -> Ids:
        """The tokens between the end of one turn of the model and the beginning of its next.

        Args:
            messages: what came in between: results of its calls, or words of the user.
        """
        calls = messages[0]["role"] == "tool"
        turn = PROBE_TURNS[1] if calls else {"role": "assistant", "content": "Go."}
        ids = self._ids([PROBE_TURNS[0], turn, *messages], add_generation_prompt=True)
        before = self._ends_before_reply
        for index, id in enumerate(ids):
            before -= id == self.turn_end
            if before == 0:
                return ids[index + 1 :]
        raise PolicyError(f"the chat template of {self._name} does not end the turns before a tool's result")

    def read(self, completion: Ids, prompt: Ids, tools: list[dict[str, Any]], number: int) -> Message:
        """The assistant's message that was generated.

        Args:
            completion: without the token that ended it.
            prompt: what it was generated from.
            number: makes the ids of its calls unique within the conversation.
        """
        parsed = self._parsed(completion, prompt, tools)
        functions = [call.get("function") for call in parsed.get("tool_calls") or []]
        if functions and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in functions):
            found = [_call(one["name"], one.get("arguments"), f"call-{number}-{i}") for i, one in enumerate(functions)]
            return {"role": "assistant", "content": parsed.get("content"), "tool_calls": found}
        text = self.tokenizer.decode(completion, skip_special_tokens=True)
        return read_message(text, number) if self._hermes else read_bare_call(text, number)

    def _parsed(self, completion: Ids, prompt: Ids, tools: list[dict[str, Any]]) -> Mapping[str, Any]:
        """What the tokenizer's own response template makes of it; nothing where it has none, or fails."""
        if getattr(self.tokenizer, "response_template", None) is None:
            return {}
        try:
            return self.tokenizer.parse_response([*completion, self.turn_end], prefix=prompt, tools=tools) or {}
        except Exception:  # malformed in the template's eyes: it is read as text
            return {}

    def _text(self, messages: Sequence[Message], tools: list[dict[str, Any]] | None = None) -> str:
        return str(self._apply(messages, tools, tokenize=False))

    def _ids(self, messages: Sequence[Message], tools: list[dict[str, Any]] | None = None, **options: Any) -> Ids:
        return list(self._apply(messages, tools, return_dict=True, **options)["input_ids"])

    def _apply(self, messages: Sequence[Message], tools: list[dict[str, Any]] | None, **options: Any) -> Any:
        try:
            return self.tokenizer.apply_chat_template(
                [with_objects(message) for message in messages], tools=tools or None, **options
            )
        except Exception as exc:  # whatever a template of somebody else's raises
            raise PolicyError(f"the chat template of {self._name} fails: {exc}") from exc


def read_message(text: str, number: int = 0) -> Message:
    """An assistant's message out of generated text with `<tool_call>` tags."""
    answer = THOUGHT.sub("", text)
    calls = [_read_call(raw, f"call-{number}-{i}") for i, raw in enumerate(TOOL_CALL.findall(answer))]
    content = TOOL_CALL.sub("", text).strip()
    return {"role": "assistant", "content": content or None, **({"tool_calls": calls} if calls else {})}


def read_bare_call(text: str, number: int = 0) -> Message:
    """An assistant's message out of generated text that is nothing but a call, as Llama 3 writes it."""
    found = BARE_CALL.match(text)
    if found is None:
        return {"role": "assistant", "content": text.strip() or None}
    return {"role": "assistant", "content": None, "tool_calls": [_read_call(found[1], f"call-{number}-0")]}


def _read_call(raw: str, id: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return _call(value["name"], value.get("arguments", value.get("parameters")), id)
    name = NAME.search(raw)
    return _call(name[1] if name else "", raw or "nothing", id)


def _call(name: Any, arguments: Any, id: str) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps({} if arguments is None else arguments)
    return {"id": id, "type": "function", "function": {"name": str(name or ""), "arguments": text}}


def with_objects(message: Message) -> Message:
    """The message as chat templates want it: arguments of calls as objects in place of their JSON, where they are."""
    if not message.get("tool_calls"):
        return {**message, "content": message.get("content") or ""}
    calls = [{**call, "function": _with_object(call["function"])} for call in message["tool_calls"]]
    return {**message, "content": message.get("content") or "", "tool_calls": calls}


def _with_object(function: dict[str, Any]) -> dict[str, Any]:
    try:
        value = json.loads(function["arguments"])
    except (ValueError, TypeError, RecursionError):
        return function
    return {**function, "arguments": value} if isinstance(value, dict) else function
