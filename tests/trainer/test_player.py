"""Which weights a vLLM server plays, and how it samples: what is sent to it, by a stand-in that writes down what it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.errors import PolicyError
from trainer import player as players
from trainer.config import Config, Model, Optimiser, Rollouts

pytest.importorskip("trl", reason="pip install -e '.[train]'")
HUB = Path("Maker/Model-1B-Instruct")


class Vllm:
    """Says what it was started with, and keeps what it is sent."""

    def __init__(self, name: str, root: str) -> None:
        self.name, self.root, self.url = name, root, ""
        self.sent: list[tuple[str, Any]] = []

    @property
    def reloaded(self) -> list[str]:
        """What it was told to read, in order."""
        return [body["kwargs"]["weights_path"] for path, body in self.sent if path == "/collective_rpc"]


@contextmanager
def serving(name: str, root: str | None = None) -> Iterator[Vllm]:
    """A server that was started with `root`, under a name."""
    vllm = Vllm(name, root or name)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"data": [{"id": vllm.name, "root": vllm.root}]})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            vllm.sent.append((self.path, json.loads(text or "{}")))
            self._answer({"choices": [{"token_ids": [5], "logprobs": {"token_logprobs": [-0.5]}}]})

        def _answer(self, body: Any) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vllm.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield vllm
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are told by their names alone."""
    monkeypatch.setattr(players, "template_of", lambda tokenizer, path: None)
    monkeypatch.setattr(players, "context_of", lambda path: 2048)


def make_player(vllm: Vllm, way: Any, base: Path = HUB, **optimiser: Any) -> players.Player:
    """One whose turns come from this server."""
    config = Config(
        model=Model(lora_rank=8 if way == "lora" else 0),
        rollouts=Rollouts(generator="vllm", top_p=0.9),
        optimiser=replace(Optimiser(weight_transfer=way, vllm_url=vllm.url), **optimiser),
    )
    return players.Player(config, base, None)


async def test_turns_are_sampled_as_configured_whatever_the_servers_defaults() -> None:
    """By default a server takes what a request leaves out from generation_config.json: penalties, top_k."""
    with serving(str(HUB)) as vllm:
        player = make_player(vllm, "reload")
        completion = await player._remote[0].generate([1, 2, 3], 4)
        await player.close()
    ((path, body),) = vllm.sent
    assert path == "/v1/completions" and completion.ids == [5]
    wanted = {"top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
    assert {key: body[key] for key in wanted} == wanted and (body["temperature"], body["top_p"]) == (1.0, 0.9)


@pytest.mark.parametrize("way", ["reload", "nccl"])
def test_base_is_read_again_where_another_run_may_have_sent_its_weights(way: str) -> None:
    """A hub's name has no folder here; the server finds it by the name that it was started with."""
    with serving(str(HUB)) as vllm:
        make_player(vllm, way).load(HUB)
        assert vllm.reloaded == [str(HUB)]
        make_player(vllm, way).load(HUB)
    assert vllm.reloaded == [str(HUB)] * 2 and vllm.sent[-1][0] == "/reset_prefix_cache"


def test_trained_weights_that_cannot_be_sent_are_told_with_the_remedy(tmp_path: Path) -> None:
    """Killed in its last evaluation, a run went on without training, and measured the base model once more."""
    last = tmp_path / "last"
    last.mkdir()
    with serving(str(HUB)) as vllm:
        player = make_player(vllm, "nccl")
        with pytest.raises(PolicyError, match=f"restart it with `--model {last} --served-model-name {HUB}`"):
            player.load(last)
        assert not vllm.sent
        vllm.root = str(last)  # restarted so
        player.load(last)
        assert vllm.reloaded == [str(last)]
        with pytest.raises(PolicyError, match=f"restart it with `--model {HUB} "):
            player.load(HUB)


def test_weights_that_training_has_just_sent_are_not_asked_for(tmp_path: Path) -> None:
    with serving(str(HUB)) as vllm:
        player = make_player(vllm, "nccl")
        player.load(HUB)
        player.trained(tmp_path)
        player.load(tmp_path)
    assert vllm.reloaded == [str(HUB)]


def test_folders_are_reloaded_where_both_see_them(tmp_path: Path) -> None:
    with serving(str(HUB)) as vllm:
        make_player(vllm, "reload").load(tmp_path)
    assert vllm.reloaded == [str(tmp_path)]


def test_base_that_the_server_knows_by_another_path_is_read_from_there(tmp_path: Path) -> None:
    """`optimiser.vllm_model` is the path there."""
    with serving("/elsewhere/model") as vllm:
        make_player(vllm, "nccl", tmp_path, vllm_model="/elsewhere/model").load(tmp_path)
    assert vllm.reloaded == ["/elsewhere/model"]


def test_adapters_leave_the_base_as_it_was_started() -> None:
    with serving(str(HUB)) as vllm:
        make_player(vllm, "lora").load(HUB)
        assert not vllm.sent
        vllm.root = "runs/other/last"
        with pytest.raises(PolicyError, match="was started with runs/other/last"):
            make_player(vllm, "lora").load(HUB)


def test_server_of_another_model_is_told() -> None:
    with serving("another") as vllm, pytest.raises(PolicyError, match=f"serves no {HUB}, but another"):
        make_player(vllm, "nccl").load(HUB)
    with pytest.raises(PolicyError, match="did not tell what it serves"):
        make_player(vllm, "nccl").load(HUB)
