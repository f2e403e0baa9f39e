"""How a check ends verification."""


class Refused(Exception):
    """The candidate fails a check."""

    def __init__(self, reason: str, detail: str) -> None:
        """Args:
        reason: one of the fixed ones: load, inputs, ground truth, unsolvable, too few tasks, needs its tools, injected
            failure, or a name of codegym_mcp.report.CHECKS.
        detail: what was expected and what was seen.
        """
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")
