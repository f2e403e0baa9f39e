"""How an environment is written: a class derived from `Environment` with `@tool` methods.

Standard library only: this module is also imported inside the sandbox. It holds no transaction logic; see episode.py.

A complete environment:

```python
from codegym_mcp import Environment, tool

class SafeDial(Environment):
    \"\"\"A safe opens when its dial shows a number you do not know. Find that number.\"\"\"

    def reset(self, *, size: int, number: int) -> None:
        self.size, self.number, self.dial = size, number, 0

    @tool
    def Turn(self, clicks: int) -> str:
        \"\"\"Turn the dial.

        Args:
            clicks: how far to turn, from 1 to 9.

        Returns:
            "low", "high" or "open".

        Example:
            Turn(clicks=3) -> "low"
        \"\"\"
        if not 1 <= clicks <= 9:
            raise ValueError(f"clicks must be from 1 to 9, got {clicks}")
        self.dial = (self.dial + clicks) % self.size
        return "open" if self.dial == self.number else "low" if self.dial < self.number else "high"

    def observe(self) -> dict[str, int]:
        return {"size": self.size}

    def answer(self) -> int:
        return self.number

    def solve(self, call):
        ...
        return call("Done", answer=dial)
```

The class docstring is the task the agent reads; a task may carry a prompt of its own. Rules the checker enforces:

- state lives in `self` and is made of picklable values; no module or class attribute changes after import;
- randomness comes from `self.rng` alone, which is part of the state and seeded by the episode;
- a tool raises on failure, and never returns an error text (a returned error would commit half a change);
- `reset`, tools and `observe` never call `answer`, `check` or `solve`: these do not exist where tools run.
"""

import math
import random
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def tool(method: F) -> F:
    """Declare a method as a tool. Its type hints become the JSON Schema, its docstring the documentation."""
    method.__dict__["codegym_tool"] = True
    return method


class CallFailed(Exception):
    """Raised by the `call` of an oracle when the tool answered with an error."""


class Environment:
    """One partially observable problem, played through tools. The agent also gets `Observe` and `Done`."""

    seed: int = 0
    """The episode's seed, set before `reset`."""

    @property
    def rng(self) -> random.Random:
        """The episode's own random numbers, made at first use (its state is 2.5 kB) and kept in the snapshot."""
        if "_rng" not in self.__dict__:
            self._rng = random.Random(self.seed)
        return self._rng

    def reset(self, **config: Any) -> None:
        """Set the initial state from a task's configuration (plain JSON data)."""
        raise NotImplementedError

    def observe(self) -> Any:
        """What the tool `Observe` returns. It should not reveal the whole input."""
        raise NotImplementedError

    def answer(self) -> Any:
        """The reference answer, computed from the initial state. Its return annotation is the schema of `Done`."""
        raise NotImplementedError

    def check(self, answer: Any, reference: Any) -> bool:
        """Whether a submitted answer is right; override it where several answers are."""
        return same(answer, reference)

    def solve(self, call: Callable[..., Any]) -> Any:
        """The oracle: reaches the reference using only `call(tool, **arguments)` and what it returns."""
        raise NotImplementedError

    @staticmethod
    def generate(rng: random.Random, level: str) -> dict[str, Any]:
        """Draw the configuration of a new task of a level (tiny, easy, medium, hard)."""
        raise NotImplementedError


def same(answer: Any, reference: Any) -> bool:
    """Equality of two JSON values: numbers by value (floats to 1e-9), true is not 1, "5" is not 5."""
    if isinstance(answer, bool) or isinstance(reference, bool):
        return answer is reference
    if isinstance(answer, (int, float)) and isinstance(reference, (int, float)):
        if isinstance(answer, int) and isinstance(reference, int):
            return answer == reference
        return math.isclose(answer, reference, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(answer, (list, tuple)) and isinstance(reference, (list, tuple)):
        return len(answer) == len(reference) and all(map(same, answer, reference))
    if isinstance(answer, dict) and isinstance(reference, dict):
        return answer.keys() == reference.keys() and all(same(answer[k], reference[k]) for k in answer)
    return type(answer) is type(reference) and bool(answer == reference)
