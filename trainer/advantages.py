"""What a rollout is worth against the others of its group. No torch here."""

import math
from collections.abc import Sequence

EPSILON = 1e-4
"""Added to the deviation, as TRL's GRPOTrainer does, so that equal rewards give 0."""


def group_advantages(rewards: Sequence[float | None], *, normalise: bool = True) -> list[float]:
    """Reward of each rollout minus the mean of its group, shape (G,).

    Divided by the group's standard deviation (of the sample, with G - 1), as the paper's GRPO does; `normalise=False`
    gives Dr. GRPO's form. Source: GRPO (arXiv 2402.03300); Dr. GRPO (arXiv 2503.20783).

    Args:
        rewards: one per rollout, shape (G,); None for a machine's fault: it counts in no mean, and its advantage is 0.
    """
    valid = [reward for reward in rewards if reward is not None]
    if len(valid) < 2:
        return [0.0] * len(rewards)
    mean = sum(valid) / len(valid)
    deviation = math.sqrt(sum((reward - mean) ** 2 for reward in valid) / (len(valid) - 1))
    scale = 1 / (deviation + EPSILON) if normalise else 1.0
    return [0.0 if reward is None else (reward - mean) * scale for reward in rewards]
