"""What runs inside the sandbox while a problem is taken apart: profiles of originals, trials of environments made from them.

One request holds the source and all inputs. Standard library only. What the code under trial does to this process hurts
nobody: it serves one request, and what it says is data about that code, to be verified again later.
"""

import copy
import json
import sys
import types
from typing import Any

from codegym_mcp.environment import CallFailed
from synth.extract.observed import merge, note, shape_of, size
from synth.plain import as_json

MAX_CALLS = 1000
"""Tool calls on one input; a skeleton that makes more is of no use."""
TOO_MANY = "too many calls"
MAX_PROFILED = 60
"""Calls of one function whose values are looked at, per input."""
EXAMPLE_CHARS = 160


class Inside:
    """Answers one request: `job` names the method, the rest are its arguments."""

    def reset(self, job: str, **arguments: Any) -> None:
        self.job, self.arguments = job, arguments

    def answer(self) -> Any:
        return getattr(self, self.job)(**self.arguments)

    def profile(self, source: str, entry: str, configs: list[dict[str, Any]]) -> dict[str, Any]:
        """Shapes of arguments, results and local variables of every function that runs, and how often it is called."""
        watch = Watch()
        code = compile(source, "<solution>", "exec", dont_inherit=True)
        for config in configs:
            function = load(code, "solution")[entry]
            arguments = copy.deepcopy(config)
            watch.begin()
            sys.settrace(watch.on_call)
            try:
                function(**arguments)
            finally:
                sys.settrace(None)
        return watch.functions

    def play(self, source: str, name: str, inputs: list[dict[str, Any]], values: str) -> dict[str, Any]:
        """Let the skeleton of an environment solve all inputs.

        Args:
            inputs: each a `config` and the expected `answer`.
            values: how they are handed over. json: as in an episode; untyped: the same before the tools have type hints;
                objects: as they are, to learn their shapes.
        """
        tools: dict[str, Any] = {}
        runs: list[dict[str, Any]] = []
        try:
            cls = load(compile(source, "<environment>", "exec", dont_inherit=True), "env")[name]
            for case in inputs:
                runs.append(run(cls, case, Recorder(case["answer"], tools, values)))
                if runs[-1]["failure"] not in (None, TOO_MANY):
                    break
        except Exception as exc:
            runs.append({"failure": brief(exc), "counts": {}, "first": {}, "trivial": True})
        return {"runs": runs, "tools": tools}

    def ablate(self, source: str, name: str, inputs: list[dict[str, Any]], tool: str) -> list[bool]:
        """Whether the skeleton gets to the answer where a tool refuses, and where it gives another result than it should."""
        cls = load(compile(source, "<environment>", "exec", dont_inherit=True), "env")[name]
        plain = [Recorder(case["answer"], {}, "json", watched=tool) for case in inputs]
        for case, recorder in zip(inputs, plain, strict=True):
            run(cls, case, recorder)
        seen = [result for recorder in plain for result in recorder.watched_results]
        reached = [True, True]
        for case, recorder in sorted(zip(inputs, plain, strict=True), key=lambda pair: -pair[1].counts.get(tool, 0)):
            if recorder.watched_results:
                one = recorder.watched_results[0]
                other = next((result for result in seen if result != one), one)
                for way, instead in enumerate(("refuse", "other")):
                    trial = Recorder(case["answer"], {}, "json", watched=tool)
                    trial.instead, trial.other = instead, other
                    reached[way] = reached[way] and run(cls, case, trial)["failure"] is None
            if not any(reached):
                break
        return reached


class Watch:
    """A trace function that looks at calls and returns alone."""

    def __init__(self) -> None:
        self.functions: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, int] = {}

    def begin(self) -> None:
        """A new input."""
        self.seen = {}

    def on_call(self, frame: types.FrameType, event: str, _: Any) -> Any:
        """Called when a function is entered."""
        code = frame.f_code
        if code.co_filename != "<solution>" or code.co_name.startswith("<"):
            return None
        key = f"{code.co_name}:{code.co_firstlineno}"
        known = self.functions.setdefault(key, {"calls": 0, "arguments": {}, "locals": {}, "result": None, "chars": 0})
        count = self.seen[key] = self.seen.get(key, 0) + 1
        known["calls"] = max(known["calls"], count)
        if count > MAX_PROFILED:
            return None
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            if name in frame.f_locals:
                note(known["arguments"], name, frame.f_locals[name])
                known["chars"] = max(known["chars"], size(frame.f_locals[name]))

        def on_return(frame: types.FrameType, event: str, value: Any) -> Any:
            if event == "return":
                known["result"] = merge(known["result"], shape_of(value))
                for name, local in frame.f_locals.items():
                    note(known["locals"], name, local)
            frame.f_trace_lines = False
            return on_return

        frame.f_trace_lines = False
        return on_return


class Stopped(BaseException):
    """The trial is over: past its calls. Not an Exception, since the skeleton may catch those."""


class Recorder:
    """The `call` that a skeleton under trial gets; it keeps count."""

    def __init__(self, answer: Any, tools: dict[str, Any], values: str, watched: str = "") -> None:
        self.env: Any = None
        self.expected, self.tools, self.values, self.watched = answer, tools, values, watched
        self.counts: dict[str, int] = {}
        self.first: dict[str, bool] = {}
        self.answers: list[Any] = []
        self.watched_results: list[Any] = []
        self.instead, self.other = "", None
        """What the watched tool does instead of its work: refuse, or give another result."""

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """One tool call, with all that JSON does to arguments and results."""
        self.counts[tool] = self.counts.get(tool, 0) + 1
        if sum(self.counts.values()) > MAX_CALLS:
            raise Stopped(TOO_MANY)
        if tool == "Done":
            self.answers.append(as_json(arguments["answer"]))
            return "recorded"
        if tool == self.watched and self.instead == "refuse":
            raise CallFailed(f"there is no tool {tool}")
        if tool == self.watched and self.instead:
            return self.other
        given = arguments if self.values == "objects" else json.loads(json.dumps(arguments, allow_nan=False))
        result = self.env.observe() if tool == "Observe" else getattr(self.env, tool)(**given)
        if tool != "Observe":
            self.note(tool, arguments, result)
        result = result if self.values == "objects" else self.carried(tool, result)
        if tool == self.watched:
            self.watched_results.append(copy.deepcopy(result))
        return result

    def carried(self, tool: str, result: Any) -> Any:
        """What the oracle gets back: the text itself where the tool is declared to return one."""
        text = result if type(result) is str else json.dumps(result, ensure_ascii=False, allow_nan=False)
        if self.values == "untyped" and type(result) is str:
            return result
        hint = "" if tool == "Observe" else getattr(type(self.env), tool).__annotations__.get("return")
        return text if hint in (str, "str") else json.loads(text)

    def note(self, tool: str, arguments: dict[str, Any], result: Any) -> None:
        """Shapes, an example, and whether the very first result gives the answer away."""
        known = self.tools.setdefault(tool, {"arguments": {}, "result": None, "example": None, "negative": [], "chars": 0})
        known.setdefault("varied", False)
        if "one" not in known:
            known["one"] = repr(result)[:200]
        known["varied"] = known["varied"] or repr(result)[:200] != known["one"]
        if self.counts[tool] <= MAX_PROFILED:
            for name, value in arguments.items():
                note(known["arguments"], name, value)
                known["chars"] = max(known["chars"], size(value))
                if isinstance(value, int) and value < 0 and name not in known["negative"]:
                    known["negative"].append(name)
            known["result"] = merge(known["result"], shape_of(result))
            known["chars"] = max(known["chars"], size(result))
        if self.values != "objects":
            if known["example"] is None:
                text = json.dumps([arguments, result])
                known["example"] = [arguments, result] if len(text) <= EXAMPLE_CHARS else None
            if tool not in self.first:
                self.first[tool] = gives_away(result, self.expected)


def trivial(answer: Any) -> bool:
    """Whether an answer is so common that seeing it proves nothing."""
    return (
        isinstance(answer, bool)
        or answer in (None, 0, 1, -1, "", [], {})
        or (isinstance(answer, (str, list)) and len(answer) < 2)
    )


def gives_away(result: Any, answer: Any) -> bool:
    """Whether a result is the answer, or holds it as one of its parts."""
    if result == answer:
        return True
    if isinstance(answer, dict) and len(answer) == 1:
        return gives_away(result, next(iter(answer.values())))
    if isinstance(result, (list, tuple)) and len(result) <= 3:
        return any(gives_away(part, answer) for part in result)
    return isinstance(result, dict) and len(result) <= 3 and any(gives_away(part, answer) for part in result.values())


def run(cls: Any, case: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
    """One input: what the skeleton answered, and its calls."""
    failure = None
    try:
        recorder.env = cls()
        recorder.env.seed = 0
        recorder.env.reset(**copy.deepcopy(case["config"]))
        cls().solve(recorder.call)
        if len(recorder.answers) != 1:
            failure = f"{len(recorder.answers)} answers"
        elif not same(recorder.answers[0], case["answer"]):
            failure = "another answer"
    except Stopped as exc:
        failure = str(exc)
    except Exception as exc:
        failure = brief(exc)
    return {"failure": failure, "counts": recorder.counts, "first": recorder.first, "trivial": trivial(case["answer"])}


def same(a: Any, b: Any) -> bool:
    """Equality of plain JSON, in which true is not 1 and the order of a map does not matter."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def load(code: types.CodeType, name: str) -> dict[str, Any]:
    """Execute a module anew; its names."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(code, module.__dict__)
    return module.__dict__


def brief(exc: BaseException) -> str:
    """Type and text of an exception in one short line."""
    try:
        return " ".join(f"{type(exc).__name__}: {exc}".split())[:200]
    except Exception:  # a __str__ that raises
        return "an exception without a text"
