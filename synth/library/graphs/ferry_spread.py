"""News spreads by ferry from the port Home, where it is docked at hour 0. From every port where it has docked it is sent on
at once over all lines of that port; on a line it leaves with the next departure at or after the hour of docking and arrives
after the crossing time. All lines can be used in both directions, but their hours may differ.

In each other port the news docks once, namely at the earliest hour at which any ferry brings it. The ports dock in the order
of these hours; at the same hour in alphabetical order of their names. Docking costs a fee, which depends on the port, on the
hour and on the dockings before it. Home docks first and pays a fee as well. Every port can be reached.

The answer is the sum of all fees, and the hour of the last docking."""

import heapq


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


def solution(lines: dict[str, list[int]], ports: dict[str, int]) -> dict[str, int]:
    """Spread the news.

    Returns:
        the sum of the "fees" and the "last" hour. Example: {"fees": 74, "last": 31}.
    """
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, extra = {"easy": (3, 1), "medium": (6, 3), "hard": (rng.randint(11, 14), 14)}[level]
    names = ["Home", *rng.sample("Ahus Brod Cork Dord Elba Faro Gelt Hull Imus Kiel Lubb Mors Nice Oban Pula".split(), count)]
    pairs = {(names[rng.randrange(n)], names[n]) for n in range(1, count + 1)}
    pairs |= {tuple(sorted(rng.sample(names, 2))) for _ in range(extra)}
    lines = {}
    for one, two in sorted(pairs):
        for line in (f"{one}>{two}", f"{two}>{one}"):
            lines[line] = [rng.randint(0, 5), rng.randint(2, 9), rng.randint(1, 12)]
    return {"lines": lines, "ports": {name: rng.randint(1, 3) for name in names}}
