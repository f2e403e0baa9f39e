"""The longest rising run of cards, found by laying them in piles without ever seeing a value."""

from codegym_mcp import Environment, tool


class LongestRise(Environment):
    """A deck of cards is drawn one by one. Find the longest rise in it without seeing the values on the cards.

    The cards are numbered 0, 1, 2, ... in the order in which they are drawn. Each has a value; all values differ. A
    rise is a selection of cards whose values increase strictly from each card to the next, in the order of drawing;
    the cards need not follow each other directly. Among the longest rises, take the one whose last card has the lowest
    value; if several are left, take of these the one whose last card but one has the lowest value, and so on.

    A drawn card is held in hand until it is laid, on top of a pile or as a new pile at the right end of the row of
    piles. Piles are numbered from 0 at the left; there are none at first. You may lay a card on any pile, whatever the
    values. Cards that were laid cannot be moved. When a card is laid, the tools remember which card lay on top of the
    pile directly to the left at that moment. Answer with the numbers of the cards in the rise, ascending.
    """

    def reset(self, *, values: list[int]) -> None:
        self.values, self.drawn, self.held = values, 0, False
        self.tops: list[int] = []
        self.links: list[int] = []

    def observe(self) -> dict[str, int]:
        """Show the table.

        Returns:
            the number of cards in the whole deck ("cards"), of cards drawn so far ("drawn"), and of piles ("piles").

        Example:
            Observe() -> {"cards": 12, "drawn": 0, "piles": 0}
        """
        return {"cards": len(self.values), "drawn": self.drawn, "piles": len(self.tops)}

    @tool
    def Draw(self) -> int:
        """Draw the next card of the deck into the hand, which must be empty.

        Returns:
            number of the card.

        Example:
            Draw() -> 4
        """
        if self.held:
            raise ValueError(f"card {self.drawn - 1} is still in hand")
        if self.drawn == len(self.values):
            raise ValueError(f"all {self.drawn} cards have been drawn")
        self.drawn, self.held = self.drawn + 1, True
        return self.drawn - 1

    @tool
    def CompareTop(self, pile: int) -> str:
        """Compare the card in hand with the top card of a pile.

        Args:
            pile: number of the pile, from 0 to piles - 1.

        Returns:
            "higher" if the value of the card in hand is the higher one, else "lower".

        Example:
            CompareTop(pile=2) -> "lower"
        """
        if not self.held:
            raise ValueError("there is no card in hand")
        if not 0 <= pile < len(self.tops):
            raise ValueError(f"pile must be one of the {len(self.tops)} piles, numbered from 0, got {pile}")
        return "higher" if self.values[self.drawn - 1] > self.values[self.tops[pile]] else "lower"

    @tool
    def Lay(self, pile: int) -> int:
        """Lay the card in hand on a pile, or as a new pile at the right end.

        Args:
            pile: number of the pile, from 0 to piles - 1, or the number of piles for a new one.

        Returns:
            the number of piles now.

        Example:
            Lay(pile=3) -> 4
        """
        if not self.held:
            raise ValueError("there is no card in hand")
        if not 0 <= pile <= len(self.tops):
            raise ValueError(f"pile must be from 0 to {len(self.tops)}, got {pile}")
        self.links.append(self.tops[pile - 1] if pile else -1)
        self.tops[pile : pile + 1] = [self.drawn - 1]
        self.held = False
        return len(self.tops)

    @tool
    def LeftOf(self, card: int) -> int:
        """Recall which card lay on top of the pile directly to the left when a card was laid.

        Args:
            card: number of a card that has been laid.

        Returns:
            number of that other card, or -1 if the card was laid on pile 0.

        Example:
            LeftOf(card=7) -> 5
        """
        if not 0 <= card < len(self.links):
            raise ValueError(f"card must be one of the {len(self.links)} laid cards, numbered from 0, got {card}")
        return self.links[card]

    def answer(self) -> list[int]:
        """The longest rise.

        Returns:
            the numbers of the cards in the rise, ascending, such as [0, 3, 4].
        """
        lengths: list[int] = []
        for card, value in enumerate(self.values):
            lengths.append(1 + max((lengths[i] for i in range(card) if self.values[i] < value), default=0))
        rise: list[int] = []
        for wanted in range(max(lengths), 0, -1):
            end = rise[0] if rise else len(lengths)
            fits = [i for i in range(end) if lengths[i] == wanted and (not rise or self.values[i] < self.values[end])]
            rise.insert(0, min(fits, key=lambda i: self.values[i]))
        return rise

    def solve(self, call):
        piles, last = 0, -1
        for _ in range(call("Observe")["cards"]):
            card = call("Draw")
            low, high = 0, piles
            while low < high:
                middle = (low + high) // 2
                if call("CompareTop", pile=middle) == "higher":
                    low = middle + 1
                else:
                    high = middle
            piles = call("Lay", pile=low)
            if low == piles - 1:
                last = card
        rise = []
        while last >= 0:
            rise.insert(0, last)
            last = call("LeftOf", card=last)
        return call("Done", answer=rise)

    @staticmethod
    def generate(rng, level):
        count = rng.randint(*{"easy": (4, 5), "medium": (7, 11), "hard": (15, 32)}[level])
        drift = rng.choice([0, 0, 40 // count, 100 // count])  # a rising trend makes for longer rises
        values = [value + drift * i for i, value in enumerate(rng.sample(range(100), count))]
        order = sorted(range(count), key=lambda i: (values[i], i))
        scale = sorted(rng.sample(range(1, 1000), count))
        return {"values": [scale[order.index(i)] for i in range(count)]}
