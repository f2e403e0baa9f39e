"""Seating groups side by side in a hall, by best fit, with splits and departures."""

from codegym_mcp import Environment, tool


class SeatAssignment(Environment):
    """Groups come to a hall and are seated by fixed rules. Which seats are free is hidden.

    Rows are numbered from 0 (at the front), the seats of a row from 0 (on the left); rows differ in length. Events are
    numbered from 0 and handled in ascending order. At an event a group arrives or a group leaves.

    A gap is a run of free seats side by side in one row that is as long as it can be: it ends at taken seats or at the
    ends of the row. To place some number of people, take the shortest gap in the whole hall that holds them all. Among
    gaps of equal length the wish of their group decides: "front" means the lowest row number, "back" the highest; and
    within a row the leftmost. They take the leftmost seats of that gap.

    - Arrival: place the whole group. If no gap holds it, split it into two parts, the first of (size + 1) // 2 people
      and the second of the rest, and place the first part, then the second part in the same way. If a part cannot be
      placed, the whole group is turned away, and seats taken for it are freed again. A group of one is never split.
    - Departure: the seats of the group are freed. If the group was turned away, there is nothing to do.

    The answer tells for each arriving group, in order of arrival, where it was seated.
    """

    def reset(self, *, rows: list[str], events: list[dict]) -> None:
        self.rows = rows  # "." is a free seat, "#" a taken one
        self.hall = [list(row) for row in rows]
        self.events = events
        self.sizes = {event["group"]: event["size"] for event in events if event["kind"] == "arrive"}

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of "rows" and of "events".

        Example:
            Observe() -> {"rows": 3, "events": 4}
        """
        return {"rows": len(self.hall), "events": len(self.events)}

    def _row(self, row: int) -> list[str]:
        if not 0 <= row < len(self.hall):
            raise ValueError(f"row must be from 0 to {len(self.hall) - 1}, got {row}")
        return self.hall[row]

    @tool
    def ReadEvent(self, event: int) -> dict[str, str | int]:
        """Read one event.

        Args:
            event: number of the event, from 0 to events - 1.

        Returns:
            its "kind" and "group"; if the kind is "arrive" also the "size" of the group and its "wish" ("front" or
            "back"); if it is "leave", no more.

        Example:
            ReadEvent(event=0) -> {"kind": "arrive", "group": "G0", "size": 3, "wish": "back"}
        """
        if not 0 <= event < len(self.events):
            raise ValueError(f"event must be from 0 to {len(self.events) - 1}, got {event}")
        return dict(self.events[event])

    @tool
    def BestGap(self, row: int, people: int) -> list[int]:
        """Find the shortest gap of a row that holds some number of people, the leftmost among equals.

        Args:
            row: number of the row, from 0 to rows - 1.
            people: number of people, at least 1.

        Returns:
            [first seat, length] of the gap, or [] if the row has no gap that long.

        Example:
            BestGap(row=1, people=3) -> [4, 5]
        """
        seats = "".join("." if seat == "." else "#" for seat in self._row(row))
        if people < 1:
            raise ValueError(f"people must be at least 1, got {people}")
        best, first = [], 0
        for gap in seats.split("#"):
            if len(gap) >= people and (not best or len(gap) < best[1]):
                best = [first, len(gap)]
            first += len(gap) + 1
        return best

    @tool
    def TakeSeats(self, group: str, row: int, first: int, people: int) -> int:
        """Seat people of a group side by side.

        Args:
            group: name of the group.
            row: number of the row.
            first: number of the leftmost seat they take.
            people: how many of the group sit down, at least 1; all these seats must be free.

        Returns:
            how many of the group have no seat yet.

        Example:
            TakeSeats(group="G0", row=1, first=4, people=3) -> 0
        """
        seats = self._row(row)
        if group not in self.sizes:
            raise ValueError(f"there is no group {group!r}")
        standing = self.sizes[group] - sum(line.count(group) for line in self.hall)
        if not 1 <= people <= standing:
            raise ValueError(f"people must be from 1 to {standing}, as many as have no seat; got {people}")
        if first < 0 or seats[first : first + people] != ["."] * people:
            raise ValueError(f"seats {first} to {first + people - 1} of row {row} are not all free")
        seats[first : first + people] = [group] * people
        return standing - people

    @tool
    def FreeSeats(self, group: str) -> int:
        """Free all seats of a group.

        Args:
            group: name of a group that has seats.

        Returns:
            how many seats were freed.

        Example:
            FreeSeats(group="G0") -> 3
        """
        freed = 0
        for seats in self.hall:
            for number, holder in enumerate(seats):
                if holder == group and group in self.sizes:
                    seats[number] = "."
                    freed += 1
        if not freed:
            raise ValueError(f"group {group!r} has no seats")
        return freed

    def answer(self) -> list[str]:
        """Where each group was seated.

        Returns:
            a list with one text for each arriving group, in order of arrival: "ROW-SEAT" with the leftmost seat it
            took; for a group that was split "ROW-SEAT+ROW-SEAT", first part first; for one turned away "none".
            Example: ["1-4", "0-2+2-0", "none"].
        """
        free = {(r, s) for r, row in enumerate(self.rows) for s, mark in enumerate(row) if mark == "."}
        places, seated = [], {}
        for event in self.events:
            if event["kind"] == "leave":
                free |= seated.pop(event["group"])
                continue
            size, back = event["size"], event["wish"] == "back"
            for parts in [[size], [(size + 1) // 2, size // 2]][: 1 + (size > 1)]:
                texts, taken = [], set()
                for people in parts:
                    gaps = []
                    for r, s in free - taken:
                        if (r, s - 1) in free - taken:
                            continue
                        end = s
                        while (r, end) in free and (r, end) not in taken:
                            end += 1
                        if end - s >= people:
                            gaps.append((end - s, -r if back else r, s))
                    if gaps:
                        _, r, s = min(gaps)
                        texts.append(f"{abs(r)}-{s}")
                        taken |= {(abs(r), s + n) for n in range(people)}
                if len(texts) == len(parts):
                    break
            else:
                texts, taken = ["none"], set()
            places.append("+".join(texts))
            seated[event["group"]] = taken
            free -= taken
        return places

    def solve(self, call):
        seen = call("Observe")
        places, present = [], []

        def place(event: dict, people: int) -> str:
            best = None
            order = range(seen["rows"]) if event["wish"] == "front" else range(seen["rows"] - 1, -1, -1)
            for row in order:
                gap = call("BestGap", row=row, people=people)
                if gap and (best is None or gap[1] < best[2]):
                    best = (row, *gap)
                if gap and gap[1] == people:
                    break
            if best is None:
                return ""
            call("TakeSeats", group=event["group"], row=best[0], first=best[1], people=people)
            return f"{best[0]}-{best[1]}"

        for number in range(seen["events"]):
            event = call("ReadEvent", event=number)
            group = event["group"]
            if event["kind"] == "leave":
                if group in present:
                    call("FreeSeats", group=group)
                continue
            size = event["size"]
            text = place(event, size)
            if not text and size > 1:
                text = place(event, (size + 1) // 2)
                if text:
                    second = place(event, size // 2)
                    if not second:
                        call("FreeSeats", group=group)
                    text = f"{text}+{second}" if second else ""
            places.append(text or "none")
            if text:
                present.append(group)
        return call("Done", answer=places)

    @staticmethod
    def generate(rng, level):
        count, low, high, total = {"easy": (3, 4, 7, 3), "medium": (4, 5, 9, 7), "hard": (8, 6, 12, 14)}[level]
        rows = []
        for _ in range(count):
            rows.append("".join("#" if rng.random() < 0.2 else "." for _ in range(rng.randint(low, high))))
        events, here, arrived = [], [], 0
        for _ in range(total):
            if here and arrived >= 2 and rng.random() < 0.3:
                events.append({"kind": "leave", "group": here.pop(rng.randrange(len(here)))})
                continue
            size, wish = rng.randint(1, high - 2), rng.choice(["front", "back"])
            events.append({"kind": "arrive", "group": f"G{arrived}", "size": size, "wish": wish})
            here.append(f"G{arrived}")
            arrived += 1
        return {"rows": rows, "events": events}
