"""A space probe measures and sends."""

import copy

from codegym_mcp import Environment, tool


class ProbeBuffer:
    """The instruments, the buffer and the radio."""

    def __init__(self, ticks: list[dict], room: int) -> None:
        self._ticks, self._room, self._line, self._sent = ticks, room, [], 0

    def records_made(self, tick: int) -> list[int]:
        """Tell which records the instruments make in a tick.

        Args:
            tick: number of the tick, from 0.

        Returns:
            the grades of the records in the order in which they come; there may be none.

        Example:
            records_made(tick=3) -> [4, 7]
        """
        if not 0 <= tick < len(self._ticks):
            raise ValueError(f"tick must be from 0 to {len(self._ticks) - 1}, got {tick}")
        return list(self._ticks[tick]["made"])

    def radio_window(self, tick: int) -> int:
        """Tell how many records may be sent in a tick.

        Args:
            tick: number of the tick.

        Returns:
            the number of records.

        Example:
            radio_window(tick=3) -> 2
        """
        self.records_made(tick)
        return self._ticks[tick]["window"]

    def look_at_ends(self) -> dict[str, int]:
        """Look at the two ends of the buffer.

        Returns:
            the "held" number of records, and the grades at the "front" and at the "back" (-1 each if it is empty).

        Example:
            look_at_ends() -> {"held": 4, "front": 6, "back": 2}
        """
        front, back = (self._line[0], self._line[-1]) if self._line else (-1, -1)
        return {"held": len(self._line), "front": front, "back": back}

    def drop_record(self, end: str) -> int:
        """Drop the record at an end of the buffer.

        Args:
            end: "front" or "back".

        Returns:
            its grade.

        Example:
            drop_record(end="back") -> 2
        """
        if end not in ("front", "back") or not self._line:
            raise ValueError(f"the buffer is empty, or there is no end {end!r}")
        return self._line.pop(0 if end == "front" else -1)

    def append_record(self, grade: int) -> int:
        """Put a new record at the back of the buffer.

        Args:
            grade: its grade.

        Returns:
            how many records the buffer holds.

        Example:
            append_record(grade=7) -> 3
        """
        if len(self._line) >= self._room:
            raise ValueError("the buffer is full")
        self._line.append(grade)
        return len(self._line)

    def send_front(self, tick: int) -> int:
        """Send the record at the front. If the link fails with it, it goes to the back of the buffer.

        Args:
            tick: number of the tick.

        Returns:
            the value of the record on Earth, or -1 if the link failed.

        Example:
            send_front(tick=3) -> 25
        """
        if not self._line:
            raise ValueError("the buffer is empty")
        grade, self._sent = self._line.pop(0), self._sent + 1
        if (grade + tick + self._sent) % 5 == 0:
            self._line.append(grade)
            return -1
        return grade * 4 + self._sent % 3


class ProbeBufferTask(Environment):
    """A space probe measures and sends. Its buffer is a line of records with a front and a back and has room for `room`
    records. Time passes in ticks, from 0. In each tick, in this order:

    1. Each record that the instruments make in this tick (they come one after the other) has a grade. If the buffer is
    full,
    first make room: look at the grades of the record at the front and of the one at the back. If the new record's grade
    is
    lower than both, it is skipped. Otherwise the one of the two with the lower grade is dropped; of equal grades the
    front
    one. The new record goes to the back. 2. Ask for the radio window of the tick: how many records may be sent. Send
    that
    many from the front, or all if there are fewer. The link may fail with a record; then the record goes to the back of
    the
    buffer instead, and the rest of the window is lost.

    Each record that arrives on Earth has a value. After the last tick nothing more is sent.

    Find the sum of the values, the sum of the grades of all records dropped or skipped, and the number of failures of
    the link.

    The input is hidden (ticks); the tools give access to it. Observe shows what is known from the start: sizes, and
    room.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, ticks: list[dict[str, int | list[int]]], room: int) -> None:
        self.ticks = ticks
        self.room = room
        self.probe = ProbeBuffer(copy.deepcopy(self.ticks), self.room)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "room": a whole number, given as it is.
            "ticks": number of items of ticks.

        Example:
            Observe() -> {"room": 3, "ticks": 2}
        """
        return {"room": self.room, "ticks": len(self.ticks)}

    @tool
    def RecordsMade(self, tick: int) -> list[int]:
        """Tell which records the instruments make in a tick.

        Args:
            tick: number of the tick, from 0.

        Returns:
            the grades of the records in the order in which they come; there may be none.

        Example:
            RecordsMade(tick=3) -> [4, 7]
        """
        return self.probe.records_made(tick)

    @tool
    def RadioWindow(self, tick: int) -> int:
        """Tell how many records may be sent in a tick.

        Args:
            tick: number of the tick.

        Returns:
            the number of records.

        Example:
            RadioWindow(tick=3) -> 2
        """
        return self.probe.radio_window(tick)

    @tool
    def LookAtEnds(self) -> dict[str, int]:
        """Look at the two ends of the buffer.

        Returns:
            the "held" number of records, and the grades at the "front" and at the "back" (-1 each if it is empty).

        Example:
            LookAtEnds() -> {"held": 4, "front": 6, "back": 2}
        """
        return self.probe.look_at_ends()

    @tool
    def DropRecord(self, end: str) -> int:
        """Drop the record at an end of the buffer.

        Args:
            end: "front" or "back".

        Returns:
            its grade.

        Example:
            DropRecord(end="back") -> 2
        """
        return self.probe.drop_record(end)

    @tool
    def AppendRecord(self, grade: int) -> int:
        """Put a new record at the back of the buffer.

        Args:
            grade: its grade.

        Returns:
            how many records the buffer holds.

        Example:
            AppendRecord(grade=7) -> 3
        """
        return self.probe.append_record(grade)

    @tool
    def SendFront(self, tick: int) -> int:
        """Send the record at the front. If the link fails with it, it goes to the back of the buffer.

        Args:
            tick: number of the tick.

        Returns:
            the value of the record on Earth, or -1 if the link failed.

        Example:
            SendFront(tick=3) -> 25
        """
        return self.probe.send_front(tick)

    def answer(self) -> dict[str, int]:
        """Follow the probe.

        Returns:
            the sum of the "values", the sum of the grades "lost" and the number of "failures".
            Example: {"values": 148, "lost": 12, "failures": 2}.
        """
        ticks = copy.deepcopy(self.ticks)
        room = self.room
        probe = ProbeBuffer(ticks, room)
        values = lost = failures = 0
        for tick in range(len(ticks)):
            for grade in probe.records_made(tick):
                ends = probe.look_at_ends()
                if ends["held"] == room:
                    if grade < min(ends["front"], ends["back"]):
                        lost += grade
                        continue
                    lost += probe.drop_record("front" if ends["front"] <= ends["back"] else "back")
                probe.append_record(grade)
            allowed = min(probe.radio_window(tick), probe.look_at_ends()["held"])
            while allowed > 0:
                allowed -= 1
                value = probe.send_front(tick)
                if value < 0:
                    failures += 1
                    break
                values += value
        return {"values": values, "lost": lost, "failures": failures}

    def solve(self, call):
        seen = call("Observe")
        room = seen["room"]
        values = lost = failures = 0
        for tick in range(seen["ticks"]):
            for grade in call("RecordsMade", tick=tick):
                ends = call("LookAtEnds")
                if ends["held"] == room:
                    if grade < min(ends["front"], ends["back"]):
                        lost += grade
                        continue
                    lost += call("DropRecord", end="front" if ends["front"] <= ends["back"] else "back")
                call("AppendRecord", grade=grade)
            allowed = min(call("RadioWindow", tick=tick), call("LookAtEnds")["held"])
            while allowed > 0:
                allowed -= 1
                value = call("SendFront", tick=tick)
                if value < 0:
                    failures += 1
                    break
                values += value
        return call("Done", answer={"values": values, "lost": lost, "failures": failures})

    @staticmethod
    def generate(rng, level):
        size, room = {"easy": (2, 3), "medium": (4, 3), "hard": (rng.randint(10, 12), rng.randint(4, 6))}[level]
        ticks = []
        for tick in range(size):
            made = [
                rng.randint(1, 12)
                for _ in range((1 if level == "easy" else rng.choice([1, 2, 2, 3, 4])) if tick else 4)
            ]
            ticks.append({"made": made, "window": rng.choice([0, 1, 2, 3]) if tick else 2})
        return {"ticks": ticks, "room": room}
