"""What a benchmark lacks on this machine."""

from codegym_mcp.errors import CodegymError


class Absent(CodegymError):
    """Data or a package of a benchmark is not here; the text says which, and the command that brings it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} is not on this machine. {remedy}")
