"""Turns from a vLLM server: token ids go in and come out, with log-probabilities. No weights here; see weights.py."""

import asyncio
import json
import random
from typing import Any

import aiohttp

from codegym_mcp.errors import PolicyError
from codegym_mcp.policies.template import Ids
from codegym_mcp.policies.tokens import Completion

TIMEOUT_S = 600.0
"""Of one request: long turns on a busy server take minutes."""
RETRIES = 4
PAUSE_S = 0.5
"""Before the first retry; doubled for each further one."""
NEUTRAL: dict[str, float] = {
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""What changes no distribution. A server takes what a request leaves out from the model's generation_config.json."""


class VllmGenerator:
    """Samples turns by POST /v1/completions, from the model's own distribution but for temperature and top_p."""

    def __init__(self, url: str, model: str, *, temperature: float = 1.0, top_p: float = 1.0, lora: str = "") -> None:
        """Args:
        model: its name at the server.
        lora: prefix of the adapters' names; the one of the newest weights is asked for.
        """
        self._url, self._model, self._lora = url.rstrip("/"), model, lora
        self._sampling = {**NEUTRAL, "temperature": temperature, "top_p": top_p}
        self._session: aiohttp.ClientSession | None = None
        self.version = 0
        """Of the newest weights."""
        self.adapter = ""
        """One to ask for in place of the newest weights' own."""

    async def generate(self, prompt: Ids, max_new_tokens: int) -> Completion:
        """Sample one turn.

        Raises:
            PolicyError: the server cannot be reached, refuses, or answers with something else than tokens.
        """
        body = {
            "model": self.adapter or (f"{self._lora}-v{self.version}" if self._lora and self.version else self._model),
            "prompt": prompt,
            "max_tokens": max_new_tokens,
            "logprobs": 0,
            "return_token_ids": True,
            "skip_special_tokens": False,
            "include_stop_str_in_output": True,
            **self._sampling,
        }
        choice = await self._ask(body)
        try:
            ids = [int(id) for id in choice["token_ids"]]
            logprobs = [float(value) for value in choice["logprobs"]["token_logprobs"]]
        except (LookupError, TypeError, ValueError) as exc:
            raise PolicyError(f"vLLM at {self._url} answered without token ids and log-probabilities") from exc
        if len(ids) != len(logprobs):
            raise PolicyError(f"vLLM at {self._url} answered {len(ids)} tokens with {len(logprobs)} log-probabilities")
        return Completion(ids, logprobs)

    async def _ask(self, body: dict[str, Any]) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), connector=aiohttp.TCPConnector(limit=0)
            )
        pause = PAUSE_S
        for attempt in range(RETRIES + 1):
            try:
                async with self._session.post(f"{self._url}/v1/completions", json=body) as answer:
                    text = await answer.text()
                    if answer.status == 200:
                        return json.loads(text)["choices"][0]
                    if answer.status < 500 and answer.status != 429:
                        raise PolicyError(f"vLLM at {self._url} answered {answer.status}: {text[:300]}")
                    told = f"{answer.status}: {text[:300]}"
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as exc:
                told = f"{type(exc).__name__}: {exc}"
            if attempt < RETRIES:
                await asyncio.sleep(pause * (0.5 + random.random()))
                pause *= 2
        raise PolicyError(f"vLLM at {self._url} did not answer: {told}")

    async def close(self) -> None:
        """Let connections go."""
        if self._session is not None:
            await self._session.close()
            self._session = None
