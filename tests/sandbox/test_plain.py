"""Plain workers: what runs off Linux. No confinement, but a deadline, a kill, and the same transactions."""

from pathlib import Path

import anyio
import pytest

from codegym_mcp.client import ClientPool
from codegym_mcp.errors import SandboxUnavailable
from codegym_mcp.gym import Gym
from codegym_mcp.policies.oracle import Oracle
from codegym_mcp.rollout import collect_rollout
from codegym_mcp.sandbox import LAYERS, capabilities, choose
from codegym_mcp.sandbox.pool import Pool
from tests.conftest import LIMITS, PATIENCE_S, make_gym


async def test_the_oracle_solves_a_bundled_task() -> None:
    with anyio.fail_after(PATIENCE_S):
        async with Gym(pool=Pool(plain=True)) as gym, ClientPool.over(gym) as pool:
            trajectory = await collect_rollout(pool, Oracle(gym.catalog, gym.pool), gym.catalog.tasks("coin_change")[0])
    assert trajectory.reward == 1.0


async def test_a_hanging_or_crashing_tool_is_stopped_and_rolled_back(tmp_path: Path) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with make_gym(tmp_path, pool=Pool(LIMITS, plain=True, spares=2)) as gym:
            id = (await gym.open("counter", "seven")).id
            before = (await gym.status(id)).digest
            for tool, error in [("Hang", "ToolTimeout"), ("Crash", "ToolCrashed"), ("Boom", "ToolRaised")]:
                observation = await gym.call(id, tool, {"n": 1} if tool == "Boom" else {})
                assert observation.error == error
                assert (await gym.status(id)).digest == before
            assert (await gym.call(id, "Add", {"n": 1})).text == "8"


def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    found = capabilities.probe()
    fields = {name: getattr(found, name) for name in found.__slots__}
    weaker = type(found)(**{**fields, "layers": LAYERS - {"landlock"}, "missing": ("landlock: this kernel has none",)})
    monkeypatch.setattr(choose, "probe", lambda: weaker)


def test_untrusted_environments_are_refused_where_a_protection_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch)
    with pytest.raises(SandboxUnavailable, match="landlock: this kernel has none"):
        choose.choose_pool(trusted=False)


async def test_reviewed_ones_run_with_a_warning(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lacking(monkeypatch)
    async with choose.choose_pool(trusted=True):
        assert "landlock" in capsys.readouterr().err


async def test_the_flag_serves_untrusted_ones_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch)
    async with choose.choose_pool(trusted=False, allow_weaker=True):
        pass
