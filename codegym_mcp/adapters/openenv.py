"""Our episodes as OpenEnv resource sessions, which TRL's harness worker and `build_harness_rollout_func` drive.

Seen with openenv 0.10.0 and TRL 1.16.0. The harness samples and keeps the tokens; an episode answers its calls, and
`verify` forwards the reward of the control plane. A machine fault leaves that reward None: TRL's HarnessRolloutWorker
drops the rollout from its group, `build_harness_rollout_func` stops with a ValueError. Neither scores it.

The messages a model reads come from the session, not from the row, so a row's prompt is free to name the task: see `row`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from openenv.core.env_server.mcp_types import Tool
from openenv.core.harness import ResourceSession, ResourceSessionFactory, ToolResult, VerifyResult

from codegym_mcp.adapters.servers import Servers, read_task, reward_of
from codegym_mcp.adapters.stepped import SteppedRollout, wait
from codegym_mcp.errors import EpisodeOver
from codegym_mcp.rollout import Message, call_message
from codegym_mcp.types import Task


class EpisodeSession(ResourceSession):
    """One episode. Its methods may be called from any thread, one at a time."""

    def __init__(self, rollout: SteppedRollout) -> None:
        """Args:
        rollout: begun already.
        """
        self._rollout, self._calls = rollout, 0

    def initial_messages(self) -> list[Message]:
        """The rules of play and the task."""
        return self._rollout.messages[:2]

    def list_tools(self) -> list[Tool]:
        """The environment's tools, as documented to agents."""
        environment = self._rollout.environment
        specs = environment.tools if environment is not None else []
        return [Tool(name=spec.name, description=spec.description(), input_schema=spec.input_schema) for spec in specs]

    def call_tool(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        """Play one call; a failed one is answered, and spends a step.

        Raises:
            SandboxError: a machine failed; `verify` has no reward then.
        """
        self._calls += 1
        answers = wait(self._rollout.say(call_message(name, arguments, self._calls)))
        over = self._rollout.trajectory
        if not answers and over is not None:
            reward_of(over)
            return ToolResult(data=str(EpisodeOver(len(over.steps))), done=True, error=EpisodeOver.__name__)
        last = over.steps[-1] if over is not None else self._rollout.observation
        return ToolResult(data=answers[0]["content"], done=over is not None, error=last.error if last else None)

    def verify(self, transcript: list[Message], final_state: Any | None = None) -> VerifyResult:
        """The reward, and what became of the episode. One that was left open was not solved: 0. A machine fault: None."""
        trajectory = wait(self._rollout.stop())
        return VerifyResult(
            env_reward=trajectory.reward,
            done=True,
            metrics={"steps": len(trajectory.steps), "status": trajectory.status},
            artifacts={"trajectory": trajectory.model_dump(mode="json")},
        )

    def close(self) -> None:
        """Free what the episode holds."""
        wait(self._rollout.drop())


class EpisodeSessionFactory(ResourceSessionFactory[EpisodeSession]):
    """Opens an episode per rollout. Holds settings alone, so it can be sent to another process."""

    def __init__(self, urls: str | Sequence[str], token: str, **settings: Any) -> None:
        """Args:
        urls: of the servers' control planes.
        settings: max_steps, lost_after_s, as in servers.Servers.
        """
        self._servers = Servers.of(urls, token, **settings)

    def create(self, task: Any, seed: int | None = None, episode_id: str | None = None) -> EpisodeSession:
        """Open an episode.

        Args:
            task: a Task, its JSON, or the prompt of a row made by `row`.
            seed: the same for all rollouts of a group; TRL's worker sees to that.
            episode_id: not used: ids are the control plane's.

        Raises:
            InvalidTask: `task` is none of these.
            CatalogError, InvalidEnvironment: the task cannot be played.
            SandboxError: no server has room, or none is there.
        """
        rollout = SteppedRollout(self._servers, _task(task), seed=seed or 0)
        wait(rollout.begin())
        if rollout.trajectory is not None:
            reward_of(rollout.trajectory)
        return EpisodeSession(rollout)


def row(task: Task) -> dict[str, Any]:
    """A row of a data set for TRL. Only its prompt reaches the factory, and no model reads it."""
    return {"prompt": [{"role": "user", "content": task.model_dump_json()}]}


def _task(given: Any) -> Task:
    if isinstance(given, Task):
        return given
    if isinstance(given, Sequence) and not isinstance(given, str) and given and isinstance(given[-1], Mapping):
        return read_task(given[-1].get("content"))
    return read_task(given)
