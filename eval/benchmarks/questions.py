"""Benchmarks of one turn: a question, no tools, and what the policy says is its answer.

The answer is kept as the one step of its trajectory, as Done is elsewhere: `arguments` are what was read from the text,
and an answer that cannot be read is a failed call. So the share of failed
calls is that of missing answers. A missing answer has reward 0: it is the policy's fault.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

import codegym_mcp
from codegym_mcp.definition import content_hash
from codegym_mcp.errors import clip
from codegym_mcp.rollout import Act, Message, Policy
from codegym_mcp.types import EnvironmentInfo, Observation, Step, Task, Trajectory
from eval.benchmark import Key
from eval.conversation import play_conversation
from eval.settings import Settings

MAX_CALLS = 3
"""T_max of a question: tool calls that are answered with an error, for there are no tools; a further one ends the episode."""
ANSWER = "answer"
"""What the step that holds the answer is called."""
RECORDED = "The answer was recorded."
END_OF_THOUGHT = "</think>"
"""What comes before it is not the answer."""


@dataclass(frozen=True)
class Verdict:
    """What a judge makes of a text."""

    reward: float
    answer: dict[str, Any] | None
    """What was read from it; None: no answer."""
    figures: dict[str, float] = field(default_factory=dict)
    """What else there is to count."""


@dataclass(frozen=True)
class Question:
    """One question, ready to be asked."""

    prompt: str
    judge: Callable[[str], Verdict]
    right: str
    """A text that has reward 1."""
    guess: Callable[[random.Random], str]
    """A text that chance makes."""


class Source(Protocol):
    """The questions of a benchmark, and where they are from."""

    split: str
    official: bool
    """Whether they are the benchmark's own."""
    tasks: Sequence[Task]
    versions: Mapping[str, str]
    """What a result depends on; `shots` only where they are others than the settings'."""

    def question(self, task: Task) -> Question:
        """One of them. May take seconds."""


class Questions(ABC):
    """A benchmark of such questions; `load` says which."""

    name: str
    official = True

    def __init__(self, settings: Settings, *, data: str | None = None) -> None:
        """Args:
        data: a file or folder with the questions; default: the hub's.
        """
        self._settings, self._data = settings, data
        self.split = ""
        self._asked: dict[str, Question] = {}

    @abstractmethod
    def load(self) -> Source:
        """Find the questions.

        Raises:
            Absent: they are not here.
            InvalidRequest: there is no such file or folder.
            InvalidTask: one is wrong; with file, line and field.
        """

    async def __aenter__(self) -> Self:
        """Load the questions."""
        self._source = await asyncio.to_thread(self.load)
        self.split, self.official = self._source.split, self._source.official
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget what was asked."""
        self._asked.clear()

    def versions(self) -> dict[str, str]:
        """The questions, and by whom and how they are asked."""
        harness = {"harness": f"codegym-mcp {codegym_mcp.__version__}", "shots": str(self._settings.shots)}
        return {**harness, **self._source.versions}

    def tasks(self) -> Sequence[Task]:
        """All of them."""
        return self._source.tasks

    def oracle_calls(self) -> Mapping[Key, int]:
        """There are no calls to compare."""
        return {}

    def baseline(self, name: str) -> Policy | None:
        """All three; `nothing` says nothing, for in most sentences there is a letter that might be taken for an answer."""
        match name:
            case "oracle":
                return Saying(name, self._asked, lambda question, rng: question.right)
            case "random":
                return Saying(name, self._asked, lambda question, rng: question.guess(rng), self._settings.seed)
            case _:
                return Saying("nothing", self._asked, lambda question, rng: "")

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """Ask one question."""
        question = await asyncio.to_thread(self._source.question, task)
        asked = Asked(task, question)
        self._asked[asked.info.hash] = question
        deadline_s = self._settings.deadline_s
        played = await play_conversation(nullcontext(asked), policy, task, seed=seed, deadline_s=deadline_s)
        return played if asked.verdict is None else played.model_copy(update={"steps": [*played.steps, asked.step(played)]})


class Asked:
    """One question as a conversation."""

    def __init__(self, task: Task, question: Question) -> None:
        self.info = EnvironmentInfo(
            name=task.environment,
            format="question",
            hash=content_hash(question.prompt, question.right),
            prompt=question.prompt,
            tools=[],
            tasks=1,
        )
        self.messages: list[Message] = [{"role": "user", "content": question.prompt}]
        self.verdict: Verdict | None = None
        self.figures: dict[str, float] = {}
        self._judge, self._said, self._calls = question.judge, "", 0

    async def call(self, tool: str, arguments: dict[str, Any] | str) -> Observation:
        """There is nothing to call."""
        self._calls += 1
        text = "There are no tools here: answer in words. State unchanged."
        return Observation(text=text, is_error=True, error="UnknownTool", step=self._calls)

    async def say(self, text: str) -> Observation:
        """The answer."""
        self._said = text
        self.verdict = self._judge(text.rpartition(END_OF_THOUGHT)[2])
        self.figures.update(self.verdict.figures)
        return Observation(text=RECORDED, step=self._calls, over=True)

    async def reward(self) -> float | None:
        """The judge's; 0 for no answer."""
        return self.verdict.reward if self.verdict else 0.0

    def step(self, played: Trajectory) -> Step:
        """The answer, as the last step."""
        assert self.verdict is not None
        answer, missing = self.verdict.answer, self.verdict.answer is None
        return Step(
            number=len(played.steps) + 1,
            tool=ANSWER,
            arguments=clip(self._said) if answer is None else answer,
            text=RECORDED,
            is_error=missing,
            error="NoAnswer" if missing else None,
            committed=not missing,
            digest="",
        )


class Saying:
    """A policy that knows the question it is asked, and says one thing."""

    def __init__(
        self, name: str, asked: Mapping[str, Question], choose: Callable[[Question, random.Random], str], seed: int = 0
    ) -> None:
        self.name, self._asked, self._choose, self._seed = name, asked, choose, seed
        self._sessions: Counter[str] = Counter()

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one episode; each one of a question draws differently."""
        self._sessions[environment.hash] += 1
        rng = random.Random(f"{self._seed}/{environment.hash}/{self._sessions[environment.hash]}")
        text = self._choose(self._asked[environment.hash], rng)

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            return {"role": "assistant", "content": text}

        yield act
