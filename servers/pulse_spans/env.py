"""A pulse gun shoots across a sky in which targets hang, numbered from 0; `spans` holds for each target [left, right], the
first and the last position it takes up, both included.
"""

import copy

from codegym_mcp import Environment, tool


def shot_force(position: int, shots: int) -> int:
    """Work out the force of a shot.

    Args:
        position: where the gun is aimed.
        shots: how many shots were fired before.

    Returns:
        the force.

    Example:
        shot_force(position=12, shots=1) -> 24
    """
    if shots < 0:
        raise ValueError(f"shots must be at least 0, got {shots}")
    return 18 + position % 9 + 3 * (shots % 3)


def target_armour(left: int, right: int, position: int) -> int:
    """Work out the armour of a target where it is hit.

    Args:
        left: left end of the target as it is now.
        right: right end of the target.
        position: where it is hit.

    Returns:
        the armour.

    Example:
        target_armour(left=5, right=12, position=9) -> 9
    """
    if not left <= position <= right:
        raise ValueError(f"position {position} is not on the target from {left} to {right}")
    return 4 + min(position - left, right - position) + (right - left) // 3


def dented_left(position: int, armour: int, force: int) -> int:
    """Work out the new left end of a dented target.

    Args:
        position: where it was hit.
        armour: its armour there.
        force: the force left, less than the armour.

    Returns:
        the new left end.

    Example:
        dented_left(position=9, armour=10, force=4) -> 11
    """
    if force >= armour:
        raise ValueError(f"a force of {force} destroys a target with an armour of {armour}")
    return position + 1 + (armour - force) // 5


def shot_heat(hits: int, wasted: int) -> int:
    """Work out the heat of a shot.

    Args:
        hits: how many targets were hit by it, dented ones among them.
        wasted: the force wasted.

    Returns:
        the heat.

    Example:
        shot_heat(hits=2, wasted=5) -> 16
    """
    if hits < 1 or wasted < 0:
        raise ValueError("a shot hits at least one target and wastes at least 0")
    return 3 + 2 * hits * hits + wasted


class PulseSpans(Environment):
    """A pulse gun shoots across a sky in which targets hang, numbered from 0; `spans` holds for each target [left, right],
    the first and the last position it takes up, both included.

    Until no target is left: the gun is aimed at the right end of the target (among those left) whose right end is
    lowest; of equal ones it does not matter which. It fires with a certain force, which depends on this position and on
    how many shots were fired before. All targets that are left and take up that position are hit, in ascending order of
    their numbers. Each hit asks for an armour, worked out for that target; if the force that is left is at least the
    armour, the target is destroyed and the armour is taken off the force. If not, the target is dented: its left end
    moves to a new place, which is worked out from the force left and lies to the right of the position; a target whose
    left end comes to lie beyond its right end is destroyed too, at no force. The force left stays the same for the next
    target of this shot.

    The force that is left after a shot is wasted. After each shot the gun gets hotter by the heat of this shot.

    Find the number of shots, the force wasted in all, and the heat in all.

    The input is hidden (spans); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, spans: list[list[int]]) -> None:
        self.spans = spans

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "spans": number of items of spans.

        Example:
            Observe() -> {"spans": 5}
        """
        return {"spans": len(self.spans)}

    @tool
    def ReadSpan(self, index: int) -> list[int]:
        """Read one item of spans.

        Args:
            index: position in spans, counted from 0.

        Returns:
            the item.

        Example:
            ReadSpan(index=0) -> [10, 12]
        """
        if not 0 <= index < len(self.spans):
            raise ValueError(f"index must be from 0 to {len(self.spans) - 1}, got {index}")
        return self.spans[index]

    @tool
    def ShotForce(self, position: int, shots: int) -> int:
        """Work out the force of a shot.

        Args:
            position: where the gun is aimed.
            shots: how many shots were fired before.

        Returns:
            the force.

        Example:
            ShotForce(position=12, shots=1) -> 24
        """
        return shot_force(position, shots)

    @tool
    def TargetArmour(self, left: int, right: int, position: int) -> int:
        """Work out the armour of a target where it is hit.

        Args:
            left: left end of the target as it is now.
            right: right end of the target.
            position: where it is hit.

        Returns:
            the armour.

        Example:
            TargetArmour(left=5, right=12, position=9) -> 9
        """
        return target_armour(left, right, position)

    @tool
    def DentedLeft(self, position: int, armour: int, force: int) -> int:
        """Work out the new left end of a dented target.

        Args:
            position: where it was hit.
            armour: its armour there.
            force: the force left, less than the armour.

        Returns:
            the new left end.

        Example:
            DentedLeft(position=9, armour=10, force=4) -> 11
        """
        return dented_left(position, armour, force)

    @tool
    def ShotHeat(self, hits: int, wasted: int) -> int:
        """Work out the heat of a shot.

        Args:
            hits: how many targets were hit by it, dented ones among them.
            wasted: the force wasted.

        Returns:
            the heat.

        Example:
            ShotHeat(hits=2, wasted=5) -> 16
        """
        return shot_heat(hits, wasted)

    def answer(self) -> dict[str, int]:
        """Shoot all targets.

        Returns:
            the number of "shots", the force "wasted" and the "heat". Example: {"shots": 5, "wasted": 34, "heat": 91}.
        """
        spans = copy.deepcopy(self.spans)
        left_over = [[left, right] for left, right in spans]
        shots = wasted = heat = 0
        while left_over:
            position = min((right for _, right in left_over))
            force = shot_force(position, shots)
            hits, rest = (0, [])
            for left, right in left_over:
                if left > position:
                    rest.append([left, right])
                    continue
                hits += 1
                armour = target_armour(left, right, position)
                if armour <= force:
                    force -= armour
                else:
                    dented = dented_left(position, armour, force)
                    if dented <= right:
                        rest.append([dented, right])
            left_over = rest
            shots += 1
            wasted += force
            heat += shot_heat(hits, force)
        return {"shots": shots, "wasted": wasted, "heat": heat}

    def solve(self, call):
        seen = call("Observe")
        left_over = [[left, right] for left, right in (call("ReadSpan", index=index) for index in range(seen["spans"]))]
        shots = wasted = heat = 0
        while left_over:
            position = min((right for _, right in left_over))
            force = call("ShotForce", position=position, shots=shots)
            hits, rest = (0, [])
            for left, right in left_over:
                if left > position:
                    rest.append([left, right])
                    continue
                hits += 1
                armour = call("TargetArmour", left=left, right=right, position=position)
                if armour <= force:
                    force -= armour
                else:
                    dented = call("DentedLeft", position=position, armour=armour, force=force)
                    if dented <= right:
                        rest.append([dented, right])
            left_over = rest
            shots += 1
            wasted += force
            heat += call("ShotHeat", hits=hits, wasted=force)
        return call("Done", answer={"shots": shots, "wasted": wasted, "heat": heat})

    @staticmethod
    def generate(rng, level):
        count, sky = {"easy": (5, 14), "medium": (11, 26), "hard": (rng.randint(24, 32), 60)}[level]
        spans = []
        for _ in range(count):
            left = rng.randint(0, sky)
            spans.append([left, left + rng.randint(2, 14)])
        return {"spans": spans}
