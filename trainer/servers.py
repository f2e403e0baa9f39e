"""Servers of environments for one run: those that the configuration names, or processes of our own. No episodes here."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codegym_mcp.process import Served, served
from trainer.config import Environments, InvalidConfig
from trainer.processes import from_first, local_size, process_rank


@contextmanager
def servers(config: Environments, folder: Path, *, one_player: bool = False) -> Iterator[list[Served]]:
    """The servers of a run, for as long as it lasts; none where it plays in memory. The pid of one that was given is 0.

    Args:
        folder: where those of our own write what they have to say.
        one_player: only the first of several processes plays, and starts them; else each starts its share of a machine's.

    Raises:
        InvalidConfig: the token of given servers is not set.
        SandboxError: a server of ours did not begin to serve.
    """
    if config.memory:
        yield []
        return
    if config.servers:
        token = os.environ.get(config.token_variable, "")
        if not token:
            raise InvalidConfig(
                "environments.token_variable", f"{config.token_variable} is not set; it holds the servers' token"
            )
        yield [Served(url, token, 0) for url in config.servers]
        return
    with contextlib.ExitStack() as stack:
        if one_player:
            yield from_first(_start(stack, config, folder, config.processes) if process_rank() == 0 else [])
        else:
            yield _start(stack, config, folder, max(1, config.processes // local_size()))


def _start(stack: contextlib.ExitStack, config: Environments, folder: Path, count: int) -> list[Served]:
    """As many servers of our own; they end with the stack."""
    path, token = [config.path] if config.path else [], secrets.token_urlsafe(24)
    logs = [folder / f"server-{process_rank()}-{number}.log" for number in range(count)]
    return [stack.enter_context(served(*path, log=log, token=token)) for log in logs]
