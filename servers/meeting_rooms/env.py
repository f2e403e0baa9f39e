"""Meetings that compete for rooms: an event-driven timetable, booked meeting by meeting."""

from codegym_mcp import Environment, tool


class MeetingRooms(Environment):
    """Meetings, numbered from 0, have to be held in a few rooms, numbered from 0. Time is counted in minutes.

    Each meeting has a wanted start and a duration. Durations are not known in advance: the end of a meeting is told
    when it is booked. The meetings are served one after the other, in the order of their wanted starts; of those with
    the same wanted start, the one with the smaller number is served first. A room is free at a time if all meetings
    booked there so far end at or before that time. A meeting that is served

    - is booked at its wanted start, in the free room with the smallest number, if any room is free at that time;
    - otherwise is booked at the earliest later time at which a room becomes free, in that room (the one with the
      smallest number if there are several). Its duration stays the same.

    Find the load of each room, which is the total duration of the meetings booked there. A booking cannot be undone.
    """

    def reset(self, *, meetings: list[list[int]], rooms: int) -> None:
        self.meetings = meetings
        self.booked = [False] * len(meetings)
        self.ends = [0] * rooms
        self.loads = [0] * rooms

    def observe(self) -> dict[str, int]:
        """Show how many meetings and rooms there are.

        Returns:
            the number of meetings ("meetings"), of rooms ("rooms") and of meetings booked so far ("booked").

        Example:
            Observe() -> {"meetings": 6, "rooms": 2, "booked": 0}
        """
        return {"meetings": len(self.meetings), "rooms": len(self.ends), "booked": sum(self.booked)}

    @tool
    def WantedStart(self, meeting: int) -> int:
        """Read the wanted start of a meeting.

        Args:
            meeting: number of the meeting, from 0 to meetings - 1.

        Returns:
            the wanted start, in minutes.

        Example:
            WantedStart(meeting=4) -> 35
        """
        if not 0 <= meeting < len(self.meetings):
            raise ValueError(f"meeting must be from 0 to {len(self.meetings) - 1}, got {meeting}")
        return self.meetings[meeting][0]

    @tool
    def FreeRooms(self, time: int) -> list[int]:
        """List the rooms that are free at a time, as far as meetings are booked.

        Args:
            time: a time in minutes, at least 0.

        Returns:
            the numbers of the rooms whose meetings booked so far all end at or before that time, in ascending order.

        Example:
            FreeRooms(time=35) -> [1, 2]
        """
        if time < 0:
            raise ValueError(f"time must be at least 0, got {time}")
        return [room for room, end in enumerate(self.ends) if end <= time]

    @tool
    def NextRelease(self, time: int) -> dict[str, int]:
        """Tell which room becomes free next after a time.

        Args:
            time: a time in minutes, at least 0, at which at least one room is not free.

        Returns:
            the earliest later time at which one of the rooms that are not free at the given time becomes free ("time"),
            and the number of that room, the smallest one if there are several ("room").

        Example:
            NextRelease(time=35) -> {"time": 41, "room": 0}
        """
        later = [(end, room) for room, end in enumerate(self.ends) if end > time >= 0]
        if not later:
            raise ValueError(f"expected a time from 0 on at which some room is not free, got {time}")
        return {"time": min(later)[0], "room": min(later)[1]}

    @tool
    def Book(self, meeting: int, room: int, start: int) -> int:
        """Book a meeting. Whether it is its turn, and whether this is the right room and start, is not checked.

        Args:
            meeting: number of a meeting that is not yet booked.
            room: number of a room that is free at the start.
            start: time at which the meeting starts, not before its wanted start.

        Returns:
            the time at which the meeting ends.

        Example:
            Book(meeting=4, room=1, start=35) -> 58
        """
        wanted = self.WantedStart(meeting)
        if self.booked[meeting]:
            raise ValueError(f"meeting {meeting} is already booked")
        if start < wanted:
            raise ValueError(f"meeting {meeting} cannot start before {wanted}, got {start}")
        if room not in self.FreeRooms(start):
            raise ValueError(f"room {room} does not exist (0 to {len(self.ends) - 1}) or is not free at {start}")
        duration = self.meetings[meeting][1]
        self.booked[meeting] = True
        self.ends[room] = start + duration
        self.loads[room] += duration
        return start + duration

    @tool
    def RoomLoad(self, room: int) -> int:
        """Add up the durations of the meetings booked in a room so far.

        Args:
            room: number of the room, from 0 to rooms - 1.

        Returns:
            the total, in minutes.

        Example:
            RoomLoad(room=0) -> 64
        """
        if not 0 <= room < len(self.loads):
            raise ValueError(f"room must be from 0 to {len(self.loads) - 1}, got {room}")
        return self.loads[room]

    def answer(self) -> list[int]:
        """The loads of the rooms.

        Returns:
            a list of integers: the load of each room in minutes, from room 0 on, when all meetings are booked.
        """
        waiting = sorted((start, number, duration) for number, (start, duration) in enumerate(self.meetings))
        loads, busy_until = [0] * len(self.ends), [0] * len(self.ends)
        for start, _, duration in waiting:
            room = min(range(len(loads)), key=lambda r: (max(busy_until[r], start), r))
            busy_until[room] = max(busy_until[room], start) + duration
            loads[room] += duration
        return loads

    def solve(self, call):
        seen = call("Observe")
        wanted = [call("WantedStart", meeting=meeting) for meeting in range(seen["meetings"])]
        for meeting in sorted(range(len(wanted)), key=lambda m: (wanted[m], m)):
            time = wanted[meeting]
            free = call("FreeRooms", time=time)
            if free:
                call("Book", meeting=meeting, room=free[0], start=time)
            else:
                release = call("NextRelease", time=time)
                call("Book", meeting=meeting, room=release["room"], start=release["time"])
        return call("Done", answer=[call("RoomLoad", room=room) for room in range(seen["rooms"])])

    @staticmethod
    def generate(rng, level):
        low, high, most = {"easy": (3, 5, 2), "medium": (8, 14, 4), "hard": (24, 45, 6)}[level]
        count, rooms = rng.randint(low, high), rng.randint(2, most)
        gap = rng.randint(14, 22) // rooms
        starts = rng.choices(range(count * gap + 1), k=count)
        return {"meetings": [[start, rng.randint(5, 30)] for start in starts], "rooms": rooms}
