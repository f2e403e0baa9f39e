"""A service has a tree of quota pools under a root."""

import copy

from codegym_mcp import Environment, tool


class QuotaPools:
    """Pools with credits that refill with time."""

    def __init__(self, pools: dict[str, list], calls: list[list]) -> None:
        self._pools, self._calls = pools, calls
        self._credits = {name: facts[1] for name, facts in pools.items()}
        self._minute = dict.fromkeys(pools, 0)

    def read_call(self, index: int) -> dict[str, int | str]:
        """Read a call.

        Args:
            index: number of the call, from 0.

        Returns:
            its "minute", its "pool" and its "size".

        Example:
            read_call(index=0) -> {"minute": 3, "pool": "team2", "size": 7}
        """
        if not 0 <= index < len(self._calls):
            raise ValueError(f"index must be from 0 to {len(self._calls) - 1}, got {index}")
        return dict(zip(("minute", "pool", "size"), self._calls[index], strict=True))

    def _pool(self, pool: str) -> list:
        if pool not in self._pools:
            raise ValueError(f"pool must be one of {sorted(self._pools)}, got {pool!r}")
        return self._pools[pool]

    def pool_above(self, pool: str) -> str:
        """Tell which pool stands above a pool.

        Args:
            pool: name of the pool.

        Returns:
            the name of the pool above, or "top" for the root.

        Example:
            pool_above(pool="team2") -> "lab"
        """
        return self._pool(pool)[0]

    def refill_pool(self, pool: str, minute: int) -> int:
        """Refill a pool up to a minute, not beyond what it can hold.

        Args:
            pool: name of the pool.
            minute: the minute, not before one up to which it was refilled.

        Returns:
            the credits in it now.

        Example:
            refill_pool(pool="team2", minute=3) -> 11
        """
        _, most, rate, _ = self._pool(pool)
        if minute < self._minute[pool]:
            raise ValueError(f"{pool} was refilled up to minute {self._minute[pool]}, got {minute}")
        self._credits[pool] = min(most, self._credits[pool] + rate * (minute - self._minute[pool]))
        self._minute[pool] = minute
        return self._credits[pool]

    def lending_neighbour(self, pool: str) -> str:
        """Tell which pool lends credits to a pool.

        Args:
            pool: name of the pool.

        Returns:
            the name of its neighbour, or "nobody".

        Example:
            lending_neighbour(pool="team2") -> "team1"
        """
        return self._pool(pool)[3]

    def move_credits(self, source: str, target: str, size: int) -> int:
        """Move credits from a pool into another one, which may then hold more than it can by refilling.

        Args:
            source: the pool that lends.
            target: the pool that gets them.
            size: how many credits; the source must have them.

        Returns:
            the credits in the target then.

        Example:
            move_credits(source="team1", target="team2", size=7) -> 9
        """
        self._pool(target)
        if self._pool(source) and not 1 <= size <= self._credits[source]:
            raise ValueError(f"{source} has {self._credits[source]} credits, got {size}")
        self._credits[source] -= size
        self._credits[target] += size
        return self._credits[target]

    def spend_credits(self, pool: str, size: int) -> int:
        """Spend credits of a pool.

        Args:
            pool: name of the pool.
            size: how many credits; the pool must have them.

        Returns:
            the credits left in it.

        Example:
            spend_credits(pool="lab", size=7) -> 20
        """
        if self._pool(pool) and not 1 <= size <= self._credits[pool]:
            raise ValueError(f"{pool} has {self._credits[pool]} credits, got {size}")
        self._credits[pool] -= size
        return self._credits[pool]


class QuotaTree(Environment):
    """A service has a tree of quota pools under a root. Calls are numbered from 0 and handled in ascending order; each
    comes at a minute into one pool and has a size in credits.

    The path of a call is its pool, the pool above that, and so on up to the root. For each call:

    1. Refill each pool of the path up to the call's minute. A pool whose credits are less than the size then is short.
    2. If no pool is short, the call is served: spend the size in every pool of the path.
    3. If exactly one pool is short and it is not the root, refill its lending neighbour (if there is one) too. If the
    neighbour
       has at least the size then, the call is served with help: move the size from the neighbour into the short pool,
       then
       spend the size in every pool of the path.
    4. In all other cases the call is rejected, and nothing is moved or spent.

    Find the credits of all served calls, how many calls were served with the help of a neighbour, and the sum of the
    numbers of the rejected calls.

    The input is hidden (pools, calls); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, pools: dict[str, list[int | str]], calls: list[list[int | str]]) -> None:
        self.pools = pools
        self.calls = calls
        self.tree = QuotaPools(copy.deepcopy(self.pools), copy.deepcopy(self.calls))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "pools": number of keys of pools.
            "calls": number of items of calls.

        Example:
            Observe() -> {"pools": 3, "calls": 3}
        """
        return {"pools": len(self.pools), "calls": len(self.calls)}

    @tool
    def ReadCall(self, index: int) -> dict[str, int | str]:
        """Read a call.

        Args:
            index: number of the call, from 0.

        Returns:
            its "minute", its "pool" and its "size".

        Example:
            ReadCall(index=0) -> {"minute": 3, "pool": "team2", "size": 7}
        """
        return self.tree.read_call(index)

    @tool
    def PoolAbove(self, pool: str) -> str:
        """Tell which pool stands above a pool.

        Args:
            pool: name of the pool.

        Returns:
            the name of the pool above, or "top" for the root.

        Example:
            PoolAbove(pool="team2") -> "lab"
        """
        return self.tree.pool_above(pool)

    @tool
    def RefillPool(self, pool: str, minute: int) -> int:
        """Refill a pool up to a minute, not beyond what it can hold.

        Args:
            pool: name of the pool.
            minute: the minute, not before one up to which it was refilled.

        Returns:
            the credits in it now.

        Example:
            RefillPool(pool="team2", minute=3) -> 11
        """
        return self.tree.refill_pool(pool, minute)

    @tool
    def LendingNeighbour(self, pool: str) -> str:
        """Tell which pool lends credits to a pool.

        Args:
            pool: name of the pool.

        Returns:
            the name of its neighbour, or "nobody".

        Example:
            LendingNeighbour(pool="team2") -> "team1"
        """
        return self.tree.lending_neighbour(pool)

    @tool
    def MoveCredits(self, source: str, target: str, size: int) -> int:
        """Move credits from a pool into another one, which may then hold more than it can by refilling.

        Args:
            source: the pool that lends.
            target: the pool that gets them.
            size: how many credits; the source must have them.

        Returns:
            the credits in the target then.

        Example:
            MoveCredits(source="team1", target="team2", size=7) -> 9
        """
        return self.tree.move_credits(source, target, size)

    @tool
    def SpendCredits(self, pool: str, size: int) -> int:
        """Spend credits of a pool.

        Args:
            pool: name of the pool.
            size: how many credits; the pool must have them.

        Returns:
            the credits left in it.

        Example:
            SpendCredits(pool="lab", size=7) -> 20
        """
        return self.tree.spend_credits(pool, size)

    def answer(self) -> list[int]:
        """Serve calls from a tree of quota pools.

        Returns:
            [credits served, calls served with help, sum of the rejected numbers], such as [64, 2, 11].
        """
        pools = copy.deepcopy(self.pools)
        calls = copy.deepcopy(self.calls)
        tree = QuotaPools(pools, calls)
        served = helped = rejected = 0
        for index in range(len(calls)):
            call = tree.read_call(index)
            size, name = (call["size"], call["pool"])
            path, short = ([], [])
            while name != "top":
                path.append(name)
                if tree.refill_pool(name, call["minute"]) < size:
                    short.append(name)
                name = tree.pool_above(name)
            if len(short) == 1 and short[0] != path[-1]:
                lender = tree.lending_neighbour(short[0])
                if lender != "nobody" and tree.refill_pool(lender, call["minute"]) >= size:
                    tree.move_credits(lender, short.pop(), size)
                    helped += 1
            if short:
                rejected += index
                continue
            for pool in path:
                tree.spend_credits(pool, size)
            served += size
        return [served, helped, rejected]

    def solve(self, the_call):
        seen = the_call("Observe")
        served = helped = rejected = 0
        for index in range(seen["calls"]):
            call = the_call("ReadCall", index=index)
            size, name = (call["size"], call["pool"])
            path, short = ([], [])
            while name != "top":
                path.append(name)
                if the_call("RefillPool", pool=name, minute=call["minute"]) < size:
                    short.append(name)
                name = the_call("PoolAbove", pool=name)
            if len(short) == 1 and short[0] != path[-1]:
                lender = the_call("LendingNeighbour", pool=short[0])
                if lender != "nobody" and the_call("RefillPool", pool=lender, minute=call["minute"]) >= size:
                    the_call("MoveCredits", source=lender, target=short.pop(), size=size)
                    helped += 1
            if short:
                rejected += index
                continue
            for pool in path:
                the_call("SpendCredits", pool=pool, size=size)
            served += size
        return the_call("Done", answer=[served, helped, rejected])

    @staticmethod
    def generate(rng, level):
        count, teams, depth = {"easy": (3, 2, 2), "medium": (4, 3, 2), "hard": (rng.randint(8, 10), 4, 3)}[level]
        root = [["top", rng.randint(24, 34), rng.randint(3, 4), "nobody"]]
        pools = {"root": root[0]}
        above = ["root"]
        if depth == 3:
            for name in ("east", "west"):
                pools[name] = [
                    "root",
                    rng.randint(14, 22),
                    2,
                    "west" if name == "east" else rng.choice(["east", "nobody"]),
                ]
            above = ["east", "west"]
        names = [f"team{number}" for number in range(teams)]
        for number, name in enumerate(names):
            lender = rng.choice([other for other in names if other != name] * 2 + ["nobody"])
            pools[name] = [above[number % len(above)], rng.randint(8, 14), rng.randint(1, 2), lender]
        calls, minute = ([], rng.randint(0, 2))
        for _ in range(count):
            calls.append([minute, rng.choice(names), rng.randint(3, 13)])
            minute += rng.randint(0, 3)
        return {"pools": pools, "calls": calls}
