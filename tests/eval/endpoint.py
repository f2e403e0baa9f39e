"""An OpenAI-compatible endpoint on the loopback interface whose model is a function of a test."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Answer = Callable[[Body], "Body | str | int | bytes"]
"""A request's body -> the assistant's message, its text, an HTTP status, or a raw body."""


def call(tool: str, **arguments: Any) -> Body:
    """A message that makes one tool call."""
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]}


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    """Serve, in a thread; yields the base URL."""

    class Handler(BaseHTTPRequestHandler):
        """Answers one request after the other."""

        def do_POST(self) -> None:
            """One completion."""
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            said = answer(body)
            status = said if isinstance(said, int) else 200
            data = said if isinstance(said, bytes) else json.dumps(completion(said)).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what went wrong themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(said: "Body | str | int") -> Body:
    """The body of an answer."""
    if isinstance(said, int):
        return {"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_api_key"}}
    message = {"role": "assistant", "content": said} if isinstance(said, str) else said
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "scripted", "choices": [choice], "usage": usage}
