"""A candidate that passes every check, and ways to break it in one place at a time."""

import random
from typing import Any

from synth.problem import Candidate, Input, Problem

SOLUTION = """
def pack(weights, limit):
    total, number, load = 0, 1, 0
    for weight in weights:
        if load + weight > limit:
            total += number * load
            number, load = number + 1, 0
        load += weight
    value = total + number * load + max(weights)
    return value
"""
GENERATOR = """
def generate(rng, level):
    n = {"easy": 4, "medium": 6, "hard": 9}[level]
    return {"weights": [rng.randint(1, 30) for _ in range(n)], "limit": rng.randint(40, 60)}
"""
RECKON = """        total, number, load = 0, 1, 0
        for weight in self.weights:
            if load + weight > self.limit:
                total += number * load
                number, load = number + 1, 0
            load += weight
        value = total + number * load + max(self.weights)
"""
ENV = f'''from codegym_mcp import Environment, tool


class Crates(Environment):
    """Items are packed into crates in order; an item that does not fit closes the crate and begins the next one.

    The answer is the sum over all crates of number times load, the first crate being number 1, plus the heaviest weight.
    """

    def reset(self, *, weights: list[int], limit: int) -> None:
        self.weights, self.limit = weights, limit
        self.load, self.packed = 0, 0

    def observe(self) -> dict:
        """Show the size of the job.

        Returns:
            the number of "items".
        """
        return {{"items": len(self.weights)}}

    @tool
    def Weigh(self, item: int) -> int:
        """Weigh an item.

        Args:
            item: its number, from 0.

        Returns:
            its weight.

        Example:
            Weigh(item=0) -> 7
        """
        if not 0 <= item < len(self.weights):
            raise IndexError(f"there is no item {{item}}")
        return self.weights[item]

    @tool
    def Pack(self) -> str:
        """Put the next item into the crate, if it fits.

        Returns:
            "packed", "full" when it does not fit, or "none left".

        Example:
            Pack() -> "packed"
        """
        if self.packed == len(self.weights):
            return "none left"
        weight = self.weights[self.packed]
        if self.load + weight > self.limit:
            return "full"
        self.load += weight
        self.packed += 1
        return "packed"

    @tool
    def Close(self) -> int:
        """Close the crate and begin the next one.

        Returns:
            what the closed crate holds.

        Example:
            Close() -> 52
        """
        load = self.load
        self.load = 0
        return load

    def answer(self) -> int:
{RECKON}        return value

    def solve(self, call):
        items = call("Observe")["items"]
        weights = [call("Weigh", item=item) for item in range(items)]
        total, number, packed = 0, 1, 0
        while packed < items:
            if call("Pack") == "packed":
                packed += 1
            else:
                total += number * call("Close")
                number += 1
        value = total + number * call("Close") + max(weights)
        return call("Done", answer=value)
'''
SOLVER = "def solve(self, call):" + ENV.partition("def solve(self, call):")[2].replace("\n    ", "\n")
OBSERVED = 'return {"items": len(self.weights)}'
SEEN = 'items = call("Observe")["items"]\n'


def inputs(count: int = 6, solution: str = SOLUTION) -> tuple[Input, ...]:
    """Some inputs with the original's answers; the sixth is hard."""
    rng = random.Random(3)
    names: dict[str, Any] = {}
    exec(solution, names)
    found = []
    for number in range(count):
        config = {"weights": [rng.randint(1, 30) for _ in range(5 + number % 3)], "limit": rng.randint(40, 60)}
        found.append(Input(config=config, answer=names["pack"](**config), level="easy" if number != 5 else "hard"))
    return tuple(found)


def crates(*changes: tuple[str, str], **fields: Any) -> Candidate:
    """The candidate, with texts of its environment replaced and fields of the candidate set."""
    env = ENV
    for old, new in changes:
        assert old in env, old
        env = env.replace(old, new)
    problem = Problem(
        id="crates/1", statement="Pack crates.", solution=SOLUTION, entry_point="pack", generator=GENERATOR, source="own"
    )
    defaults = {"name": "crates", "problem": problem, "env": env, "inputs": inputs(), "route": "extract"}
    return Candidate(**{**defaults, **fields})


def answering(kind: str, expression: str, count: int = 12, *changes: tuple[str, str]) -> Candidate:
    """The candidate with another answer: an expression of `value`, the same for the original, the reference and the oracle.

    Args:
        kind: the type of the answer.
    """
    solution = SOLUTION.replace("return value", f"return {expression}")
    made = crates(
        ("        return value", f"        return {expression}"),
        ("answer=value", f"answer={expression}"),
        ("def answer(self) -> int", f"def answer(self) -> {kind}"),
        *changes,
        inputs=inputs(count, solution),
    )
    return made.model_copy(update={"problem": made.problem.model_copy(update={"solution": solution})})


def judging(rule: str) -> Candidate:
    """The candidate with a rule of its own for which answers are right."""
    return crates(("\n    def solve(", f"\n    def check(self, answer, reference):\n        return {rule}\n\n    def solve("))


def tool(name: str, body: str, *, parameter: str = "", solve: str = "pass") -> tuple[tuple[str, str], tuple[str, str]]:
    """The changes that add a tool which returns an integer.

    Args:
        solve: what the oracle does with it at its start.
    """
    args = f"\n        Args:\n            {parameter.partition(':')[0]}: a value.\n" if parameter else ""
    doc = (
        f'"""Do {name}.\n{args}\n        Returns:\n            a value.\n\n        Example:\n            {name}()\n        """'
    )
    method = f"    @tool\n    def {name}(self{parameter and ', ' + parameter}) -> int:\n        {doc}\n        {body}\n\n"
    return ("    def answer(self)", f"{method}    def answer(self)"), (SEEN, f"{SEEN}        {solve}\n")
