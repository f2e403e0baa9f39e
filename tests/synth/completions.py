"""The recorded completions of tests/fixtures: where they are, the problems they are for, and a server that gives them out.

Their prompts are part of their keys, so a changed prompt fits none of them. `python -m tests.synth.record` keeps the
texts and gives them the keys of the present prompts.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from codegym_mcp.http_server import bind, serve
from codegym_mcp.policies.model import ChatModel
from codegym_mcp.sandbox.pool import Pool
from synth.generate.completions import Completion, Completions, load
from synth.generate.generate import Settings, generate
from synth.generate.recorded import NotRecorded, RecordedModel
from synth.generate.replies import read_configs, section
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Problem, Rejection

FIXTURES = Path(__file__).parents[1] / "fixtures"
GOOD = FIXTURES / "completions" / "good"
WRONG = FIXTURES / "completions" / "wrong"
MODEL = "written-by-hand"
NAMES = sorted(path.stem for path in (FIXTURES / "problems").glob("*.py"))
SCENARIOS = sorted(path.name for path in WRONG.iterdir() if path.is_dir()) if WRONG.is_dir() else []
"""Each is one way in which a model goes wrong, all on the problem WRONG_PROBLEM."""
WRONG_PROBLEM = "two_shelves"
AUGMENTED = "parcel_lockers"
"""The problem for which harder inputs were asked for too."""
HOW_TO_RECORD = "the prompts have changed since the completions were recorded: run `python -m tests.synth.record`"


def read_problem(name: str) -> Problem:
    """A problem of ours: its statement is the docstring of its file."""
    _, statement, source = (FIXTURES / "problems" / f"{name}.py").read_text().split('"""', 2)
    entry = "solution" if "\ndef solution(" in source else None
    source = source.strip() + "\n"
    return Problem(id=name, statement=statement, solution=source, entry_point=entry, licence="Apache-2.0", source="codegym-mcp")


def offline(root: Path, **options: Any) -> RecordedModel:
    """The model as it was recorded."""
    return RecordedModel(MODEL, Completions(root), **options)


def wrong_settings(scenario: str) -> Settings:
    """How the wrong completions were asked for: with as many attempts as there are environments."""
    return Settings(solvers=2, retries=len(list((WRONG / scenario).glob("*/environment-*"))) - 1)


_CANDIDATES: dict[str, Candidate | Rejection] = {}


async def recorded(pool: Pool, name: str) -> Candidate:
    """What the recorded completions give for a problem; made once.

    A completion that is not there makes one test fail, which says what to do: the others are skipped.
    """
    try:
        if name not in _CANDIDATES:
            _CANDIDATES[name] = await generate(offline(GOOD), pool, read_problem(name))
    except NotRecorded as exc:
        pytest.skip(f"{HOW_TO_RECORD}\n{exc}")
    candidate = _CANDIDATES[name]
    assert isinstance(candidate, Candidate), candidate
    return candidate


async def wrong_problem(pool: Pool) -> tuple[Problem, list[Input]]:
    """The problem on which models go wrong, with inputs known already."""
    problem, configs = read_problem(WRONG_PROBLEM), []
    for sample in (1, 2):
        path = next((GOOD / WRONG_PROBLEM).glob(f"inputs-medium-{sample}-1*.txt"))
        configs += read_configs(section(path.read_text(), "inputs"))[0]
    truths = await Originals(pool).answers(problem, configs)
    return problem, [Input(config=config, answer=truth.answer) for config, truth in zip(configs, truths, strict=True)]


Answer = Callable[[dict[str, Any], str], Completion | int | bytes]
"""Body and idempotency key of a request -> a completion, an HTTP status, or a raw body."""


class Endpoint:
    """An OpenAI-compatible endpoint on the loopback interface that gives out recorded completions by their keys."""

    def __init__(
        self, roots: Iterable[Path] = (), answer: Answer | None = None, *, gate: int = 0, pause_s: float = 0.0
    ) -> None:
        """Args:
        answer: takes the place of the recorded completions.
        gate: so many requests must be there at once before the first is answered.
        pause_s: seconds that each is then kept waiting, so that further ones may come in.
        """
        found = [load(path.read_bytes()) for root in roots for path in sorted(root.glob("*/*.txt"))]
        self._known = {completion.key: completion for completion in found}
        self._answer = answer or (lambda body, key: self._known.get(key, 404))
        self.requests: Counter[str] = Counter()
        """Idempotency key -> how often it came."""
        self.bodies: list[dict[str, Any]] = []
        self.most_at_once = self._at_once = 0
        self._gate, self._pause_s, self._open = gate, pause_s, asyncio.Event()
        self._clients: list[ChatModel] = []
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Endpoint"]:
        """Serve until left."""
        sock, ready, stop = bind("127.0.0.1", 0), asyncio.Event(), asyncio.Event()
        app = Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])
        task = asyncio.create_task(serve(app, sock, on_ready=ready.set, stop=stop))
        await ready.wait()
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}/v1"
        try:
            yield self
        finally:
            for client in self._clients:
                await client.close()
            stop.set()
            await task

    def model(self, root: Path, *, retries: int = 0, **options: Any) -> RecordedModel:
        """The model behind this endpoint, with completions kept in `root`."""
        endpoint = ChatModel(MODEL, base_url=self.url, api_key="none", retries=retries)
        self._clients.append(endpoint)
        return RecordedModel(MODEL, Completions(root), endpoint=endpoint, **options)

    async def _complete(self, request: Request) -> Response:
        body, key = await request.json(), request.headers["idempotency-key"]
        self.requests[key] += 1
        self.bodies.append(body)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        if self._at_once >= self._gate:
            self._open.set()
        await self._open.wait()
        await asyncio.sleep(self._pause_s)
        made = self._answer(body, key)
        self._at_once -= 1
        if isinstance(made, bytes):
            return Response(made, media_type="application/json")
        if isinstance(made, int):
            return JSONResponse({"error": {"message": "not now"}}, made, headers={"retry-after-ms": "1"})
        return JSONResponse(wire(made))


def wire(completion: Completion) -> dict[str, Any]:
    """A completion as an endpoint sends it."""
    message = {"role": "assistant", "content": completion.text}
    usage = {"prompt_tokens": completion.prompt_tokens, "completion_tokens": completion.completion_tokens}
    choice = {"index": 0, "message": message, "finish_reason": completion.finish_reason}
    record = {"id": "1", "object": "chat.completion", "created": 0, "model": completion.model, "choices": [choice]}
    return record | ({"usage": {**usage, "total_tokens": 0}} if completion.prompt_tokens is not None else {})


def said(text: str, finish_reason: str = "stop") -> Completion:
    """A completion with this text."""
    return Completion(key="", problem="", step="", model=MODEL, sample=1, finish_reason=finish_reason, created="", text=text)


def dumped(value: Any) -> str:
    """A candidate as one text, to compare all of it."""
    return json.dumps(value.model_dump(mode="json"), sort_keys=True)
