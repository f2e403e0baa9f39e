"""A producer of sweets recalls lots."""

from collections import deque
import copy

from codegym_mcp import Environment, tool


class RecallOffice:
    """Records of what was made out of what."""

    def __init__(self, notice: list[str], lots: dict[str, list]) -> None:
        self._notice, self._lots = notice, lots
        self._blocked: list[str] = []

    def _lot(self, lot: str) -> list:
        if lot not in self._lots:
            raise ValueError(f"there is no lot {lot!r}")
        return self._lots[lot]

    def read_notice(self) -> list[str]:
        """Read the recall notice.

        Returns:
            the names of the lots on it, in its order.

        Example:
            read_notice() -> ["S4", "S1"]
        """
        return list(self._notice)

    def block_lot(self, lot: str) -> int:
        """Block a lot that has not been blocked.

        Args:
            lot: name of the lot.

        Returns:
            the units of it that are still in the house.

        Example:
            block_lot(lot="S4") -> 35
        """
        units = self._lot(lot)[0]
        if lot in self._blocked:
            raise ValueError(f"lot {lot} is blocked already")
        self._blocked.append(lot)
        return units

    def list_made_from(self, lot: str) -> list[str]:
        """List the lots that were made out of a lot.

        Args:
            lot: name of the lot.

        Returns:
            names of lots in the order of the records.

        Example:
            list_made_from(lot="S4") -> ["C2", "C7"]
        """
        self._lot(lot)
        return [name for name, record in self._lots.items() if lot in record[1]]

    def share_of(self, lot: str, product: str) -> int:
        """Tell the share of a lot in a lot that was made out of it.

        Args:
            lot: name of the lot that went in.
            product: name of the lot that was made.

        Returns:
            the share in per mille.

        Example:
            share_of(lot="S4", product="C2") -> 640
        """
        if lot not in self._lot(product)[1]:
            raise ValueError(f"lot {product} was not made out of {lot}")
        return self._lots[product][1][lot]

    def warn_customers(self, lot: str) -> int:
        """Warn the customers of a blocked lot who have not been warned of it or of a lot it was made out of.

        Args:
            lot: name of the blocked lot.

        Returns:
            how many warnings were given.

        Example:
            warn_customers(lot="C2") -> 3
        """
        if lot not in self._blocked:
            raise ValueError(f"lot {lot} is not blocked")
        warned = [who for name in self._lots[lot][1] if name in self._blocked for who in self._lots[name][2]]
        return len([who for who in self._lots[lot][2] if who not in warned])


class RecallTrace(Environment):
    """A producer of sweets recalls lots. Those of the recall notice have a taint of 1000 (per mille) and wait in a line in
    the order of the notice; each lot that is found tainted later joins the end of the line.

    Take the lot at the head of the line, until the line is empty:

    1. Block it, which destroys its units that are still in the house.
    2. Look at the lots that were made out of it, in the order of the records. The taint that such a lot gets from this
    one is
       this one's taint times its share in that lot (in per mille), divided by 1000 and rounded down.
    3. A lot that has never been in the line joins it with that taint, if it is at least the threshold. A lot still
    waiting
       keeps its place and gets the greater of both taints. A lot taken from the line before is left alone.
    4. If the blocked lot's taint is at least the alarm level, its customers are warned.

    Find the number of blocked lots, the units destroyed, the number of warnings, and the sum of the taints of the
    blocked lots.

    The input is hidden (notice, lots); the tools give access to it. Observe shows what is known from the start: sizes,
    and threshold, alarm.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, notice: list[str], lots: dict[str, list], threshold: int, alarm: int) -> None:
        self.notice = notice
        self.lots = lots
        self.threshold = threshold
        self.alarm = alarm
        self.office = RecallOffice(copy.deepcopy(self.notice), copy.deepcopy(self.lots))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "threshold": a whole number, given as it is.
            "alarm": a whole number, given as it is.
            "notice": number of items of notice.
            "lots": number of keys of lots.

        Example:
            Observe() -> {"threshold": 127, "alarm": 483, "notice": 2, "lots": 6}
        """
        return {"threshold": self.threshold, "alarm": self.alarm, "notice": len(self.notice), "lots": len(self.lots)}

    @tool
    def ReadNotice(self) -> list[str]:
        """Read the recall notice.

        Returns:
            the names of the lots on it, in its order.

        Example:
            ReadNotice() -> ["S4", "S1"]
        """
        return self.office.read_notice()

    @tool
    def BlockLot(self, lot: str) -> int:
        """Block a lot that has not been blocked.

        Args:
            lot: name of the lot.

        Returns:
            the units of it that are still in the house.

        Example:
            BlockLot(lot="S4") -> 35
        """
        return self.office.block_lot(lot)

    @tool
    def ListMadeFrom(self, lot: str) -> list[str]:
        """List the lots that were made out of a lot.

        Args:
            lot: name of the lot.

        Returns:
            names of lots in the order of the records.

        Example:
            ListMadeFrom(lot="S4") -> ["C2", "C7"]
        """
        return self.office.list_made_from(lot)

    @tool
    def ShareOf(self, lot: str, product: str) -> int:
        """Tell the share of a lot in a lot that was made out of it.

        Args:
            lot: name of the lot that went in.
            product: name of the lot that was made.

        Returns:
            the share in per mille.

        Example:
            ShareOf(lot="S4", product="C2") -> 640
        """
        return self.office.share_of(lot, product)

    @tool
    def WarnCustomers(self, lot: str) -> int:
        """Warn the customers of a blocked lot who have not been warned of it or of a lot it was made out of.

        Args:
            lot: name of the blocked lot.

        Returns:
            how many warnings were given.

        Example:
            WarnCustomers(lot="C2") -> 3
        """
        return self.office.warn_customers(lot)

    def answer(self) -> list[int]:
        """Trace a recall.

        Returns:
            [blocked lots, units destroyed, warnings, sum of the taints], such as [6, 140, 5, 4310].
        """
        notice = copy.deepcopy(self.notice)
        lots = copy.deepcopy(self.lots)
        threshold = self.threshold
        alarm = self.alarm
        office = RecallOffice(notice, lots)
        taints, line, taken = ({}, deque(), [])
        for name in office.read_notice():
            taints[name] = 1000
            line.append(name)
        units = warnings = total = 0
        while line:
            lot = line.popleft()
            taken.append(lot)
            total += taints[lot]
            units += office.block_lot(lot)
            for product in office.list_made_from(lot):
                if product in taken:
                    continue
                taint = taints[lot] * office.share_of(lot, product) // 1000
                if product in line:
                    taints[product] = max(taints[product], taint)
                elif taint >= threshold:
                    taints[product] = taint
                    line.append(product)
            if taints[lot] >= alarm:
                warnings += office.warn_customers(lot)
        return [len(taken), units, warnings, total]

    def solve(self, call):
        seen = call("Observe")
        threshold = seen["threshold"]
        alarm = seen["alarm"]
        taints, line, taken = ({}, deque(), [])
        for name in call("ReadNotice"):
            taints[name] = 1000
            line.append(name)
        units = warnings = total = 0
        while line:
            lot = line.popleft()
            taken.append(lot)
            total += taints[lot]
            units += call("BlockLot", lot=lot)
            for product in call("ListMadeFrom", lot=lot):
                if product in taken:
                    continue
                taint = taints[lot] * call("ShareOf", lot=lot, product=product) // 1000
                if product in line:
                    taints[product] = max(taints[product], taint)
                elif taint >= threshold:
                    taints[product] = taint
                    line.append(product)
            if taints[lot] >= alarm:
                warnings += call("WarnCustomers", lot=lot)
        return call("Done", answer=[len(taken), units, warnings, total])

    @staticmethod
    def generate(rng, level):
        sizes = {"easy": [2, 2, 2], "medium": [3, 5, 5], "hard": [4, 9, 9, rng.randint(9, 12)]}[level]
        lots, before = ({}, [])
        for depth, size in enumerate(sizes):
            row = [f"{'SCBX'[depth]}{number}" for number in rng.sample(range(1, 40), size)]
            for name in row:
                sources = rng.sample(before, min(len(before), rng.randint(1, 3)))
                shares = {source: rng.randint(150, 900) // max(1, len(sources) - 1) for source in sources}
                lots[name] = [
                    rng.randint(0, 60),
                    shares,
                    rng.sample(["Ada", "Bo", "Cy", "Dot", "Eli"], rng.randint(1, 3)),
                ]
            before = before[-4:] + row
        notice = rng.sample([name for name in lots if name[0] == "S"], rng.randint(2, sizes[0]))
        return {"notice": notice, "lots": lots, "threshold": rng.randint(60, 140), "alarm": rng.randint(200, 500)}
