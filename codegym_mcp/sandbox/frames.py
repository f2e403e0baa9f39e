"""What the server and a worker say to each other on one socket. Standard library only: imported on both sides.

request  <I length> <B op> <8s nonce> <I n> head[n] blob        length counts what follows it; head is JSON
reply    <I length> <8s nonce> <B flag, 3 pad> <I n> <16s digest> text[n] state

The nonce is fresh for every request, so a late or unsolicited reply is recognised. `state` is opaque to the server:
it is never unpickled outside a worker. A request's blob holds code or state, both opaque as well.
"""

import json
import struct
from typing import Any

REQUEST = struct.Struct("<IB8sI")
REPLY = struct.Struct("<I8sB3xI16s")
LENGTH = struct.Struct("<I")

COMPILE, NEW, RESTORE, CALL, JUDGE, REFERENCE, SOLVE, ANSWER, GENERATE = range(9)
"""Operations. All but CALL and ANSWER are the first thing a fresh worker is asked."""

OK, RAISED, REFUSED, OVER_MEMORY, OVER_OBSERVATION, OVER_STATE, CALLING = range(7)
"""Flags of a reply. CALLING: an oracle asks for a tool call; everything between OK and CALLING is a failure."""

MAX_OBSERVATION_BYTES = 1 << 16
MAX_STATE_BYTES = 1 << 20
MAX_ERROR_CHARS = 2000
MAX_REPLY_BYTES = REPLY.size + MAX_OBSERVATION_BYTES + MAX_STATE_BYTES
MAX_REQUEST_BYTES = 1 << 23
"""A request is never longer than 8 MiB: code, state and arguments together."""


def pack_request(op: int, nonce: bytes, head: dict[str, Any], blob: bytes = b"") -> bytes:
    """One request as bytes."""
    text = json.dumps(head).encode()
    return REQUEST.pack(REQUEST.size - 4 + len(text) + len(blob), op, nonce, len(text)) + text + blob


def pack_reply(nonce: bytes, flag: int, text: bytes = b"", state: bytes = b"", digest: bytes = b"") -> bytes:
    """One reply as bytes."""
    return REPLY.pack(REPLY.size - 4 + len(text) + len(state), nonce, flag, len(text), digest) + text + state
