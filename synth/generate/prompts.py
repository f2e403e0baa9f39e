"""What the model is asked. The only place with prompts: a change here is a new prompt, and nothing recorded fits it."""

import ast
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from codegym_mcp.definition import Definition
from codegym_mcp.schema import parse_source
from codegym_mcp.types import ToolSpec
from synth.generate.source import read_environment
from synth.problem import Input, Problem

Messages = list[dict[str, Any]]

MIN_DOMAIN_TOOLS = 2
"""With Observe and Done that makes the paper's 4."""
INPUTS_PER_REPLY = 8
SHOWN_INPUTS = 2
SYSTEM = (
    "You turn coding problems into interactive environments for agents that call tools. You work in exactly the form that is"
    " asked for: sections between tags, each tag on a line of its own, each section once. You write nothing else."
)
FEEDBACK = "That reply cannot be used: {reason}.\n{detail}\n\nPut this right and reply again, in full and in the same form."

ENVIRONMENT_RULES = f"""\
1. Take the solution apart: a helper function, the body of a loop, a condition, a calculation, one read or one change of the
   data. Each such operation becomes a tool. Declare {MIN_DOMAIN_TOOLS} to 10 tools; `Observe` and `Done` exist beside them.
2. The input is hidden. `observe()` returns sizes, limits and other scalars, and never a list or text of the input; a tool
   gives out one item or one small result per call. Two inputs that look the same to `observe()` may have different answers.
3. No tool gives the answer away or does the whole work in one call. To combine the results is the agent's work.
4. A tool is a method with `@tool`, a name in PascalCase, type hints that JSON can carry, and a docstring with purpose,
   `Args:` (if it takes any), `Returns:` and `Example:`, as in the example. It checks its arguments before it changes anything,
   and raises ValueError with a helpful text; it never returns an error text.
5. `reset(self, *, ...)` takes the arguments of the entry point, under the same names, and keeps them in attributes. A script
   has the one argument `stdin`, its input as text: take it apart in `reset`.
6. `answer()` returns what the solution returns for that input (for a script: the text it prints), whatever the tools have
   changed meanwhile. Its return annotation and the `Returns:` of its docstring tell the form of the answer, with an example.
   Tools, `observe` and `reset` never use it.
7. The docstring of the class is the task. It states every rule that the agent needs, precisely: order, ties, limits, indexing,
   what happens when something is impossible. It hints neither at the solution nor at an order of calls.
8. Standard library only. No randomness, no clock, no files. The state is plain data in attributes of `self`.
9. One module with one class derived from `Environment`. No `solve`, no tests, no main section."""

INPUT_RULES = {
    "medium": f"""\
1. Write {INPUTS_PER_REPLY} inputs: half of them small (who goes through the data item by item needs 10 to 25 steps), half of
   middle size (25 to 60 steps). Make them look like real ones: varied names, uneven numbers.
2. Together they exercise every branch of the solution. No two have the same answer.""",
    "hard": f"""\
1. Write {INPUTS_PER_REPLY} inputs. Five are large: who goes through the data item by item needs 60 to 200 steps, and what
   happens early decides what happens late. Three are edge cases: values at a limit, ties, repeated items, an operation
   that is refused, an extreme that is still allowed.
2. Together they exercise every branch of the solution, the rare ones too. No two have the same answer.""",
    "harder": f"""\
1. Write {INPUTS_PER_REPLY} inputs that cannot be solved by looking at them: larger values and more items (who goes through
   the data item by item needs 100 to 400 steps, at most 512), and deeper logic: results that are needed again later, long
   chains in which each step depends on the one before, several branches of the solution working against each other.
2. None is a mere repetition of a smaller one, and no two have the same answer.""",
}
INPUT_FORM = """\
3. Each input is one line: a JSON object with exactly the arguments of the entry point; a script's has the one key "stdin".
   Write out every value: no expressions, no comments, no ellipsis.
4. Each is valid by the statement, and the solution answers it within a second."""

SOLVER_RULES = """\
1. Write one function `def solve(self, call):` that solves every instance of the task. It knows the instance from tools alone.
2. `call("ToolName", argument=value)` makes one tool call and returns its result: parsed JSON, or a text where the tool returns
   a text. Arguments are given by name. A call that fails raises an exception.
3. It ends with `call("Done", answer=...)`, made exactly once.
4. It uses nothing of `self`, standard library only, and needs as few calls as the task allows, at most 256."""


def environment_prompt(problem: Problem, inputs: Sequence[Input]) -> Messages:
    """For the environment, with its tools and the task."""
    shown = "\n".join(f"{_json(one.config)} -> {_json(one.answer)}" for one in inputs[:SHOWN_INPUTS])
    example = "".join(_tagged(name, example_section(name)) for name in ("problem", "solution", "plan", "environment"))
    return _messages(
        "Turn a coding problem and its solution into an environment. An agent gets the task and the documentation of the tools;"
        " it sees neither input nor code, runs no code, and finds the answer by calling tools one at a time.",
        ("Rules", ENVIRONMENT_RULES),
        ("Example", example),
        ("Rules, once more", ENVIRONMENT_RULES),
        ("Your problem", f"{_problem(problem)}Inputs of the solution, and its answers:\n{shown}"),
        ("Form of the reply", _form("plan", "one line per tool") + _form("environment", "the whole module")),
    )


def inputs_prompt(problem: Problem, level: str, given: Sequence[Input]) -> Messages:
    """For inputs: medium, hard, or harder (difficulty augmentation)."""
    rules = f"{INPUT_RULES[level]}\n{INPUT_FORM}"
    example = "".join(_tagged(name, example_section(name)) for name in ("problem", "solution", "inputs"))
    shown = "\n".join(_json(one.config) for one in given[:SHOWN_INPUTS]) or "(none)"
    return _messages(
        "Write inputs for the solution of a coding problem. They become tasks for agents that see the data piece by piece.",
        ("Rules", rules),
        ("Example (of the form; it is shorter than yours)", example),
        ("Rules, once more", rules),
        ("Your problem", f"{_problem(problem)}Inputs that exist already:\n{shown}"),
        ("Form of the reply", _form("inputs", "one JSON object per line")),
    )


def solver_prompt(definition: Definition) -> Messages:
    """For a solver, from the task and the tools' documentation: never from the environment's source."""
    shown = example_definition()
    example = f"{_documentation(shown)}\n{_tagged('solver', example_section('solver'))}"
    return _messages(
        "Write a program that solves a task by calling tools.",
        ("Rules", SOLVER_RULES),
        ("Example", example),
        ("Rules, once more", SOLVER_RULES),
        ("Your task", _documentation(definition)),
        ("Form of the reply", _form("solver", "the function")),
    )


@cache
def example_section(name: str) -> str:
    """A section of the one-shot example, which has the form that replies have."""
    text = Path(__file__).with_name("example.md").read_text(encoding="utf-8")
    found = re.search(rf"^<{name}>\n(.*?)^</{name}>$", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise LookupError(f"example.md lacks the section {name}")
    return found[1]


@cache
def example_definition() -> Definition:
    """The environment of the one-shot example."""
    return read_environment(example_section("environment"), "canal_lock")


def _messages(task: str, *parts: tuple[str, str]) -> Messages:
    text = "\n\n".join([task, *(f"# {title}\n{body.rstrip()}" for title, body in parts)])
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text + "\n"}]


def _tagged(name: str, body: str) -> str:
    return f"<{name}>\n{body.rstrip()}\n</{name}>\n"


def _form(name: str, what: str) -> str:
    return _tagged(name, f"({what})")


def _problem(problem: Problem) -> str:
    return (
        _tagged("problem", problem.statement) + _tagged("solution", problem.solution) + f"Entry point: {signature(problem)}\n"
    )


def signature(problem: Problem) -> str:
    """How the solution is called."""
    if problem.entry_point is None:
        return "none, it is a script: its one argument is `stdin`, the text of its standard input"
    for node in parse_source(problem.solution).body:
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point:
            return f"{node.name}({ast.unparse(node.args)})"
    return problem.entry_point


def _documentation(definition: Definition) -> str:
    return "\n".join([_tagged("task", definition.prompt), "Tools:\n", *map(_tool, definition.tools)])


def _tool(spec: ToolSpec) -> str:
    parameters = ", ".join(f"{name}: {_json(schema)}" for name, schema in spec.input_schema["properties"].items())
    return f"## {spec.name}({parameters})\n{spec.description('examples')}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
