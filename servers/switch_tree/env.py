"""A tape of bits is decoded with a tree of numbered knots; knot 0 is the root."""

import copy

from codegym_mcp import Environment, tool


class SwitchTree:
    """The tape, the tree and the written symbols."""

    def __init__(self, bits: str, tree: list[list[int]]) -> None:
        self._bits, self._tree = bits, [list(knot) for knot in tree]
        self._pulled, self._swaps, self._last = 0, 0, 0

    def pull_bit(self) -> int:
        """Pull the next bit from the tape.

        Returns:
            0 or 1, or -1 if the tape is at its end.

        Example:
            pull_bit() -> 1
        """
        if self._pulled == len(self._bits):
            return -1
        self._pulled += 1
        return int(self._bits[self._pulled - 1])

    def _check(self, knot: int) -> None:
        if not 0 <= knot < len(self._tree):
            raise ValueError(f"knot must be from 0 to {len(self._tree) - 1}, got {knot}")

    def follow_branch(self, knot: int, bit: int) -> dict[str, int | bool]:
        """Follow a branch of a knot that is no leaf.

        Args:
            knot: number of the knot.
            bit: which branch, 0 or 1.

        Returns:
            the "knot" to which it leads, and whether that one is a "leaf".

        Example:
            follow_branch(knot=0, bit=1) -> {"knot": 4, "leaf": false}
        """
        self._check(knot)
        if len(self._tree[knot]) != 2 or bit not in (0, 1):
            raise ValueError(f"knot {knot} is a leaf, or there is no branch {bit}")
        below = self._tree[knot][bit]
        return {"knot": below, "leaf": len(self._tree[below]) == 1}

    def write_symbol(self, leaf: int) -> int:
        """Write the symbol of a leaf.

        Args:
            leaf: number of the knot.

        Returns:
            the score.

        Example:
            write_symbol(leaf=3) -> 12
        """
        self._check(leaf)
        if len(self._tree[leaf]) != 1:
            raise ValueError(f"knot {leaf} is no leaf")
        symbol = self._tree[leaf][0]
        score = (symbol * 3 + self._last) % 23
        self._last = symbol
        return score

    def swap_branches(self, knot: int) -> int:
        """Swap the two branches of a knot that is no leaf.

        Args:
            knot: number of the knot.

        Returns:
            the toll.

        Example:
            swap_branches(knot=4) -> 9
        """
        self._check(knot)
        if len(self._tree[knot]) != 2:
            raise ValueError(f"knot {knot} is a leaf")
        self._tree[knot].reverse()
        self._swaps += 1
        return 4 + knot % 5 + self._swaps

    def climb_back(self, knot: int) -> dict[str, int]:
        """Go from a knot to the one above.

        Args:
            knot: number of the knot, not the root.

        Returns:
            the knot "above", and the "loss" of the knot that was left.

        Example:
            climb_back(knot=4) -> {"above": 0, "loss": 7}
        """
        self._check(knot)
        for above, below in enumerate(self._tree):
            if len(below) == 2 and knot in below:
                return {"above": above, "loss": 5 + (2 * knot + self._pulled) % 9}
        raise ValueError("there is no knot above the root")


class SwitchTreeTask(Environment):
    """A tape of bits is decoded with a tree of numbered knots; knot 0 is the root. Every knot either has two branches, the
    0-branch and the 1-branch, which lead to other knots, or it is a leaf.

    Begin at the root. Pull bits from the tape one by one, and for each go along the branch with this number to the next
    knot. When you have come to a leaf, write its symbol, which scores; the score depends on what was written before.
    Then, if the symbol's score was at least `bonus`, swap the two branches of the knot from which you have come to this
    leaf, if they have not been swapped by the symbol just before this one (the first symbol has none before it). After
    that begin again at the root.

    A swap makes the 0-branch the 1-branch and the other way round; what hangs on them goes along. Each swap has a toll.

    If the tape ends while you are not at the root, the bits since the root are lost: go back to the root knot by knot,
    each step to the knot above, and note the loss of each knot you leave.

    Find the sum of the scores, the sum of the tolls and the sum of the losses.

    The input is hidden (bits, tree); the tools give access to it. Observe shows what is known from the start: sizes,
    and bonus.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, bits: str, tree: list[list[int]], bonus: int) -> None:
        self.bits = bits
        self.tree = tree
        self.bonus = bonus
        self.decoder = SwitchTree(self.bits, copy.deepcopy(self.tree))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "bonus": a whole number, given as it is.
            "bits": number of characters of bits.
            "tree": number of items of tree.

        Example:
            Observe() -> {"bonus": 10, "bits": 7, "tree": 7}
        """
        return {"bonus": self.bonus, "bits": len(self.bits), "tree": len(self.tree)}

    @tool
    def PullBit(self) -> int:
        """Pull the next bit from the tape.

        Returns:
            0 or 1, or -1 if the tape is at its end.

        Example:
            PullBit() -> 1
        """
        return self.decoder.pull_bit()

    @tool
    def FollowBranch(self, knot: int, bit: int) -> dict[str, bool | int]:
        """Follow a branch of a knot that is no leaf.

        Args:
            knot: number of the knot.
            bit: which branch, 0 or 1.

        Returns:
            the "knot" to which it leads, and whether that one is a "leaf".

        Example:
            FollowBranch(knot=0, bit=1) -> {"knot": 4, "leaf": false}
        """
        return self.decoder.follow_branch(knot, bit)

    @tool
    def WriteSymbol(self, leaf: int) -> int:
        """Write the symbol of a leaf.

        Args:
            leaf: number of the knot.

        Returns:
            the score.

        Example:
            WriteSymbol(leaf=3) -> 12
        """
        return self.decoder.write_symbol(leaf)

    @tool
    def SwapBranches(self, knot: int) -> int:
        """Swap the two branches of a knot that is no leaf.

        Args:
            knot: number of the knot.

        Returns:
            the toll.

        Example:
            SwapBranches(knot=4) -> 9
        """
        return self.decoder.swap_branches(knot)

    @tool
    def ClimbBack(self, knot: int) -> dict[str, int]:
        """Go from a knot to the one above.

        Args:
            knot: number of the knot, not the root.

        Returns:
            the knot "above", and the "loss" of the knot that was left.

        Example:
            ClimbBack(knot=4) -> {"above": 0, "loss": 7}
        """
        return self.decoder.climb_back(knot)

    def answer(self) -> dict[str, int]:
        """Decode the tape.

        Returns:
            the sums of the "scores", of the "tolls" and of the "losses". Example: {"scores": 71, "tolls": 24, "losses":
                13}.
        """
        bits = self.bits
        tree = copy.deepcopy(self.tree)
        bonus = self.bonus
        decoder = SwitchTree(bits, tree)
        scores = tolls = losses = knot = 0
        swapped = -1
        for _ in range(len(bits)):
            step = decoder.follow_branch(knot, decoder.pull_bit())
            if not step["leaf"]:
                knot = step["knot"]
                continue
            score = decoder.write_symbol(step["knot"])
            scores += score
            if score >= bonus and knot != swapped:
                tolls += decoder.swap_branches(knot)
                swapped = knot
            else:
                swapped = -1
            knot = 0
        while knot > 0:
            climb = decoder.climb_back(knot)
            losses += climb["loss"]
            knot = climb["above"]
        return {"scores": scores, "tolls": tolls, "losses": losses}

    def solve(self, call):
        seen = call("Observe")
        bonus = seen["bonus"]
        scores = tolls = losses = knot = 0
        swapped = -1
        for _ in range(seen["bits"]):
            step = call("FollowBranch", knot=knot, bit=call("PullBit"))
            if not step["leaf"]:
                knot = step["knot"]
                continue
            score = call("WriteSymbol", leaf=step["knot"])
            scores += score
            if score >= bonus and knot != swapped:
                tolls += call("SwapBranches", knot=knot)
                swapped = knot
            else:
                swapped = -1
            knot = 0
        while knot > 0:
            climb = call("ClimbBack", knot=knot)
            losses += climb["loss"]
            knot = climb["above"]
        return call("Done", answer={"scores": scores, "tolls": tolls, "losses": losses})

    @staticmethod
    def generate(rng, level):
        count, leaves = {"easy": (7, 4), "medium": (15, 6), "hard": (rng.randint(34, 50), 9)}[level]
        tree, tips = ([[]], [0])
        while len(tips) < leaves:
            knot = tips.pop(rng.randrange(min(2, len(tips))))
            tree[knot] = [len(tree), len(tree) + 1]
            tips += tree[knot]
            tree += [[], []]
        for knot in tips:
            tree[knot] = [rng.randint(3, 40)]
        return {"bits": "".join((rng.choice("01") for _ in range(count))), "tree": tree, "bonus": rng.randint(9, 12)}
