"""OpenEnv's own harness drives our sessions, white box, as TRL has it do; TRL's own worker scores them."""

import json
import logging
import pickle
from typing import Any

from openenv.core.harness import HarnessRunLimits, MCPHarnessAdapter, ModelStepResult, build_harness_rollout_func
from openenv.core.llm_client import LLMResponse, ToolCall
from script import GOODBYE, Script, answer, asked

from codegym_mcp.adapters.openenv import EpisodeSessionFactory, row
from codegym_mcp.types import Task


def model_step(script: Script) -> Any:
    """OpenEnv's ModelStep: one token per letter, of which the harness keeps count."""

    def step(messages: list[Any], tools: list[Any], sampling: dict[str, Any]) -> ModelStepResult:
        text = script.next()
        calls = [json.loads(part.split("</tool_call>")[0]) for part in text.split("<tool_call>")[1:]]
        found = [ToolCall(id=f"c{i}", name=call["name"], args=call["arguments"]) for i, call in enumerate(calls)]
        ids = list(text.encode())
        response = LLMResponse(content="" if found else GOODBYE, tool_calls=found)
        return ModelStepResult(response=response, prompt_ids=[], completion_ids=ids, logprobs=[-0.5] * len(ids))

    return step


LIMITS = HarnessRunLimits(max_turns=300, max_tool_calls_per_turn=1)


def play(task: Task, token: str, ask: dict[str, Any]) -> dict[str, Any]:
    """One session, driven by the adapter that TRL uses."""
    factory = EpisodeSessionFactory(ask["urls"], token, max_steps=ask["max_steps"], lost_after_s=ask["lost_after_s"])
    factory = pickle.loads(pickle.dumps(factory))  # as TRL sends it to its worker
    if ask["options"].get("trl"):
        return trl_worker(factory, task, ask)
    if ask["options"].get("rollout_func"):
        return rollout_func(factory, task, ask)
    session = factory.create(row(task)["prompt"], seed=3)
    script, heard = Script(ask), {"tools": [tool.model_dump() for tool in session.list_tools()]}
    heard["messages"] = session.initial_messages()
    try:
        result = MCPHarnessAdapter().run_white_box(model_step(script), session, LIMITS)
        heard["trace"] = [
            [entry.tool_name, entry.result.data, entry.result.done, entry.result.error] for entry in result.tool_trace
        ]
        heard["completion"] = bytes(result.completion_ids).decode()
    except Exception as exc:
        heard["raised"] = type(exc).__name__
    verified = session.verify([])
    if "raised" not in heard:
        late = session.call_tool("Observe", {})
        heard["late"] = [late.data, late.done, late.error]
    session.close()
    return {**heard, "said": "".join(script.said), "reward": verified.env_reward, "metrics": verified.metrics}


def rollout_func(factory: Any, task: Task, ask: dict[str, Any]) -> dict[str, Any]:
    """What GRPOTrainer would call."""
    script = Script(ask)
    built = build_harness_rollout_func(
        session_factory=factory,
        harness_adapter=MCPHarnessAdapter(),
        model_step_builder=lambda trainer, session: model_step(script),
        limits=LIMITS,
    )
    try:
        found = built([row(task)["prompt"]], None)
        return {"rewards": found["env_reward"], "completion": bytes(found["completion_ids"][0]).decode()}
    except Exception as exc:
        return {"raised": type(exc).__name__}


def trl_worker(factory: Any, task: Task, ask: dict[str, Any]) -> dict[str, Any]:
    """`_run_session` of TRL's HarnessRolloutWorker, with the script where vLLM would be."""
    import threading
    from collections import Counter, defaultdict
    from types import SimpleNamespace

    from trl.experimental.async_grpo import openenv_harness

    openenv_harness.logger = logging.getLogger("trl")  # its own needs a started trainer
    step = model_step(Script(ask))
    loop_class = openenv_harness.HarnessRolloutWorker._loop_cls
    loop = SimpleNamespace(
        _factory=factory,
        _adapter=MCPHarnessAdapter(),
        _limits=LIMITS,
        _live_sessions=set(),
        _stop_event=threading.Event(),
        _rollout_reward_fn=None,
        _fork_threshold_tokens=0,
        _EMPTY_ROLLOUT=loop_class._EMPTY_ROLLOUT,
        _counters=Counter(),
        _rates=defaultdict(lambda: [0, 0]),
    )

    def sample(turns: list[Any], times: list[Any], messages: list[Any], tools: list[Any], sampling: dict[str, Any]) -> Any:
        from trl.experimental.async_grpo.async_rollout_worker import TurnRecord

        result = step(messages, tools, sampling)
        before = [token for turn in turns for token in [*turn.output_ids, 0]]
        turns.append(TurnRecord([1, *before], result.completion_ids, result.logprobs))
        return result

    loop._sample_turn = sample
    (_, completion_ids, sequences, calls, failures, reward), _ = loop_class._run_session(loop, row(task)["prompt"], 5)
    masks = [[sum(sequence.completion_mask), len(sequence.completion_mask)] for sequence in sequences]
    return {"reward": reward, "calls": calls, "failures": failures, "sampled": len(completion_ids), "masks": masks}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    told = asked()
    task = Task.model_validate_json(told["task"])
    answer({name: play(task, told["token"], ask) for name, ask in told["asks"].items()})
