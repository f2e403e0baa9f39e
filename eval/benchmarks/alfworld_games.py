"""Where the games of ALFWorld are: in the folder that its downloader makes, or in one of your own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegym_mcp.errors import InvalidRequest, InvalidTask
from eval.absent import Absent

SPLITS = {"unseen": ("valid_unseen", 134), "seen": ("valid_seen", 140)}
"""Split -> its folder, and how many games that holds. Source: ALFWorld (arXiv 2010.03768), table 1."""
PACKAGE_REMEDY = "`pip install alfworld==0.4.2` brings it."
GAMES_REMEDY = '`pip install alfworld==0.4.2`, `alfworld-download` (into $ALFWORLD_DATA), then `--data "$ALFWORLD_DATA"`.'
OWN = "own"
GAME = "game.tw-pddl"
FIELDS = ("pddl_domain", "grammar", "pddl_problem")


@dataclass(frozen=True)
class Game:
    """One game's file."""

    path: Path
    id: str
    kind: str
    """What is to be done, as ALFWorld names it: pick_and_place_simple and five more; of games of your own: own."""
    calls: int | None
    """How many commands its walkthrough takes; None: it has none."""


@dataclass(frozen=True)
class Games:
    """What a folder holds."""

    games: list[Game]
    split: str
    """In words."""
    official: bool
    """Whether it is a split of ALFWorld's."""


def find_games(data: str | None, split: str) -> Games:
    """The games of a folder.

    Args:
        data: a folder that holds one of ALFWorld's splits; of any other, every *.tw-pddl is taken.
        split: seen or unseen, for the former.

    Raises:
        Absent: there are none, or a split is not there as a whole.
        InvalidRequest: there is no such split or folder.
        InvalidTask: a file is no game; with file and field.
    """
    if split not in SPLITS:
        raise InvalidRequest("split", f"alfworld has no split '{split}': choose {' or '.join(SPLITS)}")
    if data is None:
        raise Absent("a folder with games of ALFWorld", GAMES_REMEDY)
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise InvalidRequest("data", f"there is no folder '{data}'")
    official = _official(folder, SPLITS[split][0])
    return _of_split(official, split) if official else _own(folder)


def _official(folder: Path, name: str) -> Path | None:
    """The folder of a split: that one, in it, or a level below; None: the folder is one of your own.

    Raises:
        Absent: another split is there.
    """
    others = [other for other, _ in SPLITS.values()]
    found = [
        path for path in (folder, *folder.glob("valid_*"), *folder.glob("*/valid_*")) if path.name in others and path.is_dir()
    ]
    if not found:
        return None
    chosen = [path for path in found if path.name == name]
    if not chosen:
        raise Absent(f"{name} in {folder}", GAMES_REMEDY)
    return chosen[0]


def _of_split(folder: Path, split: str) -> Games:
    """Those that ALFWorld itself would play."""
    paths = [path for path in sorted(folder.rglob(GAME)) if not {"movable", "Sliced"} & _marks(path)]
    games = [_read(path, folder) for path in paths if path.with_name("traj_data.json").exists() and _solvable(path)]
    count = SPLITS[split][1]
    if len(games) != count:
        what = f"the split {split} as a whole (of its {count} games, {len(games)} that can be played are in {folder})"
        raise Absent(what, "`alfworld-download -f` fetches it anew; --data with a folder within it plays what is there.")
    return Games(games, f"the {count} {split} games", True)


def _own(folder: Path) -> Games:
    games = [_read(path, folder) for path in sorted(folder.rglob("*.tw-pddl"))]
    if not games:
        raise Absent(f"a game (*.tw-pddl) in {folder}", GAMES_REMEDY)
    return Games(games, f"of {len(games)} games in {folder.name}, which is no split of ALFWorld's", False)


def _marks(path: Path) -> set[str]:
    """What ALFWorld leaves out by its folder's name."""
    return {mark for mark in ("movable", "Sliced") if mark in str(path.parent)}


def _solvable(path: Path) -> bool:
    return bool(_json(path).get("solvable"))


def _read(path: Path, folder: Path) -> Game:
    game = _json(path)
    for field in FIELDS:
        if not isinstance(game.get(field), str):
            raise InvalidTask(str(path), f"'{field}' must be a text, got {type(game.get(field)).__name__}")
    about = path.with_name("traj_data.json")
    kind = str(_json(about).get("task_type", OWN)) if about.exists() else OWN
    walkthrough = game.get("walkthrough")
    calls = len(walkthrough) if isinstance(walkthrough, list) and walkthrough else None
    place = path.parent if path.name == GAME and path.parent != folder else path.with_suffix("")
    return Game(path, place.relative_to(folder).as_posix(), kind, calls)


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise InvalidTask(str(path), f"is no JSON: {exc}") from exc
    if not isinstance(value, dict):
        raise InvalidTask(str(path), f"must be a JSON object, got {type(value).__name__}")
    return value
