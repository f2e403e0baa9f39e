"""Find the dictionary words nearest to a misspelt word, walking a hidden letter tree with one table row a letter."""

from codegym_mcp import Environment, tool

VOWELS, CONSONANTS = "aeio", "blmnrst"


class EditDistance(Environment):
    """Somebody misspelt a word. Find the words of a hidden dictionary that are nearest to what was typed.

    The edit distance of two words is the least number of edits that turn one into the other, where an edit inserts one
    letter, deletes one letter or replaces one letter by another. You see neither the dictionary nor the typed word.

    You hold a prefix, at first the empty one. It can be lengthened by one letter, as long as it remains the beginning
    of a word of the dictionary, and shortened again.

    The answer lists all words of the dictionary whose edit distance to the typed word is the smallest that occurs,
    in alphabetical order. The dictionary has no word twice; a word may be the beginning of another.
    """

    def reset(self, *, words: list[str], typed: str) -> None:
        self.words, self.typed = words, typed
        self.prefix = ""
        self.table = [list(range(len(typed) + 1))]  # one row for each beginning of the prefix

    def observe(self) -> dict[str, int]:
        """Show the sizes.

        Returns:
            the number of words in the dictionary ("words") and the number of letters typed ("typed").

        Example:
            Observe() -> {"words": 4, "typed": 5}
        """
        return {"words": len(self.words), "typed": len(self.typed)}

    @tool
    def Branches(self) -> dict[str, str | bool]:
        """Look up the present prefix in the dictionary.

        Returns:
            the letters by which it can be lengthened, in alphabetical order ("letters", empty if there are none), and
            whether the prefix is itself a word of the dictionary ("word").

        Example:
            Branches() -> {"letters": "aet", "word": false}
        """
        size = len(self.prefix)
        longer = {word[size] for word in self.words if word.startswith(self.prefix) and len(word) > size}
        return {"letters": "".join(sorted(longer)), "word": self.prefix in self.words}

    @tool
    def PushLetter(self, letter: str) -> int:
        """Lengthen the prefix by one letter.

        Args:
            letter: one of the letters by which the prefix can be lengthened.

        Returns:
            the smallest edit distance between the new prefix and any beginning of the typed word (the empty one and the
            whole word included).

        Example:
            PushLetter(letter="t") -> 1
        """
        if len(letter) != 1 or not any(word.startswith(self.prefix + letter) for word in self.words):
            raise ValueError(f"no word starts with '{self.prefix}' and then '{letter}'")
        above, row = self.table[-1], [len(self.prefix) + 1]
        for column, typed in enumerate(self.typed, 1):
            row.append(min(row[-1] + 1, above[column] + 1, above[column - 1] + (typed != letter)))
        self.prefix += letter
        self.table.append(row)
        return min(row)

    @tool
    def PopLetters(self, count: int) -> str:
        """Shorten the prefix by removing its last letters.

        Args:
            count: how many letters to remove, from 1 to the length of the prefix.

        Returns:
            the new prefix (an empty text if nothing is left).

        Example:
            PopLetters(count=2) -> "ma"
        """
        if not 1 <= count <= len(self.prefix):
            raise ValueError(f"count must be from 1 to {len(self.prefix)} (the length of the prefix), got {count}")
        self.prefix = self.prefix[:-count]
        del self.table[-count:]
        return self.prefix

    @tool
    def Distance(self) -> int:
        """Measure the present prefix.

        Returns:
            the edit distance between the prefix and the whole typed word.

        Example:
            Distance() -> 3
        """
        return self.table[-1][-1]

    def answer(self) -> list[str]:
        """The nearest words.

        Returns:
            all words of the dictionary at the smallest edit distance from the typed word, in alphabetical order,
            e.g. ["marble", "table"].
        """
        distances = {}
        for word in self.words:
            cost = {(i, 0): i for i in range(len(word) + 1)} | {(0, j): j for j in range(len(self.typed) + 1)}
            for i in range(1, len(word) + 1):
                for j in range(1, len(self.typed) + 1):
                    same = word[i - 1] == self.typed[j - 1]
                    kept = cost[i - 1, j - 1]
                    cost[i, j] = kept if same else 1 + min(kept, cost[i - 1, j], cost[i, j - 1])
            distances[word] = cost[len(word), len(self.typed)]
        return sorted(word for word in self.words if distances[word] == min(distances.values()))

    def solve(self, call):
        call("Observe")
        best, nearest, prefix, waiting = 99, [], "", [""]
        while waiting:
            target = waiting.pop()
            if target:
                surplus = len(prefix) - len(target) + 1
                if surplus:
                    call("PopLetters", count=surplus)
                prefix = target
                if call("PushLetter", letter=target[-1]) > best:
                    continue
            node = call("Branches")
            if node["word"]:
                distance = call("Distance")
                if distance < best:
                    best, nearest = distance, []
                if distance == best:
                    nearest.append(prefix)
            waiting += [prefix + letter for letter in reversed(node["letters"])]
        return call("Done", answer=sorted(nearest))

    @staticmethod
    def generate(rng, level):
        count, shortest, longest, edits = {
            "easy": (3, 3, 3, 1),
            "medium": (rng.randint(6, 7), 3, 5, 2),
            "hard": (rng.randint(12, 18), 4, 7, 3),
        }[level]
        words: list[str] = []
        while len(words) < count:
            size = rng.randint(shortest, longest)
            word = rng.choice(words)[: rng.randint(0, size - 1)] if words and rng.random() < 0.85 else ""
            while len(word) < size:
                vowel = word[-1:] in CONSONANTS if word else rng.random() < 0.2
                word += rng.choice(VOWELS if vowel != (rng.random() < 0.15) else CONSONANTS)
            if word not in words:
                words.append(word)
        typed = list(rng.choice(words))
        for _ in range(rng.randint(1, edits)):
            at, letter = rng.randrange(len(typed)), rng.choice(VOWELS + CONSONANTS)
            typed[at : at + rng.randint(0, 1)] = rng.choice([[], [letter], [letter]]) if len(typed) > 2 else [letter]
        return {"words": sorted(words), "typed": "".join(typed)}
