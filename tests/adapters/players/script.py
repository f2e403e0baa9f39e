"""A model that speaks from a script, and a tokenizer for it: bytes, ChatML and Qwen's way with tools."""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

GOODBYE = "I have nothing more to say."
END = "<|im_end|>"
TEMPLATE = """
{%- for message in messages %}
    {%- if message.role != 'tool' %}
        {{- '<|im_start|>' + message.role + '\\n' + (message.content or '') }}
        {%- if loop.first and tools %}{{- '\\n' + tools | tojson }}{%- endif %}
        {%- for call in message.tool_calls or [] %}
            {{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- (call.function.arguments | tojson) + '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


class Script:
    """What one rollout's model says, turn by turn."""

    def __init__(self, ask: dict[str, Any]) -> None:
        self._turns, self._kill = list(ask["turns"]), ask["kill"]
        self.said: list[str] = []

    def next(self) -> str:
        """The next turn as text."""
        if len(self.said) == 2 and self._kill:
            with contextlib.suppress(ProcessLookupError):  # another rollout was first
                os.kill(self._kill, signal.SIGKILL)
            self._kill = None
        turn = self._turns[len(self.said)] if len(self.said) < len(self._turns) else GOODBYE
        self.said.append(turn if isinstance(turn, str) else "\n".join(spoken(*call) for call in turn))
        return self.said[-1]


def spoken(tool: str, arguments: dict[str, Any]) -> str:
    """A call as Qwen writes it."""
    return "<tool_call>\n" + json.dumps({"name": tool, "arguments": arguments}) + "\n</tool_call>"


def save_tokenizer(folder: Path) -> None:
    """Every byte is a token; nothing is ever merged, so texts and tokens can be compared."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token="<|endoftext|>")
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)


def asked() -> dict[str, Any]:
    """What the test wants."""
    told: dict[str, Any] = json.load(sys.stdin)
    return told


def answer(heard: dict[str, Any]) -> None:
    """The last line of stdout; threads of frameworks do not hold us up."""
    print("\n" + json.dumps(heard), flush=True)
    sys.stderr.flush()
    os._exit(0)
