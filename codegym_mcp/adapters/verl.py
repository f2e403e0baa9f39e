"""Our episodes as a verl agent loop: token in, token out, with verl's own tokens, masks and tool parsers.

Seen with verl 0.9.1. verl's engine is a policy like any other, and rollout.py plays it. The conversation is merged into
the tokens by verl's Continuous Token builder, so nothing is tokenised twice; the mask is 1 on what the model sampled alone.

A rollout that lost its machine is played again, `attempts` times in all; then the error is raised. verl's trainer
(`trainer.use_v1`, the default) takes that for a failed session: the rollout is missing from its group, and nothing scores
it. The legacy trainer stops instead.

Named in a file for `actor_rollout_ref.rollout.agent.agent_loop_config_path`:

```yaml
- name: codegym_mcp
  _target_: codegym_mcp.adapters.verl.CodegymAgentLoop
  urls: [http://127.0.0.1:8000]
  token: ${oc.env:CODEGYM_TOKEN}
```
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopMetrics, AgentLoopOutput, register
from verl.experimental.agent_loop.tool_parser import ToolParser
from verl.tools.schemas import OpenAIFunctionToolSchema

from codegym_mcp.adapters.servers import Servers, columns, prompt_of, reward_of, task_of
from codegym_mcp.policies.chat import function_of
from codegym_mcp.policies.template import read_message, with_objects
from codegym_mcp.rollout import SILENT, Act, Message, collect_rollout
from codegym_mcp.types import EnvironmentInfo, Observation, Task, ToolSpec, Trajectory

NAME = "codegym_mcp"
ATTEMPTS = 2
"""Times that one rollout is begun."""


@register(NAME)
class CodegymAgentLoop(AgentLoopBase):
    """One rollout: `run` is called once."""

    def __init__(
        self,
        *args: Any,
        urls: str | Sequence[str],
        token: str,
        max_steps: int | None = None,
        lost_after_s: float | None = None,
        attempts: int = ATTEMPTS,
        tools: Any = None,
        **kwargs: Any,
    ) -> None:
        """Args:
        urls: of the servers' control planes.
        max_steps: T_max; default: the task's.
        tools: not used: tools come with the environment.
        """
        super().__init__(*args, **kwargs)
        limits = {} if lost_after_s is None else {"lost_after_s": lost_after_s}
        self._servers = Servers.of(urls, token, max_steps=max_steps, **limits)
        self._attempts = attempts
        turns = self.rollout_config.multi_turn
        self.parser = ToolParser.get_tool_parser(turns.format, self.tokenizer)
        self.max_turns: int | None = turns.max_assistant_turns
        self.response_length: int = self.rollout_config.response_length

    async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> AgentLoopOutput:
        """Play the task of a row.

        Args:
            kwargs: the row that `row` made.

        Raises:
            InvalidTask: it names no task.
            SandboxError: a machine failed in every attempt; this rollout is worth nothing.
        """
        task, seed = task_of(kwargs)
        engine, trajectory = await self._play(task, seed, sampling_params)
        for _ in range(self._attempts - 1):
            if trajectory.reward is not None:
                break
            engine, trajectory = await self._play(task, seed, sampling_params)
        reward_of(trajectory)
        return engine.output(trajectory)

    async def _play(self, task: Task, seed: int, sampling_params: dict[str, Any]) -> tuple["Engine", Trajectory]:
        engine = Engine(self, sampling_params)
        async with self._servers.pool() as pool:
            trajectory = await collect_rollout(pool, engine, task, seed=seed, max_steps=self._servers.max_steps)
        return engine, trajectory


class Engine:
    """verl's inference engine as the policy of one rollout, and the tokens of that rollout."""

    name = "verl"

    def __init__(self, loop: CodegymAgentLoop, sampling_params: dict[str, Any]) -> None:
        stops = [*(sampling_params.get("stop_token_ids") or []), *loop.parser.stop_token_ids]
        self._sampling = {**sampling_params, **({"stop_token_ids": stops} if stops else {})}
        self._loop, self._request = loop, uuid4().hex
        self._ids: list[int] = []  # (P + R,)
        self._mask: list[int] = []  # (R,), 1 = sampled by the model
        self._logprobs: list[float] | None = None  # (R,), 0.0 where the mask is 0
        self._experts: Any = None
        self._extra: dict[str, Any] = {}
        self._turns, self._known, self._generating_s, self._preempted = 0, 0, 0.0, -1
        self._silent = False

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin the rollout."""
        self._tools = [function_of(spec) for spec in environment.tools]
        self._schemas = [parser_schema(spec) for spec in environment.tools]
        yield self.act

    async def act(self, messages: list[Message], observation: Observation | None) -> Message:
        """One turn. Out of tokens or turns it says nothing: that was the policy's budget, so the reward is 0."""
        if not self._silent:
            self._silent = not await self._hear([with_objects(message) for message in messages])
        if self._silent:
            return SILENT
        said = await self._speak()
        self._silent = len(self._mask) > self._loop.response_length  # training would not see the end of this turn
        if self._silent:
            return SILENT
        self._known = len(messages) + 1
        return await self._read(said)

    async def _hear(self, messages: list[Message]) -> bool:
        """Merge what is new in the conversation into the tokens. False: that leaves no room for a turn."""
        if not self._ids:
            self._ids = list(await self._loop.ct_build_initial_tokens(messages, tools=self._tools))
            return True
        known = messages[: self._known]
        merged, mask, logprobs = await self._loop.ct_merge_context_msg(
            known, messages, self._ids, self._mask, self._logprobs, tools=self._tools
        )
        limit = self._loop.max_turns
        if len(mask) >= self._loop.response_length or (limit and self._turns >= limit):
            return False
        self._ids, self._mask, self._logprobs = merged.token_ids, mask, logprobs
        return True

    async def _speak(self) -> list[int]:
        """Generate a turn, and merge it into the tokens."""
        started = time.monotonic()
        output = await self._loop.server_manager.generate(
            request_id=self._request, prompt_ids=self._ids, sampling_params=self._sampling
        )
        self._generating_s += time.monotonic() - started
        self._note(output)
        before = self._logprobs if self._turns else ([] if output.log_probs else None)
        merged, self._mask, self._logprobs = await self._loop.ct_merge_assistant_token(
            self._ids, output.token_ids, self._mask, before, output.log_probs or None
        )
        self._ids = merged.token_ids
        self._turns += 1
        return list(output.token_ids)

    def _note(self, output: Any) -> None:
        """What verl's asynchronous trainers want to know: the first and the last version of the weights, and preemptions."""
        newest = output.extra_fields.get("max_global_steps")
        self._extra = self._extra or dict(output.extra_fields)
        if newest is not None:
            self._extra["max_global_steps"] = newest
        if output.num_preempted is not None:
            self._preempted = max(self._preempted, 0) + output.num_preempted
        if output.routed_experts is not None:
            self._experts = output.routed_experts

    async def _read(self, said: list[int]) -> Message:
        """The turn as a message. What verl's parser leaves out for being malformed becomes a call that fails."""
        content, calls = await self._loop.parser.extract_tool_calls(said, self._schemas)
        if not calls:
            return read_message(self._loop.tokenizer.decode(said, skip_special_tokens=True), self._turns)
        functions = [{"name": call.name, "arguments": call.arguments} for call in calls]
        found = [{"id": f"call-{self._turns}-{i}", "type": "function", "function": f} for i, f in enumerate(functions)]
        return {"role": "assistant", "content": content, "tool_calls": found}

    def output(self, trajectory: Trajectory) -> AgentLoopOutput:
        """The rollout in verl's form; tokens past the response's limit are cut off."""
        start, limit = len(self._ids) - len(self._mask), self._loop.response_length
        facts = {"acc": trajectory.reward, "steps": len(trajectory.steps), "truncated": int(trajectory.status == "truncated")}
        return AgentLoopOutput(
            prompt_ids=self._ids[:start],
            response_ids=self._ids[start:][:limit],
            response_mask=self._mask[:limit],
            response_logprobs=None if self._logprobs is None else self._logprobs[:limit],
            routed_experts=None if self._experts is None else self._experts[: start + limit],
            reward_score=trajectory.reward,
            num_turns=1 + self._turns + len(trajectory.steps),
            metrics=AgentLoopMetrics(
                generate_sequences=self._generating_s,
                tool_calls=max(0.0, trajectory.elapsed_s - self._generating_s),
                num_preempted=self._preempted,
            ),
            extra_fields={**self._extra, "turn_scores": [], "tool_rewards": [], "reward_extra_info": facts},
        )


def parser_schema(spec: ToolSpec) -> OpenAIFunctionToolSchema:
    """A tool as verl's parsers read it: they need a type for each parameter, and no more than that."""
    types = {name: types_of(schema) or ["string"] for name, schema in spec.input_schema.get("properties", {}).items()}
    properties = {name: {"type": found[0] if len(found) == 1 else found} for name, found in types.items()}
    parameters = {"type": "object", "properties": properties}
    function = {"name": spec.name, "description": spec.purpose, "parameters": parameters}
    return OpenAIFunctionToolSchema.model_validate({"type": "function", "function": function})


def types_of(schema: dict[str, Any]) -> list[str]:
    """The types that a JSON Schema names, also where it leaves a choice."""
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else [*found, *(t for part in schema.get("anyOf", []) for t in types_of(part))]


def row(task: Task, environment: EnvironmentInfo, seed: int = 0) -> dict[str, Any]:
    """A row of a data set for verl. Its prompt serves filters by length, which do not count the tools."""
    return {
        "prompt": prompt_of(task, environment),
        "agent_name": NAME,
        "data_source": f"codegym/{task.environment}",
        "reward_model": {"style": "rule", "ground_truth": ""},
        "extra_info": {"task": f"{task.environment}/{task.id}"},
        **columns(task, seed),
    }
