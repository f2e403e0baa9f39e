"""Servers of environments for one run: those that the configuration names, or processes of our own. No episodes here."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codegym_mcp.process import Served, served
from trainer.config import Environments, InvalidConfig


@contextmanager
def servers(config: Environments, folder: Path) -> Iterator[list[Served]]:
    """The servers of a run, for as long as it lasts; none where it plays in memory. The pid of one that was given is 0.

    Args:
        folder: where those of our own write what they have to say.

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
    path, token = [config.path] if config.path else [], secrets.token_urlsafe(24)
    with contextlib.ExitStack() as stack:
        logs = [folder / f"server-{os.environ.get('RANK', '0')}-{number}.log" for number in range(config.processes)]
        yield [stack.enter_context(served(*path, log=log, token=token)) for log in logs]
