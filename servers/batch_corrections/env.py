"""The batches of a ledger are checked against the paper vouchers."""

import copy

from codegym_mcp import Environment, tool


class LedgerBatches:
    """Entries as typed and as on the vouchers."""

    def __init__(self, batches: list[list[int]], errors: list[list[int]]) -> None:
        self._entries, self._errors = batches, [list(row) for row in errors]

    def _range(self, batch: int, first: int, last: int) -> range:
        if not 0 <= batch < len(self._entries) or not 0 <= first <= last < len(self._entries[batch]):
            raise ValueError(f"there are no entries {first} to {last} of batch {batch}")
        return range(first, last + 1)

    def describe_batch(self, batch: int) -> dict[str, int]:
        """Describe a batch.

        Args:
            batch: number of the batch, from 0.

        Returns:
            the number of its "entries" and its "threshold".

        Example:
            describe_batch(batch=0) -> {"entries": 8, "threshold": 5}
        """
        self._range(batch, 0, 0)
        return {"entries": len(self._entries[batch]), "threshold": 4 + sum(self._entries[batch]) % 5}

    def compare_totals(self, batch: int, first: int, last: int) -> int:
        """Compare the totals of some entries of a batch on the vouchers and in the ledger.

        Args:
            batch: number of the batch.
            first: number of the first of the entries, from 0.
            last: number of the last of them.

        Returns:
            by how much the ledger is too low over these entries, not counting what was waived.

        Example:
            compare_totals(batch=0, first=0, last=3) -> 12
        """
        return sum(self._errors[batch][entry] for entry in self._range(batch, first, last))

    def correct_entry(self, batch: int, entry: int) -> int:
        """Correct a wrong entry of a batch, the first wrong one.

        Args:
            batch: number of the batch.
            entry: number of the entry.

        Returns:
            by how much it was too low.

        Example:
            correct_entry(batch=0, entry=2) -> 9
        """
        error = self.compare_totals(batch, 0, entry)
        if error == 0 or self._errors[batch][entry] != error:
            raise ValueError(f"entry {entry} is not the first wrong one of batch {batch}")
        self._errors[batch][entry] = 0
        return error

    def waive_error(self, batch: int, entry: int) -> int:
        """Waive the error of a wrong entry of a batch, the first wrong one.

        Args:
            batch: number of the batch.
            entry: number of the entry.

        Returns:
            by how much it is too low.

        Example:
            waive_error(batch=0, entry=5) -> 3
        """
        return self.correct_entry(batch, entry)


class BatchCorrections(Environment):
    """The batches of a ledger are checked against the paper vouchers. Batches are numbered from 0 and so are the entries
    of each batch; entries are hidden. Some entries were typed too low, none too high.

    Handle the batches in ascending order. Repeat for a batch, until its total in the ledger is the total of its
    vouchers: its first wrong entry (the one with the lowest number) is the next to be dealt with.

    - If its error is less than the threshold of the batch, or the batch has had as many corrections as are allowed for
    one
      batch, the entry is waived: it is taken as right from then on, and its error goes to the suspense account.
    - Otherwise it is corrected, which counts as one correction of the batch.

    As soon as the errors waived in one batch sum up to more than the patience, the batch is rejected: the rest of it is
    not checked.

    Find the sum of the errors corrected, the sum of the errors waived, and the sum over the corrected entries of their
    numbers within their batches.

    The input is hidden (batches, errors); the tools give access to it. Observe shows what is known from the start:
    sizes, and allowed, patience.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, batches: list[list[int]], errors: list[list[int]], allowed: int, patience: int) -> None:
        self.batches = batches
        self.errors = errors
        self.allowed = allowed
        self.patience = patience
        self.ledger = LedgerBatches(copy.deepcopy(self.batches), copy.deepcopy(self.errors))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "allowed": a whole number, given as it is.
            "patience": a whole number, given as it is.
            "batches": number of items of batches.
            "errors": number of items of errors.

        Example:
            Observe() -> {"allowed": 2, "patience": 8, "batches": 1, "errors": 1}
        """
        return {
            "allowed": self.allowed,
            "patience": self.patience,
            "batches": len(self.batches),
            "errors": len(self.errors),
        }

    @tool
    def DescribeBatch(self, batch: int) -> dict[str, int]:
        """Describe a batch.

        Args:
            batch: number of the batch, from 0.

        Returns:
            the number of its "entries" and its "threshold".

        Example:
            DescribeBatch(batch=0) -> {"entries": 8, "threshold": 5}
        """
        return self.ledger.describe_batch(batch)

    @tool
    def CompareTotals(self, batch: int, first: int, last: int) -> int:
        """Compare the totals of some entries of a batch on the vouchers and in the ledger.

        Args:
            batch: number of the batch.
            first: number of the first of the entries, from 0.
            last: number of the last of them.

        Returns:
            by how much the ledger is too low over these entries, not counting what was waived.

        Example:
            CompareTotals(batch=0, first=0, last=3) -> 12
        """
        return self.ledger.compare_totals(batch, first, last)

    @tool
    def CorrectEntry(self, batch: int, entry: int) -> int:
        """Correct a wrong entry of a batch, the first wrong one.

        Args:
            batch: number of the batch.
            entry: number of the entry.

        Returns:
            by how much it was too low.

        Example:
            CorrectEntry(batch=0, entry=2) -> 9
        """
        return self.ledger.correct_entry(batch, entry)

    @tool
    def WaiveError(self, batch: int, entry: int) -> int:
        """Waive the error of a wrong entry of a batch, the first wrong one.

        Args:
            batch: number of the batch.
            entry: number of the entry.

        Returns:
            by how much it is too low.

        Example:
            WaiveError(batch=0, entry=5) -> 3
        """
        return self.ledger.waive_error(batch, entry)

    def answer(self) -> dict[str, int]:
        """Check batches against their vouchers.

        Returns:
            the sums of errors "corrected" and "waived" and of the entry "numbers" corrected.
            Example: {"corrected": 64, "waived": 7, "numbers": 19}.
        """
        batches = copy.deepcopy(self.batches)
        errors = copy.deepcopy(self.errors)
        allowed = self.allowed
        patience = self.patience
        ledger = LedgerBatches(batches, errors)
        corrected = waived = numbers = 0
        for batch in range(len(batches)):
            facts = ledger.describe_batch(batch)
            last, done, patient = (facts["entries"] - 1, 0, patience)
            while patient >= 0 and ledger.compare_totals(batch, 0, last) > 0:
                low, high = (0, last)
                while low < high:
                    middle = (low + high) // 2
                    if ledger.compare_totals(batch, low, middle) > 0:
                        high = middle
                    else:
                        low = middle + 1
                error = ledger.compare_totals(batch, low, low)
                if error < facts["threshold"] or done == allowed:
                    waived += ledger.waive_error(batch, low)
                    patient -= error
                else:
                    corrected += ledger.correct_entry(batch, low)
                    numbers += low
                    done += 1
        return {"corrected": corrected, "waived": waived, "numbers": numbers}

    def solve(self, call):
        seen = call("Observe")
        allowed = seen["allowed"]
        patience = seen["patience"]
        corrected = waived = numbers = 0
        for batch in range(seen["batches"]):
            facts = call("DescribeBatch", batch=batch)
            last, done, patient = (facts["entries"] - 1, 0, patience)
            while patient >= 0 and call("CompareTotals", batch=batch, first=0, last=last) > 0:
                low, high = (0, last)
                while low < high:
                    middle = (low + high) // 2
                    if call("CompareTotals", batch=batch, first=low, last=middle) > 0:
                        high = middle
                    else:
                        low = middle + 1
                error = call("CompareTotals", batch=batch, first=low, last=low)
                if error < facts["threshold"] or done == allowed:
                    waived += call("WaiveError", batch=batch, entry=low)
                    patient -= error
                else:
                    corrected += call("CorrectEntry", batch=batch, entry=low)
                    numbers += low
                    done += 1
        return call("Done", answer={"corrected": corrected, "waived": waived, "numbers": numbers})

    @staticmethod
    def generate(rng, level):
        count, size, most = {"easy": (1, 6, 3), "medium": (2, 8, 3), "hard": (rng.randint(3, 4), 16, 5)}[level]
        batches, errors = ([], [])
        for _ in range(count):
            batches.append([rng.randint(20, 300) for _ in range(rng.randint(size - 1, size))])
            wrong = rng.sample(range(len(batches[-1])), rng.randint(most - 1, most))
            errors.append(
                [rng.choice([2, 3, 5, 7, 9, 12, 18, 27, 36]) if n in wrong else 0 for n in range(len(batches[-1]))]
            )
        return {"batches": batches, "errors": errors, "allowed": rng.randint(2, 3), "patience": rng.randint(5, 14)}
