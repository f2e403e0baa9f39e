"""A model by its name, as people give it on command lines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidRequest
from codegym_mcp.rollout import Policy


@asynccontextmanager
async def open_model(
    model: str, *, base_url: str | None = None, seed: int | None = None, **sampling: Any
) -> AsyncIterator[Policy]:
    """The policy that a model's name stands for: a folder is loaded here, any other name is asked for at an endpoint.

    Args:
        model: a folder with model and tokenizer; or a name at the endpoint.
        base_url: of the endpoint; default: OPENAI_BASE_URL, or OpenAI's own.
        seed: of the sampling, for a model that is loaded here.
        sampling: temperature, top_p, max_tokens of a turn.

    Raises:
        InvalidRequest: it is meant as a folder, and there is none.
        PolicyError: the model cannot be loaded, a package is missing, or there is no key.
    """
    if Path(model).is_dir():
        from codegym_mcp.policies.local import LocalPolicy

        if "max_tokens" in sampling:
            sampling["max_new_tokens"] = sampling.pop("max_tokens")
        yield LocalPolicy(model, name=model.rstrip("/"), seed=seed, **sampling)
        return
    if model.startswith((".", "/", "~")) or model.endswith("/"):
        raise InvalidRequest("model", f"there is no folder '{model}'")
    from codegym_mcp.policies.chat import ChatPolicy

    chat = ChatPolicy(model, base_url=base_url, **sampling)
    try:
        yield chat
    finally:
        await chat.close()
