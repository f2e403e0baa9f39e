"""Our episodes as a SkyRL text environment, for SkyRLGymGenerator.

Seen with skyrl-gym 0.4.0 and skyrl 0.3.0. SkyRL's chat template knows no tools, so the prompt describes them in the text
that Qwen's template would make, calls are read from the text between `<tool_call>` tags, and answers come as user messages
between `<tool_response>` tags. A turn is what one call of `step` brings: SkyRL keeps its tokens, and masks ours.

SkyRL knows no rollout without a reward. So a machine fault is raised from `init` or `step`, and nothing is scored;
skyrl_generator.py plays such a rollout again.

Call `register_environment` in the process that generates (SkyRL's entry point, inside its Ray task).
"""

import itertools
import json
from collections.abc import Sequence
from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput
from skyrl_gym.envs.registration import register

from codegym_mcp.adapters.servers import Servers, columns, prompt_of, reward_of, task_of
from codegym_mcp.adapters.stepped import SteppedRollout, wait
from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.template import read_message
from codegym_mcp.rollout import Message
from codegym_mcp.types import EnvironmentInfo, Task

ID = "codegym"
TOOLS = """

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""
"""What the chat templates of Qwen2.5 and Qwen3 put behind the system message. Source: their tokenizer_config.json."""


class CodegymEnv(BaseTextEnv):
    """One episode."""

    def __init__(self, servers: Servers, extras: dict[str, Any], env_config: Any = None) -> None:
        """Args:
        extras: the row that `row` made, and `max_turns`, SkyRL's own limit, which holds beside T_max.
        env_config: not used: SkyRL's configuration has no place for environments of other people.

        Raises:
            InvalidTask: the row names no task.
        """
        super().__init__()
        task, seed = task_of(extras)
        self.max_turns = int(extras["max_turns"])
        self._rollout = SteppedRollout(servers, task, seed=seed)

    def init(self, prompt: list[Message]) -> tuple[list[Message], dict[str, Any]]:
        """Open the episode; the messages to begin with, which are those of the row.

        Raises:
            CatalogError, InvalidEnvironment: the task cannot be played.
            SandboxError: no server has room, or none is there.
        """
        messages = wait(self._rollout.begin())
        if self._rollout.trajectory is not None:
            reward_of(self._rollout.trajectory)
        assert self._rollout.environment is not None
        return with_tools(messages, self._rollout.environment), {}

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """One turn of the model: one call, or none.

        Raises:
            SandboxError: a machine failed; there is no reward to give.
        """
        self.turns += 1
        answers = wait(self._rollout.say(read_message(action, self.turns)))
        if self._rollout.trajectory is None and self.turns >= self.max_turns:
            wait(self._rollout.stop())
        over = self._rollout.trajectory
        reward = 0.0 if over is None else reward_of(over)
        observations = as_text(answers) if over is None else []
        return BaseTextEnvStepOutput(observations=observations, reward=reward, done=over is not None, metadata={})

    def get_metrics(self) -> dict[str, Any]:
        """Of a rollout that is over."""
        over = self._rollout.trajectory
        if over is None:
            return {}
        failed = sum(step.is_error for step in over.steps)
        return {"steps": len(over.steps), "failed_calls": failed, "truncated": float(over.status == "truncated")}

    def close(self) -> None:
        """Free what the episode holds."""
        wait(self._rollout.drop())


def register_environment(urls: str | Sequence[str], token: str, **settings: Any) -> None:
    """Make the environment known to SkyRL as `codegym`.

    Args:
        urls: of the servers' control planes.
        settings: max_steps, lost_after_s, as in servers.Servers.
    """
    servers = Servers.of(urls, token, **settings)
    register(id=ID, entry_point=f"{__name__}:{CodegymEnv.__name__}", kwargs={"servers": servers})


def row(task: Task, environment: EnvironmentInfo, seed: int = 0) -> dict[str, Any]:
    """A row of a data set for SkyRL. Its prompt is the one that will be played, tools and all."""
    return {"prompt": with_tools(prompt_of(task, environment), environment), "env_class": ID, **columns(task, seed)}


def with_tools(messages: Sequence[Message], environment: EnvironmentInfo) -> list[Message]:
    """The first messages of a rollout, with the tools described in the system message."""
    tools = "\n".join(json.dumps(function_of(spec), ensure_ascii=False) for spec in environment.tools)
    system, *others = messages
    return [{**system, "content": system["content"] + TOOLS.format(tools=tools)}, *others]


def as_text(messages: Sequence[Message]) -> list[Message]:
    """Answers for a template without tools: those of one turn in one message of the user."""
    found: list[Message] = []
    for is_tool, group in itertools.groupby(messages, lambda message: message["role"] == "tool"):
        if is_tool:
            parts = [f"<tool_response>\n{message['content']}\n</tool_response>" for message in group]
            found.append({"role": "user", "content": "\n".join(parts)})
        else:
            found.extend(group)
    return found
