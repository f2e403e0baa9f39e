"""A benchmark by its name. Each is imported only when it is asked for: some need heavy packages."""

from typing import Any

import click

from codegym_mcp.errors import InvalidRequest
from eval.benchmark import Benchmark
from eval.settings import PROTOCOLS, Settings

FLAGS = {"domains": "domain", "levels": "level"}
"""How options that may be repeated are called."""
CHOICES = ("data", "names", "levels", "split", "per_environment", "domains")
"""Options that say which tasks are played: told in the report, for the protocol has others."""


def open_benchmark(name: str, settings: Settings, *, base_url: str | None = None, **options: Any) -> Benchmark:
    """A benchmark by its name. Options that it has no use for are refused.

    Args:
        base_url: of the subject's endpoint; a simulated user is there too, unless `user_url` is given.

    Raises:
        InvalidRequest: there is no such benchmark.
        click.UsageError: an option does not belong to it.
    """
    names = tuple(name for name in (options.pop("names") or "").split(",") if name)
    given = {key: value for key, value in {**options, "names": names}.items() if value not in (None, (), "")}
    match name:
        case "codegym":
            from eval.benchmarks.codegym import CodeGym

            return CodeGym(settings, **_only(given, "data names levels split per_environment agent"))
        case "tau" | "tau2":
            from eval.benchmarks.talk import UserModel

            user = UserModel(settings.user_model, given.pop("user_url", None) or base_url)
            if name == "tau":
                from eval.benchmarks.tau import Tau

                return Tau(settings, user=user, **_only(given, "data domains"))
            from eval.benchmarks.tau2 import Tau2

            return Tau2(settings, user=user, **_only(given, "domains"))
        case "alfworld":
            from eval.benchmarks.alfworld import AlfWorld

            return AlfWorld(settings, **_only(given, "data split"))
        case "zebralogic":
            from eval.benchmarks.zebralogic import ZebraLogic

            return ZebraLogic(settings, **_only(given, "data"))
        case "mmlu-pro":
            from eval.benchmarks.mmlu_pro import MmluPro

            return MmluPro(settings, **_only(given, "data"))
        case _:
            raise InvalidRequest("benchmark", f"there is no '{name}': choose from {', '.join(PROTOCOLS)}")


def flag_of(option: str) -> str:
    """As it is written on the command line."""
    return "--" + FLAGS.get(option, option).replace("_", "-")


def _only(given: dict[str, Any], allowed: str) -> dict[str, Any]:
    unused = [key for key in given if key not in allowed.split()]
    if unused:
        raise click.UsageError(f"{flag_of(unused[0])} does not belong to this benchmark")
    return given
