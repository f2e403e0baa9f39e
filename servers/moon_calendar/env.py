"""In an invented land days are written as year, month and day; months and days are numbered from 1."""

import copy

from codegym_mcp import Environment, tool


class Calendar:
    """The rules of the calendar, the feasts and the extra days."""

    def __init__(self, feasts: list[int], year: int, pattern: list[int], strokes: int) -> None:
        self.feasts, self.year, self.pattern, self.strokes = feasts, year, pattern, strokes
        self.extra: dict[str, int] = {}

    def read_feast(self, feast: int) -> int:
        """Read how many days have to be counted on to a feast.

        Args:
            feast: its number, from 0.

        Returns:
            the number of days.

        Example:
            read_feast(feast=0) -> 17
        """
        if not 0 <= feast < len(self.feasts):
            raise ValueError(f"feast must be from 0 to {len(self.feasts) - 1}, got {feast}")
        return self.feasts[feast]

    def count_months(self, year: int) -> int:
        """Tell how many months a year has.

        Args:
            year: the year.

        Returns:
            the number of months.

        Example:
            count_months(year=312) -> 5
        """
        return self.pattern[0] + (1 if year % self.pattern[1] == 0 else 0)

    def count_days(self, year: int, month: int) -> int:
        """Tell how many days a month has, with extra days.

        Args:
            year: the year.
            month: the month, from 1.

        Returns:
            the number of days.

        Example:
            count_days(year=312, month=2) -> 9
        """
        if not 1 <= month <= self.count_months(year):
            raise ValueError(f"in {year} months go from 1 to {self.count_months(year)}, got {month}")
        return self.pattern[2] + (year + 2 * month) % self.pattern[3] + self.extra.get(f"{year}-{month}", 0)

    def strike(self, year: int, month: int, day: int) -> int:
        """Let the bells strike on a day.

        Args:
            year: the year.
            month: the month, from 1.
            day: the day, from 1.

        Returns:
            the number of strokes.

        Example:
            strike(year=312, month=2, day=4) -> 9
        """
        if not 1 <= day <= self.count_days(year, month):
            raise ValueError(f"month {month} of {year} has no day {day}")
        return 1 + (year * 7 + month * 5 + day * 3) % 12

    def add_day(self, year: int, month: int) -> int:
        """Give a month an extra day at its end.

        Args:
            year: the year.
            month: the month, from 1.

        Returns:
            how many days the month has now.

        Example:
            add_day(year=312, month=2) -> 10
        """
        days = self.count_days(year, month)
        self.extra[f"{year}-{month}"] = self.extra.get(f"{year}-{month}", 0) + 1
        return days + 1


class MoonCalendar(Environment):
    """In an invented land days are written as year, month and day; months and days are numbered from 1. How many months a
    year has depends on the year; how many days a month has depends on the year and the month. After the last day of the
    last month comes the first day of the next year.

    Feasts are numbered from 0 and celebrated in this order. Feast 0 is reckoned from the first day of the year `year`;
    each later feast is reckoned from the day of the feast before it. A feast tells how many days have to be counted on:
    one day after the 4th of a month is its 5th, if there is one.

    On the day of a feast bells strike. If they strike `strokes` times or more, the month of the feast gets one extra
    day at its end, in this year only; this counts for all feasts that are reckoned afterwards. A month can get several
    extra days.

    The answer is the sum of all strokes, and the day of the last feast, as year, month and day.

    The input is hidden (feasts, pattern); the tools give access to it. Observe shows what is known from the start:
    sizes, and year, strokes.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, feasts: list[int], year: int, pattern: list[int], strokes: int) -> None:
        self.feasts = feasts
        self.year = year
        self.pattern = pattern
        self.strokes = strokes
        self.calendar = Calendar(copy.deepcopy(self.feasts), self.year, copy.deepcopy(self.pattern), self.strokes)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "year": a whole number, given as it is.
            "strokes": a whole number, given as it is.
            "feasts": number of items of feasts.
            "pattern": number of items of pattern.

        Example:
            Observe() -> {"year": 843, "strokes": 9, "feasts": 3, "pattern": 4}
        """
        return {"year": self.year, "strokes": self.strokes, "feasts": len(self.feasts), "pattern": len(self.pattern)}

    @tool
    def ReadFeast(self, feast: int) -> int:
        """Read how many days have to be counted on to a feast.

        Args:
            feast: its number, from 0.

        Returns:
            the number of days.

        Example:
            ReadFeast(feast=0) -> 17
        """
        return self.calendar.read_feast(feast)

    @tool
    def CountMonths(self, year: int) -> int:
        """Tell how many months a year has.

        Args:
            year: the year.

        Returns:
            the number of months.

        Example:
            CountMonths(year=312) -> 5
        """
        return self.calendar.count_months(year)

    @tool
    def CountDays(self, year: int, month: int) -> int:
        """Tell how many days a month has, with extra days.

        Args:
            year: the year.
            month: the month, from 1.

        Returns:
            the number of days.

        Example:
            CountDays(year=312, month=2) -> 9
        """
        return self.calendar.count_days(year, month)

    @tool
    def Strike(self, year: int, month: int, day: int) -> int:
        """Let the bells strike on a day.

        Args:
            year: the year.
            month: the month, from 1.
            day: the day, from 1.

        Returns:
            the number of strokes.

        Example:
            Strike(year=312, month=2, day=4) -> 9
        """
        return self.calendar.strike(year, month, day)

    @tool
    def AddDay(self, year: int, month: int) -> int:
        """Give a month an extra day at its end.

        Args:
            year: the year.
            month: the month, from 1.

        Returns:
            how many days the month has now.

        Example:
            AddDay(year=312, month=2) -> 10
        """
        return self.calendar.add_day(year, month)

    def answer(self) -> dict[str, int]:
        """Celebrate the feasts.

        Returns:
            the sum of the "strokes", and "year", "month" and "day". Example: {"strokes": 31, "year": 313, "month": 4,
                "day": 2}.
        """
        feasts = copy.deepcopy(self.feasts)
        year = self.year
        pattern = copy.deepcopy(self.pattern)
        strokes = self.strokes
        calendar = Calendar(feasts, year, pattern, strokes)
        total, now, month, day = (0, year, 1, 1)
        for feast in range(len(feasts)):
            left = calendar.read_feast(feast)
            rest = calendar.count_days(now, month) - day
            while left > rest:
                left -= rest + 1
                day = 1
                month += 1
                if month > calendar.count_months(now):
                    now, month = (now + 1, 1)
                rest = calendar.count_days(now, month) - 1
            day += left
            struck = calendar.strike(now, month, day)
            total += struck
            if struck >= strokes:
                calendar.add_day(now, month)
        return {"strokes": total, "year": now, "month": month, "day": day}

    def solve(self, call):
        seen = call("Observe")
        year = seen["year"]
        strokes = seen["strokes"]
        total, now, month, day = (0, year, 1, 1)
        for feast in range(seen["feasts"]):
            left = call("ReadFeast", feast=feast)
            rest = call("CountDays", year=now, month=month) - day
            while left > rest:
                left -= rest + 1
                day = 1
                month += 1
                if month > call("CountMonths", year=now):
                    now, month = (now + 1, 1)
                rest = call("CountDays", year=now, month=month) - 1
            day += left
            struck = call("Strike", year=now, month=month, day=day)
            total += struck
            if struck >= strokes:
                call("AddDay", year=now, month=month)
        return call("Done", answer={"strokes": total, "year": now, "month": month, "day": day})

    @staticmethod
    def generate(rng, level):
        count, longest = {"easy": (3, 11), "medium": (5, 20), "hard": (rng.randint(9, 14), 34)}[level]
        feasts = [rng.randint(3, longest) for _ in range(count)]
        pattern = [rng.randint(3, 6), rng.randint(2, 4), rng.randint(5, 8), rng.randint(3, 6)]
        return {"feasts": feasts, "year": rng.randint(100, 900), "pattern": pattern, "strokes": rng.randint(5, 9)}
