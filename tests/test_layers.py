"""Imports point down: what may know of what, and what a user's first command must not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "codegym_mcp"
LAYERS = [
    "errors types",
    "environment journal progress schema statistics store wire published_files published_tasks",
    "definition",
    "published",
    "published_data arguments",
    "catalog sandbox",
    "episode",
    "agent_wire gym",
    "agent_plane control_plane remote",
    "fast_lane client process",
    "rollout",
    "http_server policies",
    "bench answers leaks replay report adapters",
    "check",
    "card",
    "cli",
    "__main__",
]
"""From the bottom up. A module may import from the lines above its own here, and within its own package."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
APPS = ("synth", "trainer", "eval")
HEAVY = ("torch", "trl", "vllm", "litellm", "transformers", "openai", "pyarrow", "mcp", "starlette", "uvicorn")
IN_THE_CHILD = ("confine", "digest", "frames", "plain", "probe", "seccomp", "worker", "zygote")
"""Files of the sandbox that run in a worker, or in the process it is forked from."""


def imports(file: Path) -> set[str]:
    """Every module that a file imports, wherever it does, for types only included; `from x import y` counts as x.y too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(module: str) -> str:
    """The part of the package that a module belongs to."""
    return module.split(".")[1]


def test_imports_point_down_and_never_sideways() -> None:
    wrong = []
    for file in sorted(PACKAGE.rglob("*.py")):
        own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        assert own in RANK, f"{own} has no layer yet: give it one in LAYERS"
        known = {layer(module): module for module in imports(file) if module.startswith("codegym_mcp.")}
        above = [module for name, module in known.items() if name != own and RANK.get(name, -1) >= RANK[own]]
        wrong += [f"{file.relative_to(ROOT)} imports {module}" for module in above]
    assert wrong == []


def test_every_layer_is_a_module_that_exists() -> None:
    assert {name for name in RANK if not (PACKAGE / f"{name}.py").exists() and not (PACKAGE / name).is_dir()} == set()


def test_library_knows_nothing_of_environments_and_apps() -> None:
    """`servers` are data to it, and `synth`, `trainer` and `eval` are built upon it."""
    known = {module.split(".")[0] for file in PACKAGE.rglob("*.py") for module in imports(file)}
    assert known.isdisjoint({"servers", "tests", *APPS})


@pytest.mark.parametrize("app", APPS)
def test_app_imports_no_other_app(app: str) -> None:
    if not (ROOT / app).is_dir():
        pytest.skip("a wheel has no apps")
    known = {module.split(".")[0] for file in (ROOT / app).rglob("*.py") for module in imports(file)}
    assert known.isdisjoint({*APPS, "servers", "tests"} - {app})


def loaded(*arguments: str, code: str) -> set[str]:
    """Modules that a fresh interpreter holds after running some code."""
    command = [sys.executable, *arguments, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_command_line_starts_without_anything_heavy() -> None:
    """`codegym list` should be there at once; a verb loads what it needs."""
    modules = loaded(code="import codegym_mcp.cli.main")
    assert "codegym_mcp.cli.serve" in modules
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", IN_THE_CHILD)
def test_what_runs_in_the_child_needs_the_standard_library_alone(name: str) -> None:
    """Started without site-packages (-S): the sandbox depends on nothing that could be missing or change under it."""
    modules = loaded("-I", "-S", code=f"import codegym_mcp.sandbox.{name}")
    ours = {module for module in modules if module.startswith("codegym_mcp.")}
    assert {layer(module) for module in ours} <= {"environment", "sandbox"}
    assert {module.split(".")[0] for module in modules} <= {"codegym_mcp", "__main__", *sys.stdlib_module_names}


def test_environments_need_the_library_and_the_standard_library_alone() -> None:
    files = sorted((ROOT / "servers").glob("*/env.py"))
    assert len(files) > 10
    known = {module.split(".")[0] for file in files for module in imports(file)}
    assert known <= {"codegym_mcp", *sys.stdlib_module_names}


@pytest.mark.parametrize("package", ["torch", "trl", "vllm", "litellm", "transformers", "openai", "pyarrow"])
def test_heavy_package_stands_in_one_file_of_the_library_at_most(package: str) -> None:
    files = [file.name for file in PACKAGE.rglob("*.py") if package in {module.split(".")[0] for module in imports(file)}]
    assert len(files) <= 1
