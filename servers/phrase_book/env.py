"""A hidden text is packed with a phrase book."""

from codegym_mcp import Environment, tool


class Packer:
    """The text with a reading place, and the phrases known at present."""

    def __init__(self, text: str, capacity: int) -> None:
        self.text, self.place, self.clock = text, 0, 0
        self.codes = {letter: code for code, letter in enumerate(sorted(set(text)))}
        self.limit = len(self.codes) + capacity
        self.stamps: dict[str, int] = {}  # learned phrases only

    def _touch(self, phrase: str) -> None:
        self.clock += 1
        if len(phrase) > 1:
            self.stamps[phrase] = self.clock

    def next_letter(self) -> str:
        """Read on by one letter.

        Returns:
            the letter, or "<end>" when the text is used up.

        Example:
            next_letter() -> "b"
        """
        if self.place == len(self.text):
            return "<end>"
        self.place += 1
        return self.text[self.place - 1]

    def is_known(self, phrase: str) -> bool:
        """Look whether a phrase is in the book.

        Args:
            phrase: one letter or more.

        Returns:
            whether it is known.

        Example:
            is_known(phrase="ab") -> true
        """
        return phrase in self.codes

    def emit(self, phrase: str) -> int:
        """Emit a phrase; this makes it the freshest one.

        Args:
            phrase: a known phrase.

        Returns:
            its code.

        Example:
            emit(phrase="ab") -> 4
        """
        if phrase not in self.codes:
            raise ValueError(f"the book does not know {phrase!r}")
        self._touch(phrase)
        return self.codes[phrase]

    def free_slots(self) -> int:
        """Count the slots that are free for learning.

        Returns:
            the number of free slots.

        Example:
            free_slots() -> 1
        """
        return self.limit - len(self.codes)

    def drop_stalest(self) -> str:
        """Drop the learned phrase that was emitted or learned longest ago.

        Returns:
            the phrase that is no longer known.

        Example:
            drop_stalest() -> "ba"
        """
        if not self.stamps:
            raise ValueError("nothing has been learned")
        phrase = min(self.stamps, key=self.stamps.__getitem__)
        del self.stamps[phrase], self.codes[phrase]
        return phrase

    def learn(self, phrase: str) -> int:
        """Learn a phrase; there must be a free slot.

        Args:
            phrase: two letters or more, not known so far.

        Returns:
            the code it gets.

        Example:
            learn(phrase="abb") -> 5
        """
        if len(phrase) < 2 or phrase in self.codes or not self.free_slots():
            raise ValueError(f"{phrase!r} is too short or known already, or there is no free slot")
        self.codes[phrase] = next(code for code in range(self.limit) if code not in self.codes.values())
        self._touch(phrase)
        return self.codes[phrase]


class PhraseBook(Environment):
    """A hidden text is packed with a phrase book. The book knows each single letter of the text; their codes are 0, 1, ...
    in alphabetical order and they always stay. It can also learn up to `capacity` longer phrases.

    Begin with the first letter as the current phrase. For each further letter of the text: if the current phrase with
    this letter behind it is known, it becomes the current phrase. If not, emit the current phrase (its code goes to the
    packed text), then learn the current phrase with the letter behind it, then the letter alone becomes the current
    phrase. If there is no free slot left for learning, first drop the stalest learned phrase, the one that was emitted
    or learned longest ago. A learned phrase gets the smallest free code.

    At the end of the text emit the current phrase.

    The answer is the packed text: all codes in the order of emission, separated by blanks.

    The input is hidden (text); the tools give access to it. Observe shows what is known from the start: sizes, and
    capacity.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, text: str, capacity: int) -> None:
        self.text = text
        self.capacity = capacity
        self.book = Packer(self.text, self.capacity)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "capacity": a whole number, given as it is.
            "text": number of characters of text.

        Example:
            Observe() -> {"capacity": 2, "text": 5}
        """
        return {"capacity": self.capacity, "text": len(self.text)}

    @tool
    def NextLetter(self) -> str:
        """Read on by one letter.

        Returns:
            the letter, or "<end>" when the text is used up.

        Example:
            NextLetter() -> "b"
        """
        return self.book.next_letter()

    @tool
    def IsKnown(self, phrase: str) -> bool:
        """Look whether a phrase is in the book.

        Args:
            phrase: one letter or more.

        Returns:
            whether it is known.

        Example:
            IsKnown(phrase="ab") -> true
        """
        return self.book.is_known(phrase)

    @tool
    def Emit(self, phrase: str) -> int:
        """Emit a phrase; this makes it the freshest one.

        Args:
            phrase: a known phrase.

        Returns:
            its code.

        Example:
            Emit(phrase="ab") -> 4
        """
        return self.book.emit(phrase)

    @tool
    def FreeSlots(self) -> int:
        """Count the slots that are free for learning.

        Returns:
            the number of free slots.

        Example:
            FreeSlots() -> 1
        """
        return self.book.free_slots()

    @tool
    def DropStalest(self) -> str:
        """Drop the learned phrase that was emitted or learned longest ago.

        Returns:
            the phrase that is no longer known.

        Example:
            DropStalest() -> "ba"
        """
        return self.book.drop_stalest()

    @tool
    def Learn(self, phrase: str) -> int:
        """Learn a phrase; there must be a free slot.

        Args:
            phrase: two letters or more, not known so far.

        Returns:
            the code it gets.

        Example:
            Learn(phrase="abb") -> 5
        """
        return self.book.learn(phrase)

    def answer(self) -> str:
        """Pack the text.

        Returns:
            the codes, separated by blanks. Example: "0 1 3 2".
        """
        text = self.text
        capacity = self.capacity
        book = Packer(text, capacity)
        packed = ""
        current = book.next_letter()
        while True:
            letter = book.next_letter()
            if letter == "<end>":
                break
            if book.is_known(current + letter):
                current += letter
                continue
            packed += f"{book.emit(current)} "
            if book.free_slots() == 0:
                book.drop_stalest()
            book.learn(current + letter)
            current = letter
        return packed + str(book.emit(current))

    def solve(self, call):
        packed = ""
        current = call("NextLetter")
        while True:
            letter = call("NextLetter")
            if letter == "<end>":
                break
            if call("IsKnown", phrase=current + letter):
                current += letter
                continue
            packed += f"{call('Emit', phrase=current)} "
            if call("FreeSlots") == 0:
                call("DropStalest")
            call("Learn", phrase=current + letter)
            current = letter
        return call("Done", answer=packed + str(call("Emit", phrase=current)))

    @staticmethod
    def generate(rng, level):
        length = {"easy": 5, "medium": rng.randint(9, 11), "hard": rng.randint(24, 34)}[level]
        letters = "ab" if level == "medium" else "abc"
        unit = [rng.choice(letters) for _ in range(5)]
        text = "".join((unit[n % 5] if rng.random() < 0.7 else rng.choice(letters) for n in range(length)))
        return {"text": text, "capacity": {"easy": 2, "medium": 2, "hard": 5}[level]}
