"""Hidden numbers stand in a row; positions are counted from 1."""

import copy

from codegym_mcp import Environment, tool


class Row:
    """The numbers that have not been struck out."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = list(numbers)

    def length(self) -> int:
        """Tell how many numbers are left.

        Returns:
            the length of the row.

        Example:
            length() -> 12
        """
        return len(self.numbers)

    def number_at(self, position: int) -> int:
        """Look at a number.

        Args:
            position: its position, from 1.

        Returns:
            the number.

        Example:
            number_at(position=1) -> 35
        """
        if not 1 <= position <= len(self.numbers):
            raise ValueError(f"position must be from 1 to {len(self.numbers)}, got {position}")
        return self.numbers[position - 1]

    def stride_of(self, number: int) -> int:
        """Work out the stride of a number.

        Args:
            number: a number of the row.

        Returns:
            its stride, at least 2.

        Example:
            stride_of(number=35) -> 10
        """
        if number < 1:
            raise ValueError(f"number must be at least 1, got {number}")
        return 2 + sum(int(digit) for digit in str(number)) % 9

    def strike_out(self, stride: int) -> int:
        """Strike out all numbers whose positions are multiples of a stride.

        Args:
            stride: the stride, at least 2.

        Returns:
            the sum of the numbers struck out; 0 if there was none.

        Example:
            strike_out(stride=10) -> 41
        """
        if stride < 2:
            raise ValueError(f"stride must be at least 2, got {stride}")
        struck = self.numbers[stride - 1 :: stride]
        del self.numbers[stride - 1 :: stride]
        return sum(struck)


class StrikeSieve(Environment):
    """Hidden numbers stand in a row; positions are counted from 1. The row is thinned out in rounds, numbered from 1. A
    pointer points to position 1 at first.

    In each round, the number at the pointer has a stride. All numbers whose positions are multiples of the stride are
    struck out at once, and the row closes up. If the position of the pointer was a multiple of the stride, so that its
    number was struck out itself, the pointer stays at its position, where the next number of the row may stand now. If
    not, the pointer goes to the position right behind the one where its number stands now.

    Striking out tells the sum of the numbers struck out; the round scores this sum, and one with an odd number scores
    the double sum. The rounds go on until the position of the pointer is greater than the length of the row.

    The answer is the score of all rounds, the number of rounds, and the number at the last position of the row that is
    left.

    The input is hidden (numbers); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, numbers: list[int]) -> None:
        self.numbers = numbers
        self.row = Row(copy.deepcopy(self.numbers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "numbers": number of items of numbers.

        Example:
            Observe() -> {"numbers": 6}
        """
        return {"numbers": len(self.numbers)}

    @tool
    def Length(self) -> int:
        """Tell how many numbers are left.

        Returns:
            the length of the row.

        Example:
            Length() -> 12
        """
        return self.row.length()

    @tool
    def NumberAt(self, position: int) -> int:
        """Look at a number.

        Args:
            position: its position, from 1.

        Returns:
            the number.

        Example:
            NumberAt(position=1) -> 35
        """
        return self.row.number_at(position)

    @tool
    def StrideOf(self, number: int) -> int:
        """Work out the stride of a number.

        Args:
            number: a number of the row.

        Returns:
            its stride, at least 2.

        Example:
            StrideOf(number=35) -> 10
        """
        return self.row.stride_of(number)

    @tool
    def StrikeOut(self, stride: int) -> int:
        """Strike out all numbers whose positions are multiples of a stride.

        Args:
            stride: the stride, at least 2.

        Returns:
            the sum of the numbers struck out; 0 if there was none.

        Example:
            StrikeOut(stride=10) -> 41
        """
        return self.row.strike_out(stride)

    def answer(self) -> dict[str, int]:
        """Thin the row out.

        Returns:
            the "score", the number of "rounds" and the "last" number. Example: {"score": 714, "rounds": 6, "last": 35}.
        """
        numbers = copy.deepcopy(self.numbers)
        row = Row(numbers)
        pointer, score, rounds = (1, 0, 0)
        while pointer <= row.length():
            rounds += 1
            stride = row.stride_of(row.number_at(pointer))
            struck = row.strike_out(stride)
            score += struck * 2 if rounds % 2 else struck
            if pointer % stride:
                pointer += 1 - pointer // stride
        return {"score": score, "rounds": rounds, "last": row.number_at(row.length())}

    def solve(self, call):
        pointer, score, rounds = (1, 0, 0)
        while pointer <= call("Length"):
            rounds += 1
            stride = call("StrideOf", number=call("NumberAt", position=pointer))
            struck = call("StrikeOut", stride=stride)
            score += struck * 2 if rounds % 2 else struck
            if pointer % stride:
                pointer += 1 - pointer // stride
        return call(
            "Done", answer={"score": score, "rounds": rounds, "last": call("NumberAt", position=call("Length"))}
        )

    @staticmethod
    def generate(rng, level):
        length = {"easy": 6, "medium": rng.randint(18, 24), "hard": rng.randint(90, 170)}[level]
        return {"numbers": [rng.randint(10, 99) for _ in range(length)]}
