"""An honest environment beside the hostile ones."""

from codegym_mcp import Environment, tool


class Plain(Environment):
    """Tell the number."""

    def reset(self, *, number: int = 1) -> None:
        self.number = number

    def observe(self) -> str:
        return "a number"

    def answer(self) -> int:
        return self.number

    def solve(self, call):
        call("Done", answer=call("Number"))

    @tool
    def Number(self) -> int:
        """Read the number.

        Returns:
            the number.

        Example:
            Number() -> 1
        """
        return self.number
