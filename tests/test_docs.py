"""What the documentation shows is what happens."""

import json
import re
from pathlib import Path

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.check import check_all
from tests.conftest import write_environment

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def block(text: str, language: str) -> str:
    """The first code block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


async def test_documented_environment_passes_every_check(tmp_path: Path) -> None:
    text = (DOCS / "environments.md").read_text(encoding="utf-8")
    write_environment(tmp_path, block(text, "python"), block(text, "json"), name="safe_dial")
    (report,) = await check_all(Catalog.of(tmp_path), ["safe_dial"])
    assert report.ok, report.findings
    assert len(report.tasks) == len([json.loads(line) for line in block(text, "json").splitlines()])


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_links_and_paths_of_the_documentation_lead_somewhere(page: Path) -> None:
    """Links, and files of the checkout that stand in code."""
    text = page.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    named = re.findall(r"`((?:codegym_mcp|synth|trainer|eval|tests|servers|docs)/[\w./-]+\.(?:py|md|sh|toml|txt|yaml))`", text)
    gone = [name for name in links if not (page.parent / name).exists()]
    gone += [name for name in named if "NAME" not in name and not (DOCS.parent / name).exists()]
    assert not gone


def test_nobody_is_told_to_install_this_project_from_an_index() -> None:
    """It is unreleased: texts name a clone (`pip install -e`), or the image built there."""
    folders = [ROOT / name for name in ("codegym_mcp", "synth", "trainer", "eval")]
    files = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(file for folder in folders for file in folder.rglob("*.py"))]
    assert len(files) > 50
    from_index = re.compile(r"pip install [^`\n]*codegym-mcp")
    assert [file for file in files if from_index.search(file.read_text(encoding="utf-8"))] == []
