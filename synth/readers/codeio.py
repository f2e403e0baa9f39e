"""CodeI/O's layout, as inside the reasoning-gym package: `main_solution(**inputs)` and `generate_inputs(rng)`."""

import ast
import builtins
import typing

from codegym_mcp.definition import content_hash
from synth.problem import Problem
from synth.readers.fields import BadRecord, Fields
from synth.readers.parts import binds, closure, written
from synth.readers.screen import parsed

FIELDS = {"task_description", "code_sample", "input_generator"}
GENERATOR = "generate_inputs"
MODULES = ("random", "math", "string", "json", "itertools", "hashlib", "datetime", "collections")
"""What its generators use without importing it."""


def read(fields: Fields) -> Problem:
    """Raises: BadRecord."""
    solution, tree = parsed(fields.text("code_sample"), "code_sample")
    generator, drawing = parsed(fields.text("input_generator"), "input_generator")
    return Problem(
        id=f"codeio/{content_hash(solution)[:12]}",
        statement=f"{fields.text('task_description')}\n\n{fields.text('input_output_spec', default='')}".rstrip(),
        solution=solution,
        entry_point="main_solution",
        generator=self_contained(generator, drawing, solution, tree),
        source="hkust-nlp/CodeIO-PyEdu-Reasoning, by way of reasoning-gym",
        licence="ODC-BY (not confirmed by its authors); package Apache-2.0",
    )


def self_contained(generator: str, drawing: ast.Module, solution: str, tree: ast.Module) -> str:
    """The generator with the imports it leaves out, and with what it uses of the solution.

    Raises:
        BadRecord: it defines no generator.
    """
    functions = [node.name for node in drawing.body if isinstance(node, ast.FunctionDef)]
    if GENERATOR not in functions:
        if len(functions) != 1:
            raise BadRecord("wrong generator", "input_generator", f"expected {GENERATOR}(rng), got {', '.join(functions)}")
        generator = f"{generator.rstrip()}\n\n\ndef {GENERATOR}(rng):\n    return {functions[0]}(rng)\n"
    own = set().union(*map(binds, drawing.body))
    names = {node.id for node in ast.walk(drawing) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    taken = closure(tree.body, names - own)
    missing = names - own - set(dir(builtins)) - set().union(*map(binds, taken))
    missing |= {node.id for part in taken for node in ast.walk(part) if isinstance(node, ast.Name)} & set(MODULES)
    lines = [f"import {name}" for name in sorted(missing & set(MODULES))]
    lines += ["from random import Random"] if "Random" in missing else []
    hints = sorted(missing & set(typing.__all__))
    lines += [f"from typing import {', '.join(hints)}"] if hints else []
    head = "\n".join(lines)
    return "\n\n".join(part for part in (head, written(solution, taken).strip() if taken else "", generator) if part)
