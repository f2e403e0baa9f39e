"""`wrestlers` lists "might", "guard" and "pace" of wrestlers, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


def acts_first(champion: int, challenger: int, number: int) -> str:
    """Tell who acts first in a round.

    Args:
        champion: pace of the champion.
        challenger: pace of the challenger.
        number: number of the round, from 1.

    Returns:
        "champion" or "challenger".

    Example:
        acts_first(champion=5, challenger=6, number=1) -> "challenger"
    """
    if number < 1:
        raise ValueError(f"rounds are numbered from 1, got {number}")
    return "champion" if champion * 2 + number % 3 > challenger * 2 + (number + 1) % 3 else "challenger"


def hit(might: int, guard: int, energy: int) -> int:
    """Work out what a hit takes.

    Args:
        might: might of who hits.
        guard: guard of who is hit.
        energy: energy of who hits.

    Returns:
        the energy it takes from who is hit.

    Example:
        hit(might=9, guard=4, energy=30) -> 8
    """
    return max(2, might + energy // 10 - guard)


def recover(left: int, rounds: int, energy: int) -> int:
    """Work out the energy of a winner after the recovery.

    Args:
        left: the energy left after the bout.
        rounds: the number of rounds of the bout.
        energy: the energy with which everybody begins.

    Returns:
        the energy.

    Example:
        recover(left=11, rounds=3, energy=30) -> 18
    """
    return min(energy, left + (energy - left) // 2 - rounds + 1)


def purse(rounds: int, streak: int) -> int:
    """Work out the purse of a bout.

    Args:
        rounds: the number of its rounds.
        streak: how many bouts in a row its winner has won, with this one.

    Returns:
        the purse.

    Example:
        purse(rounds=3, streak=2) -> 27
    """
    if rounds < 1 or streak < 1:
        raise ValueError("rounds and streak must be at least 1")
    return 21 - 2 * rounds + 4 * streak + 2 * (rounds * streak % 3 == 0) + 2


class RingChampion(Environment):
    """`wrestlers` lists "might", "guard" and "pace" of wrestlers, numbered from 0. Wrestler 0 is the champion at first;
    the
    others challenge the champion of the moment one after the other, in ascending order. Each challenger, and wrestler
    0, begins
    with the energy `energy`.

    A bout has rounds, numbered from 1, at most 6. Who acts first in a round follows from both paces and the number of
    the round. This wrestler hits the other one. What a hit takes from the energy of who is hit depends on the might and
    the energy of who hits and on the guard of who is hit. If the energy of who is hit is 0 or less then, the bout is
    over and lost. Otherwise this wrestler hits back, in the same way and with the same consequence. If nobody has lost
    after round 6, the one with less energy loses; if both have the same, the challenger.

    A bout brings its winner a purse, which depends on its rounds and on how many bouts in a row the winner has won with
    it. The winner is the champion from then on, and recovers after each bout.

    The answer is the number of the last champion, the energy after the last recovery, and the sum of the purses.

    The input is hidden (wrestlers); the tools give access to it. Observe shows what is known from the start: sizes, and
    energy.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, wrestlers: list[dict[str, int]], energy: int) -> None:
        self.wrestlers = wrestlers
        self.energy = energy

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "energy": a whole number, given as it is.
            "wrestlers": number of items of wrestlers.

        Example:
            Observe() -> {"energy": 27, "wrestlers": 3}
        """
        return {"energy": self.energy, "wrestlers": len(self.wrestlers)}

    @tool
    def ReadWrestler(self, index: int) -> dict[str, int]:
        """Read one item of wrestlers.

        Args:
            index: position in wrestlers, counted from 0.

        Returns:
            the item.

        Example:
            ReadWrestler(index=0) -> {"might": 9, "guard": 2, "pace": 6}
        """
        if not 0 <= index < len(self.wrestlers):
            raise ValueError(f"index must be from 0 to {len(self.wrestlers) - 1}, got {index}")
        return self.wrestlers[index]

    @tool
    def ActsFirst(self, champion: int, challenger: int, number: int) -> str:
        """Tell who acts first in a round.

        Args:
            champion: pace of the champion.
            challenger: pace of the challenger.
            number: number of the round, from 1.

        Returns:
            "champion" or "challenger".

        Example:
            ActsFirst(champion=5, challenger=6, number=1) -> "challenger"
        """
        return acts_first(champion, challenger, number)

    @tool
    def Hit(self, might: int, guard: int, energy: int) -> int:
        """Work out what a hit takes.

        Args:
            might: might of who hits.
            guard: guard of who is hit.
            energy: energy of who hits.

        Returns:
            the energy it takes from who is hit.

        Example:
            Hit(might=9, guard=4, energy=30) -> 8
        """
        return hit(might, guard, energy)

    @tool
    def Recover(self, left: int, rounds: int) -> int:
        """Work out the energy of a winner after the recovery.

        Args:
            left: the energy left after the bout.
            rounds: the number of rounds of the bout.

        Returns:
            the energy.

        Example:
            Recover(left=3, rounds=4) -> 12
        """
        return recover(left, rounds, self.energy)

    @tool
    def Purse(self, rounds: int, streak: int) -> int:
        """Work out the purse of a bout.

        Args:
            rounds: the number of its rounds.
            streak: how many bouts in a row its winner has won, with this one.

        Returns:
            the purse.

        Example:
            Purse(rounds=3, streak=2) -> 27
        """
        return purse(rounds, streak)

    def answer(self) -> dict[str, int]:
        """Hold all bouts.

        Returns:
            the last "champion", the "energy" and the sum of the "purses". Example: {"champion": 2, "energy": 18,
                "purses": 49}.
        """
        wrestlers = copy.deepcopy(self.wrestlers)
        energy = self.energy
        champion, best, purses, strength, streak = (0, wrestlers[0], 0, energy, 0)
        for number in range(1, len(wrestlers)):
            sides = [best, wrestlers[number]]
            energies = [strength, energy]
            bout = 0
            while bout < 6 and min(energies) > 0:
                bout += 1
                turn = 0
                if acts_first(sides[0]["pace"], sides[1]["pace"], bout) == "challenger":
                    turn = 1
                for _ in range(2):
                    if min(energies) > 0:
                        energies[1 - turn] -= hit(sides[turn]["might"], sides[1 - turn]["guard"], energies[turn])
                        turn = 1 - turn
            winner = 0 if energies[0] >= energies[1] else 1
            streak = 1 if winner else streak + 1
            champion = number if winner else champion
            best = sides[winner]
            purses += purse(bout, streak)
            strength = recover(energies[winner], bout, energy)
        return {"champion": champion, "energy": strength, "purses": purses}

    def solve(self, call):
        seen = call("Observe")
        energy = seen["energy"]
        champion, best, purses, strength, streak = (0, call("ReadWrestler", index=0), 0, energy, 0)
        for number in range(1, seen["wrestlers"]):
            sides = [best, call("ReadWrestler", index=number)]
            energies = [strength, energy]
            bout = 0
            while bout < 6 and min(energies) > 0:
                bout += 1
                turn = 0
                if (
                    call("ActsFirst", champion=sides[0]["pace"], challenger=sides[1]["pace"], number=bout)
                    == "challenger"
                ):
                    turn = 1
                for _ in range(2):
                    if min(energies) > 0:
                        energies[1 - turn] -= call(
                            "Hit", might=sides[turn]["might"], guard=sides[1 - turn]["guard"], energy=energies[turn]
                        )
                        turn = 1 - turn
            winner = 0 if energies[0] >= energies[1] else 1
            streak = 1 if winner else streak + 1
            champion = number if winner else champion
            best = sides[winner]
            purses += call("Purse", rounds=bout, streak=streak)
            strength = call("Recover", left=energies[winner], rounds=bout)
        return call("Done", answer={"champion": champion, "energy": strength, "purses": purses})

    @staticmethod
    def generate(rng, level):
        count, energy = {"easy": (3, 20), "medium": (4, 25), "hard": (rng.randint(7, 9), 30)}[level]
        wrestlers = [
            {"might": rng.randint(6, 12), "guard": rng.randint(2, 5), "pace": rng.randint(3, 7)} for _ in range(count)
        ]
        return {"wrestlers": wrestlers, "energy": energy + rng.randint(0, 9)}
