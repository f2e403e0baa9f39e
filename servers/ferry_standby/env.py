"""A ferry makes several sailings, numbered from 0, each with the same empty lanes."""

import copy

from codegym_mcp import Environment, tool


class FerryQuay:
    """Lanes of each sailing, reservations and the standby line."""

    def __init__(self, lanes: list[int], lengths: list[int], reserved: list[list[int]], standby: list[int]) -> None:
        self._lengths, self._reserved, self._standby = lengths, reserved, list(standby)
        self._room = [list(lanes) for _ in reserved]

    def _sailing(self, sailing: int) -> int:
        if not 0 <= sailing < len(self._room):
            raise ValueError(f"sailing must be from 0 to {len(self._room) - 1}, got {sailing}")
        return sailing

    def list_reserved(self, sailing: int) -> list[int]:
        """List the vehicles that are reserved for a sailing.

        Args:
            sailing: number of the sailing, from 0.

        Returns:
            numbers of vehicles in the order of the list.

        Example:
            list_reserved(sailing=0) -> [2, 5]
        """
        return list(self._reserved[self._sailing(sailing)])

    def measure_vehicle(self, vehicle: int) -> int:
        """Measure a vehicle.

        Args:
            vehicle: number of the vehicle, from 0.

        Returns:
            its length in metres, without the gap.

        Example:
            measure_vehicle(vehicle=2) -> 6
        """
        if not 0 <= vehicle < len(self._lengths):
            raise ValueError(f"vehicle must be from 0 to {len(self._lengths) - 1}, got {vehicle}")
        return self._lengths[vehicle]

    def roomiest_lane(self, sailing: int) -> list[int]:
        """Find the lane with the most room left on a sailing.

        Args:
            sailing: number of the sailing, from 0.

        Returns:
            [lane, length of the longest vehicle that fits on it, the gap already allowed for; below 0 if none].

        Example:
            roomiest_lane(sailing=0) -> [1, 9]
        """
        room = self._room[self._sailing(sailing)]
        return [room.index(max(room)), max(room) - 1]

    def load_vehicle(self, vehicle: int, sailing: int, lane: int) -> int:
        """Load a vehicle on a lane where it fits.

        Args:
            vehicle: number of the vehicle.
            sailing: number of the sailing.
            lane: number of the lane, from 0.

        Returns:
            the fare of the vehicle.

        Example:
            load_vehicle(vehicle=2, sailing=0, lane=1) -> 31
        """
        length, room = self.measure_vehicle(vehicle), self._room[self._sailing(sailing)]
        if not 0 <= lane < len(room) or room[lane] < length + 1:
            raise ValueError(f"there is no lane {lane}, or vehicle {vehicle} of {length} metres does not fit on it")
        room[lane] -= length + 1
        return 5 * length + room[lane] % 4

    def join_standby(self, vehicle: int) -> int:
        """Put a vehicle at the end of the standby line.

        Args:
            vehicle: number of the vehicle; it must not be in the line.

        Returns:
            how many vehicles are in the line now.

        Example:
            join_standby(vehicle=5) -> 3
        """
        self.measure_vehicle(vehicle)
        if vehicle in self._standby:
            raise ValueError(f"vehicle {vehicle} is in the line already")
        self._standby.append(vehicle)
        return len(self._standby)

    def call_standby(self) -> int:
        """Take the vehicle at the head of the standby line out of the line.

        Returns:
            the number of the vehicle, or -1 if the line is empty.

        Example:
            call_standby() -> 5
        """
        return self._standby.pop(0) if self._standby else -1


class FerryStandby(Environment):
    """A ferry makes several sailings, numbered from 0, each with the same empty lanes. Vehicles are numbered from 0; some
    are reserved for a sailing, and one line of standby vehicles waits on the quay.

    For each sailing in order:

    1. Take the vehicles reserved for it in the order in which they are listed. Each goes on the lane with the most room
    left
       (at equal room the lowest lane number). If even that lane is too short for it, it goes to the end of the standby
       line.
    2. Then load from the standby line: the vehicle at its head goes on the lane with the most room left, by the same
    rule, and
       leaves the line. This goes on until the line is empty, or the vehicle at its head does not fit. In the second
       case it
       goes to the end of the line, and loading for this sailing is over.

    A loaded vehicle takes up its length and a gap. After the last sailing, vehicles left in the line stay on the quay.

    Find the sum of the fares of all loaded vehicles, and the total length of those left on the quay.

    The input is hidden (lanes, lengths, reserved, standby); the tools give access to it. Observe shows what is known
    from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, lanes: list[int], lengths: list[int], reserved: list[list[int]], standby: list[int]) -> None:
        self.lanes = lanes
        self.lengths = lengths
        self.reserved = reserved
        self.standby = standby
        self.quay = FerryQuay(
            copy.deepcopy(self.lanes),
            copy.deepcopy(self.lengths),
            copy.deepcopy(self.reserved),
            copy.deepcopy(self.standby),
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "lanes": number of items of lanes.
            "lengths": number of items of lengths.
            "reserved": number of items of reserved.
            "standby": number of items of standby.

        Example:
            Observe() -> {"lanes": 1, "lengths": 4, "reserved": 2, "standby": 1}
        """
        return {
            "lanes": len(self.lanes),
            "lengths": len(self.lengths),
            "reserved": len(self.reserved),
            "standby": len(self.standby),
        }

    @tool
    def ListReserved(self, sailing: int) -> list[int]:
        """List the vehicles that are reserved for a sailing.

        Args:
            sailing: number of the sailing, from 0.

        Returns:
            numbers of vehicles in the order of the list.

        Example:
            ListReserved(sailing=0) -> [2, 5]
        """
        return self.quay.list_reserved(sailing)

    @tool
    def MeasureVehicle(self, vehicle: int) -> int:
        """Measure a vehicle.

        Args:
            vehicle: number of the vehicle, from 0.

        Returns:
            its length in metres, without the gap.

        Example:
            MeasureVehicle(vehicle=2) -> 6
        """
        return self.quay.measure_vehicle(vehicle)

    @tool
    def RoomiestLane(self, sailing: int) -> list[int]:
        """Find the lane with the most room left on a sailing.

        Args:
            sailing: number of the sailing, from 0.

        Returns:
            [lane, length of the longest vehicle that fits on it, the gap already allowed for; below 0 if none].

        Example:
            RoomiestLane(sailing=0) -> [1, 9]
        """
        return self.quay.roomiest_lane(sailing)

    @tool
    def LoadVehicle(self, vehicle: int, sailing: int, lane: int) -> int:
        """Load a vehicle on a lane where it fits.

        Args:
            vehicle: number of the vehicle.
            sailing: number of the sailing.
            lane: number of the lane, from 0.

        Returns:
            the fare of the vehicle.

        Example:
            LoadVehicle(vehicle=2, sailing=0, lane=1) -> 31
        """
        return self.quay.load_vehicle(vehicle, sailing, lane)

    @tool
    def JoinStandby(self, vehicle: int) -> int:
        """Put a vehicle at the end of the standby line.

        Args:
            vehicle: number of the vehicle; it must not be in the line.

        Returns:
            how many vehicles are in the line now.

        Example:
            JoinStandby(vehicle=5) -> 3
        """
        return self.quay.join_standby(vehicle)

    @tool
    def CallStandby(self) -> int:
        """Take the vehicle at the head of the standby line out of the line.

        Returns:
            the number of the vehicle, or -1 if the line is empty.

        Example:
            CallStandby() -> 5
        """
        return self.quay.call_standby()

    def answer(self) -> list[int]:
        """Load the sailings of a ferry.

        Returns:
            [sum of the fares, metres left on the quay], such as [412, 17].
        """
        lanes = copy.deepcopy(self.lanes)
        lengths = copy.deepcopy(self.lengths)
        reserved = copy.deepcopy(self.reserved)
        standby = copy.deepcopy(self.standby)
        quay = FerryQuay(lanes, lengths, reserved, standby)
        fares = 0
        for sailing in range(len(reserved)):
            for vehicle in quay.list_reserved(sailing):
                lane, room = quay.roomiest_lane(sailing)
                if quay.measure_vehicle(vehicle) <= room:
                    fares += quay.load_vehicle(vehicle, sailing, lane)
                else:
                    quay.join_standby(vehicle)
            head = quay.call_standby()
            while head >= 0:
                lane, room = quay.roomiest_lane(sailing)
                if quay.measure_vehicle(head) > room:
                    quay.join_standby(head)
                    break
                fares += quay.load_vehicle(head, sailing, lane)
                head = quay.call_standby()
        left, head = (0, quay.call_standby())
        while head >= 0:
            left += quay.measure_vehicle(head)
            head = quay.call_standby()
        return [fares, left]

    def solve(self, call):
        seen = call("Observe")
        fares = 0
        for sailing in range(seen["reserved"]):
            for vehicle in call("ListReserved", sailing=sailing):
                lane, room = call("RoomiestLane", sailing=sailing)
                if call("MeasureVehicle", vehicle=vehicle) <= room:
                    fares += call("LoadVehicle", vehicle=vehicle, sailing=sailing, lane=lane)
                else:
                    call("JoinStandby", vehicle=vehicle)
            head = call("CallStandby")
            while head >= 0:
                lane, room = call("RoomiestLane", sailing=sailing)
                if call("MeasureVehicle", vehicle=head) > room:
                    call("JoinStandby", vehicle=head)
                    break
                fares += call("LoadVehicle", vehicle=head, sailing=sailing, lane=lane)
                head = call("CallStandby")
        left, head = (0, call("CallStandby"))
        while head >= 0:
            left += call("MeasureVehicle", vehicle=head)
            head = call("CallStandby")
        return call("Done", answer=[fares, left])

    @staticmethod
    def generate(rng, level):
        sailings, count, lanes = {"easy": (2, 4, 1), "medium": (2, 9, 2), "hard": (3, rng.randint(19, 24), 2)}[level]
        reserved = [[] for _ in range(sailings)]
        order, standby = (rng.sample(range(count), count), [])
        for vehicle in order:
            (standby if rng.random() < 0.3 else rng.choice(reserved)).append(vehicle)
        lengths = [rng.choice([4, 4, 5, 5, 6, 7, 9, 12]) for _ in range(count)]
        metres = max(13, sum(lengths) // (sailings * lanes))
        return {
            "lanes": [metres + rng.randint(-2, 3) for _ in range(lanes)],
            "lengths": lengths,
            "reserved": reserved,
            "standby": standby,
        }
