"""A data set of verified environments: a folder that grows and never loses anything.

```
OUT/environments/NAME/{env.py, tasks.jsonl, card.json}    what there is; `Catalog.of(OUT)` plays it
OUT/index.jsonl                                           one line per environment
OUT/environments.parquet, OUT/tasks.parquet               the same as tables (.jsonl without pyarrow)
```

The folders are the data set; index and tables are written from them, as often as one likes. Every file appears in full
or not at all, and every environment with all its files. To add an environment again adds its new tasks. Another source
under a name that is taken is kept beside it, under a name with its hash.

Splits: an environment goes where its problem goes, by a hash of the problem's words (`Shares`), so that no problem is on
both sides, however many environments are made of it, and a set that grows moves nothing. A problem with the statement or
the solution of one that is there goes where that one is. The problems of benchmarks, and whatever shares their statement
or solution, go to `test`. Within a training environment some tasks are held out as `test`.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.card import card_text
from codegym_mcp.catalog import read_tasks
from codegym_mcp.definition import content_hash
from codegym_mcp.types import Split, Task
from synth.export.rows import environment_row, index_row, task_line, task_rows
from synth.export.tables import Form, best_form, write_table, write_text
from synth.filter.filters import config_hash
from synth.filter.twins import problem_keys
from synth.problem import Candidate, Problem

ENVIRONMENTS, INDEX = "environments", "index.jsonl"
UNFINISHED = ".unfinished-"
"""Folders that a crash may leave behind begin so."""
BY_HASH, BENCHMARK, AS_ITS_TWIN = "by a hash of its problem", "benchmark: never to be trained on", "as its problem's twin"
"""Why an environment is in its split."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is held out; each from 0 to 1."""

    validation: float = 0.05
    """Of the problems. The paper keeps 500 of 13,116 environments."""
    test: float = 0.05
    tasks: float = 0.1
    """Of the tasks within each training environment."""

    def of_problem(self, key: str) -> Split:
        """The split of a problem, by a hash of its key."""
        place = _unit("problem", key)
        return "validation" if place < self.validation else "test" if place < self.validation + self.test else "train"


def _unit(*parts: str) -> float:
    """A number from 0 to 1 that depends on texts alone."""
    return int(content_hash(*parts)[:12], 16) / 16**12


def provenance(candidate: Candidate) -> dict[str, Any]:
    """Where an environment comes from, for its card."""
    problem = candidate.problem
    return {
        "topic": problem.topic,
        "source": problem.source,
        "licence": problem.licence,
        "benchmark": problem.benchmark,
        "problem": {"id": problem.id, "solution_hash": content_hash(problem.solution), **_keys(problem)},
        "route": candidate.route,
        "notes": candidate.notes,
    }


def _keys(problem: Problem) -> dict[str, str]:
    """Problems that share one of these are in one split."""
    return problem_keys(problem) or {"statement": content_hash(problem.id)}


class Dataset:
    """The folder of a data set. One process at a time may add to it."""

    def __init__(self, folder: Path, *, shares: Shares | None = None) -> None:
        """Open, or make, a data set."""
        self.folder, self._shares = folder, shares or Shares()
        self._home = folder / ENVIRONMENTS
        self._home.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        self._cards = {path.parent.name: _read_card(path) for path in sorted(self._home.glob("*/card.json"))}
        self._by_problem: dict[str, list[str]] = {}
        """Hash of a statement or solution -> environments of it."""
        for name, card in self._cards.items():
            self._note(name, card)

    def names(self) -> list[str]:
        """The environments it has."""
        return sorted(self._cards)

    def card(self, name: str) -> dict[str, Any]:
        """The card of one of them."""
        return self._cards[name]

    def tasks(self, name: str) -> list[Task]:
        """The tasks of one of them."""
        return read_tasks(self._home / name / "tasks.jsonl", name)

    def add(self, candidate: Candidate, tasks: Sequence[Task], card: Mapping[str, Any]) -> str:
        """Keep a verified environment with its tasks; returns the name it has here.

        Args:
            tasks: verified ones; their splits are set here.
            card: what verification found, `content_hash` and `tasks` among it.
        """
        name = self._name(candidate.name, card["content_hash"])
        known = self._cards.get(name)
        whole = {**(known or {}), **card, **provenance(candidate), "name": name}
        whole["split"], whole["split_reason"] = self._split(name, whole)
        kept = self.tasks(name) if known else []
        added = _new_tasks(kept, tasks)
        everything = _split_tasks(name, kept, list(added.values()), whole["split"], self._shares.tasks)
        facts = {task.id: card["tasks"].get(id, {}) for id, task in added.items()}
        whole["pass_rates"] = {**(known or {}).get("pass_rates", {}), **card.get("pass_rates", {})}
        whole.pop("tasks")  # they stand last
        whole["tasks"] = _merged((known or {}).get("tasks", {}) | facts, everything)
        self._write(name, candidate.env, everything, whole)
        if whole["split_reason"] == BENCHMARK:
            self._hold_out_twins(name)
        return name

    def update(self, name: str, card: Mapping[str, Any]) -> None:
        """Put another card in place of an environment's, such as one with pass rates."""
        self._cards[name] = dict(card)
        write_text(self._home / name / "card.json", card_text(card))

    def write_index(self, form: Form | None = None) -> None:
        """Write index and tables anew from what there is."""
        lines = [json.dumps(index_row(name, self._cards[name])) + "\n" for name in self.names()]
        write_text(self.folder / INDEX, "".join(lines))
        chosen = form or best_form()
        sources = {name: (self._home / name / "env.py").read_text(encoding="utf-8") for name in self.names()}
        environments = [environment_row(name, self._cards[name], source) for name, source in sources.items()]
        tasks = [row for name in sources for row in task_rows(self.tasks(name), self._cards[name])]
        write_table(self.folder / "environments", environments, chosen)
        write_table(self.folder / "tasks", tasks, chosen)

    def _name(self, wanted: str, hash: str) -> str:
        known = self._cards.get(wanted)
        return wanted if known is None or known["content_hash"] == hash else f"{wanted}_{hash[:6]}"

    def _split(self, name: str, card: Mapping[str, Any]) -> tuple[Split, str]:
        """The split of an environment, and why. One that is there stays where it is, unless it is a benchmark's."""
        if card["benchmark"]:
            return "test", BENCHMARK
        if name in self._cards:
            return self._cards[name]["split"], self._cards[name]["split_reason"]
        for twin in self._same_problem(card):
            return self._cards[twin]["split"], AS_ITS_TWIN
        key = card["problem"].get("statement") or card["problem"]["solution"]
        return self._shares.of_problem(key), BY_HASH

    def _same_problem(self, card: Mapping[str, Any]) -> list[str]:
        """Environments here whose problem has the same statement or solution."""
        return sorted({name for key in _card_keys(card) for name in self._by_problem.get(key, ())})

    def _hold_out_twins(self, name: str) -> None:
        """Take whatever shares a benchmark's problem out of training."""
        for twin in self._same_problem(self._cards[name]):
            card = self._cards[twin]
            if card["split"] != "test":
                tasks = [task.model_copy(update={"split": "test"}) for task in self.tasks(twin)]
                write_tasks(self._home / twin, tasks)  # first: the card tells that it was done
                facts = _merged(card["tasks"], tasks)
                self.update(twin, {**card, "split": "test", "split_reason": AS_ITS_TWIN, "tasks": facts})

    def _write(self, name: str, source: str, tasks: Sequence[Task], card: Mapping[str, Any]) -> None:
        """A new environment appears with all its files; to one that is there, files are added one by one."""
        home = self._home / name
        place = home if home.exists() else Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        write_text(place / "env.py", source)
        write_text(place / "card.json", card_text(card))  # first: a task without facts could not be told from an old one
        write_tasks(place, tasks)
        if place != home:
            place.chmod(0o755)
            place.rename(home)
        self._note(name, card)

    def _note(self, name: str, card: Mapping[str, Any]) -> None:
        self._cards[name] = dict(card)
        for key in _card_keys(card):
            if name not in (names := self._by_problem.setdefault(key, [])):
                names.append(name)


def write_tasks(home: Path, tasks: Sequence[Task]) -> None:
    """Write the tasks of an environment into its folder."""
    write_text(home / "tasks.jsonl", "".join(task_line(task) + "\n" for task in tasks))


def _read_card(path: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def _card_keys(card: Mapping[str, Any]) -> set[str]:
    problem = card.get("problem", {})
    return {problem[key] for key in ("statement", "solution") if key in problem}


def _new_tasks(kept: Sequence[Task], tasks: Sequence[Task]) -> dict[str, Task]:
    """Tasks that are not there yet, each under the id it came with, and with one that is free."""
    configs, ids = {config_hash(task) for task in kept}, {task.id for task in kept}
    added: dict[str, Task] = {}
    for task in tasks:
        if (hash := config_hash(task)) not in configs:
            configs.add(hash)
            id = f"{task.id}-{hash[:6]}" if task.id in ids else task.id
            ids.add(id)
            added[task.id] = task.model_copy(update={"id": id})
    return added


def _split_tasks(name: str, kept: Sequence[Task], added: Sequence[Task], split: str, share: float) -> list[Task]:
    """All tasks of an environment with their splits; those that were there keep theirs."""
    if split != "train":
        return [task.model_copy(update={"environment": name, "split": split}) for task in (*kept, *added)]
    places = {task.id: _unit("task", config_hash(task)) for task in added}
    splits = {task.id: "test" if places[task.id] < share else "train" for task in added}
    settled = {task.split for task in kept} | set(splits.values())
    if share and "test" not in settled and len(added) > 1:
        splits[min(places, key=places.__getitem__)] = "test"
    elif "train" not in settled and added:
        splits[max(places, key=places.__getitem__)] = "train"
    return [*kept, *(task.model_copy(update={"environment": name, "split": splits[task.id]}) for task in added)]


def _merged(facts: Mapping[str, Mapping[str, Any]], tasks: Sequence[Task]) -> dict[str, dict[str, Any]]:
    """What is known of each task, with its level, its split and its hash."""
    own = {task.id: {"level": task.level, "split": task.split, "config_hash": config_hash(task)} for task in tasks}
    return {task.id: {**facts.get(task.id, {}), **own[task.id]} for task in sorted(tasks, key=lambda task: task.id)}
