"""What is kept of a run: tasks within bounds, no twins, in a data set that is the same whenever it is put together.

The data set is built beside the old one and then takes its place. What was added to the old one by hand, tasks that
were drawn and pass rates that were measured, goes along where the environment is still the same.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from codegym_mcp.report import PAPER
from codegym_mcp.types import Task
from synth.dataset.dataset import ENVIRONMENTS, Dataset
from synth.export.rows import task_line
from synth.export.tables import write_text
from synth.filter.filters import Filters, Selection, select
from synth.filter.twins import ProblemTwins, Twin, environment_keys
from synth.pipeline.work import Result
from synth.problem import Candidate, Rejection
from synth.verify.verifier import as_tasks

DRAWN = "drawn-"
"""Ids of tasks that were drawn later begin so."""
TAKEN_OVER: tuple[str, ...] = ("best_constant_answer", "pass_rates")
"""Facts of a card that additions change."""
CANDIDATES = "candidates"
"""Folder of what was made and is not verified."""
NEW, OLD = ".new", ".old"
"""Folders while the data sets change places."""


@dataclass(frozen=True)
class Kept:
    """One environment that is kept."""

    candidate: Candidate
    tasks: tuple[Task, ...]
    card: dict[str, Any]


def choose(results: Sequence[Result], filters: Filters, others: Mapping[str, str] | None = None) -> list[Kept]:
    """The environments to keep; the others get a Rejection. Benchmarks go first, so that no twin of theirs is trained on.

    Args:
        others: source of further environments, by name, of which none is to be a twin.
    """
    problems, environments = ProblemTwins(), dict[str, str]()
    for name, source in (others or {}).items():
        environments |= dict.fromkeys(environment_keys(source).values(), name)
    kept = []
    for result in sorted(results, key=lambda one: not (one.problem and one.problem.benchmark)):
        if result.verified is None:
            continue
        candidate, report = result.verified.candidate, result.verified.report
        selection = select(result.way.id, report.tools, result.verified.tasks, report.tasks, filters)
        refused = selection if isinstance(selection, Rejection) else _twin(candidate, problems, environments)
        if refused is not None:
            result.way.rejections.append(refused)
        elif isinstance(selection, Selection):
            kept.append(Kept(candidate, selection.tasks, result.verified.card()))
    return sorted(_unlucky(kept, results, filters), key=lambda one: one.candidate.problem.id)


def _unlucky(kept: Sequence[Kept], results: Sequence[Result], filters: Filters) -> list[Kept]:
    """Without those that random calls earn most in, as long as they earn too much on average."""
    ways = {result.way.id: result.way for result in results}
    left = sorted(kept, key=lambda one: (one.card["random_reward"], one.candidate.problem.id))
    while left and fmean(one.card["random_reward"] for one in left) > filters.bounds.max_mean_random:
        worst = left.pop()
        detail = f"{worst.card['random_reward']:.3f}, and too much on average with it"
        id = worst.candidate.problem.id
        ways[id].rejections.append(Rejection(id=id, stage="filter", reason="random calls earn too much", detail=detail))
    return left


def _twin(candidate: Candidate, problems: ProblemTwins, environments: dict[str, str]) -> Rejection | None:
    """Refuse what was there before: the problem, or an environment with the same tools or oracle."""
    if twin := problems.add(candidate.problem):
        return _refused(candidate, "twin of another problem", twin)
    keys = environment_keys(candidate.env)
    for rule, key in keys.items():
        if key in environments:
            return _refused(candidate, "twin of another environment", Twin(candidate.name, environments[key], rule))
    environments.update(dict.fromkeys(keys.values(), candidate.name))
    return None


def _refused(candidate: Candidate, reason: str, twin: Twin) -> Rejection:
    return Rejection(
        id=candidate.problem.id, stage="filter", reason=reason, detail=f"same {twin.rule} as {twin.of}, up to renaming"
    )


def write_dataset(out: Path, kept: Sequence[Kept]) -> None:
    """Put a data set of these environments in place of the one that is there."""
    _finish_swap(out)
    shutil.rmtree(out / NEW, ignore_errors=True)
    old, new = Dataset(out), Dataset(out / NEW)
    for one in kept:
        name = new.add(one.candidate, one.tasks, one.card)
        if name in old.names() and old.card(name)["content_hash"] == one.card["content_hash"]:
            _take_over(old, new, name)
    new.write_index()
    (out / ENVIRONMENTS).rename(out / OLD)
    _finish_swap(out)


def write_candidates(out: Path, results: Sequence[Result]) -> None:
    """Put what was made, and is not verified, where it can be looked at and played."""
    for path in (out / CANDIDATES).glob("*/env.py"):
        shutil.rmtree(path.parent)
    for result in results:
        if (candidate := result.candidate) is not None:
            home = out / CANDIDATES / candidate.name
            write_text(home / "env.py", candidate.env)
            write_text(home / "tasks.jsonl", "".join(task_line(task) + "\n" for task in as_tasks(candidate.inputs, PAPER)))


def _take_over(old: Dataset, new: Dataset, name: str) -> None:
    """What was added to an environment since: tasks that were drawn, and how often models solved its tasks."""
    before, now = old.card(name), new.card(name)
    drawn = [task for task in old.tasks(name) if task.id.startswith(DRAWN)]
    if not drawn and not before.get("pass_rates"):
        return
    facts = now["tasks"] | {task.id: before["tasks"][task.id] for task in drawn}
    kept = {key: before[key] for key in TAKEN_OVER if key in before}
    tasks = "".join(task_line(task) + "\n" for task in (*new.tasks(name), *drawn))
    write_text(new.folder / ENVIRONMENTS / name / "tasks.jsonl", tasks)
    new.update(name, {**now, **kept, "tasks": dict(sorted(facts.items()))})


def _finish_swap(out: Path) -> None:
    """Bring what was built to its place; also what a run that was killed in the middle of this has left."""
    if not (out / OLD).exists():
        return
    if (out / NEW).exists():
        for path in _by_importance(out / NEW):
            path.replace(out / path.name)
        (out / NEW).rmdir()
    shutil.rmtree(out / OLD)


def _by_importance(folder: Path) -> Iterator[Path]:
    """The environments first: once they are in place, the rest may be done again."""
    yield from sorted(folder.iterdir(), key=lambda path: (path.name != ENVIRONMENTS, path.name))
