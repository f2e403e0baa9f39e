"""A tool that fails half way must leave nothing behind. Each is made to fail after its work, in its own code.

The failure stands inside the tool, before a return or at the end of a `try`, so that a tool which swallows exceptions
and answers as if all were well gives itself away: what it had done by then is committed, and a mark with it.
"""

import ast
from collections.abc import Mapping, Sequence

from codegym_mcp.definition import Definition, content_hash
from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.types import Step, Task
from synth.verify.sandboxes import Sandboxes

FAILURES = {
    "raise": "raise ArithmeticError('injected')",
    "hang": "__import__('time').sleep(3600)",
    "exit": "__import__('os')._exit(3)",
    "memory": "bytearray(1 << 42)",
}
MARK = "injected_failure"
"""Attribute of the state that tells a swallowed failure from a place that was not reached."""


async def half_changes(
    sandboxes: Sandboxes, definition: Definition, tasks: Sequence[Task], steps: Mapping[str, Sequence[Step]]
) -> list[str]:
    """Tools whose failure left something behind, with the way they failed. One tool fails in all ways, the others raise.

    Args:
        steps: the oracle's calls, by task id.

    Raises:
        SandboxError: the machine failed.
    """
    found = []
    further = [way for way in FAILURES if way != "raise"]
    for tool in definition.tool_names:
        if (use := _first_change(tool, tasks, steps)) is None:
            continue
        for place in range(len(places(ast.parse(definition.source), definition.class_name, tool))):
            reached, left = await _fail(sandboxes, definition, (tool, place, "raise"), *use)
            ways = ["raise"] if left else []
            if reached:
                ways += [way for way in further if (await _fail(sandboxes, definition, (tool, place, way), *use))[1]]
                further = []
            found += [f"{tool} fails half way ({way}), and what it did stays" for way in ways]
    return found


def _first_change(tool: str, tasks: Sequence[Task], steps: Mapping[str, Sequence[Step]]) -> tuple[Task, list[Step]] | None:
    """The task in which the tool soonest changes the state, and the calls up to that one; None: it never does."""
    found = [
        (number, place)
        for place, task in enumerate(tasks)
        for number, step in enumerate(steps.get(task.id, ()))
        if step.tool == tool and step.committed and number and step.digest != steps[task.id][number - 1].digest
    ]
    if not found:
        return None
    number, place = min(found)
    return tasks[place], list(steps[tasks[place].id][: number + 1])


async def _fail(
    sandboxes: Sandboxes, definition: Definition, failure: tuple[str, int, str], task: Task, calls: Sequence[Step]
) -> tuple[bool, bool]:
    """Make the last of the calls fail: whether it came to that place, and whether it left anything behind."""
    source = failing(definition.source, definition.class_name, *failure)
    gym, changes = sandboxes.short, {"source": source, "hash": content_hash(definition.format, source)}
    with sandboxes.shelf.variant(definition, [task], "{}-{}-{}".format(*failure), **changes) as held:
        try:
            episode = (await gym.open(held, task.model_copy(update={"environment": held}), max_steps=len(calls) + 1)).id
        except InvalidEnvironment:  # its reset calls the tool
            return False, False
        try:
            for step in calls[:-1]:
                await gym.call(episode, step.tool, step.arguments)
            before, unharmed = calls[-2].digest, calls[-1].digest
            if (await gym.status(episode)).digest != before:  # an earlier tool calls this one
                return False, False
            failed = (await gym.call(episode, calls[-1].tool, calls[-1].arguments)).is_error
            after = (await gym.status(episode)).digest
            return failed or after != unharmed, after not in (before, unharmed)
        finally:
            await gym.close(episode)


def failing(source: str, class_name: str, tool: str, place: int, way: str) -> str:
    """The environment with a tool that fails when it comes to one of its `places`."""
    tree = ast.parse(source)
    block, number, own = places(tree, class_name, tool)[place]
    failure = ast.parse(f"{own}.{MARK} = True\n{FAILURES[way]}").body
    if number < len(block) and isinstance(last := block[number], ast.Return):
        worked = ast.Assign([ast.Name("_result", ast.Store())], last.value or ast.Constant(None))
        block[number:] = [worked, *failure, ast.Return(ast.Name("_result", ast.Load()))]
    else:
        block[number:number] = failure
    return ast.unparse(ast.fix_missing_locations(tree))


def places(tree: ast.Module, class_name: str, tool: str) -> list[tuple[list[ast.stmt], int, str]]:
    """Where a tool's work is done: block of statements, place in it, and the name of `self`. Handlers are left out."""
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name)
    method = next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == tool), None)
    if method is None or not method.args.args:
        return []
    found: list[tuple[list[ast.stmt], int]] = []

    def look(block: list[ast.stmt], *, ends: bool) -> None:
        for number, node in enumerate(block):
            match node:
                case ast.Return():
                    found.append((block, number))
                case ast.Try():
                    look(node.body, ends=True)
                case ast.If() | ast.For() | ast.While():
                    look(node.body, ends=False)
                    look(node.orelse, ends=False)
                case ast.With():
                    look(node.body, ends=False)
        if ends and not isinstance(block[-1], (ast.Return, ast.Raise)):
            found.append((block, len(block)))

    look(method.body, ends=True)
    return [(block, number, method.args.args[0].arg) for block, number in found]
