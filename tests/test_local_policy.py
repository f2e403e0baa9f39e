"""A model in this process, tiny and made on the spot: prompts, batches, tool calls of every form."""

import asyncio
import importlib
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.local import LocalPolicy
from codegym_mcp.policies.template import read_message, with_objects
from codegym_mcp.policies.tokens import Completion
from codegym_mcp.rollout import collect_group, collect_rollout
from tests.conftest import PATIENCE_S, make_gym

TEMPLATE = """{% if tools %}Tools: {{ tools | tojson }}
{% endif %}{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}{% for call in message.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
RESPONSE_TEMPLATE = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>",
            "close": "</tool_call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close": "<|im_end|>", "content": "text"},
    },
}
RIGHT = '{"name": "Done", "arguments": {"answer": 7}}'


@pytest.mark.parametrize(
    ("text", "calls", "content"),
    [
        (f"<tool_call>\n{RIGHT}\n</tool_call>", [("Done", '{"answer": 7}')], None),
        (f"So it is 7. <tool_call>{RIGHT}", [("Done", '{"answer": 7}')], "So it is 7."),
        ('<tool_call>{"name": "Observe"}</tool_call>', [("Observe", "{}")], None),
        ('<tool_call>{"name": "Add", "parameters": {"n": 1}}</tool_call>', [("Add", '{"n": 1}')], None),
        ('<tool_call>{"name": "Add", "arguments": {"n": </tool_call>', [("Add", '{"name": "Add", "arguments": {"n":')], None),
        ("<tool_call>[1, 2]</tool_call>", [("", "[1, 2]")], None),
        ("<tool_call></tool_call>", [("", "nothing")], None),
        (f"<tool_call>{RIGHT}</tool_call> <tool_call>7</tool_call>", [("Done", '{"answer": 7}'), ("", "7")], None),
        ("I think it is 7.", [], "I think it is 7."),
    ],
)
def test_calls_are_read_from_tags_and_malformed_ones_stay_texts(
    text: str, calls: list[tuple[str, str]], content: str | None
) -> None:
    """The rollout answers a call whose arguments are no JSON object with an error, which spends a step."""
    message = read_message(text)
    found = [call["function"] for call in message.get("tool_calls", [])]
    assert [(one["name"], one["arguments"]) for one in found] == calls and message["content"] == content
    assert len({call["id"] for call in message.get("tool_calls", [])}) == len(calls)


def test_templates_get_arguments_as_objects_where_they_are() -> None:
    """A template that writes them as JSON would quote a text once more."""
    message = read_message(f"<tool_call>{RIGHT}</tool_call><tool_call>oops</tool_call>")
    done, malformed = with_objects(message)["tool_calls"]
    assert done["function"]["arguments"] == {"answer": 7} and malformed["function"]["arguments"] == "oops"
    assert isinstance(message["tool_calls"][0]["function"]["arguments"], str), "the trajectory's message is left alone"


def build(
    folder: Path,
    says: str,
    *,
    call: bool = True,
    context: int = 1 << 15,
    response_template: bool = False,
    chat_template: str = TEMPLATE,
) -> Path:
    """A model whose every token decides the next one: after the prompt's newline it says one thing, and ends its turn.

    Args:
        call: as a tool call, not as words.

    Its only layer adds nothing, its embeddings are one-hot, and its head is the table of who follows whom.
    """
    torch: Any = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    transformers: Any = pytest.importorskip("transformers", reason="pip install 'transformers>=5.16.1,<5.18'")
    tokenizers: Any = pytest.importorskip("tokenizers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    raw = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={letter: n for n, letter in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    raw.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    said = ("<tool_call>", says, "</tool_call>") if call else (says,)
    chain = ["\u010a", *(said if says else ()), "<|im_end|>"]
    raw.add_tokens([tokenizers.AddedToken(token, normalized=False) for token in chain[1:-1]])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=chat_template
    )
    if response_template:
        tokenizer.response_template = RESPONSE_TEMPLATE
    size = len(tokenizer) + len(tokenizer) % 2
    config = transformers.Qwen3Config(
        vocab_size=size,
        hidden_size=size,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=2,
        max_position_embeddings=context,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = transformers.Qwen3ForCausalLM(config)
    follows = torch.zeros(size, size)
    ids = [raw.token_to_id(token) for token in chain]
    for token, following in pairwise(ids):
        follows[following, token] = 100.0
    with torch.no_grad():
        model.model.embed_tokens.weight.copy_(torch.eye(size))
        model.model.layers[0].self_attn.o_proj.weight.zero_()
        model.model.layers[0].mlp.down_proj.weight.zero_()
        model.lm_head.weight.copy_(follows)
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("response_template", [False, True], ids=["tags", "response template"])
async def test_model_plays_an_episode_to_its_reward(tmp_path: Path, response_template: bool) -> None:
    policy = LocalPolicy(build(tmp_path / "tiny", RIGHT, response_template=response_template), device="cpu")
    assert policy.name == "tiny"
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            seven, zero = (gym.catalog.task("counter", id) for id in ("seven", "zero"))
            right = await collect_rollout(ClientPool.over(gym), policy, seven)
            wrong = await collect_rollout(ClientPool.over(gym), policy, zero)
    assert (right.reward, wrong.reward) == (1.0, 0.0) and right.status == "terminated"
    assert json.loads(right.messages[2]["tool_calls"][0]["function"]["arguments"]) == {"answer": 7}


async def test_group_is_generated_as_one_batch_of_prompts_of_several_lengths(tmp_path: Path) -> None:
    """Padding on the left must not change what is said."""
    policy = LocalPolicy(build(tmp_path / "tiny", RIGHT), device="cpu")
    policy.generator.linger_s = 0.2  # all eight come along
    batches: list[int] = []
    sample = policy.generator._sample

    def counted(prompts: Sequence[list[int]], max_new_tokens: int) -> list[Completion]:
        batches.append(len({len(prompt) for prompt in prompts}))
        return sample(prompts, max_new_tokens)

    policy.generator._sample = counted  # type: ignore[method-assign]
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            clients, task = ClientPool.over(gym), gym.catalog.task("counter", "seven")
            longer = task.model_copy(update={"prompt": "Tell the total, and be quick about it."})
            groups = await asyncio.gather(*(collect_group(clients, policy, one, 4) for one in (task, longer)))
    assert [one.reward for group in groups for one in group] == [1.0] * 8
    assert len(batches) < 8 and max(batches) == 2


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_settings_that_come_with_a_model_change_nothing(tmp_path: Path, temperature: float) -> None:
    """Penalties, minima and the like in generation_config.json: `generate` takes what it is not given from there."""
    policy = LocalPolicy(build(tmp_path / "tiny", RIGHT), device="cpu", temperature=temperature)
    generator, prompt = policy.generator, [1, 2, 3]
    torch: Any = importlib.import_module("torch")
    before: list[Completion] = []
    settings = generator.model.generation_config
    for changes in (
        {},
        {"repetition_penalty": 9.0, "min_p": 0.9, "no_repeat_ngram_size": 1, "suppress_tokens": [5], "top_k": 1},
    ):
        settings.update(**changes)
        torch.manual_seed(0)
        before.append(await generator.generate(prompt, 32))
    assert before[0].ids == before[1].ids and len(before[0].ids) == 32
    assert generator.model.generation_config is settings and settings.repetition_penalty == 9.0, "it is saved with the model"


async def test_malformed_call_fails_and_spends_a_step(tmp_path: Path) -> None:
    for response_template in (False, True):
        broken = build(
            tmp_path / f"{response_template}", '{"name": "Add", "arguments": {"n": ', response_template=response_template
        )
        policy = LocalPolicy(broken, device="cpu")
        with anyio.fail_after(PATIENCE_S):
            async with make_gym(tmp_path / "gym") as gym:
                task = gym.catalog.task("counter", "seven")
                trajectory = await collect_rollout(ClientPool.over(gym), policy, task, max_steps=3)
        assert [step.error for step in trajectory.steps] == ["InvalidArguments"] * 3
        assert (trajectory.status, trajectory.reward) == ("truncated", 0.0)


async def test_model_that_only_talks_ends_its_episode_with_reward_0(tmp_path: Path) -> None:
    policy = LocalPolicy(build(tmp_path / "tiny", ""), device="cpu", max_new_tokens=8)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            trajectory = await collect_rollout(ClientPool.over(gym), policy, gym.catalog.task("counter", "seven"))
    assert (trajectory.status, trajectory.reward, trajectory.steps) == ("truncated", 0.0, [])


async def test_conversation_past_the_context_is_the_policys_end(tmp_path: Path) -> None:
    """Not a machine fault: reward 0, kept in its group."""
    policy = LocalPolicy(build(tmp_path / "tiny", RIGHT, context=600), device="cpu", max_new_tokens=16)
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym:
            trajectory = await collect_rollout(ClientPool.over(gym), policy, gym.catalog.task("counter", "seven"))
    assert (trajectory.status, trajectory.reward, trajectory.error) == ("truncated", 0.0, None)


def test_template_without_tools_is_refused_with_the_remedy(tmp_path: Path) -> None:
    plain = "{% for message in messages %}{{ message.content }}\n{% endfor %}"
    folder = build(tmp_path / "tiny", RIGHT, chat_template=plain)
    with pytest.raises(PolicyError, match="chat_template="):
        LocalPolicy(folder, device="cpu")
    assert LocalPolicy(folder, device="cpu", chat_template=TEMPLATE, name="mended").name == "mended"


def test_missing_model_is_told(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="pip install 'transformers>=5.16.1,<5.18'")
    with pytest.raises(PolicyError, match="cannot be loaded"):
        LocalPolicy(tmp_path / "none", device="cpu")


def test_without_torch_the_remedy_is_told() -> None:
    try:
        import torch  # noqa: F401
    except ImportError:
        with pytest.raises(PolicyError, match="pip install torch"):
            LocalPolicy("anything")
    else:
        pytest.skip("torch is installed")
