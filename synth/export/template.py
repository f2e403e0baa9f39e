"""The text around a native environment that makes it a class of the published CodeGym format; see source.py.

`HEAD` stands before the native source and `CLASS` behind it. What the published format checks by hand for each tool and
parameter, `step` leaves to the call itself: a wrong name or a missing argument raises, and is answered as an error.
"""

HEAD = '''import ast
import copy
import json
import math
import random

import gymnasium


class CallFailed(Exception):
    """A tool call of the oracle failed."""


def tool(method):
    return method


def same_json(answer, reference):
    """Equality of two JSON values: numbers by value, true is not 1, "5" is not 5."""
    if isinstance(answer, bool) or isinstance(reference, bool):
        return answer is reference
    if isinstance(answer, (int, float)) and isinstance(reference, (int, float)):
        if isinstance(answer, int) and isinstance(reference, int):
            return answer == reference
        return math.isclose(answer, reference, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(answer, (list, tuple)) and isinstance(reference, (list, tuple)):
        return len(answer) == len(reference) and all(map(same_json, answer, reference))
    if isinstance(answer, dict) and isinstance(reference, dict):
        return answer.keys() == reference.keys() and all(same_json(answer[k], reference[k]) for k in answer)
    return type(answer) is type(reference) and bool(answer == reference)


class Environment:
    seed = 0

    @property
    def rng(self):
        if "_rng" not in self.__dict__:
            self._rng = random.Random(self.seed)
        return self._rng

    def check(self, answer, reference):
        return same_json(answer, reference)


def read_env_str(env_str):
    text = env_str.split("@", 1)[1]
    try:
        return json.loads(text)
    except ValueError:
        return ast.literal_eval(text)


def tool_text(value):
    return value if type(value) is str else json.dumps(value, ensure_ascii=False)


def native_env(options):
    env = NATIVE()
    env.reset(**copy.deepcopy(options))
    return env
'''
CLASS = '''

EXAMPLE = json.loads({example})


class {env_name}(gymnasium.Env):
    """
{prompt}
    """

    def __init__(self, env_str: str = None):
        super().__init__()
{constants}

        self.func_mapping = {{
{mapping}
        }}

        options = {{}}
        if env_str is not None:
            options = read_env_str(env_str)
        self.reset(options)

    @property
    def finished(self) -> bool:
        return self._done

    @property
    def reward(self) -> float:
        return float(self._reward)

    @staticmethod
    def from_env_str(env_str: str):
        prefix = "{env_name}@"
        if not env_str.startswith(prefix):
            return None
        return {env_name}(env_str=env_str)

    def reset(self, options: dict = {{}}):
        self._options = copy.deepcopy(options or EXAMPLE)
        self._env = native_env(self._options)
        self._reward = 0
        self._done = False
        self.step_count = 0
        return "The environment has been reset."

    def get_ref_answer(self):
{answer}
        return answer(native_env(self._options))

    def step(self, action: str):
        self.step_count += 1
        before = copy.deepcopy(self._env.__dict__)
        try:
            call = json.loads(action)
            if call["name"] not in self.func_mapping:
                raise ValueError("there is no tool " + str(call["name"]))
            if self._done:
                raise ValueError("the episode is over")
            msg = getattr(self, call["name"])(**(call.get("parameters") or {{}}))
        except Exception as e:
            self._env.__dict__ = before
            msg = f"Error: {{e}}"
        return True, msg
{tools}

    def solve(self):
{solve}
        def call(name, /, **parameters):
            msg = self.step(json.dumps({{"name": name, "parameters": parameters}}))[1]
            if msg.startswith("Error"):
                raise CallFailed(msg)
            return msg if name in {texts!r} else json.loads(msg)

        return solve({native}(), call)
'''
DONE_BODY = """right = native_env(self._options).check(answer, self.get_ref_answer())
        self._reward = int(right)
        self._done = True
        return "Answer recorded. The episode is over." """.rstrip()
