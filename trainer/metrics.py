"""Figures of a run: of groups as they are played, and of what the optimiser says. Written as JSON lines.

One line per optimiser step (`kind: train`), per evaluation (`kind: evaluation`), and per warm start (`kind: warm`).
"""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.rollout import repeated_failures
from codegym_mcp.types import Trajectory
from trainer.rollouts import Group, Rollout
from trainer.tasks import Key


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


class Window:
    """Groups since the last optimiser step. Filled on the worker's thread, emptied on the trainer's."""

    def __init__(self, oracle_calls: Mapping[Key, int]) -> None:
        """Args:
        oracle_calls: of each task, where known.
        """
        self._oracle_calls = oracle_calls
        self._groups: list[Group] = []
        self._since = time.monotonic()
        self._lock = threading.Lock()

    def add(self, group: Group) -> None:
        """A group was played."""
        with self._lock:
            self._groups.append(group)

    def take(self) -> list[Group]:
        """The groups since it was last asked."""
        with self._lock:
            groups, self._groups = self._groups, []
        return groups

    def figures(self, groups: Sequence[Group]) -> dict[str, float]:
        """Their figures; empty when there were none."""
        now = time.monotonic()
        elapsed, self._since = now - self._since, now
        rollouts = [rollout for group in groups for rollout in group.rollouts]
        valid = [rollout for rollout in rollouts if rollout.reward is not None]
        if not valid:
            return {"rollouts/faults": float(sum(group.faults for group in groups))} if groups else {}
        return {
            **self._rewards(valid),
            **self._episodes(valid),
            **_speed(valid, elapsed),
            "groups": float(len(groups)),
            "groups/uniform": share(group.uniform for group in groups),
            "rollouts/faults": float(sum(group.faults for group in groups)),
            "rollouts/dropped": float(len(rollouts) - len(valid)),
        }

    def _rewards(self, rollouts: Sequence[Rollout]) -> dict[str, float]:
        found = {
            "reward": mean(rollout.reward or 0.0 for rollout in rollouts),
            "solved": share(rollout.trajectory.reward == 1.0 for rollout in rollouts),
        }
        for name in sorted({term for rollout in rollouts for term in rollout.terms} - {"binary"}):
            found[f"terms/{name}"] = mean(rollout.terms.get(name, 0.0) for rollout in rollouts)
        by_name: dict[str, list[bool]] = defaultdict(list)
        for rollout in rollouts:
            by_name[rollout.trajectory.environment].append(rollout.trajectory.reward == 1.0)
        return found | {f"solved/{name}": share(values) for name, values in sorted(by_name.items())}

    def _episodes(self, rollouts: Sequence[Rollout]) -> dict[str, float]:
        trajectories = [rollout.trajectory for rollout in rollouts]
        calls = [len(one.steps) for one in trajectories]
        oracle = [(len(one.steps), self._oracle_calls.get((one.environment, one.task.id))) for one in trajectories]
        ratios = [made / needed for made, needed in oracle if needed]
        return {
            "calls": mean(calls),
            **({"calls/of_oracle": mean(ratios)} if ratios else {}),
            "calls/failed": sum(step.is_error for one in trajectories for step in one.steps) / max(1, sum(calls)),
            "calls/repeated_failure": mean(repeated_failures(one.steps) for one in trajectories),
            "truncated": share(one.status == "truncated" for one in trajectories),
            "truncated/tokens": share(rollout.tokens.spent for rollout in rollouts),
        }


def _speed(rollouts: Sequence[Rollout], elapsed: float) -> dict[str, float]:
    """What a step took. The shares are of the time that rollouts spent, not of the wall's: they run side by side."""
    lived = sum(rollout.trajectory.elapsed_s for rollout in rollouts)
    generating = sum(rollout.tokens.generate_s for rollout in rollouts)
    return {
        "tokens/sampled": mean(sum(rollout.tokens.mask) for rollout in rollouts),
        "tokens/all": mean(len(rollout.tokens.ids) for rollout in rollouts),
        "speed/tokens_per_s": sum(sum(rollout.tokens.mask) for rollout in rollouts) / max(elapsed, 1e-6),
        "speed/calls_per_s": sum(len(rollout.trajectory.steps) for rollout in rollouts) / max(elapsed, 1e-6),
        "speed/rollouts_per_s": len(rollouts) / max(elapsed, 1e-6),
        "share/generate": generating / max(lived, 1e-6),
        "share/environments": (lived - generating) / max(lived, 1e-6),
        "speed/step_s": elapsed,
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
