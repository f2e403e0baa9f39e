"""Figures of an evaluation, from its episodes alone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from codegym_mcp.policies.model import Usage
from codegym_mcp.rollout import repeated_failures
from codegym_mcp.statistics import Interval, Outcomes, hat_interval, mean_interval, pass_at_k, pass_rate
from codegym_mcp.types import Trajectory
from eval.benchmark import CELLS, RIGHT_CELLS, Key
from eval.records import Record

SHARES = {"cell accuracy": (RIGHT_CELLS, CELLS)}
"""Figures that are told as one: the sum of the first over that of the second."""
KS = (2, 4, 8)
"""What pass@k and pass^k are told for, up to the number of runs."""
T = TypeVar("T")


@dataclass(frozen=True)
class Scores:
    """How one subject did."""

    subject: str
    tasks: int
    episodes: int
    """With a verdict. None of them: what is told of these alone is None."""
    no_verdict: int
    error: str
    """Of the last episode without a verdict."""
    solved: Interval | None
    """pass@1."""
    at_k: Mapping[int, float]
    hat_k: Mapping[int, Interval]
    reward: Interval | None
    """Mean over tasks."""
    calls: float | None
    """Tool calls per episode."""
    of_oracle: float | None
    """The same as a multiple of the oracle's, over tasks where those are known."""
    failed_calls: float | None
    """Share of the calls."""
    repeated: float | None
    """Share of an episode's calls that repeat one that had failed."""
    endings: Mapping[str, int]
    """How episodes ended."""
    usage: Usage | None
    """All episodes together, those without a verdict included; None: not counted."""
    tokens: float | None
    """Per episode of those whose tokens were counted."""
    figures: Mapping[str, float]
    """What else was counted: shares, and means per episode."""
    environments: Mapping[str, tuple[int, float, float]]
    """Environment -> episodes, pass@1, calls per episode."""


def outcomes_of(records: Sequence[Record]) -> dict[str, list[int]]:
    """Task -> 1 for each of its episodes that solved it, else 0, in the order of the runs. Without those without a verdict."""
    return {task: [int(reward == 1.0) for reward in row] for task, row in rewards_of(records).items()}


def rewards_of(records: Sequence[Record]) -> dict[str, list[float]]:
    """Task -> the rewards of its episodes, in the order of the runs. Without those without a verdict."""
    found: dict[str, list[float]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.run):
        if record.trajectory.reward is not None:
            task = record.trajectory.task
            found[f"{task.environment}/{task.id}"].append(record.trajectory.reward)
    return dict(found)


def scores_of(subject: str, records: Sequence[Record], oracle_calls: Mapping[Key, int]) -> Scores | None:
    """The figures of one subject; None: it has played nothing yet."""
    mine = [record for record in records if record.subject == subject]
    if not mine:
        return None
    valid = [record.trajectory for record in mine if record.trajectory.reward is not None]
    outcomes, rewards = outcomes_of(mine), rewards_of(mine)
    solved = pass_rate(outcomes) if outcomes else None
    calls = [len(one.steps) for one in valid]
    needed = [(len(one.steps), oracle_calls.get((one.environment, one.task.id), 0)) for one in valid]
    ratios = [made / least for made, least in needed if least]
    usages = [record.usage for record in mine if record.usage is not None]
    used = sum(usages, Usage(0, 0))
    return Scores(
        subject=subject,
        tasks=len(outcomes),
        episodes=len(valid),
        no_verdict=len(mine) - len(valid),
        error=_last_error(mine),
        solved=solved,
        at_k=_over_k(pass_at_k, outcomes),
        hat_k=_over_k(hat_interval, outcomes),
        reward=solved if rewards == outcomes else mean_interval(rewards),
        calls=_mean(calls),
        of_oracle=_mean(ratios),
        failed_calls=sum(step.is_error for one in valid for step in one.steps) / max(1, sum(calls)) if valid else None,
        repeated=_mean([repeated_failures(one.steps) for one in valid]),
        endings=dict(Counter(map(ending_of, [record.trajectory for record in mine])).most_common()),
        usage=used if usages else None,
        tokens=(used.prompt + used.completion) / len(usages) if usages else None,
        figures=_figures_of(valid),
        environments={name: _row(ones) for name, ones in sorted(_by_environment(valid).items())},
    )


def ending_of(trajectory: Trajectory) -> str:
    """How an episode ended, in words."""
    if trajectory.reward is None:
        return f"no verdict: {(trajectory.error or {}).get('error', trajectory.status)}"
    if trajectory.reward == 1.0:
        return "solved"
    if trajectory.ending:
        return trajectory.ending
    if trajectory.status == "terminated":
        return "wrong answer"
    if not trajectory.steps:
        return "never called a tool"
    if repeated_failures(trajectory.steps) > 0.5:
        return "repeated a failed call"
    return "out of steps" if len(trajectory.steps) >= trajectory.task.max_steps else "stopped without an answer"


def cost_of(usage: Usage, prices: tuple[float, float]) -> float:
    """In the currency of the prices, which are per million tokens of prompts and of completions."""
    return (usage.prompt * prices[0] + usage.completion * prices[1]) / 1e6


def _over_k(estimate: Callable[[Outcomes, int], T], outcomes: Outcomes) -> dict[int, T]:
    most = min(map(len, outcomes.values()), default=0)
    return {k: estimate(outcomes, k) for k in KS if k <= most}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _last_error(records: Sequence[Record]) -> str:
    errors = [record.trajectory.error for record in records if record.trajectory.error is not None]
    return " ".join(str(errors[-1].get("message", "")).split()) if errors else ""


def _figures_of(trajectories: Sequence[Trajectory]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for one in trajectories:
        for name, value in one.figures.items():
            sums[name] += value
            counts[name] += 1
    shares = {name: sums.pop(part) / (sums.pop(whole) or 1) for name, (part, whole) in SHARES.items() if part in sums}
    return shares | {name: total / counts[name] for name, total in sums.items()}


def _by_environment(trajectories: Sequence[Trajectory]) -> dict[str, list[Trajectory]]:
    found: dict[str, list[Trajectory]] = defaultdict(list)
    for one in trajectories:
        found[one.environment].append(one)
    return found


def _row(ones: Sequence[Trajectory]) -> tuple[int, float, float]:
    solved = sum(one.reward == 1.0 for one in ones)
    return len(ones), solved / len(ones), sum(len(one.steps) for one in ones) / len(ones)
