"""Where workers come from: zygote processes, and a few spares that have run nothing.

A zygote is started by exec, never by fork: a fork of the server would carry every episode's data in its memory.
"""

import array
import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import codegym_mcp
from codegym_mcp.errors import SandboxError
from codegym_mcp.sandbox.lease import Lease
from codegym_mcp.sandbox.plain import PlainWorkers

START_TIMEOUT_S = 20.0
"""A zygote that has not said it is ready by then never will be."""
FORK_TIMEOUT_S = 10.0
BACKOFF_S = (0.05, 5.0)
"""First and longest pause after a failed fork or start."""


class Zygote:
    """One zygote process and the socket to ask it for workers."""

    def __init__(self, options: dict[str, object]) -> None:
        self._options = options
        self._born: asyncio.Future[tuple[int, int]] | None = None
        self._lock = asyncio.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Exec the process and wait until it is ready.

        Raises:
            SandboxError: it did not start.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(codegym_mcp.__file__).parents[1])
        script = str(Path(__file__).with_name("zygote.py"))
        # -P is not in the list: sys.path[0] is the sandbox folder, whose names shadow nothing
        try:
            process = self._process = subprocess.Popen(
                [sys.executable, "-s", "-S", script, str(theirs.fileno()), json.dumps({**self._options, "root": root})],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"PYTHONHASHSEED": str(self._options["hash_seed"]), "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        except OSError as exc:
            mine.close()
            raise SandboxError(f"the zygote could not be started: {exc}") from exc
        finally:
            theirs.close()
        mine.setblocking(False)
        loop = asyncio.get_running_loop()
        ready = b""
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                ready = await loop.sock_recv(mine, 16)
        except (OSError, TimeoutError):
            pass
        finally:  # also when the server stops meanwhile
            if ready != b"ready":
                mine.close()
                process.kill()
                process.wait()
        if ready != b"ready":
            raise SandboxError("the zygote did not start; `codegym doctor` tells what this machine lacks")
        self._control = mine
        loop.add_reader(mine.fileno(), self._answered)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._control is not None and self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Close the socket: the process reads the end of it and exits, and its workers with it."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._fail("the zygote was stopped")

    async def wait(self) -> None:
        """Nothing to wait for: workers die with their zygote, which reaps them."""

    async def fork(self, busy: set[Lease], on_death: Callable[[Lease], None]) -> Lease:
        """A new confined worker.

        Raises:
            SandboxError: the zygote is gone, or the machine refused the fork.
        """
        mine, theirs = socket.socketpair()
        try:
            async with self._lock, asyncio.timeout(FORK_TIMEOUT_S):
                if self._control is None:
                    raise SandboxError("the zygote is gone")
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))
                self._control.sendmsg([b"fork"], [rights])
                born = self._born = asyncio.get_running_loop().create_future()
                pid, pidfd = await taken(born)
        except (OSError, TimeoutError) as exc:
            mine.close()
            self.stop()  # a late answer would be taken for that of the next request
            raise SandboxError(f"no worker could be forked: {exc or 'no answer in time'}") from exc
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()
        mine.setblocking(False)
        lease = Lease(pid, partial(end_process, pidfd), busy, on_death, self.alive)
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: lease, sock=mine)
        except BaseException:
            lease.kill()
            mine.close()
            raise
        return lease

    def _answered(self) -> None:
        """The zygote has something to say: a worker was born, or it is gone."""
        assert self._control is not None
        try:
            message, ancillary, _, _ = self._control.recvmsg(64, socket.CMSG_SPACE(4))
        except BlockingIOError:
            return None
        except OSError:
            message, ancillary = b"", []
        fds = [struct.unpack("i", data[:4])[0] for _, _, data in ancillary]
        if not message:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
            return self._fail("the zygote is gone")
        number = struct.unpack("i", message)[0]
        if self._born is None or self._born.done():  # its caller went away
            for fd in fds:
                os.close(fd)
        elif number < 0:
            name = errno.errorcode.get(-number, str(-number))
            self._born.set_exception(SandboxError(f"no worker could be forked: {name}"))
        elif not fds:  # it arrived, but this process may have no more descriptors
            self._born.set_exception(SandboxError("no worker could be forked: EMFILE"))
        else:
            self._born.set_result((number, fds[0]))
        return None

    def _fail(self, why: str) -> None:
        if self._born and not self._born.done():
            self._born.set_exception(SandboxError(why))


async def taken(born: "asyncio.Future[tuple[int, int]]") -> tuple[int, int]:
    """The worker that is born; if the caller is cancelled at that very moment, it is ended at once."""
    try:
        return await born
    except asyncio.CancelledError:
        if born.done() and not born.cancelled() and born.exception() is None:
            end_process(born.result()[1])
        raise


def end_process(pidfd: int) -> None:
    """Kill a worker by its handle, which no other process can come to have."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)


class Nursery:
    """Zygotes, one per core, each with a task that keeps the queue of spares full."""

    def __init__(self, zygotes: Sequence[Zygote | PlainWorkers], spares: int) -> None:
        self.busy: set[Lease] = set()
        """Workers with a request in flight."""
        self.all: set[Lease] = set()
        """Every living worker."""
        self._zygotes = zygotes
        self._spares: asyncio.Queue[Lease] = asyncio.Queue(spares)
        self._tasks: list[asyncio.Task[None]] = []
        self.last_error: SandboxError | None = None

    async def start(self) -> None:
        """Start the zygotes and begin to make spares."""
        await asyncio.gather(*(zygote.start() for zygote in self._zygotes))
        self._tasks = [asyncio.create_task(self._fill(zygote), name="codegym-spares") for zygote in self._zygotes]

    async def stop(self) -> None:
        """Kill every worker and zygote."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lease in list(self.all):
            lease.kill()
        for zygote in self._zygotes:
            zygote.stop()
            await zygote.wait()

    async def take(self, timeout_s: float) -> Lease:
        """A worker that has run nothing.

        Raises:
            SandboxError: none came in time; the text tells the last failure.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    lease = await self._spares.get()
                    if not lease.lost:
                        return lease
        except TimeoutError:
            raise self.last_error or SandboxError(f"no worker was free within {timeout_s:g} s") from None

    async def _fill(self, zygote: Zygote | PlainWorkers) -> None:
        """A task of its own, so that a cancelled caller never leaves half a worker behind."""
        pause = BACKOFF_S[0]
        while True:
            try:
                lease = await zygote.fork(self.busy, self.all.discard)
                self.all.add(lease)
                await self._spares.put(lease)
                pause, self.last_error = BACKOFF_S[0], None
            except (SandboxError, OSError) as exc:  # OSError: this process is out of descriptors
                self.last_error = exc if isinstance(exc, SandboxError) else SandboxError(f"no worker could be forked: {exc}")
                await asyncio.sleep(pause)
                pause = min(2 * pause, BACKOFF_S[1])
                if not zygote.alive():
                    zygote.stop()
                    with contextlib.suppress(SandboxError, OSError):
                        await zygote.start()
