"""Load the most valuable parcels into a van: a table of rows, one parcel each, improved by ranges."""

from codegym_mcp import Environment, tool


class KnapsackVan(Environment):
    """A van can carry a limited weight. Choose the parcels whose fees together are the highest possible.

    Parcels are numbered from 0; each has a weight in whole kilos (at least 1) and a fee, both hidden. Each parcel can
    be loaded once or left behind, and the total weight must not exceed the van's capacity.

    A planning table helps. Its rows are numbered from 0 and each has an entry for every limit from 0 to capacity kilos.
    At first there is row 0 alone, with 0 in every entry. You can add rows, one for each parcel, and improve their
    entries by ranges. Only the last row can be improved, and always from the row just before it.

    The answer lists the numbers of the parcels chosen, each once, in any order. If several choices reach the highest
    sum of fees, any of them is right. Putting parcels into the van is optional: only the answer counts.
    """

    def reset(self, *, parcels: list[list[int]], capacity: int) -> None:
        self.parcels, self.capacity = parcels, capacity
        self.rows = [[0] * (capacity + 1)]
        self.added: list[int] = []
        self.loaded: list[int] = []

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of parcels ("parcels") and the capacity of the van in kilos ("capacity").

        Example:
            Observe() -> {"parcels": 4, "capacity": 25}
        """
        return {"parcels": len(self.parcels), "capacity": self.capacity}

    @tool
    def ReadLabel(self, parcel: int) -> list[int]:
        """Read the label of one parcel.

        Args:
            parcel: number of the parcel, from 0 to parcels - 1.

        Returns:
            its weight in kilos and its fee.

        Example:
            ReadLabel(parcel=0) -> [7, 30]
        """
        self._require_parcel(parcel)
        return self.parcels[parcel]

    @tool
    def AddRow(self, parcel: int) -> int:
        """Add a row for a parcel at the end of the table. Its entries are copied from the row before it.

        Args:
            parcel: number of a parcel that has no row yet.

        Returns:
            the number of the new row (row 0 belongs to no parcel).

        Example:
            AddRow(parcel=0) -> 1
        """
        self._require_parcel(parcel)
        if parcel in self.added:
            raise ValueError(f"parcel {parcel} has row {self.added.index(parcel) + 1} already")
        self.added.append(parcel)
        self.rows.append(list(self.rows[-1]))
        return len(self.added)

    @tool
    def ImproveRange(self, low: int, high: int) -> int:
        """Consider the last row's parcel for a range of limits.

        For each limit in the range that is at least the parcel's weight: the entry becomes the parcel's fee plus the
        entry of the row before at (limit - weight), if that is higher than the present entry.

        Args:
            low: first limit of the range, at least 0.
            high: last limit of the range, at most low + 14 and at most the capacity.

        Returns:
            how many entries became higher.

        Example:
            ImproveRange(low=0, high=14) -> 8
        """
        if not self.added:
            raise ValueError("there is no row to improve; add one with AddRow")
        if not 0 <= low <= high <= min(low + 14, self.capacity):
            raise ValueError(
                f"the range must lie within 0 to {self.capacity}, of at most 15 limits, got {low} to {high}"
            )
        weight, fee = self.parcels[self.added[-1]]
        before, row, raised = self.rows[-2], self.rows[-1], 0
        for limit in range(max(low, weight), high + 1):
            if before[limit - weight] + fee > row[limit]:
                row[limit] = before[limit - weight] + fee
                raised += 1
        return raised

    @tool
    def ReadEntry(self, row: int, limit: int) -> int:
        """Read one entry of the table.

        Args:
            row: number of the row, from 0 to the number of rows added.
            limit: from 0 to capacity.

        Returns:
            the entry as it is at present.

        Example:
            ReadEntry(row=1, limit=10) -> 30
        """
        if not (0 <= row < len(self.rows) and 0 <= limit <= self.capacity):
            raise ValueError(f"row must be at most {len(self.rows) - 1} and limit at most {self.capacity}")
        return self.rows[row][limit]

    @tool
    def LoadParcel(self, parcel: int) -> dict[str, int]:
        """Put a parcel into the van, if it is still free to carry its weight. Parcels are not taken out again.

        Args:
            parcel: number of a parcel that is not in the van.

        Returns:
            the kilos that the van can still carry ("free") and the sum of the fees of all parcels in it ("fees").

        Example:
            LoadParcel(parcel=0) -> {"free": 18, "fees": 30}
        """
        self._require_parcel(parcel)
        if parcel in self.loaded:
            raise ValueError(f"parcel {parcel} is in the van already")
        self.loaded.append(parcel)
        free = self.capacity - sum(self.parcels[p][0] for p in self.loaded)
        if free < 0:
            raise ValueError(f"parcel {parcel} is too heavy: it exceeds what the van can still carry by {-free} kilos")
        return {"free": free, "fees": sum(self.parcels[p][1] for p in self.loaded)}

    def _require_parcel(self, parcel: int) -> None:
        if not 0 <= parcel < len(self.parcels):
            raise ValueError(f"parcel must be from 0 to {len(self.parcels) - 1}, got {parcel}")

    def answer(self) -> list[int]:
        """A most valuable load.

        Returns:
            the numbers of the parcels chosen, each once, in any order, e.g. [0, 3].
        """
        best = {0: (0, [])}  # weight -> highest sum of fees, and a choice for it
        for parcel, (weight, fee) in enumerate(self.parcels):
            for total, (fees, chosen) in list(best.items()):
                if total + weight <= self.capacity and fees + fee > best.get(total + weight, (-1,))[0]:
                    best[total + weight] = (fees + fee, [*chosen, parcel])
        return max(best.values())[1]

    def check(self, answer, reference) -> bool:
        if type(answer) is not list or any(type(p) is not int or not 0 <= p < len(self.parcels) for p in answer):
            return False
        if len(set(answer)) < len(answer) or sum(self.parcels[p][0] for p in answer) > self.capacity:
            return False
        return sum(self.parcels[p][1] for p in answer) == sum(self.parcels[p][1] for p in reference)

    def solve(self, call):
        seen, weights = call("Observe"), []
        for parcel in range(seen["parcels"]):
            weights.append(call("ReadLabel", parcel=parcel)[0])
            call("AddRow", parcel=parcel)
            for low in range(weights[-1], seen["capacity"] + 1, 15):
                call("ImproveRange", low=low, high=min(low + 14, seen["capacity"]))
        free, chosen = seen["capacity"], []
        entry = call("ReadEntry", row=seen["parcels"], limit=free)
        for parcel in reversed(range(seen["parcels"])):
            above = call("ReadEntry", row=parcel, limit=free)
            if above < entry:
                chosen.append(parcel)
                free = call("LoadParcel", parcel=parcel)["free"]
                above = call("ReadEntry", row=parcel, limit=free)
            entry = above
        return call("Done", answer=sorted(chosen))

    @staticmethod
    def generate(rng, level):
        count, capacity = {
            "easy": (4, rng.randint(14, 20)),
            "medium": (rng.randint(5, 6), rng.randint(30, 50)),
            "hard": (rng.randint(8, 11), rng.randint(60, 100)),
        }[level]
        weights = [rng.randint(capacity // 12 + 1, capacity * 3 // 5) for _ in range(count)]
        return {"parcels": [[w, 2 * w + rng.randint(1, capacity)] for w in weights], "capacity": capacity}
