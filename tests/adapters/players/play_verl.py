"""verl's own AgentLoopWorker runs our agent loop, from its default configuration; the script is where the engine would be."""

import asyncio
import itertools
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import verl
from hydra import compose, initialize_config_dir
from script import Script, answer, asked, save_tokenizer
from verl.experimental.agent_loop.agent_loop import AgentLoopWorker
from verl.protocol import DataProto
from verl.workers.rollout.replica import TokenOutput

from codegym_mcp.adapters.servers import Servers
from codegym_mcp.adapters.verl import NAME, row
from codegym_mcp.types import EnvironmentInfo, Task

PROMPT, RESPONSE = 8192, 8192


class Engine:
    """What verl calls an LLMServerClient; every rollout that is begun, and begun again, has the script from its start."""

    def __init__(self, ask: dict[str, Any], tokenizer: Any) -> None:
        self._ask, self._tokenizer = ask, tokenizer
        self.scripts: dict[str, Script] = {}
        self.prompts: dict[str, list[list[int]]] = {}

    async def generate(
        self, request_id: str, *, prompt_ids: list[int], sampling_params: dict[str, Any], **_: Any
    ) -> TokenOutput:
        """One turn."""
        script = self.scripts.setdefault(request_id, Script(self._ask))
        prompts = self.prompts.setdefault(request_id, [])
        prompts.append(list(prompt_ids))
        ids = [*self._tokenizer.encode(script.next(), add_special_tokens=False), self._tokenizer.eos_token_id]
        return TokenOutput(token_ids=ids, log_probs=[-0.5] * len(ids), extra_fields={"max_global_steps": len(prompts)})


def configuration(folder: Path, ask: dict[str, Any]) -> Any:
    """verl's defaults, and what a user would set."""
    loops = folder / "loops.yaml"
    loop = {
        "name": NAME,
        "_target_": "codegym_mcp.adapters.verl.CodegymAgentLoop",
        "urls": ask["urls"],
        "token": "${oc.env:CODEGYM_TOKEN}",
        "max_steps": ask["max_steps"],
        "lost_after_s": ask["lost_after_s"],
    }
    loops.write_text(json.dumps([loop]))
    with initialize_config_dir(str(Path(verl.__file__).parent / "trainer" / "config"), version_base=None):
        return compose(
            "ppo_trainer",
            [
                f"actor_rollout_ref.model.path={folder}",
                "actor_rollout_ref.rollout.name=vllm",
                f"actor_rollout_ref.rollout.prompt_length={PROMPT}",
                f"actor_rollout_ref.rollout.response_length={ask['options'].get('response_length', RESPONSE)}",
                "actor_rollout_ref.rollout.calculate_log_probs=true",
                f"actor_rollout_ref.rollout.agent.agent_loop_config_path={loops}",
                "actor_rollout_ref.rollout.multi_turn.format=hermes",
            ],
        )


async def play(folder: Path, task: Task, environment: EnvironmentInfo, ask: dict[str, Any]) -> dict[str, Any]:
    """One rollout through the worker; what a trainer would get of it."""
    worker = AgentLoopWorker(configuration(folder, ask), None)
    tokenizer = worker.tokenizer
    worker.llm_client = engine = Engine(ask, tokenizer)
    cells = {**row(task, environment), "index": 0}
    cells["raw_prompt"] = cells.pop("prompt")
    columns = {name: np.array([None], dtype=object) for name in cells}
    for name, cell in cells.items():
        columns[name][0] = cell
    try:
        batch = await worker.generate_sequences(DataProto(non_tensor_batch=columns, meta_info={"global_steps": 1}))
    except Exception as exc:
        return {"raised": type(exc).__name__, "attempts": len(engine.scripts)}
    mask, ids = batch.batch["response_mask"][0], batch.batch["responses"][0]
    attention = batch.batch["attention_mask"][0][-len(ids) :]
    logprobs = batch.batch["rollout_log_probs"][0]
    last = list(engine.scripts)[-1]
    return {
        "reward": float(batch.batch["rm_scores"][0].sum()),
        "rewarded_at": int(batch.batch["rm_scores"][0].abs().argmax()),
        "length": int(attention.sum()),
        "prompt": tokenizer.decode(batch.batch["prompts"][0], skip_special_tokens=True),
        "sampled": tokenizer.decode(ids[mask == 1]),
        "answered": tokenizer.decode(ids[(mask == 0) & (attention == 1)]),
        "logprobs": sorted(set(logprobs[mask == 1].tolist())),
        "padding": sorted(set(logprobs[mask == 0].tolist())),
        "said": engine.scripts[last].said,
        "attempts": len(engine.scripts),
        "prefixes": all(b[: len(a)] == a for a, b in itertools.pairwise(engine.prompts[last])),
        "facts": {name: batch.non_tensor_batch[name][0] for name in ("acc", "steps", "truncated", "max_global_steps")},
        "turns": int(batch.non_tensor_batch["__num_turns__"][0]),
    }


class Queue:
    """What verl's trainer keeps its trajectories in."""

    def __init__(self) -> None:
        self.status: list[str] = []
        self.fields: list[Any] = []

    async def async_kv_put(self, *, key: str, partition_id: str, tag: dict[str, Any]) -> None:
        """What became of a group."""
        self.status.append(tag["status"])

    async def async_kv_batch_put(self, *, keys: list[str], fields: Any, tags: list[dict[str, Any]], partition_id: str) -> None:
        """A trajectory."""
        self.fields.append(fields[0])


async def group(folder: Path, task: Task, environment: EnvironmentInfo, ask: dict[str, Any]) -> dict[str, Any]:
    """Two rollouts of one prompt, as the worker of verl's trainer has it; all but Ray and the queue is verl's."""
    from verl.trainer.ppo.v1 import agent_loop_tq

    agent_loop_tq.tq = queue = Queue()
    kind = agent_loop_tq.AgentLoopWorkerTQ.__ray_metadata__.modified_class
    worker = kind.__new__(kind)
    AgentLoopWorker.__init__(worker, configuration(folder, ask), None)
    worker.llm_client = Engine(ask, worker.tokenizer)
    cells = {**row(task, environment), "uid": "u", "global_steps": 1, "index": 0, "__rollout_n__": 2}
    cells["raw_prompt"] = cells.pop("prompt")
    trajectory = {"step": 1, "sample_index": 0, "rollout_n": 0, "validate": False}
    await worker._run_prompt(cells, {"logprobs": True}, trajectory)
    scores = [float(field["rm_scores"].sum()) for field in queue.fields]
    trained = [int(field["loss_mask"].sum()) for field in queue.fields]
    return {"status": queue.status, "scores": scores, "trained": trained}


async def main() -> None:
    """Ask by ask."""
    told = asked()
    task = Task.model_validate_json(told["task"])
    async with Servers.of(told["asks"]["oracle"]["urls"], told["token"]).pool() as pool:
        environment = await pool.environment(task.environment)
    with tempfile.TemporaryDirectory() as folder:
        save_tokenizer(Path(folder))
        (Path(folder) / "config.json").write_text(json.dumps({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}))
        heard = {}
        for name, ask in told["asks"].items():
            heard[name] = await (group if ask["options"].get("group") else play)(Path(folder), task, environment, ask)
    answer(json.loads(json.dumps(heard, default=int)))


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main())
