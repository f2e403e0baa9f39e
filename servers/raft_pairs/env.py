"""Crates stand on a river bank and are rafted across."""

import copy

from codegym_mcp import Environment, tool


def may_travel(light: int, heavy: int) -> bool:
    """Tell whether two crates may travel together.

    Args:
        light: weight of the lighter crate (or the same).
        heavy: weight of the heavier one.

    Returns:
        whether they may.

    Example:
        may_travel(light=12, heavy=40) -> true
    """
    if light > heavy:
        raise ValueError(f"the lighter crate weighs {light}, more than {heavy}")
    return (light + heavy) % 5 != 1


def crossing_minutes(load: int, current: int) -> int:
    """Work out how long a crossing takes.

    Args:
        load: weight on the raft.
        current: speed of the current.

    Returns:
        the minutes.

    Example:
        crossing_minutes(load=52, current=4) -> 13
    """
    if load < 1:
        raise ValueError(f"load must be at least 1, got {load}")
    return 3 + load // 8 + current + (current * load) % 4


def soak_up(load: int, minutes: int) -> int:
    """Work out how much the capacity drops by a crossing.

    Args:
        load: weight on the raft.
        minutes: minutes of the crossing.

    Returns:
        the kilograms by which it drops.

    Example:
        soak_up(load=52, minutes=14) -> 3
    """
    return 1 + minutes // 9 + (1 if load > 50 else 0)


def next_current(current: int, minutes: int) -> int:
    """Work out the new speed of the current.

    Args:
        current: its speed before the crossing.
        minutes: minutes of the crossing.

    Returns:
        the new speed.

    Example:
        next_current(current=4, minutes=14) -> 6
    """
    return (current * 2 + minutes) % 8


def bank_sale(weight: int, sale: int) -> int:
    """Work out what a crate left behind is sold for.

    Args:
        weight: its weight.
        sale: number of the sale, from 0.

    Returns:
        the price.

    Example:
        bank_sale(weight=66, sale=0) -> 132
    """
    if sale < 0:
        raise ValueError(f"sale must be at least 0, got {sale}")
    return max(weight, 2 * weight - 7 * sale)


class RaftPairs(Environment):
    """Crates stand on a river bank and are rafted across. `weights` holds their weights in kilograms in ascending order;
    they are numbered from 0. The raft carries at most two crates and at most `capacity` kilograms, which becomes less
    as the raft soaks up water. The current has a speed, which is `current` at first.

    Until all crates are across: take the heaviest crate left (the one with the highest number). If it alone is too
    heavy for the capacity at this time, it is left behind for good, and no crossing is made for it. Otherwise look at
    the lightest crate left (the one with the lowest number) if it is another one: if both together are within the
    capacity and they may travel together, it comes along. The crossing takes minutes, which depend on the load and the
    current. After it, the capacity drops by the soaking of this crossing, and the current has a new speed, for which
    the one before and the minutes of the crossing count.

    At the end each crate left behind is sold on the bank, in the order in which they were left behind, from 0 on.

    Find the minutes of all crossings, the sum of the sales, and the capacity at the end.

    The input is hidden (weights); the tools give access to it. Observe shows what is known from the start: sizes, and
    capacity, current.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, weights: list[int], capacity: int, current: int) -> None:
        self.weights = weights
        self.capacity = capacity
        self.current = current

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "capacity": a whole number, given as it is.
            "current": a whole number, given as it is.
            "weights": number of items of weights.

        Example:
            Observe() -> {"capacity": 71, "current": 1, "weights": 6}
        """
        return {"capacity": self.capacity, "current": self.current, "weights": len(self.weights)}

    @tool
    def ReadWeight(self, index: int) -> int:
        """Read one item of weights.

        Args:
            index: position in weights, counted from 0.

        Returns:
            the item.

        Example:
            ReadWeight(index=5) -> 74
        """
        if not 0 <= index < len(self.weights):
            raise ValueError(f"index must be from 0 to {len(self.weights) - 1}, got {index}")
        return self.weights[index]

    @tool
    def MayTravel(self, light: int, heavy: int) -> bool:
        """Tell whether two crates may travel together.

        Args:
            light: weight of the lighter crate (or the same).
            heavy: weight of the heavier one.

        Returns:
            whether they may.

        Example:
            MayTravel(light=12, heavy=40) -> true
        """
        return may_travel(light, heavy)

    @tool
    def SoakUp(self, load: int, minutes: int) -> int:
        """Work out how much the capacity drops by a crossing.

        Args:
            load: weight on the raft.
            minutes: minutes of the crossing.

        Returns:
            the kilograms by which it drops.

        Example:
            SoakUp(load=52, minutes=14) -> 3
        """
        return soak_up(load, minutes)

    @tool
    def BankSale(self, weight: int, sale: int) -> int:
        """Work out what a crate left behind is sold for.

        Args:
            weight: its weight.
            sale: number of the sale, from 0.

        Returns:
            the price.

        Example:
            BankSale(weight=66, sale=0) -> 132
        """
        return bank_sale(weight, sale)

    def answer(self) -> dict[str, int]:
        """Bring the crates across.

        Returns:
            the "minutes", the sum of the "sales" and the "capacity" at the end.
            Example: {"minutes": 87, "sales": 132, "capacity": 55}.
        """
        weights = copy.deepcopy(self.weights)
        capacity = self.capacity
        current = self.current
        low, high = (0, len(weights) - 1)
        minutes = sales = sold = 0
        while low <= high:
            load = weights[high]
            if load > capacity:
                sales += bank_sale(load, sold)
                sold += 1
                high -= 1
                continue
            if low < high and load + weights[low] <= capacity and may_travel(weights[low], load):
                load += weights[low]
                low += 1
            high -= 1
            time = crossing_minutes(load, current)
            minutes += time
            capacity -= soak_up(load, time)
            current = next_current(current, time)
        return {"minutes": minutes, "sales": sales, "capacity": capacity}

    def solve(self, call):
        seen = call("Observe")
        capacity = seen["capacity"]
        current = seen["current"]
        low, high = (0, seen["weights"] - 1)
        minutes = sales = sold = 0
        while low <= high:
            load = call("ReadWeight", index=high)
            if load > capacity:
                sales += call("BankSale", weight=load, sale=sold)
                sold += 1
                high -= 1
                continue
            if (
                low < high
                and load + call("ReadWeight", index=low) <= capacity
                and call("MayTravel", light=call("ReadWeight", index=low), heavy=load)
            ):
                load += call("ReadWeight", index=low)
                low += 1
            high -= 1
            time = crossing_minutes(load, current)
            minutes += time
            capacity -= call("SoakUp", load=load, minutes=time)
            current = next_current(current, time)
        return call("Done", answer={"minutes": minutes, "sales": sales, "capacity": capacity})

    @staticmethod
    def generate(rng, level):
        count, capacity = {"easy": (5, 66), "medium": (11, 70), "hard": (rng.randint(28, 38), 104)}[level]
        capacity += rng.randint(0, 6)
        weights = sorted((rng.randint(8, capacity - 12 if level == "hard" else capacity + 2) for _ in range(count - 1)))
        return {
            "weights": sorted([*weights, capacity - 1, capacity + 3]),
            "capacity": capacity,
            "current": rng.randint(1, 7),
        }
