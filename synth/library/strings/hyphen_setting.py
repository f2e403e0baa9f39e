"""Words are set in lines of a given width, in the order of the list. A line is a list of words and parts of words; its width
takes in the blanks between them. The first line is empty when the setting begins.

Take the next word. While the line is not empty and would be wider than `width` with the word at its end, end the line as
follows. If the last two lines ended by broken words both, the word is not broken. Otherwise break it for a room of `width`
minus the width of the line minus 2. If it can be broken, the head is put at the end of the line, and the tail is from now on
the word to be set. In either case the line ends here, its penalty is added to the cost, also the fee of the hyphen if it
ends by a broken word, and a new, empty line begins. An empty line takes any word, however wide.

After the last word the line ends too, with its penalty.

The answer is the number of lines and the whole cost."""


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


def solution(words: list[str], width: int) -> dict[str, int]:
    """Set all words.

    Returns:
        the number of "lines" and their "cost". Example: {"lines": 4, "cost": 131}.
    """
    line: list[str] = []
    lines, cost, hyphens = 1, 0, 0
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count = {"easy": 5, "medium": 10, "hard": rng.randint(24, 34)}[level]
    starts, ends = ["ran", "lim", "ban", "cor", "mel", "sa", "ti", "wo"], ["", "", "t", "n", "ry", "s"]
    words = ["".join(rng.choice(starts) for _ in range(rng.randint(1, 4))) + rng.choice(ends) for _ in range(count)]
    return {"words": words, "width": rng.randint(38, 60)}
