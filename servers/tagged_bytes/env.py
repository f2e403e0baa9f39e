"""A tape holds bytes, from place 0."""

import copy

from codegym_mcp import Environment, tool


class ByteTape:
    """The tape with its reading head, and the balances."""

    def __init__(self, tape: list[int]) -> None:
        self._tape, self._at, self._balances, self._faults = tape, 0, {}, 0

    def read_byte(self) -> int:
        """Read the byte at the reading head, which then moves on by one place.

        Returns:
            the byte, from 0 to 255, or -1 at the end of the tape.

        Example:
            read_byte() -> 130
        """
        if self._at >= len(self._tape):
            return -1
        self._at += 1
        return self._tape[self._at - 1]

    def move_head(self, place: int) -> int:
        """Move the reading head to a place.

        Args:
            place: the place, from 0.

        Returns:
            the place where it was before.

        Example:
            move_head(place=4) -> 17
        """
        if not 0 <= place <= len(self._tape):
            raise ValueError(f"place must be from 0 to {len(self._tape)}, got {place}")
        before, self._at = self._at, place
        return before

    def skip_bytes(self, count: int) -> int:
        """Move the reading head on over bytes.

        Args:
            count: how many.

        Returns:
            the skip code.

        Example:
            skip_bytes(count=3) -> 41
        """
        if count < 0 or self._at + count > len(self._tape):
            raise ValueError(f"there are not {count} bytes left")
        code = sum(self._tape[self._at : self._at + count]) % 61 + self._at
        self._at += count
        return code

    def credit_field(self, field: int, number: int) -> int:
        """Credit a number to a field number.

        Args:
            field: the field number, from 0 to 31.
            number: the number.

        Returns:
            the balance of this field number.

        Example:
            credit_field(field=2, number=300) -> 412
        """
        if not 0 <= field < 32 or number < 0:
            raise ValueError(f"cannot credit {number} to field {field}")
        self._balances[str(field)] = self._balances.get(str(field), 0) + number
        return self._balances[str(field)]

    def note_fault(self, head: int) -> int:
        """Note a fault.

        Args:
            head: the head byte.

        Returns:
            the cost.

        Example:
            note_fault(head=53) -> 11
        """
        if head % 8 < 3:
            raise ValueError(f"the head {head} is no fault")
        self._faults += 1
        return head % 8 + 6 * self._faults


class TaggedBytes(Environment):
    """A tape holds bytes, from place 0. It is read as a row of fields, until the end of the tape. Each field begins with a
    head byte: the head divided by 8, rounded down, is the field's number, and the remainder is its kind:

    - Kind 0, a number: its bytes follow, the lowest part first. Each byte below 128 is the last one of the number; a
    byte of
      128 or more counts for itself less 128, and another one follows. The first byte counts once, the next one 128
      times, the
      next 128 x 128 times, and so on. The number is credited to the field's number.
    - Kind 1, a block: one byte follows with a length, and then as many bytes. Skip these, which gives a skip code. The
      blocks' skip codes are added up.
    - Kind 2, a copy: one byte follows with the place of another head byte on the tape, and nothing more. The field
    there (a
      number, kind 0) is read with its own head and credited to its field number. Then the reading goes on behind the
      copy.
    - Any other kind is a fault: only the head is passed over, and the fault is noted, which costs something.

    A field's number that is credited a second time or more often keeps the sum.

    Find the highest balance of all field numbers after the last field, the sum of the skip codes, and the sum of the
    costs of the faults.

    The input is hidden (tape); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tape: list[int]) -> None:
        self.tape = tape
        self.reader = ByteTape(copy.deepcopy(self.tape))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "tape": number of items of tape.

        Example:
            Observe() -> {"tape": 11}
        """
        return {"tape": len(self.tape)}

    @tool
    def ReadByte(self) -> int:
        """Read the byte at the reading head, which then moves on by one place.

        Returns:
            the byte, from 0 to 255, or -1 at the end of the tape.

        Example:
            ReadByte() -> 130
        """
        return self.reader.read_byte()

    @tool
    def MoveHead(self, place: int) -> int:
        """Move the reading head to a place.

        Args:
            place: the place, from 0.

        Returns:
            the place where it was before.

        Example:
            MoveHead(place=4) -> 17
        """
        return self.reader.move_head(place)

    @tool
    def SkipBytes(self, count: int) -> int:
        """Move the reading head on over bytes.

        Args:
            count: how many.

        Returns:
            the skip code.

        Example:
            SkipBytes(count=3) -> 41
        """
        return self.reader.skip_bytes(count)

    @tool
    def CreditField(self, field: int, number: int) -> int:
        """Credit a number to a field number.

        Args:
            field: the field number, from 0 to 31.
            number: the number.

        Returns:
            the balance of this field number.

        Example:
            CreditField(field=2, number=300) -> 412
        """
        return self.reader.credit_field(field, number)

    @tool
    def NoteFault(self, head: int) -> int:
        """Note a fault.

        Args:
            head: the head byte.

        Returns:
            the cost.

        Example:
            NoteFault(head=53) -> 11
        """
        return self.reader.note_fault(head)

    def answer(self) -> dict[str, int]:
        """Read the tape.

        Returns:
            the "highest" balance, the sum of the "skips" and the cost of the "faults".
            Example: {"highest": 1412, "skips": 66, "faults": 11}.
        """
        tape = copy.deepcopy(self.tape)
        reader = ByteTape(tape)
        highest = skips = faults = 0
        back = -1
        head = reader.read_byte()
        while head >= 0:
            kind = head % 8
            if kind == 0:
                number, times = (0, 1)
                part = reader.read_byte()
                while part >= 128:
                    number += (part - 128) * times
                    times *= 128
                    part = reader.read_byte()
                highest = max(highest, reader.credit_field(head // 8, number + part * times))
                if back >= 0:
                    reader.move_head(back)
                    back = -1
            elif kind == 1:
                skips += reader.skip_bytes(reader.read_byte())
            elif kind == 2:
                back = reader.move_head(reader.read_byte())
            else:
                faults += reader.note_fault(head)
            head = reader.read_byte()
        return {"highest": highest, "skips": skips, "faults": faults}

    def solve(self, call):
        highest = skips = faults = 0
        back = -1
        head = call("ReadByte")
        while head >= 0:
            kind = head % 8
            if kind == 0:
                number, times = (0, 1)
                part = call("ReadByte")
                while part >= 128:
                    number += (part - 128) * times
                    times *= 128
                    part = call("ReadByte")
                highest = max(highest, call("CreditField", field=head // 8, number=number + part * times))
                if back >= 0:
                    call("MoveHead", place=back)
                    back = -1
            elif kind == 1:
                skips += call("SkipBytes", count=call("ReadByte"))
            elif kind == 2:
                back = call("MoveHead", place=call("ReadByte"))
            else:
                faults += call("NoteFault", head=head)
            head = call("ReadByte")
        return call("Done", answer={"highest": highest, "skips": skips, "faults": faults})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 4, "medium": 8, "hard": rng.randint(20, 26)}[level]
        tape, heads = ([], [])
        for number in range(count):
            kind = 0 if number in (0, 2) else rng.choice([0, 0, 0, 1, 2, 2, rng.randint(3, 7)])
            if kind == 0:
                heads.append(len(tape))
                tape.append(rng.randint(0, 5) * 8)
                tape += [rng.randint(128, 255) for _ in range(rng.choice([0, 1, 1, 2]))] + [rng.randint(1, 127)]
            elif kind == 1:
                size = rng.randint(1, 4)
                tape += [rng.randint(0, 5) * 8 + 1, size] + [rng.randint(0, 255) for _ in range(size)]
            elif kind == 2:
                tape += [rng.randint(0, 5) * 8 + 2, rng.choice([head for head in heads if head < 256])]
            else:
                tape.append(rng.randint(0, 30) * 8 + kind)
        return {"tape": tape}
