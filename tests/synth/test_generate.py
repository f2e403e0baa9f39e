"""generate, from recorded completions: twelve problems of ours, and a model that goes wrong in every way we know."""

from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from codegym_mcp.catalog import Catalog
from codegym_mcp.client import ClientPool
from codegym_mcp.errors import SandboxError, ToolCrashed, ToolTimeout
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.sandbox import pool as sandbox_pool
from codegym_mcp.sandbox.pool import Pool
from synth.generate.environment import check_environment
from synth.generate.generate import Settings, augment, environment_name, generate
from synth.generate.prompts import environment_prompt, example_definition, example_section, inputs_prompt, solver_prompt
from synth.generate.recorded import NotRecorded
from synth.generate.replies import normal_form, read_configs
from synth.generate.source import read_environment, with_solve
from synth.inputs.originals import Originals
from synth.problem import Candidate, Input, Problem, Rejection
from tests.conftest import fast_pool, write_environment
from tests.synth.completions import (
    AUGMENTED,
    GOOD,
    HOW_TO_RECORD,
    NAMES,
    SCENARIOS,
    WRONG,
    dumped,
    offline,
    read_problem,
    recorded,
    wrong_problem,
    wrong_settings,
)
from tests.synth.record import Recorder

REASONS = {
    "answer_by_seed": ("wrong ground truth", "the solution returns"),
    "cut_off": ("reply cut off", "token limit"),
    "empty_reply": ("empty reply", "no text"),
    "leaking_tool": ("leaks the answer", "SumOfPlaces, called first of all"),
    "malformed_tags": ("malformed reply", "found <environment>, <environment>"),
    "missing_tool": ("too few tools", "got 1"),
    "no_solver": ("no solver", "none of 2 replies"),
    "not_deterministic": ("not deterministic", "line 3: imports random"),
    "observe_that_shows_all": ("reveals its inputs", "'left'"),
    "other_arguments": ("fails on an input", "unexpected keyword argument 'first'"),
    "refusal": ("malformed reply", "it begins: I'm sorry"),
    "refused_by_the_endpoint": ("refused", "content_filter"),
    "stubborn": ("wrong ground truth", "answer()"),
    "syntax_error": ("invalid source", "env.py:18: not valid Python"),
    "too_slow": ("too slow", "answer() ran past"),
    "tool_that_asks_for_the_answer": ("leaks the answer", "CheckSum uses self.answer"),
    "undocumented_tool": ("invalid source", "TakeFront: docstring lacks the section 'Example:'"),
    "wrong_ground_truth": ("wrong ground truth", "the solution returns"),
}
"""Scenario -> why its first environment is refused, and words of what the model is told."""
MENDED = ("cut_off", "empty_reply", "malformed_tags", "syntax_error", "wrong_ground_truth")
"""Scenarios whose second environment is right."""
ONLY_VERIFICATION_SEES = ("cheating", "unsolvable")


async def test_recorded_completions_fit_the_prompts() -> None:
    """The one test that tells of a changed prompt: the others are skipped then."""
    async with fast_pool() as pool:
        try:
            for name in NAMES:
                await recorded(pool, name)
            problem, inputs = await wrong_problem(pool)
            for scenario in MENDED:
                await generate(offline(WRONG / scenario), pool, problem, inputs, settings=wrong_settings(scenario))
        except NotRecorded as exc:
            pytest.fail(f"{HOW_TO_RECORD}\n{exc}")
        except pytest.skip.Exception as exc:
            pytest.fail(str(exc))


async def play(pool: Pool, scenario: str, **options: int) -> Candidate | Rejection:
    """A model that goes wrong, offline."""
    model, (problem, inputs) = offline(WRONG / scenario), await wrong_problem(pool)
    try:
        return await generate(model, pool, problem, inputs, settings=Settings(**options))
    except NotRecorded as exc:
        if exc.step == "environment-1":
            pytest.skip(HOW_TO_RECORD)
        pytest.fail(f"what is wrong in {scenario} went unnoticed: {exc}")


@pytest.mark.parametrize("name", NAMES)
async def test_recorded_problem_becomes_a_candidate(name: str) -> None:
    async with fast_pool() as pool:
        candidate = await recorded(pool, name)
    assert len(read_environment(candidate.env, name).tools) >= 4
    assert len(candidate.inputs) >= 25 and {one.level for one in candidate.inputs} == {"medium", "hard"}
    assert len({str(one.config) for one in candidate.inputs}) == len(candidate.inputs)
    assert candidate.notes["solvers"] == {"asked": 10, "usable": 10, "distinct": len(candidate.solvers)}
    assert len(candidate.solvers) in (3, 4)


async def test_same_completions_give_the_same_bytes_whatever_the_concurrency() -> None:
    model = offline(GOOD, at_once=1)
    async with fast_pool() as pool:
        first = await recorded(pool, NAMES[0])
        second = await generate(model, pool, read_problem(NAMES[0]))
    assert dumped(first) == dumped(second)
    assert (model.spending.asked, model.spending.recalled) == (0, 15)
    assert first.notes["completion_tokens"] + first.notes["prompt_tokens"] == model.spending.recalled_tokens


async def test_a_machine_that_stumbles_changes_no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a replay missed a completion now and then: what had failed was left out of the next prompt."""
    stumbles = cycle([ToolTimeout("Done", 5.0), ToolCrashed("Done"), SandboxError("the worker was taken away")])
    seen: set[str] = set()

    def stumbling(name: str) -> Any:
        """A way into the sandbox that fails once for each input it is asked about."""
        whole = getattr(Pool, name)

        async def once(self: Pool, *arguments: Any) -> Any:
            asked = next((one["config"].get("configs") for one in arguments if isinstance(one, dict) and "config" in one), None)
            for one in asked or [arguments[1:]]:
                if (key := f"{name} {one}") not in seen:
                    seen.add(key)
                    raise ToolCrashed("solve") if asked else next(stumbles)
            return await whole(self, *arguments)

        return once

    async with fast_pool() as pool:
        expected = await recorded(pool, NAMES[1])
        for name in ("consult", "fresh"):
            monkeypatch.setattr(Pool, name, stumbling(name))
        assert dumped(await generate(offline(GOOD), pool, read_problem(NAMES[1]))) == dumped(expected)


async def test_recording_anew_keeps_the_texts_and_gives_them_the_present_keys(tmp_path: Path) -> None:
    """What `python -m tests.synth.record` does after a prompt was reworded, or a text edited by hand."""
    name = NAMES[-1]
    folder = tmp_path / name
    folder.mkdir()
    for path in (GOOD / name).glob("*.txt"):
        step, key, _ = path.name.split(".")
        (folder / f"{step}.{key[::-1]}.txt").write_text(path.read_text().replace(key, key[::-1]))
    async with fast_pool() as pool:
        expected = await recorded(pool, name)
        with pytest.raises(NotRecorded, match="there is one for another prompt"):
            await generate(offline(tmp_path), pool, read_problem(name))
        assert dumped(await generate(Recorder(tmp_path), pool, read_problem(name))) == dumped(expected)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (GOOD / name).iterdir()
    }


def test_every_scenario_is_looked_at() -> None:
    assert {*REASONS, *ONLY_VERIFICATION_SEES} == set(SCENARIOS)


@pytest.mark.parametrize("scenario", REASONS)
async def test_wrong_reply_is_refused_with_its_reason(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_pool, "OPEN_LIMIT_S", 0.5)
    async with fast_pool() as pool:
        rejection = await play(pool, scenario, solvers=2, retries=0)
    reason, words = REASONS[scenario]
    assert isinstance(rejection, Rejection)
    assert (rejection.stage, rejection.reason) == ("generate", reason)
    assert words in rejection.detail


@pytest.mark.parametrize("scenario", MENDED)
async def test_model_that_is_told_its_mistake_mends_it(scenario: str) -> None:
    async with fast_pool() as pool:
        candidate = await play(pool, scenario, solvers=2, retries=1)
    assert isinstance(candidate, Candidate), candidate
    assert (candidate.notes["completions"], len(candidate.solvers)) == (4, 2)


async def test_stubborn_model_is_asked_a_bounded_number_of_times() -> None:
    """Three environments are recorded: a fourth would be asked for in vain."""
    async with fast_pool() as pool:
        rejection = await play(pool, "stubborn", retries=2)
    assert isinstance(rejection, Rejection) and "answer() 137" in rejection.detail


@pytest.mark.parametrize("scenario", ONLY_VERIFICATION_SEES)
async def test_what_only_play_can_tell_is_left_to_verification(scenario: str) -> None:
    async with fast_pool() as pool:
        candidate = await play(pool, scenario, solvers=2, retries=0)
    assert isinstance(candidate, Candidate) and len(candidate.solvers) == 2


async def test_harder_inputs_come_beside_the_others() -> None:
    async with fast_pool() as pool:
        candidate = await recorded(pool, AUGMENTED)
        harder = await augment(offline(GOOD), pool, candidate)
    assert isinstance(harder, Candidate)
    new = harder.inputs[len(candidate.inputs) :]
    assert harder.inputs[: len(candidate.inputs)] == candidate.inputs
    assert len(new) == 8 and {(one.level, one.origin) for one in new} == {("hard", "written")}
    assert min(len(one.config["events"]) for one in new) > max(len(one.config["events"]) for one in candidate.inputs)
    assert harder.notes["augmented"]["inputs"] == 8


async def test_harder_inputs_are_refused_where_the_environment_is_wrong_on_them() -> None:
    async with fast_pool() as pool:
        candidate = await recorded(pool, AUGMENTED)
        spoilt = candidate.model_copy(update={"env": candidate.env.replace("paid += 7", "paid += 7 + (paid > 200)")})
        rejection = await augment(offline(GOOD), pool, spoilt)
    assert isinstance(rejection, Rejection) and rejection.reason == "wrong ground truth"


async def test_one_shot_example_passes_its_own_checks_and_is_solved_by_its_solver(tmp_path: Path) -> None:
    """The model is shown nothing that we would refuse."""
    source = example_section("environment")
    problem = Problem(
        id="lock",
        statement=example_section("problem"),
        solution=example_section("solution"),
        entry_point="lock_minutes",
    )
    configs, wrong = read_configs(example_section("inputs"))
    folder = write_environment(
        tmp_path,
        with_solve(source, example_section("solver")),
        "".join(
            Input(config=config, answer=0).model_dump_json(include={"config"})[:-1] + f', "id": "{n}"}}\n'
            for n, config in enumerate(configs)
        ),
        name="canal_lock",
    )
    async with Gym(Catalog.of(folder), pool=fast_pool()) as gym, ClientPool.over(gym) as clients:
        truths = await Originals(gym.pool).answers(problem, configs)
        inputs = [Input(config=config, answer=truth.answer) for config, truth in zip(configs, truths, strict=True)]
        await check_environment(gym.pool, source, "canal_lock", inputs)
        oracle = Oracle(gym.catalog, gym.pool)
        rewards = [(await collect_rollout(clients, oracle, task)).reward for task in gym.catalog.tasks("canal_lock")]
    assert not wrong and rewards == [1.0, 1.0]


def test_solver_is_asked_for_without_the_source_of_the_environment() -> None:
    """Source: the paper; a solver that has read the environment proves nothing about the documentation."""
    path = next((GOOD / "two_shelves").glob("environment-1.*"))
    source = path.read_text().split("<environment>\n")[1].split("</environment>")[0]
    text = str(solver_prompt(read_environment(source, "two_shelves")))
    assert "the signature, or -1 if the shelf is empty" in text and 'ReadFront(shelf="left") -> 14' in text
    code = [line.strip() for line in source.splitlines() if "self." in line or "raise " in line]
    assert len(code) > 8 and not any(line in text for line in code)
    assert not any(line.strip() in text for line in example_definition().source.splitlines() if "self." in line)


def test_prompts_hold_the_problem_but_a_script_has_no_entry_point() -> None:
    problem = read_problem("till_tape")
    for prompt in (environment_prompt(problem, []), inputs_prompt(problem, "hard", [])):
        assert problem.statement in prompt[1]["content"] and problem.solution in prompt[1]["content"]
        assert "it is a script" in prompt[1]["content"]
    assert "solution(lockers, events)" in environment_prompt(read_problem("parcel_lockers"), [])[1]["content"]


def test_equal_solvers_are_told_by_their_form_alone() -> None:
    first = 'def solve(self, call):\n    """Doc."""\n    n: int = call("Size")\n    call("Done", answer=n)  # go\n'
    second = 'def solve(self, call):\n    total = call("Size")\n    call("Done", answer=total)\n'
    third = 'def solve(self, call):\n    total = call("Other")\n    call("Done", answer=total)\n'
    assert normal_form(first) == normal_form(second) != normal_form(third)


@pytest.mark.parametrize("setting", [{"solver_temperature": 0.0}, {"solvers": 0}, {"retries": -1}, {"min_inputs": 0}])
def test_setting_that_makes_no_sense_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        Settings(**setting)  # type: ignore[arg-type]


def test_names_of_environments_are_names_of_folders() -> None:
    assert [environment_name(id) for id in ("mbpp/17", "HumanEval/3", "till_tape", "17 / x", "Bäume")] == [
        "mbpp_17",
        "human_eval_3",
        "till_tape",
        "problem_17_x",
        "b_ume",
    ]
