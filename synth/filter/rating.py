"""How hard the tasks of a data set are for a model, noted on its cards; and a data set of those that are hard enough."""

from collections.abc import Callable
from pathlib import Path

from codegym_mcp.card import card_text
from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.gym import Gym
from codegym_mcp.rollout import Policy
from codegym_mcp.sandbox.choose import choose_pool
from synth.dataset.dataset import ENVIRONMENTS, Dataset
from synth.export.rows import task_line
from synth.export.tables import write_text
from synth.filter.difficulty import Difficulty, PassCount, append_count, counts_of, keep_hard, measure, read_counts, with_counts

COUNTS = "pass_counts.jsonl"
"""Every count as soon as it is there: what a stopped measurement goes on from."""


async def rate(out: Path, policy: Policy, difficulty: Difficulty, on_count: Callable[[PassCount], None]) -> int:
    """Have a policy play every task of a data set as often as the difficulty says; returns how many tasks there are.

    Raises:
        PolicyError, SandboxError: several tasks in a row got no reward.
    """
    dataset, catalog = Dataset(out), Catalog.of(out / ENVIRONMENTS)
    tasks = [task for name in dataset.names() for task in catalog.tasks(name)]

    def keep(count: PassCount) -> None:
        append_count(out / COUNTS, count)
        on_count(count)

    async with Gym(catalog, pool=choose_pool(trusted=False)) as gym:
        known = read_counts(out / COUNTS)
        counts = await measure(ClientPool.over(gym), policy, tasks, difficulty=difficulty, known=known, on_count=keep)
    for name in dataset.names():
        own = [count for count in counts if count.environment == name]
        dataset.update(name, with_counts(dataset.card(name), own))
    dataset.write_index()
    return len(tasks)


def write_hard(out: Path, target: Path, model: str, difficulty: Difficulty) -> int:
    """A data set of the tasks that a model seldom solves; returns how many there are."""
    dataset = Dataset(out)
    kept = 0
    for name in dataset.names():
        card = dataset.card(name)
        tasks, _ = keep_hard(dataset.tasks(name), counts_of(card, model), difficulty)
        if not tasks:
            continue
        home, source = target / ENVIRONMENTS / name, out / ENVIRONMENTS / name / "env.py"
        facts = {task.id: card["tasks"][task.id] for task in tasks}
        write_text(home / "card.json", card_text({**card, "tasks": facts}))
        write_text(home / "tasks.jsonl", "".join(task_line(task) + "\n" for task in tasks))
        write_text(home / "env.py", source.read_text(encoding="utf-8"))
        kept += len(tasks)
    Dataset(target).write_index()
    return kept
