"""Quickest route over a hidden road map: labels on towns, settled one at a time."""

from itertools import pairwise

from codegym_mcp import Environment, tool


class ShortestRoute(Environment):
    """Find a quickest route from the start town to the goal town over a road map that you cannot see.

    Towns are numbered from 0. Roads are one-way; each takes a whole number of minutes, at least 1. Between two towns
    there is at most one road in each direction. A route is a chain of roads, and its time is the sum of their minutes.

    A clerk keeps a label for every town: the fewest minutes found so far for reaching it from the start, and the town
    visited just before it on that way ("via"). At first only the start has a label: 0 minutes, via -1.
    No town is settled at first. A town's roads can be read and used only once the town is settled.

    The answer is the list of towns on a quickest route, from the start to the goal, both included. Where several routes
    are equally quick, any of them is right. If no route leads to the goal, the answer is [-1].
    """

    def reset(self, *, towns: int, roads: list[list[int]], start: int, goal: int) -> None:
        self.towns, self.start, self.goal = towns, start, goal
        self.roads: list[dict[int, int]] = [{} for _ in range(towns)]
        for town, target, minutes in roads:
            self.roads[town][target] = minutes
        self.labels = {start: [0, -1]}
        self.settled = [False] * towns

    def observe(self) -> dict[str, int]:
        """Show what the clerk tells at first.

        Returns:
            the number of towns ("towns"), the number of the start town ("start") and of the goal town ("goal").

        Example:
            Observe() -> {"towns": 6, "start": 2, "goal": 5}
        """
        return {"towns": self.towns, "start": self.start, "goal": self.goal}

    @tool
    def SettleNearest(self) -> list[int]:
        """Settle the town with the fewest minutes on its label, of those not settled (at a tie, the smallest number).

        Returns:
            that town and the minutes on its label, or the empty list if every town with a label is settled.

        Example:
            SettleNearest() -> [4, 12]
        """
        waiting = [(label[0], town) for town, label in self.labels.items() if not self.settled[town]]
        if not waiting:
            return []
        minutes, town = min(waiting)
        self.settled[town] = True
        return [town, minutes]

    @tool
    def RoadsFrom(self, town: int) -> list[int]:
        """Read where the roads out of a settled town lead to.

        Args:
            town: number of a settled town.

        Returns:
            the towns its roads lead to, in ascending order, without the minutes.

        Example:
            RoadsFrom(town=4) -> [0, 3]
        """
        self._require_settled(town)
        return sorted(self.roads[town])

    @tool
    def Relax(self, town: int, targets: list[int]) -> list[int]:
        """Try the roads from a settled town to some of the towns they lead to.

        For each target: where the label of the town plus the minutes of the road is less than the label of the target,
        or the target has no label, that sum becomes the target's label, via the town.

        Args:
            town: number of a settled town.
            targets: from 1 to 3 different towns to which roads lead from it.

        Returns:
            those of the targets whose label changed, in the order given.

        Example:
            Relax(town=4, targets=[0, 3]) -> [3]
        """
        self._require_settled(town)
        if not 1 <= len(targets) <= 3 or len(set(targets)) != len(targets):
            raise ValueError(f"targets must be 1 to 3 different towns, got {targets}")
        changed = []
        for target in targets:
            if target not in self.roads[town]:
                raise ValueError(f"no road leads from town {town} to {target}")
            minutes = self.labels[town][0] + self.roads[town][target]
            if target not in self.labels or minutes < self.labels[target][0]:
                self.labels[target] = [minutes, town]
                changed.append(target)
        return changed

    @tool
    def LabelOf(self, town: int) -> list[int]:
        """Read the present label of a town.

        Args:
            town: number of any town.

        Returns:
            the minutes and the via town; via is -1 for the start. [-1, -1] if the town has no label.

        Example:
            LabelOf(town=3) -> [19, 4]
        """
        if not 0 <= town < self.towns:
            raise ValueError(f"town must be from 0 to {self.towns - 1}, got {town}")
        return self.labels.get(town, [-1, -1])

    def _require_settled(self, town: int) -> None:
        if not (0 <= town < self.towns and self.settled[town]):
            raise ValueError(f"town must be the number of a settled town, got {town}")

    def answer(self) -> list[int]:
        """A quickest route.

        Returns:
            the towns of a quickest route in order, from the start to the goal; [-1] if there is none.
        """
        known, before = {self.start: 0}, {}
        for _ in range(self.towns):
            for town in range(self.towns):
                for target, minutes in self.roads[town].items():
                    if town in known and known[town] + minutes < known.get(target, 1 << 30):
                        known[target], before[target] = known[town] + minutes, town
        if self.goal not in known:
            return [-1]
        route = [self.goal]
        while route[-1] != self.start:
            route.append(before[route[-1]])
        return route[::-1]

    def check(self, answer, reference) -> bool:
        if type(answer) is not list or any(type(town) is not int for town in answer):
            return False
        if not answer or reference == [-1]:
            return answer == reference
        if answer[0] != self.start or answer[-1] != self.goal or any(not 0 <= town < self.towns for town in answer):
            return False
        times = [self.roads[a].get(b, 1 << 30) for a, b in pairwise(answer)]
        return sum(times) == sum(self.roads[a][b] for a, b in pairwise(reference))

    def solve(self, call):
        seen, settled = call("Observe"), []
        while seen["goal"] not in settled:
            nearest = call("SettleNearest")
            if not nearest:
                return call("Done", answer=[-1])
            settled.append(nearest[0])
            if nearest[0] != seen["goal"]:
                targets = [t for t in call("RoadsFrom", town=nearest[0]) if t not in settled]
                for first in range(0, len(targets), 3):
                    call("Relax", town=nearest[0], targets=targets[first : first + 3])
        route = [seen["goal"]]
        while route[-1] != seen["start"]:
            route.append(call("LabelOf", town=route[-1])[1])
        return call("Done", answer=route[::-1])

    @staticmethod
    def generate(rng, level):
        towns = rng.randint(*{"easy": (5, 6), "medium": (9, 13), "hard": (22, 34)}[level])
        names = rng.sample(range(towns), towns)  # names[place]: towns lie along a line, numbered at random
        cut = rng.randint(max(4, towns // 2), towns - 1) if rng.random() < 0.2 else 0  # no road leads across this place
        roads = []
        for place in range(towns):
            ahead = {place + rng.randint(1, 4) for _ in range(rng.randint(1, 3))} | {place + 1}
            back = {place - rng.randint(1, 4)} if rng.random() < 0.5 else set()
            for other in sorted(ahead | back):
                if 0 <= other < towns and not place < cut <= other:
                    roads.append([names[place], names[other], max(1, 8 * abs(other - place) + rng.randint(-6, 9))])
        rng.shuffle(roads)
        return {"towns": towns, "roads": roads, "start": names[0], "goal": names[-1]}
