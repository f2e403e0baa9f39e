"""Hypothesis looks for a sequence of calls and mishaps after which an episode is not the fold of its acknowledged calls.

The model of an episode is a plain list. Everything else is real: gym, store, sandbox, and the death of its processes.
"""

import asyncio
import contextlib
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, precondition, rule

import codegym_mcp.episode
from codegym_mcp.errors import (
    CallKeyReused,
    EpisodeFinished,
    EpisodeNotFound,
    EpisodeOver,
    SandboxError,
    StepOutOfRange,
)
from codegym_mcp.gym import Gym
from codegym_mcp.sandbox.digest import digest
from codegym_mcp.sandbox.worker import render
from codegym_mcp.store import SqliteStore
from codegym_mcp.types import Observation
from tests.conftest import COUNTER, PATIENCE_S, children, fast_pool, make_gym, open_descriptors

STARTS = {"zero": 0, "seven": 7}
FEW_SEATS = 3
"""Fewer than there are episodes, so that they evict each other."""
FEW_BYTES = 400
"""Room for two or three snapshots, so that early steps must be replayed."""
OBSERVE: list[tuple[str, dict[str, Any]]] = [("Observe", {})]
MANY_EPISODES = 4
"""No more are opened than these, so that each sees a few calls; forks come on top."""
ATTEMPTS = 20
"""How often a call is repeated while the sandbox heals."""

namespace: dict[str, Any] = {}
exec(COUNTER, namespace)
Counter = namespace["Counter"]


@dataclass
class Model:
    """What an episode must look like."""

    task: str
    seed: int
    max_steps: int
    calls: list[tuple[str, Any, bool]] = field(default_factory=list)
    """Acknowledged calls: tool, arguments, whether it was committed."""
    keys: dict[str, int] = field(default_factory=dict)
    """Call key -> step number."""
    status: str = "open"
    reward: float | None = None

    def fold(self, steps: int | None = None) -> Any:
        """The environment after the committed ones of the first `steps` calls."""
        env = Counter()
        env.seed = self.seed
        env.reset(start=STARTS[self.task])
        for tool, arguments, committed in self.calls[:steps]:
            if committed and tool not in ("Observe", "Done"):
                getattr(env, tool)(**arguments)
        return env

    def after(self, step: int) -> "Model":
        """The same episode as it was after a step."""
        keys = {key: number for key, number in self.keys.items() if number <= step}
        return replace(self, calls=self.calls[:step], keys=keys, status="open", reward=None)

    def note(self, tool: str, arguments: Any, committed: bool) -> None:
        """One more acknowledged call."""
        self.calls.append((tool, arguments, committed))
        if tool == "Done" and committed:
            right = arguments["answer"] == STARTS[self.task]
            self.status, self.reward = "terminated", 1.0 if right else 0.0
        elif len(self.calls) == self.max_steps:
            self.status, self.reward = "truncated", 0.0


good_calls = st.one_of(
    st.builds(lambda n: ("Add", {"n": n}), st.integers(-2, 2)),
    st.builds(lambda word: ("Mark", {"word": word}), st.sampled_from("abc")),
    st.sampled_from([("Roll", {}), ("Observe", {}), ("Forget", {})]),
)
several_good_calls = st.lists(good_calls, min_size=3, max_size=8)
failing_calls = st.sampled_from([("Boom", {"n": 3}), ("Crash", {}), ("Hog", {}), ("Flood", {}), ("Grow", {})])
wrong_calls = st.sampled_from(
    [
        ("Add", {"n": "x"}),
        ("Add", {}),
        ("Add", {"n": 1, "m": 2}),
        ("Add", "n=1"),
        ("Nothing", {}),
        ("answer", {}),
        ("Done", {"answer": "x"}),
    ]
)


class EpisodeMachine(RuleBasedStateMachine):
    """Episodes of one gym, and everything that may happen to them."""

    episodes = Bundle("episodes")

    def __init__(self) -> None:
        super().__init__()
        self.descriptors = open_descriptors()
        self.models: dict[str, Model] = {}
        self.stack, self.life = ExitStack(), ExitStack()
        self.healing = False
        """Whether a zygote was killed: only then may a call fail by the machine."""
        self.folder = Path(tempfile.mkdtemp())
        self.stack.callback(shutil.rmtree, self.folder)
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(codegym_mcp.episode, "MAX_SNAPSHOT_BYTES", FEW_BYTES)
        self.portal = self.stack.enter_context(start_blocking_portal())

    @initialize(durable=st.booleans())
    def start(self, durable: bool) -> None:
        self.durable = durable
        self.enter_gym()

    def enter_gym(self) -> None:
        async def make() -> Gym:
            store = SqliteStore(self.folder / "gym.sqlite") if self.durable else None
            return make_gym(self.folder, pool=fast_pool(), store=store)

        self.gym = self.portal.call(make)
        self.life.enter_context(self.portal.wrap_async_context_manager(self.gym))
        self.gym.pool.seats.most = FEW_SEATS

    # -------------------------------------------------------------------------------------------------------- helpers
    def do(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine of the gym's, again and again while the sandbox heals."""
        for _ in range(ATTEMPTS):
            try:
                return self.portal.call(partial(method, *args, **kwargs))
            except SandboxError:
                assert self.healing, "a machine fault, though nothing had happened to the machine"
        raise AssertionError("the sandbox did not heal")

    def play(self, id: str, tool: str, arguments: Any, key: str | None = None) -> Observation | None:
        """Play a call in the gym and in the model; None if the episode was over."""
        model = self.models[id]
        try:
            observation: Observation = self.do(self.gym.call, id, tool, arguments, key=key)
        except EpisodeOver as exc:
            assert model.status != "open"
            assert exc.step == len(model.calls)
            return None
        assert model.status == "open"
        model.note(tool, arguments, not observation.is_error)
        if key is not None:
            model.keys[key] = len(model.calls)
        assert (observation.step, observation.over) == (len(model.calls), model.status != "open")
        return observation

    def play_and_compare(self, id: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
        """Play calls that must succeed."""
        for tool, arguments in calls:
            env = self.models[id].fold()
            expected = render(env.observe() if tool == "Observe" else getattr(env, tool)(**arguments))
            observation = self.play(id, tool, arguments)
            assert observation is None or (observation.text, observation.is_error) == (expected, False)

    # ---------------------------------------------------------------------------------------------------------- rules
    @precondition(lambda self: len(self.models) < MANY_EPISODES)
    @rule(
        target=episodes,
        task=st.sampled_from(sorted(STARTS)),
        seed=st.integers(0, 2),
        max_steps=st.sampled_from([60, 6]),
        calls=several_good_calls,
    )
    def open(self, task: str, seed: int, max_steps: int, calls: list[tuple[str, dict[str, Any]]]) -> str:
        status = self.do(self.gym.open, "counter", task, seed=seed, max_steps=max_steps)
        self.models[status.id] = Model(task, seed, max_steps)
        self.play_and_compare(status.id, calls)
        return str(status.id)

    @rule(id=episodes, calls=several_good_calls)
    def calls(self, id: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
        self.play_and_compare(id, calls)

    @rule(id=episodes, calls=st.lists(failing_calls | wrong_calls, min_size=1, max_size=3))
    def failed_calls_are_rolled_back(self, id: str, calls: list[tuple[str, Any]]) -> None:
        for call in calls:
            observation = self.play(id, *call)
            assert observation is None or (observation.is_error and observation.text.endswith("State unchanged."))

    @rule(id=episodes, how=st.sampled_from(["Hang", "Wait", "cancelled"]))
    def stopped_call_is_rolled_back(self, id: str, how: str) -> None:
        if how in ("Hang", "Wait"):
            observation = self.play(id, how, {})
            assert observation is None or observation.error == "ToolTimeout"
        else:
            self.cancel_while_its_tool_runs(id)

    def cancel_while_its_tool_runs(self, id: str) -> None:
        """Spends no step."""

        async def cancel() -> None:
            async with asyncio.timeout(PATIENCE_S):
                task = asyncio.create_task(self.gym.call(id, "Wait", {}))
                while not task.done() and not self.gym.pool._nursery.busy:
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, EpisodeOver, SandboxError):
                    await task

        self.portal.call(cancel)

    @rule(id=episodes, turns=st.integers(0, 300), n=st.integers(1, 2))
    def call_cancelled_at_any_moment_is_committed_whole_or_not_at_all(self, id: str, turns: int, n: int) -> None:
        async def cancel() -> int:
            task = asyncio.create_task(self.gym.call(id, "Add", {"n": n}))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, EpisodeOver, SandboxError):
                await task
            return len(await self.gym.steps(id))

        model = self.models[id]
        steps = self.portal.call(cancel)
        assert 0 <= steps - len(model.calls) <= (model.status == "open")
        if steps > len(model.calls):
            model.note("Add", {"n": n}, True)

    @rule(id=episodes, call=good_calls | failing_calls, key=st.sampled_from("xyz"))
    def call_repeated_under_its_key_is_played_once(self, id: str, call: tuple[str, Any], key: str) -> None:
        model = self.models[id]
        if key not in model.keys:
            self.play(id, *call, key=key)
        elif model.calls[model.keys[key] - 1][:2] == call:
            observation = self.do(self.gym.call, id, *call, key=key)
            assert observation.step == model.keys[key]
        else:
            with pytest.raises(CallKeyReused):
                self.do(self.gym.call, id, *call, key=key)

    @rule(id=episodes, how=st.sampled_from(["right", "wrong", "truncate"]))
    def end(self, id: str, how: str) -> None:
        model = self.models[id]
        if how != "truncate":
            observation = self.play(id, "Done", {"answer": STARTS[model.task] + (how == "wrong")})
            assert observation is None or observation.text == codegym_mcp.episode.DONE_TEXT
            return
        self.do(self.gym.truncate, id)
        if model.status == "open":
            model.status, model.reward = "truncated", 0.0

    @rule(target=episodes, id=episodes, eighths=st.integers(0, 9), again=st.integers(0, 8))
    def fork(self, id: str, eighths: int, again: int) -> Any:
        """A fork, and a fork of that. Always two: what Hypothesis draws next may not depend on when a call was cancelled."""
        model = self.models[id]
        last = len(model.calls) - (model.status == "terminated" or len(model.calls) == model.max_steps)
        step = len(model.calls) * eighths // 8
        if step > last:
            with pytest.raises(StepOutOfRange):
                self.do(self.gym.fork, id, step)
            step = last
        ids = [id]
        for at in (step, step * again // 8):
            ids.append(self.do(self.gym.fork, ids[-1], at).id)
            self.models[ids[-1]] = model.after(at)
        self.play_and_compare(ids[2], OBSERVE)
        return multiple(*ids[1:])

    @rule(id=episodes, eighths=st.integers(0, 9))
    def rewind(self, id: str, eighths: int) -> None:
        model = self.models[id]
        step = len(model.calls) * eighths // 8
        expected = EpisodeFinished if model.status != "open" else StepOutOfRange if step > len(model.calls) else None
        if expected is not None:
            with pytest.raises(expected):
                self.do(self.gym.rewind, id, step)
        else:
            self.do(self.gym.rewind, id, step)
            self.models[id] = model.after(step)
            self.play_and_compare(id, OBSERVE)

    @rule(id=consumes(episodes))
    def close(self, id: str) -> None:
        last = self.do(self.gym.close, id)
        model = self.models.pop(id)
        assert (last.status, last.reward) == ("closed" if model.status == "open" else model.status, model.reward)
        with pytest.raises(EpisodeNotFound):
            self.do(self.gym.status, id)

    @rule(what=st.sampled_from(["eviction", "death of the zygote", "restart"]))
    def mishap(self, what: str) -> None:
        if what == "restart" and self.durable:
            self.life.close()
            self.healing = False
            self.enter_gym()
        elif what == "death of the zygote":
            self.healing = True
            for child in psutil.Process().children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGKILL)
        else:
            self.evict_every_worker()

    def evict_every_worker(self) -> None:
        async def evict() -> None:
            for seat in self.gym.pool.seats:
                self.gym.pool.drop(seat)

        self.portal.call(evict)

    # ----------------------------------------------------------------------------------------------------- invariants
    @invariant()
    def every_episode_is_the_fold_of_its_acknowledged_calls(self) -> None:
        for id, model in self.models.items():
            status, steps = self.do(self.gym.status, id), self.do(self.gym.steps, id)
            assert [(step.tool, step.arguments, step.committed) for step in steps] == model.calls
            assert [step.number for step in steps] == [*range(1, len(model.calls) + 1)]
            assert (status.status, status.reward, status.steps) == (model.status, model.reward, len(model.calls))
            assert status.digest == digest(model.fold().__dict__).hex()

    def replays_give_the_same_digests(self) -> None:
        for id, model in list(self.models.items()):
            fresh = self.do(self.gym.open, "counter", model.task, seed=model.seed, max_steps=1000)
            self.models[fresh.id] = Model(model.task, model.seed, 1000)
            for tool, arguments, committed in model.calls:
                if committed and tool != "Done":
                    self.play(fresh.id, tool, arguments)
            assert self.do(self.gym.status, fresh.id).digest == self.do(self.gym.status, id).digest

    def teardown(self) -> None:
        try:
            with self.stack:
                with self.life:
                    self.replays_give_the_same_digests()
                    for id in list(self.models):
                        self.do(self.gym.close, id)
                    assert self.gym.open_episodes == 0
        finally:
            self.life.close()
        assert children() == []
        assert open_descriptors() == self.descriptors


relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
unshrunk = [phase for phase in Phase if phase is not Phase.shrink]
"""Shrinking takes minutes, and is best done by hand, with --hypothesis-seed and the long profile."""
TestEpisodes = EpisodeMachine.TestCase
TestEpisodes.settings = settings(relaxed, max_examples=8, stateful_step_count=30, phases=unshrunk)


@pytest.mark.long
@pytest.mark.timeout(1200)
class TestManyEpisodes(EpisodeMachine.TestCase):  # type: ignore[name-defined, misc]
    """About two minutes."""

    settings = settings(relaxed, max_examples=40, stateful_step_count=60)
