"""generate through a real OpenAI-compatible endpoint on the loopback interface: the same bytes, and nothing is asked twice."""

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp.errors import PolicyError
from synth.generate.completions import Completion, Completions
from synth.generate.generate import Settings, generate
from synth.problem import Candidate, Rejection
from tests.conftest import PATIENCE_S, fast_pool

pytest.importorskip("openai", reason="chat models need the extra `chat`")
from tests.synth.completions import (
    GOOD,
    NAMES,
    WRONG,
    Endpoint,
    dumped,
    offline,
    read_problem,
    recorded,
    said,
    wrong_problem,
    wrong_settings,
)

QUESTION: dict[str, Any] = {"problem": "p", "step": "s", "temperature": 0.5}
ASKED = [{"role": "user", "content": "Say one."}]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if n % 3 else name for n, name in enumerate(NAMES)]
)
async def test_endpoint_and_recordings_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint([GOOD]).running() as endpoint, fast_pool() as pool:
            expected = dumped(await recorded(pool, name))
            model = endpoint.model(tmp_path)
            assert dumped(await generate(model, pool, read_problem(name))) == expected
    assert (model.spending.asked, model.spending.recalled) == (15, 0)
    assert list(endpoint.requests.values()) == [1] * 15
    assert {body["temperature"] for body in endpoint.bodies} == {0.7, 1.0}


async def test_run_can_be_replayed_without_its_endpoint(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as pool:
            expected = dumped(await recorded(pool, NAMES[2]))
            async with Endpoint([GOOD]).running() as endpoint:
                await generate(endpoint.model(tmp_path), pool, read_problem(NAMES[2]))
            assert dumped(await generate(offline(tmp_path), pool, read_problem(NAMES[2]))) == expected


async def test_mistake_is_told_to_the_model_with_its_own_reply(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint([WRONG / "syntax_error"]).running() as endpoint, fast_pool() as pool:
            await recorded(pool, NAMES[0])
            problem, inputs = await wrong_problem(pool)
            candidate = await generate(endpoint.model(tmp_path), pool, problem, inputs, settings=wrong_settings("syntax_error"))
    assert isinstance(candidate, Candidate)
    first, second, *_ = endpoint.bodies
    assert second["messages"][:2] == first["messages"]
    _, _, own, feedback = second["messages"]
    assert own["role"] == "assistant" and "class TwoShelves" in own["content"]
    assert feedback["role"] == "user" and "env.py:18: not valid Python" in feedback["content"]


async def test_endpoint_that_is_busy_or_broken_for_a_while_is_asked_again(tmp_path: Path) -> None:
    faults = [429, 500, 503, 429]
    recordings = Endpoint([GOOD])

    def answer(body: dict[str, Any], key: str) -> Completion | int | bytes:
        return faults.pop() if faults else recordings._answer(body, key)

    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=answer).running() as endpoint, fast_pool() as pool:
            expected = dumped(await recorded(pool, NAMES[0]))
            model = endpoint.model(tmp_path, retries=4)
            assert dumped(await generate(model, pool, read_problem(NAMES[0]))) == expected
    assert (sum(endpoint.requests.values()), len(endpoint.requests)) == (19, 15)


async def test_endless_wrong_replies_end_in_a_rejection(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda body, key: said("Of course! Here it is.")).running() as endpoint, fast_pool() as pool:
            rejection = await generate(endpoint.model(tmp_path), pool, read_problem(NAMES[0]), settings=Settings(retries=2))
    assert isinstance(rejection, Rejection) and rejection.reason == "malformed reply"
    assert sum(endpoint.requests.values()) == 4 * 3  # four requests for inputs, each tried three times


async def test_inputs_that_the_original_refuses_are_dropped_or_asked_for_again(tmp_path: Path) -> None:
    lines = [f'{{"left": [{n}, {n + 3}], "right": [{n}], "first": 1, "last": 2}}' for n in range(1, 10)]
    bad = ['{"left": [1], "right": 3, "first": 1, "last": 2}', "{...}", "[]"]

    def answer(body: dict[str, Any], key: str) -> Completion:
        mended = len(body["messages"]) > 2
        wrong = 2 if mended or "half of them small" in body["messages"][1]["content"] else 3
        return said("<inputs>\n" + "\n".join([*lines[:8], *bad[:wrong]]) + "\n</inputs>")

    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=answer).running() as endpoint, fast_pool() as pool:
            settings = Settings(retries=1)
            rejection = await generate(endpoint.model(tmp_path), pool, read_problem("two_shelves"), settings=settings)
    assert isinstance(rejection, Rejection) and rejection.reason == "too few inputs" and "got 8" in rejection.detail
    told = [body["messages"][-1]["content"] for body in endpoint.bodies if len(body["messages"]) > 2]
    assert len(told) == 2 and all("3 of 11 are wrong" in text and "not a JSON object" in text for text in told)


async def test_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Whatever the moment: what had been answered is not asked for again."""
    problem = read_problem(NAMES[1])
    with anyio.fail_after(4 * PATIENCE_S):
        async with fast_pool() as pool:
            expected = dumped(await recorded(pool, NAMES[1]))
            for moment in (1, 5, 11):
                root = tmp_path / str(moment)
                async with Endpoint([GOOD]).running() as endpoint:
                    run = asyncio.create_task(generate(endpoint.model(root, at_once=1), pool, problem))
                    while sum(endpoint.requests.values()) < moment:
                        await asyncio.sleep(0)
                    run.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await run
                    kept = {completion.key for completion in all_kept(root)}
                    assert moment - 1 <= len(kept) <= moment
                    before = dict(endpoint.requests)
                    assert dumped(await generate(endpoint.model(root), pool, problem)) == expected
                    assert all(endpoint.requests[key] == before[key] for key in kept)
                    assert len(endpoint.requests) == 15


def all_kept(root: Path) -> list[Completion]:
    return [one for path in root.glob("*/*.txt") if (one := Completions(root)._read(path, None)) is not None]


async def test_endpoint_that_dies_loses_only_what_was_not_answered(tmp_path: Path) -> None:
    recordings = Endpoint([GOOD])

    def answer(body: dict[str, Any], key: str) -> Completion | int | bytes:
        return 500 if list(endpoint.requests).index(key) >= 6 else recordings._answer(body, key)

    problem = read_problem(NAMES[0])
    with anyio.fail_after(PATIENCE_S):
        async with fast_pool() as pool:
            await recorded(pool, NAMES[0])
            async with Endpoint(answer=answer).running() as endpoint:
                with pytest.raises(PolicyError, match="InternalServerError"):
                    await generate(endpoint.model(tmp_path), pool, problem)
            async with Endpoint([GOOD]).running() as second:
                assert isinstance(await generate(second.model(tmp_path), pool, problem), Candidate)
    assert len(second.requests) == 15 - 6


async def test_damaged_completion_is_asked_for_again(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda body, key: said("one")).running() as endpoint:
            await endpoint.model(tmp_path).ask(ASKED, **QUESTION)
            (path,) = tmp_path.glob("*/*.txt")
            path.write_bytes(path.read_bytes()[:-1])
            model = endpoint.model(tmp_path)
            assert (await model.ask(ASKED, **QUESTION)).text == "one"
            assert len(model.completions.damaged) >= 1 and model.spending.asked == 1
            assert (await offline(tmp_path).ask(ASKED, **QUESTION)).text == "one"


async def test_no_more_requests_than_allowed_are_under_way(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda body, key: said("x"), gate=3, pause_s=0.1).running() as endpoint:
            model = endpoint.model(tmp_path, at_once=3)
            await asyncio.gather(*(model.ask(ASKED, sample=number, **QUESTION) for number in range(12)))
    assert endpoint.most_at_once == 3


async def test_request_made_twice_at_once_is_one_request(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda body, key: said("x")).running() as endpoint:
            model = endpoint.model(tmp_path)
            first, second = await asyncio.gather(model.ask(ASKED, **QUESTION), model.ask(ASKED, **QUESTION))
    assert first == second and sum(endpoint.requests.values()) == 1


async def test_sampling_is_sent_and_is_part_of_the_key(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda body, key: said("x")).running() as endpoint:
            for top_p in (0.5, 0.9):
                await endpoint.model(tmp_path, top_p=top_p, max_tokens=64).ask(ASKED, **QUESTION)
    assert [(body["top_p"], body["max_tokens"], body["temperature"]) for body in endpoint.bodies] == [
        (0.5, 64, 0.5),
        (0.9, 64, 0.5),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [null]}',
        b'{"choices": [{"message": "x"}]}',
        b"[1]",
        b"null",
        b'"x"',
    ],
)
async def test_endpoint_that_talks_nonsense_is_an_error_and_nothing_is_kept(tmp_path: Path, body: bytes) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda _body, _key: body).running() as endpoint:
            with pytest.raises(PolicyError, match="written-by-hand"):
                await endpoint.model(tmp_path).ask(ASKED, **QUESTION)
    assert list(tmp_path.rglob("*.txt")) == []


async def test_refusal_and_missing_usage_are_recorded_as_such(tmp_path: Path) -> None:
    body = b'{"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "refusal": "No."}}]}'
    with anyio.fail_after(PATIENCE_S):
        async with Endpoint(answer=lambda _body, _key: body).running() as endpoint:
            model = endpoint.model(tmp_path)
            completion = await model.ask(ASKED, **QUESTION)
    assert (completion.text, completion.finish_reason, completion.prompt_tokens) == ("No.", "refusal", None)
    assert model.spending.uncounted == 1
