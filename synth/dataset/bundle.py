"""The environments that are shipped: every problem of synth/library, brought through all stages, lands in servers/.

Hand-written environments there are left as they are, and have the first word: nothing built takes their name or is a twin
of one. What an earlier build has put there and this one has not is removed. A card with a `route` was built.
"""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from codegym_mcp.journal import Journal
from synth.dataset.dataset import ENVIRONMENTS
from synth.dataset.harvest import Kept, choose, write_dataset
from synth.export.tables import write_text
from synth.pipeline.request import Request
from synth.pipeline.run import begin, head_of, write_facts
from synth.pipeline.work import Effort, Item, Result, Watcher, work_through
from synth.problem import Problem, Rejection
from synth.report.funnel import Funnel
from synth.report.report import JOURNAL

MAX_PER_TOPIC = 15
FILES = ("card.json", "tasks.jsonl", "env.py")
"""In the order they are written: what has an `env.py` has all, and a built one is known by its card."""
AUTHOR = "The codegym-mcp authors"
NAME_TAKEN, TOPIC_FULL = "name is taken", "topic is full"
WORKFLOW = "workflow_"
"""Folders of workflow-like topics begin so."""


async def build(
    request: Request, items: Sequence[Item], servers: Path, out: Path, *, effort: Effort, watcher: Watcher
) -> Funnel:
    """Bring the library's problems through all stages, and put what is kept into a folder of environments.

    Args:
        items: as the reader of a folder of problems gives them: `TOPIC/NAME`.
        servers: where environments are shipped from.
        out: journal, rejections and report; as of a run.
    """
    own = _renamed(items)
    hand_written = {path.name: (path / "env.py").read_text(encoding="utf-8") for path in folders(servers, built=False)}
    with Journal(out / JOURNAL) as journal:
        begin(journal, head_of(request, own), watcher)
        results = await work_through(own, journal, request, effort, watcher)
        kept = _within_bounds(choose(results, request.filters, hand_written), results, servers)
        write_dataset(out, kept)
        put(out / ENVIRONMENTS, servers)
        return write_facts(out, request, results)


def _renamed(items: Sequence[Item]) -> list[Item]:
    """A problem's own name is its environment's, so none may stand in two topics; its folder is the topic."""
    renamed: dict[str, Item] = {}
    for item in items:
        if isinstance(item, Rejection):
            renamed[item.id] = item
        elif (name := item.id.rpartition("/")[2]) in renamed:
            detail = f"{renamed[name].id} is in another topic"
            renamed[item.id] = Rejection(id=item.id, stage="read", reason=NAME_TAKEN, detail=detail)
        else:
            topic = item.topic.replace(WORKFLOW, "workflow: ").replace("_", " ")
            renamed[name] = item.model_copy(update={"id": name, "topic": topic})
    return list(renamed.values())


def folders(servers: Path, *, built: bool) -> list[Path]:
    """The folders of environments that were built, or of those that were written by hand."""
    return [path.parent for path in sorted(servers.glob("*/env.py")) if ("route" in _card(path.parent)) is built]


def _card(folder: Path) -> dict[str, Any]:
    path = folder / "card.json"
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return card


def _within_bounds(kept: Sequence[Kept], results: Sequence[Result], servers: Path) -> list[Kept]:
    """What may be shipped, under its problem's name: no name twice, and no more of a topic than it may have."""
    ways = {result.way.id: result.way for result in results}
    hand_written = folders(servers, built=False)
    names = {path.name for path in hand_written}
    topics = Counter(_card(path).get("topic") for path in hand_written)
    chosen = []
    for one in kept:
        problem = one.candidate.problem
        if refused := _refusal(problem, names, topics):
            ways[problem.id].rejections.append(refused)
            continue
        topics[problem.topic] += 1
        card = {**one.card, "author": AUTHOR}
        chosen.append(replace(one, candidate=one.candidate.model_copy(update={"name": problem.id}), card=card))
    return chosen


def _refusal(problem: Problem, names: set[str], topics: Counter[Any]) -> Rejection | None:
    if problem.id in names:
        return Rejection(id=problem.id, stage="filter", reason=NAME_TAKEN, detail="an environment by hand has it")
    if topics[problem.topic] >= MAX_PER_TOPIC:
        detail = f"{problem.topic} has {MAX_PER_TOPIC} environments"
        return Rejection(id=problem.id, stage="filter", reason=TOPIC_FULL, detail=detail)
    return None


def put(built: Path, servers: Path) -> None:
    """Bring built environments to where they are shipped from, and remove those of earlier builds that are no more."""
    names = {path.parent.name for path in built.glob("*/env.py")}
    for name in sorted(names):
        for file in FILES:
            write_text(servers / name / file, (built / name / file).read_text(encoding="utf-8"))
    for stale in folders(servers, built=True):
        if stale.name not in names:
            (stale / "env.py").unlink()
            shutil.rmtree(stale)
