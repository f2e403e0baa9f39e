"""A game with a hidden box of words."""

import copy

from codegym_mcp import Environment, tool


class WordBox:
    """The box and the chain laid so far."""

    def __init__(self, words: list[str], first: str, goal: int) -> None:
        self.words, self.first, self.goal = sorted(words), first, goal
        self.chain: list[str] = []
        self.links: list[str] = []

    def _next_letter(self) -> str:
        return self.links[-1] if self.links else self.first

    def fitting_words(self) -> list[str]:
        """List the words that can be laid next.

        Returns:
            the words not in the chain with the right first letter, in alphabetical order; maybe none.

        Example:
            fitting_words() -> ["tame", "tin"]
        """
        return [word for word in self.words if word[0] == self._next_letter() and word not in self.chain]

    def lay(self, word: str) -> str:
        """Lay a word at the end of the chain.

        Args:
            word: one of the fitting words.

        Returns:
            its link letter.

        Example:
            lay(word="tin") -> "n"
        """
        if word not in self.fitting_words() or len(self.chain) == self.goal:
            raise ValueError(f"{word!r} cannot be laid after {' '.join(self.chain) or 'nothing'}")
        self.chain.append(word)
        self.links.append(word[-1] if self.links.count(word[-1]) < 2 else word[-2])
        return self.links[-1]

    def take_back(self) -> str:
        """Take the last word of the chain back into the box.

        Returns:
            the letter with which the next word must begin now.

        Example:
            take_back() -> "t"
        """
        if not self.chain:
            raise ValueError("the chain is empty")
        self.chain.pop()
        self.links.pop()
        return self._next_letter()

    def points(self, word: str) -> int:
        """Tell what a word scores where it lies.

        Args:
            word: a word of the chain.

        Returns:
            its points.

        Example:
            points(word="tin") -> 6
        """
        if word not in self.chain:
            raise ValueError(f"{word!r} is not in the chain")
        place = self.chain.index(word)
        return (place + 1) * len(set(word)) + sum(ord(letter) - 96 for letter in word) % (place + 3)


class WordChain(Environment):
    """A game with a hidden box of words. A chain of words is laid: the first word begins with the letter `first`; each
    further word begins with the link letter of the word before it. No word is laid twice.

    The link letter of a word is its last letter, unless that letter has already been the link letter of two words of
    the chain before it; in that case it is the last letter but one, however often that has served. Only words of the
    present chain count.

    Wanted is the chain of exactly `goal` words that comes first in alphabetical order, comparing the first words, then
    the second ones, and so on. There always is such a chain.

    Each word also scores points; what it scores depends on how far it stands from the beginning of the chain.

    The answer is the chain and the points it scores in all.

    The input is hidden (words); the tools give access to it. Observe shows what is known from the start: sizes, and
    first, goal.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, words: list[str], first: str, goal: int) -> None:
        self.words = words
        self.first = first
        self.goal = goal
        self.box = WordBox(copy.deepcopy(self.words), self.first, self.goal)

    def observe(self) -> dict[str, object]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "first": a text, given as it is.
            "goal": a whole number, given as it is.
            "words": number of items of words.

        Example:
            Observe() -> {"first": "n", "goal": 3, "words": 9}
        """
        return {"first": self.first, "goal": self.goal, "words": len(self.words)}

    @tool
    def FittingWords(self) -> list[str]:
        """List the words that can be laid next.

        Returns:
            the words not in the chain with the right first letter, in alphabetical order; maybe none.

        Example:
            FittingWords() -> ["tame", "tin"]
        """
        return self.box.fitting_words()

    @tool
    def Lay(self, word: str) -> str:
        """Lay a word at the end of the chain.

        Args:
            word: one of the fitting words.

        Returns:
            its link letter.

        Example:
            Lay(word="tin") -> "n"
        """
        return self.box.lay(word)

    @tool
    def TakeBack(self) -> str:
        """Take the last word of the chain back into the box.

        Returns:
            the letter with which the next word must begin now.

        Example:
            TakeBack() -> "t"
        """
        return self.box.take_back()

    @tool
    def Points(self, word: str) -> int:
        """Tell what a word scores where it lies.

        Args:
            word: a word of the chain.

        Returns:
            its points.

        Example:
            Points(word="tin") -> 6
        """
        return self.box.points(word)

    def answer(self) -> dict[str, int | str]:
        """Lay the chain.

        Returns:
            the words of the "chain", separated by blanks, and their "points". Example: {"chain": "at tin nod",
                "points": 17}.
        """
        words = copy.deepcopy(self.words)
        first = self.first
        goal = self.goal
        box = WordBox(words, first, goal)
        chain: list[str] = []
        open_words = [box.fitting_words()]
        while len(chain) < goal:
            if not open_words[-1]:
                open_words.pop()
                chain.pop()
                box.take_back()
                continue
            word = open_words[-1].pop(0)
            box.lay(word)
            chain.append(word)
            if len(chain) < goal:
                open_words.append(box.fitting_words())
        return {"chain": " ".join(chain), "points": sum([box.points(word) for word in chain])}

    def solve(self, call):
        seen = call("Observe")
        goal = seen["goal"]
        chain = []
        open_words = [call("FittingWords")]
        while len(chain) < goal:
            if not open_words[-1]:
                open_words.pop()
                chain.pop()
                call("TakeBack")
                continue
            word = open_words[-1].pop(0)
            call("Lay", word=word)
            chain.append(word)
            if len(chain) < goal:
                open_words.append(call("FittingWords"))
        return call(
            "Done", answer={"chain": " ".join(chain), "points": sum([call("Points", word=word) for word in chain])}
        )

    @staticmethod
    def generate(rng, level):
        goal, count, limit = {"easy": (3, 9, 6), "medium": (6, 18, 11), "hard": (rng.randint(10, 12), 30, 33)}[level]
        while True:
            letters = rng.sample("abdegiklmnoprstu", 4 if level == "easy" else 6)
            ends = letters + rng.sample("qxzjvwfh", 2)
            words = {
                rng.choice(letters) + "".join((rng.choice(letters) for _ in range(2))) + rng.choice(ends)
                for _ in range(count)
            }
            words = sorted(words)
            chains, steps, length = ([([], [letters[0]])], 0, 0)
            while chains and length < goal and (steps <= limit):
                chain, links = chains.pop()
                steps, length = (steps + 1, len(chain))
                for word in reversed(words):
                    if word[0] == links[-1] and word not in chain:
                        link = word[-1] if links[1:].count(word[-1]) < 2 else word[-2]
                        chains.append(([*chain, word], [*links, link]))
            rng.shuffle(words)
            if length == goal and goal + 1 < steps <= limit:
                return {"words": words, "first": letters[0], "goal": goal}
