"""A whole run: problems in, a data set of verified environments out. Stopped at any moment, it goes on where it was.

```
OUT/journal.jsonl     every finished stage of every problem: what a stopped run goes on from
OUT/environments/ ... the data set: see synth/dataset/
OUT/rejected.jsonl    why each other problem did not become an environment, one line per reason
OUT/funnel.json       the counts of it all
OUT/report.html       the same as pictures, with seconds
```

All but the journal and the report, which hold measured seconds, are the same bytes whenever the same problems meet the
same options and the same program, however often a run was stopped and however many problems were worked on at a time.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.definition import content_hash
from codegym_mcp.journal import Journal, read_journal
from synth.dataset.harvest import choose, write_candidates, write_dataset
from synth.export.tables import write_text
from synth.pipeline.program import code_hash
from synth.pipeline.request import InvalidOption, Request
from synth.pipeline.stages import MODULES, Model
from synth.pipeline.work import Effort, Item, Result, Watcher, work_through
from synth.problem import Rejection
from synth.report.funnel import Funnel
from synth.report.report import FUNNEL, JOURNAL, Facts, gather, page

REJECTED, REPORT = "rejected.jsonl", "report.html"
PROBLEMS, PROGRAM, REQUEST = "problems", "program", "request"
"""What a run's head says: a hash of the problems, hashes of the stages' code, what was asked for."""
OPTIONS = ("seed", "tasks", "routes", "harder", "model", "changes", "narrowed")
"""Of a request: what results depend on."""


async def run(
    request: Request, items: Sequence[Item], out: Path, *, effort: Effort, watcher: Watcher, model: Model | None = None
) -> Funnel:
    """Bring problems through all stages, and write what came of it.

    Raises:
        SandboxError, PolicyError: the machine or the model endpoint is down; run again to go on.
        JournalError: the folder cannot be written, or another run is writing it.
    """
    with Journal(out / JOURNAL) as journal:
        sweep(out)
        begin(journal, head_of(request, items), watcher)
        results = await work_through(items, journal, request, effort, watcher, model)
        if effort.verified:
            write_dataset(out, choose(results, request.filters))
        else:
            write_candidates(out, results)
        return write_facts(out, request, results)


def head_of(request: Request, items: Sequence[Item]) -> dict[str, Any]:
    """What a run depends on."""
    return {
        PROBLEMS: content_hash(*(item.model_dump_json() for item in items)),
        PROGRAM: {stage: code_hash(module) for stage, module in MODULES.items()},
        REQUEST: request.to_json(),
    }


def last_request(out: Path) -> Request:
    """What the last run in a folder was asked for.

    Raises:
        InvalidOption: there was none.
    """
    path = out / JOURNAL
    heads = [line["run"] for line in read_journal(path) if "run" in line] if path.exists() else []
    if not heads:
        raise InvalidOption(f"{out} holds no run; begin with `python -m synth run PROBLEMS -o {out}`")
    return Request.of(heads[-1][REQUEST])


def sweep(out: Path) -> None:
    """Remove the halves of files that a run which was killed has left; see `tables.replace`."""
    for name in (REJECTED, FUNNEL, REPORT):
        for left in out.glob(f".{name}.*"):
            left.unlink()


def begin(journal: Journal, head: dict[str, Any], watcher: Watcher) -> None:
    """Note what is asked for, and tell what is otherwise than it was."""
    if journal.damaged:
        watcher.tell(f"{journal.damaged} damaged lines of {journal.path} are left out; what they told is done again")
    for change in changes(journal.heads[-1], head) if journal.heads else ():
        watcher.tell(change)
    if not journal.heads or journal.heads[-1] != head:
        journal.note({"run": head})


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs from the run before, one line each."""
    lines = []
    if before[PROBLEMS] != now[PROBLEMS]:
        lines.append("the problems are not those of the run before: what is new or different is done, the rest is taken over")
    changed = [stage for stage, code in now[PROGRAM].items() if before[PROGRAM].get(stage) != code]
    if changed:
        lines.append(f"the program has changed since the run before: done again: {', '.join(changed)}")
    for name in OPTIONS:
        if (old := before[REQUEST].get(name)) != (value := now[REQUEST][name]):
            lines.append(f"{name} was {old}, is {value}: what depends on it is done again")
    return lines


def write_facts(out: Path, request: Request, results: Sequence[Result]) -> Funnel:
    """Write rejections, counts and report."""
    refused = sorted((one for result in results for one in result.way.rejections), key=lambda one: (one.id, one.stage))
    write_text(out / REJECTED, "".join(one.model_dump_json() + "\n" for one in refused))
    funnel = Funnel((result.way for result in results), route="+".join(request.routes))
    write_text(out / FUNNEL, json.dumps(funnel.to_json(), indent=1) + "\n")
    write_page(out, gather(out))
    return funnel


def read_rejections(out: Path) -> list[Rejection]:
    """Why problems of a run did not become environments."""
    return [Rejection.model_validate_json(line) for line in (out / REJECTED).read_text(encoding="utf-8").splitlines()]


def write_page(out: Path, facts: Facts) -> Path:
    """Write the report as a page; returns where it is."""
    write_text(out / REPORT, page(facts))
    return out / REPORT
