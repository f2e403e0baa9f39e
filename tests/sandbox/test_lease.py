"""The server's end of a worker, with a hostile one at the other end of the socket: whatever comes, no more than a kill."""

import asyncio
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegym_mcp.sandbox import frames, lease
from codegym_mcp.sandbox.lease import Lease, WorkerLost, run_queue_wait
from tests.conftest import PATIENCE_S

NONCE = b"8 bytes."
DIGEST = b"d" * 16


@dataclass
class Worker:
    """The far end of a lease, played by the test."""

    lease: Lease
    far: socket.socket
    ends: list[str] = field(default_factory=list)
    """What the lease has done to the process: it should be ended once."""


async def make(*, parent_lives: bool = True) -> Worker:
    """A lease on a process that is only a socket."""
    near, far = socket.socketpair()
    near.setblocking(False)
    ends: list[str] = []

    def build() -> Lease:
        return Lease(0, lambda: ends.append("ended"), set(), lambda _: ends.append("told"), lambda: parent_lives)

    _, made = await asyncio.get_running_loop().create_unix_connection(build, sock=near)
    return Worker(made, far, ends)


async def ask(worker: Worker) -> "asyncio.Future[lease.Reply]":
    """A request in flight; its nonce is known to the test alone."""
    future = worker.lease.request(frames.CALL, {"tool": "Add"}, b"", limit_s=1.0)
    worker.lease._nonce = NONCE
    return future


def reply(**changed: object) -> bytes:
    """A proper reply."""
    parts = {"nonce": NONCE, "flag": frames.OK, "text": b"seen", "state": b"bytes", "digest": DIGEST, **changed}
    return frames.pack_reply(**parts)  # type: ignore[arg-type]


async def test_reply_in_one_piece_and_byte_by_byte_is_the_same() -> None:
    worker = await make()
    with anyio.fail_after(PATIENCE_S):
        future = await ask(worker)
        worker.far.sendall(reply())
        whole = await future
        future = await ask(worker)
        for i in range(len(reply())):
            worker.lease.data_received(reply()[i : i + 1])
        pieces = await future
    assert whole == pieces == lease.Reply(frames.OK, b"seen", DIGEST, b"bytes")
    assert worker.ends == []
    worker.lease.kill()


FORGED: dict[str, bytes] = {
    "another nonce": reply(nonce=b"whatever"),
    "a flag that does not exist": reply(flag=frames.CALLING + 1),
    "bytes after the reply": reply() + b"x",
    "two replies": reply() + reply(),
    "a length below the header": frames.LENGTH.pack(3) + reply()[4:],
    "a length without end": frames.LENGTH.pack(0xFFFFFFFF) + reply()[4:],
    "a reply past the limit": frames.LENGTH.pack(frames.MAX_REPLY_BYTES - 3) + reply()[4:],
    "a text longer than the reply": frames.REPLY.pack(frames.REPLY.size - 4 + 2, NONCE, frames.OK, 3, DIGEST) + b"xy",
    "noise": bytes(range(64)),
}


@pytest.mark.parametrize("what", FORGED)
async def test_forged_reply_kills_the_worker(what: str) -> None:
    """Design: nothing a worker sends is believed; a reply that does not fit its request is no reply."""
    worker = await make()
    future = await ask(worker)
    worker.far.sendall(FORGED[what])
    with anyio.fail_after(PATIENCE_S), pytest.raises(WorkerLost) as lost:
        await future
    assert lost.value.why == "protocol"
    assert worker.ends == ["ended", "told"]


async def test_bytes_nobody_asked_for_kill_the_worker() -> None:
    worker = await make()
    worker.far.sendall(reply())
    with anyio.fail_after(PATIENCE_S):
        while not worker.lease.lost:
            await asyncio.sleep(0)
    assert worker.lease.lost == "protocol"


@settings(max_examples=200, deadline=None)
@given(chunks=st.lists(st.binary(max_size=80) | st.just(reply()) | st.just(reply()[:30]), max_size=4))
def test_whatever_a_worker_sends_ends_in_a_reply_or_in_its_death(chunks: list[bytes]) -> None:
    async def feed() -> None:
        worker = await make()
        future = await ask(worker)
        for chunk in chunks:
            if not worker.lease.lost:
                worker.lease.data_received(chunk)
        sent = b"".join(chunks)
        if future.done():
            assert future.exception() is not None or sent[4:12] == NONCE
        else:  # a reply that has only begun: no more bytes than one may have
            assert not worker.lease.lost and len(sent) < len(reply()) + frames.MAX_REPLY_BYTES
        worker.lease.kill()
        future.cancelled() or future.exception()
        worker.far.close()

    asyncio.run(feed())


@pytest.mark.parametrize(("parent_lives", "why"), [(True, "crashed"), (False, "released")])
async def test_death_of_a_worker_is_blamed_on_its_tool_unless_its_zygote_died(parent_lives: bool, why: str) -> None:
    """The kernel kills workers whose zygote ended: that is the machine's fault, and must never cost the model a step."""
    worker = await make(parent_lives=parent_lives)
    future = await ask(worker)
    worker.far.close()
    with anyio.fail_after(PATIENCE_S), pytest.raises(WorkerLost) as lost:
        await future
    assert lost.value.why == why


async def test_first_reason_of_a_death_stays() -> None:
    worker = await make()
    worker.lease.kill("timeout")
    worker.lease.kill("crashed")
    with pytest.raises(WorkerLost) as lost:
        await worker.lease.request(frames.CALL, {}, b"", limit_s=1.0)
    assert (lost.value.why, worker.ends) == ("timeout", ["ended", "told"])


async def test_request_past_its_limit_is_never_sent() -> None:
    worker = await make()
    worker.far.setblocking(False)
    with anyio.fail_after(PATIENCE_S), pytest.raises(WorkerLost) as lost:
        await worker.lease.request(frames.CALL, {}, b"x" * frames.MAX_REQUEST_BYTES, limit_s=1.0)
    assert lost.value.why == "oversized"
    with anyio.fail_after(PATIENCE_S):
        assert (
            await asyncio.get_running_loop().sock_recv(worker.far, 1) == b""
        )  # the end of the connection, and nothing before it


async def test_request_of_the_largest_size_is_sent() -> None:
    worker = await make()
    room = frames.MAX_REQUEST_BYTES - len(frames.pack_request(frames.CALL, NONCE, {}, b""))
    worker.lease.request(frames.CALL, {}, b"x" * room, limit_s=1.0)
    assert worker.lease.lost is None
    worker.lease.kill()


def waits(seconds: list[float]) -> Callable[[int], float]:
    """A process that has waited so long for a core, look by look."""
    return lambda pid: seconds.pop(0)


@pytest.mark.parametrize(
    ("waited", "looks", "why"),
    [
        ([0, 0], [0.5, 0.9], None),
        ([0, 0], [0.5, 1.1], "timeout"),  # it ran, or slept: its own fault either way
        ([0, 0.5], [0.5, 1.4], None),  # half a second of it was spent in the queue for a core
        ([0, 0.5], [0.5, 1.6], "timeout"),
        ([0, 9.2], [0.1, 9.9], None),
        ([0, 9.5], [0.1, 10.1], "stalled"),  # ten times its time, and hardly ever on a core
    ],
)
async def test_deadline_counts_the_time_a_worker_may_run(
    waited: list[float], looks: list[float], why: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design: the deadline does not count waiting for a core; ten times the deadline in wall time is a machine fault."""
    worker = await make()
    monkeypatch.setattr(lease, "run_queue_wait", waits([float(s) for s in waited]))
    future = await ask(worker)
    for look in looks:
        worker.lease.check_deadline(worker.lease._started + look)
    assert worker.lease.lost == why
    worker.lease.kill()
    with pytest.raises(WorkerLost):
        await future


def test_kernel_tells_how_long_a_process_waited_for_a_core() -> None:
    """Two that spin on one core: each waits while the other runs."""
    spinners = [psutil.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        core = psutil.Process().cpu_affinity()[:1]
        for spinner in spinners:
            spinner.cpu_affinity(core)
        while run_queue_wait(spinners[0].pid) < 0.05:
            assert spinners[0].cpu_times().user < PATIENCE_S
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def test_process_that_is_gone_has_not_waited() -> None:
    assert run_queue_wait(2**22 + 1) == 0.0
