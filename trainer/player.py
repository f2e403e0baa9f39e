"""The model that plays, and how the trainer that changes it is built around it."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.local import LocalGenerator
from codegym_mcp.policies.tokens import Generator, TokenBudget, TokenPolicy
from trainer.config import Config
from trainer.grpo import async_trainer, publish, sync_trainer
from trainer.models import context_of, is_tied, load_model, template_of
from trainer.weights import CopyTransfer, ReloadTransfer, load_adapter, reload, started_with
from trainer.worker import MCPRolloutWorker

if TYPE_CHECKING:
    from trainer.vllm import VllmGenerator

TIED = "%s: its output layer is its embedding. A vLLM server on a CPU will not reload it; see docs/training.md"
LORA_NAME = "trl-policy"
"""Prefix of the adapters that TRL's async trainer publishes."""


class Player:
    """The model that plays, and the trainer that changes it."""

    def __init__(self, config: Config, base: Path, tokenizer: Any) -> None:
        """Args:
        base: what training begins with.
        """
        self._config, self._base = config, base
        self._model = load_model(base, config.model) if config.rollouts.generator == "local" else None
        if self._model is not None:
            import torch

            self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self.template = template_of(tokenizer, base)
        self._lock = threading.Lock()
        self._transfer: Any = None
        self._plays: Path | None = base if self._model is not None else None
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

    def load(self, weights: Path) -> None:
        """Play with these weights, for evaluations outside of training.

        Args:
            weights: a folder, or the hub's name that training begins with.

        Raises:
            PolicyError: vLLM did not take them, or there is no way to send them.
        """
        if weights == self._plays:
            return
        optimiser, adapter = self._config.optimiser, (weights / "adapter_config.json").exists()
        if self._model is not None:
            self._model.load_state_dict(self._weights(weights, adapter))
        elif adapter:
            name = f"{LORA_NAME}-{content_hash(str(weights.resolve()))[:12]}"
            load_adapter(optimiser.vllm_url, name, weights)
            for remote in self._remote:
                remote.adapter = name
        elif weights.is_dir() and optimiser.weight_transfer == "reload":
            reload(optimiser.vllm_url, str(weights.resolve()))
        else:
            self._start_again(weights)
        self._plays = weights

    def _start_again(self, weights: Path) -> None:
        """Have vLLM play what it was started with, whatever this run or another one has sent it since.

        Raises:
            PolicyError: that is something else than these weights.
        """
        optimiser = self._config.optimiser
        name = optimiser.vllm_model or str(self._base)
        root = started_with(optimiser.vllm_url, name)
        named = weights == self._base and root == name
        if not named and Path(root).resolve() != weights.resolve():
            raise PolicyError(
                f"vLLM at {optimiser.vllm_url} was started with {root}, and cannot be sent {weights} for an evaluation "
                f"('{optimiser.weight_transfer}'): restart it with `--model {weights} --served-model-name {name}`, "
                "then repeat the command"
            )
        if optimiser.weight_transfer != "lora":  # adapters leave it as it was
            reload(optimiser.vllm_url, root)

    def _weights(self, folder: Path, adapter: bool) -> Any:
        """What a folder holds, an adapter merged into what it was trained on."""
        if not adapter:
            return load_model(folder, self._config.model).state_dict()
        from peft import PeftModel

        merged = PeftModel.from_pretrained(load_model(self._base, self._config.model), str(folder)).merge_and_unload()
        return merged.state_dict()

    def publish(self, trainer: Any) -> None:
        """Have the generator play with what a sync run has made so far. Called in every process."""
        if self._transfer is not None and self._config.optimiser.trainer == "sync":
            publish(trainer, trainer.accelerator.unwrap_model(trainer.model), self._transfer)

    def trained(self, weights: Path) -> None:
        """Training is over, and this is where its weights are; by files they have yet to be sent."""
        self._plays = None if self._config.optimiser.weight_transfer == "reload" else weights

    def versioned(self, version: int) -> None:
        """New weights have reached the generator."""
        for remote in self._remote:
            remote.version, remote.adapter = version, ""

    async def close(self) -> None:
        """Let connections go."""
        for remote in self._remote:
            await remote.close()

    def trainer(self, folder: Path, start: Path, worker: MCPRolloutWorker, callbacks: list[Any]) -> Any:
        """TRL's trainer over this model."""
        optimiser, transfer = self._config.optimiser, self._make_transfer(folder, start)
        self._transfer = transfer
        if optimiser.trainer == "sync":
            model = self._model if self._model is not None else str(start)
            return sync_trainer(self._config, folder, model, self.template, worker, transfer, callbacks)
        return async_trainer(self._config, folder, start, self.template, worker, transfer, callbacks)

    def _make_transfer(self, folder: Path, start: Path) -> Any:
        """How weights reach the generator; None: it is the trained model itself, or TRL sees to it."""
        optimiser, local = self._config.optimiser, self._model is not None
        if optimiser.weight_transfer == "reload":
            if is_tied(start):
                logging.getLogger(__name__).warning(TIED, start)
            return ReloadTransfer(optimiser.vllm_url, folder / "weights", start)
        return CopyTransfer(self._model, self._lock) if local and optimiser.trainer == "async" else None
