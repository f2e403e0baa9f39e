"""Who sits at tau2's table: a policy on the agent's seat; a script, or tau2's simulator with our client, on the user's.

tau2's Orchestrator calls their methods, whose names and forms are tau2's.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from anyio import from_thread

from codegym_mcp.errors import PolicyError
from codegym_mcp.rollout import Message, tool_call
from eval.benchmarks.talk import GREETING, STOP, USER_TOKENS, UserModel

USER_TEMPERATURE = 0.0
"""tau2's default."""
DONE = "I have done that."


class AgentSeat:
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


class ScriptedUser:
    """The user's seat without a model: asks for help, makes the calls that it is given, stops."""

    def __init__(self, calls: Sequence[Sequence[Mapping[str, Any]]], environment: Any, figures: dict[str, float]) -> None:
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


class SimulatedUser:
    """The user's seat with a model: tau2's UserSimulator, but for who asks the model."""

    def __init__(self, given: Any, model: UserModel, seed: int, environment: Any, figures: dict[str, float]) -> None:
        """Args:
        given: tau2's task.
        seed: of the model's sampling.
        environment: tau2's; of telecom, it has tools for the user.
        figures: of the episode; the tokens of this user are added to them.
        """
        from tau2.user.user_simulator import UserSimulator

        tools = environment.get_user_tools() if environment.user_tools is not None else None
        self._simulator = UserSimulator(tools=tools, instructions=str(given.user_scenario))
        self._options: dict[str, Any] = {"temperature": USER_TEMPERATURE, "seed": seed}
        if tools:
            self._options |= {"tools": [tool.openai_schema for tool in tools], "tool_choice": "auto"}
        self._model, self._figures = model, figures

    def get_init_state(self, message_history: list[Any] | None = None) -> Any:
        return self._simulator.get_init_state(message_history)

    def generate_next_message(self, message: Any, state: Any) -> tuple[Any, Any]:
        """Called in a worker thread; the model is asked on the event loop that the thread came from.

        Raises:
            PolicyError: the endpoint failed, or called a tool with arguments that are no JSON object.
        """
        from tau2.data_model.message import ToolCall, UserMessage

        state.messages.extend(getattr(message, "tool_messages", [message]))
        conversation = [wire(one) for one in [*state.system_messages, *state.flip_roles()]]
        reply, tokens = from_thread.run(partial(self._model.ask, conversation, **self._options))
        self._figures[USER_TOKENS] = self._figures.get(USER_TOKENS, 0) + tokens
        calls = []
        for call in reply.get("tool_calls") or []:
            name, arguments = tool_call(call)
            if isinstance(arguments, str):
                raise PolicyError(f"{self._model.name}, who plays the user, called {name} with no JSON object")
            calls.append(ToolCall(id=str(call.get("id", "")), name=name, arguments=arguments, requestor="user"))
        answer = UserMessage(role="user", content=reply.get("content"), tool_calls=calls or None)
        state.messages.append(answer)
        return answer, state


def wire(message: Any) -> Message:
    """One of tau2's messages in OpenAI's format."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.id, "content": message.content or ""}
    made = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
        for call in getattr(message, "tool_calls", None) or []
    ]
    return {"role": message.role, "content": message.content, **({"tool_calls": made} if made else {})}
