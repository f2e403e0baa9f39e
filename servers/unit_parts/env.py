"""Each entry of `fractions` is a fraction between 0 and 1, as [numerator, denominator]."""

import copy
import math

from codegym_mcp import Environment, tool


def unit_for(numerator: int, denominator: int) -> int:
    """Work out the unit for a fraction.

    Args:
        numerator: its numerator, at least 1.
        denominator: its denominator.

    Returns:
        the smallest denominator of a unit fraction that is not greater than the fraction.

    Example:
        unit_for(numerator=3, denominator=7) -> 3
    """
    if numerator < 1 or denominator < 1:
        raise ValueError("numerator and denominator must be at least 1")
    return -(-denominator // numerator)


def take_away(numerator: int, denominator: int, unit: int) -> list[int]:
    """Take a unit fraction away from a fraction.

    Args:
        numerator: numerator of the fraction.
        denominator: its denominator.
        unit: denominator of the unit fraction, which must not be greater than the fraction.

    Returns:
        numerator and denominator of what is left, in lowest terms; [0, 1] if nothing is left.

    Example:
        take_away(numerator=3, denominator=7, unit=3) -> [2, 21]
    """
    if numerator * unit < denominator:
        raise ValueError(f"1/{unit} is greater than {numerator}/{denominator}")
    top, bottom = numerator * unit - denominator, denominator * unit
    common = math.gcd(top, bottom)
    return [top // common, bottom // common]


def unit_price(unit: int, before: int) -> int:
    """Work out the price of a used denominator.

    Args:
        unit: the denominator.
        before: how many denominators have been used before it, for all fractions.

    Returns:
        the price.

    Example:
        unit_price(unit=21, before=2) -> 12
    """
    if unit < 1 or before < 0:
        raise ValueError("unit must be at least 1, before at least 0")
    return len(bin(unit)) + unit % 7 + 2 * before + (1 if unit % 2 else 0)


def rest_price(numerator: int, denominator: int) -> int:
    """Work out the price of what is written off.

    Args:
        numerator: its numerator, at least 1.
        denominator: its denominator.

    Returns:
        the price.

    Example:
        rest_price(numerator=2, denominator=21) -> 106
    """
    if numerator < 1 or denominator < 1:
        raise ValueError("numerator and denominator must be at least 1")
    return 10 + numerator * 1000 // denominator + numerator % 10 - 1


class UnitParts(Environment):
    """Each entry of `fractions` is a fraction between 0 and 1, as [numerator, denominator]. Handle the fractions in order
    and take each one apart into unit fractions, which have the numerator 1.

    As long as the numerator of what is left is not 0, work out the unit for it: the denominator of the unit fraction to
    be
    taken away. If this denominator has been used before, for this fraction or an earlier one, 1 is added to it until it
    is a
    denominator that has not been used. It is then used, and its unit fraction is taken away. But a fraction may have at
    most
    `parts` unit fractions: if something is left after that many, it is written off.

    Every used denominator has a price. What is written off has a price too, which depends on its numerator and its
    denominator.

    The answer is the sum of all prices, the greatest denominator used, and the number of fractions of which something
    was written off.

    The input is hidden (fractions); the tools give access to it. Observe shows what is known from the start: sizes, and
    parts.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, fractions: list[list[int]], parts: int) -> None:
        self.fractions = fractions
        self.parts = parts

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "parts": a whole number, given as it is.
            "fractions": number of items of fractions.

        Example:
            Observe() -> {"parts": 3, "fractions": 2}
        """
        return {"parts": self.parts, "fractions": len(self.fractions)}

    @tool
    def ReadFraction(self, index: int) -> list[int]:
        """Read one item of fractions.

        Args:
            index: position in fractions, counted from 0.

        Returns:
            the item.

        Example:
            ReadFraction(index=0) -> [5, 8]
        """
        if not 0 <= index < len(self.fractions):
            raise ValueError(f"index must be from 0 to {len(self.fractions) - 1}, got {index}")
        return self.fractions[index]

    @tool
    def UnitFor(self, numerator: int, denominator: int) -> int:
        """Work out the unit for a fraction.

        Args:
            numerator: its numerator, at least 1.
            denominator: its denominator.

        Returns:
            the smallest denominator of a unit fraction that is not greater than the fraction.

        Example:
            UnitFor(numerator=3, denominator=7) -> 3
        """
        return unit_for(numerator, denominator)

    @tool
    def TakeAway(self, numerator: int, denominator: int, unit: int) -> list[int]:
        """Take a unit fraction away from a fraction.

        Args:
            numerator: numerator of the fraction.
            denominator: its denominator.
            unit: denominator of the unit fraction, which must not be greater than the fraction.

        Returns:
            numerator and denominator of what is left, in lowest terms; [0, 1] if nothing is left.

        Example:
            TakeAway(numerator=3, denominator=7, unit=3) -> [2, 21]
        """
        return take_away(numerator, denominator, unit)

    @tool
    def UnitPrice(self, unit: int, before: int) -> int:
        """Work out the price of a used denominator.

        Args:
            unit: the denominator.
            before: how many denominators have been used before it, for all fractions.

        Returns:
            the price.

        Example:
            UnitPrice(unit=21, before=2) -> 12
        """
        return unit_price(unit, before)

    @tool
    def RestPrice(self, numerator: int, denominator: int) -> int:
        """Work out the price of what is written off.

        Args:
            numerator: its numerator, at least 1.
            denominator: its denominator.

        Returns:
            the price.

        Example:
            RestPrice(numerator=2, denominator=21) -> 106
        """
        return rest_price(numerator, denominator)

    def answer(self) -> dict[str, int]:
        """Take all fractions apart.

        Returns:
            the sum of the "prices", the "greatest" denominator and the number "written" off. Example:
            {"prices": 141, "greatest": 42, "written": 1}.
        """
        fractions = copy.deepcopy(self.fractions)
        parts = self.parts
        used: list[int] = []
        prices = written = 0
        for fraction in fractions:
            top, bottom = fraction
            count = 0
            while top > 0 and count < parts:
                unit = unit_for(top, bottom)
                while unit in used:
                    unit += 1
                prices += unit_price(unit, len(used))
                used.append(unit)
                top, bottom = take_away(top, bottom, unit)
                count += 1
            if top > 0:
                prices += rest_price(top, bottom)
                written += 1
        return {"prices": prices, "greatest": max(used), "written": written}

    def solve(self, call):
        seen = call("Observe")
        parts = seen["parts"]
        used = []
        prices = written = 0
        for fraction in (call("ReadFraction", index=index) for index in range(seen["fractions"])):
            top, bottom = fraction
            count = 0
            while top > 0 and count < parts:
                unit = call("UnitFor", numerator=top, denominator=bottom)
                while unit in used:
                    unit += 1
                prices += call("UnitPrice", unit=unit, before=len(used))
                used.append(unit)
                top, bottom = call("TakeAway", numerator=top, denominator=bottom, unit=unit)
                count += 1
            if top > 0:
                prices += call("RestPrice", numerator=top, denominator=bottom)
                written += 1
        return call("Done", answer={"prices": prices, "greatest": max(used), "written": written})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 2, "medium": 4, "hard": rng.randint(8, 11)}[level]
        fractions = []
        for _ in range(count):
            bottom = rng.randint(5, 40)
            fractions.append([rng.randint(2, bottom - 1), bottom])
        return {"fractions": fractions, "parts": {"easy": 3, "medium": 3, "hard": 4}[level]}
