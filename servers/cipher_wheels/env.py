"""A cipher machine with wheels deciphers a hidden message of capital letters, one letter after the other."""

import copy

from codegym_mcp import Environment, tool


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CipherMachine:
    """The wheels in their present places, the reflector and the message."""

    def __init__(self, wheels: list[str], notches: list[int], starts: list[int], reflector: str, message: str) -> None:
        self.wheels, self.notches, self.places = wheels, notches, list(starts)
        self.reflector, self.message = reflector, message

    def _wheel(self, wheel: int, letter: str) -> str:
        if not 0 <= wheel < len(self.wheels) or letter not in LETTERS or len(letter) != 1:
            raise ValueError(f"expected a wheel from 0 to {len(self.wheels) - 1} and a capital letter")
        return self.wheels[wheel]

    def read_letter(self, position: int) -> str:
        """Read a letter of the message as it was sent.

        Args:
            position: its place in the message, from 0.

        Returns:
            the letter.

        Example:
            read_letter(position=0) -> "Q"
        """
        if not 0 <= position < len(self.message):
            raise ValueError(f"position must be from 0 to {len(self.message) - 1}")
        return self.message[position]

    def turn(self, wheel: int) -> bool:
        """Turn a wheel by one place.

        Args:
            wheel: number of the wheel, from 0.

        Returns:
            whether it stands at its notch now.

        Example:
            turn(wheel=0) -> false
        """
        self._wheel(wheel, "A")
        self.places[wheel] = (self.places[wheel] + 1) % 26
        return self.places[wheel] == self.notches[wheel]

    def pass_inwards(self, wheel: int, letter: str) -> str:
        """Send a letter inwards through a wheel in its present place.

        Args:
            wheel: number of the wheel, from 0.
            letter: the letter that goes in.

        Returns:
            the letter that comes out on the inner side.

        Example:
            pass_inwards(wheel=0, letter="Q") -> "F"
        """
        wiring, place = self._wheel(wheel, letter), self.places[wheel]
        return LETTERS[(LETTERS.index(wiring[(LETTERS.index(letter) + place) % 26]) - place) % 26]

    def reflect(self, letter: str) -> str:
        """Send a letter through the reflector.

        Args:
            letter: the letter that comes from the last wheel.

        Returns:
            the letter that goes back to it.

        Example:
            reflect(letter="F") -> "T"
        """
        self._wheel(0, letter)
        return self.reflector[LETTERS.index(letter)]

    def pass_outwards(self, wheel: int, letter: str) -> str:
        """Send a letter outwards through a wheel in its present place.

        Args:
            wheel: number of the wheel, from 0.
            letter: the letter that comes from within.

        Returns:
            the letter that comes out on the outer side.

        Example:
            pass_outwards(wheel=0, letter="T") -> "M"
        """
        wiring, place = self._wheel(wheel, letter), self.places[wheel]
        return LETTERS[(wiring.index(LETTERS[(LETTERS.index(letter) + place) % 26]) - place) % 26]


class CipherWheels(Environment):
    """A cipher machine with wheels deciphers a hidden message of capital letters, one letter after the other.

    Before each letter wheel 0 is turned by one place. Whenever a wheel stands at its notch after such a turn, the next
    wheel (1 after 0, and so on) is turned as well; behind the last wheel nothing is turned.

    Then the letter goes inwards through wheel 0, 1, ... to the last one, through the reflector, and outwards through
    the wheels in the opposite order. What comes out is the deciphered letter. If it is a vowel (A, E, I, O, U), the
    last wheel is turned once more at once; such a turn never turns another wheel.

    The answer is the whole deciphered message.

    The input is hidden (wheels, notches, starts, reflector, message); the tools give access to it. Observe shows what
    is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, wheels: list[str], notches: list[int], starts: list[int], reflector: str, message: str) -> None:
        self.wheels = wheels
        self.notches = notches
        self.starts = starts
        self.reflector = reflector
        self.message = message
        self.machine = CipherMachine(
            copy.deepcopy(self.wheels),
            copy.deepcopy(self.notches),
            copy.deepcopy(self.starts),
            self.reflector,
            self.message,
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "wheels": number of items of wheels.
            "notches": number of items of notches.
            "starts": number of items of starts.
            "reflector": number of characters of reflector.
            "message": number of characters of message.

        Example:
            Observe() -> {"wheels": 2, "notches": 2, "starts": 2, "reflector": 26, "message": 3}
        """
        return {
            "wheels": len(self.wheels),
            "notches": len(self.notches),
            "starts": len(self.starts),
            "reflector": len(self.reflector),
            "message": len(self.message),
        }

    @tool
    def ReadLetter(self, position: int) -> str:
        """Read a letter of the message as it was sent.

        Args:
            position: its place in the message, from 0.

        Returns:
            the letter.

        Example:
            ReadLetter(position=0) -> "Q"
        """
        return self.machine.read_letter(position)

    @tool
    def Turn(self, wheel: int) -> bool:
        """Turn a wheel by one place.

        Args:
            wheel: number of the wheel, from 0.

        Returns:
            whether it stands at its notch now.

        Example:
            Turn(wheel=0) -> false
        """
        return self.machine.turn(wheel)

    @tool
    def PassInwards(self, wheel: int, letter: str) -> str:
        """Send a letter inwards through a wheel in its present place.

        Args:
            wheel: number of the wheel, from 0.
            letter: the letter that goes in.

        Returns:
            the letter that comes out on the inner side.

        Example:
            PassInwards(wheel=0, letter="Q") -> "F"
        """
        return self.machine.pass_inwards(wheel, letter)

    @tool
    def Reflect(self, letter: str) -> str:
        """Send a letter through the reflector.

        Args:
            letter: the letter that comes from the last wheel.

        Returns:
            the letter that goes back to it.

        Example:
            Reflect(letter="F") -> "T"
        """
        return self.machine.reflect(letter)

    @tool
    def PassOutwards(self, wheel: int, letter: str) -> str:
        """Send a letter outwards through a wheel in its present place.

        Args:
            wheel: number of the wheel, from 0.
            letter: the letter that comes from within.

        Returns:
            the letter that comes out on the outer side.

        Example:
            PassOutwards(wheel=0, letter="T") -> "M"
        """
        return self.machine.pass_outwards(wheel, letter)

    def answer(self) -> str:
        """Decipher the message.

        Returns:
            the deciphered message. Example: "MAP".
        """
        wheels = copy.deepcopy(self.wheels)
        notches = copy.deepcopy(self.notches)
        starts = copy.deepcopy(self.starts)
        reflector = self.reflector
        message = self.message
        machine = CipherMachine(wheels, notches, starts, reflector, message)
        text = ""
        for position in range(len(message)):
            for wheel in range(len(wheels)):
                if not machine.turn(wheel):
                    break
            letter = machine.read_letter(position)
            for wheel in range(len(wheels)):
                letter = machine.pass_inwards(wheel, letter)
            letter = machine.reflect(letter)
            for wheel in reversed(range(len(wheels))):
                letter = machine.pass_outwards(wheel, letter)
            if letter in "AEIOU":
                machine.turn(len(wheels) - 1)
            text += letter
        return text

    def solve(self, call):
        seen = call("Observe")
        text = ""
        for position in range(seen["message"]):
            for wheel in range(seen["wheels"]):
                if not call("Turn", wheel=wheel):
                    break
            letter = call("ReadLetter", position=position)
            for wheel in range(seen["wheels"]):
                letter = call("PassInwards", wheel=wheel, letter=letter)
            letter = call("Reflect", letter=letter)
            for wheel in reversed(range(seen["wheels"])):
                letter = call("PassOutwards", wheel=wheel, letter=letter)
            if letter in "AEIOU":
                call("Turn", wheel=seen["wheels"] - 1)
            text += letter
        return call("Done", answer=text)

    @staticmethod
    def generate(rng, level):
        LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        count, length = {"easy": (2, 3), "medium": (2, rng.randint(4, 6)), "hard": (3, rng.randint(8, 13))}[level]
        mixed = rng.sample(LETTERS, 26)
        partner = dict(zip(mixed, mixed[13:] + mixed[:13], strict=True))
        starts = [rng.randrange(26) for _ in range(count)]
        return {
            "wheels": ["".join(rng.sample(LETTERS, 26)) for _ in range(count)],
            "notches": [(start + rng.randint(1, 4)) % 26 for start in starts],
            "starts": starts,
            "reflector": "".join((partner[letter] for letter in LETTERS)),
            "message": "".join((rng.choice(LETTERS) for _ in range(length))),
        }
