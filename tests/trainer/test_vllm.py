"""A real vLLM server on the CPU beside the async trainer: new weights reach it, and what it says changes with them.

The server has an environment of its own: tests/trainer/setup_vllm.sh.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.errors import PolicyError
from trainer.metrics import Journal
from trainer.weights import reload, started_with

HOME = Path(os.environ.get("CODEGYM_CACHE", "~/.cache/codegym-tests")).expanduser() / "vllm"
pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not (HOME / "ready").exists(), reason="tests/trainer/setup_vllm.sh makes the server's environment"),
]
READY_S = 300
STEPS = 3
SETTINGS = {  # progress is rewarded, so that a model which solves nothing yet has something to learn
    "environments.names": '["coin_change"]',
    "warm_start.demonstrations": "300",
    "warm_start.steps": "60",
    "optimiser.trainer": "async",
    "optimiser.tasks_per_step": "2",
    "optimiser.micro_batch": "16",
    "optimiser.learning_rate": "1e-3",
    "optimiser.warmup_steps": "0",
    "rewards.progress": "1.0",
    "evaluation.every": "0",
    "evaluation.episodes": "8",
}


def train(folder: Path, **changes: str) -> None:
    """A run, as users start it."""
    settings = SETTINGS | {key.replace("__", "."): value for key, value in changes.items()}
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "trainer", "cpu-tiny", "-o", str(folder), *words], capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def serving(model: Path, log: Path) -> Iterator[str]:
    """`vllm serve` over this model; its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--max-model-len", "2048", "--max-num-batched-tokens", "8192", "--max-num-seqs", "64", "--dtype", "float32"]
    options += ["--no-enable-chunked-prefill", "--enforce-eager", "--enable-lora", "--max-lora-rank", "8", "--max-loras", "8"]
    environment = {
        "VLLM_SERVER_DEV_MODE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "PATH": f"{HOME}/bin:{os.environ['PATH']}",
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            [HOME / "bin" / "vllm", "serve", str(model), "--host", "127.0.0.1", "--port", str(port), *options],
            stdout=file,
            stderr=file,
            env={**os.environ, **environment},
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + READY_S
        while not answers(f"{url}/health"):
            assert process.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(1)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def answers(url: str) -> bool:
    """Whether somebody does."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def say(url: str, model: str) -> tuple[list[int], list[float]]:
    """What the server says first to a fixed prompt, without chance, and how likely it finds it."""
    body = {"model": model, "prompt": [5, 6, 7, 8], "max_tokens": 8, "temperature": 0, "logprobs": 0, "return_token_ids": True}
    request = urllib.request.Request(f"{url}/v1/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        choice = json.load(answer)["choices"][0]
    return choice["token_ids"], choice["logprobs"]["token_logprobs"]


def expected(model: Any, ids: list[int]) -> list[float]:
    """How likely transformers finds the same."""
    import torch

    prompt = [5, 6, 7, 8]
    with torch.no_grad():
        logits = model(torch.tensor([[*prompt, *ids]])).logits[0, len(prompt) - 1 : -1]
    return [float(row[id]) for row, id in zip(logits.log_softmax(-1), ids, strict=True)]


def distance(one: list[float], other: list[float]) -> float:
    """Mean absolute difference."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def untied(folder: Path) -> Path:
    """The model with an output layer of its own: on a CPU, vLLM packs a tied one once, and no reload reaches it."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(model.model.embed_tokens.weight.detach().clone())
    model.save_pretrained(folder)
    return folder


def test_new_weights_reach_the_server_and_change_what_it_says(tmp_path: Path) -> None:
    """By files, and as a LoRA adapter: the server's own log-probabilities are those of the trained weights."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    train(tmp_path / "base", optimiser__steps="0")
    base = untied(tmp_path / "base" / "warm")
    with serving(base, tmp_path / "vllm.log") as url:
        remote = {
            "model__path": str(base),
            "warm_start__steps": "0",
            "rollouts__generator": "vllm",
            "optimiser__vllm_url": url,
            "optimiser__steps": str(STEPS),
        }
        first = say(url, str(base))
        assert first[1] == pytest.approx(expected(AutoModelForCausalLM.from_pretrained(base), first[0]), abs=1e-3)
        train(tmp_path / "lora", **remote, optimiser__weight_transfer="lora", model__lora_rank="8")
        assert say(url, str(base)) == first, "the base model is left alone"
        adapted = say(url, f"trl-policy-v{STEPS + 1}")
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), tmp_path / "lora" / "last")
        near, far = (
            distance(adapted[1], expected(one, adapted[0])) for one in (model, AutoModelForCausalLM.from_pretrained(base))
        )
        assert near < 0.25 * far, "vLLM rounds adapters, but these are the trained ones"
        train(tmp_path / "reload", **remote, optimiser__weight_transfer="reload")
        second = say(url, str(base))
        trained = AutoModelForCausalLM.from_pretrained(tmp_path / "reload" / "last")
        assert second[1] == pytest.approx(expected(trained, second[0]), abs=1e-3) and second != first
        reload(url, started_with(url, str(base)))
        assert say(url, str(base))[1] == pytest.approx(first[1], abs=1e-3), "what it was started with can be had again"
    for name in ("lora", "reload"):
        rows = Journal(tmp_path / name / "run.jsonl").read("train")
        assert [row["step"] for row in rows] == list(range(1, STEPS + 1))
        assert abs(rows[0]["kl"]) < 0.01, "before anything was learned, the server's model is the trainer's"
        assert not any(row.get("rollouts/faults") for row in rows)


async def test_unreachable_server_is_a_machines_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainer import vllm

    monkeypatch.setattr(vllm, "PAUSE_S", 0.01)
    generator = vllm.VllmGenerator("http://127.0.0.1:9", "none")
    with pytest.raises(PolicyError, match="did not answer"):
        await generator.generate([1, 2, 3], 4)
    await generator.close()
