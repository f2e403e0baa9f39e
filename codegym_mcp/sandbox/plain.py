"""Workers without confinement, for reviewed environments off Linux: a process each, a deadline, and a kill.

No protection against hostile code: it only keeps a tool that hangs or crashes from taking the server along. The other
half of the file is what such a process runs: `python -s -S plain.py ROOT`, frames on stdin and stdout.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from codegym_mcp.sandbox.lease import Lease


class _Pipes(asyncio.SubprocessProtocol):
    """The two pipes of one process as the one connection a Lease wants."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self.exited = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._process = cast(asyncio.SubprocessTransport, transport)

    def attach(self, lease: "Lease") -> None:
        self.lease = lease
        lease.connection_made(cast(asyncio.BaseTransport, self))

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        if self.lease is not None:
            self.lease.data_received(cast(bytes, data))

    def process_exited(self) -> None:
        self.exited.set()
        if self.lease is not None:
            self.lease.connection_lost(None)

    def write(self, data: bytes) -> None:
        pipe = self._process.get_pipe_transport(0)
        if pipe is not None:
            cast(asyncio.WriteTransport, pipe).write(data)

    def abort(self) -> None:
        self._process.close()  # kills the process if it still runs


class PlainWorkers:
    """Starts plain processes; stands where a Zygote stands."""

    def __init__(self, options: dict[str, object]) -> None:
        self._options = options
        self._processes: set[_Pipes] = set()

    async def start(self) -> None:
        """Nothing to start: every worker is started by itself."""

    def alive(self) -> bool:
        """Nothing that could die."""
        return True

    def stop(self) -> None:
        """Nothing to stop."""

    async def wait(self) -> None:
        """Until every process has ended; their leases have been killed."""
        await asyncio.gather(*(pipes.exited.wait() for pipes in self._processes))

    async def fork(self, busy: "set[Lease]", on_death: "Callable[[Lease], None]") -> "Lease":
        """A new worker process.

        Raises:
            SandboxError: the machine refused to start it.
        """
        from codegym_mcp.errors import SandboxError
        from codegym_mcp.sandbox.lease import Lease

        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
        root = str(Path(__file__).parents[2])
        try:
            process, pipes = await asyncio.get_running_loop().subprocess_exec(
                _Pipes,
                *(sys.executable, "-s", "-S", __file__, root),
                stderr=asyncio.subprocess.DEVNULL,
                env={**kept, "PYTHONHASHSEED": str(self._options["hash_seed"]), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        except OSError as exc:
            raise SandboxError(f"no worker could be started: {exc}") from exc
        lease = Lease(process.get_pid() or 0, lambda: None, busy, on_death, self.alive)
        pipes.attach(lease)
        self._processes = {other for other in self._processes if not other.exited.is_set()} | {pipes}
        return lease


def main() -> None:
    """The process: import what environments may use, then serve the two pipes."""
    sys.path[0] = sys.argv[1]
    from codegym_mcp.sandbox.worker import Worker
    from codegym_mcp.sandbox.zygote import forget_the_server, preload

    preload()
    if sys.platform == "win32":
        import msvcrt

        binary: Any = msvcrt
        for fd in (0, 1):
            binary.setmode(fd, os.O_BINARY)
    forget_the_server()
    Worker(0, 1).serve()


if __name__ == "__main__":
    main()
