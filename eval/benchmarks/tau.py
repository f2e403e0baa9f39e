"""tau-bench, the first version, from a git checkout that the user brings: its data, tools, policy, tasks and user prompt.

The protocol is that of its tool-calling agent: a turn is one tool call, or something said to the user; the user is played
by a model until it says ###STOP###, or the agent transfers to a human. Then the reward is 1 if the database is what the
reference's actions make of it, and all outputs of the task were said. An episode of more turns than it may have scores 0.

Of the checkout, only data, tools, tasks and the user's prompt are imported: its package files import model clients of
several vendors, of which nothing is needed here. Its tools run in this process, as in tau-bench itself.
"""

import json
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

from anyio import to_thread

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import InvalidArguments, SandboxError, ToolCallError, UnknownTool
from codegym_mcp.rollout import Message, Policy
from codegym_mcp.types import EnvironmentInfo, Observation, Task, ToolSpec, Trajectory
from eval.absent import Absent
from eval.benchmarks.talk import GREETING, STOP, USER_TOKENS, Move, TalkBenchmark, UserModel, cut_off
from eval.conversation import play_conversation
from eval.settings import Settings

BRING = "Bring it: git clone https://github.com/sierra-research/tau-bench; then add --data tau-bench"
DOMAINS = ("airline", "retail")
ENDING = "transfer_to_human_agents"
"""The tool that ends an episode."""
RESPOND = "respond"
"""What tau-bench calls something said, where a reference has it."""
OPENING = "Hi! How can I help you today?"
"""What the user's model answers first; the agent does not see it."""
OWN_PROMPT = (
    "You play a customer who talks to a service agent; the next message you read is the agent's. Your situation:\n\n{}\n\n"
    "Write one short message at a time, in your own words, and keep to the character that is described. Tell things only "
    "when they matter or are asked for. What is not described above you do not know, and never make up. When everything "
    f"you wanted is done, answer with {STOP} and nothing else."
)
"""For a checkout whose own prompt cannot be read."""


class Tau(TalkBenchmark):
    """The test split of some domains."""

    name = "tau"

    def __init__(
        self,
        settings: Settings,
        *,
        data: str | None = None,
        domains: Sequence[str] = DOMAINS,
        user: UserModel | None = None,
    ) -> None:
        """Args:
        data: folder of the checkout.
        domains: airline, retail.
        user: who plays the user; None: baselines alone can be played.

        Raises:
            InvalidRequest: there is no such domain.
        """
        super().__init__(settings, domains, DOMAINS, user)
        self._data = data
        self.split = f"test split of {', '.join(self._names)}"
        self._domains: dict[str, _Domain] = {}

    async def __aenter__(self) -> Self:
        """Import the checkout."""
        self._domains = _read(self._data, self._names)
        return self

    def versions(self) -> dict[str, str]:
        """A hash of what is played: the checkout has no release."""
        return {"tau-bench": content_hash(*(domain.hash for domain in self._domains.values()))[:12]}

    def tasks(self) -> Sequence[Task]:
        """Domain after domain; the ids are tau-bench's indices."""
        most = self._settings.max_steps
        return [
            Task(environment=environment, id=str(number), split="test", max_steps=most)
            for environment, domain in self._domains.items()
            for number in range(len(domain.tasks))
        ]

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode.

        Raises:
            InvalidRequest: it needs a user, and there is no model for that.
        """
        dialogue = _Dialogue(self._domains[task.environment], task, self._user_for(policy))
        deadline_s = self._settings.deadline_s
        trajectory = await play_conversation(dialogue, policy, task, seed=seed, deadline_s=deadline_s)
        return cut_off(trajectory, "out of steps") if dialogue.is_cut else trajectory

    def _reference(self, task: Task) -> tuple[str, list[Move]]:
        domain, number = self._domains[task.environment], int(task.id)
        return domain.hash_of(number), domain.moves(number)


@dataclass(frozen=True)
class _Domain:
    """What was read of one domain."""

    name: str
    data: bytes
    """Its database, pickled: each episode has its own."""
    tools: Mapping[str, Any]
    """Name -> tau-bench's class."""
    policy: str
    tasks: Sequence[Any]
    """tau-bench's."""
    prompt: Callable[[str], str]
    """Of the user: instruction -> system prompt."""
    hash: str

    def hash_of(self, number: int) -> str:
        """Of one task: its trajectories belong to no other."""
        return content_hash(self.hash, str(number))

    def moves(self, number: int) -> list[Move]:
        """What the reference does, and then all outputs at once: in place of a transfer, after which nothing can be said."""
        task = self.tasks[number]
        calls: list[Move] = [(action.name, action.kwargs) for action in task.actions if action.name not in (RESPOND, ENDING)]
        words = "\n".join(task.outputs) or "That is all done."
        return [*calls, words]

    def info(self, number: int) -> EnvironmentInfo:
        """What the agent may know."""
        functions = [tool.get_info()["function"] for tool in self.tools.values()]
        return EnvironmentInfo(
            name=self.name,
            format="tau-bench",
            hash=self.hash_of(number),
            prompt=self.policy,
            tools=[
                ToolSpec(name=one["name"], purpose=one["description"], input_schema={"properties": {}, **one["parameters"]})
                for one in functions
            ],
            tasks=len(self.tasks),
        )

    def database(self) -> Any:
        """A copy as it is at the beginning."""
        return pickle.loads(self.data)

    def call(self, data: Any, tool: str, arguments: Mapping[str, Any]) -> str:
        """Run a tool on a database. Raises: whatever it raises."""
        return str(self.tools[tool].invoke(data=data, **arguments))

    def after_reference(self, number: int) -> Any:
        """The database that the reference leaves. A call that fails changes what it has changed, as in an episode."""
        data = self.database()
        for action in self.tasks[number].actions:
            if action.name in self.tools and action.name != ENDING:
                with suppress(Exception):  # any tool may raise anything; tau-bench gives the text to the agent, and goes on
                    self.call(data, action.name, action.kwargs)
        return data


class _Dialogue:
    """One episode."""

    info: EnvironmentInfo
    messages: list[Message]

    def __init__(self, domain: _Domain, task: Task, user: UserModel | None) -> None:
        """Args:
        user: None: somebody who asks for help, and stops at the first answer.
        """
        self._domain, self._number, self._most, self._user = domain, int(task.id), task.max_steps, user
        self.figures: dict[str, float] = {}
        self._heard: list[Message] = []
        """The conversation as the user's model has it."""
        self._said: list[str] = []
        self._turns, self._over = 0, False

    async def __aenter__(self) -> Self:
        """Begin: the user speaks first.

        Raises:
            PolicyError: the user's model failed.
        """
        self.info = self._domain.info(self._number)
        self._data = await to_thread.run_sync(self._domain.database)
        system = self._domain.prompt(self._domain.tasks[self._number].instruction)
        self._heard = [{"role": "system", "content": system}]
        first = await self._answer(OPENING) if self._user else GREETING
        self.messages = [{"role": "system", "content": self._domain.policy}, {"role": "user", "content": first}]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""

    @property
    def is_cut(self) -> bool:
        """Whether its turns ran out."""
        return self._turns >= self._most and not self._over

    async def call(self, tool: str, arguments: dict[str, Any] | str) -> Observation:
        """One tool call. A tool that fails answers with a text of its own, or the exception's."""
        self._turns += 1
        if tool not in self._domain.tools:
            return self._failed(UnknownTool(tool, sorted(self._domain.tools)))
        if isinstance(arguments, str):
            return self._failed(InvalidArguments(tool, f"the arguments must be a JSON object, got {arguments!r}"))
        try:
            text = await to_thread.run_sync(self._domain.call, self._data, tool, arguments)
        except Exception as exc:  # any tool may raise anything
            text = f"Error: {exc}"
        self._over = tool == ENDING
        failed = text.startswith("Error")
        return self._seen(text, "ToolRaised" if failed else None)

    async def say(self, text: str) -> Observation:
        """To the user, who may stop."""
        self._turns += 1
        self._said.append(text)
        answer = await self._answer(text) if self._user else STOP
        self._over = STOP in answer
        return self._seen(answer)

    async def reward(self) -> float | None:
        """1 or 0; 0 when nobody ended it.

        Raises:
            SandboxError: the databases cannot be compared.
        """
        if not self._over:
            return 0.0
        spoken = [text.lower().replace(",", "") for text in self._said]
        outputs = self._domain.tasks[self._number].outputs
        if not all(any(output.lower() in text for text in spoken) for output in outputs):
            return 0.0
        try:
            return float(await to_thread.run_sync(self._is_as_after_reference))
        except (TypeError, ValueError) as exc:
            raise SandboxError(f"the database of {self._domain.name} cannot be compared: {exc}") from exc

    def _is_as_after_reference(self) -> bool:
        return _dump(self._data) == _dump(self._domain.after_reference(self._number))

    async def _answer(self, text: str) -> str:
        """The user's, at the endpoint's own temperature as in tau-bench."""
        assert self._user is not None
        self._heard.append({"role": "user", "content": text})
        message, tokens = await self._user.ask(self._heard)
        self.figures[USER_TOKENS] = self.figures.get(USER_TOKENS, 0) + tokens
        answer = str(message.get("content") or "")
        self._heard.append({"role": "assistant", "content": answer})
        return answer

    def _failed(self, error: ToolCallError) -> Observation:
        return self._seen(str(error), type(error).__name__)

    def _seen(self, text: str, error: str | None = None) -> Observation:
        over = self._over or self._turns >= self._most
        return Observation(text=text, is_error=error is not None, error=error, step=self._turns, over=over)


def _read(data: str | None, names: Sequence[str]) -> dict[str, _Domain]:
    """The domains of a checkout, by the names of their environments.

    Raises:
        Absent: there is none, or it is laid out differently.
    """
    root = Path(data) if data else None
    if root is None or not (root / "tau_bench" / "envs").is_dir():
        raise Absent("tau-bench" if root is None else f"tau-bench at {root}", BRING)
    try:
        with _importable(root):
            return {f"tau/{name}": _domain(root, name) for name in names}
    except (ImportError, AttributeError, OSError, ValueError) as exc:  # ValueError: a file of data that is none
        raise Absent(f"tau-bench as it is known here, at {root} ({exc}),", BRING) from exc


def _domain(root: Path, name: str) -> _Domain:
    package = f"tau_bench.envs.{name}"
    tests = import_module(f"{package}.tasks_test")
    tasks = tests.TASKS_TEST if hasattr(tests, "TASKS_TEST") else tests.TASKS
    data = import_module(f"{package}.data").load_data()
    tools = import_module(f"{package}.tools").ALL_TOOLS
    policy = (root / "tau_bench" / "envs" / name / "wiki.md").read_text(encoding="utf-8")
    return _Domain(
        name=f"tau/{name}",
        data=pickle.dumps(data),
        tools={tool.get_info()["function"]["name"]: tool for tool in tools},
        policy=policy,
        tasks=tasks,
        prompt=_prompt(),
        hash=content_hash(policy, _dump(data), *(task.model_dump_json() for task in tasks)),
    )


def _prompt() -> Callable[[str], str]:
    """The user's system prompt: the checkout's own, or ours where that cannot be read."""
    try:
        simulator = import_module("tau_bench.envs.user").LLMUserSimulationEnv
        build = simulator.__new__(simulator).build_system_prompt  # its constructor asks a model
    except (ImportError, AttributeError):
        return OWN_PROMPT.format
    return lambda instruction: str(build(instruction=instruction))


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    """For a while, a checkout's modules can be imported without the package files that import all the rest.

    Empty packages stand in for those, and an empty module for litellm, which the user's module imports for calls that are
    not made here. Afterwards everything is as it was, so that another checkout can be read.
    """
    ours = ("tau_bench", "litellm")
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ours}
    for name in before:
        del sys.modules[name]
    for name in ("tau_bench", "tau_bench.envs", *(f"tau_bench.envs.{domain}" for domain in DOMAINS)):
        package = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[name] = package
    litellm: Any = ModuleType("litellm")
    litellm.completion = None
    sys.modules["litellm"] = litellm
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
            del sys.modules[name]
        sys.modules.update(before)


def _dump(data: Any) -> str:
    """A database as one text; sets in order."""
    return json.dumps(data, sort_keys=True, default=sorted)
