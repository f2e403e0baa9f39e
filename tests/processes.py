"""A real `codegym serve --transport http` in a process of its own, for tests whose subject is the process boundary."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TOKEN = "a-token-for-tests-only"
CODEGYM = (sys.executable, "-c", "import sys; sys.argv[0] = 'codegym'; from codegym_mcp.cli.main import main; main()")
"""The command, wherever the console script lies."""


class Served:
    """A running server and its URL."""

    def __init__(self, *arguments: str, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [*CODEGYM, "serve", *arguments, "--transport", "http", "--port", str(port), "--token", TOKEN],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if match := re.search(r"(http://[\d.]+:(\d+))/control ", line):
                self.url, self.port = match[1], int(match[2])
                return
        raise RuntimeError(f"the server did not start: {''.join(said)}")

    def kill(self) -> None:
        """End it without a warning, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, sign)
        self.process.wait(30)
        if self.process.stderr is not None:
            self.process.stderr.close()


@contextlib.contextmanager
def served(*arguments: str | Path) -> Iterator[Served]:
    """A server for the length of a block."""
    server = Served(*map(str, arguments))
    try:
        yield server
    finally:
        server.stop()
