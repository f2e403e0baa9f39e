"""SkyRL's generator, and ours over it, run our text environment; the script is where the inference engine would be.

Without `skyrl` (its import fails on Python 3.11) the environment alone is stepped, as the generator would do it.
"""

import asyncio
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import skyrl_gym
from script import Script, answer, asked, save_tokenizer

from codegym_mcp.adapters.servers import Servers
from codegym_mcp.adapters.skyrl import register_environment, row
from codegym_mcp.types import EnvironmentInfo, Task


def step(task: Task, environment: EnvironmentInfo, ask: dict[str, Any]) -> dict[str, Any]:
    """The environment alone."""
    cells = row(task, environment)
    prompt, script = cells.pop("prompt"), Script(ask)
    max_turns = ask["options"].get("max_turns", 300)
    env = skyrl_gym.make(cells.pop("env_class"), env_config={}, extras={**cells, "max_turns": max_turns})
    first, _ = env.init(prompt)
    heard: dict[str, Any] = {"prompt": first, "as_in_the_row": first == prompt, "rewards": [], "observations": []}
    try:
        done = False
        while not done:
            out = env.step(script.next())
            done = out["done"]
            heard["rewards"].append(out["reward"])
            heard["observations"].append(out["observations"])
    except Exception as exc:
        heard["raised"] = type(exc).__name__
    heard["metrics"] = env.get_metrics()
    env.close()
    return heard


class Engine:
    """What SkyRL calls an inference engine client."""

    def __init__(self, ask: dict[str, Any], tokenizer: Any) -> None:
        self._ask, self._script, self._tokenizer = ask, Script(ask), tokenizer
        self.sessions: list[str] = []

    async def generate(self, batch: dict[str, Any], model: str | None = None) -> dict[str, Any]:
        """One turn."""
        text = self._script.next() + self._tokenizer.eos_token
        ids = self._tokenizer.encode(text, add_special_tokens=False)
        return {
            "responses": [text],
            "response_ids": [ids],
            "stop_reasons": ["stop"],
            "response_logprobs": [[-0.5] * len(ids)],
        }

    async def finish_session(self, session_id: str) -> None:
        """The end of an attempt: the next one begins from the start."""
        self.sessions.append(session_id)
        self.said, self._script = self._script.said, Script(self._ask)


async def generate(folder: Path, task: Task, environment: EnvironmentInfo, ask: dict[str, Any]) -> dict[str, Any]:
    """A rollout through the generator; what SkyRL's trainer would get of it."""
    from skyrl.train.config import GeneratorConfig, SkyRLGymConfig
    from transformers import AutoTokenizer

    from codegym_mcp.adapters.skyrl_generator import ReplayingGenerator

    tokenizer = AutoTokenizer.from_pretrained(folder)
    config = GeneratorConfig(max_turns=300, batched=False, max_input_length=100_000)
    config.sampling_params.logprobs = 0
    engine = Engine(ask, tokenizer)
    generator = ReplayingGenerator(config, SkyRLGymConfig(), engine, tokenizer)
    cells = row(task, environment)
    batch = {"prompts": [cells.pop("prompt")], "env_classes": [cells.pop("env_class")], "env_extras": [cells]}
    try:
        found = await generator.generate(batch, disable_tqdm=True)
    except Exception as exc:
        return {"raised": type(exc).__name__, "attempts": len(engine.sessions)}
    ids, mask = found["response_ids"][0], found["loss_masks"][0]
    logprobs = (found["rollout_logprobs"] or [[]])[0]
    return {
        "rewards": found["rewards"][0],
        "sampled": tokenizer.decode([token for token, own in zip(ids, mask, strict=True) if own]),
        "answered": tokenizer.decode([token for token, own in zip(ids, mask, strict=True) if not own]),
        "logprobs": sorted({value for value, own in zip(logprobs, mask, strict=True) if own}),
        "prompt": tokenizer.decode(found["prompt_token_ids"][0]),
        "said": engine.said,
        "attempts": len(engine.sessions),
    }


async def main() -> None:
    """Ask by ask."""
    told = asked()
    task = Task.model_validate_json(told["task"])
    heard = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, ask in told["asks"].items():
            async with Servers.of(told["asks"]["oracle"]["urls"], told["token"]).pool() as pool:
                environment = await pool.environment(task.environment)
            skyrl_gym.envs.registration.registry.pop("codegym", None)
            settings = {"max_steps": ask["max_steps"], "lost_after_s": ask["lost_after_s"]}
            register_environment(ask["urls"], told["token"], **settings)
            if ask["options"].get("generator"):
                save_tokenizer(Path(folder))
                heard[name] = await generate(Path(folder), task, environment, ask)
            else:
                heard[name] = await asyncio.to_thread(step, task, environment, ask)
    answer(json.loads(json.dumps(heard, default=float)))


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main())
