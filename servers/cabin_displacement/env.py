"""A mountain lodge has cabins with names, one guest to a cabin."""

import copy

from codegym_mcp import Environment, tool


class MountainLodge:
    """Cabins, hidden wishes and claims."""

    def __init__(self, cabins: list[str], wishes: list[list[str]], ranks: list[int]) -> None:
        self._wishes, self._ranks = wishes, ranks
        self._asked = [0] * len(wishes)
        self._home = dict.fromkeys(cabins, -1)

    def _guest(self, guest: int) -> int:
        if not 0 <= guest < len(self._wishes):
            raise ValueError(f"guest must be from 0 to {len(self._wishes) - 1}, got {guest}")
        return guest

    def list_cabins(self) -> list[str]:
        """List the cabins.

        Returns:
            their names in alphabetical order.

        Example:
            list_cabins() -> ["Lynx", "Wolf"]
        """
        return sorted(self._home)

    def next_wish(self, guest: int) -> str:
        """Let a guest ask for the next cabin on the own list.

        Args:
            guest: number of the guest, from 0.

        Returns:
            the name of the cabin, or "bunkhouse" if the list is at its end.

        Example:
            next_wish(guest=0) -> "Lynx"
        """
        step = self._asked[self._guest(guest)]
        self._asked[guest] += 1
        return self._wishes[guest][step] if step < len(self._wishes[guest]) else "bunkhouse"

    def who_lives_in(self, cabin: str) -> int:
        """Tell who lives in a cabin.

        Args:
            cabin: name of the cabin.

        Returns:
            the number of the guest, or -1 if the cabin is free.

        Example:
            who_lives_in(cabin="Lynx") -> 3
        """
        if cabin not in self._home:
            raise ValueError(f"cabin must be one of {sorted(self._home)}, got {cabin!r}")
        return self._home[cabin]

    def weigh_claim(self, guest: int, cabin: str) -> int:
        """Work out the claim of a guest to a cabin.

        Args:
            guest: number of the guest, from 0.
            cabin: name of the cabin.

        Returns:
            the claim.

        Example:
            weigh_claim(guest=3, cabin="Lynx") -> 47
        """
        self.who_lives_in(cabin)
        return self._ranks[self._guest(guest)] * 4 + ord(cabin[0]) * (guest + 3) % 17

    def move_in(self, guest: int, cabin: str) -> int:
        """Let a guest move into a cabin; whoever lives there has to leave.

        Args:
            guest: number of the guest.
            cabin: name of the cabin; it must be free, or the guest's claim to it greater than the present one's.

        Returns:
            the number of the displaced guest, or -1 if the cabin was free.

        Example:
            move_in(guest=0, cabin="Lynx") -> 3
        """
        other = self.who_lives_in(cabin)
        if other >= 0 and self.weigh_claim(guest, cabin) <= self.weigh_claim(other, cabin):
            raise ValueError(f"the claim of guest {guest} to {cabin} is not greater than that of guest {other}")
        self._home[cabin] = self._guest(guest)
        return other


class CabinDisplacement(Environment):
    """A mountain lodge has cabins with names, one guest to a cabin. Guests are numbered from 0 and come forward in
    ascending order. Each guest has a hidden list of wished cabins, which is gone through only once.

    The guest who comes forward asks for the next cabin on the own list (the first one at the first time):

    - If that cabin is free, the guest moves in.
    - If it is taken, the claims of both guests to this cabin are compared. If the newcomer's claim is strictly greater,
    the
      newcomer moves in and the displaced guest has to ask for the next cabin on the own list, by the same rules.
      Otherwise the
      newcomer goes on to the next cabin on the own list.
    - A guest whose list is at its end sleeps in the bunkhouse and never asks again.

    Only when somebody has moved into a free cabin or sleeps in the bunkhouse does the next guest come forward.

    Tell for each cabin, in the alphabetical order of their names, who lives there in the end, and how many
    displacements there were.

    The input is hidden (cabins, wishes, ranks); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, cabins: list[str], wishes: list[list[str]], ranks: list[int]) -> None:
        self.cabins = cabins
        self.wishes = wishes
        self.ranks = ranks
        self.lodge = MountainLodge(copy.deepcopy(self.cabins), copy.deepcopy(self.wishes), copy.deepcopy(self.ranks))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "cabins": number of items of cabins.
            "wishes": number of items of wishes.
            "ranks": number of items of ranks.

        Example:
            Observe() -> {"cabins": 4, "wishes": 4, "ranks": 4}
        """
        return {"cabins": len(self.cabins), "wishes": len(self.wishes), "ranks": len(self.ranks)}

    @tool
    def ListCabins(self) -> list[str]:
        """List the cabins.

        Returns:
            their names in alphabetical order.

        Example:
            ListCabins() -> ["Lynx", "Wolf"]
        """
        return self.lodge.list_cabins()

    @tool
    def NextWish(self, guest: int) -> str:
        """Let a guest ask for the next cabin on the own list.

        Args:
            guest: number of the guest, from 0.

        Returns:
            the name of the cabin, or "bunkhouse" if the list is at its end.

        Example:
            NextWish(guest=0) -> "Lynx"
        """
        return self.lodge.next_wish(guest)

    @tool
    def WhoLivesIn(self, cabin: str) -> int:
        """Tell who lives in a cabin.

        Args:
            cabin: name of the cabin.

        Returns:
            the number of the guest, or -1 if the cabin is free.

        Example:
            WhoLivesIn(cabin="Lynx") -> 3
        """
        return self.lodge.who_lives_in(cabin)

    @tool
    def WeighClaim(self, guest: int, cabin: str) -> int:
        """Work out the claim of a guest to a cabin.

        Args:
            guest: number of the guest, from 0.
            cabin: name of the cabin.

        Returns:
            the claim.

        Example:
            WeighClaim(guest=3, cabin="Lynx") -> 47
        """
        return self.lodge.weigh_claim(guest, cabin)

    @tool
    def MoveIn(self, guest: int, cabin: str) -> int:
        """Let a guest move into a cabin; whoever lives there has to leave.

        Args:
            guest: number of the guest.
            cabin: name of the cabin; it must be free, or the guest's claim to it greater than the present one's.

        Returns:
            the number of the displaced guest, or -1 if the cabin was free.

        Example:
            MoveIn(guest=0, cabin="Lynx") -> 3
        """
        return self.lodge.move_in(guest, cabin)

    def answer(self) -> list[int]:
        """Settle guests in cabins.

        Returns:
            the guest of each cabin in alphabetical order (-1 for a free one), then the number of displacements.
            Example: [2, -1, 0, 3].
        """
        cabins = copy.deepcopy(self.cabins)
        wishes = copy.deepcopy(self.wishes)
        ranks = copy.deepcopy(self.ranks)
        lodge = MountainLodge(cabins, wishes, ranks)
        displaced = 0
        for first in range(len(wishes)):
            asking = first
            while asking >= 0:
                cabin = lodge.next_wish(asking)
                if cabin == "bunkhouse":
                    break
                other = lodge.who_lives_in(cabin)
                if other < 0 or lodge.weigh_claim(asking, cabin) > lodge.weigh_claim(other, cabin):
                    asking = lodge.move_in(asking, cabin)
                    displaced += 1 if asking >= 0 else 0
        result = []
        for cabin in lodge.list_cabins():
            result.append(lodge.who_lives_in(cabin))
        return [*result, displaced]

    def solve(self, call):
        seen = call("Observe")
        displaced = 0
        for first in range(seen["wishes"]):
            asking = first
            while asking >= 0:
                cabin = call("NextWish", guest=asking)
                if cabin == "bunkhouse":
                    break
                other = call("WhoLivesIn", cabin=cabin)
                if other < 0 or call("WeighClaim", guest=asking, cabin=cabin) > call(
                    "WeighClaim", guest=other, cabin=cabin
                ):
                    asking = call("MoveIn", guest=asking, cabin=cabin)
                    displaced += 1 if asking >= 0 else 0
        result = []
        for cabin in call("ListCabins"):
            result.append(call("WhoLivesIn", cabin=cabin))
        return call("Done", answer=[*result, displaced])

    @staticmethod
    def generate(rng, level):
        guests, size = {"easy": (4, 4), "medium": (5, 4), "hard": (rng.randint(10, 12), 6)}[level]
        cabins = rng.sample(
            ["Alder", "Bear", "Cedar", "Fox", "Heron", "Lynx", "Otter", "Raven", "Spruce", "Wolf"], size
        )
        return {
            "cabins": cabins,
            "wishes": [rng.sample(cabins, rng.randint(2, min(size, 4))) for _ in range(guests)],
            "ranks": [rng.randint(1, 9) for _ in range(guests)],
        }
