"""Figures of a run: of groups as they are played, and of what the optimiser says. Written as JSON lines.

One line per optimiser step (`kind: train`), per evaluation (`kind: evaluation`), and per warm start (`kind: warm`).
"""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.rollout import repeated_failures
from codegym_mcp.types import Trajectory
from trainer.rollouts import Group, Rollout
from trainer.tasks import Key

WAITED = "perf/rollout_wait_s"
"""Wall time of a step that the trainer waited for rollouts: TRL's name in async runs (1.16.0), and ours in sync ones."""


class Journal:
    """The run's JSONL file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        if path.exists() and path.read_bytes()[-1:] not in (b"", b"\n"):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")  # the last line was cut short by a kill: what comes next begins a line of its own

    def write(self, kind: str, **values: Any) -> None:
        """Append a line."""
        line = json.dumps({"kind": kind, "at": round(time.time(), 2), **values})
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def read(self, kind: str) -> list[dict[str, Any]]:
        """The lines of a kind. After a resumed run some steps stand twice: the later counts."""
        if not self.path.exists():
            return []
        rows = [row for row in map(_row, self.path.read_text(encoding="utf-8").splitlines()) if row is not None]
        return list({row.get("step", n): row for n, row in enumerate(rows) if row["kind"] == kind}.values())


def _row(line: str) -> dict[str, Any] | None:
    """A line's figures; None for an empty one, and for one that was cut short."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "kind" in row else None


@dataclass(frozen=True, slots=True)
class Played:
    """What figures need of a rollout that has a reward: little, for processes send it to each other."""

    environment: str
    reward: float
    solved: bool
    terms: dict[str, float]
    calls: int
    oracle_calls: int | None
    failed_calls: int
    repeated_failure: float
    truncated: bool
    spent: bool
    """Whether its budget of tokens was."""
    sampled_tokens: int
    tokens: int
    lived_s: float
    generate_s: float


@dataclass(frozen=True, slots=True)
class Tally:
    """The groups that one process has played in an optimiser step."""

    groups: int
    uniform: int
    faults: int
    dropped: int
    played: list[Played]


class Window:
    """Groups since the last optimiser step. Filled on the worker's thread, emptied on the trainer's.

    Rates and shares are over the wall time since the last step that had new groups: a sync run with several updates for one
    batch of rollouts has them in its first. Evaluations are no part of it.
    """

    def __init__(self, oracle_calls: Mapping[Key, int]) -> None:
        """Args:
        oracle_calls: of each task, where known.
        """
        self._oracle_calls = oracle_calls
        self._groups: list[Group] = []
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Time counts from now on."""
        self._step_began = self._began = time.monotonic()
        self._waited_s = 0.0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done in here takes no time."""
        started = time.monotonic()
        yield
        took = time.monotonic() - started
        self._step_began += took
        self._began += took

    def add(self, group: Group) -> None:
        """A group was played."""
        with self._lock:
            self._groups.append(group)

    def take(self) -> list[Group]:
        """The groups since it was last asked."""
        with self._lock:
            groups, self._groups = self._groups, []
        return groups

    def tally(self, groups: Sequence[Group]) -> Tally:
        """What figures need of them."""
        rollouts = [rollout for group in groups for rollout in group.rollouts]
        played = [self._played(rollout, rollout.reward) for rollout in rollouts if rollout.reward is not None]
        return Tally(
            groups=len(groups),
            uniform=sum(group.uniform for group in groups),
            faults=sum(group.faults for group in groups),
            dropped=len(rollouts) - len(played),
            played=played,
        )

    def _played(self, rollout: Rollout, reward: float) -> Played:
        one, tokens = rollout.trajectory, rollout.tokens
        return Played(
            environment=one.environment,
            reward=reward,
            solved=one.reward == 1.0,
            terms=rollout.terms,
            calls=len(one.steps),
            oracle_calls=self._oracle_calls.get((one.environment, one.task.id)),
            failed_calls=sum(step.is_error for step in one.steps),
            repeated_failure=repeated_failures(one.steps),
            truncated=one.status == "truncated",
            spent=tokens.spent,
            sampled_tokens=sum(tokens.mask),
            tokens=len(tokens.ids),
            lived_s=one.elapsed_s,
            generate_s=tokens.generate_s,
        )

    def figures(self, tallies: Sequence[Tally], waited_s: float = 0.0) -> dict[str, float]:
        """The figures of an optimiser step, of all processes; without groups, its time alone.

        Args:
            waited_s: wall time that the trainer waited for rollouts in this step.
        """
        now = time.monotonic()
        step_s, self._step_began = now - self._step_began, now
        self._waited_s += waited_s
        found = {"speed/step_s": step_s}
        groups = sum(tally.groups for tally in tallies)
        if not groups:
            return found
        elapsed_s, waited_s = max(now - self._began, 1e-6), self._waited_s
        self._began, self._waited_s = now, 0.0
        found["rollouts/faults"] = float(sum(tally.faults for tally in tallies))
        played = [one for tally in tallies for one in tally.played]
        if not played:
            return found
        return found | {
            **_rewards(played),
            **_episodes(played),
            **_speed(played, elapsed_s),
            **_time_split(played, elapsed_s, waited_s),
            "groups": float(groups),
            "groups/uniform": sum(tally.uniform for tally in tallies) / groups,
            "rollouts/dropped": float(sum(tally.dropped for tally in tallies)),
        }


def _rewards(played: Sequence[Played]) -> dict[str, float]:
    found = {"reward": mean(one.reward for one in played), "solved": share(one.solved for one in played)}
    for name in sorted({term for one in played for term in one.terms} - {"binary"}):
        found[f"terms/{name}"] = mean(one.terms.get(name, 0.0) for one in played)
    by_name: dict[str, list[bool]] = defaultdict(list)
    for one in played:
        by_name[one.environment].append(one.solved)
    return found | {f"solved/{name}": share(values) for name, values in sorted(by_name.items())}


def _episodes(played: Sequence[Played]) -> dict[str, float]:
    ratios = [one.calls / one.oracle_calls for one in played if one.oracle_calls]
    return {
        "calls": mean(one.calls for one in played),
        **({"calls/of_oracle": mean(ratios)} if ratios else {}),
        "calls/failed": sum(one.failed_calls for one in played) / max(1, sum(one.calls for one in played)),
        "calls/repeated_failure": mean(one.repeated_failure for one in played),
        "truncated": share(one.truncated for one in played),
        "truncated/tokens": share(one.spent for one in played),
    }


def _speed(played: Sequence[Played], elapsed_s: float) -> dict[str, float]:
    return {
        "tokens/sampled": mean(one.sampled_tokens for one in played),
        "tokens/all": mean(one.tokens for one in played),
        "speed/tokens_per_s": sum(one.sampled_tokens for one in played) / elapsed_s,
        "speed/calls_per_s": sum(one.calls for one in played) / elapsed_s,
        "speed/rollouts_per_s": len(played) / elapsed_s,
    }


def _time_split(played: Sequence[Played], elapsed_s: float, waited_s: float) -> dict[str, float]:
    """Shares of the trainer's wall time: it waits for rollouts, or it trains. Rollouts run side by side, so the wait is split
    as the time that they spent themselves: on the model's turns (with the wait for others' turns), or on all else, tools above
    all. In async runs they play on while the trainer trains; `rollouts/generating` is the model's share of their own time.
    """
    lived_s = sum(one.lived_s for one in played)
    generating = min(1.0, sum(one.generate_s for one in played) / max(lived_s, 1e-6))
    waiting = min(1.0, waited_s / elapsed_s)
    return {
        "share/generate": waiting * generating,
        "share/environments": waiting * (1 - generating),
        "share/train": 1 - waiting,
        "rollouts/generating": generating,
    }


def evaluation_figures(trajectories: Sequence[Trajectory]) -> dict[str, Any]:
    """Pass rates of an evaluation, in all, by environment and by task; trajectories without a reward are counted apart."""
    valid = [one for one in trajectories if one.reward is not None]
    by_name: dict[str, list[bool]] = defaultdict(list)
    by_task: dict[str, list[int]] = defaultdict(list)
    for one in valid:
        by_name[one.environment].append(one.reward == 1.0)
        by_task[f"{one.environment}/{one.task.id}"].append(int(one.reward == 1.0))
    return {
        "episodes": len(valid),
        "faults": len(trajectories) - len(valid),
        "solved": share(one.reward == 1.0 for one in valid),
        "environments": {name: share(values) for name, values in sorted(by_name.items())},
        "tasks": dict(sorted(by_task.items())),
        "calls": mean(len(one.steps) for one in valid),
        "status": dict(Counter(one.status for one in valid)),
    }


def mean(values: Iterable[float]) -> float:
    """0 for none."""
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def share(values: Iterable[bool]) -> float:
    """How many are true, 0 to 1."""
    return mean(float(value) for value in values)
