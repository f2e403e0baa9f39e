"""A workshop plans what it makes and buys for a demand of machines."""

import copy

from codegym_mcp import Environment, tool


class Workshop:
    """Items, their parts, and the stock."""

    def __init__(self, demand: dict[str, int], items: dict[str, dict], levels: list[list[str]]) -> None:
        self._demand, self._items, self._levels = demand, items, levels
        self._stock = {name: item["stock"] for name, item in items.items()}

    def _item(self, item: str) -> dict:
        if item not in self._items:
            raise ValueError(f"item must be one of {sorted(self._items)}, got {item!r}")
        return self._items[item]

    def list_level(self, level: int) -> list[str]:
        """List the items of a level.

        Args:
            level: number of the level, from 0.

        Returns:
            names of items; an empty list beyond the deepest level.

        Example:
            list_level(level=0) -> ["mower", "tiller"]
        """
        if level < 0:
            raise ValueError(f"level must be at least 0, got {level}")
        return list(self._levels[level]) if level < len(self._levels) else []

    def read_demand(self, item: str) -> int:
        """Read the demand of a finished machine.

        Args:
            item: name of an item.

        Returns:
            the units demanded; 0 for an item that is no finished machine.

        Example:
            read_demand(item="mower") -> 5
        """
        self._item(item)
        return self._demand.get(item, 0)

    def take_stock(self, item: str, units: int) -> int:
        """Take units of an item from the stock, or all there are if they are fewer.

        Args:
            item: name of the item.
            units: how many are needed, at least 1.

        Returns:
            how many were taken.

        Example:
            take_stock(item="wheel", units=20) -> 12
        """
        self._item(item)
        if units < 1:
            raise ValueError(f"units must be at least 1, got {units}")
        taken = min(units, self._stock[item])
        self._stock[item] -= taken
        return taken

    def release_batch(self, item: str, units: int) -> dict[str, int]:
        """Release a batch of an item.

        Args:
            item: name of the item.
            units: how many are missing, at least 1.

        Returns:
            the units "released" and the "cost" of the batch.

        Example:
            release_batch(item="wheel", units=8) -> {"released": 10, "cost": 45}
        """
        if units < 1:
            raise ValueError(f"units must be at least 1, got {units}")
        pack, price = self._item(item)["pack"], self._items[item]["price"]
        released = (units + pack - 1) // pack * pack
        return {"released": released, "cost": 5 + released * price}

    def read_parts(self, item: str) -> dict[str, int]:
        """Read which parts go into one unit of an item.

        Args:
            item: name of the item.

        Returns:
            a map from the name of the part to its number; an empty map for an item that is bought.

        Example:
            read_parts(item="mower") -> {"wheel": 4, "blade": 1}
        """
        return dict(self._item(item)["parts"])


class PartsExplosion(Environment):
    """A workshop plans what it makes and buys for a demand of machines. Items stand on levels: the machines on level 0,
    the parts of an item always deeper than the item. The same part may go into several items.

    Go through the levels from 0 to the deepest, and on each level through the items in the order in which they are
    listed. The need of an item is its demand (on level 0) plus all that the items handled before it need of it. If the
    need is more than 0:

    1. Take from the stock what there is, at most the need.
    2. If something is missing, release a batch for it. A batch may be larger than what is missing; the surplus is not
    used.
    3. The batch needs parts: for each part of the item, the released units times the number of parts for one unit.

    Items without parts are bought, by the same rules. Stock is only what there is before the run.

    Find the cost of all batches, the total of units taken from stock, and the number of batches.

    The input is hidden (demand, items, levels); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self,
        *,
        demand: dict[str, int],
        items: dict[str, dict[str, dict | dict[str, int] | int]],
        levels: list[list[str]],
    ) -> None:
        self.demand = demand
        self.items = items
        self.levels = levels
        self.shop = Workshop(copy.deepcopy(self.demand), copy.deepcopy(self.items), copy.deepcopy(self.levels))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "demand": number of keys of demand.
            "items": number of keys of items.
            "levels": number of items of levels.

        Example:
            Observe() -> {"demand": 2, "items": 7, "levels": 3}
        """
        return {"demand": len(self.demand), "items": len(self.items), "levels": len(self.levels)}

    @tool
    def ListLevel(self, level: int) -> list[str]:
        """List the items of a level.

        Args:
            level: number of the level, from 0.

        Returns:
            names of items; an empty list beyond the deepest level.

        Example:
            ListLevel(level=0) -> ["mower", "tiller"]
        """
        return self.shop.list_level(level)

    @tool
    def ReadDemand(self, item: str) -> int:
        """Read the demand of a finished machine.

        Args:
            item: name of an item.

        Returns:
            the units demanded; 0 for an item that is no finished machine.

        Example:
            ReadDemand(item="mower") -> 5
        """
        return self.shop.read_demand(item)

    @tool
    def TakeStock(self, item: str, units: int) -> int:
        """Take units of an item from the stock, or all there are if they are fewer.

        Args:
            item: name of the item.
            units: how many are needed, at least 1.

        Returns:
            how many were taken.

        Example:
            TakeStock(item="wheel", units=20) -> 12
        """
        return self.shop.take_stock(item, units)

    @tool
    def ReleaseBatch(self, item: str, units: int) -> dict[str, int]:
        """Release a batch of an item.

        Args:
            item: name of the item.
            units: how many are missing, at least 1.

        Returns:
            the units "released" and the "cost" of the batch.

        Example:
            ReleaseBatch(item="wheel", units=8) -> {"released": 10, "cost": 45}
        """
        return self.shop.release_batch(item, units)

    @tool
    def ReadParts(self, item: str) -> dict[str, int]:
        """Read which parts go into one unit of an item.

        Args:
            item: name of the item.

        Returns:
            a map from the name of the part to its number; an empty map for an item that is bought.

        Example:
            ReadParts(item="mower") -> {"wheel": 4, "blade": 1}
        """
        return self.shop.read_parts(item)

    def answer(self) -> list[int]:
        """Explode a demand into batches.

        Returns:
            [cost of all batches, units taken from stock, number of batches], such as [412, 30, 6].
        """
        demand = copy.deepcopy(self.demand)
        items = copy.deepcopy(self.items)
        levels = copy.deepcopy(self.levels)
        shop = Workshop(demand, items, levels)
        cost = taken = batches = 0
        needs, level = ({}, 0)
        names = shop.list_level(0)
        while names:
            for name in names:
                need = needs.get(name, 0) + (shop.read_demand(name) if level == 0 else 0)
                if need == 0:
                    continue
                part_taken = shop.take_stock(name, need)
                taken += part_taken
                if part_taken == need:
                    continue
                batch = shop.release_batch(name, need - part_taken)
                cost += batch["cost"]
                batches += 1
                for part, number in shop.read_parts(name).items():
                    needs[part] = needs.get(part, 0) + batch["released"] * number
            level += 1
            names = shop.list_level(level)
        return [cost, taken, batches]

    def solve(self, call):
        cost = taken = batches = 0
        needs, level = ({}, 0)
        names = call("ListLevel", level=0)
        while names:
            for name in names:
                need = needs.get(name, 0) + (call("ReadDemand", item=name) if level == 0 else 0)
                if need == 0:
                    continue
                part_taken = call("TakeStock", item=name, units=need)
                taken += part_taken
                if part_taken == need:
                    continue
                batch = call("ReleaseBatch", item=name, units=need - part_taken)
                cost += batch["cost"]
                batches += 1
                for part, number in call("ReadParts", item=name).items():
                    needs[part] = needs.get(part, 0) + batch["released"] * number
            level += 1
            names = call("ListLevel", level=level)
        return call("Done", answer=[cost, taken, batches])

    @staticmethod
    def generate(rng, level):
        sizes = {"easy": [2, 2, 3], "medium": [3, 4, 6], "hard": [4, rng.randint(6, 7), rng.randint(7, 8), 8]}[level]
        names = rng.sample(
            "mower tiller wheel blade frame motor belt bolt lever cable panel hinge spring grip seal valve axle fan tank plug lamp chain hook cap ring rod clutch pedal".split(),
            sum(sizes),
        )
        levels = [[names.pop() for _ in range(size)] for size in sizes]
        items = {}
        for depth, row in enumerate(levels):
            deeper = [name for other in levels[depth + 1 :] for name in other]
            for name in row:
                parts = (
                    rng.sample(deeper, min(len(deeper), rng.randint(2, 3)))
                    if deeper and (depth == 0 or rng.random() < 0.9)
                    else []
                )
                items[name] = {
                    "stock": rng.choice([0, 0, 2, 5, 9]) * (depth + 1),
                    "pack": rng.choice([1, 2, 5, 8]),
                    "price": rng.randint(1, 9),
                    "parts": {part: rng.randint(1, 3) for part in parts},
                }
        return {"demand": {name: rng.randint(3, 12) for name in levels[0]}, "items": items, "levels": levels}
