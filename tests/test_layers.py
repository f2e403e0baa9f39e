"""Imports point down: what may know of what, and what a user's first command must not load."""

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "codegym_mcp"
LAYERS = [
    "errors published_config types",
    "environment journal progress schema statistics store wire published_files published_tasks",
    "definition",
    "published published_default",
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
COMES_WITH = {"mcp-types": "mcp"}
"""Distributions of a dependency's own, released with it."""
BROUGHT = {
    "adapters": {"inspect-ai", "openenv", "skyrl", "skyrl-gym", "verifiers", "verl"},
    "policies": {"litellm"},
}
"""What a part of the package never asks for: frameworks that load an adapter, and what an error of ours says to install."""


def imports(file: Path) -> set[str]:
    """Every module that a file imports, wherever it does, for types only included; `from x import y` counts as x.y too."""
    return imported(ast.parse(file.read_text()), file)


def imported(tree: ast.AST, file: Path) -> set[str]:
    """Every module that some of a file's code imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            found |= {name.value for name in node.args[:1] if isinstance(name, ast.Constant) and isinstance(name.value, str)}
    return found


class WithoutFunctions(ast.NodeTransformer):
    """What of a module runs when it is imported."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave it out."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Leave it out."""


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
    assert {layer(module) for module in ours} <= {"environment", "published_config", "sandbox"}
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


def required(requirements: Iterable[str]) -> set[str]:
    """The distributions that requirements of pyproject.toml name."""
    return {re.split(r"[^\w.-]", text)[0] for text in requirements}


@functools.cache
def installed() -> Mapping[str, list[str]]:
    """Package -> the distributions that have it. Takes a while."""
    return packages_distributions()


def distributions(modules: Iterable[str]) -> set[str]:
    """Where modules come from that are neither ours nor the standard library's; one not installed is taken by its name."""
    packages = {module.split(".")[0] for module in modules} - {"codegym_mcp", *sys.stdlib_module_names}
    known = installed()
    names = {known.get(package, [package])[0].lower().replace("_", "-") for package in packages}
    return {COMES_WITH.get(name, name) for name in names}


def test_every_import_has_its_requirement() -> None:
    """Tests run beside all that developers want: a dependency that pyproject.toml lacks would be missed by users alone.

    What is imported at once must be a dependency; what a function imports may belong to an extra, those for developers aside.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    always = required(project["dependencies"])
    extras = [text for extra, texts in project["optional-dependencies"].items() if extra != "dev" for text in texts]
    missing = []
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text())
        known = always | BROUGHT.get(file.parent.name, set())
        late = distributions(imported(tree, file)) - known - required(extras)
        at_once = distributions(imported(WithoutFunctions().visit(tree), file)) - known
        missing += [f"{file.relative_to(ROOT)} imports {name}" for name in sorted(at_once | late)]
    assert missing == []
