"""Wagons come into a yard one by one; each has a number, and no two have the same."""

import copy

from codegym_mcp import Environment, tool


class ShuntingYard:
    """The sidings, the arriving wagons and the departure list."""

    def __init__(self, wagons: list[int], sidings: int) -> None:
        self._coming, self._tracks, self._moves = list(wagons), [[] for _ in range(sidings)], 0
        self._list = sorted(wagons)

    def next_wagon(self) -> int:
        """Look at the next wagon that comes in.

        Returns:
            its number, or -1 if no more come.

        Example:
            next_wagon() -> 47
        """
        return self._coming[0] if self._coming else -1

    def next_departure(self) -> int:
        """Look up which wagon is next on the departure list.

        Returns:
            its number, or -1 if all have left.

        Example:
            next_departure() -> 12
        """
        return self._list[0] if self._list else -1

    def front_wagons(self) -> list[int]:
        """Look at the front wagons of all sidings.

        Returns:
            the number of the front wagon for each siding, from 0; -1 for an empty one.

        Example:
            front_wagons() -> [47, -1, 30]
        """
        return [track[-1] if track else -1 for track in self._tracks]

    def find_siding(self, wagon: int) -> int:
        """Find the siding on which a wagon stands.

        Args:
            wagon: number of the wagon.

        Returns:
            the number of the siding, or -1 if the wagon is on none.

        Example:
            find_siding(wagon=47) -> 0
        """
        return next((n for n, track in enumerate(self._tracks) if wagon in track), -1)

    def push_in(self, siding: int) -> int:
        """Push the next arriving wagon onto a siding.

        Args:
            siding: number of the siding, from 0.

        Returns:
            how many wagons stand there now.

        Example:
            push_in(siding=1) -> 1
        """
        if not self._coming or not 0 <= siding < len(self._tracks):
            raise ValueError(f"no wagon comes, or there is no siding {siding}")
        self._moves += 1
        self._tracks[siding].append(self._coming.pop(0))
        return len(self._tracks[siding])

    def let_leave(self, siding: int) -> int:
        """Let the front wagon of a siding leave, if it is next on the departure list.

        Args:
            siding: number of the siding.

        Returns:
            the toll.

        Example:
            let_leave(siding=2) -> 9
        """
        if not 0 <= siding < len(self._tracks) or not self._list or self._tracks[siding][-1:] != self._list[:1]:
            raise ValueError(f"the wagon that is next on the list is not at the front of siding {siding}")
        self._moves += 1
        self._list.pop(0)
        return 3 + self._tracks[siding].pop() % 7 + self._moves % 4

    def lift_over(self, siding: int, target: int) -> int:
        """Lift the front wagon of a siding over to another siding, where it becomes the front wagon.

        Args:
            siding: number of the siding it stands on.
            target: number of the other siding.

        Returns:
            the cost.

        Example:
            lift_over(siding=2, target=0) -> 14
        """
        if (
            min(siding, target) < 0
            or max(siding, target) >= len(self._tracks)
            or siding == target
            or not self._tracks[siding]
        ):
            raise ValueError(f"cannot lift a wagon from siding {siding} to {target}")
        self._moves += 1
        self._tracks[target].append(self._tracks[siding].pop())
        return 10 + 2 * abs(siding - target) + self._moves % 3


class ShuntingSidings(Environment):
    """Wagons come into a yard one by one; each has a number, and no two have the same. They must leave in ascending order
    of their numbers: the lowest of all first, then the next one, and so on. The yard has dead-end sidings, numbered
    from 0, so on a siding only the wagon that came in last can be moved. The numbers of the wagons are listed, in no
    order of arrival, on a departure list.

    Do this for each arriving wagon. First, put it on a siding: of the sidings whose front wagon (the one that came in
    last) has a higher number, the one whose front number is the lowest. If there is none, an empty siding: of these the
    one with the lowest number. If there is none either, the wagon goes on the siding whose front number is the highest,
    and blocks it.

    Then, as long as the wagon that is next on the departure list is at the front of a siding, let it leave.

    When no more wagons come and there are still some in the yard, the next one on the list is at the front of no
    siding. Until all have left: if it is at the front of a siding, let it leave; otherwise the loop track is used for
    the siding it stands on: its front wagon is lifted to the end of the siding that has the lowest number among the
    other ones. Each such lift costs something.

    Find the sum of the tolls for the departures, the sum of the costs of the lifts, and how many wagons blocked a
    siding.

    The input is hidden (wagons); the tools give access to it. Observe shows what is known from the start: sizes, and
    sidings.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, wagons: list[int], sidings: int) -> None:
        self.wagons = wagons
        self.sidings = sidings
        self.yard = ShuntingYard(copy.deepcopy(self.wagons), self.sidings)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "sidings": a whole number, given as it is.
            "wagons": number of items of wagons.

        Example:
            Observe() -> {"sidings": 2, "wagons": 3}
        """
        return {"sidings": self.sidings, "wagons": len(self.wagons)}

    @tool
    def NextWagon(self) -> int:
        """Look at the next wagon that comes in.

        Returns:
            its number, or -1 if no more come.

        Example:
            NextWagon() -> 47
        """
        return self.yard.next_wagon()

    @tool
    def NextDeparture(self) -> int:
        """Look up which wagon is next on the departure list.

        Returns:
            its number, or -1 if all have left.

        Example:
            NextDeparture() -> 12
        """
        return self.yard.next_departure()

    @tool
    def FrontWagons(self) -> list[int]:
        """Look at the front wagons of all sidings.

        Returns:
            the number of the front wagon for each siding, from 0; -1 for an empty one.

        Example:
            FrontWagons() -> [47, -1, 30]
        """
        return self.yard.front_wagons()

    @tool
    def FindSiding(self, wagon: int) -> int:
        """Find the siding on which a wagon stands.

        Args:
            wagon: number of the wagon.

        Returns:
            the number of the siding, or -1 if the wagon is on none.

        Example:
            FindSiding(wagon=47) -> 0
        """
        return self.yard.find_siding(wagon)

    @tool
    def PushIn(self, siding: int) -> int:
        """Push the next arriving wagon onto a siding.

        Args:
            siding: number of the siding, from 0.

        Returns:
            how many wagons stand there now.

        Example:
            PushIn(siding=1) -> 1
        """
        return self.yard.push_in(siding)

    @tool
    def LetLeave(self, siding: int) -> int:
        """Let the front wagon of a siding leave, if it is next on the departure list.

        Args:
            siding: number of the siding.

        Returns:
            the toll.

        Example:
            LetLeave(siding=2) -> 9
        """
        return self.yard.let_leave(siding)

    @tool
    def LiftOver(self, siding: int, target: int) -> int:
        """Lift the front wagon of a siding over to another siding, where it becomes the front wagon.

        Args:
            siding: number of the siding it stands on.
            target: number of the other siding.

        Returns:
            the cost.

        Example:
            LiftOver(siding=2, target=0) -> 14
        """
        return self.yard.lift_over(siding, target)

    def answer(self) -> dict[str, int]:
        """Sort the wagons.

        Returns:
            the sums of the "tolls" and of the costs of the "lifts", and how many wagons "blocked" a siding.
            Example: {"tolls": 58, "lifts": 25, "blocked": 2}.
        """
        wagons = copy.deepcopy(self.wagons)
        sidings = self.sidings
        yard = ShuntingYard(wagons, sidings)
        tolls = lifts = blocked = 0
        due = yard.next_departure()
        while due >= 0:
            wagon = yard.next_wagon()
            fronts = yard.front_wagons()
            if wagon >= 0:
                higher = [front for front in fronts if front > wagon]
                if higher:
                    target = fronts.index(min(higher))
                elif -1 in fronts:
                    target = fronts.index(-1)
                else:
                    target = fronts.index(max(fronts))
                    blocked += 1
                yard.push_in(target)
                fronts[target] = wagon
            elif due not in fronts:
                siding = yard.find_siding(due)
                lifts += yard.lift_over(siding, 0 if siding > 0 else 1)
                continue
            while due >= 0 and due in fronts:
                tolls += yard.let_leave(fronts.index(due))
                due = yard.next_departure()
                fronts = yard.front_wagons()
        return {"tolls": tolls, "lifts": lifts, "blocked": blocked}

    def solve(self, call):
        tolls = lifts = blocked = 0
        due = call("NextDeparture")
        while due >= 0:
            wagon = call("NextWagon")
            fronts = call("FrontWagons")
            if wagon >= 0:
                higher = [front for front in fronts if front > wagon]
                if higher:
                    target = fronts.index(min(higher))
                elif -1 in fronts:
                    target = fronts.index(-1)
                else:
                    target = fronts.index(max(fronts))
                    blocked += 1
                call("PushIn", siding=target)
                fronts[target] = wagon
            elif due not in fronts:
                siding = call("FindSiding", wagon=due)
                lifts += call("LiftOver", siding=siding, target=0 if siding > 0 else 1)
                continue
            while due >= 0 and due in fronts:
                tolls += call("LetLeave", siding=fronts.index(due))
                due = call("NextDeparture")
                fronts = call("FrontWagons")
        return call("Done", answer={"tolls": tolls, "lifts": lifts, "blocked": blocked})

    @staticmethod
    def generate(rng, level):
        size, sidings = {"easy": (3, 2), "medium": (5, 2), "hard": (rng.randint(11, 15), 3)}[level]
        return {"wagons": rng.sample(range(10, 99), size), "sidings": sidings}
