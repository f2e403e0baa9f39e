"""What runs inside the sandbox when an original solution, its tests or its generator are tried. Standard library only.

One request holds the source and many inputs. What the code under trial does to this process hurts nobody: it serves
one request, and everything it says is data about that code.
"""

import copy
import functools
import io
import json
import random
import sys
import time
import types
from collections.abc import Callable
from typing import Any

from synth.inputs.probe import draw, watch
from synth.plain import as_json

MAX_REPLY_CHARS = 48_000
"""A reply ends before it gets longer than this; the rest is asked for again."""

LOOK = 64
"""Lines between looks at the clock."""


class Trial:
    """Answers one request: `job` names the method, the rest are its arguments."""

    def reset(self, job: str, **arguments: Any) -> None:
        self.job, self.arguments = job, arguments

    def answer(self) -> Any:
        return getattr(self, self.job)(**self.arguments)

    def answers(
        self, source: str, entry: str | None, configs: list[dict[str, Any]], runs: int, noise: int, bounds: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Answer or failure of each input, in order; fewer when time or room run out, but at least one.

        Args:
            runs: how often each input is answered by the same loaded code.
            noise: seed of the global random generator.
            bounds: per input `limit_s`, processor seconds, `steps`, lines of Python, 0: any number, and `chars`, length
                of the answer as JSON.
        """
        code = compile(source, "<solution>", "exec", dont_inherit=True)
        started, size, results = time.process_time(), 0, list[dict[str, Any]]()
        for config in configs:
            random.seed(noise)
            ask = functools.partial(asked, code, entry, config, runs, bounds)
            results.append(self.truth(ask, bounds))
            size += len(json.dumps(results[-1]))
            if time.process_time() - started > bounds["limit_s"] or size > MAX_REPLY_CHARS - 2 * bounds["chars"]:
                break
        return results

    def record(self, source: str, entry: str, names: list[str], tests: str, examples: list[list[str]]) -> dict[str, Any]:
        """What the entry point is called with in the problem's tests, and how they fail, if they do."""
        namespace = load(compile(source, "<solution>", "exec", dont_inherit=True))
        try:
            recorder = watch(namespace, entry, names, tests, examples)
        except MemoryError:
            return {"failure": "ran out of memory"}
        except (Exception, SystemExit) as exc:
            return {"failure": brief(exc)}
        return {"calls": recorder.calls, "called": recorder.called}

    def draw(self, source: str, levels: list[str], start: int, count: int, seed: int) -> list[dict[str, Any]]:
        """Inputs number `start` and following from a generator."""
        return draw(source, levels, start, count, seed)

    def truth(self, ask: Callable[[], list[Any]], bounds: dict[str, Any]) -> dict[str, Any]:
        """The one answer that all runs give, or what is wrong with it."""
        started = time.process_time()
        try:
            answers = ask()
        except MemoryError:
            return {"failure": "ran out of memory"}
        except TooManySteps:
            spent = time.process_time() - started > bounds["limit_s"]
            return {"failure": f"ran past {bounds['limit_s']:g} s" if spent else f"ran past {bounds['steps']} lines"}
        except (Exception, SystemExit) as exc:
            return {"failure": f"raised {brief(exc)}"}
        if time.process_time() - started > bounds["limit_s"] * len(answers):
            return {"failure": f"ran past {bounds['limit_s']:g} s"}
        if wrong := next((answer for answer in answers if isinstance(answer, ValueError)), None):
            return {"failure": f"answer is not JSON: {' '.join(str(wrong).split())}"}
        texts = [json.dumps(answer, sort_keys=True) for answer in answers]
        if len(texts[0]) > bounds["chars"]:
            return {"failure": f"answer is longer than {bounds['chars']} characters"}
        if len(set(texts)) > 1:
            return {"failure": "answer differs when asked again"}
        return {"answer": answers[0]}


class TooManySteps(BaseException):
    """Not an Exception: a solution might catch it."""


def asked(code: types.CodeType, entry: str | None, config: dict[str, Any], runs: int, bounds: dict[str, Any]) -> list[Any]:
    """The answers of all runs, from freshly loaded code, within bounds: lines are counted unless any number may run."""
    left, end = bounds["steps"], time.process_time() + bounds["limit_s"]

    def count(frame: types.FrameType, event: str, arg: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or (left % LOOK == 0 and time.process_time() > end):
            raise TooManySteps
        return count

    sys.settrace(count if left else None)
    try:
        return printed(code, config, runs) if entry is None else returned(code, entry, config, runs)
    finally:
        sys.settrace(None)


def returned(code: types.CodeType, entry: str, config: dict[str, Any], runs: int) -> list[Any]:
    """What the entry point returns, as JSON at once, since the next run may change it; or why that is not possible."""
    function = load(code)[entry]
    answers: list[Any] = []
    for _ in range(runs):
        answer = function(**copy.deepcopy(config))
        try:
            answers.append(as_json(answer))
        except ValueError as exc:
            answers.append(exc)
    return answers


def printed(code: types.CodeType, config: dict[str, Any], runs: int) -> list[str]:
    """What a script prints, without the white space at its end."""
    texts = []
    for _ in range(runs):
        sys.stdin = io.TextIOWrapper(io.BytesIO(config["stdin"].encode()), encoding="utf-8")
        sys.stdout = output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        try:
            load(code, "__main__", {"open": open_standard, "exit": sys.exit, "quit": sys.exit})
        except SystemExit as exc:
            if exc.code not in (None, 0):
                raise
        finally:
            sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__
        output.seek(0)
        texts.append(output.read().rstrip())
    return texts


def open_standard(file: Any, *args: Any, **kwargs: Any) -> Any:
    """`open(0)`, as some scripts read their input; there are no other files."""
    if file == 0:
        return sys.stdin
    raise PermissionError("no files here")


def load(code: types.CodeType, name: str = "solution", extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Execute a module anew; its names."""
    module = types.ModuleType(name)
    module.__dict__.update(extra or {})
    sys.modules[name] = module
    exec(code, module.__dict__)
    return module.__dict__


def brief(exc: BaseException) -> str:
    """Type and text of an exception in one short line."""
    try:
        return " ".join(f"{type(exc).__name__}: {exc}".split())[:200]
    except Exception:  # a __str__ that raises
        return "an exception without a text"
