"""Attacks on the HTTP face: what is sent is no JSON, no HTTP, no end, or none of the sender's business.

Every request is answered or hung up on; none brings a 5xx, shows a path or a traceback, blocks others, or spoils the
log that the trainer reads. Requests are bytes here (raw.py): client libraries refuse to send most of them.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from codegym_mcp import http_server
from codegym_mcp.arguments import MAX_ARGUMENTS_BYTES
from codegym_mcp.client import ClientPool
from codegym_mcp.types import MAX_DEPTH, Task

from ..conftest import make_gym
from .raw import META, Answer, Session, ask, call, control, exchange, modern, open_episode
from .served import TOKEN, Served

pytestmark = pytest.mark.attacks

PARSE_ERROR, INVALID_PARAMS = -32700, -32602


def quiet(answer: Answer) -> Answer:
    """Nothing of the server's inside shows."""
    assert answer.status < 500, answer
    assert not any(word in answer.all for word in (b"Traceback", b".py", b"site-packages", b"Internal")), answer
    return answer


def strict(data: bytes) -> Any:
    """JSON as a strict reader takes it."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    return json.loads(data, parse_constant=refuse)


def log_of(served: Served, episode: str) -> Any:
    """The episode's log, as a trainer in any language reads it."""
    answer = quiet(control(served, "GET", f"/episodes/{episode}/steps"))
    assert answer.status == 200
    return strict(answer.body)


def modern_meta(**extra: str) -> str:
    """The fields a request of the newest protocol carries, and more of ours as JSON text."""
    fields = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in META.items()]
    return "{" + ", ".join(fields + [f'"codegym/{name}": {value}' for name, value in extra.items()]) + "}"


def tool_call(tool: str, arguments: str, **extra: str) -> bytes:
    """A tools/call whose arguments are given as text."""
    params = f'{{"name": "{tool}", "arguments": {arguments}, "_meta": {modern_meta(**extra)}}}'
    message = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {params}}}'
    return message.encode("utf-8", "surrogatepass")


def play(served: Served, episode: str, tool: str, arguments: str, **extra: str) -> Answer:
    """A tool call of the newest protocol, with arguments and own _meta fields as JSON text."""
    body = tool_call(tool, arguments, **extra)
    return quiet(modern(served, f"/episodes/{episode}/mcp", "tools/call", {"name": tool}, body=body))


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


TOO_MUCH = {
    "a lone surrogate": (r'"\ud800"', "with characters that no Unicode text has"),
    "a lone surrogate as a key": (r'{"\udfff": 1}', "with characters that no Unicode text has"),
    "a lone surrogate in bytes": ('"\udfff"', "with characters that no Unicode text has"),
    "deeper than allowed": (nested(MAX_DEPTH), f"nested deeper than {MAX_DEPTH} levels"),
    "as deep as a parser takes": (nested(900), f"nested deeper than {MAX_DEPTH} levels"),
    "too long": (json.dumps("x" * MAX_ARGUMENTS_BYTES), f"longer than {MAX_ARGUMENTS_BYTES >> 10} KiB"),
    "4 MB": (json.dumps("x" * 4_000_000), f"longer than {MAX_ARGUMENTS_BYTES >> 10} KiB"),
    "4 MB of letters that JSON may escape": ('"' + "é" * 2_000_000 + '"', f"longer than {MAX_ARGUMENTS_BYTES >> 10} KiB"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_arguments_that_cannot_be_kept_fail_and_spend_a_step(served: Served, what: str) -> None:
    """They once made the log unreadable, and so a whole rollout a machine fault, at the agent's choice."""
    value, why = TOO_MUCH[what]
    episode = open_episode(served)
    answer = play(served, episode, "Swallow", f'{{"value": {value}}}')
    assert answer.json["result"]["isError"]
    assert answer.text == f"Swallow: the arguments must be a JSON object, got 'an object {why}'. State unchanged."
    assert call(served, episode, "Add", {"n": 5}).text == "5"
    assert [step["arguments"] for step in log_of(served, episode)] == [f"an object {why}", {"n": 5}]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_lacks_do_not_spoil_the_log(served: Served, number: str) -> None:
    """They are let in, since published environments take them, and kept as texts."""
    episode = open_episode(served)
    assert not play(served, episode, "Swallow", f'{{"value": [{number}]}}').json["result"]["isError"]
    kept = "Infinity" if number == "1e999" else number
    assert log_of(served, episode)[0]["arguments"] == {"value": [kept]}


NO_JSON = [f'{{"value": {nested(10_000)}}}', f'{{"n": {"9" * 5000}}}', '{"n": 1', "", '{"n": 0x1}', '{"n": 1,}']


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize("arguments", NO_JSON)
def test_what_is_no_json_is_a_parse_error_and_no_step(served: Served, era: str, arguments: str) -> None:
    episode = open_episode(served)
    body = tool_call("Swallow", arguments) if arguments else b""
    if era == "modern":
        answer = modern(served, f"/episodes/{episode}/mcp", "tools/call", {"name": "Swallow"}, body=body or b"\n")
    else:
        answer = Session(served, f"/episodes/{episode}/mcp").send("tools/call", body=body or b"\n")
    assert (quiet(answer).status, answer.json["error"]["code"]) in [(400, PARSE_ERROR), (400, INVALID_PARAMS)]
    assert log_of(served, episode) == []


@pytest.mark.parametrize("key", [r'"\ud800"', '""', "5", "null", "[]", json.dumps("x" * 201), r'"a\u0000b"'])
def test_a_call_key_that_is_no_printable_text_is_refused(served: Served, key: str) -> None:
    episode = open_episode(served)
    answer = play(served, episode, "Add", '{"n": 1}', call=key)
    steps = log_of(served, episode)
    if key == "null":
        assert answer.text == "1" and steps[0]["key"] is None
    else:
        assert answer.json["error"]["code"] == INVALID_PARAMS and steps == []


@pytest.mark.parametrize("malformed", [r'"\ud800"', json.dumps("x" * 3_000_000), '"{"', '""', "5", "[]"])
def test_a_model_that_sent_no_object_spends_a_step_whatever_it_sent(served: Served, malformed: str) -> None:
    """`codegym/malformed` carries it; anything but a text is as if it were not there."""
    episode = open_episode(served)
    answer = play(served, episode, "Add", '{"n": 1}', malformed=malformed)
    steps = log_of(served, episode)
    assert len(steps) == 1 and steps[0]["is_error"] == malformed.startswith('"')
    assert len(answer.body) < 2000


CONTROL_BODIES = {
    "a lone surrogate in a tool's name": '{"tool": "\\ud800", "arguments": {}}',
    "a lone surrogate in arguments": '{"tool": "Add", "arguments": {"n": "\\ud800"}}',
    "a lone surrogate in a key": '{"tool": "Add", "arguments": {"n": 1}, "key": "\\ud800"}',
    "nesting": '{"tool": "Add", "arguments": {"n": ' + nested(500) + "}}",
    "deep nesting": '{"tool": "Add", "arguments": {"n": ' + nested(100_000) + "}}",
    "a long number": '{"tool": "Add", "arguments": {"n": ' + "9" * 5000 + "}}",
    "no object": "[]",
    "null": "null",
    "half": '{"tool": "Add"',
    "bytes": "\udcff\udcfe",
    "wrong types": '{"tool": 5, "arguments": []}',
    "a stranger": '{"tool": "Add", "reward": 1.0}',
    "5 MB": '{"tool": "' + "x" * 5_000_000 + '"}',
}


@pytest.mark.parametrize("what", CONTROL_BODIES)
def test_the_control_plane_names_what_is_wrong_with_a_body(served: Served, what: str) -> None:
    episode = open_episode(served)
    body = CONTROL_BODIES[what].encode("utf-8", "surrogateescape")
    answer = quiet(control(served, "POST", f"/episodes/{episode}/call", body))
    assert (answer.status, strict(answer.body)["error"]) == (400, "InvalidRequest")
    assert log_of(served, episode) == []


CONFIGS = ['{"prey": "\\ud800", "key": "k"}', f'{{"prey": {nested(500)}, "key": "k"}}', '{"prey": "p", "\\ud800": 1}', "[]"]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_configuration_that_is_no_plain_json_opens_nothing(served: Served, config: str) -> None:
    answer = control(served, "POST", "/episodes", f'{{"environment": "hostile", "config": {config}}}'.encode())
    assert (quiet(answer).status, answer.json["error"]) == (400, "InvalidRequest")


@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "limit=²", "offset=1e9", "offset=" + "9" * 5000, "limit=%00"])
def test_a_page_that_is_no_number_is_refused(served: Served, query: str) -> None:
    answer = control(served, "GET", f"/environments/hostile/tasks?{query}".replace("²", "%C2%B2"))
    assert (quiet(answer).status, answer.json["field"]) == (400, query.partition("=")[0])


ADD_ONE = tool_call("Add", '{"n": 1}')
BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "a batch": (b"[" + ADD_ONE + b"]", {}, 400),
    "no parameters": (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', {}, 400),
    "a list of arguments": (tool_call("Add", "[1]"), {}, 400),
    "a text of arguments": (tool_call("Add", '"n"'), {}, 400),
    "utf-16": (ADD_ONE.decode().encode("utf-16")[1:], {}, 400),
    "no utf-8": (tool_call("Add", '{"n": "@"}').replace(b"@", b"\xff\xfe"), {}, 400),
    "a response": (b'{"jsonrpc": "2.0", "id": 1, "result": {}}', {}, 400),
    "another content type": (ADD_ONE, {"content_type": "text/plain"}, 400),
    "a form": (b"n=1", {"content_type": "application/x-www-form-urlencoded"}, 400),
    "no accept": (ADD_ONE, {"accept": "text/html"}, 406),
    "a foreign host": (ADD_ONE, {"host": "evil.example"}, 421),
    "a foreign origin": (ADD_ONE, {"origin": "http://evil.example"}, 403),
    "another tool in the headers": (ADD_ONE, {"mcp_name": "Observe"}, 400),
    "another method in the headers": (ADD_ONE, {"mcp_method": "tools/list"}, 400),
    "another revision in the headers": (
        ADD_ONE,
        {"mcp_protocol_version": "2999-01-01"},
        400,
    ),
    "5 MB": (tool_call("Add", '{"n": "' + "x" * 5_000_000 + '"}'), {}, 413),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_request_that_is_no_tool_call_is_refused_and_plays_nothing(served: Served, what: str) -> None:
    body, headers, status = BODIES[what]
    episode = open_episode(served)
    answer = modern(served, f"/episodes/{episode}/mcp", "tools/call", {"name": "Add"}, body=body, **headers)
    assert quiet(answer).status == status
    assert log_of(served, episode) == []


PATHS = {
    404: """/ /nothing /docs /openapi.json /x/y/sse /envs/hostile /episodes/{id} /episodes/{id}/reward /CONTROL/environments
        //control/environments /envs/hostile/sse/../../../etc/passwd /envs/..%2f..%2fetc%2fpasswd/mcp
        /episodes/../control/episodes /envs/hostile/env.py /envs/hostile/tasks.jsonl /static/../codegym_mcp/errors.py
        /get_attribute?attribute_name=get_ref_answer""",
    401: """/control/ /control/environments /control//environments /control/../control/environments /control/%2e%2e
        /control/episodes/{id} /control/episodes/{id}/steps /control/episodes/..%2f..%2fetc%2fpasswd""",
    406: "/episodes/{id}/mcp /x/y/mcp /envs/nothing/mcp",
}


@pytest.mark.parametrize(("status", "path"), [(status, path) for status, paths in PATHS.items() for path in paths.split()])
def test_a_path_that_leads_nowhere_says_no_more_than_that(served: Served, status: int, path: str) -> None:
    path = path.replace("{id}", open_episode(served))
    answer = quiet(ask(served, "GET", path, headers={"accept": "application/json"}))
    assert answer.status == status and len(answer.body) < 300
    assert b"root:" not in answer.body and b"class " not in answer.body


NAMES = [".", "..", "%2e%2e", "%00", "hostile%00", "%ff", "%ed%a0%80", "hostile%0d%0ax:y", "a" * 20_000, "HOSTILE", "*", "{}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["envs", "episodes"])
@pytest.mark.parametrize("method", ["tools/call", "tools/list", "server/discover"])
def test_names_and_ids_are_looked_up_and_nothing_else(served: Served, kind: str, name: str, method: str) -> None:
    params = {"name": "Add", "arguments": {"n": 1}} if method == "tools/call" else {}
    answer = quiet(modern(served, f"/{kind}/{name}/mcp", method, params))
    if method == "server/discover":
        assert b"key" not in answer.body  # no task's text: the address leads nowhere
    else:
        assert answer.status in (400, 404) and len(answer.body) < 1000


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PATCH", "PUT", "HEAD", "DELETE", "NONSENSE"])
@pytest.mark.parametrize("path", ["/control/episodes/{id}", "/episodes/{id}/mcp", "/healthz", "/x/y/messages"])
def test_other_methods_change_nothing(served: Served, method: str, path: str) -> None:
    episode = open_episode(served)
    answer = quiet(ask(served, method, path.replace("{id}", episode)))
    assert answer.status in ((200, 400, 401, 404, 405) if path == "/healthz" else (400, 401, 404, 405))
    assert control(served, "GET", f"/episodes/{episode}").json["status"] == "open"


# ------------------------------------------------------------------------------------------------------------ tokens
WRONG = {
    "none": {},
    "empty": {"authorization": ""},
    "no token": {"authorization": "Bearer"},
    "blanks": {"authorization": "Bearer    "},
    "another": {"authorization": "Bearer nonsense"},
    "a part": {"authorization": f"Bearer {TOKEN[:-1]}"},
    "more": {"authorization": f"Bearer {TOKEN}x"},
    "twice": {"authorization": f"Bearer {TOKEN} {TOKEN}"},
    "in capitals": {"authorization": f"Bearer {TOKEN.upper()}"},
    "another scheme": {"authorization": f"Basic {TOKEN}"},
    "no scheme": {"authorization": TOKEN},
    "a cookie": {"cookie": f"token={TOKEN}; authorization=Bearer {TOKEN}"},
    "another header": {"x-api-key": TOKEN, "x-authorization": f"Bearer {TOKEN}"},
    "no ASCII": {"authorization": "Bearer \xff\xe9"},
    "long": {"authorization": "Bearer " + "x" * 30_000},
}
CONTROL = [
    ("GET", "/control/environments"),
    ("GET", "/control/environments/hostile"),
    ("GET", "/control/environments/hostile/tasks"),
    ("POST", "/control/episodes"),
    ("GET", "/control/episodes/{id}"),
    ("GET", "/control/episodes/{id}/steps"),
    ("POST", "/control/episodes/{id}/call"),
    ("POST", "/control/episodes/{id}/fork"),
    ("POST", "/control/episodes/{id}/rewind"),
    ("POST", "/control/episodes/{id}/truncate"),
    ("DELETE", "/control/episodes/{id}"),
    ("GET", "/control/nothing"),
]


@pytest.mark.parametrize("how", WRONG)
def test_without_the_token_the_control_plane_tells_nothing(served: Served, how: str) -> None:
    """Project: 401 for every path, the same bytes whether the episode exists or not, and nothing is done."""
    episode = open_episode(served)
    answers = set()
    for method, path in CONTROL:
        for id in (episode, "0" * 48):
            for suffix in ("", f"?token={TOKEN}", f"?access_token={TOKEN}&authorization=Bearer%20{TOKEN}"):
                body = {"environment": "hostile"} if method == "POST" else None
                answer = ask(served, method, path.replace("{id}", id) + suffix, body, headers=WRONG[how])
                answers.add((answer.status, answer.headers["www-authenticate"], answer.body))
    assert answers == {(401, "Bearer", b'{"error":"Unauthorized","message":"wrong or missing bearer token"}')}
    assert control(served, "GET", f"/episodes/{episode}").json["status"] == "open"


def test_the_openapi_description_is_all_that_is_open(served: Served) -> None:
    """Project: it describes the routes that the test above tries, and holds no data."""
    described = ask(served, "GET", "/control/openapi.json").json["paths"]
    names = {"/environments/hostile": "/environments/{name}"}
    tried = {(method, path.replace(*next(iter(names.items())))) for method, path in CONTROL[:-1]}
    assert {(method.upper(), path) for path, methods in described.items() for method in methods} == tried


# -------------------------------------------------------------------------------------------------- HTTP as such
def smuggled(served: Served, episode: str) -> bytes:
    """A request that ends the episode, valid in itself."""
    host, port = served.address
    head = f"DELETE /control/episodes/{episode} HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    return head.encode()


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n" + headers + b"\r\n" + body


SMUGGLING: dict[str, Callable[[bytes], bytes]] = {
    "length and chunks": lambda hidden: post(
        b"content-length: %d\r\ntransfer-encoding: chunked\r\n" % (5 + len(hidden)), b"0\r\n\r\n" + hidden
    ),
    "chunks and length": lambda hidden: post(
        b"transfer-encoding: chunked\r\ncontent-length: 4\r\n", b"%x\r\n" % len(hidden) + hidden + b"\r\n0\r\n\r\n"
    ),
    "two encodings": lambda hidden: post(
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", b"0\r\n\r\n" + hidden
    ),
    "an unknown encoding": lambda hidden: post(b"transfer-encoding: xchunked\r\n", b"0\r\n\r\n" + hidden),
    "an encoding that is none": lambda hidden: post(b"transfer-encoding: identity\r\n", hidden),
    "a blank before the colon": lambda hidden: post(b"transfer-encoding : chunked\r\n", b"0\r\n\r\n" + hidden),
    "a tab before the value": lambda hidden: post(
        b"transfer-encoding:\tchunked\r\ncontent-length: %d\r\n" % len(hidden), b"0\r\n\r\n" + hidden
    ),
    "two lengths": lambda hidden: post(b"content-length: 0\r\ncontent-length: %d\r\n" % len(hidden), hidden),
    "a list of lengths": lambda hidden: post(b"content-length: 0, %d\r\n" % len(hidden), hidden),
    "a length with a sign": lambda hidden: post(b"content-length: +0\r\n", hidden),
    "a negative length": lambda hidden: post(b"content-length: -1\r\n", hidden),
    "a length in hex": lambda hidden: post(b"content-length: 0x0\r\n", hidden),
    "a length beyond all bounds": lambda hidden: post(b"content-length: 99999999999999999999\r\n", hidden),
    "a folded header": lambda hidden: post(b"x: y\r\n content-length: 0\r\n", hidden),
    "bare line feeds": lambda hidden: post(b"content-length: 0\r\n", hidden).replace(b"\r\n", b"\n"),
    "a bare carriage return": lambda hidden: post(b"x: y\rcontent-length: 0\r\n", hidden),
    "a null in a header": lambda hidden: post(b"x: a\0b\r\n", hidden),
    "a chunk that is no number": lambda hidden: post(b"transfer-encoding: chunked\r\n", b"zz\r\n" + hidden),
    "a chunk beyond all bounds": lambda hidden: post(b"transfer-encoding: chunked\r\n", b"f" * 17 + b"\r\n" + hidden),
    "a chunk without its end": lambda hidden: post(b"transfer-encoding: chunked\r\n", b"1\r\nxy\r\n0\r\n\r\n" + hidden),
    "another version": lambda hidden: b"GET /healthz HTTP/9.9\r\nhost: 127.0.0.1\r\n\r\n" + hidden,
    "HTTP/2": lambda hidden: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
    "a TLS greeting": lambda hidden: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + hidden,
    "a tunnel": lambda hidden: b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nhost: 127.0.0.1:1\r\n\r\n" + hidden,
}


@pytest.mark.parametrize("how", SMUGGLING)
def test_a_request_whose_end_is_in_doubt_ends_the_connection(served: Served, how: str) -> None:
    """Source: RFC 9112, sections 2.2, 5.1, 6.1 and 6.3. The request hidden behind it is never seen as one."""
    episode = open_episode(served)
    answer = exchange(served, SMUGGLING[how](smuggled(served, episode)))
    assert answer.count(b"HTTP/1.1 ") <= 1 and (not answer or answer.startswith(b"HTTP/1.1 400 "))
    assert control(served, "GET", f"/episodes/{episode}").json["status"] == "open"


def test_the_hidden_request_would_work_in_the_open(served: Served) -> None:
    """The control of the test above."""
    episode = open_episode(served)
    answer = exchange(served, post(b"content-length: 2\r\n", b"xy") + smuggled(served, episode))
    assert answer.count(b"HTTP/1.1 ") == 3
    assert control(served, "GET", f"/episodes/{episode}").status == 404


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0"])
def test_no_other_protocol_is_switched_to(served: Served, protocol: str) -> None:
    """Nor does asking for one get past the token."""
    websocket = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13"}
    answer = ask(served, "GET", "/control/environments", headers={"connection": "upgrade", "upgrade": protocol, **websocket})
    assert answer.status == 401


@pytest.mark.parametrize("part", ["one header", "many headers", "the path", "empty lines"])
def test_a_head_without_end_is_hung_up_on(served: Served, part: str) -> None:
    """It once was kept in memory to the last byte; 64 MB of path took the event loop six seconds."""
    start, more = {
        "one header": (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ", b"y" * 100_000),
        "many headers": (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n", b"x: y\r\n" * 20_000),
        "the path": (b"GET /", b"y" * 100_000),
        "empty lines": (b"", b"\r\n" * 50_000),
    }[part]
    with served.connect() as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        connection.sendall(start)
        for _ in range(1000):
            connection.sendall(more)
    assert ask(served, "GET", "/healthz").status == 200


def test_a_head_of_a_reasonable_length_is_let_in(served: Served) -> None:
    answer = ask(served, "GET", "/healthz?" + "q" * 20_000, headers={"x-" + "a" * 5000: "b" * 20_000})
    assert answer.status == 200


async def test_clients_that_never_finish_do_not_keep_others_waiting(served: Served) -> None:
    """150 connections with half a head, half a body, or nothing at all, while an episode is played to its end."""
    episode = open_episode(served)
    halves = [
        b"",
        b"POST /control/episodes HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ",
        b"POST /episodes/" + episode.encode() + b"/mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n{",
    ]
    slow = [served.connect() for _ in range(50) for _ in halves]
    try:
        for connection, half in zip(slow, halves * 50, strict=True):
            connection.sendall(half)
        with anyio.fail_after(30):
            async with ClientPool.connect([served.url], TOKEN) as pool:
                playing = await pool.open("hostile", Task(environment="hostile", id="own", config={"prey": "p", "key": "k"}))
                assert [(await playing.call("Add", {"n": 1})).text for _ in range(5)] == list("12345")
                assert (await playing.call("Done", {"answer": "x"})).over
                await playing.close()
    finally:
        for connection in slow:
            connection.close()


HALVES = [b"", b"GET /heal", b"POST /control/episodes HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"]


@pytest.mark.parametrize("half", HALVES)
async def test_a_request_that_does_not_arrive_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bytes) -> None:
    monkeypatch.setattr(http_server, "REQUEST_S", 0.2)
    with anyio.fail_after(30):
        async with make_gym(tmp_path) as gym, http_server.running(gym, token=TOKEN) as url:
            port = int(url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for complete in (b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", half) if half else (half,):
                writer.write(complete)
            answer = await reader.read()
            writer.close()
    assert answer.count(b"HTTP/1.1 200") == bool(half)


async def test_our_own_client_turns_such_arguments_into_failed_steps(served: Served) -> None:
    """A model may write anything; neither the trainer's process nor its rollout may end by it."""
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            episode = await pool.open("hostile", Task(environment="hostile", id="own", config={"prey": "p", "key": "k"}))
            for value in (deep, "x" * 5_000_000, "\ud800", float("nan")):
                observation = await episode.call("Add", {"n": value})
                assert (observation.is_error, observation.error) == (True, "InvalidArguments")
            unknown = await episode.call("\ud800\x00 Add\r\nx: y", {"n": 1})
            assert unknown.error == "UnknownTool"
            steps = await episode.steps()
            assert (await episode.call("Add", {"n": 1})).text == "1"
            await episode.close()
    assert len(steps) == 5 and not any(step.committed for step in steps)
