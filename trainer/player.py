"""The model that plays, and how the trainer that changes it is built around it."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegym_mcp.policies.local import LocalGenerator
from codegym_mcp.policies.tokens import Generator, TokenBudget, TokenPolicy
from trainer.config import Config, InvalidConfig
from trainer.grpo import async_trainer, sync_trainer
from trainer.models import context_of, load_model, template_of
from trainer.weights import CopyTransfer, ReloadTransfer
from trainer.worker import MCPRolloutWorker

if TYPE_CHECKING:
    from trainer.vllm import VllmGenerator

LORA_NAME = "trl-policy"
"""Prefix of the adapters that TRL's async trainer publishes."""


class Player:
    """The model that plays, and the trainer that changes it."""

    def __init__(self, config: Config, base: Path, weights: Path, tokenizer: Any) -> None:
        """Args:
        base: what training began with.
        weights: what plays now: the same, or what training has made of it.
        """
        self._config = config
        self._model = load_model(weights, config.model) if config.rollouts.generator == "local" else None
        if self._model is not None:
            import torch

            self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self.template = template_of(tokenizer, base)
        self._lock = threading.Lock()
        self._remote: list[VllmGenerator] = []
        self._context = context_of(base)
        rollouts = config.rollouts
        self.policy = self._policy(rollouts.temperature, rollouts.top_p, base)
        self.evaluated = self._policy(config.evaluation.temperature, config.evaluation.top_p, base)

    def _policy(self, temperature: float, top_p: float, path: Path) -> TokenPolicy:
        rollouts = self._config.rollouts
        if self._model is None:
            from trainer.vllm import VllmGenerator

            optimiser = self._config.optimiser
            lora = LORA_NAME if optimiser.weight_transfer == "lora" else ""
            name = optimiser.vllm_model or str(path)
            remote = VllmGenerator(optimiser.vllm_url, name, temperature=temperature, top_p=top_p, lora=lora)
            self._remote.append(remote)
            generator: Generator = remote
        else:
            generator = LocalGenerator(
                self._model,
                self.template,
                temperature=temperature,
                top_p=top_p,
                logprobs=True,
                max_batch=rollouts.batch,
                linger_s=rollouts.linger_s,
                lock=self._lock,
            )
        budget = TokenBudget(rollouts.turn_tokens, rollouts.response_tokens, self._context)
        return TokenPolicy(self.template, generator, budget, name=path.name)

    def versioned(self, version: int) -> None:
        """New weights have reached the generator."""
        for remote in self._remote:
            remote.version = version

    async def close(self) -> None:
        """Let connections go."""
        for remote in self._remote:
            await remote.close()

    def trainer(self, folder: Path, start: Path, worker: MCPRolloutWorker, callbacks: list[Any]) -> Any:
        """TRL's trainer over this model."""
        optimiser, transfer = self._config.optimiser, self._transfer(folder, start)
        if optimiser.trainer == "sync":
            model = self._model if self._model is not None else str(start)
            return sync_trainer(self._config, folder, model, self.template, worker, transfer, callbacks)
        return async_trainer(self._config, folder, start, self.template, worker, transfer, callbacks)

    def _transfer(self, folder: Path, start: Path) -> Any:
        """How weights reach the generator; None: it is the trained model itself, or TRL sees to it."""
        optimiser, local = self._config.optimiser, self._model is not None
        if (optimiser.weight_transfer == "copy") != local:
            raise InvalidConfig("optimiser.weight_transfer", "'copy' goes with the local generator, all others with vLLM")
        if optimiser.trainer == "sync" and optimiser.weight_transfer not in ("copy", "reload"):
            raise InvalidConfig(
                "optimiser.weight_transfer", "the sync trainer reaches vLLM by 'reload'; the async one by any way"
            )
        if optimiser.weight_transfer == "reload":
            return ReloadTransfer(optimiser.vllm_url, folder / "weights", start)
        return CopyTransfer(self._model, self._lock) if local and optimiser.trainer == "async" else None
