"""A chat model in this process, by transformers. Needs torch and transformers; on a GPU where there is one.

For measuring, for trying out a checkpoint, and for training what fits here. To serve many episodes at speed, put the
model behind an endpoint. Turns that wait at the same time are generated as one batch.
"""

import asyncio
import importlib
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.template import Ids, ToolTemplate
from codegym_mcp.policies.tokens import Completion, TokenBudget, TokenPolicy, TokenSession
from codegym_mcp.types import EnvironmentInfo

INSTALL = "a local model needs torch and transformers: pip install torch==2.13.0 'transformers>=5.16.1,<5.18'"
MAX_BATCH = 16
"""Turns generated at once."""

Turn = tuple[Ids, int, "asyncio.Future[Completion]"]
"""A prompt that waits, how many tokens may follow, and where its completion goes."""


class LocalGenerator:
    """Samples turns from a model of transformers."""

    def __init__(
        self,
        model: Any,
        template: ToolTemplate,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        logprobs: bool = False,
        max_batch: int = MAX_BATCH,
        linger_s: float = 0.0,
        lock: "threading.Lock | None" = None,
    ) -> None:
        """Args:
        model: a causal language model.
        temperature: 0 takes the likeliest token.
        logprobs: keep those of the sampled tokens; takes the memory of one float per token and word of the vocabulary.
        max_batch: turns generated at once.
        linger_s: how long a batch waits for others to come along.
        lock: held while a batch is sampled, so that nobody changes the weights meanwhile.
        """
        self.model, self._template = model, template
        self._torch: Any = importlib.import_module("torch")
        self.linger_s = linger_s
        self._max_batch, self._logprobs, self._temperature = max_batch, logprobs, temperature
        sampling = {"do_sample": True, "temperature": temperature, "top_p": top_p, "top_k": 0} if temperature > 0 else {}
        self._settings: Any = importlib.import_module("transformers").GenerationConfig(
            pad_token_id=template.pad, eos_token_id=sorted(template.ends), **sampling
        )
        self.lock = lock or threading.Lock()
        self._waiting: list[Turn] = []
        self._turn = asyncio.Lock()

    async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
        """Sample one turn, together with those that wait beside it.

        Raises:
            PolicyError: the model failed, or the machine has no memory for it.
        """
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._waiting.append((prompt, max_new_tokens, future))
        await asyncio.sleep(self.linger_s)  # others that are about to ask come along
        async with self._turn:
            while not future.done():
                await self._generate_batch(future)
        return future.result()

    async def _generate_batch(self, mine: "asyncio.Future[Completion]") -> None:
        batch = self._waiting[: self._max_batch]
        del self._waiting[: self._max_batch]
        try:
            completions = await asyncio.to_thread(self._sample, [turn[0] for turn in batch], max(turn[1] for turn in batch))
        except BaseException as exc:  # cancelled, or out of memory: this one's end alone, the others ask again
            self._waiting += [turn for turn in batch if turn[2] is not mine]
            if isinstance(exc, RuntimeError):
                raise PolicyError(f"the local model failed: {exc}") from exc
            raise
        for (_, most, waiting), completion in zip(batch, completions, strict=True):
            if not waiting.done():
                waiting.set_result(Completion(completion.ids[:most], completion.logprobs[:most]))

    def _sample(self, prompts: Sequence[Ids], max_new_tokens: int) -> list[Completion]:
        """Completions, each up to its end. Prompts are padded on their left."""
        torch, longest, pad = self._torch, max(map(len, prompts)), self._template.pad
        device = self.model.device
        ids = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=device)  # (B, T)
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=device)
        with self.lock, torch.inference_mode(), self._settings_alone():
            out = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_new_tokens,
                return_dict_in_generate=True,
                output_logits=self._logprobs,
            )
            sampled = out.sequences[:, longest:]  # (B, new)
            chosen = self._chosen(out.logits, sampled) if self._logprobs else [[]] * len(prompts)
        rows = [self._ended(row) for row in sampled.tolist()]
        return [Completion(row, logprobs[: len(row)]) for row, logprobs in zip(rows, chosen, strict=True)]

    @contextmanager
    def _settings_alone(self) -> Iterator[None]:
        """Without the model's own settings: `generate` takes penalties and the like from there, whatever it is given."""
        own, self.model.generation_config = self.model.generation_config, self._settings
        try:
            yield
        finally:
            self.model.generation_config = own

    def _chosen(self, logits: Sequence[Any], sampled: Any) -> list[list[float]]:
        """Log-probabilities of the sampled tokens, step by step, so that no more than one step's are held twice."""
        steps = [
            (step.float() / (self._temperature or 1.0)).log_softmax(-1).gather(1, sampled[:, n : n + 1])
            for n, step in enumerate(logits)
        ]
        found: list[list[float]] = self._torch.cat(steps, dim=1).tolist()  # (B, new)
        return found

    def _ended(self, ids: Ids) -> Ids:
        """Up to the first token that ends a turn, with it."""
        return next((ids[: i + 1] for i, token in enumerate(ids) if token in self._template.ends), ids)


class LocalPolicy:
    """Plays with a model that is loaded here."""

    def __init__(
        self,
        model_path: Path | str,
        *,
        name: str | None = None,
        device: str | None = None,
        chat_template: str | None = None,
        max_new_tokens: int = TokenBudget.turn,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> None:
        """Args:
        model_path: a folder with model and tokenizer, or a name that transformers can find.
        name: what trajectories and cards call it; default: the last part of the path.
        device: default: "cuda" where there is one, else "cpu".
        chat_template: in place of the tokenizer's own, which must know tools.
        max_new_tokens: of one turn.
        temperature: 0 takes the likeliest token.
        seed: of the sampling, for the whole process.

        Raises:
            PolicyError: torch or transformers are not installed, there is no such model, or its chat template knows no tools.
        """
        torch, transformers = self._libraries()
        self.name = name or Path(model_path).name
        try:
            tokenizer: Any = transformers.AutoTokenizer.from_pretrained(str(model_path))
            model: Any = transformers.AutoModelForCausalLM.from_pretrained(str(model_path), dtype="auto")
            model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")).eval()
        except Exception as exc:  # damaged files, no memory: each of these libraries has errors of its own
            raise PolicyError(f"the model {model_path} cannot be loaded: {exc}") from exc
        if seed is not None:
            torch.manual_seed(seed)
        template = ToolTemplate(tokenizer, name=self.name, chat_template=chat_template, ends=end_tokens(model))
        self.generator = LocalGenerator(model, template, temperature=temperature, top_p=top_p)
        budget = TokenBudget(turn=max_new_tokens, response=context_of(model), context=context_of(model))
        self._policy = TokenPolicy(template, self.generator, budget, name=self.name)

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[TokenSession]:
        """Begin one rollout in an environment."""
        async with self._policy.session(environment) as session:
            yield session

    @staticmethod
    def _libraries() -> tuple[Any, Any]:
        try:
            return importlib.import_module("torch"), importlib.import_module("transformers")
        except ImportError as exc:
            raise PolicyError(INSTALL) from exc


def end_tokens(model: Any) -> list[int]:
    """Token ids that end a turn, by the model's own generation settings."""
    ends = model.generation_config.eos_token_id
    return list(ends) if isinstance(ends, list) else [] if ends is None else [ends]


def context_of(model: Any) -> int:
    """Tokens that the model can hold in all."""
    return int(getattr(model.config, "max_position_embeddings", None) or 1 << 30)
