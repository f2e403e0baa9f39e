"""Building the environments that are shipped: what was written by hand stays, what was built is replaced."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from codegym_mcp.catalog import Catalog
from synth.dataset import bundle
from synth.dataset.bundle import build, folders, put
from synth.pipeline.request import Request
from synth.pipeline.work import Effort, read_problems
from synth.report.funnel import Funnel, Way
from tests.synth.runs import DRAWS, GOOD, PARCELS

STATEMENT = f'"""{GOOD["problem"]}"""\n'


class Quiet:
    """Watches and says nothing; keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def begin(self, ways: Sequence[Way]) -> None:
        pass

    def end(self, way: Way) -> None:
        pass


def write_problem(folder: Path, topic: str, name: str) -> None:
    source = STATEMENT + PARCELS.replace("def solve(", "def solution(") + DRAWS
    (folder / topic).mkdir(parents=True, exist_ok=True)
    (folder / topic / f"{name}.py").write_text(source)


def hand_written(servers: Path, name: str, source: str = "# somebody's own\n", **card: object) -> Path:
    home = servers / name
    home.mkdir(parents=True)
    (home / "env.py").write_text(source)
    (home / "card.json").write_text(json.dumps({"source": "written for codegym-mcp", "tasks": {}, **card}))
    return home


async def built(problems: Path, servers: Path, out: Path) -> Funnel:
    request = Request(problems=str(problems), tasks=4, changes=("random_episodes=4",))
    return await build(request, read_problems(request), servers, out, effort=Effort(), watcher=Quiet())


def reasons(funnel: Funnel) -> list[str]:
    return [reason for _, reason in funnel.reasons]


async def test_a_build_ships_what_is_proven_and_leaves_the_rest_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems, servers, out = tmp_path / "problems", tmp_path / "servers", tmp_path / "out"
    write_problem(problems, "workflow_post", "parcel_prices")
    own = hand_written(servers, "own")
    stale = hand_written(servers, "stale", route="extract")
    funnel = await built(problems, servers, out)
    assert funnel.total[-1] == 1
    assert not stale.exists() and (own / "env.py").read_text() == "# somebody's own\n"
    assert [path.name for path in folders(servers, built=True)] == ["parcel_prices"]
    card = json.loads((servers / "parcel_prices" / "card.json").read_text())
    assert (card["topic"], card["author"], card["route"]) == ("workflow: post", bundle.AUTHOR, "extract")
    assert len(Catalog.of(servers / "parcel_prices").tasks("parcel_prices")) == 4

    files = {path.name: path.read_bytes() for path in (servers / "parcel_prices").iterdir()}
    journal = (out / "journal.jsonl").read_bytes()
    await built(problems, servers, out)
    assert {path.name: path.read_bytes() for path in (servers / "parcel_prices").iterdir()} == files
    assert (out / "journal.jsonl").read_bytes() == journal  # nothing was done again

    twin = Path(shutil.copytree(servers / "parcel_prices", tmp_path / "other" / "letters"))
    hand_written(tmp_path / "other", "by_hand", (twin / "env.py").read_text())
    shutil.rmtree(twin)
    assert reasons(await built(problems, tmp_path / "other", out)) == ["twin of another environment"]

    hand_written(tmp_path / "third", "parcel_prices")
    assert reasons(await built(problems, tmp_path / "third", out)) == ["name is taken"]

    monkeypatch.setattr(bundle, "MAX_PER_TOPIC", 0)
    assert reasons(await built(problems, servers, out)) == ["topic is full"]
    assert not folders(servers, built=True)


async def test_a_name_in_two_topics_is_refused(tmp_path: Path) -> None:
    for topic in ("graphs", "strings"):
        (tmp_path / "problems" / topic).mkdir(parents=True)
        (tmp_path / "problems" / topic / "same.py").write_text('"""Tell it."""\n\ndef solution(a):\n    raise ValueError\n')
    funnel = await built(tmp_path / "problems", tmp_path / "servers", tmp_path / "out")
    assert funnel.reasons["read", "name is taken"] == 1


def test_a_kill_while_files_are_put_in_place_leaves_nothing_that_looks_written_by_hand(tmp_path: Path) -> None:
    """A folder with an `env.py` and no card counts as written by hand, and would never be touched again."""
    new = hand_written(tmp_path / "new", "one", route="extract")
    (new / "tasks.jsonl").write_text("")
    servers = tmp_path / "servers"
    (servers / "one").mkdir(parents=True)
    shutil.copy(new / bundle.FILES[0], servers / "one")  # killed after the first file
    assert not folders(servers, built=False)
    put(tmp_path / "new", servers)
    assert [path.name for path in folders(servers, built=True)] == ["one"] and not folders(servers, built=False)
