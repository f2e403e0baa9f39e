"""Parts run through the stations of a line, one after the other in ascending order of their numbers, and no part overtakes
another.
"""

import copy

from codegym_mcp import Environment, tool


class StationLine:
    """Stations that wear out with use."""

    def __init__(self, work: list[list[int]], lives: list[int]) -> None:
        self._work, self._lives = work, lives
        self._used = [0] * len(lives)
        self._done = [[False] * len(row) for row in work]

    def is_worn_out(self, station: int) -> bool:
        """Tell whether a station is worn out now.

        Args:
            station: number of the station, from 0.

        Returns:
            whether it has to be serviced before further work.

        Example:
            is_worn_out(station=1) -> false
        """
        if not 0 <= station < len(self._lives):
            raise ValueError(f"station must be from 0 to {len(self._lives) - 1}, got {station}")
        return self._used[station] >= self._lives[station]

    def service_station(self, station: int, minute: int) -> int:
        """Service a worn out station.

        Args:
            station: number of the station.
            minute: the minute at which the service begins.

        Returns:
            the minute at which it ends.

        Example:
            service_station(station=1, minute=14) -> 17
        """
        if not self.is_worn_out(station):
            raise ValueError(f"station {station} is not worn out")
        minutes = 2 + self._used[station] % 4
        self._used[station] = 0
        return minute + minutes

    def work_on_part(self, part: int, station: int, minute: int) -> int:
        """Work on a part at a station that is not worn out.

        Args:
            part: number of the part, from 0; each part is worked on once at each station.
            station: number of the station.
            minute: the minute at which the work begins.

        Returns:
            the minute at which the part is finished there.

        Example:
            work_on_part(part=0, station=1, minute=17) -> 22
        """
        if self.is_worn_out(station) or not 0 <= part < len(self._work) or self._done[part][station]:
            raise ValueError(f"station {station} is worn out, or part {part} is done there already")
        self._done[part][station] = True
        self._used[station] += self._work[part][station]
        return minute + self._work[part][station] + self._used[station] // 6

    def count_stations(self) -> int:
        """Count the stations of the line.

        Returns:
            how many there are.

        Example:
            count_stations() -> 3
        """
        return len(self._lives)


class BlockingStations(Environment):
    """Parts run through the stations of a line, one after the other in ascending order of their numbers, and no part
    overtakes another. Stations are numbered from 0 and each part passes all of them in this order. There is no room
    between the stations: a part that is finished at a station stays there, and blocks it, until the next station is
    empty; from the last station it leaves at once.

    A part comes to station 0 as soon as the part before it has left it; the first part comes at minute 0. It comes to
    any other station at the minute at which it leaves the one before it. Work begins when it comes, or, if the station
    is worn out then, at the end of a service that begins when it comes.

    A station becomes empty at the minute at which its part leaves it, and another part may come to it at this very
    minute.

    Find the minute at which the last part leaves the line, the sum over all parts and stations of the minutes for which
    a finished part blocked a station, and the number of services.

    The input is hidden (work, lives); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, work: list[list[int]], lives: list[int]) -> None:
        self.work = work
        self.lives = lives
        self.line = StationLine(copy.deepcopy(self.work), copy.deepcopy(self.lives))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "work": number of items of work.
            "lives": number of items of lives.

        Example:
            Observe() -> {"work": 3, "lives": 3}
        """
        return {"work": len(self.work), "lives": len(self.lives)}

    @tool
    def IsWornOut(self, station: int) -> bool:
        """Tell whether a station is worn out now.

        Args:
            station: number of the station, from 0.

        Returns:
            whether it has to be serviced before further work.

        Example:
            IsWornOut(station=1) -> false
        """
        return self.line.is_worn_out(station)

    @tool
    def ServiceStation(self, station: int, minute: int) -> int:
        """Service a worn out station.

        Args:
            station: number of the station.
            minute: the minute at which the service begins.

        Returns:
            the minute at which it ends.

        Example:
            ServiceStation(station=1, minute=14) -> 17
        """
        return self.line.service_station(station, minute)

    @tool
    def WorkOnPart(self, part: int, station: int, minute: int) -> int:
        """Work on a part at a station that is not worn out.

        Args:
            part: number of the part, from 0; each part is worked on once at each station.
            station: number of the station.
            minute: the minute at which the work begins.

        Returns:
            the minute at which the part is finished there.

        Example:
            WorkOnPart(part=0, station=1, minute=17) -> 22
        """
        return self.line.work_on_part(part, station, minute)

    @tool
    def CountStations(self) -> int:
        """Count the stations of the line.

        Returns:
            how many there are.

        Example:
            CountStations() -> 3
        """
        return self.line.count_stations()

    def answer(self) -> list[int]:
        """Run parts through a line.

        Returns:
            [minute of the last part, minutes blocked, services], such as [64, 13, 2].
        """
        work = copy.deepcopy(self.work)
        lives = copy.deepcopy(self.lives)
        line = StationLine(work, lives)
        blocked = services = 0
        left = [0] * (line.count_stations() + 1)
        for part in range(len(work)):
            minute = left[0]
            for station in range(line.count_stations()):
                if line.is_worn_out(station):
                    minute = line.service_station(station, minute)
                    services += 1
                finished = line.work_on_part(part, station, minute)
                minute = max(finished, left[station + 1])
                blocked += minute - finished
                left[station] = minute
        return [minute, blocked, services]

    def solve(self, call):
        seen = call("Observe")
        blocked = services = 0
        left = [0] * (call("CountStations") + 1)
        for part in range(seen["work"]):
            minute = left[0]
            for station in range(call("CountStations")):
                if call("IsWornOut", station=station):
                    minute = call("ServiceStation", station=station, minute=minute)
                    services += 1
                finished = call("WorkOnPart", part=part, station=station, minute=minute)
                minute = max(finished, left[station + 1])
                blocked += minute - finished
                left[station] = minute
        return call("Done", answer=[minute, blocked, services])

    @staticmethod
    def generate(rng, level):
        parts, stations = {"easy": (3, 3), "medium": (5, 3), "hard": (rng.randint(8, 11), rng.randint(4, 5))}[level]
        return {
            "work": [[rng.randint(1, 9) for _ in range(stations)] for _ in range(parts)],
            "lives": [rng.randint(8, 18) for _ in range(stations)],
        }
