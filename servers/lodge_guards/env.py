"""Lodges are connected like a tree: below each lodge there can be further ones, and all are below lodge 0."""

import copy

from codegym_mcp import Environment, tool


class Lodges:
    """The tree of lodges, the sums noted and the guards posted."""

    def __init__(self, above: list[int], views: list[int]) -> None:
        self.above, self.views = above, views  # above[0] is -1
        self.sums: dict[int, list[int]] = {}
        self.guards: list[int] = []

    def _check(self, lodge: int) -> list[int]:
        if not 0 <= lodge < len(self.above):
            raise ValueError(f"lodge must be from 0 to {len(self.above) - 1}, got {lodge}")
        return [other for other in range(len(self.above)) if self.above[other] == lodge]

    def below(self, lodge: int) -> list[int]:
        """List the lodges directly below a lodge.

        Args:
            lodge: its number.

        Returns:
            their numbers in ascending order; maybe none.

        Example:
            below(lodge=0) -> [1, 4]
        """
        return self._check(lodge)

    def worth(self, lodge: int) -> int:
        """Tell what a guard in a lodge is worth.

        Args:
            lodge: its number.

        Returns:
            the worth of this lodge alone.

        Example:
            worth(lodge=4) -> 13
        """
        return self.views[lodge] + 3 * len(self._check(lodge))

    def note_sums(self, lodge: int, with_guard: int, without: int) -> int:
        """Note the two sums of a lodge.

        Args:
            lodge: its number; the sums of all lodges directly below must have been noted.
            with_guard: the greatest worth if it has a guard.
            without: the greatest worth if it has none.

        Returns:
            the number of lodges noted so far.

        Example:
            note_sums(lodge=4, with_guard=13, without=0) -> 1
        """
        if any(other not in self.sums for other in self._check(lodge)):
            raise ValueError(f"a lodge directly below {lodge} has not been noted")
        self.sums[lodge] = [with_guard, without]
        return len(self.sums)

    def noted_sums(self, lodge: int) -> list[int]:
        """Look up the two sums of a lodge.

        Args:
            lodge: number of a noted lodge.

        Returns:
            "with" and "without".

        Example:
            noted_sums(lodge=4) -> [13, 0]
        """
        self._check(lodge)
        if lodge not in self.sums:
            raise ValueError(f"lodge {lodge} has not been noted")
        return list(self.sums[lodge])

    def post_guard(self, lodge: int) -> int:
        """Post a guard in a lodge.

        Args:
            lodge: its number; no guard may be in it, directly above or directly below.

        Returns:
            the pay.

        Example:
            post_guard(lodge=4) -> 9
        """
        if any(other in self.guards for other in [lodge, self.above[lodge], *self._check(lodge)]):
            raise ValueError(f"a guard is in lodge {lodge} or next to it")
        self.guards.append(lodge)
        return 4 + self.views[lodge] // 2 + len(self.guards) * (lodge % 3)


class LodgeGuards(Environment):
    """Lodges are connected like a tree: below each lodge there can be further ones, and all are below lodge 0. Guards are
    to be put into some lodges, but not into two of which one is directly below the other. What a guard is worth depends
    on the lodge and on the number of lodges directly below it.

    Wanted are the lodges with the greatest worth in all. For each lodge two sums are noted: "with", the greatest worth
    of this lodge and all below it if it has a guard, and "without", the greatest worth if it has none. They can be
    noted only after those of all lodges directly below.

    The choice is made from above: a lodge gets a guard if the lodge directly above has none (or there is none above)
    and its "with" is greater than its "without". Guards are posted in this order: a lodge before those below it;
    between lodges directly below the same one, the smaller number with all that is below it first. The pay of each
    guard depends on how many were posted before.

    The answer is the greatest worth, the sum of the pays and the number of guards.

    The input is hidden (above, views); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, above: list[int], views: list[int]) -> None:
        self.above = above
        self.views = views
        self.lodges = Lodges(copy.deepcopy(self.above), copy.deepcopy(self.views))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "above": number of items of above.
            "views": number of items of views.

        Example:
            Observe() -> {"above": 4, "views": 4}
        """
        return {"above": len(self.above), "views": len(self.views)}

    @tool
    def Below(self, lodge: int) -> list[int]:
        """List the lodges directly below a lodge.

        Args:
            lodge: its number.

        Returns:
            their numbers in ascending order; maybe none.

        Example:
            Below(lodge=0) -> [1, 4]
        """
        return self.lodges.below(lodge)

    @tool
    def Worth(self, lodge: int) -> int:
        """Tell what a guard in a lodge is worth.

        Args:
            lodge: its number.

        Returns:
            the worth of this lodge alone.

        Example:
            Worth(lodge=4) -> 13
        """
        return self.lodges.worth(lodge)

    @tool
    def NoteSums(self, lodge: int, with_guard: int, without: int) -> int:
        """Note the two sums of a lodge.

        Args:
            lodge: its number; the sums of all lodges directly below must have been noted.
            with_guard: the greatest worth if it has a guard.
            without: the greatest worth if it has none.

        Returns:
            the number of lodges noted so far.

        Example:
            NoteSums(lodge=4, with_guard=13, without=0) -> 1
        """
        return self.lodges.note_sums(lodge, with_guard, without)

    @tool
    def NotedSums(self, lodge: int) -> list[int]:
        """Look up the two sums of a lodge.

        Args:
            lodge: number of a noted lodge.

        Returns:
            "with" and "without".

        Example:
            NotedSums(lodge=4) -> [13, 0]
        """
        return self.lodges.noted_sums(lodge)

    @tool
    def PostGuard(self, lodge: int) -> int:
        """Post a guard in a lodge.

        Args:
            lodge: its number; no guard may be in it, directly above or directly below.

        Returns:
            the pay.

        Example:
            PostGuard(lodge=4) -> 9
        """
        return self.lodges.post_guard(lodge)

    def answer(self) -> dict[str, int]:
        """Choose the lodges.

        Returns:
            the "worth", the "pay" and the number of "guards". Example: {"worth": 61, "pay": 40, "guards": 4}.
        """
        above = copy.deepcopy(self.above)
        views = copy.deepcopy(self.views)
        lodges = Lodges(above, views)
        order = [0]
        children = []
        for lodge in order:
            children.append(lodges.below(lodge))
            order += children[-1]
        for place in reversed(range(len(order))):
            with_guard, without = (lodges.worth(order[place]), 0)
            for other in children[place]:
                sums = lodges.noted_sums(other)
                with_guard += sums[1]
                without += max(sums)
            lodges.note_sums(order[place], with_guard, without)
        best = max(lodges.noted_sums(0))
        pay = guards = 0
        waiting = [[0, 0]]
        while waiting:
            lodge, guarded = waiting.pop()
            sums = lodges.noted_sums(lodge)
            posted = 0
            if guarded == 0 and sums[0] > sums[1]:
                pay += lodges.post_guard(lodge)
                guards += 1
                posted = 1
            for other in reversed(children[order.index(lodge)]):
                waiting.append([other, posted])
        return {"worth": best, "pay": pay, "guards": guards}

    def solve(self, call):
        order = [0]
        children = []
        for lodge in order:
            children.append(call("Below", lodge=lodge))
            order += children[-1]
        for place in reversed(range(len(order))):
            with_guard, without = (call("Worth", lodge=order[place]), 0)
            for other in children[place]:
                sums = call("NotedSums", lodge=other)
                with_guard += sums[1]
                without += max(sums)
            call("NoteSums", lodge=order[place], with_guard=with_guard, without=without)
        best = max(call("NotedSums", lodge=0))
        pay = guards = 0
        waiting = [[0, 0]]
        while waiting:
            lodge, guarded = waiting.pop()
            sums = call("NotedSums", lodge=lodge)
            posted = 0
            if guarded == 0 and sums[0] > sums[1]:
                pay += call("PostGuard", lodge=lodge)
                guards += 1
                posted = 1
            for other in reversed(children[order.index(lodge)]):
                waiting.append([other, posted])
        return call("Done", answer={"worth": best, "pay": pay, "guards": guards})

    @staticmethod
    def generate(rng, level):
        count = {"easy": rng.randint(3, 4), "medium": rng.randint(7, 8), "hard": rng.randint(15, 22)}[level]
        above = [-1, *[rng.randrange(max(0, lodge - 4), lodge) for lodge in range(1, count)]]
        return {"above": above, "views": [rng.randint(1, 25) for _ in range(count)]}
