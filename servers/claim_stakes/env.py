"""Diggers stake claims along a river, which is measured in whole metres from 0."""

import copy

from codegym_mcp import Environment, tool


class RiverBank:
    """The claims and the pieces that are owned."""

    def __init__(self, claims: list[list[int]]) -> None:
        self._claims, self._pieces, self._paid = claims, [], 0

    def read_claim_stretch(self, claim: int) -> list[int]:
        """Read the stretch a claim names.

        Args:
            claim: number of the claim, from 0.

        Returns:
            [first metre, metre after the last one].

        Example:
            read_claim_stretch(claim=1) -> [12, 30]
        """
        if not 0 <= claim < len(self._claims):
            raise ValueError(f"claim must be from 0 to {len(self._claims) - 1}, got {claim}")
        return list(self._claims[claim])

    def next_piece(self, metre: int) -> list[int]:
        """Find the first owned piece that ends beyond a metre.

        Args:
            metre: the metre.

        Returns:
            [first metre of the piece, metre after its last one], or [-1, -1] if there is none.

        Example:
            next_piece(metre=12) -> [15, 19]
        """
        beyond = [[first, last] for first, last in self._pieces if last > metre]
        return min(beyond) if beyond else [-1, -1]

    def stake_ground(self, first: int, last: int) -> int:
        """Stake free ground, which becomes one owned piece.

        Args:
            first: its first metre.
            last: the metre after its last one.

        Returns:
            the fee.

        Example:
            stake_ground(first=12, last=15) -> 14
        """
        if last <= first or any(a < last and first < b for a, b in self._pieces):
            raise ValueError(f"the ground from {first} to {last} is not free")
        self._pieces.append([first, last])
        return 3 * (last - first) + len(self._pieces) + 2

    def pay_toll(self, first: int) -> int:
        """Pay the toll for passing a piece.

        Args:
            first: first metre of the piece.

        Returns:
            the toll.

        Example:
            pay_toll(first=15) -> 6
        """
        for place, piece in enumerate(self._pieces):
            if piece[0] == first:
                self._paid += 1
                return 2 + (piece[1] - first) // 2 + (place + self._paid) % 3
        raise ValueError(f"no piece begins at metre {first}")

    def give_up_piece(self, first: int) -> int:
        """Give up a piece, which makes its ground free.

        Args:
            first: first metre of the piece.

        Returns:
            how many metres are free again.

        Example:
            give_up_piece(first=15) -> 4
        """
        for piece in self._pieces:
            if piece[0] == first:
                self._pieces.remove(piece)
                return piece[1] - first
        raise ValueError(f"no piece begins at metre {first}")


class ClaimStakes(Environment):
    """Diggers stake claims along a river, which is measured in whole metres from 0. Claims are numbered from 0 and handled
    in ascending order. Each names a stretch from one metre up to, but not including, another one; a later claim only
    gets what is still free.

    Go along the stretch of the claim from its beginning to its end. Where the ground is free, stake the free ground up
    to the next metre that is owned, or up to the end of the stretch if nothing in between is owned; each stake costs a
    fee. Where the ground is owned, go on to the end of the owned piece you are in (pieces that touch are separate
    pieces), or to the end of the claim's stretch if that comes first; for each piece of an earlier owner passed this
    way the claim pays a toll.

    If a claim has got no ground at all, it is void: it costs no more than its tolls, and the piece that it met first is
    given up by its owner (after the tolls have been paid) and is free for later claims.

    Find the sum of the fees, the sum of the tolls, and the number of metres that are owned at the end.

    The input is hidden (claims); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, claims: list[list[int]]) -> None:
        self.claims = claims
        self.bank = RiverBank(copy.deepcopy(self.claims))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "claims": number of items of claims.

        Example:
            Observe() -> {"claims": 4}
        """
        return {"claims": len(self.claims)}

    @tool
    def ReadClaimStretch(self, claim: int) -> list[int]:
        """Read the stretch a claim names.

        Args:
            claim: number of the claim, from 0.

        Returns:
            [first metre, metre after the last one].

        Example:
            ReadClaimStretch(claim=1) -> [12, 30]
        """
        return self.bank.read_claim_stretch(claim)

    @tool
    def NextPiece(self, metre: int) -> list[int]:
        """Find the first owned piece that ends beyond a metre.

        Args:
            metre: the metre.

        Returns:
            [first metre of the piece, metre after its last one], or [-1, -1] if there is none.

        Example:
            NextPiece(metre=12) -> [15, 19]
        """
        return self.bank.next_piece(metre)

    @tool
    def StakeGround(self, first: int, last: int) -> int:
        """Stake free ground, which becomes one owned piece.

        Args:
            first: its first metre.
            last: the metre after its last one.

        Returns:
            the fee.

        Example:
            StakeGround(first=12, last=15) -> 14
        """
        return self.bank.stake_ground(first, last)

    @tool
    def PayToll(self, first: int) -> int:
        """Pay the toll for passing a piece.

        Args:
            first: first metre of the piece.

        Returns:
            the toll.

        Example:
            PayToll(first=15) -> 6
        """
        return self.bank.pay_toll(first)

    @tool
    def GiveUpPiece(self, first: int) -> int:
        """Give up a piece, which makes its ground free.

        Args:
            first: first metre of the piece.

        Returns:
            how many metres are free again.

        Example:
            GiveUpPiece(first=15) -> 4
        """
        return self.bank.give_up_piece(first)

    def answer(self) -> dict[str, int]:
        """Handle the claims.

        Returns:
            the sums of the "fees" and of the "tolls", and the metres "owned". Example: {"fees": 120, "tolls": 31,
                "owned": 44}.
        """
        claims = copy.deepcopy(self.claims)
        bank = RiverBank(claims)
        fees = tolls = owned = 0
        for claim in range(len(claims)):
            metre, end = bank.read_claim_stretch(claim)
            got, met = (0, -1)
            while metre < end:
                first, last = bank.next_piece(metre)
                if 0 <= first <= metre:
                    tolls += bank.pay_toll(first)
                    met = first if met < 0 else met
                    metre = last
                else:
                    stop = end if first < 0 else min(first, end)
                    fees += bank.stake_ground(metre, stop)
                    got += stop - metre
                    metre = stop
            owned += got
            if got == 0:
                owned -= bank.give_up_piece(met)
        return {"fees": fees, "tolls": tolls, "owned": owned}

    def solve(self, call):
        seen = call("Observe")
        fees = tolls = owned = 0
        for claim in range(seen["claims"]):
            metre, end = call("ReadClaimStretch", claim=claim)
            got, met = (0, -1)
            while metre < end:
                first, last = call("NextPiece", metre=metre)
                if 0 <= first <= metre:
                    tolls += call("PayToll", first=first)
                    met = first if met < 0 else met
                    metre = last
                else:
                    stop = end if first < 0 else min(first, end)
                    fees += call("StakeGround", first=metre, last=stop)
                    got += stop - metre
                    metre = stop
            owned += got
            if got == 0:
                owned -= call("GiveUpPiece", first=met)
        return call("Done", answer={"fees": fees, "tolls": tolls, "owned": owned})

    @staticmethod
    def generate(rng, level):
        count, river = {"easy": (4, 40), "medium": (7, 60), "hard": (rng.randint(16, 20), 120)}[level]
        claims = []
        for number in range(count):
            first = rng.randint(0, river - 12)
            claims.append([first, first + rng.randint(4, 18 + number % 4 * 4)])
        inner = rng.randrange(count - 1)
        first, last = claims[inner]
        claims[-1] = [first + 1, max(first + 2, last - 1)]
        return {"claims": claims}
