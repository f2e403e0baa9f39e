"""Masts stand in a row at places from 0; `heights` tells how high each is."""

import copy

from codegym_mcp import Environment, tool


def drawn_power(height: int, charge: int) -> int:
    """Work out the power a mast draws from the battery.

    Args:
        height: the height of the mast.
        charge: the charge of the battery, at least 0.

    Returns:
        the power.

    Example:
        drawn_power(height=7, charge=40) -> 15
    """
    if charge < 0:
        raise ValueError(f"charge must be at least 0, got {charge}")
    return min(charge, 6 + height + charge // 16)


def takes_signal(sender: int, receiver: int, distance: int) -> bool:
    """Tell whether a mast takes a signal that comes past it.

    Args:
        sender: height of the mast that sends.
        receiver: height of the mast the signal comes past.
        distance: how many places there are between the two, at least 1.

    Returns:
        whether it takes the signal.

    Example:
        takes_signal(sender=7, receiver=9, distance=1) -> true
    """
    if distance < 1:
        raise ValueError(f"distance must be at least 1, got {distance}")
    return receiver > sender + distance // 2 or receiver == sender


def lost_strength(strength: int, height: int) -> int:
    """Work out how much strength a signal loses at a mast that does not take it.

    Args:
        strength: its strength when it comes there, above 0.
        height: height of the mast there.

    Returns:
        the loss.

    Example:
        lost_strength(strength=15, height=5) -> 5
    """
    if strength < 1:
        raise ValueError("the signal has faded")
    return 1 + height // 3 + strength // 5


def signal_score(strength: int, distance: int) -> int:
    """Work out the score of a signal that is taken.

    Args:
        strength: the strength it still has, above 0.
        distance: how far it has come.

    Returns:
        the score.

    Example:
        signal_score(strength=10, distance=2) -> 24
    """
    if strength < 1:
        raise ValueError("the signal has faded")
    return strength * distance + distance * distance


class MastSignals(Environment):
    """Masts stand in a row at places from 0; `heights` tells how high each is. Each mast sends one signal to the right, in
    ascending order of the places. The energy of all signals comes out of one battery, which is charged with `charge` at
    first.

    A mast sends with the power it can draw from the battery at that moment, and what it draws is gone from the battery.
    The signal then comes past the masts on its right one by one, the nearest first. At each of them, with the distance
    (the difference of the places) and both heights, see whether that mast takes the signal. If it does, the signal ends
    there. If it does not, the signal loses strength there; if its strength is then not above 0, it fades, and no mast
    takes it. A signal that comes past the last mast also fades. The strength at first is the power drawn.

    A signal that is taken scores, from the strength it still has and the distance, and half of its strength, rounded
    down, goes back into the battery. A signal that has faded scores nothing and gives nothing back.

    The answer is the sum of the scores, the number of signals that faded, and the charge of the battery at the end.

    The input is hidden (heights); the tools give access to it. Observe shows what is known from the start: sizes, and
    charge.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, heights: list[int], charge: int) -> None:
        self.heights = heights
        self.charge = charge

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "charge": a whole number, given as it is.
            "heights": number of items of heights.

        Example:
            Observe() -> {"charge": 79, "heights": 5}
        """
        return {"charge": self.charge, "heights": len(self.heights)}

    @tool
    def ReadHeight(self, index: int) -> int:
        """Read one item of heights.

        Args:
            index: position in heights, counted from 0.

        Returns:
            the item.

        Example:
            ReadHeight(index=0) -> 12
        """
        if not 0 <= index < len(self.heights):
            raise ValueError(f"index must be from 0 to {len(self.heights) - 1}, got {index}")
        return self.heights[index]

    @tool
    def TakesSignal(self, sender: int, receiver: int, distance: int) -> bool:
        """Tell whether a mast takes a signal that comes past it.

        Args:
            sender: height of the mast that sends.
            receiver: height of the mast the signal comes past.
            distance: how many places there are between the two, at least 1.

        Returns:
            whether it takes the signal.

        Example:
            TakesSignal(sender=7, receiver=9, distance=1) -> true
        """
        return takes_signal(sender, receiver, distance)

    @tool
    def LostStrength(self, strength: int, height: int) -> int:
        """Work out how much strength a signal loses at a mast that does not take it.

        Args:
            strength: its strength when it comes there, above 0.
            height: height of the mast there.

        Returns:
            the loss.

        Example:
            LostStrength(strength=15, height=5) -> 5
        """
        return lost_strength(strength, height)

    @tool
    def SignalScore(self, strength: int, distance: int) -> int:
        """Work out the score of a signal that is taken.

        Args:
            strength: the strength it still has, above 0.
            distance: how far it has come.

        Returns:
            the score.

        Example:
            SignalScore(strength=10, distance=2) -> 24
        """
        return signal_score(strength, distance)

    def answer(self) -> dict[str, int]:
        """Send the signals.

        Returns:
            the sum of the scores ("score"), the number of signals that "faded" and the "charge" at the end.
            Example: {"score": 117, "faded": 3, "charge": 22}.
        """
        heights = copy.deepcopy(self.heights)
        charge = self.charge
        score = faded = 0
        for place, height in enumerate(heights):
            strength = drawn_power(height, charge)
            charge -= strength
            other = place + 1
            while other < len(heights) and strength > 0 and (not takes_signal(height, heights[other], other - place)):
                strength -= lost_strength(strength, heights[other])
                other += 1
            if other < len(heights) and strength > 0:
                score += signal_score(strength, other - place)
                charge += strength // 2
            else:
                faded += 1
        return {"score": score, "faded": faded, "charge": charge}

    def solve(self, call):
        seen = call("Observe")
        charge = seen["charge"]
        score = faded = 0
        for place, height in enumerate((call("ReadHeight", index=index) for index in range(seen["heights"]))):
            strength = drawn_power(height, charge)
            charge -= strength
            other = place + 1
            while (
                other < seen["heights"]
                and strength > 0
                and (
                    not call(
                        "TakesSignal", sender=height, receiver=call("ReadHeight", index=other), distance=other - place
                    )
                )
            ):
                strength -= call("LostStrength", strength=strength, height=call("ReadHeight", index=other))
                other += 1
            if other < seen["heights"] and strength > 0:
                score += call("SignalScore", strength=strength, distance=other - place)
                charge += strength // 2
            else:
                faded += 1
        return call("Done", answer={"score": score, "faded": faded, "charge": charge})

    @staticmethod
    def generate(rng, level):
        size, low, high = {"easy": (5, 50, 80), "medium": (9, 90, 140), "hard": (rng.randint(17, 21), 210, 300)}[level]
        return {"heights": [rng.randint(2, 14) for _ in range(size)], "charge": rng.randint(low, high)}
