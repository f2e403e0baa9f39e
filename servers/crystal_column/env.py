"""Crystals fall one after the other, in the order of the list `crystals`, onto a column that is empty at first; each is a
whole number, its charge.
"""

import copy

from codegym_mcp import Environment, tool


def find_bond(top: int, falling: int) -> str:
    """Tell the bond of two crystals.

    Args:
        top: charge of the top crystal.
        falling: charge of the falling one.

    Returns:
        "melt", "burst", "crack" or "rest".

    Example:
        find_bond(top=8, falling=4) -> "melt"
    """
    if (top + falling) % 4 == 0:
        return "melt"
    if (top * falling) % 5 == 1:
        return "burst"
    return "crack" if falling > top + 6 else "rest"


def alloy_charge(top: int, falling: int) -> int:
    """Work out the charge of the crystal two others melt into.

    Args:
        top: charge of the top crystal.
        falling: charge of the falling one.

    Returns:
        the charge of the new crystal.

    Example:
        alloy_charge(top=8, falling=4) -> 10
    """
    if find_bond(top, falling) != "melt":
        raise ValueError(f"{top} and {falling} do not melt")
    return (2 * top + falling) // 2 % 20 + (1 if falling > top else 0)


def burst_light(top: int, falling: int) -> int:
    """Work out the light of a burst.

    Args:
        top: charge of the top crystal.
        falling: charge of the falling one.

    Returns:
        the light.

    Example:
        burst_light(top=7, falling=3) -> 25
    """
    if find_bond(top, falling) != "burst":
        raise ValueError(f"{top} and {falling} do not burst")
    return top * falling + abs(top - falling)


def column_pressure(charge: int, crystals: int) -> int:
    """Work out the pressure of a crystal that stays.

    Args:
        charge: its charge.
        crystals: how many crystals the column has, with this one.

    Returns:
        the pressure.

    Example:
        column_pressure(charge=10, crystals=3) -> 14
    """
    if crystals < 1:
        raise ValueError(f"crystals must be at least 1, got {crystals}")
    return charge + crystals * crystals // 2


class CrystalColumn(Environment):
    """Crystals fall one after the other, in the order of the list `crystals`, onto a column that is empty at first; each
    is a whole number, its charge. A falling crystal always acts on the top crystal of the column, if there is one, and
    what happens depends on the bond of the two, the top one named first:

    - "melt": the two become one crystal, whose charge is their alloy. It is not put down yet: it falls in turn onto the
      crystal below, and the same rules apply again.
    - "burst": both are gone, and the light of the burst is noted. Nothing falls on.
    - "crack": the top crystal is gone; the falling one keeps its charge and falls on to the crystal below. This is a
    crack.
    - "rest": the falling crystal stays on the top one.

    A crystal that falls onto an empty column stays there. Each crystal that stays presses on the column: note the
    pressure,
    from its charge and the number of crystals in the column, itself among them.

    Find the sum of the light, the sum of the pressures, and the number of cracks.

    The input is hidden (crystals); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, crystals: list[int]) -> None:
        self.crystals = crystals

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "crystals": number of items of crystals.

        Example:
            Observe() -> {"crystals": 6}
        """
        return {"crystals": len(self.crystals)}

    @tool
    def ReadCrystal(self, index: int) -> int:
        """Read one item of crystals.

        Args:
            index: position in crystals, counted from 0.

        Returns:
            the item.

        Example:
            ReadCrystal(index=0) -> 13
        """
        if not 0 <= index < len(self.crystals):
            raise ValueError(f"index must be from 0 to {len(self.crystals) - 1}, got {index}")
        return self.crystals[index]

    @tool
    def FindBond(self, top: int, falling: int) -> str:
        """Tell the bond of two crystals.

        Args:
            top: charge of the top crystal.
            falling: charge of the falling one.

        Returns:
            "melt", "burst", "crack" or "rest".

        Example:
            FindBond(top=8, falling=4) -> "melt"
        """
        return find_bond(top, falling)

    @tool
    def AlloyCharge(self, top: int, falling: int) -> int:
        """Work out the charge of the crystal two others melt into.

        Args:
            top: charge of the top crystal.
            falling: charge of the falling one.

        Returns:
            the charge of the new crystal.

        Example:
            AlloyCharge(top=8, falling=4) -> 10
        """
        return alloy_charge(top, falling)

    @tool
    def BurstLight(self, top: int, falling: int) -> int:
        """Work out the light of a burst.

        Args:
            top: charge of the top crystal.
            falling: charge of the falling one.

        Returns:
            the light.

        Example:
            BurstLight(top=7, falling=3) -> 25
        """
        return burst_light(top, falling)

    @tool
    def ColumnPressure(self, charge: int, crystals: int) -> int:
        """Work out the pressure of a crystal that stays.

        Args:
            charge: its charge.
            crystals: how many crystals the column has, with this one.

        Returns:
            the pressure.

        Example:
            ColumnPressure(charge=10, crystals=3) -> 14
        """
        return column_pressure(charge, crystals)

    def answer(self) -> dict[str, int]:
        """Let the crystals fall.

        Returns:
            the sums of the "light" and of the "pressure", and the number of "cracks".
            Example: {"light": 60, "pressure": 133, "cracks": 2}.
        """
        crystals = copy.deepcopy(self.crystals)
        column = []
        light = pressure = cracks = 0
        for falling in crystals:
            bond = "fall"
            while column and bond not in ("rest", "burst"):
                bond = find_bond(column[-1], falling)
                if bond == "melt":
                    falling = alloy_charge(column.pop(), falling)
                elif bond == "burst":
                    light += burst_light(column.pop(), falling)
                elif bond == "crack":
                    column.pop()
                    cracks += 1
            if bond != "burst":
                column.append(falling)
                pressure += column_pressure(falling, len(column))
        return {"light": light, "pressure": pressure, "cracks": cracks}

    def solve(self, call):
        seen = call("Observe")
        column = []
        light = pressure = cracks = 0
        for falling in (call("ReadCrystal", index=index) for index in range(seen["crystals"])):
            bond = "fall"
            while column and bond not in ("rest", "burst"):
                bond = call("FindBond", top=column[-1], falling=falling)
                if bond == "melt":
                    falling = call("AlloyCharge", top=column.pop(), falling=falling)
                elif bond == "burst":
                    light += call("BurstLight", top=column.pop(), falling=falling)
                elif bond == "crack":
                    column.pop()
                    cracks += 1
            if bond != "burst":
                column.append(falling)
                pressure += call("ColumnPressure", charge=falling, crystals=len(column))
        return call("Done", answer={"light": light, "pressure": pressure, "cracks": cracks})

    @staticmethod
    def generate(rng, level):
        size = {"easy": 6, "medium": 14, "hard": rng.randint(32, 46)}[level]
        return {"crystals": [rng.randint(1, 19) for _ in range(size)]}
