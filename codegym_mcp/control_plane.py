"""The control plane over HTTP + JSON: what gym.Gym offers, behind a bearer token. The trainer's side.

Without the token every path answers 401, and nothing about any episode shows. The OpenAPI description alone is open.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

import codegym_mcp
from codegym_mcp.catalog import explain
from codegym_mcp.errors import CodegymError, InvalidRequest, clip
from codegym_mcp.gym import Gym
from codegym_mcp.types import Documentation, EnvironmentInfo, EpisodeStatus, Observation, Split, Step, Task, plain_json

MAX_BODY_BYTES = 1 << 22
MAX_PAGE = 1000
PAGE_SIZE = 100
MAX_DIGITS = 9


class Body(BaseModel):
    """A request body; unknown fields are refused, since a misspelt one would be ignored."""

    model_config = ConfigDict(extra="forbid")


class OpenBody(Body):
    """Which episode to open."""

    environment: str
    task: str | Task | None = Field(None, description="The id of one of its tasks; or a whole task, such as one of your own.")
    config: dict[str, Any] | None = Field(None, description="A task of your own, in short: arguments of the reset.")
    seed: int = Field(0, ge=0)
    max_steps: int | None = Field(None, ge=1, le=100_000)
    reveal: bool = False
    documentation: Documentation = "plain"
    level: str | None = None
    split: Split | None = None


class CallBody(Body):
    """One tool call."""

    tool: str
    arguments: dict[str, Any] | str = Field({}, description="By name; a text stands for a model's malformed JSON, and fails.")
    key: str | None = Field(None, max_length=200, description="Makes a repeated call safe.")


class ForkBody(Body):
    """Where to fork."""

    step: int | None = Field(None, ge=0)


class RewindBody(Body):
    """Where to rewind to."""

    step: int = Field(ge=0)


class EpisodeWithUrl(EpisodeStatus):
    """An episode, and where its agent plays it."""

    url: str
    """Its MCP endpoint."""


Handler = Callable[[Request, Any], Awaitable[Any]]


class PlainResponse(JSONResponse):
    """JSON in ASCII, so that no character of a foreign text can fail to be sent."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, separators=(",", ":")).encode()


class ControlPlane:
    """HTTP routes over a gym."""

    def __init__(self, gym: Gym, token: str, episode_url: Callable[[str], str]) -> None:
        """Args:
        token: the bearer token, at least 16 characters.
        episode_url: the agent's URL of an episode id.

        Raises:
            InvalidRequest: the token is too short to keep anybody out.
        """
        if len(token) < 16:
            raise InvalidRequest("token", "needs at least 16 characters; leave it out and one is made")
        self._gym, self._token, self._episode_url = gym, token.encode(), episode_url
        self._endpoints: list[tuple[str, str, str, type[Body] | None, Any, Handler]] = [
            ("GET", "/control/environments", "List environments.", None, list[str], self._environments),
            ("GET", "/control/environments/{name}", "An environment's tools.", None, EnvironmentInfo, self._environment),
            ("GET", "/control/environments/{name}/tasks", "An environment's tasks.", None, list[Task], self._tasks),
            ("POST", "/control/episodes", "Open an episode.", OpenBody, EpisodeWithUrl, self._open),
            ("GET", "/control/episodes/{id}", "Status and reward.", None, EpisodeWithUrl, self._status),
            ("GET", "/control/episodes/{id}/steps", "The log of its calls.", None, list[Step], self._steps),
            ("POST", "/control/episodes/{id}/call", "Play one tool call.", CallBody, Observation, self._call),
            ("POST", "/control/episodes/{id}/fork", "Fork it at a step.", ForkBody, EpisodeWithUrl, self._fork),
            ("POST", "/control/episodes/{id}/rewind", "Rewind it to a step.", RewindBody, EpisodeWithUrl, self._rewind),
            ("POST", "/control/episodes/{id}/truncate", "End it without Done.", None, EpisodeWithUrl, self._truncate),
            ("DELETE", "/control/episodes/{id}", "Close it.", None, EpisodeStatus, self._close),
        ]

    def routes(self) -> list[BaseRoute]:
        """HTTP routes; anything else below /control answers 401 without the token, 404 with it."""
        found: list[BaseRoute] = [
            Route(path, self._guarded(body, handler), methods=[method]) for method, path, _, body, _, handler in self._endpoints
        ]
        return [
            Route("/control/openapi.json", self._openapi, methods=["GET"]),
            *found,
            Route(
                "/control/{rest:path}", self._guarded(None, _nothing_here), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
            ),
        ]

    def _guarded(self, body: type[Body] | None, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """The one place that checks the token, reads the body and words errors."""

        async def endpoint(request: Request) -> Response:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
                headers = {"www-authenticate": "Bearer"}
                return PlainResponse({"error": "Unauthorized", "message": "wrong or missing bearer token"}, 401, headers)
            try:
                result = await handler(request, None if body is None else await read_body(request, body))
            except CodegymError as exc:
                return PlainResponse(exc.to_json(), exc.status if exc.status >= 400 else 422)
            return PlainResponse(result)

        return endpoint

    async def _environments(self, request: Request, body: None) -> Any:
        return self._gym.catalog.names()

    async def _environment(self, request: Request, body: None) -> Any:
        return self._gym.environment(request.path_params["name"]).model_dump()

    async def _tasks(self, request: Request, body: None) -> Any:
        offset, limit = _number(request, "offset", 0), min(_number(request, "limit", PAGE_SIZE), MAX_PAGE)
        tasks = self._gym.catalog.tasks(request.path_params["name"])
        return [task.model_dump() for task in tasks[offset : offset + limit]]

    async def _open(self, request: Request, body: OpenBody) -> Any:
        status = await self._gym.open(
            body.environment,
            self._task(body),
            seed=body.seed,
            max_steps=body.max_steps,
            reveal=body.reveal,
            documentation=body.documentation,
            level=body.level,
            split=body.split,
        )
        return self._with_url(status)

    def _task(self, body: OpenBody) -> str | Task | None:
        """The task that a body means."""
        if body.config is not None:
            if body.task is not None:
                raise InvalidRequest("config", "give either a task or a configuration of your own, not both")
            return Task(environment=body.environment, id="own", config=body.config)
        return body.task

    async def _status(self, request: Request, body: None) -> Any:
        return self._with_url(await self._gym.status(request.path_params["id"]))

    async def _steps(self, request: Request, body: None) -> Any:
        return [step.model_dump() for step in await self._gym.steps(request.path_params["id"])]

    async def _call(self, request: Request, body: CallBody) -> Any:
        return (await self._gym.call(request.path_params["id"], body.tool, body.arguments, key=body.key)).model_dump()

    async def _fork(self, request: Request, body: ForkBody) -> Any:
        return self._with_url(await self._gym.fork(request.path_params["id"], body.step))

    async def _rewind(self, request: Request, body: RewindBody) -> Any:
        return self._with_url(await self._gym.rewind(request.path_params["id"], body.step))

    async def _truncate(self, request: Request, body: None) -> Any:
        return self._with_url(await self._gym.truncate(request.path_params["id"]))

    async def _close(self, request: Request, body: None) -> Any:
        return (await self._gym.close(request.path_params["id"])).model_dump()

    def _with_url(self, status: EpisodeStatus) -> dict[str, Any]:
        return EpisodeWithUrl(**status.model_dump(), url=self._episode_url(status.id)).model_dump()

    async def _openapi(self, request: Request) -> Response:
        return JSONResponse(self.openapi())

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 description of these routes."""
        models = {
            model.__name__: model
            for model in (
                OpenBody,
                CallBody,
                ForkBody,
                RewindBody,
                EnvironmentInfo,
                EpisodeStatus,
                EpisodeWithUrl,
                Observation,
                Step,
                Task,
            )
        }
        _, schemas = models_json_schema([(model, "validation") for model in models.values()], ref_template=REFERENCE)
        paths: dict[str, dict[str, Any]] = {}
        for method, path, summary, body, answer, handler in self._endpoints:
            operation: dict[str, Any] = {"summary": summary, "responses": _responses(answer, models)}
            if body is not None:
                schema = {"$ref": REFERENCE.format(model=body.__name__)}
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            operation["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
            ] + (PAGE if handler == self._tasks else [])
            paths.setdefault(path, {})[method.lower()] = operation
        return {
            "openapi": "3.1.0",
            "info": {"title": "codegym control plane", "version": codegym_mcp.__version__},
            "security": [{"bearer": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "schemas": schemas["$defs"],
            },
        }


def _responses(answer: Any, models: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    if (name := getattr(answer, "__name__", "")) in models:
        schema: dict[str, Any] = {"$ref": REFERENCE.format(model=name)}
    else:
        schema = TypeAdapter(answer).json_schema(ref_template=REFERENCE)
        schema.pop("$defs", None)
    error = {"content": {"application/json": {"schema": {"type": "object", "properties": ERROR_PROPERTIES}}}}
    return {
        "200": {"description": "Done.", "content": {"application/json": {"schema": schema}}},
        "401": {"description": "Wrong or missing bearer token.", **error},
        "default": {"description": "An error; retry it where `retryable` is true.", **error},
    }


REFERENCE = "#/components/schemas/{model}"
PAGE = [
    {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "integer", "default": default}}
    for name, about, default in (
        ("offset", "How many to leave out.", 0),
        ("limit", f"How many at most, up to {MAX_PAGE}.", PAGE_SIZE),
    )
]
"""Tasks come page by page."""
ERROR_PROPERTIES: dict[str, Any] = {
    "error": {"type": "string"},
    "message": {"type": "string"},
    "retryable": {"type": "boolean"},
}


async def read_body(request: Request, model: type[Body]) -> Body:
    """The body as the model.

    Raises:
        InvalidRequest: names the field, what was expected and what came.
    """
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise InvalidRequest("body", f"longer than {MAX_BODY_BYTES >> 20} MiB")
    try:
        value = json.loads(bytes(data) or b"{}")
        plain_json(value, MAX_BODY_BYTES)
    except (ValueError, RecursionError) as exc:
        raise InvalidRequest("body", f"not valid JSON: {exc}") from exc
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        field, _, problem = explain(exc).partition(": ")
        raise InvalidRequest(field, problem) from exc


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise InvalidRequest(name, f"must be a whole number of at most {MAX_DIGITS} digits, got '{clip(text, 80)}'")
    return int(text)


async def _nothing_here(request: Request, body: Literal[None]) -> Any:
    raise NothingHere(request.url.path)


class NothingHere(InvalidRequest):
    """No such path on the control plane."""

    status = 404

    def __init__(self, path: str) -> None:
        super().__init__("path", f"there is nothing at '{path}'; see /control/openapi.json")
