"""Joining the two lightest piles until one is left, on a row of slots that you keep in order yourself."""

import heapq

from codegym_mcp import Environment, tool


class HuffmanMerge(Environment):
    """Piles of unknown weights are to be joined two at a time, until a single pile is left.

    Each time, the two lightest piles of all must be joined; of piles with equal weights, the one with the lower
    number counts as the lighter. The `piles` piles at the start are numbered 0, 1, 2, ...; each joined pile gets the
    next free number (the first one gets the number `piles`). Its weight is the sum of the two weights, and this sum
    is also the cost of joining. The depth of a pile of the start is the number of joinings that it went through,
    alone or as a part of a joined pile.

    The piles lie in a row of slots, numbered from 0 without gaps, at first in an arbitrary order. No tool shows a
    weight. Only the pile in slot 0 can be taken in hand, and nothing that was taken or joined can be undone. Answer
    with the total cost of all joinings, followed by the depths of the piles 0, 1, 2, ... of the start.
    """

    def reset(self, *, weights: list[int], row: list[int]) -> None:
        self.weights, self.row = list(weights), list(row)
        self.hand: list[int] = []
        self.cost = 0

    def observe(self) -> dict[str, int]:
        """Show the table from afar.

        Returns:
            the number of piles in the row ("row"), the number in hand ("hand"), and the number that the next joined
            pile will get ("next"); at the start this is the number of piles.

        Example:
            Observe() -> {"row": 6, "hand": 0, "next": 6}
        """
        return {"row": len(self.row), "hand": len(self.hand), "next": len(self.weights)}

    def lighter(self, slot: int, other: int) -> bool:
        one, two = self.row[slot], self.row[other]
        return (self.weights[one], one) < (self.weights[two], two)

    def require_slot(self, slot: int) -> None:
        if not 0 <= slot < len(self.row):
            raise ValueError(f"slot must be from 0 to {len(self.row) - 1}, got {slot}")

    @tool
    def Sink(self, slot: int) -> int:
        """Let the pile in a slot sink.

        As long as the slot 2 * s + 1 or 2 * s + 2, where s is the slot that the pile is in, holds a lighter pile, it
        changes places with the lighter one of those two.

        Args:
            slot: number of the slot, from 0 to the last one in use.

        Returns:
            number of the slot where the pile comes to rest.

        Example:
            Sink(slot=0) -> 4
        """
        self.require_slot(slot)
        while True:
            best = slot
            for below in (2 * slot + 1, 2 * slot + 2):
                if below < len(self.row) and self.lighter(below, best):
                    best = below
            if best == slot:
                return slot
            self.row[slot], self.row[best] = self.row[best], self.row[slot]
            slot = best

    @tool
    def Rise(self, slot: int) -> int:
        """Let the pile in a slot rise.

        As long as the slot (s - 1) div 2, where s > 0 is the slot that the pile is in, holds a heavier pile, it changes
        places with that one.

        Args:
            slot: number of the slot, from 0 to the last one in use.

        Returns:
            number of the slot where the pile comes to rest.

        Example:
            Rise(slot=5) -> 2
        """
        self.require_slot(slot)
        while slot and self.lighter(slot, (slot - 1) // 2):
            above = (slot - 1) // 2
            self.row[slot], self.row[above] = self.row[above], self.row[slot]
            slot = above
        return slot

    @tool
    def Take(self) -> int:
        """Take the pile in slot 0 in hand. The pile in the last slot then moves to slot 0; nothing else moves.

        The hand holds two piles at most.

        Returns:
            number of the pile taken.

        Example:
            Take() -> 3
        """
        if len(self.hand) == 2:
            raise ValueError(f"the hand holds two piles already, {self.hand[0]} and {self.hand[1]}")
        if not self.row:
            raise ValueError("the row is empty, there is no pile to take")
        self.hand.append(self.row[0])
        last = self.row.pop()
        if self.row:
            self.row[0] = last
        return self.hand[-1]

    @tool
    def Join(self) -> dict[str, int]:
        """Join the two piles in hand, and lay the joined pile in a new slot at the end of the row.

        Returns:
            the number of the joined pile ("pile"), its slot ("slot"), and the cost of all joinings so far ("cost").

        Example:
            Join() -> {"pile": 6, "slot": 4, "cost": 17}
        """
        if len(self.hand) != 2:
            raise ValueError(f"two piles must be in hand, there are {len(self.hand)}")
        weight = self.weights[self.hand[0]] + self.weights[self.hand[1]]
        self.row.append(len(self.weights))
        self.weights.append(weight)
        self.hand = []
        self.cost += weight
        return {"pile": self.row[-1], "slot": len(self.row) - 1, "cost": self.cost}

    def answer(self) -> list[int]:
        """The cost and the depths.

        Returns:
            [total cost, depth of pile 0, depth of pile 1, ...] for all the piles of the start.
        """
        depths, cost = [0] * len(self.weights), 0
        queue = [(weight, number, [number]) for number, weight in enumerate(self.weights)]
        heapq.heapify(queue)
        while len(queue) > 1:
            (one, _, parts), (two, _, more) = heapq.heappop(queue), heapq.heappop(queue)
            cost += one + two
            for part in parts + more:
                depths[part] += 1
            heapq.heappush(queue, (one + two, 2 * len(depths) - 2 - len(queue), parts + more))
        return [cost, *depths]

    def solve(self, call):
        piles = call("Observe")["next"]
        for slot in reversed(range(piles // 2)):
            call("Sink", slot=slot)
        parts, depths, cost = {pile: [pile] for pile in range(piles)}, [0] * piles, 0
        for left in range(piles, 1, -1):
            first = call("Take")
            if left > 2:
                call("Sink", slot=0)
            second = call("Take")
            if left > 3:
                call("Sink", slot=0)
            joined = call("Join")
            if joined["slot"]:
                call("Rise", slot=joined["slot"])
            parts[joined["pile"]] = parts[first] + parts[second]
            for part in parts[joined["pile"]]:
                depths[part] += 1
            cost = joined["cost"]
        return call("Done", answer=[cost, *depths])

    @staticmethod
    def generate(rng, level):
        piles = rng.randint(*{"easy": (4, 5), "medium": (6, 10), "hard": (13, 28)}[level])
        high = rng.choice([9, 30, 200])
        weights = [rng.randint(1, high) for _ in range(piles)]
        return {"weights": weights, "row": rng.sample(range(piles), piles)}
