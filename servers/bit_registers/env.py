"""Fields of bits cut from hidden words, rotated and mixed into one result, on a machine with a few registers."""

from codegym_mcp import Environment, tool


class BitRegisters(Environment):
    """A machine holds words of `width` bits each that you cannot see. Mix some fields of their bits into one result.

    Bit 0 is the lowest bit. The result is a number of `width` bits, 0 at first. The fields are mixed into it one by
    one, in ascending order of their numbers, from field 0. Each field names a word, two bits `low` and `high`, and a
    number `turn`, and is mixed so:

    1. Of the word, the bits from `low` to `high`, both included, are kept in their places; all others become 0.
    2. What was kept is rotated left by `turn` places within `width` bits (bits that leave at the top come in again
       at the bottom).
    3. If it has an odd number of ones, it is combined with the result by exclusive or (xor). Otherwise it is added to
       the result, and a carry out of the top bit is dropped.

    The machine has registers, numbered from 0, which all hold 0 at first. Answer with the result as a number.
    """

    REGISTERS = 3

    def reset(self, *, width: int, words: list[int], fields: list[list[int]]) -> None:
        self.width, self.words, self.fields = width, words, fields
        self.registers = [0] * self.REGISTERS

    def observe(self) -> dict[str, int]:
        """Show the sizes of the machine.

        Returns:
            the bits per word and register ("width"), and the numbers of "registers", "words" and "fields".

        Example:
            Observe() -> {"width": 16, "registers": 3, "words": 4, "fields": 6}
        """
        sizes = {"registers": len(self.registers), "words": len(self.words), "fields": len(self.fields)}
        return {"width": self.width, **sizes}

    def require(self, name: str, value: int, count: int) -> None:
        if not 0 <= value < count:
            raise ValueError(f"{name} must be from 0 to {count - 1}, got {value}")

    @tool
    def ReadField(self, field: int) -> dict[str, int]:
        """Read what a field consists of.

        Args:
            field: number of the field, from 0 to fields - 1.

        Returns:
            the number of the "word", the "low" and the "high" bit of the field, and its "turn".

        Example:
            ReadField(field=0) -> {"word": 2, "low": 3, "high": 8, "turn": 5}
        """
        self.require("field", field, len(self.fields))
        return dict(zip(("word", "low", "high", "turn"), self.fields[field], strict=True))

    @tool
    def Load(self, register: int, word: int) -> int:
        """Copy a word into a register.

        Args:
            register: number of the register, from 0 to registers - 1.
            word: number of the word, from 0 to words - 1.

        Returns:
            the number of ones in the register now.

        Example:
            Load(register=1, word=2) -> 9
        """
        self.require("register", register, len(self.registers))
        self.require("word", word, len(self.words))
        self.registers[register] = self.words[word]
        return self.registers[register].bit_count()

    @tool
    def Keep(self, register: int, low: int, high: int) -> int:
        """Keep a range of bits of a register in their places, and set all others to 0.

        Args:
            register: number of the register, from 0 to registers - 1.
            low: the lowest bit to keep, from 0 to width - 1.
            high: the highest bit to keep, from low to width - 1.

        Returns:
            the number of ones in the register now.

        Example:
            Keep(register=1, low=3, high=8) -> 4
        """
        self.require("register", register, len(self.registers))
        if not 0 <= low <= high < self.width:
            raise ValueError(f"low and high must satisfy 0 <= low <= high <= {self.width - 1}, got {low} and {high}")
        self.registers[register] &= (1 << (high + 1)) - (1 << low)
        return self.registers[register].bit_count()

    @tool
    def RotateLeft(self, register: int, places: int) -> int:
        """Rotate the bits of a register to the left, within its width.

        Args:
            register: number of the register, from 0 to registers - 1.
            places: how far to rotate, from 0 to width - 1.

        Returns:
            the highest bit of the register that is one now, or -1 if there is none.

        Example:
            RotateLeft(register=1, places=5) -> 12
        """
        self.require("register", register, len(self.registers))
        self.require("places", places, self.width)
        value = self.registers[register] << places
        self.registers[register] = (value | value >> self.width) & ((1 << self.width) - 1)
        return self.registers[register].bit_length() - 1

    @tool
    def Combine(self, target: int, source: int, operation: str) -> int:
        """Combine a register with another one; the outcome stays in the first.

        Args:
            target: number of the register that changes.
            source: number of the other register, which keeps its value.
            operation: "xor" for the exclusive or of the two, "add" for their sum without the carry out of the top bit.

        Returns:
            the number of ones in the target register now.

        Example:
            Combine(target=0, source=1, operation="xor") -> 6
        """
        self.require("target", target, len(self.registers))
        self.require("source", source, len(self.registers))
        one, two = self.registers[target], self.registers[source]
        if operation not in ("xor", "add"):
            raise ValueError(f'operation must be "xor" or "add", got {operation!r}')
        self.registers[target] = one ^ two if operation == "xor" else (one + two) % (1 << self.width)
        return self.registers[target].bit_count()

    @tool
    def Show(self, register: int) -> int:
        """Show the value of a register.

        Args:
            register: number of the register, from 0 to registers - 1.

        Returns:
            the value as a number.

        Example:
            Show(register=0) -> 40961
        """
        self.require("register", register, len(self.registers))
        return self.registers[register]

    def answer(self) -> int:
        """The mixed result.

        Returns:
            the result after the last field, as a number from 0 to 2 ** width - 1.
        """
        result = 0
        for word, low, high, turn in self.fields:
            bits = [(i + turn) % self.width for i in range(low, high + 1) if self.words[word] >> i & 1]
            value = sum(1 << bit for bit in bits)
            result = result ^ value if len(bits) % 2 else (result + value) & ((1 << self.width) - 1)
        return result

    def solve(self, call):
        for number in range(call("Observe")["fields"]):
            field = call("ReadField", field=number)
            register = min(number, 1)  # the result is 0 at first, so field 0 may be made in its place
            call("Load", register=register, word=field["word"])
            ones = call("Keep", register=register, low=field["low"], high=field["high"])
            call("RotateLeft", register=register, places=field["turn"])
            if register:
                call("Combine", target=0, source=1, operation="xor" if ones % 2 else "add")
        return call("Done", answer=call("Show", register=0))

    @staticmethod
    def generate(rng, level):
        width = rng.choice({"tiny": [10, 12], "easy": [12, 16], "medium": [16, 24], "hard": [24, 32]}[level])
        words = rng.randint(*{"tiny": (1, 3), "easy": (2, 4), "medium": (3, 6), "hard": (5, 9)}[level])
        count = rng.randint(*{"tiny": (1, 1), "easy": (2, 4), "medium": (6, 10), "hard": (14, 32)}[level])
        values = [rng.randrange(1, 1 << width) for _ in range(words)]
        fields = []
        for _ in range(count):
            word, low = rng.randrange(words), rng.randrange(width - 4)
            values[word] |= 9 << low  # no field without ones
            fields.append([word, low, rng.randint(low + 3, width - 1), rng.randrange(1, width)])
        return {"width": width, "words": values, "fields": fields}
