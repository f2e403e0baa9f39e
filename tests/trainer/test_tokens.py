"""Tokens in, tokens out: what the model sampled stays as it was, the loss covers that alone, for every family of templates."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.template import Ids, ToolTemplate
from codegym_mcp.policies.tokens import Completion, TokenBudget, TokenRecord, TokenSession, encode
from codegym_mcp.rollout import Message, tool_message
from tests.trainer.conftest import FAMILIES, make_tokenizer

pytestmark = pytest.mark.train

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"{name} something.",
            "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        },
    }
    for name in ("Add", "Done")
]
OPENING: list[Message] = [{"role": "system", "content": "Use tools."}, {"role": "user", "content": "Tell the total."}]
TEMPLATES: dict[str, ToolTemplate] = {}


def template(family: str) -> ToolTemplate:
    """One of each family for all examples."""
    if family not in TEMPLATES:
        TEMPLATES[family] = ToolTemplate(make_tokenizer(family), name=family)
    return TEMPLATES[family]


class Script:
    """A generator that says what it is told to."""

    def __init__(self, turns: list[Ids]) -> None:
        self.turns, self.prompts = iter(turns), list[Ids]()

    async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
        """The next of its turns, no longer than allowed."""
        self.prompts.append(prompt)
        ids = next(self.turns)[:max_new_tokens]
        return Completion(ids, [-0.5] * len(ids))


def play(
    one: ToolTemplate, turns: list[Ids], results: list[str], budget: TokenBudget | None = None
) -> tuple[TokenRecord, list[Message]]:
    """A conversation: each turn is answered by a tool if it makes calls, else by the user."""
    session = TokenSession(one, Script(turns), budget or TokenBudget(), TOOLS)

    async def converse() -> list[Message]:
        messages = list(OPENING)
        for result in results:
            message = await session(messages, None)
            messages.append(message)
            calls = message.get("tool_calls") or []
            messages += [tool_message(call, result) for call in calls] or [{"role": "user", "content": "Go on."}]
        return messages

    return session.record, asyncio.run(converse())


def said(one: ToolTemplate, name: str, number: int) -> Ids:
    """A call as the model would say it."""
    call = {"id": "x", "type": "function", "function": {"name": name, "arguments": json.dumps({"n": number})}}
    return one.turn({"role": "assistant", "content": "", "tool_calls": [call]})


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<|>{}"), max_size=20)


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_mask_covers_exactly_what_was_sampled(family: str, data: st.DataObject) -> None:
    one = template(family)
    encoded = one.tokenizer.encode
    kinds = st.one_of(
        st.integers(-99, 999).map(lambda n: said(one, "Add", n)),
        WORDS.map(lambda text: [*encoded(text, add_special_tokens=False), one.turn_end]),
        WORDS.filter(bool).map(lambda text: encoded(text, add_special_tokens=False)),  # cut short
    )
    turns = data.draw(st.lists(kinds, min_size=1, max_size=5))
    results = data.draw(st.lists(WORDS, min_size=len(turns), max_size=len(turns)))
    record, _ = play(one, turns, results)
    assert len(record.ids) == len(record.mask) == len(record.logprobs)
    sampled = [id for id, own in zip(record.ids, record.mask, strict=True) if own]
    assert sampled == [id for turn in turns for id in turn]
    assert all((value == -0.5) == bool(own) for value, own in zip(record.logprobs, record.mask, strict=True))
    assert record.ids[: record.prompt_tokens] == one.prompt(OPENING, TOOLS) and not any(record.mask[: record.prompt_tokens])


@pytest.mark.parametrize("family", FAMILIES)
def test_tokens_of_a_conversation_read_as_the_template_writes_it(family: str) -> None:
    """Where the template leaves what is past alone, the tokens are those of the whole conversation rendered at once."""
    one = template(family)
    record, messages = play(one, [said(one, "Add", n) for n in (1, 22)], ["3", "forty"])
    text = one.tokenizer.decode(record.ids)
    assert text.count("forty") == 0, "what was told after the last turn is rendered when there is a next one"
    whole = one.tokenizer.apply_chat_template(
        [*OPENING, *[one_with_objects(message) for message in messages[2:-1]]], tools=TOOLS, tokenize=False
    )
    thoughtless = {"qwen3", "qwq"}  # one adds an empty thought to its last turn, the other's prompt begins one
    if family not in thoughtless:
        assert text == whole.rstrip("\n")
    assert [step in text for step in ("3", '"n": 22', "Tell the total.")] == [True] * 3


def one_with_objects(message: Message) -> Message:
    """Arguments as objects, and no ids."""
    if not message.get("tool_calls"):
        return message
    calls = [
        {"type": "function", "function": {**call["function"], "arguments": json.loads(call["function"]["arguments"])}}
        for call in message["tool_calls"]
    ]
    return {**message, "content": "", "tool_calls": calls}


@pytest.mark.parametrize("family", FAMILIES)
def test_calls_are_read_back_and_broken_ones_stay_calls(family: str) -> None:
    """A malformed call becomes one with a text for arguments, which the environment refuses: the model sees why."""
    one = template(family)
    prompt = one.prompt(OPENING, TOOLS)
    right = one.read(said(one, "Add", 7)[:-1], prompt, TOOLS, 0)
    (call,) = right["tool_calls"]
    assert call["function"]["name"] == "Add" and json.loads(call["function"]["arguments"]) == {"n": 7}
    text = one.tokenizer.decode(said(one, "Add", 7)[:-1])
    broken = one.tokenizer.encode(text.replace("7}", "7"), add_special_tokens=False)
    (call,) = one.read(broken, prompt, TOOLS, 0)["tool_calls"]
    assert not isinstance(loaded(call["function"]["arguments"]), dict)
    assert not one.read(one.tokenizer.encode("It is 7.", add_special_tokens=False), prompt, TOOLS, 0).get("tool_calls")


@pytest.mark.parametrize("family", [name for name in FAMILIES if not name.startswith("llama")])
@pytest.mark.parametrize("inside", ["5", "[1, 2]", '"Add"', "null", '{"name": 5}', '{"arguments": {}}', "{}", "", "\x00"])
def test_whatever_stands_between_the_tags_is_a_call_that_fails(family: str, inside: str) -> None:
    """Seen in training: a number where a call should be, valid JSON and all."""
    one = template(family)
    said = one.tokenizer.encode(f"<tool_call>\n{inside}\n</tool_call>", add_special_tokens=False)
    (call,) = one.read(said, one.prompt(OPENING, TOOLS), TOOLS, 0)["tool_calls"]
    assert call["function"]["name"] == "" and isinstance(call["function"]["arguments"], str)
    assert not isinstance(loaded(call["function"]["arguments"]), dict) or inside.startswith("{")


def loaded(text: str) -> Any:
    """JSON, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


@pytest.mark.parametrize("family", FAMILIES)
def test_demonstration_has_the_tokens_of_the_same_rollout(family: str) -> None:
    """Supervised training sees what rollouts see."""
    one = template(family)
    record, messages = play(one, [said(one, "Add", n) for n in (5, 6, 7)], ["5", "11", "18"])
    shown = encode(one, messages, TOOLS)
    assert (shown.ids, shown.mask, shown.prompt_tokens, shown.turns) == (
        record.ids,
        record.mask,
        record.prompt_tokens,
        record.turns,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_budget_of_tokens_ends_the_rollout(family: str) -> None:
    one = template(family)
    turns = [said(one, "Add", n) for n in range(9)]
    record, messages = play(one, turns, ["1"] * 9, TokenBudget(response=len(turns[0]) * 3))
    assert record.spent and len(record.turns) < 9 and not messages[-2].get("tool_calls")
    one_too_long, _ = play(one, turns[:1], ["1"], TokenBudget(turn=3))
    assert sum(one_too_long.mask) == 3 and one_too_long.ids[-1] == one.turn_end


@pytest.mark.parametrize("family", FAMILIES)
def test_fork_of_a_session_shares_its_past_and_none_of_its_loss(family: str) -> None:
    one = template(family)
    script = Script([said(one, "Add", n) for n in (1, 2, 3)])
    session = TokenSession(one, script, TokenBudget(), TOOLS)

    async def converse() -> TokenSession:
        messages = list(OPENING)
        for result in ("1", "3"):
            message = await session(messages, None)
            messages += [message, tool_message(message["tool_calls"][0], result)]
        fork = session.fork(1)
        await fork(messages[:4], None)
        return fork

    fork = asyncio.run(converse())
    assert script.prompts[2] == script.prompts[1], "the other way begins from the same tokens"
    assert sum(fork.record.mask) == len(said(one, "Add", 3))
    assert fork.record.ids[: session.record.turns[0]] == session.record.ids[: session.record.turns[0]]


def test_template_without_tools_is_refused() -> None:
    tokenizer = make_tokenizer("qwen3")
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }}<|im_end|>{% endfor %}"
    with pytest.raises(PolicyError, match="knows no tools"):
        ToolTemplate(tokenizer)
