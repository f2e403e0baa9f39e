"""Policies without a model: nothing at all, random calls, and a script. Baselines and test drivers."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from codegym_mcp.rollout import Act, Message, call_message
from codegym_mcp.types import EnvironmentInfo, Observation


class NothingPolicy:
    """Makes no call: what an environment gives away for free."""

    name = "nothing"

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout; it ends at once."""

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            return {"role": "assistant", "content": "I cannot help with that."}

        yield act


class RandomPolicy:
    """Calls random tools with arguments of the right types, some taken from what it saw; in the end submits a guess."""

    name = "random"

    def __init__(self, seed: int = 0, calls: int = 20) -> None:
        """Args:
        calls: tool calls before it submits.
        """
        self._seed, self._calls, self._sessions = seed, calls, 0

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout; each one draws differently."""
        self._sessions += 1
        rng = random.Random(f"{self._seed}/{environment.name}/{self._sessions}")
        made = 0

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            nonlocal made
            made += 1
            tools = [spec for spec in environment.tools if (spec.name == "Done") == (made > self._calls)] or environment.tools
            spec = rng.choice(tools)
            seen = [message["content"] for message in messages if message["role"] == "tool"][-8:]
            properties = spec.input_schema["properties"]
            return call_message(spec.name, {name: draw(schema, rng, seen) for name, schema in properties.items()}, made)

        yield act


def draw(schema: dict[str, Any], rng: random.Random, seen: Sequence[str]) -> Any:
    """A random value of a JSON Schema, with a liking for numbers and texts that were seen."""
    if "anyOf" in schema:
        return draw(rng.choice(schema["anyOf"]), rng, seen)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    words = " ".join(seen).replace('"', " ").replace(",", " ").replace("[", " ").replace("]", " ").split()
    match schema.get("type"):
        case "integer":
            numbers = [int(word) for word in words if word.lstrip("-").isdecimal() and len(word) < 10]
            return rng.choice(numbers) if numbers and rng.random() < 0.5 else rng.randint(0, 9)
        case "number":
            return rng.randint(0, 20) / 2
        case "boolean":
            return rng.random() < 0.5
        case "array":
            if "prefixItems" in schema:
                return [draw(part, rng, seen) for part in schema["prefixItems"]]
            return [draw(schema.get("items", {"type": "integer"}), rng, seen) for _ in range(rng.randint(0, 4))]
        case "object":
            inner = schema.get("additionalProperties")
            values = inner if isinstance(inner, dict) else {"type": "integer"}
            return {rng.choice(words or ["a"]): draw(values, rng, seen) for _ in range(rng.randint(0, 2))}
        case "null":
            return None
    return rng.choice(words) if words and rng.random() < 0.8 else "a"


class ScriptedPolicy:
    """Makes the calls of a script, one after the other, then stops."""

    name = "scripted"

    def __init__(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Args:
        calls: (tool, arguments), in order.
        """
        self._calls = list(calls)

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one rollout: the script from its start."""
        script = iter(enumerate(self._calls, start=1))

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            for number, (tool, arguments) in script:
                return call_message(tool, arguments, number)
            return {"role": "assistant", "content": "The script is at its end."}

        yield act
