"""A beetle walks on a floor of tiles in rows and columns, numbered from 0."""

import copy

from codegym_mcp import Environment, tool


class Floor:
    """The tiles, the beetle and its rules."""

    def __init__(self, tiles: list[list[int]], rules: dict[str, list], limit: int) -> None:
        self.tiles, self.rules, self.limit = [list(row) for row in tiles], rules, limit
        self.row = self.column = self.heading = 0
        self.visits: dict[str, int] = {}

    def colour_here(self) -> int:
        """Look at the tile under the beetle.

        Returns:
            its colour.

        Example:
            colour_here() -> 1
        """
        return self.tiles[self.row][self.column]

    def rule(self, mood: int, colour: int) -> dict[str, int | str]:
        """Look up the rule for a mood and a colour.

        Args:
            mood: the beetle's mood.
            colour: the colour of its tile.

        Returns:
            the new "colour", the "turn" (L, R, B or F) and the new "mood".

        Example:
            rule(mood=0, colour=1) -> {"colour": 2, "turn": "L", "mood": 1}
        """
        if f"{mood},{colour}" not in self.rules:
            raise ValueError(f"there is no rule for mood {mood} and colour {colour}")
        return dict(zip(("colour", "turn", "mood"), self.rules[f"{mood},{colour}"], strict=True))

    def paint(self, colour: int) -> bool:
        """Give the tile under the beetle a colour.

        Args:
            colour: the colour.

        Returns:
            whether this has changed the colour of the tile.

        Example:
            paint(colour=2) -> true
        """
        changed = self.tiles[self.row][self.column] != colour
        self.tiles[self.row][self.column] = colour
        return changed

    def turn_and_go(self, turn: str) -> list[int]:
        """Turn the beetle and let it go one tile forward.

        Args:
            turn: L, R, B or F.

        Returns:
            row and column of the tile where it is now.

        Example:
            turn_and_go(turn="L") -> [0, 3]
        """
        if turn not in ("F", "R", "B", "L"):
            raise ValueError(f"turn must be L, R, B or F, got {turn!r}")
        self.heading = (self.heading + "FRBL".index(turn)) % 4
        self.row = (self.row + (-1, 0, 1, 0)[self.heading]) % len(self.tiles)
        self.column = (self.column + (0, 1, 0, -1)[self.heading]) % len(self.tiles[0])
        place = f"{self.row},{self.column}"
        self.visits[place] = self.visits.get(place, 0) + 1
        return [self.row, self.column]

    def visits_here(self) -> int:
        """Tell how often the beetle has come onto its tile.

        Returns:
            the count.

        Example:
            visits_here() -> 2
        """
        return self.visits.get(f"{self.row},{self.column}", 0)


class BeetleTiles(Environment):
    """A beetle walks on a floor of tiles in rows and columns, numbered from 0. The floor is closed in itself: beyond the
    last row comes row 0 again, beyond the last column column 0, and the other way about. Each tile has a colour; the
    beetle has a heading (north, towards smaller rows, at first) and a mood (0 at first). It begins on the tile in row 0
    and column 0.

    In each step the beetle looks up, by its mood and the colour of its tile, the rule: a new colour, a turn and a new
    mood. The tile gets the new colour, the beetle turns (L: to the left, R: to the right, B: back, F: not at all) and
    takes the new mood. Then it goes one tile forward.

    Each tile counts how often the beetle has come onto it; the beginning does not count. The walk is over when the
    beetle comes onto a tile for the `limit`-th time.

    Every time a rule gives a tile the colour it has already, this is a dull step.

    The answer is the number of steps, the number of dull steps, and the row and column where the walk ends.

    The input is hidden (tiles, rules); the tools give access to it. Observe shows what is known from the start: sizes,
    and limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, tiles: list[list[int]], rules: dict[str, list[int | str]], limit: int) -> None:
        self.tiles = tiles
        self.rules = rules
        self.limit = limit
        self.floor = Floor(copy.deepcopy(self.tiles), copy.deepcopy(self.rules), self.limit)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "tiles": number of items of tiles.
            "rules": number of keys of rules.

        Example:
            Observe() -> {"limit": 2, "tiles": 3, "rules": 6}
        """
        return {"limit": self.limit, "tiles": len(self.tiles), "rules": len(self.rules)}

    @tool
    def ColourHere(self) -> int:
        """Look at the tile under the beetle.

        Returns:
            its colour.

        Example:
            ColourHere() -> 1
        """
        return self.floor.colour_here()

    @tool
    def Rule(self, mood: int, colour: int) -> dict[str, int | str]:
        """Look up the rule for a mood and a colour.

        Args:
            mood: the beetle's mood.
            colour: the colour of its tile.

        Returns:
            the new "colour", the "turn" (L, R, B or F) and the new "mood".

        Example:
            Rule(mood=0, colour=1) -> {"colour": 2, "turn": "L", "mood": 1}
        """
        return self.floor.rule(mood, colour)

    @tool
    def Paint(self, colour: int) -> bool:
        """Give the tile under the beetle a colour.

        Args:
            colour: the colour.

        Returns:
            whether this has changed the colour of the tile.

        Example:
            Paint(colour=2) -> true
        """
        return self.floor.paint(colour)

    @tool
    def TurnAndGo(self, turn: str) -> list[int]:
        """Turn the beetle and let it go one tile forward.

        Args:
            turn: L, R, B or F.

        Returns:
            row and column of the tile where it is now.

        Example:
            TurnAndGo(turn="L") -> [0, 3]
        """
        return self.floor.turn_and_go(turn)

    @tool
    def VisitsHere(self) -> int:
        """Tell how often the beetle has come onto its tile.

        Returns:
            the count.

        Example:
            VisitsHere() -> 2
        """
        return self.floor.visits_here()

    def answer(self) -> dict[str, int]:
        """Let the beetle walk.

        Returns:
            the numbers of "steps" and "dull" steps, and the last "row" and "column". Example:
            {"steps": 14, "dull": 3, "row": 2, "column": 0}.
        """
        tiles = copy.deepcopy(self.tiles)
        rules = copy.deepcopy(self.rules)
        limit = self.limit
        floor = Floor(tiles, rules, limit)
        steps = dull = mood = row = column = 0
        while floor.visits_here() < limit:
            found = floor.rule(mood, floor.colour_here())
            if not floor.paint(found["colour"]):
                dull += 1
            row, column = floor.turn_and_go(found["turn"])
            mood = found["mood"]
            steps += 1
        return {"steps": steps, "dull": dull, "row": row, "column": column}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        steps = dull = mood = row = column = 0
        while call("VisitsHere") < limit:
            found = call("Rule", mood=mood, colour=call("ColourHere"))
            if not call("Paint", colour=found["colour"]):
                dull += 1
            row, column = call("TurnAndGo", turn=found["turn"])
            mood = found["mood"]
            steps += 1
        return call("Done", answer={"steps": steps, "dull": dull, "row": row, "column": column})

    @staticmethod
    def generate(rng, level):
        size, limit, low, high = {"easy": (3, 2, 3, 5), "medium": (4, 2, 6, 9), "hard": (5, 3, 13, 29)}[level]
        while True:
            tiles = [[rng.randrange(3) for _ in range(size)] for _ in range(size)]
            rules = {
                f"{mood},{colour}": [rng.randrange(3), rng.choice("LRLRBFF"), rng.randrange(2)]
                for mood in range(2)
                for colour in range(3)
            }
            floor, visits = ([line[:] for line in tiles], [0])
            steps = mood = heading = row = column = 0
            while visits.count(visits[-1]) < limit and steps <= high:
                floor[row][column], turn, mood = rules[f"{mood},{floor[row][column]}"]
                heading = (heading + "FRBL".index(turn)) % 4
                row, column = ((row + (-1, 0, 1, 0)[heading]) % size, (column + (0, 1, 0, -1)[heading]) % size)
                visits = [*visits, 100 * row + column + 1]
                steps += 1
            if low <= steps <= high:
                return {"tiles": tiles, "rules": rules, "limit": limit}
