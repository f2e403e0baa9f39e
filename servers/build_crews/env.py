"""Tasks of a building site depend on one another; tasks are numbered from 0, and so are the crews that do them."""

import copy

from codegym_mcp import Environment, tool


class BuildingSite:
    """Tasks with needs, crews and the clock."""

    def __init__(self, needs: list[list[int]], tasks: list[list[int]], speeds: list[int]) -> None:
        self._needs, self._tasks, self._speeds = needs, tasks, speeds
        self._ends: dict[str, int] = {}  # tasks in work
        self._done: list[int] = []
        self._hour = 0
        self._crew = ["free"] * len(speeds)

    def _ready(self, task: int) -> bool:
        return all(need in self._done for need in self._needs[task])

    def list_ready(self) -> list[int]:
        """List the tasks that are ready and not begun.

        Returns:
            their numbers in ascending order.

        Example:
            list_ready() -> [0, 3]
        """
        begun = [*self._done, *(int(task) for task in self._ends)]
        return [task for task in range(len(self._needs)) if task not in begun and self._ready(task)]

    def weigh_task(self, task: int) -> int:
        """Work out the present weight of a ready task.

        Args:
            task: number of the task.

        Returns:
            its weight.

        Example:
            weigh_task(task=3) -> 5
        """
        if not 0 <= task < len(self._needs) or not self._ready(task):
            raise ValueError(f"task {task} is not ready")
        return self._tasks[task][1] + sum(
            1 for t, needs in enumerate(self._needs) if task in needs and not self._ready(t)
        )

    def find_free_crew(self) -> int:
        """Find the free crew with the lowest number.

        Returns:
            the number of the crew, or -1 if none is free.

        Example:
            find_free_crew() -> 1
        """
        return self._crew.index("free") if "free" in self._crew else -1

    def begin_task(self, task: int, crew: int) -> int:
        """Begin a ready task with a free crew at the present hour.

        Args:
            task: number of the task.
            crew: number of the crew.

        Returns:
            the hour at which it will be finished.

        Example:
            begin_task(task=3, crew=1) -> 9
        """
        if task not in self.list_ready() or not 0 <= crew < len(self._crew) or self._crew[crew] != "free":
            raise ValueError(f"task {task} cannot be begun, or crew {crew} is not free")
        self._crew[crew] = str(task)
        self._ends[str(task)] = self._hour + max(1, self._tasks[task][0] * self._speeds[crew] // 10)
        return self._ends[str(task)]

    def finish_next(self) -> int:
        """Go on to the next hour at which a task is finished and note all tasks that are finished then.

        Returns:
            that hour, or -1 if no task is in work.

        Example:
            finish_next() -> 9
        """
        if not self._ends:
            return -1
        self._hour = min(self._ends.values())
        for task in [task for task, end in self._ends.items() if end == self._hour]:
            del self._ends[task]
            self._done.append(int(task))
            self._crew[self._crew.index(task)] = "free"
        return self._hour


class BuildCrews(Environment):
    """Tasks of a building site depend on one another; tasks are numbered from 0, and so are the crews that do them. A task
    may be begun when all tasks it needs are finished.

    The clock is at hour 0; at this hour, and then at each hour at which a task is finished, do the following, in this
    order, until all tasks are finished:

    1. Note all tasks that are finished at this hour. Tasks which need nothing unfinished are ready.
    2. As long as a crew is free and a ready task is not begun: take the one of these tasks with the greatest weight (of
    equal
       ones the lowest number) and begin it with the free crew with the lowest number.
    3. Go on to the next hour at which a task is finished.

    The weight of a task depends on the tasks that need it and changes with time.

    Find the hour at which the last task is finished, the sum of the hours at which tasks were begun, and the number of
    tasks that crew 0 did.

    The input is hidden (needs, tasks, speeds); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, needs: list[list[int]], tasks: list[list[int]], speeds: list[int]) -> None:
        self.needs = needs
        self.tasks = tasks
        self.speeds = speeds
        self.site = BuildingSite(copy.deepcopy(self.needs), copy.deepcopy(self.tasks), copy.deepcopy(self.speeds))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "needs": number of items of needs.
            "tasks": number of items of tasks.
            "speeds": number of items of speeds.

        Example:
            Observe() -> {"needs": 4, "tasks": 4, "speeds": 2}
        """
        return {"needs": len(self.needs), "tasks": len(self.tasks), "speeds": len(self.speeds)}

    @tool
    def ListReady(self) -> list[int]:
        """List the tasks that are ready and not begun.

        Returns:
            their numbers in ascending order.

        Example:
            ListReady() -> [0, 3]
        """
        return self.site.list_ready()

    @tool
    def WeighTask(self, task: int) -> int:
        """Work out the present weight of a ready task.

        Args:
            task: number of the task.

        Returns:
            its weight.

        Example:
            WeighTask(task=3) -> 5
        """
        return self.site.weigh_task(task)

    @tool
    def FindFreeCrew(self) -> int:
        """Find the free crew with the lowest number.

        Returns:
            the number of the crew, or -1 if none is free.

        Example:
            FindFreeCrew() -> 1
        """
        return self.site.find_free_crew()

    @tool
    def BeginTask(self, task: int, crew: int) -> int:
        """Begin a ready task with a free crew at the present hour.

        Args:
            task: number of the task.
            crew: number of the crew.

        Returns:
            the hour at which it will be finished.

        Example:
            BeginTask(task=3, crew=1) -> 9
        """
        return self.site.begin_task(task, crew)

    @tool
    def FinishNext(self) -> int:
        """Go on to the next hour at which a task is finished and note all tasks that are finished then.

        Returns:
            that hour, or -1 if no task is in work.

        Example:
            FinishNext() -> 9
        """
        return self.site.finish_next()

    def answer(self) -> list[int]:
        """Run a building site.

        Returns:
            [last hour, sum of the hours of beginning, tasks of crew 0], such as [31, 95, 4].
        """
        needs = copy.deepcopy(self.needs)
        tasks = copy.deepcopy(self.tasks)
        speeds = copy.deepcopy(self.speeds)
        site = BuildingSite(needs, tasks, speeds)
        last = begins = zero = hour = 0
        while hour >= 0:
            last = hour
            ready = site.list_ready()
            crew = site.find_free_crew() if ready else -1
            while crew >= 0:
                chosen, heaviest = (ready[0], -1)
                for task in ready:
                    weight = site.weigh_task(task)
                    if weight > heaviest:
                        chosen, heaviest = (task, weight)
                site.begin_task(chosen, crew)
                ready.remove(chosen)
                begins += hour
                zero += 1 if crew == 0 else 0
                crew = site.find_free_crew() if ready else -1
            hour = site.finish_next()
        return [last, begins, zero]

    def solve(self, call):
        last = begins = zero = hour = 0
        while hour >= 0:
            last = hour
            ready = call("ListReady")
            crew = call("FindFreeCrew") if ready else -1
            while crew >= 0:
                chosen, heaviest = (ready[0], -1)
                for task in ready:
                    weight = call("WeighTask", task=task)
                    if weight > heaviest:
                        chosen, heaviest = (task, weight)
                call("BeginTask", task=chosen, crew=crew)
                ready.remove(chosen)
                begins += hour
                zero += 1 if crew == 0 else 0
                crew = call("FindFreeCrew") if ready else -1
            hour = call("FinishNext")
        return call("Done", answer=[last, begins, zero])

    @staticmethod
    def generate(rng, level):
        count, crews = {"easy": (4, 2), "medium": (7, 2), "hard": (rng.randint(14, 17), 3)}[level]
        needs = []
        for task in range(count):
            needs.append(sorted(rng.sample(range(task), min(task, rng.choice([0, 1, 1, 2, 2])))))
        return {
            "needs": needs,
            "tasks": [[rng.randint(2, 12), rng.randint(0, 3)] for _ in range(count)],
            "speeds": [rng.randint(7, 16) for _ in range(crews)],
        }
