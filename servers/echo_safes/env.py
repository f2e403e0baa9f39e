"""Safes are numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class Safes:
    """The safes with their secret moduli."""

    def __init__(self, moduli: list[int], slips: list[int], limit: int) -> None:
        self.moduli, self.slips, self.limit = moduli, slips, limit
        self.unlocked: list[int] = []
        self.jammed: list[int] = []

    def _check(self, safe: int) -> None:
        if not 0 <= safe < len(self.moduli) or safe in self.jammed:
            raise ValueError(f"there is no safe {safe}, or it is jammed")

    def echo(self, safe: int, number: int) -> int:
        """Call a number into a safe.

        Args:
            safe: number of the safe, from 0.
            number: the number, from 0 to `limit`.

        Returns:
            the echo.

        Example:
            echo(safe=0, number=20) -> 7
        """
        self._check(safe)
        if not 0 <= number <= self.limit:
            raise ValueError(f"number must be from 0 to {self.limit}, got {number}")
        return (number + len(self.unlocked)) % self.moduli[safe]

    def unlock(self, safe: int, modulus: int) -> str:
        """Try to unlock a safe; this can be tried once.

        Args:
            safe: number of the safe; all safes before it must be unlocked.
            modulus: what its modulus is thought to be.

        Returns:
            "unlocked" or "jammed".

        Example:
            unlock(safe=0, modulus=13) -> "unlocked"
        """
        self._check(safe)
        if safe != len(self.unlocked):
            raise ValueError(f"safe {len(self.unlocked)} is the next one to be unlocked")
        if self.moduli[safe] != modulus:
            self.jammed.append(safe)
            return "jammed"
        self.unlocked.append(safe)
        return "unlocked"

    def read_slip(self, safe: int) -> int:
        """Read the slip in an unlocked safe.

        Args:
            safe: number of the safe.

        Returns:
            the number on the slip.

        Example:
            read_slip(safe=0) -> 88
        """
        if safe not in self.unlocked:
            raise ValueError(f"safe {safe} is not unlocked")
        return self.slips[safe]

    def fold_in(self, fold: int, slip: int, modulus: int) -> int:
        """Fold a slip in.

        Args:
            fold: the fold so far.
            slip: the number on the slip.
            modulus: the modulus of its safe.

        Returns:
            the new fold.

        Example:
            fold_in(fold=0, slip=88, modulus=13) -> 114
        """
        if modulus < 2:
            raise ValueError("a modulus is at least 2")
        return (fold * modulus + slip + modulus * 2) % 9973


class EchoSafes(Environment):
    """Safes are numbered from 0. Each has a secret modulus, a whole number from 12 to `limit`. Called with a number from 0
    to
    `limit`, a safe echoes: to the number is added how many safes have been unlocked so far, and the echo is the
    remainder of
    this sum when it is divided by the modulus of the safe.

    A safe is unlocked by its modulus; a wrong attempt jams it, and then it gives nothing. The safes are unlocked in the
    order of their numbers. An unlocked safe holds a slip with a number. The slips have to be folded together one after
    the other: the fold begins with 0, and each slip is folded in right after its safe was unlocked, together with the
    modulus of the safe.

    The answer is the fold after the last slip, and the sum of all moduli.

    The input is hidden (moduli, slips); the tools give access to it. Observe shows what is known from the start: sizes,
    and limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, moduli: list[int], slips: list[int], limit: int) -> None:
        self.moduli = moduli
        self.slips = slips
        self.limit = limit
        self.safes = Safes(copy.deepcopy(self.moduli), copy.deepcopy(self.slips), self.limit)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "moduli": number of items of moduli.
            "slips": number of items of slips.

        Example:
            Observe() -> {"limit": 60, "moduli": 3, "slips": 3}
        """
        return {"limit": self.limit, "moduli": len(self.moduli), "slips": len(self.slips)}

    @tool
    def Echo(self, safe: int, number: int) -> int:
        """Call a number into a safe.

        Args:
            safe: number of the safe, from 0.
            number: the number, from 0 to `limit`.

        Returns:
            the echo.

        Example:
            Echo(safe=0, number=20) -> 7
        """
        return self.safes.echo(safe, number)

    @tool
    def Unlock(self, safe: int, modulus: int) -> str:
        """Try to unlock a safe; this can be tried once.

        Args:
            safe: number of the safe; all safes before it must be unlocked.
            modulus: what its modulus is thought to be.

        Returns:
            "unlocked" or "jammed".

        Example:
            Unlock(safe=0, modulus=13) -> "unlocked"
        """
        return self.safes.unlock(safe, modulus)

    @tool
    def ReadSlip(self, safe: int) -> int:
        """Read the slip in an unlocked safe.

        Args:
            safe: number of the safe.

        Returns:
            the number on the slip.

        Example:
            ReadSlip(safe=0) -> 88
        """
        return self.safes.read_slip(safe)

    @tool
    def FoldIn(self, fold: int, slip: int, modulus: int) -> int:
        """Fold a slip in.

        Args:
            fold: the fold so far.
            slip: the number on the slip.
            modulus: the modulus of its safe.

        Returns:
            the new fold.

        Example:
            FoldIn(fold=0, slip=88, modulus=13) -> 114
        """
        return self.safes.fold_in(fold, slip, modulus)

    def answer(self) -> dict[str, int]:
        """Unlock all safes.

        Returns:
            the "fold" and the sum of the "moduli". Example: {"fold": 4115, "moduli": 96}.
        """
        moduli = copy.deepcopy(self.moduli)
        slips = copy.deepcopy(self.slips)
        limit = self.limit
        safes = Safes(moduli, slips, limit)
        fold = total = 0
        for safe in range(len(moduli)):
            rest = safes.echo(safe, limit)
            modulus = max(12, rest + 1)
            while (limit + safe - rest) % modulus != 0 or safes.echo(safe, modulus - safe) != 0:
                modulus += 1
            if safes.unlock(safe, modulus) == "unlocked":
                total += modulus
                fold = safes.fold_in(fold, safes.read_slip(safe), modulus)
        return {"fold": fold, "moduli": total}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        fold = total = 0
        for safe in range(seen["moduli"]):
            rest = call("Echo", safe=safe, number=limit)
            modulus = max(12, rest + 1)
            while (limit + safe - rest) % modulus != 0 or call("Echo", safe=safe, number=modulus - safe) != 0:
                modulus += 1
            if call("Unlock", safe=safe, modulus=modulus) == "unlocked":
                total += modulus
                fold = call("FoldIn", fold=fold, slip=call("ReadSlip", safe=safe), modulus=modulus)
        return call("Done", answer={"fold": fold, "moduli": total})

    @staticmethod
    def generate(rng, level):
        count, limit = {"easy": (3, 60), "medium": (6, 150), "hard": (rng.randint(9, 12), 900)}[level]
        moduli = [rng.randint(12, limit) for _ in range(count)]
        return {"moduli": moduli, "slips": [rng.randint(10, 999) for _ in range(count)], "limit": limit}
