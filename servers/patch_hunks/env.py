"""A hidden document of lines, numbered from 0, is changed by a patch."""

import copy

from codegym_mcp import Environment, tool


class Document:
    """The lines as they are now, and the hunks."""

    def __init__(self, lines: list[str], hunks: list[dict], fuzz: int) -> None:
        self.lines, self.hunks, self.fuzz = list(lines), hunks, fuzz

    def _hunk(self, hunk: int) -> dict:
        if not 0 <= hunk < len(self.hunks):
            raise ValueError(f"hunk must be from 0 to {len(self.hunks) - 1}, got {hunk}")
        return self.hunks[hunk]

    def read_hunk(self, hunk: int) -> dict[str, int]:
        """Read the head of a hunk.

        Args:
            hunk: number of the hunk, from 0.

        Returns:
            the "line" it names, and how many "old" and "new" lines it has.

        Example:
            read_hunk(hunk=0) -> {"line": 4, "old": 2, "new": 3}
        """
        found = self._hunk(hunk)
        return {"line": found["line"], "old": len(found["old"]), "new": len(found["new"])}

    def matches(self, hunk: int, place: int) -> bool:
        """Compare the old lines of a hunk with the document.

        Args:
            hunk: number of the hunk, from 0.
            place: the line of the document where the old lines would begin, at least 0.

        Returns:
            whether they are all there; false if they reach beyond the end.

        Example:
            matches(hunk=0, place=4) -> true
        """
        old = self._hunk(hunk)["old"]
        if place < 0:
            raise ValueError(f"place must be at least 0, got {place}")
        return self.lines[place : place + len(old)] == old

    def apply_hunk(self, hunk: int, place: int) -> int:
        """Replace the old lines of a hunk by its new ones.

        Args:
            hunk: number of the hunk, from 0.
            place: the line of the document where the old lines begin; they must match.

        Returns:
            the number of lines of the document afterwards.

        Example:
            apply_hunk(hunk=0, place=4) -> 13
        """
        if not self.matches(hunk, place):
            raise ValueError(f"hunk {hunk} does not match at {place}")
        found = self._hunk(hunk)
        self.lines[place : place + len(found["old"])] = found["new"]
        return len(self.lines)

    def count_lines(self) -> int:
        """Count the lines of the document as it is now.

        Returns:
            the number of lines.

        Example:
            count_lines() -> 12
        """
        return len(self.lines)

    def mark_conflict(self, place: int) -> int:
        """Put a conflict mark into the document.

        Args:
            place: the line before which it is put, from 0 to the number of lines.

        Returns:
            the number of lines of the document afterwards.

        Example:
            mark_conflict(place=7) -> 14
        """
        if not 0 <= place <= len(self.lines):
            raise ValueError(f"place must be from 0 to {len(self.lines)}, got {place}")
        self.lines.insert(place, "<<< conflict >>>")
        return len(self.lines)


class PatchHunks(Environment):
    """A hidden document of lines, numbered from 0, is changed by a patch. The patch consists of hunks, numbered from 0 and
    applied in that order. A hunk names a line and replaces a block of old lines by a block of new lines, either of
    which can be longer.

    The drift is 0 at first. A hunk is expected at its named line plus the drift. Try the expected place first, then the
    place one line before it, one behind it, two before it, two behind it, and so on up to `fuzz` lines away. Places
    below 0 are left out. The hunk is applied at the first place where its old lines match the document as it is now.
    Then the drift grows by the place minus the expected place, and by the number of new lines minus the number of old
    lines.

    If the hunk matches nowhere, a conflict mark, which is one line, is put in at the expected place, or at 0 if that is
    below 0, or behind the last line if it is beyond it. Then the drift grows by 1.

    The answer lists for each hunk the place where it was applied, or -1, and at the end the final number of lines.

    The input is hidden (lines, hunks); the tools give access to it. Observe shows what is known from the start: sizes,
    and fuzz.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, lines: list[str], hunks: list[dict[str, int | list | list[str]]], fuzz: int) -> None:
        self.lines = lines
        self.hunks = hunks
        self.fuzz = fuzz
        self.document = Document(copy.deepcopy(self.lines), copy.deepcopy(self.hunks), self.fuzz)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "fuzz": a whole number, given as it is.
            "lines": number of items of lines.
            "hunks": number of items of hunks.

        Example:
            Observe() -> {"fuzz": 2, "lines": 9, "hunks": 3}
        """
        return {"fuzz": self.fuzz, "lines": len(self.lines), "hunks": len(self.hunks)}

    @tool
    def ReadHunk(self, hunk: int) -> dict[str, int]:
        """Read the head of a hunk.

        Args:
            hunk: number of the hunk, from 0.

        Returns:
            the "line" it names, and how many "old" and "new" lines it has.

        Example:
            ReadHunk(hunk=0) -> {"line": 4, "old": 2, "new": 3}
        """
        return self.document.read_hunk(hunk)

    @tool
    def Matches(self, hunk: int, place: int) -> bool:
        """Compare the old lines of a hunk with the document.

        Args:
            hunk: number of the hunk, from 0.
            place: the line of the document where the old lines would begin, at least 0.

        Returns:
            whether they are all there; false if they reach beyond the end.

        Example:
            Matches(hunk=0, place=4) -> true
        """
        return self.document.matches(hunk, place)

    @tool
    def ApplyHunk(self, hunk: int, place: int) -> int:
        """Replace the old lines of a hunk by its new ones.

        Args:
            hunk: number of the hunk, from 0.
            place: the line of the document where the old lines begin; they must match.

        Returns:
            the number of lines of the document afterwards.

        Example:
            ApplyHunk(hunk=0, place=4) -> 13
        """
        return self.document.apply_hunk(hunk, place)

    @tool
    def CountLines(self) -> int:
        """Count the lines of the document as it is now.

        Returns:
            the number of lines.

        Example:
            CountLines() -> 12
        """
        return self.document.count_lines()

    @tool
    def MarkConflict(self, place: int) -> int:
        """Put a conflict mark into the document.

        Args:
            place: the line before which it is put, from 0 to the number of lines.

        Returns:
            the number of lines of the document afterwards.

        Example:
            MarkConflict(place=7) -> 14
        """
        return self.document.mark_conflict(place)

    def answer(self) -> list[int]:
        """Apply the patch.

        Returns:
            the place of each hunk in order (-1: nowhere), then the final number of lines. Example: [4, -1, 9, 15].
        """
        lines = copy.deepcopy(self.lines)
        hunks = copy.deepcopy(self.hunks)
        fuzz = self.fuzz
        document = Document(lines, hunks, fuzz)
        places = []
        drift = 0
        for hunk in range(len(hunks)):
            head = document.read_hunk(hunk)
            expected = head["line"] + drift
            applied = -1
            for away in range(fuzz + 1):
                for place in [expected - away, expected + away] if away else [expected]:
                    if applied < 0 and place >= 0 and document.matches(hunk, place):
                        applied = place
                        document.apply_hunk(hunk, place)
                        drift += place - expected + head["new"] - head["old"]
            if applied < 0:
                document.mark_conflict(min(max(0, expected), document.count_lines()))
                drift += 1
            places.append(applied)
        return [*places, document.count_lines()]

    def solve(self, call):
        seen = call("Observe")
        fuzz = seen["fuzz"]
        places = []
        drift = 0
        for hunk in range(seen["hunks"]):
            head = call("ReadHunk", hunk=hunk)
            expected = head["line"] + drift
            applied = -1
            for away in range(fuzz + 1):
                for place in [expected - away, expected + away] if away else [expected]:
                    if applied < 0 and place >= 0 and call("Matches", hunk=hunk, place=place):
                        applied = place
                        call("ApplyHunk", hunk=hunk, place=place)
                        drift += place - expected + head["new"] - head["old"]
            if applied < 0:
                call("MarkConflict", place=min(max(0, expected), call("CountLines")))
                drift += 1
            places.append(applied)
        return call("Done", answer=[*places, call("CountLines")])

    @staticmethod
    def generate(rng, level):
        count, size, fuzz = {"easy": (3, 9, 2), "medium": (6, 18, 2), "hard": (rng.randint(10, 14), 40, 3)}[level]
        lines = [rng.choice(["alpha", "beta", "gamma", "delta"]) for _ in range(size)]
        hunks = []
        for number in range(count):
            place = min(size - 2, number * size // count + rng.randint(0, 1))
            old = lines[place : place + rng.randint(1, 2)]
            if rng.random() < 0.25:
                old = ["omega", *old[1:]]
            new = [f"new {number}.{n}" for n in range(rng.choice([0, 1, 2, 3]))]
            hunks.append({"line": max(0, place + rng.choice([-2, -1, 0, 0, 1, 2])), "old": old, "new": new})
        return {"lines": lines, "hunks": hunks, "fuzz": fuzz}
