"""`codegym check` as authors meet it: every check tells what it found, and where. What synth/ asks beyond it: tests/synth.

An environment of tests/synth/crates.py is broken in one place at a time; all are checked side by side, once.
"""

import asyncio
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.check import Checker, check_all
from codegym_mcp.definition import Definition
from codegym_mcp.gym import Gym
from codegym_mcp.report import Report
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.pool import Pool
from tests.conftest import write_environment
from tests.synth.crates import ENV, OBSERVED, RECKON, SEEN, inputs, judging, tool

TASKS = [{"id": f"easy-{number}", "level": "easy", "config": item.config} for number, item in enumerate(inputs(), start=1)]
SHORT = {"id": "short", "level": "easy", "config": {"weights": [5, 6], "limit": 40}}
LONG = {"id": "long", "level": "easy", "config": {"weights": [9 + n % 23 for n in range(130)], "limit": 40}}
START = "        self.load, self.packed = 0, 0\n"
TOTAL = "        total, number, packed = 0, 1, 0\n"
SHY = 'if not self.load:\n            raise ValueError("nothing is packed")\n        ' + OBSERVED
LATER = (
    ('items = call("Observe")["items"]\n', 'call("Pack")\n        items = call("Observe")["items"]\n'),
    ("total, number, packed = 0, 1, 0", "total, number, packed = 0, 1, 1"),
)
GIVES_UP = ('return call("Done", answer=value)', "return None")
GIVEN = "        self.weights, self.limit = weights, limit\n"


@cache
def bits(seed: int) -> list[int]:
    """The last bit of the hashes of some words, under a hash seed: the sandboxes have 0, 4711, 1 and 2."""
    code = "print(*(hash(f'w{n}') % 2 for n in range(64)))"
    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": str(seed)}, capture_output=True, check=True)
    return [int(bit) for bit in run.stdout.split()]


def word(*, differs: int, same: tuple[int, ...] = ()) -> str:
    """A word whose bit is 0 under the hash seed 0, not under another, and again in others."""
    number = next(n for n in range(64) if bits(differs)[n] and not any(bits(seed)[n] for seed in (0, *same)))
    return f"w{number}"


OTHER = f'hash("{word(differs=4711)}") % 2'
"""An expression that is 0 where episodes are played, and 1 in the first sandbox that replays them."""
RARE = f'hash("{word(differs=2, same=(4711, 1))}") % 2'
"""The same, but 1 only in the last one."""
Changes = tuple[tuple[str, str], ...]

BROKEN: dict[str, tuple[str, str, Changes]] = {
    "resets_not": ("load", "easy-1: ", ((START, '        raise ValueError("no crates")\n'),)),
    "oracle_raises": ("gold", "easy-1: ", ((TOTAL, f"{TOTAL}        1 // 0\n"),)),
    "oracle_errs": ("gold", "easy-1: the oracle's reward is 0.0, expected 1.0", (("answer=value", "answer=value + 1"),)),
    "oracle_gives_up": ("gold", "easy-1: the oracle's reward is 0.0", (GIVES_UP,)),
    "no_reference": (
        "gold",
        "easy-1: there is no reference: ",
        (("        return value\n", "        return value // 0\n"), GIVES_UP),
    ),
    "reference_no_json": ("gold", "easy-1: there is no reference: ", (("        return value\n", "        return {1, 2}\n"),)),
    "never_right": ("gold", "easy-1: submitting the reference scores 0", ()),
    "judge_ends": ("gold", "easy-1: answers cannot be judged: ", (GIVES_UP,)),
    "observes_late": ("schema", "easy-1: Observe fails in the initial state", ((OBSERVED, SHY), *LATER)),
    "observe_tells": (
        "shortcut",
        "submitting 'Observe, call 1: ['best']'",
        (
            (GIVEN + START, f"{GIVEN}{START}{RECKON}        self.best = value\n"),
            (OBSERVED, 'return {"items": len(self.weights), "best": self.best}'),
            (SEEN, f'for _ in range(9): call("Close")\n        {SEEN}'),
        ),
    ),
    "tool_tells_at_the_end": (
        "shortcut",
        "submitting 'Total, before anything else, try 1: all'",
        (
            *tool("Total", f"{RECKON.lstrip()}        return value"),
            ("        return call(", '        call("Total")\n        return call('),
        ),
    ),
    "resets_by_hash": (
        "determinism",
        "easy-1: reset gives another state",
        ((START, f"{START}        self.key = {OTHER}\n"),),
    ),
    "resets_by_a_rare_hash": (
        "determinism",
        "easy-1: reset gives another state",
        ((START, f"{START}        self.key = {RARE}\n"),),
    ),
    "resets_not_everywhere": ("determinism", "easy-1: ", ((START, f"{START}        1 // (1 - {OTHER})\n"),)),
    "calls_fail_elsewhere": (
        "determinism",
        "Pack raised ZeroDivisionError",
        (("        self.load += weight\n", f"        self.load += weight // (1 - {OTHER})\n"),),
    ),
    "text_by_hash": ("determinism", "gives another result", ((OBSERVED, OBSERVED.replace("}", f', "bit": {OTHER}}}')),)),
    "state_by_hash": (
        "determinism",
        "gives another result in another process",
        (("        self.packed += 1\n", f"        self.packed += 1\n        self.bit = {OTHER}\n"),),
    ),
}
SORTED = 'return {"items": len(self.weights), "sorted": sorted(self.weights), "limit": self.limit}'
ORDERS: list[dict[str, Any]] = [
    {"id": f"easy-{number}", "level": "easy", "config": {"weights": [*weights], "limit": 40}}
    for number, weights in enumerate([(30, 11, 30, 11, 29), (30, 30, 11, 29, 11), (9, 8, 31, 7, 35), (9, 31, 35, 7, 8)])
]
"""The same weights in two orders, with different answers."""
RULES = {"never_right": "False", "judge_ends": "__import__('os')._exit(3)"}


def source(name: str) -> str:
    """The environment, broken as its name says."""
    text = judging(RULES[name]).env if name in RULES else ENV
    for old, new in BROKEN[name][2]:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """All of them, checked once."""
    folder = tmp_path_factory.mktemp("broken")
    lines = "".join(json.dumps(task) + "\n" for task in TASKS)
    for name in BROKEN:
        write_environment(folder, source(name), lines, name=name)
    write_environment(folder, ENV, lines, name="sound")
    write_environment(
        folder, ENV, "".join(json.dumps(task) + "\n" for task in (*TASKS, SHORT, LONG)), name="too_long_and_short"
    )
    write_environment(folder, ENV, "", name="without_tasks")
    write_environment(folder, ENV.replace(OBSERVED, SORTED), "".join(json.dumps(task) + "\n" for task in ORDERS), name="sorted")
    catalog = Catalog.of(folder)
    return {one.environment: one for one in asyncio.run(check_all(catalog, [*catalog.names(), "unknown"]))}


def test_a_sound_environment_has_no_findings(reports: dict[str, Report]) -> None:
    assert reports["sound"].ok and reports["sound"].findings == {}
    assert all(facts.replayed for id, facts in reports["sound"].tasks.items() if id in ("easy-1", "easy-2"))


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_with_its_task(reports: dict[str, Report], name: str) -> None:
    check, words, _ = BROKEN[name]
    assert any(words in finding for finding in reports[name].findings[check]), reports[name].findings


def test_tasks_of_a_wrong_length_are_told_with_their_bounds(reports: dict[str, Report]) -> None:
    assert reports["too_long_and_short"].findings == {
        "calls": [
            "short: the oracle makes 7 calls, expected 10 to 256",
            "long: the oracle makes 437 calls, expected 10 to 256",
        ]
    }


def test_nothing_to_check_is_a_finding(reports: dict[str, Report]) -> None:
    assert reports["without_tasks"].findings["load"] == ["it has no tasks"]
    assert "unknown" in reports["unknown"].findings["load"][0]


def test_order_that_observe_does_not_show_is_hidden(reports: dict[str, Report]) -> None:
    """All values stand there; but tasks that look alike have different answers."""
    assert reports["sorted"].revealed == 1.0 and "hidden" not in reports["sorted"].findings, reports["sorted"].findings


class Curt(Pool):
    """A sandbox in which the judge gives fewer verdicts than it was asked for."""

    async def consult(self, definition: Definition, op: int, head: dict[str, Any]) -> str:
        """All but the last of several."""
        text = await super().consult(definition, op, head)
        return text[:-1] if op == frames.JUDGE and len(text) > 1 else text


async def test_judge_with_fewer_verdicts_than_answers_is_told(tmp_path: Path) -> None:
    lines = "".join(json.dumps(task) + "\n" for task in TASKS)
    catalog = Catalog.of(write_environment(tmp_path, ENV, lines, name="sound"))
    async with Gym(catalog, pool=Curt()) as gym, Pool(hash_seed=4711, zygotes=1) as other:
        report = await Checker(gym, other).check("sound")
    assert any(one.startswith("easy-1: answers cannot be judged: ") for one in report.findings["gold"]), report.findings
