"""Repairing brackets: a stack machine over a hidden tape of tokens."""

from codegym_mcp import Environment, tool

CLOSER = {"(": ")", "[": "]", "{": "}"}


class BracketRepair(Environment):
    """A tape holds a text, one character per position, numbered from 0. You cannot see it; a head reads it.

    The characters are opening brackets ( [ {, closing brackets ) ] } and letters. Pairing ignores the kinds of the
    brackets: going from left to right, each closing bracket is paired with the nearest opening bracket before it that
    has no partner yet. Repair the text as follows and change nothing else:

    - a bracket that has no partner is erased;
    - in a pair of different kinds, the closing bracket is replaced by the closing bracket of the opening one's kind.

    The answer is the repaired text, without the erased characters. The machine also has a stack of positions, empty at
    first; it may help you, but nothing is checked against it. At first the head stands before position 0.
    """

    def reset(self, *, text: str) -> None:
        self.tape, self.head, self.stack = text, -1, []

    def observe(self) -> dict[str, int]:
        """Show the length of the tape and where the machine stands.

        Returns:
            the number of characters on the tape ("length"), the position of the head ("head": -1 before the first
            character, length after the last) and the number of positions on the stack ("depth").

        Example:
            Observe() -> {"length": 9, "head": -1, "depth": 0}
        """
        return {"length": len(self.tape), "head": self.head, "depth": len(self.stack)}

    @tool
    def Advance(self) -> str:
        """Move the head one position to the right and read the character there.

        Returns:
            the character, or "end" if the head has passed the last one.

        Example:
            Advance() -> "["
        """
        self.head = min(self.head + 1, len(self.tape))
        return self.tape[self.head] if self.head < len(self.tape) else "end"

    @tool
    def Push(self) -> int:
        """Put the position of the head on top of the stack. There must be an opening bracket at the head.

        Returns:
            the number of positions on the stack after this.

        Example:
            Push() -> 2
        """
        if not 0 <= self.head < len(self.tape) or self.tape[self.head] not in CLOSER:
            raise ValueError(f"there is no opening bracket at the head (position {self.head})")
        self.stack.append(self.head)
        return len(self.stack)

    @tool
    def Pop(self) -> dict[str, object]:
        """Take the top position off the stack. It is an error if the stack is empty.

        Returns:
            the position ("position"), the character there ("character") and the number of positions left on the stack
            ("depth").

        Example:
            Pop() -> {"position": 4, "character": "[", "depth": 1}
        """
        if not self.stack:
            raise ValueError("the stack is empty")
        position = self.stack.pop()
        return {"position": position, "character": self.tape[position], "depth": len(self.stack)}

    @tool
    def Overwrite(self, position: int, character: str) -> str:
        """Replace or erase a character that the head has read.

        Args:
            position: from 0 to the position of the head.
            character: one of ( ) [ ] { } to replace the character, or . (a full stop) to erase it.

        Returns:
            the character that was there before.

        Example:
            Overwrite(position=5, character="]") -> ")"
        """
        self.behind(position)
        if character not in list("()[]{}."):
            raise ValueError(f"character must be one of ( ) [ ] {{ }} . and got {character!r}")
        before = self.tape[position]
        self.tape = self.tape[:position] + character + self.tape[position + 1 :]
        return before

    @tool
    def ReadBack(self, start: int) -> str:
        """Read the tape as it is now, up to 10 characters, but not past the head. Erased characters show as full stops.

        Args:
            start: position of the first character, from 0 to the position of the head.

        Returns:
            the characters from start to start + 9, or to the head where that comes first.

        Example:
            ReadBack(start=0) -> "([a]).{}"
        """
        self.behind(start)
        return self.tape[start : min(start + 10, self.head + 1)]

    def behind(self, position: int) -> None:
        last = min(self.head, len(self.tape) - 1)
        if not 0 <= position <= last:
            raise ValueError(f"the head has read positions 0 to {last} (-1: none), got {position}")

    def answer(self) -> str:
        """The repaired text.

        Returns:
            the repaired text, without the erased characters and without full stops, such as "([a]){}".
        """
        # cancel neighbouring brackets that open and close until none are left
        rest = [(i, c) for i, c in enumerate(self.tape) if not c.isalpha()]
        result = {i: c for i, c in enumerate(self.tape) if c.isalpha()}
        i = 0
        while i + 1 < len(rest):
            (first, opener), (second, closer) = rest[i], rest[i + 1]
            if opener in CLOSER and closer not in CLOSER:
                result[first], result[second] = opener, CLOSER[opener]
                del rest[i : i + 2]
                i = max(i - 1, 0)
            else:
                i += 1
        return "".join(result[i] for i in sorted(result))

    def solve(self, call):
        length = call("Observe")["length"]
        depth = 0
        for position in range(length):
            character = call("Advance")
            if character in CLOSER:
                depth = call("Push")
            elif character in CLOSER.values():
                if depth == 0:
                    call("Overwrite", position=position, character=".")
                    continue
                top = call("Pop")
                depth = top["depth"]
                if CLOSER[top["character"]] != character:
                    call("Overwrite", position=position, character=CLOSER[top["character"]])
        for _ in range(depth):
            call("Overwrite", position=call("Pop")["position"], character=".")
        text = "".join(call("ReadBack", start=start) for start in range(0, length, 10))
        return call("Done", answer=text.replace(".", ""))

    @staticmethod
    def generate(rng, level):
        low, high = {"easy": (5, 8), "medium": (12, 24), "hard": (30, 70)}[level]
        length = rng.randint(low, high)
        while True:
            text, opened, pairs = "", [], 0
            for _ in range(length):
                roll = rng.random()
                if roll < 0.12:
                    text += rng.choice("abcxyz")
                elif opened and roll < 0.53:
                    bracket = CLOSER[opened.pop()]
                    text += bracket if rng.random() < 0.65 else rng.choice(")]}")
                    pairs += 1
                elif roll < 0.3:
                    text += rng.choice(")]}")
                else:
                    opened.append(rng.choice("([{"))
                    text += opened[-1]
            if opened and pairs and 2 * len(opened) < length:
                return {"text": text}
