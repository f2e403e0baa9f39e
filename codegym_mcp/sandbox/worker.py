"""What a confined worker does: answer one request at a time on one socket. It serves one episode, then dies.

Standard library only; everything it needs is imported before the confinement closes the file system. The code it
runs is hostile: nothing it says is believed, except that it changes its own episode.
"""

import ast
import json
import marshal
import os
import pickle
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

from codegym_mcp.environment import CallFailed
from codegym_mcp.published_config import from_json, literal_text
from codegym_mcp.sandbox import frames
from codegym_mcp.sandbox.digest import digest


class Refused(Exception):
    """A published environment answered with an error text of its own."""


class TooLong(Exception):
    """An observation or a state past its limit; carries the reply's flag."""


class Native:
    """Plays an environment written in our own format."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def new(self, config: dict[str, Any], seed: int) -> Any:
        env = self.cls()
        env.seed = seed
        env.reset(**config)
        return env

    def call(self, env: Any, tool: str, arguments: dict[str, Any]) -> str:
        if tool == "Observe":
            return render(env.observe())
        method = getattr(env, tool)
        if not getattr(method, "codegym_tool", False):
            raise AttributeError(f"{tool} is not declared as a tool")
        return render(method(**arguments))

    def judge(self, env: Any, answer: Any) -> bool:
        return bool(env.check(answer, env.answer()))

    def reference(self, env: Any) -> Any:
        return env.answer()

    def solve(self, ask: Callable[[str, dict[str, Any]], tuple[str, bool]]) -> None:
        env = self.cls()
        texts = {name for name in dir(self.cls) if _returns_text(getattr(self.cls, name, None))}
        texts |= {"Done"} | ({"Observe"} if "observe" in texts else set())

        def call(tool: str, /, **arguments: Any) -> Any:
            text, is_error = ask(tool, arguments)
            if is_error:
                raise CallFailed(text)
            return text if tool in texts else json.loads(text)

        env.solve(call)


class Published:
    """Plays an environment of the published CodeGym format, through its own `step`."""

    def __init__(self, cls: Any, from_text: bool) -> None:
        self.cls, self.from_text = cls, from_text

    def new(self, config: dict[str, Any], seed: int) -> Any:
        options = from_json(config)
        if self.from_text:
            return self.cls.from_env_str(f"{self.cls.__name__}@{literal_text(options)}")
        env = self.cls()
        env.reset(options)
        return env

    def call(self, env: Any, tool: str, arguments: dict[str, Any]) -> str:
        result = env.step(json.dumps({"name": tool, "parameters": arguments}))
        text = render(result[1] if isinstance(result, tuple) and len(result) == 2 else result)
        if is_error_text(text):
            raise Refused(text)
        return text

    def judge(self, env: Any, answer: Any) -> bool:
        self.call(env, "Done", {"answer": answer})
        if not env.finished:
            raise ValueError("Done did not end the episode")
        return float(env.reward) == 1.0

    def reference(self, env: Any) -> Any:
        return env.get_ref_answer()

    def solve(self, ask: Callable[[str, dict[str, Any]], tuple[str, bool]]) -> None:
        env = self.cls.__new__(self.cls)

        def step(action: str) -> tuple[bool, str]:
            call = json.loads(action)
            call = call[0] if isinstance(call, list) else call  # some wrap the one call in a list
            return True, ask(call["name"], call.get("parameters") or {})[0]

        env.__dict__["step"] = step
        env.solve()


def is_error_text(text: str) -> bool:
    """Whether a published environment reports an error: `Error...`, or a JSON object whose only key is `error`."""
    if text.startswith("Error"):
        return True
    if not text.startswith("{"):
        return False
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and list(value) == ["error"]


def render(value: Any) -> str:
    """The text of an observation: strings as they are, anything else as JSON."""
    return value if type(value) is str else json.dumps(value, ensure_ascii=False)


def _returns_text(method: Any) -> bool:
    hint = getattr(method, "__annotations__", {}).get("return")
    return hint in (str, "str")


def encode(text: Any) -> bytes:
    """The observation as bytes of bounded length, whatever subclass of str a tool made up."""
    data = str.encode(text, "utf-8", "replace")
    if len(data) > frames.MAX_OBSERVATION_BYTES:
        raise TooLong(frames.OVER_OBSERVATION)
    return data


def compile_code(source: str, class_name: str, strip: list[str]) -> bytes:
    """Marshalled code of the environment, without the methods named in `strip`."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            node.body = [n for n in node.body if getattr(n, "name", None) not in strip] or [ast.Pass()]
    return marshal.dumps(compile(ast.fix_missing_locations(tree), "<environment>", "exec", dont_inherit=True))


class Worker:
    """The loop: read a request, do it, answer."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.read_fd, self.write_fd = read_fd, write_fd
        self.player: Any = None
        self.env: Any = None
        self.nonce = b""

    def serve(self) -> NoReturn:
        """Answer requests until the socket closes."""
        while True:
            op, head, blob = self.read()
            self.write(*self.answer(op, head, blob))

    def read(self) -> tuple[int, dict[str, Any], bytes]:
        """The next request; ends the process when the server is gone."""
        data = bytearray()
        while len(data) < 4 or len(data) < 4 + frames.LENGTH.unpack_from(data)[0]:
            chunk = os.read(self.read_fd, 1 << 16)
            if not chunk:
                os._exit(0)
            data += chunk
        _, op, self.nonce, n = frames.REQUEST.unpack_from(data)
        start = frames.REQUEST.size
        return op, json.loads(data[start : start + n]), bytes(data[start + n :])

    def write(self, flag: int, text: bytes = b"", state: bytes = b"", mark: bytes = b"") -> None:
        """Send one reply."""
        view = memoryview(frames.pack_reply(self.nonce, flag, text, state, mark))
        while view:
            view = view[os.write(self.write_fd, view) :]

    def answer(self, op: int, head: dict[str, Any], blob: bytes) -> tuple[int, bytes, bytes, bytes]:
        """Do one request. Every exception of the environment becomes a flag and a text; this is the one place."""
        try:
            return self.perform(op, head, blob)
        except TooLong as exc:
            return exc.args[0], b"", b"", b""
        except MemoryError:
            self.env = None
            return frames.OVER_MEMORY, b"", b"", b""
        except Refused as exc:
            return frames.REFUSED, encode(exc.args[0]), b"", b""
        except Exception as exc:
            return frames.RAISED, describe(exc), b"", b""

    def perform(self, op: int, head: dict[str, Any], blob: bytes) -> tuple[int, bytes, bytes, bytes]:
        """Do one request; raises what the environment raises."""
        if op == frames.CALL:
            text = encode(self.player.call(self.env, head["tool"], head["arguments"]))
            return frames.OK, text, *self.dump()
        if op == frames.COMPILE:
            return frames.OK, b"", compile_code(blob.decode(), head["class"], head["strip"]), b""
        self.load(head, blob[: head["code"]])
        if op == frames.RESTORE:
            self.env = self.player.cls.__new__(self.player.cls)
            self.env.__dict__.update(pickle.loads(blob[head["code"] :]))
            return frames.OK, b"", b"", digest(self.env.__dict__)
        if op == frames.NEW:
            self.env = self.player.new(head["config"], head["seed"])
            return frames.OK, b"", *self.dump()
        return frames.OK, self.consult(op, head), b"", b""

    def consult(self, op: int, head: dict[str, Any]) -> bytes:
        """What only the judge, the oracle and the task drawer ask."""
        if op == frames.SOLVE:
            self.player.solve(self.ask)
            return b""
        if op == frames.GENERATE:
            import random

            return encode(json.dumps(self.player.cls.generate(random.Random(head["seed"]), head["level"])))
        if op == frames.JUDGE:
            return "".join(self.verdict(head["config"], head["seed"], answer) for answer in head["answers"]).encode()
        if op == frames.REFERENCE:
            return encode(json.dumps(self.player.reference(self.player.new(head["config"], head["seed"]))))
        raise ValueError("unknown operation")

    def verdict(self, config: dict[str, Any], seed: int, answer: Any) -> str:
        """1 or 0 for an answer to the pristine task; x if the environment cannot read it."""
        env = self.player.new(config, seed)
        try:
            return "1" if self.player.judge(env, answer) else "0"
        except Exception:  # its text might hold the reference
            return "x"

    def load(self, head: dict[str, Any], code: bytes) -> None:
        """Execute the environment's module. Once per process: a worker serves one episode."""
        module = types.ModuleType("env")
        sys.modules["env"] = module
        exec(marshal.loads(code), module.__dict__)
        cls = getattr(module, head["class"])
        self.player = Native(cls) if head["format"] == "native" else Published(cls, head["from_text"])

    def dump(self) -> tuple[bytes, bytes]:
        """The state and its digest."""
        state = pickle.dumps(self.env.__dict__, 5)
        if len(state) > frames.MAX_STATE_BYTES:
            raise TooLong(frames.OVER_STATE)
        return state, digest(self.env.__dict__)

    def ask(self, tool: str, arguments: dict[str, Any]) -> tuple[str, bool]:
        """An oracle's tool call: played by the server, in the episode, like any agent's."""
        self.write(frames.CALLING, encode(json.dumps({"tool": tool, "arguments": arguments})))
        _, head, _ = self.read()
        return head["text"], head["is_error"]


def describe(exc: Exception) -> bytes:
    """Type and text of an exception, whatever its __str__ does."""
    try:
        text = f"{type(exc).__name__}: {exc}"[: frames.MAX_ERROR_CHARS]
        return str.encode(text.removesuffix(": "), "utf-8", "replace")
    except Exception:  # a hostile __str__
        return b"an exception without a text"
