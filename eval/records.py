"""The episodes of a run, on the disk as each one ends: a run that was stopped plays none of them again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from codegym_mcp.catalog import explain
from codegym_mcp.errors import InvalidRequest
from codegym_mcp.journal import Journal, read_journal
from codegym_mcp.policies.model import Usage
from codegym_mcp.types import Task, Trajectory

FILE = "episodes.jsonl"


@dataclass(frozen=True)
class Record:
    """One episode."""

    subject: str
    """The evaluated one, or the baseline it stands beside."""
    run: int
    """From 0."""
    trajectory: Trajectory
    usage: Usage | None = None


RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Records:
    """Episodes in a folder. Use as `with`; one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder / FILE)

    def __enter__(self) -> Self:
        """Open, or make. Raises: JournalError: another run has it open, or it cannot be written."""
        self._journal.__enter__()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        self._journal.__exit__(exc_type, exc, trace)

    def begin(self, given: dict[str, Any]) -> None:
        """Note what the run is asked to do.

        Raises:
            InvalidRequest: the folder holds another run.
        """
        if not self._journal.heads:
            self._journal.note({"run": given})
        elif (before := self._journal.heads[0]) != given:
            field = next(key for key in {**before, **given} if before.get(key) != given.get(key))
            was, now = before.get(field), given.get(field)
            where = self._journal.path.parent
            raise InvalidRequest(
                field, f"{where} holds a run with {field} = {was!r}, not {now!r}; choose another folder with -o"
            )

    def known(self, subject: str, task: Task, run: int) -> bool:
        """Whether that episode has been played, with a verdict."""
        return self._journal.recall(_key(subject, task, run)) is not None

    def add(self, record: Record) -> None:
        """Keep an episode; it is on the disk when this returns. One without a verdict will be played again."""
        task = record.trajectory.task
        key = _key(record.subject, task, record.run)
        if record.trajectory.reward is None:
            key += " without a verdict"
        self._journal.note({"key": key, "record": RECORD.dump_python(record, mode="json")})


def read_records(folder: Path) -> tuple[dict[str, Any], list[Record]]:
    """What a run was asked to do, and its episodes; of an episode that was played again, the last.

    Raises:
        InvalidRequest: the folder holds no run, or one that another version wrote.
    """
    path = folder / FILE
    if not path.exists():
        raise InvalidRequest("runs", f"{folder} holds no evaluation ({FILE} is missing); `python -m eval run` makes one")
    lines = list(read_journal(path))
    given: Sequence[dict[str, Any]] = [line["run"] for line in lines if "run" in line]
    found: dict[tuple[str, str, str, int], Record] = {}
    for line in lines:
        if "record" in line:
            try:
                record = RECORD.validate_python(line["record"])
            except ValidationError as exc:
                raise InvalidRequest("runs", f"{path} holds what is no record of an episode: {explain(exc)}") from exc
            task = record.trajectory.task
            where = record.subject, task.environment, task.id, record.run
            if record.trajectory.reward is not None or where not in found or found[where].trajectory.reward is None:
                found[where] = record
    if not given:
        raise InvalidRequest("runs", f"{folder} holds an evaluation that has not begun; give its command again")
    return given[0], list(found.values())


def slug(model: str) -> str:
    """A model's name as part of a file's."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", model).strip("-.") or "model"


def _key(subject: str, task: Task, run: int) -> str:
    return f"{subject} {task.environment} {task.id} {run}"
