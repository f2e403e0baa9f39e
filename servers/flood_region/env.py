"""Paint regions of a hidden grid job by job, each only if its tins are enough."""

from codegym_mcp import Environment, tool

COLOURS = "RGBYW"


class FloodRegion(Environment):
    """A floor of square tiles has hidden colours. Work through a list of hidden painting jobs, one after another.

    Each job names a tile, a new colour and a number of tins. The region of a job is that tile together with all tiles
    of the tile's present colour that can be reached from it by steps between tiles sharing a side, through tiles of
    that colour alone. One tin is enough for one tile. If the region has at most as many tiles as the job has tins, the
    whole region gets the new colour (its tiles count as painted even if they had that colour already). Otherwise the
    job is dropped and no tile changes. Later jobs see the floor as earlier jobs left it.

    You work with a marker. Opening a job marks its tile; the marks can then be spread, and the job is closed either by
    painting the marked tiles or by dropping it. The machine paints whatever is marked and does not watch the tins.

    The answer tells, after the last job, how many tiles were painted in all jobs together (a tile counts every time it
    is painted) and how many tiles of the floor have the wanted colour. Rows and columns are numbered from 0.
    """

    def reset(self, *, floor: list[str], jobs: list[dict[str, int | str]], wanted: str) -> None:
        self.floor, self.jobs, self.wanted = [list(row) for row in floor], jobs, wanted
        self.opened = 0
        self.marked: list[list[int]] = []
        self.edge: list[list[int]] = []

    def observe(self) -> dict[str, int | str]:
        """Show the size of the floor and of the work.

        Returns:
            the numbers of rows ("rows"), columns ("columns") and jobs ("jobs"), and the letter of the wanted colour
            ("wanted").

        Example:
            Observe() -> {"rows": 5, "columns": 6, "jobs": 3, "wanted": "G"}
        """
        size = {"rows": len(self.floor), "columns": len(self.floor[0])}
        return {**size, "jobs": len(self.jobs), "wanted": self.wanted}

    @tool
    def OpenJob(self) -> dict[str, int | str]:
        """Open the next job and mark its tile alone. The job before must be closed.

        Returns:
            its tile ("row", "column"), the new colour ("colour", a letter) and the number of tins ("tins").

        Example:
            OpenJob() -> {"row": 1, "column": 4, "colour": "R", "tins": 9}
        """
        if self.marked:
            raise ValueError("a job is open; close it with Paint or Drop first")
        if self.opened == len(self.jobs):
            raise ValueError(f"all {len(self.jobs)} jobs have been opened")
        job = self.jobs[self.opened]
        self.opened += 1
        self.marked = [[job["row"], job["column"]]]
        self.edge = list(self.marked)
        return job

    @tool
    def Spread(self) -> int:
        """Mark every unmarked tile that shares a side with a marked tile and has the same colour as the job's tile.

        Returns:
            the number of tiles newly marked.

        Example:
            Spread() -> 3
        """
        self._require_open()
        colour = self.floor[self.marked[0][0]][self.marked[0][1]]
        fresh: list[list[int]] = []
        for row, column in self.edge:
            for tile in ([row - 1, column], [row + 1, column], [row, column - 1], [row, column + 1]):
                inside = 0 <= tile[0] < len(self.floor) and 0 <= tile[1] < len(self.floor[0])
                if inside and self.floor[tile[0]][tile[1]] == colour and tile not in self.marked:
                    self.marked.append(tile)
                    fresh.append(tile)
        self.edge = fresh
        return len(fresh)

    @tool
    def Paint(self) -> int:
        """Give all marked tiles the open job's new colour, remove the marks and close the job.

        Returns:
            the number of tiles painted.

        Example:
            Paint() -> 7
        """
        self._require_open()
        for row, column in self.marked:
            self.floor[row][column] = self.jobs[self.opened - 1]["colour"]
        painted, self.marked = len(self.marked), []
        return painted

    @tool
    def Drop(self) -> int:
        """Remove the marks and close the open job without painting.

        Returns:
            the number of tiles that were marked.

        Example:
            Drop() -> 12
        """
        self._require_open()
        dropped, self.marked = len(self.marked), []
        return dropped

    @tool
    def CountColour(self, row: int, colour: str) -> int:
        """Count the tiles of one colour in a row of the floor, as it is at present.

        Args:
            row: number of the row, from 0 to rows - 1.
            colour: the letter of the colour, one of R, G, B, Y, W.

        Returns:
            the number of tiles in that row that have the colour.

        Example:
            CountColour(row=0, colour="G") -> 2
        """
        if not 0 <= row < len(self.floor) or colour not in list(COLOURS):
            raise ValueError(f"row must be from 0 to {len(self.floor) - 1} and colour a letter of {COLOURS}")
        return self.floor[row].count(colour)

    def _require_open(self) -> None:
        if not self.marked:
            raise ValueError("no job is open; open one with OpenJob")

    def answer(self) -> dict[str, int]:
        """Tiles painted and tiles of the wanted colour.

        Returns:
            the tiles painted in all jobs together ("painted") and the tiles that have the wanted colour at the end
            ("matching"), e.g. {"painted": 17, "matching": 8}.
        """
        floor = {(r, c): colour for r, line in enumerate(self.floor) for c, colour in enumerate(line)}
        painted = 0
        for job in self.jobs:
            region = [(job["row"], job["column"])]
            found = set(region)
            for r, c in region:
                for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                    if near not in found and floor.get(near) == floor[region[0]]:
                        found.add(near)
                        region.append(near)
            if len(region) <= job["tins"]:
                floor.update(dict.fromkeys(region, job["colour"]))
                painted += len(region)
        return {"painted": painted, "matching": list(floor.values()).count(self.wanted)}

    def solve(self, call):
        seen, painted = call("Observe"), 0
        for _ in range(seen["jobs"]):
            job, tiles, fresh = call("OpenJob"), 1, 1
            while fresh and tiles <= job["tins"]:
                fresh = call("Spread")
                tiles += fresh
            if tiles <= job["tins"]:
                painted += call("Paint")
            else:
                call("Drop")
        matching = sum(call("CountColour", row=row, colour=seen["wanted"]) for row in range(seen["rows"]))
        return call("Done", answer={"painted": painted, "matching": matching})

    @staticmethod
    def generate(rng, level):
        rows, columns, jobs, colours = {
            "easy": (4, rng.randint(4, 6), 2, 2),
            "medium": (rng.randint(5, 7), rng.randint(6, 9), rng.randint(4, 5), 3),
            "hard": (rng.randint(8, 11), rng.randint(9, 12), rng.randint(9, 13), 3),
        }[level]
        palette = rng.sample(COLOURS, colours)
        floor: list[list[str]] = []
        for row in range(rows):
            floor.append([])
            for column in range(columns):
                near = [line[column] for line in floor[:row][-1:]] + floor[row][-1:]
                floor[row].append(rng.choice(near) if near and rng.random() < 0.5 else rng.choice(palette))
        drawn = []
        for _ in range(jobs):
            row, column, tins = rng.randrange(rows), rng.randrange(columns), rng.randint(5, 14 + rows)
            drawn.append({"row": row, "column": column, "colour": rng.choice(palette), "tins": tins})
        return {"floor": ["".join(line) for line in floor], "jobs": drawn, "wanted": rng.choice(palette)}
