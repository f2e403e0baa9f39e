"""A hidden text of small letters has as many endings as letters: the ending of start s is the text from position s to its
last letter.
"""

from codegym_mcp import Environment, tool


class Shelf:
    """The text, the order of its letters and the endings placed so far."""

    def __init__(self, text: str, letter_order: str) -> None:
        self.text, self.ranks = text, [letter_order.index(letter) for letter in text]
        self.slots: list[int] = []

    def _check(self, *starts: int) -> None:
        if not all(0 <= start < len(self.text) for start in starts):
            raise ValueError(f"a start must be from 0 to {len(self.text) - 1}, got {list(starts)}")

    def earlier(self, first: int, second: int) -> int:
        """Compare two endings by rank.

        Args:
            first: start of one ending.
            second: start of another ending.

        Returns:
            the start of the one that comes first.

        Example:
            earlier(first=0, second=3) -> 3
        """
        self._check(first, second)
        return first if self.ranks[first:] < self.ranks[second:] else second

    def start_in(self, slot: int) -> int:
        """Look which ending is in a slot.

        Args:
            slot: number of a slot that is filled, from 0.

        Returns:
            the start of the ending.

        Example:
            start_in(slot=1) -> 4
        """
        if not 0 <= slot < len(self.slots):
            raise ValueError(f"{len(self.slots)} slots are filled, there is nothing in slot {slot}")
        return self.slots[slot]

    def put_in(self, start: int, slot: int) -> int:
        """Put an ending into a slot; what is there and behind moves one slot on.

        Args:
            start: start of the ending; it must not be on the shelf yet.
            slot: number of the slot, from 0 to the number of filled slots.

        Returns:
            the number of filled slots afterwards.

        Example:
            put_in(start=2, slot=0) -> 3
        """
        self._check(start)
        if start in self.slots or not 0 <= slot <= len(self.slots):
            raise ValueError(f"start {start} is on the shelf already, or slot {slot} would leave a gap")
        self.slots.insert(slot, start)
        return len(self.slots)

    def shared_letters(self, slot: int) -> int:
        """Count with how many letters the endings in a slot and in the next slot begin alike.

        Args:
            slot: number of the slot; the next one must be filled too.

        Returns:
            the count, without an upper limit.

        Example:
            shared_letters(slot=0) -> 2
        """
        first, second = self.start_in(slot), self.start_in(slot + 1)
        count = 0
        while max(first, second) + count < len(self.text) and self.text[first + count] == self.text[second + count]:
            count += 1
        return count


class SuffixShelf(Environment):
    """A hidden text of small letters has as many endings as letters: the ending of start s is the text from position s to
    its last letter. Endings are ranked as in a dictionary, but by a hidden order of the letters; an ending that is the
    beginning of a longer one comes before it.

    A shelf, empty at first, has slots numbered from 0 without gaps. Bring all endings onto the shelf, the first in rank
    in slot
    0.

    The answer has two parts. "middle" is the start of the ending in slot n // 2, where n is the length of the text.
    "shared" is a sum over all pairs of neighbouring slots s and s + 1: the number of letters with which both endings
    begin alike, but 5 at most, times s + 1.

    The input is hidden (text); the tools give access to it. Observe shows what is known from the start: sizes, and
    letter_order.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, text: str, letter_order: str) -> None:
        self.text = text
        self.letter_order = letter_order
        self.shelf = Shelf(self.text, self.letter_order)

    def observe(self) -> dict[str, object]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "letter_order": a text, given as it is.
            "text": number of characters of text.

        Example:
            Observe() -> {"letter_order": "gtn", "text": 5}
        """
        return {"letter_order": self.letter_order, "text": len(self.text)}

    @tool
    def Earlier(self, first: int, second: int) -> int:
        """Compare two endings by rank.

        Args:
            first: start of one ending.
            second: start of another ending.

        Returns:
            the start of the one that comes first.

        Example:
            Earlier(first=0, second=3) -> 3
        """
        return self.shelf.earlier(first, second)

    @tool
    def StartIn(self, slot: int) -> int:
        """Look which ending is in a slot.

        Args:
            slot: number of a slot that is filled, from 0.

        Returns:
            the start of the ending.

        Example:
            StartIn(slot=1) -> 4
        """
        return self.shelf.start_in(slot)

    @tool
    def PutIn(self, start: int, slot: int) -> int:
        """Put an ending into a slot; what is there and behind moves one slot on.

        Args:
            start: start of the ending; it must not be on the shelf yet.
            slot: number of the slot, from 0 to the number of filled slots.

        Returns:
            the number of filled slots afterwards.

        Example:
            PutIn(start=2, slot=0) -> 3
        """
        return self.shelf.put_in(start, slot)

    @tool
    def SharedLetters(self, slot: int) -> int:
        """Count with how many letters the endings in a slot and in the next slot begin alike.

        Args:
            slot: number of the slot; the next one must be filled too.

        Returns:
            the count, without an upper limit.

        Example:
            SharedLetters(slot=0) -> 2
        """
        return self.shelf.shared_letters(slot)

    def answer(self) -> dict[str, int]:
        """Fill the shelf.

        Returns:
            the start in the "middle" slot and the sum of "shared" letters. Example: {"middle": 3, "shared": 7}.
        """
        text = self.text
        letter_order = self.letter_order
        shelf = Shelf(text, letter_order)
        filled = 0
        for start in reversed(range(len(text))):
            low, high = (0, filled)
            while low < high:
                middle = (low + high) // 2
                if shelf.earlier(start, shelf.start_in(middle)) == start:
                    high = middle
                else:
                    low = middle + 1
            filled = shelf.put_in(start, low)
        shared = 0
        for slot in range(len(text) - 1):
            shared += (slot + 1) * min(5, shelf.shared_letters(slot))
        return {"middle": shelf.start_in(len(text) // 2), "shared": shared}

    def solve(self, call):
        seen = call("Observe")
        filled = 0
        for start in reversed(range(seen["text"])):
            low, high = (0, filled)
            while low < high:
                middle = (low + high) // 2
                if call("Earlier", first=start, second=call("StartIn", slot=middle)) == start:
                    high = middle
                else:
                    low = middle + 1
            filled = call("PutIn", start=start, slot=low)
        shared = 0
        for slot in range(seen["text"] - 1):
            shared += (slot + 1) * min(5, call("SharedLetters", slot=slot))
        return call("Done", answer={"middle": call("StartIn", slot=seen["text"] // 2), "shared": shared})

    @staticmethod
    def generate(rng, level):
        length, kinds = {"easy": (5, 3), "medium": (rng.randint(7, 8), 2), "hard": (rng.randint(11, 15), 3)}[level]
        letters = rng.sample("abcdefghkmnprst", kinds)
        unit = [rng.choice(letters) for _ in range(rng.randint(2, 4))]
        text = [unit[n % len(unit)] if rng.random() < 0.75 else rng.choice(letters) for n in range(length)]
        return {"text": "".join(text), "letter_order": "".join(letters)}
