"""How new weights reach the generator. NCCL and LoRA are TRL's own; these are the ways without a GPU."""

import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codegym_mcp.errors import PolicyError

TIMEOUT_S = 600.0
"""How long a server may take to read its weights."""


class CopyTransfer:
    """Into a model of this process. Implements TRL's WeightTransferProtocol."""

    def __init__(self, model: Any, lock: threading.Lock) -> None:
        """Args:
        model: the generator's.
        lock: held by the generator while it samples.
        """
        self._parameters, self._lock = dict(model.named_parameters()), lock

    def init_weight_transfer(self) -> None:
        """Nothing to set up."""

    def pause(self) -> None:
        """Wait for the batch that is being sampled."""
        self._lock.acquire()

    def send_weights(self, iterator: Iterator[tuple[str, Any]]) -> None:
        """Copy the trainer's weights."""
        import torch

        with torch.no_grad():
            for name, tensor in iterator:
                self._parameters[name].copy_(tensor)

    def resume(self) -> None:
        """Let the generator go on."""
        self._lock.release()

    def destroy(self) -> None:
        """Nothing to release."""


class ReloadTransfer:
    """Through files that a vLLM server reads again. Needs a folder that both see, and VLLM_SERVER_DEV_MODE=1 there."""

    def __init__(self, url: str, folder: Path, model_path: Path) -> None:
        """Args:
        model_path: whose configuration goes with the weights.
        """
        self._url, self._folder, self._model_path = url.rstrip("/"), folder, model_path

    def init_weight_transfer(self) -> None:
        """Make the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "generation_config.json"):
            if (self._model_path / name).exists():
                shutil.copy(self._model_path / name, self._folder / name)

    def pause(self) -> None:
        """Hold the turns that are being sampled; they go on with the new weights."""
        _post(self._url, "/pause?mode=keep")

    def send_weights(self, iterator: Iterator[tuple[str, Any]]) -> None:
        """Write the weights, and have the server read them."""
        from safetensors.torch import save_file

        part = self._folder / "model.safetensors.part"
        save_file({name: tensor.contiguous().cpu().clone() for name, tensor in iterator}, str(part), metadata={"format": "pt"})
        part.replace(self._folder / "model.safetensors")
        reload(self._url, str(self._folder.resolve()))

    def resume(self) -> None:
        """Let the server go on."""
        _post(self._url, "/resume")

    def destroy(self) -> None:
        """Remove the files."""
        shutil.rmtree(self._folder, ignore_errors=True)


def reload(url: str, weights: str) -> None:
    """Have a vLLM server read weights into the model that it serves.

    Args:
        weights: a folder that the server sees, or a hub's name.

    Raises:
        PolicyError: it did not.
    """
    url = url.rstrip("/")
    _post(url, "/collective_rpc", {"method": "reload_weights", "kwargs": {"weights_path": weights}})
    _post(url, "/reset_prefix_cache")


def started_with(url: str, name: str) -> str:
    """The folder or hub's name of what a vLLM server was started with, whatever it was sent since.

    Args:
        name: of the model at the server.

    Raises:
        PolicyError: it cannot be reached, or serves no model of that name.
    """
    url = url.rstrip("/")
    try:
        with urllib.request.urlopen(f"{url}/v1/models", timeout=TIMEOUT_S) as answer:  # the configuration's own URL
            roots = {str(model["id"]): str(model["root"]) for model in json.load(answer)["data"]}
    except (OSError, ValueError, LookupError, TypeError) as exc:
        raise PolicyError(f"vLLM at {url} did not tell what it serves: {exc}") from exc
    if name not in roots:
        raise PolicyError(f"vLLM at {url} serves no {name}, but {', '.join(roots)}; restart it with `--model {name}`")
    return roots[name]


def load_adapter(url: str, name: str, folder: Path) -> None:
    """Have a vLLM server load a LoRA adapter under a name; no effect where it has.

    Raises:
        PolicyError: it did not.
    """
    body = {"lora_name": name, "lora_path": str(folder.resolve()), "load_inplace": True}
    _post(url.rstrip("/"), "/v1/load_lora_adapter", body)


def _post(url: str, path: str, body: Any = None) -> None:
    data = b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # the configuration's own URL
        url + path, data=data, headers={"content-type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            pass
    except (urllib.error.URLError, OSError) as exc:
        raise PolicyError(f"vLLM at {url} did not take new weights ({path}): {exc}") from exc
