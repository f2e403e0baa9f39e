"""A whole run: servers, model, warm start, GRPO, evaluations, report. Every stage's result is a file; a run that was
interrupted goes on from its last one.

A run's folder: config.json, run.jsonl (figures), trajectories.jsonl (some of each step's), model/ (what a model made here
begins as), warm/ (after the warm start), checkpoints/, best/, last/,
evaluation-before.jsonl and -after.jsonl (held-out trajectories), report.html, curves.png, server-*.log.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.card import oracle_calls
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.tokens import encode
from codegym_mcp.process import Served
from codegym_mcp.rollout import read_trajectories, write_trajectories
from codegym_mcp.types import EnvironmentInfo, Task, Trajectory
from trainer.callbacks import Evaluate, Figures, Loss, State, state_file
from trainer.config import Config, InvalidConfig
from trainer.demonstrations import demonstrate, oracle_trajectories
from trainer.evaluation import AFTER, BEFORE, HeldOut
from trainer.grpo import in_order
from trainer.metrics import Journal, Window
from trainer.models import load_model, load_tokenizer, prepare, template_of
from trainer.player import Player
from trainer.processes import from_first, own_seed, process_rank, wait_for_all, world_size
from trainer.progress import Display
from trainer.servers import servers
from trainer.sft import supervised
from trainer.tasks import Key, TaskSampler, held_out_tasks, training_tasks
from trainer.worker import MCPRolloutWorker

PoolMaker = Callable[[], AbstractAsyncContextManager[ClientPool]]
BEST = "best.json"
"""In the folder of the best model: its step and its pass rate."""


@dataclass(frozen=True)
class Gymnasium:
    """What a run plays in."""

    connect: PoolMaker
    catalog: Catalog
    tasks: list[Task]
    held_out: list[Task]
    environments: dict[str, EnvironmentInfo]


class Run:
    """One run in its folder."""

    def __init__(self, config: Config, folder: Path, display: Display) -> None:
        """Raises:
        InvalidConfig: the folder holds a run of another configuration.
        """
        self.config, self.folder, self.display = config, folder, display
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(folder / "run.jsonl")
        written = folder / "config.json"
        text = json.dumps(config.to_json(), indent=1)
        if written.exists() and json.loads(written.read_text(encoding="utf-8")) != json.loads(text):
            raise InvalidConfig(str(folder), "holds a run of another configuration; choose another --out, or remove it")
        if world_size() > 1 and config.model.path in ("tiny", "smollm2"):
            raise InvalidConfig("model.path", "one process makes that model; do so first, then name its folder as model.path")
        if self._first:
            part = written.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(written)

    @property
    def _first(self) -> bool:
        """Whether this process is the one that writes, of those that accelerate may have started."""
        return process_rank() == 0

    def go(self) -> dict[str, Any]:
        """Everything, from where it was left.

        Returns:
            the evaluations before and after; empty in all of several processes but the first.
        """
        import torch

        torch.manual_seed(self.config.seed)
        with self._gymnasium() as gymnasium:
            base, start = self._warm_start(gymnasium)
            self._reinforce(gymnasium, base, start)
        return {name: self._evaluation(name) for name in (BEFORE, AFTER)} if self._first else {}

    # Stages

    @contextlib.contextmanager
    def _gymnasium(self) -> Iterator[Gymnasium]:
        environments = self.config.environments
        catalog = Catalog.of(environments.path) if environments.path else Catalog.bundled()
        with servers(environments, self.folder, one_player=self.config.optimiser.trainer == "async") as running:
            connect: PoolMaker = (lambda: connected(running)) if running else lambda: in_memory(catalog)
            tasks, held_out, infos = from_first(asyncio.run(self._look(connect)) if self._first else ([], [], {}))
            self.display.tell(f"{len(tasks)} training tasks and {len(held_out)} held-out ones in {len(infos)} environments")
            yield Gymnasium(connect, catalog, tasks, held_out, infos)

    async def _look(self, connect: PoolMaker) -> tuple[list[Task], list[Task], dict[str, EnvironmentInfo]]:
        async with connect() as pool:
            tasks = await training_tasks(pool, self.config.environments)
            held_out = await held_out_tasks(pool, self.config.environments, tasks)
            names = dict.fromkeys(task.environment for task in [*tasks, *held_out])
            return tasks, held_out, {name: await pool.environment(name) for name in names}

    def _warm_start(self, gymnasium: Gymnasium) -> tuple[Path, Path]:
        """The model that a run begins with, and the one after the supervised steps: the same where there are none."""
        warm, done = self.config.warm_start, self.folder / "warm"
        shown = self._demonstrations(gymnasium) if warm.steps or self.config.model.path == "tiny" else []
        path = prepare(self.config.model, self.folder / "model", lambda: self._tiny(gymnasium, shown))
        if not warm.steps:
            return path, path
        if (done / "config.json").exists():
            return path, done
        tokenizer = load_tokenizer(path, self.config.model)
        model = load_model(path, self.config.model)
        template = template_of(tokenizer, path)
        tools = {name: [function_of(spec) for spec in info.tools] for name, info in gymnasium.environments.items()}
        records = [encode(template, one.messages, tools[one.environment]) for one in shown]
        with self.display.stage("warm start", warm.steps) as show:
            trainer = supervised(self.config, self.folder, model, tokenizer, records, [Loss(self.journal, show)])
            trainer.train()
        if self.config.model.lora_rank:
            trainer.model = trainer.model.merge_and_unload()  # what comes next begins with whole weights
        part = done.with_suffix(".part")
        trainer.save_model(str(part))
        if self._first:
            tokenizer.save_pretrained(str(part))
            part.rename(done)
        wait_for_all()
        return path, done

    def _tiny(self, gymnasium: Gymnasium, shown: list[Trajectory]) -> tuple[Any, Any]:
        from trainer.tiny import build_tiny

        return build_tiny(self.config.model, self.config.seed, shown, list(gymnasium.environments.values()))

    def _demonstrations(self, gymnasium: Gymnasium) -> list[Trajectory]:
        """What the supervised steps imitate; played once, then kept."""
        warm, path = self.config.warm_start, self.folder / "demonstrations.jsonl"
        if warm.teacher == "file":
            mine = {(task.environment, task.id) for task in gymnasium.tasks}
            read = read_trajectories(Path(warm.trajectories))
            right = [one for one in read if one.reward == 1.0 and (one.environment, one.task.id) in mine]
            if not right:
                raise InvalidConfig("warm_start.trajectories", f"{warm.trajectories} holds no correct one of a training task")
            return right[: warm.demonstrations]
        if self._first and not path.exists():
            self.display.tell(f"The oracle plays {warm.demonstrations} demonstrations of training tasks")
            shown = asyncio.run(self._play_demonstrations(gymnasium))
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            write_trajectories(part, shown)
            part.rename(path)
        wait_for_all()
        return read_trajectories(path)

    async def _play_demonstrations(self, gymnasium: Gymnasium) -> list[Trajectory]:
        warm = self.config.warm_start
        async with gymnasium.connect() as pool:
            return await demonstrate(
                pool,
                gymnasium.catalog,
                gymnasium.tasks,
                warm.demonstrations,
                warm.solved_share,
                self.config.seed,
                self.config.rollouts.attempts,
            )

    def _oracle(self, gymnasium: Gymnasium) -> dict[Key, Any]:
        """The oracle's steps in the training tasks, where something needs them."""
        rewards = self.config.rewards
        plays = self._first or self.config.optimiser.trainer == "sync"
        if not plays or not (rewards.progress or rewards.efficiency):
            return {}
        self.display.tell("The oracle plays the training tasks")

        async def play() -> list[Trajectory]:
            async with gymnasium.connect() as pool:
                return await oracle_trajectories(pool, gymnasium.catalog, gymnasium.tasks, self.config.rollouts.attempts)

        return {(one.environment, one.task.id): one.steps for one in asyncio.run(play())}

    def _reinforce(self, gymnasium: Gymnasium, base: Path, start: Path) -> None:
        """GRPO from the warm start, with evaluations around it; without its steps, evaluations around the warm start."""
        if self._evaluation(AFTER):
            return
        last, steps = self.folder / "last", self.config.optimiser.steps
        tokenizer = load_tokenizer(start, self.config.model)
        oracle = self._oracle(gymnasium)
        calls = {key: len(played) for key, played in oracle.items()} or oracle_calls(gymnasium.catalog, gymnasium.tasks)
        seed = own_seed(self.config.seed)
        sampler = TaskSampler(gymnasium.tasks, order=self.config.sampling.order, seed=seed, oracle_calls=calls)
        window = Window(calls)
        player = Player(self.config, start, tokenizer)
        with MCPRolloutWorker(
            self.config,
            gymnasium.connect,
            player.policy,
            sampler,
            oracle=oracle,
            on_group=window.add,
            on_version=player.versioned,
            on_close=player.close,
        ) as worker:
            evaluate = HeldOut(self.config, self.folder, self.display, worker, player.evaluated, gymnasium.held_out)
            if self._first and not self._evaluation(BEFORE):
                player.load(start if steps else base)
                evaluate.whole(BEFORE)
            if steps and not last.exists():
                player.load(start)
                self._optimise(worker, player, sampler, window, start, evaluate)
            if self._first:
                player.load(last if steps else start)
                evaluate.whole(AFTER)

    def _optimise(
        self, worker: MCPRolloutWorker, player: "Player", sampler: TaskSampler, window: Window, start: Path, evaluate: "HeldOut"
    ) -> None:
        import torch

        optimiser, every = self.config.optimiser, self.config.evaluation.every
        if self.config.threads and optimiser.trainer == "async":
            torch.set_num_threads(self.config.threads)

        def held_out(step: int) -> float | None:
            with window.paused():
                player.publish(trainer)
                return from_first(evaluate.part(step) if self._first else None)

        def keep_best(step: int, solved: float) -> None:
            self._save(trainer, player, "best", {"step": step, "solved": solved})

        with self.display.stage(f"GRPO, {optimiser.trainer}", optimiser.steps * optimiser.updates) as show:
            path = self.folder / "trajectories.jsonl"
            figures = Figures(self.journal, window, path, self.config.logs.trajectories, show)
            state = State(sampler, lambda: worker.version)
            best = from_first(best_so_far(self.folder / "best", self._evaluation(BEFORE)) if self._first else 0.0)
            evaluations = [Evaluate(every * optimiser.updates, held_out, keep_best, best)] if every else []
            trainer = player.trainer(self.folder, start, worker, [figures, state, *evaluations])
            in_order(trainer, figures, evaluations)
            checkpoint = newest_checkpoint(self.folder / "checkpoints")
            if checkpoint is not None:
                kept = json.loads((checkpoint / state_file(process_rank())).read_text(encoding="utf-8"))
                sampler.restore(kept["sampler"])
                trainer.model_version = worker.version = kept["version"]
                self.display.tell(f"going on from {checkpoint.name}")
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        self._save(trainer, player, "last")
        player.trained(self.folder / "last")

    def _save(self, trainer: Any, player: Player, name: str, figures: dict[str, float] | None = None) -> None:
        """The model as it is now, whole or not at all; every process has a part in it.

        Args:
            figures: what best_so_far reads.
        """
        part, done = self.folder / f"{name}.part", self.folder / name
        trainer.save_model(str(part))
        if self._first:
            player.template.tokenizer.save_pretrained(str(part))
            if figures is not None:
                (part / BEST).write_text(json.dumps(figures), encoding="utf-8")
            replace_folder(part, done)
        wait_for_all()

    def _evaluation(self, name: str) -> dict[str, Any]:
        """A whole evaluation's figures; empty when it is still to come."""
        return next((row for row in self.journal.read("evaluation") if row.get("name") == name), {})


@asynccontextmanager
async def connected(found: Sequence[Served]) -> AsyncIterator[ClientPool]:
    """A pool over running servers."""
    async with ClientPool.connect([one.url for one in found], found[0].token) as pool:
        yield pool


@asynccontextmanager
async def in_memory(catalog: Catalog) -> AsyncIterator[ClientPool]:
    """A pool over a gym in this process."""
    from codegym_mcp.gym import Gym
    from codegym_mcp.sandbox.choose import choose_pool

    async with Gym(catalog, pool=choose_pool(trusted=catalog.trusted)) as gym, ClientPool.over(gym) as pool:
        yield pool


def best_so_far(folder: Path, before: dict[str, Any]) -> float:
    """Pass rate that a model must surpass to be kept: that of the one in the folder, or of the run's beginning.

    By what the folder holds: a run may have been killed between an evaluation and the saving of its model.

    Args:
        before: the evaluation before training; empty where there was none.
    """
    old = _aside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)  # killed while it was replaced
    kept = json.loads((folder / BEST).read_text(encoding="utf-8")) if (folder / BEST).exists() else {}
    return float(max(kept.get("solved", 0.0), before.get("solved", 0.0)))


def replace_folder(part: Path, done: Path) -> None:
    """Put a whole folder in another one's place. At every moment one of the two is there, if only with its name changed."""
    old = _aside(done)
    if done.exists():
        shutil.rmtree(old, ignore_errors=True)
        done.rename(old)
    part.rename(done)
    shutil.rmtree(old, ignore_errors=True)


def _aside(folder: Path) -> Path:
    """Where a folder is put while another one takes its place."""
    return folder.with_name(f"{folder.name}.old")


def newest_checkpoint(folder: Path) -> Path | None:
    """The last one that was written whole, by all processes."""
    files = [state_file(rank) for rank in range(world_size())]
    whole = [path for path in folder.glob("checkpoint-*") if all((path / name).exists() for name in files)]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
