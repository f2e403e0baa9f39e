"""A tower has dials, numbered from 0."""

import copy
import math

from codegym_mcp import Environment, tool


class Tower:
    """The dials with their hands and marks."""

    def __init__(self, periods: list[int], hands: list[int], marks: list[int], shifts: list[int], rings: int) -> None:
        self.periods, self.hands, self.marks, self.shifts, self.rings = periods, hands, list(marks), shifts, rings
        self.hour = 0

    def _check(self, dial: int) -> None:
        if not 0 <= dial < len(self.periods):
            raise ValueError(f"dial must be from 0 to {len(self.periods) - 1}, got {dial}")

    def period(self, dial: int) -> int:
        """Tell how many places a dial has.

        Args:
            dial: its number, from 0.

        Returns:
            the period.

        Example:
            period(dial=0) -> 6
        """
        self._check(dial)
        return self.periods[dial]

    def on_mark(self, dial: int) -> bool:
        """Tell whether the hand of a dial stands on the mark at this hour.

        Args:
            dial: its number, from 0.

        Returns:
            whether it does.

        Example:
            on_mark(dial=0) -> false
        """
        self._check(dial)
        return (self.hands[dial] + self.hour) % self.periods[dial] == self.marks[dial]

    def wait(self, hours: int) -> int:
        """Wait some hours.

        Args:
            hours: how many, at least 1.

        Returns:
            how many hands stand on their marks afterwards.

        Example:
            wait(hours=2) -> 1
        """
        if hours < 1:
            raise ValueError(f"hours must be at least 1, got {hours}")
        self.hour += hours
        return sum(self.on_mark(dial) for dial in range(len(self.periods)))

    def ring(self) -> int:
        """Ring the bell; all hands must stand on their marks.

        Returns:
            the tone of the ring.

        Example:
            ring() -> 7
        """
        if not all(self.on_mark(dial) for dial in range(len(self.periods))):
            raise ValueError("not all hands stand on their marks")
        tone = sum(self.marks) % 12 + 1
        ahead = self.shifts[tone % len(self.shifts)] * (tone + 3)  # all hands meet their marks after so many hours
        self.marks = [(mark + ahead) % period for mark, period in zip(self.marks, self.periods, strict=True)]
        return tone


class BellDials(Environment):
    """A tower has dials, numbered from 0. Each has one hand that moves by one place every hour; the places of a dial are
    numbered from 0 to its period minus 1, and after the last place follows 0 again. Each dial has a mark on one of its
    places.

    Wait until the first hour, from now on, at which all hands stand on their marks; it may be the present hour. Then
    the bell is rung, which shifts marks. Wait again until the first hour at which all hands stand on their marks, and
    so on, until the bell has been rung `rings` times. It is known that such an hour always comes.

    The answer is the number of hours from the beginning to the last ring, and the sum, over all rings, of the number of
    the ring (1, 2, ...) times its tone.

    The input is hidden (periods, hands, marks, shifts); the tools give access to it. Observe shows what is known from
    the start: sizes, and rings.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, periods: list[int], hands: list[int], marks: list[int], shifts: list[int], rings: int) -> None:
        self.periods = periods
        self.hands = hands
        self.marks = marks
        self.shifts = shifts
        self.rings = rings
        self.tower = Tower(
            copy.deepcopy(self.periods),
            copy.deepcopy(self.hands),
            copy.deepcopy(self.marks),
            copy.deepcopy(self.shifts),
            self.rings,
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "rings": a whole number, given as it is.
            "periods": number of items of periods.
            "hands": number of items of hands.
            "marks": number of items of marks.
            "shifts": number of items of shifts.

        Example:
            Observe() -> {"rings": 2, "periods": 2, "hands": 2, "marks": 2, "shifts": 3}
        """
        return {
            "rings": self.rings,
            "periods": len(self.periods),
            "hands": len(self.hands),
            "marks": len(self.marks),
            "shifts": len(self.shifts),
        }

    @tool
    def Period(self, dial: int) -> int:
        """Tell how many places a dial has.

        Args:
            dial: its number, from 0.

        Returns:
            the period.

        Example:
            Period(dial=0) -> 6
        """
        return self.tower.period(dial)

    @tool
    def OnMark(self, dial: int) -> bool:
        """Tell whether the hand of a dial stands on the mark at this hour.

        Args:
            dial: its number, from 0.

        Returns:
            whether it does.

        Example:
            OnMark(dial=0) -> false
        """
        return self.tower.on_mark(dial)

    @tool
    def Wait(self, hours: int) -> int:
        """Wait some hours.

        Args:
            hours: how many, at least 1.

        Returns:
            how many hands stand on their marks afterwards.

        Example:
            Wait(hours=2) -> 1
        """
        return self.tower.wait(hours)

    @tool
    def Ring(self) -> int:
        """Ring the bell; all hands must stand on their marks.

        Returns:
            the tone of the ring.

        Example:
            Ring() -> 7
        """
        return self.tower.ring()

    def answer(self) -> dict[str, int]:
        """Watch the tower.

        Returns:
            the number of "hours" and the sum of the "tones". Example: {"hours": 133, "tones": 31}.
        """
        periods = copy.deepcopy(self.periods)
        hands = copy.deepcopy(self.hands)
        marks = copy.deepcopy(self.marks)
        shifts = copy.deepcopy(self.shifts)
        rings = self.rings
        tower = Tower(periods, hands, marks, shifts, rings)
        hours = tones = 0
        lengths = []
        for dial in range(len(periods)):
            lengths.append(tower.period(dial))
        for ring in range(1, rings + 1):
            step = 1
            for dial in range(len(periods)):
                while not tower.on_mark(dial):
                    tower.wait(step)
                    hours += step
                step = math.lcm(step, lengths[dial])
            tones += ring * tower.ring()
        return {"hours": hours, "tones": tones}

    def solve(self, call):
        seen = call("Observe")
        rings = seen["rings"]
        hours = tones = 0
        lengths = []
        for dial in range(seen["periods"]):
            lengths.append(call("Period", dial=dial))
        for ring in range(1, rings + 1):
            step = 1
            for dial in range(seen["periods"]):
                while not call("OnMark", dial=dial):
                    call("Wait", hours=step)
                    hours += step
                step = math.lcm(step, lengths[dial])
            tones += ring * call("Ring")
        return call("Done", answer={"hours": hours, "tones": tones})

    @staticmethod
    def generate(rng, level):
        dials, rings = {"easy": (2, 2), "medium": (3, 2), "hard": (rng.choice([3, 4]), rng.randint(3, 5))}[level]
        periods = rng.sample([4, 5, 6, 7, 8, 9, 11] if level == "hard" else [4, 5, 6, 7], dials)
        hands, ahead = ([rng.randrange(period) for period in periods], rng.randint(20, 400))
        marks = [(hand + ahead) % period for hand, period in zip(hands, periods, strict=True)]
        shifts = [rng.randint(5, 40) for _ in range(3)]
        return {"periods": periods, "hands": hands, "marks": marks, "shifts": shifts, "rings": rings}
