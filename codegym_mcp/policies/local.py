"""A chat model in this process, by transformers. Needs torch and transformers; on a GPU where there is one.

For measuring and for trying out a checkpoint. To serve many episodes at speed, put the model behind an endpoint and use
chat.py. Turns that wait at the same time are generated as one batch.

How tool calls are read from the generated text: by the tokenizer's own response template where it has one; else, and
where that fails, in the Hermes / Qwen form `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`. What stands
between the tags and is no such JSON becomes a call with a text for arguments, which fails and spends a step. When the
conversation leaves no room for another turn in the model's context, the model says nothing more: it was the policy's
budget, so the reward is 0.
"""

import asyncio
import importlib
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.chat import function_of
from codegym_mcp.rollout import Act, Message
from codegym_mcp.types import EnvironmentInfo, Observation, ToolSpec

INSTALL = "a local model needs torch and transformers: pip install torch==2.13.0 'transformers>=5.16.1,<5.18'"
MAX_NEW_TOKENS = 512
"""Tokens of one turn."""
MAX_BATCH = 16
"""Turns generated at once."""
PROBE = ToolSpec(name="ProbeTool", purpose="Probe.", input_schema={"type": "object", "properties": {}})
TOOL_CALL = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", re.DOTALL)
NAME = re.compile(r'"name"\s*:\s*"([^"]{1,80})"')

Ids = list[int]
Turn = tuple[Ids, "asyncio.Future[Ids]"]
"""A prompt that waits, and where its completion goes."""


class LocalPolicy:
    """Plays with a model that is loaded here."""

    def __init__(
        self,
        model_path: Path | str,
        *,
        name: str | None = None,
        device: str | None = None,
        chat_template: str | None = None,
        max_new_tokens: int = MAX_NEW_TOKENS,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> None:
        """Args:
        model_path: a folder with model and tokenizer, or a name that transformers can find.
        name: what trajectories and cards call it; default: the last part of the path.
        device: default: "cuda" where there is one, else "cpu".
        chat_template: in place of the tokenizer's own, which must know tools.
        temperature: 0 takes the likeliest token.
        seed: of the sampling, for the whole process.

        Raises:
            PolicyError: torch or transformers are not installed, there is no such model, or its chat template knows no tools.
        """
        try:
            self._torch: Any = importlib.import_module("torch")
            transformers: Any = importlib.import_module("transformers")
        except ImportError as exc:
            raise PolicyError(INSTALL) from exc
        self.name = name or Path(model_path).name
        self._device = device or ("cuda" if self._torch.cuda.is_available() else "cpu")
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(str(model_path))
            model = transformers.AutoModelForCausalLM.from_pretrained(str(model_path), dtype="auto")
        except (OSError, ValueError, KeyError) as exc:
            raise PolicyError(f"the model {model_path} cannot be loaded: {exc}") from exc
        self._model: Any = model.to(self._device).eval()
        if chat_template is not None:
            self._tokenizer.chat_template = chat_template
        if seed is not None:
            self._torch.manual_seed(seed)
        self._options: dict[str, Any] = {
            "max_new_tokens": max_new_tokens,
            "pad_token_id": self._pad_id(),
            "do_sample": temperature > 0,
        }
        self._options |= {"temperature": temperature, "top_p": top_p} if temperature > 0 else {}
        self._room = getattr(self._model.config, "max_position_embeddings", 1 << 30) - max_new_tokens
        self._waiting: list[Turn] = []
        self._lock = asyncio.Lock()
        self._check_template()

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout in an environment."""
        tools = [function_of(spec) for spec in environment.tools]

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            prompt = self._prompt(messages, tools)
            if len(prompt) > self._room:
                return {"role": "assistant", "content": ""}
            return self._message(await self._complete(prompt), prompt, tools, len(messages))

        yield act

    def _pad_id(self) -> int:
        pad, end = self._tokenizer.pad_token_id, self._tokenizer.eos_token_id
        return int(pad if pad is not None else end if end is not None else 0)

    def _check_template(self) -> None:
        try:
            text = self._tokenizer.apply_chat_template(
                [{"role": "user", "content": "Begin."}], tools=[function_of(PROBE)], tokenize=False
            )
        except Exception as exc:  # whatever a template of somebody else's raises
            raise PolicyError(f"the chat template of {self.name} fails: {exc}") from exc
        if PROBE.name not in text:
            raise PolicyError(f"the chat template of {self.name} knows no tools; give another with chat_template=")

    def _prompt(self, messages: Sequence[Message], tools: list[dict[str, Any]]) -> Ids:
        conversation = [with_objects(message) for message in messages]
        try:
            encoded = self._tokenizer.apply_chat_template(
                conversation, tools=tools, add_generation_prompt=True, return_dict=True
            )
        except Exception as exc:  # whatever a template of somebody else's raises
            raise PolicyError(f"the chat template of {self.name} fails: {exc}") from exc
        return list(encoded["input_ids"])

    async def _complete(self, prompt: Ids) -> Ids:
        """The completion of a prompt, generated together with those that wait beside it."""
        future: asyncio.Future[Ids] = asyncio.get_running_loop().create_future()
        self._waiting.append((prompt, future))
        await asyncio.sleep(0)  # others that are about to ask come along
        async with self._lock:
            while not future.done():
                batch = self._waiting[:MAX_BATCH]
                del self._waiting[:MAX_BATCH]
                try:
                    completions = await asyncio.to_thread(self._generate, [ids for ids, _ in batch])
                except BaseException as exc:  # cancelled, or out of memory: this one's end alone, the others ask again
                    self._waiting += [turn for turn in batch if turn[1] is not future]
                    if isinstance(exc, RuntimeError):
                        raise PolicyError(f"{self.name}: {exc}") from exc
                    raise
                for (_, waiting), completion in zip(batch, completions, strict=True):
                    if not waiting.done():
                        waiting.set_result(completion)
        return future.result()

    def _generate(self, prompts: Sequence[Ids]) -> list[Ids]:
        """Completions without what follows their end. Prompts are padded on their left."""
        longest, pad = max(map(len, prompts)), self._options["pad_token_id"]
        ids = self._torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=self._device)  # (B, T)
        mask = self._torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=self._device)
        with self._torch.inference_mode():
            out = self._model.generate(input_ids=ids, attention_mask=mask, **self._options)  # (B, T + new)
        return [self._ended(row) for row in out[:, longest:].tolist()]

    def _ended(self, ids: Ids) -> Ids:
        """Up to the first token that ends a turn."""
        ends = self._model.generation_config.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends])
        return next((ids[:i] for i, token in enumerate(ids) if token in stops), ids)

    def _message(self, completion: Ids, prompt: Ids, tools: list[dict[str, Any]], number: int) -> Message:
        """The assistant's message that was generated."""
        parsed: Mapping[str, Any] | None = None
        if getattr(self._tokenizer, "response_template", None) is not None:
            try:
                parsed = self._tokenizer.parse_response(completion, prefix=prompt, tools=tools)
            except Exception:  # malformed in the template's eyes: read it as text
                parsed = None
        if parsed is None or not parsed.get("tool_calls"):
            return read_message(self._tokenizer.decode(completion, skip_special_tokens=True), number)
        calls = [call.get("function") or {} for call in parsed["tool_calls"]]
        found = [_call(call.get("name"), call.get("arguments"), f"call-{number}-{i}") for i, call in enumerate(calls)]
        return {"role": "assistant", "content": parsed.get("content"), "tool_calls": found}


def read_message(text: str, number: int = 0) -> Message:
    """An assistant's message out of generated text with `<tool_call>` tags."""
    calls = [_read_call(raw, f"call-{number}-{i}") for i, raw in enumerate(TOOL_CALL.findall(text))]
    content = TOOL_CALL.sub("", text).strip()
    return {"role": "assistant", "content": content or None, **({"tool_calls": calls} if calls else {})}


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
    except (ValueError, RecursionError):
        return function
    return {**function, "arguments": value} if isinstance(value, dict) else function
