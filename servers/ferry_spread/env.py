"""News spreads by ferry from the port Home, where it is docked at hour 0."""

import copy
import heapq

from codegym_mcp import Environment, tool


class FerryDesk:
    """The timetable and the dockings so far."""

    def __init__(self, lines: dict[str, list[int]], ports: dict[str, int]) -> None:
        self.lines, self.ports = lines, ports  # "A>B": [first departure, period, crossing]; port: pier
        self.docked: list[str] = []
        self.piers: dict[str, int] = {}

    def _line(self, port: str, next_port: str) -> list[int]:
        if f"{port}>{next_port}" not in self.lines:
            raise ValueError(f"there is no line from {port!r} to {next_port!r}")
        return self.lines[f"{port}>{next_port}"]

    def lines_from(self, port: str) -> list[str]:
        """List the ports to which a line leads.

        Args:
            port: name of the port where the lines begin.

        Returns:
            names of the ports that have not docked yet, in alphabetical order; maybe none.

        Example:
            lines_from(port="Home") -> ["Ahus", "Kiel"]
        """
        if port not in self.ports:
            raise ValueError(f"there is no port {port!r}")
        ends = [line.split(">")[1] for line in self.lines if line.startswith(f"{port}>")]
        return sorted(end for end in ends if end not in self.docked)

    def departure(self, port: str, next_port: str, hour: int) -> int:
        """Look up the next departure of a line.

        Args:
            port: where the line begins.
            next_port: where it ends.
            hour: the hour from which on one can leave.

        Returns:
            the hour of the first departure at or after that hour.

        Example:
            departure(port="Home", next_port="Kiel", hour=5) -> 7
        """
        first, period, _ = self._line(port, next_port)
        return first + max(0, -(-(hour - first) // period)) * period

    def crossing_time(self, port: str, next_port: str) -> int:
        """Look up how long a crossing takes.

        Args:
            port: where the line begins.
            next_port: where it ends.

        Returns:
            the hours it takes.

        Example:
            crossing_time(port="Home", next_port="Kiel") -> 4
        """
        return self._line(port, next_port)[2]

    def dock(self, port: str, hour: int) -> int:
        """Dock in a port; this can be done once in each port.

        Args:
            port: name of the port.
            hour: hour of the docking.

        Returns:
            the fee.

        Example:
            dock(port="Kiel", hour=11) -> 23
        """
        if port not in self.ports or port in self.docked:
            raise ValueError(f"{port!r} is no port, or the news has docked there")
        self.docked.append(port)
        pier = str(self.ports[port])
        self.piers[pier] = self.piers.get(pier, 0) + 1
        return 5 * self.piers[pier] + (hour + 3 * self.ports[port]) % 24


class FerrySpread(Environment):
    """News spreads by ferry from the port Home, where it is docked at hour 0. From every port where it has docked it is
    sent on at once over all lines of that port; on a line it leaves with the next departure at or after the hour of
    docking and arrives after the crossing time. All lines can be used in both directions, but their hours may differ.

    In each other port the news docks once, namely at the earliest hour at which any ferry brings it. The ports dock in
    the order of these hours; at the same hour in alphabetical order of their names. Docking costs a fee, which depends
    on the port, on the hour and on the dockings before it. Home docks first and pays a fee as well. Every port can be
    reached.

    The answer is the sum of all fees, and the hour of the last docking.

    The input is hidden (lines, ports); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, lines: dict[str, list[int]], ports: dict[str, int]) -> None:
        self.lines = lines
        self.ports = ports
        self.desk = FerryDesk(copy.deepcopy(self.lines), copy.deepcopy(self.ports))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "lines": number of keys of lines.
            "ports": number of keys of ports.

        Example:
            Observe() -> {"lines": 8, "ports": 4}
        """
        return {"lines": len(self.lines), "ports": len(self.ports)}

    @tool
    def LinesFrom(self, port: str) -> list[str]:
        """List the ports to which a line leads.

        Args:
            port: name of the port where the lines begin.

        Returns:
            names of the ports that have not docked yet, in alphabetical order; maybe none.

        Example:
            LinesFrom(port="Home") -> ["Ahus", "Kiel"]
        """
        return self.desk.lines_from(port)

    @tool
    def Departure(self, port: str, next_port: str, hour: int) -> int:
        """Look up the next departure of a line.

        Args:
            port: where the line begins.
            next_port: where it ends.
            hour: the hour from which on one can leave.

        Returns:
            the hour of the first departure at or after that hour.

        Example:
            Departure(port="Home", next_port="Kiel", hour=5) -> 7
        """
        return self.desk.departure(port, next_port, hour)

    @tool
    def CrossingTime(self, port: str, next_port: str) -> int:
        """Look up how long a crossing takes.

        Args:
            port: where the line begins.
            next_port: where it ends.

        Returns:
            the hours it takes.

        Example:
            CrossingTime(port="Home", next_port="Kiel") -> 4
        """
        return self.desk.crossing_time(port, next_port)

    @tool
    def Dock(self, port: str, hour: int) -> int:
        """Dock in a port; this can be done once in each port.

        Args:
            port: name of the port.
            hour: hour of the docking.

        Returns:
            the fee.

        Example:
            Dock(port="Kiel", hour=11) -> 23
        """
        return self.desk.dock(port, hour)

    def answer(self) -> dict[str, int]:
        """Spread the news.

        Returns:
            the sum of the "fees" and the "last" hour. Example: {"fees": 74, "last": 31}.
        """
        lines = copy.deepcopy(self.lines)
        ports = copy.deepcopy(self.ports)
        desk = FerryDesk(lines, ports)
        waiting = [(0, "Home")]
        done: list[str] = []
        fees = last = 0
        while waiting:
            hour, port = heapq.heappop(waiting)
            if port in done:
                continue
            done.append(port)
            fees += desk.dock(port, hour)
            last = hour
            for other in desk.lines_from(port):
                leaving = desk.departure(port, other, hour)
                heapq.heappush(waiting, (leaving + desk.crossing_time(port, other), other))
        return {"fees": fees, "last": last}

    def solve(self, call):
        waiting = [(0, "Home")]
        done = []
        fees = last = 0
        while waiting:
            hour, port = heapq.heappop(waiting)
            if port in done:
                continue
            done.append(port)
            fees += call("Dock", port=port, hour=hour)
            last = hour
            for other in call("LinesFrom", port=port):
                leaving = call("Departure", port=port, next_port=other, hour=hour)
                heapq.heappush(waiting, (leaving + call("CrossingTime", port=port, next_port=other), other))
        return call("Done", answer={"fees": fees, "last": last})

    @staticmethod
    def generate(rng, level):
        count, extra = {"easy": (3, 1), "medium": (6, 3), "hard": (rng.randint(11, 14), 14)}[level]
        names = [
            "Home",
            *rng.sample("Ahus Brod Cork Dord Elba Faro Gelt Hull Imus Kiel Lubb Mors Nice Oban Pula".split(), count),
        ]
        pairs = {(names[rng.randrange(n)], names[n]) for n in range(1, count + 1)}
        pairs |= {tuple(sorted(rng.sample(names, 2))) for _ in range(extra)}
        lines = {}
        for one, two in sorted(pairs):
            for line in (f"{one}>{two}", f"{two}>{one}"):
                lines[line] = [rng.randint(0, 5), rng.randint(2, 9), rng.randint(1, 12)]
        return {"lines": lines, "ports": {name: rng.randint(1, 3) for name in names}}
