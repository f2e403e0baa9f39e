"""A building site has steps, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


def _works(day: int) -> bool:
    return day % 7 < 5 and day % 31 != 18


def next_workday(day: int) -> int:
    """Find the next working day.

    Args:
        day: number of a day.

    Returns:
        the first working day that is this day or later.

    Example:
        next_workday(day=5) -> 7
    """
    while not _works(day):
        day += 1
    return day


def last_day(start: int, effort: int) -> int:
    """Work out on which day a step is finished.

    Args:
        start: the working day on which it starts.
        effort: its effort in working days, at least 1.

    Returns:
        its last working day.

    Example:
        last_day(start=3, effort=3) -> 7
    """
    if not _works(start) or effort < 1:
        raise ValueError(f"nobody works on day {start}, or the effort {effort} is below 1")
    for _ in range(effort - 1):
        start = next_workday(start + 1)
    return start


def latest_start(finish: int, effort: int) -> int:
    """Work out when a step has to start at the latest.

    Args:
        finish: the day at the end of which it has to be finished.
        effort: its effort in working days, at least 1.

    Returns:
        the working day on which it has to start.

    Example:
        latest_start(finish=8, effort=3) -> 4
    """
    if effort < 1:
        raise ValueError(f"the effort {effort} is below 1")
    day = finish + 1
    for _ in range(effort):
        day -= 1
        while not _works(day):
            day -= 1
    return day


def count_workdays(first: int, end: int) -> int:
    """Count working days.

    Args:
        first: the first day that counts.
        end: the day behind the last one that counts.

    Returns:
        the number of working days from first to the day before end.

    Example:
        count_workdays(first=3, end=8) -> 3
    """
    return sum(_works(day) for day in range(first, end))


class SiteCalendar(Environment):
    """A building site has steps, numbered from 0. `steps` lists for each step its effort in working days and the numbers
    of the steps that must be finished before it, all smaller than its own number. Days are numbered from 0; on some of
    them nobody works.

    Each step starts as early as possible: on the first working day that is at least 0 and later than the last days of
    all steps that must be finished before it. Its last day follows from its start and its effort. The site ends on the
    greatest last day of all steps.

    Then find for each step, from the highest number down to 0, the latest start that does not delay the end of the
    site: its latest finish is the end of the site or, if it is smaller, the day before the smallest latest start of the
    steps that have to wait for it. Its latest start follows from its latest finish and its effort.

    The slack of a step is the number of working days from its earliest start up to the day before its latest start.

    The answer is the end of the site, the number of steps without slack, and the sum of all slacks.

    The input is hidden (steps); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, steps: list[dict[str, int | list | list[int]]]) -> None:
        self.steps = steps

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "steps": number of items of steps.

        Example:
            Observe() -> {"steps": 4}
        """
        return {"steps": len(self.steps)}

    @tool
    def ReadStep(self, index: int) -> dict[str, int | list | list[int]]:
        """Read one item of steps.

        Args:
            index: position in steps, counted from 0.

        Returns:
            the item.

        Example:
            ReadStep(index=0) -> {"effort": 1, "after": []}
        """
        if not 0 <= index < len(self.steps):
            raise ValueError(f"index must be from 0 to {len(self.steps) - 1}, got {index}")
        return self.steps[index]

    @tool
    def NextWorkday(self, day: int) -> int:
        """Find the next working day.

        Args:
            day: number of a day.

        Returns:
            the first working day that is this day or later.

        Example:
            NextWorkday(day=5) -> 7
        """
        return next_workday(day)

    @tool
    def LastDay(self, start: int, effort: int) -> int:
        """Work out on which day a step is finished.

        Args:
            start: the working day on which it starts.
            effort: its effort in working days, at least 1.

        Returns:
            its last working day.

        Example:
            LastDay(start=3, effort=3) -> 7
        """
        return last_day(start, effort)

    @tool
    def LatestStart(self, finish: int, effort: int) -> int:
        """Work out when a step has to start at the latest.

        Args:
            finish: the day at the end of which it has to be finished.
            effort: its effort in working days, at least 1.

        Returns:
            the working day on which it has to start.

        Example:
            LatestStart(finish=8, effort=3) -> 4
        """
        return latest_start(finish, effort)

    @tool
    def CountWorkdays(self, first: int, end: int) -> int:
        """Count working days.

        Args:
            first: the first day that counts.
            end: the day behind the last one that counts.

        Returns:
            the number of working days from first to the day before end.

        Example:
            CountWorkdays(first=3, end=8) -> 3
        """
        return count_workdays(first, end)

    def answer(self) -> dict[str, int]:
        """Plan the site.

        Returns:
            the day of the "end", the number of "tight" steps and the sum of the "slack". Example:
            {"end": 31, "tight": 4, "slack": 12}.
        """
        steps = copy.deepcopy(self.steps)
        starts, ends = ([], [])
        for step in steps:
            ready = 0
            for other in step["after"]:
                ready = max(ready, ends[other] + 1)
            starts.append(next_workday(ready))
            ends.append(last_day(starts[-1], step["effort"]))
        finish = [max(ends)] * len(ends)
        tight = slack = 0
        for number in reversed(range(len(steps))):
            step = steps[number]
            latest = latest_start(finish[number], step["effort"])
            for other in step["after"]:
                finish[other] = min(finish[other], latest - 1)
            spare = count_workdays(starts[number], latest)
            tight += spare == 0
            slack += spare
        return {"end": max(ends), "tight": tight, "slack": slack}

    def solve(self, call):
        seen = call("Observe")
        starts, ends = ([], [])
        for step in (call("ReadStep", index=index) for index in range(seen["steps"])):
            ready = 0
            for other in step["after"]:
                ready = max(ready, ends[other] + 1)
            starts.append(call("NextWorkday", day=ready))
            ends.append(call("LastDay", start=starts[-1], effort=step["effort"]))
        finish = [max(ends)] * len(ends)
        tight = slack = 0
        for number in reversed(range(seen["steps"])):
            step = call("ReadStep", index=number)
            latest = call("LatestStart", finish=finish[number], effort=step["effort"])
            for other in step["after"]:
                finish[other] = min(finish[other], latest - 1)
            spare = call("CountWorkdays", first=starts[number], end=latest)
            tight += spare == 0
            slack += spare
        return call("Done", answer={"end": max(ends), "tight": tight, "slack": slack})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 4, "medium": rng.randint(7, 9), "hard": rng.randint(14, 22)}[level]
        steps = []
        for number in range(count):
            before = sorted(rng.sample(range(number), min(number, rng.randint(0, 2))))
            steps.append({"effort": rng.randint(1, 8), "after": before})
        return {"steps": steps}
