"""Reconciling a bank statement with the books: matching lines, posting corrections, adding up what stays open."""

from codegym_mcp import Environment, tool


class LedgerReconcile(Environment):
    """A bank statement has to be reconciled with the books. Bank lines and book entries are numbered from 0 each.

    Both have a day, an amount (a positive whole number) and a reference. All are open at first. Handle the bank lines
    in ascending order, each by these rules:

    1. Exact match: among the open entries with exactly the line's amount and a day at most 3 days before or after the
       line's day, match the one nearest in days; at equal distance the one with the lower number.
    2. Otherwise, match by reference: among the open entries with the line's reference whose amount differs from the
       line's by at most the tolerance (see Observe), take the one with the smallest difference; at equal difference
       the one with the lower number. The day does not matter here. If the amounts differ, first post a correction that
       makes the entry's amount equal to the line's; then match.
    3. Otherwise the line stays open.

    Matching closes the line and the entry. The answer is the sum of the amounts of everything still open in the end:
    all open bank lines plus all open entries.
    """

    def reset(self, *, lines: list[list], entries: list[list], tolerance: int) -> None:
        self.lines, self.entries, self.tolerance = lines, [list(entry) for entry in entries], tolerance
        self.line_open = [True] * len(lines)
        self.entry_open = [True] * len(entries)

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of bank lines ("lines"), of book entries ("entries") and the "tolerance" of rule 2.

        Example:
            Observe() -> {"lines": 4, "entries": 5, "tolerance": 90}
        """
        return {"lines": len(self.lines), "entries": len(self.entries), "tolerance": self.tolerance}

    @tool
    def ReadLine(self, line: int) -> dict[str, int | str]:
        """Read one bank line.

        Args:
            line: number of the line, from 0 to lines - 1.

        Returns:
            its "day", "amount" and "reference".

        Example:
            ReadLine(line=0) -> {"day": 4, "amount": 250, "reference": "INV-7"}
        """
        if not 0 <= line < len(self.lines):
            raise ValueError(f"line must be from 0 to {len(self.lines) - 1}, got {line}")
        return dict(zip(("day", "amount", "reference"), self.lines[line], strict=True))

    @tool
    def FindByAmount(self, amount: int, day: int) -> list[list[int]]:
        """Find open entries of exactly one amount, at most 3 days before or after a day.

        Args:
            amount: the amount looked for.
            day: the day in the middle.

        Returns:
            for each such entry [entry number, day], in ascending order of number; [] if there is none.

        Example:
            FindByAmount(amount=250, day=4) -> [[2, 3], [5, 6]]
        """
        found = []
        for number, (when, value, _) in enumerate(self.entries):
            if self.entry_open[number] and value == amount and day - 3 <= when <= day + 3:
                found.append([number, when])
        return found

    @tool
    def FindByReference(self, reference: str) -> list[list[int]]:
        """Find open entries that carry a reference.

        Args:
            reference: the reference, exactly as on the bank line.

        Returns:
            for each such entry [entry number, amount], in ascending order of number; [] if there is none.

        Example:
            FindByReference(reference="INV-7") -> [[1, 205]]
        """
        return [[n, e[1]] for n, e in enumerate(self.entries) if self.entry_open[n] and e[2] == reference]

    def _open_entry(self, entry: int) -> list:
        if not 0 <= entry < len(self.entries) or not self.entry_open[entry]:
            raise ValueError(f"entry {entry} is not an open entry (numbers 0 to {len(self.entries) - 1})")
        return self.entries[entry]

    @tool
    def PostCorrection(self, entry: int, change: int) -> int:
        """Change the amount of an open entry.

        Args:
            entry: number of the entry.
            change: what is added to its amount (negative to lower it); not 0, at most the tolerance either way.

        Returns:
            the entry's new amount.

        Example:
            PostCorrection(entry=1, change=45) -> 250
        """
        record = self._open_entry(entry)
        if change == 0 or abs(change) > self.tolerance or record[1] + change <= 0:
            raise ValueError(f"change must be from 1 to {self.tolerance} either way and leave a positive amount")
        record[1] += change
        return record[1]

    @tool
    def Match(self, line: int, entry: int) -> int:
        """Match an open bank line with an open entry of the same amount. Both are closed; this cannot be undone.

        Args:
            line: number of the line.
            entry: number of the entry.

        Returns:
            how many bank lines are still open.

        Example:
            Match(line=0, entry=2) -> 3
        """
        amount = self.ReadLine(line)["amount"]
        if not self.line_open[line]:
            raise ValueError(f"line {line} is closed already")
        if self._open_entry(entry)[1] != amount:
            raise ValueError(
                f"the amounts differ: line {line} has {amount}, entry {entry} has {self.entries[entry][1]}"
            )
        self.line_open[line] = self.entry_open[entry] = False
        return sum(self.line_open)

    @tool
    def OpenTotals(self, first: int, last: int) -> dict[str, int]:
        """Add up the present amounts of what is open among a range of numbers.

        Args:
            first: first number of the range, at least 0.
            last: last number of the range, at least first and at most first + 9; numbers past the end count nothing.

        Returns:
            "bank": total of the open bank lines with those numbers; "book": total of the open entries with them.

        Example:
            OpenTotals(first=0, last=9) -> {"bank": 120, "book": 431}
        """
        if not 0 <= first <= last <= first + 9:
            raise ValueError(f"the range must start at 0 or above and hold 1 to 10 numbers, got {first} to {last}")
        part = slice(first, last + 1)
        bank = sum(line[1] for line, is_open in zip(self.lines[part], self.line_open[part], strict=True) if is_open)
        book = sum(e[1] for e, is_open in zip(self.entries[part], self.entry_open[part], strict=True) if is_open)
        return {"bank": bank, "book": book}

    def answer(self) -> int:
        """The open total.

        Returns:
            the sum of the amounts of all bank lines and all entries still open in the end.
        """
        rest, missed = dict(enumerate(self.entries)), 0
        for day, amount, reference in self.lines:
            exact = [(abs(e[0] - day), n) for n, e in rest.items() if e[1] == amount and abs(e[0] - day) <= 3]
            near = [(abs(e[1] - amount), n) for n, e in rest.items() if e[2] == reference]
            near = [pair for pair in near if pair[0] <= self.tolerance]
            if exact or near:
                del rest[min(exact or near)[1]]
            else:
                missed += amount
        return missed + sum(entry[1] for entry in rest.values())

    def solve(self, call):
        seen = call("Observe")
        for line in range(seen["lines"]):
            facts = call("ReadLine", line=line)
            exact = call("FindByAmount", amount=facts["amount"], day=facts["day"])
            if exact:
                _, chosen = min((abs(day - facts["day"]), number) for number, day in exact)
                call("Match", line=line, entry=chosen)
                continue
            near = call("FindByReference", reference=facts["reference"])
            gaps = [(abs(facts["amount"] - amount), number, facts["amount"] - amount) for number, amount in near]
            if gaps and min(gaps)[0] <= seen["tolerance"]:
                _, chosen, change = min(gaps)
                if change:
                    call("PostCorrection", entry=chosen, change=change)
                call("Match", line=line, entry=chosen)
        total = 0
        for first in range(0, max(seen["lines"], seen["entries"]), 10):
            total += sum(call("OpenTotals", first=first, last=first + 9).values())
        return call("Done", answer=total)

    @staticmethod
    def generate(rng, level):
        count, extra = {"tiny": (1, 2), "easy": (4, 2), "medium": (9, 3), "hard": (rng.randint(18, 26), 6)}[level]
        top, odds = (30, 0.6) if level == "tiny" else (900, 0.45)
        amounts = [rng.randint(5, top) * (1 if level == "tiny" else 10) for _ in range(count)]
        lines, entries, tolerance = [], [], 10 if level == "tiny" else 90
        for index in range(count):
            amount = rng.choice(amounts) if rng.random() < 0.3 else amounts[index]
            day, reference, draw = rng.randint(1, 12), f"INV-{rng.randint(1, count + 2)}", rng.random()
            lines.append([day, amount, reference])
            if level == "tiny" or draw < 0.9:  # now and then a line without an entry
                close = draw < odds
                shift = 0 if close else rng.choice([-1, 1]) * rng.randint(1, tolerance + (level != "tiny") * 40)
                when = max(1, day + rng.randint(-3, 3)) if close else day + rng.randint(0, 5)
                entries.append([when, max(1, amount + shift), f"INV-{rng.randint(1, 9)}" if close else reference])
        for _ in range(extra):
            amount = rng.choice(amounts) if level != "tiny" and rng.random() < 0.5 else rng.randint(5, top)
            entries.append([rng.randint(1, 12), amount, f"INV-{rng.randint(1, count + 4)}"])
        rng.shuffle(entries)
        return {"lines": lines, "entries": entries, "tolerance": tolerance}
