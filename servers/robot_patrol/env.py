"""Walk a robot through its orders on a grid with hidden obstacles, collecting coins."""

from codegym_mcp import Environment, tool

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))


class RobotPatrol(Environment):
    """Carry out a robot's hidden orders. Tell the cell where it ends and how many coins it has collected.

    The robot stands on a cell of a grid. Rows are numbered from 0 at the north, columns from 0 at the west.
    Its heading is 0 for north, 1 for east, 2 for south, 3 for west. Some cells hold coins, some are blocked; which ones
    is hidden. Orders are numbered from 0 and are carried out one after another, each of them once. An order gives a
    number of quarter turns (0 to 3) and a number of steps (1 to 9), and is carried out like this:
    1. Turn clockwise by the given number of quarter turns.
    2. Advance by the given number of steps. A blocked cell or the edge of the grid stops the robot before it.
    3. Collect the coins on the cell where the robot stands now.
    4. If the robot was stopped before it had made all its steps, turn clockwise by one more quarter turn.

    The answer is [row, column, coins]: the cell where the robot stands after the last order and the coins collected.
    """

    def reset(
        self,
        *,
        rows: int,
        columns: int,
        start: list[int],
        blocked: list[list[int]],
        coins: list[int],
        orders: list[list[int]],
    ) -> None:
        self.rows, self.columns, self.blocked, self.orders = rows, columns, blocked, orders
        self.row, self.column, self.heading = start
        self.coins = list(coins)  # of the cells, row by row

    def observe(self) -> dict[str, int]:
        """Show the sizes.

        Returns:
            the numbers of rows ("rows") and columns ("columns") of the grid and of orders ("orders").

        Example:
            Observe() -> {"rows": 5, "columns": 5, "orders": 1}
        """
        return {"rows": self.rows, "columns": self.columns, "orders": len(self.orders)}

    @tool
    def ReadOrder(self, number: int) -> list[int]:
        """Read one order. This does not carry it out.

        Args:
            number: number of the order, from 0 to orders - 1.

        Returns:
            the number of quarter turns and the number of steps.

        Example:
            ReadOrder(number=0) -> [1, 3]
        """
        if not 0 <= number < len(self.orders):
            raise ValueError(f"number must be from 0 to {len(self.orders) - 1}, got {number}")
        return self.orders[number]

    @tool
    def Turn(self, quarters: int) -> int:
        """Turn the robot clockwise.

        Args:
            quarters: number of quarter turns, from 1 to 3.

        Returns:
            the new heading: 0 north, 1 east, 2 south, 3 west.

        Example:
            Turn(quarters=1) -> 2
        """
        if not 1 <= quarters <= 3:
            raise ValueError(f"quarters must be from 1 to 3, got {quarters}")
        self.heading = (self.heading + quarters) % 4
        return self.heading

    @tool
    def Advance(self, steps: int) -> int:
        """Move the robot forward until it has made the steps, or is stopped by a blocked cell or the edge.

        Args:
            steps: number of steps, from 1 to 9.

        Returns:
            the number of steps it made.

        Example:
            Advance(steps=3) -> 2
        """
        if not 1 <= steps <= 9:
            raise ValueError(f"steps must be from 1 to 9, got {steps}")
        down, right = MOVES[self.heading]
        for made in range(steps):
            row, column = self.row + down, self.column + right
            if not (0 <= row < self.rows and 0 <= column < self.columns) or [row, column] in self.blocked:
                return made
            self.row, self.column = row, column
        return steps

    @tool
    def Collect(self) -> int:
        """Pick up all coins on the cell where the robot stands.

        Returns:
            the number of coins picked up now.

        Example:
            Collect() -> 4
        """
        cell = self.row * self.columns + self.column
        found, self.coins[cell] = self.coins[cell], 0
        return found

    @tool
    def Locate(self) -> list[int]:
        """Tell where the robot stands now.

        Returns:
            its row and its column.

        Example:
            Locate() -> [2, 2]
        """
        return [self.row, self.column]

    def answer(self) -> list[int]:
        """Where the patrol ends.

        Returns:
            the final row, the final column and the number of coins collected, e.g. [2, 2, 4].
        """
        # the grid as complex numbers: the column is the real part, the row the imaginary one; times 1j turns clockwise
        at, heading, taken = complex(self.column, self.row), (-1j, 1, 1j, -1)[self.heading], {}
        free = {complex(c, r) for r in range(self.rows) for c in range(self.columns) if [r, c] not in self.blocked}
        for quarters, steps in self.orders:
            heading *= 1j**quarters
            while steps:
                if at + heading not in free:
                    heading *= 1j
                    break
                at, steps = at + heading, steps - 1
            taken[at] = self.coins[int(at.imag) * self.columns + int(at.real)]
        return [int(at.imag), int(at.real), sum(taken.values())]

    def solve(self, call):
        orders, coins = call("Observe")["orders"], 0
        for number in range(orders):
            quarters, steps = call("ReadOrder", number=number)
            if quarters:
                call("Turn", quarters=quarters)
            made = call("Advance", steps=steps)
            coins += call("Collect")
            if made < steps and number < orders - 1:
                call("Turn", quarters=1)
        return call("Done", answer=[*call("Locate"), coins])

    @staticmethod
    def generate(rng, level):
        orders, low, high, farthest = {
            "tiny": (1, 4, 6, 4),
            "easy": (rng.randint(3, 4), 5, 7, 5),
            "medium": (rng.randint(8, 12), 7, 10, 7),
            "hard": (rng.randint(22, 36), 9, 14, 9),
        }[level]
        rows, columns = rng.randint(low, high), rng.randint(low, high)
        cells = [[row, column] for row in range(rows) for column in range(columns)]
        rng.shuffle(cells)
        start = [*cells.pop(), rng.randrange(4)]
        return {
            "rows": rows,
            "columns": columns,
            "start": start,
            "blocked": sorted(cells[: rows * columns // 7]),
            "coins": [rng.randint(1, 9) if rng.random() < 0.7 else 0 for _ in range(rows * columns)],
            "orders": [[rng.randrange(4), rng.randint(1, farthest)] for _ in range(orders)],
        }
