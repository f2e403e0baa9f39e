"""A fence is painted panel by panel."""

import copy

from codegym_mcp import Environment, tool


def next_patterns(pattern: str, rule: int) -> list[str]:
    """List the patterns that can come next.

    Args:
        pattern: the pattern of the panel before.
        rule: the rule of the panel.

    Returns:
        the patterns in alphabetical order, at least one.

    Example:
        next_patterns(pattern="rg", rule=1) -> ["bg", "rb"]
    """
    if not pattern or set(pattern) - set("rgb"):
        raise ValueError(f"a pattern has the letters r, g and b, got {pattern!r}")
    found = []
    for place in range(len(pattern)):
        shifted = "rgb"[("rgb".index(pattern[place]) + 1 + (rule + place) % 2) % 3]
        fresh = pattern[:place] + shifted + pattern[place + 1 :]
        if place == 0 or fresh[place] != fresh[place - 1] or rule % 3 == 0:
            found.append(fresh)
    return sorted(found)


def add_counts(one: int, two: int) -> int:
    """Add two counts.

    Args:
        one: a count.
        two: another count.

    Returns:
        their sum, as it is kept.

    Example:
        add_counts(one=60, two=70) -> 29
    """
    if one < 0 or two < 0:
        raise ValueError("counts are not negative")
    return (one + two) % 101


def tax(pattern: str, count: int) -> int:
    """Work out the tax of a pattern.

    Args:
        pattern: the pattern.
        count: its count.

    Returns:
        by how much the count is lowered.

    Example:
        tax(pattern="rb", count=7) -> 3
    """
    return min(count, count // 3 + len(set(pattern)) - 1)


def value(pattern: str, count: int) -> int:
    """Work out the value of a pattern.

    Args:
        pattern: the pattern.
        count: its count after the last panel.

    Returns:
        the value.

    Example:
        value(pattern="rb", count=7) -> 19
    """
    weights = {"r": 1, "g": 3, "b": 2}
    return 2 * count + sum(weights[letter] * (place + 1) for place, letter in enumerate(pattern))


class FencePatterns(Environment):
    """A fence is painted panel by panel. Each panel has as many stripes as `start` has letters; a pattern is a text with
    one of the letters r, g and b for each stripe, from top to bottom. The first panel has the pattern `start`. `rules`
    lists a number, the rule, for each further panel; which patterns can come next depends on the pattern before and on
    this rule.

    After each panel every pattern that it can have is given a count; for the first panel it is `first_count`. For a
    further panel, go through the patterns of the panel before in alphabetical order; each adds its count to that of
    every pattern that can come next to it. A count begins with 0 and is added to as the rule for adding says.

    When all have been added, the panel is taxed: the pattern with the greatest count, the alphabetically first one if
    there are several, pays its tax, which lowers its count. Patterns with a count of 0 stay.

    The answer is the plain sum of all counts after the last panel, how many patterns it can have, and the sum of the
    values of these patterns.

    The input is hidden (start, rules); the tools give access to it. Observe shows what is known from the start: sizes,
    and first_count.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, start: str, rules: list[int], first_count: int) -> None:
        self.start = start
        self.rules = rules
        self.first_count = first_count

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "first_count": a whole number, given as it is.
            "start": number of characters of start.
            "rules": number of items of rules.

        Example:
            Observe() -> {"first_count": 45, "start": 2, "rules": 2}
        """
        return {"first_count": self.first_count, "start": len(self.start), "rules": len(self.rules)}

    @tool
    def ReadStartCharacter(self, index: int) -> str:
        """Read one character of start.

        Args:
            index: position in start, counted from 0.

        Returns:
            the character.

        Example:
            ReadStartCharacter(index=0) -> "b"
        """
        if not 0 <= index < len(self.start):
            raise ValueError(f"index must be from 0 to {len(self.start) - 1}, got {index}")
        return self.start[index]

    @tool
    def ReadRule(self, index: int) -> int:
        """Read one item of rules.

        Args:
            index: position in rules, counted from 0.

        Returns:
            the item.

        Example:
            ReadRule(index=0) -> 3
        """
        if not 0 <= index < len(self.rules):
            raise ValueError(f"index must be from 0 to {len(self.rules) - 1}, got {index}")
        return self.rules[index]

    @tool
    def NextPatterns(self, pattern: str, rule: int) -> list[str]:
        """List the patterns that can come next.

        Args:
            pattern: the pattern of the panel before.
            rule: the rule of the panel.

        Returns:
            the patterns in alphabetical order, at least one.

        Example:
            NextPatterns(pattern="rg", rule=1) -> ["bg", "rb"]
        """
        return next_patterns(pattern, rule)

    @tool
    def AddCounts(self, one: int, two: int) -> int:
        """Add two counts.

        Args:
            one: a count.
            two: another count.

        Returns:
            their sum, as it is kept.

        Example:
            AddCounts(one=60, two=70) -> 29
        """
        return add_counts(one, two)

    @tool
    def Tax(self, pattern: str, count: int) -> int:
        """Work out the tax of a pattern.

        Args:
            pattern: the pattern.
            count: its count.

        Returns:
            by how much the count is lowered.

        Example:
            Tax(pattern="rb", count=7) -> 3
        """
        return tax(pattern, count)

    @tool
    def Value(self, pattern: str, count: int) -> int:
        """Work out the value of a pattern.

        Args:
            pattern: the pattern.
            count: its count after the last panel.

        Returns:
            the value.

        Example:
            Value(pattern="rb", count=7) -> 19
        """
        return value(pattern, count)

    def answer(self) -> dict[str, int]:
        """Count the fences.

        Returns:
            the "sum" of the counts, the number of "patterns" and their "value". Example: {"sum": 41, "patterns": 5,
                "value": 118}.
        """
        start = self.start
        rules = copy.deepcopy(self.rules)
        first_count = self.first_count
        first = ""
        for letter in start:
            first += letter
        counts = {first: first_count}
        for rule in rules:
            fresh: dict[str, int] = {}
            for pattern in sorted(counts):
                for other in next_patterns(pattern, rule):
                    fresh[other] = add_counts(fresh.get(other, 0), counts[pattern])
            greatest = max(fresh.values())
            payer = min([pattern for pattern in fresh if fresh[pattern] == greatest])
            fresh[payer] -= tax(payer, greatest)
            counts = fresh
        total = worth = 0
        for pattern in counts:
            total += counts[pattern]
            worth += value(pattern, counts[pattern])
        return {"sum": total, "patterns": len(counts), "value": worth}

    def solve(self, call):
        seen = call("Observe")
        first_count = seen["first_count"]
        first = ""
        for letter in (call("ReadStartCharacter", index=index) for index in range(seen["start"])):
            first += letter
        counts = {first: first_count}
        for rule in (call("ReadRule", index=index) for index in range(seen["rules"])):
            fresh = {}
            for pattern in sorted(counts):
                for other in call("NextPatterns", pattern=pattern, rule=rule):
                    fresh[other] = call("AddCounts", one=fresh.get(other, 0), two=counts[pattern])
            greatest = max(fresh.values())
            payer = min([pattern for pattern in fresh if fresh[pattern] == greatest])
            fresh[payer] -= call("Tax", pattern=payer, count=greatest)
            counts = fresh
        total = worth = 0
        for pattern in counts:
            total += counts[pattern]
            worth += call("Value", pattern=pattern, count=counts[pattern])
        return call("Done", answer={"sum": total, "patterns": len(counts), "value": worth})

    @staticmethod
    def generate(rng, level):
        stripes, panels = {"easy": (2, 2), "medium": (2, 4), "hard": (3, rng.randint(4, 5))}[level]
        start = "".join((rng.choice("rgb") for _ in range(stripes)))
        return {"start": start, "rules": [rng.randint(0, 5) for _ in range(panels)], "first_count": rng.randint(2, 60)}
