"""The rollout worker against real servers, with a model that is always right: so whatever is scored 0 was invented."""

import asyncio
import json
import os
import random
import re
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import PolicyError, SandboxError
from codegym_mcp.policies.template import Ids
from codegym_mcp.policies.tokens import Completion, TokenBudget, TokenPolicy
from codegym_mcp.process import Served
from codegym_mcp.rollout import Message
from codegym_mcp.types import Task
from tests.conftest import PATIENCE_S, write_environment
from trainer.config import Config, Environments, InvalidConfig, Optimiser, Rollouts, Sampling
from trainer.reasoning import Reasoning
from trainer.rollouts import Group
from trainer.servers import servers
from trainer.tasks import TaskSampler
from trainer.worker import MCPRolloutWorker

pytestmark = pytest.mark.long
END = 0
TASKS = [Task(environment="counter", id=id, config={"start": start}) for id, start in (("zero", 0), ("seven", 7))]
CONFIG = Config(
    rollouts=Rollouts(group_size=4, max_steps=8, concurrency=64, deadline_s=PATIENCE_S),
    optimiser=Optimiser(tasks_per_step=4, micro_batch=4),
)
LOST_AFTER_S = 1.0


class Letters:
    """A template that writes every letter as its code: what a tokenizer is to the worker."""

    ends, turn_end = frozenset({END}), END

    def prompt(self, messages: list[Message], tools: list[dict[str, Any]]) -> Ids:
        """All messages."""
        return [ord(letter) for message in messages for letter in str(message["content"])]

    def reply(self, messages: list[Message]) -> Ids:
        """What was told."""
        return [ord(letter) for message in messages for letter in f" <{message['content']}> "]

    def read(self, completion: Ids, prompt: Ids, tools: list[dict[str, Any]], number: int) -> Message:
        """A call, in JSON."""
        text = "".join(map(chr, completion))
        if not tools:
            return {"role": "assistant", "content": text}
        call = json.loads(text)
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        return {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": str(number), "type": "function", "function": function}],
        }


class AlwaysRight:
    """Observes, adds nothing, and tells the total. `before` may break something first."""

    def __init__(self, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self._before = before

    async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
        """The right call."""
        if self._before is not None:
            await self._before()
        seen = re.findall(r"<\[(\d+)", "".join(map(chr, prompt)))
        call = (
            {"name": "Done", "arguments": {"answer": int(seen[-1])}} if len(seen) > 1 else {"name": "Observe", "arguments": {}}
        )
        ids = [*map(ord, json.dumps(call)), END]
        return Completion(ids, [-1.0] * len(ids))


@contextmanager
def running(folder: Path, count: int = 1) -> Iterator[list[Served]]:
    """Real servers of the counter environment."""
    with servers(Environments(path=str(write_environment(folder)), processes=count), folder) as found:
        yield found


def make_worker(
    found: list[Served],
    *,
    config: Config = CONFIG,
    generator: Any = None,
    on_group: Callable[[Group], None] = lambda group: None,
) -> MCPRolloutWorker:
    """A worker over these servers."""
    policy = TokenPolicy(Letters(), generator or AlwaysRight(), TokenBudget(), name="always right")  # type: ignore[arg-type]
    return MCPRolloutWorker(
        config,
        lambda: ClientPool.connect([one.url for one in found], found[0].token, lost_after_s=LOST_AFTER_S),
        policy,
        TaskSampler(TASKS),
        on_group=on_group,
    )


def rewards(groups: list[Group]) -> list[float | None]:
    """Of all their rollouts."""
    return [rollout.reward for group in groups for rollout in group.rollouts]


def test_groups_are_of_one_task_and_one_seed_with_their_tokens(tmp_path: Path) -> None:
    with running(tmp_path) as found, make_worker(found) as worker:
        groups = worker.collect(6)
    assert rewards(groups) == [1.0] * 24
    for group in groups:
        assert {(one.trajectory.task.id, one.trajectory.seed) for one in group.rollouts} == {(group.task.id, group.seed)}
        for one in group.rollouts:
            sampled = "".join(chr(id) for id, own in zip(one.tokens.ids, one.tokens.mask, strict=True) if own)
            assert sampled.count('"Observe"') == 2 and '"Done"' in sampled and "State unchanged" not in sampled
    assert [group.number for group in groups] == list(range(6)) and all(group.uniform for group in groups)


def test_a_server_killed_in_mid_run_costs_no_rollout_its_reward(tmp_path: Path) -> None:
    """Two servers, one killed while rollouts are in play: they are begun again on the other."""
    with running(tmp_path, 2) as found:
        turns = 0

        async def kill_at_turn_30() -> None:
            nonlocal turns
            turns += 1
            if turns == 30:
                os.kill(found[0].pid, signal.SIGKILL)

        started = time.monotonic()
        with make_worker(found, generator=AlwaysRight(kill_at_turn_30)) as worker:
            groups = worker.collect(24)
        assert rewards(groups) == [1.0] * 96
        assert sum(group.faults for group in groups) > 0, "the kill was noticed"
        assert time.monotonic() - started < PATIENCE_S


def test_when_no_server_is_left_the_worker_says_so_and_does_not_hang(tmp_path: Path) -> None:
    with running(tmp_path) as found, make_worker(found) as worker:
        worker.collect(1)
        os.kill(found[0].pid, signal.SIGKILL)
        with pytest.raises(SandboxError, match="no valid rollout"):
            worker.collect(8)


def test_episodes_closed_at_random_are_played_again(tmp_path: Path) -> None:
    """What an operator's mistake, or an expired episode, looks like to a rollout."""
    with running(tmp_path) as found:
        rng = random.Random(0)
        pools: list[ClientPool] = []
        closed = 0

        class Watched(ClientPool):
            async def open(self, *args: Any, **options: Any) -> Any:
                episode = await super().open(*args, **options)
                if rng.random() < 0.3:
                    nonlocal closed
                    closed += 1
                    await self.servers[0].control(episode.id, "close")
                return episode

        worker = make_worker(found)
        worker._make_pool = lambda: pools.append(Watched.connect([one.url for one in found], found[0].token)) or pools[-1]  # type: ignore[func-returns-value]
        with worker:
            groups = worker.collect(12)
    valid = [reward for reward in rewards(groups) if reward is not None]
    assert closed > 5 and valid == [1.0] * len(valid) and len(valid) > 40
    assert sum(group.faults for group in groups) == closed


def test_a_model_that_fails_at_random_is_asked_again_and_never_scored(tmp_path: Path) -> None:
    rng = random.Random(1)

    async def fail() -> None:
        if rng.random() < 0.2:
            raise PolicyError("no route to the model")

    with running(tmp_path) as found, make_worker(found, generator=AlwaysRight(fail)) as worker:
        groups = worker.collect(12)
    assert set(rewards(groups)) <= {1.0, None} and rewards(groups).count(1.0) > 40
    for group in groups:
        for rollout, advantage in zip(group.rollouts, group.advantages, strict=True):
            assert rollout.reward is not None or (advantage == 0.0 and rollout.trajectory.error is not None)


def test_a_fault_of_ours_in_one_rollout_does_not_end_the_run(tmp_path: Path) -> None:
    rng = random.Random(2)

    async def stumble() -> None:
        if rng.random() < 0.1:
            raise AttributeError("'int' object has no attribute 'get'")

    with running(tmp_path) as found, make_worker(found, generator=AlwaysRight(stumble)) as worker:
        groups = worker.collect(8)
    assert set(rewards(groups)) <= {1.0, None} and sum(group.faults for group in groups) > 0


def test_rollouts_past_their_deadline_are_a_machines_fault(tmp_path: Path) -> None:
    async def hang() -> None:
        await asyncio.sleep(3600)

    config = replace(CONFIG, rollouts=replace(CONFIG.rollouts, deadline_s=0.3, attempts=1))
    with running(tmp_path) as found, make_worker(found, config=config, generator=AlwaysRight(hang)) as worker:
        with pytest.raises(SandboxError, match=r"ran past 0\.3 s"):
            worker.collect(4)


def test_buffer_fills_to_a_step_and_no_further(tmp_path: Path) -> None:
    """Backpressure: a trainer that is slow finds no pile of old samples."""
    pytest.importorskip("numpy", reason="pip install -e '.[train]'")
    groups: list[Group] = []
    with running(tmp_path) as found, make_worker(found, on_group=groups.append) as worker:
        worker.start()
        wait(lambda: worker.rollout_buffer.qsize() >= 16)
        settled = len(groups)
        while True:
            time.sleep(0.5)
            if len(groups) == settled:
                break
            settled = len(groups)
        assert len(groups) <= 8 and worker.rollout_buffer.qsize() <= 32
        worker.update_model_version(5)
        for _ in range(worker.rollout_buffer.qsize()):
            sample = worker.rollout_buffer.get(timeout=PATIENCE_S)
            assert sample.model_version == 0 and sample.metrics == {"reward": 1.0}
        wait(lambda: worker.rollout_buffer.qsize() > 0)
        assert worker.rollout_buffer.get().model_version == 5
        worker.check_health(PATIENCE_S)
        worker.stop()


def test_worker_that_failed_is_not_healthy(tmp_path: Path) -> None:
    with running(tmp_path) as found, make_worker(found) as worker:
        os.kill(found[0].pid, signal.SIGKILL)
        worker.start()

        def failed() -> bool:
            try:
                worker.check_health(PATIENCE_S)
            except SandboxError:
                return True
            return False

        wait(failed)
        worker.stop()
    with pytest.raises(SandboxError, match="ended"):
        worker.check_health(PATIENCE_S)


def test_branches_go_on_from_forked_episodes(tmp_path: Path) -> None:
    config = replace(CONFIG, sampling=Sampling(branches=2))
    with running(tmp_path) as found, make_worker(found, config=config) as worker:
        groups = worker.collect(4)
    assert rewards(groups) == [1.0] * 16
    for group in groups:
        roots, branches = group.rollouts[:2], group.rollouts[2:]
        for branch in branches:
            same = [
                root
                for root in roots
                if root.tokens.ids[: branch.tokens.prompt_tokens] == branch.tokens.ids[: branch.tokens.prompt_tokens]
            ]
            assert same and 0 < sum(branch.tokens.mask) < sum(same[0].tokens.mask), "its past is not its own"


def test_uniform_groups_are_replaced_where_that_is_asked(tmp_path: Path) -> None:
    """And a step is not waited for for ever, when all are."""
    config = replace(CONFIG, sampling=Sampling(drop_uniform_groups=True))
    played: list[Group] = []
    with running(tmp_path) as found, make_worker(found, config=config, on_group=played.append) as worker:
        assert len(worker.collect(3)) == 3
    assert len(played) == 9


def test_uniform_groups_reach_an_async_trainer_when_there_are_no_others(tmp_path: Path) -> None:
    """It would wait for ever."""
    pytest.importorskip("numpy", reason="pip install -e '.[train]'")
    config = replace(CONFIG, sampling=Sampling(drop_uniform_groups=True), optimiser=Optimiser(tasks_per_step=1, micro_batch=4))
    with running(tmp_path) as found, make_worker(found, config=config) as worker:
        worker.start()
        wait(lambda: worker.check_health(PATIENCE_S) or worker.rollout_buffer.qsize() >= CONFIG.rollouts.group_size)


def test_answer_that_a_scorer_fails_on_is_a_wrong_one() -> None:
    pytest.importorskip("reasoning_gym")
    reasoning = Reasoning(["prime_factorization"], 0, Rollouts())
    entry = reasoning._sets["prime_factorization"][0]
    with pytest.raises(ValueError):
        reasoning._sets["prime_factorization"].score_answer("two", entry)
    assert reasoning._score("prime_factorization", "two", entry) == 0.0
    assert reasoning._score("prime_factorization", entry["answer"], entry) == 1.0


def test_server_ends_with_its_trainer(tmp_path: Path) -> None:
    with running(tmp_path) as found:
        pid = found[0].pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def wait(ready: Callable[[], bool]) -> None:
    """Until it is so; for no longer than PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    event = threading.Event()
    while not ready():
        assert time.monotonic() < end, "waited in vain"
        event.wait(0.05)


def test_reasoning_tasks_are_mixed_in_where_that_is_asked(tmp_path: Path) -> None:
    """One answer, no tools, scored by the package; the sampler of environments is left alone."""
    pytest.importorskip("reasoning_gym", reason="pip install reasoning-gym")

    class Adder(AlwaysRight):
        async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
            text = "".join(map(chr, prompt))
            terms = re.search(r"problem: ([-+0-9 ]+)=", text)
            if terms is None:
                return await super().generate(prompt, max_new_tokens)
            total = sum(int(term.replace(" ", "")) for term in re.findall(r"[-+]? ?\d+", terms[1]))
            ids = [*map(ord, f"Let me see. <answer>{total}</answer>"), END]
            return Completion(ids, [-1.0] * len(ids))

    sampling = Sampling(reasoning_share=0.5, reasoning_tasks=("chain_sum",))
    with running(tmp_path) as found, make_worker(found, config=replace(CONFIG, sampling=sampling), generator=Adder()) as worker:
        groups = worker.collect(16)
    kinds = [group.task.environment for group in groups]
    assert 3 < kinds.count("reasoning/chain_sum") < 13 and rewards(groups) == [1.0] * 64
    with pytest.raises(InvalidConfig, match="has no 'sums_of_nothing'"):
        make_worker(found, config=replace(CONFIG, sampling=replace(sampling, reasoning_tasks=("sums_of_nothing",))))
