"""ALFWorld: household tasks in a text world. Two tools, reward 1 for a task that is done; no user, no judge.

A command that the game does not know, or that is not possible now, is a failed call with the game's own words, and
changes nothing. A game file holds code: take games from those alone whom you would take a program from.

Source: github.com/alfworld/alfworld; paper: arXiv 2010.03768.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self

from codegym_mcp.definition import content_hash
from codegym_mcp.errors import InvalidArguments, InvalidTask, ToolCallError, UnknownTool
from codegym_mcp.policies.simple import NothingPolicy
from codegym_mcp.rollout import MAX_IDLE_TURNS, Act, Message, Policy, call_message
from codegym_mcp.types import EnvironmentInfo, Observation, Task, ToolSpec, Trajectory
from eval.absent import Absent
from eval.benchmark import Key
from eval.benchmarks.alfworld_games import PACKAGE_REMEDY, Game, find_games
from eval.benchmarks.alfworld_process import GameProcess, GameProcesses
from eval.conversation import play_conversation
from eval.settings import Settings

SYSTEM = (
    "You do a task in a household, by text. Think about what to do next, then make one call per turn. The episode ends by "
    "itself as soon as the task is done."
)
MAX_COMMAND_CHARS = 1000
TOOLS = [
    ToolSpec(
        name="act",
        purpose="Give one command and read what happens.",
        parameters={
            "command": "look, inventory, go to X, open X, close X, take Y from X, move Y to X, examine X, use Y, heat Y with "
            "X, cool Y with X, clean Y with X or slice Y with Z; with names as you have read them, such as fridge 1"
        },
        returns='What happens. "Nothing happens.": the command is not known, or not possible now.',
        input_schema={
            "type": "object",
            "properties": {"command": {"type": "string", "maxLength": MAX_COMMAND_CHARS}},
            "required": ["command"],
            "additionalProperties": False,
        },
    ),
    ToolSpec(
        name="admissible_commands",
        purpose="The commands that are possible now. Counts as a call.",
        returns="One command a line.",
        input_schema={"type": "object", "properties": {}, "additionalProperties": False},
    ),
]


class AlfWorld:
    """Games, each in a process of its own."""

    name, official = "alfworld", True

    def __init__(self, settings: Settings, *, data: str | None = None, split: str = "unseen") -> None:
        """Args:
        data: the folder that `alfworld-download` has made, or one with games of your own.
        split: unseen or seen.
        """
        self._settings, self._data, self.split = settings, data, split
        self._processes = GameProcesses()
        self._hashes: dict[str, Game] = {}
        self._plans: dict[str, list[str]] = {}

    async def __aenter__(self) -> Self:
        """Find the games."""
        for package in ("alfworld", "textworld"):
            if find_spec(package) is None:
                raise Absent(f"the package {package}", PACKAGE_REMEDY)
        found = find_games(self._data, self.split)
        self.split, self.official = found.split, found.official
        self._games = {(f"alfworld/{game.kind}", game.id): game for game in found.games}
        self._hashes = {content_hash(game.path.read_text(encoding="utf-8")): game for game in found.games}
        cap = self._settings.max_steps
        self._tasks = [Task(environment=environment, id=id, split="test", max_steps=cap) for environment, id in self._games]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        await self._processes.stop()

    def versions(self) -> dict[str, str]:
        """The packages, and a hash of the games."""
        packages = {package: version(package) for package in ("alfworld", "textworld")}
        return packages | {"games": content_hash(*sorted(self._hashes))[:12]}

    def tasks(self) -> Sequence[Task]:
        """The games."""
        return self._tasks

    def oracle_calls(self) -> Mapping[Key, int]:
        """Of games that come with a walkthrough."""
        return {key: game.calls for key, game in self._games.items() if game.calls is not None}

    def baseline(self, name: str) -> Policy | None:
        """All three."""
        match name:
            case "oracle":
                return Walkthrough(self)
            case "random":
                return RandomCommands(self._settings.seed)
            case _:
                return NothingPolicy()

    async def play(self, policy: Policy, task: Task, seed: int) -> Trajectory:
        """One episode. A game is the same for every seed."""
        deadline_s = self._settings.deadline_s
        return await play_conversation(self._opening(task), policy, task, seed=seed, deadline_s=deadline_s)

    async def plan(self, hash: str) -> list[str]:
        """The commands that win the game of this content.

        Raises:
            InvalidTask: neither its file nor the planner knows any.
            SandboxError: the process failed.
        """
        if hash not in self._plans:
            async with self._processes.lend() as process:
                told = await process.load(self._hashes[hash].path, plan=True)
            if not told["plan"]:
                raise InvalidTask(str(self._hashes[hash].path), "has no walkthrough, and the planner finds none")
            self._plans[hash] = told["plan"]
        return self._plans[hash]

    @asynccontextmanager
    async def _opening(self, task: Task) -> AsyncIterator["Household"]:
        game = self._games[task.environment, task.id]
        async with self._processes.lend() as process:
            yield Household(task.environment, game, process, await process.load(game.path))


class Household:
    """One game as a conversation."""

    def __init__(self, environment: str, game: Game, process: GameProcess, told: dict[str, Any]) -> None:
        self.info = EnvironmentInfo(
            name=environment,
            format="alfworld",
            hash=content_hash(game.path.read_text(encoding="utf-8")),
            prompt=told["text"],
            tools=TOOLS,
            tasks=1,
        )
        self.messages: list[Message] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": told["text"]}]
        self.figures: dict[str, float] = {}
        self._process, self._state = process, told
        self._calls = self._idle = 0

    async def call(self, tool: str, arguments: dict[str, Any] | str) -> Observation:
        """Play a command, or list them."""
        self._calls, self._idle = self._calls + 1, 0
        try:
            command = _command(tool, arguments)
        except ToolCallError as exc:
            return Observation(text=str(exc), is_error=True, error=type(exc).__name__, step=self._calls)
        if command is None:
            return Observation(text="\n".join(self._state["commands"]), step=self._calls)
        self._state = await self._process.act(command)
        return Observation(
            text=self._state["text"],
            is_error=self._state["refused"],
            error="ToolRefused" if self._state["refused"] else None,
            step=self._calls,
            over=self._state["won"],
        )

    async def say(self, text: str) -> Observation:
        """Nobody listens; who speaks again in place of a call has stopped."""
        self._idle += 1
        if self._idle > MAX_IDLE_TURNS:
            return Observation(text="The episode is over.", is_error=True, step=self._calls, over=True)
        return Observation(text="Go on with a tool call.", step=self._calls)

    async def reward(self) -> float | None:
        """1: the task is done."""
        return float(self._state["won"])


def _command(tool: str, arguments: dict[str, Any] | str) -> str | None:
    """The command of a call; None: it asks for the list.

    Raises:
        UnknownTool, InvalidArguments: it is no call of these tools.
    """
    names = [spec.name for spec in TOOLS]
    if tool not in names:
        raise UnknownTool(tool, names)
    if not isinstance(arguments, dict):
        raise InvalidArguments(tool, "the arguments must be a JSON object")
    wanted = {"command"} if tool == "act" else set()
    if set(arguments) != wanted:
        raise InvalidArguments(
            tool, f"takes {'command alone' if wanted else 'no argument'}, got {', '.join(arguments) or 'none'}"
        )
    command = arguments.get("command")
    if tool == "act" and not (isinstance(command, str) and len(command) <= MAX_COMMAND_CHARS):
        raise InvalidArguments(tool, f"'command' must be a text of at most {MAX_COMMAND_CHARS} characters")
    return command


class Walkthrough:
    """The oracle: knows the game it is in, and how it is won."""

    name = "oracle"

    def __init__(self, games: AlfWorld) -> None:
        self._games = games

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one episode."""
        script = iter(await self._games.plan(environment.hash))

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            command = next(script, None)
            if command is None:
                return {"role": "assistant", "content": "The walkthrough is at its end."}
            return call_message("act", {"command": command}, len(messages))

        yield act


class RandomCommands:
    """Asks what is possible and does any of it, so that half of its calls do something."""

    name = "random"

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sessions: Counter[str] = Counter()

    @asynccontextmanager
    async def session(self, environment: EnvironmentInfo) -> AsyncIterator[Act]:
        """Begin one episode; each one of a game draws differently."""
        self._sessions[environment.hash] += 1
        rng = random.Random(f"{self._seed}/{environment.hash}/{self._sessions[environment.hash]}")
        listed = False

        async def act(messages: list[Message], observation: Observation | None) -> Message:
            nonlocal listed
            listed = not listed
            if listed or observation is None:
                return call_message("admissible_commands", {}, len(messages))
            return call_message("act", {"command": rng.choice(observation.text.splitlines())}, len(messages))

        yield act
