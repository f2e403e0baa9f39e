"""A cross-dock gathers pallets in lanes."""

import copy

from codegym_mcp import Environment, tool


class DockFloor:
    """Pallets still to be unloaded, and the lanes."""

    def __init__(self, pallets: list[list], lanes: int, patience: int, distances: dict[str, int]) -> None:
        self._pallets, self._patience, self._distances, self._next = pallets, patience, distances, 0
        self._serves = ["nobody"] * lanes
        self._weights: list[list[int]] = [[] for _ in range(lanes)]
        self._since = [0] * lanes

    def unload_pallet(self) -> dict[str, int | str]:
        """Unload the next pallet. It has to be put on a lane before the next one.

        Returns:
            its "destination" ("nobody" if there is no pallet left) and its "weight".

        Example:
            unload_pallet() -> {"destination": "Orm", "weight": 320}
        """
        self._next += 1
        if self._next > len(self._pallets):
            return {"destination": "nobody", "weight": 0}
        return {"destination": self._pallets[self._next - 1][0], "weight": self._pallets[self._next - 1][1]}

    def show_lanes(self) -> list[list]:
        """Show all lanes as they are now.

        Returns:
            [destination, weight] of each lane, from lane 0 on; the destination is "nobody" if the lane serves nobody.

        Example:
            show_lanes() -> [["Orm", 320], ["nobody", 0]]
        """
        return [[name, sum(load)] for name, load in zip(self._serves, self._weights, strict=True)]

    def _lane(self, lane: int) -> int:
        if not 0 <= lane < len(self._serves):
            raise ValueError(f"lane must be from 0 to {len(self._serves) - 1}, got {lane}")
        return lane

    def put_on_lane(self, lane: int) -> bool:
        """Put the pallet that was unloaded last on a lane, which serves its destination from then on.

        Args:
            lane: number of the lane, from 0; empty, or serving the pallet's destination.

        Returns:
            whether the lane has waited for too long now.

        Example:
            put_on_lane(lane=0) -> false
        """
        if not 1 <= self._next <= len(self._pallets):
            raise ValueError("there is no pallet to put on a lane")
        name, weight = self._pallets[self._next - 1]
        if self._weights[self._lane(lane)] and self._serves[lane] != name:
            raise ValueError(f"lane {lane} holds pallets for {self._serves[lane]}")
        if not self._weights[lane]:
            self._since[lane] = self._next
        self._serves[lane] = name
        self._weights[lane].append(weight)
        return self._next - self._since[lane] >= self._patience

    def send_off(self, lane: int) -> int:
        """Send off a lane with all that is on it. It is empty and serves nobody until a pallet is put on it.

        Args:
            lane: number of the lane; it must not be empty.

        Returns:
            the cost of the lorry.

        Example:
            send_off(lane=0) -> 188
        """
        if not self._weights[self._lane(lane)]:
            raise ValueError(f"lane {lane} is empty")
        cost = self._distances[self._serves[lane]] + sum(self._weights[lane]) // 10
        self._weights[lane], self._serves[lane] = [], "nobody"
        return cost


class CrossDock(Environment):
    """A cross-dock gathers pallets in lanes. Pallets are unloaded one after the other. A lane serves one destination at a
    time.

    For each pallet:

    1. If no lane serves its destination, a lane that serves nobody is given to the destination. If there is none, the
    heaviest
       lane (the one with the greatest weight; of equal ones the one with the lowest number) is sent off first, and is
       given to
       the destination.
    2. If the lane of the destination would get too heavy for a lorry with the pallet (more than the lorry's limit),
    this lane
       is sent off first, and keeps its destination.
    3. The pallet is put on the lane.
    4. If this lane has now waited for too long, as the dock tells, it is sent off, and serves nobody from then on.

    To send off a lane means that a lorry drives with all that is on it, which costs money. When there is no pallet
    left, all lanes that are not empty are sent off in ascending order of their numbers.

    Find the number of lorries, the sum of their costs, and the weight of the lightest load of any lorry.

    The input is hidden (pallets, distances); the tools give access to it. Observe shows what is known from the start:
    sizes, and lanes, patience, limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, pallets: list[list[int | str]], lanes: int, patience: int, distances: dict[str, int], limit: int
    ) -> None:
        self.pallets = pallets
        self.lanes = lanes
        self.patience = patience
        self.distances = distances
        self.limit = limit
        self.dock = DockFloor(copy.deepcopy(self.pallets), self.lanes, self.patience, copy.deepcopy(self.distances))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "lanes": a whole number, given as it is.
            "patience": a whole number, given as it is.
            "limit": a whole number, given as it is.
            "pallets": number of items of pallets.
            "distances": number of keys of distances.

        Example:
            Observe() -> {"lanes": 2, "patience": 4, "limit": 630, "pallets": 5, "distances": 3}
        """
        return {
            "lanes": self.lanes,
            "patience": self.patience,
            "limit": self.limit,
            "pallets": len(self.pallets),
            "distances": len(self.distances),
        }

    @tool
    def UnloadPallet(self) -> dict[str, int | str]:
        """Unload the next pallet. It has to be put on a lane before the next one.

        Returns:
            its "destination" ("nobody" if there is no pallet left) and its "weight".

        Example:
            UnloadPallet() -> {"destination": "Orm", "weight": 320}
        """
        return self.dock.unload_pallet()

    @tool
    def ShowLanes(self) -> list[list[int | str]]:
        """Show all lanes as they are now.

        Returns:
            [destination, weight] of each lane, from lane 0 on; the destination is "nobody" if the lane serves nobody.

        Example:
            ShowLanes() -> [["Orm", 320], ["nobody", 0]]
        """
        return self.dock.show_lanes()

    @tool
    def PutOnLane(self, lane: int) -> bool:
        """Put the pallet that was unloaded last on a lane, which serves its destination from then on.

        Args:
            lane: number of the lane, from 0; empty, or serving the pallet's destination.

        Returns:
            whether the lane has waited for too long now.

        Example:
            PutOnLane(lane=0) -> false
        """
        return self.dock.put_on_lane(lane)

    @tool
    def SendOff(self, lane: int) -> int:
        """Send off a lane with all that is on it. It is empty and serves nobody until a pallet is put on it.

        Args:
            lane: number of the lane; it must not be empty.

        Returns:
            the cost of the lorry.

        Example:
            SendOff(lane=0) -> 188
        """
        return self.dock.send_off(lane)

    def answer(self) -> dict[str, int]:
        """Run a cross-dock until all pallets are gone.

        Returns:
            the number of "lorries", the sum of their "costs" and the weight of the "lightest" load.
            Example: {"lorries": 5, "costs": 921, "lightest": 180}.
        """
        pallets = copy.deepcopy(self.pallets)
        lanes = self.lanes
        patience = self.patience
        distances = copy.deepcopy(self.distances)
        limit = self.limit
        dock = DockFloor(pallets, lanes, patience, distances)
        costs, loads = (0, [])
        pallet = dock.unload_pallet()
        while pallet["destination"] != "nobody":
            view = dock.show_lanes()
            names = [name for name, _ in view]
            weights = [weight for _, weight in view]
            if pallet["destination"] in names:
                lane = names.index(pallet["destination"])
                full = weights[lane] + pallet["weight"] > limit
            elif "nobody" in names:
                lane, full = (names.index("nobody"), False)
            else:
                lane, full = (weights.index(max(weights)), True)
            before = 0 if full else weights[lane]
            if full:
                costs += dock.send_off(lane)
                loads.append(weights[lane])
            if dock.put_on_lane(lane):
                costs += dock.send_off(lane)
                loads.append(before + pallet["weight"])
            pallet = dock.unload_pallet()
        for lane, (name, weight) in enumerate(dock.show_lanes()):
            if name != "nobody":
                costs += dock.send_off(lane)
                loads.append(weight)
        return {"lorries": len(loads), "costs": costs, "lightest": min(loads)}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        costs, loads = (0, [])
        pallet = call("UnloadPallet")
        while pallet["destination"] != "nobody":
            view = call("ShowLanes")
            names = [name for name, _ in view]
            weights = [weight for _, weight in view]
            if pallet["destination"] in names:
                lane = names.index(pallet["destination"])
                full = weights[lane] + pallet["weight"] > limit
            elif "nobody" in names:
                lane, full = (names.index("nobody"), False)
            else:
                lane, full = (weights.index(max(weights)), True)
            before = 0 if full else weights[lane]
            if full:
                costs += call("SendOff", lane=lane)
                loads.append(weights[lane])
            if call("PutOnLane", lane=lane):
                costs += call("SendOff", lane=lane)
                loads.append(before + pallet["weight"])
            pallet = call("UnloadPallet")
        for lane, (name, weight) in enumerate(call("ShowLanes")):
            if name != "nobody":
                costs += call("SendOff", lane=lane)
                loads.append(weight)
        return call("Done", answer={"lorries": len(loads), "costs": costs, "lightest": min(loads)})

    @staticmethod
    def generate(rng, level):
        count, lanes, size = {"easy": (5, 2, 3), "medium": (10, 2, 3), "hard": (rng.randint(20, 26), 3, 6)}[level]
        names = rng.sample(["Orm", "Bly", "Tarn", "Vik", "Esk", "Hull", "Lund"], size)
        return {
            "pallets": [[rng.choice(names), rng.randint(8, 40) * 10] for _ in range(count)],
            "lanes": lanes,
            "patience": rng.randint(3, 5) if level != "hard" else rng.randint(5, 8),
            "distances": {name: rng.randint(40, 220) for name in names},
            "limit": rng.randint(60, 90) * 10,
        }
