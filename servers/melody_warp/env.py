"""Two melodies, `left` and `right`, are lists of pitches."""

import copy

from codegym_mcp import Environment, tool


def gap(left: int, right: int) -> int:
    """Work out the gap of two pitches.

    Args:
        left: pitch of the note of the left melody.
        right: pitch of the note of the right melody.

    Returns:
        the gap.

    Example:
        gap(left=60, right=67) -> 3
    """
    apart = abs(left - right)
    return min(apart % 12, 12 - apart % 12) // 2 + apart // 12 + (1 if apart % 12 else 0)


def holding_fee(pitch: int) -> int:
    """Work out the fee for holding a note.

    Args:
        pitch: its pitch.

    Returns:
        the fee.

    Example:
        holding_fee(pitch=62) -> 3
    """
    return 1 + pitch % 3 if pitch % 12 in (2, 4, 7, 9) else 2


def pick(both: int, left: int, right: int) -> str:
    """Pick the step with the smallest cost.

    Args:
        both: cost with the step "both"; a step that is not possible has the cost 9999.
        left: cost with the step "left".
        right: cost with the step "right".

    Returns:
        the step picked: "both", "left" or "right".

    Example:
        pick(both=7, left=5, right=6) -> "left"
    """
    best = min(both, left, right)
    if best >= 9999:
        raise ValueError("no step is possible")
    if both == best:
        return "both"
    if left == right:
        return "left" if best % 2 else "right"
    return "left" if left == best else "right"


def accent(left: int, right: int, place: int) -> int:
    """Work out the accent of a pair.

    Args:
        left: pitch of the note of the left melody.
        right: pitch of the note of the right melody.
        place: place of the pair in the chain, from 0 for the first pair.

    Returns:
        the accent.

    Example:
        accent(left=60, right=67, place=2) -> 6
    """
    return (left + 2 * right + place) % 10 * (2 - place % 2) // 2


class MelodyWarp(Environment):
    """Two melodies, `left` and `right`, are lists of pitches. They are warped onto each other by a chain of pairs of
    notes. The first pair is note 0 of both, the last pair is the last note of both. From the pair (i, j), note i of the
    left and note j of the right, the chain goes on to (i + 1, j + 1) ("both"), to (i + 1, j) ("left") or to (i, j + 1)
    ("right").

    Each pair costs the gap of its two pitches. A step "left" or "right" also costs a holding fee, which depends on the
    pitch of the note that is held: with "left" the note of the right melody, with "right" the note of the left one.
    "Both" is free.

    The cost of a pair is the smallest sum of gaps and fees of a chain from the first pair to this one. Its origin is
    the step by which that chain comes to it; the rule for picking decides between equally cheap ones.

    Read the chain back from the last pair over the origins. The answer is the cost of the last pair, the number of
    pairs of the chain, and the sum of the accents of its pairs.

    The input is hidden (left, right); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, left: list[int], right: list[int]) -> None:
        self.left = left
        self.right = right

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "left": number of items of left.
            "right": number of items of right.

        Example:
            Observe() -> {"left": 2, "right": 2}
        """
        return {"left": len(self.left), "right": len(self.right)}

    @tool
    def ReadLeft(self, index: int) -> int:
        """Read one item of left.

        Args:
            index: position in left, counted from 0.

        Returns:
            the item.

        Example:
            ReadLeft(index=0) -> 67
        """
        if not 0 <= index < len(self.left):
            raise ValueError(f"index must be from 0 to {len(self.left) - 1}, got {index}")
        return self.left[index]

    @tool
    def ReadRight(self, index: int) -> int:
        """Read one item of right.

        Args:
            index: position in right, counted from 0.

        Returns:
            the item.

        Example:
            ReadRight(index=0) -> 67
        """
        if not 0 <= index < len(self.right):
            raise ValueError(f"index must be from 0 to {len(self.right) - 1}, got {index}")
        return self.right[index]

    @tool
    def Gap(self, left: int, right: int) -> int:
        """Work out the gap of two pitches.

        Args:
            left: pitch of the note of the left melody.
            right: pitch of the note of the right melody.

        Returns:
            the gap.

        Example:
            Gap(left=60, right=67) -> 3
        """
        return gap(left, right)

    @tool
    def HoldingFee(self, pitch: int) -> int:
        """Work out the fee for holding a note.

        Args:
            pitch: its pitch.

        Returns:
            the fee.

        Example:
            HoldingFee(pitch=62) -> 3
        """
        return holding_fee(pitch)

    @tool
    def Pick(self, both: int, left: int, right: int) -> str:
        """Pick the step with the smallest cost.

        Args:
            both: cost with the step "both"; a step that is not possible has the cost 9999.
            left: cost with the step "left".
            right: cost with the step "right".

        Returns:
            the step picked: "both", "left" or "right".

        Example:
            Pick(both=7, left=5, right=6) -> "left"
        """
        return pick(both, left, right)

    @tool
    def Accent(self, left: int, right: int, place: int) -> int:
        """Work out the accent of a pair.

        Args:
            left: pitch of the note of the left melody.
            right: pitch of the note of the right melody.
            place: place of the pair in the chain, from 0 for the first pair.

        Returns:
            the accent.

        Example:
            Accent(left=60, right=67, place=2) -> 6
        """
        return accent(left, right, place)

    def answer(self) -> dict[str, int]:
        """Warp the melodies.

        Returns:
            the "cost", the number of "pairs" and the sum of the "accents". Example: {"cost": 14, "pairs": 6, "accents":
                31}.
        """
        left = copy.deepcopy(self.left)
        right = copy.deepcopy(self.right)
        above: list[int] = []
        for pitch in left:
            above.append(pitch)
        below: list[int] = []
        for pitch in right:
            below.append(pitch)
        costs: list[list[int]] = []
        origins: list[list[str]] = []
        for i in range(len(left)):
            costs.append([])
            origins.append([])
            for j in range(len(right)):
                total, origin = (0, "start")
                if i or j:
                    options = {"both": 9999, "left": 9999, "right": 9999}
                    if i and j:
                        options["both"] = costs[i - 1][j - 1]
                    if i:
                        options["left"] = costs[i - 1][j] + holding_fee(below[j])
                    if j:
                        options["right"] = costs[i][j - 1] + holding_fee(above[i])
                    origin = pick(options["both"], options["left"], options["right"])
                    total = options[origin]
                costs[i].append(total + gap(above[i], below[j]))
                origins[i].append(origin)
        i, j = (len(left) - 1, len(right) - 1)
        chain = [[above[i], below[j]]]
        while i or j:
            step = origins[i][j]
            i -= step != "right"
            j -= step != "left"
            chain.insert(0, [above[i], below[j]])
        total = 0
        for place in range(len(chain)):
            total += accent(chain[place][0], chain[place][1], place)
        return {"cost": costs[-1][-1], "pairs": len(chain), "accents": total}

    def solve(self, call):
        seen = call("Observe")
        above = []
        for pitch in (call("ReadLeft", index=index) for index in range(seen["left"])):
            above.append(pitch)
        below = []
        for pitch in (call("ReadRight", index=index) for index in range(seen["right"])):
            below.append(pitch)
        costs = []
        origins = []
        for i in range(seen["left"]):
            costs.append([])
            origins.append([])
            for j in range(seen["right"]):
                total, origin = (0, "start")
                if i or j:
                    options = {"both": 9999, "left": 9999, "right": 9999}
                    if i and j:
                        options["both"] = costs[i - 1][j - 1]
                    if i:
                        options["left"] = costs[i - 1][j] + call("HoldingFee", pitch=below[j])
                    if j:
                        options["right"] = costs[i][j - 1] + call("HoldingFee", pitch=above[i])
                    origin = call("Pick", both=options["both"], left=options["left"], right=options["right"])
                    total = options[origin]
                costs[i].append(total + call("Gap", left=above[i], right=below[j]))
                origins[i].append(origin)
        i, j = (seen["left"] - 1, seen["right"] - 1)
        chain = [[above[i], below[j]]]
        while i or j:
            step = origins[i][j]
            i -= step != "right"
            j -= step != "left"
            chain.insert(0, [above[i], below[j]])
        total = 0
        for place in range(len(chain)):
            total += call("Accent", left=chain[place][0], right=chain[place][1], place=place)
        return call("Done", answer={"cost": costs[-1][-1], "pairs": len(chain), "accents": total})

    @staticmethod
    def generate(rng, level):
        sizes = {"easy": (2, 2), "medium": (3, 4), "hard": (5, rng.randint(5, 7))}[level]
        melody = [rng.randint(55, 76) for _ in range(max(sizes))]
        other = [pitch + rng.choice([0, 0, 1, -2, 5]) for pitch in melody]
        return {"left": melody[: sizes[0]], "right": other[-sizes[1] :]}
