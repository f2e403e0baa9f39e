"""Meetings are fixed one after the other, in ascending order of their numbers."""

import copy

from codegym_mcp import Environment, tool


class CallCentre:
    """The calendars of colleagues, who are reached by telephone."""

    def __init__(self, calendars: dict[str, list[list[int]]], meetings: list[list]) -> None:
        self._calendars = {name: [list(entry) for entry in row] for name, row in calendars.items()}
        self._meetings = meetings

    def read_meeting(self, meeting: int) -> dict[str, int | list[str]]:
        """Read what is wanted for a meeting.

        Args:
            meeting: number of the meeting, from 0.

        Returns:
            the list of "people", the "length" and the "earliest" minute.

        Example:
            read_meeting(meeting=0) -> {"people": ["Ann", "Bo"], "length": 20, "earliest": 30}
        """
        if not 0 <= meeting < len(self._meetings):
            raise ValueError(f"meeting must be from 0 to {len(self._meetings) - 1}, got {meeting}")
        return dict(zip(("people", "length", "earliest"), self._meetings[meeting], strict=True))

    def _entries(self, person: str) -> list[list[int]]:
        if person not in self._calendars:
            raise ValueError(f"person must be one of {sorted(self._calendars)}, got {person!r}")
        return self._calendars[person]

    def call_person(self, person: str, minute: int, length: int) -> int:
        """Call a person and propose a minute.

        Args:
            person: name of the person.
            minute: the proposed minute.
            length: the length of the meeting.

        Returns:
            the earliest minute from the proposed one on at which the person is free for the whole length.

        Example:
            call_person(person="Bo", minute=30, length=20) -> 45
        """
        for first, end in sorted(self._entries(person)):
            if first < minute + length and end > minute:
                minute = end
        return minute

    def charge_of_call(self, person: str, minute: int) -> int:
        """Tell what a call to a person costs in coins.

        Args:
            person: name of the person.
            minute: the minute that is proposed in the call.

        Returns:
            the coins.

        Example:
            charge_of_call(person="Bo", minute=30) -> 3
        """
        return 3 if any(first <= minute < end for first, end in self._entries(person)) else 1

    def put_down(self, meeting: int, minute: int) -> int:
        """Put a meeting down in the calendars of all people on its list, who must be free.

        Args:
            meeting: number of the meeting.
            minute: the minute at which it begins.

        Returns:
            the minute at which everybody on the list is back from it.

        Example:
            put_down(meeting=0, minute=45) -> 70
        """
        wish = self.read_meeting(meeting)
        late = [person for person in wish["people"] if self.call_person(person, minute, wish["length"]) != minute]
        if late:
            raise ValueError(f"not free at minute {minute}: {late}")
        end = minute + wish["length"] + 5
        for person in wish["people"]:
            self._calendars[person].append([minute, end])
        return end


class MeetingHunt(Environment):
    """Meetings are fixed one after the other, in ascending order of their numbers. Time is in minutes. A meeting has a
    list of people, a length, and the earliest minute at which it may begin.

    The proposed minute is the earliest one at first. The people are called in turn, in the order of the list, and after
    the last one the first one again. Each tells the earliest minute from the proposed one on at which this person is
    free for the whole length. If it is later than the proposed minute, it becomes the proposed minute. As soon as as
    many calls in a row as there are people on the list have not changed it, the meeting is fixed there: it is put down
    for everybody on the list, in the way of later meetings. If the proposed minute gets greater than the closing
    minute, the meeting is dropped at once.

    Each call costs coins, which depend on the person and on the minute that is proposed in the call.

    Find the sum of the minutes at which meetings were fixed, the coins for all calls, and the sum of the numbers of the
    dropped meetings.

    The input is hidden (calendars, meetings); the tools give access to it. Observe shows what is known from the start:
    sizes, and closing.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, calendars: dict[str, list[list[int]]], meetings: list[list[int | list[str]]], closing: int
    ) -> None:
        self.calendars = calendars
        self.meetings = meetings
        self.closing = closing
        self.centre = CallCentre(copy.deepcopy(self.calendars), copy.deepcopy(self.meetings))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "closing": a whole number, given as it is.
            "calendars": number of keys of calendars.
            "meetings": number of items of meetings.

        Example:
            Observe() -> {"closing": 110, "calendars": 3, "meetings": 2}
        """
        return {"closing": self.closing, "calendars": len(self.calendars), "meetings": len(self.meetings)}

    @tool
    def ReadMeeting(self, meeting: int) -> dict[str, int | list[str]]:
        """Read what is wanted for a meeting.

        Args:
            meeting: number of the meeting, from 0.

        Returns:
            the list of "people", the "length" and the "earliest" minute.

        Example:
            ReadMeeting(meeting=0) -> {"people": ["Ann", "Bo"], "length": 20, "earliest": 30}
        """
        return self.centre.read_meeting(meeting)

    @tool
    def CallPerson(self, person: str, minute: int, length: int) -> int:
        """Call a person and propose a minute.

        Args:
            person: name of the person.
            minute: the proposed minute.
            length: the length of the meeting.

        Returns:
            the earliest minute from the proposed one on at which the person is free for the whole length.

        Example:
            CallPerson(person="Bo", minute=30, length=20) -> 45
        """
        return self.centre.call_person(person, minute, length)

    @tool
    def ChargeOfCall(self, person: str, minute: int) -> int:
        """Tell what a call to a person costs in coins.

        Args:
            person: name of the person.
            minute: the minute that is proposed in the call.

        Returns:
            the coins.

        Example:
            ChargeOfCall(person="Bo", minute=30) -> 3
        """
        return self.centre.charge_of_call(person, minute)

    @tool
    def PutDown(self, meeting: int, minute: int) -> int:
        """Put a meeting down in the calendars of all people on its list, who must be free.

        Args:
            meeting: number of the meeting.
            minute: the minute at which it begins.

        Returns:
            the minute at which everybody on the list is back from it.

        Example:
            PutDown(meeting=0, minute=45) -> 70
        """
        return self.centre.put_down(meeting, minute)

    def answer(self) -> list[int]:
        """Fix meetings by telephone.

        Returns:
            [sum of the minutes, coins, sum of the dropped numbers], such as [215, 31, 4].
        """
        calendars = copy.deepcopy(self.calendars)
        meetings = copy.deepcopy(self.meetings)
        closing = self.closing
        centre = CallCentre(calendars, meetings)
        minutes = coins = dropped = 0
        for meeting in range(len(meetings)):
            wish = centre.read_meeting(meeting)
            minute, agreed, turn = (wish["earliest"], 0, 0)
            while agreed < len(wish["people"]):
                person = wish["people"][turn % len(wish["people"])]
                coins += centre.charge_of_call(person, minute)
                answer = centre.call_person(person, minute, wish["length"])
                agreed = agreed + 1 if answer == minute else 0
                minute, turn = (answer, turn + 1)
                if minute > closing:
                    break
            if minute > closing:
                dropped += meeting
            else:
                centre.put_down(meeting, minute)
                minutes += minute
        return [minutes, coins, dropped]

    def solve(self, call):
        seen = call("Observe")
        closing = seen["closing"]
        minutes = coins = dropped = 0
        for meeting in range(seen["meetings"]):
            wish = call("ReadMeeting", meeting=meeting)
            minute, agreed, turn = (wish["earliest"], 0, 0)
            while agreed < len(wish["people"]):
                person = wish["people"][turn % len(wish["people"])]
                coins += call("ChargeOfCall", person=person, minute=minute)
                answer = call("CallPerson", person=person, minute=minute, length=wish["length"])
                agreed = agreed + 1 if answer == minute else 0
                minute, turn = (answer, turn + 1)
                if minute > closing:
                    break
            if minute > closing:
                dropped += meeting
            else:
                call("PutDown", meeting=meeting, minute=minute)
                minutes += minute
        return call("Done", answer=[minutes, coins, dropped])

    @staticmethod
    def generate(rng, level):
        size, count, most = {"easy": (3, 2, 2), "medium": (4, 3, 3), "hard": (6, rng.randint(6, 8), 4)}[level]
        names = rng.sample(["Ann", "Bo", "Cy", "Dot", "Eve", "Finn", "Gus", "Hal"], size)
        calendars = {}
        for name in names:
            minute, calendars[name] = (rng.randint(0, 30), [])
            for _ in range(3):
                calendars[name].append([minute, minute + rng.randint(2, 8) * 5])
                minute = calendars[name][-1][1] + rng.randint(2, 9) * 5
        meetings = []
        for _ in range(count):
            people = rng.sample(names, rng.randint(2, most))
            meetings.append([people, rng.randint(2, 6) * 5, rng.randint(0, 12) * 5])
        return {"calendars": calendars, "meetings": meetings, "closing": rng.randint(20, 36) * 5}
