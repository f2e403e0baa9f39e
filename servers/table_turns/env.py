"""A restaurant without reservations seats the parties that wait at its door."""

import copy

from codegym_mcp import Environment, tool


class DiningRoom:
    """Tables, the clock and the parties at the door."""

    def __init__(self, tables: list[int], parties: list[list[int]], patience: int) -> None:
        self._tables, self._parties, self._patience = tables, parties, patience
        self._busy_until = [-1] * len(tables)
        self._now, self._gone = -1, [False] * len(parties)

    def next_moment(self) -> int:
        """Move the clock on to the next moment.

        Returns:
            the minute it shows now, or -1 if there is no further moment.

        Example:
            next_moment() -> 12
        """
        moments = [arrival for arrival, _, _ in self._parties] + self._busy_until
        later = [minute for minute in moments if minute > self._now]
        self._now = min(later) if later else self._now
        return self._now if later else -1

    def _waits(self, party: int) -> bool:
        return 0 <= party < len(self._parties) and not self._gone[party] and self._parties[party][0] <= self._now

    def list_door(self) -> list[list[int]]:
        """List the waiting parties in the order in which they stand at the door.

        Returns:
            a list of [party, guests, minutes waited].

        Example:
            list_door() -> [[0, 4, 7], [2, 2, 0]]
        """
        waiting = [n for n in range(len(self._parties)) if self._waits(n)]
        return [[n, self._parties[n][1], self._now - self._parties[n][0]] for n in waiting]

    def fitting_table(self, guests: int) -> int:
        """Find the fitting table for a number of guests at this moment.

        Args:
            guests: how many guests have to sit at it.

        Returns:
            the number of the table, or -1 if there is none.

        Example:
            fitting_table(guests=4) -> 1
        """
        free = [(s, n) for n, s in enumerate(self._tables) if s >= guests and self._busy_until[n] <= self._now]
        return min(free)[1] if free else -1

    def seat_party(self, party: int, table: int) -> int:
        """Seat a waiting party at a free table that holds it.

        Args:
            party: number of the party.
            table: number of the table, from 0.

        Returns:
            the minute at which the party will leave and the table will be free.

        Example:
            seat_party(party=0, table=1) -> 57
        """
        if not self._waits(party) or not 0 <= table < len(self._tables):
            raise ValueError(f"party {party} is not waiting, or there is no table {table}")
        _, guests, stay = self._parties[party]
        if self._busy_until[table] > self._now or self._tables[table] < guests:
            raise ValueError(f"table {table} is taken or too small for {guests}")
        self._gone[party] = True
        self._busy_until[table] = self._now + stay + 2 * (self._tables[table] - guests)
        return self._busy_until[table]

    def send_away(self, party: int) -> int:
        """Send away a party that has waited too long.

        Args:
            party: number of a waiting party.

        Returns:
            the number of guests who go home.

        Example:
            send_away(party=3) -> 5
        """
        if not self._waits(party) or self._now - self._parties[party][0] <= self._patience:
            raise ValueError(f"party {party} is not waiting, or not yet for longer than {self._patience} minutes")
        self._gone[party] = True
        return self._parties[party][1]


class TableTurns(Environment):
    """A restaurant without reservations seats the parties that wait at its door. Time is in minutes. Begin by moving on to
    the first moment; at each moment (parties come to the door, or a table becomes free) do the following, then move on
    to the next moment, until there is none left.

    Go once through the waiting parties in the order in which they stand there at this moment. For each:

    - If it has waited longer than the patience, send it away; this comes before looking for a table.
    - Otherwise find the fitting table for it. If there is one, seat the party there. If there is none, the party keeps
    waiting,
      and the ones behind it are looked at all the same.

    The fitting table is the free one with the fewest seats that still holds the party; of equal tables the one with the
    lowest number. How long a party will stay is told when it is seated. Nobody comes after the last moment, and parties
    that still wait then are forgotten.

    Find how many guests were seated, how many were sent away, and the last minute at which a seated party leaves.

    The input is hidden (tables, parties); the tools give access to it. Observe shows what is known from the start:
    sizes, and patience.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tables: list[int], parties: list[list[int]], patience: int) -> None:
        self.tables = tables
        self.parties = parties
        self.patience = patience
        self.room = DiningRoom(copy.deepcopy(self.tables), copy.deepcopy(self.parties), self.patience)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "patience": a whole number, given as it is.
            "tables": number of items of tables.
            "parties": number of items of parties.

        Example:
            Observe() -> {"patience": 26, "tables": 2, "parties": 4}
        """
        return {"patience": self.patience, "tables": len(self.tables), "parties": len(self.parties)}

    @tool
    def NextMoment(self) -> int:
        """Move the clock on to the next moment.

        Returns:
            the minute it shows now, or -1 if there is no further moment.

        Example:
            NextMoment() -> 12
        """
        return self.room.next_moment()

    @tool
    def ListDoor(self) -> list[list[int]]:
        """List the waiting parties in the order in which they stand at the door.

        Returns:
            a list of [party, guests, minutes waited].

        Example:
            ListDoor() -> [[0, 4, 7], [2, 2, 0]]
        """
        return self.room.list_door()

    @tool
    def FittingTable(self, guests: int) -> int:
        """Find the fitting table for a number of guests at this moment.

        Args:
            guests: how many guests have to sit at it.

        Returns:
            the number of the table, or -1 if there is none.

        Example:
            FittingTable(guests=4) -> 1
        """
        return self.room.fitting_table(guests)

    @tool
    def SeatParty(self, party: int, table: int) -> int:
        """Seat a waiting party at a free table that holds it.

        Args:
            party: number of the party.
            table: number of the table, from 0.

        Returns:
            the minute at which the party will leave and the table will be free.

        Example:
            SeatParty(party=0, table=1) -> 57
        """
        return self.room.seat_party(party, table)

    @tool
    def SendAway(self, party: int) -> int:
        """Send away a party that has waited too long.

        Args:
            party: number of a waiting party.

        Returns:
            the number of guests who go home.

        Example:
            SendAway(party=3) -> 5
        """
        return self.room.send_away(party)

    def answer(self) -> dict[str, int]:
        """Run an evening of a restaurant.

        Returns:
            the guests "seated", the guests "lost" (sent away) and the "last" minute at which a seated party leaves.
            Example: {"seated": 17, "lost": 5, "last": 121}.
        """
        tables = copy.deepcopy(self.tables)
        parties = copy.deepcopy(self.parties)
        patience = self.patience
        room = DiningRoom(tables, parties, patience)
        seated = lost = last = 0
        minute = room.next_moment()
        while minute >= 0:
            for party, guests, waited in room.list_door():
                if waited > patience:
                    lost += room.send_away(party)
                    continue
                table = room.fitting_table(guests)
                if table >= 0:
                    last = max(last, room.seat_party(party, table))
                    seated += guests
            minute = room.next_moment()
        return {"seated": seated, "lost": lost, "last": last}

    def solve(self, call):
        seen = call("Observe")
        patience = seen["patience"]
        seated = lost = last = 0
        minute = call("NextMoment")
        while minute >= 0:
            for party, guests, waited in call("ListDoor"):
                if waited > patience:
                    lost += call("SendAway", party=party)
                    continue
                table = call("FittingTable", guests=guests)
                if table >= 0:
                    last = max(last, call("SeatParty", party=party, table=table))
                    seated += guests
            minute = call("NextMoment")
        return call("Done", answer={"seated": seated, "lost": lost, "last": last})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 4, "medium": 7, "hard": rng.randint(13, 16)}[level]
        tables = [rng.choice([2, 4, 6]) for _ in range({"easy": 2, "medium": 2, "hard": 4}[level])]
        tables[0] = 6
        parties, minute = ([], 0)
        for _ in range(count):
            minute += rng.randint(0, 14)
            parties.append([minute, rng.randint(1, 6), rng.randint(25, 60)])
        return {"tables": tables, "parties": parties, "patience": rng.randint(15, 30)}
