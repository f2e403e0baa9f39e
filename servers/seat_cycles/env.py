"""Guests sit on numbered chairs."""

import copy

from codegym_mcp import Environment, tool


def move_payment(chair: int, wanted: int, mood: int) -> int:
    """Work out what a guest pays for a move.

    Args:
        chair: the chair where the guest sits.
        wanted: the chair to which he moves, another one.
        mood: mood of the host before the move.

    Returns:
        the payment.

    Example:
        move_payment(chair=2, wanted=5, mood=4) -> 10
    """
    if chair == wanted:
        raise ValueError("this guest stays")
    return abs(chair - wanted) * 2 + mood


def mood_after(mood: int, payment: int) -> int:
    """Work out the mood of the host after a move.

    Args:
        mood: the mood before.
        payment: what was paid for the move.

    Returns:
        the mood after it.

    Example:
        mood_after(mood=4, payment=10) -> 0
    """
    return (3 * mood + payment) % 11 + (1 if payment > 12 else 0)


def stayer_fee(chair: int, mood: int) -> int:
    """Work out the fee of a guest who stays.

    Args:
        chair: his chair.
        mood: mood of the host.

    Returns:
        the fee.

    Example:
        stayer_fee(chair=3, mood=7) -> 2
    """
    return 2 + (chair + mood) % 5


def round_tip(moves: int, paid: int) -> int:
    """Work out the tip for a round.

    Args:
        moves: how many moves it had, at least 2.
        paid: sum of the payments for them.

    Returns:
        the tip.

    Example:
        round_tip(moves=3, paid=31) -> 13
    """
    if moves < 2:
        raise ValueError(f"a round with a tip has at least 2 moves, got {moves}")
    return paid // moves + (moves if paid % 2 else 0)


class SeatCycles(Environment):
    """Guests sit on numbered chairs. `chairs` holds for each chair, from 0, the number of the chair to which its guest
    wants to move; no two want the same chair. Guests are moved in rounds: begin with the lowest chair whose guest has
    not been looked at yet. This is the first chair of the round. If its guest wants to stay where he is, he is looked
    at, pays the stayer's fee, and the round is over. Otherwise follow the wishes: go from the chair to the chair its
    guest wants, and so on, until the wish leads back to the first chair of the round. Each guest on this way is looked
    at and pays for his own move, in this order, the one on the first chair first. The payment depends on the mood of
    the host, which changes after each move. A stayer's fee leaves the mood as it is.

    When a way has come back to the first chair, the host gets a tip for the round, for which its number of moves and
    the sum of the payments of this round count.

    The mood is `mood` at first and is kept from round to round.

    Find the sum of all payments (stayers' fees among them), the sum of the tips, and the mood at the end.

    The input is hidden (chairs); the tools give access to it. Observe shows what is known from the start: sizes, and
    mood.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, chairs: list[int], mood: int) -> None:
        self.chairs = chairs
        self.mood = mood
        self.seen = [False] * len(self.chairs)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "mood": a whole number, given as it is.
            "chairs": number of items of chairs.

        Example:
            Observe() -> {"mood": 4, "chairs": 8}
        """
        return {"mood": self.mood, "chairs": len(self.chairs)}

    @tool
    def ReadSeen(self, index: int) -> bool:
        """Read one item of seen.

        Args:
            index: position in seen, counted from 0.

        Returns:
            the item.

        Example:
            ReadSeen(index=0) -> false
        """
        if not 0 <= index < len(self.seen):
            raise ValueError(f"index must be from 0 to {len(self.seen) - 1}, got {index}")
        return self.seen[index]

    @tool
    def ReadChair(self, index: int) -> int:
        """Read one item of chairs.

        Args:
            index: position in chairs, counted from 0.

        Returns:
            the item.

        Example:
            ReadChair(index=0) -> 0
        """
        if not 0 <= index < len(self.chairs):
            raise ValueError(f"index must be from 0 to {len(self.chairs) - 1}, got {index}")
        return self.chairs[index]

    @tool
    def RoundTip(self, moves: int, paid: int) -> int:
        """Work out the tip for a round.

        Args:
            moves: how many moves it had, at least 2.
            paid: sum of the payments for them.

        Returns:
            the tip.

        Example:
            RoundTip(moves=3, paid=31) -> 13
        """
        return round_tip(moves, paid)

    @tool
    def SetSeen(self, index: int, value: bool) -> bool:
        """Put a value at a position of seen.

        Args:
            index: position in seen, counted from 0.
            value: the value.

        Returns:
            the value that is there now.

        Example:
            SetSeen(index=0, value=true) -> true
        """
        if not 0 <= index < len(self.seen):
            raise ValueError(f"index must be from 0 to {len(self.seen) - 1}, got {index}")
        self.seen[index] = value
        return value

    @tool
    def CheckChairFirst(self, moves: int, chair: int, first: int) -> bool:
        """Tell whether `moves == 0 or chair != first`.

        Args:
            moves: the present value of moves.
            chair: the present value of chair.
            first: the present value of first.

        Returns:
            true or false.

        Example:
            CheckChairFirst(moves=0, chair=1, first=1) -> true
        """
        return moves == 0 or chair != first

    def answer(self) -> dict[str, int]:
        """Move the guests.

        Returns:
            the sum "paid", the sum of the "tips" and the "mood" at the end. Example: {"paid": 96, "tips": 19, "mood":
                6}.
        """
        chairs = copy.deepcopy(self.chairs)
        mood = self.mood
        seen = [False] * len(chairs)
        paid = tips = 0
        for first in range(len(chairs)):
            if seen[first]:
                continue
            seen[first] = True
            if chairs[first] == first:
                paid += stayer_fee(first, mood)
                continue
            chair, moves, sum_here = (first, 0, 0)
            while moves == 0 or chair != first:
                wanted = chairs[chair]
                payment = move_payment(chair, wanted, mood)
                mood = mood_after(mood, payment)
                sum_here += payment
                moves += 1
                seen[wanted] = True
                chair = wanted
            paid += sum_here
            tips += round_tip(moves, sum_here)
        return {"paid": paid, "tips": tips, "mood": mood}

    def solve(self, call):
        the_seen = call("Observe")
        mood = the_seen["mood"]
        paid = tips = 0
        for first in range(the_seen["chairs"]):
            if call("ReadSeen", index=first):
                continue
            call("SetSeen", index=first, value=True)
            if call("ReadChair", index=first) == first:
                paid += stayer_fee(first, mood)
                continue
            chair, moves, sum_here = (first, 0, 0)
            while call("CheckChairFirst", moves=moves, chair=chair, first=first):
                wanted = call("ReadChair", index=chair)
                payment = move_payment(chair, wanted, mood)
                mood = mood_after(mood, payment)
                sum_here += payment
                moves += 1
                call("SetSeen", index=wanted, value=True)
                chair = wanted
            paid += sum_here
            tips += call("RoundTip", moves=moves, paid=sum_here)
        return call("Done", answer={"paid": paid, "tips": tips, "mood": mood})

    @staticmethod
    def generate(rng, level):
        size = {"easy": 8, "medium": 16, "hard": rng.randint(32, 44)}[level]
        chairs = list(range(size))
        movers = chairs[:]
        rng.shuffle(movers)
        movers = sorted(movers[: size - rng.randint(1, 1 + size // 8)])
        wishes = movers[:]
        rng.shuffle(wishes)
        for chair, wanted in zip(movers, wishes, strict=True):
            chairs[chair] = wanted
        if chairs == list(range(size)):
            chairs[0], chairs[1] = (chairs[1], chairs[0])
        return {"chairs": chairs, "mood": rng.randint(0, 9)}
