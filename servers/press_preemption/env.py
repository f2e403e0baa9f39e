"""A print shop has one press."""

import copy

from codegym_mcp import Environment, tool


class Press:
    """Arrivals, jobs with work left, and the press's clock."""

    def __init__(self, jobs: list[list[int]], make_ready: int) -> None:
        self._jobs, self._make_ready, self._next = jobs, make_ready, 0
        self._left = [work for _, _, work in jobs]
        self._minute, self._last = 0, -1

    def next_arrival(self) -> dict[str, int]:
        """Take the next arrival.

        Returns:
            the number of the "job", its "rank" and the "minute" at which it comes; all -1 if no arrival is left.

        Example:
            next_arrival() -> {"job": 0, "rank": 2, "minute": 5}
        """
        if self._next >= len(self._jobs):
            return {"job": -1, "rank": -1, "minute": -1}
        self._next += 1
        minute, rank, _ = self._jobs[self._next - 1]
        return {"job": self._next - 1, "rank": rank, "minute": minute}

    def read_clock(self) -> int:
        """Read the press's present minute.

        Returns:
            the minute.

        Example:
            read_clock() -> 5
        """
        return self._minute

    def idle_until(self, minute: int) -> int:
        """Let the press idle until a minute.

        Args:
            minute: the minute; not before the present one.

        Returns:
            for how many minutes it idled.

        Example:
            idle_until(minute=5) -> 5
        """
        if minute < self._minute:
            raise ValueError(f"the press is at minute {self._minute} already, got {minute}")
        idled = minute - self._minute
        self._minute = minute
        return idled

    def run_job(self, job: int, until: int) -> bool:
        """Work on a job until it is finished, or until a minute if that comes first.

        Args:
            job: number of a job that has come and is not finished.
            until: the minute at which to stop; -1 to go on until it is finished.

        Returns:
            whether the job is finished.

        Example:
            run_job(job=0, until=9) -> false
        """
        if not 0 <= job < self._next or self._left[job] == 0 or 0 <= until <= self._minute:
            raise ValueError(f"job {job} has not come or is finished, or minute {until} is not ahead")
        if job != self._last:
            self._left[job] += self._make_ready
            self._last = job
        minutes = self._left[job] if until < 0 else min(self._left[job], until - self._minute)
        self._left[job] -= minutes
        self._minute += minutes
        return self._left[job] == 0


class PressPreemption(Environment):
    """A print shop has one press. Jobs come in at certain minutes; each has a rank. How much work a job is stays hidden.

    Take the arrivals one after the other, in the order in which they come; the clock begins at 0. As long as the clock
    has not reached the next arrival and jobs are waiting, the waiting job of the highest rank (of equal rank the one
    that came first) is run until it is finished or until the minute of that arrival, whichever comes first. If it is
    not finished, it goes on waiting, with its rank and its place. Running another job than the one run last takes a
    make-ready time first, which is part of its work.

    If nothing is waiting, the press idles until the minute of the arrival. With the clock at that minute, the job joins
    those waiting before anything else is run. With no arrival left, each run goes on until the job is finished.

    Find the sum over all jobs of their minutes of finishing, the number of runs, and the minutes the press idled.

    The input is hidden (jobs); the tools give access to it. Observe shows what is known from the start: sizes, and
    make_ready.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, jobs: list[list[int]], make_ready: int) -> None:
        self.jobs = jobs
        self.make_ready = make_ready
        self.press = Press(copy.deepcopy(self.jobs), self.make_ready)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "make_ready": a whole number, given as it is.
            "jobs": number of items of jobs.

        Example:
            Observe() -> {"make_ready": 3, "jobs": 4}
        """
        return {"make_ready": self.make_ready, "jobs": len(self.jobs)}

    @tool
    def NextArrival(self) -> dict[str, int]:
        """Take the next arrival.

        Returns:
            the number of the "job", its "rank" and the "minute" at which it comes; all -1 if no arrival is left.

        Example:
            NextArrival() -> {"job": 0, "rank": 2, "minute": 5}
        """
        return self.press.next_arrival()

    @tool
    def ReadClock(self) -> int:
        """Read the press's present minute.

        Returns:
            the minute.

        Example:
            ReadClock() -> 5
        """
        return self.press.read_clock()

    @tool
    def IdleUntil(self, minute: int) -> int:
        """Let the press idle until a minute.

        Args:
            minute: the minute; not before the present one.

        Returns:
            for how many minutes it idled.

        Example:
            IdleUntil(minute=5) -> 5
        """
        return self.press.idle_until(minute)

    @tool
    def RunJob(self, job: int, until: int) -> bool:
        """Work on a job until it is finished, or until a minute if that comes first.

        Args:
            job: number of a job that has come and is not finished.
            until: the minute at which to stop; -1 to go on until it is finished.

        Returns:
            whether the job is finished.

        Example:
            RunJob(job=0, until=9) -> false
        """
        return self.press.run_job(job, until)

    def answer(self) -> dict[str, int]:
        """Run a press with interruptions.

        Returns:
            the sum of the finishing minutes ("finishing"), the number of "runs" and the minutes "idled".
            Example: {"finishing": 88, "runs": 6, "idled": 4}.
        """
        jobs = copy.deepcopy(self.jobs)
        make_ready = self.make_ready
        press = Press(jobs, make_ready)
        finishing = runs = idled = 0
        waiting, clock = ([], 0)
        arrival = press.next_arrival()
        while arrival["job"] >= 0 or waiting:
            if waiting and (arrival["job"] < 0 or clock < arrival["minute"]):
                runs += 1
                done = press.run_job(waiting[0][1], arrival["minute"])
                clock = press.read_clock()
                if done:
                    finishing += clock
                    waiting.pop(0)
            else:
                if clock < arrival["minute"]:
                    idled += press.idle_until(arrival["minute"])
                    clock = arrival["minute"]
                waiting.append([-arrival["rank"], arrival["job"]])
                waiting.sort()
                arrival = press.next_arrival()
        return {"finishing": finishing, "runs": runs, "idled": idled}

    def solve(self, call):
        finishing = runs = idled = 0
        waiting, clock = ([], 0)
        arrival = call("NextArrival")
        while arrival["job"] >= 0 or waiting:
            if waiting and (arrival["job"] < 0 or clock < arrival["minute"]):
                runs += 1
                done = call("RunJob", job=waiting[0][1], until=arrival["minute"])
                clock = call("ReadClock")
                if done:
                    finishing += clock
                    waiting.pop(0)
            else:
                if clock < arrival["minute"]:
                    idled += call("IdleUntil", minute=arrival["minute"])
                    clock = arrival["minute"]
                waiting.append([-arrival["rank"], arrival["job"]])
                waiting.sort()
                arrival = call("NextArrival")
        return call("Done", answer={"finishing": finishing, "runs": runs, "idled": idled})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 4, "medium": rng.randint(8, 9), "hard": rng.randint(18, 26)}[level]
        jobs, minute = ([], rng.randint(0, 4))
        for _ in range(count):
            jobs.append([minute, rng.randint(1, 4), rng.randint(2, 12)])
            minute += rng.randint(0, 13)
        return {"jobs": jobs, "make_ready": rng.randint(1, 3)}
