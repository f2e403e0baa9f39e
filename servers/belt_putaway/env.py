"""Boxes come along a belt, one after the other, and are put away into bins."""

import copy

from codegym_mcp import Environment, tool


class PutawayLine:
    """The belt, the bins and what is in them."""

    def __init__(self, boxes: list[list], bins: list[list], zones: dict[str, list[str]]) -> None:
        self._boxes, self._bins, self._zones, self._next = boxes, bins, zones, 0
        self._content: list[list[int]] = [[] for _ in bins]

    def next_box(self) -> dict[str, int | str]:
        """Let the belt bring the next box.

        Returns:
            its "box" number (-1 after the last one), its "class" and its "volume".

        Example:
            next_box() -> {"box": 0, "class": "glass", "volume": 12}
        """
        if self._next >= len(self._boxes):
            return {"box": -1, "class": "none", "volume": 0}
        self._next += 1
        if self._next % 6 == 0:  # now and then a picker empties a bin
            fullest = max(range(len(self._bins)), key=lambda number: (self._used(number), -number))
            self._content[fullest] = self._content[fullest][1:]
        return {
            "box": self._next - 1,
            "class": self._boxes[self._next - 1][0],
            "volume": self._boxes[self._next - 1][1],
        }

    def _used(self, number: int) -> int:
        return sum(self._boxes[box][1] for box in self._content[number])

    def list_zones(self, kind: str) -> list[str]:
        """List the zones for a class of boxes in their order.

        Args:
            kind: name of the class.

        Returns:
            names of zones.

        Example:
            list_zones(kind="glass") -> ["low", "high"]
        """
        if kind not in self._zones:
            raise ValueError(f"kind must be one of {sorted(self._zones)}, got {kind!r}")
        return list(self._zones[kind])

    def find_bin(self, zone: str, box: int) -> int:
        """Find the bin for a box in a zone, as the bins are now.

        Args:
            zone: name of the zone.
            box: number of a box that the belt has brought.

        Returns:
            the number of the bin (the lowest one of equally good ones), or -1 if the zone has none for it.

        Example:
            find_bin(zone="low", box=0) -> 2
        """
        if not 0 <= box < self._next:
            raise ValueError(f"the belt has not brought a box {box}")
        kind, volume = self._boxes[box]
        left = []
        for number, (where, capacity) in enumerate(self._bins):
            rest = capacity - self._used(number) - volume
            if where == zone and rest >= 0 and all(self._boxes[other][0] == kind for other in self._content[number]):
                left.append((rest, number))
        return min(left)[1] if left else -1

    def put_away(self, box: int, number: int) -> int:
        """Put a box into the bin that was found for it.

        Args:
            box: number of the box.
            number: number of the bin.

        Returns:
            the volume that is left in the bin.

        Example:
            put_away(box=0, number=2) -> 5
        """
        if not 0 <= number < len(self._bins) or self.find_bin(self._bins[number][0], box) != number:
            raise ValueError(f"bin {number} is not the bin for box {box}")
        self._content[number].append(box)
        return self._bins[number][1] - self._used(number)


class BeltPutaway(Environment):
    """Boxes come along a belt, one after the other, and are put away into bins.

    Each class has an order of zones. For a box, go through the zones of its class in that order. The bin for it in a
    zone is the one that would have the least volume left with the box in it and that holds no box of another class. The
    first zone that has such a bin gets the box, in that bin.

    If no zone has one, the box goes to the side track. Whenever the side track holds as many boxes as its limit, it is
    emptied
    before the next box comes: each of its boxes, in the order in which they came there, is tried once more by the same
    rules
    (pickers may have taken boxes out of bins meanwhile), and is taken away by a cart if it again finds no bin. When the
    belt is
    at its end, boxes on the side track stay there.

    Find the volume put away, the volume taken by carts, and the number of boxes on the side track in the end.

    The input is hidden (boxes, bins, zones); the tools give access to it. Observe shows what is known from the start:
    sizes, and limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, boxes: list[list[int | str]], bins: list[list[int | str]], zones: dict[str, list[str]], limit: int
    ) -> None:
        self.boxes = boxes
        self.bins = bins
        self.zones = zones
        self.limit = limit
        self.line = PutawayLine(copy.deepcopy(self.boxes), copy.deepcopy(self.bins), copy.deepcopy(self.zones))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "boxes": number of items of boxes.
            "bins": number of items of bins.
            "zones": number of keys of zones.

        Example:
            Observe() -> {"limit": 2, "boxes": 5, "bins": 3, "zones": 2}
        """
        return {"limit": self.limit, "boxes": len(self.boxes), "bins": len(self.bins), "zones": len(self.zones)}

    @tool
    def NextBox(self) -> dict[str, int | str]:
        """Let the belt bring the next box.

        Returns:
            its "box" number (-1 after the last one), its "class" and its "volume".

        Example:
            NextBox() -> {"box": 0, "class": "glass", "volume": 12}
        """
        return self.line.next_box()

    @tool
    def ListZones(self, kind: str) -> list[str]:
        """List the zones for a class of boxes in their order.

        Args:
            kind: name of the class.

        Returns:
            names of zones.

        Example:
            ListZones(kind="glass") -> ["low", "high"]
        """
        return self.line.list_zones(kind)

    @tool
    def FindBin(self, zone: str, box: int) -> int:
        """Find the bin for a box in a zone, as the bins are now.

        Args:
            zone: name of the zone.
            box: number of a box that the belt has brought.

        Returns:
            the number of the bin (the lowest one of equally good ones), or -1 if the zone has none for it.

        Example:
            FindBin(zone="low", box=0) -> 2
        """
        return self.line.find_bin(zone, box)

    @tool
    def PutAway(self, box: int, number: int) -> int:
        """Put a box into the bin that was found for it.

        Args:
            box: number of the box.
            number: number of the bin.

        Returns:
            the volume that is left in the bin.

        Example:
            PutAway(box=0, number=2) -> 5
        """
        return self.line.put_away(box, number)

    def answer(self) -> dict[str, int]:
        """Put away the boxes of a belt.

        Returns:
            the volume put "away", the volume taken by "carts" and the boxes on the "side" track in the end.
            Example: {"away": 141, "carts": 33, "side": 1}.
        """
        boxes = copy.deepcopy(self.boxes)
        bins = copy.deepcopy(self.bins)
        zones = copy.deepcopy(self.zones)
        limit = self.limit
        line = PutawayLine(boxes, bins, zones)
        away = carts = 0
        side, todo = ([], [line.next_box()])
        while todo[0]["box"] >= 0:
            retry = len(todo) > 1
            for box in todo:
                number = -1
                for zone in line.list_zones(box["class"]):
                    number = line.find_bin(zone, box["box"])
                    if number >= 0:
                        line.put_away(box["box"], number)
                        away += box["volume"]
                        break
                if number < 0 and retry:
                    carts += box["volume"]
                elif number < 0:
                    side.append(box)
            if len(side) == limit:
                todo, side = (side, [])
            else:
                todo = [line.next_box()]
        return {"away": away, "carts": carts, "side": len(side)}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        away = carts = 0
        side, todo = ([], [call("NextBox")])
        while todo[0]["box"] >= 0:
            retry = len(todo) > 1
            for box in todo:
                number = -1
                for zone in call("ListZones", kind=box["class"]):
                    number = call("FindBin", zone=zone, box=box["box"])
                    if number >= 0:
                        call("PutAway", box=box["box"], number=number)
                        away += box["volume"]
                        break
                if number < 0 and retry:
                    carts += box["volume"]
                elif number < 0:
                    side.append(box)
            if len(side) == limit:
                todo, side = (side, [])
            else:
                todo = [call("NextBox")]
        return call("Done", answer={"away": away, "carts": carts, "side": len(side)})

    @staticmethod
    def generate(rng, level):
        count, kinds, size = {"easy": (5, 2, 3), "medium": (9, 2, 4), "hard": (rng.randint(18, 22), 3, 8)}[level]
        names = rng.sample(["glass", "paper", "metal", "cloth"], kinds)
        places = ["low", "high"] if level != "hard" else ["low", "high", "far"]
        boxes = [[rng.choice(names), rng.randint(4, 19)] for _ in range(count)]
        bins = [[places[number % len(places)], rng.randint(15, 34)] for number in range(size)]
        return {
            "boxes": boxes,
            "bins": bins,
            "zones": {name: rng.sample(places, rng.randint(1, 2)) for name in names},
            "limit": rng.randint(2, 3),
        }
