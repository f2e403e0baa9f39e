"""The model client, against raw sockets: whatever an endpoint does, there is a reply or a PolicyError, in bounded time.

What it makes of well-formed completions is seen in test_policies.py and tests/synth/test_generate_endpoint.py.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import pytest

from codegym_mcp.errors import PolicyError
from tests.conftest import PATIENCE_S

pytest.importorskip("openai", reason="chat models need the extra `chat`")
from codegym_mcp.policies.model import ChatModel

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"


@asynccontextmanager
async def endpoint(pieces: list[bytes], pause_s: float = 0.0, *, close: bool = False) -> AsyncIterator[str]:
    """A server that sends these pieces, the last one again and again, whatever it is asked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            for piece in pieces:
                writer.write(piece)
            while not close and not reader.at_eof():
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1 << 16), timeout=pause_s)
                writer.write(pieces[-1])
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def ask(url: str, **options: float) -> None:
    model = ChatModel("a-model", base_url=url, api_key="none", retries=0, **options)  # type: ignore[arg-type]
    try:
        await model.ask([{"role": "user", "content": "hello"}])
    finally:
        await model.close()


async def test_endpoint_that_never_ends_its_answer_is_given_up() -> None:
    """The client's own timeout is per read, and would wait for ever."""
    with anyio.fail_after(PATIENCE_S):
        async with endpoint([HEAD, b" "], pause_s=0.05) as url:
            with pytest.raises(PolicyError, match=r"no completion within 0\.5 s"):
                await ask(url, timeout_s=0.5)


async def test_endpoint_that_says_nothing_is_given_up() -> None:
    with anyio.fail_after(PATIENCE_S):
        async with endpoint([b""], pause_s=0.05) as url:
            with pytest.raises(PolicyError, match="a-model"):
                await ask(url, timeout_s=0.3)


@pytest.mark.parametrize("pieces", [[b""], [HEAD, b'{"choices": ['], [b"SSH-2.0-OpenSSH_9.6\r\n"]])
async def test_endpoint_that_hangs_up_is_a_policy_error(pieces: list[bytes]) -> None:
    with anyio.fail_after(PATIENCE_S):
        async with endpoint(pieces, close=True) as url:
            with pytest.raises(PolicyError, match="a-model"):
                await ask(url)


async def test_nobody_at_the_address_is_a_policy_error() -> None:
    with anyio.fail_after(PATIENCE_S):
        async with endpoint([b""]) as url:
            pass
        with pytest.raises(PolicyError, match="APIConnectionError"):
            await ask(url)
