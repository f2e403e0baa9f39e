"""A canonical digest of a state, made inside the worker.

Pickle bytes are not canonical: they depend on object identity (memo) and on the order of sets, so a live object and
its restored copy may differ. The digest ignores identity, sorts sets and tags every value with its type.
"""

import hashlib
import io
import pickle
import types
from typing import Any

SET_OPCODES = (b"\x8f", b"\x91")  # EMPTY_SET, FROZENSET: present in the bytes of every state that holds a set

GLOBALS = (type, types.FunctionType, types.BuiltinFunctionType)
"""Values that pickle keeps by name."""


def digest(state: dict[str, Any]) -> bytes:
    """16 bytes that are equal exactly for equal states.

    The quick way is pickle without a memo, which is canonical as long as no set and no cycle is involved. Which way is
    taken depends on the value alone, so equal states always take the same one.
    """
    buffer = io.BytesIO()
    pickler = _QuickPickler(buffer, 5)
    pickler.fast = True
    try:
        pickler.dump(state)
        data = buffer.getvalue()
        if any(opcode in data for opcode in SET_OPCODES) and _holds_set(state):
            data = _canonical(state, {})
    except (ValueError, RecursionError, KeyError):  # a cycle, a subclass; fast mode losing count after 50 frozensets
        data = _canonical(state, {})
    return hashlib.blake2b(data, digest_size=16).digest()


class _QuickPickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, (set, frozenset)):
            raise ValueError("a subclass of set is kept as a list, in no order that could be relied on")
        return NotImplemented


class _SetFound(Exception):
    pass


class _SetFinder(pickle.Pickler):
    def persistent_id(self, value: Any) -> None:
        if type(value) in (set, frozenset):
            raise _SetFound


def _holds_set(state: dict[str, Any]) -> bool:
    """Whether a set is in there: the bytes of the opcodes also stand in many a number, and the canonical way is slow."""
    try:
        _SetFinder(io.BytesIO(), 5).dump(state)
    except _SetFound:
        return True
    return False


def _canonical(value: Any, path: dict[int, int]) -> bytes:
    """Type-tagged bytes of a value; `path` maps the ids of the containers around it to their depth."""
    kind = type(value)
    if kind is int:
        return _tagged("int", [b"%x" % value])  # repr refuses long ones
    if value is None or kind in (bool, float, str, bytes, complex):
        return _tagged(kind.__name__, [repr(value).encode("utf-8", "surrogatepass")])
    if isinstance(value, GLOBALS):
        return _tagged("global", [value.__module__.encode(), value.__qualname__.encode()])
    if id(value) in path:
        return _tagged("cycle", [str(path[id(value)]).encode()])
    inner = path | {id(value): len(path)}
    if isinstance(value, (set, frozenset)):
        return _tagged(kind.__name__, sorted(_canonical(item, inner) for item in value))
    if kind in (list, tuple):
        return _tagged(kind.__name__, [_canonical(item, inner) for item in value])
    if kind is dict:
        return _tagged("dict", [_canonical(part, inner) for item in value.items() for part in item])
    return _tagged(kind.__qualname__, [_canonical(part, inner) for part in _reduced(value)])


def _reduced(value: Any) -> list[Any]:
    """What pickle would keep of an object; the iterators of its contents as lists."""
    reduced = value.__reduce_ex__(4)
    parts = (reduced,) if isinstance(reduced, str) else reduced
    return [list(part) if hasattr(part, "__next__") else part for part in parts]


def _tagged(tag: str, parts: list[bytes]) -> bytes:
    """Unambiguous: every part is preceded by its length."""
    return b"".join([f"({tag}".encode(), *(b"%d:%s" % (len(part), part) for part in parts), b")"])
