"""What a trajectory earns: the binary reward, and process rewards as named terms beside it. No advantages here.

The paper's rule is the binary reward alone; the terms are ours, off by default, logged apart from it.
"""

from collections import Counter
from collections.abc import Sequence

from codegym_mcp.rollout import repeated_failures
from codegym_mcp.types import Step, Trajectory
from trainer.config import Rewards


def reward_terms(trajectory: Trajectory, weights: Rewards, oracle: Sequence[Step] | None) -> dict[str, float]:
    """The terms of a trajectory that has a reward, weighted; their sum is what its group compares.

    Args:
        oracle: the oracle's steps in this task, where they are known.
    """
    assert trajectory.reward is not None
    terms = {"binary": trajectory.reward}
    if weights.progress and oracle:
        terms["progress"] = weights.progress * progress(trajectory.steps, oracle)
    if weights.repeated_failure:
        terms["repeated_failure"] = -weights.repeated_failure * repeated_failures(trajectory.steps)
    if weights.efficiency and oracle:
        few = len(oracle) / max(len(oracle), len(trajectory.steps))
        terms["efficiency"] = weights.efficiency * few * (trajectory.reward == 1.0)
    return terms


def progress(steps: Sequence[Step], oracle: Sequence[Step]) -> float:
    """Share of the oracle's calls, its Done aside, that succeeded in a trajectory with the same result; 0 to 1."""
    wanted = Counter(_mark(step) for step in oracle if step.tool != "Done" and not step.is_error)
    made = Counter(_mark(step) for step in steps if step.tool != "Done" and not step.is_error)
    return (wanted & made).total() / max(1, wanted.total())


def _mark(step: Step) -> str:
    return f"{step.tool} {step.arguments!r} {step.text}"
