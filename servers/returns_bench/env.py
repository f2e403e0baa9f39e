"""Returned devices are examined and repaired."""

import copy

from codegym_mcp import Environment, tool


class RepairHall:
    """Devices with hidden faults, and benches."""

    def __init__(self, devices: list[dict], minutes: dict[str, int], benches: int) -> None:
        self._devices, self._minutes = devices, minutes
        self._open = [list(device["defects"]) for device in devices]
        self._later = [list(device["later"]) for device in devices]
        self._work = [0] * benches

    def _device(self, device: int) -> int:
        if not 0 <= device < len(self._devices):
            raise ValueError(f"device must be from 0 to {len(self._devices) - 1}, got {device}")
        return device

    def examine_device(self, device: int) -> dict[str, int | list[str]]:
        """Examine a device.

        Args:
            device: number of the device, from 0.

        Returns:
            its "value" and its "defects".

        Example:
            examine_device(device=0) -> {"value": 90, "defects": ["screen", "port"]}
        """
        return {
            "value": self._devices[self._device(device)]["value"],
            "defects": list(self._devices[device]["defects"]),
        }

    def estimate_minutes(self, defect: str) -> int:
        """Estimate the minutes for a defect, which decide about scrapping.

        Args:
            defect: name of the defect.

        Returns:
            the minutes.

        Example:
            estimate_minutes(defect="screen") -> 25
        """
        if defect not in self._minutes:
            raise ValueError(f"defect must be one of {sorted(self._minutes)}, got {defect!r}")
        return self._minutes[defect]

    def read_benches(self) -> list[int]:
        """Read the minutes of work of all benches so far.

        Returns:
            the minutes by bench, from bench 0 on.

        Example:
            read_benches() -> [45, 20]
        """
        return list(self._work)

    def fix_defect(self, device: int, defect: str, bench: int) -> int:
        """Fix a defect of a device on a bench.

        Args:
            device: number of the device.
            defect: a defect that it has and that is known.
            bench: number of the bench, from 0.

        Returns:
            the minutes that this took.

        Example:
            fix_defect(device=0, defect="screen", bench=1) -> 27
        """
        if defect not in self._open[self._device(device)] or not 0 <= bench < len(self._work):
            raise ValueError(f"device {device} has no known defect {defect!r}, or there is no bench {bench}")
        self._open[device].remove(defect)
        took = self._minutes[defect] + (bench * 5 + len(defect)) % 7
        self._work[bench] += took
        return took

    def test_device(self, device: int) -> str:
        """Test a device that has no known defect left.

        Args:
            device: number of the device.

        Returns:
            "pass", or the name of a defect, which it has from now on.

        Example:
            test_device(device=0) -> "battery"
        """
        if self._open[self._device(device)]:
            raise ValueError(f"device {device} still has known defects: {self._open[device]}")
        if not self._later[device]:
            return "pass"
        self._open[device].append(self._later[device].pop(0))
        return self._open[device][0]


class ReturnsBench(Environment):
    """Returned devices are examined and repaired. Devices are numbered from 0 and handled in ascending order.

    Examine the device: this tells its value and its defects. If the estimated minutes for all its defects together,
    times the rate, are more than its value, the device is scrapped at once.

    Otherwise it goes to the bench with the fewest minutes of work so far, of equal ones the one with the lowest number.
    There its defects are fixed one after the other in the order in which they were told. Then it is tested. If the test
    fails, it names one defect, which is fixed on the same bench, and the device is tested again. This is repeated until
    the device passes; but a device that has failed three tests is sold for spares, without fixing what the third test
    named.

    All minutes count for the bench, also those of devices sold for spares. What fixing really takes is told when it is
    done.

    Find the sum of the values of the devices that passed, how many were sold for spares, and the greatest number of
    minutes of any bench in the end.

    The input is hidden (devices, minutes); the tools give access to it. Observe shows what is known from the start:
    sizes, and benches, rate.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, devices: list[dict[str, int | list | list[str]]], minutes: dict[str, int], benches: int, rate: int
    ) -> None:
        self.devices = devices
        self.minutes = minutes
        self.benches = benches
        self.rate = rate
        self.hall = RepairHall(copy.deepcopy(self.devices), copy.deepcopy(self.minutes), self.benches)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "benches": a whole number, given as it is.
            "rate": a whole number, given as it is.
            "devices": number of items of devices.
            "minutes": number of keys of minutes.

        Example:
            Observe() -> {"benches": 2, "rate": 3, "devices": 3, "minutes": 5}
        """
        return {"benches": self.benches, "rate": self.rate, "devices": len(self.devices), "minutes": len(self.minutes)}

    @tool
    def ExamineDevice(self, device: int) -> dict[str, int | list[str]]:
        """Examine a device.

        Args:
            device: number of the device, from 0.

        Returns:
            its "value" and its "defects".

        Example:
            ExamineDevice(device=0) -> {"value": 90, "defects": ["screen", "port"]}
        """
        return self.hall.examine_device(device)

    @tool
    def EstimateMinutes(self, defect: str) -> int:
        """Estimate the minutes for a defect, which decide about scrapping.

        Args:
            defect: name of the defect.

        Returns:
            the minutes.

        Example:
            EstimateMinutes(defect="screen") -> 25
        """
        return self.hall.estimate_minutes(defect)

    @tool
    def ReadBenches(self) -> list[int]:
        """Read the minutes of work of all benches so far.

        Returns:
            the minutes by bench, from bench 0 on.

        Example:
            ReadBenches() -> [45, 20]
        """
        return self.hall.read_benches()

    @tool
    def FixDefect(self, device: int, defect: str, bench: int) -> int:
        """Fix a defect of a device on a bench.

        Args:
            device: number of the device.
            defect: a defect that it has and that is known.
            bench: number of the bench, from 0.

        Returns:
            the minutes that this took.

        Example:
            FixDefect(device=0, defect="screen", bench=1) -> 27
        """
        return self.hall.fix_defect(device, defect, bench)

    @tool
    def TestDevice(self, device: int) -> str:
        """Test a device that has no known defect left.

        Args:
            device: number of the device.

        Returns:
            "pass", or the name of a defect, which it has from now on.

        Example:
            TestDevice(device=0) -> "battery"
        """
        return self.hall.test_device(device)

    def answer(self) -> dict[str, int]:
        """Repair returned devices.

        Returns:
            the "value" of what passed, the number of "spares" and the greatest minutes of a bench ("longest").
            Example: {"value": 310, "spares": 1, "longest": 142}.
        """
        devices = copy.deepcopy(self.devices)
        minutes = copy.deepcopy(self.minutes)
        benches = self.benches
        rate = self.rate
        hall = RepairHall(devices, minutes, benches)
        value = spares = 0
        for device in range(len(devices)):
            report = hall.examine_device(device)
            estimate = 0
            for defect in report["defects"]:
                estimate += hall.estimate_minutes(defect)
            if estimate * rate > report["value"]:
                continue
            work = hall.read_benches()
            bench = work.index(min(work))
            for defect in report["defects"]:
                hall.fix_defect(device, defect, bench)
            for _ in range(2):
                verdict = hall.test_device(device)
                if verdict == "pass":
                    break
                hall.fix_defect(device, verdict, bench)
            else:
                verdict = hall.test_device(device)
            if verdict == "pass":
                value += report["value"]
            else:
                spares += 1
        return {"value": value, "spares": spares, "longest": max(hall.read_benches())}

    def solve(self, call):
        seen = call("Observe")
        rate = seen["rate"]
        value = spares = 0
        for device in range(seen["devices"]):
            report = call("ExamineDevice", device=device)
            estimate = 0
            for defect in report["defects"]:
                estimate += call("EstimateMinutes", defect=defect)
            if estimate * rate > report["value"]:
                continue
            work = call("ReadBenches")
            bench = work.index(min(work))
            for defect in report["defects"]:
                call("FixDefect", device=device, defect=defect, bench=bench)
            for _ in range(2):
                verdict = call("TestDevice", device=device)
                if verdict == "pass":
                    break
                call("FixDefect", device=device, defect=verdict, bench=bench)
            else:
                verdict = call("TestDevice", device=device)
            if verdict == "pass":
                value += report["value"]
            else:
                spares += 1
        return call("Done", answer={"value": value, "spares": spares, "longest": max(call("ReadBenches"))})

    @staticmethod
    def generate(rng, level):
        count, benches = {"easy": (3, 2), "medium": (5, 2), "hard": (rng.randint(10, 13), 3)}[level]
        names = rng.sample(["screen", "port", "battery", "hinge", "keys", "fan"], 5)
        devices = []
        for _ in range(count):
            defects = rng.sample(names, rng.randint(1, 3))
            value = rng.randint(80, 200) * len(defects)
            devices.append(
                {"value": value, "defects": defects, "later": rng.sample(names, rng.choice([0, 0, 1, 1, 2, 3]))}
            )
        return {
            "devices": devices,
            "minutes": {name: rng.randint(10, 45) for name in names},
            "benches": benches,
            "rate": rng.randint(3, 4),
        }
