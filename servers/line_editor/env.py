"""A line editor is driven by a list of keys."""

import copy

from codegym_mcp import Environment, tool


def word_left(line: str, cursor: int) -> int:
    """Find the place one word to the left.

    Args:
        line: the line.
        cursor: the place of the cursor.

    Returns:
        the place.

    Example:
        word_left(line="old cat", cursor=7) -> 4
    """
    while cursor > 0 and line[cursor - 1] == " ":
        cursor -= 1
    while cursor > 0 and line[cursor - 1] != " ":
        cursor -= 1
    return cursor


def word_right(line: str, cursor: int) -> int:
    """Find the place one word to the right.

    Args:
        line: the line.
        cursor: the place of the cursor.

    Returns:
        the place.

    Example:
        word_right(line="old cat", cursor=0) -> 4
    """
    while cursor < len(line) and line[cursor] != " ":
        cursor += 1
    while cursor < len(line) and line[cursor] == " ":
        cursor += 1
    return cursor


def put_in(line: str, cursor: int, text: str) -> str:
    """Put a text into a line.

    Args:
        line: the line.
        cursor: the place where the text begins afterwards.
        text: the text.

    Returns:
        the new line.

    Example:
        put_in(line="cat", cursor=1, text="oa") -> "coaat"
    """
    if not 0 <= cursor <= len(line):
        raise ValueError(f"cursor must be from 0 to {len(line)}, got {cursor}")
    return line[:cursor] + text + line[cursor:]


def cut_out(line: str, start: int, end: int) -> list[str]:
    """Cut a part out of a line.

    Args:
        line: the line.
        start: the place where the part begins.
        end: the place behind it.

    Returns:
        the line that is left, and the part.

    Example:
        cut_out(line="old cat", start=4, end=7) -> ["old ", "cat"]
    """
    if not 0 <= start <= end <= len(line):
        raise ValueError(f"expected 0 <= start <= end <= {len(line)}, got {start} and {end}")
    return [line[:start] + line[end:], line[start:end]]


def turn_case(line: str, cursor: int) -> str:
    """Turn the word at or right of a place between small and capital letters, leaving blanks before it alone.

    Args:
        line: the line.
        cursor: the place; letters of the word to the left of it are not turned.

    Returns:
        the new line.

    Example:
        turn_case(line="old Cat", cursor=3) -> "old cAT"
    """
    start = cursor
    while start < len(line) and line[start] == " ":
        start += 1
    end = line.find(" ", start) if " " in line[start:] else len(line)
    return line[:start] + line[start:end].swapcase() + line[end:]


class LineEditor(Environment):
    """A line editor is driven by a list of keys. The line is empty at first, the cursor at place 0; a place counts the
    characters to the left of it. Each key is a text:

    - "type X": the text X, which goes to the end of the key, is put in at the cursor, which then stands behind it; each
    "_" is
      a blank.
    - "left N", "right N": the cursor goes N words to the left or right, one at a time.
    - "rub N": N times, all from the place one word to the left up to the cursor is cut out; the cursor then stands at
    that
      place. What is cut out, even if nothing, is kept in place of what was kept before.
    - "paste": what is kept (at first nothing) is put in at the cursor, which then stands behind it.
    - "case": the word at or right of the cursor is turned between small and capital letters; the cursor stays.

    One word to the left: over blanks, then over characters that are no blanks. One word to the right: over characters
    that are no blanks, then over blanks. Neither leaves the line.

    The answer is the line at the end and the place of the cursor.

    The input is hidden (keys); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, keys: list[str]) -> None:
        self.keys = keys

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "keys": number of items of keys.

        Example:
            Observe() -> {"keys": 7}
        """
        return {"keys": len(self.keys)}

    @tool
    def ReadKey(self, index: int) -> str:
        """Read one item of keys.

        Args:
            index: position in keys, counted from 0.

        Returns:
            the item.

        Example:
            ReadKey(index=0) -> "type hut_owl_sky"
        """
        if not 0 <= index < len(self.keys):
            raise ValueError(f"index must be from 0 to {len(self.keys) - 1}, got {index}")
        return self.keys[index]

    @tool
    def WordLeft(self, line: str, cursor: int) -> int:
        """Find the place one word to the left.

        Args:
            line: the line.
            cursor: the place of the cursor.

        Returns:
            the place.

        Example:
            WordLeft(line="old cat", cursor=7) -> 4
        """
        return word_left(line, cursor)

    @tool
    def WordRight(self, line: str, cursor: int) -> int:
        """Find the place one word to the right.

        Args:
            line: the line.
            cursor: the place of the cursor.

        Returns:
            the place.

        Example:
            WordRight(line="old cat", cursor=0) -> 4
        """
        return word_right(line, cursor)

    @tool
    def PutIn(self, line: str, cursor: int, text: str) -> str:
        """Put a text into a line.

        Args:
            line: the line.
            cursor: the place where the text begins afterwards.
            text: the text.

        Returns:
            the new line.

        Example:
            PutIn(line="cat", cursor=1, text="oa") -> "coaat"
        """
        return put_in(line, cursor, text)

    @tool
    def CutOut(self, line: str, start: int, end: int) -> list[str]:
        """Cut a part out of a line.

        Args:
            line: the line.
            start: the place where the part begins.
            end: the place behind it.

        Returns:
            the line that is left, and the part.

        Example:
            CutOut(line="old cat", start=4, end=7) -> ["old ", "cat"]
        """
        return cut_out(line, start, end)

    @tool
    def TurnCase(self, line: str, cursor: int) -> str:
        """Turn the word at or right of a place between small and capital letters, leaving blanks before it alone.

        Args:
            line: the line.
            cursor: the place; letters of the word to the left of it are not turned.

        Returns:
            the new line.

        Example:
            TurnCase(line="old Cat", cursor=3) -> "old cAT"
        """
        return turn_case(line, cursor)

    def answer(self) -> dict[str, int | str]:
        """Follow the keys.

        Returns:
            the "line" and the place of the "cursor". Example: {"line": "old cat", "cursor": 4}.
        """
        keys = copy.deepcopy(self.keys)
        line, cursor, kept = ("", 0, "")
        for key in keys:
            name, _, rest = key.partition(" ")
            if name == "type" or name == "paste":
                text = rest.replace("_", " ") if name == "type" else kept
                line = put_in(line, cursor, text)
                cursor += len(text)
            elif name == "case":
                line = turn_case(line, cursor)
            else:
                for _ in range(int(rest)):
                    if name == "left":
                        cursor = word_left(line, cursor)
                    elif name == "right":
                        cursor = word_right(line, cursor)
                    else:
                        start = word_left(line, cursor)
                        line, kept = cut_out(line, start, cursor)
                        cursor = start
        return {"line": line, "cursor": cursor}

    def solve(self, call):
        seen = call("Observe")
        line, cursor, kept = ("", 0, "")
        for key in (call("ReadKey", index=index) for index in range(seen["keys"])):
            name, _, rest = key.partition(" ")
            if name == "type" or name == "paste":
                text = rest.replace("_", " ") if name == "type" else kept
                line = call("PutIn", line=line, cursor=cursor, text=text)
                cursor += len(text)
            elif name == "case":
                line = call("TurnCase", line=line, cursor=cursor)
            else:
                for _ in range(int(rest)):
                    if name == "left":
                        cursor = call("WordLeft", line=line, cursor=cursor)
                    elif name == "right":
                        cursor = call("WordRight", line=line, cursor=cursor)
                    else:
                        start = call("WordLeft", line=line, cursor=cursor)
                        line, kept = call("CutOut", line=line, start=start, end=cursor)
                        cursor = start
        return call("Done", answer={"line": line, "cursor": cursor})

    @staticmethod
    def generate(rng, level):
        words = ["owl", "fig", "Rye", "tin", "Elm", "bog", "sky", "pea", "Ink", "rum", "hut", "jam"]
        count = {"easy": 6, "medium": 15, "hard": rng.randint(40, 50)}[level]
        keys = [f"type {'_'.join(rng.sample(words, 3))}", "left 1", "case", "rub 1"]
        while len(keys) < count:
            limits = {"left": 99, "right": 99, "case": 99, "rub": 5, "type": 5, "paste": 1}
            kind = rng.choice(
                [kind for kind, most in limits.items() if sum((key.startswith(kind) for key in keys)) < most]
            )
            typed = f"{rng.choice(['', '_'])}{rng.choice(words)}_"
            numbers = {"left": rng.randint(1, 3), "right": rng.randint(1, 3), "rub": rng.randint(1, 2), "type": typed}
            keys.append(f"{kind} {numbers[kind]}" if kind in numbers else kind)
        return {"keys": [*keys, f"type {rng.choice(words)}"]}
