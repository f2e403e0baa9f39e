"""How a benchmark is run: the paper's protocol, its authors' own, and what a user changed. No benchmark is run here."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from codegym_mcp.errors import InvalidRequest

PAPER, AUTHORS = "paper", "authors"
DEADLINE_S = 1800.0
"""Seconds an episode may take."""


@dataclass(frozen=True)
class Settings:
    """One protocol. What a benchmark does not use stays at its default."""

    temperature: float = 0.7
    top_p: float = 0.95
    max_tokens: int = 4096
    """Of one turn."""
    runs: int = 5
    """Episodes of each task."""
    tasks: int = 0
    """How many are drawn, the same ones for everybody; 0: all."""
    max_steps: int = 256
    """Tool calls of an episode, where its task does not say."""
    deadline_s: float = DEADLINE_S
    """Seconds of an episode. An agent's program is stopped then; with any other policy there is no verdict."""
    shots: int = 0
    """Examples in the prompt of a question."""
    user_model: str = ""
    """Who plays the user."""
    seed: int = 0
    notes: tuple[str, ...] = ()
    """What the source does not say, and what was taken in its place."""


CAPS = "the paper gives no step cap: the benchmark's own is used"
REACT = "the paper names ReAct: here tools are called in the model's own format"
TURN = "the source gives no limit of a turn's tokens: 4,096"
FIRST_CALL = "of several calls in one turn the first alone is played"
SHOTS = "the paper gives no shots: 0"
PROTOCOLS: dict[str, dict[str, Settings]] = {
    "codegym": {
        PAPER: Settings(
            temperature=1.0,
            top_p=0.7,
            runs=1,
            notes=("the paper's 500 environments are not published: these are others", REACT, TURN),
        ),
    },
    "tau": {
        PAPER: Settings(max_steps=30, user_model="gpt-4.1", notes=(CAPS, REACT, TURN)),
        AUTHORS: Settings(temperature=0.0, top_p=1.0, runs=1, max_steps=30, user_model="gpt-4o", notes=(TURN,)),
    },
    "tau2": {
        PAPER: Settings(
            max_steps=200,
            user_model="gpt-4.1",
            notes=(CAPS, REACT, TURN, FIRST_CALL, "the paper does not say which domains stand behind its one tau2 number"),
        ),
        AUTHORS: Settings(temperature=0.0, top_p=1.0, runs=4, max_steps=200, user_model="gpt-4.1", notes=(TURN, FIRST_CALL)),
    },
    "alfworld": {
        PAPER: Settings(
            tasks=50,
            max_steps=50,
            notes=(
                CAPS,
                REACT,
                TURN,
                "the paper names neither the split nor the 50 games: these are drawn by the seed",
            ),
        ),
        AUTHORS: Settings(temperature=0.0, top_p=1.0, runs=1, max_steps=50, notes=(TURN,)),
    },
    "zebralogic": {
        PAPER: Settings(
            tasks=200, notes=("the paper's 200 puzzles are not published: these are drawn by the seed", SHOTS, TURN)
        ),
        AUTHORS: Settings(temperature=0.0, top_p=1.0, runs=1, shots=1, max_tokens=7500),
    },
    "mmlu-pro": {
        PAPER: Settings(
            tasks=1000,
            notes=("the paper's 1,000 questions are not published: these are drawn by the seed", SHOTS, TURN),
        ),
        AUTHORS: Settings(temperature=0.0, top_p=1.0, runs=1, shots=5),
    },
}
"""Benchmark -> protocol -> settings. Sources: arXiv 2509.17325 (evaluation); the benchmarks' own repositories."""


def settings_of(benchmark: str, protocol: str, changes: dict[str, Any]) -> tuple[Settings, list[str]]:
    """Settings, and how they differ from the protocol, for the report.

    Args:
        changes: field -> value; None leaves the protocol's.

    Raises:
        InvalidRequest: there is no such protocol, or nobody whose model might be chosen.
    """
    known = PROTOCOLS[benchmark]
    if changes.get("user_model") and not known[PAPER].user_model:
        raise InvalidRequest("user-model", f"{benchmark} has no user who talks")
    if protocol not in known:
        raise InvalidRequest("protocol", f"{benchmark} has no protocol '{protocol}': choose {' or '.join(known)}")
    given = known[protocol]
    changed = {field: value for field, value in changes.items() if value is not None}
    before = asdict(given)
    told = [f"{field}: {value}, the protocol has {before[field]}" for field, value in changed.items() if value != before[field]]
    return replace(given, **changed), told
