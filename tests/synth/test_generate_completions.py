"""The memory of completions: nothing is lost, nothing is mixed up, damage is noticed, two writers agree."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.generate.completions import Completion, Completions, completion_key, dump, load, slug
from synth.generate.recorded import NotRecorded, Prices, RecordedModel, Spending

MESSAGES = [{"role": "user", "content": "Say one."}]
KEY = completion_key("m", MESSAGES, {"temperature": 0.5}, 1)


def completion(text: str = "one\n", key: str = KEY, tokens: int | None = 7) -> Completion:
    return Completion(
        key=key,
        problem="a/b",
        step="solver-01",
        model="m",
        sample=1,
        finish_reason="stop",
        prompt_tokens=tokens,
        completion_tokens=tokens,
        created="2026-01-01T00:00:00+00:00",
        text=text,
    )


def find(completions: Completions) -> Completion | None:
    return completions.find(KEY, "a/b", "solver-01")


def only_file(root: Path) -> Path:
    (path,) = root.glob("*/*")
    return path


@given(st.text() | st.text(alphabet=["\r", "\n", "\ud800", "\0", "{", '"']))
def test_text_comes_back_as_it_was(text: str) -> None:
    assert load(dump(completion(text))) == completion(text)


def test_kept_completion_is_found_by_whoever_looks_later(tmp_path: Path) -> None:
    assert find(Completions(tmp_path)) is None
    kept = Completions(tmp_path).keep(completion())
    assert find(Completions(tmp_path)) == kept == completion()
    assert Completions(tmp_path).find(KEY, "renamed", "otherwise") == kept


def test_file_is_named_after_problem_and_step(tmp_path: Path) -> None:
    Completions(tmp_path).keep(completion())
    path = only_file(tmp_path)
    assert path.name.startswith("solver-01.") and path.read_bytes().endswith(b"\none\n")


def test_file_that_ends_early_anywhere_is_noticed(tmp_path: Path) -> None:
    Completions(tmp_path).keep(completion())
    path = only_file(tmp_path)
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        completions = Completions(tmp_path)
        assert find(completions) is None
        assert len(completions.damaged) == 1 and str(path) in completions.damaged[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"one", b"two"),
        lambda data: data + b" ",
        lambda data: data.replace(KEY.encode(), b"0" * 64),
        lambda data: data.replace(b'"finish_reason"', b'"finished"'),
        lambda data: b"[]\n" + data,
        lambda data: b"\xff" * 100,
    ],
)
def test_changed_file_is_noticed_and_replaced(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    Completions(tmp_path).keep(completion())
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    completions = Completions(tmp_path)
    assert find(completions) is None and completions.damaged
    completions.keep(completion("one, again\n"))
    assert find(Completions(tmp_path)) == completion("one, again\n")
    assert list(tmp_path.glob("*/.*")) == []


def test_first_of_many_writers_stays(tmp_path: Path) -> None:
    texts = [f"{number}\n" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda text: Completions(tmp_path).keep(completion(text)), texts))
    assert len({one.text for one in kept}) == 1
    assert find(Completions(tmp_path)) == kept[0]
    assert len(list(tmp_path.glob("*/*"))) == 1


def test_every_part_of_a_request_is_part_of_its_key() -> None:
    other = [{"role": "user", "content": "Say one!"}]
    keys = {
        completion_key(model, messages, sampling, sample)
        for model, messages, sampling, sample in itertools.product(
            ("m", "n"), (MESSAGES, other, MESSAGES + other), ({}, {"temperature": 0.5}, {"temperature": 1.0}), (1, 2)
        )
    }
    assert len(keys) == 36
    assert completion_key("m", MESSAGES, {"a": 1, "b": 2}, 1) == completion_key("m", MESSAGES, {"b": 2, "a": 1}, 1)


def test_ids_never_share_a_folder() -> None:
    ids = ["a/b", "a_b", "A/b", "a:b", "ä", "..", "", "x" * 200, "x" * 201, "con"]
    names = {slug(id) for id in ids}
    assert len(names) == len(ids)
    assert all("/" not in name and name not in ("", ".", "..") for name in names)


async def test_offline_tells_which_prompt_is_missing_and_whether_it_has_changed(tmp_path: Path) -> None:
    model = RecordedModel("m", Completions(tmp_path))
    for expected in ("nothing is, under any prompt", "there is one for another prompt"):
        with pytest.raises(NotRecorded) as caught:
            await model.ask(MESSAGES, problem="a/b", step="solver-01", temperature=0.1)
        assert expected in str(caught.value) and "solver-01 of a/b" in str(caught.value) and "Say one." in str(caught.value)
        model.completions.keep(completion())


async def test_recorded_completion_is_recalled_offline(tmp_path: Path) -> None:
    Completions(tmp_path).keep(completion())
    model = RecordedModel("m", Completions(tmp_path))
    assert await model.ask(MESSAGES, problem="a/b", step="solver-01", temperature=0.5) == completion()
    assert (model.spending.asked, model.spending.recalled, model.spending.recalled_tokens) == (0, 1, 14)


def test_cost_is_told_only_where_prices_are() -> None:
    spending = Spending()
    spending.add(completion(tokens=1_000_000), recalled=False)
    spending.add(completion(tokens=500_000), recalled=True)
    assert spending.cost(Prices(prompt=2.0, completion=10.0)) == 12.0
    assert spending.report() == "1 completions asked for (1,000,000 + 1,000,000 tokens), 1 recalled (1,000,000 tokens)"
    spending.add(completion(tokens=None), recalled=False)
    assert spending.report(Prices(2.0, 10.0)).endswith("1 without a token count, cost 12.0000 at least")
