"""A problem with verified inputs becomes an environment, mechanically: no model, no chance, the same result every time."""

import keyword
import re
from collections.abc import Sequence
from typing import Any

from codegym_mcp.definition import read_native
from codegym_mcp.errors import InvalidEnvironment, ToolCallError
from codegym_mcp.sandbox.pool import Pool
from synth.extract.copier import defined, parameters
from synth.extract.emit import Writer
from synth.extract.search import Search
from synth.extract.solution import Solution, Unfit, read_solution
from synth.extract.state import MAX_CALLS, MIN_CALLS, MIN_TOOLS, State
from synth.extract.trials import Trials
from synth.extract.words import pascal, words_of
from synth.filter.twins import tool_forms
from synth.problem import Candidate, Input, Problem, Rejection


async def extract(pool: Pool, problem: Problem, inputs: Sequence[Input]) -> Candidate | Rejection:
    """Take a solution apart into tools and an oracle that calls them.

    Args:
        pool: a running sandbox.
        inputs: with the original solution's answers; all of them are tests of what comes out.

    Raises:
        SandboxError: the machine failed.
    """
    try:
        return await _extract(pool, problem, list(inputs))
    except Unfit as exc:
        return Rejection(id=problem.id, stage="extract", reason=exc.args[0], detail=exc.args[1][:300])
    except InvalidEnvironment as exc:
        return Rejection(id=problem.id, stage="extract", reason="the environment does not load", detail=str(exc)[:300])


async def _extract(pool: Pool, problem: Problem, inputs: list[Input]) -> Candidate:
    """Raises: Unfit, InvalidEnvironment."""
    solution = _read(problem, inputs)
    trials = Trials(pool, inputs)
    name = environment_name(problem)
    class_name = pascal(name) + ("Task" if pascal(name) in {n for node in solution.tree.body for n in defined(node)} else "")
    for trials.all_inputs in (False, True):  # what holds on a sample need not hold on all; then the search is done again
        profile = await _profile(trials, solution)
        search = Search(Writer(problem, solution, inputs, class_name, profile), trials, solution, profile)
        state = await search.run()
        trials.all_inputs = True
        whole = await search.confirm(state.plan) if state else None
        if whole and await _same_again(whole, source := search.written(whole), trials, class_name):
            break
    else:
        raise Unfit("no skeleton gives the original's answers", search.failure)
    _judge(whole, search.failure)
    needed = await _needed(whole, source, trials, class_name)
    read_native(source, name=name, where=f"{name}/env.py")
    notes = _notes(whole, needed, trials)
    kept = tuple(case for case, over in zip(inputs, whole.played.over, strict=True) if not over)
    return Candidate(name=name, problem=problem, env=source, inputs=kept, route="extract", notes=notes)


async def _same_again(state: State, source: str, trials: Trials, class_name: str) -> bool:
    """Whether the environment as it is written down, type hints and all, is played the same way."""
    again = await trials.play(source, class_name, "json")
    return again.failure is None and again.counts == state.played.counts


async def _profile(trials: Trials, solution: Solution) -> dict[str, Any]:
    """Raises: Unfit."""
    try:
        return await trials.profile(solution.text, solution.entry.name)
    except ToolCallError as exc:
        raise Unfit("the normal form of the solution does not run", str(exc)) from exc


def environment_name(problem: Problem) -> str:
    """A snake_case name, made of the problem's id and its entry point, or of its statement where these say nothing."""
    last = [word for word in words_of(problem.id.rpartition("/")[2]) if not word.isdigit()]
    if len(last) > 1 and all(len(word) > 2 for word in last):
        return _name(last)
    entry = [word for word in words_of(problem.entry_point or "") if word not in ("main", "solution", "solve", "function")]
    if entry:
        return _name([*words_of(problem.id), *entry])
    subject = [word for word in words_of(problem.statement[:600]) if len(word) > 3 and word not in EMPTY]
    return _name([*list(dict.fromkeys(subject))[:4], re.sub(r"\W", "", problem.id)[-5:]])


EMPTY = frozenset(
    "given list lists integer integers number numbers your task calculate determine function return returns value values "
    "input output string strings with that this from each what which have will should where following would does into them "
    "they array find based using between representing certain specific need needs also when then there their these those "
    "could how many".split()
)
"""Words that do not tell one problem from another."""


def _name(words: list[str]) -> str:
    name = re.sub(r"[^a-z0-9_]", "", "_".join(words).lower())[:60].strip("_")
    return name if name[:1].isalpha() else f"p_{name}"


def _read(problem: Problem, inputs: Sequence[Input]) -> Solution:
    """Raises: Unfit."""
    if not inputs:
        raise Unfit("no inputs", "")
    try:
        solution = read_solution(problem.solution, problem.entry_point)
    except (RecursionError, ValueError) as exc:  # nested so deeply that it cannot be written down again
        raise Unfit("the solution does not parse", type(exc).__name__) from exc
    names = parameters(solution.entry)
    if not names:
        raise Unfit("the entry point takes no input", "")
    for case in inputs:
        if wrong := [key for key in case.config if key not in names or keyword.iskeyword(key) or key in ("self", "episode")]:
            raise Unfit("the inputs do not fit the entry point", f"unexpected {wrong[0]!r}")
    return solution


def _judge(state: State, failure: str) -> None:
    """Raises: Unfit: it does not count as an environment."""
    calls = state.played.calls
    if state.logic == 0:
        raise Unfit("accessors only" if state.drafts else "no fragment survives", failure)
    if state.tools < MIN_TOOLS:
        raise Unfit("too few tools", f"{state.tools}: {', '.join(draft.name for draft in state.counted())}, Observe, Done")
    if state.fitting == 0:
        reason = (
            "too few calls"
            if max(calls) < MIN_CALLS
            else "too many calls"
            if min(calls) > MAX_CALLS
            else "no fit number of calls"
        )
        raise Unfit(reason, f"{min(calls)} to {max(calls)}")


async def _needed(state: State, source: str, trials: Trials, class_name: str) -> list[str]:
    """Tools without which the skeleton does not get to the answer; of those that are equal up to renaming, one.

    Raises:
        Unfit: they are too few.
    """
    forms = tool_forms(source)
    needed: dict[str, str] = {}
    for draft in state.counted():
        if forms[draft.name] not in needed and await trials.needed(source, class_name, draft.name):
            needed[forms[draft.name]] = draft.name
    names = list(needed.values())
    if len(names) + 2 < MIN_TOOLS or not any(state.drafts[name].role == "logic" for name in names):
        raise Unfit("too few tools that are needed", f"{', '.join(names)} of {', '.join(state.drafts)}")
    return names


def _notes(state: State, needed: list[str], trials: Trials) -> dict[str, Any]:
    return {
        "roles": {draft.name: draft.role for draft in state.drafts.values()},
        "needed": needed,
        "oracle_calls": [calls for calls, over in zip(state.played.calls, state.played.over, strict=True) if not over],
        "hidden": [one.attribute for one in state.plan.hidden if not one.shown],
        "trials": trials.count,
    }
