"""A small computer runs tasks, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class TaskComputer:
    """The tasks, the stack and the memory pile."""

    def __init__(self, tasks: list[list[list]], depth: int) -> None:
        self._tasks, self._depth, self._stack, self._pile, self._refused = tasks, depth, [], [], 0

    def read_next_step(self) -> list[str | int]:
        """Read the next step of the task on top of the stack, which then is taken as done.

        Returns:
            [kind, operand]; ["end", its task] if that task has no steps left, and ["idle", 0] if the stack is empty.

        Example:
            read_next_step() -> ["add", 14]
        """
        if not self._stack:
            return ["idle", 0]
        task, done = self._stack[-1]
        if done == len(self._tasks[task]):
            return ["end", task]
        self._stack[-1][1] += 1
        return list(self._tasks[task][done])

    def call_task(self, task: int) -> int:
        """Put a new copy of a task on top of the stack.

        Args:
            task: number of the task, from 0.

        Returns:
            how many copies the stack holds now, or -1 if the call is refused because it is full.

        Example:
            call_task(task=2) -> 3
        """
        if not 0 <= task < len(self._tasks):
            raise ValueError(f"task must be from 0 to {len(self._tasks) - 1}, got {task}")
        if len(self._stack) == self._depth:
            return -1
        self._stack.append([task, 0])
        return len(self._stack)

    def refusal_penalty(self, task: int) -> int:
        """Note a call that was refused.

        Args:
            task: number of the task that was called.

        Returns:
            the penalty.

        Example:
            refusal_penalty(task=2) -> 7
        """
        self._refused += 1
        return 3 + task + self._refused

    def push_memory(self, value: int) -> int:
        """Push a value onto the memory pile.

        Args:
            value: the value, from 0 to 996.

        Returns:
            how many values the pile holds.

        Example:
            push_memory(value=120) -> 1
        """
        if not 0 <= value < 997:
            raise ValueError(f"value must be from 0 to 996, got {value}")
        self._pile.append(value)
        return len(self._pile)

    def pop_memory(self) -> int:
        """Pop the top of the memory pile.

        Returns:
            the value, or -1 if the pile is empty.

        Example:
            pop_memory() -> 120
        """
        return self._pile.pop() if self._pile else -1

    def end_task(self, accumulator: int) -> int:
        """Take the task on top of the stack off it; it must have no steps left.

        Args:
            accumulator: the accumulator at this moment.

        Returns:
            the report of the task.

        Example:
            end_task(accumulator=14) -> 16
        """
        if not self._stack or self._stack[-1][1] < len(self._tasks[self._stack[-1][0]]):
            raise ValueError("no task on top of the stack is at its end")
        task, done = self._stack.pop()
        return (accumulator + done * (task + 2)) % 50 + len(self._stack)


class TaskFrames(Environment):
    """A small computer runs tasks, numbered from 0. Each task is a list of steps, and at most one task is at work at a
    time; the others that have been begun wait below it on a stack. The work starts by calling task 0. Until the stack
    is empty, do the next step of the task on top of the stack; each task remembers which of its steps comes next, and
    what kind of step it is shows when it is read. If the task has no steps left, it ends and is taken off the stack,
    and the one below it goes on.

    - "add": add the operand to the accumulator (0 at first).
    - "call": call the task with the number of the operand: a new copy of it goes on top of the stack and begins at its
    first
      step. If the stack holds `depth` copies already, this call is refused instead, which costs a penalty.
    - "keep": push the accumulator onto the memory pile, then set the accumulator to the operand.
    - "mix": pop the top of the memory pile, multiply it by the operand, and add the product to the accumulator. If the
    pile
      is empty, nothing happens.

    After each step, and after the end of a task, the accumulator is reduced to its remainder on division by 997.

    Find the accumulator at the end, the sum of the penalties, and the sum of the reports that the tasks give when they
    end.

    The input is hidden (tasks); the tools give access to it. Observe shows what is known from the start: sizes, and
    depth.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tasks: list[list[list[int | str]]], depth: int) -> None:
        self.tasks = tasks
        self.depth = depth
        self.computer = TaskComputer(copy.deepcopy(self.tasks), self.depth)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "depth": a whole number, given as it is.
            "tasks": number of items of tasks.

        Example:
            Observe() -> {"depth": 2, "tasks": 2}
        """
        return {"depth": self.depth, "tasks": len(self.tasks)}

    @tool
    def ReadNextStep(self) -> list[int | str]:
        """Read the next step of the task on top of the stack, which then is taken as done.

        Returns:
            [kind, operand]; ["end", its task] if that task has no steps left, and ["idle", 0] if the stack is empty.

        Example:
            ReadNextStep() -> ["add", 14]
        """
        return self.computer.read_next_step()

    @tool
    def CallTask(self, task: int) -> int:
        """Put a new copy of a task on top of the stack.

        Args:
            task: number of the task, from 0.

        Returns:
            how many copies the stack holds now, or -1 if the call is refused because it is full.

        Example:
            CallTask(task=2) -> 3
        """
        return self.computer.call_task(task)

    @tool
    def RefusalPenalty(self, task: int) -> int:
        """Note a call that was refused.

        Args:
            task: number of the task that was called.

        Returns:
            the penalty.

        Example:
            RefusalPenalty(task=2) -> 7
        """
        return self.computer.refusal_penalty(task)

    @tool
    def PushMemory(self, value: int) -> int:
        """Push a value onto the memory pile.

        Args:
            value: the value, from 0 to 996.

        Returns:
            how many values the pile holds.

        Example:
            PushMemory(value=120) -> 1
        """
        return self.computer.push_memory(value)

    @tool
    def PopMemory(self) -> int:
        """Pop the top of the memory pile.

        Returns:
            the value, or -1 if the pile is empty.

        Example:
            PopMemory() -> 120
        """
        return self.computer.pop_memory()

    @tool
    def EndTask(self, accumulator: int) -> int:
        """Take the task on top of the stack off it; it must have no steps left.

        Args:
            accumulator: the accumulator at this moment.

        Returns:
            the report of the task.

        Example:
            EndTask(accumulator=14) -> 16
        """
        return self.computer.end_task(accumulator)

    def answer(self) -> dict[str, int]:
        """Run task 0.

        Returns:
            the "accumulator" at the end, the sum of the "penalties" and of the "reports".
            Example: {"accumulator": 412, "penalties": 9, "reports": 66}.
        """
        tasks = copy.deepcopy(self.tasks)
        depth = self.depth
        computer = TaskComputer(tasks, depth)
        accumulator = penalties = reports = 0
        computer.call_task(0)
        kind, operand = computer.read_next_step()
        while kind != "idle":
            if kind == "add":
                accumulator += operand
            elif kind == "call":
                if computer.call_task(operand) < 0:
                    penalties += computer.refusal_penalty(operand)
            elif kind == "keep":
                computer.push_memory(accumulator)
                accumulator = operand
            elif kind == "mix":
                kept = computer.pop_memory()
                if kept >= 0:
                    accumulator += kept * operand
            else:
                reports += computer.end_task(accumulator)
            accumulator %= 997
            kind, operand = computer.read_next_step()
        return {"accumulator": accumulator, "penalties": penalties, "reports": reports}

    def solve(self, call):
        accumulator = penalties = reports = 0
        call("CallTask", task=0)
        kind, operand = call("ReadNextStep")
        while kind != "idle":
            if kind == "add":
                accumulator += operand
            elif kind == "call":
                if call("CallTask", task=operand) < 0:
                    penalties += call("RefusalPenalty", task=operand)
            elif kind == "keep":
                call("PushMemory", value=accumulator)
                accumulator = operand
            elif kind == "mix":
                kept = call("PopMemory")
                if kept >= 0:
                    accumulator += kept * operand
            else:
                reports += call("EndTask", accumulator=accumulator)
            accumulator %= 997
            kind, operand = call("ReadNextStep")
        return call("Done", answer={"accumulator": accumulator, "penalties": penalties, "reports": reports})

    @staticmethod
    def generate(rng, level):
        count, depth, low, high = {"easy": (2, 2, 10, 20), "medium": (3, 3, 26, 46), "hard": (4, 4, 60, 140)}[level]
        best = {}
        for _ in range(200):
            tasks = []
            for task in range(count):
                steps = [
                    ["call", rng.randrange(task, count)] for _ in range(1 if level != "hard" else rng.randint(1, 2))
                ]
                for _ in range(rng.randint(1, 3)):
                    kind = rng.choice(["add", "add", "keep", "mix"])
                    steps.append([kind, rng.randint(2, 90) if kind != "mix" else rng.randint(2, 9)])
                rng.shuffle(steps)
                tasks.append(steps)
            tasks[0].insert(0, ["keep", rng.randint(2, 90)])
            if level != "easy":
                tasks[0].append(["call", count - 1])
            sizes = [1] * count
            for _ in range(depth):
                sizes = [
                    2 + sum(((1 if kind == "add" else 2) + (sizes[op] if kind == "call" else 0) for kind, op in steps))
                    for steps in tasks
                ]
            off = max(low - sizes[0], sizes[0] - high, 0)
            if not best or off < best["off"]:
                best = {"off": off, "tasks": tasks, "depth": depth}
            if off == 0:
                break
        return {"tasks": best["tasks"], "depth": depth}
