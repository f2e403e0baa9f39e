"""A text on a tape is read token by token from the left: a run of letters is a word, a run of digits is a number, any
other character that is no blank is a sign.
"""

import re

from codegym_mcp import Environment, tool


class Tape:
    """A tape with a text and the shorthands defined so far."""

    def __init__(self, text: str, max_uses: int) -> None:
        self.tokens = re.findall(r"[a-z]+|[0-9]+|[^a-z0-9 ]", text)
        self.max_uses = max_uses
        self.bodies: dict[str, list[str]] = {}
        self.uses: dict[str, int] = {}

    def next_kind(self) -> str:
        """Tell what kind of token comes next, without taking it.

        Returns:
            "word", "number", "sign", or "end" when the tape is used up.

        Example:
            next_kind() -> "number"
        """
        if not self.tokens:
            return "end"
        first = self.tokens[0][0]
        return "word" if first.isalpha() else "number" if first.isdigit() else "sign"

    def take_token(self) -> str:
        """Take the next token off the tape.

        Returns:
            its text.

        Example:
            take_token() -> "17"
        """
        if not self.tokens:
            raise ValueError("the tape is used up")
        return self.tokens.pop(0)

    def define(self, name: str, body: list[str]) -> int:
        """Make a word a shorthand.

        Args:
            name: the word.
            body: the tokens it stands for, in order.

        Returns:
            how many tokens the body has.

        Example:
            define(name="ab", body=["3", "~"]) -> 2
        """
        if not name.isalpha():
            raise ValueError(f"only a word can be a shorthand, got {name!r}")
        self.bodies[name], self.uses[name] = list(body), 0
        return len(body)

    def uses_left(self, word: str) -> int:
        """Tell how often a word may still be expanded.

        Args:
            word: the word.

        Returns:
            the number of expansions left; 0 also for a word that is no shorthand.

        Example:
            uses_left(word="ab") -> 2
        """
        return self.max_uses - self.uses[word] if word in self.bodies else 0

    def expand(self, word: str) -> int:
        """Put the body of a shorthand in front of the rest of the tape.

        Args:
            word: the shorthand; it must have uses left.

        Returns:
            how many tokens are on the tape now.

        Example:
            expand(word="ab") -> 9
        """
        if self.uses_left(word) < 1:
            raise ValueError(f"{word!r} cannot be expanded")
        self.uses[word] += 1
        self.tokens = self.bodies[word] + self.tokens
        return len(self.tokens)


class MacroTape(Environment):
    """A text on a tape is read token by token from the left: a run of letters is a word, a run of digits is a number, any
    other character that is no blank is a sign. Go on until the end of the tape.

    - A sign "!" begins a definition: the next token is a word, the name; all tokens after it up to the next sign ";"
    are the
      body, taken as they stand. The word is now a shorthand for that body. Defining it again replaces the body.
    - A word that is a shorthand and has been expanded fewer than `max_uses` times since its latest definition is
    expanded: its
      body is put in front of the rest of the tape and is read next, like any other text.
    - Any other word is kept: it counts as kept.
    - A sign "~" turns the sense: numbers are added to a total at first, after it subtracted, after the next one added
    again,
      and so on. All other signs mean nothing.

    The answer is the total and the number of kept words.

    The input is hidden (text); the tools give access to it. Observe shows what is known from the start: sizes, and
    max_uses.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, text: str, max_uses: int) -> None:
        self.text = text
        self.max_uses = max_uses
        self.tape = Tape(self.text, self.max_uses)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "max_uses": a whole number, given as it is.
            "text": number of characters of text.

        Example:
            Observe() -> {"max_uses": 1, "text": 14}
        """
        return {"max_uses": self.max_uses, "text": len(self.text)}

    @tool
    def NextKind(self) -> str:
        """Tell what kind of token comes next, without taking it.

        Returns:
            "word", "number", "sign", or "end" when the tape is used up.

        Example:
            NextKind() -> "number"
        """
        return self.tape.next_kind()

    @tool
    def TakeToken(self) -> str:
        """Take the next token off the tape.

        Returns:
            its text.

        Example:
            TakeToken() -> "17"
        """
        return self.tape.take_token()

    @tool
    def Define(self, name: str, body: list[str]) -> int:
        """Make a word a shorthand.

        Args:
            name: the word.
            body: the tokens it stands for, in order.

        Returns:
            how many tokens the body has.

        Example:
            Define(name="ab", body=["3", "~"]) -> 2
        """
        return self.tape.define(name, body)

    @tool
    def UsesLeft(self, word: str) -> int:
        """Tell how often a word may still be expanded.

        Args:
            word: the word.

        Returns:
            the number of expansions left; 0 also for a word that is no shorthand.

        Example:
            UsesLeft(word="ab") -> 2
        """
        return self.tape.uses_left(word)

    @tool
    def Expand(self, word: str) -> int:
        """Put the body of a shorthand in front of the rest of the tape.

        Args:
            word: the shorthand; it must have uses left.

        Returns:
            how many tokens are on the tape now.

        Example:
            Expand(word="ab") -> 9
        """
        return self.tape.expand(word)

    def answer(self) -> dict[str, int]:
        """Read the whole tape.

        Returns:
            the "total" of the numbers and how many words were "kept". Example: {"total": -12, "kept": 3}.
        """
        text = self.text
        max_uses = self.max_uses
        tape = Tape(text, max_uses)
        total, kept, sense = (0, 0, 1)
        while True:
            kind = tape.next_kind()
            if kind == "end":
                break
            taken = tape.take_token()
            if kind == "number":
                total += sense * int(taken)
            elif kind == "word":
                if tape.uses_left(taken) > 0:
                    tape.expand(taken)
                else:
                    kept += 1
            elif taken == "~":
                sense = -sense
            elif taken == "!":
                name = tape.take_token()
                body = []
                part = tape.take_token()
                while part != ";":
                    body.append(part)
                    part = tape.take_token()
                tape.define(name, body)
        return {"total": total, "kept": kept}

    def solve(self, call):
        total, kept, sense = (0, 0, 1)
        while True:
            kind = call("NextKind")
            if kind == "end":
                break
            taken = call("TakeToken")
            if kind == "number":
                total += sense * int(taken)
            elif kind == "word":
                if call("UsesLeft", word=taken) > 0:
                    call("Expand", word=taken)
                else:
                    kept += 1
            elif taken == "~":
                sense = -sense
            elif taken == "!":
                name = call("TakeToken")
                body = []
                part = call("TakeToken")
                while part != ";":
                    body.append(part)
                    part = call("TakeToken")
                call("Define", name=name, body=body)
        return call("Done", answer={"total": total, "kept": kept})

    @staticmethod
    def generate(rng, level):
        names = ["ab", "cat", "do", "eel"][: {"easy": 1, "medium": 2, "hard": 4}[level]]
        count = {"easy": 1, "medium": 2, "hard": rng.randint(5, 7)}[level]
        defined, parts = ([], [])
        for number in range(count):
            if number < len(names) or rng.random() < 0.2:
                name = names[number] if number < len(names) else rng.choice(names)
                others = [
                    rng.choice(["~", *defined]) if rng.random() < 0.6 else str(rng.randint(2, 60)) for _ in range(2)
                ]
                parts.append(f"!{name} {' '.join([str(rng.randint(2, 60)), *others][: 2 if level == 'easy' else 3])};")
                defined = [*defined, name] if name not in defined else defined
            parts.append(rng.choice(["~", ",", "zip"]) if rng.random() < 0.4 else str(rng.randint(10, 99)))
            parts.append(rng.choice(defined))
        return {"text": " ".join(parts), "max_uses": 1 if level == "easy" else 2}
