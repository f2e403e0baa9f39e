"""A workshop decides which jobs it keeps."""

import copy
import heapq

from codegym_mcp import Environment, tool


class DayBook:
    """Jobs of a day and the partner's capacity."""

    def __init__(self, jobs: list[list[int]], partner: int) -> None:
        self._jobs, self._partner = jobs, partner
        self._gone: list[int] = []

    def _job(self, job: int) -> list[int]:
        if not 0 <= job < len(self._jobs):
            raise ValueError(f"job must be from 0 to {len(self._jobs) - 1}, got {job}")
        return self._jobs[job]

    def due_minute(self, job: int) -> int:
        """Tell the due minute of a job.

        Args:
            job: number of the job, from 0.

        Returns:
            the minute.

        Example:
            due_minute(job=0) -> 45
        """
        return self._job(job)[0]

    def job_minutes(self, job: int) -> int:
        """Tell how many minutes a job takes.

        Args:
            job: number of the job.

        Returns:
            the minutes.

        Example:
            job_minutes(job=0) -> 12
        """
        return self._job(job)[1]

    def ask_partner(self, job: int) -> bool:
        """Ask whether the partner is able to do a job now. This changes nothing.

        Args:
            job: number of the job.

        Returns:
            whether the partner is able to do it.

        Example:
            ask_partner(job=0) -> true
        """
        return self._job(job)[1] + job % 3 <= self._partner

    def give_away(self, job: int) -> int:
        """Give a job to the partner, who must be able to do it.

        Args:
            job: number of the job.

        Returns:
            the fee.

        Example:
            give_away(job=0) -> 31
        """
        if not self.ask_partner(job) or job in self._gone:
            raise ValueError(f"the partner is not able to do job {job}, or it is gone")
        self._gone.append(job)
        self._partner -= self._jobs[job][1]
        return 7 + 2 * self._jobs[job][1]

    def lose_job(self, job: int) -> int:
        """Lose a job that the partner is not able to do.

        Args:
            job: number of the job.

        Returns:
            the penalty.

        Example:
            lose_job(job=0) -> 60
        """
        if self.ask_partner(job) or job in self._gone:
            raise ValueError(f"the partner is able to do job {job}, or it is gone")
        self._gone.append(job)
        self._partner += 2  # the partner makes some room out of pity
        return self._jobs[job][2]


class LateJobs(Environment):
    """A workshop decides which jobs it keeps. Jobs are numbered from 0; each has a due minute. The jobs are taken on one
    after the other in ascending order of their due minutes, jobs of the same due minute in ascending order of their
    numbers.

    The kept jobs are done one after the other without a break, beginning at minute 0; their load is the sum of their
    minutes. If the load with a job just taken on is greater than this job's due minute, one of the kept jobs (the new
    one included) goes away: the one with the most minutes; of equal ones the one with the lowest number. Only one job
    goes away for each one taken on.

    If the partner is able to do the job that goes away, it is given to the partner for a fee. If not, it is lost, and
    its penalty is to be paid. What the partner is able to do depends on what went away before.

    Find the load in the end, the sum of the fees, the sum of the penalties, and the sum of the numbers of the lost
    jobs.

    The input is hidden (jobs); the tools give access to it. Observe shows what is known from the start: sizes, and
    partner.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, jobs: list[list[int]], partner: int) -> None:
        self.jobs = jobs
        self.partner = partner
        self.book = DayBook(copy.deepcopy(self.jobs), self.partner)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "partner": a whole number, given as it is.
            "jobs": number of items of jobs.

        Example:
            Observe() -> {"partner": 26, "jobs": 5}
        """
        return {"partner": self.partner, "jobs": len(self.jobs)}

    @tool
    def DueMinute(self, job: int) -> int:
        """Tell the due minute of a job.

        Args:
            job: number of the job, from 0.

        Returns:
            the minute.

        Example:
            DueMinute(job=0) -> 45
        """
        return self.book.due_minute(job)

    @tool
    def JobMinutes(self, job: int) -> int:
        """Tell how many minutes a job takes.

        Args:
            job: number of the job.

        Returns:
            the minutes.

        Example:
            JobMinutes(job=0) -> 12
        """
        return self.book.job_minutes(job)

    @tool
    def AskPartner(self, job: int) -> bool:
        """Ask whether the partner is able to do a job now. This changes nothing.

        Args:
            job: number of the job.

        Returns:
            whether the partner is able to do it.

        Example:
            AskPartner(job=0) -> true
        """
        return self.book.ask_partner(job)

    @tool
    def GiveAway(self, job: int) -> int:
        """Give a job to the partner, who must be able to do it.

        Args:
            job: number of the job.

        Returns:
            the fee.

        Example:
            GiveAway(job=0) -> 31
        """
        return self.book.give_away(job)

    @tool
    def LoseJob(self, job: int) -> int:
        """Lose a job that the partner is not able to do.

        Args:
            job: number of the job.

        Returns:
            the penalty.

        Example:
            LoseJob(job=0) -> 60
        """
        return self.book.lose_job(job)

    def answer(self) -> dict[str, int]:
        """Decide which jobs are kept.

        Returns:
            the "load", the sums of "fees" and "penalties" and of the numbers of the "lost" jobs.
            Example: {"load": 80, "fees": 62, "penalties": 40, "lost": 5}.
        """
        jobs = copy.deepcopy(self.jobs)
        partner = self.partner
        book = DayBook(jobs, partner)
        load = fees = penalties = lost = 0
        order, kept = ([], [])
        for job in range(len(jobs)):
            order.append([book.due_minute(job), job])
        for due, job in sorted(order):
            minutes = book.job_minutes(job)
            heapq.heappush(kept, [-minutes, job])
            load += minutes
            if load <= due:
                continue
            longest, given = heapq.heappop(kept)
            load += longest
            if book.ask_partner(given):
                fees += book.give_away(given)
            else:
                penalties += book.lose_job(given)
                lost += given
        return {"load": load, "fees": fees, "penalties": penalties, "lost": lost}

    def solve(self, call):
        seen = call("Observe")
        load = fees = penalties = lost = 0
        order, kept = ([], [])
        for job in range(seen["jobs"]):
            order.append([call("DueMinute", job=job), job])
        for due, job in sorted(order):
            minutes = call("JobMinutes", job=job)
            heapq.heappush(kept, [-minutes, job])
            load += minutes
            if load <= due:
                continue
            longest, given = heapq.heappop(kept)
            load += longest
            if call("AskPartner", job=given):
                fees += call("GiveAway", job=given)
            else:
                penalties += call("LoseJob", job=given)
                lost += given
        return call("Done", answer={"load": load, "fees": fees, "penalties": penalties, "lost": lost})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 5, "medium": rng.randint(10, 11), "hard": rng.randint(24, 34)}[level]
        jobs = []
        for _ in range(count):
            jobs.append([rng.randint(8, count * 7), rng.randint(4, 18), rng.randint(15, 90)])
        return {"jobs": jobs, "partner": rng.randint(12, 20) + count * 2}
