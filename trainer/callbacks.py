"""What happens between optimiser steps: figures, evaluations, the sampler's state beside each checkpoint, the display."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from codegym_mcp.rollout import write_trajectories
from trainer.metrics import WAITED, Journal, Window
from trainer.processes import from_all, process_rank
from trainer.tasks import TaskSampler


def state_file(rank: int) -> str:
    """What a process keeps beside each checkpoint."""
    return f"rollouts-{rank}.json"


class Figures(TrainerCallback):
    """Joins our figures, of all processes, to those of the optimiser: for reporters, for the journal, for the display."""

    def __init__(
        self, journal: Journal, window: Window, trajectories: Path, keep: int, show: Callable[[int, dict[str, float]], None]
    ) -> None:
        """Args:
        trajectories: JSONL to which some of each step's are appended.
        keep: how many of each step.
        show: told of every step.
        """
        self._journal, self._window, self._trajectories, self._keep, self._show = journal, window, trajectories, keep, show

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """What came before is no part of the first step's time."""
        self._window.begin()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **others: Any) -> None:
        """The optimiser has made a step. Called in every process: each sends its tally to the others."""
        if logs is None or "loss" not in logs:
            return
        groups = self._window.take()
        tallies = from_all(self._window.tally(groups))
        if not state.is_world_process_zero:
            return
        logs.update(self._window.figures(tallies, logs.get(WAITED) or 0.0))
        figures = {key: value for key, value in logs.items() if isinstance(value, (int, float)) and math.isfinite(value)}
        self._journal.write("train", step=state.global_step, **figures)
        rollouts = [rollout.trajectory for group in groups for rollout in group.rollouts]
        write_trajectories(self._trajectories, rollouts[: self._keep])
        self._show(state.global_step, figures)


class Loss(TrainerCallback):
    """The loss of a supervised step, for the journal and the display."""

    def __init__(self, journal: Journal, show: Callable[[int, dict[str, float]], None]) -> None:
        self._journal, self._show = journal, show

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **others: Any) -> None:
        """The optimiser has made a step."""
        if logs is not None and "loss" in logs:
            self._journal.write("warm", step=state.global_step, loss=float(logs["loss"]))
            self._show(state.global_step, {"loss": float(logs["loss"])})


class State(TrainerCallback):
    """Each process's sampler, and the version of the weights, beside each checkpoint."""

    def __init__(self, sampler: TaskSampler, version: Callable[[], int]) -> None:
        """Args:
        version: of the weights that play.
        """
        self._sampler, self._version = sampler, version

    def on_save(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """A checkpoint was written; ours goes with it, whole or not at all."""
        folder, name = Path(args.output_dir) / f"checkpoint-{state.global_step}", state_file(process_rank())
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.part"
        part.write_text(json.dumps({"sampler": self._sampler.state(), "version": self._version()}), encoding="utf-8")
        part.replace(folder / name)


class Evaluate(TrainerCallback):
    """Plays held-out tasks every so many steps, and keeps the best model. In every process: the first one plays."""

    def __init__(
        self, every: int, evaluate: Callable[[int], float | None], keep: Callable[[int, float], None], best: float
    ) -> None:
        """Args:
        every: updates of the weights.
        evaluate: plays and writes them down; tells the pass rate, None where there is none.
        keep: saves the model as the best one; told its step and its pass rate.
        best: pass rate of the best one so far.
        """
        self._every, self._evaluate, self._keep, self._best = every, evaluate, keep, best

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Time for it?"""
        if state.global_step % self._every == 0:
            solved = self._evaluate(state.global_step)
            if solved is not None and solved > self._best:
                self._best = solved
                self._keep(state.global_step, solved)
