"""Run-length coding of a hidden tape, piece by piece and several rounds in a row."""

from codegym_mcp import Environment, tool


class RunLength(Environment):
    """A tape holds characters, at positions numbered from 0. You cannot see them until the last round is over.

    In each round the whole tape is coded, from left to right, and the code becomes the tape of the next round. The
    code of a run (a stretch of equal characters that is as long as possible) is its length as one digit, followed by
    the character: "aaab" becomes "3a1b". A run longer than 9 is cut into pieces: as many pieces of 9 as fit, then the
    rest; so a run of 20 letters c becomes "9c9c2c". Digits on the tape are characters like all others: "3a1b" becomes
    "131a111b" in the next round.

    Find what the tape holds after all rounds. A head, at first at position 0, shows how far the tape has been coded.
    """

    def reset(self, *, text: str, rounds: int) -> None:
        self.tape, self.rounds = text, rounds
        self.head, self.code = 0, ""

    def observe(self) -> dict[str, int]:
        """Show the length of the tape, the head and the rounds to go.

        Returns:
            the number of characters on the present tape ("length"), the position of the head ("head": length when the
            whole tape has been coded) and the number of rounds that are not over ("rounds").

        Example:
            Observe() -> {"length": 14, "head": 0, "rounds": 2}
        """
        return {"length": len(self.tape), "head": self.head, "rounds": self.rounds}

    @tool
    def RunFrom(self, position: int) -> int:
        """Count equal characters from a position on, looking at no more than 4 characters.

        Args:
            position: from 0 to length - 1.

        Returns:
            how many characters from this one on are equal to it without a break: from 1 to 4, where 4 may mean more.

        Example:
            RunFrom(position=0) -> 3
        """
        self.existing(position)
        look = self.tape[position : position + 4]
        return len(look) - len(look.lstrip(look[0]))

    @tool
    def SameCharacter(self, first: int, second: int) -> bool:
        """Compare the characters at two positions.

        Args:
            first: a position, from 0 to length - 1.
            second: another position.

        Returns:
            true if the tape holds the same character at both.

        Example:
            SameCharacter(first=0, second=4) -> false
        """
        self.existing(first)
        self.existing(second)
        return self.tape[first] == self.tape[second]

    @tool
    def WritePiece(self, count: int) -> int:
        """Code the next characters from the head on as one piece, and move the head behind them.

        The characters must be equal. Whether the piece is as long as it should be is not checked.

        Args:
            count: how many characters, from 1 to 9.

        Returns:
            the position of the head after this.

        Example:
            WritePiece(count=3) -> 3
        """
        part = self.tape[self.head : self.head + count] if 1 <= count <= 9 else ""
        if not part or len(part) < count:
            left = len(self.tape) - self.head
            raise ValueError(f"count must be from 1 to 9 and at most the {left} characters left, got {count}")
        if part != part[0] * count:
            raise ValueError(f"the next {count} characters are not all equal")
        self.head += count
        self.code += f"{count}{part[0]}"
        return self.head

    @tool
    def EndRound(self) -> int:
        """End the round: the code becomes the tape and the head goes back to position 0. Works once all is coded.

        Returns:
            the length of the new tape.

        Example:
            EndRound() -> 8
        """
        if self.rounds == 0:
            raise ValueError("all rounds are over")
        if self.head < len(self.tape):
            raise ValueError(f"the tape has been coded up to position {self.head} only, of {len(self.tape)}")
        self.tape, self.code, self.head = self.code, "", 0
        self.rounds -= 1
        return len(self.tape)

    @tool
    def ReadTape(self, start: int) -> str:
        """Read up to 16 characters of the tape. Works only when all rounds are over.

        Args:
            start: position of the first character, from 0 to length - 1.

        Returns:
            the characters from start to start + 15, or to the end of the tape.

        Example:
            ReadTape(start=0) -> "131a111b"
        """
        if self.rounds:
            raise ValueError(f"the tape cannot be read before all rounds are over; to go: {self.rounds}")
        self.existing(start)
        return self.tape[start : start + 16]

    def existing(self, position: int) -> None:
        if not 0 <= position < len(self.tape):
            raise ValueError(f"a position must be from 0 to {len(self.tape) - 1}, got {position}")

    def answer(self) -> str:
        """The tape after all rounds.

        Returns:
            the text on the tape after all rounds, such as "131a111b".
        """
        text = self.tape
        for _ in range(self.rounds):
            pieces = []
            for character in text:
                if pieces and pieces[-1][1] == character and pieces[-1][0] < 9:
                    pieces[-1][0] += 1
                else:
                    pieces.append([1, character])
            text = "".join(f"{count}{character}" for count, character in pieces)
        return text

    def solve(self, call):
        seen = call("Observe")
        length = seen["length"]
        for _ in range(seen["rounds"]):
            head = 0
            while head < length:
                count = call("RunFrom", position=head)
                while count in (4, 8) and head + count < length:
                    if not call("SameCharacter", first=head, second=head + count):
                        break
                    count = 9 if count == 8 else count + call("RunFrom", position=head + count)
                head = call("WritePiece", count=count)
            length = call("EndRound")
        return call("Done", answer="".join(call("ReadTape", start=start) for start in range(0, length, 16)))

    @staticmethod
    def generate(rng, level):
        low, high = {"tiny": (1, 2), "easy": (3, 5), "medium": (3, 6), "hard": (6, 10)}[level]
        rounds = {"tiny": 1, "easy": 1, "medium": 2, "hard": 3}[level]
        text = ""
        for _ in range(rng.randint(low, high)):
            letter = rng.choice([c for c in "abcde" if c != text[-1:]])
            text += letter * (rng.randint(1, 3) if level == "tiny" else rng.choice([1, 2, 2, 3, 4, 5, 7, 8, 9, 13]))
        return {"text": text, "rounds": rounds}
