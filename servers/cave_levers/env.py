"""An explorer walks through a hidden system of caves with named passages."""

import copy

from codegym_mcp import Environment, tool


class Caves:
    """The caves, the explorer's place and what he has done."""

    def __init__(self, passages: dict[str, list], gems: list[int], levers: list[list[str]]) -> None:
        self.passages, self.gems, self.levers = passages, gems, levers  # name: [cave, cave, length, open?]
        self.open = [name for name, passage in passages.items() if passage[3]]
        self.used: list[str] = []
        self.marks: dict[int, int] = {0: 0}
        self.place = 0

    def mark_here(self) -> int:
        """Look at the mark of the cave where the explorer stands.

        Returns:
            the mark; 0 if there is none.

        Example:
            mark_here() -> 3
        """
        return self.marks.get(self.place, 0)

    def chalk(self, mark: int) -> int:
        """Chalk a mark in the cave where the explorer stands, and count its gems.

        Args:
            mark: the mark, at least 1; the cave must have none.

        Returns:
            the number of gems in this cave.

        Example:
            chalk(mark=2) -> 7
        """
        if mark < 1 or self.mark_here():
            raise ValueError("a mark is at least 1, and each cave gets one mark only")
        self.marks[self.place] = mark
        return self.gems[self.place]

    def pull_lever(self) -> int:
        """Pull the lever of the cave where the explorer stands.

        Returns:
            how many shut passages it has opened.

        Example:
            pull_lever() -> 1
        """
        opened = [name for name in self.levers[self.place] if name not in self.open]
        self.open += opened
        return len(opened)

    def unused_passages(self) -> list[str]:
        """List the open passages here that the explorer has not walked through.

        Returns:
            their names in alphabetical order; maybe none.

        Example:
            unused_passages() -> ["creek", "stair"]
        """
        names = [name for name in self.open if self.place in self.passages[name][:2] and name not in self.used]
        return sorted(names)

    def walk(self, passage: str) -> int:
        """Walk through a passage, from whichever end the explorer stands at.

        Args:
            passage: its name; it must be open and lead out of this cave.

        Returns:
            the minutes it takes.

        Example:
            walk(passage="creek") -> 5
        """
        if passage not in self.open or self.place not in self.passages[passage][:2]:
            raise ValueError(f"no open passage {passage!r} leads out of this cave")
        one, two, length, _ = self.passages[passage]
        self.place = one + two - self.place
        self.used.append(passage)
        return length


class CaveLevers(Environment):
    """An explorer walks through a hidden system of caves with named passages. He stands in the first cave and has a piece
    of chalk. In each cave that has no mark yet, the one at the beginning included, he chalks a mark (1 in the first
    cave, then 2, and so on) and then pulls the lever of that cave, which opens some of the shut passages somewhere for
    good.

    Then, wherever he stands, he takes the first unused open passage of that cave, in alphabetical order. A passage is
    unused until he walks through it in either direction. If the cave he gets into is marked already, he goes right back
    through the passage. If his cave has no unused open passage, he goes back through the passage by which he first came
    into this cave. It is over when he stands in the first cave and nothing unused is open there.

    Each walk through a passage, forth or back, takes as many minutes as that passage is long.

    The answer is the sum of all minutes, and the sum of mark times gems over the marked caves.

    The input is hidden (passages, gems, levers); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, passages: dict[str, list[bool | int]], gems: list[int], levers: list[list[str]]) -> None:
        self.passages = passages
        self.gems = gems
        self.levers = levers
        self.caves = Caves(copy.deepcopy(self.passages), copy.deepcopy(self.gems), copy.deepcopy(self.levers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "passages": number of keys of passages.
            "gems": number of items of gems.
            "levers": number of items of levers.

        Example:
            Observe() -> {"passages": 2, "gems": 3, "levers": 3}
        """
        return {"passages": len(self.passages), "gems": len(self.gems), "levers": len(self.levers)}

    @tool
    def MarkHere(self) -> int:
        """Look at the mark of the cave where the explorer stands.

        Returns:
            the mark; 0 if there is none.

        Example:
            MarkHere() -> 3
        """
        return self.caves.mark_here()

    @tool
    def Chalk(self, mark: int) -> int:
        """Chalk a mark in the cave where the explorer stands, and count its gems.

        Args:
            mark: the mark, at least 1; the cave must have none.

        Returns:
            the number of gems in this cave.

        Example:
            Chalk(mark=2) -> 7
        """
        return self.caves.chalk(mark)

    @tool
    def PullLever(self) -> int:
        """Pull the lever of the cave where the explorer stands.

        Returns:
            how many shut passages it has opened.

        Example:
            PullLever() -> 1
        """
        return self.caves.pull_lever()

    @tool
    def UnusedPassages(self) -> list[str]:
        """List the open passages here that the explorer has not walked through.

        Returns:
            their names in alphabetical order; maybe none.

        Example:
            UnusedPassages() -> ["creek", "stair"]
        """
        return self.caves.unused_passages()

    @tool
    def Walk(self, passage: str) -> int:
        """Walk through a passage, from whichever end the explorer stands at.

        Args:
            passage: its name; it must be open and lead out of this cave.

        Returns:
            the minutes it takes.

        Example:
            Walk(passage="creek") -> 5
        """
        return self.caves.walk(passage)

    def answer(self) -> dict[str, int]:
        """Explore the caves.

        Returns:
            the "minutes" and the "gems" weighted by the marks. Example: {"minutes": 48, "gems": 61}.
        """
        passages = copy.deepcopy(self.passages)
        gems = copy.deepcopy(self.gems)
        levers = copy.deepcopy(self.levers)
        caves = Caves(passages, gems, levers)
        worth = caves.chalk(1)
        caves.pull_lever()
        minutes, mark = (0, 1)
        trail: list[str] = []
        while True:
            ways = caves.unused_passages()
            if ways:
                minutes += caves.walk(ways[0])
                if caves.mark_here():
                    minutes += caves.walk(ways[0])
                else:
                    mark += 1
                    worth += mark * caves.chalk(mark)
                    caves.pull_lever()
                    trail.append(ways[0])
            elif trail:
                minutes += caves.walk(trail.pop())
            else:
                return {"minutes": minutes, "gems": worth}

    def solve(self, call):
        worth = call("Chalk", mark=1)
        call("PullLever")
        minutes, mark = (0, 1)
        trail = []
        while True:
            ways = call("UnusedPassages")
            if ways:
                minutes += call("Walk", passage=ways[0])
                if call("MarkHere"):
                    minutes += call("Walk", passage=ways[0])
                else:
                    mark += 1
                    worth += mark * call("Chalk", mark=mark)
                    call("PullLever")
                    trail.append(ways[0])
            elif trail:
                minutes += call("Walk", passage=trail.pop())
            else:
                return call("Done", answer={"minutes": minutes, "gems": worth})

    @staticmethod
    def generate(rng, level):
        count, extra = {"easy": (3, 0), "medium": (6, 2), "hard": (rng.randint(11, 14), rng.randint(7, 12))}[level]
        pairs = [(rng.randrange(max(0, cave - 4), cave), cave) for cave in range(1, count)]
        pairs += [tuple(rng.sample(range(count), 2)) for _ in range(extra)]
        names = "arch bend chimney drop echo flue gap hall inlet jaw kiln ledge maw neck oven pit quay rift slit tube".split()
        names += "ulcer vault well xylem yard zigzag".split()
        chosen = rng.sample(names, len(pairs))
        passages = {
            name: [one, two, rng.randint(1, 9), rng.random() < (0.55 if one else 0.8)]
            for name, (one, two) in zip(chosen, pairs, strict=True)
        }
        passages[chosen[0]][3] = True
        shut = [name for name in chosen if not passages[name][3]]
        levers = [[name for name in shut if rng.random() < 2 / count] for _ in range(count)]
        levers[0] += [name for name in shut if level == "easy" and name not in levers[0]]
        return {"passages": passages, "gems": [rng.randint(1, 30) for _ in range(count)], "levers": levers}
