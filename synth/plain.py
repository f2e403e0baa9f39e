"""The one meaning of "as JSON" for answers of original solutions. It uses no other name, so its source can be embedded."""

from typing import Any


def as_json(value: Any, levels: int = 64) -> Any:
    """A copy of the value in plain JSON: tuples as lists, sets as sorted lists, integer keys as text.

    Args:
        levels: lists and maps that may lie within each other.

    Raises:
        ValueError: JSON cannot carry it, or readers of JSON would disagree about it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        str.encode(value, "utf-8")  # raises a ValueError on half a character
        return str(value)
    if isinstance(value, int):
        if int.bit_length(value) > 1023:  # beyond what a reader that knows only floats can take
            raise ValueError("an integer of more than 1023 bits")
        return int(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"the number {value}")
        return float(value)
    if levels == 0:
        raise ValueError("lists or maps nested too deeply")
    if isinstance(value, dict):
        if any(isinstance(key, bool) or not isinstance(key, (str, int)) for key in value):
            raise ValueError("a map whose keys are neither texts nor integers")
        result = {as_json(str(key)): as_json(item, levels - 1) for key, item in value.items()}
        if len(result) < len(value):
            raise ValueError("a map with a text and an integer as the same key")
        return result
    if isinstance(value, (list, tuple, range)):
        return [as_json(item, levels - 1) for item in value]
    if isinstance(value, (set, frozenset)):
        items = [as_json(item, levels - 1) for item in value]
        try:
            return sorted(items)
        except TypeError:  # of several kinds
            return sorted(items, key=lambda item: (type(item).__name__, repr(item)))
    raise ValueError(f"an object of type {type(value).__name__}")
