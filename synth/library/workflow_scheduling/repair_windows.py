"""Orders are planned on machines that have repair windows, hours at which they stand still. Orders are numbered from 0 and
planned in ascending order. An order has steps, which are done one after the other, each on a machine for some hours without
a break.

A step may begin at the hour at which the step before it ends (the first one at the release of the order) or later, at the
earliest hour at which its machine is unoccupied for all of its hours; a machine is occupied by repair windows and by the
steps planned before. But if a step would begin more than the patience hours after the earliest hour at which it might
begin, and the step may also be done on another machine (the spare of its machine), it is planned on whichever of the two
lets it end earlier; if both end at the same hour, on its own machine. On the spare, the step may take another number of
hours, and is placed by the same rule, without a further spare.

Find for each order the hour at which its last step ends."""


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


def solution(orders: list[list], windows: dict[str, list[list[int]]], spares: dict[str, str], patience: int) -> list[int]:
    """Plan orders on machines.

    Returns:
        the hour at which each order ends, such as [14, 9, 22].
    """
    hall = MachineHall(orders, windows, spares)
    ends = []
    for order in range(len(orders)):
        facts = hall.read_order(order)
        ready = facts["release"]
        for step in range(len(facts["steps"])):
            best, machine = [], facts["steps"][step]
            while machine != "none":
                hours, first = hall.step_hours(order, step, machine), ready
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, size, most = {"easy": (2, 2, 2), "medium": (3, 3, 3), "hard": (rng.randint(7, 9), 4, 3)}[level]
    names = rng.sample(["saw", "drill", "mill", "lathe", "press", "oven"], size)
    windows = {}
    for name in names:
        hour, windows[name] = rng.randint(0, 5), []
        for _ in range(2):
            windows[name].append([hour, hour + rng.randint(1, 4)])
            hour = windows[name][-1][1] + rng.randint(3, 9)
    orders = []
    for _ in range(count):
        steps = [[name, rng.randint(2, 6)] for name in rng.sample(names, rng.randint(2, most))]
        orders.append([rng.randint(0, 8), steps])
    spares = {name: rng.choice([other for other in names if other != name]) for name in names if rng.random() < 0.7}
    return {"orders": orders, "windows": windows, "spares": spares, "patience": rng.randint(1, 3)}
