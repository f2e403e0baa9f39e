"""A counting-out game in a ring, where each child names the next count."""

from collections import deque

from codegym_mcp import Environment, tool


class JosephusRing(Environment):
    """Children play a counting-out game in a ring. Find out in which order they leave it.

    They sit clockwise at the seats 0, 1, 2, ... and a hand points at seat 0. Each child has a name (one capital
    letter, all different), one or more lives, and a card with a whole number, which may be negative. The first count
    is `first`. As long as more than `keep` children sit in the ring, this is repeated:

    1. The hand moves as many steps as the count says, each step to the neighbour among the children still in the
       ring; clockwise if the count is positive, anticlockwise if it is negative, not at all if it is 0.
    2. The child that it points at now is hit and loses one life. The number on this child's card is the next count.
    3. If the child has no life left, it is pulled out of the ring, and the hand moves on to the child that was its
       clockwise neighbour. Otherwise it stays, and the hand stays on it.

    You carry out these steps with the tools; none can be undone. Answer with the names of the children who were
    pulled out, in that order.
    """

    def reset(self, *, names: str, lives: list[int], cards: list[int], first: int, keep: int) -> None:
        self.names, self.cards, self.first, self.keep = names, cards, first, keep
        self.lives, self.ring, self.hand = list(lives), list(range(len(names))), 0

    def observe(self) -> dict[str, int]:
        """Show the ring from afar.

        Returns:
            the number of children in the ring now ("children"), the first count ("first"), and the number of children
            at which the game ends ("keep").

        Example:
            Observe() -> {"children": 8, "first": -4, "keep": 2}
        """
        return {"children": len(self.ring), "first": self.first, "keep": self.keep}

    @tool
    def Shorten(self, count: int) -> int:
        """Find the shortest move of the hand that ends at the same child as a given count, in the ring as it is now.

        Args:
            count: a count, positive for clockwise, negative for anticlockwise.

        Returns:
            the steps to move; negative for anticlockwise. If both ways are equally short, it is the clockwise one.

        Example:
            Shorten(count=23) -> -2
        """
        size = len(self.ring)
        steps = count % size
        return steps if 2 * steps <= size else steps - size

    @tool
    def Walk(self, steps: int) -> int:
        """Move the hand along the ring.

        Args:
            steps: from -9 to 9, not 0; positive for clockwise, negative for anticlockwise.

        Returns:
            number of the seat that the hand points at now.

        Example:
            Walk(steps=-2) -> 6
        """
        if steps == 0 or not -9 <= steps <= 9:
            raise ValueError(f"steps must be from -9 to 9 and not 0, got {steps}")
        if self.lives[self.ring[self.hand]] == 0:
            raise ValueError("the child at the hand has no life left; it must be pulled out first")
        self.hand = (self.hand + steps) % len(self.ring)
        return self.ring[self.hand]

    @tool
    def Hit(self) -> dict[str, int]:
        """Take one life from the child that the hand points at, and read its card.

        Returns:
            the lives that the child has left ("lives") and the number on its card ("card").

        Example:
            Hit() -> {"lives": 0, "card": 14}
        """
        child = self.ring[self.hand]
        if self.lives[child] == 0:
            raise ValueError("the child at the hand has no life left; it must be pulled out first")
        self.lives[child] -= 1
        return {"lives": self.lives[child], "card": self.cards[child]}

    @tool
    def PullOut(self) -> dict[str, str | int]:
        """Pull the child that the hand points at out of the ring; it must have no life left.

        The hand moves on to the child that was the clockwise neighbour.

        Returns:
            the child's name ("name") and the number of children left in the ring ("children").

        Example:
            PullOut() -> {"name": "K", "children": 5}
        """
        child = self.ring[self.hand]
        if self.lives[child] > 0:
            raise ValueError(f"the child at the hand still has lives, {self.lives[child]}")
        if len(self.ring) == 1:
            raise ValueError("the last child cannot be pulled out")
        del self.ring[self.hand]
        self.hand %= len(self.ring)
        return {"name": self.names[child], "children": len(self.ring)}

    def answer(self) -> str:
        """The order of leaving.

        Returns:
            the names of the children pulled out, in that order, as one text without spaces, such as "KBF".
        """
        ring = deque(zip(self.names, self.cards, self.lives, strict=True))
        out, count = "", self.first
        while len(ring) > self.keep:
            ring.rotate(-count)
            name, count, lives = ring.popleft()
            if lives > 1:
                ring.appendleft((name, count, lives - 1))
            else:
                out += name
        return out

    def solve(self, call):
        seen = call("Observe")
        children, count, out = seen["children"], seen["first"], ""
        while children > seen["keep"]:
            steps = count if abs(count) <= 9 else call("Shorten", count=count)
            while steps:
                part = max(-9, min(9, steps))
                call("Walk", steps=part)
                steps -= part
            hit = call("Hit")
            count = hit["card"]
            if hit["lives"] == 0:
                pulled = call("PullOut")
                out, children = out + pulled["name"], pulled["children"]
        return call("Done", answer=out)

    @staticmethod
    def generate(rng, level):
        size = rng.randint(*{"tiny": (3, 6), "easy": (5, 7), "medium": (9, 11), "hard": (18, 26)}[level])
        out = {"tiny": 2, "easy": 3, "medium": rng.randint(6, 7), "hard": size - rng.randint(2, 5)}[level]
        high, most = {"tiny": (6, 1), "easy": (25, 2), "medium": (60, 2), "hard": (99, 3)}[level]
        low = 1 if level == "tiny" else -high
        return {
            "names": "".join(rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", size)),
            "lives": [rng.randint(1, most) for _ in range(size)],
            "cards": [rng.randint(low, high) for _ in range(size)],
            "first": rng.randint(low, high),
            "keep": size - out,
        }
