"""The digest is canonical: equal for equal states however they came about, different for different ones."""

import os
import pickle
import random
import subprocess
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.sandbox.digest import digest

ROOT = Path(__file__).parents[2]


@dataclass
class Node:
    """A record as environments keep them."""

    name: str
    tags: set[str] = field(default_factory=set)
    next: "Node | None" = None


@dataclass
class Leaf:
    """Another class with the same fields."""

    name: str
    tags: set[str] = field(default_factory=set)
    next: "Node | None" = None


class Bag(set[Any]):
    """A set of one's own."""


def restored(state: dict[str, Any]) -> dict[str, Any]:
    """The state as a worker gets it back."""
    copy: dict[str, Any] = pickle.loads(pickle.dumps(state, 5))
    return copy


def cycle() -> list[Any]:
    """A list that holds itself beside a set."""
    ring: list[Any] = [{1, 2}]
    ring.append(ring)
    return ring


def plain_cycle() -> dict[str, Any]:
    """A cycle without any set."""
    ring: dict[str, Any] = {"name": "a"}
    ring["self"] = ring
    return ring


def rolled(times: int) -> random.Random:
    """A generator that has given some numbers."""
    rng = random.Random(5)
    for _ in range(times):
        rng.random()
    return rng


LONG = {f"word {i}" for i in range(500)}
MAKERS: dict[str, Any] = {
    "set": lambda: {"b", "a", ("c", 1)},
    "frozenset": lambda: frozenset({"b", "a"}),
    "long set": lambda: set(LONG),
    "set of frozensets": lambda: {frozenset({1, 2}), frozenset({3}), frozenset()},
    "many frozensets": lambda: [[frozenset({i})] for i in range(100)],
    "dict of sets": lambda: {"x": {3, 1, 2}, "y": [{"q"}]},
    "cycle": cycle,
    "plain cycle": plain_cycle,
    "deque": lambda: deque([1, 2, {3}], maxlen=5),
    "Counter": lambda: Counter("abracadabra"),
    "defaultdict": lambda: defaultdict(set, {"a": {1, 2}}),
    "OrderedDict": lambda: OrderedDict([("b", {1}), ("a", set())]),
    "Random": lambda: [rolled(3), {1}],
    "dataclasses": lambda: Node("a", {"x", "y"}, Node("b", {"z"})),
    "numbers": lambda: [Decimal("1.50"), Fraction(1, 3), 1 + 2j, -0.0, float("inf"), date(2026, 7, 28), {1}],
    "big int": lambda: [10**5000, {10**5000}],
    "bytes": lambda: [b"\x8f\x91", bytearray(b"ab"), {b"c"}],
    "lone surrogate": lambda: {"\ud800", "ok"},
    "deep": lambda: [[[[[[[[[[{1, 2}]]]]]]]]]],
    "more than a pickle batch": lambda: list(range(2500)),
}


@pytest.mark.parametrize("name", MAKERS)
def test_restored_state_has_the_digest_of_the_live_one(name: str) -> None:
    """Design: pickle bytes differ between a live and a restored object, the digest may not."""
    state = {"value": MAKERS[name]()}
    assert digest(restored(state)) == digest(state) == digest({"value": MAKERS[name]()})


def test_digest_does_not_depend_on_the_hash_seed() -> None:
    """Workers of another run order their sets differently."""
    script = "import sys; from test_digest import MAKERS, digest; print([digest({'v': MAKERS[n]()}).hex() for n in MAKERS])"
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])

    def digests(seed: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        return subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True).stdout

    assert digests("1") == digests("4711")


@pytest.mark.parametrize("kind", [set, frozenset, Bag])
def test_order_of_a_set_does_not_matter(kind: Any) -> None:
    """A set that has shrunk keeps its larger table, and so another order."""
    words = [f"word {i}" for i in range(40)]
    shrunk = {*words, *map(str, range(1000))}
    shrunk -= set(map(str, range(1000)))
    small = set(words)
    assert list(shrunk) != list(small)
    assert digest({"v": kind(shrunk)}) == digest({"v": kind(small)})


def test_shared_references_count_as_equal_values() -> None:
    """A restored copy keeps sharing, a replayed one may not: identity is not part of the state."""
    shared = [1, 2]
    assert digest({"a": shared, "b": shared}) == digest({"a": [1, 2], "b": [1, 2]})
    text = "".join(["ab", "cd"])
    assert digest({"a": text, "b": text, "c": {1}}) == digest({"a": "abcd", "b": "ab" + "cd", "c": {1}})


DIFFERENT: list[Any] = [
    1,
    True,
    1.0,
    "1",
    b"1",
    None,
    0,
    False,
    0.0,
    -0.0,
    (),
    [],
    {},
    set(),
    frozenset(),
    deque(),
    deque(maxlen=3),
    deque(maxlen=4),
    [1],
    (1,),
    {1},
    frozenset({1}),
    deque([1]),
    {1: 1},
    {1: True},
    {True: 1},
    {"1": 1},
    Counter({1: 1}),
    OrderedDict({1: 1}),
    defaultdict(int, {1: 1}),
    defaultdict(list, {1: 1}),
    [1, 2],
    [2, 1],
    [[1], 2],
    [[1, 2]],
    [1, [2]],
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    {"ab", "c"},
    {"a", "bc"},
    {"(int1:1)"},
    {"a": 1, "b": 2},
    {"b": 2, "a": 1},
    Node("a"),
    Leaf("a"),
    Node("a", {"x"}),
    Node("a", next=Node("a")),
    random.Random(5),
    rolled(1),
    rolled(2),
    cycle(),
    plain_cycle(),
    int,
    len,
    range(3),
    range(4),
]


@pytest.mark.parametrize("beside", [None, {1, 2}], ids=["quick way", "canonical way"])
def test_different_values_have_different_digests(beside: Any) -> None:
    """A set beside a value makes the digest take its slower way; both must tell types, shapes and order apart."""
    digests = [digest({"v": value, "beside": beside}) for value in DIFFERENT]
    alike = [(DIFFERENT[i], DIFFERENT[j]) for i, j in combinations(range(len(DIFFERENT)), 2) if digests[i] == digests[j]]
    assert alike == []


def test_digest_of_a_cycle_tells_where_it_leads() -> None:
    outer: list[Any] = [{1}, []]
    outer[1].append(outer)
    inner: list[Any] = [{1}, []]
    inner[1].append(inner[1])
    assert digest({"v": outer}) != digest({"v": inner})


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | st.binary(max_size=4)
hashable = st.recursive(scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4), max_leaves=6)
values = st.recursive(
    scalars | st.sets(hashable, max_size=5) | st.frozensets(hashable, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=4).map(tuple)
        | st.lists(inner, max_size=4).map(deque)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.dictionaries(hashable, inner, max_size=4).map(OrderedDict)
        | st.builds(Node, st.text(max_size=3), st.sets(st.text(max_size=3)), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(state=st.dictionaries(st.text(max_size=4), values, max_size=5))
def test_any_state_keeps_its_digest_through_pickle(state: dict[str, Any]) -> None:
    assert digest(restored(state)) == digest(state)
    assert digest(restored(restored(state))) == digest(state)


def tagged(value: Any) -> Any:
    """Equality that tells 1 from True and -0.0 from 0.0, as the digest does."""
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, frozenset(map(tagged, value))
    if isinstance(value, (list, tuple, deque)):
        return type(value).__name__, tuple(map(tagged, value))
    if isinstance(value, dict):
        return type(value).__name__, tuple((tagged(k), tagged(v)) for k, v in value.items())
    if isinstance(value, Node):
        return "Node", tagged(value.name), tagged(value.tags), tagged(value.next)
    return type(value).__name__, repr(value)


@settings(max_examples=200, deadline=None)
@given(one=values, other=values)
def test_digests_are_equal_exactly_for_equal_states(one: Any, other: Any) -> None:
    assert (digest({"v": one}) == digest({"v": other})) == (tagged(one) == tagged(other))
