"""A telegram is a row of codes."""

import copy

from codegym_mcp import Environment, tool


class PhraseDictionary:
    """The telegram, the dictionary and the printer."""

    def __init__(self, codes: list[int], letters: int, room: int) -> None:
        self._codes, self._letters, self._room, self._read, self._printed = codes, letters, room, 0, 0
        self._phrases = [[7 * letter % 10 + 1] for letter in range(letters)]

    def read_code(self) -> int:
        """Read the next code of the telegram.

        Returns:
            the code, or -1 at the end.

        Example:
            read_code() -> 5
        """
        self._read += 1
        return self._codes[self._read - 1] if self._read <= len(self._codes) else -1

    def count_phrases(self) -> int:
        """Count the phrases in the dictionary.

        Returns:
            the number of phrases.

        Example:
            count_phrases() -> 6
        """
        return len(self._phrases)

    def find_phrase(self, code: int) -> list[int]:
        """Find a phrase in the dictionary.

        Args:
            code: the code, from 0.

        Returns:
            the numbers of the phrase.

        Example:
            find_phrase(code=5) -> [8, 1]
        """
        if not 0 <= code < len(self._phrases):
            raise ValueError(f"code must be from 0 to {len(self._phrases) - 1}, got {code}")
        return list(self._phrases[code])

    def print_phrase(self, phrase: list[int]) -> int:
        """Print a phrase.

        Args:
            phrase: its numbers.

        Returns:
            the ink.

        Example:
            print_phrase(phrase=[8, 1]) -> 14
        """
        if not phrase:
            raise ValueError("the phrase is empty")
        self._printed += 1
        return sum(phrase) + len(phrase) * 2 + self._printed % 2

    def add_phrase(self, phrase: list[int]) -> int:
        """Add a phrase to the dictionary, which must have room.

        Args:
            phrase: its numbers.

        Returns:
            its code.

        Example:
            add_phrase(phrase=[8, 1, 5]) -> 6
        """
        if len(self._phrases) >= self._room or not phrase:
            raise ValueError("the dictionary has no room, or the phrase is empty")
        self._phrases.append(list(phrase))
        return len(self._phrases) - 1

    def prune_dictionary(self) -> int:
        """Throw away all phrases but the letters.

        Returns:
            the cost.

        Example:
            prune_dictionary() -> 19
        """
        cost = sum(len(phrase) for phrase in self._phrases[self._letters :]) + self._printed
        self._phrases = self._phrases[: self._letters]
        return cost


class NumberDictionary(Environment):
    """A telegram is a row of codes. Each code stands for a phrase in a dictionary that grows while the telegram is read;
    phrases are lists of numbers. The dictionary begins with phrases 0, 1, 2, ..., up to `letters` - 1, one for each
    letter, and has room for `room` phrases in all.

    Read the codes one after the other. A code below the number of phrases in the dictionary stands for that phrase. A
    code that is not in the dictionary yet stands for the phrase of the code before it, with its own first number put
    once more at its end. (The first code is always in the dictionary.)

    Print the phrase of the code, which yields an amount of ink. Then, if there was a code before, and the dictionary
    has room, add a new phrase: the phrase of the code before with the first number of the present phrase put at its
    end. If there was a code before and the dictionary has no room, prune it first: the grown phrases are thrown away
    and only the letters remain; then add the phrase in the same way. Pruning costs something.

    Find the sum of the ink, the sum of the costs of pruning, and the sum of all numbers in the phrases printed, each
    multiplied by its place in the whole text, counted from 1.

    The input is hidden (codes); the tools give access to it. Observe shows what is known from the start: sizes, and
    letters, room.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, codes: list[int], letters: int, room: int) -> None:
        self.codes = codes
        self.letters = letters
        self.room = room
        self.book = PhraseDictionary(copy.deepcopy(self.codes), self.letters, self.room)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "letters": a whole number, given as it is.
            "room": a whole number, given as it is.
            "codes": number of items of codes.

        Example:
            Observe() -> {"letters": 3, "room": 5, "codes": 4}
        """
        return {"letters": self.letters, "room": self.room, "codes": len(self.codes)}

    @tool
    def ReadCode(self) -> int:
        """Read the next code of the telegram.

        Returns:
            the code, or -1 at the end.

        Example:
            ReadCode() -> 5
        """
        return self.book.read_code()

    @tool
    def CountPhrases(self) -> int:
        """Count the phrases in the dictionary.

        Returns:
            the number of phrases.

        Example:
            CountPhrases() -> 6
        """
        return self.book.count_phrases()

    @tool
    def FindPhrase(self, code: int) -> list[int]:
        """Find a phrase in the dictionary.

        Args:
            code: the code, from 0.

        Returns:
            the numbers of the phrase.

        Example:
            FindPhrase(code=5) -> [8, 1]
        """
        return self.book.find_phrase(code)

    @tool
    def PrintPhrase(self, phrase: list[int]) -> int:
        """Print a phrase.

        Args:
            phrase: its numbers.

        Returns:
            the ink.

        Example:
            PrintPhrase(phrase=[8, 1]) -> 14
        """
        return self.book.print_phrase(phrase)

    @tool
    def AddPhrase(self, phrase: list[int]) -> int:
        """Add a phrase to the dictionary, which must have room.

        Args:
            phrase: its numbers.

        Returns:
            its code.

        Example:
            AddPhrase(phrase=[8, 1, 5]) -> 6
        """
        return self.book.add_phrase(phrase)

    @tool
    def PruneDictionary(self) -> int:
        """Throw away all phrases but the letters.

        Returns:
            the cost.

        Example:
            PruneDictionary() -> 19
        """
        return self.book.prune_dictionary()

    def answer(self) -> dict[str, int]:
        """Read the telegram.

        Returns:
            the sums of the "ink", of the costs of "pruning" and of the weighted "numbers".
            Example: {"ink": 97, "pruning": 19, "numbers": 466}.
        """
        codes = copy.deepcopy(self.codes)
        letters = self.letters
        room = self.room
        book = PhraseDictionary(codes, letters, room)
        ink = pruning = numbers = place = 0
        before = []
        code = book.read_code()
        while code >= 0:
            known = book.count_phrases()
            phrase = book.find_phrase(code) if code < known else before + before[:1]
            ink += book.print_phrase(phrase)
            for number in phrase:
                place += 1
                numbers += number * place
            if before:
                if known == room:
                    pruning += book.prune_dictionary()
                book.add_phrase(before + phrase[:1])
            before = phrase
            code = book.read_code()
        return {"ink": ink, "pruning": pruning, "numbers": numbers}

    def solve(self, call):
        seen = call("Observe")
        room = seen["room"]
        ink = pruning = numbers = place = 0
        before = []
        code = call("ReadCode")
        while code >= 0:
            known = call("CountPhrases")
            phrase = call("FindPhrase", code=code) if code < known else before + before[:1]
            ink += call("PrintPhrase", phrase=phrase)
            for number in phrase:
                place += 1
                numbers += number * place
            if before:
                if known == room:
                    pruning += call("PruneDictionary")
                call("AddPhrase", phrase=before + phrase[:1])
            before = phrase
            code = call("ReadCode")
        return call("Done", answer={"ink": ink, "pruning": pruning, "numbers": numbers})

    @staticmethod
    def generate(rng, level):
        count, letters, room = {"easy": (4, 3, 5), "medium": (8, 3, 7), "hard": (rng.randint(20, 28), 4, 10)}[level]
        codes, known = ([], letters)
        for place in range(count):
            codes.append(rng.randrange(known) if not place else rng.randint(rng.choice([0, letters - 1]), known))
            if place:
                known = letters + 1 if known == room else known + 1
        return {"codes": codes, "letters": letters, "room": room}
