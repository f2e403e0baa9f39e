"""A sports hall lets courts by the hour."""

import copy

from codegym_mcp import Environment, tool


class CourtHall:
    """Courts by the hour, their holders and the waiting lists."""

    def __init__(self, prices: list[int], courts: int, limit: int, events: list[list]) -> None:
        self._prices, self._limit, self._events = prices, limit, events
        self._holders = [["none"] * courts for _ in prices]
        self._waiting: list[list[str]] = [[] for _ in prices]

    def _hour(self, hour: int) -> int:
        if not 0 <= hour < len(self._prices):
            raise ValueError(f"hour must be from 0 to {len(self._prices) - 1}, got {hour}")
        return hour

    def read_event(self, index: int) -> dict[str, int | str]:
        """Read an event.

        Args:
            index: number of the event, from 0.

        Returns:
            its "kind" ("book" or "cancel"), the name of the "member" and the "hour".

        Example:
            read_event(index=0) -> {"kind": "book", "member": "Ada", "hour": 2}
        """
        if not 0 <= index < len(self._events):
            raise ValueError(f"index must be from 0 to {len(self._events) - 1}, got {index}")
        return dict(zip(("kind", "member", "hour"), self._events[index], strict=True))

    def find_free_court(self, hour: int) -> int:
        """Find a free court in an hour.

        Args:
            hour: number of the hour, from 0.

        Returns:
            the lowest number of a free court, or -1 if all are taken.

        Example:
            find_free_court(hour=2) -> 1
        """
        row = self._holders[self._hour(hour)]
        return row.index("none") if "none" in row else -1

    def count_courts_held(self, member: str) -> int:
        """Count the courts that a member holds at present, over all hours.

        Args:
            member: name of the member.

        Returns:
            the number of courts.

        Example:
            count_courts_held(member="Ada") -> 1
        """
        return sum(row.count(member) for row in self._holders)

    def assign_court(self, member: str, hour: int, court: int) -> int:
        """Assign a free court to a member, who leaves the hour's waiting list if on it.

        Args:
            member: name of a member who holds fewer courts than the limit.
            hour: number of the hour.
            court: number of a court that is free in that hour.

        Returns:
            the fee that this brings in.

        Example:
            assign_court(member="Ada", hour=2, court=1) -> 14
        """
        held = self.count_courts_held(member)
        row = self._holders[self._hour(hour)]
        if not 0 <= court < len(row) or row[court] != "none" or held >= self._limit:
            raise ValueError(f"court {court} is not free in hour {hour}, or {member} holds {held} courts already")
        row[court] = member
        self._waiting[hour] = [name for name in self._waiting[hour] if name != member]
        return self._prices[hour] + 3 * held

    def join_waiting_list(self, member: str, hour: int) -> int:
        """Put a member at the end of an hour's waiting list.

        Args:
            member: name of the member, who must not be on that list.
            hour: number of the hour.

        Returns:
            how many members the list has now.

        Example:
            join_waiting_list(member="Bo", hour=2) -> 1
        """
        if member in self._waiting[self._hour(hour)]:
            raise ValueError(f"{member} is waiting for hour {hour} already")
        self._waiting[hour].append(member)
        return len(self._waiting[hour])

    def give_up(self, member: str, hour: int) -> int:
        """Take a member out of an hour: from the court held there, or else from the waiting list.

        Args:
            member: name of the member.
            hour: number of the hour.

        Returns:
            the number of the court that is free now, or -1 if the member was only waiting.

        Example:
            give_up(member="Ada", hour=2) -> 1
        """
        row = self._holders[self._hour(hour)]
        if member in row:
            court = row.index(member)
            row[court] = "none"
            return court
        if member not in self._waiting[hour]:
            raise ValueError(f"{member} neither holds a court nor waits in hour {hour}")
        self._waiting[hour].remove(member)
        return -1

    def list_waiting(self, hour: int) -> list[str]:
        """List the members who wait for an hour, in waiting order.

        Args:
            hour: number of the hour.

        Returns:
            their names.

        Example:
            list_waiting(hour=2) -> ["Bo", "Cy"]
        """
        return list(self._waiting[self._hour(hour)])


class CourtWaitlist(Environment):
    """A sports hall lets courts by the hour. Events are handled in ascending order of their numbers. A member may hold at
    most the limit of courts at the same time, counted over all hours.

    "book": the member wants one court in the hour. If a court is free in that hour and the member holds fewer courts
    than the limit, the free court with the lowest number is assigned. Otherwise the member joins the end of the hour's
    waiting list.

    "cancel": the member gives up the court held in that hour, or, if only waiting there, leaves the waiting list and
    nothing else happens. If a court was given up, it goes to the first member on that hour's waiting list, in waiting
    order, who holds fewer courts than the limit at that moment; those passed over keep their places. If there is no
    such member, the court stays free. No other waiting list is looked at.

    Each assignment brings in a fee, also for members from a waiting list; fees are never paid back. Find the fees and
    how many courts went to waiting members.

    The input is hidden (prices, events); the tools give access to it. Observe shows what is known from the start:
    sizes, and courts, limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, prices: list[int], courts: int, limit: int, events: list[list[int | str]]) -> None:
        self.prices = prices
        self.courts = courts
        self.limit = limit
        self.events = events
        self.hall = CourtHall(copy.deepcopy(self.prices), self.courts, self.limit, copy.deepcopy(self.events))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "courts": a whole number, given as it is.
            "limit": a whole number, given as it is.
            "prices": number of items of prices.
            "events": number of items of events.

        Example:
            Observe() -> {"courts": 1, "limit": 2, "prices": 2, "events": 6}
        """
        return {"courts": self.courts, "limit": self.limit, "prices": len(self.prices), "events": len(self.events)}

    @tool
    def ReadEvent(self, index: int) -> dict[str, int | str]:
        """Read an event.

        Args:
            index: number of the event, from 0.

        Returns:
            its "kind" ("book" or "cancel"), the name of the "member" and the "hour".

        Example:
            ReadEvent(index=0) -> {"kind": "book", "member": "Ada", "hour": 2}
        """
        return self.hall.read_event(index)

    @tool
    def FindFreeCourt(self, hour: int) -> int:
        """Find a free court in an hour.

        Args:
            hour: number of the hour, from 0.

        Returns:
            the lowest number of a free court, or -1 if all are taken.

        Example:
            FindFreeCourt(hour=2) -> 1
        """
        return self.hall.find_free_court(hour)

    @tool
    def CountCourtsHeld(self, member: str) -> int:
        """Count the courts that a member holds at present, over all hours.

        Args:
            member: name of the member.

        Returns:
            the number of courts.

        Example:
            CountCourtsHeld(member="Ada") -> 1
        """
        return self.hall.count_courts_held(member)

    @tool
    def AssignCourt(self, member: str, hour: int, court: int) -> int:
        """Assign a free court to a member, who leaves the hour's waiting list if on it.

        Args:
            member: name of a member who holds fewer courts than the limit.
            hour: number of the hour.
            court: number of a court that is free in that hour.

        Returns:
            the fee that this brings in.

        Example:
            AssignCourt(member="Ada", hour=2, court=1) -> 14
        """
        return self.hall.assign_court(member, hour, court)

    @tool
    def JoinWaitingList(self, member: str, hour: int) -> int:
        """Put a member at the end of an hour's waiting list.

        Args:
            member: name of the member, who must not be on that list.
            hour: number of the hour.

        Returns:
            how many members the list has now.

        Example:
            JoinWaitingList(member="Bo", hour=2) -> 1
        """
        return self.hall.join_waiting_list(member, hour)

    @tool
    def GiveUp(self, member: str, hour: int) -> int:
        """Take a member out of an hour: from the court held there, or else from the waiting list.

        Args:
            member: name of the member.
            hour: number of the hour.

        Returns:
            the number of the court that is free now, or -1 if the member was only waiting.

        Example:
            GiveUp(member="Ada", hour=2) -> 1
        """
        return self.hall.give_up(member, hour)

    @tool
    def ListWaiting(self, hour: int) -> list[str]:
        """List the members who wait for an hour, in waiting order.

        Args:
            hour: number of the hour.

        Returns:
            their names.

        Example:
            ListWaiting(hour=2) -> ["Bo", "Cy"]
        """
        return self.hall.list_waiting(hour)

    def answer(self) -> dict[str, int]:
        """Settle all events of a sports hall.

        Returns:
            the sum of all "fees" and the number of courts assigned from waiting lists ("promoted").
            Example: {"fees": 97, "promoted": 3}.
        """
        prices = copy.deepcopy(self.prices)
        courts = self.courts
        limit = self.limit
        events = copy.deepcopy(self.events)
        hall = CourtHall(prices, courts, limit, events)
        fees = promoted = 0
        for index in range(len(events)):
            event = hall.read_event(index)
            member, hour = (event["member"], event["hour"])
            if event["kind"] == "book":
                court = hall.find_free_court(hour)
                if court >= 0 and hall.count_courts_held(member) < limit:
                    fees += hall.assign_court(member, hour, court)
                else:
                    hall.join_waiting_list(member, hour)
            else:
                court = hall.give_up(member, hour)
                if court >= 0:
                    for other in hall.list_waiting(hour):
                        if hall.count_courts_held(other) < limit:
                            fees += hall.assign_court(other, hour, court)
                            promoted += 1
                            break
        return {"fees": fees, "promoted": promoted}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        fees = promoted = 0
        for index in range(seen["events"]):
            event = call("ReadEvent", index=index)
            member, hour = (event["member"], event["hour"])
            if event["kind"] == "book":
                court = call("FindFreeCourt", hour=hour)
                if court >= 0 and call("CountCourtsHeld", member=member) < limit:
                    fees += call("AssignCourt", member=member, hour=hour, court=court)
                else:
                    call("JoinWaitingList", member=member, hour=hour)
            else:
                court = call("GiveUp", member=member, hour=hour)
                if court >= 0:
                    for other in call("ListWaiting", hour=hour):
                        if call("CountCourtsHeld", member=other) < limit:
                            fees += call("AssignCourt", member=other, hour=hour, court=court)
                            promoted += 1
                            break
        return call("Done", answer={"fees": fees, "promoted": promoted})

    @staticmethod
    def generate(rng, level):
        hours, count = {
            "easy": (2, rng.randint(5, 6)),
            "medium": (2, rng.randint(10, 12)),
            "hard": (3, rng.randint(24, 34)),
        }[level]
        names = ["Ada", "Bo", "Cy", "Dee", "Eli", "Fay"][: 4 if level == "easy" else 6]
        events, active = ([], [])
        while len(events) < count:
            pair = [rng.choice(names), rng.randrange(hours)]
            if active and rng.random() < 0.35:
                pair = active.pop(rng.randrange(len(active)))
                events.append(["cancel", *pair])
            elif pair not in active:
                active.append(pair)
                events.append(["book", *pair])
            elif len(active) == len(names) * hours:
                events.append(["cancel", *active.pop(0)])
        return {
            "prices": [rng.randint(8, 30) for _ in range(hours)],
            "courts": 1 if level == "easy" else 2,
            "limit": rng.randint(1, 2) if level == "easy" else 2,
            "events": events,
        }
