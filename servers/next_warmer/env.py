"""Days until it gets warmer: comparing days and following the links of a chart."""

from codegym_mcp import Environment, tool


class NextWarmer(Environment):
    """A weather log holds the temperature of each day. Days are numbered from 0. You can compare days, not read them.

    The next warmer day of a day is the first later day with a strictly higher temperature; its wait is the number of
    days from the one to the other. A day without a later warmer day waits forever.

    Find the total of all waits, the longest wait, and the number of days that wait forever. Days that wait forever
    count in neither of the first two numbers (both are 0 if all days do). You have a chart on which you note the next
    warmer day of each day; it is empty at first.
    """

    def reset(self, *, temperatures: list[int]) -> None:
        self.temperatures = temperatures
        self.chart = [None] * len(temperatures)

    def observe(self) -> dict[str, int]:
        """Show the length of the log and of the chart.

        Returns:
            the number of days ("days") and how many of them have an entry on the chart ("charted").

        Example:
            Observe() -> {"days": 8, "charted": 0}
        """
        return {"days": len(self.temperatures), "charted": sum(entry is not None for entry in self.chart)}

    @tool
    def CompareDays(self, day: int, other: int) -> str:
        """Compare the temperatures of two days.

        Args:
            day: number of a day, from 0 to days - 1.
            other: number of the day to compare it with.

        Returns:
            "warmer" if day is warmer than other, "colder" if it is colder, "equal" if the temperatures are the same.

        Example:
            CompareDays(day=3, other=2) -> "warmer"
        """
        difference = self.temperature(day) - self.temperature(other)
        return "warmer" if difference > 0 else "colder" if difference < 0 else "equal"

    @tool
    def ChartNext(self, day: int, target: int) -> int:
        """Note on the chart which day is the next warmer day of a day. An earlier entry of that day is replaced.

        The chart refuses, as an error, a target that is not later or not warmer than the day. It does not check that
        the target is the first such day, nor that an entry of -1 is right.

        Args:
            day: number of a day, from 0 to days - 1.
            target: number of its next warmer day, or -1 if there is none.

        Returns:
            the wait that this entry stands for, or -1 where target is -1.

        Example:
            ChartNext(day=2, target=5) -> 3
        """
        own = self.temperature(day)
        if target != -1 and (self.temperature(target) <= own or target < day):
            raise ValueError(f"target must be -1 or a day that is later and warmer than day {day}, got {target}")
        self.chart[day] = target
        return target if target == -1 else target - day

    @tool
    def FollowChart(self, days: list[int]) -> list[int]:
        """Read chart entries.

        Args:
            days: numbers of 1 to 4 days that have an entry on the chart.

        Returns:
            for each of them, in the same order, the target of its entry (-1 where that is the entry).

        Example:
            FollowChart(days=[2, 3]) -> [5, -1]
        """
        if not 1 <= len(days) <= 4:
            raise ValueError(f"expected 1 to 4 days, got {len(days)}")
        return [self.entry(day) for day in days]

    @tool
    def SummarizeChart(self, low: int, high: int) -> dict[str, int]:
        """Add up the chart over a range of days that all have an entry.

        Args:
            low: first day of the range, at least 0.
            high: last day of the range, at most low + 9 and at most days - 1.

        Returns:
            the total of the waits ("total"), the longest of them, 0 if there is none ("longest"), and the number of
            days whose entry is -1 ("forever").

        Example:
            SummarizeChart(low=0, high=7) -> {"total": 9, "longest": 4, "forever": 2}
        """
        last = len(self.chart) - 1
        if not 0 <= low <= high <= min(low + 9, last):
            raise ValueError(f"low to high must be at most 10 days within 0 to {last}, got {low} to {high}")
        waits = [self.entry(day) - day for day in range(low, high + 1) if self.entry(day) != -1]
        return {"total": sum(waits), "longest": max(waits, default=0), "forever": high - low + 1 - len(waits)}

    def temperature(self, day: int) -> int:
        if not 0 <= day < len(self.temperatures):
            raise ValueError(f"a day must be from 0 to {len(self.temperatures) - 1}, got {day}")
        return self.temperatures[day]

    def entry(self, day: int) -> int:
        self.temperature(day)
        if self.chart[day] is None:
            raise ValueError(f"day {day} has no entry on the chart")
        return self.chart[day]

    def answer(self) -> list[int]:
        """Total of the waits, longest wait, days that wait forever.

        Returns:
            a list of three integers: the total of all waits, the longest wait, the number of days that wait forever.
        """
        waits, pending = [], []
        for day, temperature in enumerate(self.temperatures):
            while pending and self.temperatures[pending[-1]] < temperature:
                waits.append(day - pending.pop())
            pending.append(day)
        return [sum(waits), max(waits, default=0), len(pending)]

    def solve(self, call):
        days = call("Observe")["days"]
        for day in range(days - 1, -1, -1):
            target = day + 1 if day + 1 < days else -1
            while target != -1 and call("CompareDays", day=target, other=day) != "warmer":
                target = call("FollowChart", days=[target])[0]
            call("ChartNext", day=day, target=target)
        parts = [call("SummarizeChart", low=low, high=min(low + 9, days - 1)) for low in range(0, days, 10)]
        total, forever = sum(part["total"] for part in parts), sum(part["forever"] for part in parts)
        return call("Done", answer=[total, max(part["longest"] for part in parts), forever])

    @staticmethod
    def generate(rng, level):
        low, high = {"easy": (4, 6), "medium": (9, 15), "hard": (28, 50)}[level]
        spread = rng.randint(6, 25)
        drift = rng.choice([-0.3, 0, 0.3])
        days = rng.randint(low, high)
        return {"temperatures": [rng.randint(5, 5 + spread) + round(drift * day) for day in range(days)]}
