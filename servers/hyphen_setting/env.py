"""Words are set in lines of a given width, in the order of the list."""

import copy

from codegym_mcp import Environment, tool


def line_width(parts: list[str]) -> int:
    """Work out the width of a line.

    Args:
        parts: the words and parts of words in it, from left to right.

    Returns:
        the width; 0 for an empty line.

    Example:
        line_width(parts=["ill", "mat"]) -> 18
    """
    letters = sum(2 if letter in "ijlft-" else 5 if letter in "mw" else 3 for part in parts for letter in part)
    return letters + 2 * max(0, len(parts) - 1)


def break_word(word: str, room: int) -> list[str]:
    """Break a word so that its head with a hyphen is as wide as possible, but not wider than some room.

    Args:
        word: the word.
        room: the room; it may be negative.

    Returns:
        the head with a hyphen, and the tail; only the word if it cannot be broken for this room.

    Example:
        break_word(word="lantern", room=13) -> ["lan-", "tern"]
    """
    for place in range(len(word) - 2, 1, -1):
        vowels = [letter in "aeiou" for letter in word[place - 1 : place + 2]]
        if vowels in ([False, False, True], [True, False, True]) and line_width([word[:place] + "-"]) <= room:
            return [word[:place] + "-", word[place:]]
    return [word]


def penalty(parts: list[str], width: int) -> int:
    """Work out the penalty of a line.

    Args:
        parts: the words and parts of words in it, at least one.
        width: the width that the line should have.

    Returns:
        the penalty.

    Example:
        penalty(parts=["ill", "mat"], width=24) -> 36
    """
    if not parts:
        raise ValueError("an empty line has no penalty")
    space = width - line_width(parts)
    return space * space // max(1, len(parts) - 1) if space >= 0 else 200 - space


def hyphen_fee(head: str, before: int) -> int:
    """Work out the fee of a hyphen at the end of a line.

    Args:
        head: the head of the broken word, with the hyphen.
        before: how many lines directly before this one ended by broken words: 0 or 1.

    Returns:
        the fee.

    Example:
        hyphen_fee(head="lan-", before=1) -> 46
    """
    if not head.endswith("-") or before not in (0, 1):
        raise ValueError("expected a head with a hyphen at its end, and 0 or 1 lines before")
    return 60 // (len(head) - 1) + 26 * before


class HyphenSetting(Environment):
    """Words are set in lines of a given width, in the order of the list. A line is a list of words and parts of words; its
    width takes in the blanks between them. The first line is empty when the setting begins.

    Take the next word. While the line is not empty and would be wider than `width` with the word at its end, end the
    line as follows. If the last two lines ended by broken words both, the word is not broken. Otherwise break it for a
    room of `width` minus the width of the line minus 2. If it can be broken, the head is put at the end of the line,
    and the tail is from now on the word to be set. In either case the line ends here, its penalty is added to the cost,
    also the fee of the hyphen if it ends by a broken word, and a new, empty line begins. An empty line takes any word,
    however wide.

    After the last word the line ends too, with its penalty.

    The answer is the number of lines and the whole cost.

    The input is hidden (words); the tools give access to it. Observe shows what is known from the start: sizes, and
    width.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, words: list[str], width: int) -> None:
        self.words = words
        self.width = width

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "width": a whole number, given as it is.
            "words": number of items of words.

        Example:
            Observe() -> {"width": 39, "words": 5}
        """
        return {"width": self.width, "words": len(self.words)}

    @tool
    def ReadWord(self, index: int) -> str:
        """Read one item of words.

        Args:
            index: position in words, counted from 0.

        Returns:
            the item.

        Example:
            ReadWord(index=0) -> "tin"
        """
        if not 0 <= index < len(self.words):
            raise ValueError(f"index must be from 0 to {len(self.words) - 1}, got {index}")
        return self.words[index]

    @tool
    def LineWidth(self, parts: list[str]) -> int:
        """Work out the width of a line.

        Args:
            parts: the words and parts of words in it, from left to right.

        Returns:
            the width; 0 for an empty line.

        Example:
            LineWidth(parts=["ill", "mat"]) -> 18
        """
        return line_width(parts)

    @tool
    def BreakWord(self, word: str, room: int) -> list[str]:
        """Break a word so that its head with a hyphen is as wide as possible, but not wider than some room.

        Args:
            word: the word.
            room: the room; it may be negative.

        Returns:
            the head with a hyphen, and the tail; only the word if it cannot be broken for this room.

        Example:
            BreakWord(word="lantern", room=13) -> ["lan-", "tern"]
        """
        return break_word(word, room)

    @tool
    def Penalty(self, parts: list[str]) -> int:
        """Work out the penalty of a line.

        Args:
            parts: the words and parts of words in it, at least one.

        Returns:
            the penalty.

        Example:
            Penalty(parts=["tin", "limtisan"]) -> 64
        """
        return penalty(parts, self.width)

    @tool
    def HyphenFee(self, head: str, before: int) -> int:
        """Work out the fee of a hyphen at the end of a line.

        Args:
            head: the head of the broken word, with the hyphen.
            before: how many lines directly before this one ended by broken words: 0 or 1.

        Returns:
            the fee.

        Example:
            HyphenFee(head="lan-", before=1) -> 46
        """
        return hyphen_fee(head, before)

    def answer(self) -> dict[str, int]:
        """Set all words.

        Returns:
            the number of "lines" and their "cost". Example: {"lines": 4, "cost": 131}.
        """
        words = copy.deepcopy(self.words)
        width = self.width
        line: list[str] = []
        lines, cost, hyphens = (1, 0, 0)
        for word in words:
            rest = word
            while line and line_width([*line, rest]) > width:
                parts = [rest]
                if hyphens < 2:
                    parts = break_word(rest, width - line_width(line) - 2)
                if len(parts) == 2:
                    cost += hyphen_fee(parts[0], hyphens)
                    line.append(parts[0])
                    rest = parts[1]
                    hyphens += 1
                else:
                    hyphens = 0
                cost += penalty(line, width)
                lines += 1
                line = []
            line.append(rest)
        return {"lines": lines, "cost": cost + penalty(line, width)}

    def solve(self, call):
        seen = call("Observe")
        width = seen["width"]
        line = []
        lines, cost, hyphens = (1, 0, 0)
        for word in (call("ReadWord", index=index) for index in range(seen["words"])):
            rest = word
            while line and call("LineWidth", parts=[*line, rest]) > width:
                parts = [rest]
                if hyphens < 2:
                    parts = call("BreakWord", word=rest, room=width - call("LineWidth", parts=line) - 2)
                if len(parts) == 2:
                    cost += call("HyphenFee", head=parts[0], before=hyphens)
                    line.append(parts[0])
                    rest = parts[1]
                    hyphens += 1
                else:
                    hyphens = 0
                cost += call("Penalty", parts=line)
                lines += 1
                line = []
            line.append(rest)
        return call("Done", answer={"lines": lines, "cost": cost + call("Penalty", parts=line)})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 5, "medium": 10, "hard": rng.randint(24, 34)}[level]
        starts, ends = (["ran", "lim", "ban", "cor", "mel", "sa", "ti", "wo"], ["", "", "t", "n", "ry", "s"])
        words = [
            "".join((rng.choice(starts) for _ in range(rng.randint(1, 4)))) + rng.choice(ends) for _ in range(count)
        ]
        return {"words": words, "width": rng.randint(38, 60)}
