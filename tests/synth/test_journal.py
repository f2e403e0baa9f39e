"""The journal of a run: what it has taken is never lost, whatever ends the process."""

import subprocess
import sys
from pathlib import Path

import pytest

from codegym_mcp.journal import Journal, JournalError

WRITER = """
import sys
from pathlib import Path
from codegym_mcp.journal import Journal
with Journal(Path(sys.argv[1])) as journal:
    number = 0
    while True:
        journal.note({"key": str(number), "text": "x" * 1000})
        print(number, flush=True)
        number += 1
"""
LIMITED = """
import resource, sys
from pathlib import Path
from codegym_mcp.journal import Journal, JournalError
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
with Journal(Path(sys.argv[1])) as journal:
    try:
        for number in range(100):
            journal.note({"key": str(number), "text": "x" * 700})
    except JournalError as exc:
        print(number, exc)
"""


def test_what_was_noted_is_recalled_by_a_later_run(tmp_path: Path) -> None:
    path = tmp_path / "out" / "journal.jsonl"
    with Journal(path) as journal:
        journal.note({"run": {"seed": 1}})
        journal.note({"key": "a", "result": [1, "ü \ud800"]})
        journal.note({"key": "b", "result": 2})
        journal.note({"key": "a", "result": 3})
    with Journal(path) as journal:
        assert journal.recall("a") == {"key": "a", "result": 3}
        assert journal.recall("b") == {"key": "b", "result": 2}
        assert journal.recall("c") is None
        assert journal.heads == [{"seed": 1}] and journal.damaged == 0


def test_half_a_character_survives(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.note({"key": "a", "result": "\ud800 ü"})
    with Journal(tmp_path / "j") as journal:
        assert journal.recall("a") == {"key": "a", "result": "\ud800 ü"}


def test_a_killed_writer_loses_no_line_that_it_was_done_with(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        seen += [int(line) for line in writer.stdout]
    with Journal(path) as journal:
        assert all(journal.recall(str(number)) for number in seen)


def test_a_torn_last_line_is_dropped_and_the_next_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal(path) as journal:
        journal.note({"key": "a", "result": 1})
        journal.note({"key": "b", "result": 2})
    whole = path.read_bytes()
    for cut in range(len(whole) // 2 + 1, len(whole)):
        path.write_bytes(whole[:cut])
        with Journal(path) as journal:
            assert journal.recall("a") and journal.recall("b") is None and journal.damaged == 1
            journal.note({"key": "c", "result": 3})
        with Journal(path) as journal:
            assert journal.recall("a") and journal.recall("c") and journal.damaged == 0


def test_a_damaged_line_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"key": "a"}\n\0\0\0\n[1]\n\xff\xfe\n{"key": "b"}\n')
    with Journal(path) as journal:
        assert journal.recall("a") and journal.recall("b") and journal.damaged == 2


def test_two_runs_never_write_one_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "j"), pytest.raises(JournalError, match="another run is writing"):
        Journal(tmp_path / "j").__enter__()
    with Journal(tmp_path / "j"):
        pass


def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path) -> None:
    path = tmp_path / "j"
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=True, timeout=60)
    number, _, text = done.stdout.partition(" ")
    assert int(number) == 6 and "cannot be written" in text and "run again to go on" in text
    with Journal(path) as journal:
        assert journal.damaged == 0 and journal.recall("5") and journal.recall("6") is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="choose another folder with -o"):
        Journal(tmp_path / "file" / "j").__enter__()
