"""The whole error model: who reads an error, and whose fault it is.

A failed tool call is data, not a crash: the model reads it and the episode goes on. A failed machine is
neither: it spends no step, records no reward, and is retried or dropped.

```
CodegymError
|- ToolCallError           the MODEL reads it: an is_error result; rolled back, the episode goes on, the step counts
|  |- UnknownTool          on the MCP wire: the protocol's own error -32602
|  |- InvalidArguments     the arguments do not fit the tool's JSON Schema
|  |- ToolRaised           the tool raised an exception
|  |- ToolRefused          a published environment answered with an error text of its own
|  |- ToolTimeout          the tool ran past its time
|  |- ToolOverLimit        memory, observation or state past its limit
|  `- ToolCrashed          the tool ended its process or spoke out of turn
|- EpisodeOver             the MODEL reads it, terminal: nothing more can be called
|- EpisodeError            the PROGRAM reads it: MCPError on the agent plane, status + JSON on the control plane
|  |- EpisodeNotFound, EpisodeExpired, EpisodeBusy, EpisodeMoved, StepOutOfRange, EpisodeFinished, CallKeyReused
|- CatalogError            what was asked for is not in the catalog
|  |- EnvironmentNotFound, TaskNotFound
|- InvalidEnvironment      the definition is wrong: file, line, and what was expected
|- InvalidTask             a task's record is wrong: file, line, field, and what was expected
|- InvalidRequest          a request to the control plane is wrong: the field and what was expected
|- StoreError              the store refused or holds something else than expected
|- SandboxError            our machine failed: retry, else drop the rollout; never a reward of 0
|  |- SandboxUnavailable   this machine lacks a protection; says which, and what to do
|  |- EpisodeLost          its server is gone, and no other has it
|  |- EpisodeTimeout       it took longer than it may
|  `- AtCapacity           no room right now: retry later
`- PolicyError             the model endpoint failed: retry, else drop the rollout from its group
   `- EndpointRefused       it never will: a wrong key, an unknown model
      `- ContextFull        the conversation is longer than the model can hold
```
"""

from collections.abc import Sequence
from typing import Any, ClassVar

UNCHANGED = "State unchanged."
MAX_FOREIGN_CHARS = 500
"""Characters of a foreign text (an exception of a tool, an argument) that an error quotes."""


def clip(text: object, limit: int = MAX_FOREIGN_CHARS) -> str:
    """The text in one line of at most `limit` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class CodegymError(Exception):
    """Base of all errors of this project."""

    retryable: ClassVar[bool] = False
    """Whether the same request may succeed later."""
    status: ClassVar[int] = 400
    """HTTP status on the control plane."""

    def fields(self) -> dict[str, Any]:
        """The typed fields the message was made from (plain JSON data)."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def to_json(self) -> dict[str, Any]:
        """The one JSON form of an error, used by the control plane and in trajectories."""
        return {"error": type(self).__name__, "message": str(self), "retryable": self.retryable, **self.fields()}


class ToolCallError(CodegymError):
    """One tool call failed and was rolled back. The episode goes on; the step counts."""

    status = 200


class UnknownTool(ToolCallError):
    """The environment has no tool of that name."""

    def __init__(self, tool: str, tools: Sequence[str]) -> None:
        self.tool, self.tools = clip(tool, 80), list(tools)
        super().__init__(f"There is no tool '{self.tool}'; tools are: {', '.join(self.tools)}. {UNCHANGED}")


class InvalidArguments(ToolCallError):
    """The arguments do not fit the tool's JSON Schema."""

    def __init__(self, tool: str, problem: str) -> None:
        self.tool, self.problem = tool, clip(problem)
        super().__init__(f"{tool}: {self.problem}. {UNCHANGED}")


class ToolRaised(ToolCallError):
    """The tool raised an exception; `problem` is its type and text."""

    def __init__(self, tool: str, problem: str) -> None:
        self.tool, self.problem = tool, clip(problem)
        super().__init__(f"{tool} raised {self.problem.rstrip('.')}. {UNCHANGED}")


class ToolRefused(ToolCallError):
    """A published environment answered with an error text of its own, which is passed on unchanged."""

    def __init__(self, tool: str, text: str) -> None:
        self.tool, self.text = tool, text
        super().__init__(text)


class ToolTimeout(ToolCallError):
    """The tool ran past its time, waiting for a free core not counted."""

    def __init__(self, tool: str, limit_s: float) -> None:
        self.tool, self.limit_s = tool, limit_s
        super().__init__(f"{tool} ran past {limit_s:g} s and was stopped. {UNCHANGED}")


class ToolOverLimit(ToolCallError):
    """The tool ran past a limit in bytes; `what` is memory, observation or state."""

    def __init__(self, tool: str, what: str, limit_bytes: int) -> None:
        self.tool, self.what, self.limit_bytes = tool, what, limit_bytes
        size = f"{limit_bytes >> 20} MiB" if limit_bytes >= 1 << 20 else f"{limit_bytes >> 10} KiB"
        super().__init__(f"{tool} ran past {size} of {what} and was stopped. {UNCHANGED}")


class ToolCrashed(ToolCallError):
    """The tool ended its process, or its process broke the protocol and was killed."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        super().__init__(f"{tool} crashed and was stopped. {UNCHANGED}")


class EpisodeOver(CodegymError):
    """The model's call came after the end of its episode."""

    status = 409

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"The episode is over since step {step}. {UNCHANGED}")


class EpisodeError(CodegymError):
    """The program used an episode wrongly."""


class EpisodeNotFound(EpisodeError):
    """No such episode, or one that was closed. The id itself is not repeated: it is a secret."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such episode here; open one on the control plane, or with Start.")


class EpisodeExpired(EpisodeError):
    """The episode was left alone past its time to live. No reward was recorded."""

    status = 410

    def __init__(self, ttl_s: float) -> None:
        self.ttl_s = ttl_s
        super().__init__(f"The episode expired after {ttl_s:g} s without a call; open another one.")


class EpisodeBusy(EpisodeError):
    """More calls wait for this episode than may queue."""

    retryable = True
    status = 429

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(f"The episode is busy: {waiting} calls wait for it already; send one call at a time.")


class EpisodeFinished(EpisodeError):
    """A finished episode cannot be rewound."""

    status = 409

    def __init__(self, status: str) -> None:
        self.episode_status = status
        super().__init__(f"The episode is {status}: fork it from an earlier step instead of rewinding it.")


class EpisodeMoved(EpisodeError):
    """Another server over the same store has gone on with this episode; what this one remembers of it is out of date."""

    retryable = True
    status = 503

    def __init__(self) -> None:
        super().__init__("This episode has gone on at another server; ask again.")


class StepOutOfRange(EpisodeError):
    """Fork or rewind beyond the steps that were answered."""

    def __init__(self, step: int, last: int) -> None:
        self.step, self.last = step, last
        super().__init__(f"step must be from 0 to {last} (the last that can be taken up), got {step}.")


class CallKeyReused(EpisodeError):
    """One call key came with two different calls."""

    status = 409

    def __init__(self, step: int) -> None:
        self.step = step
        super().__init__(f"This call key belongs to another call, answered as step {step}; use a new key per call.")


class CatalogError(CodegymError):
    """What was asked for is not in the catalog."""

    status = 404


class EnvironmentNotFound(CatalogError):
    """No environment of that name; `similar` are the nearest names."""

    def __init__(self, name: str, similar: Sequence[str] = ()) -> None:
        self.name, self.similar = clip(name, 120), list(similar)
        hint = f" Did you mean {', '.join(self.similar)}?" if self.similar else " `codegym list` shows them."
        super().__init__(f"There is no environment '{self.name}'.{hint}")


class TaskNotFound(CatalogError):
    """The environment has no such task."""

    def __init__(self, environment: str, task: str) -> None:
        self.environment, self.task = environment, clip(task, 120)
        super().__init__(f"'{environment}' has no task '{self.task}'; `codegym show {environment}` lists them.")


class InvalidEnvironment(CodegymError):
    """An environment's definition is wrong."""

    status = 422

    def __init__(self, where: str, problem: str, line: int | None = None) -> None:
        self.where, self.problem, self.line = where, clip(problem), line
        super().__init__(f"{where}{f':{line}' if line else ''}: {self.problem}")


class InvalidTask(CodegymError):
    """A task's record is wrong."""

    status = 422

    def __init__(self, where: str, problem: str, line: int | None = None) -> None:
        self.where, self.problem, self.line = where, clip(problem), line
        super().__init__(f"{where}{f':{line}' if line else ''}: {self.problem}")


class InvalidRequest(CodegymError):
    """A request to the control plane is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, clip(problem)
        super().__init__(f"{field}: {self.problem}")


class StoreError(CodegymError):
    """The store refused, or holds something else than expected."""

    status = 503

    def __init__(self, problem: str) -> None:
        self.problem = clip(problem)
        super().__init__(f"The episode store failed: {self.problem}")


class SandboxError(CodegymError):
    """Our machine failed, not the policy: no step was spent and no reward recorded."""

    retryable = True
    status = 503

    def __init__(self, problem: str) -> None:
        self.problem = clip(problem)
        super().__init__(f"The sandbox failed: {self.problem}")


class EpisodeTimeout(SandboxError):
    """An episode took longer than it may. Another attempt would take as long."""

    retryable = False


class SandboxUnavailable(SandboxError):
    """This machine lacks a protection that untrusted environments need."""

    retryable = False
    status = 501


class EpisodeLost(SandboxError):
    """The server that held the episode is gone, and no other has it."""

    retryable = False

    def __init__(self, server: str) -> None:
        self.server = server
        super().__init__(f"the server {server} is gone, and the episode with it")


class AtCapacity(SandboxError):
    """No room right now; nothing was done. Retry after `retry_after_s`."""

    def __init__(self, what: str, limit: int, retry_after_s: float = 1.0) -> None:
        self.what, self.limit, self.retry_after_s = what, limit, retry_after_s
        super().__init__(f"at capacity ({limit} {what}); retry in {retry_after_s:g} s")


class PolicyError(CodegymError):
    """The model endpoint failed."""

    retryable = True
    status = 502

    def __init__(self, problem: str) -> None:
        self.problem = clip(problem)
        super().__init__(f"The policy failed: {self.problem}")


class EndpointRefused(PolicyError):
    """The model endpoint will never answer this: a wrong key, an unknown model, a request that it does not take."""

    retryable = False


class ContextFull(EndpointRefused):
    """The conversation has become longer than the model can hold."""


def error_from_json(data: dict[str, Any]) -> CodegymError:
    """The error a server described with `CodegymError.to_json`, of its own class where that is known here."""
    known = {cls.__name__: cls for cls in _descendants(CodegymError)}
    error = CodegymError.__new__(known.get(str(data.get("error")), CodegymError))
    Exception.__init__(error, clip(data.get("message", "an error without a message"), 2 * MAX_FOREIGN_CHARS))
    error.__dict__.update({key: value for key, value in data.items() if key not in ("error", "message", "retryable")})
    return error


def _descendants(cls: type[CodegymError]) -> list[type[CodegymError]]:
    return [cls, *(leaf for child in cls.__subclasses__() for leaf in _descendants(child))]
