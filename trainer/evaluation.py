"""Evaluations on held-out tasks: at full size before and after a run, smaller ones during it."""

import random
from collections.abc import Sequence
from pathlib import Path

from codegym_mcp.errors import SandboxError
from codegym_mcp.policies.tokens import TokenPolicy
from codegym_mcp.rollout import write_trajectories
from codegym_mcp.types import Task
from trainer.config import Config
from trainer.metrics import Journal, evaluation_figures
from trainer.progress import Display
from trainer.worker import MCPRolloutWorker

BEFORE, AFTER = "before", "after"


class HeldOut:
    """Evaluations on held-out tasks."""

    def __init__(
        self,
        config: Config,
        folder: Path,
        display: Display,
        worker: MCPRolloutWorker,
        policy: TokenPolicy,
        tasks: Sequence[Task],
    ) -> None:
        """Args:
        folder: the run's.
        """
        self._config, self._folder, self._display = config, folder, display
        self._worker, self._policy, self._tasks = worker, policy, tasks
        self._journal = Journal(folder / "run.jsonl")

    def whole(self, name: str) -> None:
        """Before or after, at full size; trajectories are kept."""
        times = -(-self._config.evaluation.episodes // len(self._tasks))
        optimiser = self._config.optimiser
        step = optimiser.steps * optimiser.updates if name == AFTER else 0
        self._display.tell(f"{times * len(self._tasks)} held-out episodes {name} training")
        played = self._worker.play(self._tasks, times, self._policy, seed=1)
        path = self._folder / f"evaluation-{name}.jsonl"
        path.unlink(missing_ok=True)
        write_trajectories(path, played)
        figures = evaluation_figures(played)
        if not figures["episodes"]:
            told = (played[0].error or {}).get("message")
            raise SandboxError(f"no held-out episode {name} training could be played; the first one's error: {told}")
        self._journal.write("evaluation", name=name, step=name, at_step=step, **figures)
        self._display.tell(f"held-out tasks solved {name}: {figures['solved']:.3f} of {figures['episodes']} episodes")

    def part(self, step: int) -> float | None:
        """During a run, at a smaller size; the pass rate. None: machines failed in every episode."""
        wanted = self._config.evaluation.episodes_during
        some = random.Random(self._config.seed).sample(self._tasks, min(wanted, len(self._tasks)))
        times = max(1, wanted // len(some))
        figures = evaluation_figures(self._worker.play(some, times, self._policy, seed=1 + step))
        if not figures["episodes"]:
            self._display.tell(f"no held-out episode could be played after step {step}")
            return None
        self._journal.write("evaluation", name="during", step=f"during {step}", at_step=step, **figures)
        self._display.tell(f"held-out tasks solved after step {step}: {figures['solved']:.3f}")
        return float(figures["solved"])
