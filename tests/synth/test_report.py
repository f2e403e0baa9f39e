"""What a run gave, in numbers and pictures."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from codegym_mcp.catalog import servers_folder
from synth.problem import Rejection
from synth.report import plot
from synth.report.funnel import Funnel, Way, yield_of
from synth.report.report import NothingToReport, gather, page, print_report

HOSTILE = '<script>alert("x")</script> & co'


def refused(stage: str, reason: str = "why") -> Rejection:
    return Rejection(id="p", stage=stage, reason=reason)


@pytest.fixture
def funnel() -> Funnel:
    ways = [
        Way("1", "a"),
        Way("2", "a", [refused("filter")]),
        Way("3", "a", [refused("verify", "guessable")]),
        Way("4", "b", [refused("extract", "too few tools"), refused("generate", "endpoint failed")]),
        Way("5", "b", [refused("original")]),
        Way("6", "unread", [refused("read", HOSTILE)]),
    ]
    return Funnel(ways)


def test_each_step_counts_those_that_came_as_far(funnel: Funnel) -> None:
    assert funnel.sources == {"a": [3, 3, 3, 3, 2, 1], "b": [2, 2, 1, 0, 0, 0], "unread": [1, 0, 0, 0, 0, 0]}
    assert funnel.total == [6, 5, 4, 3, 2, 1]
    assert [yield_of(funnel.sources[name]) for name in ("a", "b", "unread")] == ["33%", "0%", "-"]


def test_a_way_with_two_routes_came_as_far_as_the_better_one() -> None:
    assert Way("1", "a", [refused("extract"), refused("verify")]).reached == 3
    assert Way("1", "a", [refused("original"), refused("generate")]).reached == 1
    assert Way("1", "a", last="made").reached == 3


def test_a_funnel_survives_its_file(funnel: Funnel, tmp_path: Path) -> None:
    (tmp_path / "funnel.json").write_text(json.dumps(funnel.to_json()))
    again = Funnel.load(tmp_path / "funnel.json")
    assert (again.sources, again.reasons) == (funnel.sources, funnel.reasons)


def test_an_empty_run_has_an_empty_funnel() -> None:
    assert Funnel().total == [0] * 6


def test_classes_hold_every_value_once() -> None:
    bars = plot.histogram([1, 9.5, 10, 19, 300, 5000], plot.CALLS)
    assert bars[0] == ("below 10", 2) and bars[1] == ("10 to 19", 2)
    assert bars[-2:] == [("257 to 512", 1), ("513 and more", 1)] and sum(n for _, n in bars) == 6
    assert plot.histogram([], plot.CALLS) == []
    assert plot.whole_numbers([4, 6, 6]) == [("4", 1), ("5", 0), ("6", 2)]


def test_a_small_bar_is_still_seen() -> None:
    assert "█ 1" in plot.text([("many", 10_000), ("one", 1), ("none", 0)])
    assert plot.text([("none", 0)]).endswith(" 0")


def test_bars_are_well_formed_and_to_scale() -> None:
    root = ElementTree.fromstring(plot.svg([("a & <b>", 10), ("half", 5), ("none", 0)], "A & B"))
    widths = [float(bar.get("width", "")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths == [widths[0], widths[0] / 2, 0.0] and widths[0] > 0


class Tags(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "style")]


def test_the_page_needs_nothing_but_itself_and_quotes_what_others_wrote(funnel: Funnel, tmp_path: Path) -> None:
    (tmp_path / "funnel.json").write_text(json.dumps(funnel.to_json()))
    text = page(gather(tmp_path))
    seen = Tags(text)
    assert not seen.links and "script" not in seen.tags and not re.search(r"url\(|@import", text)
    assert "&lt;script&gt;" in text
    assert seen.tags.count("svg") == 1 and seen.tags.count("table") == 2


def test_a_folder_of_environments_alone_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    facts = gather(servers_folder())
    assert len(facts.tools) >= 24 and len(facts.calls) >= 24 * 20
    print_report(facts)
    shown = capsys.readouterr().out
    assert "Calls of the oracle" in shown and "█" in shown and "extracted" not in shown


def test_seconds_of_a_stage_that_was_done_twice_are_those_of_the_last_time(tmp_path: Path) -> None:
    lines = [
        {"run": {}},
        {"key": "1", "problem": "p", "stage": "original", "seconds": 5.0},
        {"key": "2", "problem": "p", "stage": "original", "seconds": 1.5},
        {"key": "3", "problem": "p", "stage": "verify", "seconds": 2.0},
        {"key": "4", "problem": "q", "stage": "original", "seconds": 1.0},
    ]
    (tmp_path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "funnel.json").write_text(json.dumps(Funnel().to_json()))
    facts = gather(tmp_path)
    assert facts.seconds == {"p": 3.5, "q": 1.0} and facts.stages == {"original": 2.5, "verify": 2.0}


def test_a_folder_with_neither_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToReport, match="holds no run and no card"):
        gather(tmp_path)
