"""The vocabulary as data: Task, ToolSpec, Observation, Step, EpisodeStatus, Trajectory. Frozen, plain JSON on the wire.

No behaviour beyond validation and (de)serialisation; what happens to these things is in episode.py and rollout.py.
"""

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Split = Literal["train", "validation", "test"]
Documentation = Literal["plain", "examples"]
"""How tools are documented to the agent: without examples (the training default of the paper) or with them."""
Status = Literal["open", "terminated", "truncated", "expired", "closed"]
"""open; terminated by Done; truncated by its step budget; expired after its TTL; closed by the control plane before its end."""

MAX_STEPS = 256
"""T_max of the paper: tool calls per episode."""
MAX_DEPTH = 64
"""Lists and objects within each other in a JSON value that comes from outside; readers of JSON give up at 100 to 1000."""


class Data(BaseModel):
    """Frozen, and strict about unknown fields. Infinity and NaN stand in JSON text as Python writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class Task(Data):
    """One configuration of an environment, to be played."""

    environment: str
    id: str
    config: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the environment's reset."""
    prompt: str | None = None
    """Replaces the environment's own task text."""
    level: str = "medium"
    split: Split = "train"
    max_steps: int = Field(default=MAX_STEPS, ge=1, le=100_000)
    """Step budget (T_max), failed calls included."""


class ToolSpec(Data):
    """What the agent may know of one tool."""

    name: str
    purpose: str
    """First part of the docstring."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """Parameter name -> its documentation."""
    returns: str = ""
    example: str = ""
    """Withheld from the agent unless the documentation style is `examples`."""
    input_schema: dict[str, Any]
    """JSON Schema of the arguments, as published to clients."""

    def description(self, style: Documentation = "plain") -> str:
        """The text the model reads for this tool."""
        parts = [self.purpose]
        if self.parameters:
            parts.append("Args:\n" + "\n".join(f"    {name}: {text}" for name, text in self.parameters.items()))
        if self.returns:
            parts.append("Returns:\n" + _indent(self.returns))
        if style == "examples" and self.example:
            parts.append("Example:\n" + _indent(self.example))
        return "\n\n".join(part for part in parts if part)


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


class Observation(Data):
    """The answer to one tool call."""

    text: str
    is_error: bool = False
    error: str | None = None
    """Class name of the ToolCallError, if any."""
    step: int
    """Steps spent in the episode, this one included."""
    over: bool = False
    """Whether the episode ended with (or before) this call."""


class Step(Data):
    """One answered tool call, numbered from 1 within its episode."""

    number: int
    tool: str
    arguments: dict[str, Any] | str
    """A string: what the model sent in place of a JSON object."""
    text: str
    """The observation."""
    is_error: bool = False
    error: str | None = None
    """Class name of the ToolCallError, if any."""
    committed: bool
    digest: str
    """Canonical digest of the committed state after this step."""
    key: str | None = None
    """The client's call key, which makes a repeated call safe."""


class EpisodeStatus(Data):
    """What the control plane tells of an episode."""

    id: str
    environment: str
    task: str
    level: str
    seed: int
    status: Status
    steps: int
    max_steps: int
    reward: float | None
    """None while open, and for ever when the episode expired or was closed before its end."""
    digest: str
    prompt: str


class EnvironmentInfo(Data):
    """What the control plane tells of an environment."""

    name: str
    format: str
    hash: str
    prompt: str
    tools: list[ToolSpec]
    tasks: int
    """How many there are."""


class Trajectory(Data):
    """The frozen record of one rollout: one line of JSONL."""

    environment: str
    environment_hash: str
    task: Task
    seed: int
    policy: str
    documentation: Documentation = "plain"
    messages: list[dict[str, Any]] = Field(default_factory=list)
    """Chat messages, where the policy works with them (OpenAI's format)."""
    initial_digest: str = ""
    """Digest of the state before the first step."""
    steps: list[Step] = Field(default_factory=list)
    status: Status
    reward: float | None
    """None: a machine or model endpoint failed; such a rollout is dropped, never scored 0."""
    error: dict[str, Any] | None = None
    """Why the reward is None: the JSON form of the error."""
    ending: str = ""
    """How it ended, in words, where the status says too little."""
    elapsed_s: float = 0.0
    figures: dict[str, float] = Field(default_factory=dict)
    """What else was counted in this rollout, by name; no part of the reward."""


def plain_json(value: Any, max_bytes: int) -> Any:
    """A JSON value as every reader of JSON takes it: texts in place of the numbers that JSON lacks.

    Raises:
        ValueError: it is too long, nested too deeply, no JSON at all, or holds characters that no Unicode text has.
    """
    try:
        text = json.dumps(value, ensure_ascii=False)
        size = len(text.encode())
    except UnicodeEncodeError as exc:
        raise ValueError("with characters that no Unicode text has") from exc
    except (TypeError, RecursionError) as exc:
        raise ValueError(f"that JSON cannot carry: {exc}") from exc
    if size > max_bytes:
        raise ValueError(f"longer than {max_bytes >> 10} KiB")
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    return json.loads(text, parse_constant=str) if "NaN" in text or "Infinity" in text else value


def _deeper(value: Any, levels: int) -> bool:
    """Whether there are more than so many lists and objects within each other."""
    if not isinstance(value, (list, tuple, dict)):
        return False
    return levels == 0 or any(_deeper(part, levels - 1) for part in (value.values() if isinstance(value, dict) else value))
