"""A tiny model, built on the spot: real training on two cores in minutes, without anything to download.

The tokenizer is trained on rendered trajectories of training tasks, without splitting at words; the documentation
of a tool list and the rules of a task are one word each. A whole episode takes 150 tokens. The chat template is
Qwen3's, as TRL ships it. The model is a Qwen3 of less than a million random parameters; it can do nothing but what it is
taught here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.template import with_objects
from codegym_mcp.types import EnvironmentInfo, Trajectory
from trainer.config import Model

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL = [PAD, START, END]
TAGS = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
"""Words of their own, but no special ones: the parser of tool calls needs them in the decoded text."""
WORDS = 1024
"""Largest vocabulary, documentations aside."""
RARE = 2000
"""A word stands in at least one of so many pieces of text."""
DOCUMENT = 120
"""Characters from which on a piece of text that recurs is a word by itself: the documentation of tools, a task's rules."""
DATA = r"[0-9]|(?<=[\"A-Z])[A-Z](?=[\"A-Z])|(?<=[0-9])[a-z]"
"""What stays a word of its own, so that a model can copy it: digits, capitals in texts, small letters after a digit."""
CONTEXT = 2048


def build_tiny(
    config: Model, seed: int, trajectories: Sequence[Trajectory], environments: Sequence[EnvironmentInfo]
) -> tuple[Any, Any]:
    """Tokenizer and model.

    Args:
        trajectories: of training tasks.
        environments: those of the run.
    """
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = _tokenizer(trajectories, environments)
    shape = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=config.hidden,
        intermediate_size=3 * config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.heads,
        head_dim=config.hidden // config.heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    torch.manual_seed(seed)
    return tokenizer, Qwen3ForCausalLM(shape)


def _tokenizer(trajectories: Sequence[Trajectory], environments: Sequence[EnvironmentInfo]) -> Any:
    import trl
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(DATA), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.ByteLevel()
    template = (Path(trl.__file__).parent / "chat_templates" / "qwen3_instruct_2507.jinja").read_text(encoding="utf-8")
    renderer = PreTrainedTokenizerFast(tokenizer_object=raw, chat_template=template)
    pieces = Counter(_pieces(renderer, trajectories, environments))
    documents = [piece for piece in pieces if len(piece) >= DOCUMENT]
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS,
        min_frequency=max(2, sum(pieces.values()) // RARE),
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator((piece for piece in pieces.elements() if len(piece) < DOCUMENT), trainer)
    raw.add_tokens([AddedToken(text, special=False, normalized=False) for text in [*TAGS, *documents]])
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=END, pad_token=PAD, chat_template=template, padding_side="left"
    )


def _pieces(renderer: Any, trajectories: Sequence[Trajectory], environments: Sequence[EnvironmentInfo]) -> Iterator[str]:
    """The texts between special words, of every trajectory."""
    tools = {info.name: [function_of(spec) for spec in info.tools] for info in environments}
    splitter = re.compile("|".join(map(re.escape, SPECIAL + TAGS)))
    for trajectory in trajectories:
        messages = [with_objects(message) for message in trajectory.messages]
        text = renderer.apply_chat_template(messages, tools=tools[trajectory.environment], tokenize=False)
        yield from (piece for piece in splitter.split(text) if piece)
