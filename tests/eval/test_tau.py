"""tau-bench v1, on a checkout of its layout that the tests write: a library that lends books, and what its package files do.

Nothing of tau-bench is here: neither its text nor its code. What is shown is that a checkout of that layout is read
without its model clients, and that its protocol holds: who ends an episode, and what it is then worth.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegym_mcp.errors import InvalidRequest, PolicyError
from codegym_mcp.policies.simple import ScriptedPolicy
from codegym_mcp.rollout import Policy
from codegym_mcp.types import Trajectory
from eval.absent import Absent
from eval.benchmarks.talk import USER_TOKENS, Move, Replay, UserModel
from eval.benchmarks.tau import Tau
from eval.cli import main
from eval.report import read_run
from eval.settings import Settings
from tests.eval.endpoint import Body, call, endpoint

pytest.importorskip("openai", reason="chat models need the extra `chat`")
SETTINGS = Settings(max_steps=6, runs=1, user_model="customer")
WIKI = "Lend a book to a member whenever one is left. Tell how many are left."

POISON = "raise RuntimeError('a package file was imported')\n"
FILES = {
    "__init__.py": POISON,
    "types.py": """
from typing import Any
from pydantic import BaseModel

class Action(BaseModel):
    name: str
    kwargs: dict[str, Any]

class Task(BaseModel):
    user_id: str
    actions: list[Action]
    instruction: str
    outputs: list[str]
""",
    "envs/__init__.py": POISON,
    "envs/tool.py": "class Tool:\n    pass\n",
    "envs/user.py": """
from litellm import completion

class LLMUserSimulationEnv:
    def __init__(self, model, provider):
        completion(model)

    def build_system_prompt(self, instruction):
        return 'Be this customer: ' + instruction
""",
    "envs/airline/__init__.py": POISON,
    "envs/airline/wiki.md": WIKI,
    "envs/airline/data/__init__.py": """
def load_data():
    return {"left": {"Emma": 2, "Ulysses": 0}, "lent": {"ann": []}}
""",
    "envs/airline/tools/__init__.py": """
from tau_bench.envs.tool import Tool

def info(name, *parameters):
    properties = {each: {"type": "string"} for each in parameters}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": name + "s.", "parameters": schema}}

class Lend(Tool):
    @staticmethod
    def invoke(data, member, title):
        data["lent"][member].append(title)
        if data["left"][title] < 1:
            raise ValueError("none is left")
        data["left"][title] -= 1
        return str(data["left"][title])

    @staticmethod
    def get_info():
        return info("lend", "member", "title")

class Look(Tool):
    @staticmethod
    def invoke(data, title):
        return str(data["left"][title]) if title in data["left"] else "Error: no such book"

    @staticmethod
    def get_info():
        return info("look", "title")

class Transfer(Tool):
    @staticmethod
    def invoke(data):
        return "on the way"

    @staticmethod
    def get_info():
        return info("transfer_to_human_agents")

ALL_TOOLS = [Lend, Look, Transfer]
""",
    "envs/airline/tasks_test.py": """
from tau_bench.types import Action, Task

emma = [Action(name="look", kwargs={"title": "Emma"}), Action(name="lend", kwargs={"member": "ann", "title": "Emma"})]
TASKS = [
    Task(user_id="ann", instruction="You are ann. Borrow Emma; ask how many are left.", actions=emma, outputs=["0 left"]),
    Task(user_id="ann", instruction="You are ann. Ask for a human.", actions=[
        Action(name="transfer_to_human_agents", kwargs={})], outputs=[]),
    Task(user_id="ann", instruction="You are ann. Borrow Ulysses.", actions=[
        Action(name="lend", kwargs={"member": "ann", "title": "Ulysses"})], outputs=[]),
]
""",
}
FILES |= {name.replace("airline", "retail"): text for name, text in FILES.items() if "airline" in name}
FILES["envs/retail/tasks_test.py"] = FILES["envs/airline/tasks_test.py"].replace("TASKS = [", "TASKS_TEST = [")


def checkout(folder: Path) -> Path:
    """Write one."""
    for name, text in FILES.items():
        path = folder / "tau_bench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


async def played(folder: Path, policy: Policy, number: int = 0, user: UserModel | None = None) -> Trajectory:
    """One episode in the first domain."""
    async with Tau(SETTINGS, data=str(checkout(folder)), user=user) as benchmark:
        return await benchmark.play(policy, benchmark.tasks()[number], 0)


async def moves(folder: Path, *made: Move, number: int = 0) -> Trajectory:
    """An episode of these moves, beside a user who stops at the first word."""
    async with Tau(SETTINGS, data=str(checkout(folder)), domains=["airline"]) as benchmark:
        task = benchmark.tasks()[number]
        known = benchmark._domains["tau/airline"]
        return await benchmark.play(Replay({known.hash_of(number): made}), task, 0)


LEND: Move = ("lend", {"member": "ann", "title": "Emma"})


async def test_oracle_solves_all_and_refusing_only_what_needs_nothing(tmp_path: Path) -> None:
    """A do-nothing baseline beside every score: here too one task is solved by doing nothing."""
    async with Tau(SETTINGS, data=str(checkout(tmp_path))) as benchmark:
        tasks = benchmark.tasks()
        assert [task.environment for task in tasks] == ["tau/airline"] * 3 + ["tau/retail"] * 3
        assert [benchmark.oracle_calls()[task.environment, task.id] for task in tasks] == [2, 0, 1] * 2
        scores = {}
        for name in ("oracle", "nothing", "random"):
            policy = benchmark.baseline(name)
            assert policy is not None
            scores[name] = [(await benchmark.play(policy, task, 0)).reward for task in tasks]
        assert scores["oracle"] == [1.0] * 6 and scores["nothing"] == [0.0, 1.0, 0.0] * 2
        again = [(await benchmark.play(policy, task, 0)).reward for task in tasks]
        assert scores["random"] == again, "the same draws for the same tasks"


async def test_reward_needs_the_database_and_all_outputs(tmp_path: Path) -> None:
    """By tau-bench's rule: text without commas, in any one message; a look leaves no trace in the database."""
    looked: Move = ("look", {"title": "Emma"})
    good = await moves(tmp_path, LEND, "There are now 0, LEFT.")
    assert good.reward == 1.0 and good.status == "terminated" and [step.text for step in good.steps] == ["1"]
    assert (await moves(tmp_path, LEND, "Done.")).reward == 0.0
    assert (await moves(tmp_path, looked, "0 left")).reward == 0.0
    assert (await moves(tmp_path, LEND, LEND, "0 left")).reward == 0.0


async def test_failed_calls_are_told_and_leave_what_they_changed(tmp_path: Path) -> None:
    """As in tau-bench: no rollback, neither for the agent nor for the reference, so the two agree."""
    ulysses: Move = ("lend", {"member": "ann", "title": "Ulysses"})
    trajectory = await moves(tmp_path, ("look", {"title": "Ada"}), ("dance", {}), ulysses, "Sorry.", number=2)
    assert [(step.is_error, step.error) for step in trajectory.steps] == [
        (True, "ToolRaised"),
        (True, "UnknownTool"),
        (True, "ToolRaised"),
    ]
    assert trajectory.steps[2].text == "Error: none is left" and trajectory.reward == 1.0


async def test_transfer_ends_the_episode_and_too_many_turns_score_nothing(tmp_path: Path) -> None:
    moved = await moves(tmp_path, ("transfer_to_human_agents", {}), LEND, number=1)
    assert moved.reward == 1.0 and moved.status == "terminated" and len(moved.steps) == 1
    endless = await moves(tmp_path, *[("look", {"title": "Emma"})] * 9, number=1)
    assert endless.reward == 0.0 and endless.status == "truncated" and len(endless.steps) == SETTINGS.max_steps


async def test_reading_a_checkout_leaves_no_module_behind(tmp_path: Path) -> None:
    """Its package files, which import the clients of several vendors, are not run; litellm need not be there."""
    before = {name for name in sys.modules if name.partition(".")[0] in ("tau_bench", "litellm")}
    async with Tau(SETTINGS, data=str(checkout(tmp_path)), domains=["retail"]) as benchmark:
        one = benchmark.versions()
    assert {name for name in sys.modules if name.partition(".")[0] in ("tau_bench", "litellm")} == before
    (tmp_path / "tau_bench" / "envs" / "retail" / "wiki.md").write_text("Lend nothing.")
    async with Tau(SETTINGS, data=str(tmp_path), domains=["retail"]) as benchmark:
        assert benchmark.versions() != one


async def test_missing_checkout_says_how_to_get_one(tmp_path: Path) -> None:
    for data in (None, str(tmp_path)):
        with pytest.raises(Absent, match=r"git clone https://github.com/sierra-research/tau-bench; then add --data tau-bench"):
            await Tau(SETTINGS, data=data).__aenter__()
    checkout(tmp_path)
    (tmp_path / "tau_bench" / "envs" / "airline" / "data" / "__init__.py").write_text("")
    with pytest.raises(Absent, match="load_data"):
        await Tau(SETTINGS, data=str(tmp_path)).__aenter__()
    with pytest.raises(InvalidRequest, match="'telecom'"):
        Tau(SETTINGS, domains=["telecom"])


async def test_real_policy_without_a_user_is_told_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InvalidRequest, match="--user-model NAME, --user-url URL"):
        await played(tmp_path, ScriptedPolicy([]), user=UserModel("customer"))


async def test_user_who_says_nothing_is_a_failure_and_no_reward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with endpoint(lambda body: " ") as url:
        user = UserModel("customer", url)
        trajectory = await played(tmp_path, ScriptedPolicy([]), user=user)
    assert trajectory.reward is None and trajectory.error is not None
    assert trajectory.error["error"] == PolicyError.__name__ and "says nothing" in trajectory.error["message"]


def lender(body: Body) -> Body | str:
    """Both models: a customer by its system prompt, and an agent who knows its trade."""
    system, *rest = body["messages"]
    if body["model"] == "customer":
        assert system["content"].startswith("Be this customer: You are ann. ") and "temperature" not in body
        return "###STOP###" if "left" in rest[-1]["content"] else system["content"].split(". ")[1]
    assert system["content"] == WIKI and {tool["function"]["name"] for tool in body["tools"]} > {"lend", "look"}
    wish, *told = [message["content"] for message in rest if message["role"] in ("user", "tool")]
    if "human" in wish:
        return call("transfer_to_human_agents")
    title = wish.split()[1].strip(";.")
    if not told:
        return "Are you ann?"
    return call("lend", member="ann", title=title) if len(told) == 1 else f"Lent: {told[-1]}. 0 left."


def run_tau(folder: Path, answer: Callable[[Body], Any], *arguments: str) -> Result:
    """As typed by a user."""
    with endpoint(answer) as url:
        where = ["--data", str(checkout(folder / "tau-bench")), "--base-url", url, "--user-model", "customer", "--runs", "1"]
        command = ["run", "tau", "--model", "agent", *where, *arguments, "-o", str(folder / "run")]
        return CliRunner().invoke(main, command, env={"OPENAI_API_KEY": "none", "COLUMNS": "200"})


def test_models_at_an_endpoint_play_both_sides_through_the_command_line(tmp_path: Path) -> None:
    """The customer has the checkout's own prompt, as it would have it in tau-bench."""
    done = run_tau(tmp_path, lender, "--domain", "airline", "--domain", "retail")
    assert done.exit_code == 0, done.output
    given, records, scores = read_run(tmp_path / "run")
    assert given["tasks"] == [[f"tau/{domain}", str(number)] for domain in ("airline", "retail") for number in range(3)]
    assert scores[0].solved[0] == 1.0 and scores[0].no_verdict == 0 and scores[0].usage is not None
    assert [one.subject for one in scores] == ["agent", "nothing", "random"] and scores[1].solved[0] == pytest.approx(1 / 3)
    first = next(one.trajectory for one in records if one.subject == "agent" and one.trajectory.task.id == "0")
    roles = [message["role"] for message in first.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "tool", "assistant"]
    assert first.figures == {USER_TOKENS: 3 * 110} and f"| {USER_TOKENS} |" in done.output


def test_user_whose_endpoint_fails_leaves_no_verdict(tmp_path: Path) -> None:
    def answer(body: Body) -> Any:
        return 401 if body["model"] == "customer" else "Hello."

    done = run_tau(tmp_path, answer, "--domain", "airline", "-n", "1")
    assert done.exit_code == 1 and "AuthenticationError" in done.output, done.output
    _, _, [agent] = read_run(tmp_path / "run")
    assert (agent.subject, agent.episodes, agent.no_verdict, agent.solved) == ("agent", 0, 1, None)
