"""Tokenizers of every supported family, made on the spot: chat templates as TRL ships them, over bytes. The tests' order."""

import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

QWQ = """{%- if tools %}<|im_start|>system
{%- if messages[0].role == 'system' %}
{{ messages[0].content }}{% endif %}

# Tools
<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>

Answer each call as <tool_call>{"name": ..., "arguments": ...}</tool_call>.<|im_end|>
{% endif %}
{%- for message in messages %}
{%- if message.role == 'user' %}<|im_start|>user
{{ message.content }}<|im_end|>
{% elif message.role == 'assistant' %}<|im_start|>assistant
{{ (message.content or '').split('</think>')[-1].lstrip('\n') }}
{%- for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% elif message.role == 'tool' %}<|im_start|>user
<tool_response>
{{ message.content }}
</tool_response><|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
<think>
{% endif %}"""
"""Written after QwQ-32B's behaviour: the prompt begins a thought, and thoughts of past turns are left out."""

QWEN = ("<|im_end|>", "<|endoftext|>", ("<|im_start|>",))
LLAMA = ("<|eot_id|>", "<|end_of_text|>", ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|python_tag|>"))
FAMILIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "qwen2_5": QWEN,
    "qwen3": QWEN,
    "qwen3_instruct_2507": QWEN,
    "llama3_1": LLAMA,
    "llama3_2": LLAMA,
    "qwq": QWEN,
}


def make_tokenizer(family: str) -> Any:
    """A tokenizer of bytes with the family's special words and chat template."""
    trl = pytest.importorskip("trl", reason="pip install -e '.[train]'")
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")
    end, pad, special = FAMILIES[family]
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    raw = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={letter: n for n, letter in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    raw.add_special_tokens([pad, end, *special])
    raw.add_tokens(
        [tokenizers.AddedToken(tag, normalized=False) for tag in ("<tool_call>", "</tool_call>", "<think>", "</think>")]
    )
    template = QWQ if family == "qwq" else (Path(trl.__file__).parent / "chat_templates" / f"{family}.jinja").read_text()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=end, pad_token=pad, bos_token=special[0], chat_template=template
    )
    if family != "qwq":
        tokenizer = trl.chat_template_utils.add_response_schema(tokenizer)
    return tokenizer


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The two runs that take longest begin at once where two workers share the tests half and half."""
    longest = [item for item in items if "the_model_learns" in item.name]
    if len(longest) == 2:
        others = [item for item in items if item not in longest]
        half = (len(items) + 1) // 2 - 1
        items[:] = [longest[0], *others[:half], longest[1], *others[half:]]
