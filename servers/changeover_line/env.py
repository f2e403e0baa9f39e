"""A filling line runs lots, numbered from 0; each has a drink and a due hour."""

import copy

from codegym_mcp import Environment, tool


class FillingLine:
    """Lots and the state of the line."""

    def __init__(self, lots: list[list], cleaning: dict[str, dict[str, int]]) -> None:
        self._lots, self._cleaning = lots, cleaning
        self._hour, self._drink = 0, "water"
        self._ran = [False] * len(lots)

    def read_lot(self, lot: int) -> dict[str, int | str]:
        """Read the label of a lot.

        Args:
            lot: number of the lot, from 0.

        Returns:
            its "drink" and its "due" hour.

        Example:
            read_lot(lot=0) -> {"drink": "cola", "due": 14}
        """
        if not 0 <= lot < len(self._lots):
            raise ValueError(f"lot must be from 0 to {len(self._lots) - 1}, got {lot}")
        return {"drink": self._lots[lot][0], "due": self._lots[lot][1]}

    def cleaning_hours(self, drink: str) -> int:
        """Tell how long cleaning would take now before a drink can be run.

        Args:
            drink: name of the drink.

        Returns:
            the hours, after the drink that ran last.

        Example:
            cleaning_hours(drink="cola") -> 2
        """
        if drink not in self._cleaning[self._drink]:
            raise ValueError(f"drink must be one of {sorted(self._cleaning[self._drink])}, got {drink!r}")
        return self._cleaning[self._drink][drink]

    def run_lot(self, lot: int) -> dict[str, int]:
        """Clean the line and run a lot that has not been run.

        Args:
            lot: number of the lot.

        Returns:
            the "cleaned" hours and the hour of the "end".

        Example:
            run_lot(lot=0) -> {"cleaned": 2, "end": 7}
        """
        drink = self.read_lot(lot)["drink"]
        if self._ran[lot]:
            raise ValueError(f"lot {lot} has been run")
        cleaned = self.cleaning_hours(drink)
        self._ran[lot], self._drink = True, drink
        self._hour += cleaned + self._lots[lot][2]
        return {"cleaned": cleaned, "end": self._hour}

    def lots_in_danger(self, alarm: int) -> list[int]:
        """List the lots not yet run that are in danger now.

        Args:
            alarm: the alarm hours.

        Returns:
            numbers of lots in ascending order.

        Example:
            lots_in_danger(alarm=5) -> [2]
        """
        return [n for n, (_, due, _) in enumerate(self._lots) if not self._ran[n] and due < self._hour + alarm]


class ChangeoverLine(Environment):
    """A filling line runs lots, numbered from 0; each has a drink and a due hour. The clock of the line is at hour 0, and
    the line is set up for "water".

    Choose the next lot among those not yet run, until all are run:

    - If there are lots in danger, only these are looked at. A lot is in danger if its due hour is less than the present
    hour
      plus the alarm hours.
    - If the last lots run, at least "most" of them in a row, had the same drink, lots of this drink are not looked at,
    unless
      there are no others among those looked at.
    - Of the lots looked at, the one whose drink now needs the shortest cleaning is chosen; of equal ones the one with
    the
      earliest due hour; then the one with the lowest number.

    Cleaning and run of the chosen lot move the clock. A lot is late by the hours that its end lies after its due hour.

    Find the hour at which the last lot ends, the sum of all cleaning hours, and the sum of the hours by which lots are
    late.

    The input is hidden (lots, cleaning); the tools give access to it. Observe shows what is known from the start:
    sizes, and alarm, most.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, lots: list[list[int | str]], cleaning: dict[str, dict[str, int]], alarm: int, most: int) -> None:
        self.lots = lots
        self.cleaning = cleaning
        self.alarm = alarm
        self.most = most
        self.line = FillingLine(copy.deepcopy(self.lots), copy.deepcopy(self.cleaning))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "alarm": a whole number, given as it is.
            "most": a whole number, given as it is.
            "lots": number of items of lots.
            "cleaning": number of keys of cleaning.

        Example:
            Observe() -> {"alarm": 4, "most": 3, "lots": 4, "cleaning": 3}
        """
        return {"alarm": self.alarm, "most": self.most, "lots": len(self.lots), "cleaning": len(self.cleaning)}

    @tool
    def ReadLot(self, lot: int) -> dict[str, int | str]:
        """Read the label of a lot.

        Args:
            lot: number of the lot, from 0.

        Returns:
            its "drink" and its "due" hour.

        Example:
            ReadLot(lot=0) -> {"drink": "cola", "due": 14}
        """
        return self.line.read_lot(lot)

    @tool
    def CleaningHours(self, drink: str) -> int:
        """Tell how long cleaning would take now before a drink can be run.

        Args:
            drink: name of the drink.

        Returns:
            the hours, after the drink that ran last.

        Example:
            CleaningHours(drink="cola") -> 2
        """
        return self.line.cleaning_hours(drink)

    @tool
    def RunLot(self, lot: int) -> dict[str, int]:
        """Clean the line and run a lot that has not been run.

        Args:
            lot: number of the lot.

        Returns:
            the "cleaned" hours and the hour of the "end".

        Example:
            RunLot(lot=0) -> {"cleaned": 2, "end": 7}
        """
        return self.line.run_lot(lot)

    @tool
    def LotsInDanger(self, alarm: int) -> list[int]:
        """List the lots not yet run that are in danger now.

        Args:
            alarm: the alarm hours.

        Returns:
            numbers of lots in ascending order.

        Example:
            LotsInDanger(alarm=5) -> [2]
        """
        return self.line.lots_in_danger(alarm)

    def answer(self) -> list[int]:
        """Run the lots of a filling line.

        Returns:
            [last hour, cleaning hours, hours late], such as [41, 9, 12].
        """
        lots = copy.deepcopy(self.lots)
        cleaning = copy.deepcopy(self.cleaning)
        alarm = self.alarm
        most = self.most
        line = FillingLine(lots, cleaning)
        labels = []
        for lot in range(len(lots)):
            labels.append(line.read_lot(lot))
        pending, hour, washed, late = (list(range(len(lots))), 0, 0, 0)
        drink, row = ("water", 0)
        while pending:
            looked_at = line.lots_in_danger(alarm) or pending
            if row >= most:
                looked_at = [lot for lot in looked_at if labels[lot]["drink"] != drink] or looked_at
            best, cleanings = ([], {})
            for lot in looked_at:
                name = labels[lot]["drink"]
                if name not in cleanings:
                    cleanings[name] = line.cleaning_hours(name)
                key = [cleanings[name], labels[lot]["due"], lot]
                best = key if not best or key < best else best
            run = line.run_lot(best[2])
            hour, washed = (run["end"], washed + run["cleaned"])
            late += max(0, hour - best[1])
            row = row + 1 if labels[best[2]]["drink"] == drink else 1
            drink = labels[best[2]]["drink"]
            pending.remove(best[2])
        return [hour, washed, late]

    def solve(self, call):
        seen = call("Observe")
        alarm = seen["alarm"]
        most = seen["most"]
        labels = []
        for lot in range(seen["lots"]):
            labels.append(call("ReadLot", lot=lot))
        pending, hour, washed, late = (list(range(seen["lots"])), 0, 0, 0)
        drink, row = ("water", 0)
        while pending:
            looked_at = call("LotsInDanger", alarm=alarm) or pending
            if row >= most:
                looked_at = [lot for lot in looked_at if labels[lot]["drink"] != drink] or looked_at
            best, cleanings = ([], {})
            for lot in looked_at:
                name = labels[lot]["drink"]
                if name not in cleanings:
                    cleanings[name] = call("CleaningHours", drink=name)
                key = [cleanings[name], labels[lot]["due"], lot]
                best = key if not best or key < best else best
            run = call("RunLot", lot=best[2])
            hour, washed = (run["end"], washed + run["cleaned"])
            late += max(0, hour - best[1])
            row = row + 1 if labels[best[2]]["drink"] == drink else 1
            drink = labels[best[2]]["drink"]
            pending.remove(best[2])
        return call("Done", answer=[hour, washed, late])

    @staticmethod
    def generate(rng, level):
        count, kinds = {"easy": (4, 2), "medium": (7, 3), "hard": (rng.randint(15, 20), 5)}[level]
        drinks = rng.sample(["cola", "juice", "tea", "cider", "milk", "tonic"], kinds)
        cleaning = {}
        for one in ["water", *drinks]:
            cleaning[one] = {two: 0 if one == two else rng.randint(1, 5) for two in ["water", *drinks]}
        lots = [[rng.choice(drinks), rng.randint(4, count * 5), rng.randint(1, 6)] for _ in range(count)]
        return {"lots": lots, "cleaning": cleaning, "alarm": rng.randint(3, 8), "most": rng.randint(2, 3)}
