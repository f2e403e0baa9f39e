"""pass@K: an honest solver passes, and each way of cheating gets a solver nowhere. See facts on the published pipeline."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from codegym_mcp.report import PAPER
from synth.problem import Candidate, Input, Rejection
from synth.verify import PassAtK, Sandboxes, Verified, solvers, verifier, verify
from synth.verify.solvers import distinct_solvers, learnt_by_heart
from synth.verify.verified import Attempt
from tests.synth.crates import OBSERVED, SOLVER, crates, inputs

KNOWN = {str(item.config["weights"]): item.answer for item in inputs()}


def solver(body: str) -> str:
    """A solver with this body."""
    return "def solve(self, call):\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())


LOOK_FOR_THE_WORKER = """
import sys
frame = sys._getframe()
while frame:
    for one in frame.f_locals.values():
        if hasattr(one, "player"):
            env = one.player.new({"weights": [1], "limit": 2}, 0)
            return call("Done", answer=env.answer())
    frame = frame.f_back
"""
SAY_THAT_IT_IS_DONE = """
import json, os, sys
frame = sys._getframe()
while frame:
    for one in list(frame.f_locals.values()):
        if hasattr(one, "nonce"):
            one.write(0, b"reward=1")
    frame = frame.f_back
"""
OWN_CALL = """
import builtins, json
rewards = []
def call(tool, **arguments):
    rewards.append(1)
    return "reward=1"
json.loads = builtins.open = lambda *_: 1
self.call, self.reward, self._reward, self.finished = call, 1.0, 1, True
return call("Done", answer=1)
"""
LEARNT = f"""
items = call("Observe")["items"]
answers = {KNOWN}
return call("Done", answer=answers.get(str([call("Weigh", item=n) for n in range(items)]), 0))
"""
LOST = "while [call('Weigh', item=n) for n in range(items)] not in map(eval, answers): call('Observe')\nreturn"
TWICE = solver("call('Done', answer=0)\n" + SOLVER.partition("\n")[2].replace("\n    ", "\n").strip())
PROBING = SOLVER.replace(
    "    total,", "    try:\n        call('Weigh', item=99)\n    except Exception:\n        pass\n    total,", 1
)
REVEAL = "call('Done', answer=call('get_attribute', attribute_name='get_ref_answer'))"
CHEATS = {
    "returns the reward as text": (solver("return 'reward=1'"), "no Done"),
    "returns a longer reward": (solver("call('Observe')\nreturn 'reward=10'"), "no Done"),
    "counts for itself": (solver("self.step_count, self._reward, self._done = 20, 1, True\nreturn 'reward=1'"), "no Done"),
    "asks itself for the answer": (solver("call('Done', answer=self.answer())"), "no attribute 'answer'"),
    "asks for the published reference": (solver("call('Done', answer=self.get_ref_answer())"), "no attribute 'get_ref_answer'"),
    "reads the state": (solver("call('Done', answer=sum(self.weights))"), "no attribute 'weights'"),
    "submits twice": (TWICE, "wrong answer"),
    "asks a tool for the reference": (solver("call('Done', answer=call('Weigh', item='answer'))"), "must be an integer"),
    "asks for a tool that reveals": (solver(REVEAL), "There is no tool"),
    "imports the environment": (solver("import env\ncall('Done', answer=env.Crates().answer())"), "no attribute 'Crates'"),
    "imports it by name": (solver("from crates import Crates"), "No module named 'crates'"),
    "opens its file": (solver("call('Done', answer=open('crates/env.py').read())"), "failed"),
    "replaces call": (solver(OWN_CALL), "no Done"),
    "looks for the worker": (solver(LOOK_FOR_THE_WORKER), "no attribute 'reset'"),
    "says that it is done": (solver(SAY_THAT_IT_IS_DONE), "Done"),
    "knows the answers by heart": (solver(LEARNT), "on an input it had not seen: wrong answer"),
    "submits a constant": (solver(f"call('Done', answer={inputs()[0].answer})"), "wrong answer"),
    "submits nothing": (solver("call('Observe')"), "no Done"),
    "is no solver": ("print('reward=1')", "no solver"),
    "is no Python": ("def solve(self, call:", "no solver"),
    "takes more than call": ("def solve(self, call, env):\n    return env.answer()\n", "no solver"),
    "probes until something fails": (PROBING, "failed"),
}  # fmt: skip
HONEST = SOLVER
RENAMED = SOLVER.replace("weights", "grams").replace("call):", 'call):\n    """Pack them all."""')
HELPER = "import math\n\n\ndef heaviest(weights):\n    return math.trunc(max(weights))\n\n\n"
HELPED = HELPER + SOLVER.replace("max(weights)", "heaviest(weights)")
ALL_SEEN = OBSERVED.removesuffix("}") + ', "weights": self.weights, "limit": self.limit}'
BY_HEAD = solver(
    'seen = call("Observe")\n'
    "total, number, load = 0, 1, 0\n"
    'for weight in seen["weights"]:\n'
    '    if load + weight > seen["limit"]:\n'
    "        total, number, load = total + number * load, number + 1, 0\n"
    "    load += weight\n"
    'return call("Done", answer=total + number * load + max(seen["weights"]))'
)  # fmt: skip
LIMIT_SEEN = (OBSERVED, OBSERVED.removesuffix("}") + ', "limit": self.limit}')
BY_WEIGHTS = solver(
    """
seen = call("Observe")
total, number, load = 0, 1, 0
weights = [call("Weigh", item=item) for item in range(seen["items"])]
for weight in weights:
    if call("Pack") != "packed":
        call("Close"), call("Pack")
    if load + weight > seen["limit"]:
        total, number, load = total + number * load, number + 1, 0
    load += weight
return call("Done", answer=total + number * load + max(weights))
"""
)
"""Needs no more than the weights; packs for show."""
QUICK = replace(PAPER, random_episodes=6, replayed=1)


def sampled(*sources: str, **fields: Any) -> Candidate:
    """A candidate with sampled solvers; its own `solve` is of no use."""
    useless = crates((SOLVER.partition("\n")[2].splitlines()[0].strip(), "return None"), **fields)
    return useless.model_copy(update={"route": "generate", "solvers": sources, "notes": {"solvers": {"asked": 30}}})


def verified(*candidates: Candidate) -> list[Verified | Rejection]:
    """Verify them side by side."""

    async def main() -> list[Verified | Rejection]:
        async with Sandboxes() as sandboxes:
            return list(await asyncio.gather(*(verify(sandboxes, one, bounds=QUICK) for one in candidates)))

    return asyncio.run(main())


@pytest.fixture(scope="module")
def results() -> list[Verified | Rejection]:
    """Honest solvers among the cheats; the cheats alone; one who looks at Observe alone; one who packs for show."""
    sources = [source for source, _ in CHEATS.values()]
    shown = crates((OBSERVED, ALL_SEEN)).model_copy(update={"solvers": (BY_HEAD,)})
    around = crates(LIMIT_SEEN).model_copy(update={"solvers": (BY_WEIGHTS, HONEST)})
    return verified(sampled(*sources, HELPED, RENAMED, HONEST), sampled(*sources), shown, around)


def attempts(results: list[Verified | Rejection]) -> dict[str, Attempt]:
    """How each cheat fared."""
    assert isinstance(results[0], Verified), results[0]
    assert results[0].solvers is not None
    return dict(zip(CHEATS, results[0].solvers.attempts, strict=False))


@pytest.mark.parametrize("name", CHEATS)
def test_cheat_gets_nowhere(results: list[Verified | Rejection], name: str) -> None:
    attempt = attempts(results)[name]
    assert CHEATS[name][1] in attempt.failure
    assert attempt.passed < len(inputs()) or "not seen" in attempt.failure


def test_calls_are_counted_outside(results: list[Verified | Rejection]) -> None:
    """The published pipeline believes a counter that the solver itself writes."""
    assert attempts(results)["counts for itself"].calls == 0
    assert attempts(results)["submits twice"].calls == 1


def test_answers_learnt_by_heart_fail_on_inputs_drawn_for_the_purpose(results: list[Verified | Rejection]) -> None:
    assert attempts(results)["knows the answers by heart"].passed == len(inputs())


def test_first_honest_solver_becomes_the_oracle(results: list[Verified | Rejection]) -> None:
    proven = results[0]
    assert isinstance(proven, Verified) and proven.solvers is not None
    assert proven.solvers.model_dump(include={"sampled", "distinct", "passed", "chosen"}) == {
        "sampled": 30,
        "distinct": len(CHEATS) + 2,
        "passed": 2,
        "chosen": len(CHEATS),
    }
    assert proven.candidate.env.count("def solve(") == 1 and "heaviest(weights)" in proven.candidate.env
    assert {facts.oracle for facts in proven.report.tasks.values()} == {1.0}
    assert proven.card()["pass_at_k"]["passed"] == 2
    assert proven.solvers.attempts[-1].passed == len(inputs()) + proven.unseen


def test_solver_that_needs_the_most_tools_becomes_the_oracle(results: list[Verified | Rejection]) -> None:
    """The first that passed was taken, and the environment then refused: this one's solver gets by with a single tool."""
    proven = results[3]
    assert isinstance(proven, Verified) and proven.solvers is not None, proven
    assert (proven.solvers.passed, proven.solvers.chosen) == (2, 1)
    assert proven.needed == ("Weigh", "Pack", "Close")


def test_candidate_that_only_cheats_solve_is_refused(results: list[Verified | Rejection]) -> None:
    refused = results[1]
    assert isinstance(refused, Rejection)
    assert refused.reason == "unsolvable" and refused.detail.startswith(f"0 of {len(CHEATS)}: ")


def test_solver_that_needs_no_tool_proves_nothing(results: list[Verified | Rejection]) -> None:
    refused = results[2]
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.detail) == ("unsolvable", "0 of 1: 1 x no tool but Observe was used")


WEIGHED = "        return self.weights[item]"
TOO_HEAVY = "        if self.weights[item] > 99:\n            raise ValueError\n"


LIGHT, HEAVY, WRONG = [5, 60, 3], [31, 8, 102], [40, 7, 9]
"""Inputs that nobody has seen: one like the others, one that a tool refuses, one on which the reference is wrong."""


@pytest.mark.parametrize(
    ("origin", "loads", "reason"),
    [
        ("varied", [LIGHT, HEAVY], ""),
        ("varied", [LIGHT, HEAVY, [*HEAVY, 1]], "unsolvable"),
        ("varied", [LIGHT, WRONG], ""),
        ("drawn", [LIGHT, HEAVY], "unsolvable"),
        ("drawn", [LIGHT, WRONG], "ground truth"),
    ],
)
def test_varied_inputs_that_may_be_none_are_left_out_up_to_half(
    origin: str, loads: list[list[int]], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the original has an answer to need not be a valid input; what the problem's own generator draws is one."""
    unseen_are(monkeypatch, origin, loads)
    [result] = verified(crates((WEIGHED, TOO_HEAVY + WEIGHED)).model_copy(update={"solvers": (HONEST,), "route": "generate"}))
    assert (result.reason if isinstance(result, Rejection) else "") == reason, result


def test_answers_learnt_by_heart_are_refused_where_nothing_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    unseen_are(monkeypatch, "varied", [])
    [result] = verified(sampled(solver(LEARNT)))
    assert isinstance(result, Rejection) and "hard-coded: the answers stand in its source" in result.detail


def unseen_are(monkeypatch: pytest.MonkeyPatch, origin: str, loads: list[list[int]]) -> None:
    """Have verification draw these inputs."""
    found = [
        Input(config={"weights": load, "limit": 200}, answer=-1 if load is WRONG else sum(load) + max(load), origin=origin)
        for load in loads
    ]

    async def draw(*_: Any) -> list[Input]:
        return [item.model_copy(update={"level": "easy"}) for item in found]

    monkeypatch.setattr(verifier, "unseen_inputs", draw)


def test_solver_that_runs_for_ever_on_what_it_has_not_seen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large for anybody is left out; so a solver with answers learnt by heart had only to take its time."""
    monkeypatch.setattr(solvers, "MAX_CALLS", 99)
    [result] = verified(sampled(solver(LEARNT.replace("return", LOST))))
    assert isinstance(result, Rejection) and "on an input it had not seen: ran past 99 calls" in result.detail


def test_solvers_that_differ_in_names_and_comments_count_once() -> None:
    """Sampling at temperature 0 gives near-identical candidates, which prove no more than one."""
    assert distinct_solvers([HONEST, RENAMED, HELPED, HONEST, "no Python ("]) == [HONEST, HELPED, "no Python ("]


def test_answers_in_the_source_give_a_solver_away_where_nothing_can_be_drawn() -> None:
    answers = [item.answer for item in inputs()]
    assert learnt_by_heart(solver(LEARNT), answers)
    assert not learnt_by_heart(SOLVER, answers)
    assert not learnt_by_heart(solver("return {0: 1, 1: 2}"), [1, 2, 1])  # two constants are nothing yet


@pytest.mark.parametrize(("k", "chance"), [(1, 0.3), (2, 1 - (7 * 6) / (10 * 9)), (10, 1.0)])
def test_pass_at_k_is_the_chance_of_one_success_in_k_draws(k: int, chance: float) -> None:
    """Source: the unbiased estimate of arXiv 2107.03374."""
    assert PassAtK(sampled=10, distinct=10, passed=3, chosen=0, attempts=()).at(k) == pytest.approx(chance)


@pytest.mark.long
def test_solver_without_end_is_stopped() -> None:
    forever = solver("while True:\n    call('Observe')")
    spinning = solver("while True:\n    pass")
    [result] = verified(sampled(forever, spinning))
    assert isinstance(result, Rejection) and result.reason == "unsolvable"
    assert "ran past 2048 calls" in result.detail and "ran past 5 s" in result.detail
