"""One training record as a task: its identifier, configuration, prompt, budget and id."""

from collections.abc import Iterator
from typing import Any

import pytest

from codegym_mcp.errors import InvalidTask
from codegym_mcp.published_config import LITERAL
from codegym_mcp.published_tasks import parse_ability, read_task, task_ids

MODULE = "Own_1_I__OwnEnv"


class Array:
    """Stands for the numpy array that a list becomes on its way through parquet and pandas."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


def record(**changes: Any) -> dict[str, Any]:
    """A training record."""
    return {
        "ability": f'codegym_v1@{MODULE}@{{"size": 3}}',
        "answer": "There is no answer",
        "code_id": "Own_1_I",
        "data_source": "codegym_v1",
        "plugin_call_max_round": 256,
        "prompt": [
            {"role": "system", "name": "functions", "content": "tools"},
            {"role": "user", "name": "", "content": "Do it."},
        ],
        "extra_info": {"index": "17"},
        **changes,
    }


def read(**changes: Any) -> Any:
    return read_task(record(**changes), environment=MODULE, id="0", where="tasks.jsonl", line=4)


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ('codegym_v1@Own_1_I__OwnEnv@{"a": [1, 2.5, "x"]}', {"a": [1, 2.5, "x"]}),
        ("Own_1_I__OwnEnv@{}", {}),
        ('Own_1_I__OwnEnv@{"a": true, "b": false, "c": null}', {"a": True, "b": False, "c": None}),
        ("Own_1_I__OwnEnv@{'a': True, 'b': None}", {"a": True, "b": None}),
        ("Own_1_I__OwnEnv@{'a': [(0, 1), (2, 3)]}", {"a": [(0, 1), (2, 3)]}),
        ("Own_1_I__OwnEnv@{'a': {1, 2}, 3: b'x'}", {"a": {1, 2}, 3: b"x"}),
        ('Own_1_I__OwnEnv@{"mail": "ann@home", "b@d": "codegym_v1@x__y"}', {"mail": "ann@home", "b@d": "codegym_v1@x__y"}),
        ("Own_1_I__OwnEnv@ {'a': '\\d'}", {"a": "\\d"}),
    ],
)
def test_an_ability_is_cut_at_its_first_at_sign_and_read_as_json_then_as_a_literal(text: str, config: dict[str, Any]) -> None:
    """The published classes cut at every `@`, and read literals only."""
    assert parse_ability(text) == (MODULE, config)


def test_a_module_id_is_cut_at_its_first_double_underscore() -> None:
    assert parse_ability("codegym_v1@Own_1_I__Own__Env@{}")[0] == "Own_1_I__Own__Env"


def test_the_stem_of_a_file_is_a_module_id_too() -> None:
    assert parse_ability("OwnEnv@{}") == ("OwnEnv", {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "codegym_v1@",
        "@{}",
        "__OwnEnv@{}",
        "Own_1_I__@{}",
        "Own_1_I__Own Env@{}",
        "Own_1_I__OwnEnv",
        "Own_1_I__OwnEnv@",
        "Own_1_I__OwnEnv@[1]",
        "Own_1_I__OwnEnv@'text'",
        "Own_1_I__OwnEnv@{broken",
        "Own_1_I__OwnEnv@dict(a=1)",
        "Own_1_I__OwnEnv@" + "[" * 100_000,
        "Own_1_I__OwnEnv@" + "-" * 100_000 + "1",
        "Own_1_I__OwnEnv@{[]: 1}",
    ],
)
def test_a_wrong_ability_is_a_typed_error(text: str) -> None:
    with pytest.raises(InvalidTask) as caught:
        parse_ability(text, where="tasks.jsonl", line=4)
    assert (caught.value.where, caught.value.line) == ("tasks.jsonl", 4)
    assert caught.value.problem.startswith("ability: ")


def test_a_record_becomes_a_task() -> None:
    task = read(plugin_call_max_round=512)
    assert (task.environment, task.id, task.config, task.max_steps) == (MODULE, "0", {"size": 3}, 512)
    assert task.prompt == "Do it."


def test_a_configuration_that_json_cannot_carry_is_kept_as_its_text() -> None:
    assert read(ability=f"codegym_v1@{MODULE}@{{'at': (1, 2)}}").config == {LITERAL: "{'at': (1, 2)}"}


def test_the_order_of_fields_does_not_matter() -> None:
    """It differs between the published files."""
    backwards = dict(reversed(record().items()))
    assert read_task(backwards, environment=MODULE, id="0", where="x") == read()


@pytest.mark.parametrize("data_source", ["codegym_v1", "codegym_gym_v1"])
def test_both_spellings_of_the_data_source_are_read(data_source: str) -> None:
    assert read(data_source=data_source) == read()


def test_the_prompt_is_the_first_user_turn_as_it_is() -> None:
    """Later turns may be the oracle's."""
    text = '  Call: <|FunctionCallBegin|>[{"name": "Observe", "parameters": {}}]<|FunctionCallEnd|>\n'
    turns = [
        {"role": "system", "name": "functions", "content": "tools"},
        {"role": "user", "name": "", "content": text},
        {"role": "user", "name": "", "content": "Submit 5."},
    ]
    assert read(prompt=turns).prompt == text
    assert read(prompt=tuple(turns)).prompt == text


def test_a_prompt_may_be_an_array() -> None:
    assert read(prompt=Array(record()["prompt"])).prompt == "Do it."


def test_a_missing_budget_is_the_usual_one() -> None:
    assert read(plugin_call_max_round=None).max_steps == 256


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ability": None}, "ability: expected '<code_id>__<EnvName>@<config>', got ''"),
        ({"ability": "Other_1_I__OwnEnv@{}"}, "ability: expected the environment 'Own_1_I__OwnEnv', got 'Other_1_I__OwnEnv'"),
        ({"prompt": "Do it."}, "prompt: expected a list with a user turn, got 'Do it.'"),
        ({"prompt": None}, "prompt: expected a list with a user turn, got None"),
        ({"prompt": [{"role": "user"}]}, "prompt: expected a list with a user turn, got [{'role': 'user'}]"),
        ({"plugin_call_max_round": 0}, "plugin_call_max_round: expected an integer from 1 to 100000, got 0"),
        ({"plugin_call_max_round": "many"}, "plugin_call_max_round: expected an integer from 1 to 100000, got 'many'"),
        ({"plugin_call_max_round": True}, "plugin_call_max_round: expected an integer from 1 to 100000, got True"),
    ],
)
def test_a_wrong_field_is_told_with_file_line_field_and_what_was_expected(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidTask) as caught:
        read(**changes)
    assert str(caught.value) == f"tasks.jsonl:4: {problem}"


def test_ids_are_the_indices_where_each_record_has_its_own() -> None:
    assert task_ids([record(), record(extra_info={"index": "18"})]) == ["17", "18"]


@pytest.mark.parametrize("extra_info", [{"index": "17"}, {"index": ""}, {}, None, {"index": "a/b"}])
def test_ids_are_numbers_where_indices_repeat_are_missing_or_unfit(extra_info: Any) -> None:
    assert task_ids([record(), record(extra_info=extra_info)]) == ["0", "1"]


def test_an_unreadable_record_does_not_change_the_ids_of_the_others() -> None:
    assert task_ids([record(), {}, record(extra_info={"index": "18"})]) == ["17", "1", "18"]
