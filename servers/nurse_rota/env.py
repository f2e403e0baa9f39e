"""A nurse works one shift on each day: "early", "late", "night" or "off", in this order."""

import copy

from codegym_mcp import Environment, tool


def bonus(demand: int, day: int) -> int:
    """Work out the bonus of a working shift.

    Args:
        demand: the demand for it.
        day: number of the day, from 0.

    Returns:
        the bonus.

    Example:
        bonus(demand=4, day=5) -> 15
    """
    if day < 0:
        raise ValueError(f"days are numbered from 0, got {day}")
    return 3 * demand + (3 if day % 7 >= 5 else 0)


def rest_bonus(demands: list[int], day: int) -> int:
    """Work out the bonus of "off".

    Args:
        demands: the demands of the day for "early", "late" and "night".
        day: number of the day, from 0.

    Returns:
        the bonus.

    Example:
        rest_bonus(demands=[4, 2, 0], day=5) -> 15
    """
    if len(demands) != 3 or day < 0:
        raise ValueError("expected three demands and a day from 0 on")
    return 14 - max(demands) + day % 7 + demands.count(0) * 2 - (2 if day % 7 == 5 else 0)


def strain(before: str, after: str, day: int) -> int:
    """Work out the strain of a change between shifts; two equal shifts in a row may have one too.

    Args:
        before: the shift of the day before.
        after: the shift of the day.
        day: number of the day, from 1.

    Returns:
        the strain.

    Example:
        strain(before="late", after="night", day=3) -> 4
    """
    hours = {"early": 6, "late": 14, "night": 22, "off": 10}
    if before not in hours or after not in hours or day < 1:
        raise ValueError("expected two shifts and a day from 1 on")
    return abs(hours[after] - hours[before]) // 2 + (2 + day % 3 if before == after else 0)


def tire(tiredness: int, shift: str, day: int) -> int:
    """Work out the tiredness after a shift.

    Args:
        tiredness: the tiredness before it.
        shift: the shift.
        day: number of the day, from 0.

    Returns:
        the tiredness after it.

    Example:
        tire(tiredness=10, shift="night", day=3) -> 18
    """
    if shift == "off":
        return tiredness // 2
    return tiredness + {"early": 5, "late": 4, "night": 7}[shift] + tiredness * (1 + day % 2) // 20


class NurseRota(Environment):
    """A nurse works one shift on each day: "early", "late", "night" or "off", in this order. `demands` lists for each day,
    numbered from 0, the demand for the three working shifts.

    The bonus of a working shift follows from the demand and the day; that of "off" follows from all three demands and
    the day. From day 1 on, the change from the shift of the day before to that of the day costs strain. A "night" must
    not be followed by an "early".

    For each day and each shift, the score is the greatest sum of bonuses minus strains up to and including that day,
    with this shift on that day. Its predecessor is the shift of the day before with which the score can be had (of
    several, the first one in the order).

    The best rota ends with the shift of the greatest score on the last day (of several, the first one), and is read
    back over the predecessors. Each shift of the rota, taken from day 0 on, then tires the nurse; tiredness is 0 before
    day 0.

    The answer is the greatest score, the tiredness after the last day, and the first letters of the shifts of the rota
    from day
    0 on.

    The input is hidden (demands); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, demands: list[list[int]]) -> None:
        self.demands = demands

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "demands": number of items of demands.

        Example:
            Observe() -> {"demands": 2}
        """
        return {"demands": len(self.demands)}

    @tool
    def ReadDemand(self, index: int) -> list[int]:
        """Read one item of demands.

        Args:
            index: position in demands, counted from 0.

        Returns:
            the item.

        Example:
            ReadDemand(index=0) -> [0, 6, 6]
        """
        if not 0 <= index < len(self.demands):
            raise ValueError(f"index must be from 0 to {len(self.demands) - 1}, got {index}")
        return self.demands[index]

    @tool
    def Bonus(self, demand: int, day: int) -> int:
        """Work out the bonus of a working shift.

        Args:
            demand: the demand for it.
            day: number of the day, from 0.

        Returns:
            the bonus.

        Example:
            Bonus(demand=4, day=5) -> 15
        """
        return bonus(demand, day)

    @tool
    def RestBonus(self, demands: list[int], day: int) -> int:
        """Work out the bonus of "off".

        Args:
            demands: the demands of the day for "early", "late" and "night".
            day: number of the day, from 0.

        Returns:
            the bonus.

        Example:
            RestBonus(demands=[4, 2, 0], day=5) -> 15
        """
        return rest_bonus(demands, day)

    @tool
    def Strain(self, before: str, after: str, day: int) -> int:
        """Work out the strain of a change between shifts; two equal shifts in a row may have one too.

        Args:
            before: the shift of the day before.
            after: the shift of the day.
            day: number of the day, from 1.

        Returns:
            the strain.

        Example:
            Strain(before="late", after="night", day=3) -> 4
        """
        return strain(before, after, day)

    @tool
    def Tire(self, tiredness: int, shift: str, day: int) -> int:
        """Work out the tiredness after a shift.

        Args:
            tiredness: the tiredness before it.
            shift: the shift.
            day: number of the day, from 0.

        Returns:
            the tiredness after it.

        Example:
            Tire(tiredness=10, shift="night", day=3) -> 18
        """
        return tire(tiredness, shift, day)

    def answer(self) -> dict[str, int | str]:
        """Find the best rota.

        Returns:
            the "score", the "tiredness" and the "rota". Example: {"score": 47, "tiredness": 12, "rota": "elno"}.
        """
        demands = copy.deepcopy(self.demands)
        shifts = ["early", "late", "night", "off"]
        scores: list[int] = []
        behind: list[list[int]] = []
        for day in range(len(demands)):
            wanted = demands[day]
            fresh, back = ([], [])
            for shift in range(4):
                gain = bonus(wanted[shift], day) if shift < 3 else rest_bonus(wanted, day)
                best, chosen = (0, -1) if day == 0 else (-(10**6), -1)
                for other in range(len(scores)):
                    if other == 2 and shift == 0:
                        continue
                    value = scores[other] - strain(shifts[other], shifts[shift], day)
                    if value > best:
                        best, chosen = (value, other)
                fresh.append(best + gain)
                back.append(chosen)
            scores = fresh
            behind.append(back)
        last = scores.index(max(scores))
        rota = [last]
        for day in range(len(demands) - 1, 0, -1):
            last = behind[day][last]
            rota.insert(0, last)
        tiredness = 0
        letters = ""
        for day, shift in enumerate(rota):
            tiredness = tire(tiredness, shifts[shift], day)
            letters += shifts[shift][0]
        return {"score": max(scores), "tiredness": tiredness, "rota": letters}

    def solve(self, call):
        seen = call("Observe")
        shifts = ["early", "late", "night", "off"]
        scores = []
        behind = []
        for day in range(seen["demands"]):
            wanted = call("ReadDemand", index=day)
            fresh, back = ([], [])
            for shift in range(4):
                gain = (
                    call("Bonus", demand=wanted[shift], day=day)
                    if shift < 3
                    else call("RestBonus", demands=wanted, day=day)
                )
                best, chosen = (0, -1) if day == 0 else (-(10**6), -1)
                for other in range(len(scores)):
                    if other == 2 and shift == 0:
                        continue
                    value = scores[other] - call("Strain", before=shifts[other], after=shifts[shift], day=day)
                    if value > best:
                        best, chosen = (value, other)
                fresh.append(best + gain)
                back.append(chosen)
            scores = fresh
            behind.append(back)
        last = scores.index(max(scores))
        rota = [last]
        for day in range(seen["demands"] - 1, 0, -1):
            last = behind[day][last]
            rota.insert(0, last)
        tiredness = 0
        letters = ""
        for day, shift in enumerate(rota):
            tiredness = call("Tire", tiredness=tiredness, shift=shifts[shift], day=day)
            letters += shifts[shift][0]
        return call("Done", answer={"score": max(scores), "tiredness": tiredness, "rota": letters})

    @staticmethod
    def generate(rng, level):
        days = {"easy": 2, "medium": 3, "hard": rng.randint(4, 7)}[level]
        return {"demands": [[rng.randint(0, 9) for _ in range(3)] for _ in range(days)]}
