"""What the machine has, as its container lets it."""

from pathlib import Path

import pytest

from codegym_mcp.sandbox.machine import available_memory, cores

MIB = 1 << 20


@pytest.mark.parametrize(
    ("limit", "used", "cached", "free"), [(100, 30, 0, 70), (100, 90, 40, 50), (100, 120, 0, 0), ("max", 30, 0, None)]
)
def test_memory_is_the_containers(tmp_path: Path, limit: int | str, used: int, cached: int, free: int | None) -> None:
    (tmp_path / "memory.max").write_text(f"{limit * MIB if isinstance(limit, int) else limit}\n")
    (tmp_path / "memory.current").write_text(f"{used * MIB}\n")
    (tmp_path / "memory.stat").write_text(f"anon 7\ninactive_file {cached * MIB}\n")
    found = available_memory(tmp_path)
    assert found > 200 * MIB if free is None else found == free * MIB


@pytest.mark.parametrize(("limit", "wanted"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("x", None)])
def test_cores_are_the_containers(tmp_path: Path, limit: str, wanted: int | None) -> None:
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert cores(tmp_path) == (cores(tmp_path / "none") if wanted is None else wanted)
