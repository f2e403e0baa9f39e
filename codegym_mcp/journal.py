"""The journal of a long run: one line per finished piece of work, on the disk before the next one starts.

A line stands under a key that names, or hashes, all that its piece of work depends on. A run that was stopped, at
whatever moment, finds every finished piece again and does only the rest. Lines are only ever appended.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from codegym_mcp.errors import CodegymError

Line = dict[str, Any]


class JournalError(CodegymError):
    """The journal cannot be used: what is wrong with it, and what to do."""


class Journal:
    """Append-only memory of a run. Use as `with`; one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        """Lines that could not be read: torn by a crash. What they told is done again."""
        self.heads: list[Line] = []
        """What each run before this one was asked to do, in order."""
        self._places: dict[str, tuple[int, int]] = {}
        """Key -> offset and length of its line."""
        self._file = -1

    def __enter__(self) -> Self:
        """Open, or make, and read what is there.

        Raises:
            JournalError: another run has it open, or it cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as exc:
            raise JournalError(f"{self.path} cannot be written: {exc.strerror}; choose another folder with -o") from exc
        try:
            self._lock()
            self._cut_torn_end()
            for offset, text in read_lines(self.path):
                self._learn(offset, text)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        """Close; this also lets go of the lock."""
        os.close(self._file)

    def recall(self, key: str) -> Line | None:
        """The line under a key, if that piece of work has been finished before."""
        if key not in self._places:
            return None
        offset, length = self._places[key]
        line: Line = json.loads(os.pread(self._file, length, offset))
        return line

    def note(self, line: Line) -> None:
        """Append one line; it is on the disk when this returns.

        Raises:
            JournalError: the disk is full or gone. The line is not half there for those who read it later.
        """
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
        offset = os.lseek(self._file, 0, os.SEEK_END)
        try:
            if os.write(self._file, text) < len(text):
                raise OSError(0, "the disk is full")
            os.fsync(self._file)
        except OSError as exc:
            os.ftruncate(self._file, offset)
            raise JournalError(f"{self.path} cannot be written: {exc.strerror}; make room and run again to go on") from exc
        self._learn(offset, text)

    def _lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise JournalError(f"another run is writing {self.path.parent}; wait for it, or choose another -o") from exc

    def _cut_torn_end(self) -> None:
        """Drop a last line that was never finished: the process died in the middle of it."""
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            self.damaged += 1
            os.ftruncate(self._file, whole)

    def _learn(self, offset: int, text: bytes) -> None:
        try:
            line = json.loads(text)
        except ValueError:
            self.damaged += 1
            return
        if isinstance(line, dict) and "key" in line:
            self._places[line["key"]] = offset, len(text)
        elif isinstance(line, dict) and "run" in line:
            self.heads.append(line["run"])


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a journal, each with its offset."""
    offset = 0
    with path.open("rb") as file:
        for text in file:
            yield offset, text
            offset += len(text)


def read_journal(path: Path) -> Iterator[Line]:
    """What a journal tells, for those who only look."""
    for _, text in read_lines(path):
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            yield line
