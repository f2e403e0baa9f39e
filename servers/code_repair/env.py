"""Each entry of `codes` is a code of digits."""

import copy

from codegym_mcp import Environment, tool


def test_value(code: str) -> int:
    """Work out the test value of a code.

    Args:
        code: the code.

    Returns:
        the test value, from 0 to 12.

    Example:
        test_value(code="1052") -> 7
    """
    if not code.isdigit():
        raise ValueError(f"a code has digits only, got {code!r}")
    return sum(int(digit) * (2 + 3 * place % 7) for place, digit in enumerate(reversed(code))) % 13


def exchange(code: str, place: int) -> str:
    """Exchange two neighbouring digits of a code.

    Args:
        code: the code.
        place: place of the first one of them, from 0.

    Returns:
        the code with both exchanged.

    Example:
        exchange(code="1052", place=1) -> "1502"
    """
    if not 0 <= place < len(code) - 1:
        raise ValueError(f"place must be from 0 to {len(code) - 2}, got {place}")
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def check_digit(digits: str) -> str:
    """Work out the check digit of some digits.

    Args:
        digits: the digits before the last one of a code.

    Returns:
        the digit to be put behind them.

    Example:
        check_digit(digits="105") -> "5"
    """
    if not digits.isdigit():
        raise ValueError(f"expected digits only, got {digits!r}")
    values = [(test_value(digits + str(digit)), digit) for digit in range(10)]
    return str(min(values)[1])


def rank(code: str) -> int:
    """Work out the rank of a code.

    Args:
        code: the code.

    Returns:
        the rank.

    Example:
        rank(code="1052") -> 16
    """
    value = 0
    for digit in code:
        value = (value * 3 + int(digit)) % 29
    return value + 1


class CodeRepair(Environment):
    """Each entry of `codes` is a code of digits. Its test value is worked out from the whole code; a code is valid if the
    test value is 0. Handle the codes in order and repair those that are not valid.

    First two neighbouring digits are exchanged on trial: the digits in places 0 and 1, then those in places 1 and 2 of
    the original code, and so on; pairs of equal digits are left out. The first exchange that gives a valid code is
    kept.

    If none does, the last digit of the original code is replaced by the check digit of the digits before it, whatever
    the test value of the code is then.

    Every valid or repaired code has a rank. The rank of a code that was valid counts once, that of one repaired by an
    exchange twice, that of one repaired by a check digit three times.

    The answer is the sum of the ranks of all codes, counted like this, the number of codes repaired by an exchange, and
    the last code as it is in the end.

    The input is hidden (codes); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, codes: list[str]) -> None:
        self.codes = codes

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "codes": number of items of codes.

        Example:
            Observe() -> {"codes": 3}
        """
        return {"codes": len(self.codes)}

    @tool
    def ReadCode(self, index: int) -> str:
        """Read one item of codes.

        Args:
            index: position in codes, counted from 0.

        Returns:
            the item.

        Example:
            ReadCode(index=0) -> "47454"
        """
        if not 0 <= index < len(self.codes):
            raise ValueError(f"index must be from 0 to {len(self.codes) - 1}, got {index}")
        return self.codes[index]

    @tool
    def TestValue(self, code: str) -> int:
        """Work out the test value of a code.

        Args:
            code: the code.

        Returns:
            the test value, from 0 to 12.

        Example:
            TestValue(code="1052") -> 7
        """
        return test_value(code)

    @tool
    def Exchange(self, code: str, place: int) -> str:
        """Exchange two neighbouring digits of a code.

        Args:
            code: the code.
            place: place of the first one of them, from 0.

        Returns:
            the code with both exchanged.

        Example:
            Exchange(code="1052", place=1) -> "1502"
        """
        return exchange(code, place)

    @tool
    def CheckDigit(self, digits: str) -> str:
        """Work out the check digit of some digits.

        Args:
            digits: the digits before the last one of a code.

        Returns:
            the digit to be put behind them.

        Example:
            CheckDigit(digits="105") -> "5"
        """
        return check_digit(digits)

    @tool
    def Rank(self, code: str) -> int:
        """Work out the rank of a code.

        Args:
            code: the code.

        Returns:
            the rank.

        Example:
            Rank(code="1052") -> 16
        """
        return rank(code)

    def answer(self) -> dict[str, int | str]:
        """Repair all codes.

        Returns:
            the sum of the "ranks", the number "exchanged" and the "last" code. Example:
            {"ranks": 88, "exchanged": 2, "last": "40917"}.
        """
        codes = copy.deepcopy(self.codes)
        ranks = exchanged = 0
        final = ""
        for code in codes:
            final, times = (code, 1)
            if test_value(code) != 0:
                times = 3
                for place in range(len(code) - 1):
                    if code[place] == code[place + 1]:
                        continue
                    trial = exchange(code, place)
                    if test_value(trial) == 0:
                        final, times = (trial, 2)
                        exchanged += 1
                        break
                if times == 3:
                    final = code[:-1] + check_digit(code[:-1])
            ranks += times * rank(final)
        return {"ranks": ranks, "exchanged": exchanged, "last": final}

    def solve(self, call):
        seen = call("Observe")
        ranks = exchanged = 0
        final = ""
        for code in (call("ReadCode", index=index) for index in range(seen["codes"])):
            final, times = (code, 1)
            if call("TestValue", code=code) != 0:
                times = 3
                for place in range(len(code) - 1):
                    if code[place] == code[place + 1]:
                        continue
                    trial = call("Exchange", code=code, place=place)
                    if call("TestValue", code=trial) == 0:
                        final, times = (trial, 2)
                        exchanged += 1
                        break
                if times == 3:
                    final = code[:-1] + call("CheckDigit", digits=code[:-1])
            ranks += times * call("Rank", code=final)
        return call("Done", answer={"ranks": ranks, "exchanged": exchanged, "last": final})

    @staticmethod
    def generate(rng, level):
        count, length = {"easy": (3, 5), "medium": (4, 5), "hard": (rng.randint(7, 9), 7)}[level]
        weights = [2 + 3 * place % 7 for place in range(length - 1, -1, -1)]
        codes = []
        while len(codes) < count:
            digits = [rng.randrange(10) for _ in range(length)]
            valid = sum((weight * digit for weight, digit in zip(weights, digits, strict=True))) % 13 == 0
            kind = len(codes) % 3
            if valid and kind < 2:
                place = rng.randrange(length - 1)
                digits[place : place + 2] = [digits[place + 1], digits[place]]
            if valid or kind == 2:
                codes.append("".join((str(digit) for digit in digits)))
        rng.shuffle(codes)
        return {"codes": codes}
