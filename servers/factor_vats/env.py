"""A row of vats, numbered from 0, hides a whole number in each."""

import copy

from codegym_mcp import Environment, tool


class Vats:
    """The numbers in the vats."""

    def __init__(self, numbers: list[int], room: int, small: int) -> None:
        self.numbers, self.room, self.small = list(numbers), room, small
        self.wasted = 0

    def _number(self, vat: int) -> int:
        if not 0 <= vat < len(self.numbers):
            raise ValueError(f"vat must be from 0 to {len(self.numbers) - 1}, got {vat}")
        return self.numbers[vat]

    def is_empty(self, vat: int) -> bool:
        """Tell whether the number in a vat is 1.

        Args:
            vat: number of the vat, from 0.

        Returns:
            whether it is.

        Example:
            is_empty(vat=0) -> false
        """
        return self._number(vat) == 1

    def divides(self, vat: int, divisor: int) -> bool:
        """Test whether a divisor divides the number in a vat.

        Args:
            vat: number of the vat, from 0.
            divisor: a whole number from 2 on.

        Returns:
            whether it does.

        Example:
            divides(vat=0, divisor=3) -> true
        """
        if divisor < 2:
            raise ValueError(f"divisor must be at least 2, got {divisor}")
        return self._number(vat) % divisor == 0

    def divide_out(self, vat: int, divisor: int) -> int:
        """Divide the number in a vat by a divisor.

        Args:
            vat: number of the vat, from 0.
            divisor: a divisor of the number, at least 2.

        Returns:
            how many digits the number has afterwards.

        Example:
            divide_out(vat=0, divisor=3) -> 2
        """
        if not self.divides(vat, divisor):
            raise ValueError(f"{divisor} does not divide the number in vat {vat}")
        self.numbers[vat] //= divisor
        return len(str(self.numbers[vat]))

    def pour(self, vat: int, prime: int) -> str:
        """Pour a prime into a vat, if there is room for it.

        Args:
            vat: number of the vat, from 0.
            prime: the prime.

        Returns:
            "poured", or "no room" if nothing was changed.

        Example:
            pour(vat=1, prime=3) -> "poured"
        """
        if self._number(vat) * prime > self.room:
            return "no room"
        self.numbers[vat] *= prime
        return "poured"

    def waste(self, prime: int) -> int:
        """Pour a prime away.

        Args:
            prime: the prime.

        Returns:
            the fee; it grows with each prime poured away.

        Example:
            waste(prime=3) -> 8
        """
        if prime < 2:
            raise ValueError(f"{prime} is no prime")
        self.wasted += 1
        return prime + 5 * self.wasted


class FactorVats(Environment):
    """A row of vats, numbered from 0, hides a whole number in each. The vats are handled in ascending order. For a vat,
    test the primes 2, 3, 5, 7, 11, ... in ascending order, as long as its number is not 1: as often as the prime
    divides the number that is in the vat at present, it is divided out.

    Whenever a prime of at most `small` has been divided out of a vat that is not the last one, it is poured into the
    next vat right away, which multiplies the number there by it; but only if the number is at most `room` then.
    Otherwise the prime is poured away, which costs a fee.

    The answer is the sum, over all primes that were divided out, of the prime times the number of the vat counted from
    1, and the sum of the fees. No prime factor is greater than 31.

    The input is hidden (numbers); the tools give access to it. Observe shows what is known from the start: sizes, and
    room, small.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, numbers: list[int], room: int, small: int) -> None:
        self.numbers = numbers
        self.room = room
        self.small = small
        self.vats = Vats(copy.deepcopy(self.numbers), self.room, self.small)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "room": a whole number, given as it is.
            "small": a whole number, given as it is.
            "numbers": number of items of numbers.

        Example:
            Observe() -> {"room": 117, "small": 5, "numbers": 2}
        """
        return {"room": self.room, "small": self.small, "numbers": len(self.numbers)}

    @tool
    def IsEmpty(self, vat: int) -> bool:
        """Tell whether the number in a vat is 1.

        Args:
            vat: number of the vat, from 0.

        Returns:
            whether it is.

        Example:
            IsEmpty(vat=0) -> false
        """
        return self.vats.is_empty(vat)

    @tool
    def Divides(self, vat: int, divisor: int) -> bool:
        """Test whether a divisor divides the number in a vat.

        Args:
            vat: number of the vat, from 0.
            divisor: a whole number from 2 on.

        Returns:
            whether it does.

        Example:
            Divides(vat=0, divisor=3) -> true
        """
        return self.vats.divides(vat, divisor)

    @tool
    def DivideOut(self, vat: int, divisor: int) -> int:
        """Divide the number in a vat by a divisor.

        Args:
            vat: number of the vat, from 0.
            divisor: a divisor of the number, at least 2.

        Returns:
            how many digits the number has afterwards.

        Example:
            DivideOut(vat=0, divisor=3) -> 2
        """
        return self.vats.divide_out(vat, divisor)

    @tool
    def Pour(self, vat: int, prime: int) -> str:
        """Pour a prime into a vat, if there is room for it.

        Args:
            vat: number of the vat, from 0.
            prime: the prime.

        Returns:
            "poured", or "no room" if nothing was changed.

        Example:
            Pour(vat=1, prime=3) -> "poured"
        """
        return self.vats.pour(vat, prime)

    @tool
    def Waste(self, prime: int) -> int:
        """Pour a prime away.

        Args:
            prime: the prime.

        Returns:
            the fee; it grows with each prime poured away.

        Example:
            Waste(prime=3) -> 8
        """
        return self.vats.waste(prime)

    def answer(self) -> dict[str, int]:
        """Handle the vats.

        Returns:
            the sum over the "primes" and the "fees". Example: {"primes": 188, "fees": 23}.
        """
        numbers = copy.deepcopy(self.numbers)
        room = self.room
        small = self.small
        vats = Vats(numbers, room, small)
        total = fees = 0
        for vat in range(len(numbers)):
            for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31):
                while vats.divides(vat, prime):
                    vats.divide_out(vat, prime)
                    total += prime * (vat + 1)
                    if prime <= small and vat + 1 < len(numbers) and (vats.pour(vat + 1, prime) == "no room"):
                        fees += vats.waste(prime)
                if vats.is_empty(vat):
                    break
        return {"primes": total, "fees": fees}

    def solve(self, call):
        seen = call("Observe")
        small = seen["small"]
        total = fees = 0
        for vat in range(seen["numbers"]):
            for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31):
                while call("Divides", vat=vat, divisor=prime):
                    call("DivideOut", vat=vat, divisor=prime)
                    total += prime * (vat + 1)
                    if (
                        prime <= small
                        and vat + 1 < seen["numbers"]
                        and (call("Pour", vat=vat + 1, prime=prime) == "no room")
                    ):
                        fees += call("Waste", prime=prime)
                if call("IsEmpty", vat=vat):
                    break
        return call("Done", answer={"primes": total, "fees": fees})

    @staticmethod
    def generate(rng, level):
        primes, count = {
            "easy": ([2, 3, 5, 7, 11], 2),
            "medium": ([2, 3, 5, 7], 3),
            "hard": ([2, 3, 5, 7, 11, 13, 17], 6),
        }[level]
        numbers = []
        for _ in range(count):
            number = 1
            for _ in range(2 if level != "hard" else 3):
                number *= rng.choice(primes)
            numbers.append(number)
        room = rng.randint(400, 3000) if level == "hard" else rng.randint(30, 120)
        return {"numbers": numbers, "room": room, "small": rng.choice([2, 3, 5])}
