"""Coloured tiles stand in the columns of a hidden board, numbered from 0; row 0 is at the bottom."""

import copy

from codegym_mcp import Environment, tool


class Columns:
    """The columns of tiles, their supplies and the clicks."""

    def __init__(self, columns: list[str], supplies: list[str], clicks: list[list[int]], patience: int) -> None:
        self.height = max(len(column) for column in columns)
        self.columns = [list(column.ljust(self.height, "-")) for column in columns]  # "-" is a gap
        self.supplies, self.clicks, self.patience = [list(supply) for supply in supplies], clicks, patience

    def _group(self, column: int, row: int) -> list[list[int]]:
        if not (0 <= column < len(self.columns) and 0 <= row < self.height):
            raise ValueError(f"column must be from 0 to {len(self.columns) - 1}, row from 0 to {self.height - 1}")
        colour = self.columns[column][row]
        group = [[column, row]] if colour != "-" else []
        for c, r in group:
            for near in ([c - 1, r], [c + 1, r], [c, r - 1], [c, r + 1]):
                inside = 0 <= near[0] < len(self.columns) and 0 <= near[1] < self.height
                if inside and near not in group and self.columns[near[0]][near[1]] == colour:
                    group.append(near)
        return group

    def read_click(self, click: int) -> list[int]:
        """Read a click.

        Args:
            click: its number, from 0.

        Returns:
            column and row.

        Example:
            read_click(click=0) -> [2, 1]
        """
        if not 0 <= click < len(self.clicks):
            raise ValueError(f"click must be from 0 to {len(self.clicks) - 1}, got {click}")
        return list(self.clicks[click])

    def group_size(self, column: int, row: int) -> int:
        """Count the tiles of a group.

        Args:
            column: column of a tile of the group.
            row: row of that tile.

        Returns:
            the number of tiles; 0 if no tile is there.

        Example:
            group_size(column=2, row=1) -> 4
        """
        return len(self._group(column, row))

    def pop_group(self, column: int, row: int) -> list[int]:
        """Pop a group of at least 3 tiles.

        Args:
            column: column of a tile of the group.
            row: row of that tile.

        Returns:
            the columns in which it leaves gaps, in ascending order.

        Example:
            pop_group(column=2, row=1) -> [1, 2]
        """
        group = self._group(column, row)
        if len(group) < 3:
            raise ValueError(f"the group has {len(group)} tiles only")
        for c, r in group:
            self.columns[c][r] = "-"
        return sorted({c for c, _ in group})

    def settle(self, column: int) -> int:
        """Let the tiles above gaps in a column fall down.

        Args:
            column: number of the column.

        Returns:
            how many tiles fell.

        Example:
            settle(column=1) -> 2
        """
        self._group(column, 0)
        tiles = self.columns[column]
        fell = sum(tile != "-" and "-" in tiles[:row] for row, tile in enumerate(tiles))
        self.columns[column] = [tile for tile in tiles if tile != "-"] + ["-"] * tiles.count("-")
        return fell

    def top_up(self, column: int) -> int:
        """Put a tile of the supply on top of a settled column, if the column is not full and the supply not used up.

        Args:
            column: number of the column.

        Returns:
            how many tiles its supply has left.

        Example:
            top_up(column=1) -> 3
        """
        self._group(column, 0)
        if self.supplies[column] and "-" in self.columns[column]:
            self.columns[column][self.columns[column].index("-")] = self.supplies[column].pop(0)
        return len(self.supplies[column])


class TileColumns(Environment):
    """Coloured tiles stand in the columns of a hidden board, numbered from 0; row 0 is at the bottom. Behind each column
    waits a supply of more tiles for it.

    Clicks are numbered from 0 and handled in order; each names a column and a row. The group of a tile consists of all
    tiles of its colour that are connected with it over sides.

    If no tile is at the click, this is a miss and costs 5 points. If the group has fewer than 3 tiles, it is a miss as
    well and costs as many points as the group has tiles. Otherwise the group is popped, which leaves gaps and scores
    the square of the number of its tiles. Then all columns with gaps settle, in ascending order: tiles above gaps fall
    down. If a tile fell in a column, it is topped up right away with one tile of its supply, if there is any left.
    After `patience` misses in a row the column of the last miss is topped up too, unless it is full, and the misses in
    a row count from 0 again.

    The answer is the sum of all points, the number of tiles popped and the number of tiles that fell.

    The input is hidden (columns, supplies, clicks); the tools give access to it. Observe shows what is known from the
    start: sizes, and patience.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, columns: list[str], supplies: list[str], clicks: list[list[int]], patience: int) -> None:
        self.columns = columns
        self.supplies = supplies
        self.clicks = clicks
        self.patience = patience
        self.board = Columns(
            copy.deepcopy(self.columns), copy.deepcopy(self.supplies), copy.deepcopy(self.clicks), self.patience
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "patience": a whole number, given as it is.
            "columns": number of items of columns.
            "supplies": number of items of supplies.
            "clicks": number of items of clicks.

        Example:
            Observe() -> {"patience": 2, "columns": 4, "supplies": 4, "clicks": 4}
        """
        return {
            "patience": self.patience,
            "columns": len(self.columns),
            "supplies": len(self.supplies),
            "clicks": len(self.clicks),
        }

    @tool
    def ReadClick(self, click: int) -> list[int]:
        """Read a click.

        Args:
            click: its number, from 0.

        Returns:
            column and row.

        Example:
            ReadClick(click=0) -> [2, 1]
        """
        return self.board.read_click(click)

    @tool
    def GroupSize(self, column: int, row: int) -> int:
        """Count the tiles of a group.

        Args:
            column: column of a tile of the group.
            row: row of that tile.

        Returns:
            the number of tiles; 0 if no tile is there.

        Example:
            GroupSize(column=2, row=1) -> 4
        """
        return self.board.group_size(column, row)

    @tool
    def PopGroup(self, column: int, row: int) -> list[int]:
        """Pop a group of at least 3 tiles.

        Args:
            column: column of a tile of the group.
            row: row of that tile.

        Returns:
            the columns in which it leaves gaps, in ascending order.

        Example:
            PopGroup(column=2, row=1) -> [1, 2]
        """
        return self.board.pop_group(column, row)

    @tool
    def Settle(self, column: int) -> int:
        """Let the tiles above gaps in a column fall down.

        Args:
            column: number of the column.

        Returns:
            how many tiles fell.

        Example:
            Settle(column=1) -> 2
        """
        return self.board.settle(column)

    @tool
    def TopUp(self, column: int) -> int:
        """Put a tile of the supply on top of a settled column, if the column is not full and the supply not used up.

        Args:
            column: number of the column.

        Returns:
            how many tiles its supply has left.

        Example:
            TopUp(column=1) -> 3
        """
        return self.board.top_up(column)

    def answer(self) -> dict[str, int]:
        """Handle the clicks.

        Returns:
            the "points" and the tiles that "popped" and "fell". Example: {"points": 31, "popped": 9, "fell": 7}.
        """
        columns = copy.deepcopy(self.columns)
        supplies = copy.deepcopy(self.supplies)
        clicks = copy.deepcopy(self.clicks)
        patience = self.patience
        board = Columns(columns, supplies, clicks, patience)
        points = popped = fell = misses = 0
        for click in range(len(clicks)):
            column, row = board.read_click(click)
            size = board.group_size(column, row)
            if size >= 3:
                misses = 0
                points += size * size
                popped += size
                for gap in board.pop_group(column, row):
                    fallen = board.settle(gap)
                    if fallen:
                        board.top_up(gap)
                        fell += fallen
            else:
                points -= size or 5
                misses += 1
                if misses == patience:
                    board.top_up(column)
                    misses = 0
        return {"points": points, "popped": popped, "fell": fell}

    def solve(self, call):
        seen = call("Observe")
        patience = seen["patience"]
        points = popped = fell = misses = 0
        for click in range(seen["clicks"]):
            column, row = call("ReadClick", click=click)
            size = call("GroupSize", column=column, row=row)
            if size >= 3:
                misses = 0
                points += size * size
                popped += size
                for gap in call("PopGroup", column=column, row=row):
                    fallen = call("Settle", column=gap)
                    if fallen:
                        call("TopUp", column=gap)
                        fell += fallen
            else:
                points -= size or 5
                misses += 1
                if misses == patience:
                    call("TopUp", column=column)
                    misses = 0
        return call("Done", answer={"points": points, "popped": popped, "fell": fell})

    @staticmethod
    def generate(rng, level):
        width, height, count = {"easy": (4, 4, 4), "medium": (5, 5, 6), "hard": (7, 6, rng.randint(17, 24))}[level]
        columns = ["".join((rng.choice("rrgb") for _ in range(height))) for _ in range(width)]
        supplies = ["".join((rng.choice("rgb") for _ in range(rng.randint(1, 6)))) for _ in range(width)]
        clicks = [[rng.randrange(width), rng.randrange(height - 1)] for _ in range(count)]
        return {"columns": columns, "supplies": supplies, "clicks": clicks, "patience": 2}
