"""The published-format fixtures are what they claim to be: solvable, and odd in the ways that real files are.

They are our own code, so they are executed here, in process, beside a `gymnasium` that has nothing but `Env`.
"""

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.published_config import from_json
from codegym_mcp.published_data import open_published
from codegym_mcp.types import Task

FIXTURES = Path(__file__).parent / "fixtures" / "published"
DATA = open_published(FIXTURES)
assert DATA is not None
TASKS = [task for name in DATA.names() for task in DATA.tasks(name)]


@pytest.fixture(autouse=True)
def gymnasium(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub that the sandbox has too."""
    module = types.ModuleType("gymnasium")
    module.Env = type("Env", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gymnasium", module)


def load(name: str) -> Any:
    """The class of a fixture, by its class name or its module id."""
    assert DATA is not None
    definition = DATA.definition(next(module for module in DATA.names() if module.endswith(name)))
    namespace: dict[str, Any] = {"__name__": "fixture"}
    exec(compile(definition.source, definition.where, "exec"), namespace)
    return namespace[definition.class_name]


def new(name: str, config: dict[str, Any]) -> Any:
    """An episode of a fixture, built as its `__init__` demands."""
    cls, options = load(name), from_json(config)
    if cls.__name__ == "CalibratedScaleEnv":
        return cls.from_env_str(f"CalibratedScaleEnv@{options!r}")
    env = cls()
    env.reset(options)
    return env


def call(env: Any, tool: str, parameters: Any) -> str:
    """One tool call, through the class's own step."""
    succeeded, text = env.step(json.dumps({"name": tool, "parameters": parameters}))
    assert succeeded is True
    return str(text)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.environment}-{task.id}")
def test_the_oracle_of_every_task_ends_with_reward_1(task: Task) -> None:
    env, pristine = new(task.environment, task.config), new(task.environment, task.config)
    env.solve()
    reference = json.loads(json.dumps(pristine.get_ref_answer()))
    assert (env.finished, env.reward, env.get_ref_answer()) == (True, 1.0, reference)
    assert (env.step_count > 256) is (task.max_steps == 512)


def test_a_default_construction_and_reset_are_what_from_env_str_gives_except_where_init_keeps_configuration() -> None:
    config = {"weights": {"egg": 1}, "offset": 2}
    scale, usual = load("CalibratedScaleEnv"), load("LongTallyEnv")
    env = scale()
    env.reset(config)
    assert vars(env) != vars(scale.from_env_str(f"CalibratedScaleEnv@{config!r}"))
    env = usual()
    env.reset({"rows": 2})
    assert vars(env) == vars(usual.from_env_str("LongTallyEnv@{'rows': 2}"))


def test_an_at_sign_or_json_in_the_configuration_fails_in_from_env_str() -> None:
    with pytest.raises(SyntaxError):
        load("MailboxSorterEnv").from_env_str('MailboxSorterEnv@{"domain": "a@b"}')
    with pytest.raises(ValueError, match="malformed node"):
        load("LampRowEnv").from_env_str('LampRowEnv@{"lamps": [true]}')


def test_the_oracle_sends_infinity_where_int_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    env = new("ShortestWindowEnv", {"values": [1, 2], "target": 2})
    sent: list[str] = []
    step = env.step
    monkeypatch.setattr(env, "step", lambda action: sent.append(action) or step(action), raising=False)
    env.solve()
    assert any('"best": Infinity' in action for action in sent)


def test_step_converts_what_a_direct_method_call_does_not() -> None:
    env = new("SubsetBalanceEnv", {"weights": [1, 1]})
    assert call(env, "ExtendSums", {"sums": [0, 0], "weight": 1}) == "[0, 1]"
    with pytest.raises(TypeError):
        env.ExtendSums([0], 1)


def test_an_exception_after_half_of_a_change_is_a_text_and_keeps_the_half() -> None:
    env = new("WarehouseTransferEnv", {"stock": {"a": 5}, "orders": []})
    assert call(env, "Move", {"origin": "a", "target": "nowhere", "amount": 2}) == "Error: 'nowhere'"
    assert call(env, "StockOf", {"site": "a"}) == "3"


def test_the_reference_is_written_into_the_state() -> None:
    env = new("StaircaseWaysEnv", {"steps": 4, "strides": [1]})
    assert call(env, "WaysAt", {"step_number": 4}) == "0"
    env.get_ref_answer()
    assert call(env, "WaysAt", {"step_number": 4}) == "1"


def test_failures_are_told_in_both_published_ways() -> None:
    assert json.loads(call(new("LockerHallEnv", {}), "ToggleEvery", {"stride": 0})).keys() == {"error"}
    assert call(new("LongTallyEnv", {}), "ReadCell", {"row": 9, "column": 0}).startswith("Error: ")


def test_done_with_a_tolerance_raises_for_a_text_and_does_not_finish() -> None:
    env = new("TrimmedMeanEnv", {"values": [1, 2, 4]})
    assert call(env, "Done", {"answer": "2"}).startswith("Error: unsupported operand")
    assert (env.finished, env.reward) == (False, 0.0)
    assert call(env, "Done", {"answer": 2.009}).endswith("reward=1")


def test_done_prints_the_reference_and_may_be_repeated() -> None:
    env = new("RangeSumEnv", {"values": [1, 2, 3], "low": 0, "high": 1})
    assert call(env, "Done", {"answer": 0}) == "Submitted: 0, reference: 3, result: wrong, reward=0"
    assert call(env, "Done", {"answer": 3}).endswith("reward=1")


@pytest.mark.parametrize(("answer", "right"), [(5.0, True), ("5", False), (5, True), (4, False)])
def test_answers_are_compared_by_python(answer: object, right: bool) -> None:
    env = new("HiddenPeakEnv", {"heights": [1, 2, 3, 4, 5, 6]})
    call(env, "Done", {"answer": answer})
    assert bool(env.reward) is right


def test_null_parameters_fail_where_a_parameter_is_looked_for() -> None:
    assert call(new("PairCounterEnv", {}), "CountPairsBelow", None).startswith("Error: argument of type 'NoneType'")
    assert call(new("PairCounterEnv", {}), "Observe", None).startswith("{")
    assert call(new("TramLineEnv", {}), "NextStop", {}) == "Harbour"


def test_malformed_calls_raise_the_step_count() -> None:
    env = new("TramLineEnv", {})
    assert env.step("not JSON")[1].startswith("Error: ")
    assert call(env, "Fly", {}) == "Error: there is no tool Fly"
    assert env.step_count == 2


def test_states_hold_what_json_cannot() -> None:
    assert {type(value).__name__ for value in vars(new("TicketQueueEnv", {})).values()} >= {"deque", "set"}
    assert isinstance(new("LetterPoolEnv", {}).pool, set)
    assert list(new("StaircaseWaysEnv", {}).ways) == [0]


def test_a_foreign_step_takes_a_list_of_one_call_and_returns_the_bare_text() -> None:
    assert new("EchoLadderEnv", {}).step('[{"name": "Climb", "parameters": {"rungs": 4}}]') == "4"
