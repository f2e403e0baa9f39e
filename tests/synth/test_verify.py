"""Each check of a candidate refuses what violates it. All candidates are verified side by side, as a run does it."""

import asyncio
import re
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from codegym_mcp.report import PAPER, Thresholds
from synth.problem import Candidate, Input, Rejection
from synth.verify import Sandboxes, Verified, verify
from tests.synth.crates import ENV, OBSERVED, RECKON, answering, crates, inputs, judging, tool

pytestmark = pytest.mark.long
SIXTH = inputs()[5].config
"""The configuration of the task hard-01."""
KNOWN = {str(item.config["weights"]): item.answer for item in inputs()}
START = "self.load, self.packed = 0, 0\n"
BEST = f"{START}{RECKON}        self.best = value\n"
INVALID = inputs(1)[0].model_copy(update={"config": {"weights": "many", "limit": None}})
WRONG = inputs(7)[6].model_copy(update={"answer": -1})
SWALLOWING = """        try:
            self.load += weight
            self.packed += 1
        except Exception:
            pass
        return "packed"
"""
FOR_SHOW = """        limit = call("Observe")["limit"]
        total, number, load = 0, 1, 0
        for weight in weights:
            call("Pack")
            if load + weight > limit:
                call("Close")
                total += number * load
                number, load = number + 1, 0
            load += weight
        value = total + number * load + max(weights)
"""
DEAD = """        value = total + number * load + max(self.weights)
        if len(self.weights) > 1000:
            value = 0
"""
BINS = 'return {"items": len(self.weights), "bins": [1, 2, 3, 4, 5]}'
TOTAL = "        total, number, packed = 0, 1, 0\n"
TRYING = f"""{TOTAL}        try:
            weights == {SIXTH["weights"]} and call("Weigh", item=99)
        except Exception:
            pass
"""
HUNGRY = "        load = self.load + len(bytearray((self.limit == 10**9) << 30)) * 0\n"
PACKING = ENV[ENV.index("        total, number, packed") : ENV.index("        return call(")]

REFUSED: dict[str, tuple[str, Candidate]] = {
    "syntax": ("load", crates(("def reset", "def def reset"))),
    "a tool without documentation": ("load", crates(("        Returns:\n            its weight.\n", ""))),
    "inputs the original fails on": ("inputs", crates(inputs=(*inputs(3), INVALID))),
    "an input with an answer that is not the original's": ("inputs", crates(inputs=(*inputs(), WRONG))),
    "a reference that is not the original's": ("ground truth", crates((" + max(self.weights)", ""), (" + max(weights)", ""))),
    "a reference that raises": ("ground truth", crates(("        return value\n", "        return value // 0\n"))),
    "a reference that is wrong where nobody has looked": (
        "ground truth",
        crates(("        return value\n", f"        return {KNOWN}.get(str(self.weights), value + 1)\n")),
    ),
    "an oracle that knows the inputs by heart": (
        "unsolvable",
        crates(("answer=value", f"answer={KNOWN}.get(str(weights), value + 1)")),
    ),
    "an oracle that is wrong": ("gold", crates(("answer=value", f"answer=value + (weights == {SIXTH['weights']})"))),
    "an oracle that makes a call which fails": ("schema", crates((TOTAL, TRYING))),
    "a check that takes nothing for an answer": ("no-op", judging("not answer or answer == reference")),
    "a check that takes what is near": ("wrong answer", judging("abs(answer - reference) <= 1")),
    "a check that takes any task's answer": ("wrong answer", judging(f"answer in {[*KNOWN.values()]} or answer == reference")),
    "text that depends on the hash seed": (
        "determinism",
        crates((OBSERVED, 'return {"items": len(self.weights), "tags": list({"a", "b", "c", "d"})}')),
    ),
    "state that depends on the hash seed": ("determinism", crates((START, f'{START}        self.key = hash("a")\n'))),
    "a clock": ("determinism", crates((OBSERVED, 'return {"items": len(self.weights), "at": __import__("time").time()}'))),
    "state outside of self": (
        "rollback",
        crates(
            ("class Crates", "CALLS = []\n\n\nclass Crates"),
            ('        return "packed"', '        CALLS.append(1)\n        return "packed" if len(CALLS) % 2 else "packed "'),
            ('call("Pack") ==', 'call("Pack").strip() =='),
        ),
    ),
    "one of five answers": ("random", answering("int", "value % 5 + 1", 28, (OBSERVED, BINS))),
    "one of three answers": ("guessable", answering("int", "value % 3 * 1000 + 7777")),
    "true or false": ("yes/no", answering("bool", "value % 2 == 0")),
    "Observe tells the answer": (
        "shortcut",
        crates((START, BEST), (OBSERVED, 'return {"items": len(self.weights), "best": self.best}')),
    ),
    "a tool tells the answer at once": (
        "shortcut",
        crates(
            (START, BEST),
            ("-> int:\n        \"\"\"Weigh", "-> list[int]:\n        \"\"\"Weigh"),
            ("return self.weights[item]", "return [self.weights[item], self.best]"),
            ('[call("Weigh", item=item) for', '[call("Weigh", item=item)[0] for'),
        ),
    ),
    "a tool that the oracle leaves alone tells the answer": (
        "shortcut",
        crates(*tool("Total", f"{RECKON.lstrip()}        return value")),
    ),
    "Observe tells everything": (
        "hidden",
        crates((OBSERVED, 'return {"items": len(self.weights), "limit": self.limit, "weights": self.weights}')),
    ),
    "an oracle that uses its tools for show": (
        "needs its tools",
        crates((OBSERVED, 'return {"items": len(self.weights), "limit": self.limit}'), (PACKING, FOR_SHOW)),
    ),
    "a tool that swallows its failure": (
        "injected failure",
        crates(('        self.load += weight\n        self.packed += 1\n        return "packed"\n', SWALLOWING)),
    ),
}  # fmt: skip
FEW_TOOLS, FEW_TASKS = replace(PAPER, min_tools=6), replace(PAPER, min_tasks=7)

SHORT = Input(config={"weights": [5, 6], "limit": 40}, answer=17)
EMPTY = Input(config={"weights": [0] * 6, "limit": 40}, answer=0)
MANY = Input(config={"weights": [1] * 40, "limit": 40}, answer=41)
LARGE = Input(config={"weights": [1, 2, 3, 4, 5, 6], "limit": 10**9}, answer=27)
TINY = SHORT.model_copy(update={"level": "tiny"})
LONG = Input(config={"weights": [10**9] * 5, "limit": 10**9 + 1}, answer=16 * 10**9)
SPARE, OPTIONAL = "return self.packed + 7", "try: call('Optional')\n        except Exception: pass"
SURE = """try: sure = call('Scout') == items
        except Exception: sure = False
        for _ in range(0 if sure else 99): call('Weigh', item=0)"""
LIFT = """if not 0 <= thing < len(self.weights):
            raise IndexError(f"no {thing}")
        return self.weights[thing]"""
KEPT = {
    "plain": crates(),
    "inputs of no use": crates(("        load = self.load\n", HUNGRY), inputs=(*inputs(), SHORT, EMPTY, MANY, LARGE, LONG)),
    "tools of no use": crates(
        *tool("Spare", SPARE),
        *tool("Optional", "return self.packed - 7", solve=OPTIONAL),
        *tool("Lift", LIFT, parameter="thing: int", solve="assert call('Lift', thing=0) > 0"),
        (OBSERVED, 'return {"items": len(self.weights), "of": "the sea"}'),
        ("        value = total + number * load + max(self.weights)\n        return", f"{DEAD}        return"),
    ),
    "a tool that saves work": crates(*tool("Scout", "return len(self.weights)", solve=SURE)),
    "a tiny task": crates(inputs=(*inputs(), TINY)),
}
QUICK = replace(PAPER, random_episodes=9, more_random_episodes=72, replayed=1, calls=(10, 60), answer_chars=8)
"""Bounds that take less time than the paper's."""

Results = dict[str, Verified | Rejection]


def run(work: dict[str, tuple[Candidate, Thresholds]]) -> Results:
    """Verify them all, a few at a time."""

    async def main() -> Results:
        slots = asyncio.Semaphore(4)
        async with Sandboxes() as sandboxes:

            async def one(candidate: Candidate, bounds: Thresholds) -> Verified | Rejection:
                async with slots:
                    return await verify(sandboxes, candidate, bounds=bounds)

            results = await asyncio.gather(*(one(*each) for each in work.values()))
            assert sandboxes.shelf.names() == [] and sandboxes.gym.open_episodes == sandboxes.short.open_episodes == 0
            return dict(zip(work, results, strict=True))

    return asyncio.run(main())


@pytest.fixture(scope="module")
def results() -> Results:
    """All of them, verified once."""
    refused = {name: (candidate, QUICK) for name, (_, candidate) in REFUSED.items()}
    bounds = {"few tools": (crates(), FEW_TOOLS), "few tasks": (crates(), FEW_TASKS)}
    return run({**refused, **bounds, **{name: (candidate, QUICK) for name, candidate in KEPT.items()}})


REASONS = {name: reason for name, (reason, _) in REFUSED.items()} | {"few tools": "tools", "few tasks": "too few tasks"}


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_it_refuses(results: Results, name: str, reason: str) -> None:
    result = results[name]
    assert isinstance(result, Rejection), f"{name} passes"
    assert (result.id, result.stage, result.reason) == ("crates/1", "verify", reason), result.detail
    assert result.detail


def kept(results: Results, name: str) -> Verified:
    """A result that must be there."""
    result = results[name]
    assert isinstance(result, Verified), result
    return result


def test_it_keeps_what_keeps_the_rules_with_all_its_facts(results: Results) -> None:
    result = kept(results, "plain")
    assert {task.config["limit"] for task in result.tasks} == {item.config["limit"] for item in inputs()}
    assert [task.id for task in result.tasks] == [*(f"easy-0{n}" for n in range(1, 6)), "hard-01"]
    assert {task.environment for task in result.tasks} == {"crates"}
    assert [task.max_steps for task in result.tasks] == [60] * 5 + [512]
    assert (result.needed, result.idle, result.unseen) == (("Weigh", "Pack", "Close"), {}, 4)
    assert result.report.random_episodes >= 6 and result.report.random_reward == 0.0
    for facts in result.report.tasks.values():
        assert (facts.oracle, facts.gold, facts.no_op, facts.wrong) == (1.0, 1.0, 0.0, 0.0) and facts.oracle_calls > 10
    card = result.card()
    assert set(card["checks"].values()) == {"pass"} and card["tools"] == 5 and card["unseen_inputs"] == 4
    assert card["problem"] == "crates/1" and card["source"] == "own"


def test_result_can_be_kept_in_a_journal(results: Results) -> None:
    """The pipeline writes every result as JSON and reads it back: an interrupted run repeats nothing."""
    for adapter, name in ((TypeAdapter(Verified), "plain"), (TypeAdapter(Rejection), "syntax")):
        assert adapter.validate_json(adapter.dump_json(results[name])) == results[name]


def test_inputs_of_no_use_are_dropped_and_counted(results: Results) -> None:
    result = kept(results, "inputs of no use")
    assert result.card()["dropped_tasks"] == {
        "too few calls": 1,
        "too many calls": 1,
        "empty answer": 1,
        "long answer": 1,
        "over a limit": 1,
    }
    assert len(result.tasks) == len(result.report.tasks) == len(result.report.references) == 6


def test_tools_of_no_use_do_not_count(results: Results) -> None:
    result = kept(results, "tools of no use")
    assert result.needed == ("Weigh", "Pack", "Close") and result.report.tools == 8
    assert result.idle == {
        "Spare": "the oracle never uses it",
        "Optional": "the oracle gets there without it",
        "Lift": "the same as Weigh",
    }


def test_tool_without_which_far_more_calls_are_made_is_needed(results: Results) -> None:
    result = kept(results, "a tool that saves work")
    assert result.needed == ("Weigh", "Pack", "Close", "Scout") and result.idle == {}


def test_tasks_are_played_at_random_often_enough_and_more_often_after_a_hit(results: Results) -> None:
    assert kept(results, "plain").report.random_episodes == 12, "six tasks, at least nine episodes"
    lucky = results["one of five answers"]
    assert isinstance(lucky, Rejection)
    assert (played := re.search(r"of (\d+) episodes", lucky.detail)) and int(played[1]) >= QUICK.more_random_episodes


def test_tiny_tasks_are_not_played_at_random(results: Results) -> None:
    """In three calls much can be had by chance."""
    facts = kept(results, "a tiny task").report.tasks
    assert {id for id, one in facts.items() if one.random is None} == {"tiny-01"}


def test_mutants_are_killed_but_for_those_that_mean_the_same(results: Results) -> None:
    plain, dead = kept(results, "plain").mutants, kept(results, "tools of no use").mutants
    assert plain.made >= 10 and plain.rate >= 0.9
    assert dead.killed < dead.made and any("1000 to 1001" in survivor for survivor in dead.survivors)


def test_same_candidate_has_the_same_card_on_any_machine(results: Results) -> None:
    again = run({"plain": (crates(), QUICK)})
    assert kept(again, "plain").card() == kept(results, "plain").card()


@pytest.mark.long
def test_input_that_takes_too_long_is_dropped() -> None:
    sleeping = '        if self.limit == 99:\n            __import__("time").sleep(1.9)\n        return self.weights[item]'
    slow = Input(config={"weights": [1] * 12, "limit": 99}, answer=13)
    candidate = crates(("        return self.weights[item]", sleeping), inputs=(*inputs(), slow))
    result = kept(run({"slow": (candidate, replace(QUICK, rollout_s=20.0))}), "slow")
    assert result.report.dropped == {"medium-01": "over a limit"}
