"""The task of a published environment that comes without any."""

from typing import Any

import pytest

from codegym_mcp.published import read_published
from codegym_mcp.published_config import LITERAL
from codegym_mcp.published_default import default_task
from tests.test_published import environment

REQUIRED = "\n    def __init__(self, env_str): self.reset()\n"
KEYWORD = "\n    def __init__(self, *, size): self.reset()\n"


def config(main: str = "", **changes: str) -> Any:
    """The configuration of the default task, None where there is none."""
    lines = "".join(f"    {line}\n" for line in main.splitlines())
    source = environment(**changes) + (f'if __name__ == "__main__":\n{lines}' if lines else "")
    task = default_task(read_published(source, name="Own_1_I__OwnEnv", where="own.py"))
    if task is None:
        return None
    assert (task.environment, task.id) == ("Own_1_I__OwnEnv", "default")
    return task.config


def test_the_first_configuration_of_the_main_section_is_played() -> None:
    assert config("tests = ['OwnEnv@{\"size\": 3}', \"OwnEnv@{'size': 4}\"]\nprint('done')") == {"size": 3}
    assert config("for test in ['OwnEnv@{1: 2}']:\n    print(test)") == {LITERAL: "{1: 2}"}


def test_the_first_line_is_first_however_deep_it_stands() -> None:
    assert config("if True:\n    run(['OwnEnv@{\"size\": 3}'])\nlast = 'OwnEnv@{}'") == {"size": 3}


@pytest.mark.parametrize("main", ["x = 'OtherEnv@{\"size\": 3}'", "x = f'OwnEnv@{options}'", "x = 'OwnEnv@' + text", "pass"])
def test_without_a_written_configuration_the_defaults_of_the_class_are_played(main: str) -> None:
    assert config(main) == config() == {}


def test_texts_outside_the_main_section_are_no_configurations() -> None:
    assert config(top="EXAMPLE = 'OwnEnv@{\"size\": 3}'") == {}


@pytest.mark.parametrize("init", [REQUIRED, KEYWORD])
def test_a_constructor_that_demands_arguments_has_no_defaults(init: str) -> None:
    assert config(init=init) is None
    assert config("x = 'OwnEnv@{\"size\": 3}'", init=init) == {"size": 3}


@pytest.mark.parametrize("init", ["", "\n    def __init__(self, env_str=None, *, size=3): self.reset()\n"])
def test_a_constructor_without_demands_has_defaults(init: str) -> None:
    assert config(init=init) == {}
