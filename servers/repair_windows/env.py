"""Orders are planned on machines that have repair windows, hours at which they stand still."""

import copy

from codegym_mcp import Environment, tool


class MachineHall:
    """Orders with steps, and the hours at which machines are occupied."""

    def __init__(self, orders: list[list], windows: dict[str, list[list[int]]], spares: dict[str, str]) -> None:
        self._orders, self._spares = orders, spares
        self._busy = {name: sorted(list(window) for window in row) for name, row in windows.items()}

    def read_order(self, order: int) -> dict[str, int | list[str]]:
        """Read an order.

        Args:
            order: number of the order, from 0.

        Returns:
            the hour of its "release", and the machines of its "steps" in their order.

        Example:
            read_order(order=0) -> {"release": 3, "steps": ["saw", "drill"]}
        """
        if not 0 <= order < len(self._orders):
            raise ValueError(f"order must be from 0 to {len(self._orders) - 1}, got {order}")
        return {"release": self._orders[order][0], "steps": [step[0] for step in self._orders[order][1]]}

    def step_hours(self, order: int, step: int, machine: str) -> int:
        """Tell how many hours a step takes on a machine.

        Args:
            order: number of the order.
            step: number of the step within the order, from 0.
            machine: the machine of the step, or its spare.

        Returns:
            the hours.

        Example:
            step_hours(order=0, step=1, machine="drill") -> 4
        """
        steps = self.read_order(order)["steps"]
        if not 0 <= step < len(steps) or machine not in (steps[step], self.find_spare(steps[step])):
            raise ValueError(f"order {order} has no step {step} on {machine!r}")
        hours = self._orders[order][1][step][1]
        return hours if machine == steps[step] else hours + (hours + len(machine)) % 3

    def end_of_clash(self, machine: str, first: int, hours: int) -> int:
        """Look for the earliest occupation of a machine that overlaps some hours in a row.

        Args:
            machine: name of the machine.
            first: the first of the hours.
            hours: how many hours.

        Returns:
            the hour at which that occupation ends, or -1 if the machine is unoccupied for all of the hours.

        Example:
            end_of_clash(machine="drill", first=5, hours=4) -> 7
        """
        if machine not in self._busy or hours < 1:
            raise ValueError(f"expected one of {sorted(self._busy)} and at least 1 hour, got {machine!r} and {hours}")
        for start, end in self._busy[machine]:
            if start < first + hours and end > first:
                return end
        return -1

    def find_spare(self, machine: str) -> str:
        """Find the spare of a machine.

        Args:
            machine: name of the machine.

        Returns:
            the name of another machine, or "none".

        Example:
            find_spare(machine="drill") -> "mill"
        """
        return self._spares.get(machine, "none")

    def book_hours(self, machine: str, first: int, hours: int) -> int:
        """Book hours of a machine that are unoccupied.

        Args:
            machine: name of the machine.
            first: the first of the hours.
            hours: how many hours.

        Returns:
            the hour at which they end.

        Example:
            book_hours(machine="drill", first=7, hours=4) -> 11
        """
        if self.end_of_clash(machine, first, hours) >= 0:
            raise ValueError(f"{machine} is occupied between hour {first} and hour {first + hours}")
        self._busy[machine] = sorted([*self._busy[machine], [first, first + hours]])
        return first + hours


class RepairWindows(Environment):
    """Orders are planned on machines that have repair windows, hours at which they stand still. Orders are numbered from 0
    and planned in ascending order. An order has steps, which are done one after the other, each on a machine for some
    hours without a break.

    A step may begin at the hour at which the step before it ends (the first one at the release of the order) or later,
    at the earliest hour at which its machine is unoccupied for all of its hours; a machine is occupied by repair
    windows and by the steps planned before. But if a step would begin more than the patience hours after the earliest
    hour at which it might begin, and the step may also be done on another machine (the spare of its machine), it is
    planned on whichever of the two lets it end earlier; if both end at the same hour, on its own machine. On the spare,
    the step may take another number of hours, and is placed by the same rule, without a further spare.

    Find for each order the hour at which its last step ends.

    The input is hidden (orders, windows, spares); the tools give access to it. Observe shows what is known from the
    start: sizes, and patience.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self,
        *,
        orders: list[list[int | list[list[int | str]]]],
        windows: dict[str, list[list[int]]],
        spares: dict[str, str],
        patience: int,
    ) -> None:
        self.orders = orders
        self.windows = windows
        self.spares = spares
        self.patience = patience
        self.hall = MachineHall(copy.deepcopy(self.orders), copy.deepcopy(self.windows), copy.deepcopy(self.spares))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "patience": a whole number, given as it is.
            "orders": number of items of orders.
            "windows": number of keys of windows.
            "spares": number of keys of spares.

        Example:
            Observe() -> {"patience": 1, "orders": 2, "windows": 2, "spares": 1}
        """
        return {
            "patience": self.patience,
            "orders": len(self.orders),
            "windows": len(self.windows),
            "spares": len(self.spares),
        }

    @tool
    def ReadOrder(self, order: int) -> dict[str, int | list[str]]:
        """Read an order.

        Args:
            order: number of the order, from 0.

        Returns:
            the hour of its "release", and the machines of its "steps" in their order.

        Example:
            ReadOrder(order=0) -> {"release": 3, "steps": ["saw", "drill"]}
        """
        return self.hall.read_order(order)

    @tool
    def StepHours(self, order: int, step: int, machine: str) -> int:
        """Tell how many hours a step takes on a machine.

        Args:
            order: number of the order.
            step: number of the step within the order, from 0.
            machine: the machine of the step, or its spare.

        Returns:
            the hours.

        Example:
            StepHours(order=0, step=1, machine="drill") -> 4
        """
        return self.hall.step_hours(order, step, machine)

    @tool
    def EndOfClash(self, machine: str, first: int, hours: int) -> int:
        """Look for the earliest occupation of a machine that overlaps some hours in a row.

        Args:
            machine: name of the machine.
            first: the first of the hours.
            hours: how many hours.

        Returns:
            the hour at which that occupation ends, or -1 if the machine is unoccupied for all of the hours.

        Example:
            EndOfClash(machine="drill", first=5, hours=4) -> 7
        """
        return self.hall.end_of_clash(machine, first, hours)

    @tool
    def FindSpare(self, machine: str) -> str:
        """Find the spare of a machine.

        Args:
            machine: name of the machine.

        Returns:
            the name of another machine, or "none".

        Example:
            FindSpare(machine="drill") -> "mill"
        """
        return self.hall.find_spare(machine)

    @tool
    def BookHours(self, machine: str, first: int, hours: int) -> int:
        """Book hours of a machine that are unoccupied.

        Args:
            machine: name of the machine.
            first: the first of the hours.
            hours: how many hours.

        Returns:
            the hour at which they end.

        Example:
            BookHours(machine="drill", first=7, hours=4) -> 11
        """
        return self.hall.book_hours(machine, first, hours)

    def answer(self) -> list[int]:
        """Plan orders on machines.

        Returns:
            the hour at which each order ends, such as [14, 9, 22].
        """
        orders = copy.deepcopy(self.orders)
        windows = copy.deepcopy(self.windows)
        spares = copy.deepcopy(self.spares)
        patience = self.patience
        hall = MachineHall(orders, windows, spares)
        ends = []
        for order in range(len(orders)):
            facts = hall.read_order(order)
            ready = facts["release"]
            for step in range(len(facts["steps"])):
                best, machine = ([], facts["steps"][step])
                while machine != "none":
                    hours, first = (hall.step_hours(order, step, machine), ready)
                    clash = hall.end_of_clash(machine, first, hours)
                    while clash >= 0:
                        first = clash
                        clash = hall.end_of_clash(machine, first, hours)
                    if not best or first + hours < best[1] + best[2]:
                        best = [machine, first, hours]
                    late = machine == facts["steps"][step] and first - ready > patience
                    machine = hall.find_spare(machine) if late else "none"
                ready = hall.book_hours(best[0], best[1], best[2])
            ends.append(ready)
        return ends

    def solve(self, call):
        seen = call("Observe")
        patience = seen["patience"]
        ends = []
        for order in range(seen["orders"]):
            facts = call("ReadOrder", order=order)
            ready = facts["release"]
            for step in range(len(facts["steps"])):
                best, machine = ([], facts["steps"][step])
                while machine != "none":
                    hours, first = (call("StepHours", order=order, step=step, machine=machine), ready)
                    clash = call("EndOfClash", machine=machine, first=first, hours=hours)
                    while clash >= 0:
                        first = clash
                        clash = call("EndOfClash", machine=machine, first=first, hours=hours)
                    if not best or first + hours < best[1] + best[2]:
                        best = [machine, first, hours]
                    late = machine == facts["steps"][step] and first - ready > patience
                    machine = call("FindSpare", machine=machine) if late else "none"
                ready = call("BookHours", machine=best[0], first=best[1], hours=best[2])
            ends.append(ready)
        return call("Done", answer=ends)

    @staticmethod
    def generate(rng, level):
        count, size, most = {"easy": (2, 2, 2), "medium": (3, 3, 3), "hard": (rng.randint(7, 9), 4, 3)}[level]
        names = rng.sample(["saw", "drill", "mill", "lathe", "press", "oven"], size)
        windows = {}
        for name in names:
            hour, windows[name] = (rng.randint(0, 5), [])
            for _ in range(2):
                windows[name].append([hour, hour + rng.randint(1, 4)])
                hour = windows[name][-1][1] + rng.randint(3, 9)
        orders = []
        for _ in range(count):
            steps = [[name, rng.randint(2, 6)] for name in rng.sample(names, rng.randint(2, most))]
            orders.append([rng.randint(0, 8), steps])
        spares = {name: rng.choice([other for other in names if other != name]) for name in names if rng.random() < 0.7}
        return {"orders": orders, "windows": windows, "spares": spares, "patience": rng.randint(1, 3)}
