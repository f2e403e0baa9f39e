"""Environments that misbehave outside of their tools: while they are read, loaded, reset, judged or solved."""

from pathlib import Path

SOURCE = '''
import ctypes
import os
import sys
import time

from codegym_mcp import Environment, tool
{module}

class Odd(Environment):
    """{prompt}"""

    def reset(self, *, word="word"):
        {reset}
        self.word, self.total = word, 0

    def observe(self) -> str:
        return "seen"

    def answer(self) -> str:
        """
        Returns:
            the word.
        """
        {answer}
        return self.word + "-REFERENCE"

    def check(self, answer, reference):
        {check}
        return answer == reference

    def solve(self, call):
        {solve}
        call("Done", answer="word-REFERENCE")

    @staticmethod
    def generate(rng, level):
        {generate}
        return dict(word="word")

    @tool
    def Add(self, n: {hint}) -> int:
        """Add.

        Args:
            n: how much{documentation}

        Returns:
            the total.

        Example:
            Add(n=1) -> 1
        """
        self.total += n
        return self.total

    @tool
    def Total(self) -> int:
        """Tell the total.

        Returns:
            the total.

        Example:
            Total() -> 1
        """
        return self.total
'''
TASKS = '{"id": "one", "config": {"word": "word"}}\n'

WAYS = {
    "exits": "sys.exit('word-REFERENCE')",
    "ends": "os._exit(0)",
    "raises": "raise ValueError('word-REFERENCE')",
    "gives-up": "raise BaseException('word-REFERENCE')",
    "interrupts": "raise KeyboardInterrupt",
    "hogs": "bytearray(10 << 30)",
    "recurses": "(f := lambda: f())()",
    "segfaults": "ctypes.string_at(8)",
    "forges": "os.write(3, b'x' * 100)",
    "floods": "[os.write(3, bytes(1 << 16)) for _ in range(10**6)]",
    "reads-a-file": "open('/etc/passwd')",
}
"""How code can misbehave at once."""
LOOP, SLEEP = "while True: pass", "time.sleep(3600)"
"""How it can until its deadline."""


def odd(**parts: str) -> str:
    """A source with some of its parts replaced; the rest is harmless."""
    plain = dict.fromkeys(("module", "reset", "answer", "check", "solve", "generate"), "pass")
    plain |= {"prompt": "Tell the word.", "hint": "int", "documentation": "."}
    return SOURCE.format(**plain | parts)


def misbehaving(where: str) -> dict[str, str]:
    """Name -> source, for every way."""
    return {f"{where}-{name}": odd(**{where: code}) for name, code in {**WAYS, "loops": LOOP, "sleeps": SLEEP}.items()}


UNREADABLE = {
    "a-lone-surrogate-in-the-prompt": odd(prompt=r"Tell \ud800 it."),
    "a-lone-surrogate-in-a-tool": odd(documentation=r" \udfff."),
    "a-lone-surrogate-in-an-enum": odd(hint=r"Literal['a', '\ud800']"),
    "a-union-without-end": odd(hint=" | ".join(["int"] * 1500)),
    "a-list-of-lists": odd(hint="list[" * 100 + "int" + "]" * 100),
    "minus-minus": odd(module="x = " + "-" * 100_000 + "1"),
    "brackets": odd(module="x = " + "(" * 100_000 + ")" * 100_000),
    "attributes": odd(module="x = a" + ".b" * 60_000),
    "lambdas": odd(module="x = " + "lambda: " * 20_000 + "1"),
    "a-null-byte": odd(module="x = '\0'"),
    "too-long": odd(module="x = '" + "y" * 300_000 + "'"),
    "no-python": "}{",
    "no-class": "x = 1\n",
    "two-classes": odd() + odd(),
    "empty": "",
}
"""Sources that cannot be served, and must not stop the server from serving others."""

STRANGE = {
    "blanks-that-a-pattern-walks-over-for-ever": odd(documentation="\n            x" + " " * 200_000 + "!"),
    "many-lines-of-documentation": odd(documentation="\n" + "             y\n" * 15_000),
    "a-decorator-of-its-own": odd(module="def tool(method):\n    return method"),
    "a-class-with-surprises": odd(module="class M(type):\n    def __setattr__(cls, name, value): raise SystemExit"),
    "a-state-that-grows": odd(reset="self.more = bytes(1_000_000)"),
}
"""Sources that look bad and are let in."""

ODD_TASKS = {
    "deep": '{"id": "one", "config": {"word": ' + "[" * 100_000 + "]" * 100_000 + "}}",
    "less-deep": '{"id": "one", "config": {"word": ' + "[" * 200 + "]" * 200 + "}}",
    "a-lone-surrogate": r'{"id": "one", "config": {"word": "\ud800"}}',
    "a-long-number": '{"id": "one", "config": {"word": ' + "9" * 5000 + "}}",
    "a-list": "[1]",
    "no-json": '{"id": "one"',
    "a-stranger": '{"id": "one", "reward": 1}',
    "twice": TASKS + TASKS,
}
"""Tasks that cannot be read."""

FIND_WORKER = """
    frame = sys._getframe()
    while "nonce" not in getattr(frame.f_locals.get("self"), "__dict__", {}):
        frame = frame.f_back
    return frame.f_locals["self"]
"""
FORGE = "def worker():" + FIND_WORKER


def forging(op: str, flag: int, text: str) -> dict[str, str]:
    """Parts of a source that answers the server in the worker's name."""
    return {"module": FORGE, op: f"worker().write({flag}, {text}); time.sleep(3600)"}


SOLVES = {
    "never-calls": odd(solve="return"),
    "exits": odd(solve="sys.exit()"),
    "raises": odd(solve="raise ValueError('word-REFERENCE')"),
    "ends": odd(solve="os._exit(1)"),
    "hogs": odd(solve="bytearray(10 << 30)"),
    "loops": odd(solve="time.sleep(3600)"),
    "calls-for-ever": odd(solve="\n        while True: call('Observe')"),
    "calls-strange-tools": odd(solve="\n        for name in (5, None, '', 'x' * 70_000, '\\ud800', 'answer'): call(name)"),
    "calls-with-strange-arguments": odd(solve="call('Add', n=[float('nan'), {1: 2}, '\\ud800'])"),
    "calls-with-objects": odd(solve="call('Add', n=self)"),
    "calls-with-depth": odd(
        module="DEEP = []\nfor _ in range(900): DEEP = [DEEP]",
        solve="sys.setrecursionlimit(10**6); call('Add', n=DEEP)",
    ),
    "answers-with-garbage": odd(**forging("solve", 6, "b'\\xff no json'")),
    "answers-with-a-list": odd(**forging("solve", 6, "b'[1, 2]'")),
    "answers-with-depth": odd(**forging("solve", 6, "b'[' * 5000 + b']' * 5000")),
    "answers-without-tool": odd(**forging("solve", 6, "b'{}'")),
    "answers-with-odd-arguments": odd(**forging("solve", 6, 'b\'{"tool": 1, "arguments": 5}\'')),
    "reference-is-garbage": odd(**forging("answer", 0, "b'\\xff'")),
    "reference-is-deep": odd(**forging("answer", 0, "b'[' * 20000")),
    "reference-is-no-number": odd(answer="return float('nan')"),
    "reference-is-an-object": odd(answer="return self"),
    "reference-never-comes": odd(answer="os._exit(0)"),
    "verdict-is-garbage": odd(**forging("check", 0, "b'\\xff\\xff'")),
    "verdict-is-short": odd(**forging("check", 0, "b''")),
    "verdict-is-long": odd(**forging("check", 0, "b'1' * 1000")),
    "verdict-never-comes": odd(check="os._exit(0)"),
    "verdict-is-always-right": odd(check="return True"),
    "gives-the-answer-away": odd(solve="call('Done', answer='word-REFERENCE'); return"),
}
"""Oracles, references and judges that no check may accept, crash on, or hang with."""
FOUND = dict.fromkeys(SOLVES, "gold") | {"verdict-is-always-right": "wrong answer", "gives-the-answer-away": "calls"}
"""What the check must find fault with, beside its count of calls: the oracle's play, unless said otherwise."""


def write(folder: Path, sources: dict[str, str], tasks: str | dict[str, str] = TASKS) -> Path:
    """Native environments, each in a folder of its own."""
    for name, source in sources.items():
        home = folder / name
        home.mkdir(parents=True)
        (home / "env.py").write_text(source, encoding="utf-8")
        (home / "tasks.jsonl").write_text(tasks if isinstance(tasks, str) else tasks[name], encoding="utf-8")
    return folder
