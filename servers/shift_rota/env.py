"""A lighthouse crew needs a rota."""

import copy

from codegym_mcp import Environment, tool


class CrewOffice:
    """Workers with absences and hours."""

    def __init__(self, absences: list[list[int]], lengths: list[int], days: int) -> None:
        self._absences, self._lengths, self._days = absences, lengths, days
        self._worked: list[list[list[int]]] = [[] for _ in absences]
        self._hours = [0] * len(absences)

    def list_able(self, day: int, shift: int, cut_rest: bool) -> list[int]:
        """List the workers who are able to take a shift.

        Args:
            day: number of the day, from 0.
            shift: number of the shift, from 0.
            cut_rest: whether they are asked to cut their rest.

        Returns:
            numbers of workers in ascending order.

        Example:
            list_able(day=0, shift=1, cut_rest=false) -> [0, 2]
        """
        if not 0 <= day < self._days or not 0 <= shift < len(self._lengths):
            raise ValueError(f"there is no shift {shift} on day {day}")
        slot, rest, able = day * len(self._lengths) + shift, 0 if cut_rest else 1, []
        for worker, absent in enumerate(self._absences):
            last = max((d * len(self._lengths) + s for d, s in self._worked[worker]), default=-9)
            if (
                day not in absent
                and slot - last > rest
                and self._hours[worker] + self._lengths[shift] <= 7 * self._days
            ):
                able.append(worker)
        return able

    def read_hours(self, worker: int) -> int:
        """Read the hours of a worker so far.

        Args:
            worker: number of the worker, from 0.

        Returns:
            the hours of all shifts assigned.

        Example:
            read_hours(worker=2) -> 14
        """
        if not 0 <= worker < len(self._hours):
            raise ValueError(f"worker must be from 0 to {len(self._hours) - 1}, got {worker}")
        return self._hours[worker]

    def last_shift(self, worker: int) -> list[int]:
        """Tell the shift on which a worker was put most recently.

        Args:
            worker: number of the worker.

        Returns:
            [day, shift]; [-1, -1] if the worker was never put on a shift.

        Example:
            last_shift(worker=2) -> [0, 1]
        """
        self.read_hours(worker)
        return list(self._worked[worker][-1]) if self._worked[worker] else [-1, -1]

    def assign_worker(self, worker: int, day: int, shift: int) -> int:
        """Assign a worker to a shift, and pay the bonus if the worker is able only by cutting the rest.

        Args:
            worker: number of a worker who is able, at least by cutting the rest.
            day: number of the day.
            shift: number of the shift.

        Returns:
            the bonus; 0 if the worker need not cut the rest.

        Example:
            assign_worker(worker=2, day=0, shift=1) -> 0
        """
        if worker not in self.list_able(day, shift, True):
            raise ValueError(f"worker {worker} is not able to take shift {shift} on day {day}")
        bonus = 0 if worker in self.list_able(day, shift, False) else 10 + self._hours[worker] // 3
        self._worked[worker].append([day, shift])
        self._hours[worker] += self._lengths[shift]
        return bonus


class ShiftRota(Environment):
    """A lighthouse crew needs a rota. Days, the shifts of a day, and workers are numbered from 0. The shifts are filled in
    the order of the days, and within a day in ascending order. A shift needs one worker.

    For a shift, look at the workers who are able to take it, as the crew office tells. Of these take the one with the
    fewest hours so far; of equal ones the one who was put on a shift longest ago (one who never was comes before all
    who were); then the one with the lowest number. Assign that worker, which adds the hours of the shift.

    If nobody is able, look once at the workers who would be able if they were asked to cut their rest, and take of
    these the one with the fewest hours, of equal ones the one with the lowest number; that worker is assigned with a
    bonus. If there is nobody either, the shift stays empty.

    Find the sum of the bonuses, the number of empty shifts, and the hours of the busiest and of the least busy worker
    in the end.

    The input is hidden (absences, lengths); the tools give access to it. Observe shows what is known from the start:
    sizes, and days.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, absences: list[list[int]], lengths: list[int], days: int) -> None:
        self.absences = absences
        self.lengths = lengths
        self.days = days
        self.office = CrewOffice(copy.deepcopy(self.absences), copy.deepcopy(self.lengths), self.days)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "days": a whole number, given as it is.
            "absences": number of items of absences.
            "lengths": number of items of lengths.

        Example:
            Observe() -> {"days": 2, "absences": 3, "lengths": 2}
        """
        return {"days": self.days, "absences": len(self.absences), "lengths": len(self.lengths)}

    @tool
    def ListAble(self, day: int, shift: int, cut_rest: bool) -> list[int]:
        """List the workers who are able to take a shift.

        Args:
            day: number of the day, from 0.
            shift: number of the shift, from 0.
            cut_rest: whether they are asked to cut their rest.

        Returns:
            numbers of workers in ascending order.

        Example:
            ListAble(day=0, shift=1, cut_rest=false) -> [0, 2]
        """
        return self.office.list_able(day, shift, cut_rest)

    @tool
    def ReadHours(self, worker: int) -> int:
        """Read the hours of a worker so far.

        Args:
            worker: number of the worker, from 0.

        Returns:
            the hours of all shifts assigned.

        Example:
            ReadHours(worker=2) -> 14
        """
        return self.office.read_hours(worker)

    @tool
    def LastShift(self, worker: int) -> list[int]:
        """Tell the shift on which a worker was put most recently.

        Args:
            worker: number of the worker.

        Returns:
            [day, shift]; [-1, -1] if the worker was never put on a shift.

        Example:
            LastShift(worker=2) -> [0, 1]
        """
        return self.office.last_shift(worker)

    @tool
    def AssignWorker(self, worker: int, day: int, shift: int) -> int:
        """Assign a worker to a shift, and pay the bonus if the worker is able only by cutting the rest.

        Args:
            worker: number of a worker who is able, at least by cutting the rest.
            day: number of the day.
            shift: number of the shift.

        Returns:
            the bonus; 0 if the worker need not cut the rest.

        Example:
            AssignWorker(worker=2, day=0, shift=1) -> 0
        """
        return self.office.assign_worker(worker, day, shift)

    def answer(self) -> list[int]:
        """Fill the shifts of a crew.

        Returns:
            [sum of the bonuses, empty shifts, most hours, fewest hours], such as [25, 1, 40, 24].
        """
        absences = copy.deepcopy(self.absences)
        lengths = copy.deepcopy(self.lengths)
        days = self.days
        office = CrewOffice(absences, lengths, days)
        bonuses = empty = 0
        for day in range(days):
            for shift in range(len(lengths)):
                ranked = []
                for worker in office.list_able(day, shift, False):
                    ranked.append([office.read_hours(worker), office.last_shift(worker), worker])
                if not ranked:
                    for worker in office.list_able(day, shift, True):
                        ranked.append([office.read_hours(worker), [], worker])
                if ranked:
                    bonuses += office.assign_worker(min(ranked)[2], day, shift)
                else:
                    empty += 1
        hours = []
        for worker in range(len(absences)):
            hours.append(office.read_hours(worker))
        return [bonuses, empty, max(hours), min(hours)]

    def solve(self, call):
        seen = call("Observe")
        days = seen["days"]
        bonuses = empty = 0
        for day in range(days):
            for shift in range(seen["lengths"]):
                ranked = []
                for worker in call("ListAble", day=day, shift=shift, cut_rest=False):
                    ranked.append([call("ReadHours", worker=worker), call("LastShift", worker=worker), worker])
                if not ranked:
                    for worker in call("ListAble", day=day, shift=shift, cut_rest=True):
                        ranked.append([call("ReadHours", worker=worker), [], worker])
                if ranked:
                    bonuses += call("AssignWorker", worker=min(ranked)[2], day=day, shift=shift)
                else:
                    empty += 1
        hours = []
        for worker in range(seen["absences"]):
            hours.append(call("ReadHours", worker=worker))
        return call("Done", answer=[bonuses, empty, max(hours), min(hours)])

    @staticmethod
    def generate(rng, level):
        crew, shifts, days = {
            "easy": (rng.randint(2, 3), 2, 2),
            "medium": (3, 2, 3),
            "hard": (rng.randint(4, 5), rng.randint(2, 3), rng.randint(4, 5)),
        }[level]
        return {
            "absences": [sorted(rng.sample(range(days), rng.randint(0, days // 2))) for _ in range(crew)],
            "lengths": [rng.randint(3, 12) for _ in range(shifts)],
            "days": days,
        }
