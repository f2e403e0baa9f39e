"""Safes are numbered from 0. Each has a secret modulus, a whole number from 12 to `limit`. Called with a number from 0 to
`limit`, a safe echoes: to the number is added how many safes have been unlocked so far, and the echo is the remainder of
this sum when it is divided by the modulus of the safe.

A safe is unlocked by its modulus; a wrong attempt jams it, and then it gives nothing. The safes are unlocked in the order
of their numbers. An unlocked safe holds a slip with a number. The slips have to be folded together one after the other: the
fold begins with 0, and each slip is folded in right after its safe was unlocked, together with the modulus of the safe.

The answer is the fold after the last slip, and the sum of all moduli."""


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


def solution(moduli: list[int], slips: list[int], limit: int) -> dict[str, int]:
    """Unlock all safes.

    Returns:
        the "fold" and the sum of the "moduli". Example: {"fold": 4115, "moduli": 96}.
    """
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, limit = {"easy": (3, 60), "medium": (6, 150), "hard": (rng.randint(9, 12), 900)}[level]
    moduli = [rng.randint(12, limit) for _ in range(count)]
    return {"moduli": moduli, "slips": [rng.randint(10, 999) for _ in range(count)], "limit": limit}
