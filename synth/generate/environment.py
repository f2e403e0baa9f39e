"""The environment: asked for, read, and tried in the sandbox on every input before anyone plays it.

What is checked here is what can be said to the model at once. Whether the environment is solvable, not guessable and
deterministic is for synth/verify to prove.
"""

import ast
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import anyio

from codegym_mcp.definition import Definition
from codegym_mcp.environment import same
from codegym_mcp.errors import InvalidEnvironment, SandboxError, ToolCallError, ToolOverLimit, ToolTimeout, clip
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from codegym_mcp.sandbox.seats import Seat
from codegym_mcp.schema import parse_source
from codegym_mcp.types import plain_json
from synth.generate.dialogue import Dialogue, Unusable
from synth.generate.prompts import MIN_DOMAIN_TOOLS, environment_prompt
from synth.generate.replies import section
from synth.generate.source import read_environment
from synth.problem import Input, Problem

T = TypeVar("T")

BUILT_IN_TOOLS = 2
"""Observe and Done."""
PEEKED = 4
"""Inputs whose first observations are compared with the input and the answer."""
LARGE = 3
"""Items of a list or map that may not be seen at once."""
LARGE_TEXT = 24
"""Characters, likewise."""
OTHER_SEED = 4711
TRIES = 3
"""Attempts at a trial when the machine fails."""
UNSTEADY = frozenset("random secrets uuid time datetime os sys threading asyncio socket subprocess multiprocessing".split())
"""Modules that an environment has no use for, or that make its results differ from run to run."""
PRIVATE = ("answer", "check", "solve", "generate")
"""Methods that do not exist where tools run."""


async def make_environment(
    dialogue: Dialogue, pool: Pool, problem: Problem, name: str, inputs: Sequence[Input], *, temperature: float
) -> Definition:
    """Ask for the environment of a problem until one passes.

    Raises:
        Unusable: none did.
        PolicyError, SandboxError: the endpoint or the machine failed.
    """

    async def check(text: str) -> Definition:
        return await check_environment(pool, section(text, "environment"), name, inputs)

    prompt = environment_prompt(problem, inputs)
    return await dialogue.converse(prompt, "environment", check, temperature=temperature)


async def check_environment(pool: Pool, source: str, name: str, inputs: Sequence[Input]) -> Definition:
    """Read an environment and try it on every input.

    Raises:
        Unusable: the first thing that is wrong.
        SandboxError: the machine failed.
    """
    try:
        definition = read_environment(source, name)
    except InvalidEnvironment as exc:
        raise Unusable("invalid source", str(exc).removeprefix(f"{name}/")) from exc
    if len(definition.tools) - BUILT_IN_TOOLS < MIN_DOMAIN_TOOLS:
        declared = len(definition.tools) - BUILT_IN_TOOLS
        raise Unusable("too few tools", f"expected at least {MIN_DOMAIN_TOOLS} beside Observe and Done, got {declared}")
    check_source(definition)
    await check_answers(pool, definition, inputs)
    await _check_first_sight(pool, definition, inputs)
    return definition


def check_source(definition: Definition) -> None:
    """What the text alone shows: modules that make it unsteady, tools that use the answer.

    Raises:
        Unusable: with the line.
    """
    tree = parse_source(definition.source)
    for node in ast.walk(tree):
        for module in _imported(node):
            if module.split(".")[0] in UNSTEADY:
                raise Unusable("not deterministic", f"line {node.lineno}: imports {module}")  # type: ignore[attr-defined]
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == definition.class_name)
    for method in cls.body:
        if isinstance(method, ast.FunctionDef) and method.name not in PRIVATE:
            for node in ast.walk(method):
                if isinstance(node, ast.Attribute) and node.attr in PRIVATE and _is_self(node.value, definition):
                    raise Unusable("leaks the answer", f"line {node.lineno}: {method.name} uses self.{node.attr}")


def _is_self(node: ast.expr, definition: Definition) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", definition.class_name)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


async def check_answers(pool: Pool, definition: Definition, inputs: Sequence[Input]) -> None:
    """On every input `answer()` must give what the original solution gives, whatever the seed.

    Raises:
        Unusable: it fails, or gives something else.
        SandboxError: the machine failed.
    """
    for number, one in enumerate(inputs):
        for seed in (0, OTHER_SEED) if number < PEEKED else (0,):
            head = {"config": one.config, "seed": seed}
            try:
                text = await steady(lambda head=head: pool.consult(definition, frames.REFERENCE, head))  # type: ignore[misc]
                answer = plain_json(json.loads(text), frames.MAX_OBSERVATION_BYTES)
            except ToolCallError as exc:
                raise _failed("answer()", one, exc) from exc
            except (ValueError, RecursionError) as exc:
                raise Unusable("fails on an input", f"answer() gives no plain JSON for {_shown(one.config)}") from exc
            if not same(answer, one.answer):
                detail = f"for {_shown(one.config)} the solution returns {_shown(one.answer)}, answer() {_shown(answer)}"
                raise Unusable("wrong ground truth", detail)


async def _check_first_sight(pool: Pool, definition: Definition, inputs: Sequence[Input]) -> None:
    """What an agent sees before it has done anything: neither the input nor the answer."""
    chosen = list({json.dumps(one.answer): one for one in inputs}.values())[:PEEKED]
    simple = [spec.name for spec in definition.tools if spec.name != "Done" and not spec.input_schema["required"]]
    leaking = set(simple)
    for one in chosen:
        for tool in simple:
            value = await _first_call(pool, definition, tool, one)
            if tool == "Observe" and (name := _revealed(value, one.config)) is not None:
                raise Unusable("reveals its inputs", f"observe() shows the whole of '{name}'; give sizes and scalars only")
            if not _holds(value, one.answer):
                leaking.discard(tool)
    if leaking and len(chosen) > 1:
        raise Unusable("leaks the answer", f"{min(leaking)}, called first of all, gives the answer for every input")


async def _first_call(pool: Pool, definition: Definition, tool: str, one: Input) -> Any:
    seat = Seat(definition)
    try:
        fresh = await steady(lambda: pool.fresh(definition, json.dumps(one.config), one.config, 0))
        text = (await steady(lambda: pool.call(seat, fresh.state, tool, {}))).text
    except InvalidEnvironment as exc:
        raise Unusable("fails on an input", f"{exc.problem}; the input is {_shown(one.config)}") from exc
    except ToolCallError as exc:
        if tool == "Observe" or isinstance(exc, (ToolTimeout, ToolOverLimit)):
            raise _failed(tool, one, exc) from exc
        return None  # some tools may not be called first
    finally:
        pool.drop(seat)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _revealed(seen: Any, config: dict[str, Any]) -> str | None:
    """The first argument that an observation holds whole."""
    for name, value in config.items():
        large = (
            len(value) >= (LARGE_TEXT if isinstance(value, str) else LARGE) if isinstance(value, (str, list, dict)) else False
        )
        if large and any(part == value for part in _parts(seen)):
            return name
    return None


def _holds(seen: Any, answer: Any) -> bool:
    """Whether an observation is the answer, or has it among its parts."""
    return any(same(part, answer) for part in _parts(seen))


def _parts(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else []
    return [value, *inner]


def _failed(what: str, one: Input, exc: ToolCallError) -> Unusable:
    if isinstance(exc, ToolTimeout):
        return Unusable("too slow", f"{what} ran past {exc.limit_s:g} s for {_shown(one.config)}")
    return Unusable("fails on an input", f"{what} for {_shown(one.config)}: {getattr(exc, 'problem', exc)}")


def _shown(value: Any) -> str:
    return clip(json.dumps(value, ensure_ascii=False), 400)


async def steady(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again when the machine, not the code, failed; and once more whatever failed.

    A machine short of time or memory ends processes that nothing is wrong with, and what the model is then told would be
    another prompt than the one that is recorded.

    Raises:
        SandboxError: the machine failed every time.
        ToolCallError, InvalidEnvironment: the code failed, twice.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return await work()
        except SandboxError as exc:
            if attempt == TRIES or not exc.retryable:
                raise
            await anyio.sleep(0.2 * attempt)
        except (ToolCallError, InvalidEnvironment):
            if attempt > 1:
                raise
    raise AssertionError("unreachable")
