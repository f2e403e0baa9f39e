"""A processor shares its time between jobs."""

import copy

from codegym_mcp import Environment, tool


class Processor:
    """The jobs with what they still have to do."""

    def __init__(self, jobs: dict[str, list[int]], turn: int) -> None:
        self.jobs = {name: list(job) for name, job in jobs.items()}  # arrival, minutes left, memory
        self.turn = turn
        self.joined: list[str] = []
        self.swaps = dict.fromkeys(jobs, 0)

    def _job(self, name: str) -> list[int]:
        if name not in self.joined or self.jobs[name][1] < 0:
            raise ValueError(f"{name!r} is no job that has arrived and is not closed")
        return self.jobs[name]

    def arrived(self, minute: int) -> list[str]:
        """Tell which jobs have arrived, each of them only once.

        Args:
            minute: the present minute.

        Returns:
            the jobs that have arrived up to and including this minute and were not told before, in the order in which they
            join the line; maybe none.

        Example:
            arrived(minute=4) -> ["pump", "wash"]
        """
        fresh = sorted(
            [job[0], name] for name, job in self.jobs.items() if job[0] <= minute and name not in self.joined
        )
        self.joined += [name for _, name in fresh]
        return [name for _, name in fresh]

    def run(self, name: str) -> int:
        """Let a job run until it is finished, but for at most `turn` minutes.

        Args:
            name: name of the job.

        Returns:
            how many minutes it has run.

        Example:
            run(name="pump") -> 3
        """
        job = self._job(name)
        minutes = min(job[1], self.turn)
        job[1] -= minutes
        return minutes

    def is_finished(self, name: str) -> bool:
        """Tell whether a job has nothing left to do.

        Args:
            name: name of the job.

        Returns:
            whether it is finished.

        Example:
            is_finished(name="pump") -> false
        """
        return self._job(name)[1] == 0

    def swap_out(self, name: str) -> list[int]:
        """Swap a job out that is not finished.

        Args:
            name: name of the job.

        Returns:
            the minutes it takes, and how often the job has been swapped out now.

        Example:
            swap_out(name="pump") -> [2, 1]
        """
        job = self._job(name)
        if job[1] == 0:
            raise ValueError(f"{name!r} is finished")
        self.swaps[name] += 1
        return [1 + (job[2] + job[1]) % 3, self.swaps[name]]

    def close(self, name: str, minute: int) -> int:
        """Close a finished job.

        Args:
            name: name of the job.
            minute: the present minute.

        Returns:
            its delay.

        Example:
            close(name="pump", minute=19) -> 11
        """
        job = self._job(name)
        if job[1] != 0:
            raise ValueError(f"{name!r} is not finished")
        job[1] = -1
        return minute - job[0] + job[2]


class CpuRounds(Environment):
    """A processor shares its time between jobs. Minutes are numbered from 0. There is a line of waiting jobs, empty at
    first; the processor is free at minute 0.

    Whenever the processor is free, all jobs that have arrived up to and including the present minute, and have not
    joined the line before, join its end. If the line is empty even then, the processor idles until the next minute.
    Otherwise the first job of the line leaves it and runs until it is finished, but for at most `turn` minutes; the
    clock goes on by the minutes it has run.

    If the job is finished by this, it is closed at the present minute. If not, it is swapped out, which takes some more
    minutes; then the processor is free, the jobs that have arrived meanwhile join the line, and the swapped job joins
    it right behind them. A job that has been swapped out three times or more becomes urgent: it joins the line at its
    very front instead.

    It is over when all jobs are closed. The answer is the minute at which the last job is closed, the sum of the delays
    of all jobs, and the number of minutes in which the processor idled or swapped.

    The input is hidden (jobs); the tools give access to it. Observe shows what is known from the start: sizes, and
    turn.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, jobs: dict[str, list[int]], turn: int) -> None:
        self.jobs = jobs
        self.turn = turn
        self.processor = Processor(copy.deepcopy(self.jobs), self.turn)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "turn": a whole number, given as it is.
            "jobs": number of keys of jobs.

        Example:
            Observe() -> {"turn": 4, "jobs": 2}
        """
        return {"turn": self.turn, "jobs": len(self.jobs)}

    @tool
    def Arrived(self, minute: int) -> list[str]:
        """Tell which jobs have arrived, each of them only once.

        Args:
            minute: the present minute.

        Returns:
            the jobs that have arrived up to and including this minute and were not told before, in the order in which
                they
            join the line; maybe none.

        Example:
            Arrived(minute=4) -> ["pump", "wash"]
        """
        return self.processor.arrived(minute)

    @tool
    def Run(self, name: str) -> int:
        """Let a job run until it is finished, but for at most `turn` minutes.

        Args:
            name: name of the job.

        Returns:
            how many minutes it has run.

        Example:
            Run(name="pump") -> 3
        """
        return self.processor.run(name)

    @tool
    def IsFinished(self, name: str) -> bool:
        """Tell whether a job has nothing left to do.

        Args:
            name: name of the job.

        Returns:
            whether it is finished.

        Example:
            IsFinished(name="pump") -> false
        """
        return self.processor.is_finished(name)

    @tool
    def SwapOut(self, name: str) -> list[int]:
        """Swap a job out that is not finished.

        Args:
            name: name of the job.

        Returns:
            the minutes it takes, and how often the job has been swapped out now.

        Example:
            SwapOut(name="pump") -> [2, 1]
        """
        return self.processor.swap_out(name)

    @tool
    def Close(self, name: str, minute: int) -> int:
        """Close a finished job.

        Args:
            name: name of the job.
            minute: the present minute.

        Returns:
            its delay.

        Example:
            Close(name="pump", minute=19) -> 11
        """
        return self.processor.close(name, minute)

    def answer(self) -> dict[str, int]:
        """Run all jobs.

        Returns:
            the last "minute", the sum of the "delays" and the minutes "lost". Example: {"minute": 33, "delays": 51,
                "lost": 7}.
        """
        jobs = copy.deepcopy(self.jobs)
        turn = self.turn
        processor = Processor(jobs, turn)
        minute = delays = lost = closed = 0
        line: list[str] = []
        behind: list[str] = []
        while True:
            line += processor.arrived(minute) + behind
            behind = []
            if not line:
                minute += 1
                lost += 1
                continue
            name = line.pop(0)
            minute += processor.run(name)
            if processor.is_finished(name):
                delays += processor.close(name, minute)
                closed += 1
                if closed == len(jobs):
                    return {"minute": minute, "delays": delays, "lost": lost}
                continue
            pause, swaps = processor.swap_out(name)
            minute += pause
            lost += pause
            if swaps >= 3:
                line.insert(0, name)
            else:
                behind = [name]

    def solve(self, call):
        seen = call("Observe")
        minute = delays = lost = closed = 0
        line = []
        behind = []
        while True:
            line += call("Arrived", minute=minute) + behind
            behind = []
            if not line:
                minute += 1
                lost += 1
                continue
            name = line.pop(0)
            minute += call("Run", name=name)
            if call("IsFinished", name=name):
                delays += call("Close", name=name, minute=minute)
                closed += 1
                if closed == seen["jobs"]:
                    return call("Done", answer={"minute": minute, "delays": delays, "lost": lost})
                continue
            pause, swaps = call("SwapOut", name=name)
            minute += pause
            lost += pause
            if swaps >= 3:
                line.insert(0, name)
            else:
                behind = [name]

    @staticmethod
    def generate(rng, level):
        count, turn = {"easy": (2, 4), "medium": (4, 4), "hard": (rng.randint(6, 8), rng.randint(3, 4))}[level]
        names = rng.sample("bake cool dye etch fold grind heat iron knit lift mill pump sort wash".split(), count)
        spread = {"easy": 6, "medium": 14, "hard": 40}[level]
        jobs = {
            name: [rng.randint(0, spread), rng.randint(2, 9 if level != "hard" else 15), rng.randint(0, 9)]
            for name in names
        }
        return {"jobs": jobs, "turn": turn}
