"""A trip with an electric van has stages numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class TripLog:
    """The stages with their modes, the stations and the log."""

    def __init__(self, stages: list[dict[str, list[int]]], stations: list[list[int]], charge: int) -> None:
        self.stages, self.stations = stages, stations
        self.log: list[dict[int, int]] = [{charge: 0}, *[{} for _ in stages]]

    def _minutes(self, finished: int, charge: int) -> int:
        if not 0 <= finished < len(self.log) or charge not in self.log[finished]:
            raise ValueError(f"the log has no entry for {finished} finished stages and charge {charge}")
        return self.log[finished][charge]

    def charges(self, finished: int) -> list[int]:
        """List the charges in the log.

        Args:
            finished: number of finished stages, from 0.

        Returns:
            the charges entered for it, in ascending order.

        Example:
            charges(finished=1) -> [3, 5]
        """
        if not 0 <= finished < len(self.log):
            raise ValueError(f"finished must be from 0 to {len(self.log) - 1}, got {finished}")
        return sorted(self.log[finished])

    def minutes_at(self, finished: int, charge: int) -> int:
        """Look up an entry of the log.

        Args:
            finished: number of finished stages.
            charge: a charge that is in the log for it.

        Returns:
            the minutes.

        Example:
            minutes_at(finished=1, charge=5) -> 30
        """
        return self._minutes(finished, charge)

    def drive(self, stage: int, charge: int) -> list[list[int]]:
        """Work out how a stage can be driven.

        Args:
            stage: number of the stage, from 0.
            charge: the charge at its start.

        Returns:
            for each mode that is possible, in order: the charge left and the minutes it takes.

        Example:
            drive(stage=0, charge=8) -> [[3, 20], [5, 30]]
        """
        if not 0 <= stage < len(self.stages):
            raise ValueError(f"stage must be from 0 to {len(self.stages) - 1}, got {stage}")
        modes = zip(self.stages[stage]["uses"], self.stages[stage]["minutes"], strict=True)
        return [[charge - uses, minutes] for uses, minutes in modes if uses <= charge]

    def plug_in(self, stage: int, charge: int) -> list[int]:
        """Work out what plugging in at the station after a stage brings about.

        Args:
            stage: number of the stage.
            charge: the charge before.

        Returns:
            the charge after it and the minutes it takes.

        Example:
            plug_in(stage=0, charge=3) -> [7, 16]
        """
        if not 0 <= stage < len(self.stations):
            raise ValueError(f"stage must be from 0 to {len(self.stations) - 1}, got {stage}")
        power, full = self.stations[stage]
        return [max(charge, min(full, charge + power)), 6 + 2 * power + charge // 2]

    def enter(self, finished: int, charge: int, minutes: int) -> str:
        """Enter minutes into the log, if none or a greater number is there.

        Args:
            finished: number of finished stages, at least 1.
            charge: the charge with which the next stage can be started.
            minutes: the minutes.

        Returns:
            "new", "improved" (a greater number was there) or "kept" (what was there stays).

        Example:
            enter(finished=1, charge=5, minutes=30) -> "new"
        """
        if not 1 <= finished < len(self.log) or charge < 0 or minutes < 0:
            raise ValueError("expected 1 or more finished stages and no negative numbers")
        old = self.log[finished].get(charge, -1)
        if 0 <= old <= minutes:
            return "kept"
        self.log[finished][charge] = minutes
        return "improved" if old >= 0 else "new"


class BatteryStages(Environment):
    """A trip with an electric van has stages numbered from 0. Each can be driven in several modes, which use different
    amounts of charge and of minutes; a mode that uses more than the van has is not possible. The van starts stage 0
    with `charge` units at minute 0. After each stage it may be plugged in at the station there or not, which takes
    minutes and raises the charge.

    The log keeps, for each number of finished stages and each charge with which the van can go on from there, the
    smallest number of minutes after which this is possible. Take the stages in ascending order, at each stage all
    charges in the log in ascending order, and for each of them all possible modes in the order of the list; for each
    mode enter first what comes out without, then what comes out with plugging in.

    Count the improvements: entries that replace a greater number of minutes for the same number of stages and the same
    charge.

    The answer is the smallest number of minutes after all stages (there always is one), the greatest charge with which
    the van can have this, and the number of improvements.

    The input is hidden (stages, stations); the tools give access to it. Observe shows what is known from the start:
    sizes, and charge.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, stages: list[dict[str, list[int]]], stations: list[list[int]], charge: int) -> None:
        self.stages = stages
        self.stations = stations
        self.charge = charge
        self.log = TripLog(copy.deepcopy(self.stages), copy.deepcopy(self.stations), self.charge)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "charge": a whole number, given as it is.
            "stages": number of items of stages.
            "stations": number of items of stations.

        Example:
            Observe() -> {"charge": 8, "stages": 2, "stations": 2}
        """
        return {"charge": self.charge, "stages": len(self.stages), "stations": len(self.stations)}

    @tool
    def Charges(self, finished: int) -> list[int]:
        """List the charges in the log.

        Args:
            finished: number of finished stages, from 0.

        Returns:
            the charges entered for it, in ascending order.

        Example:
            Charges(finished=1) -> [3, 5]
        """
        return self.log.charges(finished)

    @tool
    def MinutesAt(self, finished: int, charge: int) -> int:
        """Look up an entry of the log.

        Args:
            finished: number of finished stages.
            charge: a charge that is in the log for it.

        Returns:
            the minutes.

        Example:
            MinutesAt(finished=1, charge=5) -> 30
        """
        return self.log.minutes_at(finished, charge)

    @tool
    def Drive(self, stage: int, charge: int) -> list[list[int]]:
        """Work out how a stage can be driven.

        Args:
            stage: number of the stage, from 0.
            charge: the charge at its start.

        Returns:
            for each mode that is possible, in order: the charge left and the minutes it takes.

        Example:
            Drive(stage=0, charge=8) -> [[3, 20], [5, 30]]
        """
        return self.log.drive(stage, charge)

    @tool
    def PlugIn(self, stage: int, charge: int) -> list[int]:
        """Work out what plugging in at the station after a stage brings about.

        Args:
            stage: number of the stage.
            charge: the charge before.

        Returns:
            the charge after it and the minutes it takes.

        Example:
            PlugIn(stage=0, charge=3) -> [7, 16]
        """
        return self.log.plug_in(stage, charge)

    @tool
    def Enter(self, finished: int, charge: int, minutes: int) -> str:
        """Enter minutes into the log, if none or a greater number is there.

        Args:
            finished: number of finished stages, at least 1.
            charge: the charge with which the next stage can be started.
            minutes: the minutes.

        Returns:
            "new", "improved" (a greater number was there) or "kept" (what was there stays).

        Example:
            Enter(finished=1, charge=5, minutes=30) -> "new"
        """
        return self.log.enter(finished, charge, minutes)

    def answer(self) -> dict[str, int]:
        """Fill the log.

        Returns:
            the "minutes", the "charge" and the "improvements". Example: {"minutes": 96, "charge": 4, "improvements":
                3}.
        """
        stages = copy.deepcopy(self.stages)
        stations = copy.deepcopy(self.stations)
        charge = self.charge
        log = TripLog(stages, stations, charge)
        improved = 0
        for stage in range(len(stages)):
            for level in log.charges(stage):
                before = log.minutes_at(stage, level)
                for left, minutes in log.drive(stage, level):
                    improved += log.enter(stage + 1, left, before + minutes) == "improved"
                    full, waiting = log.plug_in(stage, left)
                    improved += log.enter(stage + 1, full, before + minutes + waiting) == "improved"
        best, chosen = (10**6, -1)
        for level in log.charges(len(stages)):
            minutes = log.minutes_at(len(stages), level)
            if minutes <= best:
                best, chosen = (minutes, level)
        return {"minutes": best, "charge": chosen, "improvements": improved}

    def solve(self, call):
        seen = call("Observe")
        improved = 0
        for stage in range(seen["stages"]):
            for level in call("Charges", finished=stage):
                before = call("MinutesAt", finished=stage, charge=level)
                for left, minutes in call("Drive", stage=stage, charge=level):
                    improved += call("Enter", finished=stage + 1, charge=left, minutes=before + minutes) == "improved"
                    full, waiting = call("PlugIn", stage=stage, charge=left)
                    improved += (
                        call("Enter", finished=stage + 1, charge=full, minutes=before + minutes + waiting) == "improved"
                    )
        best, chosen = (10**6, -1)
        for level in call("Charges", finished=seen["stages"]):
            minutes = call("MinutesAt", finished=seen["stages"], charge=level)
            if minutes <= best:
                best, chosen = (minutes, level)
        return call("Done", answer={"minutes": best, "charge": chosen, "improvements": improved})

    @staticmethod
    def generate(rng, level):
        count, modes = {"easy": (2, 1), "medium": (2, 2), "hard": (rng.randint(3, 4), 2)}[level]
        stages, stations = ([], [])
        for _ in range(count):
            uses = sorted(rng.sample(range(1, 5 if count < 4 else 4), modes))
            stages.append({"uses": uses, "minutes": sorted((rng.randint(10, 40) for _ in uses), reverse=True)})
            stations.append([rng.randint(4, 5), rng.randint(6, 8)])
        return {"stages": stages, "stations": stations, "charge": rng.randint(5, 8)}
