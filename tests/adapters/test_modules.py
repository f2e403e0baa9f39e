"""Each adapter needs its own framework, and the library needs none of them."""

import sys

import pytest

from tests.test_layers import PACKAGE, imports, loaded

ADAPTERS = PACKAGE / "adapters"
FRAMEWORKS = {
    "__init__": set(),
    "servers": {"pydantic"},
    "stepped": set(),
    "verl": {"verl"},
    "skyrl": {"skyrl_gym"},
    "skyrl_generator": {"skyrl"},
    "verifiers": {"verifiers"},
    "openenv": {"openenv"},
    "inspect": {"inspect_ai"},
}


def test_every_adapter_is_named_here() -> None:
    assert {file.stem for file in ADAPTERS.glob("*.py")} == set(FRAMEWORKS)


@pytest.mark.parametrize("name", sorted(FRAMEWORKS))
def test_adapter_imports_its_own_framework_alone(name: str) -> None:
    known = {module.split(".")[0] for module in imports(ADAPTERS / f"{name}.py")}
    assert known - {"codegym_mcp", *sys.stdlib_module_names} == FRAMEWORKS[name]


def test_nothing_of_the_library_imports_adapters() -> None:
    others = [file for file in PACKAGE.rglob("*.py") if ADAPTERS not in file.parents]
    assert [file for file in others if any(module.startswith("codegym_mcp.adapters") for module in imports(file))] == []


def test_what_adapters_share_needs_no_mcp_sdk() -> None:
    """verifiers wants mcp 2.0.0 exactly and OpenEnv mcp 1, so ours must not be needed beside them."""
    assert loaded(code="import codegym_mcp.adapters.stepped").isdisjoint(
        {"mcp", "torch", "transformers", "openai", "starlette"}
    )
