"""The control plane over HTTP: the token, every route, how errors travel, and its own description."""

import inspect
import json
from pathlib import Path
from typing import Any

import anyio
import httpx2
import jsonschema_rs
import pytest
from starlette.routing import Route

from codegym_mcp import errors
from codegym_mcp.control_plane import MAX_BODY_BYTES, ControlPlane
from codegym_mcp.errors import CodegymError, InvalidRequest, error_from_json
from codegym_mcp.http_server import running
from codegym_mcp.types import EnvironmentInfo, EpisodeStatus, Observation, Step, Task
from tests.conftest import PATIENCE_S, make_gym

TOKEN = "sixteen letters or more"
BEARER = {"authorization": f"Bearer {TOKEN}"}


def client(url: str, **options: Any) -> httpx2.AsyncClient:
    """A client that knows the token."""
    return httpx2.AsyncClient(base_url=f"{url}/control", timeout=PATIENCE_S, **{"headers": BEARER, **options})


def fill(path: str, **names: str) -> str:
    """A path of the description, with its parameters filled in."""
    return path.removeprefix("/control").format(**{"name": "counter", "id": "0" * 48, **names})


async def test_whole_life_of_an_episode(tmp_path: Path) -> None:
    """What the Python API offers, over HTTP: every answer is the same frozen data."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            assert (await http.get("/environments")).json() == ["counter"]
            info = EnvironmentInfo.model_validate((await http.get("/environments/counter")).json())
            assert info == gym.environment("counter")
            tasks = [Task.model_validate(task) for task in (await http.get("/environments/counter/tasks")).json()]
            assert tasks == list(gym.catalog.tasks("counter"))

            opened = (await http.post("/episodes", json={"environment": "counter", "task": "seven", "seed": 3})).json()
            id = opened["id"]
            assert opened.pop("url") == f"{url}/episodes/{id}/mcp"
            assert EpisodeStatus.model_validate(opened) == await gym.status(id)
            call = {"tool": "Add", "arguments": {"n": 2}, "key": "one"}
            played = [(await http.post(f"/episodes/{id}/call", json=call)).json() for _ in range(2)]
            assert played[0] == played[1]
            assert Observation.model_validate(played[0]) == Observation(text="9", step=1)
            broken = await http.post(f"/episodes/{id}/call", json={"tool": "Add", "arguments": '{"n": 2'})
            assert (broken.status_code, broken.json()["error"], broken.json()["step"]) == (200, "InvalidArguments", 2)
            steps = [Step.model_validate(step) for step in (await http.get(f"/episodes/{id}/steps")).json()]
            assert steps == await gym.steps(id)

            fork = (await http.post(f"/episodes/{id}/fork", json={"step": 1})).json()
            assert (fork["steps"], fork["url"]) == (1, f"{url}/episodes/{fork['id']}/mcp")
            assert (await http.post(f"/episodes/{id}/fork")).json()["steps"] == 2  # no body: as it stands now
            assert (await http.post(f"/episodes/{id}/rewind", json={"step": 0})).json()["steps"] == 0
            assert (await http.post(f"/episodes/{id}/truncate")).json()["status"] == "truncated"
            await http.post(f"/episodes/{fork['id']}/call", json={"tool": "Done", "arguments": {"answer": 7}})
            assert (await http.get(f"/episodes/{fork['id']}")).json()["reward"] == 1.0
            closed = (await http.delete(f"/episodes/{id}")).json()
            assert (closed["status"], closed["reward"]) == ("truncated", 0.0)
            assert (await http.get(f"/episodes/{id}")).status_code == 404


async def test_options_of_an_episode_are_passed_on(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            body = {"environment": "counter", "config": {"start": 5}, "seed": 9, "max_steps": 3, "reveal": True}
            own = (await http.post("/episodes", json={**body, "documentation": "examples"})).json()
            assert (own["task"], own["seed"], own["max_steps"]) == ("own", 9, 3)
            assert (await gym.tools_of(own["id"]))[1] == "examples"
            done = await http.post(f"/episodes/{own['id']}/call", json={"tool": "Done", "arguments": {"answer": 5}})
            assert done.json()["text"].endswith("It was correct.")
            tested = (await http.post("/episodes", json={"environment": "counter", "split": "test"})).json()
            assert tested["task"] == "seven"


async def test_tasks_are_told_page_by_page(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            path = "/environments/counter/tasks"
            pages = [(await http.get(path, params={"offset": n, "limit": 1})).json() for n in range(3)]
            assert [[task["id"] for task in page] for page in pages] == [["zero"], ["seven"], []]


# ----------------------------------------------------------------------------------------------------------- the token
HEADERS: dict[str, dict[str, str]] = {
    "none": {},
    "a wrong one": {"authorization": "Bearer sixteen letters or less"},
    "the beginning of it": {"authorization": f"Bearer {TOKEN[:-1]}"},
    "more than it": {"authorization": f"Bearer {TOKEN}x"},
    "no scheme": {"authorization": TOKEN},
    "another scheme": {"authorization": f"Basic {TOKEN}"},
    "an empty one": {"authorization": "Bearer"},
    "a foreign letter": {"authorization": "Bearer ünïcödé sïxtéén"},
    "in another header": {"x-token": TOKEN, "cookie": f"token={TOKEN}"},
}


async def test_without_the_token_no_route_tells_or_does_anything(tmp_path: Path) -> None:
    """Design: 401 everywhere, the same whether there is such an episode or not, and nothing else."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url, headers={}) as http:
            id = (await gym.open("counter", "zero")).id
            before = await gym.status(id)
            described = (await http.get("/openapi.json")).json()["paths"]
            routes = [(method, path) for path, methods in described.items() for method in methods]
            assert len(routes) == 11
            routes += [("get", "/control/"), ("post", "/control/nothing/here"), ("delete", "/control/openapi.json/x")]
            for method, path in routes:
                for given in HEADERS.values():
                    encoded = {name: value.encode("latin-1") for name, value in given.items()}
                    for known in (id, "0" * 48):
                        answer = await http.request(method, fill(path, id=known), headers=encoded, content=b"{")
                        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
                        assert answer.json() == {"error": "Unauthorized", "message": "wrong or missing bearer token"}
                        assert TOKEN not in answer.text
            assert await gym.status(id) == before
            assert gym.open_episodes == 1


async def test_scheme_may_be_written_in_any_case(tmp_path: Path) -> None:
    """Source: RFC 9110, section 11.1."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            for scheme in ("Bearer", "bearer", "BEARER"):
                answer = await http.get("/environments", headers={"authorization": f"{scheme} {TOKEN}"})
                assert answer.status_code == 200


async def test_short_token_is_refused(tmp_path: Path) -> None:
    async with make_gym(tmp_path) as gym:
        with pytest.raises(InvalidRequest, match="at least 16 characters"):
            ControlPlane(gym, "x" * 15, lambda id: id)


# ------------------------------------------------------------------------------------------------------------- errors
OTHER_CONFIG = {"environment": "counter", "config": {"x": 1}}
REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no such environment": ("POST", "/episodes", {"environment": "countre"}, 404, "EnvironmentNotFound"),
    "no such task": ("POST", "/episodes", {"environment": "counter", "task": "six"}, 404, "TaskNotFound"),
    "a task and a configuration": (
        "POST",
        "/episodes",
        {"environment": "counter", "task": "zero", "config": {}},
        400,
        "InvalidRequest",
    ),
    "a configuration that does not fit": (
        "POST",
        "/episodes",
        {"environment": "counter", "config": {"x": 1}},
        422,
        "InvalidEnvironment",
    ),
    "a misspelt field": ("POST", "/episodes", {"environment": "counter", "sead": 1}, 400, "InvalidRequest"),
    "a field left out": ("POST", "/episodes", {}, 400, "InvalidRequest"),
    "a field of another type": ("POST", "/episodes", {"environment": "counter", "seed": "x"}, 400, "InvalidRequest"),
    "a negative seed": ("POST", "/episodes", {"environment": "counter", "seed": -1}, 400, "InvalidRequest"),
    "no object": ("POST", "/episodes", [1], 400, "InvalidRequest"),
    "no such episode": ("GET", "/episodes/nothing", None, 404, "EpisodeNotFound"),
    "a step never answered": ("POST", "/episodes/{id}/fork", {"step": 9}, 400, "StepOutOfRange"),
    "a negative step": ("POST", "/episodes/{id}/rewind", {"step": -1}, 400, "InvalidRequest"),
    "no step": ("POST", "/episodes/{id}/rewind", {}, 400, "InvalidRequest"),
    "a key of two calls": ("POST", "/episodes/{id}/call", {"tool": "Roll", "key": "used"}, 409, "CallKeyReused"),
    "a call after the end": ("POST", "/episodes/{ended}/call", {"tool": "Roll"}, 409, "EpisodeOver"),
    "a rewind after the end": ("POST", "/episodes/{ended}/rewind", {"step": 0}, 409, "EpisodeFinished"),
    "no such path": ("GET", "/nothing/here", None, 404, "NothingHere"),
    "no such page": ("GET", "/environments/counter/tasks?limit=many", None, 400, "InvalidRequest"),
}


async def test_error_comes_with_its_status_class_and_fields(tmp_path: Path) -> None:
    """HTTP and the Python API tell the same story: a client has the error of its own class back."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            id, ended = [(await gym.open("counter", "zero")).id for _ in range(2)]
            await gym.call(id, "Add", {"n": 1}, key="used")
            await gym.truncate(ended)
            for what, (method, path, body, status, name) in REFUSED.items():
                answer = await http.request(method, path.format(id=id, ended=ended), json=body)
                assert (answer.status_code, answer.json()["error"]) == (status, name), what
                error = error_from_json(answer.json())
                assert error.to_json() == answer.json(), what
                assert (type(error).__name__, str(error)) == (name, answer.json()["message"]), what
            assert (await gym.status(id)).steps == 1
            assert gym.open_episodes == 2


async def test_body_that_is_too_long_or_no_json_is_refused(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            for body, problem in [
                (b"{", "not valid JSON"),
                (b"x" * (MAX_BODY_BYTES + 1), "longer than 4 MiB"),
                (b"\xff", "not valid"),
            ]:
                answer = await http.post("/episodes", content=body)
                assert (answer.status_code, answer.json()["field"]) == (400, "body")
                assert problem in answer.json()["message"]
            assert (await http.get("/environments")).status_code == 200


# -------------------------------------------------------------------------------------------------------- description
def references(part: Any) -> list[str]:
    """Every $ref below a part of a JSON document."""
    if isinstance(part, list):
        return [found for item in part for found in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for item in part.values() for found in references(item)]


async def test_openapi_document_lists_every_route_and_every_answer_fits_it(tmp_path: Path) -> None:
    """Source: OpenAPI 3.1, whose schemas are JSON Schema 2020-12."""
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path) as gym, running(gym, token=TOKEN) as url, client(url) as http:
            document = (await http.get("/openapi.json", headers={"authorization": ""})).json()
            plane = ControlPlane(gym, TOKEN, lambda id: id)
            assert document["openapi"].startswith("3.1.")
            assert document == json.loads(json.dumps(plane.openapi()))
            routes = [route for route in plane.routes()[1:-1] if isinstance(route, Route)]
            served = {(route.path, method) for route in routes for method in (route.methods or set()) - {"HEAD"}}
            described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
            assert described == served
            for path, methods in document["paths"].items():
                for operation in methods.values():
                    in_path = [part["name"] for part in operation["parameters"] if part["in"] == "path"]
                    assert all(f"{{{name}}}" in path for name in in_path) and path.count("{") == len(in_path)
            pages = document["paths"]["/control/environments/{name}/tasks"]["get"]
            assert [part["name"] for part in pages["parameters"] if part["in"] == "query"] == ["offset", "limit"]
            listed = pages["responses"]["200"]["content"]["application/json"]["schema"]
            assert listed == {"type": "array", "items": {"$ref": "#/components/schemas/Task"}}
            for found in references(document):
                part = document
                for name in found.removeprefix("#/").split("/"):
                    part = part[name]  # leads somewhere
            for schema in document["components"]["schemas"].values():
                assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})

            id = (await gym.open("counter", "zero")).id
            bodies = {
                "/control/episodes": {"environment": "counter"},
                "/control/episodes/{id}/call": {"tool": "Observe"},
                "/control/episodes/{id}/fork": {"step": 0},
                "/control/episodes/{id}/rewind": {"step": 0},
            }
            order = sorted(described, key=lambda route: (route[1] == "DELETE", "truncate" in route[0]))
            for path, method in order:
                answer = await http.request(method, fill(path, id=id), json=bodies.get(path))
                schema = document["paths"][path][method.lower()]["responses"]["200"]["content"]["application/json"]["schema"]
                assert answer.status_code == 200
                jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(answer.json())


def test_errors_of_the_whole_tree_have_a_status_of_their_own_meaning() -> None:
    """What a client may retry is told by 429 and 503, what is its own fault by 400 to 422."""
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, CodegymError)]
    assert len(classes) > 20
    for cls in classes:
        assert cls.status in ((429, 502, 503) if cls.retryable else (200, 400, 404, 409, 410, 422, 501, 502, 503)), cls
