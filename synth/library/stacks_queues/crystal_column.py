"""Crystals fall one after the other, in the order of the list `crystals`, onto a column that is empty at first; each is a
whole number, its charge. A falling crystal always acts on the top crystal of the column, if there is one, and what
happens depends on the bond of the two, the top one named first:

- "melt": the two become one crystal, whose charge is their alloy. It is not put down yet: it falls in turn onto the
  crystal below, and the same rules apply again.
- "burst": both are gone, and the light of the burst is noted. Nothing falls on.
- "crack": the top crystal is gone; the falling one keeps its charge and falls on to the crystal below. This is a crack.
- "rest": the falling crystal stays on the top one.

A crystal that falls onto an empty column stays there. Each crystal that stays presses on the column: note the pressure,
from its charge and the number of crystals in the column, itself among them.

Find the sum of the light, the sum of the pressures, and the number of cracks."""


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


def solution(crystals: list[int]) -> dict[str, int]:
    """Let the crystals fall.

    Returns:
        the sums of the "light" and of the "pressure", and the number of "cracks".
        Example: {"light": 60, "pressure": 133, "cracks": 2}.
    """
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    size = {"easy": 6, "medium": 14, "hard": rng.randint(32, 46)}[level]
    return {"crystals": [rng.randint(1, 19) for _ in range(size)]}
