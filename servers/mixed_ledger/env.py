"""A ledger has rows of digits."""

import copy

from codegym_mcp import Environment, tool


class Ledger:
    """The rows with their signs, the bases, and the result as far as it is written."""

    def __init__(self, rows: list[list[int]], signs: list[int], bases: list[int], places: int) -> None:
        self.rows, self.signs, self.bases, self.places = rows, signs, bases, places
        self.result: list[int] = []

    def sign(self, row: int) -> int:
        """Look at the sign of a row.

        Args:
            row: number of the row, from 0.

        Returns:
            1 for plus, -1 for minus.

        Example:
            sign(row=2) -> -1
        """
        if not 0 <= row < len(self.rows):
            raise ValueError(f"row must be from 0 to {len(self.rows) - 1}, got {row}")
        return self.signs[row]

    def digit(self, row: int, place: int) -> int:
        """Look at a digit.

        Args:
            row: number of the row, from 0.
            place: number of the place, from 0 to `places` - 1.

        Returns:
            the digit.

        Example:
            digit(row=2, place=0) -> 5
        """
        self.sign(row)
        if not 0 <= place < self.places:
            raise ValueError(f"place must be from 0 to {self.places - 1}, got {place}")
        return self.rows[row][place]

    def base(self, place: int) -> int:
        """Look up the base of a place.

        Args:
            place: number of the place, from 0; it may be beyond those of the rows.

        Returns:
            the base.

        Example:
            base(place=0) -> 8
        """
        if place < 0:
            raise ValueError(f"place must be at least 0, got {place}")
        return self.bases[place % len(self.bases)]

    def write_digit(self, digit: int) -> int:
        """Write a digit of the result into the next place, beginning with place 0.

        Args:
            digit: the digit, from 0 to the base of this place minus 1.

        Returns:
            a check number.

        Example:
            write_digit(digit=3) -> 12
        """
        place = len(self.result)
        if not 0 <= digit < self.base(place):
            raise ValueError(f"in place {place} the base is {self.base(place)}, {digit} is no digit")
        self.result.append(digit)
        return sum(self.result) * (place + 2) % 17


class MixedLedger(Environment):
    """A ledger has rows of digits. All rows have `places` places, numbered from 0, the lowest one. Each place has a base
    of its own: a digit in place p counts as many units as the product of the bases of all places below p. Each row has
    a sign: plus rows are added, minus rows are subtracted.

    Work out the sum of the whole ledger place by place, from place 0 on: take the digits of all rows in this place with
    their signs, and the carry from the place below (0 for place 0). Write into the place of the result the remainder of
    this when it is divided by the base of the place, which is never negative, and carry what is left, divided by the
    base; the carry can be negative. After the last place of the rows, places follow whose digits are all 0; go on until
    the carry is 0 there. The whole sum is never negative.

    Writing a digit gives a check number. The answer is the result, its digits from the highest place written down to
    place 0, separated by dots, and the sum of all check numbers.

    The input is hidden (rows, signs, bases); the tools give access to it. Observe shows what is known from the start:
    sizes, and places.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rows: list[list[int]], signs: list[int], bases: list[int], places: int) -> None:
        self.rows = rows
        self.signs = signs
        self.bases = bases
        self.places = places
        self.ledger = Ledger(
            copy.deepcopy(self.rows), copy.deepcopy(self.signs), copy.deepcopy(self.bases), self.places
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "places": a whole number, given as it is.
            "rows": number of items of rows.
            "signs": number of items of signs.
            "bases": number of items of bases.

        Example:
            Observe() -> {"places": 3, "rows": 2, "signs": 2, "bases": 4}
        """
        return {"places": self.places, "rows": len(self.rows), "signs": len(self.signs), "bases": len(self.bases)}

    @tool
    def Sign(self, row: int) -> int:
        """Look at the sign of a row.

        Args:
            row: number of the row, from 0.

        Returns:
            1 for plus, -1 for minus.

        Example:
            Sign(row=2) -> -1
        """
        return self.ledger.sign(row)

    @tool
    def Digit(self, row: int, place: int) -> int:
        """Look at a digit.

        Args:
            row: number of the row, from 0.
            place: number of the place, from 0 to `places` - 1.

        Returns:
            the digit.

        Example:
            Digit(row=2, place=0) -> 5
        """
        return self.ledger.digit(row, place)

    @tool
    def Base(self, place: int) -> int:
        """Look up the base of a place.

        Args:
            place: number of the place, from 0; it may be beyond those of the rows.

        Returns:
            the base.

        Example:
            Base(place=0) -> 8
        """
        return self.ledger.base(place)

    @tool
    def WriteDigit(self, digit: int) -> int:
        """Write a digit of the result into the next place, beginning with place 0.

        Args:
            digit: the digit, from 0 to the base of this place minus 1.

        Returns:
            a check number.

        Example:
            WriteDigit(digit=3) -> 12
        """
        return self.ledger.write_digit(digit)

    def answer(self) -> dict[str, int | str]:
        """Sum the ledger up.

        Returns:
            the digits of the "result" and the "check". Example: {"result": "1.7.0.3", "check": 41}.
        """
        rows = copy.deepcopy(self.rows)
        signs = copy.deepcopy(self.signs)
        bases = copy.deepcopy(self.bases)
        places = self.places
        ledger = Ledger(rows, signs, bases, places)
        signed = []
        for row in range(len(rows)):
            signed.append(ledger.sign(row))
        text, check, carry, place = ("", 0, 0, 0)
        while place < places or carry != 0:
            units = carry
            if place < places:
                for row, sign in enumerate(signed):
                    units += sign * ledger.digit(row, place)
            base = ledger.base(place)
            check += ledger.write_digit(units % base)
            text = f"{units % base}.{text}"
            carry = units // base
            place += 1
        return {"result": text[:-1], "check": check}

    def solve(self, call):
        seen = call("Observe")
        places = seen["places"]
        signed = []
        for row in range(seen["rows"]):
            signed.append(call("Sign", row=row))
        text, check, carry, place = ("", 0, 0, 0)
        while place < places or carry != 0:
            units = carry
            if place < places:
                for row, sign in enumerate(signed):
                    units += sign * call("Digit", row=row, place=place)
            base = call("Base", place=place)
            check += call("WriteDigit", digit=units % base)
            text = f"{units % base}.{text}"
            carry = units // base
            place += 1
        return call("Done", answer={"result": text[:-1], "check": check})

    @staticmethod
    def generate(rng, level):
        count, places = {"easy": (2, 3), "medium": (3, 5), "hard": (rng.randint(5, 6), rng.randint(9, 13))}[level]
        bases = [rng.randint(3, 14) for _ in range(places + 1)]
        signs = [1, *[rng.choice([1, -1]) for _ in range(count - 1)]]
        rows = [[rng.randrange(bases[place]) for place in range(places)] for _ in range(count)]
        if signs.count(-1) > signs.count(1) - 1:
            signs = [1, 1, *[-sign for sign in signs[2:]]] if count > 2 else [1, 1]
        for row, sign in zip(rows[1:], signs[1:], strict=True):
            row[-1] = 0 if sign < 0 else row[-1]
        rows[0][-1] = max(rows[0][-1], min(bases[places - 1] - 1, 3))
        return {"rows": rows, "signs": signs, "bases": bases, "places": places}
