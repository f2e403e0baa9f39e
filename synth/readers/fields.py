"""Fields of a record, with their types; and what all readers have to say about a wrong one."""

from typing import Any

MAX_TEXT_CHARS = 200_000


class BadRecord(ValueError):
    """A record is wrong: the field, and what was expected."""

    def __init__(self, reason: str, field: str, problem: str) -> None:
        self.reason, self.field, self.problem = reason, field, problem
        super().__init__(f"{field}: {problem}")


class Fields:
    """A record whose fields are read by type."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def text(self, *names: str, default: str | None = None) -> str:
        """The first of these fields that is there.

        Raises:
            BadRecord: none is, or it is no text.
        """
        for name in names:
            value = self.data.get(name)
            if value is None:
                continue
            if not isinstance(value, str):
                raise BadRecord("wrong type", name, f"expected a text, got {type(value).__name__}")
            if len(value) > MAX_TEXT_CHARS:
                raise BadRecord("too long", name, f"expected at most {MAX_TEXT_CHARS} characters, got {len(value)}")
            if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
                raise BadRecord("wrong characters", name, "expected Unicode text without NUL")
            if value.strip() or default is not None:
                return value
            raise BadRecord("missing field", name, "expected a text that is not empty")
        if default is not None:
            return default
        raise BadRecord("missing field", " / ".join(names), "expected a text")

    def identity(self, *names: str, prefix: str = "") -> str:
        """An id: a text or a number."""
        value = next((self.data[name] for name in names if self.data.get(name) is not None), None)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise BadRecord("missing field", " / ".join(names), "expected a text or a number")
        return value if value.startswith(prefix) else f"{prefix}{value}"

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where the field is absent."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadRecord("wrong type", name, "expected a list of texts")
        return value
