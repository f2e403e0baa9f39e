"""A problem as a Python file: the docstring is the statement, `solution` the entry point, `generate(rng, level)` draws inputs.

Comment lines `# licence: ...` and `# source: ...` say what differs from our own; the folder is the topic.
"""

import ast
import re
from pathlib import Path

from synth.problem import Problem
from synth.readers.fields import MAX_TEXT_CHARS, BadRecord
from synth.readers.parts import binds, closure, written
from synth.readers.screen import parsed

ENTRY, GENERATOR = "solution", "generate"


def read_file(path: Path) -> Problem:
    """Raises: BadRecord."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as exc:
        raise BadRecord("unreadable", "file", f"expected UTF-8, got byte {exc.object[exc.start]:#x} at {exc.start}") from exc
    if len(text) > MAX_TEXT_CHARS:
        raise BadRecord("too long", "file", f"expected at most {MAX_TEXT_CHARS} characters, got {len(text)}")
    source, tree = parsed(text, "file")
    statement = ast.get_docstring(tree)
    if not statement:
        raise BadRecord("missing field", "docstring", "expected the statement as the module's docstring")
    solution, generator = cut(source, tree)
    topic = path.resolve().parent.name
    return Problem(
        id=f"{topic}/{path.stem}",
        statement=statement,
        solution=solution,
        entry_point=ENTRY,
        generator=generator,
        topic=topic,
        source=_comment(text, "source") or "written for codegym-mcp",
        licence=_comment(text, "licen[cs]e") or "Apache-2.0",
    )


def _comment(text: str, name: str) -> str:
    match = re.search(rf"^# {name}: *(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else ""


def cut(source: str, tree: ast.Module) -> tuple[str, str | None]:
    """The solution and the generator, each with all that it needs and no more than that."""
    body = tree.body[1:]  # without the docstring
    if not any(GENERATOR in binds(node) for node in body):
        return written(source, body), None
    needed = closure(body, {GENERATOR})
    rest = closure(body, {name for node in body for name in binds(node)} - set().union(*map(binds, needed)) | {ENTRY})
    loose = [node for node in body if not binds(node)]
    kept = [node for node in body if node in rest or node in loose]
    return written(source, kept), written(source, needed)
