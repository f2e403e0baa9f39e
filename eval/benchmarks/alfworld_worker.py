"""Plays ALFWorld games: one JSON object a line in, one out. Started as a file, by alfworld_process.py, where alfworld is.

A process of its own, because the translation of a game swaps sys.stdout and sys.argv for a while, the planner prints and
may end its process, and a game file holds expressions that are evaluated: games are code. It is no sandbox.
"""

import json
import os
import sys
from typing import Any

REFUSED = "Nothing happens."
"""What the game says to a command that it does not know, or that is not possible now."""


class Player:
    """One game after the other."""

    def __init__(self) -> None:
        import textworld
        import textworld.gym
        from alfworld.agents.environment.alfred_tw_env import AlfredDemangler

        self._gym, self._textworld, self._names = textworld.gym, textworld, AlfredDemangler
        self._environment: Any = None

    def load(self, path: str, plan: bool) -> dict[str, Any]:
        """Begin a game.

        Args:
            plan: also tell how it is won: the file's own walkthrough, else the planner's way.
        """
        infos = self._textworld.EnvInfos(won=True, admissible_commands=True, extras=["walkthrough"] if plan else [])
        wrappers = [self._names(shuffle=False)]
        # No limit of steps, and one game alone in this process: both are the caller's business.
        name = self._gym.register_games([path], infos, asynchronous=False, max_episode_steps=None, wrappers=wrappers)
        self._environment = self._gym.make(name)
        text, told = self._environment.reset()
        return self._state(text, told) | ({"plan": told["extra.walkthrough"]} if plan else {})

    def act(self, command: str) -> dict[str, Any]:
        """Give the game a command."""
        text, _, _, told = self._environment.step(command)
        return self._state(text, told)

    def _state(self, text: str, told: dict[str, Any]) -> dict[str, Any]:
        refused = text.strip() == REFUSED
        return {"text": text.strip(), "commands": told["admissible_commands"], "won": bool(told["won"]), "refused": refused}


def main() -> None:
    """Answer until the input ends."""
    wire = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints
    player = Player()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = player.load(**request["load"]) if "load" in request else player.act(request["act"])
        except (Exception, SystemExit) as exc:  # the game's fault, whatever it is: told, and judged by the caller
            answer = {"error": f"{type(exc).__name__}: {exc}"}
        wire.write(json.dumps(answer) + "\n")
        wire.flush()


if __name__ == "__main__":
    main()
