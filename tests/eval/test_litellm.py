"""Models by the package litellm, which the environment `tau2` has: asked, refused, and too long a conversation."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from codegym_mcp.errors import EndpointRefused
from codegym_mcp.policies.model import ChatModel
from eval.cli import main
from eval.report import read_run
from tests.conftest import write_environment
from tests.eval.endpoint import Body, call, endpoint

pytestmark = [pytest.mark.benchmarks, pytest.mark.filterwarnings("ignore")]  # of which litellm has many
pytest.importorskip("litellm", reason="tests/eval/setup.sh tau2")


def right(body: Body) -> Body:
    """A model that observes, and submits what it saw."""
    assert body["model"] == "scripted" and body["tools"]
    told = [message["content"] for message in body["messages"] if message["role"] == "tool"]
    return call("Done", answer=json.loads(told[-1])[0]) if told else call("Observe")


def test_model_of_litellm_is_evaluated_with_its_tokens(tmp_path: Path) -> None:
    write_environment(tmp_path / "data")
    with endpoint(right) as url:
        where = ["--data", str(tmp_path / "data"), "--split", "all", "--base-url", url, "-o", str(tmp_path / "run")]
        command = ["run", "codegym", "--model", "litellm/openai/scripted", *where]
        done = CliRunner().invoke(main, command, env={"OPENAI_API_KEY": "none", "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    _, _, scores = read_run(tmp_path / "run")
    assert scores[0].subject == "litellm/openai/scripted" and scores[0].solved[0] == 1.0
    assert scores[0].usage is not None and scores[0].usage.prompt == 2 * 2 * 100


async def test_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with endpoint(lambda body: 401) as url:
        model = ChatModel("litellm/openai/scripted", base_url=url, retries=0)
        with pytest.raises(EndpointRefused, match="scripted"):
            await model.ask([{"role": "user", "content": "Hello."}])
        await model.close()
